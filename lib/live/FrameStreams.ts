import { RtcError } from '../errors.js';
import { type ClosableFrame, FrameStream, type FrameStreamOptions } from './FrameStream.js';

/** The open streams of one kind of frames. */
export class FrameStreams<Frame extends ClosableFrame & { clone(): Frame }> {
  readonly #open = new Set<FrameStream<Frame>>();
  readonly #limits: { name: string; usual: number; most: number };
  readonly #onChange: (opened: boolean) => void;

  /** `onChange` is called when the first stream was opened and when the last one has ended. */
  constructor(limits: { name: string; usual: number; most: number }, onChange: (opened: boolean) => void) {
    this.#limits = limits;
    this.#onChange = onChange;
  }

  get wanted(): boolean {
    return this.#open.size > 0;
  }

  open(options: FrameStreamOptions): FrameStream<Frame> {
    const { name, usual, most } = this.#limits;
    const { capacity = usual, signal } = options;
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > most) {
      throw new RtcError('ERR_RTC_INVALID_ARGUMENT', `capacity of ${name} must be a whole number from 1 to ${most}`);
    }
    if (signal?.aborted) {
      throw new RtcError('ERR_RTC_ABORTED', `${name} was aborted by its signal`, { cause: signal.reason });
    }
    const stream = new FrameStream<Frame>(capacity, signal, () => {
      if (this.#open.delete(stream) && this.#open.size === 0) this.#onChange(false);
    });
    this.#open.add(stream);
    try {
      if (this.#open.size === 1) this.#onChange(true);
    } catch (error) {
      // An engine that hands none out: nothing has begun.
      this.#open.delete(stream);
      stream.discard();
      throw error;
    }
    return stream;
  }

  /** A clone to each; the frame itself stays the caller's. */
  push(frame: Frame): void {
    for (const stream of this.#open) stream.push(frame.clone());
  }

  end(): void {
    for (const stream of [...this.#open]) stream.end();
  }

  discard(): void {
    for (const stream of [...this.#open]) stream.discard();
  }
}
