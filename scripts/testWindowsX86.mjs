#!/usr/bin/env node
/**
 * Runs the tests of the SDK's 2018 generation, which is 32-bit, inside a 32-bit Windows node.exe under a 32-bit wine: in
 * an i386 Debian of its own, that is made in build/windows/i386 the first time. Needs root and a machine that runs i386
 * programs; says what is missing before anything else. `--system <folder>` takes an i386 Debian with wine32 that is
 * there. Builds what it runs: the addon of win32-ia32, the stand-in, the compiled package. Ends with one line that counts.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withLock } from './setup/lock.mjs';
import { failureCause } from './setup/plan.mjs';
import { run } from './setup/run.mjs';
import { findTools, StandinError } from './standin/tools.mjs';
import { BuildError } from './windows/crossBuild.mjs';
import { I386System } from './windows/i386.mjs';
import { checkEmulation, checkMachine, I386Error } from './windows/i386Machine.mjs';
import { layout, root, windowsPath } from './windows/layout.mjs';
import { buildTestWindow32 } from './windows/tools.mjs';
import { ensureInstalled } from './windows/tree.mjs';

/** Emulated programs are some ten times slower. */
const checkDeadlineMs = 300_000;
const testsDeadlineMs = 1_800_000;

/** What the builds ask for, one after another; here at once, before anything is built. */
const tools = {
  'i686-w64-mingw32-g++-posix': 'g++-mingw-w64-i686-posix',
  'i686-w64-mingw32-dlltool': 'binutils-mingw-w64-i686',
  '/usr/i686-w64-mingw32/lib/libz.a': 'libz-mingw-w64-dev',
  nasm: 'nasm',
  make: 'make',
  cmake: 'cmake',
  ninja: 'ninja-build',
  'pkg-config': 'pkg-config',
  'dpkg-source': 'dpkg-dev',
};

/** Inside the i386 system. */
const inside = {
  package: '/opt/package',
  programs: '/opt/programs',
  standins: '/opt/standins',
  testWindow: '/opt/testWindow.exe',
  report: '/var/log/tests.tap',
};

