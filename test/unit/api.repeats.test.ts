import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { RoomApi } from '#lib/api/RoomApi';
import { readRetryAfterMs, waitMs } from '#lib/api/retry';
import { Backoff } from '#lib/Backoff';
import { codeOf, rejection } from '../support/client/expectCode.js';
import { answer, HttpScript } from '../support/client/HttpScript.js';

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const good = { code: 0, message: '', token: 't', pushURL: 'rtmp://h/live/s?k', roomID: 'r', rooms: [], pushers: [] };

async function start(timeoutMs = 10_000) {
  const service = await HttpScript.start((_request, response) => answer(response, good));
  const api = new RoomApi({ serverDomain: service.serverDomain, timeoutMs });
  cleanups.push(
    () => api.close(),
    () => service.close(),
  );
  await api.login({ sdkAppID: 1, accountType: '1', userID: 'ann', userSig: 's' });
  service.seen.length = 0;
  return { service, api };
}

/** The first answers are these, then all is well. */
function first(service: HttpScript, ...answers: ((response: ServerResponse) => void)[]): void {
  service.handler = (_request, response) => (answers.shift() ?? ((one) => answer(one, good)))(response);
}

const busy =
  (status: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(`{"code":${status}}`);
const cut = (response: ServerResponse) => void response.destroy();

describe('a call without an answer', () => {
  test.each([
    ['get_push_url', (api: RoomApi) => api.getPushURL()],
    ['get_room_list', (api: RoomApi) => api.getRoomList({ index: 0, cnt: 1 })],
    ['get_pushers', (api: RoomApi) => api.getPushers({ roomID: 'r' })],
    ['add_pusher', (api: RoomApi) => api.addPusher({ roomID: 'r', userName: '', userAvatar: '', pushURL: 'p' })],
    ['delete_pusher', (api: RoomApi) => api.deletePusher({ roomID: 'r' })],
    ['destroy_room', (api: RoomApi) => api.destroyRoom({ roomID: 'r' })],
    ['pusher_heartbeat', (api: RoomApi) => api.heartbeat({ roomID: 'r' })],
  ])('%s is asked again', async (_method, call) => {
    const { service, api } = await start();
    first(service, cut);
    await call(api);
    expect(service.seen).toHaveLength(2);
    expect(new Set(service.seen.map(({ path, body }) => path + body)).size).toBe(1);
  });

  test.each([
    ['create_room', (api: RoomApi) => api.createRoom({ roomID: 'r', roomInfo: '' })],
    ['logout', (api: RoomApi) => api.logout()],
  ])('%s is not', async (_method, call) => {
    const { service, api } = await start();
    first(service, cut);
    expect(await codeOf(call(api))).toBe('ERR_RTC_SERVICE_UNREACHABLE');
    expect(service.seen).toHaveLength(1);
  });

  test('is asked again as often as it takes, behind a proxy whose service is away too', async () => {
    const { service, api } = await start();
    first(service, cut, busy(502), busy(504), busy(408));
    await api.heartbeat({ roomID: 'r' });
    expect(service.seen).toHaveLength(5);
  });

  test('is not asked again for what another try does not change', async () => {
    const { service, api } = await start();
    for (const [status, code] of [
      [404, 'ERR_RTC_SERVICE_UNREACHABLE'],
      [500, 'ERR_RTC_SERVICE_UNREACHABLE'],
    ] as const) {
      service.seen.length = 0;
      service.handler = (_request, response) => void response.writeHead(status).end();
      expect(await codeOf(api.heartbeat({ roomID: 'r' }))).toBe(code);
      expect(service.seen).toHaveLength(1);
    }
  });

  test('is given up with the deadline of the call', async () => {
    const { service, api } = await start(1000);
    service.handler = (_request, response) => cut(response);
    const sinceMs = performance.now();
    expect(await codeOf(api.heartbeat({ roomID: 'r' }))).toMatch(/^ERR_RTC_(SERVICE_UNREACHABLE|TIMEOUT)$/);
    expect(performance.now() - sinceMs).toBeLessThan(3000);
    expect(service.seen.length).toBeGreaterThan(1);
  });

  test('is not asked again when its signal aborts in the wait', async () => {
    const { service, api } = await start();
    service.handler = (_request, response) => cut(response);
    const stop = new AbortController();
    const call = api.heartbeat({ roomID: 'r' }, { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    expect(await codeOf(call)).toBe('ERR_RTC_ABORTED');
    expect(service.seen).toHaveLength(1);
  });
});

describe('Retry-After', () => {
  test.each([503, 429])('of a %i is kept to', async (status) => {
    const { service, api } = await start();
    const seenMs: number[] = [];
    first(service, busy(status, { 'retry-after': '1' }));
    const { handler } = service;
    service.handler = (request, response) => {
      seenMs.push(performance.now());
      return handler(request, response);
    };
    await api.heartbeat({ roomID: 'r' });
    expect(seenMs).toHaveLength(2);
    expect((seenMs[1] ?? 0) - (seenMs[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test('beyond the deadline is told, not waited for', async () => {
    const { service, api } = await start();
    first(service, busy(429, { 'retry-after': '60' }));
    const error = await rejection(api.heartbeat({ roomID: 'r' }));
    expect(error).toMatchObject({ code: 'ERR_RTC_TOO_MANY_REQUESTS', nativeCode: 429, retryAfterMs: 60_000 });
    expect(service.seen).toHaveLength(1);
  });

  test.each([
    ['7', 7000],
    [' 0 ', 0],
    ['Thu, 01 Jan 1970 00:00:11 GMT', 10_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['999999999', 300_000],
    ['soon', undefined],
    ['', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    [undefined, undefined],
  ])('%j is read as %j ms', (header, ms) => {
    expect(readRetryAfterMs(header, 1000)).toBe(ms);
  });

  test('spreads those who were all told the same', () => {
    expect(waitMs(100, undefined)).toBe(100);
    expect(waitMs(100, 4000, () => 0)).toBe(4000);
    expect(waitMs(100, 4000, () => 0.5)).toBe(5000);
    expect(waitMs(100, 60_000, () => 1)).toBe(65_000);
    expect(waitMs(9000, 1000, () => 0)).toBe(9000);
  });
});

test('waits double up to a cap and are jittered', () => {
  const waits = (random: number) => {
    const backoff = new Backoff({ minMs: 100, maxMs: 1000, random: () => random });
    return [1, 2, 3, 4, 5, 6].map(() => backoff.nextMs());
  };
  expect(waits(0)).toEqual([50, 100, 200, 400, 500, 500]);
  expect(waits(0.999)).toEqual([100, 200, 400, 800, 1000, 1000]);
});
