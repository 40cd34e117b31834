import { setTimeout as delay } from 'node:timers/promises';
import { clockMicros } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { median, percentile, readClock } from '#lib/measure/index';
import { FfmpegPlay } from './support/ffmpeg.mjs';
import { heard, startServer } from './support/media.mjs';

const gopSeconds = 2;
const size = { width: 640, height: 360 };

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

async function ffmpeg(url) {
  const { found, live, onPicture } = watch();
  const player = new FfmpegPlay({ ...size, profile: 'tuned', url, onPicture });
  await Promise.race([live, delay(10_000)]);
  await player.stop();
  return { firstMs: (found.firstUs - player.startedAtUs) / 1000, liveMs: (found.liveUs - player.startedAtUs) / 1000 };
}

/** From the call (for ffmpeg: the start of its process) to the first decoded picture; joins fall all over the GOP. */
export async function firstFrame({ runs }) {
  const server = await startServer();
  const pusher = new TXLivePusher({ gopSeconds });
  const rows = [];
  try {
    const { push, play } = server.stream();
    pusher.setVideoResolution(103);
    pusher.setVideoFPS(30);
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    const begun = heard(pusher, 'PUSH_EVT_PUSH_BEGIN');
    await Promise.all([pusher.startPush(push), begun]);
    await delay(2 * gopSeconds * 1000);
    for (const [way, measure] of Object.entries({ ours, 'ffmpeg tuned': ffmpeg })) {
      const results = [];
      for (let run = 0; run < runs; run++) {
        results.push(await measure(play));
        // A step that does not divide the GOP.
        await delay(770);
      }
      const first = results.map(({ firstMs }) => firstMs);
      rows.push({
        what: `first frame, GOP ${gopSeconds} s`,
        way,
        runs,
        p50Ms: median(first),
        p95Ms: percentile(first, 95),
        maxMs: Math.max(...first),
        liveP50Ms: median(results.map(({ liveMs }) => liveMs)),
      });
    }
  } finally {
    await pusher.close();
    await server.close();
  }
  return rows;
}
