import { spawn } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { VideoResolution } from '#lib/live/enums';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { median } from '#lib/measure/index';
import { startServer } from './support/media.mjs';

const program = fileURLToPath(new URL('support/load.mjs', import.meta.url));
const players = 8;
const resolutionMs = 1;

/** How late a timer of 1 ms is, ms, while `seconds` pass. */
async function delays(seconds) {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  await delay(seconds * 1000);
  histogram.disable();
  // It records the time between two timers.
  const of = (value) => Math.max(0, value / 1e6 - resolutionMs);
  return {
    p50Ms: of(histogram.percentile(50)),
    p95Ms: of(histogram.percentile(95)),
    p99Ms: of(histogram.percentile(99)),
    maxMs: of(histogram.max),
  };
}

async function withPlayers(url, seconds) {
  const made = Array.from({ length: players }, () => new TXLivePlayer({ videoFormat: 'i420', audioOutput: true }));
  let frames = 0;
  try {
    for (const player of made) {
      player.on('videoFrame', (frame) => {
        frames++;
        frame.close();
      });
      player.on('audioFrame', (frame) => frame.close());
    }
    await Promise.all(made.map((player) => player.startPlay(url)));
    await delay(2000);
    frames = 0;
    const measured = await delays(seconds);
    return { ...measured, samples: Math.round(frames / seconds / players) };
  } finally {
    await Promise.all(made.map((player) => player.close()));
  }
}

/** How late the event loop is while players hand pictures and sound of 720p30 to JavaScript; another process pushes. */
export async function eventLoop({ runs, seconds }) {
  const server = await startServer();
  const { push, play } = server.stream();
  const load = spawn(process.execPath, [program, 'push', push, '3600'], {
    env: { ...process.env, BENCH_RESOLUTION: String(VideoResolution.RESOLUTION_1280x720), BENCH_ENGINE: 'auto' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const rows = [];
  try {
    const streamID = new URL(push).pathname.split('/').pop();
    const deadline = performance.now() + 20_000;
    while (!server.media.isPublishing(streamID)) {
      if (performance.now() > deadline) throw new Error('the other process did not publish');
      await delay(50);
    }
    for (const [way, measure] of Object.entries({
      ours: () => withPlayers(play, seconds),
      'nothing to do': () => delays(seconds),
    })) {
      const runsOf = [];
      for (let run = 0; run < runs; run++) runsOf.push(await measure());
      const row = { what: `event loop behind ${players} players of 720p30`, way, runs };
      for (const key of Object.keys(runsOf[0])) row[key] = median(runsOf.map((one) => one[key]));
      rows.push(row);
    }
  } finally {
    load.kill('SIGKILL');
    await server.close();
  }
  return rows;
}
