import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '#lib/server/logger';
import { patient } from '../support/patience.js';
import { raw, ServiceUnderTest, type User } from '../support/server/roomClient.js';

let it_: ServiceUnderTest;
/** Ends requests that are not complete after 400 ms. */
let impatient: ServiceUnderTest;
let alice: User;
let query: string;
const json = { 'content-type': 'application/json' };

beforeAll(async () => {
  it_ = await ServiceUnderTest.start();
  impatient = await ServiceUnderTest.start({ requestTimeoutMs: 400 });
  alice = await it_.login('alice');
  query = new URLSearchParams({ ...alice }).toString();
});
afterAll(() => Promise.all([it_.close(), impatient.close()]));

const list = (path = '/weapp/double_room/get_room_list') => it_.url(`${path}?${query}`);

/** Resolves with what the server wrote when it has closed the connection. */
function closedBy(socket: Socket, deadlineMs = 5000): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error('the server left the connection open'));
    }, deadlineMs);
    socket.on('data', (piece) => {
      text += piece;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

const open = (service = it_) => connect(service.service.address.port, '127.0.0.1');

describe('what old clients send', () => {
  it.each([
    ['no body and no type', {}, undefined],
    ['an empty body of type JSON with charset', { 'content-type': 'application/json; charset=utf-8' }, ''],
    ['an empty body of a form type', { 'content-type': 'application/x-www-form-urlencoded' }, ''],
    ['an empty object', json, '{}'],
    ['a trailing newline', json, '{}\n'],
  ])('%s is taken', async (_name, headers, body) => {
    const answer = await raw(list(), { headers, ...(body !== undefined && { body }) });
    expect([answer.status, answer.json.code]).toEqual([200, 0]);
  });

  it.each([
    ['with a trailing slash', '/weapp/double_room/get_room_list/'],
    ['with a doubled slash', '/weapp/double_room//get_room_list'],
    ['behind a deployment prefix', '/roomservice/weapp/double_room/get_room_list'],
    ['behind a deep prefix', '/a/b/c/weapp/multi_room/get_room_list/'],
  ])('a path %s is known', async (_name, path) => {
    expect((await raw(list(path), { headers: json, body: '{}' })).json.code).toBe(0);
  });

  it('a userSig is taken unescaped', async () => {
    for (let round = 0; round < 8; round++) {
      it_.nowMs += 1000;
      const userSig = it_.service.issueUserSig(`unescaped${round}`);
      const url = it_.url(
        `/weapp/double_room/login?sdkAppID=1400000000&accountType=0&userID=unescaped${round}&userSig=${userSig}`,
      );
      expect((await raw(url)).json.code).toBe(0);
    }
  });

  it('every answer allows other origins, also a preflight and a refusal', async () => {
    const preflight = await raw(list(), { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    for (const { headers } of [
      preflight,
      await raw(list(), { body: '{', headers: json }),
      await raw(it_.url('/nothing')),
    ]) {
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['access-control-allow-methods']).toBe('POST, GET');
      expect(headers['access-control-max-age']).toBe('3600');
    }
  });
});

describe('what nobody should send', () => {
  it.each([
    ['bad JSON', json, '{"cnt":', 400],
    ['JSON that is no object', json, '[]', 400],
    ['null', json, 'null', 400],
    ['a text', json, '"cnt"', 400],
    ['deeply nested JSON', json, `{"a":${'['.repeat(60_000)}${']'.repeat(60_000)}}`, 200],
    ['deep JSON that does not end', json, '['.repeat(120_000), 400],
    ['keys of the prototype', json, '{"__proto__":{"cnt":5},"constructor":{"prototype":1}}', 200],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'cnt=1', 415],
    ['a body without a type', {}, '{}', 415],
    ['10 MB', json, `{"a":"${'x'.repeat(10_000_000)}"}`, 413],
  ])('%s is answered by its HTTP status', async (_name, headers, body, status) => {
    const answer = await raw(list(), { headers, body }).catch((error: { code: string }) => error);
    // The server may close before it has read all of a body that is too large.
    if ('code' in answer && status === 413) expect(['EPIPE', 'ECONNRESET']).toContain(answer.code);
    else expect((answer as { status: number }).status).toBe(status);
    expect((await raw(list(), { headers: json, body: '{}' })).json.code).toBe(0);
  });

  it('unknown methods, verbs and room types are 404', async () => {
    for (const [path, method] of [
      ['/weapp/double_room/merge_stream', 'POST'],
      ['/weapp/triple_room/login', 'POST'],
      ['/weapp/double_room/get_room_list', 'GET'],
      ['/', 'GET'],
      ['/weapp/../healthz', 'DELETE'],
    ] as const) {
      expect((await raw(it_.url(path), { method })).status).toBe(404);
    }
  });

  it('parameters given twice are code 2', async () => {
    const answer = await raw(`${list()}&userID=bob`, { headers: json, body: '{}' });
    expect([answer.status, answer.json.code]).toEqual([200, 2]);
  });

  it('an escape that cannot be decoded is a refusal, not a failure', async () => {
    const answer = await raw(it_.url('/weapp/double_room/get_room_list?userID=%E0%A4%A&token=%'), {
      headers: json,
      body: '{}',
    });
    expect([answer.status, answer.json.code]).toEqual([200, 7]);
    expect((await raw(it_.url('/weapp/%E0%A4%A/login'))).status).toBeLessThan(500);
  });

  it('a client that sends its head too slowly is let go', async () => {
    const socket = open(impatient);
    socket.write('POST /weapp/double_room/login HTTP/1.1\r\nHost: a\r\n');
    expect(await closedBy(socket)).toContain('408');
  });

  it('a client that sends its body too slowly is let go', async () => {
    const socket = open(impatient);
    socket.write(
      `POST /weapp/double_room/get_room_list?${query} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    );
    expect(await closedBy(socket)).toContain('408');
  });

  const head = `POST /weapp/double_room/get_room_list?userID=alice HTTP/1.1\r\nHost: a\r\n`;

  it.each([
    ['one header of 1 MB', `a: ${'x'.repeat(1_000_000)}\r\n\r\n`],
    ['30,000 headers', `${Array.from({ length: 30_000 }, (_, number) => `h${number}: x\r\n`).join('')}\r\n`],
    ['a header name of 1 MB', `${'x'.repeat(1_000_000)}: a\r\n\r\n`],
  ])('%s is answered 431 and closed, and harms nobody', async (_name, headers) => {
    const socket = open();
    socket.write(head + headers);
    const text = await closedBy(socket);
    // What was not read any more may have cost the answer: then the connection was reset.
    if (text !== '') expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect((await raw(list(), { headers: json, body: '{}' })).json.code).toBe(0);
  });

  it('headers without end are cut at their size, not at their time', async () => {
    const patientService = await ServiceUnderTest.start({ requestTimeoutMs: 600_000 });
    try {
      const socket = open(patientService);
      const closed = closedBy(socket);
      socket.write(head);
      let sent = 0;
      const more = setInterval(() => {
        if (socket.writable) socket.write(`h${sent++}: ${'x'.repeat(1000)}\r\n`);
      }, 2);
      expect(await closed).toMatch(/^(HTTP\/1\.1 431 |$)/);
      clearInterval(more);
      expect(sent).toBeGreaterThan(10);
    } finally {
      await patientService.close();
    }
  });

  it('1,500 small headers are read and ignored', async () => {
    const headers = Object.fromEntries(Array.from({ length: 1500 }, (_, number) => [`h${number}`, '1']));
    const answer = await raw(list(), { headers: { ...json, ...headers }, body: '{}' });
    expect([answer.status, answer.json?.code]).toEqual([200, 0]);
  });

  it('500 clients that send a byte now and then, or nothing, are all let go, and a bystander is served meanwhile', {
    timeout: patient(60_000),
  }, async () => {
    const service = await ServiceUnderTest.start({ requestTimeoutMs: 3000 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const bystander = await service.login('bystander');
      service.agent = agent;
      const body = `POST /weapp/double_room/get_room_list?${new URLSearchParams({ ...bystander })} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"a":"`;
      const sockets = Array.from({ length: 500 }, (_, number) => {
        const socket = open(service);
        socket.on('error', () => {});
        if (number % 3 === 0) socket.write(head);
        if (number % 3 === 1) socket.write(body);
        return socket;
      });
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
      const begin = performance.now();
      const closed = Promise.all(sockets.map((socket) => closedBy(socket, patient(30_000))));
      const drip = setInterval(() => {
        for (const [number, socket] of sockets.entries()) {
          if (socket.writable && number % 3 !== 2) socket.write(number % 3 === 0 ? `x-${number}: 1\r\n` : 'x');
        }
      }, 200);
      const waits: number[] = [];
      let areOpen = true;
      void closed.then(
        () => {
          areOpen = false;
        },
        () => {
          areOpen = false;
        },
      );
      while (areOpen) {
        const asked = performance.now();
        expect((await service.post('double_room/get_room_list', bystander, {})).json.code).toBe(0);
        waits.push(performance.now() - asked);
      }
      clearInterval(drip);
      const texts = await closed;
      expect(performance.now() - begin).toBeLessThan(patient(15_000));
      expect(texts.filter((text) => text !== '' && !text.startsWith('HTTP/1.1 408 '))).toEqual([]);
      // Not the longest: one wait may be that of a machine which does something else.
      waits.sort((one, other) => one - other);
      expect(waits.length).toBeGreaterThan(20);
      expect(waits[Math.floor(waits.length * 0.95)]).toBeLessThan(patient(500));
    } finally {
      agent.destroy();
      await service.close();
    }
  });

  it('connections beyond maxConnections are closed, those before them served, and later ones when there is room', async () => {
    let log = '';
    const logger = createLogger({ level: 'warn', destination: { write: (line) => (log += line) } });
    const service = await ServiceUnderTest.start({ maxConnections: 3, logger });
    const first = Array.from({ length: 3 }, () => open(service));
    try {
      await Promise.all(first.map((socket) => once(socket, 'connect')));
      // Connected by the system, and accepted by the service when it has answered.
      for (const socket of first) {
        socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
        await once(socket, 'data');
        // In use again: those that are not make room for newcomers.
        socket.write('GET /healthz HTTP/1.1\r\n');
      }
      for (let more = 0; more < 5; more++) expect(await closedBy(open(service))).toBe('');
      const [socket] = first as [Socket];
      socket.write('Host: a\r\n\r\n');
      expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200 /);
      expect(log.match(/connections are refused/g)).toHaveLength(1);
      socket.destroy();
      const health = () =>
        raw(service.url('/healthz'), { method: 'GET' }).then(
          (answer) => answer.status,
          () => 0,
        );
      await expect.poll(health).toBe(200);
    } finally {
      for (const socket of first) socket.destroy();
      await service.close();
    }
  });

  it('what is not HTTP is answered 400 and closed', async () => {
    const socket = open();
    socket.write('\x03\x00\x00\x00 this is RTMP or worse\r\n\r\n');
    expect(await closedBy(socket)).toContain('400');
  });

  it('a client that goes away in the middle is nothing', async () => {
    for (let round = 0; round < 20; round++) {
      const socket = open();
      socket.on('error', () => {});
      await new Promise<void>((resolve) => {
        socket.write(
          `POST /weapp/double_room/get_room_list?${query} HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n{`,
          () => resolve(),
        );
      });
      socket.resetAndDestroy();
    }
    expect((await raw(list(), { headers: json, body: '{}' })).json.code).toBe(0);
  });
});

describe('development login', () => {
  it('is not there unless asked for', async () => {
    expect((await raw(it_.url('/weapp/utils/get_login_info?userID=alice'), { method: 'GET' })).status).toBe(404);
  });

  it('signs a user in when asked for', async () => {
    const development = await ServiceUnderTest.start({ developmentLogin: true });
    try {
      const url = development.url('/weapp/utils/get_login_info');
      const info = (await raw(`${url}?userIDPrefix=weixin&code=1`, { method: 'GET' })).json;
      expect(info).toMatchObject({ code: 0, sdkAppID: 1_400_000_000 });
      expect(info.userID).toMatch(/^user_[0-9a-f]{8}_[0-9a-f]{4}$/);
      const login = { sdkAppID: info.sdkAppID, accountType: info.accType, userID: info.userID, userSig: info.userSig };
      expect((await development.post('multi_room/login', login, {})).json.code).toBe(0);
      expect((await raw(`${url}?userID=dave`)).json.userID).toBe('dave');
      expect((await raw(`${url}?userID=a%20b`, { method: 'GET' })).json.code).toBe(1);
    } finally {
      await development.close();
    }
  });
});

describe('closing', () => {
  it('ends idle, half-open and slow connections within its bound', async () => {
    const service = await ServiceUnderTest.start({ requestTimeoutMs: 60_000 });
    const { port } = service.service.address;
    const sockets = Array.from({ length: 3 }, () => connect(port, '127.0.0.1'));
    sockets[1]?.write('POST / HTTP/1.1\r\n');
    sockets[2]?.write('POST /weapp/double_room/login HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{');
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.once('connect', () => resolve()))));
    const closed = Promise.all(sockets.map((socket) => closedBy(socket)));
    await Promise.all([service.close(), service.close()]);
    await closed;
    await expect(service.service.listen()).rejects.toMatchObject({ code: 'ERR_RTC_CLOSED' });
  });

  it('before listening is fine, and a taken port is told with its cause', async () => {
    const service = await ServiceUnderTest.start();
    const taken = await ServiceUnderTest.start().then(async (other) => {
      await other.close();
      return other;
    });
    await taken.close();
    const { RoomService } = await import('#lib/server/RoomService');
    const second = new RoomService({ media: service.media, sdkAppID: 1, secretKey: 'x'.repeat(16) });
    await expect(second.listen({ port: service.service.address.port })).rejects.toMatchObject({
      code: 'ERR_RTC_INVALID_ARGUMENT',
      cause: { code: 'EADDRINUSE' },
    });
    await second.close();
    await service.close();
  });
});
