import { median } from '../../measure/statistics.js';

export interface StreamReport {
  frames: number;
  /** Pictures that should lie between two neighbours by their timestamps, in steps of the usual distance. */
  missing: number;
  frameIntervalMs: number | undefined;
  maxGapMs: number;
  /** Timestamps that did not grow. */
  backward: number;
}

const maxIntervals = 100_000;

/** Measures pictures without a clock, as those of a clip: their number and the continuity of their timestamps. */
export class StreamMeter {
  readonly #intervals: number[] = [];
  #last: number | undefined;
  #frames = 0;
  #backward = 0;

  video(picture: { timestampMs: number }): void {
    this.#frames++;
    const last = this.#last;
    this.#last = picture.timestampMs;
    if (last === undefined) return;
    const interval = picture.timestampMs - last;
    if (interval <= 0) this.#backward++;
    else if (this.#intervals.length < maxIntervals) this.#intervals.push(interval);
  }

  report(): StreamReport {
    const usual = median(this.#intervals);
    let missing = 0;
    if (usual !== undefined) {
      for (const interval of this.#intervals) missing += Math.max(0, Math.round(interval / usual) - 1);
    }
    const maxGapMs = this.#intervals.reduce((most, interval) => Math.max(most, interval), 0);
    return { frames: this.#frames, missing, frameIntervalMs: usual, maxGapMs, backward: this.#backward };
  }
}
