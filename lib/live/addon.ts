import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { RtcError } from '../errors.js';
import type { LiveEvent } from './events.js';
import type {
  CustomAudioData,
  CustomVideoData,
  Device,
  NetworkOptions,
  OutputAudioOptions,
  OutputVideoOptions,
  Rect,
  ScreenCaptureProperty,
  ScreenCaptureSource,
} from './options.js';
import type { LiveStatus } from './status.js';

/** What an engine has. Every method of the contract that is not named throws UnsupportedError. */
export interface Capabilities {
  pusherMethods: string[];
  playerMethods: string[];
  videoSources: string[];
  audioSources: string[];
  /** What the source 'user' may be: its `format`. */
  userVideoFormats: string[];
  userAudioFormats: string[];
  protocols: string[];
  videoEncoders: string[];
  /** That enableHWAcceleration makes it try; whether one opens is the machine's. */
  hardwareEncoders: string[];
  audioEncoders: string[];
  videoDecoders: string[];
  audioDecoders: string[];
}

export interface NativeVideoFrame {
  format: 'i420' | 'rgba';
  width: number;
  height: number;
  timestampMs: number;
  decodedAtUs: number;
  data: ArrayBuffer;
}

export interface NativeAudioFrame {
  sampleRate: number;
  channels: number;
  samples: number;
  timestampMs: number;
  decodedAtUs: number;
  data: ArrayBuffer;
}

export type NativeWindowEvent =
  | { name: 'closeRequest' }
  | { name: 'resize'; width: number; height: number }
  | { name: 'key'; key: string; repeat: boolean; alt: boolean; control: boolean; shift: boolean }
  | { name: 'closed'; reason: string };

/** Everything that an object's threads have to say comes through its handler, in order. */
export type NativeMessage =
  | { kind: 'event'; payload: LiveEvent }
  | { kind: 'status'; payload: LiveStatus }
  | { kind: 'videoFrame'; payload: NativeVideoFrame }
  | { kind: 'audioFrame'; payload: NativeAudioFrame }
  | { kind: 'window'; payload: NativeWindowEvent };
export type NativeHandler = (message: NativeMessage) => void;

/** Frames that came faster than JavaScript took them. */
export interface DroppedFrames {
  video: number;
  audio: number;
}

interface NativeObject {
  dropped(): DroppedFrames;
  close(): Promise<void>;
}

export interface NativePusher extends NativeObject {
  startPreview(options: object): Promise<void>;
  stopPreview(): Promise<void>;
  updatePreview(windowHandle: bigint): void;
  startAudioCapture(options: object): Promise<void>;
  stopAudioCapture(): Promise<void>;
  startPush(url: string): Promise<void>;
  stopPush(): Promise<void>;
  isPushing(): boolean;
  setVideoQualityParamPreset(preset: number, ratio: number): void;
  setVideoResolution(resolution: number): void;
  setVideoFPS(fps: number): void;
  setVideoBitRate(kbps: number): void;
  enableHWAcceleration(enable: boolean): void;
  setVideoBitRateMin(kbps: number): void;
  setVideoBitRateMax(kbps: number): void;
  setAutoAdjustStrategy(strategy: number): void;
  setMute(mute: boolean): void;
  setPauseVideo(pause: boolean): void;
  sendCustomVideoData(video: CustomVideoData): void;
  sendMessage(text: string): void;
  sendCustomAudioData(audio: CustomAudioData): void;
  setOutputVideoFormat(format: string, options: OutputVideoOptions | undefined): void;
  setOutputAudio(enable: boolean, options: OutputAudioOptions | undefined): void;
  captureVideoSnapShot(path: string): Promise<void>;
  startLocalRecord(path: string, sliceSeconds: number): Promise<void>;
  stopLocalRecord(): Promise<void>;
  setRenderMode(mode: number): void;
  setRotation(rotation: number): void;
  setRenderYMirror(mirror: boolean): void;
  setOutputYMirror(mirror: boolean): void;
  setBeautyStyle(style: number, beautyLevel: number, whitenessLevel: number): void;
  setWatermark(path: string, x: number, y: number, scale: number): Promise<void>;
  setNearestIP(enable: boolean): void;
  showDebugView(level: number): void;
  enumCameras(): Device[];
  switchCamera(index: number): void;
  enumMics(): Device[];
  selectMicDevice(index: number): void;
  micVolume(): number;
  setMicVolume(volume: number): void;
  micVolumeIndication(): number;
  enableMic(enable: boolean): void;
  openMicTest(): void;
  closeMicTest(): void;
  setAudioCaptureVolume(volume: number): void;
  getAudioCaptureVolume(): number;
  openSystemVoiceInput(program: string): void;
  closeSystemVoiceInput(): void;
  setSystemVoiceInputVolume(volume: number): void;
  enableAudioPreprocess(type: number, enable: boolean): void;
  setAudioChannels(channels: number): void;
  getScreenCaptureSources(thumbnail: { width: number; height: number } | undefined): ScreenCaptureSource[];
  selectScreenCaptureTarget(id: string, region: Rect | undefined, property: ScreenCaptureProperty | undefined): void;
  setScreenCaptureParam(windowHandle: bigint, region: Rect | undefined, follow: boolean): void;
}

