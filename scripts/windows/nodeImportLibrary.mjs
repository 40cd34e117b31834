import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run } from './crossBuild.mjs';

const require = createRequire(import.meta.url);

/**
 * The import library of node.exe: Node-API's functions as node-api-headers lists them, bound at their first use.
 * @param {string} folder where it goes @param {import('./crossBuild.mjs').Target} target @returns {string} its path
 */
export function makeNodeImportLibrary(folder, { host, dlltool }) {
  mkdirSync(folder, { recursive: true });
  const { def_paths: paths } = require('node-api-headers');
  const names = [paths.js_native_api_def, paths.node_api_def]
    .flatMap((file) => readFileSync(file, 'utf8').split(/\r?\n/))
    .map((line) => line.trim())
    .filter((line) => /^(napi|node_api)_\w+$/.test(line));
  writeFileSync(join(folder, 'node.def'), `NAME NODE.EXE\nEXPORTS\n${[...new Set(names)].sort().join('\n')}\n`);
  // A prefix of its own names the parts of the library; the usual one has the process's number in it.
  run(
    `${host}-dlltool`,
    ['-m', dlltool, '-d', 'node.def', '-y', 'libnode.a', '--temp-prefix', 'node', '--deterministic-libraries'],
    { cwd: folder },
  );
  return join(folder, 'libnode.a');
}
