import { RtcError } from '../errors.js';
import { loadAddon, type NativeVideoFrame } from './addon.js';

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

  /** Made by the player. */
  constructor(native: NativeVideoFrame) {
    this.format = native.format;
    this.width = native.width;
    this.height = native.height;
    this.timestampMs = native.timestampMs;
    this.decodedAtUs = native.decodedAtUs;
    this.#data = new Uint8Array(native.data);
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

  /** Gives the memory back. Twice is nothing. */
  close(): void {
    const data = this.#data;
    this.#data = undefined;
    if (data) loadAddon().releaseFrame(data.buffer as ArrayBuffer);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
