/**
 * The libraries for Windows as git keeps them, in prebuilds/libraries: to make them from Debian's sources takes longer
 * than all the rest. An archive counts only when the recipe in it is the one of today; scripts/windows/packLibraries.mjs
 * makes and checks them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BuildError, run } from './crossBuild.mjs';

const folder = resolve(dirname(fileURLToPath(import.meta.url)), '../../prebuilds/libraries');

/** @param {string} name of a library, with the target's suffix */
export function archiveOf(name) {
  return join(folder, `${name}.tar.xz`);
}

/** The recipe by which an archive was made; undefined when there is none to read. @param {string} name */
export function archivedStamp(name) {
  if (!existsSync(archiveOf(name))) return undefined;
  const { status, stdout, stderr } = spawnSync('tar', ['-xJOf', archiveOf(name), './stamp.json'], { encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new BuildError(`${archiveOf(name)} cannot be read; tar and xz (Debian: xz-utils) are needed. ${stderr ?? ''}`);
}

/**
 * Puts the library where its build would, if git has it by this recipe.
 * @param {string} name @param {string} stamp @param {string} prefix @returns {boolean} whether it had
 */
export function unpackArchive(name, stamp, prefix) {
  if (archivedStamp(name) !== stamp) return false;
  mkdirSync(dirname(prefix), { recursive: true });
  const temporary = mkdtempSync(`${prefix}-unpacked-`);
  try {
    run('tar', ['-xJf', archiveOf(name), '-C', temporary], { cwd: temporary });
    rmSync(prefix, { recursive: true, force: true });
    renameSync(temporary, prefix);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return true;
}

/** The same bytes for the same files, whoever packs them and when. @param {string} name @param {string} prefix */
export function packArchive(name, prefix) {
  if (!existsSync(join(prefix, 'stamp.json'))) throw new BuildError(`${prefix} holds no finished build`);
  mkdirSync(folder, { recursive: true });
  const temporary = `${archiveOf(name)}.${process.pid}`;
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX'];
  run('tar', [...same, '-cJf', temporary, '-C', prefix, '.'], { cwd: folder, env: { XZ_OPT: '-9e -T1' } });
  renameSync(temporary, archiveOf(name));
}
