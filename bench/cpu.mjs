import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { median } from '#lib/measure/index';
import { startServer } from './support/media.mjs';

const program = fileURLToPath(new URL('support/load.mjs', import.meta.url));
const engines = { ours: 'auto', 'ours, in a process': 'process' };
const measured = ['push', 'play'].flatMap((what) => Object.keys(engines).map((way) => [what, way]));
const sizes = { '360p30': 103, '720p30': 105 };

async function load(what, url, seconds, resolution, engine = 'auto') {
  const env = { ...process.env, BENCH_RESOLUTION: String(resolution), BENCH_ENGINE: engine };
  const { stdout } = await promisify(execFile)(process.execPath, [program, what, url, String(seconds)], {
    env,
    timeout: 120_000,
  });
  return JSON.parse(stdout);
}

/** CPU (percent of a core) and memory of a push and of a play, each in a process of its own (with its children); memory beyond an idle one. */
export async function cpu({ runs, seconds }) {
  const server = await startServer();
  const rows = [];
  try {
    const idle = await load('idle', '', 1, 0);
    for (const [name, resolution] of Object.entries(sizes)) {
      const source = new TXLivePusher();
      try {
        const { push, play } = server.stream();
        source.setVideoResolution(resolution);
        source.setVideoFPS(30);
        await source.startPreview({ source: 'synthetic' });
        await source.startAudioCapture({ source: 'synthetic' });
        await source.startPush(push);
        for (const [what, way] of measured) {
          const loads = [];
          for (let run = 0; run < runs; run++) {
            const url = what === 'push' ? server.stream().push : play;
            loads.push(await load(what, url, seconds, resolution, engines[way]));
          }
          rows.push({
            what: `${what} ${name} with sound`,
            way,
            runs,
            cpuPercent: median(loads.map(({ cpuPercent }) => cpuPercent)),
            rssMb: median(loads.map(({ rssMb }) => rssMb)) - idle.rssMb,
          });
        }
      } finally {
        await source.close();
      }
    }
  } finally {
    await server.close();
  }
  return rows;
}
