#!/usr/bin/env node
/**
 * Builds the fuzz targets of native/test/fuzz with Clang and lets libFuzzer run each for a while, under ASan and UBSan.
 *
 *   npm run fuzz -- [--seconds 30] [--jobs 1] [target…]
 *   npm run fuzz -- --keep [target…]
 *
 * Inputs that reach new code are kept in build/fuzz/corpus and are where the next run begins, besides the corpora in
 * native/test/fuzz/corpus. `--keep` copies those in there of whose code nothing there reaches all, as few and as small as do;
 * `--seeds` writes the seeds in there anew. Exit code 1 with the path of the input, and itself as base64, when one crashes,
 * hangs (10 s), takes 2 GB or leaks.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findProgram, thisSystem } from './setup/requirements.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = join(root, 'native/test/fuzz');
const build = join(root, 'build/fuzz');
const found = join(build, 'found');
const tellMs = 10_000;
const inputTimeoutSeconds = 10;
const memoryMb = 2048;

const usage =
  'Usage: npm run fuzz -- [--seconds <per target, 30>] [--jobs <targets at once, 1>] [--keep] [--seeds] [target…]';

/** @typedef {{ target: string, executions: number, coverage: number, found: number, crash?: string, failed: boolean }} Result */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    for (const child of running) child.kill('SIGKILL');
    process.exit(130);
  });
}

/** @returns {string[]} */
function allTargets() {
  return readdirSync(sources)
    .filter((name) => /^\w+\.cpp$/.test(name) && name !== 'Seeds.cpp')
    .map((name) => basename(name, '.cpp'));
}

/** The exit code; 1 when a signal ended it. @param {import('node:child_process').ChildProcess} child @returns {Promise<number>} */
function ended(child) {
  running.add(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 1));
  }).finally(() => running.delete(child));
}

/** @param {string} command @param {string[]} args */
async function demand(command, args) {
  const code = await ended(
    spawn(command, args, { cwd: join(root, 'native'), stdio: ['ignore', 'inherit', 'inherit'] }),
  );
  if (code !== 0) throw new Error(`${basename(command)} failed; its output is above`);
}

/** @param {string[]} programs */
async function compile(programs) {
  const compiler = findProgram(thisSystem, ['clang++-16', 'clang++']);
  const cmake = findProgram(thisSystem, ['cmake']);
  if (!compiler || !cmake) throw new Error('Clang or CMake was not found. Run  node scripts/setup.mjs --fuzz');
  const jobs = process.env.RTCROOM_BUILD_JOBS ?? String(availableParallelism());
  await demand(cmake, ['--preset', 'fuzz', `-DCMAKE_CXX_COMPILER=${compiler}`]);
  await demand(cmake, ['--build', build, '--parallel', jobs, '--target', ...programs]);
}

/** @param {string} folder */
function countFiles(folder) {
  return existsSync(folder) ? readdirSync(folder).length : 0;
}

/** @param {string} target @param {number} seconds @returns {Promise<Result>} */
async function fuzz(target, seconds) {
  const grown = join(build, 'corpus', target);
  for (const folder of [grown, found]) mkdirSync(folder, { recursive: true });
  const before = countFiles(grown);
  const args = [
    `-max_total_time=${seconds}`,
    `-timeout=${inputTimeoutSeconds}`,
    `-rss_limit_mb=${memoryMb}`,
    `-artifact_prefix=${join(found, `${target}-`)}`,
    '-print_final_stats=1',
    grown,
    join(sources, 'corpus', target),
  ];
  const child = spawn(join(build, `fuzz_${target}`), args, {
    cwd: build,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, UBSAN_OPTIONS: 'print_stacktrace=1' },
  });
  const end = ended(child);
  /** @type {Result} */
  const result = { target, executions: 0, coverage: 0, found: 0, failed: false };
  const report = /** @type {string[]} */ ([]);
  let toldAt = Date.now();
  for await (const line of createInterface({ input: /** @type {import('node:stream').Readable} */ (child.stderr) })) {
    const progress = /^#(\d+)\s+\w+\s+cov: (\d+)/.exec(line);
    if (progress) {
      result.executions = Number(progress[1]);
      result.coverage = Number(progress[2]);
      if (Date.now() - toldAt < tellMs) continue;
      toldAt = Date.now();
      process.stdout.write(`  ${target}: ${result.executions} executions, coverage ${result.coverage}\n`);
    } else {
      const executed = /^stat::number_of_executed_units:\s+(\d+)/.exec(line);
      if (executed) result.executions = Number(executed[1]);
      const crash = /Test unit written to (.+)$/.exec(line);
      if (crash) result.crash = crash[1];
      report.push(line);
    }
  }
  const code = await end;
  result.found = countFiles(grown) - before;
  result.failed = code !== 0;
  if (result.failed) process.stderr.write(`${report.join('\n')}\n`);
  return result;
}

