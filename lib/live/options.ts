import type { EngineChoice } from './engine.js';

/**
 * A window of the system (HWND, X11 window): its number, or the Buffer that Electron's `getNativeWindowHandle()` gives.
 */
export type WindowHandle = number | bigint | Uint8Array;

/** Pixels of a screen or a window; what is left out is the whole of it. */
export interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A camera, microphone or loudspeaker; `id` stays the same while it is plugged in, where the engine tells one. */
export interface Device {
  name: string;
  id: string;
}

export interface ScreenCaptureSource {
  /** For selectScreenCaptureTarget; as long as the window or the screen is there. */
  id: string;
  kind: 'window' | 'screen' | 'custom';
  name: string;
  minimized: boolean;
  mainScreen: boolean;
  /** Where one was asked for, and the window is to be seen: RGBA, 4 bytes a pixel. */
  thumbnail?: { width: number; height: number; data: Uint8Array };
}

export interface ScreenCaptureProperty {
  /** Show the mouse pointer; true. The 2018 SDK always shows it. */
  captureMouse?: boolean;
}

export type VideoSourceOptions =
  /** A moving picture with a machine-readable clock. */
  (
    | { source: 'synthetic' }
    /** Any media file that FFmpeg reads, in real time; `loop` (false) applies to its sound as well. */
    | { source: 'file'; path: string; loop?: boolean }
    /** A still picture, for a camera that is off: a file that FFmpeg reads; of a video its first picture. Twice a second. */
    | { source: 'image'; path: string }
    /**
     * What `sendCustomVideoData` gives: 'i420' (the default), 'nv12' and 'rgba' are one source, which takes any of them picture by
     * picture; 'h264' goes out as it is: docs/encoded-frames.md.
     */
    | { source: 'user'; format?: 'i420' | 'nv12' | 'rgba' | 'h264' }
    /** The `camera`th of enumCameras, or the one with that id; 0. */
    | { source: 'camera'; camera?: number | string }
    /** What selectScreenCaptureTarget or setScreenCaptureParam chose: the primary screen if nothing. */
    | { source: 'screen' }
  ) & {
    /** Show what is captured in this window, before it is pushed as well; a file while it is pushed. Nowhere by default. */
    windowHandle?: WindowHandle;
  };

export type AudioSourceOptions =
  /** A beep at each whole second of the engine's clock. */
  | { source: 'synthetic' }
  /** Without a path the sound of the preview's file. */
  | { source: 'file'; path?: string; loop?: boolean }
  /** What `sendCustomAudioData` gives: 'pcm' (the default), or 'aac' (raw or in ADTS), which goes out as it is. */
  | { source: 'user'; format?: 'pcm' | 'aac' }
  /** The microphone that selectMicDevice chose: the system's own if none. */
  | { source: 'microphone' };

/** Of every asynchronous call: an abort stops the operation, which then rejects with ERR_RTC_ABORTED. */
export interface SignalOptions {
  signal?: AbortSignal | undefined;
}

/** Of rtmps:// and https:// on the embedded engine. */
export interface TlsOptions {
  /**
   * Certificates of authorities, the text of a PEM file: these are trusted instead of the system's. As `ca` of node:tls, but
   * one string.
   */
  ca?: string;
  /**
   * Check the server's certificate: chain, time, host name or address; true. Without that anybody in between can read and
   * change the stream.
   */
  verify?: boolean;
}

/** A connection's patience and its way; the defaults are the SDK's where it has them. */
export interface NetworkOptions {
  /** Further tries after a lost or failed connection; 3. */
  connectRetryCount?: number;
  /** Between the tries, ±10 %; 3000. Embedded engine: less when the network has changed and leads to the server again. */
  connectRetryIntervalMs?: number;
  /** Connect, handshake and the server's answer together; 5000. */
  connectTimeoutMs?: number;
  /** The server takes (push) or sends (play) nothing of the stream for this long; 5000. `docs/protocols.md` says what counts. */
  dataTimeoutMs?: number;
  /** Embedded engine only. */
  tls?: TlsOptions;
  /**
   * `http://[user:password@]host[:80]` (CONNECT) or `socks5://[user:password@]host[:1080]`, user and password
   * percent-encoded; every connection goes through it, and it resolves the server's name. Embedded engine only; none.
   */
  proxy?: string;
}

/** 'h265' and 'av1' travel as enhanced RTMP. */
export type VideoCodec = 'h264' | 'h265' | 'av1';
/** 'opus' travels as enhanced RTMP. */
export type AudioCodec = 'aac' | 'opus';

export interface PusherOptions extends NetworkOptions {
  /** 'auto'. */
  engine?: EngineChoice;
  /**
   * What pictures are encoded as; 'h264', which every server and player takes. Others need an encoder in FFmpeg (libx265,
   * libaom), else the constructor throws ERR_RTC_UNSUPPORTED, and server and players of enhanced RTMP: docs/protocols.md.
   * Embedded engine only.
   */
  videoCodec?: VideoCodec;
  /** The same of sound (libopus); 'aac'. Embedded engine only. */
  audioCodec?: AudioCodec;
  /** Distance of key frames; 1. */
  gopSeconds?: number;
  /** 8000, 16000, 32000, 44100 or 48000; 48000. Opus has not 32000 and 44100. */
  audioSampleRate?: number;
  /** 1 or 2; 1. */
  audioChannels?: number;
  /** 8 to 512, of Opus to 256 a channel; 64. */
  audioBitrateKbps?: number;
  /**
   * Put the wall-clock time of capture into the stream with a picture every half second (SEI, MISB ST 0604), from which a
   * player tells its END_TO_END_LATENCY; true. Embedded engine only, of H.264 and H.265.
   */
  streamClock?: boolean;
  /** 2000. */
  statusIntervalMs?: number;
}

