import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ServiceCode, ServiceError } from '../ServiceError.js';
import type { TokenStore } from '../store/RoomStore.js';

export interface TokensOptions {
  store: TokenStore;
  /** Life of a token after its last use, ms. */
  ttlMs: number;
  now: () => number;
}

function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/**
 * One random token a user. Only its SHA-256 is stored. A second login replaces the first token; use extends it, so
 * that it does not end in the middle of a call (old clients never log in again).
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
    const before = await this.#store.putToken({
      userID,
      hash: hash(token).toString('hex'),
      expiresAtMs: now + this.#ttlMs,
    });
    return { token, replaced: before !== undefined && before.expiresAtMs > now };
  }

  /** Throws code 7 unless `token` is the user's own, unexpired one. Returns when it expires (ms). */
  async check(userID: string, token: string): Promise<number> {
    const record = await this.#store.getToken(userID);
    const now = this.#now();
    const given = hash(token);
    if (!record || !timingSafeEqual(given, Buffer.from(record.hash, 'hex'))) {
      throw new ServiceError(
        ServiceCode.auth,
        'wrong userID or token: log in again (a newer login ends the older one)',
      );
    }
    if (record.expiresAtMs <= now) throw new ServiceError(ServiceCode.auth, 'the token has expired: log in again');
    if (record.expiresAtMs - now >= this.#ttlMs / 2) return record.expiresAtMs;
    const expiresAtMs = now + this.#ttlMs;
    await this.#store.extendToken(userID, record.hash, expiresAtMs);
    return expiresAtMs;
  }

  async revoke(userID: string): Promise<void> {
    await this.#store.deleteToken(userID);
  }
}
