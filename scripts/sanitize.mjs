#!/usr/bin/env node
/**
 * Runs the C++ tests and then the Node tests that load the addon under AddressSanitizer with UndefinedBehaviorSanitizer,
 * and under ThreadSanitizer. `--only address` or `--only thread` runs one, `--native` leaves the Node tests out.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findProgram, thisSystem } from './setup/requirements.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const suppressions = join(root, 'test/support/sanitize');

const sanitizers = {
  address: {
    folder: 'build/addon-asan',
    addon: 'build/Sanitized-asan/liteav_rtcroom.node',
    // libstdc++ too: Node has its own copy of the throwing functions, which ASan must find at its start.
    runtimes: ['libasan.so', 'libstdc++.so'],
    native: {
      ASAN_OPTIONS: 'detect_leaks=1:strict_string_checks=1',
      UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
      LSAN_OPTIONS: `print_suppressions=0:suppressions=${join(suppressions, 'leak.supp')}`,
    },
    // Node itself leaves memory to the system at its end; leaks of ours are what the C++ tests and the soak find.
    node: {
      ASAN_OPTIONS: 'detect_leaks=0:strict_string_checks=1:abort_on_error=1',
      UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
    },
  },
  thread: {
    folder: 'build/addon-tsan',
    addon: 'build/Sanitized-tsan/liteav_rtcroom.node',
    runtimes: ['libtsan.so'],
    native: {
      TSAN_OPTIONS: `halt_on_error=1:second_deadlock_stack=1:suppressions=${join(suppressions, 'thread.supp')}`,
    },
    node: {
      TSAN_OPTIONS: `halt_on_error=1:report_bugs=1:ignore_noninstrumented_modules=1:suppressions=${join(suppressions, 'thread.supp')}`,
    },
  },
};

/**
 * SDL asks libdbus for the session's bus. Without one libdbus forks to launch it and allocates before exec, which hangs
 * where another thread held a lock of the sanitizer's allocator, and the window is waited for ever. So there is none.
 */
const noSessionBus = 'unix:path=/nonexistent';

/** Tests that load the addon. Ours alone do: the others run as well without a sanitizer. */
const nodeTests = ['test/unit/live', 'test/interop', 'test/e2e', 'test/chaos'];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    native: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** @param {string} title @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
async function step(title, command, args, env = {}) {
  process.stdout.write(`\n== ${title}\n`);
  const code = await new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 1));
  });
  if (code !== 0) throw new Error(`${title}: failed`);
}

/** @param {string} name */
function runtimePath(name) {
  const compiler = process.env.CXX ?? findProgram(thisSystem, ['g++', 'c++']) ?? 'g++';
  const path = spawnSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout?.trim() ?? '';
  if (existsSync(path) && path.includes('/')) return path;
  throw new Error(`the compiler has no ${name}. Install GCC with its sanitizer runtimes (Debian: g++).`);
}

/** @param {'address' | 'thread'} name */
async function sanitize(name) {
  const { folder, addon, runtimes, native, node } = sanitizers[name];
  await step(`${name}: build`, process.execPath, ['scripts/buildNative.mjs', '--tests'], { RTCROOM_SANITIZE: name });
  const ctest = ['--test-dir', folder, '--output-on-failure', '--parallel', '2', '--timeout', '900'];
  await step(`${name}: C++ tests`, 'ctest', ctest, native);
  if (values.native) return;
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--no-file-parallelism', ...nodeTests];
  await step(`${name}: Node tests`, process.execPath, args, {
    ...node,
    LITEAV_RTCROOM_ADDON: join(root, addon),
    RTCROOM_CAMERA_STAND_IN: join(root, folder, 'libv4l2_stand_in.so'),
    RTCROOM_SANITIZE: name,
    DBUS_SESSION_BUS_ADDRESS: noSessionBus,
    LD_PRELOAD: runtimes.map(runtimePath).join(' '),
  });
}

const chosen = values.only ? [values.only] : Object.keys(sanitizers);
if (values.help || chosen.some((name) => !(name in sanitizers))) {
  process.stdout.write('Usage: npm run test:sanitize -- [--only address|thread] [--native]\n');
  process.exit(values.help ? 0 : 2);
}
try {
  for (const name of /** @type {('address' | 'thread')[]} */ (chosen)) await sanitize(name);
  process.stdout.write('\nsanitizers: clean\n');
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
