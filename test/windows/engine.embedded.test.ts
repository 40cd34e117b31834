import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AudioFrame } from '#lib/live/AudioFrame';
import { clockMicros, engineInfo } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import type { VideoFrame } from '#lib/live/VideoFrame';
import { CallMeter } from '#lib/measure/index';
import { type NginxRtmp, startNginxRtmp } from '../support/nginxRtmp.js';
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
});

embeddedWindowSuite();
