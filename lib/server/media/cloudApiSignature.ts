import { createHash } from 'node:crypto';

/** Signature of Tencent's video cloud API: lower-case hex MD5 of the API key and `t`, the second until which it is good. */
export function cloudApiSignature(apiKey: string, t: number): string {
  return createHash('md5').update(`${apiKey}${t}`, 'utf8').digest('hex');
}
