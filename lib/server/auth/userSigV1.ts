import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { RtcError } from '../../errors.js';
import type { UserSigVerdict } from './userSig.js';

/** What a userSig of version 1 (ECDSA over SHA-256) says, as its signed text has it. */
interface UserSigV1 {
  appIDAt3rd: string;
  accountType: string;
  userID: string;
  sdkAppID: string;
  /** Unix time of issue, seconds. */
  time: string;
  /** Validity from `time`, seconds. */
  expireAfter: string;
  sig: Buffer;
}

const verifyAsync = promisify(verify);

/**
 * The key of userSigs of version 1, from PEM: an EC public key, or a certificate with one.
 * @throws RtcError ERR_RTC_INVALID_ARGUMENT when it is none
 */
export function userSigPublicKey(pem: string): KeyObject {
  const refuse = (why: string, cause?: unknown) =>
    new RtcError('ERR_RTC_INVALID_ARGUMENT', `userSigPublicKey ${why}`, { cause });
  if (/PRIVATE KEY/.test(pem)) {
    throw refuse('is a private key, which the service must not have: give what `openssl pkey -pubout` makes of it');
  }
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw refuse('must be a public key in PEM (-----BEGIN PUBLIC KEY-----)', cause);
  }
  if (key.asymmetricKeyType !== 'ec') throw refuse(`must be an EC key, not ${key.asymmetricKeyType}`);
  return key;
}

/** Undefined when the fields are not those of version 1. */
export function readUserSigV1(fields: Record<string, unknown>): UserSigV1 | undefined {
  // The originals write numbers as texts; signed is the text.
  const text = (name: string) => {
    const value = fields[name];
    return Number.isSafeInteger(value) ? String(value) : typeof value === 'string' ? value : undefined;
  };
  const userID = text('TLS.identifier');
  const sdkAppID = text('TLS.sdk_appid');
  const time = text('TLS.time');
  const expireAfter = text('TLS.expire_after');
  const sig = fields['TLS.sig'];
  if (userID === undefined || typeof sig !== 'string') return undefined;
  for (const number of [sdkAppID, time, expireAfter]) {
    if (number === undefined || !/^[0-9]{1,15}$/.test(number)) return undefined;
  }
  return {
    appIDAt3rd: text('TLS.appid_at_3rd') ?? '0',
    accountType: text('TLS.account_type') ?? '0',
    userID,
    sdkAppID: sdkAppID as string,
    time: time as string,
    expireAfter: expireAfter as string,
    sig: Buffer.from(sig, 'base64'),
  };
}

function signedText(content: UserSigV1, appIDAt3rd: string, accountType: string): Buffer {
  return Buffer.from(
    `TLS.appid_at_3rd:${appIDAt3rd}\nTLS.account_type:${accountType}\nTLS.identifier:${content.userID}\n` +
      `TLS.sdk_appid:${content.sdkAppID}\nTLS.time:${content.time}\nTLS.expire_after:${content.expireAfter}\n`,
  );
}

export interface VerifyUserSigV1Options {
  publicKey: KeyObject;
  sdkAppID: number;
  userID: string;
  nowSeconds: number;
}

/**
 * Checks a userSig of version 1, off the event loop. Both originals' are taken: one signs zeros for the third party's
 * application and the account type whatever its fields say, the other signs what they say. Never rejects.
 */
export async function verifyUserSigV1(content: UserSigV1, options: VerifyUserSigV1Options): Promise<UserSigVerdict> {
  const { publicKey, sdkAppID, userID, nowSeconds } = options;
  // What the holder can read in it anyway comes first: it is cheap, a signature is not.
  if (Number(content.sdkAppID) !== sdkAppID) return 'wrongApp';
  if (content.userID !== userID) return 'wrongUser';
  if (nowSeconds - Number(content.time) > Number(content.expireAfter)) return 'expired';
  const texts = [signedText(content, content.appIDAt3rd, content.accountType)];
  if (content.appIDAt3rd !== '0' || content.accountType !== '0') texts.push(signedText(content, '0', '0'));
  for (const text of texts) {
    const ok = await verifyAsync('SHA256', text, publicKey, content.sig).catch(() => false);
    if (ok) return 'ok';
  }
  return 'wrongSignature';
}
