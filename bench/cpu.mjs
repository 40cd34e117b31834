import { setTimeout as delay } from 'node:timers/promises';
import { median } from '#lib/measure/index';
import { shownPercent, startPlayers, startPushers } from './support/loads.mjs';
import { published, startServer } from './support/media.mjs';
import { pictureFile } from './support/pictureFile.mjs';
import { sizes } from './support/sizes.mjs';
import { memoryMb, startUsage } from './support/usage.mjs';

const ways = ['ours', 'ours, in a process', 'ffmpeg tuned', 'ffmpeg default'];
const settleMs = 2000;

/** Memory of the two processes of ours when they do nothing, with all loaded: what an application has anyway. */
async function idleMemory() {
  const [pusher, player] = await Promise.all([
    startPushers('ours', { urls: [], size: sizes['360p30'] }),
    startPlayers('ours', { urls: [], size: sizes['360p30'] }),
  ]);
  try {
    await delay(settleMs);
    return { push: memoryMb(pusher.pids), play: memoryMb(player.pids) };
  } finally {
    await Promise.all([pusher.close(), player.close()]);
  }
}

/** Waits for its first picture: ffmpeg's defaults look at a stream for a while before they play it. */
async function firstPicture(load, deadlineMs = 20_000) {
  const deadline = performance.now() + deadlineMs;
  while ((await load.progress()).frames === 0) {
    if (performance.now() > deadline) throw new Error(`no picture within ${deadlineMs / 1000} s`);
    await delay(50);
  }
}

/** One stream, pushed by a process and played by another one. */
async function once(server, way, size, file, seconds) {
  const { push, play } = server.stream();
  const loads = [];
  try {
    loads.push(await startPushers(way, { urls: [push], size, file }));
    await published(server, push);
    loads.push(await startPlayers(way, { urls: [play], size }));
    await firstPicture(loads[1]);
    await delay(settleMs);
    const usages = loads.map(({ pids }) => startUsage(pids));
    const before = await loads[1].progress();
    await delay(seconds * 1000);
    const [pushing, playing] = usages.map((finish) => finish());
    const after = await loads[1].progress();
    return { push: pushing, play: { ...playing, shownPercent: shownPercent(before, after, size) } };
  } finally {
    await Promise.all(loads.map((load) => load.close()));
  }
}

/**
 * CPU (percent of a core) and memory (proportional set size; of ours, beyond that of a Node.js with the package loaded) of
 * a push and of a play, from the same raw pictures to decoded ones that are thrown away; the ways take turns.
 */
export async function cpu({ runs, seconds, progress }) {
  const server = await startServer();
  const rows = [];
  try {
    const idle = await idleMemory();
    rows.push({ what: 'idle Node.js with the package', way: 'ours', memoryMb: idle.push });
    for (const [name, size] of Object.entries(sizes)) {
      const file = pictureFile(size);
      const found = new Map(ways.map((way) => [way, []]));
      try {
        for (let run = 0; run < runs; run++)
          for (const way of ways) {
            progress(`${name}, ${way}, run ${run + 1} of ${runs}`);
            found.get(way).push(await once(server, way, size, file, seconds));
          }
      } finally {
        file.remove();
      }
      for (const side of ['push', 'play'])
        for (const [way, all] of found) {
          const of = (key) => median(all.map((one) => one[side][key]));
          const row = { what: `${side} ${name} with sound`, way, runs, cpuPercent: of('cpuPercent') };
          row.memoryMb = of('memoryMb') - (way.startsWith('ours') ? idle[side] : 0);
          if (side === 'play') row.shownPercent = of('shownPercent');
          rows.push(row);
        }
    }
  } finally {
    await server.close();
  }
  return rows;
}
