import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AudioFrame } from '#lib/live/AudioFrame';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import type { VideoFrame } from '#lib/live/VideoFrame';
import { runChild } from '../support/live/child.js';
import { type NginxRtmp, startNginxRtmp } from '../support/nginxRtmp.js';

let server: NginxRtmp;
let url: string;
const pusher = new TXLivePusher();

beforeAll(async () => {
  server = await startNginxRtmp();
  url = `${server.rtmpUrl}/frames`;
  pusher.setVideoResolution(101);
  await pusher.startPreview({ source: 'synthetic' });
  await pusher.startAudioCapture({ source: 'synthetic' });
  await pusher.startPush(url);
});
afterAll(async () => {
  await pusher.close();
  await server?.close();
});

async function frames(format: 'i420' | 'rgba'): Promise<{ video: VideoFrame; audio: AudioFrame }> {
  await using player = new TXLivePlayer({ videoFormat: format, audioOutput: true });
  const video = new Promise<VideoFrame>((resolve) => player.once('videoFrame', resolve));
  const audio = new Promise<AudioFrame>((resolve) => player.once('audioFrame', resolve));
  await player.startPlay(url);
  return { video: await video, audio: await audio };
}

async function frameChild(treatment: string, env: Record<string, string> = {}) {
  const result = await runChild('frameScenario.mjs', { args: [treatment, url], nodeArgs: ['--expose-gc'], env });
  expect({ code: result.code, signal: result.signal, stderr: result.stderr }).toEqual({
    code: 0,
    signal: null,
    stderr: '',
  });
  return JSON.parse(result.stdout.split('ready\n')[1] ?? '') as {
    seen: number;
    sum: number;
    held: number;
    left: number;
  };
}

describe('frames', () => {
  it('carry packed pictures and sound, and outlive their player', async () => {
    const { video, audio } = await frames('i420');
    expect({ width: video.width, height: video.height, format: video.format }).toEqual({
      width: 320,
      height: 180,
      format: 'i420',
    });
    expect(video.data.length).toBe((320 * 180 * 3) / 2);
    expect(new Set(video.data).size).toBeGreaterThan(2);
    expect(audio.data.length).toBe(audio.samples * audio.channels);
    expect(audio.sampleRate).toBe(48000);
    video.close();
    audio.close();
  });

  it('come as RGBA where that is asked for', async () => {
    const { video, audio } = await frames('rgba');
    expect(video.format).toBe('rgba');
    expect(video.data.length).toBe(320 * 180 * 4);
    expect(video.data[3]).toBe(255);
    video.close();
    audio.close();
  });

  it('close twice, and are empty afterwards', async () => {
    const { video, audio } = await frames('i420');
    const view = video.data;
    video.close();
    video.close();
    expect(video.closed).toBe(true);
    expect(view.length).toBe(0);
    expect(() => video.data).toThrow(expect.objectContaining({ code: 'ERR_RTC_CLOSED' }));
    audio.close();
    audio[Symbol.dispose]();
    expect(() => audio.data).toThrow(expect.objectContaining({ code: 'ERR_RTC_CLOSED' }));
  });

  it('go back to the pool when they are closed', async () => {
    const result = await frameChild('close');
    expect(result.held).toBeGreaterThanOrEqual(10);
    expect(result.left).toBe(0);
  });

  it('go back to the pool when they are forgotten and collected', async () => {
    const result = await frameChild('forget');
    expect(result.seen).toBeGreaterThanOrEqual(10);
    expect(result.left).toBe(0);
  });

  it('may be held until the process ends', async () => {
    const result = await frameChild('keep');
    expect(result.left).toBeGreaterThanOrEqual(10);
  });

  it('are copied where external buffers are refused', async () => {
    const result = await frameChild('keep', { LITEAV_RTCROOM_COPY_FRAMES: '1' });
    expect(result.seen).toBeGreaterThanOrEqual(10);
    expect(result.sum).toBeGreaterThan((10 * 320 * 180 * 3) / 2);
    expect(result.held).toBe(0);
    expect((await frameChild('close', { LITEAV_RTCROOM_COPY_FRAMES: '1' })).left).toBe(0);
  });
});

describe('a slow application', () => {
  it('loses the oldest frames, counted, and no event', async () => {
    await using player = new TXLivePlayer({ videoFormat: 'i420', audioOutput: true });
    const events: string[] = [];
    player.on('event', ({ name }) => events.push(name));
    await player.startPlay(url);
    // Longer than 8 pictures at 15 frames/s and 32 sounds of 21 ms take.
    const until = performance.now() + 1500;
    while (performance.now() < until);
    await player.stopPlay();
    expect(player.droppedFrames.video).toBeGreaterThan(0);
    expect(player.droppedFrames.audio).toBeGreaterThan(0);
    expect(events).toContain('PLAY_EVT_PLAY_BEGIN');
  });
});

describe('forgotten objects', () => {
  it('are closed by the collector, their threads end', async () => {
    const { code, stdout, stderr } = await runChild('forgottenScenario.mjs', { nodeArgs: ['--expose-gc'] });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { before, during, after } = JSON.parse(stdout.split('ready\n')[1] ?? '');
    expect(during).toBeGreaterThanOrEqual(before + 40);
    expect(after).toBeLessThanOrEqual(before);
  });
});
