import { hash } from 'node:crypto';
import type { MediaServer } from '../media/MediaServer.js';
import { expiryOf } from '../media/UrlGate.js';
import { signature, verifySignature } from '../media/urlSignature.js';
import { ServiceCode, ServiceError } from '../ServiceError.js';
import type { RevocationStore } from '../store/RoomStore.js';
import { after, type Soon } from '../store/soon.js';

export interface StreamUrlsOptions {
  media: MediaServer;
  store: RevocationStore;
  /** First part of every stream id. */
  bizid: string;
  /** How long a signed URL is good for, ms. */
  validityMs: number;
  now: () => number;
}

/** Code 2 for a push URL, and why. */
export function badPushUrl(why: string): ServiceError {
  return new ServiceError(ServiceCode.parameter, `pushURL ${why}: get one by get_push_url and give it unchanged`);
}

/** Some 2 MB. */
const maxPlayQueries = 10_000;

/** Makes and checks the signed stream addresses: `<bizid>_<userID>` or `<bizid>_<roomID>_<userID>`. */
export class StreamUrls {
  readonly #media: MediaServer;
  readonly #store: RevocationStore;
  readonly #bizid: string;
  readonly #validityMs: number;
  readonly #now: () => number;
  /** Queries of play URLs by stream and expiry: a list of rooms has a hundred, read again and again. Bounded; oldest out. */
  readonly #playQueries = new Map<string, string>();

  constructor(options: StreamUrlsOptions) {
    this.#media = options.media;
    this.#store = options.store;
    this.#bizid = options.bizid;
    this.#validityMs = options.validityMs;
    this.#now = options.now;
  }

  streamID(userID: string, roomID?: string): string {
    return roomID ? `${this.#bizid}_${roomID}_${userID}` : `${this.#bizid}_${userID}`;
  }

  pushUrl(streamID: string): Soon<string> {
    return after(this.#store.revokedUntil(streamID), (revokedUntil) => {
      const expiry = Math.max(this.#expirySeconds(this.#now()), revokedUntil + 1);
      return `${this.#media.rtmpUrl}/${streamID}${this.#query(this.#media.pushKey, streamID, expiry)}`;
    });
  }

  /**
   * Before a stream is cut: push URLs signed so far are neither handed out nor accepted again, by any process. Returns
   * the second until which they are revoked.
   */
  revoke(streamID: string): Promise<number> {
    return this.#store.revokeStream(streamID, this.revokeUntilSeconds());
  }

  /** Expiry of the latest push URLs that are signed by now: one second more, another process's clock may be ahead. */
  revokeUntilSeconds(): number {
    return this.#expirySeconds(this.#now()) + 1;
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

  /**
   * The stream of a push URL, if it is one that was issued to that user for that room (or for no room), and until which second
   * it was signed. Else code 2. Whether it was revoked since is for the store to say.
   */
  streamOfPushUrl(pushURL: string, userID: string, roomID: string) {
    const mark = pushURL.indexOf('?');
    if (mark < 0) throw badPushUrl('has no signature');
    const path = pushURL.slice(0, mark);
    const given = path.slice(path.lastIndexOf('/') + 1);
    // Our own text of it is kept: a piece of the address would keep the whole address in memory for as long as the member.
    const streamID = [this.streamID(userID), this.streamID(userID, roomID)].find((one) => one === given);
    if (streamID === undefined) throw badPushUrl('is of another user or room');
    const query = new URLSearchParams(pushURL.slice(mark + 1));
    const verdict = verifySignature(this.#media.pushKey, streamID, query, Math.floor(this.#now() / 1000));
    if (verdict === 'expired') throw badPushUrl('has expired');
    if (verdict !== 'ok') throw badPushUrl('was not issued by this service');
    return { streamID, digest: hash('sha256', pushURL), untilSeconds: expiryOf(query) };
  }

  /** When play addresses since then change, ms since 1970. */
  playUrlChangesAtMs(sinceMs: number): number {
    return sinceMs + (this.#steps(sinceMs) + 1) * this.#stepMs;
  }

  get #stepMs(): number {
    return (this.#validityMs * 6) / 7;
  }

  #steps(sinceMs: number): number {
    return Math.max(0, Math.floor((this.#now() - sinceMs) / this.#stepMs));
  }

  #expirySeconds(fromMs: number): number {
    return Math.floor((fromMs + this.#validityMs) / 1000);
  }

  #playQuery(streamID: string, sinceMs: number): string {
    const expirySeconds = this.#expirySeconds(sinceMs + this.#steps(sinceMs) * this.#stepMs);
    const name = `${streamID} ${expirySeconds}`;
    let query = this.#playQueries.get(name);
    if (query === undefined) {
      query = this.#query(this.#media.playKey, streamID, expirySeconds);
      this.#playQueries.set(name, query);
      if (this.#playQueries.size > maxPlayQueries) {
        this.#playQueries.delete(this.#playQueries.keys().next().value as string);
      }
    }
    return query;
  }

  #query(key: string, streamID: string, expirySeconds: number): string {
    const { txSecret, txTime } = signature(key, streamID, expirySeconds);
    return `?bizid=${this.#bizid}&txSecret=${txSecret}&txTime=${txTime}`;
  }
}