export interface NativePlayer extends NativeObject {
  startPlay(url: string, type: number): Promise<void>;
  stopPlay(): Promise<void>;
  isPlaying(): boolean;
  pause(): void;
  resume(): void;
  setMute(mute: boolean): void;
  setOutputVideoFormat(format: string, options: OutputVideoOptions | undefined): void;
  setOutputAudio(enable: boolean, options: OutputAudioOptions | undefined): void;
  captureVideoSnapShot(path: string): Promise<void>;
  startLocalRecord(path: string, sliceSeconds: number): Promise<void>;
  stopLocalRecord(): Promise<void>;
  setRenderFrame(windowHandle: bigint): void;
  updateRenderFrame(windowHandle: bigint): void;
  closeRenderFrame(): void;
  setRenderMode(mode: number): void;
  setRotation(rotation: number): void;
  setRenderYMirror(mirror: boolean): void;
  showDebugView(level: number): void;
  setEnableMessage(enable: boolean): void;
  setLivePlayAttribute(json: string): void;
  enumSpeakers(): Device[];
  selectSpeakerDevice(index: number): void;
  speakerVolume(): number;
  setSpeakerVolume(volume: number): void;
  speakerVolumeIndication(): number;
  setAudioPlayoutVolume(volume: number): void;
  getAudioPlayoutVolume(): number;
}

export interface NativeWindow {
  open(): Promise<void>;
  isOpen(): boolean;
  handle(): bigint;
  width(): number;
  height(): number;
  setTitle(title: string): void;
  setFullscreen(fullscreen: boolean): void;
  setSize(width: number, height: number): void;
  show(): void;
  hide(): void;
  minimize(): void;
  restore(): void;
  setCaption(text: string): void;
  openRegion(id: number, left: number, top: number, width: number, height: number): Promise<void>;
  moveRegion(id: number, left: number, top: number, width: number, height: number): void;
  closeRegion(id: number): void;
  regionHandle(id: number): bigint;
  close(): Promise<void>;
}

export interface NativeRepair {
  start(path: string): Promise<void>;
  progressPercent(): number;
  repaired(): boolean;
  durationMs(): bigint;
  lostBytes(): bigint;
  close(): Promise<void>;
}

/** An engine of this process, as the addon takes it. */
export interface NativeEngine {
  name: 'auto' | 'embedded' | 'liteav';
  sdkPath?: string;
  allowUnknownRevision?: boolean;
  licenceUrl?: string;
  licenceKey?: string;
}

/** Options of a pusher or a player; the addon checks the rest of them. */
export interface NativeOptions extends NetworkOptions {
  engine: NativeEngine;
}

export interface EngineInfo {
  name: string;
  /** Versions of what it is made of, for people. */
  version: string;
  /** Path of the library that was found on the machine: the LiteAV SDK's. */
  library?: string;
}

export interface LiteavMatrixRow {
  object: 'pusher' | 'player';
  method: string;
  tx2018: boolean;
  interface: boolean;
  v2R2: boolean;
  v2R3: boolean;
  v2R4: boolean;
  note: string;
}

