#!/usr/bin/env node
import { spawn } from 'node:child_process';
/**
 * Runs all tests in stages, shows each with its time, stops at the first that fails and ends with one line that counts
 * them. `--only <stage>` (again for more) runs some alone; what stands behind `--` goes to vitest.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { filesBelow } from './setup/stale.mjs';
import { readReport } from './vitestReport.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const reports = join(root, 'build/reports');

/** @typedef {import('./vitestReport.mjs').Counts} Counts */
/** @typedef {{ name: string, about: string, run: () => Promise<Counts> }} Stage */

/** @type {Stage[]} */
const stages = [
  { name: 'lint', about: 'formatting, lint and generated documents', run: lint },
  { name: 'native', about: 'C++ tests', run: native },
  { name: 'unit', about: 'TypeScript unit tests', run: () => vitest('unit') },
  { name: 'interop', about: 'other programs against ours', run: () => vitest('interop') },
  { name: 'network', about: 'bad networks', run: () => vitest('network') },
  { name: 'e2e', about: 'whole calls', run: () => vitest('e2e') },
  { name: 'chaos', about: 'faults', run: () => vitest('chaos') },
  { name: 'load', about: 'thousands of members', run: () => vitest('load') },
];

class StageFailure extends Error {
  /** @param {Counts} counts @param {string[]} [failures] names of what failed */
  constructor(counts, failures = []) {
    super('failed');
    this.counts = counts;
    this.failures = failures;
  }
}

const none = { passed: 0, failed: 0, skipped: 0 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h', default: false } },
});

/** @param {string} command @param {string[]} args @returns {Promise<number>} exit code */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}

/** @param {string} name @param {string} program */
function packageProgram(name, program) {
  const description = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  const path = typeof description.bin === 'string' ? description.bin : description.bin[program];
  return join(root, 'node_modules', name, path);
}

/** @param {string} command @param {string[]} args */
async function demand(command, args) {
  if ((await run(command, args)) !== 0) throw new StageFailure({ ...none, failed: 1 });
}

async function lint() {
  await demand(process.execPath, [packageProgram('@biomejs/biome', 'biome'), 'check', '.']);
  await demand(process.execPath, ['scripts/clangFormat.mjs', '--check']);
  await demand(process.execPath, ['scripts/docs.mjs', '--check']);
  return none;
}

async function native() {
  const report = join(reports, 'ctest.xml');
  rmSync(report, { force: true });
  await demand(process.execPath, ['scripts/buildNative.mjs', '--tests']);
  const code = await run('ctest', [
    '--test-dir',
    'build/addon',
    '--output-on-failure',
    // Most of their time they wait for media.
    '--parallel',
    '4',
    '--timeout',
    '300',
    // All of it, for its closing line.
    '--test-output-size-passed',
    '1000000',
    '--output-junit',
    report,
  ]);
  const counts = countDoctest(report);
  if (code !== 0) throw new StageFailure({ ...counts, failed: Math.max(1, counts.failed) });
  if (counts.passed === 0) {
    process.stderr.write('No C++ test ran: native/test must hold programs that CMake finds.\n');
    throw new StageFailure({ ...counts, failed: 1 });
  }
  return counts;
}

/**
 * Sums doctest's closing lines, which CTest keeps for each file of a program's tests. A file's line calls the other files'
 * tests skipped.
 * @param {string} report @returns {Counts}
 */
function countDoctest(report) {
  const counts = { ...none };
  let text = '';
  try {
    text = readFileSync(report, 'utf8');
  } catch {
    return counts;
  }
  const closing = /test cases:\s*(\d+) \|\s*(\d+) passed \|\s*(\d+) failed \|\s*(\d+) skipped/;
  /** @type {Map<string, number>} of a program */
  const notRun = new Map();
  for (const test of text.split('</testcase>')) {
    const program = /<testcase name="(\w+)/.exec(test)?.[1];
    const [, chosen, passed, failed, others] = closing.exec(test) ?? [];
    if (!program || !chosen) continue;
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    const left = notRun.get(program) ?? Number(chosen) + Number(others);
    notRun.set(program, left - Number(chosen));
  }
  counts.skipped = [...notRun.values()].reduce((sum, left) => sum + left, 0);
  return counts;
}

/** @param {string} project @returns {Promise<Counts>} */
async function vitest(project) {
  if (filesBelow(join(root, 'test', project), (path) => path.endsWith('.test.ts')).length === 0) {
    process.stderr.write(`There is no test in test/${project}.\n`);
    throw new StageFailure({ ...none, failed: 1 });
  }
  const report = join(reports, `${project}.json`);
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run(process.execPath, [
    packageProgram('vitest', 'vitest'),
    'run',
    '--project',
    project,
    ...reporters,
    ...positionals,
  ]);
  const { counts, failures } = readReport(report) ?? { counts: none, failures: [] };
  if (code !== 0) throw new StageFailure({ ...counts, failed: Math.max(1, counts.failed) }, failures);
  return counts;
}

async function main() {
  const names = stages.map(({ name }) => name).join(', ');
  if (values.help) {
    process.stdout.write(`Usage: npm test -- [--only <stage>]... [-- vitest's arguments]\nStages: ${names}\n`);
    return 0;
  }
  const unknown = (values.only ?? []).filter((name) => !stages.some((stage) => stage.name === name));
  if (unknown.length > 0) {
    process.stderr.write(`There is no stage ${unknown.join(', ')}. Stages: ${names}\n`);
    return 2;
  }
  mkdirSync(reports, { recursive: true });
  const total = { ...none };
  const lines = [];
  /** @type {string[]} */
  let failures = [];
  let failed = false;
  for (const stage of stages.filter(({ name }) => !values.only || values.only.includes(name))) {
    process.stdout.write(`\n== ${stage.name}: ${stage.about}\n`);
    const started = Date.now();
    let counts;
    try {
      counts = await stage.run();
    } catch (error) {
      if (!(error instanceof StageFailure)) throw error;
      ({ counts, failures } = error);
      failed = true;
    }
    for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[key] += counts[key];
    const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(7);
    lines.push(
      `${failed ? 'FAILED' : 'ok    '} ${stage.name.padEnd(8)} ${seconds} s ${String(counts.passed).padStart(5)} passed`,
    );
    if (failed) break;
  }
  lines.push(...failures.map((name) => `failed: ${name}`));
  process.stdout.write(
    `\n${lines.join('\n')}\n\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`,
  );
  return failed ? 1 : 0;
}

process.exitCode = await main();
