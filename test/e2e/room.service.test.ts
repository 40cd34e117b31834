import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { RTCRoom, type RTCRoomFactories, type RTCRoomOptions } from '#lib/room/RTCRoom';
import { RoomService, type RoomServiceOptions } from '#lib/server/index';
import { type StartTestServiceOptions, startTestService, type TestService } from '#lib/testing/index';
import { EventLog } from '../support/client/EventLog.js';
import { codeOf } from '../support/client/expectCode.js';
import { FakeMedia } from '../support/client/fakeMedia.js';
import { synthetic } from '../support/client/roomFixture.js';
import { patient } from '../support/patience.js';
import { FakeMediaServer } from '../support/server/fakeMediaServer.js';

const secretKey = 'k'.repeat(64);
const closers: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of closers.splice(0).reverse()) await one.close();
});

async function start(options: StartTestServiceOptions = {}): Promise<TestService> {
  const service = await startTestService({ media: new FakeMediaServer(), ...options });
  closers.push(service);
  return service;
}

/** A service on a given port: one that comes back where it was. */
async function startAt(port: number, options: Partial<RoomServiceOptions>): Promise<RoomService> {
  const service = new RoomService({ sdkAppID: 1_400_000_000, secretKey, media: new FakeMediaServer(), ...options });
  closers.push(service);
  await service.listen({ port });
  return service;
}

async function enter(service: TestService, userID: string, options: RTCRoomOptions & { multi?: boolean } = {}) {
  const { multi, ...roomOptions } = options;
  const { createPusher, createPlayer } = new FakeMedia();
  const factories = { createPusher, createPlayer } as unknown as Partial<RTCRoomFactories>;
  const room = new RTCRoom({ ...roomOptions, factories });
  closers.push(room);
  const log = new EventLog(room);
  await room.login(service.loginInfo(userID, multi ? 'multi_room' : 'double_room'));
  await room.startLocalPreview(synthetic);
  return { room, log };
}

