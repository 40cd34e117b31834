import { describe, expect, test, vi } from 'vitest';
import { RtcError } from '#lib/errors';
import type { RoomStateChange } from '#lib/room/RoomState';
import { codeOf } from '../support/client/expectCode.js';
import { liveEvent } from '../support/client/fakeMedia.js';
import { loginOf, makeRoom, type RoomFixture, synthetic } from '../support/client/roomFixture.js';
import { refuse } from '../support/client/ScriptedService.js';
import { useScriptedRooms } from '../support/client/scriptedRooms.js';

const rooms = useScriptedRooms();

const steps = (fixture: RoomFixture) => fixture.named('step').map(([one]) => (one as { step: number }).step);
const states = (fixture: RoomFixture) => fixture.named('state').map(([change]) => (change as RoomStateChange).to);

/** After a join that failed: nothing runs, nothing is at the service, a new try works. */
async function expectNothingLeft(fixture: RoomFixture, roomIDs: string[] = []): Promise<void> {
  const { room, media } = fixture;
  expect(room.state).toBe('idle');
  expect(room.roomID).toBeUndefined();
  expect(room.members).toEqual([]);
  expect(media.isQuiet).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
  expect([...rooms.service.rooms.keys()]).toEqual(roomIDs);
  for (const { pushers } of rooms.service.rooms.values()) expect(pushers.map((one) => one.userID)).not.toContain('ann');
  rooms.service.before = () => undefined;
  rooms.service.after = () => undefined;
  media.before = () => undefined;
  const roomID = await room.createRoom({ roomID: 'again' });
  expect(roomID).toBe('again');
}

describe('the eight steps', () => {
  test('the creator pushes first, then creates, adds itself and reads', async () => {
    const ann = await rooms.ready('ann');
    const { room, media } = ann;
    const order: string[] = [];
    media.before = (what) => void order.push(what);
    rooms.service.before = (method) => void order.push(method);
    expect(await room.createRoom({ roomID: 'r', roomInfo: 'info' })).toBe('r');
    expect(order).toEqual(['get_push_url', 'startPush', 'create_room', 'add_pusher', 'get_pushers']);
    expect(media.pushers[0]?.url).toBe('rtmp://h/live/ann?txSecret=s');
    expect(states(ann)).toEqual(['preparing', 'joining', 'inRoom']);
    expect(steps(ann)).toEqual([1, 2, 3, 4]);
    expect(room.roomID).toBe('r');
    expect(ann.events.at(-1)).toEqual(['membersUpdate', []]);
  });

  test('nothing is created before the push has begun', async () => {
    const { room, media } = await rooms.ready('ann');
    let begin = () => {};
    media.before = (what) =>
      what === 'startPush'
        ? new Promise<void>((resolve) => {
            begin = resolve;
          })
        : undefined;
    const joining = room.createRoom();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(rooms.service.callsOf('ann')).toEqual(['login', 'get_push_url']);
    expect(room.state).toBe('preparing');
    begin();
    await joining;
    media.pushers[0]?.emit('event', liveEvent('PUSH_EVT_PUSH_BEGIN', 1002));
    await vi.advanceTimersByTimeAsync(0);
    expect(rooms.service.countOf('ann', 'create_room')).toBe(1);
    expect(rooms.service.countOf('ann', 'add_pusher')).toBe(1);
  });

  test('the second looks, pushes, adds itself; the first is notified and plays', async () => {
    const ann = await rooms.ready('ann');
    await ann.room.createRoom({ roomID: 'r' });
    const bob = await rooms.ready('bob');
    await bob.room.enterRoom({ roomID: 'r' });
    expect(rooms.service.callsOf('bob')).toEqual(['login', 'get_push_url', 'get_pushers', 'add_pusher', 'get_pushers']);
    expect(steps(bob)).toEqual([5, 6, 7]);
    expect(bob.room.members.map((one) => one.userID)).toEqual(['ann']);
    await vi.advanceTimersByTimeAsync(0);
    expect(ann.named('memberJoin').map(([one]) => (one as { userID: string }).userID)).toEqual(['bob']);
    const player = await ann.room.addRemoteView('bob');
    expect(player).toBe(ann.media.players[0]);
    expect(ann.media.players[0]?.url).toBe('rtmp://h/live/bob?k=1');
    await ann.room.addRemoteView('bob');
    expect(steps(ann)).toEqual([1, 2, 3, 4, 8]);
    await bob.room.addRemoteView('ann');
    expect(steps(bob)).toEqual([5, 6, 7]);
  });
});

