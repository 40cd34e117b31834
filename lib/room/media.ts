import type { LiveEvent } from '../live/events.js';
import type {
  AudioSourceOptions,
  Rect,
  ScreenCaptureProperty,
  SignalOptions,
  VideoSourceOptions,
} from '../live/options.js';

/** What RTCRoom needs of a TXLivePusher. */
export interface PusherLike {
  on(event: 'event', listener: (event: LiveEvent) => void): unknown;
  startPreview(options: VideoSourceOptions & SignalOptions): Promise<void>;
  stopPreview(): Promise<void>;
  startAudioCapture(options: AudioSourceOptions & SignalOptions): Promise<void>;
  stopAudioCapture(): Promise<void>;
  /** Resolves at the first PUSH_EVT_PUSH_BEGIN. */
  startPush(url: string, options?: SignalOptions): Promise<void>;
  stopPush(): Promise<void>;
  setVideoQualityParamPreset(preset: never, ratio?: never): void;
  setVideoResolution(resolution: never): void;
  setVideoFPS(fps: number): void;
  setVideoBitRate(kbps: number): void;
  setAutoAdjustStrategy(strategy: never): void;
  setMute(mute: boolean): void;
  selectScreenCaptureTarget(id: string, region?: Rect, property?: ScreenCaptureProperty): void;
  setRenderYMirror(mirror: boolean): void;
  setOutputYMirror(mirror: boolean): void;
  openSystemVoiceInput(program: string): void;
  closeSystemVoiceInput(): void;
  close(): Promise<void>;
}

/** What RTCRoom needs of a TXLivePlayer. */
export interface PlayerLike {
  on(event: 'event', listener: (event: LiveEvent) => void): unknown;
  /** Resolves at PLAY_EVT_PLAY_BEGIN. */
  startPlay(url: string, options?: SignalOptions): Promise<void>;
  close(): Promise<void>;
}
