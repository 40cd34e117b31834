import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as elapse } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VideoQualityPreset, VideoRatio } from '#lib/live/enums';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { makeClip, type Probed, type ProbedPacket, probe, runTool, startTool } from '../support/ffmpeg.js';
import { until } from '../support/mediaServer.js';
import { type AnyMediaServer, mediaServers } from '../support/mediaServers.js';

const captureMs = 5000;
/** A late reader's GOP begins at a key frame, which left the encoder after sound of the same time on a busy machine. */
const lateStartSeconds = 0.25;

const times = (packets: ProbedPacket[], type: 'video' | 'audio') =>
  packets.filter((packet) => packet.codec_type === type).map((packet) => Number(packet.dts_time ?? packet.pts_time));

/** Both streams are there, their times rise, and sound is there when the first picture is. */
function expectBoth(
  { streams, packets }: Probed,
  startsTogether: boolean,
  startToleranceSeconds: number,
): { video: number[]; audio: number[] } {
  expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual(['aac', 'h264']);
  const video = times(packets, 'video');
  const audio = times(packets, 'audio');
  for (const list of [video, audio]) {
    for (let i = 1; i < list.length; i++) expect(list[i]).toBeGreaterThan(list[i - 1] as number);
  }
  expect(packets.find((packet) => packet.codec_type === 'video')?.flags).toMatch(/^K/);
  const firstPicture = video[0] as number;
  const firstSound = startsTogether ? audio[0] : audio.find((time) => time >= firstPicture);
  expect(Math.abs(firstPicture - (firstSound as number))).toBeLessThanOrEqual(startToleranceSeconds);
  return { video, audio };
}

describe.each(mediaServers)('what the pusher pushes through $name', ({ start, startsTogether }) => {
  let server: AnyMediaServer;
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rtcroom-interop-'));
    server = await start();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  it('is read by ffmpeg with its codecs, monotone times, right duration and both streams together', async () => {
    const file = join(directory, 'capture.mkv');
    await using pusher = new TXLivePusher({ gopSeconds: 1 });
    pusher.setVideoQualityParamPreset(VideoQualityPreset.STANDARD, VideoRatio.RATIO_16_9);
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    await pusher.startPush(server.pushUrl('duration'));
    await using reader = startTool('ffmpeg', [
      ...['-v', 'error', '-i', server.playUrl('duration'), '-c', 'copy', '-t', '60', file],
    ]);
    await elapse(captureMs + 2000); // the length of what is captured, with time for ffmpeg to begin
    await pusher.stopPush();
    const { code } = await Promise.race([reader.done, elapse(3000).then(() => reader.stop())]);
    expect([0, 255]).toContain(code); // 255: stopped by us, where the server does not tell the end

    const probed = await probe(file);
    const { video, audio } = expectBoth(probed, startsTogether, lateStartSeconds);
    const videoSeconds = (video.at(-1) as number) - (video[0] as number);
    const audioSeconds = (audio.at(-1) as number) - (audio[0] as number);
    expect(videoSeconds).toBeGreaterThan(captureMs / 1000 - 1); // it may have begun at the second key frame
    expect(Math.abs((video.at(-1) as number) - (audio.at(-1) as number))).toBeLessThanOrEqual(0.2);
    if (startsTogether) expect(Math.abs(videoSeconds - audioSeconds)).toBeLessThanOrEqual(0.2);
    const frames = video.length - 1;
    const fps = frames / videoSeconds;
    const nominal = Math.round(fps);
    // as many pictures as the rate gives in that time: none lost
    expect(Math.abs(frames - videoSeconds * nominal)).toBeLessThanOrEqual(2);
  });

  it('has the length of time that passed, within 200 ms in 5 s', async () => {
    const file = join(directory, 'exact.mkv');
    await using pusher = new TXLivePusher({ gopSeconds: 1 });
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    // it waits for the publisher, so that it has all of it
    await using reader = startTool('ffmpeg', [
      ...['-v', 'debug', '-i', server.playUrl('exact'), '-c', 'copy', '-t', '60', file],
    ]);
    await until('ffmpeg waits for the stream', () => reader.stderr.includes('Sending play command'));
    await pusher.startPush(server.pushUrl('exact'));
    const from = performance.now();
    await elapse(captureMs);
    await pusher.stopPush();
    const passedSeconds = (performance.now() - from) / 1000;
    await Promise.race([reader.done, elapse(3000).then(() => reader.stop())]);
    const { video, audio } = expectBoth(await probe(file), startsTogether, 0.1);
    const begin = Math.min(video[0] as number, audio[0] as number);
    for (const list of [video, audio]) {
      expect(Math.abs((list.at(-1) as number) - begin - passedSeconds)).toBeLessThanOrEqual(0.2);
    }
  });

  it('is a file in real time, decodable without an error', async () => {
    const clip = join(directory, 'source.mp4');
    await makeClip(clip, { seconds: 3, width: 480, height: 270 });
    const file = join(directory, 'file.mkv');
    await using pusher = new TXLivePusher({ gopSeconds: 1 });
    await pusher.startPreview({ source: 'file', path: clip, loop: true });
    await pusher.startAudioCapture({ source: 'file', path: clip, loop: true });
    await pusher.startPush(server.pushUrl('file'));
    const read = await runTool('ffmpeg', [
      ...['-v', 'error', '-i', server.playUrl('file'), '-c', 'copy', '-t', String(captureMs / 1000), file],
    ]);
    expect(read).toMatchObject({ code: 0 });
    await pusher.stopPush();
    const probed = await probe(file);
    const { video, audio } = expectBoth(probed, startsTogether, lateStartSeconds);
    const begin = Math.min(video[0] as number, audio[0] as number);
    expect(Math.abs((video.at(-1) as number) - begin - captureMs / 1000)).toBeLessThanOrEqual(0.2);
    // In ms: at a frame rate that ffmpeg guesses, two pictures out of 30 thinned to 20 a second can round to one time.
    const inMs = ['-enc_time_base:v', '1:1000'];
    const decoded = await runTool('ffmpeg', ['-v', 'error', '-xerror', '-i', file, ...inMs, '-f', 'null', '-']);
    expect(decoded).toMatchObject({ code: 0, stderr: '' });
  });
});
