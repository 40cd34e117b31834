import { setTimeout as delay } from 'node:timers/promises';
import { median } from '#lib/measure/index';
import { startCall } from './support/calls.mjs';
import { shownPercent, startPlayers, startPushers } from './support/loads.mjs';
import { published, startServer } from './support/media.mjs';
import { pictureFile } from './support/pictureFile.mjs';
import { sizes } from './support/sizes.mjs';
import { startUsage } from './support/usage.mjs';

const counts = [10, 20];
const ways = ['ours', 'ffmpeg tuned'];

/**
 * One stream whose pictures are timed, and the others beside it. Where they do not all come to run at once, that is the
 * result: a reason instead of figures.
 */
async function once(server, way, { size, count, file }, seconds) {
  const others = Array.from({ length: count - 1 }, () => server.stream());
  const loads = [];
  let call;
  try {
    loads.push(await startPushers(way, { urls: others.map(({ push }) => push), size, file }));
    await Promise.all(others.map(({ push }) => published(server, push).catch(() => undefined)));
    loads.push(await startPlayers(way, { urls: others.map(({ play }) => play), size }));
    call = await startCall(server, way, size);
    const beside = async () => {
      const finish = startUsage([...loads.flatMap(({ pids }) => pids)]);
      const serving = startUsage([server.media.pid]);
      const before = await loads[1].progress();
      return async () => {
        const usage = finish();
        const after = await loads[1].progress();
        return {
          ...usage,
          // Of its pushers and its players, whichever lacks more.
          failedStreams: Math.max(...loads.map((load) => load.failed)),
          serverPercent: serving().cpuPercent,
          shownPercent: shownPercent(before, after, size, others.length),
        };
      };
    };
    const { report, beside: load } = await call.measure(seconds, beside);
    return { report, load };
  } catch (error) {
    return { failed: error.message };
  } finally {
    await Promise.all([call?.close(), ...loads.map((load) => load.close())]);
  }
}

function rowOf(what, way, all, count) {
  const done = all.filter(({ failed }) => !failed);
  if (done.length === 0) return { what, way, runs: all.length, failed: all[0].failed };
  const timed = done.flatMap(({ report }) => (report.latency ? [report.latency] : []));
  const of = (key) => median(done.map(({ load }) => load[key]));
  return {
    what,
    way,
    runs: done.length,
    p50Ms: median(timed.map(({ p50Ms }) => p50Ms)),
    p95Ms: median(timed.map(({ p95Ms }) => p95Ms)),
    maxMs: median(timed.map(({ maxMs }) => maxMs)),
    samples: timed.reduce((sum, { samples }) => sum + samples, 0),
    lost: done.reduce((sum, { report }) => sum + report.lost, 0),
    // A stream's: pushed and played.
    cpuPercent: of('cpuPercent') / (count - 1),
    memoryMb: of('memoryMb') / (count - 1),
    serverPercent: of('serverPercent'),
    shownPercent: of('shownPercent'),
    failedStreams: Math.max(...done.map(({ load }) => load.failedStreams)),
  };
}

/**
 * Many streams at once, each pushed and played, on one machine with their server: the latency of one of them, what each of
 * the others takes, and how many of their pictures are shown. Loads beyond the machine stay in: what they lose is the result.
 */
export async function streams({ runs, seconds, progress }) {
  const rows = [];
  for (const [name, size] of Object.entries(sizes)) {
    const file = pictureFile(size);
    try {
      for (const count of counts) {
        const found = new Map(ways.map((way) => [way, []]));
        const what = `${count} × ${name}`;
        for (let run = 0; run < runs; run++)
          for (const way of ways) {
            progress(`${what}, ${way}, run ${run + 1} of ${runs}`);
            // What an overloaded server has left to do must not become the next one's.
            const server = await startServer();
            try {
              found.get(way).push(await once(server, way, { size, count, file }, seconds));
            } finally {
              await server.close();
            }
            await delay(500);
          }
        for (const [way, all] of found) rows.push(rowOf(what, way, all, count));
      }
    } finally {
      file.remove();
    }
  }
  return rows;
}
