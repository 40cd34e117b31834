import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RtcError } from '../../errors.js';
import { type Logger, withoutQueries } from '../logger.js';
import type { Cut, FromChild, MediaServerConfig, ToChild } from './mediaServerMessages.js';

export interface MediaServerChildOptions {
  logger: Logger;
  onMessage(message: FromChild): void;
  /** Once, when the process is gone for whatever reason. */
  onDead(reason: string, uptimeMs: number): void;
}

type Ready = Extract<FromChild, { type: 'ready' }>;

/** Without a sign of life for so long the child is taken for hung. It gives one every second. */
const silenceMs = 15_000;
const closeGraceMs = 1000;
/**
 * Between one message of cuts and the next, ms. A message costs both processes some hundred times what a cut does, so where
 * hundreds of members leave in a second they are told together.
 */
const cutIntervalMs = 20;
const stderrTailLength = 2000;

/** One run of the media server's process, from fork to exit. */
export class MediaServerChild {
  readonly #options: MediaServerChildOptions;
  readonly #process: ChildProcess;
  readonly #gone: Promise<void>;
  readonly #startedAtMs = performance.now();
  readonly #killWithParent = () => this.#process.kill('SIGKILL');
  #settle: { resolve(ready: Ready): void; reject(error: Error): void } | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #failure: { code: string | undefined; message: string } | undefined;
  #stderr = '';
  #dead = false;
  /** Cuts that wait for the next message. */
  #cuts: Cut[] = [];
  #cutTimer: NodeJS.Timeout | undefined;

  constructor(options: MediaServerChildOptions) {
    this.#options = options;
    const program = fileURLToPath(new URL('./mediaServerProcess.js', import.meta.url));
    // not the parent's execArgv: an inspector's port or a loader is not for the child
    this.#process = fork(program, [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'json',
    });
    process.on('exit', this.#killWithParent);
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrTailLength);
    });
    this.#process.on('message', (message: FromChild) => this.#onMessage(message));
    this.#gone = new Promise((resolve) => {
      const end = (reason: string) => {
        this.#onGone(reason);
        resolve();
      };
      this.#process.once('exit', (code, signal) => end(signal ? `killed by ${signal}` : `exit code ${code}`));
      this.#process.once('error', (error: NodeJS.ErrnoException) => {
        if (this.#process.pid === undefined) end(`could not be started: ${error.code ?? error.message}`);
      });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** @throws RtcError ERR_RTC_MEDIA_SERVER */
  start(config: MediaServerConfig, timeoutMs: number): Promise<Ready> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#failure ??= { code: undefined, message: `not ready within ${timeoutMs} ms: is the machine overloaded?` };
        this.kill();
      }, timeoutMs);
      this.#settle = {
        resolve: (ready) => {
          clearTimeout(timer);
          resolve(ready);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      if (this.#dead) this.#settle.reject(this.#startError('exited at once'));
      else this.send({ type: 'configure', config });
    });
  }

  send(message: ToChild): void {
    if (this.#process.connected) this.#process.send(message, () => {}); // 'exit' tells of a broken channel
  }

  /** One goes at once, those that come within 20 ms of it go together. */
  cut(cut: Cut): void {
    this.#cuts.push(cut);
    if (!this.#cutTimer) this.#sendCuts();
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Resolves when the process is gone: asked first, killed after 1 s. */
  async close(): Promise<void> {
    if (this.#dead) return;
    this.send({ type: 'close' });
    const timer = setTimeout(() => this.kill(), closeGraceMs);
    await this.#gone;
    clearTimeout(timer);
  }

  #onMessage(message: FromChild): void {
    if (this.#dead) return;
    if (message.type === 'ready') {
      this.#watch();
      this.#settle?.resolve(message);
      this.#settle = undefined;
    } else if (message.type === 'failed') {
      this.#failure = { code: message.code, message: withoutQueries(message.message) };
    } else if (message.type === 'log') {
      this.#options.logger[message.level](message.fields, `media server: ${message.message}`);
    } else if (message.type === 'alive') {
      this.#watch();
    }
    this.#options.onMessage(message);
  }

  #sendCuts(): void {
    const cuts = this.#cuts;
    this.#cutTimer = undefined;
    if (cuts.length === 0) return;
    this.#cuts = [];
    this.#cutTimer = setTimeout(() => this.#sendCuts(), cutIntervalMs).unref();
    this.send({ type: 'cut', cuts });
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      this.#failure ??= { code: undefined, message: `gave no sign of life for ${silenceMs} ms` };
      this.kill();
    }, silenceMs).unref();
  }

  #onGone(reason: string): void {
    if (this.#dead) return;
    this.#dead = true;
    clearTimeout(this.#watchdog);
    clearTimeout(this.#cutTimer);
    process.off('exit', this.#killWithParent);
    const tail = withoutQueries(this.#stderr.trim());
    const text = [this.#failure?.message ?? reason, tail].filter(Boolean).join('; ');
    this.#settle?.reject(this.#startError(text));
    this.#settle = undefined;
    this.#options.onDead(text, performance.now() - this.#startedAtMs);
  }

  #startError(reason: string): RtcError {
    const code = this.#failure?.code;
    const remedy =
      code === 'EADDRINUSE'
        ? 'the port is in use: end what has it, or give another port (0 for a free one)'
        : code === 'EACCES'
          ? 'that port needs more rights: give one above 1023'
          : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
            ? 'this machine does not have that address: give another host'
            : 'see the log';
    return new RtcError('ERR_RTC_MEDIA_SERVER', `The media server could not be started (${reason}): ${remedy}`);
  }
}
