import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { layout, root } from './layout.mjs';

/** What an installed package has, the sources that its maps name, and the tests. */
const copied = ['package.json', 'README.md', 'CHANGELOG.md', 'binding.gyp', 'dist', 'lib', 'test', 'examples', 'docs'];
const platform = ['--os=win32', '--ignore-scripts', '--no-audit', '--no-fund'];

/** @typedef {(title: string, args: string[], cwd: string) => Promise<void>} Npm runs npm, or throws */

/** @param {string} folder @param {string} from */
function lockState(folder, from) {
  const hash = createHash('sha256');
  for (const name of ['package.json', 'package-lock.json']) hash.update(readFileSync(join(from, name))).update('\0');
  return { wanted: hash.digest('hex'), stamp: join(folder, 'node_modules/.liteav-rtcroom-lock') };
}

/**
 * Installs the packages of a lock file as they are on Windows into a folder of their own, unless they are there.
 * @param {Npm} npm @param {string} title @param {string} folder @param {string} from folder of package.json and its lock
 * @param {{ cpu?: 'x64' | 'ia32', more?: string[] }} [options] `more`: npm's further arguments
 */
export async function ensureInstalled(npm, title, folder, from, { cpu = 'x64', more = [] } = {}) {
  const { wanted, stamp } = lockState(folder, from);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(from, name), join(folder, name));
  await npm(title, ['ci', ...platform, `--cpu=${cpu}`, ...more], folder);
  writeFileSync(stamp, wanted);
}

/** @param {Npm} npm */
export async function ensurePrograms(npm) {
  // --force: npm refuses packages of another system that are named outright.
  const from = join(root, 'scripts/windows/programs');
  await ensureInstalled(npm, 'Installing node.exe and ffprobe.exe', layout.programs, from, { more: ['--force'] });
}

/** @param {Npm} npm */
export async function ensureModules(npm) {
  await ensureInstalled(npm, 'Installing the npm packages of Windows', layout.tree, root);
}

/** Copies the package and its tests as they are now. Real files: a link would lead back to the packages of this system. */
export function refreshTree() {
  for (const name of [...copied, 'prebuilds']) rmSync(join(layout.tree, name), { recursive: true, force: true });
  for (const name of copied) {
    cpSync(join(root, name), join(layout.tree, name), {
      recursive: true,
      filter: (path) => !path.includes(`${sep}node_modules${sep}`),
    });
  }
  cpSync(join(root, 'scripts/windows/wineCompat.cjs'), join(layout.tree, 'wineCompat.cjs'));
  if (!existsSync(layout.addon)) return;
  const to = join(layout.tree, layout.addon.slice(root.length + 1));
  mkdirSync(dirname(to), { recursive: true });
  cpSync(dirname(layout.addon), dirname(to), { recursive: true });
}
