import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AutoImChannel } from '#lib/im/AutoImChannel';
import { encodeRoomText } from '#lib/im/codec';
import { codeOf } from '../support/client/expectCode.js';
import { answer, HttpScript } from '../support/client/HttpScript.js';
import { patient } from '../support/patience.js';

const session = { userID: 'ann', token: 't' };
const text = encodeRoomText({ userName: 'Ann', userAvatar: '' }, 'hello');

let service: HttpScript;
let channel: AutoImChannel;
/** What the event stream is answered with; 200 is a stream. */
let status: number;
let streams: ServerResponse[];
let log: unknown[][];

beforeEach(async () => {
  status = 404;
  streams = [];
  log = [];
  service = await HttpScript.start((request, response) => {
    if (request.path !== '/weapp/im/events') return answer(response, { code: 0, message: '', time: 1 });
    if (status !== 200) return answer(response, '<h1>no</h1>', status);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: ready\ndata: {"resumed":false}\n\n');
    streams.push(response);
  });
  channel = new AutoImChannel({ serverDomain: service.serverDomain, retryMinMs: 5, retryMaxMs: 20 });
  for (const name of ['notify', 'kicked', 'fault', 'state'] as const) {
    channel.on(name, (...args: unknown[]) => void log.push([name, ...args]));
  }
});

afterEach(async () => {
  await channel.close();
  await service.close();
});

describe('a service without messages', () => {
  test('is opened in silence; sending is refused and asks nothing', async () => {
    await channel.open(session);
    expect([channel.state, channel.carriesMessages]).toEqual(['open', false]);
    expect(await codeOf(channel.sendGroup('r', text))).toBe('ERR_RTC_IM_UNAVAILABLE');
    expect(await codeOf(channel.sendC2c('bob', text))).toBe('ERR_RTC_IM_UNAVAILABLE');
    expect(service.seen.map((one) => one.path)).toEqual(['/weapp/im/events']);
    expect(log.filter(([name]) => name !== 'state')).toEqual([]);
  });

  test('that has got them by the next login is asked again, and loses them as well', async () => {
    await channel.open(session);
    status = 200;
    channel.suspend();
    expect(channel.state).toBe('idle');
    await channel.open({ ...session, token: 'u' });
    expect([channel.state, channel.carriesMessages]).toEqual(['open', true]);
    await channel.sendGroup('r', text);
    const notice = { type: 'system', groupID: 'r', version: 3, data: '{"cmd":"notifyPusherChange","data":""}' };
    streams[0]?.write(`id: e.1\nevent: message\ndata: ${JSON.stringify(notice)}\n\n`);
    await vi.waitFor(() => expect(log).toContainEqual(['notify', { groupID: 'r', version: 3 }]), patient(10_000));
    status = 404;
    await channel.open({ ...session, token: 'v' });
    expect([channel.state, channel.carriesMessages]).toEqual(['open', false]);
  });

  test('changes its state in one chain, to its end', async () => {
    await channel.open(session);
    status = 200;
    await channel.open(session);
    await channel.close();
    const states = log.filter(([name]) => name === 'state');
    for (const [index, [, , before]] of states.entries()) {
      expect(before).toBe(index === 0 ? 'idle' : states[index - 1]?.[1]);
    }
    expect([states.at(-1)?.[1], channel.state]).toEqual(['closed', 'closed']);
    expect(await codeOf(channel.open(session))).toBe('ERR_RTC_CLOSED');
  });
});

test.each([
  [401, 'ERR_RTC_AUTH'],
  [403, 'ERR_RTC_AUTH'],
  [500, 'ERR_RTC_IM_FAILED'],
  [503, 'ERR_RTC_IM_FAILED'],
] as const)('HTTP %i is not taken for a service without messages', async (refusal, code) => {
  status = refusal;
  expect(await codeOf(channel.open(session))).toBe(code);
  expect([channel.state, channel.carriesMessages]).toEqual(['idle', true]);
});

test('what is stopped while it is asked opens nothing', async () => {
  const asked = new Promise<ServerResponse>((resolve) => {
    service.handler = (_request, response) => resolve(response);
  });
  const opening = codeOf(channel.open(session));
  const response = await asked;
  channel.suspend();
  answer(response, '', 404);
  expect(await opening).toMatch(/^ERR_RTC_(ABORTED|IM_FAILED)$/);
  expect(channel.state).toBe('idle');
});
