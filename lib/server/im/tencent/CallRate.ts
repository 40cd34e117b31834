/** How many calls may begin: so many a second, a tenth of that at once; none while paused. Times in ms, of any one clock. */
export class CallRate {
  readonly #perMs: number;
  readonly #burst: number;
  #allowance: number;
  #updatedMs = 0;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(callsPerSecond: number) {
    this.#perMs = callsPerSecond / 1000;
    this.#burst = Math.max(1, Math.ceil(callsPerSecond / 10));
    this.#allowance = this.#burst;
  }

  isPaused(nowMs: number): boolean {
    return nowMs < this.#pausedUntilMs;
  }

  pause(nowMs: number, ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + ms);
  }

  /** How long the next call has to wait, ms; 0 is now, and counts it. */
  take(nowMs: number): number {
    this.#allowance = Math.min(this.#burst, this.#allowance + Math.max(0, nowMs - this.#updatedMs) * this.#perMs);
    this.#updatedMs = nowMs;
    if (nowMs < this.#pausedUntilMs) return this.#pausedUntilMs - nowMs;
    if (this.#allowance < 1) return (1 - this.#allowance) / this.#perMs;
    this.#allowance -= 1;
    return 0;
  }
}
