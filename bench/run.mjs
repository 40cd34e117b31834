#!/usr/bin/env node
/** Runs the benchmarks: `--only latency` (again for more), `--runs 5`, `--seconds 10`. JSON to bench/results, a table here. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { engineInfo } from '#lib/live/engine';

const benches = {
  latency: async () => (await import('./latency.mjs')).latency,
  firstFrame: async () => (await import('./firstFrame.mjs')).firstFrame,
  stop: async () => (await import('./stop.mjs')).stop,
  cpu: async () => (await import('./cpu.mjs')).cpu,
  eventLoop: async () => (await import('./eventLoop.mjs')).eventLoop,
  qos: async () => (await import('./qos.mjs')).qos,
};

const usage = `Usage: npm run bench -- [--only ${Object.keys(benches).join('|')}]... [--runs 5] [--seconds 10]
Medians of the runs; JSON goes to bench/results. Nothing else should run on the machine.
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: Object.keys(benches) },
      runs: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '10' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const unknown = values.only.filter((name) => !(name in benches));
  if (unknown.length > 0) throw new RangeError(`there is no benchmark named ${unknown.join(', ')}`);
  const [runs, seconds] = [Number(values.runs), Number(values.seconds)];
  if (!(runs >= 1 && seconds >= 1)) throw new RangeError('--runs and --seconds must be 1 or more');
  return { chosen: values.only, help: values.help, runs, seconds };
}

let parsed;
try {
  parsed = readOptions();
} catch (error) {
  process.stderr.write(`${error.message}\n${usage}`);
  process.exit(2);
}
const { chosen, help, ...options } = parsed;
if (help) {
  process.stdout.write(usage);
  process.exit(0);
}

const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
  engine: engineInfo(),
};
const number = (value) => (value === undefined ? '' : value.toFixed(1));
const table = new Table({
  head: ['', '', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'lost', 'CPU %', 'MB', 'link used %', 'freeze ms', 'back s'],
  style: { head: [], border: [] },
});
const folder = fileURLToPath(new URL('results/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const name of chosen) {
  process.stderr.write(`${name} …\n`);
  const rows = await (await benches[name]())(options);
  for (const row of rows) {
    const cells = [
      number(row.p50Ms),
      number(row.p95Ms),
      number(row.p99Ms),
      number(row.maxMs),
      row.lost ?? '',
      number(row.cpuPercent),
      number(row.rssMb),
      number(row.usedPercent),
      number(row.freezeMs),
      number(row.backSeconds),
    ];
    table.push([row.what, row.way, ...cells]);
  }
  const result = { bench: name, date: new Date().toISOString(), options, machine, rows };
  writeFileSync(`${folder}${name}.json`, `${JSON.stringify(result, null, 2)}\n`);
}
process.stdout.write(`${table}\n`);
