import { describe, expect, test, vi } from 'vitest';
import { RtcError } from '#lib/errors';
import { RTCRoom } from '#lib/room/RTCRoom';
import { codeOf } from '../support/client/expectCode.js';
import { liveEvent } from '../support/client/fakeMedia.js';
import { loginOf, makeRoom, type RoomFixture, synthetic } from '../support/client/roomFixture.js';
import { useScriptedRooms } from '../support/client/scriptedRooms.js';

const rooms = useScriptedRooms();

const make = () => rooms.kept(makeRoom(rooms.service));

async function pair(): Promise<[RoomFixture, RoomFixture]> {
  const ann = await rooms.ready('ann');
  const bob = await rooms.ready('bob');
  await ann.room.createRoom({ roomID: 'r' });
  await bob.room.enterRoom({ roomID: 'r' });
  await vi.advanceTimersByTimeAsync(0);
  for (const { events } of [ann, bob]) events.length = 0;
  return [ann, bob];
}

describe('login', () => {
  test('twice, at the same time and after each other, and again after logout', async () => {
    const { room, named } = make();
    const first = room.login(loginOf('ann'));
    expect(await codeOf(room.login(loginOf('ann')))).toBe('ERR_RTC_INVALID_STATE');
    await first;
    expect(await codeOf(room.login(loginOf('ann')))).toBe('ERR_RTC_INVALID_STATE');
    await room.logout();
    await room.logout();
    expect(rooms.service.tokens.size).toBe(0);
    await room.login(loginOf('ann'));
    expect(named('state').map(([change]) => change)).toEqual([
      { from: 'loggedOut', to: 'idle', cause: 'login' },
      { from: 'idle', to: 'loggedOut', cause: 'logout' },
      { from: 'loggedOut', to: 'idle', cause: 'login' },
    ]);
  });

  test('refused, without a channel, aborted, closed meanwhile: logged out and nothing left', async () => {
    const refused = make();
    expect(await codeOf(refused.room.login({ ...loginOf('ann'), userSig: 'bad' }))).toBe('ERR_RTC_AUTH');
    rooms.service.hub.failure = new RtcError('ERR_RTC_IM_FAILED', 'no channel');
    expect(await codeOf(refused.room.login(loginOf('ann')))).toBe('ERR_RTC_IM_FAILED');
    rooms.service.hub.failure = undefined;
    expect(rooms.service.tokens.size).toBe(0);
    expect(await codeOf(refused.room.login(loginOf('ann'), { signal: AbortSignal.abort() }))).toBe('ERR_RTC_ABORTED');
    expect(refused.room.state).toBe('loggedOut');
    expect(refused.apis.every((one) => one.closed)).toBe(true);
    expect(refused.channels.every((one) => one.state === 'closed')).toBe(true);
    const closed = make();
    rooms.service.before = () => void closed.room.close();
    expect(await codeOf(closed.room.login(loginOf('ann')))).toBe('ERR_RTC_ABORTED');
    await vi.advanceTimersByTimeAsync(0);
    expect(closed.room.state).toBe('closed');
    expect(rooms.service.tokens.size).toBe(0);
  });

  test.each([{ userID: '' }, { userSig: '' }, { serverDomain: 'nowhere' }, { serverDomain: 'http://h/x?token=1' }])(
    'with %j is refused',
    async (wrong) => {
      expect(await codeOf(make().room.login({ ...loginOf('ann'), ...wrong }))).toBe('ERR_RTC_INVALID_ARGUMENT');
      expect(rooms.service.log).toEqual([]);
    },
  );

  test('logout leaves the room first; a dead service is told and does not hold it up', async () => {
    const [ann] = await pair();
    rooms.service.before = () => {
      throw new RtcError('ERR_RTC_SERVICE_UNREACHABLE', 'away');
    };
    await ann.room.logout();
    expect(ann.room.state).toBe('loggedOut');
    expect(ann.media.isQuiet).toBe(true);
    expect(ann.named('error')).toHaveLength(2);
  });
});

