import type { TXLivePlayer } from '#lib/live/TXLivePlayer';
import type { TXLivePusher } from '#lib/live/TXLivePusher';

/** What a method of ours makes the SDK do. */
export interface Expected {
  method: string;
  /** The first arguments in the log. */
  args?: unknown[];
}

/** The SDK's generations, as the columns below. */
export type SdkGeneration = 'v2' | 'itx' | 'tx2018';

export interface Scene {
  /** Its HWND. */
  window: { handle: number };
  /** Of a file that is not there yet. */
  newFile(name: string): string;
}

export interface Row<T> {
  name: string;
  call: (object: T, scene: Scene) => unknown;
  /** Of the current generation (V2); 'shadow': kept by the engine, the SDK is not asked. */
  v2?: Expected | 'shadow';
  /** Of the interface generation; the method of the same name when left out. */
  itx?: Expected | 'shadow';
  /** Of the 2018 generation; the method of the same name when left out. 'refused': it lacks this use of the method. */
  tx2018?: Expected | 'shadow' | 'refused';
  /** What the call gives back. */
  gives?: (value: unknown, generation: SdkGeneration) => boolean;
}

const url = 'rtmp://127.0.0.1:1935/live/windows';
const picture = { data: new Uint8Array(64 * 48 * 1.5), width: 64, height: 48 };
const sound = { data: new Int16Array(960), sampleRate: 48_000, channels: 1 };
/** The 2018 generation's devices have no ids. */
const twoNamed = (value: unknown, generation: SdkGeneration) =>
  Array.isArray(value) &&
  value.length === 2 &&
  value.every(({ name, id }) => name.length > 0 && id.length > 0 === (generation !== 'tx2018'));
const volume = (value: unknown) => typeof value === 'number' && value >= 0 && value <= 65_535;
const quality = { method: 'setVideoQuality' };

