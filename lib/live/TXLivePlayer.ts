import type { AudioFrame } from './AudioFrame.js';
import type { DroppedFrames, NativeMessage, NativePlayer } from './addon.js';
import { PlayType, type RenderMode, type VideoRotation } from './enums.js';
import type { PlayEventName } from './events.js';
import { FrameOutput } from './FrameOutput.js';
import type { FrameStream, FrameStreamOptions } from './FrameStream.js';
import { emitEvent, LiveEmitter, type LiveEvents } from './LiveEmitter.js';
import { abortable, nativeCall, nativePromise } from './nativeCalls.js';
import { createPlayer } from './natives.js';
import type {
  Device,
  LivePlayAttribute,
  OutputAudioOptions,
  OutputVideoFormat,
  OutputVideoOptions,
  PlayerOptions,
  SignalOptions,
  WindowHandle,
} from './options.js';
import type { VideoFrame } from './VideoFrame.js';
import { windowHandle } from './windowHandle.js';

export type { PlayerOptions } from './options.js';
export type PlayerEvents = LiveEvents<PlayEventName> & {
  /** One frame for all listeners; close it when done with it. */
  videoFrame: (frame: VideoFrame) => void;
  audioFrame: (frame: AudioFrame) => void;
};

/**
 * Plays one stream: decodes with low delay, hands pictures and sound to the application, takes snapshots and records.
 *
 * Every method may throw (or reject with) ERR_RTC_CLOSED after close, ERR_RTC_INVALID_ARGUMENT, and UnsupportedError when
 * the engine does not have it (`capabilities()` tells). A running playback keeps the process alive; an idle player does
 * not.
 *
 * @example
 * const player = new TXLivePlayer({ videoFormat: 'i420' });
 * player.on('videoFrame', (frame) => {
 *   console.log(frame.width, frame.height, frame.timestampMs);
 *   frame.close();
 * });
 * await player.startPlay('rtmp://127.0.0.1/live/one');
 */
export class TXLivePlayer extends LiveEmitter<PlayerEvents> implements AsyncDisposable {
  readonly #native: NativePlayer;
  readonly #output: FrameOutput;
  #closing: Promise<void> | undefined;

