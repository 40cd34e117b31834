import { createHistogram } from 'node:perf_hooks';
import { BeepDetector, type PcmFrame } from './BeepDetector.js';
import { counterRange, type LumaPicture, readClock } from './clock.js';
import { median } from './statistics.js';

export interface MeteredPicture extends LumaPicture {
  readonly timestampMs: number;
}

export interface CallMeterOptions {
  /** The engine's clock (`clockMicros()`) when the play was started; without it there is no first-frame time. */
  startedAtUs?: number;
  /**
   * A player that joins gets the server's cached GOP first, whose pictures are old by design. Latency counts from this
   * long after the first picture. Default 1000.
   */
  settleMs?: number;
}

export interface LatencyReport {
  samples: number;
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
}

export interface CallReport {
  /** Pictures seen, with or without a readable clock. */
  frames: number;
  /** Pictures whose clock could not be read, or that come from the future: the clocks do not agree. */
  unreadable: number;
  /** Numbers missing from the frame counter between the first and the last picture. */
  lost: number;
  duplicates: number;
  reordered: number;
  /** Undefined if no picture with a clock came after the settling time. */
  latency: LatencyReport | undefined;
  /** From the call of startPlay to the first picture in JavaScript. */
  firstFrameMs: number | undefined;
  /** From the first picture until its age first was under 100 ms. */
  caughtUpMs: number | undefined;
  /** Sound minus picture by their timestamps; positive: the sound is late. Median over the beeps of the last ten minutes. */
  avOffsetMs: number | undefined;
  beeps: number;
  /** Largest step between the timestamps of neighbouring pictures. */
  maxGapMs: number;
}

/** What two readings of one clock may differ by. */
const futureUs = 1000;
/** Pictures no older than this count as live. */
const liveMs = 100;
/** An hour in µs: the oldest picture that is told from still older ones. */
const maxLatencyUs = 3_600_000_000;
/** Bounds memory: the beeps of the newest ten minutes. */
const maxAvOffsets = 600;
/** Beeps are compared with the mean of the pictures of the last two seconds. */
const recentPictures = 60;

/**
 * Measures a call from what was decoded: feed it every picture (I420) and every sound frame of one player that plays a
 * `synthetic` source of the same machine. All figures come from the clock in the picture and the beeps in the sound.
 */
export class CallMeter {
  readonly #options: CallMeterOptions;
  readonly #beepDetector = new BeepDetector();
  /** µs, to three figures: its size does not grow with the call. */
  readonly #latencies = createHistogram({ lowest: 1, highest: maxLatencyUs, figures: 3 });
  readonly #avOffsets: number[] = [];
  /** Timestamp minus clock, ms, of the newest pictures: the stream's time base as the pictures have it. */
  readonly #bases: number[] = [];
  readonly #pendingOnsets: number[] = [];
  #frames = 0;
  #unreadable = 0;
  #lost = 0;
  #duplicates = 0;
  #reordered = 0;
  #beeps = 0;
  #firstArrivalUs: number | undefined;
  #caughtUpMs: number | undefined;
  #counter: number | undefined;
  #lastTimestampMs: number | undefined;
  #maxGapMs = 0;

  constructor(options: CallMeterOptions = {}) {
    this.#options = options;
  }

  /** `arrivalUs`: `clockMicros()` when the picture reached the caller. */
  video(picture: MeteredPicture, arrivalUs: number): void {
    this.#frames++;
    this.#firstArrivalUs ??= arrivalUs;
    if (this.#lastTimestampMs !== undefined) {
      this.#maxGapMs = Math.max(this.#maxGapMs, picture.timestampMs - this.#lastTimestampMs);
    }
    this.#lastTimestampMs = picture.timestampMs;
    const reading = readClock(picture);
    if (!reading || reading.clockUs > arrivalUs + futureUs) {
      this.#unreadable++;
      return;
    }
    this.#count(reading.counter);
    const ageUs = arrivalUs - reading.clockUs;
    const sinceFirstMs = (arrivalUs - this.#firstArrivalUs) / 1000;
    if (ageUs < liveMs * 1000) this.#caughtUpMs ??= sinceFirstMs;
    if (sinceFirstMs >= (this.#options.settleMs ?? 1000)) {
      this.#latencies.record(Math.min(Math.max(Math.round(ageUs), 1), maxLatencyUs));
    }
    append(this.#bases, picture.timestampMs - reading.clockUs / 1000, recentPictures);
    for (const onset of this.#pendingOnsets.splice(0)) this.#compare(onset);
  }

  audio(frame: PcmFrame): void {
    for (const onset of this.#beepDetector.push(frame)) {
      this.#beeps++;
      if (this.#bases.length > 0) this.#compare(onset);
      else append(this.#pendingOnsets, onset, recentPictures);
    }
  }

  report(): CallReport {
    const { startedAtUs } = this.#options;
    return {
      frames: this.#frames,
      unreadable: this.#unreadable,
      lost: this.#lost,
      duplicates: this.#duplicates,
      reordered: this.#reordered,
      latency:
        this.#latencies.count === 0
          ? undefined
          : {
              samples: this.#latencies.count,
              p50Ms: this.#latencies.percentile(50) / 1000,
              p95Ms: this.#latencies.percentile(95) / 1000,
              maxMs: this.#latencies.max / 1000,
            },
      firstFrameMs:
        startedAtUs === undefined || this.#firstArrivalUs === undefined
          ? undefined
          : (this.#firstArrivalUs - startedAtUs) / 1000,
      caughtUpMs: this.#caughtUpMs,
      avOffsetMs: median(this.#avOffsets),
      beeps: this.#beeps,
      maxGapMs: this.#maxGapMs,
    };
  }

  #count(counter: number): void {
    const last = this.#counter;
    if (last === undefined) {
      this.#counter = counter;
      return;
    }
    const step = (counter - last + counterRange) % counterRange;
    if (step === 0) {
      this.#duplicates++;
    } else if (step > counterRange / 2) {
      // It was counted as lost when the later ones came.
      this.#reordered++;
      if (this.#lost > 0) this.#lost--;
    } else {
      this.#lost += step - 1;
      this.#counter = counter;
    }
  }

  /** A beep begins where the source's clock passes a whole second; the nearest one is meant. */
  #compare(onsetMs: number): void {
    const base = median(this.#bases);
    if (base === undefined) return;
    const clockMs = onsetMs - base;
    append(this.#avOffsets, clockMs - Math.round(clockMs / 1000) * 1000, maxAvOffsets);
  }
}

function append(list: number[], value: number, limit: number): void {
  list.push(value);
  if (list.length > limit) list.shift();
}
