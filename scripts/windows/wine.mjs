import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { output } from '../setup/run.mjs';
import { layout } from './layout.mjs';

/** Raise it when the making of the prefix changes. */
const recipe = 1;
const prefixDeadlineMs = 180_000;

/**
 * Without a display: only the window tests need one.
 * @param {string} [prefix] @returns {NodeJS.ProcessEnv}
 */
export function wineEnvironment(prefix = layout.prefix) {
  const { DISPLAY: _, XAUTHORITY: __, ...rest } = process.env;
  return {
    ...rest,
    WINEPREFIX: prefix,
    WINEARCH: 'win64',
    WINEDEBUG: '-all',
    // Neither .NET nor a browser is offered for download, and no debugger holds a process that crashed.
    WINEDLLOVERRIDES: 'mscoree,mshtml,winedbg.exe=',
  };
}

/** Ends every Windows program of a prefix, and of no other. */
export function endWine(prefix = layout.prefix) {
  if (existsSync(prefix)) spawnSync('wineserver', ['-k'], { env: wineEnvironment(prefix), timeout: 30_000 });
}

/**
 * A Windows of a lane's own, so that no window takes the foreground from another lane's: the first has the prefix that setup
 * made, each other one a copy.
 * @param {number} lane from 0 @returns {string} the prefix
 */
export function prefixOfLane(lane) {
  if (lane === 0) return layout.prefix;
  const prefix = `${layout.prefix}-${lane + 1}`;
  const stamp = `${prefix}.json`;
  const source = createHash('sha256').update(readFileSync(join(layout.base, 'prefix.json')));
  source.update(readFileSync(join(layout.prefix, 'drive_c/windows/system32/bcryptprimitives.dll')));
  const wanted = source.digest('hex');
  const made = existsSync(stamp) && existsSync(join(prefix, 'system.reg'));
  if (made && readFileSync(stamp, 'utf8') === wanted) return prefix;
  endWine(prefix);
  rmSync(stamp, { force: true });
  rmSync(prefix, { recursive: true, force: true });
  // Its drives are links, which stay links.
  cpSync(layout.prefix, prefix, { recursive: true, verbatimSymlinks: true });
  writeFileSync(stamp, wanted);
  return prefix;
}

/** @param {string} command @param {string[]} args @returns {Promise<void>} */
function inPrefix(command, args) {
  return new Promise((resolve, reject) => {
    // wine keeps its standard streams open in services that outlive the command: they must not be pipes.
    const child = spawn(command, args, { env: wineEnvironment(), stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), prefixDeadlineMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.join(' ')} failed while the wine prefix was made (${signal ?? code})`));
    });
  });
}

/** @returns {string} */
function wanted() {
  return JSON.stringify({ recipe, wine: output('wine', ['--version'])?.trim() });
}

/** Makes the wine prefix unless it is there, made by this recipe and this wine. @returns {Promise<boolean>} true when it was made */
export async function ensurePrefix() {
  const stamp = join(layout.base, 'prefix.json');
  if (existsSync(stamp) && existsSync(join(layout.prefix, 'system.reg')) && readFileSync(stamp, 'utf8') === wanted()) {
    return false;
  }
  endWine();
  rmSync(stamp, { force: true });
  rmSync(layout.prefix, { recursive: true, force: true });
  mkdirSync(layout.base, { recursive: true });
  await inPrefix('wine', ['wineboot', '-i']);
  await inPrefix('wineserver', ['-w']);
  // Node.js refuses to start on the Windows 7 that wine 8 plays otherwise.
  await inPrefix('wine', ['winecfg', '-v', 'win10']);
  await inPrefix('wineserver', ['-w']);
  writeFileSync(stamp, wanted());
  return true;
}

/** @param {string} dll */
export function installSystemLibrary(dll) {
  copyFileSync(dll, join(layout.prefix, 'drive_c/windows/system32', dll.slice(dll.lastIndexOf('/') + 1)));
}
