import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeC2c, encodeRoomCustom, encodeRoomText } from '#lib/im/codec';
import { SseImChannel, type SseImChannelOptions } from '#lib/im/SseImChannel';
import { codeOf, rejection, shown } from '../support/client/expectCode.js';
import { answer, HttpScript, type SeenRequest } from '../support/client/HttpScript.js';

const session = { userID: 'ann', token: 'secret/token+1' };
const sender = { userName: 'Bob', userAvatar: 'b.png' };
const notice = '{"cmd":"notifyPusherChange","data":""}';

let service: HttpScript;
let channel: SseImChannel;
/** Open streams, oldest first. */
let streams: ServerResponse[];
let log: unknown[][];
let resumed: boolean;

beforeEach(async () => {
  streams = [];
  log = [];
  resumed = false;
  service = await HttpScript.start(serve);
});

afterEach(async () => {
  await channel.close();
  await service.close();
});

function serve(request: SeenRequest, response: ServerResponse): void {
  if (request.path !== '/weapp/im/events') {
    answer(response, { code: 0, message: '', time: 1 });
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.write(`event: ready\ndata: {"resumed":${resumed}}\n\n`);
  streams.push(response);
}

function make(options: Partial<SseImChannelOptions> = {}): SseImChannel {
  channel = new SseImChannel({ serverDomain: service.serverDomain, retryMinMs: 5, retryMaxMs: 20, ...options });
  for (const name of [
    'notify',
    'groupText',
    'groupCustom',
    'c2cCustom',
    'groupClosed',
    'kicked',
    'resync',
    'authFailed',
    'state',
  ] as const) {
    channel.on(name, (...args: unknown[]) => log.push([name, ...args]));
  }
  return channel;
}

function put(id: string, data: unknown, stream = streams.at(-1)): void {
  stream?.write(`id: ${id}\nevent: message\ndata: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
}

const system = (version: number) => ({ type: 'system', groupID: 'r', data: notice, version });
const names = () => log.map(([name]) => name).filter((name) => name !== 'state');
const versions = () => log.filter(([name]) => name === 'notify').map(([, one]) => (one as { version: number }).version);
const until = (check: () => void) => vi.waitFor(check, { timeout: 5000, interval: 2 });

describe('opening', () => {
  test('asks beside the room type, with identity in the query, and resolves when ready', async () => {
    await make().open(session);
    expect(channel.state).toBe('open');
    expect(service.seen[0]?.path).toBe('/weapp/im/events');
    expect(Object.fromEntries(service.seen[0]?.query ?? [])).toEqual(session);
    expect(log).toEqual([
      ['state', 'connecting', 'idle'],
      ['state', 'open', 'connecting'],
    ]);
  });

  test.each([
    ['401', (response: ServerResponse) => answer(response, { code: 7, message: 'x' }, 401), 'ERR_RTC_AUTH'],
    [
      '401 and the reason of an end',
      (response: ServerResponse) => answer(response, { code: 7, message: 'x', reason: 'loggedInElsewhere' }, 401),
      'ERR_RTC_KICKED',
    ],
    [
      '401 and a reason that nobody knows',
      (response: ServerResponse) => answer(response, { code: 7, message: 'x', reason: 'tired' }, 401),
      'ERR_RTC_AUTH',
    ],
    ['404', (response: ServerResponse) => answer(response, '{}', 404), 'ERR_RTC_IM_FAILED'],
    ['JSON', (response: ServerResponse) => answer(response, { code: 0 }), 'ERR_RTC_IM_FAILED'],
    ['a cut', (response: ServerResponse) => void response.destroy(), 'ERR_RTC_IM_FAILED'],
    ['silence', () => undefined, 'ERR_RTC_TIMEOUT'],
    [
      'silence behind the head',
      (response: ServerResponse) =>
        void response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
      'ERR_RTC_TIMEOUT',
    ],
    [
      'an end before ready',
      (response: ServerResponse) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(),
      'ERR_RTC_IM_FAILED',
    ],
  ])('answered with %s it rejects and stays idle', async (_name, handler, code) => {
    service.handler = (_request, response) => handler(response);
    const timeoutMs = code === 'ERR_RTC_TIMEOUT' ? 600 : 15_000;
    const error = await rejection(make({ timeoutMs, streamTimeoutMs: timeoutMs }).open(session));
    expect(error.code).toBe(code);
    expect(shown(error)).not.toContain('secret');
    expect(channel.state).toBe('idle');
    const polls = service.seen.map(({ query }) => query.get('poll'));
    // Silence may be a stream that is held back on its way: it is asked a second time, as a poll. A machine that is busy
    // sends neither in time.
    if (code === 'ERR_RTC_TIMEOUT') expect([null, '0']).toEqual(expect.arrayContaining(polls));
    else expect(polls).toEqual([null]);
  });

  test('a signal and close stop it', async () => {
    service.handler = () => stop.abort();
    const stop = new AbortController();
    expect(await codeOf(make().open(session, { signal: stop.signal }))).toBe('ERR_RTC_ABORTED');
    let closed: Promise<void> | undefined;
    service.handler = () => {
      closed = channel.close();
    };
    expect(await codeOf(channel.open(session))).toBe('ERR_RTC_ABORTED');
    await closed;
    expect(await codeOf(channel.open(session))).toBe('ERR_RTC_CLOSED');
  });
});

describe('events', () => {
  test('each kind arrives as its own event', async () => {
    await make().open(session);
    put('e.1', system(3));
    put('e.2', {
      type: 'group',
      groupID: 'r',
      from: 'bob',
      time: 5,
      msgID: 'm',
      elements: encodeRoomText(sender, 'hi\n'),
    });
    put('e.3', {
      type: 'group',
      groupID: 'r',
      from: 'bob',
      time: 6,
      msgID: 'n',
      elements: encodeRoomCustom(sender, 'c', 'm'),
    });
    put('e.4', { type: 'c2c', from: 'bob', to: 'ann', time: 7, msgID: 'o', elements: encodeC2c(sender, 'c', 'm') });
    put('e.5', { type: 'groupClosed', groupID: 'r', reason: 'creatorLeft' });
    put('e.6', { type: 'groupClosed', groupID: 'r', reason: 'something new' });
    await until(() => expect(names()).toHaveLength(6));
    expect(log.filter(([name]) => name !== 'state')).toEqual([
      ['notify', { groupID: 'r', version: 3 }],
      ['groupText', { groupID: 'r', from: 'bob', time: 5, msgID: 'm', text: 'hi\n', ...sender }],
      ['groupCustom', { groupID: 'r', from: 'bob', time: 6, msgID: 'n', cmd: 'c', msg: 'm', ...sender }],
      ['c2cCustom', { from: 'bob', time: 7, msgID: 'o', cmd: 'c', msg: 'm', ...sender }],
      ['groupClosed', { groupID: 'r', reason: 'creatorLeft' }],
      ['groupClosed', { groupID: 'r', reason: 'destroyed' }],
    ]);
  });

  test('garbage is left out and counted, what follows is heard', async () => {
    await make().open(session);
    const garbage = [
      '{',
      'null',
      '[]',
      '{}',
      '{"type":"system","groupID":"r","data":"{}"}',
      '{"type":"system","data":"x"}',
      '{"type":"group","groupID":"r","from":"b","time":1,"elements":[]}',
      '{"type":"group","groupID":"r","elements":[{"type":"text","text":"x"}]}',
      '{"type":"c2c","from":"b","time":1,"elements":7}',
      '{"type":"groupClosed"}',
      '{"type":"new"}',
    ];
    garbage.forEach((data, index) => {
      put(`e.${index + 1}`, data);
    });
    streams[0]?.write('nonsense\nretry: soon\n\n: ping\n\n');
    put('e.12', system(1));
    await until(() => expect(names()).toEqual(['notify']));
    expect(channel.ignoredCount).toBe(garbage.length);
  });

  test('a throwing listener does not keep the others from hearing', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    make().on('notify', () => {
      throw new Error('listener');
    });
    channel.once('notify', async () => {
      throw new Error('later');
    });
    const heard = vi.fn();
    channel.on('notify', heard);
    await channel.open(session);
    put('e.1', system(1));
    put('e.2', system(2));
    await until(() => expect(heard).toHaveBeenCalledTimes(2));
    await until(() => expect(warning).toHaveBeenCalledTimes(3));
    warning.mockRestore();
  });
});

describe('cuts', () => {
  test('it connects again, names its position and hears each message once', async () => {
    await make().open(session);
    put('e.1', system(1));
    put('e.2', system(2));
    await until(() => expect(versions()).toEqual([1, 2]));
    resumed = true;
    streams[0]?.destroy();
    await until(() => expect(streams).toHaveLength(2));
    expect(service.seen.at(-1)?.headers['last-event-id']).toBe('e.2');
    put('e.1', system(1));
    put('e.2', system(2));
    put('e.3', system(3));
    await until(() => expect(versions()).toEqual([1, 2, 3]));
    expect(names()).toEqual(['notify', 'notify', 'resync', 'notify']);
  });

  test('a gap in the numbers and a lost position ask for a resync', async () => {
    await make().open(session);
    put('e.1', system(1));
    put('e.4', system(4));
    await until(() => expect(names()).toEqual(['notify', 'resync', 'notify']));
    streams[0]?.end();
    await until(() => expect(names().filter((name) => name === 'resync')).toHaveLength(2));
    put('f.1', system(5));
    await until(() => expect(versions()).toEqual([1, 4, 5]));
  });

  test('it goes on trying while the service is away', async () => {
    await make().open(session);
    let refused = 0;
    service.handler = (_request, response) => {
      refused += 1;
      response.destroy();
    };
    service.cut();
    await until(() => expect(refused).toBeGreaterThan(3));
    expect(channel.state).toBe('waiting');
    service.handler = serve;
    await until(() => expect(channel.state).toBe('open'));
    expect(names()).toEqual(['resync']);
  });

  test('silence longer than allowed is a cut', async () => {
    await make({ silenceTimeoutMs: 50 }).open(session);
    await until(() => expect(names()).toContain('resync'));
  });

  test('401 at a reconnect ends it with authFailed; a new session opens it again', async () => {
    await make().open(session);
    service.handler = (_request, response) => answer(response, { code: 7, message: '' }, 401);
    service.cut();
    await until(() => expect(names()).toEqual(['authFailed']));
    expect(channel.state).toBe('idle');
    const asked = service.seen.length;
    service.handler = serve;
    await channel.open({ userID: 'ann', token: 'other' });
    expect(service.seen).toHaveLength(asked + 1);
    expect(service.seen.at(-1)?.query.get('token')).toBe('other');
  });

  test('kicked ends it for good, and nothing behind it is heard', async () => {
    await make().open(session);
    streams[0]?.write(
      `id: e.1\nevent: message\ndata: {"type":"kicked","reason":"loggedInElsewhere"}\n\nid: e.2\nevent: message\ndata: ${JSON.stringify(system(2))}\n\n`,
    );
    await until(() => expect(names()).toEqual(['kicked']));
    expect(channel.state).toBe('idle');
    expect(service.seen).toHaveLength(1);
  });

  test('an event without an end is cut before it fills the memory', async () => {
    await make().open(session);
    const piece = 'x'.repeat(64 * 1024);
    streams[0]?.on('error', () => undefined);
    streams[0]?.write('data: ');
    const flood = setInterval(() => streams[0]?.write(piece), 1);
    await until(() => expect(streams.length).toBeGreaterThan(1));
    clearInterval(flood);
  });
});

describe('waits', () => {
  test('of the service are kept to: retry of the stream, Retry-After of a refusal', async () => {
    const askedMs: number[] = [];
    const note = (handler: HttpScript['handler']): HttpScript['handler'] => {
      return (request, response) => {
        askedMs.push(performance.now());
        return handler(request, response);
      };
    };
    await make().open(session);
    service.handler = note((_request, response) => void response.writeHead(503, { 'retry-after': '1' }).end());
    const cutMs = performance.now();
    streams[0]?.end('retry: 400\n\n');
    await until(() => expect(askedMs).toHaveLength(1));
    expect((askedMs[0] ?? 0) - cutMs).toBeGreaterThanOrEqual(390);
    service.handler = note(serve);
    await until(() => expect(channel.state).toBe('open'));
    expect((askedMs[1] ?? 0) - (askedMs[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test('the id of ready is a place to go on from', async () => {
    service.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`id: e.7\nevent: ready\ndata: {"resumed":${resumed}}\n\n`);
      streams.push(response);
    };
    await make().open(session);
    resumed = true;
    streams[0]?.destroy();
    await until(() => expect(streams).toHaveLength(2));
    expect(service.seen.at(-1)?.headers['last-event-id']).toBe('e.7');
    put('e.7', system(7));
    put('e.8', system(8));
    await until(() => expect(versions()).toEqual([8]));
  });
});

describe('where streams are held back', () => {
  /** What a poll would be answered with; undefined holds it. */
  let pending: string[];
  let polls: ServerResponse[];
  const position = () => `e.${pending.length}`;

  /** As a service behind a proxy that passes an answer when it is complete. */
  const buffering: HttpScript['handler'] = (request, response) => {
    const poll = request.query.get('poll');
    if (request.path !== '/weapp/im/events') return answer(response, { code: 0, message: '', time: 1 });
    if (poll === null) return undefined;
    const last = Number(/\.(\d+)$/.exec(String(request.headers['last-event-id'] ?? ''))?.[1] ?? -1);
    const isResumed = last >= 0;
    const reply = () => {
      const from = isResumed ? last : pending.length;
      const events = pending.slice(from).map((data, at) => `id: e.${from + at + 1}\nevent: message\ndata: ${data}\n\n`);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`id: e.${from}\nevent: ready\ndata: {"resumed":${isResumed}}\n\n${events.join('')}`);
    };
    if (poll === '0' || !isResumed || pending.length > last) return reply();
    polls.push(response);
    tell = reply;
    return undefined;
  };
  let tell: () => void;

  beforeEach(() => {
    pending = [];
    polls = [];
    tell = () => undefined;
    service.handler = buffering;
  });

  test('it goes on by polls: all is heard once and in order, without a cut', async () => {
    await make({ streamTimeoutMs: 100 }).open(session);
    expect(channel.state).toBe('open');
    for (let version = 1; version <= 5; version++) {
      await until(() => expect(polls).toHaveLength(version));
      pending.push(JSON.stringify(system(version)));
      tell();
    }
    await until(() => expect(versions()).toEqual([1, 2, 3, 4, 5]));
    expect(names()).not.toContain('resync');
    const asked = service.seen.map(({ query }) => query.get('poll')).filter((one) => one !== null);
    expect(asked.slice(0, 3)).toEqual(['0', '25', '25']);
    expect(log.filter(([name]) => name === 'state').map(([, now]) => now)).toEqual(['connecting', 'open']);
    expect(position()).toBe('e.5');
  });

  test('a cut poll is a cut, and the way back is a poll', async () => {
    await make({ streamTimeoutMs: 100 }).open(session);
    await until(() => expect(polls).toHaveLength(1));
    pending.push(JSON.stringify(system(1)));
    service.cut();
    await until(() => expect(versions()).toEqual([1]));
    expect(names()).toEqual(['resync', 'notify']);
    expect(service.seen.filter(({ query }) => !query.has('poll')).length).toBeLessThanOrEqual(1);
  });

  test('a stream that goes silent is replaced by polls', async () => {
    service.handler = serve;
    await make({ silenceTimeoutMs: 100 }).open(session);
    service.handler = buffering;
    await until(() => expect(polls).toHaveLength(1));
    const asked = service.seen.map(({ query }) => query.get('poll')).filter((one) => one !== null);
    expect(asked.slice(0, 2)).toEqual(['0', '25']);
  });

  test('a stream is tried again in time, and taken where it comes through', async () => {
    await make({ streamTimeoutMs: 500, pollingMs: 1 }).open(session);
    service.handler = (request, response) =>
      request.query.has('poll') ? buffering(request, response) : serve(request, response);
    await until(() => {
      // A poll that was asked for before its time was over ends.
      tell();
      tell = () => undefined;
      // To the newest: one that was too slow is given up for the next.
      put('e.1', system(1));
      expect(versions()).toEqual([1]);
    });
    expect(streams.length).toBeGreaterThan(0);
  });

  test('polls that are answered at once with nothing are not asked for without a pause', async () => {
    service.handler = (request, response) =>
      request.query.has('poll')
        ? buffering({ ...request, query: new URLSearchParams({ poll: '0' }) }, response)
        : undefined;
    await make({ streamTimeoutMs: 50, retryMinMs: 200, retryMaxMs: 200 }).open(session);
    await new Promise((resolve) => setTimeout(resolve, 700));
    // Two a pause of 100 to 200 ms.
    expect(service.seen.length).toBeLessThan(20);
  });

  test('a signal, suspend and close end a poll', async () => {
    await make({ streamTimeoutMs: 50 }).open(session);
    await until(() => expect(polls).toHaveLength(1));
    const gone = new Promise((resolve) => polls[0]?.on('close', resolve));
    channel.suspend();
    await gone;
    expect(channel.state).toBe('idle');
    const stop = new AbortController();
    service.handler = () => stop.abort();
    expect(await codeOf(channel.open(session, { signal: stop.signal }))).toBe('ERR_RTC_ABORTED');
  });

  test('401 ends it with authFailed', async () => {
    await make({ streamTimeoutMs: 50 }).open(session);
    await until(() => expect(polls).toHaveLength(1));
    service.handler = (_request, response) => answer(response, { code: 7, message: '' }, 401);
    tell();
    await until(() => expect(names()).toEqual(['authFailed']));
  });
});

describe('sending', () => {
  test('posts elements with a msgID of its own', async () => {
    await make().open(session);
    await channel.sendGroup('r', encodeRoomText(sender, 'hi'));
    await channel.sendC2c('bob', encodeC2c(sender, 'c', 'm'));
    const [first, second] = service.seen.slice(1).map(({ body }) => JSON.parse(body));
    expect(first).toEqual({ msgID: expect.any(String), groupID: 'r', elements: encodeRoomText(sender, 'hi') });
    expect(second).toEqual({ msgID: expect.any(String), to: 'bob', elements: encodeC2c(sender, 'c', 'm') });
    expect(first.msgID).not.toBe(second.msgID);
    expect(service.seen[1]?.path).toBe('/weapp/im/send');
  });

  test('a send that is cut is repeated with the same msgID', async () => {
    await make().open(session);
    let cuts = 0;
    service.handler = (_request, response) => {
      if (cuts++ === 0) response.destroy();
      else answer(response, { code: 0, message: '', time: 1 });
    };
    await channel.sendGroup('r', encodeRoomText(sender, 'hi'));
    const ids = service.seen.slice(1).map(({ body }) => JSON.parse(body).msgID);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  test.each([
    [1, 'ERR_RTC_ROOM_NOT_FOUND'],
    [5, 'ERR_RTC_NOT_ROOM_MEMBER'],
    [7, 'ERR_RTC_AUTH'],
    [12, 'ERR_RTC_MESSAGE_EMPTY'],
    [13, 'ERR_RTC_MESSAGE_TOO_LONG'],
    [14, 'ERR_RTC_TOO_MANY_REQUESTS'],
  ])('code %i is %s and is not repeated', async (serviceCode, code) => {
    await make().open(session);
    service.handler = (_request, response) => answer(response, { code: serviceCode, message: '' });
    expect(await codeOf(channel.sendGroup('r', encodeRoomText(sender, 'hi')))).toBe(code);
    expect(service.seen).toHaveLength(2);
  });

  test('an unreachable user is ERR_RTC_IM_FAILED', async () => {
    await make().open(session);
    service.handler = (_request, response) => answer(response, { code: 1, message: '' });
    expect(await codeOf(channel.sendC2c('bob', encodeC2c(sender, 'c', 'm')))).toBe('ERR_RTC_IM_FAILED');
  });

  test('a message over the limit does not leave; the limit itself does', async () => {
    await make().open(session);
    const overhead =
      8898 - encodeRoomText(sender, '').reduce((sum, one) => sum + (one.type === 'custom' ? one.data.length : 0), 0);
    expect(await codeOf(channel.sendGroup('r', encodeRoomText(sender, 'x'.repeat(overhead + 1))))).toBe(
      'ERR_RTC_MESSAGE_TOO_LONG',
    );
    expect(service.seen).toHaveLength(1);
    await channel.sendGroup('r', encodeRoomText(sender, 'x'.repeat(overhead)));
    expect(await codeOf(channel.sendC2c('bob', encodeC2c(sender, 'c', '你'.repeat(4000))))).toBe(
      'ERR_RTC_MESSAGE_TOO_LONG',
    );
  });
});