describe('messages', () => {
  test('texts and custom messages reach the others with name and picture, not their sender', async () => {
    const [ann, bob] = await pair();
    await ann.room.sendRoomTextMsg('hello "}} 你好\n');
    await ann.room.sendRoomCustomMsg('draw', '{"x":1}');
    await ann.room.sendC2CCustomMsg('bob', 'sketchpad', 'm');
    const from = { userID: 'ann', userName: "ann's name", userAvatar: 'ann.png', time: expect.any(Number) };
    expect(bob.events).toEqual([
      ['textMsg', { roomID: 'r', ...from, text: 'hello "}} 你好\n' }],
      ['customMsg', { roomID: 'r', ...from, cmd: 'draw', msg: '{"x":1}' }],
      ['c2cCustomMsg', { ...from, cmd: 'sketchpad', msg: 'm' }],
    ]);
    expect(ann.events).toEqual([]);
  });

  test('a text without a name gets that of the member list; one of another room is not heard', async () => {
    const [ann, bob] = await pair();
    rooms.service.hub.deliver('ann', { groupID: 'r' }, [{ type: 'text', text: 'plain' }]);
    rooms.service.hub.groups.set('other', new Set(['ann', 'bob']));
    rooms.service.hub.deliver('ann', { groupID: 'other' }, [{ type: 'text', text: 'elsewhere' }]);
    expect(bob.named('textMsg')).toMatchObject([[{ userName: "ann's name", text: 'plain' }]]);
    expect(ann.named('textMsg')).toEqual([]);
  });

  test('what is said before the member list is read is told after it, and not at all when entering fails', async () => {
    const ann = await rooms.ready('ann');
    const bob = await rooms.ready('bob');
    await ann.room.createRoom({ roomID: 'r' });
    const stop = new AbortController();
    const welcome = (text: string) => rooms.service.hub.deliver('ann', { groupID: 'r' }, [{ type: 'text', text }]);
    rooms.service.after = (method, userID) => {
      if (method !== 'add_pusher' || userID !== 'bob') return;
      welcome('too early');
      stop.abort();
    };
    expect(await codeOf(bob.room.enterRoom({ roomID: 'r', signal: stop.signal }))).toBe('ERR_RTC_ABORTED');
    expect(bob.named('textMsg')).toEqual([]);
    rooms.service.after = (method, userID) => {
      if (method === 'add_pusher' && userID === 'bob') welcome('welcome');
    };
    await bob.room.enterRoom({ roomID: 'r' });
    expect(bob.named('textMsg')).toMatchObject([[{ userID: 'ann', userName: "ann's name", text: 'welcome' }]]);
    const names = bob.events.map(([name]) => name);
    expect(names.indexOf('textMsg')).toBeGreaterThan(names.indexOf('memberJoin'));
  });

  test('empty, blank, no text, outside a room, without a name', async () => {
    const [{ room }] = await pair();
    for (const text of ['', ' \n\t']) expect(await codeOf(room.sendRoomTextMsg(text))).toBe('ERR_RTC_MESSAGE_EMPTY');
    expect(await codeOf(room.sendRoomTextMsg(7 as unknown as string))).toBe('ERR_RTC_INVALID_ARGUMENT');
    expect(await codeOf(room.sendRoomCustomMsg('', 'm'))).toBe('ERR_RTC_INVALID_ARGUMENT');
    await room.exitRoom();
    expect(await codeOf(room.sendRoomTextMsg('hi'))).toBe('ERR_RTC_INVALID_STATE');
    expect(await codeOf(room.sendRoomCustomMsg('c', 'm'))).toBe('ERR_RTC_INVALID_STATE');
    await room.sendC2CCustomMsg('bob', 'c', 'm');
  });

  test('a send whose token is refused goes through after a new login', async () => {
    const [ann, bob] = await pair();
    const channel = ann.channels[0];
    const send = vi.spyOn(channel as NonNullable<typeof channel>, 'sendGroup');
    send.mockRejectedValueOnce(new RtcError('ERR_RTC_AUTH', 'token'));
    const sent = ann.room.sendRoomTextMsg('hi');
    await vi.advanceTimersByTimeAsync(300);
    await sent;
    expect(bob.named('textMsg')).toHaveLength(1);
  });
});

