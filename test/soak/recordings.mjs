import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const probeDeadlineMs = 60_000;

/** @param {string} path @returns {Promise<number>} seconds; rejects when it is not a whole recording */
async function secondsOf(path) {
  const args = ['-v', 'error', '-of', 'json', '-show_entries', 'stream=codec_type,nb_read_packets:format=duration'];
  const options = { timeout: probeDeadlineMs };
  const { stdout, stderr } = await promisify(execFile)('ffprobe', [...args, '-count_packets', path], options);
  if (stderr.trim()) throw new Error(stderr.trim());
  const { streams, format } = JSON.parse(stdout);
  for (const kind of ['video', 'audio']) {
    const stream = streams.find(({ codec_type }) => codec_type === kind);
    if (!(Number(stream?.nb_read_packets) > 0)) throw new Error(`it has no ${kind}`);
  }
  return Number(format.duration);
}

/**
 * Reads all recordings of a folder with ffprobe.
 * @param {string} folder
 * @param {string[]} names of the recording sides, with which their files begin
 * @param {number} leastSeconds that each side must have recorded in all
 */
export async function checkRecordings(folder, names, leastSeconds) {
  /** @type {string[]} */
  const problems = [];
  /** @type {Record<string, { files: number, seconds: number }>} */
  const sides = {};
  const files = readdirSync(folder);
  for (const file of files) {
    const known = file.endsWith('.mp4') && names.some((name) => file.startsWith(`${name}-`));
    if (!known) problems.push(`${file} was left`);
  }
  for (const name of names) {
    const own = files.filter((file) => file.startsWith(`${name}-`));
    let seconds = 0;
    for (const file of own) {
      try {
        seconds += await secondsOf(join(folder, file));
      } catch (error) {
        problems.push(`recording ${file}: ${error.message}`);
      }
    }
    sides[name] = { files: own.length, seconds };
    if (seconds < leastSeconds) {
      problems.push(`${name} recorded ${seconds.toFixed(1)} s, not ${leastSeconds.toFixed(1)} s at least`);
    }
  }
  return { problems, sides };
}
