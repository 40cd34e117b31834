import { hash, timingSafeEqual } from 'node:crypto';

export interface UrlSignature {
  /** Lower-case hex MD5 of key, stream id and txTime, without separators. */
  txSecret: string;
  /** Upper-case hex of the second (since 1970) until which the URL is good, without padding. */
  txTime: string;
}

export type SignatureVerdict = 'ok' | 'missing' | 'bad' | 'expired';

/**
 * The push and play signature of Tencent's video cloud.
 * @throws RangeError when the expiry is not a positive whole number of seconds
 */
export function signature(key: string, streamID: string, expiresAtSeconds: number): UrlSignature {
  if (!Number.isSafeInteger(expiresAtSeconds) || expiresAtSeconds <= 0) {
    throw new RangeError('expiresAtSeconds must be a positive whole number of seconds since 1970');
  }
  const txTime = expiresAtSeconds.toString(16).toUpperCase();
  return { txSecret: secretOf(key, streamID, txTime), txTime };
}

/**
 * Checks the txSecret and txTime of a URL's query. A wrong signature is 'bad' even when it has expired too, so that a
 * guesser learns nothing of the clock.
 */
export function verifySignature(
  key: string,
  streamID: string,
  query: URLSearchParams,
  nowSeconds: number,
): SignatureVerdict {
  const secret = query.get('txSecret');
  const time = query.get('txTime');
  if (!secret || !time) return 'missing';
  // 12 hex digits stay exact in a double and are far beyond any real expiry
  if (!/^[0-9a-f]{1,12}$/i.test(time) || !/^[0-9a-f]{32}$/i.test(secret)) return 'bad';
  const expected = Buffer.from(secretOf(key, streamID, time), 'latin1');
  if (!timingSafeEqual(expected, Buffer.from(secret.toLowerCase(), 'latin1'))) return 'bad';
  return Number.parseInt(time, 16) > nowSeconds ? 'ok' : 'expired';
}

function secretOf(key: string, streamID: string, txTime: string): string {
  return hash('md5', `${key}${streamID}${txTime}`);
}
