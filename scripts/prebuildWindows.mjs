#!/usr/bin/env node
/**
 * Builds the addon for Windows on Linux, into prebuilds/win32-x64, where node-gyp-build looks for it: one file with
 * FFmpeg, OpenH264 and SDL inside. Builds those first where they are missing. Meant to give the same bytes for the same sources; --check tells.
 *
 *   --arch ia32          for a 32-bit Node.js, into prebuilds/win32-ia32
 *   --check              builds a second time, in another folder and from a copy, and compares the bytes
 *   --output <file>      another place for the addon
 *   RTCROOM_BUILD_JOBS   compile jobs at once
 *
 * Lists the DLLs that the addon names, and fails on one that is not on the list below.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withLock } from './setup/lock.mjs';
import { BuildError, jobs, requireTools, run, targetOf, targets } from './windows/crossBuild.mjs';
import { makeNodeImportLibrary } from './windows/nodeImportLibrary.mjs';
import { peImports } from './windows/peImports.mjs';

const require = createRequire(import.meta.url);
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const base = join(root, 'build/windows');

/** Windows has all of these in every edition; anything else would be missing on somebody's machine. */
const allowed = new Set([
  ...['advapi32', 'bcrypt', 'crypt32', 'gdi32', 'imm32', 'iphlpapi', 'kernel32', 'msvcrt', 'ncrypt', 'ole32'],
  ...['oleaut32', 'psapi', 'secur32', 'setupapi', 'shell32', 'shlwapi', 'user32', 'version', 'winmm', 'ws2_32'],
]);

const { values } = parseArgs({
  options: {
    arch: { type: 'string', default: 'x64' },
    check: { type: 'boolean', default: false },
    output: { type: 'string' },
  },
});
const suffix = targets[values.arch]?.suffix ?? '';
const libraries = { ffmpeg: join(base, `ffmpeg${suffix}`), sdl2: join(base, `sdl2${suffix}`) };

/** @param {string} text */
function say(text) {
  process.stdout.write(`addon for Windows: ${text}\n`);
}

/** @param {string} script @param {string} output */
async function buildLibrary(script, output) {
  const [code] = await once(
    spawn(process.execPath, [join(root, 'scripts/windows', script), '--output', output], {
      stdio: 'inherit',
      env: { ...process.env, RTCROOM_WINDOWS_ARCH: values.arch },
    }),
    'close',
  );
  if (code !== 0) throw new BuildError(`${script} failed`);
}

/** @param {string} name */
function packageFolder(name) {
  try {
    return dirname(require.resolve(`${name}/package.json`, { paths: [root] }));
  } catch {
    throw new BuildError(`the package ${name} is not installed; run \`npm ci\` first`);
  }
}

/**
 * One build of the addon.
 * @param {string} source the native folder @param {string} folder of the build @returns {string} the addon
 */
function buildAddon(source, folder) {
  const api = packageFolder('node-addon-api');
  const headers = packageFolder('node-api-headers');
  const target = targetOf(values.arch);
  const importLibrary = makeNodeImportLibrary(join(folder, 'node'), target);
  const maps = [
    [source, 'native'],
    [folder, 'build'],
    [api, 'node-addon-api'],
    [headers, 'node-api-headers'],
    [libraries.ffmpeg, 'ffmpeg'],
    [libraries.sdl2, 'sdl2'],
  ];
  const env = {
    PKG_CONFIG_LIBDIR: Object.values(libraries)
      .map((library) => join(library, 'lib/pkgconfig'))
      .join(':'),
    PKG_CONFIG_PATH: '',
  };
  run(
    'cmake',
    [
      ...['-S', source, '-B', folder, '-G', 'Ninja'],
      `-DCMAKE_TOOLCHAIN_FILE=${join(source, 'cmake', target.toolchain)}`,
      '-DCMAKE_BUILD_TYPE=Release',
      '-DRTCROOM_PRECOMPILE=ON',
      `-DCMAKE_CXX_FLAGS=${maps.map(([from, to]) => `-ffile-prefix-map=${from}=${to}`).join(' ')}`,
      `-DCMAKE_JS_INC=${join(headers, 'include')}`,
      `-DCMAKE_JS_SRC=${join(source, 'addon/windows/DelayLoadHook.cpp')}`,
      `-DCMAKE_JS_LIB=${importLibrary}`,
      `-DNODE_ADDON_API_DIR=${api}`,
    ],
    { cwd: root, env },
  );
  run('cmake', ['--build', folder, '--parallel', jobs(), '--target', 'liteav_rtcroom'], { cwd: root, env });
  const addon = join(folder, 'liteav_rtcroom.node');
  if (!existsSync(addon)) throw new BuildError('the build ended well, but left no liteav_rtcroom.node');
  return addon;
}

