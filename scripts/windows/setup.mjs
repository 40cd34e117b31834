import { join } from 'node:path';
import { layout } from './layout.mjs';
import { buildTools } from './tools.mjs';
import { ensureModules, ensurePrograms } from './tree.mjs';
import { ensurePrefix, installSystemLibrary } from './wine.mjs';

/**
 * Makes wine ready for the tests: node.exe, the packages of Windows, the prefix, the small programs.
 * @param {{ npm: import('./tree.mjs').Npm, say: (text: string) => void, quiet: boolean }} options
 */
export async function ensureWine({ npm, say, quiet }) {
  await ensurePrograms(npm);
  await ensureModules(npm);
  await buildTools(quiet);
  const started = Date.now();
  if (await ensurePrefix()) say(`Making the wine prefix: done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  installSystemLibrary(join(layout.tools, 'bcryptprimitives.dll'));
}
