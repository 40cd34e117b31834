#!/usr/bin/env node
/**
 * Cross-builds FFmpeg's libraries for Windows from Debian's source packages, static, into build/windows/ffmpeg
 * (pkg-config: build/windows/ffmpeg/lib/pkgconfig); with RTCROOM_WINDOWS_ARCH=ia32 for x86, into ffmpeg-ia32.
 * LGPL 2.1 or later: no x264; H.264 is encoded by OpenH264 (BSD), built from Debian's source as well. Nothing is done
 * when it is there already and was made in the same way; it is taken from prebuilds/libraries when git has it by this
 * recipe.
 *
 *   --output <folder>    another place
 *   --force              build it anew, also from newer sources
 *   --unpack             only take it from prebuilds/libraries; fails when it is not there by this recipe
 *
 * Needs Debian or Ubuntu; names the packages that are missing. An
 * interrupted build goes on where it was.
 */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withLock } from '../setup/lock.mjs';
import { unpackArchive } from './archive.mjs';
import { BuildError, compilers, fetchDebianSources, host, jobs, requireTools, run, target } from './crossBuild.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: join(root, `build/windows/ffmpeg${target.suffix}`) },
    force: { type: 'boolean', default: false },
    unpack: { type: 'boolean', default: false },
  },
});
const prefix = resolve(values.output);
const work = `${prefix}-build`;

/** What the engine itself needs, then what a user's media file may hold, then what cameras and screens deliver. */
const parts = {
  encoder: ['libopenh264', 'aac', 'png', 'mjpeg'],
  muxer: ['mp4'],
  decoder: [
    ...['h264', 'aac', 'aac_latm'],
    ...['hevc', 'mpeg4', 'mpeg2video', 'vp8', 'vp9', 'mp3float', 'opus', 'vorbis', 'flac', 'ac3', 'png'],
    ...['pcm_s16le', 'pcm_s16be', 'pcm_s24le', 'pcm_s32le', 'pcm_f32le', 'pcm_u8', 'pcm_alaw', 'pcm_mulaw'],
    ...['rawvideo', 'mjpeg', 'bmp'],
  ],
  parser: [
    ...['h264', 'aac', 'aac_latm', 'hevc', 'mpeg4video', 'mpegvideo', 'vp8', 'vp9'],
    ...['mpegaudio', 'opus', 'vorbis', 'flac', 'ac3', 'png', 'mjpeg', 'bmp'],
  ],
  demuxer: [
    ...['flv', 'live_flv', 'mov', 'matroska', 'mpegts', 'mpegps', 'avi', 'hls', 'rtsp', 'h264'],
    ...['wav', 'mp3', 'aac', 'ogg', 'flac', 'image2', 'image_png_pipe', 'image_jpeg_pipe'],
  ],
  bsf: ['aac_adtstoasc', 'h264_mp4toannexb', 'hevc_mp4toannexb', 'extract_extradata', 'vp9_superframe_split'],
  protocol: ['file', 'tcp', 'udp', 'rtp', 'tls', 'http', 'https', 'rtmp', 'crypto'],
  indev: ['dshow', 'gdigrab'],
  filter: ['atempo', 'avgblur', 'lutyuv', 'maskedclamp', 'overlay', 'scale', 'split'],
};

/**
 * No path of this machine: FFmpeg keeps this line in its libraries. So nothing is installed under the prefix itself,
 * and OpenH264 is found by the environment.
 */
const configure = [
  `--arch=${target.ffmpeg}`,
  '--target-os=mingw32',
  `--cross-prefix=${host}-`,
  `--cc=${compilers.cc}`,
  `--cxx=${compilers.cxx}`,
  '--pkg-config=pkg-config',
  '--pkg-config-flags=--static',
  '--prefix=/ffmpeg',
  '--enable-static',
  '--disable-shared',
  '--disable-everything',
  '--disable-autodetect',
  '--disable-programs',
  '--disable-doc',
  '--disable-debug',
  '--disable-postproc',
  '--enable-w32threads',
  '--enable-zlib',
  '--enable-schannel',
  '--enable-libopenh264',
  ...Object.entries(parts).map(([part, names]) => `--enable-${part}=${names.join(',')}`),
];

/** NASM writes the time of day into what it makes, unless it is told not to. */
const reproducible = '--reproducible';

/** Without its decoder, which FFmpeg is not told of: its own is better. */
const openh264 = [
  'DECODER_OBJS=',
  'OS=mingw_nt',
  `ARCH=${target.openh264}`,
  `CC=${compilers.cc}`,
  `CXX=${compilers.cxx}`,
  `AR=${host}-ar`,
  `ASM=nasm ${reproducible}`,
];

/** @param {string} text */
function say(text) {
  process.stdout.write(`FFmpeg for Windows: ${text}\n`);
}

function buildOpenH264() {
  const source = join(work, 'openh264');
  const target = join(work, 'installed/openh264');
  run('make', [...openh264, '-j', jobs(), `PREFIX=${target}`, 'install-static'], { cwd: source });
}

/** As pkg-config's files write it. @param {string} name */
function variable(name) {
  return `\${${name}}`;
}