/** Adds to the corpus of a target what of its grown one reaches more. @param {string} target */
async function keep(target) {
  const corpus = join(sources, 'corpus', target);
  const before = countFiles(corpus);
  const grown = join(build, 'corpus', target);
  // Code alone: how often it was passed would keep ten times as many.
  const args = ['-set_cover_merge=1', '-use_counters=0', `-timeout=${inputTimeoutSeconds}`, corpus, grown];
  if (existsSync(grown)) await demand(join(build, `fuzz_${target}`), args);
  process.stdout.write(`${target}: ${countFiles(corpus) - before} new inputs, ${countFiles(corpus)} in all\n`);
}

/** What takes an input from a log to another machine. @param {Result} failure */
function tellFailure({ target, crash }) {
  if (!crash) return `\n${target}: it ended without an input; its output is above\n`;
  const [program, input] = [join(build, `fuzz_${target}`), crash].map((path) => relative(root, path));
  const base64 = readFileSync(crash).toString('base64');
  return [
    `\n${target}: ${crash}`,
    `  again:  ${program} ${input}`,
    `  the input, elsewhere:  base64 -d >${input} <<'END'`,
    ...(base64.match(/.{1,120}/g) ?? []),
    'END\n',
  ].join('\n');
}

/** @param {Result[]} results @param {number} seconds */
function table(results, seconds) {
  const rows = [
    ['target', 'executions', 'a second', 'coverage', 'new inputs', 'result'],
    ...results.map(({ target, executions, coverage, found: inputs, failed }) => [
      target,
      String(executions),
      String(Math.round(executions / seconds)),
      String(coverage),
      String(inputs),
      failed ? 'FAILED' : 'clean',
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (/** @type {string[]} */ row) =>
    row
      .map((cell, column) =>
        column === 0 || column === 5 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '30' },
      jobs: { type: 'string', default: '1' },
      keep: { type: 'boolean', default: false },
      seeds: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const all = allTargets();
  const [seconds, jobs] = [Number(values.seconds), Number(values.jobs)];
  const valid = [seconds, jobs].every((number) => Number.isInteger(number) && number >= 1);
  const unknown = positionals.filter((name) => !all.includes(name));
  if (values.help || unknown.length > 0 || !valid) {
    if (unknown.length > 0) process.stderr.write(`There is no target ${unknown.join(', ')}.\n`);
    process.stdout.write(`${usage}\nTargets: ${all.join(', ')}\n`);
    return values.help ? 0 : 2;
  }
  if (values.seeds) {
    await compile(['fuzz_seeds']);
    await demand(join(build, 'fuzz_seeds'), [join(sources, 'corpus')]);
    return 0;
  }
  const targets = positionals.length > 0 ? [...new Set(positionals)] : all;
  await compile(targets.map((target) => `fuzz_${target}`));
  if (values.keep) {
    for (const target of targets) await keep(target);
    return 0;
  }
  const results = /** @type {Result[]} */ ([]);
  const waiting = targets.values();
  const lane = async () => {
    for (const target of waiting) {
      process.stdout.write(`== ${target}: ${seconds} s\n`);
      results[targets.indexOf(target)] = await fuzz(target, seconds);
    }
  };
  await Promise.all(Array.from({ length: jobs }, lane));
  process.stdout.write(`\n${table(results, seconds)}\n`);
  const failures = results.filter(({ failed }) => failed);
  for (const failure of failures) process.stderr.write(tellFailure(failure));
  return failures.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`fuzz: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
