/** The table of README.md from bench/results, so that a figure there is one that was measured. */

/** @typedef {{ what: string, way: string, p50Ms?: number, p95Ms?: number, p99Ms?: number, maxMs?: number, lost?: number, samples?: number, cpuPercent?: number, rssMb?: number, usedPercent?: number, freezeMs?: number, backSeconds?: number }} Row */
/** @typedef {{ date: string, options: { runs: number }, machine: { cpu: string, cores: number, node: string }, rows: Row[] }} Result */

const knownWays = ['ours', 'ours, in a process', 'ffmpeg tuned', 'ffmpeg default'];

/** @param {number | undefined} value */
const ms = (value) =>
  value === undefined ? '' : value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');

/** @param {Row | undefined} row */
function percentiles(row) {
  if (!row) return '';
  const lost = row.lost ? `, ${row.lost} of ${row.samples} lost` : '';
  return `${ms(row.p50Ms)} / ${ms(row.p95Ms)}${lost}`;
}

/** @param {Row | undefined} row */
function use(row) {
  return row ? `${row.cpuPercent?.toFixed(1)} %, ${row.rssMb?.toFixed(0)} MB` : '';
}

/** @param {string[]} ways @param {Row[]} rows @param {(row: Row | undefined) => string} cell */
function perWay(ways, rows, cell) {
  return ways.map((way) => cell(rows.find((row) => row.way === way)));
}

/**
 * Head and rows of the table, and the line under it.
 * @param {Record<'latency' | 'firstFrame' | 'stop' | 'cpu' | 'eventLoop', Result>} results
 */
export function figures({ latency, firstFrame, stop, cpu, eventLoop }) {
  const rows = [];
  const ways = knownWays.filter((way) => [...latency.rows, ...cpu.rows].some((row) => row.way === way));
  for (const what of new Set(latency.rows.map((row) => row.what))) {
    const of = latency.rows.filter((row) => row.what === what);
    rows.push([`${what}, picture in to decoded picture out, ms`, ...perWay(ways, of, percentiles)]);
  }
  rows.push([`${firstFrame.rows[0]?.what}, ms`, ...perWay(ways, firstFrame.rows, percentiles)]);
  for (const row of stop.rows)
    rows.push([
      `${row.what}, ms (median, largest)`,
      `${ms(row.p50Ms)}, ${ms(row.maxMs)}`,
      ...ways.slice(1).map(() => ''),
    ]);
  for (const what of new Set(cpu.rows.map((row) => row.what))) {
    const of = cpu.rows.filter((row) => row.what === what);
    rows.push([`${what}, CPU and memory`, ...perWay(ways, of, use)]);
  }
  const late = eventLoop.rows.find(({ way }) => way === 'ours');
  if (late) {
    const cells = [`${ms(late.p50Ms)} / ${ms(late.p99Ms)}`, ...ways.slice(1).map(() => '')];
    rows.push([`${late.what}: late by, ms (p50 / p99)`, ...cells]);
  }
  const { cpu: processor, cores, node } = latency.machine;
  const day = latency.date.slice(0, 10);
  return {
    head: ['p50 / p95', ...ways],
    rows,
    note: `Medians of ${latency.options.runs} runs on ${day}, ${cores} cores (${processor}), Node ${node}, through the embedded server on one machine.`,
  };
}

/** @param {Row | undefined} row @param {boolean} comesBack */
function underDistress(row, comesBack) {
  if (!row) return ['', '', '', ''];
  const back = row.backSeconds === undefined ? (comesBack ? 'never' : '') : `${row.backSeconds.toFixed(1)} s`;
  const used = row.usedPercent === undefined ? '' : `${row.usedPercent.toFixed(0)} %`;
  return [`${ms(row.p50Ms)} / ${ms(row.p95Ms)}`, used, `${ms(row.freezeMs)}`, back];
}

/**
 * The same of calls on bad networks.
 * @param {Result} qos
 */
export function networkFigures({ date, options, rows }) {
  const whats = [...new Set(rows.map(({ what }) => what))];
  return {
    head: ['Network', 'Push', 'Latency p50 / p95, ms', 'Link used', 'Longest freeze, ms', 'Back below 300 ms after'],
    rows: whats.flatMap((what) => {
      const of = rows.filter((row) => row.what === what);
      const comesBack = of.some(({ backSeconds }) => backSeconds !== undefined);
      return of.map((row, index) => [
        index === 0 ? what : '',
        row.way.split(',')[0] ?? '',
        ...underDistress(row, comesBack),
      ]);
    }),
    note: `${options.runs > 1 ? `Medians of ${options.runs} runs` : 'One run'} on ${date.slice(0, 10)}: 640 × 360 at 30 pictures a second and 1200 kbit/s over an emulated link (20 ms each way where nothing else is said, a queue of 1 s), nginx-rtmp behind it, our player.`,
  };
}
