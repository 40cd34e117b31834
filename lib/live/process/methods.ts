import type { NativePlayer, NativePusher } from '../addon.js';

/**
 * What a method is to this side: a 'setting' is set again in a fresh child (its latest arguments; a 'promisedSetting' returns a promise), a 'query' only asks or
 * does, 'state' is false without a child; the rest returns promises. An 'open…' stays wanted until its 'close…', and is
 * opened again before the next 'start' in a fresh child.
 */
export type MethodKind =
  | { is: 'setting' | 'keyedSetting' | 'promisedSetting' | 'query' | 'state' | 'task' }
  /** Takes a setting back. */
  | { is: 'unsetting'; of: string }
  /** Sets what another setting's arguments are. */
  | { is: 'settingOf'; of: string }
  | { is: 'open' | 'close'; source: SourceName }
  /** Changes an option of a source that is open. */
  | { is: 'sourceOption'; source: SourceName; option: 'windowHandle' | 'camera' }
  /** What the application feeds a source with. */
  | { is: 'data'; source: SourceName }
  | { is: 'start' | 'stop' };
export type SourceName = 'preview' | 'audio';

export type Methods<Native> = Record<Exclude<keyof Native & string, 'dropped' | 'close'>, MethodKind>;

const setting = { is: 'setting' } as const;
const query = { is: 'query' } as const;
const task = { is: 'task' } as const;

export const pusherMethods: Methods<NativePusher> = {
  startPreview: { is: 'open', source: 'preview' },
  stopPreview: { is: 'close', source: 'preview' },
  updatePreview: { is: 'sourceOption', source: 'preview', option: 'windowHandle' },
  startAudioCapture: { is: 'open', source: 'audio' },
  stopAudioCapture: { is: 'close', source: 'audio' },
  startPush: { is: 'start' },
  stopPush: { is: 'stop' },
  isPushing: { is: 'state' },
  setVideoQualityParamPreset: setting,
  setVideoResolution: setting,
  setVideoFPS: setting,
  setVideoBitRate: setting,
  enableHWAcceleration: setting,
  setVideoBitRateMin: setting,
  setVideoBitRateMax: setting,
  setAutoAdjustStrategy: setting,
  setMute: setting,
  setPauseVideo: setting,
  sendCustomVideoData: { is: 'data', source: 'preview' },
  sendCustomAudioData: { is: 'data', source: 'audio' },
  sendMessage: query,
  setOutputVideoFormat: setting,
  setOutputAudio: setting,
  captureVideoSnapShot: task,
  startLocalRecord: task,
  stopLocalRecord: task,
  setRenderMode: setting,
  setRotation: setting,
  setRenderYMirror: setting,
  setOutputYMirror: setting,
  setBeautyStyle: setting,
  setWatermark: { is: 'promisedSetting' },
  setNearestIP: setting,
  showDebugView: setting,
  enumCameras: query,
  switchCamera: { is: 'sourceOption', source: 'preview', option: 'camera' },
  enumMics: query,
  selectMicDevice: setting,
  micVolume: query,
  setMicVolume: setting,
  micVolumeIndication: query,
  enableMic: setting,
  openMicTest: query,
  closeMicTest: query,
  setAudioCaptureVolume: setting,
  getAudioCaptureVolume: query,
  openSystemVoiceInput: setting,
  closeSystemVoiceInput: { is: 'unsetting', of: 'openSystemVoiceInput' },
  setSystemVoiceInputVolume: setting,
  enableAudioPreprocess: { is: 'keyedSetting' },
  setAudioChannels: setting,
  getScreenCaptureSources: query,
  selectScreenCaptureTarget: setting,
  setScreenCaptureParam: setting,
};

export const playerMethods: Methods<NativePlayer> = {
  startPlay: { is: 'start' },
  stopPlay: { is: 'stop' },
  isPlaying: { is: 'state' },
  pause: query,
  resume: query,
  setMute: setting,
  setOutputVideoFormat: setting,
  setOutputAudio: setting,
  captureVideoSnapShot: task,
  startLocalRecord: task,
  stopLocalRecord: task,
  setRenderFrame: setting,
  updateRenderFrame: { is: 'settingOf', of: 'setRenderFrame' },
  closeRenderFrame: { is: 'unsetting', of: 'setRenderFrame' },
  setRenderMode: setting,
  setRotation: setting,
  setRenderYMirror: setting,
  showDebugView: setting,
  setEnableMessage: setting,
  setLivePlayAttribute: setting,
  enumSpeakers: query,
  selectSpeakerDevice: setting,
  speakerVolume: query,
  setSpeakerVolume: setting,
  speakerVolumeIndication: query,
  setAudioPlayoutVolume: setting,
  getAudioPlayoutVolume: query,
};
