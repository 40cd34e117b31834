import type { SqliteMessages } from '../store/SqliteMessages.js';
import { Mailbox, type Sink } from './Mailbox.js';
import { type Mailboxes, type MailboxesOptions, rememberSentMs, type SentMessage } from './Mailboxes.js';

/** The mailboxes of one process, in memory, and in its file if it has one. */
export class LocalMailboxes implements Mailboxes {
  readonly #options: MailboxesOptions;
  readonly #file: SqliteMessages | undefined;
  readonly #mailboxes = new Map<string, Mailbox>();

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
    }
    const attached = mailbox;
    attached.attach(sink, lastEventID);
    return () => attached.detach(sink, now());
  }

  notify(userIDs: readonly string[], data: string): undefined {
    for (const userID of new Set(userIDs)) {
      const mailbox = this.#mailboxes.get(userID);
      if (!mailbox) continue;
      mailbox.put(data);
      this.#file?.put(userID, mailbox.epoch, mailbox.oldestSeq, { seq: mailbox.seq, data });
    }
  }

  async post(message: SentMessage, userIDs: readonly string[], data: string, mustReach: boolean) {
    if (mustReach && !userIDs.some((userID) => this.#mailboxes.has(userID))) return undefined;
    this.notify(userIDs, data);
    this.#file?.remember(message);
    await this.#file?.flushed();
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

  sweep(): void {
    const now = this.#options.now();
    for (const [userID, mailbox] of this.#mailboxes) {
      const since = mailbox.detachedAtMs;
      if (since !== undefined && since < now - this.#options.retentionMs) this.#forget(userID);
    }
    this.#file?.forgetSentBefore(now - rememberSentMs);
  }

  close(farewell?: () => string): void {
    for (const { sink } of this.#mailboxes.values()) {
      if (farewell) sink?.write(farewell());
      sink?.end();
    }
  }

  #forget(userID: string): void {
    this.#mailboxes.delete(userID);
    this.#file?.drop(userID);
  }
}
