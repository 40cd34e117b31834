export interface BackoffOptions {
  /** Before the first retry, ms. */
  minMs: number;
  maxMs: number;
  /** Source of chance in [0, 1); default Math.random. */
  random?: () => number;
}

/** Waits that double up to a cap, each between half of itself and itself, so that clients do not come back all at once. */
export class Backoff {
  readonly #options: BackoffOptions;
  #tries = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  nextMs(): number {
    const { minMs, maxMs, random = Math.random } = this.#options;
    const cap = Math.min(maxMs, minMs * 2 ** Math.min(this.#tries++, 30));
    return Math.round(cap * (0.5 + random() / 2));
  }

  reset(): void {
    this.#tries = 0;
  }
}