/** 'none' hands nothing out, and decodes no more than a window or a snapshot asks for. */
export type OutputVideoFormat = 'none' | 'i420' | 'rgba';

/**
 * Of the pictures that are handed out: as events and by `frames()`. What is left out is the stream's own, also after it was set
 * before. Embedded engine only: the LiteAV SDK hands out what the stream has.
 */
export interface OutputVideoOptions {
  /**
   * Pixels, 2 to 8192. With `width` or `height` alone the other side follows in the picture's ratio, as an even number. With both
   * the whole picture is in the middle of that size, with black bars where the ratio differs.
   */
  width?: number;
  height?: number;
  /**
   * At most so many a second, 0.1 to 120, evenly by their time stamps. Those that are left out are not converted, and are not in
   * `dropped`.
   */
  fps?: number;
}

/** Of the sound that is handed out likewise, as events and by `pcm()`; it goes on without a seam when the stream changes its own. */
export interface OutputAudioOptions {
  /** Hz, 8000 to 48000. */
  sampleRate?: number;
  /** 1 (of two the mean) or 2. */
  channels?: number;
}

export interface PlayerOptions extends NetworkOptions {
  /** 'auto'. */
  engine?: EngineChoice;
  /** 'none'. */
  videoFormat?: OutputVideoFormat;
  /** Hand out decoded PCM; false. */
  audioOutput?: boolean;
  /**
   * Play the sound in the system's own loudspeaker; false. Embedded engine only, with selectSpeakerDevice for another one: the
   * LiteAV SDK always plays it.
   */
  speaker?: boolean;
  /** 2000. */
  statusIntervalMs?: number;
}

/** The SDK's attributes of a playback. What is left out has its default, also after it was set before. */
export interface LivePlayAttribute {
  /** Follow the jitter between the two bounds; false holds the delay at CacheTime. true. */
  AutoAdjustCacheTime?: boolean;
  /** Seconds, more than 0.2 and up to 600; left out 5, for LIVE_RTMP_ACC 0.2, which itself cannot be set. */
  CacheTime?: number;
  /** Likewise; 1, for LIVE_RTMP_ACC no delay that the jitter does not ask for. */
  MinAutoAdjustCacheTime?: number;
  /** Likewise; 5, for LIVE_RTMP_ACC 0.25. */
  MaxAutoAdjustCacheTime?: number;
  /** A picture that stands still for longer is PLAY_WARNING_VIDEO_PLAY_LAG, ms; 800. */
  VideoBlockThreshold?: number;
  /** Further tries after a lost or failed connection, instead of the option connectRetryCount. */
  ConnectRetryCount?: number;
  /** Seconds between them, ±10 %, instead of the option connectRetryIntervalMs. */
  ConnectRetryInterval?: number;
}

/** In parts of the picture that it lies on, 0 to 1. */
export interface WatermarkOptions extends SignalOptions {
  /** Of its upper left corner; 0. */
  x?: number;
  y?: number;
  /** Its width, above 0; its height follows. 0.2. */
  scale?: number;
}

/** For the source 'user': a picture, or with `format: 'h264'` one that is encoded already. */
export type CustomVideoData = CustomPicture | CustomH264;

/** A packed picture, without padding between rows and planes; each side 2 to 8192 pixels, odd ones too. */
export interface CustomPicture {
  /**
   * 'i420' (the default): the Y plane, then U and V of ceil(width / 2) × ceil(height / 2). 'nv12': the Y plane, then U and V
   * in turns, in rows of ceil(width / 2) pairs. Both of limited range, BT.601. 'rgba': 4 bytes a pixel, as a canvas's
   * `getImageData()` and sharp's `ensureAlpha().raw()` give; the alpha is ignored. The LiteAV SDK takes 'i420' alone.
   */
  format?: 'i420' | 'nv12' | 'rgba';
  data: Uint8Array | ArrayBuffer;
  width: number;
  height: number;
  /** On the application's own clock; now when it is left out. */
  timestampMs?: number;
}

/**
 * One picture of H.264 in Annex B: all its slices, and before them its parameter sets, SEI and delimiter if it has them. What
 * comes before a picture may also come in calls of its own, as SPS and PPS once do. Up to 8 MB. Pictures come in the order in
 * which they are decoded. Embedded engine only; docs/encoded-frames.md.
 */
export interface CustomH264 {
  format: 'h264';
  data: Uint8Array | ArrayBuffer;
  /** When it is shown, on the application's own clock; now when it is left out, which is for streams without B-frames. */
  timestampMs?: number;
  /** With B-frames: when it is decoded, on the same clock. It rises from picture to picture; timestampMs when left out. */
  dtsMs?: number;
}

/** For the source 'user': PCM, or with `format: 'aac'` or `'adts'` sound that is encoded already. */
export type CustomAudioData = CustomPcm | CustomAac;

/** Interleaved 16-bit PCM in host byte order. */
export interface CustomPcm {
  format?: 'pcm';
  data: Int16Array | Uint8Array | ArrayBuffer;
  sampleRate: number;
  channels: number;
  /** On the application's own clock; now when it is left out. */
  timestampMs?: number;
}

/** AAC of 1 or 2 channels. Embedded engine only; docs/encoded-frames.md. */
export interface CustomAac {
  /** 'aac': one raw access unit; 'adts': one or more frames of ADTS, up to 100. */
  format: 'aac' | 'adts';
  data: Uint8Array | ArrayBuffer;
  /** Its AudioSpecificConfig, with the first raw unit and where it changes; ADTS has it in itself. */
  config?: Uint8Array | ArrayBuffer;
  /** Of its first sample, on the application's own clock; what is left out follows what came before. */
  timestampMs?: number;
}