/** In an order that the SDK allows: settings, camera and microphone, push, all that needs a push, and back. */
export const pusherRows: Row<TXLivePusher>[] = [
  {
    name: 'setVideoQualityParamPreset',
    call: (p) => p.setVideoQualityParamPreset(3, 1),
    v2: { ...quality, args: [10] },
    tx2018: { method: 'setVideoQualityParamPreset', args: [3, 1] },
  },
  {
    name: 'setVideoResolution',
    call: (p) => p.setVideoResolution(103),
    v2: { ...quality, args: [8, 0] },
    tx2018: { method: 'setVideoResolution', args: [103] },
  },
  {
    name: 'setVideoFPS',
    call: (p) => p.setVideoFPS(20),
    v2: { ...quality, args: [8, 0, 20] },
    tx2018: { method: 'setVideoFPS', args: [20] },
  },
  {
    name: 'setVideoBitRate',
    call: (p) => p.setVideoBitRate(700),
    v2: quality,
    tx2018: { method: 'setVideoBitRate', args: [700] },
  },
  {
    name: 'setVideoBitRateMin',
    call: (p) => p.setVideoBitRateMin(300),
    v2: quality,
    tx2018: { method: 'setVideoBitRateMin', args: [300] },
  },
  {
    name: 'setVideoBitRateMax',
    call: (p) => p.setVideoBitRateMax(900),
    v2: quality,
    tx2018: { method: 'setVideoBitRateMax', args: [900] },
  },
  {
    name: 'setAutoAdjustStrategy',
    call: (p) => p.setAutoAdjustStrategy(0),
    v2: quality,
    tx2018: { method: 'setAutoAdjustStrategy', args: [0] },
  },
  { name: 'setAudioChannels', call: (p) => p.setAudioChannels(2), v2: { method: 'setAudioQuality', args: [2] } },
  {
    name: 'enableAudioPreprocess',
    call: (p) => p.enableAudioPreprocess(1, true),
    itx: { method: 'enableAudioPreprocess', args: [1, true] },
  },
  { name: 'setNearestIP', call: (p) => p.setNearestIP(true), v2: 'shadow' },
  {
    name: 'enumCameras',
    call: (p) => p.enumCameras(),
    gives: twoNamed,
    v2: { method: 'getDevicesList', args: [2] },
    itx: { method: 'getCameraDevicesList' },
  },
  {
    name: 'enumMics',
    call: (p) => p.enumMics(),
    gives: twoNamed,
    v2: { method: 'getDevicesList', args: [0] },
    itx: { method: 'getMicDevicesList' },
    tx2018: { method: 'micDeviceName', args: [1] },
  },
  {
    name: 'startPreview',
    call: (p, { window }) => p.startPreview({ source: 'camera', camera: 1, windowHandle: window.handle }),
    v2: { method: 'startCamera' },
    tx2018: { method: 'startPreview(camera)' },
  },
  {
    name: 'updatePreview',
    call: (p, { window }) => p.updatePreview(BigInt(window.handle)),
    v2: { method: 'setRenderView' },
  },
  {
    name: 'startAudioCapture',
    call: (p) => p.startAudioCapture({ source: 'microphone' }),
    v2: { method: 'startMicrophone' },
    tx2018: { method: 'startAudioCapture', args: [1] },
  },
  {
    name: 'startPush',
    call: (p) => p.startPush(url),
    v2: { method: 'startPush', args: [url] },
    itx: { method: 'startPush', args: [url] },
    tx2018: { method: 'startPush', args: [url] },
  },
  {
    name: 'switchCamera',
    call: (p) => p.switchCamera(0),
    v2: { method: 'setCurrentDevice', args: [2] },
    tx2018: { method: 'switchCamera', args: [0] },
  },
  {
    name: 'selectMicDevice',
    call: (p) => p.selectMicDevice(1),
    v2: { method: 'setCurrentDevice', args: [0] },
    tx2018: { method: 'selectMicDevice', args: [1] },
  },
  {
    name: 'setMicVolume',
    call: (p) => p.setMicVolume(65_535),
    v2: { method: 'setCurrentDeviceVolume', args: [0, 100] },
    tx2018: { method: 'setMicVolume', args: [65_535] },
  },
  { name: 'micVolume', call: (p) => p.micVolume(), gives: volume, v2: { method: 'getCurrentDeviceVolume', args: [0] } },
  {
    name: 'micVolumeIndication',
    call: (p) => p.micVolumeIndication(),
    gives: volume,
    v2: { method: 'enableVolumeEvaluation', args: [300] },
  },
  {
    name: 'enableMic',
    call: (p) => p.enableMic(false),
    v2: { method: 'setVoiceCaptureVolume', args: [0] },
    tx2018: { method: 'enableMic', args: [false] },
  },
  { name: 'setAudioCaptureVolume', call: (p) => p.setAudioCaptureVolume(65_535), v2: 'shadow' },
  { name: 'getAudioCaptureVolume', call: (p) => p.getAudioCaptureVolume(), gives: volume, v2: 'shadow' },
  { name: 'openMicTest', call: (p) => p.openMicTest(), v2: { method: 'startMicDeviceTest(interval,playback)' } },
  { name: 'closeMicTest', call: (p) => p.closeMicTest(), v2: { method: 'stopMicDeviceTest' } },
  {
    name: 'openSystemVoiceInput',
    call: (p) => p.openSystemVoiceInput(''),
    v2: { method: 'startSystemAudioLoopback', args: [null] },
    tx2018: { method: 'openSystemVoiceInput', args: [null] },
  },
  {
    name: 'setSystemVoiceInputVolume',
    call: (p) => p.setSystemVoiceInputVolume(50),
    v2: { method: 'setSystemAudioLoopbackVolume', args: [50] },
    tx2018: { method: 'setSystemVoiceInputVolume', args: [50] },
  },
  { name: 'closeSystemVoiceInput', call: (p) => p.closeSystemVoiceInput(), v2: { method: 'stopSystemAudioLoopback' } },
  {
    name: 'setMute',
    call: (p) => p.setMute(true),
    v2: { method: 'pauseAudio' },
    itx: { method: 'setMute', args: [true] },
    tx2018: { method: 'setMute', args: [true] },
  },
  {
    name: 'setPauseVideo',
    call: (p) => p.setPauseVideo(true),
    v2: { method: 'pauseVideo' },
    itx: { method: 'setPauseVideo', args: [true] },
    tx2018: { method: 'setPauseVideo', args: [true] },
  },
  {
    name: 'setRenderMode',
    call: (p) => p.setRenderMode(1),
    v2: { method: 'setRenderFillMode', args: [1] },
    itx: { method: 'setRenderMode', args: [1] },
    tx2018: { method: 'setRenderMode', args: [1] },
  },
  {
    name: 'setRotation',
    call: (p) => p.setRotation(3),
    v2: { method: 'setRenderRotation', args: [2] },
    tx2018: { method: 'setRotation', args: [3] },
  },
  {
    name: 'setRenderYMirror',
    call: (p) => p.setRenderYMirror(true),
    v2: { method: 'setRenderMirror', args: [1] },
    tx2018: { method: 'setRenderYMirror', args: [true] },
  },
  {
    name: 'setOutputYMirror',
    call: (p) => p.setOutputYMirror(true),
    v2: { method: 'setEncoderMirror', args: [true] },
    tx2018: { method: 'setOutputYMirror', args: [true] },
  },
  {
    name: 'setBeautyStyle',
    call: (p) => p.setBeautyStyle(1, 5, 6),
    v2: { method: 'setBeautyStyle', args: [1, 5, 6, 0] },
    tx2018: { method: 'setBeautyStyle', args: [1, 5, 6] },
  },
  {
    name: 'setWatermark',
    call: (p) => p.setWatermark('a.png', { x: 0.25, y: 0.5, scale: 0.75 }),
    v2: { method: 'setWatermark', args: ['a.png', 0.25, 0.5, 0.75] },
  },
  { name: 'showDebugView', call: (p) => p.showDebugView(1), v2: { method: 'showDebugView', args: [true] } },
  { name: 'sendMessage', call: (p) => p.sendMessage('你好'), v2: { method: 'sendSeiMessage', args: [242, 6] } },
  {
    name: 'captureVideoSnapShot',
    call: (p, { newFile }) => p.captureVideoSnapShot(newFile('push.jpg')),
    v2: { method: 'snapshot' },
  },
  {
    name: 'startLocalRecord',
    call: (p, { newFile }) => p.startLocalRecord(newFile('push.mp4')),
    v2: { method: 'startLocalRecording' },
  },
  { name: 'stopLocalRecord', call: (p) => p.stopLocalRecord(), v2: { method: 'stopLocalRecording' } },
  {
    name: 'isPushing',
    call: (p) => p.pushing,
    gives: (value) => value === true,
    v2: 'shadow',
    itx: 'shadow',
    tx2018: 'shadow',
  },
  { name: 'stopPush', call: (p) => p.stopPush(), v2: { method: 'stopPush' } },
  { name: 'stopPreview', call: (p) => p.stopPreview(), v2: { method: 'stopCamera' } },
  { name: 'stopAudioCapture', call: (p) => p.stopAudioCapture(), v2: { method: 'stopMicrophone' } },
  {
    name: 'getScreenCaptureSources',
    call: (p) => p.getScreenCaptureSources(),
    gives: (value) => Array.isArray(value) && value.some(({ kind }) => kind === 'screen') && value.length >= 3,
    v2: { method: 'getScreenCaptureSources' },
    tx2018: { method: 'enumCaptureWindow' },
  },
  {
    name: 'selectScreenCaptureTarget',
    call: (p) => p.selectScreenCaptureTarget(p.getScreenCaptureSources()[0]?.id ?? ''),
    v2: 'shadow',
    itx: 'shadow',
    tx2018: { method: 'setScreenCaptureParam', args: [null, 0, 0, 0, 0, false, true] },
  },
  {
    name: 'setScreenCaptureParam',
    call: (p) => p.setScreenCaptureParam(0n),
    v2: 'shadow',
    itx: 'shadow',
    tx2018: { method: 'setScreenCaptureParam', args: [null, 0, 0, 0, 0, false, true] },
  },
  {
    name: 'startPreview of a screen',
    call: (p) => p.startPreview({ source: 'screen' }),
    v2: { method: 'startScreenCapture' },
    itx: { method: 'startPreview' },
    tx2018: { method: 'startPreview(source)', args: [2] },
  },
  {
    name: 'startPreview of own pictures',
    call: (p) => p.startPreview({ source: 'user' }),
    v2: { method: 'enableCustomVideoCapture', args: [true] },
    itx: { method: 'startPreview' },
    tx2018: 'refused',
  },
  {
    name: 'startAudioCapture of own sound',
    call: (p) => p.startAudioCapture({ source: 'user' }),
    v2: { method: 'enableCustomAudioCapture', args: [true] },
    itx: { method: 'startAudioCapture' },
    tx2018: 'refused',
  },
  {
    name: 'startPush again',
    call: (p) => p.startPush(url),
    v2: { method: 'startPush', args: [url] },
    itx: { method: 'startPush' },
    tx2018: { method: 'startPush', args: [url] },
  },
  { name: 'sendCustomVideoData', call: (p) => p.sendCustomVideoData(picture), v2: { method: 'sendCustomVideoFrame' } },
  { name: 'sendCustomAudioData', call: (p) => p.sendCustomAudioData(sound), v2: { method: 'sendCustomAudioFrame' } },
];

