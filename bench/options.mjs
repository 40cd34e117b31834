import { setTimeout as delay } from 'node:timers/promises';
import { median } from '#lib/measure/index';
import { startPushers } from './support/loads.mjs';
import { published, startServer } from './support/media.mjs';
import { pictureFile } from './support/pictureFile.mjs';
import { pushOptions } from './support/pushOptions.mjs';
import { sizes } from './support/sizes.mjs';
import { startUsage } from './support/usage.mjs';
import { startXvfb } from './support/xvfb.mjs';

const settleMs = 2000;
const size = sizes['720p30'];

async function once(server, option, file, seconds) {
  const { push } = server.stream();
  const load = await startPushers('ours', { urls: [push], size, file, option });
  try {
    if (load.failed > 0) throw new Error(`a push with ${option} did not begin`);
    await published(server, push);
    await delay(settleMs);
    const finish = startUsage(load.pids);
    await delay(seconds * 1000);
    return finish();
  } finally {
    await load.close();
  }
}

/**
 * CPU and memory of a process that pushes raw pictures of 720p30 with sound and one option of a push, beside the plain push;
 * they take turns. Windows are on a screen in memory, whose server's own CPU does not count.
 */
export async function options({ runs, seconds, progress }) {
  const names = Object.keys(pushOptions);
  const found = new Map(names.map((name) => [name, []]));
  const server = await startServer();
  const screen = await startXvfb(size);
  const file = pictureFile(size);
  try {
    for (let run = 0; run < runs; run++)
      for (const name of names) {
        progress(`${name}, run ${run + 1} of ${runs}`);
        found.get(name).push(await once(server, name, file, seconds));
      }
  } finally {
    file.remove();
    await screen.close();
    await server.close();
  }
  const of = (name, key) => median(found.get(name).map((one) => one[key]));
  return names.map((name) => ({
    what: name === 'plain' ? 'push 720p30 with sound' : name,
    way: 'ours',
    runs,
    cpuPercent: of(name, 'cpuPercent'),
    ofPlain: of(name, 'cpuPercent') / of('plain', 'cpuPercent'),
    memoryMb: of(name, 'memoryMb'),
  }));
}
