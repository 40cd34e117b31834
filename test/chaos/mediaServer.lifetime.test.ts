import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { RtcError } from '#lib/errors';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { startTool } from '../support/ffmpeg.js';
import { inAnHour, nextEvent, playUrl, processIsAlive, pushUrl, until } from '../support/mediaServer.js';
import { RawRtmpClient } from '../support/mediaServerClient.js';
import { patient } from '../support/patience.js';

const parentProgram = fileURLToPath(new URL('../support/mediaServerParent.mjs', import.meta.url));

async function publish(media: EmbeddedMediaServer, streamID: string): Promise<RawRtmpClient> {
  const published = nextEvent<string>(media, 'publish');
  const client = await RawRtmpClient.request('publish', pushUrl(media, streamID));
  await client.waitFor('NetStream.Publish.Start');
  expect(await published).toBe(streamID);
  return client;
}

function kill(media: EmbeddedMediaServer): void {
  process.kill(media.pid as number, 'SIGKILL');
}

describe('the embedded media server', () => {
  it('is back on the same ports soon after a SIGKILL, and keeps revocations', async () => {
    await using media = new EmbeddedMediaServer();
    const startedAt = performance.now();
    await media.start();
    const startMs = performance.now() - startedAt;
    const { rtmpUrl, httpUrl } = media;
    const revoked = inAnHour();
    using cut = await RawRtmpClient.request('publish', pushUrl(media, 'cut', { expiresAtSeconds: revoked }));
    await cut.waitFor('NetStream.Publish.Start');
    await media.cut('cut');
    using before = await publish(media, 'call');
    using player = await RawRtmpClient.request('play', playUrl(media, 'call'));
    await player.waitFor('NetStream.Play.Start');

    const unpublished = nextEvent<string>(media, 'unpublish');
    const restarted = nextEvent(media, 'restart');
    const killedAt = performance.now();
    kill(media);
    expect(await unpublished).toBe('call');
    expect(media.isPublishing('call')).toBe(false);
    await Promise.all([before.waitForClose(), player.waitForClose()]);
    await restarted;
    // 2 s, and what a start takes on a machine that has much else to do.
    expect(performance.now() - killedAt).toBeLessThan(patient(2000) + startMs);
    expect(media).toMatchObject({ rtmpUrl, httpUrl });
    using after = await publish(media, 'call');
    expect(after.closed).toBe(false);
    using again = await RawRtmpClient.request('publish', pushUrl(media, 'cut', { expiresAtSeconds: revoked }));
    await again.waitFor('NetStream.Publish.Denied');
  });

  it('survives several deaths, then gives up and can be started again', async () => {
    await using media = new EmbeddedMediaServer({ maxQuickDeaths: 2 });
    await media.start();
    for (let death = 0; death < 2; death++) {
      const restarted = nextEvent(media, 'restart');
      kill(media);
      await restarted;
    }
    const gaveUp = nextEvent<RtcError>(media, 'exit');
    kill(media);
    expect(await gaveUp).toMatchObject({ code: 'ERR_RTC_MEDIA_SERVER' });
    await media.start();
    using publisher = await publish(media, 'again');
    expect(publisher.closed).toBe(false);
  });

  it('restarts itself when it passes its memory cap', async () => {
    // a bare Node process takes 40 to 60 MB, this one more than 96 once it keeps pictures for joining players
    await using media = new EmbeddedMediaServer({ maxMemoryMb: 160, maxGopBytes: 2 ** 30 });
    await media.start();
    const restarted = nextEvent(media, 'restart', { deadlineMs: 20_000 });
    using publisher = await publish(media, 'large');
    publisher.sendFrame('key', { key: true });
    await until(
      'ended by the cap',
      () => {
        if (!publisher.closed) publisher.sendFrame('inter', { bytes: 1_000_000 });
        return publisher.closed;
      },
      20_000,
    );
    await restarted;
  });

  it('restarts itself when it hangs, and a cut during that still ends', async () => {
    await using media = new EmbeddedMediaServer();
    await media.start();
    using publisher = await publish(media, 'hung');
    const restarted = nextEvent(media, 'restart', { deadlineMs: 10_000 });
    process.kill(media.pid as number, 'SIGSTOP');
    await media.cut('hung');
    expect(media.isPublishing('hung')).toBe(false);
    await publisher.waitForClose();
    await restarted;
  });

  it.each(['SIGCONT', 'SIGSTOP'] as const)('closes soon while publishing, also after %s', async (signal) => {
    const media = new EmbeddedMediaServer();
    await media.start();
    const pid = media.pid as number;
    using publisher = await publish(media, 'busy');
    process.kill(pid, signal);
    const from = performance.now();
    await Promise.all([media.close(), media.close()]);
    // A second for its end by itself, then a kill, which a busy machine may do later; it would be silent for 15.
    expect(performance.now() - from).toBeLessThan(patient(4000));
    expect(processIsAlive(pid)).toBe(false);
    expect(media.isPublishing('busy')).toBe(false);
    await publisher.waitForClose();
  });

  it('ends an unfinished start when it is closed', async () => {
    const media = new EmbeddedMediaServer();
    const started = media.start();
    const outcome = expect(started).rejects.toMatchObject({ code: 'ERR_RTC_ABORTED' });
    await media.close();
    await outcome;
  });

  it('does not come back when it is closed between death and restart', async () => {
    const media = new EmbeddedMediaServer();
    await media.start();
    using publisher = await publish(media, 'gone');
    const unpublished = nextEvent(media, 'unpublish');
    kill(media);
    await unpublished;
    await media.close();
    expect(media.pid).toBeUndefined();
    await publisher.waitForClose();
  });

  it.each(['rtmpPort', 'httpPort'] as const)('says so when %s is in use', async (name) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    await using media = new EmbeddedMediaServer({ [name]: (other.address() as AddressInfo).port });
    await expect(media.start()).rejects.toMatchObject({ code: 'ERR_RTC_MEDIA_SERVER' });
    other.close();
    await once(other, 'close');
    await media.start();
    expect(media.rtmpUrl).toMatch(/^rtmp:/);
  });

  it('says so when the host is not of this machine', async () => {
    await using media = new EmbeddedMediaServer({ host: '192.0.2.1' });
    await expect(media.start()).rejects.toMatchObject({ code: 'ERR_RTC_MEDIA_SERVER' });
  });

  it('goes on when a listener throws', async () => {
    await using media = new EmbeddedMediaServer();
    media.on('publish', () => {
      throw new Error('fault of the listener');
    });
    await media.start();
    using client = await RawRtmpClient.request('publish', pushUrl(media, 'thrown'));
    await client.waitFor('NetStream.Publish.Start');
    await until('publishing', () => media.isPublishing('thrown'));
  });

  it.each([
    ['is killed', 'wait', true],
    ['exits', 'exit', false],
    ['dies of a fault', 'throw', false],
    ['closed it', 'close', false],
  ])('ends with a parent that %s, leaving no file', async (_how, mode, killed) => {
    const filesBefore = readdirSync('.').sort();
    await using parent = startTool(process.execPath, [parentProgram, mode], { deadlineMs: 15_000 });
    let pid = 0;
    if (killed) {
      await until('server started', () => {
        pid = parent.stdout.includes('\n') ? JSON.parse(parent.stdout).pid : 0;
        return pid > 0;
      });
      expect(processIsAlive(pid)).toBe(true);
      parent.kill();
    }
    const { stdout } = await parent.done;
    pid = JSON.parse(stdout).pid;
    await until('server gone', () => !processIsAlive(pid), 3000);
    expect(existsSync('data')).toBe(false);
    expect(readdirSync('.').sort()).toEqual(filesBefore);
  });
});
