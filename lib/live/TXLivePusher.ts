import { RtcError } from '../errors.js';
import type { AudioFrame } from './AudioFrame.js';
import type { DroppedFrames, NativeMessage, NativePusher } from './addon.js';
import {
  type AudioPreprocessType,
  type AutoAdjustStrategy,
  type BeautyStyle,
  type RenderMode,
  type VideoQualityPreset,
  VideoRatio,
  type VideoResolution,
  type VideoRotation,
} from './enums.js';
import type { PushEventName } from './events.js';
import { FrameOutput } from './FrameOutput.js';
import type { FrameStream, FrameStreamOptions } from './FrameStream.js';
import { emitEvent, LiveEmitter, type LiveEvents } from './LiveEmitter.js';
import { abortable, nativeCall, nativePromise } from './nativeCalls.js';
import { createPusher } from './natives.js';
import type {
  AudioSourceOptions,
  CustomAudioData,
  CustomVideoData,
  Device,
  OutputAudioOptions,
  OutputVideoFormat,
  OutputVideoOptions,
  PusherOptions,
  Rect,
  ScreenCaptureProperty,
  ScreenCaptureSource,
  SignalOptions,
  VideoSourceOptions,
  WatermarkOptions,
  WindowHandle,
} from './options.js';
import type { VideoFrame } from './VideoFrame.js';
import { windowHandle, withNativeHandle } from './windowHandle.js';

export type { PusherOptions } from './options.js';
export type PusherEvents = LiveEvents<PushEventName> & {
  /** What is about to be encoded, after setOutputVideoFormat: one frame for all listeners; close it when done with it. */
  videoFrame: (frame: VideoFrame) => void;
  /** The sound likewise, after setOutputAudio. */
  audioFrame: (frame: AudioFrame) => void;
};

/**
 * Pushes one stream over RTMP from a camera, a file, the application or a synthetic source: H.264 and AAC, or what the
 * options videoCodec and audioCodec say.
 *
 * Every method may throw (or reject with) ERR_RTC_CLOSED after close, ERR_RTC_INVALID_ARGUMENT, and UnsupportedError when
 * the engine does not have it (`capabilities()` tells). A running push keeps the process alive; an idle pusher does not.
 *
 * @example
 * const pusher = new TXLivePusher();
 * pusher.on('event', ({ name, message }) => console.log(name, message));
 * await pusher.startPreview({ source: 'synthetic' });
 * await pusher.startPush('rtmp://127.0.0.1/live/one');
 * await pusher.close();
 */
export class TXLivePusher extends LiveEmitter<PusherEvents> implements AsyncDisposable {
  readonly #native: NativePusher;
  readonly #output: FrameOutput;
  #closing: Promise<void> | undefined;

