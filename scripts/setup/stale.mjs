import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { libraryVersion, thisSystem } from './requirements.mjs';

/**
 * Tells what has to be built again. Sources are compared by content, so that a checkout that only touches files builds
 * nothing; outputs by size and time, so that a build made by other means is noticed.
 */

/** @param {string} folder @param {(path: string) => boolean} [keep] @returns {string[]} files below it, sorted */
export function filesBelow(folder, keep = () => true) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter(keep)
    .sort();
}

/** @param {string} root @param {string[]} files @param {string[]} [extra] */
function digest(root, files, extra = []) {
  const hash = createHash('sha256');
  for (const text of extra) hash.update(`${text}\0`);
  for (const path of files) {
    hash.update(`${relative(root, path)}\0`);
    if (existsSync(path)) hash.update(createHash('sha256').update(readFileSync(path)).digest());
  }
  return hash.digest('hex');
}

/** Identity of a file as it lies there. @param {string} path */
function identity(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.size}:${stat.mtimeMs}` : 'none';
}

/** True when every package of the lock file lies in node_modules, in its version. @param {string} root */
export function modulesCurrent(root) {
  try {
    const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const installed = JSON.parse(readFileSync(join(root, 'node_modules/.package-lock.json'), 'utf8')).packages;
    return Object.entries(wanted).every(([path, entry]) => {
      if (path === '') return true;
      const there = installed[path];
      // Packages for other platforms are optional and stay away.
      if (!there) return entry.optional === true;
      return there.version === entry.version && there.integrity === entry.integrity && existsSync(join(root, path));
    });
  } catch {
    return false;
  }
}

/** @param {string} root */
function nativeInputs(root) {
  const tests = join(root, 'native/test');
  const files = filesBelow(join(root, 'native'), (path) => !path.startsWith(tests));
  const extra = [
    'libavcodec',
    'libavdevice',
    'libavfilter',
    'libavformat',
    'libavutil',
    'libswscale',
    'libswresample',
    'webrtc-audio-processing',
  ].map((name) => `${name} ${libraryVersion(thisSystem, name)}`);
  const modules = ['node-addon-api', 'node-api-headers', 'cmake-js'].map((name) =>
    join(root, 'node_modules', name, 'package.json'),
  );
  const build = [join(root, 'scripts/buildNative.mjs')];
  return digest(
    root,
    [...files, ...modules, ...build],
    [...extra, process.platform, process.arch, process.env.CXX ?? ''],
  );
}

/** @param {string} root */
function scriptInputs(root) {
  const configuration = ['tsconfig.json', 'package.json', 'package-lock.json'].map((name) => join(root, name));
  return digest(root, [...filesBelow(join(root, 'lib')), ...configuration]);
}

/** @param {string} root */
function windowsInputs(root) {
  const scripts = [
    join(root, 'scripts/prebuildWindows.mjs'),
    ...filesBelow(join(root, 'scripts/windows'), (path) => /build[^/]*\.mjs$/i.test(path)),
    ...filesBelow(join(root, 'scripts/windows/sdl')),
  ];
  return digest(root, scripts, [nativeInputs(root)]);
}

/** 'windows': the addon of win32-x64. @typedef {'native' | 'ts' | 'windows'} Part */

/** @param {string} root @param {Part} part @returns {{ inputs: string, outputs: string, complete: boolean }} */
function stateOf(root, part) {
  if (part === 'native') {
    const addon = join(root, 'build/Release/liteav_rtcroom.node');
    return { inputs: nativeInputs(root), outputs: identity(addon), complete: existsSync(addon) };
  }
  if (part === 'windows') {
    const addon = join(root, 'prebuilds/win32-x64/liteav-rtcroom.node');
    return { inputs: windowsInputs(root), outputs: identity(addon), complete: existsSync(addon) };
  }
  const outputs = expectedScripts(root);
  return {
    inputs: scriptInputs(root),
    outputs: createHash('sha256').update(outputs.map(identity).join('\n')).digest('hex'),
    complete: outputs.every((path) => existsSync(path)),
  };
}

/** @param {string} root */
function expectedScripts(root) {
  const lib = join(root, 'lib');
  return filesBelow(lib, (path) => path.endsWith('.ts') && !path.endsWith('.d.ts')).map((path) =>
    join(root, 'dist', relative(lib, path)).replace(/\.ts$/, '.js'),
  );
}

/** @param {string} root */
function stampPath(root) {
  return join(root, 'build/setup.json');
}

/** @param {string} root */
function readStamp(root) {
  try {
    return JSON.parse(readFileSync(stampPath(root), 'utf8'));
  } catch {
    return {};
  }
}

/** @param {string} root @param {Part} part @returns {boolean} */
export function isStale(root, part) {
  const { inputs, outputs, complete } = stateOf(root, part);
  const stamp = readStamp(root)[part];
  return !complete || stamp?.inputs !== inputs || stamp?.outputs !== outputs;
}

/** Remembers that the part is built from `inputs`, which were read before the build. @param {string} root @param {Part} part @param {string} inputs */
export function markBuilt(root, part, inputs) {
  const stamp = readStamp(root);
  stamp[part] = { inputs, outputs: stateOf(root, part).outputs };
  mkdirSync(dirname(stampPath(root)), { recursive: true });
  const temporary = `${stampPath(root)}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(stamp, null, 2)}\n`);
  renameSync(temporary, stampPath(root));
}

/** @param {string} root @param {Part} part */
export function inputsOf(root, part) {
  return stateOf(root, part).inputs;
}

/** Takes away what would make the compiler's incremental build wrong: outputs without source, and its notes when outputs are gone. @param {string} root */
export function cleanScripts(root) {
  const expected = expectedScripts(root);
  const stems = new Set(expected.map((path) => path.replace(/\.js$/, '')));
  for (const path of filesBelow(join(root, 'dist'), (name) => /\.(js|d\.ts)(\.map)?$/.test(name))) {
    if (!stems.has(path.replace(/\.(js|d\.ts)(\.map)?$/, ''))) rmSync(path, { force: true });
  }
  if (!expected.every((path) => existsSync(path))) rmSync(join(root, 'dist/.tsbuildinfo'), { force: true });
}
