import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Logger } from '#lib/server/logger';
import { MediaControl } from '#lib/server/media/control/MediaControl';
import { controlPaths } from '#lib/server/media/control/protocol';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { RemoteMediaServer } from '#lib/server/media/RemoteMediaServer';
import { patient } from '../support/patience.js';
import { EventStream } from '../support/server/eventStream.js';
import { FakeMediaServer } from '../support/server/fakeMediaServer.js';
import { raw, ServiceUnderTest } from '../support/server/roomClient.js';

/** What nobody caught: where a callback of the application throws outside of any call, that ends a process. */
const uncaught: unknown[] = [];
const keep = (error: unknown) => void uncaught.push(error);
const warnings: string[] = [];
const onWarning = (warning: Error & { code?: string }) => void warnings.push(warning.code ?? '');

beforeEach(() => {
  process.on('uncaughtException', keep).on('unhandledRejection', keep).on('warning', onWarning);
});
afterEach(async () => {
  // Rejections that nobody handles are told at the end of a turn.
  await new Promise(setImmediate);
  process.off('uncaughtException', keep).off('unhandledRejection', keep).off('warning', onWarning);
  expect(uncaught.splice(0)).toEqual([]);
  warnings.length = 0;
});

const eventually = (holds: () => unknown) =>
  vi.waitFor(async () => expect(await holds()).toBe(true), { timeout: patient(10_000), interval: 20 });

/** Loggers that do not do what they are for, and how often they were called. */
function faultyLoggers(): Record<string, { logger: Logger; calls: () => number }> {
  const made = (fail: () => unknown, isLevelEnabled?: () => boolean) => {
    let calls = 0;
    const write = () => {
      calls++;
      return fail() as undefined;
    };
    const logger = { error: write, warn: write, info: write, debug: write, ...(isLevelEnabled && { isLevelEnabled }) };
    return { logger, calls: () => calls };
  };
  const fail = () => {
    throw new Error('a fault of the logger');
  };
  return {
    'throws at each line': made(fail),
    'throws when asked for its level': made(fail, fail),
    'rejects at each line': made(() => Promise.reject(new Error('a fault of the logger'))),
    'has no methods': { logger: {} as Logger, calls: () => 1 },
  };
}

describe('a logger that', () => {
  for (const name of Object.keys(faultyLoggers())) {
    it(`${name} breaks no call, no sweep and no end of a service, and a warning tells once`, async () => {
      const { logger, calls } = faultyLoggers()[name] as { logger: Logger; calls: () => number };
      const adminKey = 'admin-key-admin-key';
      const it_ = await ServiceUnderTest.start({ logger, adminKey, requestsPerMinute: 1000 });
      const alice = await it_.login('alice');
      await it_.create(alice, 'r');
      expect((await it_.add(alice, 'r')).code).toBe(0);
      expect((await it_.post('double_room/pusher_heartbeat', alice, { roomID: 'r' })).json.code).toBe(0);
      expect((await it_.post('double_room/no_such_method', alice, {})).status).toBe(404);
      // Lines of their own: a call of the admin API without its key, a proxy that is not trusted, a listener that throws.
      expect((await raw(it_.url('/admin/rooms?type=double_room'), { method: 'GET' })).status).toBe(401);
      const forwarded = { 'x-forwarded-for': '10.0.0.1' };
      expect((await raw(it_.url('/healthz'), { method: 'GET', headers: forwarded })).status).toBe(200);
      it_.service.rooms.on('memberLeft', () => {
        throw new Error('a fault of the listener');
      });
      it_.media.cutFailure = new Error('cannot be cut');
      it_.nowMs += 25_000;
      await it_.service.sweep();
      expect((await it_.post('double_room/get_pushers', alice, { roomID: 'r' })).json.code).toBe(1);
      it_.media.probeFailure = new Error('not well');
      expect((await raw(it_.url('/readyz'), { method: 'GET' })).status).toBe(503);
      await it_.close();
      expect(calls()).toBeGreaterThan(0);
      await eventually(() => warnings.includes('RTC_LOGGER_ERROR'));
      expect(warnings.filter((code) => code === 'RTC_LOGGER_ERROR')).toHaveLength(1);
    });
  }

  it('throws breaks no media server, its child nor who shares it', async () => {
    const { logger } = faultyLoggers()['throws at each line'] as { logger: Logger };
    const media = new EmbeddedMediaServer({ logger });
    await media.start();
    const [first, restarted] = [media.pid, vi.fn()];
    media.on('restart', restarted);
    const controlKey = 'control-key-control-key';
    const control = new MediaControl({ media, controlKey, logger });
    await control.listen();
    const { rtmpUrl, httpUrl, pushKey, playKey } = media;
    const addresses = { rtmpUrl, httpUrl, pushKey, playKey };
    const remote = new RemoteMediaServer({ ...addresses, controlUrl: control.address.url, controlKey, logger });
    await remote.start();
    const remoteRestarted = vi.fn();
    remote.on('restart', remoteRestarted);
    process.kill(first as number, 'SIGKILL');
    await eventually(() => restarted.mock.calls.length === 1 && remoteRestarted.mock.calls.length === 1);
    expect(media.pid).not.toBe(first);
    expect((await raw(`${control.address.url}${controlPaths.events}`, { method: 'GET' })).status).toBe(401);
    await control.close();
    await eventually(
      async () =>
        !(await remote.probe(AbortSignal.timeout(5000)).then(
          () => true,
          () => false,
        )),
    );
    await remote.close();
    await media.close();
  });
});

