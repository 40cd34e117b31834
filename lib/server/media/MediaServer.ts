import type { RtcError } from '../../errors.js';

export interface MediaServerEvents {
  /** A publisher has the stream. */
  publish: (streamID: string) => void;
  /** The publisher of the stream is gone, whatever the reason; a dead server ends all of its streams. */
  unpublish: (streamID: string) => void;
  /** The server had died and is back on the same ports. Publishers and players have to connect again. */
  restart: () => void;
  /** The server died too often and stays down; `start()` may be called again. */
  exit: (error: RtcError) => void;
}

/**
 * What the room service needs of a media server. A push URL is `${rtmpUrl}/${streamID}?bizid=…&txSecret=…&txTime=…`
 * signed with `pushKey`; a play URL is the same signed with `playKey`; over HTTP it is `${httpUrl}/${streamID}.flv?…`.
 */
export interface MediaServer {
  /** @throws RtcError ERR_RTC_MEDIA_SERVER when it cannot be started, or will not be controlled from here */
  start(): Promise<void>;
  /** Ends it and every stream; one that others use as well goes on without this process. Closing twice is nothing. */
  close(): Promise<void>;
  /** Without a slash at its end, e.g. `rtmp://127.0.0.1:1935/live`. */
  readonly rtmpUrl: string;
  /** The same for HTTP-FLV, e.g. `http://127.0.0.1:8000/live`; undefined where there is none. */
  readonly httpUrl: string | undefined;
  readonly pushKey: string;
  readonly playKey: string;
  /** Undefined where it tells nothing of its streams: a member without heartbeats is then not spared for its stream. */
  isPublishing(streamID: string): boolean | undefined;
  /** Rejects with the reason when it could serve no stream now. Absent where nothing can be asked, as with a CDN. */
  probe?(signal: AbortSignal): Promise<void>;
  /**
   * Ends the publisher and the players of a stream, and the right to come back of its push URLs that expire at or before
   * `untilSeconds` (since 1970); resolves when they are cut. While a server of another process cannot be reached it resolves
   * at once, and they are cut as soon as it can be.
   */
  cut(streamID: string, untilSeconds: number): Promise<void>;
  /**
   * Does the same for streams that were cut before this server was there, or by another process; who publishes by a URL
   * that expires later goes on. Absent where URLs cannot be revoked.
   */
  revoke?(revocations: readonly (readonly [streamID: string, untilSeconds: number])[]): void;
  on(event: 'publish' | 'unpublish', listener: (streamID: string) => void): this;
  on(event: 'restart', listener: () => void): this;
  on(event: 'exit', listener: (error: RtcError) => void): this;
}
