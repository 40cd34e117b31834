import { checkStreamAddresses, type StreamAddresses } from './embeddedMediaServerOptions.js';
import type { MediaServer } from './MediaServer.js';

/**
 * A media server that only checks addresses, or a CDN: it tells nothing of its streams and cannot be told to cut one. Who
 * left a room or was expelled cannot take a seat by an old address; a stream that is being pushed goes on until its pusher
 * stops, and may be pushed again by its address until that expires. So sign addresses for a short time (`urlValidityMs`).
 */
export class ExternalMediaServer implements MediaServer {
  readonly rtmpUrl: string;
  readonly httpUrl: string | undefined;
  readonly pushKey: string;
  readonly playKey: string;

  /** Throws `ERR_RTC_INVALID_ARGUMENT`. */
  constructor(options: StreamAddresses) {
    checkStreamAddresses('ExternalMediaServer', options);
    this.rtmpUrl = options.rtmpUrl;
    this.httpUrl = options.httpUrl;
    this.pushKey = options.pushKey;
    this.playKey = options.playKey;
  }

  async start(): Promise<void> {}

  async close(): Promise<void> {}

  isPublishing(): undefined {}

  async cut(): Promise<void> {}

  /** There is nothing to tell. */
  on(): this {
    return this;
  }
}
