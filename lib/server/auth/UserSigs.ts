import type { KeyObject } from 'node:crypto';
import { type UserSigVerdict, verifyUserSigV2 } from './userSig.js';
import { openUserSig } from './userSigEnvelope.js';
import { readUserSigV1, userSigPublicKey, verifyUserSigV1 } from './userSigV1.js';

export interface UserSigsOptions {
  sdkAppID: number;
  /** Of version 2. */
  secretKey: string;
  /** Of version 1, PEM; without it, userSigs of version 1 are 'noPublicKey'. */
  publicKey?: string | undefined;
}

/** Checks userSigs of both versions. */
export class UserSigs {
  readonly #sdkAppID: number;
  readonly #secretKey: string;
  readonly #publicKey: KeyObject | undefined;

  /** Throws `ERR_RTC_INVALID_ARGUMENT` for a public key that is none. */
  constructor(options: UserSigsOptions) {
    this.#sdkAppID = options.sdkAppID;
    this.#secretKey = options.secretKey;
    this.#publicKey = options.publicKey === undefined ? undefined : userSigPublicKey(options.publicKey);
  }

  /** Never rejects. */
  async verify(userSig: string, userID: string, nowSeconds: number): Promise<UserSigVerdict> {
    const fields = openUserSig(userSig);
    if (!fields) return 'undecodable';
    const common = { sdkAppID: this.#sdkAppID, userID, nowSeconds };
    if (fields['TLS.ver'] !== undefined) return verifyUserSigV2(fields, { ...common, secretKey: this.#secretKey });
    const content = readUserSigV1(fields);
    if (!content) return 'undecodable';
    if (!this.#publicKey) return 'noPublicKey';
    return verifyUserSigV1(content, { ...common, publicKey: this.#publicKey });
  }
}
