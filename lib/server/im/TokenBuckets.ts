export interface TokenBucketsOptions {
  /** What comes back a second. */
  ratePerSecond: number;
  /** What may be taken at once. */
  burst: number;
  now: () => number;
}

interface Bucket {
  allowance: number;
  updatedMs: number;
}

/** An allowance for each name, in memory. Who is not known has all of it. */
export class TokenBuckets {
  readonly #options: TokenBucketsOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: TokenBucketsOptions) {
    this.#options = options;
  }

  /** Takes one; false when none is left. */
  take(name: string): boolean {
    const { ratePerSecond, burst, now } = this.#options;
    const nowMs = now();
    let bucket = this.#buckets.get(name);
    if (!bucket) {
      bucket = { allowance: burst, updatedMs: nowMs };
      this.#buckets.set(name, bucket);
    }
    const elapsedSeconds = Math.max(0, nowMs - bucket.updatedMs) / 1000;
    bucket.allowance = Math.min(burst, bucket.allowance + elapsedSeconds * ratePerSecond);
    bucket.updatedMs = nowMs;
    if (bucket.allowance < 1) return false;
    bucket.allowance -= 1;
    return true;
  }

  /** Forgets those that are full again. */
  forgetFull(): void {
    const { ratePerSecond, burst, now } = this.#options;
    const before = now() - (burst / ratePerSecond) * 1000;
    for (const [name, { updatedMs }] of this.#buckets) if (updatedMs < before) this.#buckets.delete(name);
  }
}
