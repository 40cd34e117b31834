import { spawn, spawnSync } from 'node:child_process';

/** Output kept for the message of a failure. */
const keptCharacters = 20_000;

/** @param {string} command @param {string[]} args @returns {string | undefined} its output; undefined when it failed */
export function output(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'ignore'] });
  return result.status === 0 ? result.stdout : undefined;
}

/**
 * Runs a program, passing its output on unless quiet.
 * @param {string} command @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, quiet: boolean }} options
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run(command, args, { cwd, env = process.env, quiet }) {
  return new Promise((resolve) => {
    let kept = '';
    const keep = (/** @type {string} */ text) => {
      kept = (kept + text).slice(-keptCharacters);
    };
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const [stream, sink] of /** @type {const} */ ([
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ])) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        keep(text);
        if (!quiet) sink.write(text);
      });
    }
    child.once('error', (error) => resolve({ ok: false, output: `${kept}\n${error.message}` }));
    child.once('close', (code) => resolve({ ok: code === 0, output: kept }));
  });
}