export const playerRows: Row<TXLivePlayer>[] = [
  {
    name: 'setLivePlayAttribute',
    call: (p) => p.setLivePlayAttribute('{"MinAutoAdjustCacheTime":1,"MaxAutoAdjustCacheTime":3}'),
    v2: { method: 'setCacheParams', args: [1, 3] },
  },
  {
    name: 'setEnableMessage',
    call: (p) => p.setEnableMessage(true),
    v2: { method: 'enableReceiveSeiMessage', args: [true] },
  },
  { name: 'setRenderFrame', call: (p, { window }) => p.setRenderFrame(window.handle), v2: { method: 'setRenderView' } },
  {
    name: 'startPlay',
    call: (p) => p.startPlay(url),
    v2: { method: 'startPlay', args: [url] },
    itx: { method: 'startPlay', args: [url] },
    // The type of the default, RTMP with acceleration.
    tx2018: { method: 'startPlay', args: [url, 1] },
  },
  {
    name: 'updateRenderFrame',
    call: (p, { window }) => p.updateRenderFrame(BigInt(window.handle)),
    v2: { method: 'setRenderView' },
  },
  {
    name: 'setRenderMode',
    call: (p) => p.setRenderMode(2),
    v2: { method: 'setRenderFillMode', args: [0] },
    itx: { method: 'setRenderMode', args: [2] },
    tx2018: { method: 'setRenderMode', args: [2] },
  },
  {
    name: 'setRotation',
    call: (p) => p.setRotation(2),
    v2: { method: 'setRenderRotation', args: [1] },
    tx2018: { method: 'setRotation', args: [2] },
  },
  {
    name: 'setRenderYMirror',
    call: (p) => p.setRenderYMirror(true),
    v2: { method: 'setRenderMirrorMode', args: [true] },
    tx2018: { method: 'setRenderYMirror', args: [true] },
  },
  { name: 'showDebugView', call: (p) => p.showDebugView(1), v2: { method: 'showDebugView', args: [true] } },
  { name: 'pause', call: (p) => p.pause(), v2: { method: 'pauseVideo' } },
  { name: 'resume', call: (p) => p.resume(), v2: { method: 'resumeVideo' } },
  {
    name: 'setMute',
    call: (p) => p.setMute(true),
    v2: { method: 'setPlayoutVolume', args: [0] },
    itx: { method: 'setMute', args: [true] },
    tx2018: { method: 'setMute', args: [true] },
  },
  {
    name: 'enumSpeakers',
    call: (p) => p.enumSpeakers(),
    gives: twoNamed,
    v2: { method: 'getDevicesList', args: [1] },
    itx: { method: 'getSpeakerDevicesList' },
    tx2018: { method: 'speakerDeviceName', args: [1] },
  },
  {
    name: 'selectSpeakerDevice',
    call: (p) => p.selectSpeakerDevice(1),
    v2: { method: 'setCurrentDevice', args: [1] },
    tx2018: { method: 'selectSpeakerDevice', args: [1] },
  },
  {
    name: 'setSpeakerVolume',
    call: (p) => p.setSpeakerVolume(65_535),
    v2: { method: 'setPlayoutVolume' },
    tx2018: { method: 'setSpeakerVolume', args: [65_535] },
  },
  { name: 'speakerVolume', call: (p) => p.speakerVolume(), gives: volume, v2: 'shadow' },
  {
    name: 'speakerVolumeIndication',
    call: (p) => p.speakerVolumeIndication(),
    gives: volume,
    v2: { method: 'enableVolumeEvaluation', args: [300] },
  },
  { name: 'setAudioPlayoutVolume', call: (p) => p.setAudioPlayoutVolume(65_535), v2: { method: 'setPlayoutVolume' } },
  { name: 'getAudioPlayoutVolume', call: (p) => p.getAudioPlayoutVolume(), gives: volume, v2: 'shadow' },
  {
    name: 'captureVideoSnapShot',
    call: (p, { newFile }) => p.captureVideoSnapShot(newFile('play.jpg')),
    v2: { method: 'snapshot' },
  },
  {
    name: 'startLocalRecord',
    call: (p, { newFile }) => p.startLocalRecord(newFile('play.mp4')),
    v2: { method: 'startLocalRecording' },
  },
  { name: 'stopLocalRecord', call: (p) => p.stopLocalRecord(), v2: { method: 'stopLocalRecording' } },
  {
    name: 'setOutputVideoFormat',
    call: (p) => p.setOutputVideoFormat('i420'),
    v2: { method: 'enableObserveVideoFrame', args: [true, 1, 1] },
  },
  {
    name: 'setOutputAudio',
    call: (p) => p.setOutputAudio(true),
    v2: { method: 'enableObserveAudioFrame', args: [true] },
    itx: 'shadow',
  },
  { name: 'closeRenderFrame', call: (p) => p.closeRenderFrame(), v2: { method: 'setRenderView' } },
  {
    name: 'isPlaying',
    call: (p) => p.playing,
    gives: (value) => value === true,
    v2: 'shadow',
    itx: 'shadow',
    tx2018: 'shadow',
  },
  { name: 'stopPlay', call: (p) => p.stopPlay(), v2: { method: 'stopPlay' } },
];
