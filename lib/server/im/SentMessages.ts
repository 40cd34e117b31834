import { rememberSentMs } from './Mailboxes.js';

interface Sender {
  lastMs: number;
  /** msgID → time (ms) it was accepted at; in order of sending. */
  sent: Map<string, number>;
}

/** Of the sender's latest messages, so many are known again. */
const rememberCount = 500;

/** What each sender sent lately, so that a repeated message is recognised. */
export class SentMessages {
  readonly #now: () => number;
  readonly #senders = new Map<string, Sender>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** When that message was accepted before (ms), or undefined. */
  acceptedAt(userID: string, msgID: string): number | undefined {
    return this.#senders.get(userID)?.sent.get(msgID);
  }

  accept(userID: string, msgID: string, timeMs: number): void {
    let sender = this.#senders.get(userID);
    if (!sender) {
      sender = { lastMs: 0, sent: new Map() };
      this.#senders.set(userID, sender);
    }
    const { sent } = sender;
    sender.lastMs = this.#now();
    sent.set(msgID, timeMs);
    if (sent.size > rememberCount) sent.delete(sent.keys().next().value as string);
  }

  /** Forgets senders that were silent for long. */
  forgetIdle(): void {
    const before = this.#now() - rememberSentMs;
    for (const [userID, { lastMs }] of this.#senders) if (lastMs < before) this.#senders.delete(userID);
  }
}
