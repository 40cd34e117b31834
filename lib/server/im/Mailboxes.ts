import type { Sink } from './Mailbox.js';

/** A message that was accepted: a repeated msgID of the same sender is answered with the time, ms since 1970. */
export interface SentMessage {
  from: string;
  msgID: string;
  time: number;
}

/** Limits of what is kept a user, and for how long. */
export interface MailboxesOptions {
  backlogMessages: number;
  /** UTF-16 units of the JSON. */
  backlogLength: number;
  /** How long a user without a stream keeps its mailbox, ms. */
  retentionMs: number;
  now: () => number;
}

/** 500 of the longest messages would be 6 MB a user; a resume after a short cut needs far less. */
export const mailboxLimits = {
  backlogMessages: 500,
  backlogLength: 512 * 1024,
  retentionMs: 60_000,
} as const satisfies Omit<MailboxesOptions, 'now'>;

/** A repeated msgID is known for as long as a client may sensibly retry, ms. */
export const rememberSentMs = 300_000;

export interface PostOptions {
  mustReach: boolean;
  /** Of performance.now(). */
  acceptedAtMs: number;
}

/** The mailboxes of all users: of one process (with or without a file), or of all processes that share a Redis. */
export interface Mailboxes {
  /** Opens the user's stream and sends what it missed; an older stream of the user is ended. The result detaches. */
  attach(userID: string, sink: Sink, lastEventID: string | undefined): () => void;
  /**
   * Puts an event into the mailboxes of those users who have one, in the order of the calls. Where that takes time, the
   * result resolves when it is done, with false when it could not be. Never throws or rejects. `acceptedAtMs` is of
   * performance.now().
   */
  notify(userIDs: readonly string[], data: string, acceptedAtMs: number): Promise<boolean> | undefined;
  /**
   * The same for a message of a user, which is kept when it resolves; `time` is when it was first accepted. With
   * `mustReach` nothing is done, and undefined is the result, when no recipient has a mailbox. Rejects with
   * `ERR_RTC_STORE_UNAVAILABLE`.
   */
  post(
    message: SentMessage,
    userIDs: readonly string[],
    data: string,
    options: PostOptions,
  ): Promise<number | undefined>;
  /**
   * Sends the event to the user's stream as its last one and forgets what was kept; a stream that is opened afterwards
   * does not hear of it. False: there was none, or it could not be. Never throws or rejects.
   */
  kick(userID: string, data: string, acceptedAtMs: number): boolean | Promise<boolean>;
  /** Ends the user's stream and forgets what was kept. */
  drop(userID: string): void;
  /** Users whose stream is open in this process. */
  listening(): Iterable<string>;
  /** Forgets who was away for too long. */
  sweep(): void;
  /**
   * Where streams are written to later than the methods say, by this process or another: calls the listener whenever an
   * event was written to all of this process's streams that it is for, with the time since it was accepted.
   */
  onWritten?(listener: (type: string, ms: number) => void): void;
  /** Ends every stream and keeps what is kept. `farewell` is written before. */
  close(farewell?: () => string): void;
}