/** One folder for both, wherever it lies. @param {Record<string, string>} versions */
function install(versions) {
  const made = join(work, 'installed/ffmpeg');
  const codec = join(work, 'installed/openh264');
  copyFileSync(join(codec, 'lib/libopenh264.a'), join(made, 'lib/libopenh264.a'));
  const described = join(made, 'lib/pkgconfig');
  copyFileSync(join(codec, 'lib/pkgconfig/openh264.pc'), join(described, 'openh264.pc'));
  for (const name of readdirSync(described)) {
    const file = join(described, name);
    const text = readFileSync(file, 'utf8')
      .replace(/^prefix=.*$/m, `prefix=${variable('pcfiledir')}/../..`)
      .replace(/^(libdir|includedir)=.*\/(lib|include)$/gm, `$1=${variable('prefix')}/$2`)
      // The linker is told the folder by the libraries' own lines.
      .replaceAll(`-L${join(codec, 'lib')}`, '')
      .replaceAll(`-I${join(codec, 'include')}`, '');
    if (text.includes(work)) throw new BuildError(`${name} names the folder of the build; its lines have changed`);
    writeFileSync(file, text);
  }
  const licences = join(made, 'licences');
  mkdirSync(licences, { recursive: true });
  copyFileSync(join(work, 'ffmpeg/COPYING.LGPLv2.1'), join(licences, 'FFmpeg-LGPL-2.1.txt'));
  copyFileSync(join(work, 'openh264/LICENSE'), join(licences, 'OpenH264-BSD-2-Clause.txt'));
  copyFileSync('/usr/share/doc/libz-mingw-w64-dev/copyright', join(licences, 'zlib.txt'));
  writeFileSync(join(made, 'versions.json'), `${JSON.stringify({ versions, configure }, null, 2)}\n`);
  rmSync(prefix, { recursive: true, force: true });
  renameSync(made, prefix);
}

function build() {
  requireTools({
    [compilers.cc]: `gcc-mingw-w64-${target.debian}-posix`,
    [compilers.cxx]: `g++-mingw-w64-${target.debian}-posix`,
    [`/usr/${host}/lib/libz.a`]: 'libz-mingw-w64-dev',
    nasm: 'nasm',
    make: 'make',
    'pkg-config': 'pkg-config',
    'dpkg-source': 'dpkg-dev',
    'apt-get': 'apt (this script takes Debian source packages)',
  });
  const recipe = join(work, 'recipe.json');
  if (values.force || !existsSync(recipe) || readFileSync(recipe, 'utf8') !== stamp) {
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    writeFileSync(recipe, stamp);
  }
  const versionsFile = join(work, 'versions.json');
  step('sources', () => {
    say("fetching Debian's sources");
    writeFileSync(versionsFile, JSON.stringify(fetchDebianSources(work, ['ffmpeg', 'openh264'])));
  });
  const versions = JSON.parse(readFileSync(versionsFile, 'utf8'));
  step('openh264', () => {
    say(`building OpenH264 ${versions.openh264}`);
    buildOpenH264();
  });
  const source = join(work, 'ffmpeg');
  step('configure', () => {
    say(`configuring FFmpeg ${versions.ffmpeg}`);
    const env = { PKG_CONFIG_LIBDIR: join(work, 'installed/openh264/lib/pkgconfig'), PKG_CONFIG_PATH: '' };
    // In the source's own folder, so that every file name in the libraries is relative.
    run('./configure', configure, { cwd: source, env });
    appendFileSync(join(source, 'ffbuild/config.mak'), `X86ASMFLAGS += ${reproducible}\n`);
  });
  say(`building FFmpeg ${versions.ffmpeg}`);
  run('make', ['-j', jobs()], { cwd: source });
  run('make', ['install', `DESTDIR=${join(work, 'installed')}`], { cwd: source });
  install(versions);
}

/** Once a recipe, so that a build that was broken off goes on where it was. @param {string} name @param {() => void} action */
function step(name, action) {
  const done = join(work, `${name}.done`);
  if (existsSync(done)) return;
  action();
  writeFileSync(done, '');
}

const stampFile = join(prefix, 'stamp.json');
const stamp = JSON.stringify({ recipe: 2, configure, openh264 });

function buildIfStale() {
  if (!values.force && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    say('up to date');
    return;
  }
  if (!values.force && unpackArchive(`ffmpeg${target.suffix}`, stamp, prefix)) {
    say('taken from prebuilds/libraries');
    return;
  }
  if (values.unpack)
    throw new BuildError('prebuilds/libraries has none by this recipe: run scripts/windows/packLibraries.mjs');
  build();
  writeFileSync(stampFile, stamp);
  rmSync(work, { recursive: true, force: true });
  say(`done, in ${prefix}`);
}

try {
  mkdirSync(dirname(prefix), { recursive: true });
  await withLock(
    `${prefix}.lock`,
    async () => buildIfStale(),
    (pid) => say(`waiting for another build (process ${pid ?? 'unknown'})`),
  );
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  process.stderr.write(`buildFfmpeg: ${error.message}\n`);
  process.exitCode = 1;
}
