import { describe, expect, test, vi } from 'vitest';
import { RtcError } from '#lib/errors';
import { codeOf } from '../support/client/expectCode.js';
import { liveEvent } from '../support/client/fakeMedia.js';
import { errorCodes, settle, useScriptedRooms } from '../support/client/scriptedRooms.js';

const rooms = useScriptedRooms();
const unreachable = () => new RtcError('ERR_RTC_SERVICE_UNREACHABLE', 'away');

describe('ends', () => {
  test('a room closed by the service stops push and players, then is told', async () => {
    const ann = await rooms.inside('ann', 'bob');
    await ann.room.addRemoteView('bob');
    let stateThen = '';
    ann.room.on('roomClosed', () => {
      stateThen = `${ann.room.state} ${ann.media.isQuiet}`;
    });
    rooms.service.rooms.delete('r');
    rooms.service.hub.closeGroup('r', 'creatorLeft');
    await settle();
    expect(ann.named('roomClosed')).toEqual([[{ roomID: 'r', reason: 'creatorLeft' }]]);
    expect(stateThen).toBe('idle true');
    expect(rooms.service.callsOf('ann')).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a push that is given up goes on with a fresh address, and the seat gets it', async () => {
    const ann = await rooms.inside('ann', 'bob');
    const [pusher] = ann.media.pushers;
    pusher?.emit('event', liveEvent('PUSH_ERR_NET_DISCONNECT', -1307));
    await settle();
    expect(rooms.service.callsOf('ann')).toEqual(['get_pushers', 'get_push_url', 'add_pusher', 'get_pushers']);
    expect(ann.room.state).toBe('inRoom');
    expect(pusher?.url).toBeDefined();
    expect(errorCodes(ann)).toEqual([]);
    // A second loss right behind it is not mended a third time.
    pusher?.emit('event', liveEvent('PUSH_ERR_NET_DISCONNECT', -1307));
    await settle();
    expect(errorCodes(ann)).toEqual(['ERR_RTC_SERVER_DISCONNECTED']);
    expect(ann.room.state).toBe('idle');
  });

  test('a push that cannot be had back is told, and the room is left', async () => {
    const ann = await rooms.inside('ann', 'bob');
    ann.media.before = (what) => {
      if (what === 'startPush') throw new RtcError('ERR_RTC_CONNECT_FAILED', 'away');
    };
    ann.media.pushers[0]?.emit('event', liveEvent('PUSH_ERR_NET_DISCONNECT', -1307));
    await settle();
    expect(errorCodes(ann)).toEqual(['ERR_RTC_SERVER_DISCONNECTED']);
    expect(ann.named('error')).toMatchObject([[{ nativeCode: -1307 }]]);
    expect(ann.room.state).toBe('idle');
    expect(rooms.service.callsOf('ann')).toEqual(['get_pushers', 'get_push_url', 'delete_pusher']);
    expect(ann.media.isQuiet).toBe(true);
  });

  test('a push that is lost with its room does not make the room again', async () => {
    const ann = await rooms.inside('ann', 'bob');
    rooms.service.rooms.delete('r');
    ann.media.pushers[0]?.emit('event', liveEvent('PUSH_ERR_NET_DISCONNECT', -1307));
    await settle();
    expect(ann.named('roomClosed')).toEqual([[{ roomID: 'r', reason: 'gone' }]]);
    expect(errorCodes(ann)).toEqual([]);
    expect(rooms.service.rooms.size).toBe(0);
  });

  test.each(['get_push_url', 'startPush'])('leaving during %s of a new push leaves nothing', async (where) => {
    const ann = await rooms.inside('ann', 'bob');
    let exit: Promise<void> | undefined;
    const leave = (what: string) => {
      if (what === where) exit ??= ann.room.exitRoom();
    };
    rooms.service.before = leave;
    ann.media.before = leave;
    ann.media.pushers[0]?.emit('event', liveEvent('PUSH_ERR_NET_DISCONNECT', -1307));
    await settle();
    await exit;
    expect(ann.room.state).toBe('idle');
    expect(ann.media.isQuiet).toBe(true);
    expect(errorCodes(ann)).toEqual([]);
    expect(rooms.service.rooms.get('r')?.pushers.map((one) => one.userID)).toEqual(['bob']);
  });

  test('kicked: left without a word to the service, logged out, told once', async () => {
    const ann = await rooms.inside('ann', 'bob');
    await ann.room.addRemoteView('bob');
    rooms.service.hub.kick('ann');
    await settle();
    expect(ann.named('kickedOffline')).toHaveLength(1);
    expect(ann.room.state).toBe('loggedOut');
    expect(rooms.service.callsOf('ann')).toEqual([]);
    expect(ann.media.isQuiet).toBe(true);
    expect(ann.apis[0]?.closed).toBe(true);
    expect(await codeOf(ann.room.getRoomList())).toBe('ERR_RTC_INVALID_STATE');
  });

  test('a refused token that is followed by the kick does not throw the other login out', async () => {
    const ann = await rooms.inside('ann', 'bob');
    rooms.service.tokens.set('ann', 'of another place');
    await vi.advanceTimersByTimeAsync(5000);
    await vi.advanceTimersByTimeAsync(100);
    rooms.service.hub.kick('ann');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(rooms.service.countOf('ann', 'login')).toBe(0);
    expect(ann.room.state).toBe('loggedOut');
  });

  test('exitRoom twice is once, and leaveRoom is the same', async () => {
    const ann = await rooms.inside('ann', 'bob');
    await Promise.all([ann.room.exitRoom(), ann.room.leaveRoom()]);
    await ann.room.exitRoom();
    expect(rooms.service.callsOf('ann')).toEqual(['delete_pusher']);
    expect(ann.named('state')).toEqual([
      [{ from: 'inRoom', to: 'leaving', cause: 'exitRoom' }],
      [{ from: 'leaving', to: 'idle', cause: 'left' }],
    ]);
    expect(ann.media.pushers[0]?.closed).toBe(true);
    expect(ann.room.pusher).toBeUndefined();
  });

  test('exitRoom is clean when the service is dead, and bounded when it is silent', async () => {
    const ann = await rooms.inside('ann', 'bob');
    rooms.service.before = () => {
      throw unreachable();
    };
    await ann.room.exitRoom();
    expect(errorCodes(ann)).toEqual(['ERR_RTC_SERVICE_UNREACHABLE']);
    expect(ann.room.state).toBe('idle');
    const cat = await (async () => {
      rooms.service.before = () => undefined;
      return await rooms.inside('cat', 'bob');
    })();
    rooms.service.before = () => new Promise(() => undefined);
    const exit = cat.room.exitRoom();
    await vi.advanceTimersByTimeAsync(5000);
    await exit;
    expect(errorCodes(cat)).toEqual(['ERR_RTC_TIMEOUT']);
    expect(cat.room.state).toBe('idle');
    expect(cat.media.isQuiet).toBe(true);
  });

  test('the creator leaves and the other one hears that the room is closed', async () => {
    const ann = await rooms.inside('ann');
    const bob = await rooms.inside('bob');
    await ann.room.exitRoom();
    await settle();
    expect(bob.named('roomClosed')).toEqual([[{ roomID: 'r', reason: 'creatorLeft' }]]);
    expect(ann.named('roomClosed')).toEqual([]);
    expect(rooms.service.rooms.size).toBe(0);
  });
});
