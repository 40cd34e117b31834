import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KickedReason } from '../im/events.js';
import { ServiceCode, ServiceError } from '../ServiceError.js';
import type { TokenStore } from '../store/RoomStore.js';

export interface TokensOptions {
  store: TokenStore;
  /** Life of a token after its last use, ms. */
  ttlMs: number;
  now: () => number;
}

/** SHA-256, hex. Asked of every request: the call that makes no object takes half the time. */
function digest(token: string): string {
  return hash('sha256', token);
}

const endedBecause: Readonly<Record<KickedReason, string>> = {
  loggedInElsewhere: 'the user logged in elsewhere, which ended this login: do not log in again by yourself',
  expelled: 'an administrator ended this login: do not log in again by yourself',
};

/**
 * One random token a user. Only its SHA-256 is stored. A second login replaces the first token; use extends it, so
 * that it does not end in the middle of a call (old clients never log in again).
 *
 * A token that was ended before its time is told from one that nobody knows: its holder must not log in again by itself,
 * or two devices of a user would throw each other out for ever.
 */
export class Tokens {
  readonly #store: TokenStore;
  readonly #ttlMs: number;
  readonly #now: () => number;

  constructor(options: TokensOptions) {
    this.#store = options.store;
    this.#ttlMs = options.ttlMs;
    this.#now = options.now;
  }

  /** `replaced` tells that an unexpired token of the same user was revoked by this one. */
  async issue(userID: string): Promise<{ token: string; replaced: boolean }> {
    const token = randomBytes(32).toString('base64url');
    const now = this.#now();
    const record = { userID, hash: digest(token), expiresAtMs: now + this.#ttlMs };
    const before = await this.#store.putToken(record, now);
    return { token, replaced: before !== undefined && before.expiresAtMs > now };
  }

  /**
   * Throws code 7 unless `token` is the user's own, unexpired one; with the field `reason` when it was ended before its
   * time. Returns when it expires (ms).
   */
  async check(userID: string, token: string): Promise<number> {
    const record = await this.#store.getToken(userID);
    const now = this.#now();
    const given = digest(token);
    if (!record || !timingSafeEqual(Buffer.from(given), Buffer.from(record.hash))) {
      const ended = await this.#store.getEndedToken(userID, given);
      if (!ended || ended.expiresAtMs <= now) {
        throw new ServiceError(ServiceCode.auth, 'wrong userID or token: log in again');
      }
      throw new ServiceError(ServiceCode.auth, endedBecause[ended.reason], { reason: ended.reason });
    }
    if (record.expiresAtMs <= now) throw new ServiceError(ServiceCode.auth, 'the token has expired: log in again');
    if (record.expiresAtMs - now >= this.#ttlMs / 2) return record.expiresAtMs;
    const expiresAtMs = now + this.#ttlMs;
    await this.#store.extendToken(userID, record.hash, expiresAtMs);
    return expiresAtMs;
  }

  /** With a reason, whoever still holds the token is told it for as long as a token lives. */
  async revoke(userID: string, reason?: KickedReason): Promise<void> {
    await this.#store.deleteToken(userID, reason && { reason, expiresAtMs: this.#now() + this.#ttlMs });
  }
}
