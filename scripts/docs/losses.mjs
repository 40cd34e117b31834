/** Where ffmpeg is ahead of us, and where we miss what we aim for, in words, from bench/results. */

import { megabytes, ms, percent } from './figures.mjs';

/** @typedef {import('./figures.mjs').Row} Row */
/** @typedef {import('./figures.mjs').Results} Results */

/** Two figures that differ by less are the same: runs do. */
const noise = 0.05;

/** @type {{ key: keyof Row, name: string, tell: (value: number) => string, more?: boolean }[]} */
const comparisons = [
  { key: 'p50Ms', name: 'latency p50', tell: (value) => `${ms(value)} ms` },
  { key: 'p95Ms', name: 'latency p95', tell: (value) => `${ms(value)} ms` },
  { key: 'cpuPercent', name: 'CPU', tell: percent },
  { key: 'memoryMb', name: 'memory', tell: megabytes },
  { key: 'shownPercent', name: 'pictures shown', tell: percent, more: true },
  { key: 'usedPercent', name: 'link used', tell: percent, more: true },
  { key: 'freezeMs', name: 'longest freeze', tell: (value) => `${ms(value)} ms` },
  { key: 'backSeconds', name: 'back after', tell: (value) => `${value.toFixed(1)} s` },
];

/** @type {{ rows: keyof Results, what: RegExp, key: keyof Row, name: string, most?: number, least?: number, tell: (value: number) => string }[]} */
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
  { rows: 'qos', what: /600 kbit/, key: 'usedPercent', name: 'link used', least: 85, tell: percent },
  {
    rows: 'qos',
    what: /stall/,
    key: 'backSeconds',
    name: 'back after',
    most: 5,
    tell: (value) => `${value.toFixed(1)} s`,
  },
];

/** What it takes to leave pictures out is no comparison. */
const comparable = 95;

/** @param {Row} ours @param {Row} theirs */
function behind(ours, theirs) {
  if (ours.failed && !theirs.failed) return [`${ours.what}: ours did not run (${ours.failed}), ffmpeg's did`];
  return comparisons.flatMap(({ key, name, tell, more }) => {
    const [mine, other] = [ours[key], theirs[key]];
    const partial = [ours, theirs].some(({ shownPercent = 100 }) => shownPercent < comparable);
    if (partial && (key === 'cpuPercent' || key === 'memoryMb')) return [];
    if (typeof other !== 'number') return [];
    if (typeof mine !== 'number') return [`${ours.what}, ${name}: ours never, ffmpeg tuned ${tell(other)}`];
    const worse = more ? mine < other * (1 - noise) : mine > other * (1 + noise);
    return worse ? [`${ours.what}, ${name}: ours ${tell(mine)}, ffmpeg tuned ${tell(other)}`] : [];
  });
}

/** What ffmpeg tuned does better. @param {Row[]} rows */
export function behindFfmpeg(rows) {
  return rows
    .filter(({ way }) => way === 'ours')
    .flatMap((ours) => {
      const theirs = rows.find(({ what, way }) => what === ours.what && way.startsWith('ffmpeg tuned'));
      return theirs ? behind(ours, theirs) : [];
    });
}

/** What we aimed for and did not reach. @param {Results} results */
export function missedAims(results) {
  return aims.flatMap(({ rows, what, key, name, most = Infinity, least = -Infinity, tell }) =>
    (results[rows]?.rows ?? [])
      .filter((row) => row.way === 'ours' && what.test(row.what))
      .flatMap((row) => {
        const value = row[key];
        if (typeof value !== 'number' || (value <= most && value >= least)) return [];
        const bound = Number.isFinite(most) ? `at most ${tell(most)}` : `at least ${tell(least)}`;
        return [`${row.what}, ${name}: ${tell(value)}, aimed for ${bound}`];
      }),
  );
}
