import { createHash } from 'node:crypto';
import type { MediaServer } from '../media/MediaServer.js';
import { signature, verifySignature } from '../media/urlSignature.js';
import { ServiceCode, ServiceError } from '../ServiceError.js';

export interface StreamUrlsOptions {
  media: MediaServer;
  /** First part of every stream id. */
  bizid: string;
  /** How long a signed URL is good for, ms. */
  validityMs: number;
  now: () => number;
}

/** Makes and checks the signed stream addresses: `<bizid>_<userID>` or `<bizid>_<roomID>_<userID>`. */
export class StreamUrls {
  readonly #media: MediaServer;
  readonly #bizid: string;
  readonly #validityMs: number;
  readonly #now: () => number;
  /** Latest expiry (s) signed for a stream that was cut, so that the next URL is another one. Bounded; oldest out. */
  readonly #cutExpiry = new Map<string, number>();

  constructor(options: StreamUrlsOptions) {
    this.#media = options.media;
    this.#bizid = options.bizid;
    this.#validityMs = options.validityMs;
    this.#now = options.now;
  }

  streamID(userID: string, roomID?: string): string {
    return roomID ? `${this.#bizid}_${roomID}_${userID}` : `${this.#bizid}_${userID}`;
  }

  pushUrl(streamID: string): string {
    const query = this.#query(this.#media.pushKey, streamID, this.#expirySeconds(this.#now()));
    return `${this.#media.rtmpUrl}/${streamID}${query}`;
  }

  /** Call when a stream is cut: URLs signed before are neither handed out nor accepted again. */
  noteCut(streamID: string): void {
    // One second later than now: the media server, which revokes by the expiry too, looks at the clock after us.
    const expiry = Math.max(this.#expirySeconds(this.#now()), this.#cutExpiry.get(streamID) ?? 0) + 1;
    this.#cutExpiry.delete(streamID);
    this.#cutExpiry.set(streamID, expiry);
    if (this.#cutExpiry.size > 10_000) this.#cutExpiry.delete(this.#cutExpiry.keys().next().value as string);
  }

  /**
   * The play address of a member since `sinceMs`. The same text at every reading, so that clients can compare it, but
   * always good for at least a seventh of the validity (one day of seven): then it changes.
   */
  playUrl(streamID: string, sinceMs: number): string {
    return `${this.#media.rtmpUrl}/${streamID}${this.#playQuery(streamID, sinceMs)}`;
  }

  /** HTTP-FLV address of the same; empty when the media server has no HTTP. */
  flvUrl(streamID: string, sinceMs: number): string {
    const { httpUrl } = this.#media;
    if (httpUrl === undefined) return '';
    return `${httpUrl}/${streamID}.flv${this.#playQuery(streamID, sinceMs)}`;
  }

  /**
   * A room's `mixedPlayURL`: flvUrl() in a form that the Windows client of 2018 can read, which makes `rtmp` and all but
   * the first 5 and the last 4 characters out of it. So it is to begin with https, and ends in .flv.
   */
  mixedPlayUrl(streamID: string, sinceMs: number): string {
    const url = this.flvUrl(streamID, sinceMs);
    return url && `${url}&format=.flv`;
  }

  /** The stream of a push URL, if it is one that was issued to that user for that room (or for no room). Else code 2. */
  streamOfPushUrl(pushURL: string, userID: string, roomID: string): { streamID: string; digest: string } {
    const refuse = (why: string) =>
      new ServiceError(ServiceCode.parameter, `pushURL ${why}: get one by get_push_url and give it unchanged`);
    const mark = pushURL.indexOf('?');
    if (mark < 0) throw refuse('has no signature');
    const path = pushURL.slice(0, mark);
    const streamID = path.slice(path.lastIndexOf('/') + 1);
    if (streamID !== this.streamID(userID) && streamID !== this.streamID(userID, roomID)) {
      throw refuse('is of another user or room');
    }
    const query = new URLSearchParams(pushURL.slice(mark + 1));
    const verdict = verifySignature(this.#media.pushKey, streamID, query, Math.floor(this.#now() / 1000));
    if (verdict === 'expired') throw refuse('has expired');
    if (verdict !== 'ok') throw refuse('was not issued by this service');
    if (Number.parseInt(query.get('txTime') as string, 16) <= (this.#cutExpiry.get(streamID) ?? 0)) {
      throw refuse('was revoked when its stream was cut');
    }
    return { streamID, digest: createHash('sha256').update(pushURL).digest('hex') };
  }

  #expirySeconds(fromMs: number): number {
    return Math.floor((fromMs + this.#validityMs) / 1000);
  }

  #playQuery(streamID: string, sinceMs: number): string {
    const step = (this.#validityMs * 6) / 7;
    const steps = Math.max(0, Math.floor((this.#now() - sinceMs) / step));
    return this.#query(this.#media.playKey, streamID, this.#expirySeconds(sinceMs + steps * step));
  }

  #query(key: string, streamID: string, expirySeconds: number): string {
    const expiry = Math.max(expirySeconds, (this.#cutExpiry.get(streamID) ?? 0) + 1);
    const { txSecret, txTime } = signature(key, streamID, expiry);
    return `?bizid=${this.#bizid}&txSecret=${txSecret}&txTime=${txTime}`;
  }
}
