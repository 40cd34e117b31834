import Table from 'cli-table3';
import { median, theilSenInterval } from '#lib/measure/index';

/**
 * What is judged, and the slope a minute that is taken for noise though its interval is above 0 (docs/testing.md says why).
 * Counts have none, and must not end higher than they began either.
 */
const quantities = [
  { name: 'anonymousKb', title: 'anonymous memory, KB', noise: 50 },
  { name: 'heapKb', title: 'JS heap, KB', noise: 2 },
  { name: 'handles', title: 'handles', count: true },
  { name: 'threads', title: 'threads', count: true },
  { name: 'descriptors', title: 'file descriptors', count: true },
];

/** So many points are the least that an interval of 95 % takes. */
export const leastPoints = 6;

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} title
 * @property {number} first median of the first quarter
 * @property {number} last
 * @property {number} slope a minute
 * @property {number} low of the slope's interval of 95 %
 * @property {number} high
 * @property {number | undefined} noise
 * @property {number} points
 * @property {boolean} held
 */

/**
 * Holds each quantity to a slope of 0: the 95 % interval of its Theil-Sen slope must include 0 or lie below it, or the slope be
 * within the noise. A point is the median of a round's samples, since neighbouring samples depend on each other.
 * @param {import('./ResourceLog.mjs').Sample[]} samples
 * @param {number} warmUpRounds that are not judged
 * @param {number[]} [busyRounds] that are not judged either
 * @returns {Row[]}
 */
export function judge(samples, warmUpRounds, busyRounds = []) {
  const settled = samples.filter(({ round }) => round >= warmUpRounds && !busyRounds.includes(round));
  const rounds = [...new Set(settled.map(({ round }) => round))].map((round) =>
    settled.filter((sample) => sample.round === round),
  );
  const of = (samples, name) => median(samples.map((sample) => sample[name])) ?? Number.NaN;
  return quantities.map(({ name, title, noise, count }) => {
    const points = rounds.map((samples) => ({ x: of(samples, 'minute'), y: of(samples, name) }));
    const quarter = Math.ceil(points.length / 4);
    const values = points.map(({ y }) => y);
    const first = median(values.slice(0, quarter)) ?? Number.NaN;
    const last = median(values.slice(-quarter)) ?? Number.NaN;
    const { slope, low, high } = theilSenInterval(points);
    const flat = points.length >= leastPoints && (low <= 0 || slope <= (noise ?? 0));
    return {
      name,
      title,
      first,
      last,
      slope,
      low,
      high,
      noise,
      points: points.length,
      held: flat && !(count && last > first),
    };
  });
}

/** @param {Row[]} rows */
export function verdictTable(rows) {
  const table = new Table({
    head: ['', 'first', 'last', 'slope a minute', '95 % interval', 'noise', ''],
    style: { head: [], border: [] },
  });
  const number = (value) => value.toFixed(Math.abs(value) >= 100 ? 0 : 2);
  for (const { title, first, last, slope, low, high, noise, points, held } of rows) {
    const interval = points < leastPoints ? `of ${points} rounds: none` : `${number(low)} to ${number(high)}`;
    const verdict = points < leastPoints ? 'UNKNOWN' : 'GROWS';
    table.push([title, number(first), number(last), number(slope), interval, noise ?? '', held ? 'ok' : verdict]);
  }
  return table.toString();
}

/**
 * The rows of bench/results/soak.json: what happened, and then each quantity.
 * @param {Row[]} verdict
 * @param {{ what: string, problems: string[], busyRounds: number[], facts: string[] }} run
 */
export function resultRows(verdict, { what, problems, busyRounds, facts }) {
  const grew = verdict.filter(({ held }) => !held).length;
  return [
    { what, way: 'ours', grew, wrong: problems.length, busyRounds: busyRounds.length, facts, problems },
    ...verdict.map(({ title, name, noise, ...row }) => ({ what: title, way: '', ...row })),
  ];
}
