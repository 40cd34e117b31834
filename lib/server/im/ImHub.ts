import { ServiceCode, ServiceError } from '../ServiceError.js';
import type { ImEvent, KickedReason, MessageElement } from './events.js';
import { Mailbox, type Sink } from './Mailbox.js';
import { SendGuard } from './SendGuard.js';

export interface ImHubOptions {
  /** Members of a room's group; undefined when there is no such room. */
  group: (groupID: string) => Promise<string[] | undefined>;
  now: () => number;
  /** Messages kept a user for resuming. Default 500. */
  backlogMessages?: number;
  /** How long a user without a stream stays reachable, ms. Default 60 000. */
  retentionMs?: number;
  /** Messages a second a user may send. Default 20, with twice that at once. */
  sendRatePerSecond?: number;
  /** Told of every event when it is written to all streams that it is for, and how long that took since it was accepted, ms. */
  onDelivered?: (event: ImEvent, ms: number) => void;
}

export interface SendInput {
  from: string;
  msgID: string;
  groupID?: string;
  to?: string;
  elements: MessageElement[];
}

/** Limits of the original's IM clients, bytes of UTF-8 over all elements. */
export const maxGroupMessageBytes = 8898;
export const maxC2cMessageBytes = 12_000;

/** 500 of the longest messages would be 6 MB a user; a resume after a short cut needs far less. */
const backlogLength = 512 * 1024;

/** All message traffic: a mailbox a user, fan-out to groups, C2C, resume, kick. Delivery is at most once a stream. */
export class ImHub {
  readonly #options: ImHubOptions;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #guard: SendGuard;

  constructor(options: ImHubOptions) {
    this.#options = options;
    const rate = options.sendRatePerSecond ?? 20;
    this.#guard = new SendGuard({ ratePerSecond: rate, burst: rate * 2, now: options.now });
  }

  /** Opens the user's stream; an older one is ended. Call the result when the stream has closed. */
  attach(userID: string, sink: Sink, lastEventID: string | undefined): () => void {
    const { backlogMessages = 500, now } = this.#options;
    let mailbox = this.#mailboxes.get(userID);
    if (!mailbox) {
      mailbox = new Mailbox({ backlogMessages, backlogLength }, now());
      this.#mailboxes.set(userID, mailbox);
    }
    const attached = mailbox;
    attached.attach(sink, lastEventID);
    return () => attached.detach(sink, now());
  }

  /** Puts an event into the mailboxes of those users who have one; the others read the state when they come. */
  notify(userIDs: readonly string[], event: ImEvent, acceptedAtMs = performance.now()): void {
    const data = JSON.stringify(event);
    for (const userID of new Set(userIDs)) this.#mailboxes.get(userID)?.put(data);
    this.#options.onDelivered?.(event, performance.now() - acceptedAtMs);
  }

  /**
   * Delivers a message; a repeated msgID is answered as the first time and not delivered again. Returns the time (ms)
   * of acceptance. Codes: 12, 13, 14; 1 unknown room or unreachable user; 5 sender not in the group.
   */
  async send(input: SendInput): Promise<number> {
    const acceptedAtMs = performance.now();
    const { from, msgID, groupID, to, elements } = input;
    checkSize(elements, groupID === undefined ? maxC2cMessageBytes : maxGroupMessageBytes);
    const before = this.#guard.acceptedAt(from, msgID);
    if (before !== undefined) return before;
    if (!this.#guard.take(from)) {
      throw new ServiceError(ServiceCode.tooManyRequests, 'too many messages: wait a second and send it again');
    }
    const time = this.#options.now();
    if (groupID !== undefined) {
      const members = await this.#options.group(groupID);
      if (!members) throw new ServiceError(ServiceCode.roomNotFound, 'there is no such room');
      if (!members.includes(from)) throw new ServiceError(ServiceCode.notMember, 'not a member of that room');
      // The same message may have come twice at once: only the first is delivered.
      const meanwhile = this.#guard.acceptedAt(from, msgID);
      if (meanwhile !== undefined) return meanwhile;
      const others = members.filter((member) => member !== from);
      this.#guard.accept(from, msgID, time);
      this.notify(others, { type: 'group', groupID, from, time, msgID, elements }, acceptedAtMs);
      return time;
    }
    if (to === undefined) throw new ServiceError(ServiceCode.parameter, 'give groupID or to');
    if (!this.isReachable(to)) {
      throw new ServiceError(ServiceCode.roomNotFound, 'that user is not connected: it has to log in first');
    }
    this.#guard.accept(from, msgID, time);
    this.notify([to], { type: 'c2c', from, to, time, msgID, elements }, acceptedAtMs);
    return time;
  }

  isReachable(userID: string): boolean {
    return this.#mailboxes.has(userID);
  }

  /** Tells the user's stream why it must not come back, ends it and forgets what was kept. */
  kick(userID: string, reason: KickedReason = 'loggedInElsewhere'): void {
    const mailbox = this.#mailboxes.get(userID);
    if (!mailbox) return;
    this.#mailboxes.delete(userID);
    const { sink } = mailbox;
    const event: ImEvent = { type: 'kicked', reason };
    const startMs = performance.now();
    mailbox.put(JSON.stringify(event));
    sink?.end();
    this.#options.onDelivered?.(event, performance.now() - startMs);
  }

  /** Ends the user's stream and forgets what was kept; for logout. */
  drop(userID: string): void {
    const mailbox = this.#mailboxes.get(userID);
    this.#mailboxes.delete(userID);
    mailbox?.sink?.end();
  }

  /** Forgets users whose stream has been closed for longer than the retention. */
  sweep(): void {
    const before = this.#options.now() - (this.#options.retentionMs ?? 60_000);
    for (const [userID, mailbox] of this.#mailboxes) {
      if (mailbox.detachedAtMs !== undefined && mailbox.detachedAtMs < before) this.#mailboxes.delete(userID);
    }
    this.#guard.forgetIdle();
  }

  /** Ends every stream; a browser is told to come back at a time of its own, and other clients wait by themselves. */
  close(): void {
    for (const [userID, { sink }] of [...this.#mailboxes]) {
      sink?.write(`retry: ${500 + Math.floor(Math.random() * 2500)}\n\n`);
      this.drop(userID);
    }
  }
}

function checkSize(elements: readonly MessageElement[], maxBytes: number): void {
  let bytes = 0;
  for (const element of elements) {
    const text = element.type === 'custom' ? element.data : element.text;
    if (text.trim() === '') throw new ServiceError(ServiceCode.messageEmpty, 'the message has an empty element');
    bytes += Buffer.byteLength(text);
  }
  if (bytes === 0) throw new ServiceError(ServiceCode.messageEmpty, 'the message is empty');
  if (bytes > maxBytes) {
    throw new ServiceError(
      ServiceCode.messageTooLong,
      `the message has ${bytes} bytes, at most ${maxBytes} are allowed`,
    );
  }
}