const { values } = parseArgs({
  options: {
    system: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** @param {string} text */
function say(text) {
  process.stdout.write(`x86: ${text}\n`);
}

/** @param {string} title @param {string} command @param {string[]} args @param {string} [cwd] */
async function step(title, command, args, cwd = root) {
  say(title);
  const result = await run(command, args, { cwd, quiet: true });
  if (result.ok) return;
  process.stderr.write(result.output);
  throw new I386Error(`${title} failed. ${failureCause(result.output) ?? 'The output above says why.'}`);
}

async function build() {
  if (!existsSync(join(root, 'node_modules/typescript')))
    throw new I386Error('The npm packages are not installed: run `npm ci` first.');
  await step('Compiling TypeScript', 'npm', ['run', '--silent', 'build:ts']);
  await step('Building the stand-ins of liteav.dll', process.execPath, ['scripts/buildStandin.mjs']);
  await step('Building the addon of win32-ia32', process.execPath, ['scripts/prebuildWindows.mjs', '--arch', 'ia32']);
}

/** Puts what is run into the system, as it is now. @param {I386System} system */
async function furnish(system) {
  const npm = (/** @type {string} */ title, /** @type {string[]} */ args, /** @type {string} */ cwd) =>
    step(title, 'npm', args, cwd);
  await ensureInstalled(
    npm,
    'Installing the 32-bit node.exe',
    system.path(inside.programs),
    join(root, 'scripts/windows/programs-ia32'),
    // --force: npm refuses packages of another system that are named outright.
    { cpu: 'ia32', more: ['--force'] },
  );
  const place = system.path(inside.package);
  await ensureInstalled(npm, 'Installing the npm packages of Windows', place, root, {
    cpu: 'ia32',
    more: ['--omit=dev'],
  });
  const prebuild = 'prebuilds/win32-ia32';
  for (const name of ['package.json', 'dist', 'test', prebuild]) {
    rmSync(join(place, name), { recursive: true, force: true });
    cpSync(join(root, name), join(place, name), { recursive: true });
  }
  const standins = system.path(inside.standins);
  rmSync(standins, { recursive: true, force: true });
  mkdirSync(standins, { recursive: true });
  for (const name of ['tx2018', 'standin_check32.exe'])
    cpSync(join(layout.standins, name), join(standins, name), { recursive: true });
  await buildTestWindow32(system.path(inside.testWindow));
}

/** @typedef {{ passed: number, failed: number }} Counts */

/** The DLL by a client that shares nothing with the engine. @param {I386System} system @param {AbortSignal} signal @returns {Promise<Counts>} */
async function checkStandin(system, signal) {
  const program = `${inside.standins}/standin_check32.exe`;
  const command = ['wine', program, windowsPath(`${inside.standins}/tx2018/liteav.dll`)];
  const { code } = await system.run({ name: 'standin_check32', command, deadlineMs: checkDeadlineMs, signal });
  const lines = readFileSync(system.path('var/log/standin_check32.log'), 'utf8').trimEnd().split(/\r?\n/);
  const passed = lines.filter((line) => line.startsWith('ok')).length;
  const failed = lines.filter((line) => line.startsWith('FAIL')).length;
  // Its last line, so that one which died half-way is not taken for a good one.
  const whole = code === 0 && lines.at(-1) === 'done' && passed > 0;
  return { passed, failed: whole ? failed : Math.max(1, failed) };
}

/** @param {string} report in TAP, of node:test @returns {Counts} */
function countsOf(report) {
  const number = (/** @type {string} */ name) => Number(new RegExp(`^# ${name} (\\d+)`, 'm').exec(report)?.[1] ?? 0);
  const left = number('cancelled') + number('skipped') + number('todo');
  return { passed: number('pass'), failed: number('fail') + left };
}

/** @param {I386System} system @param {AbortSignal} signal @returns {Promise<Counts>} */
async function runTests(system, signal) {
  rmSync(system.path(inside.report), { force: true });
  const command = [
    'wine',
    `${inside.programs}/node_modules/node22/bin/node.exe`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=tap',
    `--test-reporter-destination=${windowsPath(inside.report)}`,
    windowsPath(`${inside.package}/test/x86/sdk2018.test.ts`),
  ];
  const env = {
    NO_COLOR: '1',
    RTCROOM_STANDINS: windowsPath(inside.standins),
    RTCROOM_TEST_WINDOW: windowsPath(inside.testWindow),
  };
  const { code, late } = await system.run({ name: 'tests', command, env, deadlineMs: testsDeadlineMs, signal });
  if (late) process.stderr.write(`The tests were killed: not done after ${testsDeadlineMs / 1000} s.\n`);
  const report = system.path(inside.report);
  const counts = countsOf(existsSync(report) ? readFileSync(report, 'utf8') : '');
  return code === 0 && counts.passed > 0 ? counts : { ...counts, failed: Math.max(1, counts.failed) };
}

/** @param {I386System} system @param {AbortSignal} signal @returns {Promise<number>} */
async function main(system, signal) {
  for (const make of [
    build,
    () => system.ensure(say, signal),
    () => furnish(system),
    () => system.ensurePrefix(say, signal),
  ]) {
    await make();
    if (signal.aborted) return 130;
  }
  say('standin_check32 against the stand-in');
  const checks = await checkStandin(system, signal);
  if (signal.aborted) return 130;
  say('the tests inside Windows Node.js for ia32');
  const tests = await runTests(system, signal);
  if (signal.aborted) return 130;
  const failed = checks.failed + tests.failed;
  process.stdout.write(
    `\n${checks.passed} checks of the stand-in and ${tests.passed} tests passed, ${failed} failed\n`,
  );
  return failed > 0 ? 1 : 0;
}

async function start() {
  if (values.help) {
    process.stdout.write('Usage: npm run test:windows:x86 -- [--system <folder of an i386 Debian with wine32>]\n');
    return 0;
  }
  const system = new I386System(values.system);
  checkMachine({ ...tools, ...(system.isThere() ? {} : { '/usr/sbin/debootstrap': 'debootstrap' }) });
  findTools();
  say(`i386 programs are run by ${checkEmulation()}`);
  const stop = new AbortController();
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.once(name, () => stop.abort());
  mkdirSync(layout.base, { recursive: true });
  const code = await withLock(
    join(layout.base, 'i386.lock'),
    () => main(system, stop.signal),
    (pid) => say(`waiting for another run${pid ? ` (process ${pid})` : ''} to end`),
  );
  return stop.signal.aborted ? 130 : code;
}

try {
  process.exitCode = await start();
} catch (error) {
  if (![I386Error, BuildError, StandinError].some((kind) => error instanceof kind)) throw error;
  process.stderr.write(`x86: ${/** @type {Error} */ (error).message}\n`);
  process.exitCode = 1;
}
