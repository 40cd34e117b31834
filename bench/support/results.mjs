import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engineInfo } from '#lib/live/engine';

/** What `npm run docs` makes its tables of. */
const resultsFolder = fileURLToPath(new URL('../results/', import.meta.url));

const machine = () => ({
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
  engine: engineInfo(),
});

/**
 * Writes `<name>.json` with the date, this machine and the versions.
 * @param {string} name @param {{ options: object, rows: object[] }} result @param {string} [folder]
 */
export function writeResult(name, { options, rows }, folder = resultsFolder) {
  mkdirSync(folder, { recursive: true });
  const result = { bench: name, date: new Date().toISOString(), options, machine: machine(), rows };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}
