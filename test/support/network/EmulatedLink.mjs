import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../../build/addon/link_emulator', import.meta.url));
const networks = 256;
const startDeadlineMs = 5000;

/**
 * @typedef {object} LinkSettings what is left out stays; at the beginning nothing is delayed, lost or limited
 * @property {number} [delay] ms, one way
 * @property {number} [jitter] up to so many ms more; the order stays
 * @property {number} [loss] share of packets, 0 to 1
 * @property {number} [reorder] share of packets that overtake
 * @property {number} [rate] kbit/s; 0 is without end
 * @property {number} [queue] ms at that rate that wait before packets are dropped; 1000 at the beginning
 */

/** @typedef {{ sentBytes: number, lost: number, dropped: number, queueMs: number }} DirectionReport since the beginning */
/** @typedef {{ atUs: number, up: DirectionReport, down: DirectionReport }} LinkReport atUs since 1970, as `clockMicros()` */

/** Why there can be no emulated link here, for a person; undefined when there can. @returns {string | undefined} */
export function linkProblem() {
  if (process.platform !== 'linux') return 'network namespaces are Linux’s';
  if (process.getuid?.() !== 0) return 'it takes root to make network interfaces';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return '/dev/net/tun is not there';
  }
  if (!existsSync(program)) return 'build/addon/link_emulator is not there: node scripts/buildNative.mjs --tests';
  return undefined;
}

/**
 * A second host behind a bad network. This process is on the near side; what is started by `farCommand` is on the far
 * side, where it listens on `farAddress`. "up" goes from near to far. Gone with `close()` and with this process.
 */
export class EmulatedLink {
  #child;
  #reports;
  /** @type {LinkReport[]} every 50 ms, oldest first */
  reports = [];

  /** @param {{ up?: LinkSettings, down?: LinkSettings }} [settings] */
  static async start(settings = {}) {
    const problem = linkProblem();
    if (problem) throw new Error(`no network can be emulated: ${problem}`);
    const first = Math.floor(Math.random() * networks);
    for (let attempt = 0; ; attempt++) {
      const link = new EmulatedLink((first + attempt) % networks);
      try {
        await link.#started;
      } catch (error) {
        // Another link has that number.
        if (attempt < 10 && /busy/i.test(String(error))) continue;
        throw error;
      }
      link.set(settings);
      return link;
    }
  }

  /** @param {number} number */
  constructor(number) {
    this.#child = spawn(program, [String(number)], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.nearAddress = `198.18.${number}.1`;
    this.farAddress = `198.18.${number}.2`;
    this.#child.stdin.on('error', () => undefined);
    let complaint = '';
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      complaint += text;
    });
    this.ended = once(this.#child, 'close').then(() => complaint.trim());
    this.#reports = createInterface({ input: this.#child.stdout });
    this.#started = new Promise((resolve, reject) => {
      this.#reports.once('line', resolve);
      void this.ended.then((text) => reject(new Error(text || 'the link emulator ended')));
      setTimeout(() => reject(new Error('the link emulator did not start')), startDeadlineMs).unref();
    });
    this.#started.catch(() => this.#child.kill('SIGKILL'));
    let lines = 0;
    this.#reports.on('line', (line) => {
      if (lines++ > 0) this.reports.push(JSON.parse(line));
    });
  }

  #started;

  /** Program and arguments that run a command on the far side. @param {string[]} command @returns {string[]} */
  farCommand(command) {
    return ['nsenter', `--net=/proc/${this.#child.pid}/ns/net`, '--', ...command];
  }

  /** From now on. @param {{ up?: LinkSettings, down?: LinkSettings }} settings */
  set({ up = {}, down = {} }) {
    for (const [direction, values] of Object.entries({ up, down })) {
      const words = Object.entries(values).map(([name, value]) => `${name}=${value}`);
      if (words.length > 0) this.#child.stdin.write(`${direction} ${words.join(' ')}\n`);
    }
  }

  /** For so many ms nothing gets onto that direction. @param {'up' | 'down'} direction @param {number} ms */
  stall(direction, ms) {
    this.#child.stdin.write(`${direction} stall=${ms}\n`);
  }

  /** The address of this side becomes another one, and the old one is gone. @param {number} host 3 to 6, or 1 again */
  moveNear(host) {
    this.nearAddress = this.nearAddress.replace(/\d+$/, String(host));
    this.#child.stdin.write(`near host=${host}\n`);
  }

  /** This side's interface goes down, or comes back with the address that it had. @param {boolean} connected */
  connectNear(connected) {
    this.#child.stdin.write(`near connected=${connected ? 1 : 0}\n`);
  }

  async close() {
    this.#child.stdin.end();
    const complaint = await this.ended;
    if (complaint) throw new Error(complaint);
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }
}