type Fault = { where: string; method?: string; media?: string; created?: boolean };
const createFaults: Fault[] = [
  { where: 'get_push_url', method: 'get_push_url' },
  { where: 'startPush', media: 'startPush' },
  { where: 'create_room', method: 'create_room' },
  { where: 'add_pusher', method: 'add_pusher' },
  { where: 'get_pushers', method: 'get_pushers' },
];
const enterFaults: Fault[] = createFaults.filter(({ where }) => where !== 'create_room');

describe.each([
  ['createRoom', createFaults],
  ['enterRoom', enterFaults],
] as const)('%s leaves nothing behind', (kind, faults) => {
  async function start() {
    const fixture = await rooms.ready('ann');
    if (kind === 'enterRoom') rooms.service.open('r', 'bob');
    const left = kind === 'enterRoom' ? ['r'] : [];
    const join = (signal?: AbortSignal) =>
      kind === 'createRoom'
        ? fixture.room.createRoom({ roomID: 'r', signal })
        : fixture.room.enterRoom({ roomID: 'r', signal });
    return { fixture, join, left };
  }

  test.each(faults)('when $where fails', async ({ method, media }) => {
    const { fixture, join, left } = await start();
    rooms.service.before = (one) => {
      if (one === method) throw refuse(2, one);
    };
    fixture.media.before = (one) => {
      if (one === media) throw new RtcError('ERR_RTC_PUBLISH_REFUSED', 'taken');
    };
    expect(await codeOf(join())).toBe(media ? 'ERR_RTC_PUBLISH_REFUSED' : 'ERR_RTC_SERVICE_PARAMETER');
    expect(fixture.named('error')).toEqual([]);
    await expectNothingLeft(fixture, left);
  });

  test.each(faults)('when $where is done but its answer is lost', async ({ method, media }) => {
    const { fixture, join, left } = await start();
    let isLost = false;
    rooms.service.after = (one) => {
      if (one !== method || isLost) return;
      isLost = true;
      throw new RtcError('ERR_RTC_TIMEOUT', 'lost');
    };
    fixture.media.before = (one) => {
      if (one === media) throw new RtcError('ERR_RTC_TIMEOUT', 'lost');
    };
    expect(await codeOf(join())).toBe('ERR_RTC_TIMEOUT');
    // A room whose id never came back cannot be destroyed: the service reaps it after 30 s.
    if (method === 'create_room') rooms.service.rooms.delete('r');
    await expectNothingLeft(fixture, left);
  });

  test.each(faults)('when it is aborted in $where', async ({ method, media }) => {
    const { fixture, join, left } = await start();
    const stop = new AbortController();
    rooms.service.before = (one) => {
      if (one === method) stop.abort();
    };
    fixture.media.before = (one) => {
      if (one === media) stop.abort();
    };
    expect(await codeOf(join(stop.signal))).toBe('ERR_RTC_ABORTED');
    await expectNothingLeft(fixture, left);
  });

  test.each(faults)('when exitRoom comes in $where', async ({ method, media }) => {
    const { fixture, join, left } = await start();
    let exit: Promise<void> | undefined;
    const leave = (one: string) => {
      if (one === method || one === media) exit ??= fixture.room.exitRoom();
    };
    rooms.service.before = leave;
    fixture.media.before = leave;
    expect(await codeOf(join())).toBe('ERR_RTC_ABORTED');
    await exit;
    await expectNothingLeft(fixture, left);
  });

  test.each(['preparing', 'joining', 'inRoom'] as const)('when a listener leaves at state %s', async (state) => {
    const { fixture, join, left } = await start();
    let exit: Promise<void> | undefined;
    fixture.room.on('state', ({ to }) => {
      if (to === state) exit ??= fixture.room.exitRoom();
    });
    expect(await codeOf(join())).toBe('ERR_RTC_ABORTED');
    await exit;
    expect(fixture.room.state).toBe('idle');
    expect(fixture.media.isQuiet).toBe(true);
    expect([...rooms.service.rooms.keys()]).toEqual(left);
  });

  test('when the push is given up behind its begin', async () => {
    const { fixture, join, left } = await start();
    rooms.service.before = (one) => {
      if (one === 'add_pusher') fixture.media.pushers[0]?.emit('event', liveEvent('PUSH_ERR_NET_DISCONNECT', -1307));
    };
    expect(await codeOf(join())).toBe('ERR_RTC_SERVER_DISCONNECTED');
    await expectNothingLeft(fixture, left);
  });

  test('when close comes during the push', async () => {
    const { fixture, join, left } = await start();
    let closed: Promise<void> | undefined;
    fixture.media.before = (one) => {
      if (one === 'startPush') closed = fixture.room.close();
    };
    expect(await codeOf(join())).toBe('ERR_RTC_ABORTED');
    await closed;
    expect(fixture.room.state).toBe('closed');
    expect(fixture.media.pushers.every((one) => one.closed)).toBe(true);
    expect([...rooms.service.rooms.keys()]).toEqual(left);
  });
});