describe('RTCRoom at the real room service', () => {
  test('two people meet, write and part', async () => {
    const service = await start();
    const ann = await enter(service, 'ann');
    const bob = await enter(service, 'bob');
    const roomID = await ann.room.createRoom({ roomInfo: '{"title":"talk"}' });
    const rooms = await bob.room.getRoomList();
    expect(rooms).toMatchObject([{ roomID, roomInfo: '{"title":"talk"}', roomCreator: 'ann' }]);
    await bob.room.enterRoom({ roomID });
    expect(bob.room.members.map((one) => one.userID)).toEqual(['ann']);
    expect(await ann.log.wait('memberJoin')).toMatchObject([
      { userID: 'bob', accelerateURL: expect.stringContaining('txSecret') },
    ]);
    await ann.room.addRemoteView('bob');
    await ann.room.sendRoomTextMsg('hello 你好');
    await bob.room.sendRoomCustomMsg('draw', '{"x":1}');
    expect(await bob.log.wait('textMsg')).toMatchObject([
      { roomID, userID: 'ann', userName: 'ann', text: 'hello 你好' },
    ]);
    expect(await ann.log.wait('customMsg')).toMatchObject([{ roomID, userID: 'bob', cmd: 'draw', msg: '{"x":1}' }]);
    await bob.room.exitRoom();
    expect(await ann.log.wait('memberLeave')).toMatchObject([{ userID: 'bob' }]);
    await ann.room.exitRoom();
    expect(await bob.room.getRoomList()).toEqual([]);
    for (const { log } of [ann, bob]) expect(log.named('error')).toEqual([]);
    expect(
      [...ann.log.named('step'), ...bob.log.named('step')].map(([one]) => (one as { step: number }).step).sort(),
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('the creator leaves: the room is closed for the other', async () => {
    const service = await start();
    const ann = await enter(service, 'ann');
    const bob = await enter(service, 'bob');
    const roomID = await ann.room.createRoom();
    await bob.room.enterRoom({ roomID });
    await ann.room.exitRoom();
    expect(await bob.log.wait('roomClosed')).toEqual([{ roomID, reason: 'creatorLeft' }]);
    expect(bob.room.state).toBe('idle');
    await bob.room.startLocalPreview(synthetic);
    expect(await codeOf(bob.room.enterRoom({ roomID }))).toBe('ERR_RTC_ROOM_NOT_FOUND');
  });

  test('refusals have their codes', async () => {
    const service = await start();
    const ann = await enter(service, 'ann');
    const bob = await enter(service, 'bob');
    const cat = await enter(service, 'cat');
    const roomID = await ann.room.createRoom({ roomID: 'desk-1' });
    await bob.room.enterRoom({ roomID });
    expect(await codeOf(cat.room.enterRoom({ roomID }))).toBe('ERR_RTC_ROOM_FULL');
    expect(await codeOf(cat.room.createRoom({ roomID }))).toBe('ERR_RTC_ROOM_EXISTS');
    expect(await codeOf(cat.room.enterRoom({ roomID: 'nowhere' }))).toBe('ERR_RTC_ROOM_NOT_FOUND');
    expect(await codeOf(cat.room.sendC2CCustomMsg('nobody', 'c', 'm'))).toBe('ERR_RTC_IM_FAILED');
    const wrong = new RTCRoom();
    closers.push(wrong);
    const info = service.loginInfo('dan');
    expect(await codeOf(wrong.login({ ...info, userSig: service.loginInfo('eve').userSig }))).toBe('ERR_RTC_AUTH');
    await bob.room.exitRoom();
    await cat.room.enterRoom({ roomID });
    expect(await ann.log.wait('memberJoin', { count: 2 })).toMatchObject([{ userID: 'cat' }]);
  });

  test('a full multi room is refused by the service and left as it was', async () => {
    const service = await start({ maxMembers: 2 });
    const ann = await enter(service, 'ann', { multi: true });
    const bob = await enter(service, 'bob', { multi: true });
    const cat = await enter(service, 'cat', { multi: true });
    const roomID = await ann.room.createRoom();
    await bob.room.enterRoom({ roomID });
    expect(await codeOf(cat.room.enterRoom({ roomID }))).toBe('ERR_RTC_ROOM_FULL');
    expect(cat.log.named('error')).toEqual([]);
    expect(cat.room.state).toBe('idle');
  });

  test('a login elsewhere ends this one, and only this one', async () => {
    const service = await start();
    const ann = await enter(service, 'ann', { heartbeatIntervalMs: 50 });
    const bob = await enter(service, 'bob');
    const roomID = await ann.room.createRoom();
    await bob.room.enterRoom({ roomID });
    const other = await enter(service, 'ann');
    await ann.log.wait('kickedOffline');
    expect(ann.room.state).toBe('loggedOut');
    expect((await other.room.getRoomList()).length).toBe(1);
    expect(other.log.named('kickedOffline')).toEqual([]);
    await other.room.enterRoom({ roomID });
    expect(await bob.log.wait('memberJoin', { count: 2 })).toMatchObject([{ userID: 'ann' }]);
  });

  test('a member whose heartbeats stop is taken out for the others', async () => {
    // Longer than a busy machine may keep ann from beating: a room whose last member expires is gone.
    const service = await start({ heartbeatTimeoutMs: 2000, sweepIntervalMs: 100 });
    const ann = await enter(service, 'ann', { heartbeatIntervalMs: 50 });
    const bob = await enter(service, 'bob', { heartbeatIntervalMs: 3_600_000 });
    const roomID = await ann.room.createRoom();
    await bob.room.enterRoom({ roomID });
    expect(await ann.log.wait('memberLeave')).toMatchObject([{ userID: 'bob' }]);
    // The expired one is told too, finds itself missing and takes its seat again.
    expect(await ann.log.wait('memberJoin', { count: 2 })).toMatchObject([{ userID: 'bob' }]);
    expect(bob.room.state).toBe('inRoom');
  });

  test('a service that restarts with its store goes on with the room', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rtcroom-'));
    const options = { database: join(folder, 'rooms.db'), secretKey };
    try {
      const first = await start(options);
      const { port } = new URL(first.serverDomain());
      const ann = await enter(first, 'ann', { heartbeatIntervalMs: 100 });
      const bob = await enter(first, 'bob', { heartbeatIntervalMs: 100 });
      const roomID = await ann.room.createRoom();
      await bob.room.enterRoom({ roomID });
      await first.close();
      await startAt(Number(port), options);
      const cat = await enter(first, 'cat');
      await ann.log.wait('membersUpdate', { count: ann.log.named('membersUpdate').length + 1 });
      expect(ann.room.members.map((one) => one.userID)).toEqual(['bob']);
      expect((await cat.room.getRoomList()).map((one) => one.pushers.length)).toEqual([2]);
      await expect
        .poll(() => ann.room.sendRoomTextMsg('still here').then(() => bob.log.named('textMsg').length), {
          timeout: patient(20_000),
        })
        .toBeGreaterThan(0);
      for (const { room } of [ann, bob]) expect(room.state).toBe('inRoom');
    } finally {
      for (const one of closers.splice(0).reverse()) await one.close();
      await rm(folder, { recursive: true });
    }
  });

  test('a service that lost everything gets the room back', async () => {
    const first = await start({ secretKey });
    const { port } = new URL(first.serverDomain());
    const ann = await enter(first, 'ann', { heartbeatIntervalMs: 100 });
    const bob = await enter(first, 'bob', { heartbeatIntervalMs: 100 });
    const roomID = await ann.room.createRoom();
    await bob.room.enterRoom({ roomID });
    await first.close();
    await startAt(Number(port), { createMissingRooms: true });
    const cat = await enter(first, 'cat');
    await expect
      .poll(async () => (await cat.room.getRoomList())[0]?.pushers.length, { timeout: patient(20_000) })
      .toBe(2);
    await expect
      .poll(() => ann.room.sendRoomTextMsg('still here').then(() => bob.log.named('textMsg').length), {
        timeout: patient(20_000),
      })
      .toBeGreaterThan(0);
    expect(ann.room.members.map((one) => one.userID)).toEqual(['bob']);
  });
});
