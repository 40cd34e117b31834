import { once } from 'node:events';
import { type AddressInfo, connect as connectPlain, createServer, type Socket } from 'node:net';
import { connect, type TlsOptions as ServerTlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capabilities } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { type CertificateAuthority, makeAuthority, type ServerCertificate } from './certificates.js';
import { flvUrl, playUrl, pushUrl, until } from './mediaServer.js';
import { startTlsTerminator } from './tlsTerminator.js';
import { watchPlayer } from './watchPlayer.js';

const engine = 'embedded';

/** The same address in TLS, through a terminator. */
function secured(url: string, port: number, host = 'localhost'): string {
  const out = new URL(url.replace(/^(rtmp|http):/, 'http:'));
  return `${url.startsWith('rtmp') ? 'rtmps' : 'https'}://${host}:${port}${out.pathname}${out.search}`;
}

const portOf = (url: string) => Number(new URL(url.replace(/^rtmp:/, 'http:')).port);

export interface TlsSuiteOptions {
  /** That the platform's TLS speaks. */
  versions: ('TLSv1.2' | 'TLSv1.3')[];
  /** The authority has a key of RSA and not of an elliptic curve. */
  rsaAuthority?: boolean;
  /** The platform tells a connection's round trip. */
  tellsRtt: boolean;
}