/** CMake refuses a cache that was made in another place (a moved or copied checkout). @param {string} folder */
function forgetMovedCache(folder) {
  const cache = join(folder, 'CMakeCache.txt');
  if (!existsSync(cache)) return;
  const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(readFileSync(cache, 'utf8'))?.[1];
  if (home !== join(root, 'native')) rmSync(folder, { recursive: true });
}

/** @param {string} file */
function checkImports(file) {
  const bytes = readFileSync(file);
  const { imports, delayed: entered } = peImports(bytes);
  // GNU ld before 2.41 enters what is bound at first use in no directory: there the name alone tells.
  const delayed = entered.length > 0 ? entered : bytes.includes('NODE.EXE\0') ? ['NODE.EXE'] : [];
  say(`needs ${imports.sort().join(', ')}`);
  say(`binds at first use ${delayed.join(', ')}`);
  const surprises = imports.filter((name) => !allowed.has(name.toLowerCase().replace(/\.dll$/, '')));
  if (surprises.length > 0) {
    throw new BuildError(
      `the addon needs ${surprises.join(', ')}, which is not on the list of what Windows always has`,
    );
  }
  if (delayed.join() !== 'NODE.EXE')
    throw new BuildError('of all imports, those of NODE.EXE must be delayed, and no other');
}

/** No folder of this machine may stand in what is published. @param {string} file */
function checkPaths(file) {
  // The one is a pattern of FFmpeg's for temporary files.
  const text = readFileSync(file, 'latin1').replaceAll('/tmp/%sXXXXXX', '');
  const found = [root, tmpdir()].filter((folder) => folder.length > 1 && text.includes(`${folder}/`));
  if (found.length > 0) throw new BuildError(`the addon names ${found.join(' and ')}`);
}

/** Builds from a copy of the sources in a folder of another name, and compares. @param {string} addon */
function checkSameBytes(addon) {
  say('building again from a copy');
  const folder = mkdtempSync(join(tmpdir(), 'rtcroom-windows-'));
  try {
    const source = join(folder, 'sources');
    cpSync(join(root, 'native'), source, { recursive: true });
    const second = buildAddon(source, join(folder, 'another-build'));
    if (!readFileSync(second).equals(readFileSync(addon))) {
      throw new BuildError('two builds of the same sources differ: something depends on the folder or the time');
    }
    say('both builds have the same bytes');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the licences of the libraries inside ask to be handed on. @param {string} folder */
function copyLicences(folder) {
  const licences = join(folder, 'licences');
  rmSync(licences, { recursive: true, force: true });
  mkdirSync(licences, { recursive: true });
  for (const name of readdirSync(join(libraries.ffmpeg, 'licences'))) {
    copyFileSync(join(libraries.ffmpeg, 'licences', name), join(licences, name));
  }
  copyFileSync(join(libraries.ffmpeg, 'versions.json'), join(licences, 'FFmpeg-build.json'));
  copyFileSync(join(libraries.sdl2, 'LICENSE.txt'), join(licences, 'SDL2-zlib.txt'));
}

/** @param {string} addon */
function install(addon) {
  const place = resolve(values.output ?? join(root, `prebuilds/win32-${values.arch}/liteav-rtcroom.node`));
  mkdirSync(dirname(place), { recursive: true });
  const temporary = `${place}.${process.pid}`;
  copyFileSync(addon, temporary);
  renameSync(temporary, place);
  copyLicences(dirname(place));
  say(`done, ${place} (${(readFileSync(place).length / 1e6).toFixed(1)} MB)`);
}

async function build() {
  const { host, compilers, debian } = targetOf(values.arch);
  requireTools({
    [compilers.cxx]: `g++-mingw-w64-${debian}-posix`,
    [`${host}-dlltool`]: `binutils-mingw-w64-${debian}`,
    cmake: 'cmake',
    ninja: 'ninja-build',
    'pkg-config': 'pkg-config',
  });
  // Side by side: much of each is a configure script and a download, which keep no core busy.
  const built = await Promise.allSettled([
    buildLibrary('buildFfmpeg.mjs', libraries.ffmpeg),
    buildLibrary('buildSdl.mjs', libraries.sdl2),
  ]);
  for (const library of built) if (library.status === 'rejected') throw library.reason;
  const folder = join(base, `addon${suffix}`);
  forgetMovedCache(folder);
  say('building');
  const addon = buildAddon(join(root, 'native'), folder);
  checkImports(addon);
  checkPaths(addon);
  if (values.check) checkSameBytes(addon);
  install(addon);
}

// Ctrl-C ends the build that is waited for; what is temporary is then removed.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
try {
  mkdirSync(base, { recursive: true });
  await withLock(join(base, `addon${suffix}.lock`), build, (pid) =>
    say(`waiting for another build (process ${pid ?? 'unknown'})`),
  );
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  process.stderr.write(`prebuildWindows: ${error.message}\n`);
  process.exitCode = 1;
}
