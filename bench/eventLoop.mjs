import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { median } from '#lib/measure/index';
import { startPushers } from './support/loads.mjs';
import { startServer } from './support/media.mjs';
import { pictureFile } from './support/pictureFile.mjs';
import { sizes } from './support/sizes.mjs';

const size = sizes['720p30'];
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
  let touched = 0;
  try {
    for (const player of made) {
      player.on('videoFrame', (frame) => {
        // As an application would: it looks at its pixels.
        if (frame.data.length !== (size.width * size.height * 3) / 2) throw new Error('a picture of another size');
        touched += frame.data[frame.data.length >> 1];
        frames++;
        frame.close();
      });
      player.on('audioFrame', (frame) => {
        touched += frame.data[0];
        frame.close();
      });
    }
    await Promise.all(made.map((player) => player.startPlay(url)));
    await delay(2000);
    frames = 0;
    const measured = await delays(seconds);
    const perSecond = frames / seconds / players;
    if (touched === 0 || perSecond < 1) throw new Error('the players handed out no pictures');
    return { ...measured, shownPercent: (100 * perSecond) / size.fps };
  } finally {
    await Promise.all(made.map((player) => player.close()));
  }
}

/** How late the event loop is while players hand pictures and sound of 720p30 to JavaScript; another process pushes. */
export async function eventLoop({ runs, seconds, progress }) {
  const server = await startServer();
  const { push, play } = server.stream();
  const file = pictureFile(size);
  const rows = [];
  let load;
  try {
    load = await startPushers('ours', { urls: [push], size, file });
    const measures = { ours: () => withPlayers(play, seconds), 'nothing to do': () => delays(seconds) };
    const found = new Map(Object.keys(measures).map((way) => [way, []]));
    for (let run = 0; run < runs; run++)
      for (const [way, measure] of Object.entries(measures)) {
        progress(`${way}, run ${run + 1} of ${runs}`);
        found.get(way).push(await measure());
      }
    for (const [way, all] of found) {
      const row = { what: `event loop behind ${players} players of 720p30`, way, runs };
      for (const key of Object.keys(all[0])) row[key] = median(all.map((one) => one[key]));
      rows.push(row);
    }
  } finally {
    await load?.close();
    file.remove();
    await server.close();
  }
  return rows;
}