  constructor(options: PlayerOptions = {}) {
    super();
    this.#native = createPlayer(options, (message) => this.#receive(message));
    this.#output = new FrameOutput(
      this.#native,
      {
        name: 'player',
        closed: () => this.closed,
        running: () => this.playing,
        emitVideo: (frame) => this.emit('videoFrame', frame),
        emitAudio: (frame) => this.emit('audioFrame', frame),
      },
      { video: options.videoFormat ?? 'none', audio: options.audioOutput ?? false },
    );
  }

  /** From startPlay until stopPlay or the playback's end, the time of reconnecting included. */
  get playing(): boolean {
    return this.#closing === undefined && nativeCall(() => this.#native.isPlaying());
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Frames that came faster than the event loop took them: the oldest of 8 pictures or 32 sounds gives way. */
  get droppedFrames(): DroppedFrames {
    return nativeCall(() => this.#native.dropped());
  }

  /**
   * Of the embedded engine rtmp[s]://host/app/stream or http[s]://host/path.flv, whatever `type` is.
   *
   * Resolves at PLAY_EVT_PLAY_BEGIN (the first decoded picture, or sound where there is none); rejects with what ended the
   * playback before it: ERR_RTC_INVALID_URL, ERR_RTC_DNS_FAILED, ERR_RTC_CONNECT_FAILED, ERR_RTC_HANDSHAKE_FAILED,
   * ERR_RTC_CERTIFICATE_REJECTED, ERR_RTC_PROXY_REFUSED, ERR_RTC_PLAY_REFUSED, ERR_RTC_STREAM_NOT_FOUND, ERR_RTC_TIMEOUT,
   * ERR_RTC_SERVER_DISCONNECTED, ERR_RTC_NETWORK_CHANGED, ERR_RTC_DECODE_FAILED (FFmpeg lacks the
   * decoders of all that the stream has), ERR_RTC_ABORTED (stopPlay, close, signal) or
   * ERR_RTC_INVALID_STATE (playing already).
   */
  startPlay(url: string, options: SignalOptions & { type?: PlayType } = {}): Promise<void> {
    return abortable(
      'startPlay',
      options.signal,
      () => this.#startPlay(url, options.type ?? PlayType.LIVE_RTMP_ACC),
      () => this.#native.stopPlay(),
    );
  }

  /** Resolves when the connection is closed and the playback's threads have ended, within 100 ms. Legal at any time. */
  stopPlay(): Promise<void> {
    this.#output.end();
    return nativePromise(() => this.#native.stopPlay());
  }

  /** Stops decoding and handing out; the connection stays. */
  pause(): void {
    nativeCall(() => this.#native.pause());
  }

  /** Goes on at the live edge, at a key frame. */
  resume(): void {
    nativeCall(() => this.#native.resume());
  }

  /** Silences the PCM that is handed out; a recording keeps its sound. */
  setMute(mute: boolean): void {
    nativeCall(() => this.#native.setMute(mute));
  }

  /**
   * The pictures of the running playback, else of the next, until it ends: an iterator beside the event videoFrame, which
   * hears as before. They are I420 where setOutputVideoFormat (or the option videoFormat) chose none. Several iterators have
   * a frame each, of the same memory.
   *
   * @throws ERR_RTC_INVALID_ARGUMENT, ERR_RTC_ABORTED
   * @example
   * for await (const frame of player.frames({ capacity: 1 })) {
   *   console.log(frame.width, frame.height, frame.timestampMs);
   *   frame.close();
   * }
   */
  frames(options: FrameStreamOptions = {}): FrameStream<VideoFrame> {
    return this.#output.frames(options);
  }

  /** The sound likewise, beside the event audioFrame. @throws ERR_RTC_INVALID_ARGUMENT, ERR_RTC_ABORTED */
  pcm(options: FrameStreamOptions = {}): FrameStream<AudioFrame> {
    return this.#output.pcm(options);
  }

  /**
   * Of the event videoFrame, and of `frames()` but for 'none'; the options are for both.
   *
   * @throws ERR_RTC_INVALID_ARGUMENT, and then nothing is changed; UnsupportedError for options that the engine has not
   * @example
   * player.setOutputVideoFormat('none', { width: 320, fps: 5 });
   * for await (const frame of player.frames()) …
   */
  setOutputVideoFormat(format: OutputVideoFormat, options?: OutputVideoOptions): void {
    this.#output.setVideoFormat(format, options);
  }

  /** Whether audioFrame is emitted; `pcm()` needs it not, and has the options as well. Errors as setOutputVideoFormat. */
  setOutputAudio(enable: boolean, options?: OutputAudioOptions): void {
    this.#output.setAudio(enable, options);
  }

  /**
   * Writes the next decoded picture as PNG or JPEG, by the path's ending.
   *
   * @throws ERR_RTC_SNAPSHOT_FAILED; `nativeCode` is the SDK's: -2 bad path, -3 the file exists, -4 not playing, -1 failed.
   */
  captureVideoSnapShot(path: string, options: SignalOptions = {}): Promise<void> {
    return abortable('captureVideoSnapShot', options.signal, () => this.#native.captureVideoSnapShot(path), nothing);
  }

  /**
   * Records what arrives, not re-encoded, as MP4 from the next key frame on. A file that is not complete is a fragmented
   * one, playable up to its last 200 ms however the process ends. Resolves when the file is open.
   *
   * `a.mp4` is followed by `a-2.mp4` and so on: at a key frame when `sliceSeconds` (up to 86400) are full, and when the
   * picture's size, the sound's format or the kinds in the stream change. Each ends with PLAY_EVT_LOCAL_RECORD_RESULT
   * (EVT_PARAM1 0, or -1 for an error, which ends the recording; EVT_PARAM2 the path); PLAY_EVT_LOCAL_RECORD_PROGRESS
   * tells every second (EVT_PARAM1 ms in this file).
   *
   * @throws ERR_RTC_RECORD_FAILED, ERR_RTC_INVALID_STATE (recording already, or nothing is playing)
   */
  startLocalRecord(path: string, options: SignalOptions & { sliceSeconds?: number } = {}): Promise<void> {
    return abortable(
      'startLocalRecord',
      options.signal,
      () => this.#native.startLocalRecord(path, options.sliceSeconds ?? 0),
      () => this.#native.stopLocalRecord(),
    );
  }

  /** Resolves when the file is complete: a plain, seekable MP4. */
  stopLocalRecord(): Promise<void> {
    return nativePromise(() => this.#native.stopLocalRecord());
  }

  /** Shows the pictures in a window; before or while playing. */
  setRenderFrame(window: WindowHandle): void {
    nativeCall(() => this.#native.setRenderFrame(windowHandle(window)));
  }

  updateRenderFrame(window: WindowHandle): void {
    nativeCall(() => this.#native.updateRenderFrame(windowHandle(window)));
  }

  closeRenderFrame(): void {
    nativeCall(() => this.#native.closeRenderFrame());
  }

  setRenderMode(mode: RenderMode): void {
    nativeCall(() => this.#native.setRenderMode(mode));
  }

  setRotation(rotation: VideoRotation): void {
    nativeCall(() => this.#native.setRotation(rotation));
  }

  setRenderYMirror(mirror: boolean): void {
    nativeCall(() => this.#native.setRenderYMirror(mirror));
  }

  /**
   * Lines about the playback over the picture in the player's window, and only there: 0 off, 1 brief, 2 full; as
   * TXLivePusher.showDebugView.
   *
   * @throws ERR_RTC_INVALID_ARGUMENT another level; ERR_RTC_WINDOW_FAILED the machine cannot draw text. The view stays.
   */
  showDebugView(level: 0 | 1 | 2): void {
    nativeCall(() => this.#native.showDebugView(level));
  }

  /** Texts of TXLivePusher.sendMessage come as EVT_PLAY_GET_MESSAGE (EVT_GET_MSG), right before their picture. */
  setEnableMessage(enable: boolean): void {
    nativeCall(() => this.#native.setEnableMessage(enable));
  }

  /**
   * How far playing stays behind what arrives, when a freeze is told, how often a lost connection is tried again: the SDK's
   * JSON or the object of it. Holds at once, also while playing; the retries hold for the next fault.
   *
   * @throws ERR_RTC_INVALID_ARGUMENT for JSON that is malformed, unknown keys and values out of range; nothing is changed.
   */
  setLivePlayAttribute(attribute: string | LivePlayAttribute): void {
    const json = typeof attribute === 'string' ? attribute : JSON.stringify(attribute);
    nativeCall(() => this.#native.setLivePlayAttribute(json));
  }

  /**
   * The loudspeakers, the system's own choice first. Waits for the sound server, of the embedded engine at most 4 s.
   * @throws ERR_RTC_DEVICE_NOT_FOUND without a sound system; ERR_RTC_DEVICE_FAILED without SDL 2, or of a server that hangs
   */
  enumSpeakers(): Device[] {
    return nativeCall(() => this.#native.enumSpeakers());
  }

  /**
   * Plays the sound in the loudspeaker at that place of enumSpeakers. Of the embedded engine nothing is heard before this or the
   * option `speaker`, and -1 ends it; PLAY_EVT_SPEAKER_AVAILABLE when it plays, PLAY_WARNING_SPEAKER_LOST when it does not, or
   * was unplugged: it is tried again each second. Picture and sound stay together.
   * @throws ERR_RTC_DEVICE_NOT_FOUND; the choice stays as it was
   */
  selectSpeakerDevice(index: number): void {
    nativeCall(() => this.#native.selectSpeakerDevice(index));
  }

  /** 0 to 65535 (the default), of this player's loudspeaker alone and not of the system; the sound for 'audioFrame' keeps its own. */
  speakerVolume(): number {
    return nativeCall(() => this.#native.speakerVolume());
  }

  /** As speakerVolume. @throws ERR_RTC_INVALID_ARGUMENT; the volume stays as it was */
  setSpeakerVolume(volume: number): void {
    nativeCall(() => this.#native.setSpeakerVolume(volume));
  }

  /** How loud the played sound is, 0–100, after volume and mute; see TXLivePusher.micVolumeIndication. */
  speakerVolumeIndication(): number {
    return nativeCall(() => this.#native.speakerVolumeIndication());
  }

  /** Scales the played sound, 0 to 65535 (the default), as TXLivePusher.setAudioCaptureVolume does. A recording keeps its own. */
  setAudioPlayoutVolume(volume: number): void {
    nativeCall(() => this.#native.setAudioPlayoutVolume(volume));
  }

  getAudioPlayoutVolume(): number {
    return nativeCall(() => this.#native.getAudioPlayoutVolume());
  }

  /** Ends everything; resolves when no thread of the player is left. What is pending rejects with ERR_RTC_ABORTED. */
  close(): Promise<void> {
    this.#closing ??= nativePromise(() => this.#native.close());
    this.#output.discard();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #startPlay(url: string, type: PlayType): Promise<void> {
    this.#output.handOut();
    try {
      await this.#native.startPlay(url, type);
    } catch (error) {
      if (!this.playing) this.#output.end();
      throw error;
    }
  }

  #receive(message: NativeMessage): void {
    switch (message.kind) {
      case 'event':
        if (message.payload.severity === 'error' && !this.playing) this.#output.end();
        emitEvent<PlayEventName>(this, message.payload);
        break;
      case 'status':
        this.emit('status', message.payload);
        break;
      default:
        this.#output.receive(message);
    }
  }
}

/** A snapshot cannot be taken back: the picture is written, its result is ignored. */
async function nothing(): Promise<void> {}
