export { type IssueUserSigOptions, issueUserSig } from './auth/userSig.js';
export type { GroupClosedReason, ImEvent, KickedReason, MessageElement } from './im/events.js';
export { type CreateLoggerOptions, createLogger, type Logger } from './logger.js';
export { EmbeddedMediaServer } from './media/EmbeddedMediaServer.js';
export type { MediaServer } from './media/MediaServer.js';
export { defaultUrlValiditySeconds, type ListenOptions, RoomService, type RoomServiceOptions } from './RoomService.js';
export type { LeaveReason, MemberFact, Rooms, RoomsEvents } from './rooms/Rooms.js';
export { ServiceCode } from './ServiceError.js';
export type { RoomType } from './store/RoomStore.js';
