import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { RTCRoom } from '#lib/room/RTCRoom';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { startTestService } from '#lib/testing/index';
import { type CertificateAuthority, makeAuthority } from '../support/certificates.js';
import { flvUrl, playUrl, pushUrl, until } from '../support/mediaServer.js';
import { startHttpProxy, startSocks5Proxy } from '../support/proxies.js';
import { startTlsTerminator } from '../support/tlsTerminator.js';
import { watchPlayer } from '../support/watchPlayer.js';

const engine = 'embedded';
const credentials = { user: 'caller@desk', password: 'hu:sh' };
/** A name that only the proxies know. */
const host = 'media.test';
const viaName = (url: string) => url.replace('127.0.0.1', host);
const portOf = (url: string) => Number(new URL(url.replace(/^rtmp:/, 'http:')).port);

describe.each([
  { name: 'an HTTP proxy', scheme: 'http', start: startHttpProxy, no: 403, unreachable: 502 },
  { name: 'a SOCKS5 proxy', scheme: 'socks5', start: startSocks5Proxy, no: 2, unreachable: 5 },
])('through $name', ({ scheme, start, no, unreachable }) => {
  const media = new EmbeddedMediaServer();
  let authority: CertificateAuthority;
  beforeAll(async () => {
    authority = await makeAuthority();
    await media.start();
  });
  afterAll(async () => {
    await media.close();
    await authority?.[Symbol.asyncDispose]();
  });

  const proxyUrl = (
    port: number,
    login = `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`,
  ) => `${scheme}://${login}127.0.0.1:${port}`;

  it.each([
    ['in this process', 'embedded'],
    ['in a process of its own', 'process'],
  ] as const)(
    'push and play %s go, in RTMP, HTTP-FLV and inside TLS, to a host that it alone can resolve',
    async (_where, engine) => {
      await using proxy = await start({ credentials });
      const certificate = await authority.issue([`DNS:${host}`]);
      await using rtmps = await startTlsTerminator(portOf(media.rtmpUrl), certificate);
      const options = { engine, proxy: proxyUrl(proxy.port), tls: { ca: authority.ca } } as const;
      await using pusher = new TXLivePusher(options);
      await pusher.startPreview({ source: 'synthetic' });
      await pusher.startPush(viaName(pushUrl(media, 'proxied')));
      const securePlay = playUrl(media, 'proxied').replace(/^rtmp:\/\/[^/]+/, `rtmps://${host}:${rtmps.port}`);
      const urls = [viaName(playUrl(media, 'proxied')), viaName(flvUrl(media, 'proxied')), securePlay];
      for (const url of urls) {
        await using player = new TXLivePlayer({ ...options, videoFormat: 'i420' });
        const seen = watchPlayer(player);
        await player.startPlay(url);
        await until('pictures', () => seen.pictures.length >= 30, 20_000);
        expect(seen.movingShare).toBeGreaterThan(0.9);
      }
      const rtmp = `${host}:${portOf(media.rtmpUrl)}`;
      expect(proxy.targets).toEqual([rtmp, rtmp, `${host}:${portOf(media.httpUrl ?? '')}`, `${host}:${rtmps.port}`]);
      expect(proxy.forwarded).toBeGreaterThan(50_000); // the push
    },
  );

  it.each([
    ['wrong credentials', 'other:hush@', undefined, 'ERR_RTC_PROXY_REFUSED'],
    ['no credentials', '', undefined, 'ERR_RTC_PROXY_REFUSED'],
    ['what it does not allow', undefined, no, 'ERR_RTC_PROXY_REFUSED'],
    ['what it cannot reach', undefined, unreachable, 'ERR_RTC_CONNECT_FAILED'],
  ])('%s is told as its own error, without a password', async (_what, login, refuseWith, code) => {
    await using proxy = await start(refuseWith === undefined ? { credentials } : { credentials, refuseWith });
    await using player = new TXLivePlayer({ engine, proxy: proxyUrl(proxy.port, login), connectRetryCount: 0 });
    const seen = watchPlayer(player);
    const messages: string[] = [];
    player.on('event', ({ params }) => messages.push(JSON.stringify(params)));
    await expect(player.startPlay(viaName(playUrl(media, 'x')))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`the proxy ${scheme}://127.0.0.1:${proxy.port}`),
    });
    expect(messages.join()).not.toMatch(/hu:sh|hush|hu%3Ash|txSecret/);
    expect(seen.events).toContain('PLAY_ERR_NET_DISCONNECT');
  });

  it('a whole call of RTCRoom goes: calls, messages, push and players', async () => {
    await using proxy = await start({ credentials });
    await using service = await startTestService();
    const people = await Promise.all(
      ['ann', 'bob'].map(async (userID) => {
        const room = new RTCRoom({ proxy: proxyUrl(proxy.port), autoPlay: { player: { engine } }, pusher: { engine } });
        await room.login(service.loginInfo(userID));
        await room.startLocalPreview({ video: { source: 'synthetic' } });
        return room;
      }),
    );
    const [ann, bob] = people as [RTCRoom, RTCRoom];
    try {
      const plays = people.map(
        (room) =>
          new Promise<void>((resolve) => {
            room.on('playEvent', (_userID, { name }) => {
              if (name === 'PLAY_EVT_PLAY_BEGIN') resolve();
            });
          }),
      );
      const roomID = await ann.createRoom();
      await bob.enterRoom({ roomID });
      await Promise.all(plays);
      const text = new Promise((resolve) => ann.once('textMsg', resolve));
      await bob.sendRoomTextMsg('through');
      expect(await text).toMatchObject({ userID: 'bob', text: 'through' });
      const serviceHost = new URL(service.serverDomain()).host;
      const rtmp = `127.0.0.1:${portOf(service.media.rtmpUrl)}`;
      expect(new Set(proxy.targets)).toEqual(new Set([serviceHost, rtmp]));
      expect(proxy.targets.filter((one) => one === rtmp)).toHaveLength(4);
    } finally {
      await Promise.all(people.map((room) => room.close()));
    }
  });

  it('a proxy that is not there is told as such', async () => {
    await using player = new TXLivePlayer({ engine, proxy: `${scheme}://u:hush@127.0.0.1:1`, connectRetryCount: 0 });
    await expect(player.startPlay(playUrl(media, 'x'))).rejects.toMatchObject({
      code: 'ERR_RTC_CONNECT_FAILED',
      message: expect.stringMatching(/the proxy (?!.*hush)/),
    });
  });
});

it.each(['nonsense', 'https://h', 'ftp://h', 'http://h/path', 'http://u:hush@', 5])(
  'the option proxy %j is refused, and not repeated',
  (proxy) => {
    expect(() => new TXLivePusher({ engine, proxy: proxy as never })).toThrow(
      expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT', message: expect.not.stringMatching(/hush/) }),
    );
  },
);
