import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * What the build, the demo and the tests need from the system, and how Debian, Homebrew and others call it.
 * @typedef {object} Requirement
 * @property {string} name what a person calls it
 * @property {'tool' | 'build' | 'demo' | 'test' | 'windows' | 'fuzz'} purpose 'tool': of every build; 'build': for this system;
 *   'windows': to build for Windows and to test under wine
 * @property {boolean} [alsoWindows] of a test that runs under wine as well
 * @property {string[]} debian packages of Debian and Ubuntu
 * @property {string[]} brew packages of Homebrew
 * @property {(system: SystemView) => string | undefined} problem undefined when it is there and usable
 */

/**
 * The part of a machine that the checks look at; tests give their own.
 * @typedef {object} SystemView
 * @property {NodeJS.ProcessEnv} env
 * @property {(path: string) => boolean} exists
 * @property {(path: string) => string | undefined} read
 * @property {(path: string) => string[]} list
 * @property {(command: string, args: string[]) => string | undefined} output undefined when the command fails
 */

/** FFmpeg 5.1 (the first with AVChannelLayout) has these versions of its libraries. */
const ffmpegLibraries = {
  libavcodec: '59.37',
  libavdevice: '59.7',
  libavfilter: '8.44',
  libavformat: '59.27',
  libavutil: '57.28',
  libswscale: '6.7',
  libswresample: '4.7',
};

/** What RTMPS and HTTPS are spoken with; FFmpeg's own in Debian. Windows has Schannel for it. */
const tlsLibrary = { name: 'gnutls', least: '3.6.5', debian: 'libgnutls28-dev', brew: 'gnutls' };

/** What windows are made with, and its package of Debian. Programs without windows need the headers alone. */
const windowLibraries = {
  sdl2: { least: '2.0.16', debian: 'libsdl2-dev' },
  ...(process.platform === 'darwin'
    ? {}
    : {
        x11: { least: '1.6', debian: 'libx11-dev' },
        xft: { least: '2.3', debian: 'libxft-dev' },
        xrandr: { least: '1.5', debian: 'libxrandr-dev' },
      }),
};

/** Where programs are found that a user's PATH lacks: nginx is for administrators. */
const systemPrograms = ['/usr/sbin', '/usr/local/sbin'];

/** @type {SystemView} */
export const thisSystem = {
  env: process.env,
  exists: existsSync,
  read: (path) => attempt(() => readFileSync(path, 'utf8')),
  list: (path) => attempt(() => readdirSync(path)) ?? [],
  output: () => undefined,
};

/** @template T @param {() => T} action @returns {T | undefined} */
function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** @param {SystemView} system @param {string[]} names @returns {string | undefined} */
export function findProgram(system, names) {
  const folders = [...(system.env.PATH ?? '').split(delimiter).filter(Boolean), ...systemPrograms];
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const name of names) {
    for (const folder of folders) {
      for (const suffix of suffixes) {
        const path = join(folder, name + suffix);
        if (system.exists(path)) return path;
      }
    }
  }
  return undefined;
}

/** Folders in which pkg-config looks. @param {SystemView} system @returns {string[]} */
function pkgConfigFolders(system) {
  const own = [system.env.PKG_CONFIG_PATH, system.env.PKG_CONFIG_LIBDIR].flatMap((value) =>
    (value ?? '').split(delimiter),
  );
  const triplets = system
    .list('/usr/lib')
    .filter((name) => name.endsWith('-linux-gnu') || name.endsWith('-linux-gnueabihf'));
  const usual = [
    ...triplets.flatMap((triplet) => [`/usr/local/lib/${triplet}/pkgconfig`, `/usr/lib/${triplet}/pkgconfig`]),
    ...['/usr/local/lib', '/usr/local/share', '/usr/lib', '/usr/lib64', '/usr/share', '/opt/homebrew/lib'].map(
      (at) => `${at}/pkgconfig`,
    ),
  ];
  // PKG_CONFIG_LIBDIR replaces the usual folders.
  return [...own, ...(system.env.PKG_CONFIG_LIBDIR === undefined ? usual : [])].filter(Boolean);
}

/** Version of a library's development files. @param {SystemView} system @param {string} library @returns {string | undefined} */
export function libraryVersion(system, library) {
  for (const folder of pkgConfigFolders(system)) {
    const version = system.read(join(folder, `${library}.pc`))?.match(/^Version:\s*(\S+)/m)?.[1];
    if (version) return version;
  }
  // A pkg-config of another layout (Nix, Conda) knows folders of its own.
  const program = findProgram(system, ['pkg-config', 'pkgconf']);
  return program && system.output(program, ['--modversion', library])?.trim();
}

