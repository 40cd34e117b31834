import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RoomApi, type RoomApiOptions } from '#lib/api/RoomApi';
import { SseImChannel } from '#lib/im/SseImChannel';
import { RTCRoom } from '#lib/room/RTCRoom';
import { startTestService, type TestLoginInfo, type TestService } from '#lib/testing/index';
import { type CertificateAuthority, makeAuthority } from '../support/certificates.js';
import { EventLog } from '../support/client/EventLog.js';
import { rejection, shown } from '../support/client/expectCode.js';
import { patient } from '../support/patience.js';
import { startHttpProxy, startSocks5Proxy } from '../support/proxies.js';
import { FakeMediaServer } from '../support/server/fakeMediaServer.js';
import { startTlsTerminator } from '../support/tlsTerminator.js';

const credentials = { user: 'caller@desk', password: 'hu:sh' };
/** A name that only the proxies know. */
const host = 'media.test';
const login = `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`;

let service: TestService;
let authority: CertificateAuthority;

beforeAll(async () => {
  authority = await makeAuthority();
});
afterAll(() => authority?.[Symbol.asyncDispose]());
afterEach(async () => {
  await service?.close();
});

const start = async () => {
  service = await startTestService({ media: new FakeMediaServer() });
};
const through = (domain: string) => domain.replace('127.0.0.1', host);