describe('local preview', () => {
  test('sources and settings reach the pusher; a running source is replaced', async () => {
    const { room, media } = make();
    await room.startLocalPreview({
      ...synthetic,
      quality: { preset: 3 as never, ratio: 1 as never },
      resolution: 2 as never,
      fps: 30,
      bitrateKbps: 900,
      autoAdjustStrategy: 1 as never,
    });
    const [pusher] = media.pushers;
    expect(room.pusher).toBe(pusher);
    expect(pusher?.calls).toEqual([
      ['strategy', 5], // a call's, until something else is asked for
      ['preset', 3, 1],
      ['resolution', 2],
      ['fps', 30],
      ['bitrate', 900],
      ['strategy', 1],
    ]);
    await room.startLocalPreview({ video: { source: 'file', path: 'a.mp4', loop: true } });
    expect(media.pushers).toHaveLength(1);
    expect(pusher?.video).toEqual({ source: 'file', path: 'a.mp4', loop: true });
    expect(pusher?.audio).toEqual({ source: 'synthetic' });
  });

  test('mute is kept for pushers to come', async () => {
    const { room, media } = make();
    room.setMute(true);
    await room.startLocalPreview(synthetic);
    expect(media.pushers[0]?.muted).toBe(true);
    room.setMute(false);
    expect(media.pushers[0]?.muted).toBe(false);
  });

  test('without a source, failing, aborted, stopped meanwhile: no pusher is left', async () => {
    const { room, media } = make();
    expect(await codeOf(room.startLocalPreview({}))).toBe('ERR_RTC_INVALID_ARGUMENT');
    media.before = (what) => {
      if (what === 'startAudioCapture') throw new RtcError('ERR_RTC_NOT_MEDIA', 'no');
    };
    expect(await codeOf(room.startLocalPreview(synthetic))).toBe('ERR_RTC_NOT_MEDIA');
    media.before = () => undefined;
    expect(await codeOf(room.startLocalPreview({ ...synthetic, signal: AbortSignal.abort() }))).toBe('ERR_RTC_ABORTED');
    media.before = (what) => (what === 'startPreview' ? new Promise(() => undefined) : undefined);
    const starting = codeOf(room.startLocalPreview(synthetic));
    await vi.advanceTimersByTimeAsync(0);
    await room.stopLocalPreview();
    expect(await starting).toBe('ERR_RTC_ABORTED');
    expect(room.pusher).toBeUndefined();
    expect(media.pushers.every((one) => one.closed)).toBe(true);
  });

  test('the screen takes the place of the camera in one push, in the order of the Windows client, and gives it back', async () => {
    const [{ room, media }] = await pair();
    const [pusher] = media.pushers;
    const url = pusher?.url;
    await room.startLocalPreview({ video: { source: 'camera' }, fps: 25, bitrateKbps: 700 });
    pusher?.calls.splice(0);
    const passed: string[] = [];
    media.before = (what) => void passed.push(what);
    await room.startScreenPreview({ target: 'window:7', captureMouse: false, windowHandle: 5n });
    expect(passed).toEqual(['stopPreview', 'startPreview']);
    expect(pusher?.video).toEqual({ source: 'screen', windowHandle: 5n });
    expect(pusher?.calls).toEqual([
      ['screen', 'window:7', undefined, { captureMouse: false }],
      ['preset', 7, 1],
      ['fps', 10],
      ['renderMirror', false],
      ['outputMirror', false],
      ['systemSound', ''],
    ]);
    pusher?.calls.splice(0);
    await room.stopScreenPreview();
    await room.stopScreenPreview();
    expect(pusher?.video).toBeUndefined();
    expect(pusher?.calls).toEqual([['noSystemSound']]);
    pusher?.calls.splice(0);
    await room.startLocalPreview({ video: { source: 'camera' } });
    expect(pusher?.calls).toEqual([
      ['preset', 1, 1],
      ['fps', 25],
      ['bitrate', 700],
      ['strategy', 5],
    ]);
    expect(pusher?.video).toEqual({ source: 'camera' });
    expect(pusher?.url).toBe(url);
    expect(media.pushers).toHaveLength(1);
    // Without a stop in between as well.
    await room.startScreenPreview({ systemSound: false });
    pusher?.calls.splice(0);
    await room.startLocalPreview({ video: { source: 'camera' }, fps: 20 });
    expect(pusher?.calls).toEqual([
      ['noSystemSound'],
      ['preset', 1, 1],
      ['fps', 25],
      ['bitrate', 700],
      ['strategy', 5],
      ['fps', 20],
    ]);
  });

  test('a screen that cannot be shared: a wrong one leaves the camera, a failing one leaves the sound', async () => {
    const [{ room, media }] = await pair();
    const [pusher] = media.pushers;
    expect(await codeOf(room.startScreenPreview({ target: 'window:0' }))).toBe('ERR_RTC_INVALID_ARGUMENT');
    expect(pusher?.video).toEqual({ source: 'synthetic' });
    media.hasSystemSound = false;
    await room.startScreenPreview();
    await room.startLocalPreview({ video: { source: 'synthetic' } });
    expect(await codeOf(room.startScreenPreview({ systemSound: true }))).toBe('ERR_RTC_UNSUPPORTED');
    expect(pusher?.video).toBeUndefined();
    media.before = (what) => {
      if (what === 'startPreview') throw new RtcError('ERR_RTC_WINDOW_FAILED', 'no');
    };
    expect(await codeOf(room.startScreenPreview())).toBe('ERR_RTC_WINDOW_FAILED');
    media.before = () => undefined;
    expect(pusher).toMatchObject({ video: undefined, audio: { source: 'synthetic' }, closed: false });
    expect(pusher?.url).toBeDefined();
    await room.startLocalPreview({ video: { source: 'synthetic' } });
    expect(pusher?.video).toEqual({ source: 'synthetic' });
  });

  test('a sharing that takes the place of another without sound ends the machine’s sound', async () => {
    const [{ room, media }] = await pair();
    const [pusher] = media.pushers;
    await room.startScreenPreview();
    pusher?.calls.splice(0);
    await room.startScreenPreview({ systemSound: false });
    const sounds = pusher?.calls.map(([name]) => name).filter((name) => /systemSound/i.test(String(name)));
    expect(sounds).toEqual(['noSystemSound']);
  });

  test('outside a room the screen alone is a preview, and no pusher is left of a failing one', async () => {
    const { room, media } = make();
    await room.startScreenPreview();
    expect(media.pushers[0]?.video).toEqual({ source: 'screen' });
    await room.stopScreenPreview();
    expect(room.pusher).toBeUndefined();
    expect(await codeOf(room.startScreenPreview({ signal: AbortSignal.abort() }))).toBe('ERR_RTC_ABORTED');
    media.before = (what) => {
      if (what === 'startPreview') throw new RtcError('ERR_RTC_WINDOW_FAILED', 'no');
    };
    expect(await codeOf(room.startScreenPreview())).toBe('ERR_RTC_WINDOW_FAILED');
    expect(room.pusher).toBeUndefined();
    expect(media.pushers.every((one) => one.closed)).toBe(true);
  });

  test('stopLocalPreview in a room turns the camera off and keeps pushing sound', async () => {
    const [{ room, media }] = await pair();
    await room.stopLocalPreview();
    expect(media.pushers[0]).toMatchObject({ video: undefined, audio: { source: 'synthetic' }, closed: false });
    expect(media.pushers[0]?.url).toBeDefined();
    await room.startLocalPreview({ video: { source: 'synthetic' } });
    expect(media.pushers[0]?.video).toEqual({ source: 'synthetic' });
  });
});

