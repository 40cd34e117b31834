import { RtcError } from '../errors.js';
import type { SignalOptions } from './options.js';

export interface FrameStreamOptions extends SignalOptions {
  /**
   * How many frames may wait for `next()`: 1 to 64 pictures (8), 1 to 1024 sounds (32). When one more comes, the oldest
   * gives way, is closed and counted; 1 is the newest only.
   */
  capacity?: number;
}

/** What a stream is made of: VideoFrame or AudioFrame. */
export interface ClosableFrame {
  close(): void;
}

/**
 * Frames as an async iterator. Each belongs to whoever takes it, who closes it; those that are not taken are closed here.
 * It ends (`done`) with the playback, after what still waits; leaving the loop, `return()`, closing the player and an
 * abort end it at once.
 */
export class FrameStream<Frame extends ClosableFrame> implements AsyncIterableIterator<Frame>, AsyncDisposable {
  readonly #capacity: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onEnd: () => void;
  readonly #waiting: Frame[] = [];
  readonly #takers: Taker<Frame>[] = [];
  #ended = false;
  #error: RtcError | undefined;
  #dropped = 0;

  /** Made by the player; `onEnd` is called once. */
  constructor(capacity: number, signal: AbortSignal | undefined, onEnd: () => void) {
    this.#capacity = capacity;
    this.#signal = signal;
    this.#onEnd = onEnd;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Frames that gave way to newer ones, since this began. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @throws ERR_RTC_ABORTED, once, when the signal aborted */
  next(): Promise<IteratorResult<Frame, undefined>> {
    const frame = this.#waiting.shift();
    if (frame) return Promise.resolve({ value: frame, done: false });
    const error = this.#error;
    this.#error = undefined;
    if (error) return Promise.reject(error);
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<Frame, undefined>> {
    this.discard();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.discard();
  }

  /** The player's: a frame that is now this stream's. */
  push(frame: Frame): void {
    const taker = this.#takers.shift();
    if (taker) taker.resolve({ value: frame, done: false });
    else this.#waiting.push(frame);
    if (this.#waiting.length <= this.#capacity) return;
    this.#waiting.shift()?.close();
    this.#dropped++;
  }

  /** The player's: no more frames; what waits can still be taken. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    for (const taker of this.#takers.splice(0)) taker.resolve({ value: undefined, done: true });
    this.#onEnd();
  }

  /** Ends now: what waits is closed. */
  discard(): void {
    for (const frame of this.#waiting.splice(0)) frame.close();
    this.#error = undefined;
    this.end();
  }

  readonly #onAbort = (): void => {
    const error = new RtcError('ERR_RTC_ABORTED', 'the frames were ended by their signal', {
      cause: this.#signal?.reason,
    });
    const taker = this.#takers.shift();
    this.discard();
    if (taker) taker.reject(error);
    else this.#error = error;
  };
}

/** Of a `next()` that waits. */
interface Taker<Frame> {
  resolve(result: IteratorResult<Frame, undefined>): void;
  reject(reason: unknown): void;
}