/** @param {string} version @param {string} least @returns {boolean} */
export function atLeast(version, least) {
  const [have, need] = [version, least].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0));
  for (let index = 0; index < need.length; index++) {
    if ((have[index] ?? 0) !== need[index]) return (have[index] ?? 0) > need[index];
  }
  return true;
}

/** @param {string[]} names @returns {(system: SystemView) => string | undefined} */
function program(...names) {
  return (system) => (findProgram(system, names) ? undefined : 'not found');
}

/** @param {string} name @param {string} least */
function library(name, least) {
  return (/** @type {SystemView} */ system) => {
    const version = libraryVersion(system, name);
    if (!version) return 'not found';
    const note = name in ffmpegLibraries ? ' (FFmpeg 5.1)' : '';
    return atLeast(version, least) ? undefined : `is ${version}, ${least} or newer${note} is needed`;
  };
}

/** @param {string[]} paths */
function file(...paths) {
  return (/** @type {SystemView} */ system) => (paths.some((path) => system.exists(path)) ? undefined : 'not found');
}

function compiler(/** @type {SystemView} */ system) {
  const { CXX } = system.env;
  if (CXX)
    return system.exists(CXX) || findProgram(system, [CXX])
      ? undefined
      : `the environment's CXX names a program that is not there`;
  return program('c++', 'g++', 'clang++')(system);
}

function headerDoctest(/** @type {SystemView} */ system) {
  const folders = [
    ...(system.env.CPLUS_INCLUDE_PATH ?? '').split(delimiter),
    '/usr/include',
    '/usr/local/include',
    '/opt/homebrew/include',
  ];
  return file(...folders.filter(Boolean).map((folder) => `${folder}/doctest/doctest.h`))(system);
}

/** Debian's `wine` only starts what its packages wine64 and wine32 bring. @param {SystemView} system */
function wine64(system) {
  const inside = file('/usr/lib/wine/wine64', '/usr/lib64/wine/wine64')(system);
  return program('wine')(system) ?? (inside && program('wine64')(system));
}

/** @param {SystemView} system */
function libFuzzer(system) {
  const roots = ['/usr/lib/llvm-16/lib/clang', '/opt/homebrew/opt/llvm/lib/clang'];
  const runtimes = roots
    .flatMap((at) =>
      system.list(at).flatMap((version) => ['linux', 'darwin'].map((name) => join(at, version, 'lib', name))),
    )
    .flatMap((folder) => system.list(folder));
  return runtimes.some((name) => name.startsWith('libclang_rt.fuzzer')) ? undefined : 'not found';
}

