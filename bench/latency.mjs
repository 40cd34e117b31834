import { setTimeout as delay } from 'node:timers/promises';
import { clockMicros } from '#lib/live/engine';
import { VideoResolution } from '#lib/live/enums';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { CallMeter, median } from '#lib/measure/index';
import { FfmpegPlay, FfmpegPush } from './support/ffmpeg.mjs';
import { Generator } from './support/Generator.mjs';
import { startServer } from './support/media.mjs';

const sizes = {
  '360p30': { width: 640, height: 360, fps: 30, bitrateKbps: 800, resolution: VideoResolution.RESOLUTION_640x360 },
  '720p30': { width: 1280, height: 720, fps: 30, bitrateKbps: 1500, resolution: VideoResolution.RESOLUTION_1280x720 },
};

/** ffmpeg's defaults begin seconds late; this much settles all of them. */
const settleMs = 6000;

async function ours(server, size, seconds, engine) {
  const { push, play } = server.stream();
  const pusher = new TXLivePusher({ engine });
  const player = new TXLivePlayer({ engine, videoFormat: 'i420', audioOutput: true });
  const generator = new Generator({ ...size, onPicture: (picture) => pusher.sendCustomVideoData(picture) });
  try {
    pusher.setVideoResolution(size.resolution);
    pusher.setVideoFPS(size.fps);
    pusher.setVideoBitRate(size.bitrateKbps);
    await pusher.startPreview({ source: 'user' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    generator.start();
    await pusher.startPush(push);
    const meter = new CallMeter({ settleMs: 2000 });
    player.on('videoFrame', (frame) => {
      meter.video(frame, clockMicros());
      frame.close();
    });
    player.on('audioFrame', (frame) => frame.close());
    await player.startPlay(play);
    await delay(2000 + seconds * 1000);
    return meter.report();
  } finally {
    generator.stop();
    await Promise.all([pusher.close(), player.close()]);
  }
}

async function ffmpeg(server, size, seconds, profile) {
  const { push, play } = server.stream();
  const pusher = new FfmpegPush({ ...size, profile, url: push });
  let player;
  try {
    await published(server, push);
    const meter = new CallMeter({ settleMs });
    let seen = () => undefined;
    const first = new Promise((resolve) => {
      seen = resolve;
    });
    const onPicture = (picture, atUs) => {
      seen();
      meter.video(picture, atUs);
    };
    player = new FfmpegPlay({ ...size, profile, url: play, onPicture });
    await Promise.race([first, delay(20_000, undefined, { ref: false })]);
    await delay(settleMs + seconds * 1000);
    return meter.report();
  } finally {
    await pusher.stop();
    await player?.stop();
  }
}

async function published(server, url) {
  const streamID = new URL(url).pathname.split('/').pop();
  const deadline = performance.now() + 20_000;
  while (!server.media.isPublishing(streamID)) {
    if (performance.now() > deadline) throw new Error('ffmpeg did not publish');
    await delay(50);
  }
}

/** Frame in to decoded frame out, with sound, through the embedded server, ms. */
export async function latency({ runs, seconds }) {
  const rows = [];
  const server = await startServer();
  try {
    for (const [name, size] of Object.entries(sizes)) {
      const ways = {
        ours: () => ours(server, size, seconds, 'auto'),
        'ours, in a process': () => ours(server, size, seconds, 'process'),
        'ffmpeg tuned': () => ffmpeg(server, size, seconds, 'tuned'),
        'ffmpeg default': () => ffmpeg(server, size, seconds, 'default'),
      };
      for (const [way, measure] of Object.entries(ways)) {
        const reports = [];
        for (let run = 0; run < runs; run++) reports.push(await measure());
        const of = (pick) => median(reports.flatMap(({ latency: value }) => (value ? [pick(value)] : [])));
        rows.push({
          what: name,
          way,
          runs,
          p50Ms: of(({ p50Ms }) => p50Ms),
          p95Ms: of(({ p95Ms }) => p95Ms),
          maxMs: of(({ maxMs }) => maxMs),
          samples: reports.reduce((sum, report) => sum + (report.latency?.samples ?? 0), 0),
          lost: reports.reduce((sum, report) => sum + report.lost, 0),
        });
      }
    }
  } finally {
    await server.close();
  }
  return rows;
}
