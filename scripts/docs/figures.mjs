/** Tables of figures from bench/results, so that a figure in a document is one that was measured. */

import { namedVerdict, verdict } from './aims.mjs';
import { megabytes, ms, percent, seconds } from './format.mjs';

/** @typedef {{ what: string, way: string, runs?: number, failed?: string, p50Ms?: number, p95Ms?: number, p99Ms?: number, maxMs?: number, liveP50Ms?: number, lost?: number, samples?: number, shownPercent?: number, failedStreams?: number, cpuPercent?: number, memoryMb?: number, cpuOfFfmpeg?: number, ofPlain?: number, serverPercent?: number, usedPercent?: number, freezeMs?: number, untoldFreezes?: number, backSeconds?: number, kills?: number, bad?: number, lostSeconds?: number, repaired?: number, grew?: number, wrong?: number, busyRounds?: number, facts?: string[], problems?: string[], first?: number, last?: number, slope?: number, low?: number, high?: number, held?: boolean }} Row */
/** @typedef {{ date: string, options: { runs?: number, seconds?: number, minutes?: number, lanes?: number }, machine: { cpu: string, cores: number, node: string }, rows: Row[] }} Result */
/** @typedef {Partial<Record<'latency' | 'firstFrame' | 'stop' | 'cpu' | 'options' | 'render' | 'recording' | 'eventLoop' | 'streams' | 'qos' | 'kills' | 'soak', Result>>} Results by bench; one that was never run is absent */

/** Of README.md, with their own date. */
const ownTables = ['qos', 'kills', 'soak'];

const knownWays = ['ours', 'ours, in a process', 'ffmpeg tuned', 'ffmpeg default'];

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
export function mainRows({ latency, firstFrame, stop, cpu, recording, eventLoop, streams }) {
  return {
    latency: latency?.rows ?? [],
    firstFrame: chosen(firstFrame, /720p30/),
    cpu: chosen(cpu, /720p30/),
    recording: recording?.rows ?? [],
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
  add(main.recording, (what) => `${what}, CPU and memory`, use);
  add(main.streams, (what) => `${what} pushed and played, latency of one, ms`, percentiles);
  add(main.streams, (what) => `${what}, CPU and memory of each`, use);
  for (const row of main.stop)
    rows.push([`${row.what}, ms (median, largest)`, `${ms(row.p50Ms)}, ${ms(row.maxMs)}`, ...alone]);
  for (const row of main.eventLoop)
    rows.push([`${row.what}: late by, ms (p50 / p99)`, `${ms(row.p50Ms)} / ${ms(row.p99Ms)}`, ...alone]);
  const all = Object.entries(results).flatMap(([name, result]) =>
    result && !ownTables.includes(name) ? [result] : [],
  );
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
  const { runs = 1, seconds, minutes } = result.options;
  const length = seconds ? ` of ${seconds} s` : minutes ? ` of ${minutes} min` : '';
  return `${runs > 1 ? `Medians of ${runs} runs${length}` : `One run${length}`} on ${day(result)}, ${result.machine.cores} cores (${result.machine.cpu}), Node ${result.machine.node}.`;
}

/** @param {Row} row @param {boolean} comesBack whether that is to be told of this network */
function back({ backSeconds }, comesBack) {
  return backSeconds === undefined ? (comesBack ? 'never' : '') : seconds(backSeconds);
}

/** @param {Row} row */
const used = ({ usedPercent }) => (usedPercent === undefined ? '' : `${usedPercent.toFixed(0)} %`);

/** The ways of each network, and whether one came back. @param {Result} qos */
function networks({ rows }) {
  return whats(rows).map((what) => {
    const of = rows.filter((row) => row.what === what);
    return { what, of, comesBack: of.some(({ backSeconds }) => backSeconds !== undefined) };
  });
}

/**
 * Head, rows and note of the table of docs/qos.md.
 * @param {Result} qos
 */
export function networkFigures(qos) {
  const { date, options } = qos;
  const { runs = 1 } = options;
  return {
    head: ['Network', 'Push', 'Latency p50 / p95, ms', 'Link used', 'Longest freeze, ms', 'Back below 300 ms after'],
    rows: networks(qos).flatMap(({ what, of, comesBack }) =>
      of.map((row, index) => [
        index === 0 ? what : '',
        row.way.split(',')[0] ?? '',
        `${ms(row.p50Ms)} / ${ms(row.p95Ms)}`,
        used(row),
        ms(row.freezeMs),
        back(row, comesBack),
      ]),
    ),
    note: `${runs > 1 ? `Medians of ${runs} runs` : 'One run'} on ${date.slice(0, 10)}: 640 × 360 at 30 pictures a second and 1200 kbit/s over an emulated link (20 ms each way where nothing else is said, a queue of 1 s), nginx-rtmp behind it, our player.`,
  };
}

/**
 * The same, shorter, of README.md: both in one cell, and whether ours reached what was aimed for.
 * @param {Result} qos
 */
export function networkSummary(qos) {
  /** @param {Row[]} of @param {(row: Row) => string} cell */
  const both = (of, cell) => of.map(cell).filter(Boolean).join(' / ');
  return {
    head: ['ours / ffmpeg tuned', 'p95, ms', 'link used', 'back after', 'longest freeze, ms', 'our aims'],
    rows: networks(qos).map(({ what, of, comesBack }) => [
      what,
      both(of, (row) => ms(row.p95Ms)),
      both(of, used),
      both(of, (row) => back(row, comesBack)),
      both(of, (row) => ms(row.freezeMs)),
      of.filter(({ way }) => way === 'ours').map((row) => namedVerdict('qos', row))[0] ?? 'did not run',
    ]),
    note: `Of a call of 360p30 and 1200 kbit/s, on ${day(qos)}. Aims: p95 of 300 ms at the bottleneck and with loss, 85 % of the link used, back below 300 ms within 5 s of a stall, no freeze over 800 ms without its warning.`,
  };
}

/** @param {number} value */
const signed = (value) => `${value < 0 ? '−' : '+'}${ms(Math.abs(value))}`;

/** Kills and soak in README.md: what, aim, figure, verdict. @param {Results} results */
export function longRunFigures({ kills, soak }) {
  const rows = [];
  for (const row of kills?.rows ?? []) {
    const { kills: all = 0, bad = all, lostSeconds } = row;
    const figure = `${all - bad} of ${all}, ${lostSeconds?.toFixed(2) ?? '?'} s`;
    rows.push([`${all} × ${row.what}`, 'all playable, at most 1 s lost', figure, verdict('kills', row)]);
  }
  for (const row of (soak?.rows ?? []).filter(({ grew }) => grew !== undefined)) {
    const memory = soak?.rows.find(({ what }) => what.startsWith('anonymous memory'));
    const slope = typeof memory?.slope !== 'number' ? '' : `memory ${signed(memory.slope)} KB a minute, `;
    const figure = `${slope}${row.grew || 'nothing'} grew, ${row.wrong || 'nothing'} wrong`;
    const what = `${soak?.options.minutes} min: ${row.what}`;
    rows.push([what, 'memory, heap, handles, threads, files: no slope', figure, verdict('soak', row)]);
  }
  return { head: ['', 'aim', 'measured', ''], rows };
}
