import { RtcError } from '../errors.js';
import { AudioFrame } from './AudioFrame.js';
import type { NativeMessage } from './addon.js';
import type { FrameStream, FrameStreamOptions } from './FrameStream.js';
import { FrameStreams } from './FrameStreams.js';
import { nativeCall } from './nativeCalls.js';
import type { OutputAudioOptions, OutputVideoFormat, OutputVideoOptions } from './options.js';
import { VideoFrame } from './VideoFrame.js';

/** The engine's part of it: NativePusher and NativePlayer. */
interface FrameGiver {
  setOutputVideoFormat(format: string, options: OutputVideoOptions | undefined): void;
  setOutputAudio(enable: boolean, options: OutputAudioOptions | undefined): void;
}

interface Output {
  video: OutputVideoFormat;
  audio: boolean;
}

/** A pusher or a player whose frames these are. */
export interface FrameOwner {
  /** For errors. */
  name: 'pusher' | 'player';
  closed(): boolean;
  /** It may hand out frames now. */
  running(): boolean;
  /** As an event; false when nobody heard it. */
  emitVideo(frame: VideoFrame): boolean;
  emitAudio(frame: AudioFrame): boolean;
}

/** Frames of an engine's object as events and as streams: what the engine is asked for is what somebody wants. */
export class FrameOutput {
  readonly #native: FrameGiver;
  readonly #owner: FrameOwner;
  readonly #pictures = new FrameStreams<VideoFrame>({ name: 'frames', usual: 8, most: 64 }, (opened) =>
    this.#followStreams(opened),
  );
  readonly #sounds = new FrameStreams<AudioFrame>({ name: 'pcm', usual: 32, most: 1024 }, (opened) =>
    this.#followStreams(opened),
  );
  /** By the application; streams want more. */
  readonly #chosen: Output;
  #videoOptions: OutputVideoOptions | undefined;
  #audioOptions: OutputAudioOptions | undefined;
  #handedOut: Output;

  /** `chosen` is what the engine hands out already. */
  constructor(native: FrameGiver, owner: FrameOwner, chosen: Output) {
    this.#native = native;
    this.#owner = owner;
    this.#chosen = { ...chosen };
    this.#handedOut = { ...chosen };
  }

  /** @throws ERR_RTC_CLOSED, ERR_RTC_INVALID_ARGUMENT, ERR_RTC_ABORTED, ERR_RTC_UNSUPPORTED */
  frames(options: FrameStreamOptions): FrameStream<VideoFrame> {
    this.#throwIfClosed();
    return this.#pictures.open(options);
  }

  /** Likewise. */
  pcm(options: FrameStreamOptions): FrameStream<AudioFrame> {
    this.#throwIfClosed();
    return this.#sounds.open(options);
  }

  setVideoFormat(format: OutputVideoFormat, options: OutputVideoOptions | undefined): void {
    const effective = this.#withStreams({ ...this.#chosen, video: format }).video;
    const given = copyOf(options);
    nativeCall(() => this.#native.setOutputVideoFormat(effective, given));
    this.#chosen.video = format;
    this.#videoOptions = given;
    this.#handedOut.video = effective;
  }

  setAudio(enable: boolean, options: OutputAudioOptions | undefined): void {
    const effective = this.#withStreams({ ...this.#chosen, audio: enable }).audio;
    const given = copyOf(options);
    nativeCall(() => this.#native.setOutputAudio(effective, given));
    this.#chosen.audio = enable;
    this.#audioOptions = given;
    this.#handedOut.audio = effective;
  }

  /** Tells the engine what of its output is wanted, where that has changed: before each start. */
  handOut(): void {
    const { video, audio } = this.#withStreams(this.#chosen);
    if (video !== this.#handedOut.video) this.#native.setOutputVideoFormat(video, this.#videoOptions);
    this.#handedOut.video = video;
    if (audio !== this.#handedOut.audio) this.#native.setOutputAudio(audio, this.#audioOptions);
    this.#handedOut.audio = audio;
  }

  receive(message: NativeMessage): void {
    if (message.kind === 'videoFrame') {
      const frame = new VideoFrame(message.payload, message.payload.data);
      this.#pictures.push(frame);
      if (this.#chosen.video === 'none' || !this.#owner.emitVideo(frame)) frame.close();
    } else if (message.kind === 'audioFrame') {
      const frame = new AudioFrame(message.payload, message.payload.data);
      this.#sounds.push(frame);
      if (!this.#chosen.audio || !this.#owner.emitAudio(frame)) frame.close();
    }
  }

  /** Of the streams, after what still waits in them. */
  end(): void {
    this.#pictures.end();
    this.#sounds.end();
  }

  /** Of the streams, at once. */
  discard(): void {
    this.#pictures.discard();
    this.#sounds.discard();
  }

  #throwIfClosed(): void {
    if (this.#owner.closed()) throw new RtcError('ERR_RTC_CLOSED', `the ${this.#owner.name} is closed`);
  }

  #withStreams(chosen: Output): Output {
    return {
      video: chosen.video === 'none' && this.#pictures.wanted ? 'i420' : chosen.video,
      audio: this.#sounds.wanted ? true : chosen.audio,
    };
  }

  #followStreams(opened: boolean): void {
    if (opened) nativeCall(() => this.handOut());
    // After the end the next start tells it, which does it as well where the engine cannot hear now.
    else if (this.#owner.running()) {
      try {
        this.handOut();
      } catch {}
    }
  }
}

/** Kept for the next start; what is no object is for the engine to refuse. */
function copyOf<Options extends object>(options: Options | undefined): Options | undefined {
  return typeof options === 'object' && options !== null && !Array.isArray(options) ? { ...options } : options;
}