export interface EmbeddedMatrixRow {
  part:
    | 'pusher'
    | 'player'
    | 'video source'
    | 'audio source'
    | 'user picture'
    | 'user sound'
    | 'video encoder'
    | 'hardware encoder'
    | 'audio encoder';
  name: string;
  /** Why there is none on Linux; empty when there is. The same of the others. */
  linux: string;
  windows: string;
  mac: string;
  note: string;
}

export interface NativeAddon {
  Pusher: new (options: NativeOptions, handler: NativeHandler) => NativePusher;
  Player: new (options: NativeOptions, handler: NativeHandler) => NativePlayer;
  Window: new (options: object, handler: NativeHandler) => NativeWindow;
  RecordingRepair: new (options: object, handler: NativeHandler) => NativeRepair;
  engineInfo(engine: NativeEngine): EngineInfo;
  capabilities(engine: NativeEngine): Capabilities;
  clockMicros(): number;
  /** Pooled buffers that JavaScript holds. */
  outstandingFrames(): number;
  releaseFrame(data: ArrayBuffer): void;
  eventTable(): { name: string; code: number; side: 'push' | 'play'; severity: string; meaning: string }[];
  statusTable(): { key: string; unit: string }[];
  /** Which generation of the LiteAV SDK has which method, on every platform. */
  liteavMatrix(): LiteavMatrixRow[];
  /** What the embedded engine has on which system, on every platform. */
  embeddedMatrix(): EmbeddedMatrixRow[];
}

const require = createRequire(import.meta.url);
let loaded: NativeAddon | undefined;

/**
 * The native addon, loaded at the first use: the file that LITEAV_RTCROOM_ADDON names, else a local build, else the
 * prebuilt one of this platform.
 *
 * @throws RtcError ERR_RTC_ADDON_NOT_FOUND with every cause and what to do about it.
 */
export function loadAddon(): NativeAddon {
  loaded ??= load();
  return loaded;
}

function load(): NativeAddon {
  const override = process.env.LITEAV_RTCROOM_ADDON;
  const causes: unknown[] = [];
  try {
    const file = override || findAddon();
    const addon = require(file) as Partial<NativeAddon>;
    if (typeof addon.Pusher === 'function') return addon as NativeAddon;
    causes.push(new Error(`${file} is not this package's addon`));
  } catch (error) {
    causes.push(error);
  }
  throw notFound(override, causes);
}

function findAddon(): string {
  const packageRoot = fileURLToPath(new URL('../..', import.meta.url));
  const { resolve } = require('node-gyp-build') as { resolve: (folder: string) => string };
  return resolve(packageRoot);
}

function notFound(override: string | undefined, causes: unknown[]): RtcError {
  const reasons = causes.map((cause) => (cause instanceof Error ? cause.message.trim() : String(cause)));
  const remedies: string[] = [];
  if (override) remedies.push('LITEAV_RTCROOM_ADDON is set: let it name a built liteav_rtcroom.node, or unset it.');
  if (reasons.some((reason) => /lib(av|sw)\w+\.so/.test(reason))) {
    remedies.push(
      "FFmpeg's libraries are missing or of another version: on Debian or Ubuntu `apt-get install ffmpeg`.",
    );
  }
  remedies.push(
    'In a checkout: `npm run setup` installs what the build needs and builds the addon.',
    'In an installed package: `npx node-gyp rebuild` in its folder builds it for this machine (CMake, a C++20 compiler ' +
      "and FFmpeg's development packages are needed).",
    `The prebuilt addons are for certain platforms; this is ${process.platform}-${process.arch}, Node ${process.version}.`,
  );
  const list = (items: string[]) => items.map((item, index) => `  ${index + 1}. ${item}`).join('\n');
  return new RtcError(
    'ERR_RTC_ADDON_NOT_FOUND',
    `The native addon could not be loaded.\nCauses:\n${list(reasons)}\nWhat to do:\n${list(remedies)}`,
    { cause: causes.length === 1 ? causes[0] : new AggregateError(causes) },
  );
}
