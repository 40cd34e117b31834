import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { median } from '#lib/measure/index';
import { startFfmpegRecorder, startOurRecorder, startPushers } from './support/loads.mjs';
import { published, startServer } from './support/media.mjs';
import { pictureFile } from './support/pictureFile.mjs';
import { sizes } from './support/sizes.mjs';
import { memoryMb, startUsage, threadsOf } from './support/usage.mjs';

const settleMs = 2000;
const [beside, alone] = ['record 720p30 that is played anyway', 'record 720p30 and nothing else'];

const sizeOf = (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** ffmpeg looks at a stream for a while, and writes in pieces of this size. */
async function begun(path, deadlineMs = 20_000) {
  const deadline = performance.now() + deadlineMs;
  while (sizeOf(path) <= 32_768) {
    if (performance.now() > deadline) throw new Error(`nothing was recorded within ${deadlineMs / 1000} s`);
    await delay(50);
  }
}

/** A file that does not grow is no recording. */
async function growing(path, action) {
  const before = sizeOf(path);
  const result = await action();
  if (sizeOf(path) <= before) throw new Error('nothing was recorded');
  return result;
}

/** What the recording adds to a process that plays: threads that it began, and memory; and all that this process takes. */
async function ours(url, path, seconds) {
  const recorder = await startOurRecorder(url);
  try {
    const [pid] = recorder.pids;
    await delay(settleMs);
    const [memoryBefore, threadsBefore] = [memoryMb([pid]), threadsOf(pid)];
    await recorder.record(path);
    await delay(settleMs);
    const usages = [startUsage([pid], threadsBefore), startUsage([pid])];
    await growing(path, () => delay(seconds * 1000));
    const [added, whole] = usages.map((finish) => finish());
    return { added: { ...added, memoryMb: added.memoryMb - memoryBefore }, whole };
  } finally {
    await recorder.close();
  }
}

async function ffmpeg(url, path, seconds) {
  const recorder = startFfmpegRecorder(url, path);
  try {
    await begun(path);
    await delay(settleMs);
    const finish = startUsage(recorder.pids);
    await growing(path, () => delay(seconds * 1000));
    return finish();
  } finally {
    await recorder.close();
  }
}

/** Memory of such a process of ours that does nothing, with all loaded. */
async function idleMemory() {
  const idle = await startPushers('ours', { urls: [], size: sizes['720p30'] });
  try {
    await delay(settleMs);
    return memoryMb(idle.pids);
  } finally {
    await idle.close();
  }
}

const medianOf = (all, key) => median(all.map((one) => one[key]));

/**
 * CPU (percent of a core) and memory of a stream's recording by copy, beside an `ffmpeg -c copy` of the same stream from the
 * same server; they take turns. Ours needs a player, which decodes: told with it and without.
 */
export async function recording({ runs, seconds, progress }) {
  const folder = mkdtempSync(join(tmpdir(), 'rtcroom-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const size = sizes['720p30'];
  const file = pictureFile(size);
  const server = await startServer();
  const { push, play } = server.stream();
  const found = { ours: [], ffmpeg: [] };
  let pusher;
  try {
    const idle = await idleMemory();
    pusher = await startPushers('ours', { urls: [push], size, file });
    await published(server, push);
    for (let run = 0; run < runs; run++)
      for (const [way, measure] of Object.entries({ ours, ffmpeg })) {
        progress(`${way}, run ${run + 1} of ${runs}`);
        found[way].push(await measure(play, join(folder, `${way}-${run}.mp4`), seconds));
      }
    const theirs = { cpuPercent: medianOf(found.ffmpeg, 'cpuPercent'), memoryMb: medianOf(found.ffmpeg, 'memoryMb') };
    const row = (what, all, lessMb) => {
      const cpuPercent = medianOf(all, 'cpuPercent');
      const figures = {
        cpuPercent,
        cpuOfFfmpeg: cpuPercent / theirs.cpuPercent,
        memoryMb: medianOf(all, 'memoryMb') - lessMb,
      };
      return [
        { what, way: 'ours', runs, ...figures },
        { what, way: 'ffmpeg tuned', runs, ...theirs },
      ];
    };
    return [
      ...row(
        beside,
        found.ours.map(({ added }) => added),
        0,
      ),
      ...row(
        alone,
        found.ours.map(({ whole }) => whole),
        idle,
      ),
    ];
  } finally {
    await pusher?.close();
    await server.close();
    file.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}
