export { type IssueUserSigOptions, issueUserSig } from './auth/userSig.js';
export type { GroupClosedReason, ImEvent, KickedReason, MessageElement } from './im/events.js';
export type { TencentImOptions } from './im/tencent/TencentImOptions.js';
export { type CreateLoggerOptions, createLogger, type Logger } from './logger.js';
export {
  MediaControl,
  type MediaControlListenOptions,
  type MediaControlOptions,
} from './media/control/MediaControl.js';
export { EmbeddedMediaServer } from './media/EmbeddedMediaServer.js';
export { ExternalMediaServer } from './media/ExternalMediaServer.js';
export type { StreamAddresses } from './media/embeddedMediaServerOptions.js';
export type { MediaServer } from './media/MediaServer.js';
export { RemoteMediaServer, type RemoteMediaServerOptions } from './media/RemoteMediaServer.js';
export type { MixRequest, MixResult, StreamMixer } from './media/StreamMixer.js';
export { TencentStreamMixer, type TencentStreamMixerOptions } from './media/TencentStreamMixer.js';
export { defaultUrlValiditySeconds, type ListenOptions, RoomService, type RoomServiceOptions } from './RoomService.js';
export type { LeaveReason, MemberFact, Rooms, RoomsEvents } from './rooms/Rooms.js';
export { ServiceCode } from './ServiceError.js';
export type { RoomType } from './store/RoomStore.js';
