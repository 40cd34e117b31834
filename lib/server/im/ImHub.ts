import { ServiceCode, ServiceError } from '../ServiceError.js';
import type { ImEvent, KickedReason, MessageElement } from './events.js';
import { LocalMailboxes } from './LocalMailboxes.js';
import type { Sink } from './Mailbox.js';
import { type Mailboxes, mailboxLimits, type SentMessage } from './Mailboxes.js';
import type { SendLimits } from './SendLimits.js';
import { SentMessages } from './SentMessages.js';

export interface ImHubOptions {
  /** Members of a room's group; undefined when there is no such room. */
  group: (groupID: string) => Promise<string[] | undefined>;
  now: () => number;
  /** Default: those of this process, in memory. */
  mailboxes?: Mailboxes;
  /** Messages that an earlier process accepted. */
  sent?: readonly SentMessage[];
  limits: SendLimits;
  /** Told of every event that is accepted here, by its type. */
  onAccepted?: (type: string) => void;
  /**
   * Told how long it took since an event was accepted, by whatever process, until it was written to all streams of this
   * process that it is for, ms.
   */
  onDelivered?: (type: string, ms: number) => void;
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

/** A browser is told to come back at a time of its own; other clients wait by themselves. */
const farewell = () => `retry: ${500 + Math.floor(Math.random() * 2500)}\n\n`;

/** All message traffic: a mailbox a user, fan-out to groups, C2C, resume, kick. Delivery is at most once a stream. */
export class ImHub {
  readonly #options: ImHubOptions;
  readonly #mailboxes: Mailboxes;
  readonly #sent: SentMessages;
  /** Messages under way: the same one that comes again meanwhile is not another. */
  readonly #sending = new Map<string, Promise<number>>();
  #closed = false;

  constructor(options: ImHubOptions) {
    this.#options = options;
    const { now } = options;
    this.#mailboxes = options.mailboxes ?? new LocalMailboxes({ ...mailboxLimits, now });
    this.#sent = new SentMessages(now);
    this.#mailboxes.onWritten?.((type, ms) => options.onDelivered?.(type, ms));
    for (const { from, msgID, time } of options.sent ?? []) this.#sent.accept(from, msgID, time);
  }

  /** Opens the user's stream; an older one is ended. Call the result when the stream has closed. */
  attach(userID: string, sink: Sink, lastEventID: string | undefined): () => void {
    if (this.#closed) {
      // Its token was being checked meanwhile: nobody else would end it.
      sink.write(farewell());
      sink.end();
      return () => {};
    }
    return this.#mailboxes.attach(userID, sink, lastEventID);
  }

  /** Puts an event into the mailboxes of those users who have one; the others read the state when they come. */
  notify(userIDs: readonly string[], event: ImEvent, acceptedAtMs = performance.now()): void {
    const delivered = this.#mailboxes.notify(userIDs, JSON.stringify(event), acceptedAtMs);
    if (delivered) void delivered.then((done) => done && this.#delivered(event, acceptedAtMs));
    else this.#delivered(event, acceptedAtMs);
  }

  /**
   * Delivers a message; a repeated msgID is answered as the first time and not delivered again. Returns the time (ms)
   * of acceptance. Codes: 12, 13, 14; 1 unknown room or unreachable user; 5 sender not in the group. Rejects with
   * `ERR_RTC_STORE_UNAVAILABLE` when the message could not be kept.
   */
  async send(input: SendInput): Promise<number> {
    const { from, msgID, groupID, elements } = input;
    checkSize(elements, groupID === undefined ? maxC2cMessageBytes : maxGroupMessageBytes);
    const before = this.#sent.acceptedAt(from, msgID);
    if (before !== undefined) return before;
    const name = `${from} ${msgID}`;
    let sending = this.#sending.get(name);
    if (!sending) {
      sending = this.#deliver(input).finally(() => this.#sending.delete(name));
      this.#sending.set(name, sending);
    }
    return sending;
  }

  async #deliver({ from, msgID, groupID, to, elements }: SendInput): Promise<number> {
    const acceptedAtMs = performance.now();
    const time = this.#options.now();
    const { limits } = this.#options;
    const [maySend, members] = await Promise.all([
      limits.takeUser(from),
      groupID === undefined ? undefined : this.#options.group(groupID),
    ]);
    if (!maySend) throw tooMany('too many messages: wait a second and send it again');
    let recipients: string[];
    let event: ImEvent;
    if (groupID !== undefined) {
      if (!members) throw new ServiceError(ServiceCode.roomNotFound, 'there is no such room');
      if (!members.includes(from)) throw new ServiceError(ServiceCode.notMember, 'not a member of that room');
      // After that: who is outside must not use up what the members have.
      if (!(await limits.takeRoom(groupID))) throw tooMany('too many messages in that room: wait and send it again');
      recipients = members.filter((member) => member !== from);
      event = { type: 'group', groupID, from, time, msgID, elements };
    } else {
      if (to === undefined) throw new ServiceError(ServiceCode.parameter, 'give groupID or to');
      recipients = [to];
      event = { type: 'c2c', from, to, time, msgID, elements };
    }
    const options = { mustReach: groupID === undefined, acceptedAtMs };
    const accepted = await this.#mailboxes.post({ from, msgID, time }, recipients, JSON.stringify(event), options);
    if (accepted === undefined) {
      throw new ServiceError(ServiceCode.roomNotFound, 'that user is not connected: it has to log in first');
    }
    this.#sent.accept(from, msgID, accepted);
    this.#delivered(event, acceptedAtMs);
    return accepted;
  }

  /** Tells the user's stream why it must not come back, ends it and forgets what was kept. Never rejects. */
  async kick(userID: string, reason: KickedReason = 'loggedInElsewhere'): Promise<void> {
    const event: ImEvent = { type: 'kicked', reason };
    const startMs = performance.now();
    if (await this.#mailboxes.kick(userID, JSON.stringify(event), startMs)) this.#delivered(event, startMs);
  }

  /** Ends the user's stream and forgets what was kept; for logout. */
  drop(userID: string): void {
    this.#mailboxes.drop(userID);
  }

  /** Users whose stream is open in this process. */
  listening(): Iterable<string> {
    return this.#mailboxes.listening();
  }

  /** Forgets users whose stream has been closed for longer than the retention. */
  sweep(): void {
    this.#mailboxes.sweep();
    this.#sent.forgetIdle();
    this.#options.limits.sweep();
  }

  /** Ends every stream, those too that are attached later, and keeps what is kept. */
  close(): void {
    this.#closed = true;
    this.#mailboxes.close(farewell);
  }

  #delivered({ type }: ImEvent, acceptedAtMs: number): void {
    this.#options.onAccepted?.(type);
    if (!this.#mailboxes.onWritten) this.#options.onDelivered?.(type, performance.now() - acceptedAtMs);
  }
}

function tooMany(message: string): ServiceError {
  return new ServiceError(ServiceCode.tooManyRequests, message);
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