/** A plain TCP server that deals with each connection as it likes. */
async function startRudeServer(deal: (socket: Socket) => void): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    deal(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** RTMPS and HTTPS-FLV of the embedded engine, against TLS of Node.js. */
export function tlsSuite({ versions, rsaAuthority = false, tellsRtt }: TlsSuiteOptions): void {
  describe('TLS', () => {
    const media = new EmbeddedMediaServer();
    let authority: CertificateAuthority;
    let localhost: ServerCertificate;
    const rtmpPort = () => portOf(media.rtmpUrl);
    const flvPort = () => portOf(media.httpUrl ?? '');

    beforeAll(async () => {
      authority = await makeAuthority({ rsa: rsaAuthority });
      localhost = await authority.issue(['DNS:localhost', 'IP:127.0.0.1']);
      await media.start();
    });
    afterAll(async () => {
      await media.close();
      await authority?.[Symbol.asyncDispose]();
    });

    const push = async (pusher: TXLivePusher, url: string) => {
      await pusher.startPreview({ source: 'synthetic' });
      await pusher.startAudioCapture({ source: 'synthetic' });
      await pusher.startPush(url);
    };
    /** The error of a play that ends before it began. */
    const failure = async (server: ServerTlsOptions, options: { ca?: string; verify?: boolean }, host?: string) => {
      await using terminator = await startTlsTerminator(flvPort(), server);
      await using player = new TXLivePlayer({
        engine,
        connectRetryCount: 3,
        connectRetryIntervalMs: 0,
        // The system's store is read first.
        connectTimeoutMs: 30_000,
        tls: options,
      });
      const events = watchPlayer(player).events;
      const error = await player.startPlay(secured(flvUrl(media, 'secret'), terminator.port, host)).then(
        () => expect.unreachable(),
        (reason: { code: string; message: string }) => reason,
      );
      expect(error.message).not.toMatch(/txSecret/);
      return {
        code: error.code,
        message: error.message,
        tries: terminator.failures + terminator.handshakes.length,
        events,
      };
    };

    it('is told of by the capabilities', () => {
      expect(capabilities(engine).protocols).toEqual(expect.arrayContaining(['rtmps', 'https-flv']));
    });

    it.each(versions)('%s carries push and play over RTMPS and play over HTTPS-FLV', async (version) => {
      const versions = { minVersion: version, maxVersion: version } as const;
      await using rtmps = await startTlsTerminator(rtmpPort(), { ...localhost, ...versions });
      await using https = await startTlsTerminator(flvPort(), { ...localhost, ...versions });
      const tls = { ca: authority.ca };
      const name = `call-${version.replace('.', '-')}`;
      await using pusher = new TXLivePusher({ engine, tls, statusIntervalMs: 300 });
      const pushStatus: number[] = [];
      pusher.on('status', ({ RTT, NET_SPEED }) => (RTT !== undefined || !tellsRtt) && pushStatus.push(NET_SPEED ?? 0));
      await push(pusher, secured(pushUrl(media, name), rtmps.port));
      for (const url of [secured(playUrl(media, name), rtmps.port), secured(flvUrl(media, name), https.port)]) {
        await using player = new TXLivePlayer({ engine, tls, videoFormat: 'i420', audioOutput: true });
        const seen = watchPlayer(player);
        await player.startPlay(url);
        await until('pictures and sound', () => seen.pictures.length >= 60 && seen.samples > 48_000, 30_000);
        await player.stopPlay();
        expect(seen.movingShare).toBeGreaterThan(0.9);
      }
      await until('a rate of the push', () => pushStatus.some((kbps) => kbps > 50));
      await pusher.stopPush();
      for (const { protocol, servername } of [...rtmps.handshakes, ...https.handshakes])
        expect({ protocol, servername }).toEqual({ protocol: version, servername: 'localhost' });
      expect([rtmps.handshakes.length, https.handshakes.length]).toEqual([2, 1]);
    });

    it('checks an address by the addresses of the certificate, and sends no name for it', async () => {
      await using rtmps = await startTlsTerminator(rtmpPort(), localhost);
      await using pusher = new TXLivePusher({ engine, tls: { ca: authority.ca } });
      await push(pusher, secured(pushUrl(media, 'by-address'), rtmps.port, '127.0.0.1'));
      expect(rtmps.handshakes).toMatchObject([{ servername: false }]);
      const named = await authority.issue(['DNS:localhost', 'DNS:127.0.0.1']);
      expect(await failure(named, { ca: authority.ca }, '127.0.0.1')).toMatchObject({
        code: 'ERR_RTC_CERTIFICATE_REJECTED',
        message: expect.stringContaining('another host'),
      });
    });

    it('rejects, with its cause and once, what is expired, of another host, no server’s or of an unknown authority', async () => {
      const { ca } = authority;
      await using stranger = await makeAuthority({ rsa: rsaAuthority });
      const expired = await authority.issue(['DNS:localhost'], { expired: true });
      const other = await authority.issue(['DNS:media.example.com']);
      const rejected = (cause: string) => ({
        code: 'ERR_RTC_CERTIFICATE_REJECTED',
        message: expect.stringContaining(cause),
        tries: 1,
        events: expect.arrayContaining(['PLAY_WARNING_SHAKE_FAIL', 'PLAY_ERR_NET_DISCONNECT']),
      });
      expect(await failure(expired, { ca })).toEqual(rejected('it has expired;'));
      expect(await failure(other, { ca })).toEqual(rejected('another host'));
      const clients = await authority.issue(['DNS:localhost'], { usage: 'clientAuth' });
      expect(await failure(clients, { ca })).toEqual(rejected('not a server'));
      expect(await failure(localhost, { ca: stranger.ca })).toEqual(rejected('pass tls.ca'));
      expect(await failure(localhost, {})).toEqual(rejected('pass tls.ca')); // the system's own
    });

    it('takes any certificate when it is told not to verify', async () => {
      const expired = await authority.issue(['DNS:media.example.com'], { expired: true });
      await using rtmps = await startTlsTerminator(rtmpPort(), expired);
      await using pusher = new TXLivePusher({ engine, tls: { verify: false } });
      await push(pusher, secured(pushUrl(media, 'unverified'), rtmps.port));
      expect(pusher.pushing).toBe(true);
    });

    it.each([
      ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
      ['keys that are not ephemeral', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256:AES256-GCM-SHA384' }],
    ] as const)('refuses %s', async (_what, server) => {
      const rsa = await authority.issue(['DNS:localhost'], { rsa: true });
      // Somebody else could speak with it.
      await using terminator = await startTlsTerminator(flvPort(), { ...rsa, ...server });
      const other = connect({ ...server, port: terminator.port, servername: 'localhost', ca: authority.ca });
      await once(other, 'secureConnect');
      other.destroy();
      expect(await failure({ ...rsa, ...server }, { ca: authority.ca })).toMatchObject({
        code: 'ERR_RTC_HANDSHAKE_FAILED',
      });
    });

    it('is not taken for plain text: an rtmps:// address on a plain port fails as such', async () => {
      await using player = new TXLivePlayer({ engine, connectRetryCount: 0, tls: { ca: authority.ca } });
      for (const [url, port] of [
        [playUrl(media, 'plain'), rtmpPort()],
        [flvUrl(media, 'plain'), flvPort()],
      ] as const) {
        await expect(player.startPlay(secured(url, port))).rejects.toMatchObject({
          code: expect.stringMatching(/^ERR_RTC_(HANDSHAKE_FAILED|SERVER_DISCONNECTED)$/),
        });
      }
    });

    const garbage = Buffer.alloc(300, 7);
    const record = (type: number, body: Buffer) =>
      Buffer.concat([Buffer.from([type, 3, 3, body.length >> 8, body.length & 0xff]), body]);
    it.each([
      ['says nothing', 'ERR_RTC_HANDSHAKE_FAILED', () => {}],
      [
        'speaks something else',
        'ERR_RTC_HANDSHAKE_FAILED',
        (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
      ],
      ['answers with garbage in a record', 'ERR_RTC_HANDSHAKE_FAILED', (socket) => socket.write(record(22, garbage))],
      [
        'stops in the midst of a record',
        'ERR_RTC_HANDSHAKE_FAILED',
        (socket) => socket.write(record(22, garbage).subarray(0, 50)),
      ],
      [
        'sends a record that is too long',
        'ERR_RTC_HANDSHAKE_FAILED',
        (socket) => socket.write(record(22, Buffer.alloc(65_535))),
      ],
      ['refuses by an alert', 'ERR_RTC_HANDSHAKE_FAILED', (socket) => socket.write(record(21, Buffer.from([2, 40])))],
      ['goes away', 'ERR_RTC_SERVER_DISCONNECTED', (socket) => socket.end()],
    ] as [string, string, (socket: Socket) => void][])(
      'ends in time with a server that %s',
      async (_what, code, answer) => {
        await using server = await startRudeServer((socket) => socket.once('data', () => answer(socket)));
        await using pusher = new TXLivePusher({
          engine,
          connectRetryCount: 0,
          connectTimeoutMs: 1500,
          tls: { ca: authority.ca },
        });
        await pusher.startPreview({ source: 'synthetic' });
        await pusher.startAudioCapture({ source: 'synthetic' });
        await expect(pusher.startPush(`rtmps://localhost:${server.port}/live/one`)).rejects.toMatchObject({ code });
        expect(pusher.pushing).toBe(false);
      },
    );

    it.each(['in the handshake', 'after it'])(
      'ends with an error when garbage comes into the stream %s',
      async (when) => {
        await using terminator = await startTlsTerminator(flvPort(), { ...localhost, maxVersion: 'TLSv1.2' });
        await using server = await startRudeServer((client) => {
          const target = connectPlain(terminator.port, '127.0.0.1').on('error', () => {});
          let good = when === 'after it';
          client.on('data', (data) => {
            // The request, in a record of application data: the handshake is over.
            if (data[0] === 0x17) {
              good = false;
              client.write(Buffer.alloc(64, 0x99));
            }
            target.write(data);
          });
          client.on('close', () => target.destroy());
          target.on('data', (data) => client.write(good ? data : Buffer.alloc(data.length + 64, 0x99)));
          target.on('close', () => client.destroy());
        });
        await using player = new TXLivePlayer({ engine, connectRetryCount: 0, tls: { ca: authority.ca } });
        await expect(player.startPlay(secured(flvUrl(media, 'garbage'), server.port))).rejects.toMatchObject({
          code: expect.stringMatching(/^ERR_RTC_(HANDSHAKE_FAILED|SERVER_DISCONNECTED)$/),
        });
      },
    );

    it('can be stopped while a server says nothing', async () => {
      let tellHere = () => {};
      const here = new Promise<void>((resolve) => {
        tellHere = resolve;
      });
      await using server = await startRudeServer((socket) => socket.once('data', tellHere));
      await using player = new TXLivePlayer({ engine, connectTimeoutMs: 60_000, tls: { ca: authority.ca } });
      const playing = player.startPlay(`https://localhost:${server.port}/live/one.flv`).catch((error) => error);
      await here;
      player.stopPlay();
      expect(await playing).toMatchObject({ code: 'ERR_RTC_ABORTED' });
    });

    it.each([[{ ca: '/etc/ssl/ca.pem' }], [{ ca: 5 }], [{ verify: 'no' }], ['yes'], [null]])(
      'refuses the option %j',
      (tls) => {
        expect(() => new TXLivePusher({ engine, tls: tls as never })).toThrow(
          expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
        );
      },
    );
  });
}
