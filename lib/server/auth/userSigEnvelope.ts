import { deflateSync, inflateSync } from 'node:zlib';

/** Inflated JSON of a real userSig is under 500 bytes; the original's decoder allowed 1024. */
const maxInflatedBytes = 1024;
const maxEncodedLength = 1024;

/** The text of a userSig: JSON, deflated, in base64 whose `+`, `/` and `=` are written `*`, `-` and `_`. */
export function sealUserSig(fields: object): string {
  const base64 = deflateSync(JSON.stringify(fields)).toString('base64');
  return base64.replace(/\+/g, '*').replace(/\//g, '-').replace(/=/g, '_');
}

/** The fields of a userSig; undefined when it is none. Inflating is bounded. Never throws. */
export function openUserSig(userSig: string): Record<string, unknown> | undefined {
  if (userSig.length > maxEncodedLength || !/^[A-Za-z0-9*-]+_{0,2}$/.test(userSig)) return undefined;
  const base64 = userSig.replace(/\*/g, '+').replace(/-/g, '/').replace(/_/g, '=');
  try {
    const text = inflateSync(Buffer.from(base64, 'base64'), { maxOutputLength: maxInflatedBytes }).toString('utf8');
    const fields: unknown = JSON.parse(text);
    return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
