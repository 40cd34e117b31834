import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as elapse } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AutoAdjustStrategy, PlayType } from '#lib/live/enums';
import type { LiveStatus } from '#lib/live/status';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { flvTags } from '../support/exTags.js';
import { runTool } from '../support/ffmpeg.js';
import { type EncodedPicture, type EncodedSound, FlvMedia } from '../support/live/flvMedia.js';

import { until } from '../support/mediaServer.js';
import { EmulatedLink } from '../support/network/EmulatedLink.mjs';
import { startFarServer } from '../support/network/LinkedCall.mjs';
import { describeNetwork } from '../support/network/networkTest.js';

const clipMs = 10_000;

describeNetwork("the application's H.264 on a link that is too slow for it", () => {
  let folder: string;
  const pictures: EncodedPicture[] = [];
  const sounds: EncodedSound[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rtcroom-slow-'));
    const clip = join(folder, 'clip.flv');
    const { stderr } = await runTool('ffmpeg', [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30,noise=alls=40:allf=t'],
      ...['-f', 'lavfi', '-i', 'sine=frequency=500', '-t', String(clipMs / 1000), '-pix_fmt', 'yuv420p'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-g', '30', '-sc_threshold', '0'],
      ...['-b:v', '1200k', '-maxrate', '1200k', '-bufsize', '600k', '-c:a', 'aac', '-ar', '48000', clip],
    ]);
    expect(stderr).toBe('');
    const media = new FlvMedia({ picture: (each) => pictures.push(each), sound: (each) => sounds.push(each) });
    for (const tag of flvTags(await readFile(clip))) media.take(tag);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The clip again and again, at its times, until the signal. */
  async function send(pusher: TXLivePusher, signal: AbortSignal): Promise<void> {
    const due = [
      ...pictures.map(({ data, dtsMs }) => ({
        atMs: dtsMs,
        give: (timestampMs: number) => pusher.sendCustomVideoData({ format: 'h264', data, timestampMs }),
      })),
      ...sounds.map(({ data, config, timestampMs: atMs }) => ({
        atMs,
        give: (timestampMs: number) => pusher.sendCustomAudioData({ format: 'aac', data, config, timestampMs }),
      })),
    ].sort((a, b) => a.atMs - b.atMs);
    const begun = performance.now();
    for (let round = 0; !signal.aborted; round++) {
      for (const { atMs, give } of due) {
        await elapse(Math.max(0, begun + round * clipMs + atMs - performance.now()));
        if (signal.aborted) return;
        give(round * clipMs + atMs);
      }
    }
  }

  it('loses the ends of its GOPs, says so, keeps its sound, and is whole again afterwards', async () => {
    await using link = await EmulatedLink.start({ up: { delay: 20 }, down: { delay: 20 } });
    await using server = await startFarServer(link);
    await using pusher = new TXLivePusher({ statusIntervalMs: 250 });
    pusher.setAutoAdjustStrategy(AutoAdjustStrategy.REALTIME_VIDEOCHAT);
    pusher.setVideoBitRate(1200);
    const events: string[] = [];
    pusher.on('event', ({ name }) => events.push(name));
    let status: LiveStatus | undefined;
    pusher.on('status', (report) => {
      status = report;
    });
    await pusher.startPreview({ source: 'user', format: 'h264' });
    await pusher.startAudioCapture({ source: 'user', format: 'aac' });
    await pusher.startPush(`${server.rtmpUrl}/slow`);
    const sending = new AbortController();
    const sent = send(pusher, sending.signal);
    await using _ = {
      async [Symbol.asyncDispose]() {
        sending.abort();
        await sent;
      },
    };
    await using player = new TXLivePlayer({ videoFormat: 'i420', audioOutput: true });
    const seen = { pictures: 0, samples: 0, troubles: [] as string[] };
    player.on('videoFrame', (frame) => {
      seen.pictures++;
      frame.close();
    });
    player.on('audioFrame', (frame) => {
      seen.samples += frame.samples;
      frame.close();
    });
    player.on('PLAY_WARNING_VIDEO_DECODE_FAIL', ({ message }) => seen.troubles.push(message));
    // With time to wait for what comes late: what is missing was not sent.
    await player.startPlay(`${server.rtmpUrl}/slow`, { type: PlayType.LIVE_RTMP });
    await elapse(5000);
    // A busy machine may have left something out already.
    const skippedBefore = Number(status?.SKIP_SIZE);
    events.length = 0;

    link.set({ up: { rate: 600 } });
    const before = { ...seen };
    await elapse(8000);
    expect(events).toContain('PUSH_WARNING_NET_BUSY');
    expect(Number(status?.SKIP_SIZE)).toBeGreaterThan(skippedBefore);
    // Half of the pictures have room, all of the sound has.
    expect(seen.pictures - before.pictures).toBeGreaterThan(15);
    expect(seen.pictures - before.pictures).toBeLessThan(200);
    expect((seen.samples - before.samples) / 48_000).toBeGreaterThan(6);
    expect(events).toContain('PUSH_EVT_KEY_FRAME_WANTED');

    link.set({ up: { rate: 5000 } });
    await elapse(3000);
    // As many as are sent: what waits in the player's long buffer is made up for first.
    const after = { ...seen, skipped: Number(status?.SKIP_SIZE) };
    await until('whole seconds of pictures', () => seen.pictures - after.pictures > 120, 15_000);
    expect(Number(status?.SKIP_SIZE) - after.skipped).toBeLessThan(10);
    // No picture came whose others were missing.
    expect(seen.troubles).toEqual([]);
  });
});
