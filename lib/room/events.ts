import type { RtcError } from '../errors.js';
import type { GroupClosedReason } from '../im/ImChannel.js';
import type { LiveEvent } from '../live/events.js';
import type { TXLivePlayer } from '../live/TXLivePlayer.js';
import type { RoomMember } from './members.js';
import type { RoomStateChange } from './RoomState.js';

/** `gone`: the service no longer knows the room. */
export type RoomClosedReason = GroupClosedReason | 'gone';

/**
 * The eight steps of a call, in order. The creator of the room sees 1 to 4 and 8, the one who enters 5 to 7.
 * 1 get_push_url, 2 push begun, 3 create_room, 4 add_pusher; 5 push and play addresses, 6 push begun, 7 add_pusher;
 * 8 the creator plays the first other member, counted from the notice (or reading) that told of it.
 */
export interface RoomStep {
  step: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
  name: 'getPushURL' | 'push' | 'createRoom' | 'addPusher' | 'getURLs' | 'play';
  /** Of this step alone, ms. */
  durationMs: number;
  /** Since createRoom or enterRoom was called, ms. */
  elapsedMs: number;
}

interface Sender {
  userID: string;
  userName: string;
  userAvatar: string;
  /** Service's clock, ms since 1970. */
  time: number;
}

export interface TextMessage extends Sender {
  roomID: string;
  text: string;
}

export interface CustomMessage extends Sender {
  roomID: string;
  cmd: string;
  msg: string;
}

export interface C2cCustomMessage extends Sender {
  cmd: string;
  msg: string;
}

export interface RTCRoomEvents {
  memberJoin: (member: RoomMember) => void;
  /** The member's view, if there was one, is stopped. */
  memberLeave: (member: RoomMember) => void;
  /** After every reading of the member list, behind its memberLeave and memberJoin events. */
  membersUpdate: (members: readonly RoomMember[]) => void;
  /** The service ended the room; push and players are stopped and the state is idle. */
  roomClosed: (closed: { roomID: string; reason: RoomClosedReason }) => void;
  /** Texts and custom messages from others; what was said while the room was being entered comes after memberJoin. */
  textMsg: (message: TextMessage) => void;
  customMsg: (message: CustomMessage) => void;
  c2cCustomMsg: (message: C2cCustomMessage) => void;
  /**
   * The user logged in elsewhere, or was expelled; the room is left and the state is loggedOut. A service without messages
   * cannot tell: there it is concluded of a token that is refused right after it was renewed.
   */
  kickedOffline: () => void;
  /** A fault outside a call; `userID` is the member whose view it concerns. Not listening is allowed. */
  error: (error: RtcError, userID?: string) => void;
  /** Each change of state, of those in `roomTransitions`. */
  state: (change: RoomStateChange) => void;
  /** With autoPlay: the member's player, before it starts, for listeners that must not miss the first frame. */
  playerStart: (player: TXLivePlayer, member: RoomMember) => void;
  /** With autoPlay: the player is closed or about to be; each playerStart has one. */
  playerEnd: (player: TXLivePlayer, member: RoomMember) => void;
  pushEvent: (event: LiveEvent) => void;
  playEvent: (userID: string, event: LiveEvent) => void;
  step: (step: RoomStep) => void;
  /** A listener threw; without a listener for this it is a process warning. */
  listenerError: (error: unknown, eventName: string) => void;
}
