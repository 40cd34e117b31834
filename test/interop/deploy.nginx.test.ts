import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NginxSite, startNginxSite } from '../support/nginxSite.js';
import { raw, ServiceUnderTest } from '../support/server/roomClient.js';

const client = fileURLToPath(new URL('../support/server/tlsClient.mjs', import.meta.url));

let service: ServiceUnderTest;
let site: NginxSite;
/** Stands for the media server's HTTP-FLV: the head of a stream, and then nothing for as long as somebody looks. */
const flv = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'video/x-flv' });
  response.write('FLV\u0001');
});

beforeAll(async () => {
  service = await ServiceUnderTest.start({
    trustedProxies: ['loopback'],
    loginsPerMinute: 2,
    adminKey: 'admin-key-of-the-tests',
  });
  await new Promise<void>((resolve) => flv.listen(0, '127.0.0.1', resolve));
  site = await startNginxSite({ service: service.service.address.port, flv: (flv.address() as AddressInfo).port });
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  flv.closeAllConnections();
  flv.close();
  await service?.close();
});

interface Got {
  status: number;
  response: IncomingMessage;
  /** The first that came of the body. */
  first: string;
}

function get(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body = '' } = options;
    const sent = request(`${site.httpsUrl}${path}`, { method, headers, ca: site.ca, agent: false }, (response) => {
      response.setEncoding('utf8');
      response.once('data', (first: string) => resolve({ status: response.statusCode ?? 0, response, first }));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, response, first: '' }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('the nginx site of examples/deploy', () => {
  it('is one that nginx takes', () => {
    expect(site.tested).toContain('test is successful');
    expect(site.tested).not.toContain('[warn]');
  });

  it('carries a room and its messages over TLS at once, and no token into its log', async () => {
    const users = ['alice', 'bob'];
    const userSigs = Object.fromEntries(users.map((userID) => [userID, service.service.issueUserSig(userID)]));
    const secrets = JSON.stringify({ sdkAppID: 1_400_000_000, userSigs });
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: site.caFile };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [client, `${site.httpsUrl}/weapp/double_room`, secrets],
      { env, timeout: 30_000 },
    );
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual({ event: 'notify', groupID: 'room_tls' });
    const text = lines.find(({ event }) => event === 'groupText');
    expect(text).toMatchObject({ from: 'bob', text: 'through nginx' });
    // A proxy that buffers holds events until there are kilobytes of them, or the stream ends.
    expect(text.ms).toBeLessThan(3000);
    const log = await site.accessLog();
    expect(log).toContain('"GET /weapp/im/events" 200');
    expect(log).not.toMatch(/token|userSig|\?/);
  });

  it('carries calls and messages behind the prefix of an old deployment', async () => {
    const dave = await service.login('dave');
    const path = `/roomservice/weapp/im/events?userID=dave&token=${encodeURIComponent(dave.token)}`;
    const { status, first, response } = await get(path);
    expect([status, first]).toEqual([200, expect.stringContaining('event: ready')]);
    const erin = await service.login('erin');
    const next = new Promise<string>((resolve) => response.once('data', resolve));
    const sent = performance.now();
    const answer = await get(`/roomservice/weapp/im/send?userID=erin&token=${encodeURIComponent(erin.token)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ msgID: 'm1', to: 'dave', elements: [{ type: 'text', text: 'behind a prefix' }] }),
    });
    expect(JSON.parse(answer.first)).toMatchObject({ code: 0 });
    expect(await next).toContain('behind a prefix');
    // Held back, it would come with the end of the stream.
    expect(performance.now() - sent).toBeLessThan(3000);
    response.destroy();
  });

  it('tells the service whose request it is, whatever the client says', async () => {
    const { port } = service.service.address;
    const login = (headers: Record<string, string>) =>
      get('/weapp/double_room/login?userID=carol', { method: 'POST', headers, body: '' });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await login({ 'x-forwarded-for': `6.6.6.${i}` })).status);
    expect(statuses).toEqual([200, 200, 429]);
    const direct = await raw(`http://127.0.0.1:${port}/weapp/double_room/login`, {
      headers: { 'x-forwarded-for': '7.7.7.7' },
    });
    expect(direct.status).toBe(200);
  });

  it('hands on an HTTP-FLV stream as it comes', async () => {
    const begin = performance.now();
    const { status, first, response } = await get('/live/1000_alice.flv?txSecret=x');
    // Held back, it would come when the proxy loses its patience after 30 s.
    expect(performance.now() - begin).toBeLessThan(10_000);
    expect([status, first]).toEqual([200, 'FLV\u0001']);
    response.destroy();
  });

  it('keeps inside what is for the operator, and sends plain HTTP to TLS', async () => {
    for (const path of [
      '/metrics',
      '/readyz',
      '/openapi.json',
      '/admin/rooms?type=double_room',
      '/%61dmin/rooms',
      '/',
    ]) {
      expect((await get(path, { headers: { authorization: 'Bearer admin-key-of-the-tests' } })).status).toBe(404);
    }
    const { status, headers } = await raw(`${site.httpUrl}/weapp/double_room/login`);
    expect([status, headers.location]).toEqual([308, 'https://localhost/weapp/double_room/login']);
  });

  it('refuses a body that the service would refuse', async () => {
    const body = JSON.stringify({ a: 'x'.repeat(140_000) });
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
    expect((await get('/weapp/double_room/login', { method: 'POST', headers, body })).status).toBe(413);
  });
});
