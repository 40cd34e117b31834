import { createHmac, timingSafeEqual } from 'node:crypto';
import { sealUserSig } from './userSigEnvelope.js';

/** What a userSig (version 2, HMAC-SHA256) says. Times in seconds. */
export interface UserSigContent {
  sdkAppID: number;
  userID: string;
  /** Unix time of issue, seconds. */
  time: number;
  /** Validity from `time`, seconds. */
  expire: number;
}

export interface IssueUserSigOptions {
  sdkAppID: number;
  secretKey: string;
  userID: string;
  /** Unix time, seconds. Default: now. */
  nowSeconds?: number;
  /** Default 2 592 000 s = 30 days, as the original's get_login_info. */
  expireSeconds?: number;
}

export type UserSigVerdict =
  | 'ok'
  | 'undecodable'
  | 'wrongSignature'
  | 'wrongApp'
  | 'wrongUser'
  | 'expired'
  /** Of version 1, for which the service has no public key. */
  | 'noPublicKey';

function signature(secretKey: string, content: UserSigContent, userbuf: string | undefined): Buffer {
  let text =
    `TLS.identifier:${content.userID}\nTLS.sdkappid:${content.sdkAppID}\n` +
    `TLS.time:${content.time}\nTLS.expire:${content.expire}\n`;
  if (userbuf !== undefined) text += `TLS.userbuf:${userbuf}\n`;
  return createHmac('sha256', secretKey).update(text).digest();
}

/** Issues a userSig as Tencent's TLSSigAPIv2 does. Keep the secret key on the server. */
export function issueUserSig(options: IssueUserSigOptions): string {
  const content: UserSigContent = {
    sdkAppID: options.sdkAppID,
    userID: options.userID,
    time: options.nowSeconds ?? Math.floor(Date.now() / 1000),
    expire: options.expireSeconds ?? 2_592_000,
  };
  return sealUserSig({
    'TLS.ver': '2.0',
    'TLS.identifier': content.userID,
    'TLS.sdkappid': content.sdkAppID,
    'TLS.time': content.time,
    'TLS.expire': content.expire,
    'TLS.sig': signature(options.secretKey, content, undefined).toString('base64'),
  });
}

interface UserSigV2 extends UserSigContent {
  sig: Buffer;
  userbuf: string | undefined;
}

function read(fields: Record<string, unknown>): UserSigV2 | undefined {
  const { 'TLS.identifier': userID, 'TLS.sdkappid': sdkAppID, 'TLS.time': time, 'TLS.expire': expire } = fields;
  const { 'TLS.sig': sig, 'TLS.userbuf': userbuf } = fields;
  if (fields['TLS.ver'] !== '2.0' || typeof userID !== 'string' || typeof sig !== 'string') return undefined;
  if (!Number.isSafeInteger(sdkAppID) || !Number.isSafeInteger(time) || !Number.isSafeInteger(expire)) return undefined;
  if (userbuf !== undefined && typeof userbuf !== 'string') return undefined;
  return {
    userID,
    sdkAppID: sdkAppID as number,
    time: time as number,
    expire: expire as number,
    sig: Buffer.from(sig, 'base64'),
    userbuf,
  };
}

export interface VerifyUserSigV2Options {
  sdkAppID: number;
  secretKey: string;
  userID: string;
  nowSeconds: number;
}

/** Checks the fields of a userSig of version 2. The signature is compared in constant time. Never throws. */
export function verifyUserSigV2(fields: Record<string, unknown>, options: VerifyUserSigV2Options): UserSigVerdict {
  const content = read(fields);
  if (!content) return 'undecodable';
  const expected = signature(options.secretKey, content, content.userbuf);
  if (content.sig.length !== expected.length || !timingSafeEqual(content.sig, expected)) return 'wrongSignature';
  if (content.sdkAppID !== options.sdkAppID) return 'wrongApp';
  if (content.userID !== options.userID) return 'wrongUser';
  if (options.nowSeconds - content.time > content.expire) return 'expired';
  return 'ok';
}
