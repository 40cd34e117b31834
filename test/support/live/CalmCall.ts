import { CallMeter, type MeteredPicture, median, readClock } from '#lib/measure/index';

const counts = ['frames', 'unreadable', 'lost', 'duplicates', 'reordered'] as const;

/** Of calm stretches, as CallReport has them: `lost` is between pictures of the same one. */
export interface CalmReport extends Record<(typeof counts)[number], number> {
  /** Median age of the pictures, ms. */
  ageMs: number | undefined;
}

/** Sound comes every 21 ms, pictures every 33 or 67. */
const silenceUs = 200_000;

/**
 * Judges a call by its calm stretches. A shared machine may not run for half a second; then nothing comes, what comes then
 * is late, and some pictures give way, as they should. Where neither picture nor sound came for 200 ms, or a picture is
 * older than `maxAgeMs`, a stretch ends: a call that loses pictures by itself is seen all the same, and one that is never
 * calm has no frames.
 */
export class CalmCall {
  readonly #maxAgeUs: number;
  readonly #agesMs: number[] = [];
  #sums = { frames: 0, unreadable: 0, lost: 0, duplicates: 0, reordered: 0 };
  #stretch = new CallMeter();
  #disturbances = 0;
  #lastUs: number | undefined;

  constructor(maxAgeMs: number) {
    this.#maxAgeUs = maxAgeMs * 1000;
  }

  /** `arrivalUs`: `clockMicros()` when the picture reached the caller. */
  video(picture: MeteredPicture, arrivalUs: number): void {
    this.audio(arrivalUs);
    const clock = readClock(picture);
    const ageUs = clock ? arrivalUs - clock.clockUs : 0;
    if (ageUs > this.#maxAgeUs) {
      this.#end();
      return;
    }
    if (clock) this.#agesMs.push(ageUs / 1000);
    this.#stretch.video(picture, arrivalUs);
  }

  /** Sound came: the call stands not still. */
  audio(arrivalUs: number): void {
    if (arrivalUs - (this.#lastUs ?? arrivalUs) > silenceUs) this.#end();
    this.#lastUs = arrivalUs;
  }

  /** How often a stretch ended. */
  get disturbances(): number {
    return this.#disturbances;
  }

  report(): CalmReport {
    return { ...this.#counts(), ageMs: median(this.#agesMs) };
  }

  #end(): void {
    this.#sums = this.#counts();
    this.#stretch = new CallMeter();
    this.#disturbances++;
  }

  #counts() {
    const sums = { ...this.#sums };
    const stretch = this.#stretch.report();
    for (const name of counts) sums[name] += stretch[name];
    return sums;
  }
}
