import { createHmac, timingSafeEqual } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';

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

export type UserSigVerdict = 'ok' | 'undecodable' | 'wrongSignature' | 'wrongApp' | 'wrongUser' | 'expired';

/** Inflated JSON of a real userSig is under 400 bytes; the original's decoder allowed 1024. */
const maxInflatedBytes = 1024;
const maxEncodedLength = 1024;

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
  const json = JSON.stringify({
    'TLS.ver': '2.0',
    'TLS.identifier': content.userID,
    'TLS.sdkappid': content.sdkAppID,
    'TLS.time': content.time,
    'TLS.expire': content.expire,
    'TLS.sig': signature(options.secretKey, content, undefined).toString('base64'),
  });
  return deflateSync(json).toString('base64').replace(/\+/g, '*').replace(/\//g, '-').replace(/=/g, '_');
}

interface Decoded extends UserSigContent {
  sig: Buffer;
  userbuf: string | undefined;
}

function decode(userSig: string): Decoded | undefined {
  if (userSig.length > maxEncodedLength || !/^[A-Za-z0-9*-]+_{0,2}$/.test(userSig)) return undefined;
  const base64 = userSig.replace(/\*/g, '+').replace(/-/g, '/').replace(/_/g, '=');
  let fields: Record<string, unknown>;
  try {
    const json: unknown = JSON.parse(
      inflateSync(Buffer.from(base64, 'base64'), { maxOutputLength: maxInflatedBytes }).toString('utf8'),
    );
    if (typeof json !== 'object' || json === null) return undefined;
    fields = json as Record<string, unknown>;
  } catch {
    return undefined;
  }
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

export interface VerifyUserSigOptions {
  sdkAppID: number;
  secretKey: string;
  userID: string;
  nowSeconds: number;
}

/** Checks a userSig. The signature is compared in constant time; inflating is bounded. Never throws. */
export function verifyUserSig(userSig: string, options: VerifyUserSigOptions): UserSigVerdict {
  const decoded = decode(userSig);
  if (!decoded) return 'undecodable';
  const expected = signature(options.secretKey, decoded, decoded.userbuf);
  if (decoded.sig.length !== expected.length || !timingSafeEqual(decoded.sig, expected)) return 'wrongSignature';
  if (decoded.sdkAppID !== options.sdkAppID) return 'wrongApp';
  if (decoded.userID !== options.userID) return 'wrongUser';
  if (options.nowSeconds - decoded.time > decoded.expire) return 'expired';
  return 'ok';
}
