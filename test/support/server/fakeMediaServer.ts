import { EventEmitter } from 'eventemitter3';
import type { MediaServer, MediaServerEvents } from '#lib/server/media/MediaServer';

/** Stands in for a media server in tests of rooms: remembers what was cut. */
export class FakeMediaServer implements MediaServer {
  readonly rtmpUrl = 'rtmp://127.0.0.1:1935/live';
  httpUrl: string | undefined = 'http://127.0.0.1:8935/live';
  readonly pushKey = 'push-key-push-key-push-key';
  readonly playKey = 'play-key-play-key-play-key';
  readonly cuts: string[] = [];
  /** Until when (s) push URLs of a stream are revoked. */
  readonly revoked = new Map<string, number>();
  readonly publishing = new Set<string>();
  cutFailure: Error | undefined;
  probeFailure: Error | undefined;
  readonly #events = new EventEmitter<MediaServerEvents>();

  async start() {}
  async close() {}
  isPublishing(streamID: string) {
    return this.publishing.has(streamID);
  }
  async cut(streamID: string, untilSeconds: number) {
    this.cuts.push(streamID);
    if (this.cutFailure) throw this.cutFailure;
    this.revoked.set(streamID, untilSeconds);
  }
  revoke(revocations: readonly (readonly [streamID: string, untilSeconds: number])[]) {
    for (const [streamID, untilSeconds] of revocations) this.revoked.set(streamID, untilSeconds);
  }
  async probe() {
    if (this.probeFailure) throw this.probeFailure;
  }
  /** A publisher comes or goes. */
  tell(event: 'publish' | 'unpublish', streamID: string) {
    this.#events.emit(event, streamID);
  }
  on<E extends keyof MediaServerEvents>(event: E, listener: MediaServerEvents[E]): this {
    this.#events.on(event, listener as never);
    return this;
  }
}
