import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where everything for Windows under wine lies; all of it can be deleted and is made again. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const base = join(root, 'build/windows');

export const layout = {
  base,
  /** wine's own folder: registry, drive C. */
  prefix: join(base, 'prefix'),
  /** node.exe and ffprobe.exe, from scripts/windows/programs. */
  programs: join(base, 'programs'),
  /** Small programs built of C++ for the tests. */
  tools: join(base, 'tools'),
  /** The package as it would lie on a Windows machine, with the packages of win32-x64. */
  tree: join(base, 'tree'),
  /** Output of the programs, reports of vitest. */
  logs: join(base, 'logs'),
  /** Screenshots that the window tests took. */
  shots: join(base, 'shots'),
  standins: join(root, 'build/standin'),
  addon: join(root, 'prebuilds/win32-x64/liteav-rtcroom.node'),
};

/** @type {Record<string, string>} the Node.js that the tests run in, by its major version */
export const nodePrograms = {
  20: join(layout.programs, 'node_modules/node20/bin/node.exe'),
  22: join(layout.programs, 'node_modules/node22/bin/node.exe'),
};

export const ffprobeFolder = join(layout.programs, 'node_modules/@ffprobe-installer/win32-x64');

/** A path of this machine as Windows programs under wine know it. @param {string} path */
export function windowsPath(path) {
  return `Z:${path.replaceAll('/', '\\')}`;
}
