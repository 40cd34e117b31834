#!/usr/bin/env node
/**
 * Builds FFmpeg, OpenH264 and SDL for Windows x64 from Debian's sources and packs them into prebuilds/libraries, from where
 * every other build takes them. To be run when a recipe changes or Debian has newer sources; takes some 15 minutes.
 *
 *   packLibraries.mjs [--check] [ffmpeg] [sdl2]
 *
 *   --check    changes nothing: builds in a temporary folder and compares each file with the archive's. Fails on a
 *              difference, and tells when it is due to newer sources.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { archivedStamp, archiveOf, packArchive, unpackArchive } from './archive.mjs';
import { BuildError } from './crossBuild.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const libraries = { ffmpeg: 'buildFfmpeg.mjs', sdl2: 'buildSdl.mjs' };

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean', default: false } },
  allowPositionals: true,
});

/** @param {string} script @param {string} prefix */
function build(script, prefix) {
  const args = [join(here, script), '--force', '--output', prefix];
  const env = { ...process.env, RTCROOM_WINDOWS_ARCH: 'x64' };
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env });
  if (status !== 0) throw new BuildError(`${script} failed; its output is above`);
}

/** Every file below, by its path. @param {string} folder @returns {Map<string, Buffer>} */
function contents(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path)];
    }),
  );
}

/** @param {string} name @param {string} built @param {string} folder for what is archived */
function compare(name, built, folder) {
  const stamp = readFileSync(join(built, 'stamp.json'), 'utf8');
  const archived = join(folder, `${name}-archived`);
  if (!unpackArchive(name, stamp, archived)) {
    const why = archivedStamp(name) === undefined ? 'there is none' : 'its recipe is an older one';
    throw new BuildError(`${archiveOf(name)}: ${why}; run this without --check and commit what it makes`);
  }
  const [now, then] = [contents(built), contents(archived)];
  const differing = [...new Set([...now.keys(), ...then.keys()])].filter((path) => {
    const [one, other] = [now.get(path), then.get(path)];
    return !one || !other || !one.equals(other);
  });
  if (differing.length === 0) {
    process.stdout.write(`${name}: the archive has the same bytes in ${now.size} files\n`);
    return true;
  }
  process.stderr.write(`${name}: differs from the archive in ${differing.sort().join(', ')}\n`);
  if (differing.includes('versions.json')) process.stderr.write(`${name}: Debian has other sources by now\n`);
  return false;
}

function main() {
  const unknown = positionals.find((name) => !Object.hasOwn(libraries, name));
  if (unknown) throw new BuildError(`there is no library ${unknown}: ${Object.keys(libraries).join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'rtcroom-libraries-'));
  let same = true;
  try {
    for (const [name, script] of Object.entries(libraries)) {
      if (positionals.length > 0 && !positionals.includes(name)) continue;
      const prefix = join(folder, name);
      build(script, prefix);
      if (values.check) same = compare(name, prefix, folder) && same;
      else packArchive(name, prefix);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return same ? 0 : 1;
}

// Ctrl-C ends the build that is waited for; the folder is then removed.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
try {
  process.exitCode = main();
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  process.stderr.write(`packLibraries: ${error.message}\n`);
  process.exitCode = 1;
}
