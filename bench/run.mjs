#!/usr/bin/env node
/**
 * Runs the benchmarks. Each writes its own file of bench/results when it is done, so that one alone (`--only cpu`) renews
 * its figures and leaves the others'; one that fails is told, and the others go on.
 */
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { serviceBenches, serviceColumns } from './service/index.mjs';
import { writeResult } from './support/results.mjs';

/** In this order; runs and seconds so that all together take some 55 minutes. */
const benches = {
  latency: { runs: 3, seconds: 5, load: async () => (await import('./latency.mjs')).latency },
  firstFrame: { runs: 6, seconds: 0, load: async () => (await import('./firstFrame.mjs')).firstFrame },
  stop: { runs: 5, seconds: 0, load: async () => (await import('./stop.mjs')).stop },
  cpu: { runs: 3, seconds: 4, load: async () => (await import('./cpu.mjs')).cpu },
  options: { runs: 3, seconds: 4, load: async () => (await import('./options.mjs')).options },
  render: { runs: 3, seconds: 5, load: async () => (await import('./render.mjs')).render },
  recording: { runs: 5, seconds: 8, load: async () => (await import('./recording.mjs')).recording },
  eventLoop: { runs: 3, seconds: 8, load: async () => (await import('./eventLoop.mjs')).eventLoop },
  streams: { runs: 2, seconds: 4, load: async () => (await import('./streams.mjs')).streams },
  qos: { runs: 3, seconds: 0, load: async () => (await import('./qos.mjs')).qos },
  ...serviceBenches,
};
const names = Object.keys(benches);
const root = fileURLToPath(new URL('../', import.meta.url));

const usage = `Usage: npm run bench -- [options]
  --only <bench>     ${names.join(', ')}; again for more. Only these results are renewed.
  --runs <n>         runs of each, instead of its own number; medians are told
  --seconds <n>      of each measurement, where it has a length
  --quick            one run of 2 s: to see that all work. Results and plots go to build/bench, for they are no figures.
Each writes bench/results/<bench>.json; \`npm run docs\` then makes the tables. Nothing else should run on the machine.
`;

function positive(name, text) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 1 && value <= 1000))
    throw new RangeError(`--${name} takes a whole number from 1 to 1000, not ${text}`);
  return value;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: names },
      runs: { type: 'string' },
      seconds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const unknown = values.only.filter((name) => !(name in benches));
  if (unknown.length > 0) throw new RangeError(`there is no benchmark named ${unknown.join(', ')}`);
  return {
    // In the table's order, each once.
    chosen: names.filter((name) => values.only.includes(name)),
    quick: values.quick,
    help: values.help,
    runs: positive('runs', values.runs) ?? (values.quick ? 1 : undefined),
    seconds: positive('seconds', values.seconds) ?? (values.quick ? 2 : undefined),
  };
}

let options;
try {
  options = readOptions();
} catch (error) {
  process.stderr.write(`${error.message}\n${usage}`);
  process.exit(2);
}
if (options.help) {
  process.stdout.write(usage);
  process.exit(0);
}
if (!existsSync('/proc/self/schedstat')) {
  process.stderr.write('The benchmarks read CPU and memory from /proc: they run on Linux only.\n');
  process.exit(2);
}

const results = join(root, options.quick ? 'build/bench' : 'bench/results');
const plots = join(root, options.quick ? 'build/bench' : 'docs');

const columns = {
  p50Ms: 'p50 ms',
  p95Ms: 'p95 ms',
  p99Ms: 'p99 ms',
  maxMs: 'max ms',
  lost: 'lost',
  shownPercent: 'shown %',
  failedStreams: 'failed',
  cpuPercent: 'CPU %',
  cpuOfFfmpeg: '× ffmpeg’s CPU',
  ofPlain: '× plain CPU',
  memoryMb: 'MB',
  usedPercent: 'link used %',
  freezeMs: 'freeze ms',
  backSeconds: 'back s',
  ...serviceColumns,
};

const digits = {
  lost: 0,
  failedStreams: 0,
  late: 0,
  stale: 0,
  requestsPerSecond: 0,
  ratio: 2,
  cpuRatio: 2,
  ofPlain: 2,
};

/** The columns that a bench has. */
function print(rows) {
  const used = Object.keys(columns).filter((key) => rows.some((row) => row[key] !== undefined));
  const table = new Table({ head: ['', '', ...used.map((key) => columns[key])], style: { head: [], border: [] } });
  for (const row of rows)
    table.push(
      row.failed
        ? [row.what, row.way, { colSpan: used.length, content: row.failed }]
        : [row.what, row.way, ...used.map((key) => row[key]?.toFixed(digits[key] ?? 1) ?? '')],
    );
  process.stdout.write(`${table}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
const started = performance.now();
const clock = () => {
  const seconds = Math.round((performance.now() - started) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};
const busy = loadavg()[0];
if (busy > 0.5)
  process.stderr.write(`The machine is not idle (load ${busy.toFixed(1)} over the last minute): no figures to keep.\n`);

const failed = [];
for (const [index, name] of options.chosen.entries()) {
  const bench = benches[name];
  const { runs, seconds } = { runs: options.runs ?? bench.runs, seconds: options.seconds ?? bench.seconds };
  const progress = (text) =>
    process.stderr.write(`${clock()} [${index + 1}/${options.chosen.length}] ${name}: ${text}\n`);
  try {
    const rows = await (await bench.load())({ runs, seconds, progress, plots });
    const took = bench.seconds > 0 ? { runs, seconds } : { runs };
    writeResult(name, { options: took, rows }, results);
    print(rows);
  } catch (error) {
    failed.push(name);
    process.stderr.write(`${name} failed: ${error.stack}\n`);
  }
}
process.stderr.write(`${clock()} done; results are in ${results}\n`);
if (failed.length > 0) {
  process.stderr.write(`Without new figures: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
