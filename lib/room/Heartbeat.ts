export interface HeartbeatOptions {
  /** Asked before each beat, ms; must not throw. */
  intervalMs: () => number;
  /** The next beat waits for it, and for the time that it gives, ms from now; where it rejects, for its own interval. */
  beat: () => Promise<number | undefined>;
}

/** Beats at its interval, the first one interval after the start, never two at once. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = true;
  #beating: Promise<unknown> | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#arm(this.#options.intervalMs());
  }

  /** Beats now instead of at the next interval. */
  now(): void {
    if (!this.#stopped && !this.#beating) this.#arm(0);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #arm(waitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const startedMs = performance.now();
      const next = (leastMs = 0) => {
        this.#beating = undefined;
        const restMs = this.#options.intervalMs() - (performance.now() - startedMs);
        if (!this.#stopped) this.#arm(Math.max(0, restMs, leastMs));
      };
      this.#beating = this.#options.beat().then(next, () => next());
    }, waitMs);
  }
}
