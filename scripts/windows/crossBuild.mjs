/**
 * What the cross builds of Windows libraries share: running a program, asking for what is missing, and Debian's
 * source packages, fetched with package lists of our own so that the system's are left alone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';

/** A build that cannot go on: its message is for people. */
export class BuildError extends Error {}

/**
 * @typedef {object} Target
 * @property {string} host as the compilers' names begin
 * @property {{ cc: string, cxx: string }} compilers
 * @property {string} debian as Debian's packages name it
 * @property {string} ffmpeg the architecture in FFmpeg's words
 * @property {string} openh264 in OpenH264's
 * @property {string} dlltool the machine in dlltool's
 * @property {string} toolchain CMake's, in native/cmake
 * @property {string} suffix of the folders below build/windows
 */

/** @param {string} cpu @param {Omit<Target, 'host' | 'compilers' | 'toolchain'>} more @returns {Target} */
function mingw(cpu, more) {
  const host = `${cpu}-w64-mingw32`;
  // Only this kind of mingw has std::mutex and std::thread.
  const compilers = { cc: `${host}-gcc-posix`, cxx: `${host}-g++-posix` };
  return { host, compilers, toolchain: `mingw-w64-${cpu}.cmake`, ...more };
}

/** By Node.js' name of the architecture. @type {Record<string, Target>} */
export const targets = {
  x64: mingw('x86_64', {
    debian: 'x86-64',
    ffmpeg: 'x86_64',
    openh264: 'x86_64',
    dlltool: 'i386:x86-64',
    suffix: '',
  }),
  ia32: mingw('i686', { debian: 'i686', ffmpeg: 'x86', openh264: 'i386', dlltool: 'i386', suffix: '-ia32' }),
};

/** @param {string} arch @returns {Target} */
export function targetOf(arch) {
  const found = Object.hasOwn(targets, arch) ? targets[arch] : undefined;
  if (!found) throw new BuildError(`there is no architecture ${arch}: ${Object.keys(targets).join(', ')}`);
  return found;
}

/** Of the libraries' builds, which the environment's RTCROOM_WINDOWS_ARCH chooses; x64 without it. */
export const target = targetOf(process.env.RTCROOM_WINDOWS_ARCH || 'x64');
export const { host, compilers } = target;

/** Compile jobs at once; RTCROOM_BUILD_JOBS overrules. @returns {string} */
export function jobs() {
  return process.env.RTCROOM_BUILD_JOBS ?? String(Math.min(8, availableParallelism()));
}

/**
 * Runs a program; its output is shown only when it fails.
 * @param {string} command @param {string[]} args @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {string} what it wrote to its standard output
 */
export function run(command, args, { cwd, env = {} }) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.error) throw new BuildError(`${command} cannot be started (${result.error.message})`);
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout.split('\n').slice(-60).join('\n')}\n${result.stderr.slice(-8000)}\n`);
    throw new BuildError(`${basename(command)} ${args[0] ?? ''} failed; its output is above`);
  }
  return result.stdout;
}

/**
 * @param {Record<string, string>} tools programs on the PATH or absolute paths of files, each with its Debian package
 */
export function requireTools(tools) {
  const missing = Object.entries(tools)
    .filter(([tool]) => (tool.startsWith('/') ? !existsSync(tool) : spawnSync('which', [tool]).status !== 0))
    .map(([, name]) => name);
  if (missing.length > 0) {
    const names = [...new Set(missing)].join(' ');
    throw new BuildError(`missing: apt-get install -y --no-install-recommends ${names}`);
  }
}

/** @param {string} folder */
function list(folder) {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

/** apt with lists of its own, in which the system's sources stand as source packages. @param {string} work */
function aptOptions(work) {
  const sources = join(work, 'sources');
  for (const folder of [sources, join(work, 'lists/partial')]) mkdirSync(folder, { recursive: true });
  const files = ['/etc/apt/sources.list', ...list('/etc/apt/sources.list.d')].filter((file) => existsSync(file));
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const target = join(sources, basename(file));
    // Other vendors' repositories seldom have sources, and none of ours.
    if (!/debian|ubuntu/i.test(text)) continue;
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

/**
 * Fetches and unpacks Debian source packages, with Debian's patches, into `<work>/<name>`.
 * @param {string} work @param {string[]} names
 * @returns {Record<string, string>} each package's version
 */
export function fetchDebianSources(work, names) {
  const options = aptOptions(work);
  run('apt-get', [...options, 'update', '-q'], { cwd: work });
  run('apt-get', [...options, 'source', '--download-only', '-q', ...names], { cwd: work });
  return Object.fromEntries(
    names.map((name) => {
      const description = readdirSync(work).find((file) => file.startsWith(`${name}_`) && file.endsWith('.dsc'));
      if (!description) throw new BuildError(`apt-get source left no description of ${name}`);
      // apt has checked the package against the archive's signature.
      run('dpkg-source', ['--no-check', '-x', description, join(work, name)], { cwd: work });
      const version = /^Version: (\S+)$/m.exec(readFileSync(join(work, description), 'utf8'))?.[1] ?? 'unknown';
      return [name, version];
    }),
  );
}
