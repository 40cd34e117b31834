/** The table of docs/room-service.md from bench/results, so that a figure there is one that was measured. */

/** @typedef {{ what: string, way: string, requestsPerSecond?: number, ratio?: number, cpuRatio?: number, cpuPercent?: number, p50Ms?: number, p99Ms?: number, lost?: number, stale?: number, rssKb?: number, heapKb?: number }} Row */
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
function besides({ lost, stale, rssKb, heapKb }) {
  if (rssKb !== undefined) return `${rssKb.toFixed(1)} KB each, ${heapKb?.toFixed(1)} KB of it in JavaScript`;
  if (stale !== undefined) return `${lost} expired wrongly, ${stale} too late`;
  return lost ? `${lost} lost` : '';
}

/**
 * Head and rows of the table, and the line under it.
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
  const days = [...new Set(results.map(({ date }) => date.slice(0, 10)))].join(', ');
  return {
    head: ['What', 'Who', 'Requests/s', 'Of bare fastify', 'p50 / p99, ms', 'CPU', ''],
    rows,
    note: `Measured on ${days}, ${cores} cores (${cpu}), Node ${node}.`,
  };
}
