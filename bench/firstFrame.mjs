import { setTimeout as delay } from 'node:timers/promises';
import { clockMicros } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { median, percentile, readClock } from '#lib/measure/index';
import { FfmpegPlay } from './support/ffmpeg.mjs';
import { heard, startServer } from './support/media.mjs';
import { sizes } from './support/sizes.mjs';

const gopSeconds = 2;

/** The first picture, and how long until one is live (younger than 100 ms). */
function watch() {
  const found = {};
  let resolve;
  const live = new Promise((done) => {
    resolve = done;
  });
  const onPicture = (picture, atUs) => {
    found.firstUs ??= atUs;
    const reading = readClock(picture);
    if (reading && atUs - reading.clockUs < 100_000 && found.liveUs === undefined) {
      found.liveUs = atUs;
      resolve();
    }
  };
  return { found, live, onPicture };
}

async function ours(url) {
  const { found, live, onPicture } = watch();
  const player = new TXLivePlayer({ videoFormat: 'i420', audioOutput: true });
  player.on('videoFrame', (frame) => {
    onPicture(frame, clockMicros());
    frame.close();
  });
  player.on('audioFrame', (frame) => frame.close());
  const startedUs = clockMicros();
  try {
    await player.startPlay(url);
    await Promise.race([live, delay(10_000)]);
  } finally {
    await player.close();
  }
  return { firstMs: (found.firstUs - startedUs) / 1000, liveMs: (found.liveUs - startedUs) / 1000 };
}

async function ffmpeg(url, { width, height }) {
  const { found, live, onPicture } = watch();
  const player = new FfmpegPlay({ width, height, profile: 'tuned', url, onPicture });
  await Promise.race([live, delay(10_000)]);
  await player.stop();
  return { firstMs: (found.firstUs - player.startedAtUs) / 1000, liveMs: (found.liveUs - player.startedAtUs) / 1000 };
}

const ways = { ours, 'ffmpeg tuned': ffmpeg };

async function joins(server, name, { runs, progress }) {
  const size = sizes[name];
  const pusher = new TXLivePusher({ gopSeconds });
  try {
    const { push, play } = server.stream();
    pusher.setVideoResolution(size.resolution);
    pusher.setVideoFPS(size.fps);
    pusher.setVideoBitRate(size.bitrateKbps);
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    const begun = heard(pusher, 'PUSH_EVT_PUSH_BEGIN');
    await Promise.all([pusher.startPush(push), begun]);
    await delay(2 * gopSeconds * 1000);
    const found = new Map(Object.keys(ways).map((way) => [way, []]));
    for (let run = 0; run < runs; run++)
      for (const [way, measure] of Object.entries(ways)) {
        progress(`${name}, ${way}, run ${run + 1} of ${runs}`);
        found.get(way).push(await measure(play, size));
        // A step that does not divide the GOP.
        await delay(770);
      }
    return [...found].map(([way, all]) => {
      const first = all.map(({ firstMs }) => firstMs).filter(Number.isFinite);
      return {
        what: `first frame of ${name}, GOP ${gopSeconds} s`,
        way,
        runs,
        p50Ms: median(first),
        p95Ms: percentile(first, 95),
        maxMs: Math.max(...first),
        liveP50Ms: median(all.map(({ liveMs }) => liveMs).filter(Number.isFinite)),
      };
    });
  } finally {
    await pusher.close();
  }
}

/** From the call (for ffmpeg: the start of its process) to the first decoded picture; joins fall all over the GOP. */
export async function firstFrame(options) {
  const server = await startServer();
  const rows = [];
  try {
    for (const name of Object.keys(sizes)) rows.push(...(await joins(server, name, options)));
  } finally {
    await server.close();
  }
  return rows;
}
