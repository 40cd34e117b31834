/** The SDK's quality presets. Resolution (16:9) and bitrate are documented by the SDK; later setters override them. */
export const VideoQualityPreset = {
  /** 640×360, 400–800 kbps. */
  STANDARD: 1,
  /** 960×540, 1200 kbps. */
  HIGH: 2,
  /** 1280×720, 1500 kbps. */
  SUPER: 3,
  /** 960×540, 600–1200 kbps: the larger picture of a call. */
  LINKMIC_MAIN: 4,
  /** 480×272, 350 kbps: the smaller pictures of a call. */
  LINKMIC_SUB: 5,
  /** 480×272, 350 kbps: a call. */
  REALTIME_VIDEOCHAT: 6,
  /** 1280×720, 400 kbps: slides. */
  STILLIMAGE: 7,
} as const;
export type VideoQualityPreset = (typeof VideoQualityPreset)[keyof typeof VideoQualityPreset];

export const VideoRatio = {
  RATIO_4_3: 0,
  RATIO_16_9: 1,
  RATIO_9_16: 2,
} as const;
export type VideoRatio = (typeof VideoRatio)[keyof typeof VideoRatio];

export const VideoResolution = {
  RESOLUTION_320x240: 1,
  RESOLUTION_480x360: 2,
  RESOLUTION_640x480: 3,
  RESOLUTION_960x720: 4,
  RESOLUTION_1280x960: 5,
  RESOLUTION_240x320: 50,
  RESOLUTION_360x480: 51,
  RESOLUTION_480x640: 52,
  RESOLUTION_720x960: 53,
  RESOLUTION_960x1280: 54,
  RESOLUTION_320x180: 101,
  RESOLUTION_480x272: 102,
  RESOLUTION_640x360: 103,
  RESOLUTION_960x540: 104,
  RESOLUTION_1280x720: 105,
  /** Not of the SDK's enum: the embedded engine and the SDK's v2 interface have it, its older ones do not. */
  RESOLUTION_1920x1080: 106,
  RESOLUTION_180x320: 201,
  RESOLUTION_272x480: 202,
  RESOLUTION_360x640: 203,
  RESOLUTION_540x960: 204,
  RESOLUTION_720x1280: 205,
  /** As RESOLUTION_1920x1080. */
  RESOLUTION_1080x1920: 206,
} as const;
export type VideoResolution = (typeof VideoResolution)[keyof typeof VideoResolution];

export const AutoAdjustStrategy = {
  NONE: -1,
  LIVEPUSH: 0,
  LIVEPUSH_RESOLUTION: 1,
  REALTIME_VIDEOCHAT: 5,
} as const;
export type AutoAdjustStrategy = (typeof AutoAdjustStrategy)[keyof typeof AutoAdjustStrategy];

/** Values of the interface SDK; the 2018 SDK has 1 for LIVE_RTMP_ACC. */
export const PlayType = {
  LIVE_RTMP: 0,
  LIVE_FLV: 1,
  LIVE_RTMP_ACC: 2,
} as const;
export type PlayType = (typeof PlayType)[keyof typeof PlayType];

/** Letterbox or centre crop. */
export const RenderMode = { ADAPT: 1, FILLSCREEN: 2 } as const;
export type RenderMode = (typeof RenderMode)[keyof typeof RenderMode];

/** Clockwise. */
export const VideoRotation = { NONE: 1, ROTATION_90: 2, ROTATION_180: 3, ROTATION_270: 4 } as const;
export type VideoRotation = (typeof VideoRotation)[keyof typeof VideoRotation];

export const BeautyStyle = { SMOOTH: 0, NATURE: 1, BLUR: 2 } as const;
export type BeautyStyle = (typeof BeautyStyle)[keyof typeof BeautyStyle];

/** Echo cancellation, gain control, noise suppression. */
export const AudioPreprocessType = { AEC: 1, AGC: 2, NS: 4 } as const;
export type AudioPreprocessType = (typeof AudioPreprocessType)[keyof typeof AudioPreprocessType];
