/** Part of a message, in the shape of the IM SDK's elements. */
export type MessageElement = { type: 'custom'; data: string } | { type: 'text'; text: string };

/** Why a room's message group, and with it the room, is gone. */
export type GroupClosedReason = 'creatorLeft' | 'destroyed' | 'empty' | 'expired';

/** A newer login of the same user, or an administrator. */
export type KickedReason = 'loggedInElsewhere' | 'expelled';

/** What a stream of events carries as the data of `event: message`. */
export type ImEvent =
  /** The spec's system notice (type 255): the member list changed; `version` is the room's after the change. */
  | { type: 'system'; groupID: string; data: string; version: number }
  | { type: 'groupClosed'; groupID: string; reason: GroupClosedReason }
  /** `time` in ms since 1970, by the service's clock. */
  | { type: 'group'; groupID: string; from: string; time: number; msgID: string; elements: MessageElement[] }
  | { type: 'c2c'; from: string; to: string; time: number; msgID: string; elements: MessageElement[] }
  /** The last event of its stream. */
  | { type: 'kicked'; reason: KickedReason };
