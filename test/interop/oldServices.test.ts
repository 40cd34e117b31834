import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RoomApi } from '#lib/api/RoomApi';
import type { RtcError } from '#lib/errors';
import { MemoryImChannel, MemoryImHub } from '#lib/im/MemoryImChannel';
import { RTCRoom, type RTCRoomOptions } from '#lib/room/RTCRoom';
import { EventLog } from '../support/client/EventLog.js';
import { codeOf } from '../support/client/expectCode.js';
import { FakeMedia } from '../support/client/fakeMedia.js';
import { synthetic } from '../support/client/roomFixture.js';
import { JavaService } from '../support/oldServices/JavaService.js';
import { NodeService } from '../support/oldServices/NodeService.js';
import type { OldRoomService } from '../support/oldServices/OldRoomService.js';
import { patient } from '../support/patience.js';

/** Our client at the room services of 2018, of which one variant is asked in each round; only the media is not there. */
describe.each([
  ['the Java service', () => JavaService.start()],
  ['the Node service', () => NodeService.start()],
] as const)('%s', (_name, start) => {
  const type = 'multi_room';
  const rooms: RTCRoom[] = [];
  const apis: RoomApi[] = [];
  let service: OldRoomService;

  beforeEach(async () => {
    service = await start();
  });

  afterEach(async () => {
    await Promise.all([...rooms.splice(0), ...apis.splice(0)].map((one) => one.close()));
    await service.close();
    expect(service.faults).toEqual([]);
  });

  const loginOf = (userID: string) => ({
    serverDomain: service.serverDomain(type),
    sdkAppID: 1_400_000_000,
    accountType: '36862',
    userID,
    userSig: service.userSig(userID),
  });

  async function person(userID: string, options: RTCRoomOptions = {}) {
    const media = new FakeMedia();
    const room = new RTCRoom({
      heartbeatIntervalMs: 50,
      ...options,
      factories: {
        createPusher: media.createPusher as never,
        createPlayer: media.createPlayer as never,
        ...options.factories,
      },
    });
    rooms.push(room);
    const log = new EventLog(room);
    await room.login(loginOf(userID));
    await room.startLocalPreview(synthetic);
    return { room, media, log };
  }

  /** A member without heartbeats, as one that crashes after its joining. */
  async function joins(userID: string, roomID: string): Promise<RoomApi> {
    const api = new RoomApi({ serverDomain: service.serverDomain(type) });
    apis.push(api);
    await api.login(loginOf(userID));
    const pushURL = await api.getPushURL({ roomID });
    await api.addPusher({ roomID, userName: userID, userAvatar: '', pushURL });
    return api;
  }

  const membersOf = (roomID: string) => service.membersOf(type, roomID);
  const users = (told: unknown[][]) => told.map(([one]) => (one as { userID: string }).userID);
  const until = (check: () => void) => vi.waitFor(check, { timeout: patient(10_000), interval: 5 });

  /** Lets time pass; those named are heard in it, as often as they would be. */
  async function pass(seconds: number, ...alive: string[]): Promise<void> {
    for (let second = 0; second < seconds; second += 5) {
      service.now += 5;
      const before = alive.map((userID) => service.beatsOf(userID));
      await until(() => {
        for (const [index, userID] of alive.entries()) {
          expect(service.beatsOf(userID)).toBeGreaterThan((before[index] ?? 0) + 1);
        }
      });
      service.sweep();
    }
  }

  test('login, create, enter, list, a third one who leaves, one who crashes, exit', async () => {
    const ann = await person('ann');
    expect(ann.room.hasMessages).toBe(false);
    expect(await ann.room.getRoomList()).toEqual([]);
    const roomInfo = '{"title":"客服"}';
    const roomID = await ann.room.createRoom({ roomInfo });
    expect(roomID).toMatch(/^room_[0-9a-f]{8}_[0-9a-f]{4}$/);

    const bob = await person('bob');
    await bob.room.enterRoom({ roomID });
    expect(bob.room.members.map((one) => one.userID)).toEqual(['ann']);
    await ann.log.wait('memberJoin');
    expect(users(ann.log.named('memberJoin'))).toEqual(['bob']);
    expect(ann.room.members[0]).toMatchObject({ userName: 'bob', epoch: undefined });
    const player = await ann.room.addRemoteView('bob');
    expect((player as unknown as { url: string }).url).toContain('liveplay.myqcloud.com/live/8525_');

    const [listed, ...others] = await bob.room.getRoomList();
    expect(others).toEqual([]);
    expect(listed).toMatchObject({ roomID, roomInfo, roomCreator: 'ann', version: undefined });
    expect(listed?.pushers.map((one) => one.userID)).toEqual(['ann', 'bob']);

    const cat = await joins('cat', roomID);
    await ann.log.wait('memberJoin', { count: 2 });
    await bob.log.wait('memberJoin', { count: 2 });
    await cat.deletePusher({ roomID });
    await ann.log.wait('memberLeave');
    await bob.log.wait('memberLeave');

    await joins('dan', roomID);
    await ann.log.wait('memberJoin', { count: 3 });
    await pass(20, 'ann', 'bob');
    expect(membersOf(roomID)).toEqual(['ann', 'bob', 'dan']);
    await pass(5, 'ann', 'bob');
    expect(membersOf(roomID)).toEqual(['ann', 'bob']);
    await ann.log.wait('memberLeave', { count: 2 });
    await bob.log.wait('memberLeave', { count: 2 });
    expect(users(ann.log.named('memberLeave'))).toEqual(['cat', 'dan']);

    await bob.room.exitRoom();
    await ann.log.wait('memberLeave', { count: 3 });
    expect(users(ann.log.named('memberJoin'))).toEqual(['bob', 'cat', 'dan']);
    await ann.room.exitRoom();
    expect(membersOf(roomID)).toBeUndefined();
    expect(await bob.room.getRoomList()).toEqual([]);
    await ann.room.logout();
    expect([...ann.log.named('error'), ...bob.log.named('error')]).toEqual([]);
    expect([ann.media.isQuiet, bob.media.isQuiet]).toEqual([true, true]);
  });

  test('texts are refused with their cause, the call goes on', async () => {
    const ann = await person('ann');
    await ann.room.createRoom({ roomID: 'r' });
    for (const sending of [
      ann.room.sendRoomTextMsg('hello'),
      ann.room.sendRoomCustomMsg('c', 'm'),
      ann.room.sendC2CCustomMsg('bob', 'c', 'm'),
    ]) {
      const error: RtcError = await sending.then(
        () => expect.unreachable(),
        (one: RtcError) => one,
      );
      expect(error).toMatchObject({ code: 'ERR_RTC_IM_UNAVAILABLE', retryable: false });
      expect(error.message).toMatch(/no message channel.*createChannel/);
    }
    expect(ann.room.state).toBe('inRoom');
  });

  test('a full room, a room that is not there, a userSig of another', async () => {
    const ann = await person('ann');
    expect(await codeOf(ann.room.enterRoom({ roomID: 'nowhere' }))).toBe('ERR_RTC_ROOM_NOT_FOUND');
    for (const userID of ['bob', 'cat', 'dan', 'eve']) {
      if (userID === 'bob') {
        const bob = await person('bob');
        await bob.room.createRoom({ roomID: 'r' });
        expect(await codeOf(ann.room.createRoom({ roomID: 'r' }))).toBe('ERR_RTC_ROOM_EXISTS');
      } else await joins(userID, 'r');
    }
    expect(await codeOf(ann.room.enterRoom({ roomID: 'r' }))).toBe('ERR_RTC_ROOM_FULL');
    expect(membersOf('r')).toEqual(['bob', 'cat', 'dan', 'eve']);
    const stranger = new RTCRoom();
    rooms.push(stranger);
    expect(await codeOf(stranger.login({ ...loginOf('zoe'), userSig: service.userSig('ann') }))).toBe('ERR_RTC_AUTH');
  });

  test('who lost its seat (code 5) takes it again', async () => {
    const ann = await person('ann');
    await ann.room.createRoom({ roomID: 'r' });
    const bob = await person('bob');
    await bob.room.enterRoom({ roomID: 'r' });
    service.evict(type, 'r', 'bob');
    await until(() => expect(membersOf('r')).toEqual(['ann', 'bob']));
    await pass(5, 'ann', 'bob');
    expect([ann.room.state, bob.room.state]).toEqual(['inRoom', 'inRoom']);
    expect(bob.log.named('memberLeave')).toEqual([]);
    expect([...ann.log.named('error'), ...bob.log.named('error')]).toEqual([]);
  });

  test('after a restart that lost everything (code 7) the room is as it was, and nobody counts as gone', async () => {
    const ann = await person('ann');
    await ann.room.createRoom({ roomID: 'r', roomInfo: 'kept' });
    const bob = await person('bob');
    await bob.room.enterRoom({ roomID: 'r' });
    await ann.log.wait('memberJoin');
    service.restart();
    await until(() => expect(membersOf('r')).toEqual(['ann', 'bob']));
    expect(service.room(type, 'r')).toMatchObject({ roomInfo: 'kept', creator: 'ann' });
    await pass(10, 'ann', 'bob');
    expect([ann.room.members.length, bob.room.members.length]).toEqual([1, 1]);
    expect([...ann.log.named('memberLeave'), ...bob.log.named('memberLeave')]).toEqual([]);
    expect([...ann.log.named('error'), ...bob.log.named('error')]).toEqual([]);
  });

  test('the end of a room is noticed by all', async () => {
    const ann = await person('ann');
    await ann.room.createRoom({ roomID: 'r' });
    const bob = await person('bob');
    await bob.room.enterRoom({ roomID: 'r' });
    const [api] = [new RoomApi({ serverDomain: service.serverDomain(type) })];
    apis.push(api);
    await ann.room.logout();
    await api.login(loginOf('ann'));
    await api.destroyRoom({ roomID: 'r' });
    expect(await bob.log.wait('roomClosed')).toEqual([{ roomID: 'r', reason: 'gone' }]);
    expect(bob.room.state).toBe('idle');
    expect(bob.media.isQuiet).toBe(true);
    expect(membersOf('r')).toBeUndefined();
  });

  test('of two logins of one user one ends, instead of each ending the other for ever', async () => {
    const older = await person('ann');
    await older.room.createRoom({ roomID: 'r' });
    const newer = await person('ann');
    await newer.room.enterRoom({ roomID: 'r' });
    await until(() =>
      expect(older.log.named('kickedOffline').length + newer.log.named('kickedOffline').length).toBe(1),
    );
    const states = [older.room.state, newer.room.state];
    expect(states.sort()).toEqual(['inRoom', 'loggedOut']);
    await pass(10, 'ann');
    expect(membersOf('r')).toEqual(['ann']);
  });

  test('with a channel of the application notices and texts come as from any service', async () => {
    const hub = new MemoryImHub();
    service.hub = hub;
    const factories = { createChannel: () => new MemoryImChannel(hub) };
    const quiet = { heartbeatIntervalMs: 1_000_000, factories };
    const ann = await person('ann', quiet);
    await ann.room.createRoom({ roomID: 'r' });
    const bob = await person('bob', quiet);
    await bob.room.enterRoom({ roomID: 'r' });
    expect(ann.room.hasMessages).toBe(true);
    await ann.log.wait('memberJoin');
    await bob.room.sendRoomTextMsg('你好');
    expect(await ann.log.wait('textMsg')).toMatchObject([{ roomID: 'r', userID: 'bob', text: '你好' }]);
    await bob.room.exitRoom();
    await ann.log.wait('memberLeave');
    expect([users(ann.log.named('memberJoin')), users(ann.log.named('memberLeave'))]).toEqual([['bob'], ['bob']]);
    expect(service.seen.filter((path) => path.includes('im/'))).toEqual([]);
  });

  test('without being asked for messages the service is not looked for them', async () => {
    const ann = await person('ann', { messages: 'none' });
    await ann.room.createRoom({ roomID: 'r' });
    expect(ann.room.hasMessages).toBe(false);
    expect(service.seen.filter((path) => path.includes('im/'))).toEqual([]);
  });
});
