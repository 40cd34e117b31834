import { LruMap } from 'toad-cache';

export interface CallCountsOptions {
  /** Calls of one caller in a window. */
  max: number;
  /** Length of a window, which begins with a caller's first call, ms. */
  windowMs: number;
  /** Callers remembered at once; the one that was silent for longest is forgotten first. */
  remembered: number;
}

interface Window {
  count: number;
  startMs: number;
}

/**
 * Calls of each caller, in memory. @fastify/rate-limit counts the same, with four promises a call: a fifth of the time that
 * a heartbeat takes.
 */
export class CallCounts {
  readonly #options: CallCountsOptions;
  readonly #callers: LruMap<Window>;

  constructor(options: CallCountsOptions) {
    this.#options = options;
    this.#callers = new LruMap(options.remembered);
  }

  /** Counts a call. Seconds until the caller may come again; 0 when the call is within the limit. */
  count(caller: string): number {
    const { max, windowMs } = this.#options;
    const nowMs = Date.now();
    let window = this.#callers.get(caller);
    if (window === undefined) {
      window = { count: 0, startMs: nowMs };
      this.#callers.set(caller, window);
    } else if (window.startMs + windowMs <= nowMs) {
      window.count = 0;
      window.startMs = nowMs;
    }
    window.count++;
    return window.count <= max ? 0 : Math.max(1, Math.ceil((window.startMs + windowMs - nowMs) / 1000));
  }
}
