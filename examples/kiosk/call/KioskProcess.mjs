import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../main.mjs', import.meta.url));

/** A kiosk in a process of its own, with a camera of its own. */
export class KioskProcess {
  #child;
  #exit;
  #output = '';
  #listeners = new Set();

  /** @param {{ name: string, args: string[], env: NodeJS.ProcessEnv }} options */
  constructor({ name, args, env }) {
    this.#child = fork(program, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.#exit = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.#output += text;
        for (const line of text.split('\n')) if (line) console.log(`${name}: ${line}`);
        for (const listener of this.#listeners) listener();
      });
    }
    this.ended = this.#exit.then(([code, signal]) => {
      if (code !== 0) throw new Error(`${name} ended with ${signal ?? code}`);
    });
    this.ended.catch(() => {});
  }

  /** Waits until it has said that. */
  async says(text, patienceMs) {
    await new Promise((resolve, reject) => {
      const check = () => {
        if (!this.#output.includes(text)) return;
        clearTimeout(timer);
        this.#listeners.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#listeners.delete(check);
        reject(new Error(`a kiosk did not say '${text}' within ${patienceMs} ms`));
      }, patienceMs);
      this.#listeners.add(check);
      check();
      this.#exit.then(() => reject(new Error('a kiosk has ended')));
    });
  }

  /** @param {'screen' | 'camera' | 'end'} what */
  tell(what) {
    this.#child.send(what);
  }

  /** Ends it as Escape does; rejects with its exit code unless that is 0. */
  async end() {
    if (this.#child.connected) this.tell('end');
    await this.ended;
  }

  async kill() {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}
