#!/usr/bin/env node
/**
 * Builds the native addon: native/CMakeLists.txt by cmake-js, into build/addon, copied to build/Release, where
 * node-gyp-build looks first. Ninja rebuilds only what changed.
 *
 *   --output <file>      another place for the copy (binding.gyp uses it)
 *   --tests              the C++ tests too, which share all libraries with the addon: ctest --test-dir build/addon
 *   --quiet              show the output only when the build fails
 *   RTCROOM_SANITIZE     address (with undefined) or thread: a build folder of its own, copied to
 *                        build/Sanitized-asan or build/Sanitized-tsan; load it with LITEAV_RTCROOM_ADDON
 *   RTCROOM_BUILD_JOBS   compile jobs at once; as many as there are cores by default
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const sanitizers = { address: 'asan', thread: 'tsan' };

const { values: options } = parseArgs({
  options: { output: { type: 'string' }, tests: { type: 'boolean' }, quiet: { type: 'boolean' } },
});
const sanitize = process.env.RTCROOM_SANITIZE ?? '';
if (sanitize !== '' && !(sanitize in sanitizers)) {
  fail(`RTCROOM_SANITIZE is '${sanitize}'; it must be address, thread or empty`);
}

const suffix = sanitize === '' ? '' : `-${sanitizers[sanitize]}`;
const buildFolder = join(root, 'build', `addon${suffix}`);
const target = options.output
  ? resolve(options.output)
  : join(root, 'build', sanitize === '' ? 'Release' : `Sanitized${suffix}`, 'liteav_rtcroom.node');
const configuration = sanitize === '' ? 'Release' : 'RelWithDebInfo';

const cmakeJs = join(packageFolder('cmake-js'), 'bin', 'cmake-js');
const nodeAddonApi = packageFolder('node-addon-api');

forgetMovedCache();
const settings = [
  '--directory',
  join(root, 'native'),
  '--out',
  buildFolder,
  '--config',
  configuration,
  `--CDNODE_ADDON_API_DIR=${nodeAddonApi}`,
  `--CDRTCROOM_SANITIZE=${sanitize}`,
  `--CDRTCROOM_PRECOMPILE=${sanitize ? 'OFF' : 'ON'}`,
  '--CDRTCROOM_ADDON=ON',
  `--CDRTCROOM_TESTS=${options.tests ? 'ON' : 'OFF'}`,
];
const jobs = process.env.RTCROOM_BUILD_JOBS ?? String(availableParallelism());
// Its `build` alone would keep the settings that the folder has.
let code = await run(process.execPath, [cmakeJs, 'configure', ...settings]);
if (code === 0) code = await run(process.execPath, [cmakeJs, 'build', ...settings, '--parallel', jobs]);
if (code !== 0) {
  fail(
    'the native build failed; its output is above. `npm run setup` installs the compiler, CMake and FFmpeg packages',
  );
}
const built = [join(buildFolder, configuration), buildFolder]
  .map((folder) => join(folder, 'liteav_rtcroom.node'))
  .find((file) => existsSync(file));
if (built === undefined) fail('the native build ended well, but left no liteav_rtcroom.node');
install(built);

/** A copy under a new inode: a process that has the old file mapped keeps it whole. */
function install(file) {
  if (existsSync(target) && readFileSync(target).equals(readFileSync(file))) return;
  mkdirSync(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}`;
  copyFileSync(file, temporary);
  renameSync(temporary, target);
}

/** CMake refuses a cache that was made in another place (a moved or copied checkout). */
function forgetMovedCache() {
  const cache = join(buildFolder, 'CMakeCache.txt');
  if (!existsSync(cache)) return;
  const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(readFileSync(cache, 'utf8'))?.[1];
  if (home !== undefined && resolve(home) !== join(root, 'native')) rmSync(buildFolder, { recursive: true });
}

function packageFolder(name) {
  try {
    return dirname(require.resolve(`${name}/package.json`, { paths: [root] }));
  } catch {
    return fail(`the package ${name} is not installed; run \`npm ci\` first`);
  }
}

function run(command, args) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: options.quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => fail(`${command} could not be started: ${error.message}`));
    child.on('close', (status) => {
      if (status !== 0) process.stderr.write(Buffer.concat(output));
      done(status ?? 1);
    });
  });
}

function fail(message) {
  process.stderr.write(`buildNative: ${message}\n`);
  process.exit(1);
}
