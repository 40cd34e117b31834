import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { RoomApi } from '#lib/api/RoomApi';
import { SseImChannel } from '#lib/im/SseImChannel';
import { RTCRoom, type RTCRoomOptions } from '#lib/room/RTCRoom';
import { RoomService, type RoomServiceOptions } from '#lib/server/RoomService';
import { CuttableRelay } from '../support/CuttableRelay.js';
import { EventLog } from '../support/client/EventLog.js';
import { codeOf } from '../support/client/expectCode.js';
import { FakeMedia } from '../support/client/fakeMedia.js';
import { synthetic } from '../support/client/roomFixture.js';
import { patient } from '../support/patience.js';
import { FakeMediaServer } from '../support/server/fakeMediaServer.js';
import { RedisServer } from '../support/server/RedisServer.js';

vi.setConfig({ testTimeout: patient(30_000) });

let redis: RedisServer;
let folder: string;
let service: RoomService;
let options: Partial<RoomServiceOptions>;
const relays: CuttableRelay[] = [];
const rooms: RTCRoom[] = [];
let made = 0;

beforeAll(async () => {
  redis = await RedisServer.start();
  folder = await mkdtemp(join(tmpdir(), 'rtcroom-kicked-'));
});
afterAll(async () => {
  await redis.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.close()));
  await Promise.all(relays.splice(0).map((relay) => relay.close()));
  await service.close();
});

const start = async (port = 0) => {
  const secretKey = 'a key for tests, long enough';
  service = new RoomService({ media: new FakeMediaServer(), sdkAppID: 1, secretKey, ...options });
  await service.listen({ port });
};

/** A device of the user ann, whose messages, or whose calls, can be cut off. */
async function device(more: RTCRoomOptions = {}) {
  const [calls, messages] = await Promise.all([
    CuttableRelay.start(service.address.port),
    CuttableRelay.start(service.address.port),
  ]);
  relays.push(calls, messages);
  const media = new FakeMedia();
  let logins = 0;
  class CountingApi extends RoomApi {
    override login(...input: Parameters<RoomApi['login']>) {
      logins++;
      return super.login(...input);
    }
  }
  const room = new RTCRoom({
    heartbeatIntervalMs: 50,
    ...more,
    factories: {
      createPusher: media.createPusher as never,
      createPlayer: media.createPlayer as never,
      createApi: (input) => new CountingApi({ ...input, serverDomain: `${calls.url}/weapp/multi_room` }),
      createChannel: (input) =>
        new SseImChannel({
          ...input,
          serverDomain: `${messages.url}/weapp/multi_room`,
          retryMinMs: 20,
          retryMaxMs: 50,
        }),
    },
  });
  rooms.push(room);
  const log = new EventLog(room);
  const login = () =>
    room.login({
      serverDomain: `${service.address.url}/weapp/multi_room`,
      sdkAppID: 1,
      accountType: '0',
      userID: 'ann',
      userSig: service.issueUserSig('ann'),
    });
  await login();
  await room.startLocalPreview(synthetic);
  return { room, log, media, calls, messages, login, logins: () => logins };
}

/** The newer login stays, and nobody logs in again. */
async function expectPeace(older: Awaited<ReturnType<typeof device>>, newer: Awaited<ReturnType<typeof device>>) {
  await older.log.wait('kickedOffline', { timeoutMs: 5000 });
  expect(older.room.state).toBe('loggedOut');
  // Several times as long as a device needs to log in again by itself.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await newer.room.getRoomList();
  expect(newer.log.named('kickedOffline')).toEqual([]);
  expect(older.log.named('kickedOffline')).toHaveLength(1);
  expect([older.logins(), newer.logins()]).toEqual([1, 1]);
  expect(older.media.isQuiet).toBe(true);
}

const kinds: [string, () => Partial<RoomServiceOptions>][] = [
  ['in memory', () => ({})],
  ['in a file', () => ({ database: join(folder, `${made++}.db`) })],
  ['on Redis', () => ({ redis: redis.url, redisKeyPrefix: `${made++}:` })],
];

describe.each(kinds)('a login elsewhere that the older one does not hear of, tokens %s', (kind, make) => {
  beforeEach(async () => {
    options = make();
    await start();
  });

  test('the heartbeat tells it, while messages are cut off', async () => {
    const older = await device();
    await older.room.createRoom({ roomID: 'r' });
    older.messages.cut();
    const newer = await device();
    await expectPeace(older, newer);
  });

  test('the message channel tells it when it comes back, while nothing is called', async () => {
    const older = await device({ heartbeatIntervalMs: 60_000 });
    await older.room.createRoom({ roomID: 'r' });
    older.messages.cut();
    const newer = await device();
    older.messages.mend();
    await expectPeace(older, newer);
  });

  test('both tell it at once, after a while without any network', async () => {
    const older = await device();
    await older.room.createRoom({ roomID: 'r' });
    older.messages.cut();
    older.calls.cut();
    const newer = await device();
    older.messages.mend();
    older.calls.mend();
    await expectPeace(older, newer);
  });

  test('a call outside a room tells it, and rejects with ERR_RTC_KICKED', async () => {
    const older = await device();
    older.messages.cut();
    const newer = await device();
    expect(await codeOf(older.room.getRoomList())).toBe('ERR_RTC_KICKED');
    await expectPeace(older, newer);
  });

  test('who was thrown out by it may log in again, and then the other is told', async () => {
    const older = await device();
    older.messages.cut();
    const newer = await device();
    await older.log.wait('error', { timeoutMs: 5000 });
    expect(await codeOf(older.room.getRoomList())).toBe('ERR_RTC_KICKED');
    older.messages.mend();
    await vi.waitFor(() => expect(older.room.state).toBe('loggedOut'), patient(10_000));
    await older.login();
    await newer.log.wait('kickedOffline', { timeoutMs: 5000 });
    expect(newer.room.state).toBe('loggedOut');
    await older.room.getRoomList();
  });

  if (kind === 'in memory') {
    test('a service that has lost all tokens is logged in to again', async () => {
      const one = await device();
      const { port } = service.address;
      await service.close();
      await start(port);
      await vi.waitFor(() => one.room.getRoomList(), patient(5000));
      expect(one.log.named('kickedOffline')).toEqual([]);
      expect(one.logins()).toBeGreaterThan(1);
    });
    return;
  }

  test('it is told over a restart of the service', async () => {
    const older = await device();
    await older.room.createRoom({ roomID: 'r' });
    older.messages.cut();
    older.calls.cut();
    const newer = await device();
    const { port } = service.address;
    await service.close();
    await start(port);
    older.messages.mend();
    older.calls.mend();
    await expectPeace(older, newer);
  });
});
