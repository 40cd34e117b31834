export type { PusherInfo, RoomInfo } from './api/answers.js';
export { type CallOptions, type HeartbeatResult, RoomApi, type RoomApiOptions, type Session } from './api/RoomApi.js';
export * from './errors.js';
export { AutoImChannel } from './im/AutoImChannel.js';
export {
  type C2cMessage,
  decodeC2c,
  decodeGroup,
  type GroupMessage,
  type ImElement,
  type ImSender,
  isMemberNotice,
} from './im/codec.js';
export {
  type GroupClosedReason,
  ImChannel,
  type ImEvents,
  type ImState,
  type ReceivedMessage,
} from './im/ImChannel.js';
export { MemoryImChannel, MemoryImHub } from './im/MemoryImChannel.js';
export { SilentImChannel } from './im/SilentImChannel.js';
export { SseImChannel, type SseImChannelOptions } from './im/SseImChannel.js';
export { AudioFrame } from './live/AudioFrame.js';
export type { DroppedFrames } from './live/addon.js';
export * from './live/engine.js';
export * from './live/enums.js';
export * from './live/events.js';
export { type ClosableFrame, FrameStream, type FrameStreamOptions } from './live/FrameStream.js';
export type * from './live/options.js';
export { type RepairOptions, type RepairResult, repairRecording } from './live/repairRecording.js';
export { type LiveStatus, type StatusKey, statusUnits } from './live/status.js';
export { type PlayerEvents, TXLivePlayer } from './live/TXLivePlayer.js';
export { type PusherEvents, TXLivePusher } from './live/TXLivePusher.js';
export { VideoFrame } from './live/VideoFrame.js';
export {
  VideoWindow,
  type VideoWindowEvents,
  type VideoWindowOptions,
  type WindowArea,
  type WindowKey,
  type WindowRegion,
} from './live/VideoWindow.js';
export type * from './room/events.js';
export type { RoomMember } from './room/members.js';
export {
  type RoomState,
  type RoomStateCause,
  type RoomStateChange,
  type RoomTransition,
  roomTransitions,
} from './room/RoomState.js';
export {
  type AutoPlayOptions,
  type LoginOptions,
  type RemoteViewOptions,
  RTCRoom,
  type RTCRoomFactories,
  type RTCRoomOptions,
  type RTCRoomPreviewOptions,
} from './room/RTCRoom.js';
export type { ScreenPreviewOptions } from './room/ScreenShare.js';
