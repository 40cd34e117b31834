import { verifySignature } from './urlSignature.js';

export type GateVerdict = 'ok' | 'missing' | 'bad' | 'expired' | 'revoked';

export interface UrlGateOptions {
  pushKey: string;
  playKey: string;
  /** Seconds since 1970. Default: the system's clock. */
  now?: () => number;
}

/** Streams of which revocations are remembered; the oldest is forgotten first. Some 15 MB. */
export const maxRevocations = 100_000;

/**
 * Who may publish and play. A cut stream's push URLs are revoked by their expiry: those that expire at or before the
 * revocation's second are refused, a push URL signed to expire later is good again. Play URLs are not revoked: without
 * a permitted publisher there is nothing to see.
 */
export class UrlGate {
  readonly #options: UrlGateOptions;
  readonly #now: () => number;
  readonly #revoked = new Map<string, number>();

  constructor(options: UrlGateOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => Date.now() / 1000);
  }

  check(kind: 'publish' | 'play', streamID: string, query: URLSearchParams): GateVerdict {
    const key = kind === 'publish' ? this.#options.pushKey : this.#options.playKey;
    const verdict = verifySignature(key, streamID, query, this.#now());
    if (verdict !== 'ok' || kind === 'play') return verdict;
    return expiryOf(query) <= (this.#revoked.get(streamID) ?? 0) ? 'revoked' : 'ok';
  }

  /** Push URLs of the stream that expire at or before `untilSeconds` are refused from now on. */
  revoke(streamID: string, untilSeconds: number): void {
    const until = Math.max(untilSeconds, this.#revoked.get(streamID) ?? 0);
    this.#revoked.delete(streamID);
    if (until <= this.#now()) return; // those have expired by themselves
    this.#revoked.set(streamID, until);
    if (this.#revoked.size > maxRevocations) this.#revoked.delete(this.#revoked.keys().next().value as string);
  }

  get revocations(): [streamID: string, untilSeconds: number][] {
    return [...this.#revoked];
  }
}

/** The second at which a verified URL expires. */
export function expiryOf(query: URLSearchParams): number {
  return Number.parseInt(query.get('txTime') ?? '0', 16);
}
