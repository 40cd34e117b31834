export type PacketKind = 'header' | 'key' | 'inter' | 'audio' | 'data';

/**
 * Keeps a slow player from being sent ever older pictures: over the budget of unsent bytes it gets nothing but headers
 * until half of it has drained and the next key frame comes (in a stream without pictures the next sound, and in one of which
 * neither is known the next message).
 */
export class PlayerBudget {
  readonly #budgetBytes: number;
  /** Bytes of the GOP sent at joining, which may exceed the budget once. */
  #allowance = 0;
  #overSince: number | undefined;
  #seesVideo = false;
  #seesAudio = false;
  #dropped = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  /** Messages not sent. */
  get dropped(): number {
    return this.#dropped;
  }

  joined(queuedBytes: number): void {
    this.#allowance = queuedBytes;
  }

  /** Whether a message is to be sent to the player, `queuedBytes` being unsent. */
  admit(kind: PacketKind, queuedBytes: number, nowMs: number): boolean {
    if (kind === 'key' || kind === 'inter') this.#seesVideo = true;
    if (kind === 'audio') this.#seesAudio = true;
    if (queuedBytes <= this.#budgetBytes) this.#allowance = 0;
    if (kind === 'header') return true;
    if (this.#overSince === undefined) {
      if (queuedBytes <= this.#limit) return true;
      this.#overSince = nowMs;
    } else if (queuedBytes <= this.#limit / 2 && this.#mayResumeWith(kind)) {
      this.#overSince = undefined;
      return true;
    }
    this.#dropped++;
    return false;
  }

  /** Whether the player has not drained for so long that it is to be cut. */
  stalled(queuedBytes: number, nowMs: number, toleranceMs: number): boolean {
    return this.#overSince !== undefined && queuedBytes > this.#limit / 2 && nowMs - this.#overSince > toleranceMs;
  }

  #mayResumeWith(kind: PacketKind): boolean {
    if (this.#seesVideo) return kind === 'key';
    return this.#seesAudio ? kind === 'audio' : kind === 'data';
  }

  get #limit(): number {
    return this.#budgetBytes + this.#allowance;
  }
}
