import { describe, expect, test, vi } from 'vitest';
import { RtcError } from '#lib/errors';
import { errorCodes, settle, users, useScriptedRooms } from '../support/client/scriptedRooms.js';

const rooms = useScriptedRooms();
const unreachable = () => new RtcError('ERR_RTC_SERVICE_UNREACHABLE', 'away');

describe('heartbeat', () => {
  test('beats every 5 s and not after leaving', async () => {
    const { room } = await rooms.inside('ann');
    await vi.advanceTimersByTimeAsync(4999);
    expect(rooms.service.countOf('ann', 'pusher_heartbeat')).toBe(0);
    await vi.advanceTimersByTimeAsync(20_001);
    expect(rooms.service.countOf('ann', 'pusher_heartbeat')).toBe(5);
    await room.exitRoom();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(rooms.service.countOf('ann', 'pusher_heartbeat')).toBe(5);
  });

  test('a slow answer does not make two beats overlap', async () => {
    await rooms.inside('ann');
    let running = 0;
    let most = 0;
    rooms.service.before = async (method) => {
      if (method !== 'pusher_heartbeat') return;
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 12_000));
      running -= 1;
    };
    await vi.advanceTimersByTimeAsync(60_000);
    expect(most).toBe(1);
    expect(rooms.service.countOf('ann', 'pusher_heartbeat')).toBe(5);
    rooms.service.before = () => undefined;
    await vi.advanceTimersByTimeAsync(12_000);
  });

  test('a change whose notice was lost is read after the next beat, once', async () => {
    const ann = await rooms.inside('ann', 'bob');
    const room = rooms.service.rooms.get('r');
    room?.pushers.push(rooms.service.pusher('cat'));
    if (room) room.version += 1;
    await vi.advanceTimersByTimeAsync(4999);
    expect(users(ann, 'memberJoin')).toEqual([]);
    await vi.advanceTimersByTimeAsync(30_001);
    expect(users(ann, 'memberJoin')).toEqual(['cat']);
    expect(rooms.service.callsOf('ann')).toEqual(['get_pushers']);
  });

  test('an answer that is older than the list, or of a service without versions, asks for no reading', async () => {
    const ann = await rooms.inside('ann', 'bob');
    for (const beatResult of [
      { epoch: 1, version: 0 },
      { epoch: undefined, version: undefined },
    ]) {
      rooms.service.beatResult = beatResult;
      await vi.advanceTimersByTimeAsync(15_000);
    }
    expect(rooms.service.countOf('ann', 'pusher_heartbeat')).toBe(6);
    expect(rooms.service.callsOf('ann')).toEqual([]);
    expect(ann.named('error')).toEqual([]);
  });

  test('a seat whose taking got no answer is known by the next beat: after a restart it is still the same one', async () => {
    const ann = await rooms.inside('ann', 'bob');
    const room = rooms.service.rooms.get('r');
    // Another epoch than the one that the last answer to add_pusher told of.
    for (const one of room?.pushers ?? []) if (one.userID === 'ann') one.epoch = rooms.service.newEpoch();
    await vi.advanceTimersByTimeAsync(5000);
    // The service lost its tokens, not its seats; bob left meanwhile.
    rooms.service.tokens.delete('ann');
    if (room) room.pushers = room.pushers.filter((one) => one.userID !== 'bob');
    await vi.advanceTimersByTimeAsync(6000);
    expect(users(ann, 'memberLeave')).toEqual(['bob']);
  });

  test('without messages and versions each beat reads the members, at times that are not all the same', async () => {
    const ann = await rooms.ready('ann', { roomType: 'multi_room' });
    Object.defineProperty(ann.channels[0], 'carriesMessages', { value: false });
    rooms.service.seats = 10;
    rooms.service.open('r', 'bob');
    rooms.service.beatResult = { epoch: undefined, version: undefined };
    await ann.room.enterRoom({ roomID: 'r' });
    const times: number[] = [];
    rooms.service.before = (method) => {
      if (method === 'pusher_heartbeat') times.push(performance.now());
    };
    rooms.service.log.length = 0;
    await vi.advanceTimersByTimeAsync(100_000);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(3999);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5001);
    expect(new Set(waits.map(Math.round)).size).toBeGreaterThan(5);
    expect(rooms.service.countOf('ann', 'get_pushers')).toBe(times.length);
    rooms.service.rooms.delete('r');
    await vi.advanceTimersByTimeAsync(5001);
    expect(ann.named('roomClosed')).toEqual([[{ roomID: 'r', reason: 'gone' }]]);
  });

  test('"not a member" takes the seat again', async () => {
    const ann = await rooms.inside('ann', 'bob');
    const room = rooms.service.rooms.get('r');
    if (room) room.pushers = room.pushers.filter((one) => one.userID !== 'ann');
    await vi.advanceTimersByTimeAsync(5000);
    expect(rooms.service.callsOf('ann')).toEqual(['get_pushers', 'add_pusher', 'get_pushers']);
    expect(room?.pushers.map((one) => one.userID)).toContain('ann');
    expect(ann.room.state).toBe('inRoom');
    expect(ann.named('error')).toEqual([]);
  });

  test('a list without oneself brings the beat forward', async () => {
    await rooms.inside('ann', 'bob');
    rooms.service.change('r', (room) => {
      room.pushers = room.pushers.filter((one) => one.userID !== 'ann');
    });
    rooms.service.hub.resync('ann');
    await vi.advanceTimersByTimeAsync(1);
    expect(rooms.service.countOf('ann', 'add_pusher')).toBe(1);
  });

  test('"auth failed" logs in again and adds, once, however many calls were refused', async () => {
    const ann = await rooms.inside('ann', 'bob');
    rooms.service.tokens.clear();
    const lists = [ann.room.getRoomList(), ann.room.getRoomList()];
    await vi.advanceTimersByTimeAsync(5000);
    await Promise.all(lists);
    expect(rooms.service.countOf('ann', 'login')).toBe(1);
    expect(rooms.service.countOf('ann', 'add_pusher')).toBe(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(ann.room.state).toBe('inRoom');
    expect(ann.channels[0]?.state).toBe('open');
    expect(errorCodes(ann)).toEqual([]);
  });

  describe('a service that lost everything', () => {
    const lose = () => {
      rooms.service.tokens.clear();
      rooms.service.rooms.clear();
      rooms.service.hub.groups.clear();
    };

    test('gets the room back from its creator at once', async () => {
      const ann = await rooms.inside('ann');
      rooms.service.change('r', (room) => room.pushers.push(rooms.service.pusher('bob')));
      await settle();
      ann.events.length = 0;
      rooms.service.log.length = 0;
      lose();
      await vi.advanceTimersByTimeAsync(5500);
      const asked = rooms.service.callsOf('ann').filter((method) => method !== 'get_pushers');
      expect(asked).toEqual(['login', 'add_pusher', 'create_room', 'add_pusher']);
      expect(rooms.service.rooms.get('r')?.pushers.map((one) => one.userID)).toEqual(['ann']);
      expect(ann.room.state).toBe('inRoom');
      expect(users(ann, 'memberLeave')).toEqual([]);
    });

    test('gets it from the others when its creator does not come back', async () => {
      const ann = await rooms.inside('ann', 'bob');
      lose();
      await vi.advanceTimersByTimeAsync(14_000);
      expect(rooms.service.rooms.size).toBe(0);
      expect(ann.room.state).toBe('inRoom');
      await vi.advanceTimersByTimeAsync(4000);
      expect(rooms.service.rooms.get('r')?.pushers.map((one) => one.userID)).toEqual(['ann']);
      expect(errorCodes(ann)).toEqual([]);
    });

    test('ends nobody who takes a seat again, and restarts no player', async () => {
      const ann = await rooms.inside('ann', 'bob', 'cat', 'dan');
      await ann.room.addRemoteView('bob');
      const before = rooms.service.rooms.get('r')?.pushers ?? [];
      lose();
      rooms.service.hub.refuse('ann');
      await vi.advanceTimersByTimeAsync(3000);
      rooms.service.rooms.set('r', { roomInfo: '', creator: 'bob', version: 1, pushers: [] });
      for (const userID of ['bob', 'cat']) {
        const one = before.find((pusher) => pusher.userID === userID);
        const epoch = rooms.service.newEpoch();
        // bob pushes on, cat had to push anew.
        const accelerateURL = userID === 'bob' ? one?.accelerateURL : 'rtmp://h/live/cat2?k=1';
        rooms.service.change('r', (room) => room.pushers.push({ ...one, epoch, accelerateURL } as never));
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
      const ann = await rooms.inside('ann', 'bob');
      const releases: (() => void)[] = [];
      rooms.service.after = (method) => {
        if (method === 'get_pushers') return new Promise<void>((resolve) => releases.push(resolve));
      };
      rooms.service.hub.resync('ann');
      await settle();
      const [before] = rooms.service.rooms.get('r')?.pushers ?? [];
      lose();
      rooms.service.hub.refuse('ann');
      rooms.service.rooms.set('r', { roomInfo: '', creator: 'bob', version: 1, pushers: [] });
      await settle();
      rooms.service.after = () => undefined;
      for (const release of releases) release();
      await settle();
      rooms.service.change('r', (room) => room.pushers.push({ ...before, epoch: rooms.service.newEpoch() } as never));
      await vi.advanceTimersByTimeAsync(30_000);
      expect(ann.room.members.map((one) => one.userID)).toEqual(['bob']);
      expect(users(ann, 'memberLeave')).toEqual([]);
    });

    test('is not asked for the room by who leaves meanwhile', async () => {
      const ann = await rooms.inside('ann', 'bob');
      lose();
      rooms.service.hub.refuse('ann');
      await vi.advanceTimersByTimeAsync(3000);
      await ann.room.exitRoom();
      await vi.advanceTimersByTimeAsync(30_000);
      expect(rooms.service.rooms.size).toBe(0);
      expect(ann.named('roomClosed')).toEqual([]);
      expect(errorCodes(ann)).toEqual([]);
    });

    test('and is away for a while gets it when it is back', async () => {
      const ann = await rooms.inside('ann');
      lose();
      rooms.service.hub.refuse('ann');
      rooms.service.before = (method) => {
        if (method === 'add_pusher' || method === 'create_room') throw unreachable();
      };
      await vi.advanceTimersByTimeAsync(20_000);
      expect(ann.room.state).toBe('inRoom');
      rooms.service.before = () => undefined;
      await vi.advanceTimersByTimeAsync(15_000);
      expect(rooms.service.rooms.get('r')?.pushers.map((one) => one.userID)).toEqual(['ann']);
      expect(ann.channels[0]?.state).toBe('open');
    });
  });

  test('a token that expired with the room still there changes nothing for the others', async () => {
    const ann = await rooms.inside('ann', 'bob');
    rooms.service.tokens.clear();
    rooms.service.hub.refuse('ann');
    await settle();
    rooms.service.change('r', (room) => {
      room.pushers = room.pushers.filter((one) => one.userID !== 'bob');
    });
    await settle();
    expect(users(ann, 'memberLeave')).toEqual(['bob']);
  });

  test('a wait that the service asks for puts the next beat off', async () => {
    await rooms.inside('ann');
    rooms.service.before = (method) => {
      if (method !== 'pusher_heartbeat') return;
      throw new RtcError('ERR_RTC_TOO_MANY_REQUESTS', 'busy', { nativeCode: 429, retryAfterMs: 12_000 });
    };
    await vi.advanceTimersByTimeAsync(16_900);
    expect(rooms.service.countOf('ann', 'pusher_heartbeat')).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(rooms.service.countOf('ann', 'pusher_heartbeat')).toBe(2);
  });

  test('a channel whose token is refused is opened with a new login', async () => {
    const ann = await rooms.inside('ann', 'bob');
    rooms.service.tokens.clear();
    rooms.service.hub.refuse('ann');
    await settle();
    expect(rooms.service.countOf('ann', 'login')).toBe(1);
    expect(ann.channels[0]?.state).toBe('open');
    expect(rooms.service.countOf('ann', 'get_pushers')).toBeGreaterThan(0);
  });

  test('a login that cannot be renewed is told, and the room is left', async () => {
    const ann = await rooms.inside('ann', 'bob');
    rooms.service.tokens.clear();
    rooms.service.before = (method) => {
      if (method === 'login') throw new RtcError('ERR_RTC_AUTH', 'expired', { nativeCode: 7 });
    };
    await vi.advanceTimersByTimeAsync(12_000);
    expect(errorCodes(ann)).toEqual(['ERR_RTC_AUTH']);
    expect(ann.room.state).toBe('idle');
    expect(ann.media.isQuiet).toBe(true);
  });

  test('an unreachable service is told after 3 beats, once, and left alone otherwise', async () => {
    const ann = await rooms.inside('ann', 'bob');
    rooms.service.before = () => {
      throw unreachable();
    };
    await vi.advanceTimersByTimeAsync(14_000);
    expect(errorCodes(ann)).toEqual([]);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(errorCodes(ann)).toEqual(['ERR_RTC_SERVICE_UNREACHABLE']);
    expect(ann.room.state).toBe('inRoom');
    rooms.service.before = () => undefined;
    await vi.advanceTimersByTimeAsync(5000);
    rooms.service.before = () => {
      throw unreachable();
    };
    await vi.advanceTimersByTimeAsync(15_000);
    expect(errorCodes(ann)).toHaveLength(2);
  });

  test('a seat that was given to another ends the stay', async () => {
    const ann = await rooms.inside('ann', 'bob');
    const room = rooms.service.rooms.get('r');
    if (room) room.pushers = [rooms.service.pusher('bob'), rooms.service.pusher('cat')];
    rooms.service.seats = 2;
    await vi.advanceTimersByTimeAsync(5000);
    await settle();
    expect(errorCodes(ann)).toEqual(['ERR_RTC_ROOM_FULL']);
    expect(ann.room.state).toBe('idle');
    expect(ann.media.isQuiet).toBe(true);
  });

  test('a room that ended unheard is closed, not made again', async () => {
    const ann = await rooms.inside('ann', 'bob');
    rooms.service.rooms.delete('r');
    await vi.advanceTimersByTimeAsync(5000);
    await settle();
    expect(ann.named('roomClosed')).toEqual([[{ roomID: 'r', reason: 'gone' }]]);
    expect(rooms.service.countOf('ann', 'add_pusher')).toBe(0);
    expect(rooms.service.rooms.size).toBe(0);
  });
});
