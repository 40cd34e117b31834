import { createHmac } from 'node:crypto';
import { RtcError } from '../../../errors.js';

/**
 * What a media server tells a room service that controls it: a line of JSON each, the first one 'hello', then one at least
 * every `aliveIntervalMs`.
 */
export type ControlEvent =
  | {
      type: 'hello';
      /** Of one run of the media server: another one has other streams. */
      instance: string;
      /** `signingKeysProof` of its keys. */
      keys: string;
      /** Those with a publisher. */
      streams: string[];
    }
  | { type: 'publish' | 'unpublish'; streamID: string }
  | { type: 'restart' | 'alive' };

/** Push addresses of a stream that expire at or before that second (since 1970) are good no more. */
export type StreamUntil = readonly [streamID: string, untilSeconds: number];

/** Below the address of the control API, all with `Authorization: Bearer` and its key. */
export const controlPaths = {
  /** GET: `ControlEvent`s without end. */
  events: '/media/v1/events',
  /** POST `{ streams: StreamUntil[] }`: as `MediaServer.cut` and `MediaServer.revoke` of each. */
  cut: '/media/v1/cut',
  revoke: '/media/v1/revoke',
  /** GET, without a key: 200 when streams can be pushed and played, else 503 and the `cause`. */
  ready: '/readyz',
} as const;

export const aliveIntervalMs = 2000;
/** Streams of one call. */
export const maxStreamsACall = 1000;

/** @throws RtcError ERR_RTC_INVALID_ARGUMENT, without the key */
export function checkControlKey(who: string, key: string): void {
  if (/^[\x21-\x7e]{16,512}$/.test(key)) return;
  const message = `${who}: controlKey must be 16 to 512 printable characters without spaces`;
  throw new RtcError('ERR_RTC_INVALID_ARGUMENT', message);
}

/**
 * Lets both ends see whether they sign by the same keys, without a key on the wire: hex of HMAC-SHA256 by the key of the
 * control API.
 */
export function signingKeysProof(controlKey: string, pushKey: string, playKey: string): string {
  return createHmac('sha256', controlKey)
    .update(JSON.stringify([pushKey, playKey]))
    .digest('hex');
}
