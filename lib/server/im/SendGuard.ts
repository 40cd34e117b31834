import { rememberSentMs } from './Mailboxes.js';

export interface SendGuardOptions {
  /** Messages a second that a user may send on average. */
  ratePerSecond: number;
  /** Messages that it may send at once. */
  burst: number;
  now: () => number;
}

interface Sender {
  allowance: number;
  updatedMs: number;
  /** msgID → time (ms) it was accepted at; in order of sending. */
  sent: Map<string, number>;
}

/** Of the sender's latest messages, so many are known again. */
const rememberCount = 500;

/** What each sender sent lately: a repeated message is recognised, too many are refused (a token bucket). */
export class SendGuard {
  readonly #options: SendGuardOptions;
  readonly #senders = new Map<string, Sender>();

  constructor(options: SendGuardOptions) {
    this.#options = options;
  }

  /** When that message was accepted before (ms), or undefined. */
  acceptedAt(userID: string, msgID: string): number | undefined {
    return this.#senders.get(userID)?.sent.get(msgID);
  }

  /** Takes one message from the sender's allowance; false when it has none left. */
  take(userID: string): boolean {
    const sender = this.#sender(userID);
    const now = this.#options.now();
    const { ratePerSecond, burst } = this.#options;
    const elapsedSeconds = Math.max(0, now - sender.updatedMs) / 1000;
    sender.allowance = Math.min(burst, sender.allowance + elapsedSeconds * ratePerSecond);
    sender.updatedMs = now;
    if (sender.allowance < 1) return false;
    sender.allowance -= 1;
    return true;
  }

  accept(userID: string, msgID: string, timeMs: number): void {
    const { sent } = this.#sender(userID);
    sent.set(msgID, timeMs);
    if (sent.size > rememberCount) sent.delete(sent.keys().next().value as string);
  }

  /** Forgets senders that were silent for long. */
  forgetIdle(): void {
    const before = this.#options.now() - rememberSentMs;
    for (const [userID, sender] of this.#senders) {
      if (sender.updatedMs < before) this.#senders.delete(userID);
    }
  }

  #sender(userID: string): Sender {
    let sender = this.#senders.get(userID);
    if (!sender) {
      sender = { allowance: this.#options.burst, updatedMs: this.#options.now(), sent: new Map() };
      this.#senders.set(userID, sender);
    }
    return sender;
  }
}