/** @type {Requirement[]} */
export const requirements = [
  { name: 'CMake', purpose: 'tool', debian: ['cmake'], brew: ['cmake'], problem: program('cmake') },
  {
    name: 'Ninja',
    purpose: 'tool',
    debian: ['ninja-build'],
    brew: ['ninja'],
    problem: program('ninja', 'ninja-build'),
  },
  { name: 'a C++20 compiler', purpose: 'build', debian: ['g++'], brew: [], problem: compiler },
  {
    name: 'pkg-config',
    purpose: 'tool',
    debian: ['pkg-config'],
    brew: ['pkgconf'],
    problem: program('pkg-config', 'pkgconf'),
  },
  ...Object.entries(ffmpegLibraries).map(([name, least]) => ({
    name: `${name} (development files)`,
    purpose: /** @type {const} */ ('build'),
    debian: [`${name}-dev`],
    brew: ['ffmpeg'],
    problem: library(name, least),
  })),
  ...Object.entries(windowLibraries).map(([name, { least, debian }]) => ({
    name: `${name} (development files)`,
    purpose: /** @type {const} */ ('build'),
    debian: [debian],
    brew: [name],
    problem: library(name, least),
  })),
  {
    name: `${tlsLibrary.name} (development files)`,
    purpose: 'build',
    debian: [tlsLibrary.debian],
    brew: [tlsLibrary.brew],
    problem: library(tlsLibrary.name, tlsLibrary.least),
  },
  // Of newer systems the package of that name is version 1, which another pkg-config file tells: done without.
  ...(process.platform === 'linux'
    ? [
        {
          name: 'webrtc-audio-processing (development files)',
          purpose: /** @type {const} */ ('build'),
          debian: ['libwebrtc-audio-processing-dev'],
          brew: [],
          /** @param {SystemView} system */
          problem: (system) =>
            libraryVersion(system, 'webrtc-audio-processing-1')
              ? undefined
              : library('webrtc-audio-processing', '0.3')(system),
        },
      ]
    : []),
  {
    name: 'ffmpeg and ffprobe',
    purpose: 'demo',
    debian: ['ffmpeg'],
    brew: ['ffmpeg'],
    problem: (system) => program('ffmpeg')(system) ?? program('ffprobe')(system),
  },
  { name: 'doctest', purpose: 'test', debian: ['doctest-dev'], brew: ['doctest'], problem: headerDoctest },
  {
    name: 'clang-format',
    purpose: 'test',
    debian: ['clang-format'],
    brew: ['clang-format'],
    problem: program('clang-format'),
  },
  {
    name: 'nginx',
    purpose: 'test',
    alsoWindows: true,
    debian: ['nginx-light'],
    brew: [],
    problem: program('nginx'),
  },
  {
    name: "nginx's RTMP module",
    purpose: 'test',
    alsoWindows: true,
    debian: ['libnginx-mod-rtmp'],
    brew: [],
    problem: file('/usr/lib/nginx/modules/ngx_rtmp_module.so', '/usr/lib64/nginx/modules/ngx_rtmp_module.so'),
  },
  {
    name: 'Redis',
    purpose: 'test',
    debian: ['redis-server'],
    brew: ['redis'],
    problem: program('redis-server'),
  },
  { name: 'xz', purpose: 'test', alsoWindows: true, debian: ['xz-utils'], brew: ['xz'], problem: program('xz') },
  {
    name: 'OpenSSL',
    purpose: 'test',
    alsoWindows: true,
    debian: ['openssl'],
    brew: ['openssl'],
    problem: program('openssl'),
  },
  { name: 'Xvfb', purpose: 'test', alsoWindows: true, debian: ['xvfb'], brew: [], problem: program('Xvfb') },
  {
    name: 'PulseAudio',
    purpose: 'test',
    alsoWindows: true,
    debian: ['pulseaudio', 'pulseaudio-utils'],
    brew: [],
    problem: (system) => program('pulseaudio')(system) ?? program('pactl')(system),
  },
  { name: 'xwd', purpose: 'test', debian: ['x11-apps'], brew: [], problem: program('xwd') },
  { name: 'xdotool', purpose: 'test', alsoWindows: true, debian: ['xdotool'], brew: [], problem: program('xdotool') },
  { name: 'openbox', purpose: 'test', debian: ['openbox'], brew: [], problem: program('openbox') },
  { name: 'wine for 64 bits', purpose: 'windows', debian: ['wine', 'wine64'], brew: [], problem: wine64 },
  windowsProgram(
    'the MinGW-w64 compiler with POSIX threads',
    ['g++-mingw-w64-x86-64-posix'],
    'x86_64-w64-mingw32-g++-posix',
  ),
  {
    name: 'zlib for MinGW-w64',
    purpose: 'windows',
    debian: ['libz-mingw-w64-dev'],
    brew: [],
    problem: file('/usr/x86_64-w64-mingw32/lib/libz.a'),
  },
  windowsProgram('NASM', ['nasm'], 'nasm'),
  windowsProgram('make', ['make'], 'make'),
  windowsProgram('dpkg-source', ['dpkg-dev'], 'dpkg-source'),
  windowsProgram('clang 16', ['clang-16'], 'clang-16'),
  windowsProgram('lld 16', ['lld-16'], 'lld-link-16'),
  windowsProgram('llvm 16', ['llvm-16'], 'llvm-dlltool-16'),
  { name: 'Clang', purpose: 'fuzz', debian: ['clang-16'], brew: ['llvm'], problem: program('clang++-16', 'clang++') },
  { name: 'libFuzzer', purpose: 'fuzz', debian: ['libclang-rt-16-dev'], brew: ['llvm'], problem: libFuzzer },
];

/** @param {string} name @param {string[]} debian @param {string} command @returns {Requirement} */
function windowsProgram(name, debian, command) {
  return { name, purpose: 'windows', debian, brew: [], problem: program(command) };
}

/**
 * @typedef {object} Missing
 * @property {string} name
 * @property {string} problem
 * @property {string[]} debian
 * @property {string[]} brew
 */

/** What is missing for these purposes. @param {SystemView} system @param {{ test: boolean, windows?: boolean, fuzz?: boolean }} options @returns {Missing[]} */
export function findMissing(system, { test, windows = false, fuzz = false }) {
  return requirements
    .filter(({ purpose, alsoWindows = false }) => {
      if (purpose === 'test') return test || (windows && alsoWindows);
      if (purpose === 'fuzz') return fuzz;
      // Of Windows alone nothing is compiled for this system.
      if (purpose === 'build') return !windows || test || fuzz;
      return purpose !== 'windows' || windows;
    })
    .flatMap(({ name, debian, brew, problem }) => {
      const found = problem(system);
      return found ? [{ name, problem: found, debian, brew }] : [];
    });
}
