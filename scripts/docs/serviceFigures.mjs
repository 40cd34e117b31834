/** The table of docs/room-service.md from bench/results, so that a figure there is one that was measured. */

import { ms } from './format.mjs';

/** @typedef {{ what: string, way: string, requestsPerSecond?: number, ratio?: number, cpuRatio?: number, cpuPercent?: number, p50Ms?: number, p99Ms?: number, lost?: number, late?: number, stale?: number, rssKb?: number, heapKb?: number, failed?: string }} Row */
/** @typedef {{ date: string, machine: { cpu: string, cores: number, node: string }, rows: Row[] }} Result */

/** @param {Row} row */
function beside({ ratio, cpuRatio }) {
  return ratio === undefined ? '' : `${ratio.toFixed(2)} / ${cpuRatio?.toFixed(2)}`;
}

/** @param {Row} row */
function times({ p50Ms, p99Ms }) {
  return p50Ms === undefined ? '' : `${p50Ms.toFixed(1)} / ${p99Ms?.toFixed(1)}`;
}

/** @param {Row} row */
function besides({ lost, late, stale, rssKb, heapKb, failed }) {
  if (failed !== undefined) return `failed: ${failed}`;
  if (rssKb !== undefined) return `${rssKb.toFixed(1)} KB each, ${heapKb?.toFixed(1)} KB of it in JavaScript`;
  const told = [
    late !== undefined && `${late.toLocaleString('en')} beats late`,
    stale !== undefined && `${lost} expired wrongly, ${stale} too late`,
    stale === undefined && lost && `${lost} lost`,
  ];
  return told.filter(Boolean).join(', ');
}

/** @typedef {{ what: RegExp, key: keyof Row, name: string, most?: number, least?: number, tell: (value: number) => string }} Aim */

/** @type {Aim[]} of the room service, for each of its stores */
const aims = [
  {
    what: /^heartbeats|calls of/,
    key: 'ratio',
    name: 'of the bare server',
    least: 0.7,
    tell: (value) => value.toFixed(2),
  },
  { what: /^notice/, key: 'p99Ms', name: 'p99', most: 5, tell: (value) => `${ms(value)} ms` },
  { what: /^notice/, key: 'lost', name: 'lost', most: 0, tell: String },
  { what: /each beats/, key: 'late', name: 'beats late', most: 0, tell: (value) => value.toLocaleString('en') },
  { what: /each beats/, key: 'lost', name: 'expired wrongly', most: 0, tell: String },
  { what: /each beats/, key: 'stale', name: 'expired too late', most: 0, tell: String },
  { what: /^memory of a member/, key: 'rssKb', name: 'memory', most: 2, tell: (value) => `${value.toFixed(1)} KB` },
];

/** What is aimed for and not reached, a line each. @param {Result[]} results */
export function missedServiceAims(results) {
  const rows = results.flatMap(({ rows: of }) => of).filter(({ way }) => way.startsWith('ours'));
  const failures = rows.filter(({ failed }) => failed !== undefined);
  const told = failures.map(({ what, way, failed }) => `${what}, ${way.replace('ours, ', '')}: failed, ${failed}`);
  const missed = rows.flatMap((row) =>
    aims.flatMap(({ what, key, name, most = Infinity, least = -Infinity, tell }) => {
      const value = row[key];
      if (!what.test(row.what) || typeof value !== 'number' || (value <= most && value >= least)) return [];
      const bound = least === -Infinity ? `at most ${tell(most)}` : `at least ${tell(least)}`;
      return [`${row.what}, ${row.way.replace('ours, ', '')}: ${name} ${tell(value)}, aimed for ${bound}`];
    }),
  );
  return [...told, ...missed];
}

/**
 * Head and rows of the table, the line under it, and a list of the aims that it misses.
 * @param {Result[]} results at least one
 */
export function serviceFigures(results) {
  const rows = results
    .flatMap(({ rows: of }) => of)
    .map((row) => [
      row.what,
      row.way,
      row.requestsPerSecond === undefined ? '' : Math.round(row.requestsPerSecond).toLocaleString('en'),
      beside(row),
      times(row),
      row.cpuPercent === undefined ? '' : `${row.cpuPercent.toFixed(0)} %`,
      besides(row),
    ]);
  const [{ cpu, cores, node }] = results.map(({ machine }) => machine);
  const missed = missedServiceAims(results);
  const days = [...new Set(results.map(({ date }) => date.slice(0, 10)))].join(', ');
  return {
    head: ['What', 'Who', 'Requests/s', 'Of bare fastify', 'p50 / p99, ms', 'CPU', ''],
    rows,
    note: `Measured on ${days}, ${cores} cores (${cpu}), Node ${node}.`,
    missed: missed.length > 0 ? missed.map((line) => `- ${line}`).join('\n') : 'None.',
  };
}