describe('a clock that fails', () => {
  it('has the one of the system in its place, in calls, timers and at the end of streams', async () => {
    let isWell = true;
    const clock = () => {
      if (!isWell) throw new Error('a fault of the clock');
      return Date.now();
    };
    const it_ = await ServiceUnderTest.start({ clock });
    const alice = await it_.login('alice');
    await it_.create(alice, 'r');
    await it_.add(alice, 'r');
    const stream = await EventStream.open(it_.url(`/weapp/im/events?${new URLSearchParams({ ...alice })}`));
    await stream.until(() => stream.events.length > 0);
    isWell = false;
    expect((await it_.post('double_room/pusher_heartbeat', alice, { roomID: 'r' })).json.code).toBe(0);
    await it_.service.sweep();
    stream.response.destroy();
    await eventually(async () =>
      (await raw(it_.url('/metrics'), { method: 'GET' })).text.includes('rtcroom_im_streams 0'),
    );
    expect((await it_.post('double_room/get_pushers', alice, { roomID: 'r' })).json.pushers).toHaveLength(1);
    await it_.close();
    expect(warnings.filter((code) => code === 'RTC_CLOCK_ERROR')).toHaveLength(1);
  });
});

describe('listeners that throw or reject', () => {
  const faulty = (name: string): (() => void)[] => [
    () => {
      throw new Error(`${name} throws`);
    },
    () => Promise.reject(new Error(`${name} rejects`)) as unknown as undefined,
  ];
  const recording = () => {
    const errors: string[] = [];
    const nothing = () => {};
    const error = (fields: object) => void errors.push((fields as { err: Error }).err.message);
    return { errors, logger: { error, warn: nothing, info: nothing, debug: nothing } };
  };

  it('of rooms are told to the log, and the others hear; those of once() hear once', async () => {
    const { errors, logger } = recording();
    const it_ = await ServiceUnderTest.start({ logger });
    const heard: string[] = [];
    const { rooms } = it_.service;
    rooms.once('memberJoined', ({ userID }) => void heard.push(`once ${userID}`));
    for (const listener of faulty('memberJoined')) rooms.on('memberJoined', listener);
    rooms.on('memberJoined', ({ userID }) => void heard.push(userID));
    for (const userID of ['alice', 'bob']) {
      const user = await it_.login(userID);
      if (userID === 'alice') await it_.create(user, 'r');
      expect((await it_.add(user, 'r')).code).toBe(0);
    }
    expect(heard).toEqual(['once alice', 'alice', 'bob']);
    await eventually(() => errors.length === 4);
    expect(errors.toSorted()).toEqual([
      'memberJoined rejects',
      'memberJoined rejects',
      'memberJoined throws',
      'memberJoined throws',
    ]);
    await it_.close();
  });

  it('of media servers too: a service hears that streams ended whoever listens before it', async () => {
    const { errors, logger } = recording();
    const controlKey = 'control-key-control-key';
    const media = new FakeMediaServer();
    const control = new MediaControl({ media, controlKey, logger });
    await control.listen();
    const { rtmpUrl, httpUrl, pushKey, playKey } = media;
    const addresses = { rtmpUrl, httpUrl, pushKey, playKey };
    const remote = new RemoteMediaServer({ ...addresses, controlUrl: control.address.url, controlKey, logger });
    const heard: string[] = [];
    for (const listener of faulty('publish')) remote.on('publish', listener);
    remote.on('publish', (streamID) => void heard.push(streamID));
    await remote.start();
    media.tell('publish', 'a');
    await eventually(() => heard.length === 1 && errors.length === 2);
    expect([heard, errors.toSorted()]).toEqual([['a'], ['publish rejects', 'publish throws']]);
    await remote.close();
    await control.close();
  });
});
