#!/usr/bin/env node
/**
 * Cross-builds SDL 2 for Windows x64 from Debian's source package, as a static library of its video and its sound, into
 * build/windows/sdl2 (pkg-config: build/windows/sdl2/lib/pkgconfig/sdl2.pc). Nothing is done when that is there already
 * and was made in the same way; it is taken from prebuilds/libraries when git has it by this recipe.
 *
 *   --output <folder>    another place
 *   --force              build it anew
 *   --unpack             only take it from prebuilds/libraries; fails when it is not there by this recipe
 *
 * Needs Debian or Ubuntu, gcc-mingw-w64-x86-64-posix, cmake, ninja-build and dpkg-dev. Which of SDL's sources and with what
 * configuration: scripts/windows/sdl. The system's own package lists are left alone.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { unpackArchive } from './archive.mjs';
import { BuildError, compilers, fetchDebianSources, jobs, requireTools, run, target } from './crossBuild.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const recipe = join(root, 'scripts/windows/sdl');

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: join(root, 'build/windows/sdl2') },
    force: { type: 'boolean', default: false },
    unpack: { type: 'boolean', default: false },
  },
});
const prefix = resolve(values.output);
const work = `${prefix}-build`;

const flags = '-O2 -DNDEBUG';

/** What SDL calls of Windows. */
const systemLibraries = ['user32', 'gdi32', 'imm32', 'ole32', 'oleaut32', 'shell32', 'version', 'winmm', 'uuid'];

const tools = {
  [compilers.cc]: 'gcc-mingw-w64-x86-64-posix',
  cmake: 'cmake',
  ninja: 'ninja-build',
  'dpkg-source': 'dpkg-dev',
  'apt-get': 'apt (this script takes Debian source packages)',
};

/** The version as SDL's header has it. @param {string} source */
function versionOf(source) {
  const text = readFileSync(join(source, 'include/SDL_version.h'), 'utf8');
  return ['MAJOR_VERSION', 'MINOR_VERSION', 'PATCHLEVEL']
    .map((part) => new RegExp(`^#define SDL_${part}\\s+(\\d+)`, 'm').exec(text)?.[1])
    .join('.');
}

/**
 * Puts our configuration in place, and takes away that an environment variable (SDL_DYNAMIC_API) names a DLL which
 * replaces SDL: SDL's header says to edit it for that, and it keeps all of SDL's functions in the addon.
 * @param {string} source
 */
function configure(source) {
  copyFileSync(join(recipe, 'SDL_config.h'), join(source, 'include/SDL_config.h'));
  const header = join(source, 'src/dynapi/SDL_dynapi.h');
  const text = readFileSync(header, 'utf8');
  const edited = text.replace(/^#define SDL_DYNAMIC_API 1$/m, '#define SDL_DYNAMIC_API 0');
  if (edited === text) throw new BuildError('SDL_dynapi.h has changed: its SDL_DYNAMIC_API is not found');
  writeFileSync(header, edited);
}

/** @param {string} source */
function build(source) {
  configure(source);
  const folder = join(work, 'objects');
  run(
    'cmake',
    [
      ...['-S', recipe, '-B', folder, '-G', 'Ninja'],
      `-DCMAKE_TOOLCHAIN_FILE=${join(root, 'native/cmake', target.toolchain)}`,
      `-DCMAKE_C_COMPILER=${compilers.cc}`,
      '-DCMAKE_BUILD_TYPE=Release',
      `-DCMAKE_C_FLAGS_RELEASE=${flags}`,
      `-DCMAKE_C_FLAGS=-ffile-prefix-map=${source}=sdl2`,
      `-DSDL_SOURCE=${source}`,
    ],
    { cwd: work },
  );
  run('cmake', ['--build', folder, '--parallel', jobs()], { cwd: work });
  install(source, join(folder, 'libSDL2.a'));
}

/** @param {string} source @param {string} library */
function install(source, library) {
  rmSync(prefix, { recursive: true, force: true });
  const described = join(prefix, 'lib/pkgconfig');
  mkdirSync(described, { recursive: true });
  copyFileSync(library, join(prefix, 'lib/libSDL2.a'));
  cpSync(join(source, 'include'), join(prefix, 'include/SDL2'), { recursive: true });
  const lines = [
    `prefix=${variable('pcfiledir')}/../..`,
    'Name: sdl2',
    'Description: video and sound of SDL, static',
    `Version: ${versionOf(source)}`,
    `Cflags: -I${variable('prefix')}/include/SDL2`,
    `Libs: -L${variable('prefix')}/lib -lSDL2`,
    `Libs.private: ${systemLibraries.map((name) => `-l${name}`).join(' ')}`,
  ];
  writeFileSync(join(described, 'sdl2.pc'), `${lines.join('\n')}\n`);
  copyFileSync(join(source, 'LICENSE.txt'), join(prefix, 'LICENSE.txt'));
}

/** As pkg-config's files write it. @param {string} name */
function variable(name) {
  return `\${${name}}`;
}

function main() {
  const stampFile = join(prefix, 'stamp.json');
  const files = readdirSync(recipe).sort();
  const sources = Object.fromEntries(files.map((name) => [name, readFileSync(join(recipe, name), 'utf8')]));
  const stamp = JSON.stringify({ recipe: 1, flags, systemLibraries, sources });
  if (!values.force && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    process.stdout.write('SDL for Windows: up to date\n');
    return;
  }
  if (!values.force && unpackArchive(`sdl2${target.suffix}`, stamp, prefix)) {
    process.stdout.write('SDL for Windows: taken from prebuilds/libraries\n');
    return;
  }
  if (values.unpack)
    throw new BuildError('prebuilds/libraries has none by this recipe: run scripts/windows/packLibraries.mjs');
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
