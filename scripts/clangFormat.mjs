#!/usr/bin/env node
/** Formats the C++ files; `--check` only tells which are not formatted (exit code 1). */
import { spawnSync } from 'node:child_process';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, thisSystem } from './setup/requirements.mjs';
import { filesBelow } from './setup/stale.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const check = process.argv.includes('--check');
const program = findProgram(thisSystem, ['clang-format']);
if (!program) {
  process.stderr.write(
    'clang-format was not found. Run  node scripts/setup.mjs --test  (or install the package clang-format).\n',
  );
  process.exit(1);
}
const files = filesBelow(join(root, 'native'), (path) => /\.(cpp|h)$/.test(path)).map((path) => relative(root, path));
const { status, error } = spawnSync(program, [...(check ? ['--dry-run', '--Werror'] : ['-i']), ...files], {
  cwd: root,
  stdio: 'inherit',
});
if (error) process.stderr.write(`${error.message}\n`);
else
  process.stdout.write(
    `clang-format: ${files.length} files${status === 0 ? '' : ', not all formatted: run  npm run format'}\n`,
  );
process.exit(status ?? 1);
