import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RoomApi } from '#lib/api/RoomApi';
import { SseImChannel } from '#lib/im/SseImChannel';
import { RTCRoom, type RTCRoomOptions } from '#lib/room/RTCRoom';
import { RoomService, type RoomServiceOptions } from '#lib/server/RoomService';
import { EventLog } from '../support/client/EventLog.js';
import { codeOf } from '../support/client/expectCode.js';
import { FakeMedia } from '../support/client/fakeMedia.js';
import { synthetic } from '../support/client/roomFixture.js';
import { patient } from '../support/patience.js';
import { FakeMediaServer } from '../support/server/fakeMediaServer.js';

// Hundreds of calls over the network.
vi.setConfig({ testTimeout: patient(60_000) });

/** The real client and service over the network; only the media is not there. */
let service: RoomService;
const rooms: RTCRoom[] = [];
let folder: string;

const start = async (options: Partial<RoomServiceOptions> = {}, port = 0) => {
  const secretKey = 'a key for tests, long enough';
  service = new RoomService({ media: new FakeMediaServer(), sdkAppID: 1_400_000_000, secretKey, ...options });
  await service.listen({ port });
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rooms-'));
});

afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.close()));
  await service.close();
  await rm(folder, { recursive: true });
});

async function person(userID: string, options: RTCRoomOptions = {}) {
  const media = new FakeMedia();
  const room = new RTCRoom({
    heartbeatIntervalMs: 200,
    ...options,
    factories: {
      createPusher: media.createPusher as never,
      createPlayer: media.createPlayer as never,
      createChannel: (input) => new SseImChannel({ ...input, retryMinMs: 50, retryMaxMs: 200 }),
      ...options.factories,
    },
  });
  rooms.push(room);
  const log = new EventLog(room);
  await room.login({
    serverDomain: `${service.address.url}/weapp/multi_room`,
    sdkAppID: service.sdkAppID,
    accountType: '0',
    userID,
    userSig: service.issueUserSig(userID),
  });
  await room.startLocalPreview(synthetic);
  return { room, media, log };
}

const membersAtService = async () =>
  (await service.rooms.get('multi_room', 'r').catch(() => undefined))?.members.map((one) => one.userID);

describe('getting in, stopped at each step', () => {
  const steps = ['getPushURL', 'startPush', 'createRoom', 'addPusher', 'getPushers'] as const;
  const moments = ['before', 'after'] as const;

  test.each(['createRoom', 'enterRoom'] as const)('%s leaves no member, stream or timer behind', async (kind) => {
    await start();
    let stopAt = '';
    let stop = () => {};
    let beats = 0;
    const reached = (where: string) => {
      if (where === stopAt) stop();
    };
    const watched = (api: RoomApi) =>
      new Proxy(api, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== 'function') return value;
          return async (...args: unknown[]) => {
            if (name === 'heartbeat') beats += 1;
            reached(`before ${String(name)}`);
            const result: unknown = await Reflect.apply(value, target, args);
            reached(`after ${String(name)}`);
            return result;
          };
        },
      });
    const ann = await person('ann', { factories: { createApi: (input) => watched(new RoomApi(input)) } });
    ann.media.before = async (what) => {
      reached(`before ${what}`);
      await Promise.resolve();
      setImmediate(() => reached(`after ${what}`));
    };
    if (kind === 'enterRoom') {
      const bob = await person('bob');
      await bob.room.createRoom({ roomID: 'r' });
    }
    const expected = kind === 'enterRoom' ? ['bob'] : undefined;
    const join = (signal?: AbortSignal) =>
      kind === 'createRoom'
        ? ann.room.createRoom({ roomID: 'r', signal })
        : ann.room.enterRoom({ roomID: 'r', signal });
    const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
    const timersBefore = timers();
    for (const step of steps) {
      if (step === 'createRoom' && kind === 'enterRoom') continue;
      for (const moment of moments) {
        for (const how of ['signal', 'exitRoom'] as const) {
          const controller = new AbortController();
          let exit: Promise<void> | undefined;
          stopAt = `${moment} ${step}`;
          stop = () => {
            stopAt = '';
            if (how === 'signal') controller.abort();
            else exit = ann.room.exitRoom();
          };
          expect([stopAt, how, await codeOf(join(controller.signal))]).toEqual([
            `${moment} ${step}`,
            how,
            'ERR_RTC_ABORTED',
          ]);
          await exit;
          expect(stopAt).toBe('');
          expect(ann.room.state).toBe('idle');
          expect(ann.media.isQuiet).toBe(true);
          expect(ann.room.members).toEqual([]);
          expect(await membersAtService()).toEqual(expected);
        }
      }
    }
    expect(ann.log.named('error')).toEqual([]);
    await vi.waitFor(() => expect(timers()).toBeLessThanOrEqual(timersBefore), { timeout: patient(5000) });
    beats = 0;
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(beats).toBe(0);
    await join();
    expect(await membersAtService()).toEqual([...(expected ?? []), 'ann']);
  });
});

