import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, thisSystem } from '../setup/requirements.mjs';
import { windowsPath } from '../windows/layout.mjs';
import { demandTool, StandinError } from './tools.mjs';

const programLimitMs = 120_000;
const prefixLimitMs = 180_000;

/** Generations that run in 64 bits, with the name that standin_check knows them by. */
const runs = [
  { name: 'v2-r2', generation: 'r2' },
  { name: 'v2-r3', generation: 'r3' },
  { name: 'v2-r4', generation: 'r4' },
  { name: 'v2-r4-premier', generation: 'r4p' },
  { name: 'itx', generation: 'itx' },
];

/** The system's errors: 126 a module was not found, 193 no program for this machine. 0: it loads. @type {Record<string, number>} */
const loads = {
  'unknown-version': 0,
  'between-versions': 0,
  'missing-exports': 0,
  'null-factory': 0,
  'licence-refused': 0,
  'with-sibling': 0,
  'missing-sibling': 126,
  'not-liteav': 0,
  'wrong-architecture': 193,
  tx2018: 193,
  truncated: 193,
  empty: 193,
  'not-a-dll': 193,
  'with spaces 腾讯 直播': 0,
};

/** Runs a Windows program with files as its streams: wine's programs can not use Linux pipes. @param {string} wine @param {NodeJS.ProcessEnv} env @param {string[]} args @param {string} log @param {number} limitMs */
async function runWine(wine, env, args, log, limitMs) {
  const file = openSync(log, 'w');
  try {
    const child = spawn(wine, args, { env, stdio: ['ignore', file, file] });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, limitMs);
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    clearTimeout(timer);
    if (late) throw new StandinError(`${args.join(' ')} did not end within ${limitMs / 1000} s; its output: ${log}`);
    return /** @type {number | null} */ (code);
  } finally {
    closeSync(file);
  }
}

/** @param {string} output @returns {Promise<{ wine: string, server: string | undefined, env: NodeJS.ProcessEnv }>} */
async function prepareWine(output) {
  const wine = findProgram(thisSystem, ['wine64', 'wine']) ?? findProgram(thisSystem, ['wine-stable']);
  if (!wine)
    throw new StandinError(
      'wine was not found, which --check needs. Debian has it in these packages:\n' +
        '  apt-get install -y --no-install-recommends wine wine64',
    );
  const prefix = process.env.WINEPREFIX ?? join(output, 'prefix');
  const env = {
    ...process.env,
    // Without a UTF-8 locale wine loses the characters of a path.
    LC_ALL: 'C.UTF-8',
    WINEPREFIX: prefix,
    WINEARCH: 'win64',
    WINEDEBUG: '-all',
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
  };
  delete env.DISPLAY;
  if (!existsSync(join(prefix, 'system.reg'))) {
    process.stderr.write('standin: making a wine prefix …\n');
    const code = await runWine(wine, env, ['wineboot', '-i'], join(output, 'wineboot.log'), prefixLimitMs);
    if (code !== 0)
      throw new StandinError(`wineboot ended with code ${code}; its output: ${join(output, 'wineboot.log')}`);
  }
  return { wine, env, server: findProgram(thisSystem, ['wineserver']) };
}

/** Every name in the list must be exported. @param {string} readobj @param {string} dll @param {string} list */
async function checkExports(readobj, dll, list) {
  const text = await demandTool(`Reading the exports of ${dll}`, readobj, ['--coff-exports', dll]);
  const there = new Set([...text.matchAll(/^ *Name: (.*)$/gm)].map(([, name]) => name?.trim()));
  const wanted = readFileSync(list, 'utf8').split('\n').filter(Boolean);
  const missing = wanted.filter((name) => !there.has(name));
  if (missing.length > 0) throw new StandinError(`${dll} lacks these exports:\n${missing.join('\n')}`);
  process.stdout.write(`exports  ${wanted.length} names of ${list.slice(list.lastIndexOf('/') + 1)}: ok\n`);
}

/** Runs a check program to its end and tells whether it found all to be well. @param {string} wine @param {NodeJS.ProcessEnv} env @param {string[]} args @param {string} log @param {string} name */
async function runChecks(wine, env, args, log, name) {
  const code = await runWine(wine, env, args, log, programLimitMs);
  const text = readFileSync(log, 'utf8');
  const bad = text.split('\n').filter((line) => line.startsWith('FAIL'));
  const good = text.split('\n').filter((line) => line.startsWith('ok')).length;
  // The program's last line, so that one which died half-way is not taken for a good one.
  const whole = text.trimEnd().endsWith('done');
  process.stdout.write(`${name}: ${good} checks passed, ${bad.length} failed, exit code ${code}\n`);
  if (code === 0 && bad.length === 0 && good > 0 && whole) return true;
  process.stdout.write(`${bad.join('\n')}\nIts whole output: ${log}\n`);
  return false;
}

/**
 * Shows that slots, structs and exports are what the tables of the specification say. Throws StandinError with the lines
 * that differ.
 * @param {string} output @param {string} sources @param {{ readobj: string }} tools
 * @param {string} [wine32] runs 32-bit programs; without it the DLL of 2018 is not run
 */
export async function checkStandins(output, sources, { readobj }, wine32) {
  await checkExports(readobj, join(output, 'v2-r3/liteav.dll'), join(sources, 'check/v2-r3.exports.txt'));
  await checkExports(readobj, join(output, 'tx2018/liteav.dll'), join(sources, 'check/tx2018.exports.txt'));
  const { wine, env, server } = await prepareWine(output);
  let failed = false;
  for (const { name, generation } of runs) {
    const log = join(output, `check-${name}.log`);
    const args = [join(output, 'standin_check.exe'), generation, windowsPath(join(output, name, 'liteav.dll'))];
    failed = !(await runChecks(wine, env, args, log, name)) || failed;
  }
  if (wine32) {
    const args = [join(output, 'standin_check32.exe'), windowsPath(join(output, 'tx2018/liteav.dll'))];
    failed = !(await runChecks(wine32, process.env, args, join(output, 'check-tx2018.log'), 'tx2018')) || failed;
  } else {
    process.stdout.write('tx2018: only its exports were compared; --wine32 names a wine that runs 32-bit programs\n');
  }
  for (const [name, wanted] of Object.entries(loads)) {
    const args = [join(output, 'standin_check.exe'), 'load', windowsPath(join(output, name, 'liteav.dll'))];
    const code = await runWine(wine, env, args, join(output, 'check-load.log'), programLimitMs);
    process.stdout.write(`${name}: loading gives ${code}\n`);
    if (code === wanted) continue;
    failed = true;
    process.stdout.write(`FAIL ${name}: loading gives ${code} for ${wanted}\n`);
  }
  if (server && !process.env.WINEPREFIX) await demandTool('Waiting for wine', server, ['-w'], env);
  if (failed) throw new StandinError('standin_check found differences to the specification; they are listed above.');
}
