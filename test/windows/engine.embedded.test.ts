import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AudioFrame } from '#lib/live/AudioFrame';
import { clockMicros, engineInfo } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import type { VideoFrame } from '#lib/live/VideoFrame';
import { CallMeter } from '#lib/measure/index';
import { type NginxRtmp, startNginxRtmp } from '../support/nginxRtmp.js';
import { startHttpProxy, startSocks5Proxy } from '../support/proxies.js';
import { tlsSuite } from '../support/tlsSuite.js';
import { watchPlayer } from '../support/watchPlayer.js';
import { embeddedWindowSuite } from './support/windowSuite.js';

const engine = 'embedded';
let server: NginxRtmp;
beforeAll(async () => {
  server = await startNginxRtmp();
});
afterAll(() => server?.close());

/** Pictures to judge by: four seconds. */
const wanted = 60;

describe('the embedded engine in Windows Node', () => {
  it('is there', () => {
    expect(process.platform).toBe('win32');
    expect(engineInfo(engine).name).toBe('embedded');
  });

  it('pushes a clock and beeps through a media server on Linux, and plays them', async () => {
    await using pusher = new TXLivePusher({ engine });
    await using player = new TXLivePlayer({ engine, videoFormat: 'i420', audioOutput: true });
    pusher.setVideoResolution(103);
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    const url = `${server.rtmpUrl}/windows${process.pid}`;
    await pusher.startPush(url);
    const meter = new CallMeter({ startedAtUs: clockMicros() });
    const enough = new Promise<void>((resolve) => {
      player.on('videoFrame', (frame: VideoFrame) => {
        meter.video(frame, clockMicros());
        frame.close();
        if (meter.report().frames >= wanted && meter.report().beeps >= 2) resolve();
      });
    });
    player.on('audioFrame', (frame: AudioFrame) => {
      meter.audio(frame);
      frame.close();
    });
    await player.startPlay(url);
    await enough;
    const report = meter.report();
    expect(report).toMatchObject({ unreadable: 0, duplicates: 0, reordered: 0 });
    // wine on a busy machine: a bound of sanity, not of quality.
    expect(report.latency?.p50Ms).toBeLessThan(500);
    expect(Math.abs(report.avOffsetMs ?? Number.NaN)).toBeLessThan(100);
  });

  it.each([
    ['an HTTP proxy', 'http', startHttpProxy],
    ['a SOCKS5 proxy', 'socks5', startSocks5Proxy],
  ] as const)('pushes and plays through %s', async (_name, scheme, start) => {
    await using proxy = await start();
    const options = { engine, proxy: `${scheme}://127.0.0.1:${proxy.port}` } as const;
    await using pusher = new TXLivePusher(options);
    await using player = new TXLivePlayer({ ...options, videoFormat: 'i420' });
    const seen = watchPlayer(player);
    await pusher.startPreview({ source: 'synthetic' });
    const url = `${server.rtmpUrl}/${scheme}${process.pid}`;
    await pusher.startPush(url);
    await player.startPlay(url);
    await expect.poll(() => seen.pictures.length, { timeout: 20_000 }).toBeGreaterThan(15);
    expect(proxy.targets.length).toBeGreaterThanOrEqual(2);
    expect(new Set(proxy.targets)).toEqual(new Set([new URL(url.replace('rtmp:', 'http:')).host]));
  });
});

// Of wine 8: its Schannel has no TLS 1.3, takes one in a hundred ECDSA signatures for wrong (where a half of it begins
// with a zero byte), and its sockets tell no round trip.
tlsSuite({ versions: ['TLSv1.2'], rsaAuthority: true, tellsRtt: false });

embeddedWindowSuite();
