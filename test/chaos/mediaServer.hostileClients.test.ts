import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { playUrl, pushUrl, until } from '../support/mediaServer.js';
import { RawRtmpClient } from '../support/mediaServerClient.js';

/** Resident memory in MB, of Linux' own account. */
function residentMb(pid: number | undefined): number {
  const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) / 1024;
}

describe('the embedded media server', () => {
  const logged: string[] = [];
  const log = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const media = new EmbeddedMediaServer({
    handshakeTimeoutMs: 1500,
    publisherSilenceMs: 1500,
    takeoverSilenceMs: 500,
    maxConnections: 250,
    logger: { error: log, warn: log, info: log, debug: log },
  });
  let pid: number | undefined;
  beforeAll(async () => {
    await media.start();
    pid = media.pid;
  });
  afterAll(() => media.close());

  /** The server is the same process and serves. */
  async function expectAlive(): Promise<void> {
    const streamID = `alive-${randomBytes(4).toString('hex')}`;
    using publisher = await RawRtmpClient.request('publish', pushUrl(media, streamID));
    await publisher.waitFor('NetStream.Publish.Start');
    using player = await RawRtmpClient.request('play', playUrl(media, streamID));
    await player.waitFor('NetStream.Play.Start');
    publisher.sendFrame('marker', { key: true });
    await player.waitFor('marker');
    expect(media.pid).toBe(pid);
  }

  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['TLS', Buffer.from('160301020001', 'hex')],
    ['zeros', Buffer.alloc(64)],
  ])('resets %s at once', async (_what, bytes) => {
    using client = await RawRtmpClient.open(media.rtmpUrl);
    client.socket.write(bytes);
    await client.waitForClose(1000);
    expect(client.receivedBytes).toBe(0);
    await expectAlive();
  });

  it('survives random bytes after a handshake, 100 times, in bounded memory', async () => {
    const before = residentMb(pid);
    for (let round = 0; round < 100; round++) {
      using client = await RawRtmpClient.open(media.rtmpUrl);
      await client.handshake();
      client.socket.write(randomBytes(8192));
      client.socket.write(randomBytes(80_000));
      await client.waitForClose(5000);
    }
    await expectAlive();
    expect(residentMb(pid) - before).toBeLessThan(100);
  });

  it.each([
    ['a chunk size of 0', (client: RawRtmpClient) => client.sendMessage(1, 0, Buffer.alloc(4))],
    ['a control message without content', (client: RawRtmpClient) => client.sendMessage(1, 0, Buffer.alloc(1))],
    ['a command without content', (client: RawRtmpClient) => client.sendMessage(20, 0, Buffer.from([5]))],
    ['publish before connect', (client: RawRtmpClient) => client.sendCommand(1, 'publish', 1, null, 's', 'live')],
    ['connect without an application', (client: RawRtmpClient) => client.sendCommand(0, 'connect', 1, null)],
    ['a truncated AMF string', (client: RawRtmpClient) => client.sendMessage(20, 0, Buffer.from([2, 255, 255, 65]))],
    [
      'a message of 16 MB announced',
      (client: RawRtmpClient) => client.socket.write(Buffer.from('03000000ffffff1400000000', 'hex')),
    ],
  ])('ends a client that sends %s', async (_what, send) => {
    using client = await RawRtmpClient.open(media.rtmpUrl);
    await client.handshake();
    send(client);
    client.sendCommand(0, 'connect', 1, null); // whatever it takes the first for
    await client.waitForClose(4000);
    await expectAlive();
  });

  it('ends a publisher that announces pictures larger than the cap, or publishes twice', async () => {
    for (const misbehave of [
      (client: RawRtmpClient) => client.socket.write(Buffer.from('06000000ffffff0901000000', 'hex')),
      (client: RawRtmpClient) => client.sendCommand(1, 'publish', 4, null, 'other', 'live'),
    ]) {
      using client = await RawRtmpClient.request('publish', pushUrl(media, 'huge'));
      await client.waitFor('NetStream.Publish.Start');
      misbehave(client);
      await client.waitForClose(4000);
      await until('unpublished', () => !media.isPublishing('huge'));
    }
  });

  it('passes on empty, unknown and broken media messages without harm', async () => {
    using publisher = await RawRtmpClient.request('publish', pushUrl(media, 'odd'));
    await publisher.waitFor('NetStream.Publish.Start');
    using player = await RawRtmpClient.request('play', playUrl(media, 'odd'));
    await player.waitFor('NetStream.Play.Start');
    for (const type of [8, 9, 15, 18, 22, 99]) {
      for (const payload of [Buffer.alloc(0), Buffer.alloc(1), Buffer.from([0xff, 0xff, 0xff]), randomBytes(300)]) {
        publisher.sendMessage(type, 1, payload);
      }
    }
    publisher.sendFrame('after all that', { key: true });
    await player.waitFor('after all that');
  });

  it('drops 100 half-open handshakes at its deadline, in bounded memory', async () => {
    const before = residentMb(pid);
    const clients = await Promise.all(Array.from({ length: 100 }, () => RawRtmpClient.open(media.rtmpUrl)));
    clients.forEach((client, index) => {
      if (index % 2) client.socket.write(Buffer.alloc(700, 3)); // half of C0 and C1; the others say nothing
    });
    await expectAlive();
    expect(residentMb(pid) - before).toBeLessThan(60);
    for (const client of clients) await client.waitForClose(5000);
  });

  it('refuses connections over its cap and takes new ones when there is room', async () => {
    const clients = await Promise.all(Array.from({ length: 250 }, () => RawRtmpClient.open(media.rtmpUrl)));
    using over = await RawRtmpClient.open(media.rtmpUrl);
    await over.waitForClose(1000);
    for (const client of clients) client.socket.destroy();
    // A slow server may take a connection before it has seen the others end; the test's own deadline ends this.
    for (let taken = false; !taken; ) {
      using next = await RawRtmpClient.open(media.rtmpUrl);
      await next.handshake();
      taken = next.receivedBytes > 0;
    }
    await expectAlive();
  });

  it('frees the stream of a publisher that falls silent', async () => {
    using publisher = await RawRtmpClient.request('publish', pushUrl(media, 'silent'));
    await publisher.waitFor('NetStream.Publish.Start');
    using player = await RawRtmpClient.request('play', playUrl(media, 'silent'));
    await player.waitFor('NetStream.Play.UnpublishNotify', 5000);
    await publisher.waitForClose();
    expect(media.isPublishing('silent')).toBe(false);
  });

  it('lets another publisher take over from one that has just fallen silent', async () => {
    using silent = await RawRtmpClient.request('publish', pushUrl(media, 'takeover'));
    await silent.waitFor('NetStream.Publish.Start');
    let attempts = 0;
    for (;;) {
      using next = await RawRtmpClient.request('publish', pushUrl(media, 'takeover'));
      attempts++;
      await until('answered', () => next.saw('NetStream.Publish.'));
      if (next.saw('NetStream.Publish.Start')) break;
      expect(next.saw('NetStream.Publish.BadName')).toBe(true);
    }
    expect(attempts).toBeGreaterThan(1);
    await silent.waitForClose();
  });

  it('never writes a signature to the log', () => {
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.join('\n')).not.toMatch(/txSecret=|txTime=|[0-9a-f]{32}/);
  });
});
