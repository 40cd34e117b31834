/** What we aim for, and whether bench/results reach it. */

import { ms, percent, seconds } from './format.mjs';

/** @typedef {import('./figures.mjs').Row} Row */
/** @typedef {import('./figures.mjs').Results} Results */

/** @typedef {{ rows: keyof Results, what: RegExp, key: keyof Row, name: string, most?: number, least?: number, tell: (value: number) => string }} Aim */

/** @type {Aim[]} */
const aims = [
  {
    rows: 'latency',
    what: /^720p30$/,
    key: 'p95Ms',
    name: 'latency p95',
    most: 10,
    tell: (value) => `${ms(value)} ms`,
  },
  { rows: 'firstFrame', what: /./, key: 'p95Ms', name: 'p95', most: 60, tell: (value) => `${ms(value)} ms` },
  {
    rows: 'recording',
    what: /./,
    key: 'cpuOfFfmpeg',
    name: 'CPU',
    most: 0.7,
    tell: (value) => `${value.toFixed(1)} × that of ffmpeg`,
  },
  { rows: 'recording', what: /./, key: 'memoryMb', name: 'memory', most: 2, tell: (value) => `${value.toFixed(1)} MB` },
  { rows: 'eventLoop', what: /./, key: 'p99Ms', name: 'p99', most: 5, tell: (value) => `${ms(value)} ms` },
  { rows: 'streams', what: /./, key: 'shownPercent', name: 'pictures shown', least: 99, tell: percent },
  {
    rows: 'qos',
    what: /600 kbit|loss/,
    key: 'p95Ms',
    name: 'latency p95',
    most: 300,
    tell: (value) => `${ms(value)} ms`,
  },
  { rows: 'qos', what: /kbit/, key: 'usedPercent', name: 'link used', least: 85, tell: percent },
  {
    rows: 'qos',
    what: /stall/,
    key: 'backSeconds',
    name: 'back after',
    most: 5,
    tell: seconds,
  },
  {
    rows: 'qos',
    what: /./,
    key: 'untoldFreezes',
    name: 'untold freezes',
    most: 0,
    tell: String,
  },
  { rows: 'kills', what: /./, key: 'bad', name: 'kills with a file that is not playable', most: 0, tell: String },
  { rows: 'kills', what: /./, key: 'lostSeconds', name: 'lost', most: 1, tell: (value) => `${value.toFixed(2)} s` },
  { rows: 'soak', what: /./, key: 'grew', name: 'quantities that grew', most: 0, tell: String },
  { rows: 'soak', what: /./, key: 'wrong', name: 'faults seen', most: 0, tell: String },
];

/** What has no figure did not get there. @param {Row} row @param {Aim} aim */
function misses(row, { key, most = Infinity, least = -Infinity }) {
  const value = row[key];
  return typeof value !== 'number' || value > most || value < least;
}

/** The names of the aims for a row of ours, those that it reaches and those that it misses. @param {keyof Results} name @param {Row} row */
function judged(name, row) {
  const own = aims.filter(({ rows, what }) => rows === name && what.test(row.what));
  const names = (/** @type {boolean} */ missed) =>
    own.filter((aim) => misses(row, aim) === missed).map((aim) => aim.name);
  return { met: names(false), missed: names(true) };
}

/** Whether a row of ours reaches all that is aimed for. @param {keyof Results} name @param {Row} row */
export function verdict(name, row) {
  const { missed } = judged(name, row);
  return missed.length > 0 ? `not met: ${missed.join(', ')}` : 'met';
}

/** The same where rows have different aims: names those that are met. @param {keyof Results} name @param {Row} row */
export function namedVerdict(name, row) {
  const { met, missed } = judged(name, row);
  return missed.length > 0 ? verdict(name, row) : `met: ${met.join(', ')}`;
}

/** What we aimed for and did not reach. @param {Results} results */
export function missedAims(results) {
  return aims.flatMap((aim) => {
    const { rows, what, key, name, most = Infinity, least, tell } = aim;
    const bound = least === undefined ? `at most ${tell(most)}` : `at least ${tell(least)}`;
    return (results[rows]?.rows ?? [])
      .filter((row) => row.way === 'ours' && what.test(row.what) && misses(row, aim))
      .map((row) => {
        const value = row[key];
        return `${row.what}, ${name}: ${typeof value === 'number' ? tell(value) : 'never'}, aimed for ${bound}`;
      });
  });
}
