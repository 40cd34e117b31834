import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createLogger } from '#lib/server/logger';
import { EventStream } from '../support/server/eventStream.js';
import { raw, ServiceUnderTest, sdkAppID } from '../support/server/roomClient.js';

const running: ServiceUnderTest[] = [];
afterEach(() => Promise.all(running.splice(0).map((one) => one.close())));

async function start(options: Parameters<typeof ServiceUnderTest.start>[0] = {}): Promise<ServiceUnderTest> {
  const it_ = await ServiceUnderTest.start(options);
  running.push(it_);
  return it_;
}

/** One login as if through a proxy for that client. A wrong one has the userSig of another user. */
function login(it_: ServiceUnderTest, forwardedFor?: string, userID = 'alice', isWrong = false) {
  const userSig = it_.service.issueUserSig(isWrong ? 'other' : userID);
  const query = new URLSearchParams({ sdkAppID: String(sdkAppID), accountType: '0', userID, userSig });
  const headers: Record<string, string> = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  return raw(it_.url(`/weapp/double_room/login?${query}`), { headers });
}

const guess = (it_: ServiceUnderTest, forwardedFor?: string, userID?: string) => login(it_, forwardedFor, userID, true);

const codes = (answers: { status: number; json: { code: number } }[]) =>
  answers.map(({ status, json }) => `${status} ${json.code}`);