describe('refusals', () => {
  test('createRoom twice, also while the first is under way', async () => {
    const { room } = await rooms.ready('ann');
    const first = room.createRoom();
    expect(await codeOf(room.createRoom())).toBe('ERR_RTC_INVALID_STATE');
    await first;
    expect(await codeOf(room.createRoom())).toBe('ERR_RTC_INVALID_STATE');
    expect(await codeOf(room.enterRoom({ roomID: 'x' }))).toBe('ERR_RTC_INVALID_STATE');
    expect(room.state).toBe('inRoom');
  });

  test('an unknown room is ROOM_NOT_FOUND and nothing is pushed', async () => {
    const fixture = await rooms.ready('ann');
    expect(await codeOf(fixture.room.enterRoom({ roomID: 'nowhere' }))).toBe('ERR_RTC_ROOM_NOT_FOUND');
    expect(fixture.named('step').some(([one]) => (one as { name: string }).name === 'push')).toBe(false);
    await expectNothingLeft(fixture);
  });

  test('a full double room is ROOM_FULL and nothing is pushed', async () => {
    const fixture = await rooms.ready('ann');
    rooms.service.open('r', 'bob', 'cat');
    expect(await codeOf(fixture.room.enterRoom({ roomID: 'r' }))).toBe('ERR_RTC_ROOM_FULL');
    expect(rooms.service.countOf('ann', 'add_pusher')).toBe(0);
    expect(steps(fixture)).toEqual([]);
    await expectNothingLeft(fixture, ['r']);
  });

  test('in a multi room the service decides', async () => {
    const fixture = await rooms.ready('ann', { roomType: 'multi_room' });
    rooms.service.open('r', 'bob', 'cat');
    expect(await codeOf(fixture.room.enterRoom({ roomID: 'r' }))).toBe('ERR_RTC_ROOM_FULL');
    expect(rooms.service.countOf('ann', 'add_pusher')).toBe(1);
    await expectNothingLeft(fixture, ['r']);
  });

  test("one's own seat, left by a crash, does not make the room full", async () => {
    const { room } = await rooms.ready('ann');
    rooms.service.open('r', 'bob', 'ann');
    await room.enterRoom({ roomID: 'r' });
    expect(room.members.map((one) => one.userID)).toEqual(['bob']);
  });

  test('a taken roomID, and roomInfo beyond 1024', async () => {
    const fixture = await rooms.ready('ann');
    rooms.service.open('r', 'bob');
    expect(await codeOf(fixture.room.createRoom({ roomID: 'r' }))).toBe('ERR_RTC_ROOM_EXISTS');
    expect(rooms.service.countOf('ann', 'destroy_room')).toBe(0);
    const asked = rooms.service.log.length;
    expect(await codeOf(fixture.room.createRoom({ roomInfo: 'x'.repeat(1025) }))).toBe('ERR_RTC_ROOM_INFO_TOO_LONG');
    expect(rooms.service.log).toHaveLength(asked);
    await fixture.room.createRoom({ roomInfo: 'x'.repeat(1024) });
  });

  test('without a preview, without a login, with a bad argument, with an aborted signal', async () => {
    const fixture = rooms.kept(makeRoom(rooms.service));
    const { room } = fixture;
    expect(await codeOf(room.createRoom())).toBe('ERR_RTC_INVALID_STATE');
    await room.login(loginOf('ann'));
    expect(await codeOf(room.createRoom())).toBe('ERR_RTC_INVALID_STATE');
    await room.startLocalPreview(synthetic);
    expect(await codeOf(room.enterRoom({ roomID: '' }))).toBe('ERR_RTC_INVALID_ARGUMENT');
    expect(await codeOf(room.createRoom({ roomInfo: 7 as unknown as string }))).toBe('ERR_RTC_INVALID_ARGUMENT');
    expect(await codeOf(room.createRoom({ signal: AbortSignal.abort() }))).toBe('ERR_RTC_ABORTED');
    expect(room.state).toBe('idle');
  });

  test('a room that is closed while it is entered', async () => {
    const fixture = await rooms.ready('ann');
    rooms.service.open('r', 'bob');
    let isFirst = true;
    rooms.service.before = (method, userID) => {
      if (
        method !== 'get_pushers' ||
        userID !== 'ann' ||
        !rooms.service.rooms.get('r')?.pushers.some((one) => one.userID === 'ann')
      )
        return;
      if (!isFirst) return;
      isFirst = false;
      rooms.service.rooms.delete('r');
      rooms.service.hub.closeGroup('r', 'creatorLeft');
    };
    expect(await codeOf(fixture.room.enterRoom({ roomID: 'r' }))).toBe('ERR_RTC_ROOM_NOT_FOUND');
    await expectNothingLeft(fixture);
  });

  test('a late notice that an earlier room of that id was closed does not concern the new one', async () => {
    const fixture = await rooms.ready('ann');
    rooms.service.before = (method) => {
      if (method === 'add_pusher') {
        rooms.service.hub.groups.set('r', new Set(['ann']));
        rooms.service.hub.closeGroup('r', 'destroyed');
      }
    };
    expect(await fixture.room.createRoom({ roomID: 'r' })).toBe('r');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(fixture.room.state).toBe('inRoom');
    expect(fixture.named('roomClosed')).toEqual([]);
  });

  test('a room that was closed just before the list came is noticed at once', async () => {
    const fixture = await rooms.ready('ann');
    rooms.service.open('r', 'bob');
    rooms.service.after = (method) => {
      if (method !== 'get_pushers' || !rooms.service.hub.groups.get('r')?.has('ann')) return;
      rooms.service.rooms.delete('r');
      rooms.service.hub.closeGroup('r', 'creatorLeft');
    };
    await fixture.room.enterRoom({ roomID: 'r' });
    await vi.advanceTimersByTimeAsync(10);
    expect(fixture.named('roomClosed')).toEqual([[{ roomID: 'r', reason: 'gone' }]]);
  });
});
