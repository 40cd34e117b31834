import { RtcError } from '../errors.js';
import { loadAddon, type NativeAudioFrame } from './addon.js';

/** Decoded sound: interleaved 16-bit PCM in host byte order. The rules of VideoFrame's memory hold. */
export class AudioFrame {
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples a channel. */
  readonly samples: number;
  /** Presentation time in the stream. */
  readonly timestampMs: number;
  /** When the decoder gave it, on the clock of `clockMicros()`. */
  readonly decodedAtUs: number;
  #data: Int16Array | undefined;

  /** Made by the player. */
  constructor(native: NativeAudioFrame) {
    this.sampleRate = native.sampleRate;
    this.channels = native.channels;
    this.samples = native.samples;
    this.timestampMs = native.timestampMs;
    this.decodedAtUs = native.decodedAtUs;
    this.#data = new Int16Array(native.data);
  }

  /** @throws RtcError ERR_RTC_CLOSED after close; views taken before are empty then. */
  get data(): Int16Array {
    if (!this.#data)
      throw new RtcError('ERR_RTC_CLOSED', 'the audio frame is closed; copy what is needed before close()');
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
