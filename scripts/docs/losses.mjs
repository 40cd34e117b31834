/** Where ffmpeg is ahead of us, in words, from bench/results. */

import { megabytes, ms, percent, seconds } from './format.mjs';

/** @typedef {import('./figures.mjs').Row} Row */

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
  { key: 'backSeconds', name: 'back after', tell: seconds },
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
