import type { Logger } from '../logger.js';

export interface SweeperOptions {
  intervalMs: number;
  logger: Logger;
  sweep: () => Promise<void>;
}

/** Runs `sweep` again and again, never two at once. A failing sweep is logged and the next one comes all the same. */
export class Sweeper {
  readonly #options: SweeperOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#stopped || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#once().finally(() => {
        this.#running = undefined;
        this.#timer = undefined;
        this.start();
      });
    }, this.#options.intervalMs);
    this.#timer.unref();
  }

  /** Resolves when a running sweep is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #once(): Promise<void> {
    try {
      await this.#options.sweep();
    } catch (error) {
      this.#options.logger.error({ err: error }, 'sweep failed; the next one comes all the same');
    }
  }
}
