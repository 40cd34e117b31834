/** The table of README.md from bench/results, so that a figure there is one that was measured. */

/** @typedef {{ what: string, way: string, p50Ms?: number, p95Ms?: number, maxMs?: number, lost?: number, samples?: number, cpuPercent?: number, rssMb?: number }} Row */
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
 * @param {Record<'latency' | 'firstFrame' | 'stop' | 'cpu', Result>} results
 */
export function figures({ latency, firstFrame, stop, cpu }) {
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
  const { cpu: processor, cores, node } = latency.machine;
  const day = latency.date.slice(0, 10);
  return {
    head: ['p50 / p95', ...ways],
    rows,
    note: `Medians of ${latency.options.runs} runs on ${day}, ${cores} cores (${processor}), Node ${node}, through the embedded server on one machine.`,
  };
}
