/** Tables of figures from bench/results, so that a figure in a document is one that was measured. */

/** @typedef {{ what: string, way: string, runs?: number, failed?: string, p50Ms?: number, p95Ms?: number, p99Ms?: number, maxMs?: number, liveP50Ms?: number, lost?: number, samples?: number, shownPercent?: number, failedStreams?: number, cpuPercent?: number, memoryMb?: number, serverPercent?: number, usedPercent?: number, freezeMs?: number, backSeconds?: number }} Row */
/** @typedef {{ date: string, options: { runs: number, seconds?: number }, machine: { cpu: string, cores: number, node: string }, rows: Row[] }} Result */
/** @typedef {Partial<Record<'latency' | 'firstFrame' | 'stop' | 'cpu' | 'eventLoop' | 'streams' | 'qos', Result>>} Results by bench; one that was never run is absent */

const knownWays = ['ours', 'ours, in a process', 'ffmpeg tuned', 'ffmpeg default'];

/** @param {number | undefined} value */
export const ms = (value) =>
  value === undefined ? '' : value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');

/** @param {number | undefined} value */
export const percent = (value) => (value === undefined ? '' : `${value.toFixed(value < 10 ? 1 : 0)} %`);

/** @param {number | undefined} value */
export const megabytes = (value) => (value === undefined ? '' : `${value.toFixed(0)} MB`);

/** @param {Row | undefined} row */
export const lost = (row) => (row?.lost ? `, ${row.lost} of ${(row.samples ?? 0) + row.lost} lost` : '');

/** @param {Row | undefined} row */
function percentiles(row) {
  if (!row) return '';
  if (row.failed) return 'did not run';
  return row.p50Ms === undefined ? 'no pictures' : `${ms(row.p50Ms)} / ${ms(row.p95Ms)}${lost(row)}`;
}

/** @param {Row | undefined} row */
function use(row) {
  return row && !row.failed ? [percent(row.cpuPercent), megabytes(row.memoryMb)].filter(Boolean).join(', ') : '';
}

/** @param {string[]} ways @param {Row[]} rows @param {(row: Row | undefined) => string} cell */
function perWay(ways, rows, cell) {
  return ways.map((way) => cell(rows.find((row) => row.way === way)));
}

/** @param {Result} result */
const day = ({ date }) => date.slice(0, 10);

/** What README.md shows of many rows. @param {Result | undefined} result @param {RegExp} which */
function chosen(result, which) {
  const all = result?.rows ?? [];
  const some = all.filter(({ what }) => which.test(what));
  return some.length > 0 ? some : all;
}

/** @param {Row[]} rows */
const whats = (rows) => [...new Set(rows.map(({ what }) => what))];

/** The rows of README.md. @param {Results} results */
export function mainRows({ latency, firstFrame, stop, cpu, eventLoop, streams }) {
  return {
    latency: latency?.rows ?? [],
    firstFrame: chosen(firstFrame, /720p30/),
    cpu: chosen(cpu, /720p30/),
    streams: (streams?.rows ?? []).filter(({ what }) => /^10 × (360|720)p30/.test(what)),
    stop: chosen(stop, /^stop a (push|play)$/),
    eventLoop: (eventLoop?.rows ?? []).filter(({ way }) => way === 'ours'),
  };
}

/**
 * Head and rows of README.md's table, and the line under it.
 * @param {Results} results
 */
export function figures(results) {
  const main = mainRows(results);
  const ways = knownWays.filter((way) => [...main.latency, ...main.cpu].some((row) => row.way === way));
  const alone = ways.slice(1).map(() => '');
  const rows = [];
  /** @param {Row[]} all @param {(what: string) => string} title @param {(row: Row | undefined) => string} cell */
  const add = (all, title, cell) => {
    for (const what of whats(all)) {
      const of = all.filter((row) => row.what === what);
      rows.push([title(what), ...perWay(ways, of, cell)]);
    }
  };
  add(main.latency, (what) => `${what}, picture in to decoded picture out, ms`, percentiles);
  add(main.firstFrame, (what) => `${what}, ms`, percentiles);
  add(main.cpu, (what) => `${what}, CPU and memory`, use);
  add(main.streams, (what) => `${what} pushed and played, latency of one, ms`, percentiles);
  add(main.streams, (what) => `${what}, CPU and memory of each`, use);
  for (const row of main.stop)
    rows.push([`${row.what}, ms (median, largest)`, `${ms(row.p50Ms)}, ${ms(row.maxMs)}`, ...alone]);
  for (const row of main.eventLoop)
    rows.push([`${row.what}: late by, ms (p50 / p99)`, `${ms(row.p50Ms)} / ${ms(row.p99Ms)}`, ...alone]);
  const all = Object.entries(results).flatMap(([name, result]) => (result && name !== 'qos' ? [result] : []));
  const days = [...new Set(all.map(day))].sort();
  const { cpu: processor, cores, node } = /** @type {Result} */ (all[0]).machine;
  return {
    head: ['p50 / p95', ...ways],
    rows,
    note: `Medians, measured on ${days.join(' and ')}: ${cores} cores (${processor}), Node ${node}, through the embedded server on one machine.`,
  };
}

/** When, and how often. @param {Result} result */
export function measured(result) {
  const { runs, seconds } = result.options;
  const length = seconds ? ` of ${seconds} s` : '';
  return `${runs > 1 ? `Medians of ${runs} runs${length}` : `One run${length}`} on ${day(result)}, ${result.machine.cores} cores (${result.machine.cpu}), Node ${result.machine.node}.`;
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
  return {
    head: ['Network', 'Push', 'Latency p50 / p95, ms', 'Link used', 'Longest freeze, ms', 'Back below 300 ms after'],
    rows: whats(rows).flatMap((what) => {
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
