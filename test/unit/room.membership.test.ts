import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RtcError } from '#lib/errors';
import { diffMembers } from '#lib/room/members';
import { codeOf } from '../support/client/expectCode.js';
import { liveEvent } from '../support/client/fakeMedia.js';
import { type RoomFixture, readyRoom } from '../support/client/roomFixture.js';
import { ScriptedService } from '../support/client/ScriptedService.js';

let service: ScriptedService;
const open: RoomFixture[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  service = new ScriptedService();
});

afterEach(async () => {
  service.before = () => undefined;
  service.after = () => undefined;
  service.hub.failure = undefined;
  for (const { room, media } of open.splice(0)) {
    media.before = () => undefined;
    await room.close();
  }
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** In room `r`, which others are in already. */
async function inside(userID: string, ...others: string[]): Promise<RoomFixture> {
  const fixture = await readyRoom(service, userID, { roomType: 'multi_room' });
  open.push(fixture);
  service.seats = 10;
  if (others.length > 0 && !service.rooms.has('r')) service.open('r', ...others);
  if (service.rooms.has('r')) await fixture.room.enterRoom({ roomID: 'r' });
  else await fixture.room.createRoom({ roomID: 'r' });
  await vi.advanceTimersByTimeAsync(0);
  fixture.events.length = 0;
  service.log.length = 0;
  return fixture;
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const unreachable = () => new RtcError('ERR_RTC_SERVICE_UNREACHABLE', 'away');
const users = (fixture: RoomFixture, name: string) =>
  fixture.named(name).map(([one]) => (one as { userID: string }).userID);
const codes = (fixture: RoomFixture) => fixture.named('error').map(([one]) => (one as RtcError).code);

describe('member list', () => {
  test('joins and leaves are told after each notice, leaves first, then the list', async () => {
    const ann = await inside('ann', 'bob');
    service.change('r', (room) => {
      room.pushers = room.pushers.filter((one) => one.userID !== 'bob');
      room.pushers.push(service.pusher('cat'), service.pusher('dan'));
    });
    await settle();
    expect(ann.events.map(([name, one]) => [name, (one as { userID?: string }).userID])).toEqual([
      ['memberLeave', 'bob'],
      ['memberJoin', 'cat'],
      ['memberJoin', 'dan'],
      ['membersUpdate', undefined],
    ]);
    expect(ann.room.members.map((one) => one.userID)).toEqual(['cat', 'dan']);
  });

  test('a member that left and came back between two readings is told as both, and its view ends', async () => {
    const ann = await inside('ann', 'bob');
    await ann.room.addRemoteView('bob');
    service.change('r', (room) => {
      for (const one of room.pushers) if (one.userID === 'bob') one.epoch = service.newEpoch();
    });
    await settle();
    expect(users(ann, 'memberLeave')).toEqual(['bob']);
    expect(users(ann, 'memberJoin')).toEqual(['bob']);
    expect(ann.media.players[0]?.closed).toBe(true);
  });

  test('a changed stream is a new stay, a changed signature or name is not', () => {
    const pusher = {
      userID: 'bob',
      userName: 'B',
      userAvatar: '',
      accelerateURL: 'rtmp://h/live/1?k=1',
      epoch: undefined,
    };
    const { members } = diffMembers(new Map(), [pusher], 'ann');
    const renewed = diffMembers(members, [{ ...pusher, userName: 'C', accelerateURL: 'rtmp://h/live/1?k=2' }], 'ann');
    expect([renewed.left, renewed.joined]).toEqual([[], []]);
    expect(renewed.members.get('bob')).toMatchObject({ userName: 'C', accelerateURL: 'rtmp://h/live/1?k=2' });
    const other = diffMembers(members, [{ ...pusher, accelerateURL: 'rtmp://h/live/2?k=1' }], 'ann');
    expect([other.left.length, other.joined.length]).toEqual([1, 1]);
    expect(diffMembers(members, [{ ...pusher, userID: 'ann' }], 'ann').members.size).toBe(0);
  });

  test('readings never overlap: notices during one cause one more, which counts', async () => {
    const ann = await inside('ann');
    let running = 0;
    let most = 0;
    const releases: (() => void)[] = [];
    service.after = async (method) => {
      if (method !== 'get_pushers') return;
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => releases.push(resolve));
      running -= 1;
    };
    for (let version = 100; version < 110; version++) service.hub.notify('r', version);
    await settle();
    service.change('r', (room) => room.pushers.push(service.pusher('bob')));
    releases[0]?.();
    await settle();
    releases[1]?.();
    await settle();
    expect(releases).toHaveLength(2);
    expect(most).toBe(1);
    expect(users(ann, 'memberJoin')).toEqual(['bob']);
  });

  test('notices that overtake each other during a reading lose nothing', async () => {
    const ann = await inside('ann');
    let release = () => {};
    service.after = (method) => {
      if (method !== 'get_pushers') return;
      service.after = () => undefined;
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    };
    service.change('r', (room) => room.pushers.push(service.pusher('bob')));
    await settle();
    const room = service.rooms.get('r');
    const read = room?.version ?? 0;
    room?.pushers.push(service.pusher('cat'));
    if (room) room.version += 1;
    service.hub.notify('r', read + 1);
    service.hub.notify('r', read);
    release();
    await settle();
    expect(users(ann, 'memberJoin')).toEqual(['bob', 'cat']);
  });

  test('a notice of the version that was read, or of another room, asks nothing', async () => {
    await inside('ann');
    service.hub.notify('r', service.rooms.get('r')?.version);
    service.hub.groups.set('other', new Set(['ann']));
    service.hub.notify('other', 77);
    await settle();
    expect(service.countOf('ann', 'get_pushers')).toBe(0);
    service.hub.notify('r', undefined);
    await settle();
    expect(service.countOf('ann', 'get_pushers')).toBe(1);
  });

  test('a channel that was cut and is back makes it read again', async () => {
    const ann = await inside('ann');
    service.rooms.get('r')?.pushers.push(service.pusher('bob'));
    service.hub.resync('ann');
    await settle();
    expect(users(ann, 'memberJoin')).toEqual(['bob']);
  });

  test('a reading that failed is made up for at the next beat', async () => {
    const ann = await inside('ann');
    service.before = (method) => {
      if (method === 'get_pushers') throw unreachable();
    };
    service.change('r', (room) => room.pushers.push(service.pusher('bob')));
    await settle();
    expect(ann.room.members).toEqual([]);
    service.before = () => undefined;
    await vi.advanceTimersByTimeAsync(5000);
    expect(users(ann, 'memberJoin')).toEqual(['bob']);
    expect(codes(ann)).toEqual([]);
  });
});

describe('heartbeat', () => {
  test('beats every 5 s and not after leaving', async () => {
    const { room } = await inside('ann');
    await vi.advanceTimersByTimeAsync(4999);
    expect(service.countOf('ann', 'pusher_heartbeat')).toBe(0);
    await vi.advanceTimersByTimeAsync(20_001);
    expect(service.countOf('ann', 'pusher_heartbeat')).toBe(5);
    await room.exitRoom();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(service.countOf('ann', 'pusher_heartbeat')).toBe(5);
  });

  test('a slow answer does not make two beats overlap', async () => {
    await inside('ann');
    let running = 0;
    let most = 0;
    service.before = async (method) => {
      if (method !== 'pusher_heartbeat') return;
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 12_000));
      running -= 1;
    };
    await vi.advanceTimersByTimeAsync(60_000);
    expect(most).toBe(1);
    expect(service.countOf('ann', 'pusher_heartbeat')).toBe(5);
    service.before = () => undefined;
    await vi.advanceTimersByTimeAsync(12_000);
  });

  test('a change whose notice was lost is read after the next beat, once', async () => {
    const ann = await inside('ann', 'bob');
    const room = service.rooms.get('r');
    room?.pushers.push(service.pusher('cat'));
    if (room) room.version += 1;
    await vi.advanceTimersByTimeAsync(4999);
    expect(users(ann, 'memberJoin')).toEqual([]);
    await vi.advanceTimersByTimeAsync(30_001);
    expect(users(ann, 'memberJoin')).toEqual(['cat']);
    expect(service.callsOf('ann')).toEqual(['get_pushers']);
  });

  test('an answer that is older than the list, or of a service without versions, asks for no reading', async () => {
    const ann = await inside('ann', 'bob');
    for (const beatResult of [
      { epoch: 1, version: 0 },
      { epoch: undefined, version: undefined },
    ]) {
      service.beatResult = beatResult;
      await vi.advanceTimersByTimeAsync(15_000);
    }
    expect(service.countOf('ann', 'pusher_heartbeat')).toBe(6);
    expect(service.callsOf('ann')).toEqual([]);
    expect(ann.named('error')).toEqual([]);
  });

  test('a seat whose taking got no answer is known by the next beat: after a restart it is still the same one', async () => {
    const ann = await inside('ann', 'bob');
    const room = service.rooms.get('r');
    // Another epoch than the one that the last answer to add_pusher told of.
    for (const one of room?.pushers ?? []) if (one.userID === 'ann') one.epoch = service.newEpoch();
    await vi.advanceTimersByTimeAsync(5000);
    // The service lost its tokens, not its seats; bob left meanwhile.
    service.tokens.delete('ann');
    if (room) room.pushers = room.pushers.filter((one) => one.userID !== 'bob');
    await vi.advanceTimersByTimeAsync(6000);
    expect(users(ann, 'memberLeave')).toEqual(['bob']);
  });

  test('without messages and versions each beat reads the members, at times that are not all the same', async () => {
    const ann = await readyRoom(service, 'ann', { roomType: 'multi_room' });
    open.push(ann);
    Object.defineProperty(ann.channels[0], 'carriesMessages', { value: false });
    service.seats = 10;
    service.open('r', 'bob');
    service.beatResult = { epoch: undefined, version: undefined };
    await ann.room.enterRoom({ roomID: 'r' });
    const times: number[] = [];
    service.before = (method) => {
      if (method === 'pusher_heartbeat') times.push(performance.now());
    };
    service.log.length = 0;
    await vi.advanceTimersByTimeAsync(100_000);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(3999);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5001);
    expect(new Set(waits.map(Math.round)).size).toBeGreaterThan(5);
    expect(service.countOf('ann', 'get_pushers')).toBe(times.length);
    service.rooms.delete('r');
    await vi.advanceTimersByTimeAsync(5001);
    expect(ann.named('roomClosed')).toEqual([[{ roomID: 'r', reason: 'gone' }]]);
  });

  test('"not a member" takes the seat again', async () => {
    const ann = await inside('ann', 'bob');
    const room = service.rooms.get('r');
    if (room) room.pushers = room.pushers.filter((one) => one.userID !== 'ann');
    await vi.advanceTimersByTimeAsync(5000);
    expect(service.callsOf('ann')).toEqual(['get_pushers', 'add_pusher', 'get_pushers']);
    expect(room?.pushers.map((one) => one.userID)).toContain('ann');
    expect(ann.room.state).toBe('inRoom');
    expect(ann.named('error')).toEqual([]);
  });

  test('a list without oneself brings the beat forward', async () => {
    await inside('ann', 'bob');
    service.change('r', (room) => {
      room.pushers = room.pushers.filter((one) => one.userID !== 'ann');
    });
    service.hub.resync('ann');
    await vi.advanceTimersByTimeAsync(1);
    expect(service.countOf('ann', 'add_pusher')).toBe(1);
  });

  test('"auth failed" logs in again and adds, once, however many calls were refused', async () => {
    const ann = await inside('ann', 'bob');
    service.tokens.clear();
    const lists = [ann.room.getRoomList(), ann.room.getRoomList()];
    await vi.advanceTimersByTimeAsync(5000);
    await Promise.all(lists);
    expect(service.countOf('ann', 'login')).toBe(1);
    expect(service.countOf('ann', 'add_pusher')).toBe(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(ann.room.state).toBe('inRoom');
    expect(ann.channels[0]?.state).toBe('open');
    expect(codes(ann)).toEqual([]);
  });

  describe('a service that lost everything', () => {
    const lose = () => {
      service.tokens.clear();
      service.rooms.clear();
      service.hub.groups.clear();
    };

    test('gets the room back from its creator at once', async () => {
      const ann = await inside('ann');
      service.change('r', (room) => room.pushers.push(service.pusher('bob')));
      await settle();
      ann.events.length = 0;
      service.log.length = 0;
      lose();
      await vi.advanceTimersByTimeAsync(5500);
      const asked = service.callsOf('ann').filter((method) => method !== 'get_pushers');
      expect(asked).toEqual(['login', 'add_pusher', 'create_room', 'add_pusher']);
      expect(service.rooms.get('r')?.pushers.map((one) => one.userID)).toEqual(['ann']);
      expect(ann.room.state).toBe('inRoom');
      expect(users(ann, 'memberLeave')).toEqual([]);
    });

    test('gets it from the others when its creator does not come back', async () => {
      const ann = await inside('ann', 'bob');
      lose();
      await vi.advanceTimersByTimeAsync(14_000);
      expect(service.rooms.size).toBe(0);
      expect(ann.room.state).toBe('inRoom');
      await vi.advanceTimersByTimeAsync(4000);
      expect(service.rooms.get('r')?.pushers.map((one) => one.userID)).toEqual(['ann']);
      expect(codes(ann)).toEqual([]);
    });

    test('ends nobody who takes a seat again, and restarts no player', async () => {
      const ann = await inside('ann', 'bob', 'cat', 'dan');
      await ann.room.addRemoteView('bob');
      const before = service.rooms.get('r')?.pushers ?? [];
      lose();
      service.hub.refuse('ann');
      await vi.advanceTimersByTimeAsync(3000);
      service.rooms.set('r', { roomInfo: '', creator: 'bob', version: 1, pushers: [] });
      for (const userID of ['bob', 'cat']) {
        const one = before.find((pusher) => pusher.userID === userID);
        const epoch = service.newEpoch();
        // bob pushes on, cat had to push anew.
        const accelerateURL = userID === 'bob' ? one?.accelerateURL : 'rtmp://h/live/cat2?k=1';
        service.change('r', (room) => room.pushers.push({ ...one, epoch, accelerateURL } as never));
      }
      await vi.advanceTimersByTimeAsync(10_000);
      expect(ann.room.members.map((one) => one.userID)).toEqual(['bob', 'cat', 'dan']);
      expect(users(ann, 'memberLeave')).toEqual(['cat']);
      expect(users(ann, 'memberJoin')).toEqual(['cat']);
      expect(ann.media.players.map((one) => one.closed)).toEqual([false]);
      // dan's client died with the service.
      await vi.advanceTimersByTimeAsync(20_000);
      expect(users(ann, 'memberLeave')).toEqual(['cat', 'dan']);
      expect(ann.room.members.map((one) => one.userID)).toEqual(['bob', 'cat']);
    });

    test('is not believed what it said before', async () => {
      const ann = await inside('ann', 'bob');
      const releases: (() => void)[] = [];
      service.after = (method) => {
        if (method === 'get_pushers') return new Promise<void>((resolve) => releases.push(resolve));
      };
      service.hub.resync('ann');
      await settle();
      const [before] = service.rooms.get('r')?.pushers ?? [];
      lose();
      service.hub.refuse('ann');
      service.rooms.set('r', { roomInfo: '', creator: 'bob', version: 1, pushers: [] });
      await settle();
      service.after = () => undefined;
      for (const release of releases) release();
      await settle();
      service.change('r', (room) => room.pushers.push({ ...before, epoch: service.newEpoch() } as never));
      await vi.advanceTimersByTimeAsync(30_000);
      expect(ann.room.members.map((one) => one.userID)).toEqual(['bob']);
      expect(users(ann, 'memberLeave')).toEqual([]);
    });

    test('is not asked for the room by who leaves meanwhile', async () => {
      const ann = await inside('ann', 'bob');
      lose();
      service.hub.refuse('ann');
      await vi.advanceTimersByTimeAsync(3000);
      await ann.room.exitRoom();
      await vi.advanceTimersByTimeAsync(30_000);
      expect(service.rooms.size).toBe(0);
      expect(ann.named('roomClosed')).toEqual([]);
      expect(codes(ann)).toEqual([]);
    });

    test('and is away for a while gets it when it is back', async () => {
      const ann = await inside('ann');
      lose();
      service.hub.refuse('ann');
      service.before = (method) => {
        if (method === 'add_pusher' || method === 'create_room') throw unreachable();
      };
      await vi.advanceTimersByTimeAsync(20_000);
      expect(ann.room.state).toBe('inRoom');
      service.before = () => undefined;
      await vi.advanceTimersByTimeAsync(15_000);
      expect(service.rooms.get('r')?.pushers.map((one) => one.userID)).toEqual(['ann']);
      expect(ann.channels[0]?.state).toBe('open');
    });
  });

  test('a token that expired with the room still there changes nothing for the others', async () => {
    const ann = await inside('ann', 'bob');
    service.tokens.clear();
    service.hub.refuse('ann');
    await settle();
    service.change('r', (room) => {
      room.pushers = room.pushers.filter((one) => one.userID !== 'bob');
    });
    await settle();
    expect(users(ann, 'memberLeave')).toEqual(['bob']);
  });

  test('a wait that the service asks for puts the next beat off', async () => {
    await inside('ann');
    service.before = (method) => {
      if (method !== 'pusher_heartbeat') return;
      throw new RtcError('ERR_RTC_TOO_MANY_REQUESTS', 'busy', { nativeCode: 429, retryAfterMs: 12_000 });
    };
    await vi.advanceTimersByTimeAsync(16_900);
    expect(service.countOf('ann', 'pusher_heartbeat')).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(service.countOf('ann', 'pusher_heartbeat')).toBe(2);
  });

  test('a channel whose token is refused is opened with a new login', async () => {
    const ann = await inside('ann', 'bob');
    service.tokens.clear();
    service.hub.refuse('ann');
    await settle();
    expect(service.countOf('ann', 'login')).toBe(1);
    expect(ann.channels[0]?.state).toBe('open');
    expect(service.countOf('ann', 'get_pushers')).toBeGreaterThan(0);
  });

  test('a login that cannot be renewed is told, and the room is left', async () => {
    const ann = await inside('ann', 'bob');
    service.tokens.clear();
    service.before = (method) => {
      if (method === 'login') throw new RtcError('ERR_RTC_AUTH', 'expired', { nativeCode: 7 });
    };
    await vi.advanceTimersByTimeAsync(12_000);
    expect(codes(ann)).toEqual(['ERR_RTC_AUTH']);
    expect(ann.room.state).toBe('idle');
    expect(ann.media.isQuiet).toBe(true);
  });

  test('an unreachable service is told after 3 beats, once, and left alone otherwise', async () => {
    const ann = await inside('ann', 'bob');
    service.before = () => {
      throw unreachable();
    };
    await vi.advanceTimersByTimeAsync(14_000);
    expect(codes(ann)).toEqual([]);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(codes(ann)).toEqual(['ERR_RTC_SERVICE_UNREACHABLE']);
    expect(ann.room.state).toBe('inRoom');
    service.before = () => undefined;
    await vi.advanceTimersByTimeAsync(5000);
    service.before = () => {
      throw unreachable();
    };
    await vi.advanceTimersByTimeAsync(15_000);
    expect(codes(ann)).toHaveLength(2);
  });

  test('a seat that was given to another ends the stay', async () => {
    const ann = await inside('ann', 'bob');
    const room = service.rooms.get('r');
    if (room) room.pushers = [service.pusher('bob'), service.pusher('cat')];
    service.seats = 2;
    await vi.advanceTimersByTimeAsync(5000);
    await settle();
    expect(codes(ann)).toEqual(['ERR_RTC_ROOM_FULL']);
    expect(ann.room.state).toBe('idle');
    expect(ann.media.isQuiet).toBe(true);
  });

  test('a room that ended unheard is closed, not made again', async () => {
    const ann = await inside('ann', 'bob');
    service.rooms.delete('r');
    await vi.advanceTimersByTimeAsync(5000);
    await settle();
    expect(ann.named('roomClosed')).toEqual([[{ roomID: 'r', reason: 'gone' }]]);
    expect(service.countOf('ann', 'add_pusher')).toBe(0);
    expect(service.rooms.size).toBe(0);
  });
});