describe('remote views', () => {
  test('only other members of the room can be viewed', async () => {
    const [{ room }] = await pair();
    for (const userID of ['nobody', 'ann', ''])
      expect(await codeOf(room.addRemoteView(userID))).toBe('ERR_RTC_NOT_ROOM_MEMBER');
    await room.exitRoom();
    expect(await codeOf(room.addRemoteView('bob'))).toBe('ERR_RTC_INVALID_STATE');
  });

  test('the player is handed out before it starts, with the options given', async () => {
    const [{ room, media }] = await pair();
    const seen: unknown[] = [];
    const player = { videoFormat: 'i420' } as never;
    await room.addRemoteView('bob', {
      player,
      onPlayer: (one) => seen.push(one, (one as unknown as { url: unknown }).url),
    });
    expect(seen).toEqual([media.players[0], undefined]);
    expect(media.players[0]?.options).toEqual({ videoFormat: 'i420' });
  });

  test('a second view replaces the first, also while that one starts', async () => {
    const [{ room, media }] = await pair();
    media.before = (what) =>
      what === 'startPlay' && media.players.length === 1 ? new Promise(() => undefined) : undefined;
    const first = codeOf(room.addRemoteView('bob'));
    await vi.advanceTimersByTimeAsync(0);
    await room.addRemoteView('bob');
    expect(await first).toBe('ERR_RTC_ABORTED');
    expect(media.players.map((one) => one.closed)).toEqual([true, false]);
    await room.removeRemoteView('bob');
    await room.removeRemoteView('bob');
    expect(media.players[1]?.closed).toBe(true);
  });

  test('a start that fails or is aborted closes the player and is told once', async () => {
    const [ann] = await pair();
    const { room, media } = ann;
    media.before = (what) => {
      if (what === 'startPlay') throw new RtcError('ERR_RTC_STREAM_NOT_FOUND', 'nobody');
    };
    expect(await codeOf(room.addRemoteView('bob'))).toBe('ERR_RTC_STREAM_NOT_FOUND');
    const stop = new AbortController();
    media.before = (what) => (what === 'startPlay' ? stop.abort() : undefined);
    expect(await codeOf(room.addRemoteView('bob', { signal: stop.signal }))).toBe('ERR_RTC_ABORTED');
    expect(media.players.every((one) => one.closed)).toBe(true);
    expect(ann.named('error')).toEqual([]);
  });

  test('a lost stream is told with the member, who stays and may be viewed again', async () => {
    const [ann] = await pair();
    const { room, media } = ann;
    await room.addRemoteView('bob');
    media.players[0]?.emit('event', liveEvent('PLAY_ERR_NET_DISCONNECT', -2301));
    await vi.advanceTimersByTimeAsync(0);
    expect(ann.named('error')).toEqual([
      [expect.objectContaining({ code: 'ERR_RTC_SERVER_DISCONNECTED', nativeCode: -2301 }), 'bob'],
    ]);
    expect(media.players[0]?.closed).toBe(true);
    expect(room.members.map((one) => one.userID)).toEqual(['bob']);
    await room.addRemoteView('bob');
    expect(media.players[1]?.closed).toBe(false);
  });

  test('the player ends with the member', async () => {
    const [ann, bob] = await pair();
    await ann.room.addRemoteView('bob');
    await bob.room.exitRoom();
    await vi.advanceTimersByTimeAsync(0);
    expect(ann.media.players[0]?.closed).toBe(true);
    expect(ann.named('memberLeave')).toHaveLength(1);
  });
});

