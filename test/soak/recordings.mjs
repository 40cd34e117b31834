import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const probeDeadlineMs = 60_000;

/**
 * Seconds with picture and sound: none where a second passed before one of them came, which begins the next file.
 * @param {string} path
 * @returns {Promise<number>} rejects when it cannot be read or has nothing
 */
async function secondsOf(path) {
  const args = ['-v', 'error', '-of', 'json', '-show_entries', 'stream=codec_type,nb_read_packets:format=duration'];
  const options = { timeout: probeDeadlineMs };
  const { stdout, stderr } = await promisify(execFile)('ffprobe', [...args, '-count_packets', path], options);
  if (stderr.trim()) throw new Error(stderr.trim());
  const { streams, format } = JSON.parse(stdout);
  const packets = (kind) => Number(streams.find(({ codec_type }) => codec_type === kind)?.nb_read_packets ?? 0);
  if (packets('video') + packets('audio') === 0) throw new Error('nothing is in it');
  return packets('video') > 0 && packets('audio') > 0 ? Number(format.duration) : 0;
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
      problems.push(
        `${name} recorded ${seconds.toFixed(1)} s with picture and sound, of at least ${leastSeconds.toFixed(1)} s`,
      );
    }
  }
  return { problems, sides };
}