describe.each([
  { scheme: 'http', startProxy: startHttpProxy, no: 403, unreachable: 502 },
  { scheme: 'socks5', startProxy: startSocks5Proxy, no: 2, unreachable: 5 },
])('through a $scheme proxy', ({ scheme, startProxy, no, unreachable }) => {
  it('calls and messages of a room go, to a host that it alone can resolve', async () => {
    await start();
    await using proxy = await startProxy({ credentials });
    await using room = new RTCRoom({ proxy: `${scheme}://${login}127.0.0.1:${proxy.port}` });
    const log = new EventLog(room);
    const info = service.loginInfo('ann');
    await room.login({ ...info, serverDomain: through(info.serverDomain) });
    expect(await room.getRoomList()).toEqual([]);
    await using other = new RTCRoom();
    await other.login(service.loginInfo('bob'));
    const heard = new Promise((resolve) => room.once('c2cCustomMsg', resolve));
    await other.sendC2CCustomMsg('ann', 'cmd', 'msg');
    expect(await heard).toMatchObject({ userID: 'bob', msg: 'msg' });
    const { port } = new URL(info.serverDomain);
    expect(new Set(proxy.targets)).toEqual(new Set([`${host}:${port}`]));
    expect(proxy.targets.length).toBeGreaterThanOrEqual(2);
    expect(log.named('error')).toEqual([]);
  });

  it.each([
    ['wrong credentials', 'other:hush@', undefined, 'ERR_RTC_PROXY_REFUSED'],
    ['no credentials', '', undefined, 'ERR_RTC_PROXY_REFUSED'],
    ['what it does not allow', login, no, 'ERR_RTC_PROXY_REFUSED'],
    ['what it cannot reach', login, unreachable, 'ERR_RTC_SERVICE_UNREACHABLE'],
  ])('%s is told as its own error, without a password', async (_what, user, refuseWith, code) => {
    await using proxy = await startProxy(refuseWith === undefined ? { credentials } : { credentials, refuseWith });
    const options = {
      serverDomain: `http://${host}:8/weapp/double_room`,
      proxy: `${scheme}://${user}127.0.0.1:${proxy.port}`,
      timeoutMs: 2000,
    };
    await using api = new RoomApi(options);
    await using channel = new SseImChannel(options);
    const errors = [
      await rejection(api.login({ sdkAppID: 1, accountType: '0', userID: 'ann', userSig: 'secret' })),
      await rejection(channel.open({ userID: 'ann', token: 'secret' })),
    ];
    const place = `the proxy ${scheme}://127.0.0.1:${proxy.port}`;
    for (const error of errors) {
      expect(error).toMatchObject({ code, message: expect.stringContaining(place) });
      expect(shown(error)).not.toMatch(/hu:sh|hush|hu%3Ash|secret/);
    }
  });

  it('a proxy that is not there, one that is silent and one that talks nonsense are told as such', async () => {
    await start();
    const talk = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n'));
    const mute = createServer((socket) => void socket.on('error', () => {}).resume());
    for (const server of [talk, mute]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const ports = [talk, mute].map((server) => (server.address() as { port: number }).port);
    for (const port of [1, ...ports]) {
      await using api = new RoomApi({
        serverDomain: service.serverDomain(),
        proxy: `${scheme}://u:hush@127.0.0.1:${port}`,
        timeoutMs: 1000,
      });
      const error = await rejection(api.login(service.loginInfo('ann')));
      expect(error.code).toMatch(/^ERR_RTC_(SERVICE_UNREACHABLE|TIMEOUT)$/);
      if (error.code !== 'ERR_RTC_TIMEOUT') expect(error.message).toContain('the proxy ');
      expect(shown(error)).not.toContain('hush');
    }
    for (const server of [talk, mute]) server.close();
  });

  it(
    'TLS goes through it to the service, whose certificate is checked',
    async () => {
      await start();
      await using proxy = await startProxy({ credentials });
      const port = Number(new URL(service.serverDomain()).port);
      await using right = await startTlsTerminator(port, await authority.issue([`DNS:${host}`]));
      await using wrong = await startTlsTerminator(port, await authority.issue(['DNS:other.test']));
      const folder = await mkdtemp(join(tmpdir(), 'proxy-'));
      try {
        const ca = join(folder, 'ca.pem');
        await writeFile(ca, authority.ca);
        const addresses = [right, wrong].map(({ port: at }) => ({
          serverDomain: `https://${host}:${at}/weapp/double_room`,
          proxy: `${scheme}://${login}127.0.0.1:${proxy.port}`,
          timeoutMs: 5000,
        }));
        const [first, second] = await askInChild(ca, addresses, service.loginInfo('ann'));
        expect(first).toBe('logged in');
        expect(second).toMatch(/^ERR_RTC_CERTIFICATE_REJECTED .*ERR_TLS_CERT_ALTNAME_INVALID/);
        // Trying again does not make it another's.
        expect(proxy.targets.filter((one) => one === `${host}:${wrong.port}`)).toHaveLength(1);
        expect(right.handshakes).toMatchObject([{ servername: host }]);
        expect(proxy.targets).toContain(`${host}:${right.port}`);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    patient(60_000),
  );

  it('close ends a tunnel that is being dug', async () => {
    await start();
    let accepted = () => {};
    const came = new Promise<void>((resolve) => {
      accepted = resolve;
    });
    const closed = new Promise<void>((resolve) => {
      const server = createServer((socket) => {
        socket.on('error', () => {}).resume();
        socket.on('close', () => {
          server.close();
          resolve();
        });
        accepted();
      });
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number };
        const api = new RoomApi({ serverDomain: service.serverDomain(), proxy: `${scheme}://127.0.0.1:${port}` });
        const call = rejection(api.login(service.loginInfo('ann')));
        void came.then(() => api.close()).then(() => call);
      });
    });
    await closed;
  });
});

it.each(['nonsense', '', 'https://h', 'ftp://h', 'http://h/path', 'http://h?q', 'http://u:%ffhush@h', 5, null])(
  'the option proxy %j is refused, and not repeated',
  (proxy) => {
    for (const make of [
      () => new RTCRoom({ proxy: proxy as never }),
      () => new RoomApi({ serverDomain: 'http://h/weapp/double_room', proxy: proxy as never }),
    ]) {
      expect(make).toThrow(
        expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT', message: expect.not.stringMatching(/hush/) }),
      );
    }
  },
);

/** Only a process can be told of an authority. Logs in at each address; gives what came of it. */
async function askInChild(ca: string, addresses: RoomApiOptions[], login: TestLoginInfo): Promise<string[]> {
  const program = `
    import { RoomApi } from ${JSON.stringify(import.meta.resolve('#lib/api/RoomApi'))};
    for (const options of ${JSON.stringify(addresses)}) {
      const api = new RoomApi(options);
      const said = await api.login(${JSON.stringify(login)}).then(() => 'logged in', ({ code, message }) => code + ' ' + message);
      console.log(said);
      await api.close();
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const text of child.stdout.setEncoding('utf8')) said += text;
  return said.trim().split('\n');
}