describe('ends', () => {
  test('a room closed by the service stops push and players, then is told', async () => {
    const ann = await inside('ann', 'bob');
    await ann.room.addRemoteView('bob');
    let stateThen = '';
    ann.room.on('roomClosed', () => {
      stateThen = `${ann.room.state} ${ann.media.isQuiet}`;
    });
    service.rooms.delete('r');
    service.hub.closeGroup('r', 'creatorLeft');
    await settle();
    expect(ann.named('roomClosed')).toEqual([[{ roomID: 'r', reason: 'creatorLeft' }]]);
    expect(stateThen).toBe('idle true');
    expect(service.callsOf('ann')).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a push that is given up goes on with a fresh address, and the seat gets it', async () => {
    const ann = await inside('ann', 'bob');
    const [pusher] = ann.media.pushers;
    pusher?.emit('event', liveEvent('PUSH_ERR_NET_DISCONNECT', -1307));
    await settle();
    expect(service.callsOf('ann')).toEqual(['get_pushers', 'get_push_url', 'add_pusher', 'get_pushers']);
    expect(ann.room.state).toBe('inRoom');
    expect(pusher?.url).toBeDefined();
    expect(codes(ann)).toEqual([]);
    // A second loss right behind it is not mended a third time.
    pusher?.emit('event', liveEvent('PUSH_ERR_NET_DISCONNECT', -1307));
    await settle();
    expect(codes(ann)).toEqual(['ERR_RTC_SERVER_DISCONNECTED']);
    expect(ann.room.state).toBe('idle');
  });

  test('a push that cannot be had back is told, and the room is left', async () => {
    const ann = await inside('ann', 'bob');
    ann.media.before = (what) => {
      if (what === 'startPush') throw new RtcError('ERR_RTC_CONNECT_FAILED', 'away');
    };
    ann.media.pushers[0]?.emit('event', liveEvent('PUSH_ERR_NET_DISCONNECT', -1307));
    await settle();
    expect(codes(ann)).toEqual(['ERR_RTC_SERVER_DISCONNECTED']);
    expect(ann.named('error')).toMatchObject([[{ nativeCode: -1307 }]]);
    expect(ann.room.state).toBe('idle');
    expect(service.callsOf('ann')).toEqual(['get_pushers', 'get_push_url', 'delete_pusher']);
    expect(ann.media.isQuiet).toBe(true);
  });

  test('a push that is lost with its room does not make the room again', async () => {
    const ann = await inside('ann', 'bob');
    service.rooms.delete('r');
    ann.media.pushers[0]?.emit('event', liveEvent('PUSH_ERR_NET_DISCONNECT', -1307));
    await settle();
    expect(ann.named('roomClosed')).toEqual([[{ roomID: 'r', reason: 'gone' }]]);
    expect(codes(ann)).toEqual([]);
    expect(service.rooms.size).toBe(0);
  });

  test.each(['get_push_url', 'startPush'])('leaving during %s of a new push leaves nothing', async (where) => {
    const ann = await inside('ann', 'bob');
    let exit: Promise<void> | undefined;
    const leave = (what: string) => {
      if (what === where) exit ??= ann.room.exitRoom();
    };
    service.before = leave;
    ann.media.before = leave;
    ann.media.pushers[0]?.emit('event', liveEvent('PUSH_ERR_NET_DISCONNECT', -1307));
    await settle();
    await exit;
    expect(ann.room.state).toBe('idle');
    expect(ann.media.isQuiet).toBe(true);
    expect(codes(ann)).toEqual([]);
    expect(service.rooms.get('r')?.pushers.map((one) => one.userID)).toEqual(['bob']);
  });

  test('kicked: left without a word to the service, logged out, told once', async () => {
    const ann = await inside('ann', 'bob');
    await ann.room.addRemoteView('bob');
    service.hub.kick('ann');
    await settle();
    expect(ann.named('kickedOffline')).toHaveLength(1);
    expect(ann.room.state).toBe('loggedOut');
    expect(service.callsOf('ann')).toEqual([]);
    expect(ann.media.isQuiet).toBe(true);
    expect(ann.apis[0]?.closed).toBe(true);
    expect(await codeOf(ann.room.getRoomList())).toBe('ERR_RTC_INVALID_STATE');
  });

  test('a refused token that is followed by the kick does not throw the other login out', async () => {
    const ann = await inside('ann', 'bob');
    service.tokens.set('ann', 'of another place');
    await vi.advanceTimersByTimeAsync(5000);
    await vi.advanceTimersByTimeAsync(100);
    service.hub.kick('ann');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(service.countOf('ann', 'login')).toBe(0);
    expect(ann.room.state).toBe('loggedOut');
  });

  test('exitRoom twice is once, and leaveRoom is the same', async () => {
    const ann = await inside('ann', 'bob');
    await Promise.all([ann.room.exitRoom(), ann.room.leaveRoom()]);
    await ann.room.exitRoom();
    expect(service.callsOf('ann')).toEqual(['delete_pusher']);
    expect(ann.named('state')).toEqual([
      [{ from: 'inRoom', to: 'leaving', cause: 'exitRoom' }],
      [{ from: 'leaving', to: 'idle', cause: 'left' }],
    ]);
    expect(ann.media.pushers[0]?.closed).toBe(true);
    expect(ann.room.pusher).toBeUndefined();
  });

  test('exitRoom is clean when the service is dead, and bounded when it is silent', async () => {
    const ann = await inside('ann', 'bob');
    service.before = () => {
      throw unreachable();
    };
    await ann.room.exitRoom();
    expect(codes(ann)).toEqual(['ERR_RTC_SERVICE_UNREACHABLE']);
    expect(ann.room.state).toBe('idle');
    const cat = await (async () => {
      service.before = () => undefined;
      return await inside('cat', 'bob');
    })();
    service.before = () => new Promise(() => undefined);
    const exit = cat.room.exitRoom();
    await vi.advanceTimersByTimeAsync(5000);
    await exit;
    expect(codes(cat)).toEqual(['ERR_RTC_TIMEOUT']);
    expect(cat.room.state).toBe('idle');
    expect(cat.media.isQuiet).toBe(true);
  });

  test('the creator leaves and the other one hears that the room is closed', async () => {
    const ann = await inside('ann');
    const bob = await inside('bob');
    await ann.room.exitRoom();
    await settle();
    expect(bob.named('roomClosed')).toEqual([[{ roomID: 'r', reason: 'creatorLeft' }]]);
    expect(ann.named('roomClosed')).toEqual([]);
    expect(service.rooms.size).toBe(0);
  });
});
