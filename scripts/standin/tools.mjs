import { spawn } from 'node:child_process';
import { findProgram, thisSystem } from '../setup/requirements.mjs';

export class StandinError extends Error {}

/** Versions of LLVM that are looked for, in this order; 16 is Debian 12's and the one that was seen to work. */
const suffixes = ['-16', '-19', '-18', '-17', ''];

/** @param {string} name @param {string} purpose */
function need(name, purpose) {
  const found = findProgram(
    thisSystem,
    suffixes.map((suffix) => `${name}${suffix}`),
  );
  if (found) return found;
  throw new StandinError(
    `${name} was not found, which ${purpose}. Debian and Ubuntu have it in these packages:\n` +
      '  apt-get install -y --no-install-recommends clang-16 lld-16 llvm-16',
  );
}

/** The programs that make a DLL with Microsoft's ABI. Throws StandinError with the remedy. */
export function findTools() {
  return {
    clang: need('clang++', 'compiles the stand-in DLLs'),
    link: need('lld-link', 'links the stand-in DLLs'),
    dlltool: need('llvm-dlltool', 'makes the import libraries'),
    readobj: need('llvm-readobj', 'reads what the DLLs export'),
  };
}

/** @typedef {{ code: number, stdout: string, stderr: string }} Outcome */

/** Runs a program to its end. @param {string} program @param {string[]} args @param {NodeJS.ProcessEnv} [env] @returns {Promise<Outcome>} */
export function runTool(program, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/** As runTool, but a failure throws with the program's own words. @param {string} what @param {string} program @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
export async function demandTool(what, program, args, env) {
  const outcome = await runTool(program, args, env);
  if (outcome.code !== 0) throw new StandinError(`${what} failed:\n${outcome.stderr || outcome.stdout}`);
  return outcome.stdout;
}

/** Runs the jobs, `width` at a time; the first failure is thrown when all that run have ended. @param {(() => Promise<void>)[]} jobs @param {number} width */
export async function inParallel(jobs, width) {
  const left = [...jobs];
  /** @type {unknown} */
  let failure;
  const worker = async () => {
    for (let job = left.shift(); job && !failure; job = left.shift()) {
      try {
        await job();
      } catch (error) {
        failure ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  if (failure) throw failure;
}
