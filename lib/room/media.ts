/** An event of a pusher or player, named and numbered as in the LiteAV SDK. */
export interface LiveEventLike {
  name: string;
  code: number;
  nativeCode: number;
  severity: 'info' | 'warning' | 'error';
  message: string;
  /** ms since 1970. */
  time: number;
  params: Record<string, string>;
}

export type VideoSource =
  | { source: 'synthetic' }
  | { source: 'file'; path: string; loop?: boolean }
  | { source: 'user' };
export type AudioSource =
  | { source: 'synthetic' }
  | { source: 'file'; path?: string; loop?: boolean }
  | { source: 'user' };

interface Signalled {
  signal?: AbortSignal;
}

/** What RTCRoom needs of a TXLivePusher. */
export interface PusherLike {
  on(event: 'event', listener: (event: LiveEventLike) => void): unknown;
  startPreview(options: VideoSource & Signalled): Promise<void>;
  stopPreview(): Promise<void>;
  startAudioCapture(options: AudioSource & Signalled): Promise<void>;
  stopAudioCapture(): Promise<void>;
  /** Resolves at the first PUSH_EVT_PUSH_BEGIN. */
  startPush(url: string, options?: Signalled): Promise<void>;
  stopPush(): Promise<void>;
  setVideoQualityParamPreset(preset: never, ratio?: never): void;
  setVideoResolution(resolution: never): void;
  setVideoFPS(fps: number): void;
  setVideoBitRate(kbps: number): void;
  setMute(mute: boolean): void;
  close(): Promise<void>;
}

/** What RTCRoom needs of a TXLivePlayer. */
export interface PlayerLike {
  on(event: 'event', listener: (event: LiveEventLike) => void): unknown;
  /** Resolves at PLAY_EVT_PLAY_BEGIN. */
  startPlay(url: string, options?: Signalled): Promise<void>;
  close(): Promise<void>;
}
