import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { layout } from './layout.mjs';
import { wineEnvironment } from './wine.mjs';

/** How often new output is looked for. */
const tailMs = 100;

/**
 * Runs a Windows program to its end. Its standard streams are files, since a Linux pipe is no handle that node.exe takes;
 * what it writes is passed on line by line, and stays in build/windows/logs/<name>.log and .err.log.
 *
 * @param {object} options
 * @param {string} options.name of the log files
 * @param {string} options.title stands before each line
 * @param {string} options.program
 * @param {string[]} options.args
 * @param {string} [options.prefix] wine's; the one that setup made
 * @param {NodeJS.ProcessEnv} [options.env] added to wine's own
 * @param {number} options.deadlineMs it is killed then
 * @param {AbortSignal} [options.signal]
 * @returns {Promise<{ code: number, late: boolean }>}
 */
export function runWindows({ name, title, program, args, prefix, env, deadlineMs, signal }) {
  return runLogged({
    files: [join(layout.logs, `${name}.log`), join(layout.logs, `${name}.err.log`)],
    title,
    command: 'wine',
    args: [program, ...args],
    cwd: layout.tree,
    env: { ...wineEnvironment(prefix), ...env },
    deadlineMs,
    signal,
  });
}

/**
 * Runs a program with files as its standard output and error, and passes on what it writes, line by line.
 * @param {object} options
 * @param {[string, string]} options.files
 * @param {string} options.title
 * @param {string} options.command
 * @param {string[]} options.args
 * @param {string} options.cwd
 * @param {NodeJS.ProcessEnv} options.env all of it
 * @param {number} options.deadlineMs it is killed then
 * @param {AbortSignal | undefined} [options.signal]
 * @returns {Promise<{ code: number, late: boolean }>}
 */
export async function runLogged({ files, title, command, args, cwd, env, deadlineMs, signal }) {
  for (const file of files) mkdirSync(dirname(file), { recursive: true });
  const writing = files.map((path) => openSync(path, 'w'));
  const tails = files.map((path, index) => new Tail(path, title, index === 0 ? process.stdout : process.stderr));
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', ...writing] });
  for (const descriptor of writing) closeSync(descriptor);
  let late = false;
  const kill = () => child.kill('SIGKILL');
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, deadlineMs);
  const ticking = setInterval(() => {
    for (const tail of tails) tail.pass();
  }, tailMs);
  signal?.addEventListener('abort', kill, { once: true });
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode, by) => resolve(by ? 128 : (exitCode ?? 128)));
    });
    return { code, late };
  } finally {
    clearTimeout(timer);
    clearInterval(ticking);
    signal?.removeEventListener('abort', kill);
    for (const tail of tails) tail.close();
  }
}

class Tail {
  #descriptor;
  #title;
  #sink;
  #at = 0;
  #buffer = Buffer.alloc(65_536);
  #decoder = new StringDecoder('utf8');
  #line = '';

  /** @param {string} path @param {string} title @param {NodeJS.WritableStream} sink */
  constructor(path, title, sink) {
    this.#descriptor = openSync(path, 'r');
    this.#title = title;
    this.#sink = sink;
  }

  pass() {
    for (;;) {
      const count = readSync(this.#descriptor, this.#buffer, 0, this.#buffer.length, this.#at);
      if (count === 0) return;
      this.#at += count;
      const lines = (this.#line + this.#decoder.write(this.#buffer.subarray(0, count))).split('\n');
      this.#line = lines.pop() ?? '';
      this.#write(lines);
    }
  }

  close() {
    this.pass();
    this.#write(this.#line ? [this.#line] : []);
    closeSync(this.#descriptor);
  }

  /** @param {string[]} lines */
  #write(lines) {
    for (const line of lines) this.#sink.write(`${this.#title} | ${line.trimEnd()}\n`);
  }
}
