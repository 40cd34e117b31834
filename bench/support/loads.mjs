import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { FfmpegFilePush, FfmpegNullPlay, FfmpegRecord } from './ffmpeg.mjs';

const program = fileURLToPath(new URL('load.mjs', import.meta.url));
const startMs = 60_000;

/**
 * Streams that are pushed, or played, by processes of their own: all of ours by one, each of ffmpeg's by one. `failed` of
 * them did not begin, or have ended.
 * @typedef {{ pids: number[], failed: number, progress(): Promise<{ frames: number, atMs: number }>, close(): Promise<void> }} Load
 *
 * One that records as well, from `record` on; of ffmpeg's that is all it does, from the beginning.
 * @typedef {{ pids: number[], record(path: string): Promise<void>, close(): Promise<void> }} Recorder
 */

/** @returns {Promise<Load & Recorder>} */
async function ours(options) {
  const child = fork(program, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), startMs);
  const [first] = await Promise.race([once(child, 'message'), ended]);
  clearTimeout(timer);
  if (!first?.pids)
    throw new Error(
      `the process that should ${options.what} ended before it did, or took more than ${startMs / 1000} s`,
    );
  const { pids, failed } = first;
  const ask = async (message) => {
    const answer = once(child, 'message');
    child.send(message);
    return (await answer)[0];
  };
  return {
    pids,
    failed,
    progress: () => ask('progress'),
    record: (path) => ask({ record: path }),
    async close() {
      const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
      if (child.connected) child.send('close');
      await ended;
      clearTimeout(kill);
    },
  };
}

/** @returns {Load} */
function many(processes) {
  return {
    get pids() {
      return processes.flatMap(({ pid, ended }) => (ended ? [] : [pid]));
    },
    get failed() {
      return processes.filter(({ ended }) => ended).length;
    },
    async progress() {
      const each = await Promise.all(processes.map((one) => one.progress()));
      return {
        frames: each.reduce((sum, { frames }) => sum + frames, 0),
        atMs: each.reduce((sum, { atMs }) => sum + atMs, 0) / each.length,
      };
    },
    close: () => Promise.all(processes.map((one) => one.stop())).then(() => undefined),
  };
}

/**
 * Pushes the pictures of the file to each address, with sound. Addresses that are played must be published first. `option` is
 * one of pushOptions.mjs, of ours alone.
 */
export function startPushers(way, { urls, size, file, option }) {
  if (way.startsWith('ours')) return ours({ what: 'push', urls, size, file, option, engine: engineOf(way) });
  const profile = way.replace('ffmpeg ', '');
  return many(urls.map((url) => new FfmpegFilePush({ ...size, profile, url, file })));
}

/** Plays each address, decodes pictures and sound, and throws them away. */
export async function startPlayers(way, { urls, size }) {
  if (way.startsWith('ours')) return ours({ what: 'play', urls, size, engine: engineOf(way) });
  const profile = way.replace('ffmpeg ', '');
  return many(urls.map((url) => new FfmpegNullPlay({ profile, url })));
}

/** Plays an address to record it, without pictures for anybody. */
export const startOurRecorder = (url) => ours({ what: 'record', urls: [url], engine: 'auto' });

/** ffmpeg that does nothing but copy a stream into a file. @returns {Recorder} */
export const startFfmpegRecorder = (url, path) => new FfmpegRecord({ url, path });

const engineOf = (way) => (way === 'ours, in a process' ? 'process' : 'auto');

/** Pictures that were shown between two answers of `progress`, percents of those that `streams` should show. */
export function shownPercent(before, after, { fps }, streams = 1) {
  const seconds = (after.atMs - before.atMs) / 1000;
  return seconds > 0 ? (100 * (after.frames - before.frames)) / seconds / streams / fps : 0;
}
