import { RtcError } from '../errors.js';
import type { NativeAudioFrame } from './addon.js';
import { FrameMemory } from './FrameMemory.js';

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
  readonly #memory: FrameMemory;

  /** Made by the player. */
  constructor(native: Omit<NativeAudioFrame, 'data'>, memory: FrameMemory | ArrayBuffer) {
    this.sampleRate = native.sampleRate;
    this.channels = native.channels;
    this.samples = native.samples;
    this.timestampMs = native.timestampMs;
    this.decodedAtUs = native.decodedAtUs;
    this.#memory = memory instanceof FrameMemory ? memory : new FrameMemory(memory);
    this.#data = new Int16Array(this.#memory.buffer);
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

  /**
   * Another frame of the same memory, not copied, with a `close()` of its own: for a consumer that keeps it for longer.
   *
   * @throws RtcError ERR_RTC_CLOSED after close
   */
  clone(): AudioFrame {
    if (!this.#data) throw new RtcError('ERR_RTC_CLOSED', 'the audio frame is closed; clone it before close()');
    return new AudioFrame(this, this.#memory.hold());
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
