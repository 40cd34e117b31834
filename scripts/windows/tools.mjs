import { mkdirSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { run } from '../setup/run.mjs';
import { layout, root } from './layout.mjs';

const compiler = 'x86_64-w64-mingw32-g++-posix';
const flags = ['-std=c++20', '-O2', '-s', '-Wall', '-Wextra', '-Werror', '-static', '-Wl,--no-insert-timestamp'];
const windowLibraries = ['-lgdi32', '-luser32'];

/** The small Windows programs of the tests: source, output, further flags. */
const sources = [
  { source: 'scripts/windows/bcryptprimitives.cpp', file: 'bcryptprimitives.dll', more: ['-shared', '-ladvapi32'] },
  { source: 'test/windows/support/testWindow.cpp', file: 'testWindow.exe', more: windowLibraries },
];

/** @param {string} path */
function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Builds what is older than its source. @param {boolean} quiet @returns {Promise<void>} */
export async function buildTools(quiet) {
  for (const { source, file, more } of sources)
    await buildTool(compiler, source, join(layout.tools, file), more, quiet);
}

/**
 * Builds one program unless it is newer than its source.
 * @param {string} compiler @param {string} source below the root @param {string} to @param {string[]} more flags @param {boolean} quiet
 */
async function buildTool(compiler, source, to, more, quiet) {
  const from = join(root, source);
  if (timeOf(to) > timeOf(from)) return;
  mkdirSync(dirname(to), { recursive: true });
  const temporary = `${to}.${process.pid}`;
  const result = await run(compiler, [...flags, '-o', temporary, from, ...more], { cwd: root, quiet });
  if (!result.ok) throw new Error(`${basename(source)} could not be built:\n${result.output}`);
  renameSync(temporary, to);
}

/** The window of the tests for 32-bit programs. @param {string} to @returns {Promise<void>} */
export function buildTestWindow32(to) {
  return buildTool('i686-w64-mingw32-g++-posix', 'test/windows/support/testWindow.cpp', to, windowLibraries, true);
}
