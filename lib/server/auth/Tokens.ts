import { hash, randomBytes } from 'node:crypto';
import type { KickedReason } from '../im/events.js';
import { ServiceCode, ServiceError } from '../ServiceError.js';
import type { TokenRecord, TokenStore } from '../store/RoomStore.js';
import { after, type Soon } from '../store/soon.js';

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
   * time. Returns when it expires (ms), at once where the store knows it at once.
   */
  check(userID: string, token: string): Soon<number> {
    return after(this.#store.getToken(userID), (record) => this.#judge(record, userID, digest(token)));
  }

  /** `check` where `ask`, which gets the token's SHA-256 (hex), brings the user's token together with something else. */
  checkWith<Asked extends { token: TokenRecord | undefined }>(
    userID: string,
    token: string,
    ask: (given: string) => Promise<Asked>,
  ): Promise<Asked> {
    const given = digest(token);
    return ask(given).then((asked) => after(this.#judge(asked.token, userID, given), () => asked));
  }

  #judge(record: TokenRecord | undefined, userID: string, given: string): Soon<number> {
    // How long it takes to compare digests tells at most how a digest begins. Nobody can choose what digest a guess has, nor
    // make a token of a digest, so that tells nothing of the token; a store that looks a digest up is as safe.
    if (record?.hash !== given) return this.#refuse(userID, given);
    const now = this.#now();
    if (record.expiresAtMs <= now) throw new ServiceError(ServiceCode.auth, 'the token has expired: log in again');
    if (record.expiresAtMs - now >= this.#ttlMs / 2) return record.expiresAtMs;
    return this.#extend(userID, given, now + this.#ttlMs);
  }

  async #refuse(userID: string, given: string): Promise<never> {
    const ended = await this.#store.getEndedToken(userID, given);
    if (!ended || ended.expiresAtMs <= this.#now()) {
      throw new ServiceError(ServiceCode.auth, 'wrong userID or token: log in again');
    }
    throw new ServiceError(ServiceCode.auth, endedBecause[ended.reason], { reason: ended.reason });
  }

  async #extend(userID: string, hash: string, expiresAtMs: number): Promise<number> {
    await this.#store.extendToken(userID, hash, expiresAtMs);
    return expiresAtMs;
  }

  /** With a reason, whoever still holds the token is told it for as long as a token lives. */
  async revoke(userID: string, reason?: KickedReason): Promise<void> {
    await this.#store.deleteToken(userID, reason && { reason, expiresAtMs: this.#now() + this.#ttlMs });
  }
}
