import { mkdirSync, renameSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from '../setup/run.mjs';
import { layout, root } from './layout.mjs';

const compiler = 'x86_64-w64-mingw32-g++-posix';
const flags = ['-std=c++20', '-O2', '-s', '-Wall', '-Wextra', '-Werror', '-static', '-Wl,--no-insert-timestamp'];

/** The small Windows programs of the tests: source, output, further flags. */
const sources = [
  { source: 'scripts/windows/bcryptprimitives.cpp', file: 'bcryptprimitives.dll', more: ['-shared', '-ladvapi32'] },
  { source: 'test/windows/support/testWindow.cpp', file: 'testWindow.exe', more: ['-lgdi32', '-luser32'] },
];

/** @param {string} path */
function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Builds what is older than its source. @param {boolean} quiet @returns {Promise<void>} */
export async function buildTools(quiet) {
  mkdirSync(layout.tools, { recursive: true });
  for (const { source, file, more } of sources) {
    const from = join(root, source);
    const to = join(layout.tools, file);
    if (timeOf(to) > timeOf(from)) continue;
    const temporary = `${to}.${process.pid}`;
    const result = await run(compiler, [...flags, '-o', temporary, from, ...more], { cwd: root, quiet });
    if (!result.ok) throw new Error(`${basename(source)} could not be built:\n${result.output}`);
    renameSync(temporary, to);
  }
}