describe('limits', () => {
  it('refuse an address whose logins were refused by 429, code 14 and Retry-After, whoever is named', async () => {
    const it_ = await start({ loginsPerMinute: 2 });
    const answers = [await guess(it_), await guess(it_, undefined, 'bob'), await guess(it_, undefined, 'carol')];
    answers.push(await login(it_));
    expect(codes(answers)).toEqual(['200 7', '200 7', '429 14', '429 14']);
    const retryAfter = Number(answers[2]?.headers['retry-after']);
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(60);
    expect(answers[2]?.headers['access-control-allow-origin']).toBe('*');
  });

  it('let any number of users of one address log in, each as often as it may call', async () => {
    const it_ = await start({ loginsPerMinute: 2, requestsPerMinute: 3 });
    for (let count = 0; count < 40; count++) {
      expect(codes([await login(it_, undefined, `user${count}`)])).toEqual(['200 0']);
    }
    const answers = [await login(it_), await login(it_), await login(it_), await login(it_)];
    expect(codes(answers)).toEqual(['200 0', '200 0', '200 0', '429 14']);
  });

  it('count get_login_info with refused logins', async () => {
    const it_ = await start({ loginsPerMinute: 2, developmentLogin: true });
    const info = () => raw(it_.url('/weapp/utils/get_login_info?userID=alice'), { method: 'GET' });
    expect(codes([await info(), await guess(it_), await info()])).toEqual(['200 0', '200 7', '429 14']);
  });

  it('count other calls by user over all methods, so that one cannot use up the allowance of another', async () => {
    const it_ = await start({ requestsPerMinute: 4 });
    const [alice, bob] = [await it_.login('alice'), await it_.login('bob')];
    const list = (user: typeof alice) => it_.post('double_room/get_room_list', user, {});
    const pushUrl = (user: typeof alice) => it_.post('multi_room/get_push_url', user, {});
    expect(codes([await list(alice), await pushUrl(alice), await list(alice), await pushUrl(alice)])).toEqual([
      '200 0',
      '200 0',
      '200 0',
      '429 14',
    ]);
    expect(codes([await list(bob), await login(it_, undefined, 'carol')])).toEqual(['200 0', '200 0']);
    // What watches the service is never refused.
    for (let i = 0; i < 6; i++) expect((await raw(it_.url('/healthz'), { method: 'GET' })).status).toBe(200);
  });

  it('tell clients behind a trusted proxy apart, IPv6 by its /64 network', async () => {
    const it_ = await start({ loginsPerMinute: 1, trustedProxies: ['loopback'] });
    const clients = [
      '1.2.3.4',
      '1.2.3.5',
      '1.2.3.4',
      'fe00::1',
      'fe00::2',
      'fe00:0:0:1::1',
      '9.9.9.9, 1.2.3.6',
      '8.8.8.8, 1.2.3.6',
    ];
    const answers = [];
    for (const client of clients) answers.push((await guess(it_, client)).status);
    // The last two: what a client itself wrote before the proxy's entry is not believed.
    expect(answers).toEqual([200, 200, 429, 200, 429, 200, 200, 429]);
  });

  it('believe nobody else, and say so once', async () => {
    let log = '';
    const logger = createLogger({ level: 'warn', destination: { write: (line) => (log += line) } });
    const it_ = await start({ loginsPerMinute: 2, trustedProxies: ['10.0.0.0/8'], logger });
    const answers = [await guess(it_, '1.2.3.4'), await guess(it_, '1.2.3.5'), await guess(it_, '1.2.3.6')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(log.match(/not among trustedProxies/g)).toHaveLength(1);
  });

  it('hold for every path, before a key is looked at and where there is no such method; pages of others may read the refusal', async () => {
    const paths = [
      ['/openapi.json', 200],
      ['/admin/rooms?type=multi_room', 401],
      ['/weapp/multi_room/no_such_method', 404],
    ] as const;
    for (const [path, status] of paths) {
      const it_ = await start({ requestsPerMinute: 1, adminKey: 'a key of the tests'.replaceAll(' ', '-') });
      const get = () => raw(it_.url(path), { method: 'GET' });
      const [first, second] = [await get(), await get()];
      expect([path, first.status, second.status]).toEqual([path, status, 429]);
      expect(second.headers['access-control-allow-origin']).toBe(path.startsWith('/admin') ? undefined : '*');
    }
  });

  it('are none by default of the library', async () => {
    const it_ = await start();
    for (let i = 0; i < 40; i++) expect((await guess(it_)).status).toBe(200);
  });
});

describe('other origins', () => {
  const ask = async (allowOrigin: string[] | undefined, origin?: string, method = 'OPTIONS') => {
    const it_ = await start(allowOrigin && { allowOrigin });
    const headers: Record<string, string> = origin === undefined ? {} : { origin };
    const answer = await raw(it_.url('/weapp/double_room/login'), { method, headers });
    return [answer.headers['access-control-allow-origin'], answer.headers.vary];
  };

  it('are all allowed by default, and only those named where some are', async () => {
    const named = ['https://a.example', 'https://b.example'];
    expect(await ask(undefined, 'https://c.example')).toEqual(['*', undefined]);
    expect(await ask(named, 'https://b.example')).toEqual(['https://b.example', 'Origin']);
    expect(await ask(named, 'https://b.example', 'POST')).toEqual(['https://b.example', 'Origin']);
    expect(await ask(named, 'https://c.example')).toEqual([undefined, 'Origin']);
    expect(await ask(named, 'https://a.example.c.example')).toEqual([undefined, 'Origin']);
    expect(await ask(named)).toEqual([undefined, 'Origin']);
  });
});

/** A POST whose head the service has read, as its "100 Continue" proves, and whose body of two bytes is awaited. */
async function underWay(it_: ServiceUnderTest, path: string, agent: Agent) {
  const headers = { 'content-type': 'application/json', 'content-length': 2, expect: '100-continue' };
  const sent = request({ port: it_.service.address.port, path, method: 'POST', agent, headers });
  const answer = new Promise<{ status: number; headers: IncomingHttpHeaders; text: string }>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.on('data', (piece) => {
        text += piece;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
  });
  answer.catch(() => {});
  const read = once(sent, 'continue');
  sent.flushHeaders();
  await read;
  return { sent, answer };
}

describe('the end', () => {
  it('lets a request under way finish, refuses later ones and tells streams to come back', async () => {
    const it_ = await start({ closeGraceMs: 5000 });
    const alice = await it_.login('alice');
    const stream = await EventStream.open(it_.url(`/weapp/im/events?userID=alice&token=${alice.token}`));
    await stream.until(() => stream.events.length === 1);
    let received = '';
    stream.response.on('data', (text) => {
      received += text;
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const path = `/weapp/double_room/get_room_list?userID=alice&token=${alice.token}`;
    const first = await underWay(it_, path, agent);
    const other = await underWay(it_, path, new Agent());
    const closed = it_.close();
    await stream.until(() => stream.ended);
    expect(received).toMatch(/^retry: \d{3,4}\n\n/);
    first.sent.end('{}');
    const { status, headers, text } = await first.answer;
    expect([status, JSON.parse(text).code, headers.connection]).toEqual([200, 0, 'close']);
    await expect(raw(it_.url('/healthz'), { method: 'GET' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    other.sent.end('{}');
    expect((await other.answer).status).toBe(200);
    await closed;
    agent.destroy();
  });

  it('refuses by 503, with the time to come back, what comes over a connection from before', async () => {
    const it_ = await start({ closeGraceMs: 5000 });
    const socket = connect(it_.service.address.port, '127.0.0.1');
    let text = '';
    socket.on('data', (piece) => {
      text += piece;
    });
    await once(socket, 'connect');
    // Answered: so the connection before it is accepted too.
    await raw(it_.url('/healthz'), { method: 'GET' });
    const closed = it_.close();
    const ended = once(socket, 'close');
    socket.write('POST /weapp/double_room/login HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
    await ended;
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    expect(text).toMatch(/\r\nretry-after: 1\r\n/i);
    expect(text).toContain('"code":503');
  });

  it('waits no longer than its grace', async () => {
    const it_ = await start({ closeGraceMs: 300 });
    const { answer } = await underWay(it_, '/weapp/double_room/login', new Agent());
    const begin = performance.now();
    await it_.close();
    expect(performance.now() - begin).toBeLessThan(1500);
    await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