  constructor(options: PusherOptions = {}) {
    super();
    this.#native = createPusher(options, (message) => this.#receive(message));
    this.#output = new FrameOutput(
      this.#native,
      {
        name: 'pusher',
        closed: () => this.closed,
        // A recording works without a push.
        running: () => !this.closed,
        emitVideo: (frame) => this.emit('videoFrame', frame),
        emitAudio: (frame) => this.emit('audioFrame', frame),
      },
      { video: 'none', audio: false },
    );
  }

  /** From startPush until stopPush or the push's end, the time of reconnecting included. */
  get pushing(): boolean {
    return this.#closing === undefined && nativeCall(() => this.#native.isPushing());
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Of its own frames; see TXLivePlayer.droppedFrames. */
  get droppedFrames(): DroppedFrames {
    return nativeCall(() => this.#native.dropped());
  }

  /**
   * Opens the picture's source, in place of the one before; a push goes on, with a key frame at the seam. A camera takes the
   * mode that is nearest to the resolution and the rate that are set by then. If it is unplugged, its last picture goes on
   * and PUSH_EVT_CAMERA_REMOVED is told, PUSH_EVT_CAMERA_AVAILABLE when it gives pictures again.
   *
   * @throws ERR_RTC_FILE_OPEN_FAILED, ERR_RTC_NOT_MEDIA; of a camera ERR_RTC_DEVICE_NOT_FOUND, ERR_RTC_DEVICE_OCCUPIED (with
   * PUSH_ERR_CAMERA_OCCUPY), ERR_RTC_DEVICE_FAILED (also when its driver has not answered for 10 s); of the screen ERR_RTC_WINDOW_FAILED (no display, or the window is closed)
   */
  startPreview(options: VideoSourceOptions & SignalOptions): Promise<void> {
    return abortable(
      'startPreview',
      options?.signal,
      () => this.#native.startPreview(withNativeHandle(this.#withCameraNumber(options))),
      () => this.#native.stopPreview(),
    );
  }

  /** Closes the picture's source. A startPreview that still waits for a camera or a screen rejects with ERR_RTC_ABORTED. */
  stopPreview(): Promise<void> {
    return nativePromise(() => this.#native.stopPreview());
  }

  /** Shows what is captured in another window. */
  updatePreview(window: WindowHandle): void {
    nativeCall(() => this.#native.updatePreview(windowHandle(window)));
  }

  /**
   * Opens the sound's source. While a microphone is being opened, 5 s at most, everything else goes on.
   *
   * @throws ERR_RTC_FILE_OPEN_FAILED, ERR_RTC_NOT_MEDIA; of a microphone ERR_RTC_DEVICE_NOT_FOUND, ERR_RTC_DEVICE_OCCUPIED,
   * ERR_RTC_DEVICE_FAILED (also of a sound server that hangs)
   */
  startAudioCapture(options: AudioSourceOptions & SignalOptions): Promise<void> {
    return abortable(
      'startAudioCapture',
      options?.signal,
      () => this.#native.startAudioCapture(options),
      () => this.#native.stopAudioCapture(),
    );
  }

  /** Closes the sound's source. A startAudioCapture that still waits for a microphone rejects with ERR_RTC_ABORTED. */
  stopAudioCapture(): Promise<void> {
    return nativePromise(() => this.#native.stopAudioCapture());
  }

  /**
   * Of the embedded engine rtmp[s]://host/app/stream.
   *
   * Resolves at the first PUSH_EVT_PUSH_BEGIN; rejects with what ended the push before it: ERR_RTC_INVALID_URL,
   * ERR_RTC_DNS_FAILED, ERR_RTC_CONNECT_FAILED, ERR_RTC_HANDSHAKE_FAILED, ERR_RTC_CERTIFICATE_REJECTED,
   * ERR_RTC_PROXY_REFUSED, ERR_RTC_PUBLISH_REFUSED, ERR_RTC_TIMEOUT, ERR_RTC_SERVER_DISCONNECTED,
   * ERR_RTC_NETWORK_CHANGED, ERR_RTC_ABORTED (stopPush, close, signal) or ERR_RTC_INVALID_STATE (pushing already).
   */
  startPush(url: string, options: SignalOptions = {}): Promise<void> {
    return abortable(
      'startPush',
      options.signal,
      () => this.#startPush(url),
      () => this.#native.stopPush(),
    );
  }

  /** Resolves when the connection is closed and the push's threads have ended, within 100 ms. Legal at any time. */
  stopPush(): Promise<void> {
    this.#output.end();
    return nativePromise(() => this.#native.stopPush());
  }

  setVideoQualityParamPreset(preset: VideoQualityPreset, ratio: VideoRatio = VideoRatio.RATIO_4_3): void {
    nativeCall(() => this.#native.setVideoQualityParamPreset(preset, ratio));
  }

  setVideoResolution(resolution: VideoResolution): void {
    nativeCall(() => this.#native.setVideoResolution(resolution));
  }

  /** 1 to 60. */
  setVideoFPS(fps: number): void {
    nativeCall(() => this.#native.setVideoFPS(fps));
  }

  /** 20 to 50000; with a strategy that adjusts it, the bitrate to begin with. Bounds that it is outside of move to it. */
  setVideoBitRate(kbps: number): void {
    nativeCall(() => this.#native.setVideoBitRate(kbps));
  }

  /**
   * Encodes H.264 and H.265 on hardware: NVENC, QSV, AMF, VAAPI, VideoToolbox or MediaFoundation, the first of those in
   * FFmpeg (`capabilities().hardwareEncoders`) that opens. Default: false. Never fails: where none opens, or one fails later,
   * software goes on and PUSH_WARNING_HW_ACCELERATION_FAIL says so, once a push. PUSH_EVT_START_VIDEO_ENCODER and the status
   * (VIDEO_ENCODER) name what encodes. Also while pushing, with a key frame. No hardware was tried yet: docs/engines.md.
   *
   * @throws ERR_RTC_UNSUPPORTED with AV1
   */
  enableHWAcceleration(enable: boolean): void {
    nativeCall(() => this.#native.enableHWAcceleration(enable));
  }

  /** 20 to 50000; default a quarter of the highest. Above the highest it counts as the highest. */
  setVideoBitRateMin(kbps: number): void {
    nativeCall(() => this.#native.setVideoBitRateMin(kbps));
  }

  /** 20 to 50000; default what setVideoBitRate set. */
  setVideoBitRateMax(kbps: number): void {
    nativeCall(() => this.#native.setVideoBitRateMax(kbps));
  }

  /**
   * How the video follows the network, between the lowest and the highest bitrate; docs/qos.md tells the rules. Default
   * NONE; setVideoQualityParamPreset sets the preset's own.
   */
  setAutoAdjustStrategy(strategy: AutoAdjustStrategy): void {
    nativeCall(() => this.#native.setAutoAdjustStrategy(strategy));
  }

  setMute(mute: boolean): void {
    nativeCall(() => this.#native.setMute(mute));
  }

  setPauseVideo(pause: boolean): void {
    nativeCall(() => this.#native.setPauseVideo(pause));
  }

  /**
   * A picture for the source 'user', raw or as H.264; the bytes are copied. H.264 is pushed and recorded as it is, from a
   * key frame on: PUSH_EVT_KEY_FRAME_WANTED says when one is needed.
   *
   * @throws ERR_RTC_INVALID_STATE without that source, in another format than it takes, or before its parameter sets
   */
  sendCustomVideoData(video: CustomVideoData): void {
    nativeCall(() => this.#native.sendCustomVideoData(video));
  }

  /**
   * Sound for the source 'user', PCM or AAC; the bytes are copied. AAC is pushed and recorded as it is.
   *
   * @throws ERR_RTC_INVALID_STATE without that source, in another format than it takes, or raw AAC before its config
   */
  sendCustomAudioData(audio: CustomAudioData): void {
    nativeCall(() => this.#native.sendCustomAudioData(audio));
  }

  /**
   * What is about to be encoded, with beauty, watermark and mirror, while it pushes or records; it ends with the push. Else
   * it is of the next push. Options and rules are those of TXLivePlayer.frames; `timestampMs` is the time in the stream and
   * `decodedAtUs` when the picture was taken. Pictures that come encoded are decoded for it. It costs nothing when nobody
   * asks. Embedded engine only.
   *
   * @throws ERR_RTC_INVALID_ARGUMENT, ERR_RTC_ABORTED, ERR_RTC_UNSUPPORTED
   */
  frames(options: FrameStreamOptions = {}): FrameStream<VideoFrame> {
    return this.#output.frames(options);
  }

  /** The sound likewise, after volume and mute, and what is mixed into it. */
  pcm(options: FrameStreamOptions = {}): FrameStream<AudioFrame> {
    return this.#output.pcm(options);
  }

  /**
   * Of the event videoFrame (default 'none'), and of `frames()` but for 'none'; the options are for both. Embedded engine only.
   *
   * @throws ERR_RTC_INVALID_ARGUMENT, and then nothing is changed
   */
  setOutputVideoFormat(format: OutputVideoFormat, options?: OutputVideoOptions): void {
    this.#output.setVideoFormat(format, options);
  }

  /** Whether audioFrame is emitted (default false); `pcm()` needs it not, and has the options as well. Embedded engine only. */
  setOutputAudio(enable: boolean, options?: OutputAudioOptions): void {
    this.#output.setAudio(enable, options);
  }

  /**
   * A text of 1 to 4096 bytes (UTF-8, no NUL) that travels in the stream with the next picture: EVT_PLAY_GET_MESSAGE of
   * players that have called setEnableMessage. It is lost with its picture where a bad network drops that.
   *
   * @throws ERR_RTC_INVALID_STATE when no picture is pushed, or 32 texts wait for one; ERR_RTC_UNSUPPORTED with AV1
   */
  sendMessage(text: string): void {
    nativeCall(() => this.#native.sendMessage(text));
  }

  /**
   * Writes the next picture as it goes out, mirrored or paused as it is, as PNG or JPEG by the path's ending;
   * PUSH_EVT_SNAPSHOT_RESULT comes as well. The LiteAV SDK may take .jpg alone.
   *
   * @throws ERR_RTC_SNAPSHOT_FAILED; `nativeCode` is the SDK's: -2 bad path, -3 the file exists, -4 not pushing, -1 failed.
   */
  captureVideoSnapShot(path: string, options: SignalOptions = {}): Promise<void> {
    return abortable('captureVideoSnapShot', options.signal, () => this.#native.captureVideoSnapShot(path), nothing);
  }

  /**
   * Records what is encoded, with or without a push, until stopLocalRecord or stopPush. Files and events are those of
   * TXLivePlayer.startLocalRecord, with PUSH_EVT_ for PLAY_EVT_.
   *
   * @throws ERR_RTC_RECORD_FAILED, ERR_RTC_INVALID_STATE (recording already, or no source)
   */
  startLocalRecord(path: string, options: SignalOptions & { sliceSeconds?: number } = {}): Promise<void> {
    return abortable(
      'startLocalRecord',
      options.signal,
      () => this.#native.startLocalRecord(path, options.sliceSeconds ?? 0),
      () => this.#native.stopLocalRecord(),
    );
  }

  stopLocalRecord(): Promise<void> {
    return nativePromise(() => this.#native.stopLocalRecord());
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

  /** Exchanges left and right of what is pushed and recorded; the preview has setRenderYMirror. Default: false. */
  setOutputYMirror(mirror: boolean): void {
    nativeCall(() => this.#native.setOutputYMirror(mirror));
  }

  /**
   * Lays the picture of a file over what is pushed and recorded (not over the preview): PNG with its transparency, or
   * whatever FFmpeg reads. `x` and `y` (0) are its upper left corner and `scale` (0.2) is its width, in parts of the
   * picture's; what lies beyond the edge is cut off. It is not mirrored, and a new one takes the old one's place. `null`
   * takes it away.
   *
   * @throws ERR_RTC_FILE_OPEN_FAILED, ERR_RTC_NOT_MEDIA, ERR_RTC_INVALID_ARGUMENT; the watermark stays as it was
   */
  setWatermark(path: string | null, options: WatermarkOptions = {}): Promise<void> {
    const { x = 0, y = 0, scale = 0.2, signal } = options;
    const call = async () => {
      if (path === '') throw new RtcError('ERR_RTC_INVALID_ARGUMENT', 'path must be the path of a picture, or null');
      await this.#native.setWatermark(path ?? '', x, y, scale);
    };
    return abortable('setWatermark', signal, call, nothing);
  }

  /**
   * Smooths skin and lightens the picture, levels 0 (off, which costs nothing) to 9; also in the preview. On the embedded
   * engine SMOOTH and NATURE, the lesser of the two, leave edges as they are, BLUR does not.
   */
  setBeautyStyle(style: BeautyStyle, beautyLevel: number, whitenessLevel: number): void {
    nativeCall(() => this.#native.setBeautyStyle(style, beautyLevel, whitenessLevel));
  }

  /**
   * Whether a server with several addresses is reached by the nearest one; true. The embedded engine tries up to 8 of them
   * at once and takes the one with the quickest TCP handshake; with false one after the other, 250 ms apart, as the system
   * orders them. From the next connection on. The SDK asks a service of Tencent's: disable it for other servers.
   */
  setNearestIP(enable: boolean): void {
    nativeCall(() => this.#native.setNearestIP(enable));
  }

  /**
   * Lines about the push over the picture in the preview's window, and only there (not in what is pushed, recorded or
   * snapped): 0 off, 1 brief (size, rates, delays), 2 also each status key. They change with every status
   * (`statusIntervalMs`). Linux draws them with Xft. LiteAV: by the SDK, V2 knows on and off alone.
   *
   * @throws ERR_RTC_INVALID_ARGUMENT another level; ERR_RTC_WINDOW_FAILED the machine cannot draw text. The view stays.
   */
  showDebugView(level: 0 | 1 | 2): void {
    nativeCall(() => this.#native.showDebugView(level));
  }

  /**
   * Those that are plugged in, in an order that stays.
   * @throws ERR_RTC_DEVICE_FAILED the embedded engine: a driver has not answered for 4 s, or libavdevice is not installed
   */
  enumCameras(): Device[] {
    return nativeCall(() => this.#native.enumCameras());
  }

  /**
   * Another camera in place of the one that is open, by its place in enumCameras or its id. The embedded engine opens it
   * before it leaves the other; when that fails, the other goes on and PUSH_ERR_CAMERA_OCCUPY or PUSH_ERR_OPEN_CAMERA_FAIL
   * is told.
   *
   * @throws ERR_RTC_INVALID_ARGUMENT no such camera; ERR_RTC_INVALID_STATE none is open; as enumCameras
   */
  switchCamera(camera: number | string): void {
    nativeCall(() => this.#native.switchCamera(this.#cameraNumber(camera)));
  }

  /** The microphones, the system's own choice first; see TXLivePlayer.enumSpeakers. */
  enumMics(): Device[] {
    return nativeCall(() => this.#native.enumMics());
  }

  /**
   * The microphone at that place of enumMics, also while it is captured. One that cannot be opened is PUSH_ERR_OPEN_MIC_FAIL or
   * PUSH_ERR_MICROPHONE_OCCUPY, and the one before goes on.
   * @throws ERR_RTC_DEVICE_NOT_FOUND; the choice stays as it was
   */
  selectMicDevice(index: number): void {
    nativeCall(() => this.#native.selectMicDevice(index));
  }

  /** 0 to 65535. Of LiteAV the device's own; the embedded engine scales the microphone's sound before it is mixed, 65535 as it is. */
  micVolume(): number {
    return nativeCall(() => this.#native.micVolume());
  }

  /** As micVolume. @throws ERR_RTC_INVALID_ARGUMENT; the volume stays as it was */
  setMicVolume(volume: number): void {
    nativeCall(() => this.#native.setMicVolume(volume));
  }

  /**
   * How loud the captured sound is, 0–100, muted or not. With the embedded engine 100 is full scale (an RMS of 0 dBFS), 0 is
   * -60 dBFS and less, in between in proportion to the decibels; it is measured while something is pushed or recorded, or a
   * microphone is open.
   */
  micVolumeIndication(): number {
    return nativeCall(() => this.#native.micVolumeIndication());
  }

  /** Closes the microphone and opens it again; other sound goes on. Default: true. */
  enableMic(enable: boolean): void {
    nativeCall(() => this.#native.enableMic(enable));
  }

  /** Opens the microphone for micVolumeIndication alone; nothing is played back. */
  openMicTest(): void {
    nativeCall(() => this.#native.openMicTest());
  }

  closeMicTest(): void {
    nativeCall(() => this.#native.closeMicTest());
  }

  /**
   * Scales the captured sound: 0 (silence) to 65535 (as it is, the default); amplitudes are in proportion.
   * @throws ERR_RTC_INVALID_ARGUMENT; the volume stays as it was
   */
  setAudioCaptureVolume(volume: number): void {
    nativeCall(() => this.#native.setAudioCaptureVolume(volume));
  }

  getAudioCaptureVolume(): number {
    return nativeCall(() => this.#native.getAudioCaptureVolume());
  }

  /**
   * Mixes what the machine plays into the captured sound, or pushes it alone. The embedded engine takes all of it (the program is
   * empty, else ERR_RTC_INVALID_ARGUMENT), where the sound system has monitors: PulseAudio and PipeWire. One that cannot be opened is
   * PUSH_ERR_OPEN_MIC_FAIL.
   */
  openSystemVoiceInput(program = ''): void {
    nativeCall(() => this.#native.openSystemVoiceInput(program));
  }

  closeSystemVoiceInput(): void {
    nativeCall(() => this.#native.closeSystemVoiceInput());
  }

  /** 0 to 100, the default. */
  setSystemVoiceInputVolume(volume: number): void {
    nativeCall(() => this.#native.setSystemVoiceInputVolume(volume));
  }

  /** Echo cancellation, gain control, noise suppression of the microphone; all are on where the engine has them. */
  enableAudioPreprocess(type: AudioPreprocessType, enable: boolean): void {
    nativeCall(() => this.#native.enableAudioPreprocess(type, enable));
  }

  /** Before startAudioCapture; the option audioChannels until then. @throws ERR_RTC_INVALID_STATE while sound is captured, or a source opened */
  setAudioChannels(channels: 1 | 2): void {
    nativeCall(() => this.#native.setAudioChannels(channels));
  }

  /**
   * The screens, then the windows with a title. With `thumbnail` a small picture of each that keeps its shape within that
   * size (16 to 1024 each way), which takes some milliseconds a window. The 2018 SDK has none.
   *
   * @throws ERR_RTC_WINDOW_FAILED without a display
   */
  getScreenCaptureSources(options: { thumbnail?: { width: number; height: number } } = {}): ScreenCaptureSource[] {
    return nativeCall(() => this.#native.getScreenCaptureSources(options.thumbnail));
  }

  /**
   * Chooses what the source 'screen' captures, also while it does: a screen or a window of getScreenCaptureSources, or the
   * main screen for an empty id. `region` is in pixels of it. A window is followed where it goes and however large it
   * becomes; while it is minimised its last picture goes on; when it is closed, PUSH_ERR_SCREEN_CAPTURE_INTERRUPTED is told.
   *
   * @throws ERR_RTC_INVALID_ARGUMENT no such window or screen
   */
  selectScreenCaptureTarget(id: string, region?: Rect, property?: ScreenCaptureProperty): void {
    nativeCall(() => this.#native.selectScreenCaptureTarget(id, region, property));
  }

  /**
   * The 2018 SDK's way: a window as a whole, or for handle 0 a region of the primary screen. With `follow` what the screen
   * shows at the window's place, for windows that cannot be read themselves.
   */
  setScreenCaptureParam(window: WindowHandle, region?: Rect, follow = false): void {
    nativeCall(() => this.#native.setScreenCaptureParam(windowHandle(window), region, follow));
  }

  /** Ends everything; resolves when no thread of the pusher is left. What is pending rejects with ERR_RTC_ABORTED. */
  close(): Promise<void> {
    this.#closing ??= nativePromise(() => this.#native.close());
    this.#output.discard();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #cameraNumber(camera: number | string): number {
    if (typeof camera !== 'string') return camera;
    const index = this.#native.enumCameras().findIndex(({ id }) => id === camera && id !== '');
    if (index >= 0) return index;
    throw new RtcError('ERR_RTC_INVALID_ARGUMENT', 'no camera that is plugged in has that id; see enumCameras');
  }

  #withCameraNumber<T extends VideoSourceOptions>(options: T) {
    if (options?.source !== 'camera' || options.camera === undefined) return options;
    return { ...options, camera: this.#cameraNumber(options.camera) };
  }

  async #startPush(url: string): Promise<void> {
    this.#output.handOut();
    try {
      await this.#native.startPush(url);
    } catch (error) {
      if (!this.pushing) this.#output.end();
      throw error;
    }
  }

  #receive(message: NativeMessage): void {
    switch (message.kind) {
      case 'event':
        if (message.payload.name === 'PUSH_ERR_NET_DISCONNECT' && !this.pushing) this.#output.end();
        emitEvent<PushEventName>(this, message.payload);
        break;
      case 'status':
        this.emit('status', message.payload);
        break;
      default:
        this.#output.receive(message);
    }
  }
}

/** A snapshot or a watermark cannot be taken back: it is done, its result is ignored. */
async function nothing(): Promise<void> {}
