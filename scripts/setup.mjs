#!/usr/bin/env node
/**
 * Makes a fresh clone ready: system packages, npm packages, the addon and the compiled TypeScript, each only when it is
 * missing or stale. Node built-ins only. `--test` adds what the tests need, `--quiet` prints nothing when nothing is to do.
 * `--windows` makes ready what `npm run test:windows` needs instead of this system's addon: wine and what runs in it. With
 * `--fetch` only what mostly waits for the network: packages, downloads and, once they are there, wine's prefix.
 * `--fuzz` makes ready what `npm run fuzz` needs instead: Clang and its runtimes.
 * Exit code 1 with the cause and the remedy when something is left for a person to do.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withLock } from './setup/lock.mjs';
import { distribution, failureCause, planPackages } from './setup/plan.mjs';
import { atLeast, findMissing, findProgram, thisSystem } from './setup/requirements.mjs';
import { output, run } from './setup/run.mjs';
import { cleanScripts, inputsOf, isStale, markBuilt, modulesCurrent } from './setup/stale.mjs';

const leastNode = '20.19';
/** How often a quiet step tells that it still runs. */
const aliveMs = 20_000;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const system = { ...thisSystem, output };

const { values } = parseArgs({
  options: {
    test: { type: 'boolean', default: false },
    windows: { type: 'boolean', default: false },
    fetch: { type: 'boolean', default: false },
    fuzz: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

class SetupError extends Error {}

/** @param {string} text */
function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

/** Runs one step; its output is shown as it comes, or, when quiet, only if it fails. @param {string} title @param {string} command @param {string[]} args @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options] */
async function step(title, command, args, { env, cwd = root } = {}) {
  say(`${title} …`);
  const started = Date.now();
  // Without output a long build looks like a hang.
  const ticking = setInterval(() => say(`${title} … ${Math.round((Date.now() - started) / 1000)} s`), aliveMs);
  if (!values.quiet) clearInterval(ticking);
  const result = await run(command, args, { cwd, quiet: values.quiet, ...(env ? { env } : {}) });
  clearInterval(ticking);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (result.ok) {
    say(`${title}: done in ${seconds} s`);
    return result;
  }
  if (values.quiet) process.stderr.write(result.output);
  return result;
}

/** @param {{ ok: boolean, output: string }} result @param {string} what */
function demand(result, what) {
  if (result.ok) return;
  throw new SetupError(`${what} failed. ${failureCause(result.output) ?? 'The output above says why.'}`);
}

function machine() {
  const isRoot = process.getuid?.() === 0;
  return {
    platform: process.platform,
    osRelease: readText('/etc/os-release'),
    root: isRoot,
    sudo: !isRoot && findProgram(system, ['sudo']) !== undefined && output('sudo', ['-n', 'true']) !== undefined,
    apt: findProgram(system, ['apt-get']) !== undefined,
  };
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @param {string[]} packages @param {boolean} sudo */
async function installPackages(packages, sudo) {
  // A package's script would start nginx as a service; the tests start their own.
  const settings = ['DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'SYSTEMD_OFFLINE=1'];
  const prefix = [
    ...(sudo ? ['sudo', '-n'] : []),
    'env',
    ...settings,
    'apt-get',
    '-q',
    '-o',
    'DPkg::Lock::Timeout=300',
  ];
  const [command = 'env', ...args] = prefix;
  const update = () => step('Reading the package lists', command, [...args, 'update']);
  const install = () =>
    step(`Installing ${packages.join(' ')}`, command, [
      ...args,
      'install',
      '-y',
      '--no-install-recommends',
      ...packages,
    ]);
  // Lists already there may still do, so a failed update is no failure yet.
  await update();
  let result = await install();
  if (!result.ok) {
    say('trying once more');
    await update();
    result = await install();
  }
  demand(result, 'Installing packages');
}

async function ensurePackages() {
  const missing = findMissing(system, values);
  if (missing.length === 0) return;
  const plan = planPackages(missing, machine());
  if (plan.kind === 'manual') throw new SetupError(plan.lines.join('\n'));
  if (plan.kind === 'apt') await installPackages(plan.packages, plan.sudo);
  const left = findMissing(system, values);
  if (left.length > 0) {
    const { name } = distribution(readText('/etc/os-release'));
    throw new SetupError(
      `Installed, but still not usable on ${name}:\n${left.map((item) => `  - ${item.name}: ${item.problem}`).join('\n')}`,
    );
  }
}

/** npm as a command of its own; under `npm run` the one that runs. @param {string[]} args */
function npm(args) {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return /** @type {const} */ ([process.execPath, [script, ...args]]);
  return /** @type {const} */ ([process.platform === 'win32' ? 'npm.cmd' : 'npm', args]);
}

async function ensureModules() {
  if (modulesCurrent(root)) return;
  const install = () => step('Installing npm packages', ...npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund']));
  let result = await install();
  if (!result.ok) {
    say('trying once more');
    result = await install();
  }
  demand(result, 'npm ci');
}

/** @param {import('./setup/stale.mjs').Part} part @param {string} title @param {string} script */
async function ensureBuilt(part, title, script) {
  if (!isStale(root, part)) return;
  // Read before the build: an edit during it leaves the part stale.
  const inputs = inputsOf(root, part);
  if (part === 'ts') cleanScripts(root);
  demand(await step(title, ...npm(['run', '--silent', script])), title);
  markBuilt(root, part, inputs);
}

/** What runs under wine; downloads go on while the addon is built. */
async function ensureWindows() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(`The tests under wine run on Linux x64; this is ${process.platform} ${process.arch}.`);
  }
  const { ensureWine } = await import('./windows/setup.mjs');
  const npmIn = async (/** @type {string} */ title, /** @type {string[]} */ args, /** @type {string} */ cwd) =>
    demand(await step(title, ...npm(args), { cwd }), title);
  const wine = ensureWine({ npm: npmIn, say, quiet: values.quiet });
  if (values.fetch) return wine;
  const standins = async () =>
    demand(await step('Building the stand-ins of liteav.dll', process.execPath, ['scripts/buildStandin.mjs']), 'That');
  const results = await Promise.allSettled([
    wine,
    standins().then(() => ensureBuilt('windows', 'Building the addon of Windows', 'prebuild:windows')),
  ]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function main() {
  if (values.help) {
    process.stdout.write('Usage: node scripts/setup.mjs [--test] [--windows [--fetch]] [--fuzz] [--quiet]\n');
    return;
  }
  if (values.fetch && (!values.windows || values.test || values.fuzz)) {
    throw new SetupError('--fetch goes with --windows alone.');
  }
  if (!atLeast(process.versions.node, leastNode)) {
    throw new SetupError(
      `Node.js ${process.versions.node} is too old: ${leastNode} or newer is needed (nodejs.org has it).`,
    );
  }
  mkdirSync(join(root, 'build'), { recursive: true });
  await withLock(
    join(root, 'build/setup.lock'),
    async () => {
      // Side by side: the one mostly writes files, the other mostly waits for the network.
      for (const result of await Promise.allSettled([ensurePackages(), ensureModules()])) {
        if (result.status === 'rejected') throw result.reason;
      }
      if (values.fuzz && !values.test && !values.windows) return;
      if (!values.windows || values.test) await ensureBuilt('native', 'Building the addon', 'build:native');
      if (!values.fetch) await ensureBuilt('ts', 'Compiling TypeScript', 'build:ts');
      if (values.windows) await ensureWindows();
    },
    (pid) => say(`waiting for another setup${pid ? ` (process ${pid})` : ''} to end`),
  );
  if (!values.quiet) say('ready');
}

try {
  await main();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  say(
    error instanceof SetupError
      ? message
      : `${message}\n${failureCause(message) ?? 'This is a fault of scripts/setup.mjs.'}`,
  );
  process.exitCode = 1;
}
