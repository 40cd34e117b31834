#!/usr/bin/env node
/**
 * Cross-builds SDL 2 for Windows x64 from Debian's source package, as a static library of its video part alone, into
 * build/windows/sdl2 (pkg-config: build/windows/sdl2/lib/pkgconfig/sdl2.pc). Nothing is done when that is there already
 * and was made in the same way.
 *
 *   --output <folder>    another place
 *   --force              build it anew
 *
 * Needs Debian or Ubuntu, gcc-mingw-w64-x86-64-posix, make and dpkg-dev; about a minute on two cores. The system's own
 * package lists are left alone.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const host = 'x86_64-w64-mingw32';

/** Windows and their drawing; sound, pads and sensors are not ours, and OpenGL and Vulkan not needed beside Direct3D. */
const configure = [
  `--host=${host}`,
  '--disable-shared',
  '--enable-static',
  '--disable-dependency-tracking',
  ...['audio', 'joystick', 'haptic', 'hidapi', 'sensor', 'power', 'misc', 'locale'].map((part) => `--disable-${part}`),
  ...['video-opengl', 'video-opengles', 'video-vulkan', 'video-dummy', 'video-offscreen'].map(
    (part) => `--disable-${part}`,
  ),
  '--disable-sdl2-config',
];

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: join(root, 'build/windows/sdl2') },
    force: { type: 'boolean', default: false },
  },
});
const prefix = resolve(values.output);
const work = `${prefix}-build`;

/** @param {string} message */
function fail(message) {
  process.stderr.write(`buildSdl: ${message}\n`);
  process.exit(1);
}

/**
 * Its output is shown only when it fails.
 * @param {string} command @param {string[]} args @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
function run(command, args, { cwd = work, env = {} } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (result.error) fail(`${command} cannot be started (${result.error.message})`);
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout.split('\n').slice(-60).join('\n')}${result.stderr.slice(-8000)}\n`);
    fail(`${command} ${args[0] ?? ''} failed; its output is above`);
  }
  return result.stdout;
}

function requireTools() {
  const tools = {
    [`${host}-gcc-posix`]: 'gcc-mingw-w64-x86-64-posix',
    make: 'make',
    'dpkg-source': 'dpkg-dev',
    'apt-get': 'apt (this script takes Debian source packages)',
  };
  const missing = Object.entries(tools)
    .filter(([tool]) => spawnSync('which', [tool]).status !== 0)
    .map(([, name]) => name);
  if (missing.length > 0) fail(`missing: apt-get install -y --no-install-recommends ${missing.join(' ')}`);
}

/** apt with lists of its own, in which the system's sources stand as source packages. @returns {string[]} */
function aptOptions() {
  const sources = join(work, 'sources');
  for (const folder of [sources, join(work, 'lists/partial')]) mkdirSync(folder, { recursive: true });
  const files = ['/etc/apt/sources.list', ...list('/etc/apt/sources.list.d')].filter((file) => existsSync(file));
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const target = join(sources, basename(file));
    if (file.endsWith('.sources')) writeFileSync(target, text.replace(/^Types:.*$/gm, 'Types: deb-src'));
    else if (file.endsWith('.list')) writeFileSync(target, text.replace(/^deb /gm, 'deb-src '));
  }
  return [
    ['Dir::Etc::SourceList', '/dev/null'],
    ['Dir::Etc::SourceParts', sources],
    ['Dir::State::Lists', join(work, 'lists')],
    ['Dir::Cache::srcpkgcache', ''],
    ['Dir::Cache::pkgcache', ''],
    ['APT::Sandbox::User', 'root'],
  ].flatMap(([key, value]) => ['-o', `${key}=${value}`]);
}

/** @param {string} folder */
function list(folder) {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

/** @returns {string} the folder of the unpacked sources */
function fetchSources() {
  const options = aptOptions();
  run('apt-get', [...options, 'update', '-q']);
  run('apt-get', [...options, 'source', '--download-only', '-q', 'libsdl2']);
  const description = readdirSync(work).find((name) => name.startsWith('libsdl2_') && name.endsWith('.dsc'));
  if (!description) fail('apt-get source left no description of libsdl2');
  const folder = join(work, 'source');
  run('dpkg-source', ['--no-check', '-x', description, folder]);
  return folder;
}

/** @param {string} source */
function build(source) {
  const map = `-ffile-prefix-map=${source}=sdl2`;
  const env = {
    CC: `${host}-gcc-posix`,
    CFLAGS: `-O2 ${map}`,
    SOURCE_DATE_EPOCH: '1',
  };
  const folder = join(work, 'objects');
  mkdirSync(folder, { recursive: true });
  run(join(source, 'configure'), [...configure, `--prefix=${prefix}`], { cwd: folder, env });
  run('make', ['-j', String(Math.min(4, availableParallelism()))], { cwd: folder, env });
  rmSync(prefix, { recursive: true, force: true });
  run('make', ['install'], { cwd: folder, env });
  copyFileSync(join(source, 'LICENSE.txt'), join(prefix, 'LICENSE.txt'));
}

const stampFile = join(prefix, 'stamp.json');
const stamp = JSON.stringify({ script: readFileSync(fileURLToPath(import.meta.url), 'utf8') });
if (!values.force && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
  process.stdout.write('SDL for Windows is up to date\n');
} else {
  requireTools();
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  process.stdout.write("SDL for Windows: fetching Debian's sources\n");
  const source = fetchSources();
  process.stdout.write('SDL for Windows: building\n');
  build(source);
  writeFileSync(stampFile, stamp);
  rmSync(work, { recursive: true, force: true });
  process.stdout.write(`SDL for Windows is in ${prefix}\n`);
}
