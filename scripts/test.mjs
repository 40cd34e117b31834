#!/usr/bin/env node
import { spawn } from 'node:child_process';
/**
 * Runs all tests in stages, shows each with its time, stops at the first that fails and ends with one line that counts
 * them. `--only <stage>` (again for more) runs some alone; what stands behind `--` goes to vitest. Where up to three tests
 * of a stage fail they are run once more, alone, and what passes then is named; `--once` runs nothing twice.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { filesBelow } from './setup/stale.mjs';
import {
  announceSecondTry,
  countsOf,
  failuresOf,
  mostUnlucky,
  readReport,
  removeReport,
  reporting,
  withSecondTry,
} from './vitestReport.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const reports = join(root, 'build/reports');

/** @typedef {import('./vitestReport.mjs').Counts} Counts */
/** @typedef {{ counts: Counts, unlucky?: string[] }} Outcome `unlucky`: names of what passed at the second try alone */
/** @typedef {{ name: string, about: string, run: () => Promise<Outcome> }} Stage */

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
  options: {
    only: { type: 'string', multiple: true },
    once: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
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
  return { counts: none };
}

async function native() {
  await demand(process.execPath, ['scripts/buildNative.mjs', '--tests']);
  const first = await ctest('ctest');
  if (first.counts.passed === 0) {
    process.stderr.write('No C++ test ran: native/test must hold programs that CMake finds.\n');
    throw new StageFailure({ ...first.counts, failed: 1 });
  }
  if (first.code === 0) return first;
  const counts = { ...first.counts, failed: Math.max(1, first.counts.failed) };
  const unlucky = first.failures.length > 0 && first.failures.length <= mostUnlucky && !first.broken;
  if (values.once || !unlucky) throw new StageFailure(counts, first.failures);
  announceSecondTry(first.failures);
  const second = await ctest('ctest-again', ['--rerun-failed']);
  if (second.code !== 0) throw new StageFailure(counts, second.failures);
  const passed = counts.passed + first.counts.failed;
  return { counts: { ...counts, passed, failed: 0 }, unlucky: first.failures };
}

/** @param {string} name of its report @param {string[]} [args] */
async function ctest(name, args = []) {
  const report = join(reports, `${name}.xml`);
  rmSync(report, { force: true });
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
    ...args,
  ]);
  const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
  const failed = text.split('</testcase>').filter((test) => /<testcase [^>]*status="fail"/.test(test));
  const failures = failed.map((test) => /<testcase name="([^"]+)"/.exec(test)?.[1] ?? '');
  // A program that crashed or hung has no closing line.
  return { code, counts: countDoctest(text), failures, broken: !failed.every((test) => closing.test(test)) };
}

/** doctest's. */
const closing = /test cases:\s*(\d+) \|\s*(\d+) passed \|\s*(\d+) failed \|\s*(\d+) skipped/;

/**
 * Sums doctest's closing lines, which CTest keeps for each file of a program's tests. A file's line calls the other files'
 * tests skipped.
 * @param {string} text of its report @returns {Counts}
 */
function countDoctest(text) {
  const counts = { ...none };
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

/** @param {string} project @returns {Promise<Outcome>} */
async function vitest(project) {
  if (filesBelow(join(root, 'test', project), (path) => path.endsWith('.test.ts')).length === 0) {
    process.stderr.write(`There is no test in test/${project}.\n`);
    throw new StageFailure({ ...none, failed: 1 });
  }
  const { ok, report, unlucky } = await withSecondTry(
    (again) => (again ? vitestRun(project, `${project}-again`, again) : vitestRun(project, project, positionals)),
    () => !values.once,
  );
  const counts = countsOf(report);
  if (ok) return { counts, unlucky };
  const names = failuresOf(report).map(({ text }) => text);
  throw new StageFailure({ ...counts, failed: Math.max(1, counts.failed) }, names);
}

/** @param {string} project @param {string} name of its report @param {string[]} args */
async function vitestRun(project, name, args) {
  const path = join(reports, `${name}.json`);
  removeReport(path);
  const program = packageProgram('vitest', 'vitest');
  const code = await run(process.execPath, [program, 'run', '--project', project, ...reporting(path), ...args]);
  const report = readReport(path);
  return { ok: code === 0 && report !== undefined, report };
}

async function main() {
  const names = stages.map(({ name }) => name).join(', ');
  if (values.help) {
    process.stdout.write(`Usage: npm test -- [--only <stage>]... [--once] [-- vitest's arguments]\nStages: ${names}\n`);
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
  /** @type {string[]} */
  const unlucky = [];
  let failed = false;
  for (const stage of stages.filter(({ name }) => !values.only || values.only.includes(name))) {
    process.stdout.write(`\n== ${stage.name}: ${stage.about}\n`);
    const started = Date.now();
    let counts;
    try {
      const outcome = await stage.run();
      counts = outcome.counts;
      unlucky.push(...(outcome.unlucky ?? []));
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
  lines.push(...unlucky.map((name) => `only at the second try: ${name}`));
  lines.push(...failures.map((name) => `failed: ${name}`));
  const second = unlucky.length > 0 ? `, ${unlucky.length} of the passed only at the second try` : '';
  process.stdout.write(
    `\n${lines.join('\n')}\n\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped${second}\n`,
  );
  return failed ? 1 : 0;
}

process.exitCode = await main();
