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
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BuildError, compilers, fetchDebianSources, host, jobs, requireTools, run } from './crossBuild.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

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

const tools = {
  [compilers.cc]: 'gcc-mingw-w64-x86-64-posix',
  make: 'make',
  'dpkg-source': 'dpkg-dev',
  'apt-get': 'apt (this script takes Debian source packages)',
};

/** @param {string} source */
function build(source) {
  const map = `-ffile-prefix-map=${source}=sdl2`;
  const env = {
    CC: compilers.cc,
    CFLAGS: `-O2 ${map}`,
    SOURCE_DATE_EPOCH: '1',
  };
  const folder = join(work, 'objects');
  mkdirSync(folder, { recursive: true });
  run(join(source, 'configure'), [...configure, `--prefix=${prefix}`], { cwd: folder, env });
  run('make', ['-j', jobs()], { cwd: folder, env });
  rmSync(prefix, { recursive: true, force: true });
  run('make', ['install'], { cwd: folder, env });
  copyFileSync(join(source, 'LICENSE.txt'), join(prefix, 'LICENSE.txt'));
}

function main() {
  const stampFile = join(prefix, 'stamp.json');
  const stamp = JSON.stringify({ script: readFileSync(fileURLToPath(import.meta.url), 'utf8') });
  if (!values.force && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    process.stdout.write('SDL for Windows is up to date\n');
    return;
  }
  requireTools(tools);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  process.stdout.write("SDL for Windows: fetching Debian's sources\n");
  fetchDebianSources(work, ['libsdl2']);
  process.stdout.write('SDL for Windows: building\n');
  build(join(work, 'libsdl2'));
  writeFileSync(stampFile, stamp);
  rmSync(work, { recursive: true, force: true });
  process.stdout.write(`SDL for Windows is in ${prefix}\n`);
}

try {
  main();
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  process.stderr.write(`buildSdl: ${error.message}\n`);
  process.exitCode = 1;
}
