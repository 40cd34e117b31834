import { RtcError } from '../errors.js';
import type { NativeVideoFrame } from './addon.js';
import { FrameMemory } from './FrameMemory.js';

/**
 * A decoded picture. Its memory belongs to a pool: call `close()` when done, or keep few. A frame that is forgotten is
 * given back when it is collected.
 */
export class VideoFrame {
  /** 'i420': Y, U and V planes without padding, chroma of ceil(width / 2) × ceil(height / 2). 'rgba': 4 bytes a pixel. */
  readonly format: 'i420' | 'rgba';
  readonly width: number;
  readonly height: number;
  /** Presentation time in the stream. */
  readonly timestampMs: number;
  /** When the decoder gave it, on the clock of `clockMicros()`. */
  readonly decodedAtUs: number;
  #data: Uint8Array | undefined;
  readonly #memory: FrameMemory;

  /** Made by the player. */
  constructor(native: Omit<NativeVideoFrame, 'data'>, memory: FrameMemory | ArrayBuffer) {
    this.format = native.format;
    this.width = native.width;
    this.height = native.height;
    this.timestampMs = native.timestampMs;
    this.decodedAtUs = native.decodedAtUs;
    this.#memory = memory instanceof FrameMemory ? memory : new FrameMemory(memory);
    this.#data = new Uint8Array(this.#memory.buffer);
  }

  /** @throws RtcError ERR_RTC_CLOSED after close; views taken before are empty then. */
  get data(): Uint8Array {
    if (!this.#data)
      throw new RtcError('ERR_RTC_CLOSED', 'the video frame is closed; copy what is needed before close()');
    return this.#data;
  }

  get closed(): boolean {
    return this.#data === undefined;
  }

  /**
   * Another frame of the same memory, not copied, with a `close()` of its own: for a consumer that keeps it for longer.
   *
   * @throws RtcError ERR_RTC_CLOSED after close
   */
  clone(): VideoFrame {
    if (!this.#data) throw new RtcError('ERR_RTC_CLOSED', 'the video frame is closed; clone it before close()');
    return new VideoFrame(this, this.#memory.hold());
  }

  /** Gives the memory back, once its clones are closed as well. Twice is nothing. */
  close(): void {
    if (!this.#data) return;
    this.#data = undefined;
    this.#memory.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