describe('the object', () => {
  test('events of pusher and players are passed through', async () => {
    const [{ room, media }] = await pair();
    const heard: unknown[] = [];
    room.on('pushEvent', ({ name }) => heard.push(name));
    room.on('playEvent', (userID, { name }) => heard.push([userID, name]));
    await room.addRemoteView('bob');
    media.pushers[0]?.emit('event', liveEvent('PUSH_WARNING_NET_BUSY', 1101));
    media.players[0]?.emit('event', liveEvent('PLAY_WARNING_VIDEO_PLAY_LAG', 2105));
    expect(heard).toEqual([
      ['bob', 'PLAY_EVT_PLAY_BEGIN'],
      'PUSH_WARNING_NET_BUSY',
      ['bob', 'PLAY_WARNING_VIDEO_PLAY_LAG'],
    ]);
  });

  test('a listener that throws at every event breaks nothing and is reported', async () => {
    const ann = await rooms.ready('ann');
    const reported: unknown[] = [];
    ann.room.on('listenerError', (_error, name) => reported.push(name));
    for (const name of ['state', 'step', 'memberJoin', 'membersUpdate', 'pushEvent', 'error'] as const) {
      ann.room.on(name, () => {
        throw new Error('listener');
      });
    }
    await ann.room.createRoom({ roomID: 'r' });
    rooms.service.change('r', (room) => room.pushers.push(rooms.service.pusher('bob')));
    await vi.advanceTimersByTimeAsync(0);
    expect(ann.room.members).toHaveLength(1);
    ann.media.before = (what) => {
      if (what === 'startPush') throw new RtcError('ERR_RTC_CONNECT_FAILED', 'away');
    };
    ann.media.pushers[0]?.emit('event', liveEvent('PUSH_ERR_NET_DISCONNECT', -1307));
    await vi.advanceTimersByTimeAsync(0);
    expect(ann.room.state).toBe('idle');
    expect(new Set(reported)).toEqual(new Set(['state', 'step', 'memberJoin', 'membersUpdate', 'pushEvent', 'error']));
  });

  test('an error without a listener throws nothing; a throwing listenerError is a warning', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const room = new RTCRoom();
    room.emit('error', new RtcError('ERR_RTC_INTERNAL', 'x'));
    room.on('listenerError', () => {
      throw new Error('again');
    });
    room.on('kickedOffline', () => {
      throw new Error('listener');
    });
    room.emit('kickedOffline');
    expect(warning).toHaveBeenCalledTimes(1);
    warning.mockRestore();
    await room.close();
  });

  test('close leaves, logs out, frees, once; afterwards every call is refused', async () => {
    const [ann] = await pair();
    await ann.room.addRemoteView('bob');
    await Promise.all([ann.room.close(), ann.room.close()]);
    await ann.room[Symbol.asyncDispose]();
    expect(ann.room.state).toBe('closed');
    expect(rooms.service.countOf('ann', 'delete_pusher')).toBe(1);
    expect(rooms.service.countOf('ann', 'logout')).toBe(1);
    expect(ann.media.pushers.every((one) => one.closed)).toBe(true);
    expect(ann.media.players.every((one) => one.closed)).toBe(true);
    expect(await codeOf(ann.room.login(loginOf('ann')))).toBe('ERR_RTC_CLOSED');
    expect(await codeOf(ann.room.createRoom())).toBe('ERR_RTC_CLOSED');
    expect(await codeOf(ann.room.startLocalPreview(synthetic))).toBe('ERR_RTC_CLOSED');
    expect(await codeOf(ann.room.getRoomList())).toBe('ERR_RTC_CLOSED');
    expect(await codeOf(ann.room.addRemoteView('bob'))).toBe('ERR_RTC_CLOSED');
    await ann.room.exitRoom();
    await ann.room.logout();
    await ann.room.stopLocalPreview();
  });

  test('a bad list argument is refused; a list is given', async () => {
    const [{ room }] = await pair();
    expect(await codeOf(room.getRoomList({ index: -1 }))).toBe('ERR_RTC_INVALID_ARGUMENT');
    expect(await codeOf(room.getRoomList({ cnt: 1.5 }))).toBe('ERR_RTC_INVALID_ARGUMENT');
    expect((await room.getRoomList()).map((one) => one.roomID)).toEqual(['r']);
  });
});
