import type { SqliteMessages } from '../store/SqliteMessages.js';
import { Mailbox, type Sink } from './Mailbox.js';
import {
  type Mailboxes,
  type MailboxesOptions,
  type PostOptions,
  rememberSentMs,
  type SentMessage,
} from './Mailboxes.js';

/** Something that waits to be in the file, and is delivered then. */
interface Pending {
  userIDs: readonly string[];
  data: string;
  sent?: SentMessage;
  done: (error?: unknown) => void;
}

/**
 * The mailboxes of one process, in memory, and in its file if it has one. What comes in one turn of the event loop is
 * written in one transaction at its end and delivered then, in this order: what a client has seen is in the file, so no
 * kill of the process makes a message come twice.
 */
export class LocalMailboxes implements Mailboxes {
  readonly #options: MailboxesOptions;
  readonly #file: SqliteMessages | undefined;
  readonly #mailboxes = new Map<string, Mailbox>();
  #pending: Pending[] = [];
  #flushing: NodeJS.Immediate | undefined;

  constructor(options: MailboxesOptions, file?: SqliteMessages) {
    this.#options = options;
    this.#file = file;
    for (const [userID, kept] of file?.mailboxes() ?? []) {
      this.#mailboxes.set(userID, new Mailbox(options, options.now(), kept));
    }
  }

  attach(userID: string, sink: Sink, lastEventID: string | undefined): () => void {
    const { now } = this.#options;
    let mailbox = this.#mailboxes.get(userID);
    if (!mailbox) {
      mailbox = new Mailbox(this.#options, now());
      this.#mailboxes.set(userID, mailbox);
      this.#file?.open(userID, mailbox.epoch, mailbox.seq);
      // Before its reader is told: what comes after a kill is kept for everyone who was.
      this.#flush();
    }
    const attached = mailbox;
    attached.attach(sink, lastEventID);
    return () => attached.detach(sink, now());
  }

  notify(userIDs: readonly string[], data: string): Promise<boolean> | undefined {
    if (this.#file)
      return this.#enqueue({ userIDs, data }).then(
        () => true,
        () => true,
      );
    this.#put(userIDs, data);
    return undefined;
  }

  async post(message: SentMessage, userIDs: readonly string[], data: string, { mustReach }: PostOptions) {
    if (mustReach && !userIDs.some((userID) => this.#mailboxes.has(userID))) return undefined;
    if (this.#file) await this.#enqueue({ userIDs, data, sent: message });
    else this.#put(userIDs, data);
    return message.time;
  }

  kick(userID: string, data: string): boolean {
    const mailbox = this.#mailboxes.get(userID);
    if (!mailbox) return false;
    this.#forget(userID);
    const { sink } = mailbox;
    mailbox.put(data);
    sink?.end();
    return true;
  }

  drop(userID: string): void {
    const mailbox = this.#mailboxes.get(userID);
    if (!mailbox) return;
    this.#forget(userID);
    mailbox.sink?.end();
  }

  *listening(): Iterable<string> {
    for (const [userID, { sink }] of this.#mailboxes) if (sink) yield userID;
  }

  sweep(): void {
    const now = this.#options.now();
    for (const [userID, mailbox] of this.#mailboxes) {
      const since = mailbox.detachedAtMs;
      if (since !== undefined && since < now - this.#options.retentionMs) this.#forget(userID);
    }
    this.#file?.forgetSentBefore(now - rememberSentMs);
  }

  close(farewell?: () => string): void {
    this.#flush();
    for (const { sink } of this.#mailboxes.values()) {
      if (farewell) sink?.write(farewell());
      sink?.end();
    }
  }

  #forget(userID: string): void {
    this.#mailboxes.delete(userID);
    this.#file?.drop(userID);
    this.#flushSoon();
  }

  #put(userIDs: readonly string[], data: string): void {
    for (const userID of new Set(userIDs)) this.#mailboxes.get(userID)?.put(data);
  }

  /** What follows is not in the file: after a kill its numbers must not be taken for those of other messages. */
  #renew(userIDs: readonly string[]): void {
    for (const userID of userIDs) this.#mailboxes.get(userID)?.renew();
  }

  #enqueue(pending: Omit<Pending, 'done'>): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error?: unknown) => (error === undefined ? resolve() : reject(error));
      this.#pending.push({ ...pending, done });
      this.#flushSoon();
    });
  }

  #flushSoon(): void {
    if (this.#file) this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const file = this.#file;
    const all = this.#pending;
    this.#pending = [];
    if (!file) return;
    let failure: unknown;
    try {
      const numbers = new Map<Mailbox, number>();
      for (const { userIDs, data, sent } of all) {
        if (sent) file.remember(sent);
        for (const userID of new Set(userIDs)) {
          const mailbox = this.#mailboxes.get(userID);
          if (!mailbox) continue;
          const seq = (numbers.get(mailbox) ?? mailbox.seq) + 1;
          numbers.set(mailbox, seq);
          file.put(userID, mailbox.epoch, mailbox.oldestSeq, { seq, data });
        }
      }
      file.flush();
    } catch (error) {
      failure = error;
    }
    for (const { userIDs, data, sent, done } of all) {
      // A message that is not kept is refused, and its sender tries again. A notice has nobody who would.
      if (failure !== undefined && !sent) this.#renew(userIDs);
      if (failure === undefined || !sent) this.#put(userIDs, data);
      done(failure);
    }
  }
}
