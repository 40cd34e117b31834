import { median } from '#lib/measure/index';
import { startCall } from './support/calls.mjs';
import { startServer } from './support/media.mjs';
import { sizes } from './support/sizes.mjs';

/** What the wait for the sound costs is the difference, so that both are measured one after the other. */
const silent = ['720p30 without sound', { ...sizes['720p30'], silent: true }];
const streams = Object.entries(sizes).flatMap((stream) => (stream[0] === '720p30' ? [stream, silent] : [stream]));
const ways = ['ours', 'ours, in a process', 'ffmpeg tuned', 'ffmpeg default'];

async function once(server, way, size, seconds) {
  const call = await startCall(server, way, size);
  try {
    return (await call.measure(seconds)).report;
  } finally {
    await call.close();
  }
}

/** Frame in to decoded frame out, with sound and without, through the embedded server, ms; the ways take turns. */
export async function latency({ runs, seconds, progress }) {
  const rows = [];
  const server = await startServer();
  try {
    for (const [what, size] of streams) {
      const reports = new Map(ways.map((way) => [way, []]));
      for (let run = 0; run < runs; run++)
        for (const way of ways) {
          progress(`${what}, ${way}, run ${run + 1} of ${runs}`);
          reports.get(way).push(await once(server, way, size, seconds));
        }
      for (const [way, all] of reports) {
        const of = (pick) => median(all.flatMap(({ latency: value }) => (value ? [pick(value)] : [])));
        rows.push({
          what,
          way,
          runs,
          p50Ms: of(({ p50Ms }) => p50Ms),
          p95Ms: of(({ p95Ms }) => p95Ms),
          maxMs: of(({ maxMs }) => maxMs),
          samples: all.reduce((sum, report) => sum + (report.latency?.samples ?? 0), 0),
          lost: all.reduce((sum, report) => sum + report.lost, 0),
        });
      }
    }
  } finally {
    await server.close();
  }
  return rows;
}
