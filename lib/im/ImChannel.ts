import type { CallOptions, Session } from '../api/RoomApi.js';
import type { RtcError } from '../errors.js';
import { SafeEmitter } from '../SafeEmitter.js';
import type { ImElement, ImSender } from './codec.js';

/** Why a room's message group is gone. */
export type GroupClosedReason = 'creatorLeft' | 'destroyed' | 'empty' | 'expired';

/** `waiting`: cut, and trying again by itself. */
export type ImState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

export interface ReceivedMessage extends ImSender {
  from: string;
  /** Service's clock, ms since 1970. */
  time: number;
  msgID: string;
}

export interface ImEvents {
  /** The member list of the room changed; `version` is the room's after the change, undefined from old services. */
  notify: (notice: { groupID: string; version: number | undefined }) => void;
  groupText: (message: ReceivedMessage & { groupID: string; text: string }) => void;
  groupCustom: (message: ReceivedMessage & { groupID: string; cmd: string; msg: string }) => void;
  c2cCustom: (message: ReceivedMessage & { cmd: string; msg: string }) => void;
  groupClosed: (closed: { groupID: string; reason: GroupClosedReason }) => void;
  /** The user logged in elsewhere, or was expelled; the channel has ended and does not come back. */
  kicked: () => void;
  /** The channel was cut and is back, or missed something: state that was learnt by messages must be read again. */
  resync: () => void;
  /** The token is no longer good: the channel is idle until it is opened with a new session. */
  authFailed: () => void;
  /** A fault that the channel handles itself, told once each time it is cut. */
  fault: (error: RtcError) => void;
  state: (now: ImState, before: ImState) => void;
}

/**
 * The signalling channel of a logged-in user: notices of its rooms, messages in them and from user to user. One fact is
 * one event, each message once.
 */
export abstract class ImChannel extends SafeEmitter<ImEvents> {
  /** Messages that were not understood and left out, since the start. */
  abstract readonly ignoredCount: number;
  abstract readonly state: ImState;
  /** False: nothing comes and nothing can be sent (ERR_RTC_IM_UNAVAILABLE); what messages would tell has to be asked for. */
  get carriesMessages(): boolean {
    return true;
  }
  /**
   * Connects as `session`; resolves when messages flow. Later cuts are mended without being asked.
   * Rejects with ERR_RTC_AUTH, ERR_RTC_KICKED, ERR_RTC_IM_FAILED, ERR_RTC_TIMEOUT, ERR_RTC_ABORTED or ERR_RTC_CLOSED.
   */
  abstract open(session: Session, options?: CallOptions): Promise<void>;
  /** Leaves the connection; what the old session would still say is not heard. `open` continues. */
  abstract suspend(): void;
  /** The service was heard otherwise: a channel that waits before it connects again need not wait for long. */
  hasten(): void {}
  abstract sendGroup(groupID: string, elements: readonly ImElement[], options?: CallOptions): Promise<void>;
  abstract sendC2c(to: string, elements: readonly ImElement[], options?: CallOptions): Promise<void>;
  abstract close(): Promise<void>;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