describe('a restart of the service', () => {
  const ways: [how: string, keepsRooms: boolean][] = [
    ['with its rooms', true],
    ['without them', false],
  ];
  // Why not on Windows is told in test/windows/suites.mjs.
  test.each(ways.filter(([, keepsRooms]) => !keepsRooms || process.platform !== 'win32'))(
    '%s ends nobody, restarts no player and loses no way to talk',
    async (_how, keepsRooms) => {
      const options = keepsRooms ? { database: join(folder, 'rooms.db') } : {};
      await start(options);
      const { port } = service.address;
      const ann = await person('ann', { autoPlay: true });
      const bob = await person('bob', { autoPlay: true });
      await ann.room.createRoom({ roomID: 'r', roomInfo: 'what it is about' });
      await bob.room.enterRoom({ roomID: 'r' });
      await ann.log.wait('memberJoin');
      await service.close();
      await new Promise((resolve) => setTimeout(resolve, 500));
      await start(options, port);
      const people = [ann, bob];
      await vi.waitFor(
        async () => {
          expect((await membersAtService())?.sort()).toEqual(['ann', 'bob']);
          await ann.room.sendRoomTextMsg('still there?');
          expect(bob.log.named('textMsg').length).toBeGreaterThan(0);
          await bob.room.sendRoomTextMsg('yes');
          expect(ann.log.named('textMsg').length).toBeGreaterThan(0);
        },
        { timeout: patient(15_000), interval: 100 },
      );
      expect((await service.rooms.get('multi_room', 'r')).roomInfo).toBe('what it is about');
      for (const { room: one, log, media } of people) {
        expect(one.state).toBe('inRoom');
        expect(one.members).toHaveLength(1);
        expect(log.named('memberLeave')).toEqual([]);
        expect(log.named('memberJoin')).toHaveLength(1);
        expect(media.players.map(({ closed }) => closed)).toEqual([false]);
      }
      // The next change is seen by all as ever.
      const cat = await person('cat');
      await cat.room.enterRoom({ roomID: 'r' });
      for (const { log } of people)
        expect(await log.wait('memberJoin', { count: 2 })).toMatchObject([{ userID: 'cat' }]);
    },
  );

  // Not on Windows, as above.
  test.skipIf(process.platform === 'win32')(
    'after long is noticed by a heartbeat, and messages wait no longer',
    async () => {
      const options = { database: join(folder, 'rooms.db') };
      await start(options);
      const { port } = service.address;
      const channels: SseImChannel[] = [];
      const createChannel = (input: ConstructorParameters<typeof SseImChannel>[0]) => {
        // As after a long time of trying in vain.
        channels.push(new SseImChannel({ ...input, retryMinMs: 120_000, retryMaxMs: 120_000 }));
        return channels.at(-1) as SseImChannel;
      };
      const ann = await person('ann', { factories: { createChannel } });
      const bob = await person('bob', { factories: { createChannel } });
      await ann.room.createRoom({ roomID: 'r' });
      await bob.room.enterRoom({ roomID: 'r' });
      await service.close();
      const states = () => channels.map(({ state }) => state);
      await vi.waitFor(() => expect(states()).toEqual(['waiting', 'waiting']), patient(10_000));
      await start(options, port);
      await vi.waitFor(() => expect(states()).toEqual(['open', 'open']), {
        timeout: patient(10_000),
        interval: 50,
      });
    },
  );
});
