import type { ServerResponse } from 'node:http';
import type { Sink } from './Mailbox.js';
import { readyFrame } from './readyFrame.js';

export interface SseSinkOptions {
  /** Unsent bytes beyond which a reader counts as too slow and is cut; it resumes when it can. */
  maxBufferedBytes: number;
  /** Every so often a comment is sent, ms, so that proxies keep the connection and clients see that it lives. */
  pingIntervalMs: number;
  /** Asked at every ping; false ends the stream (the token is revoked or has expired). */
  isValid: () => Promise<boolean>;
  onClose: () => void;
}

/** A stream of server-sent events on a response, bounded in what it queues. */
export class SseSink implements Sink {
  readonly #response: ServerResponse;
  readonly #options: SseSinkOptions;
  readonly #ping: NodeJS.Timeout;

  /** Writes the head at once. The response must be the sink's own from here on. */
  constructor(response: ServerResponse, headers: Record<string, string>, options: SseSinkOptions) {
    this.#response = response;
    this.#options = options;
    response.on('error', () => response.destroy());
    response.once('close', () => {
      clearInterval(this.#ping);
      options.onClose();
    });
    response.socket?.setNoDelay(true);
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // nginx would hold events back.
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    this.#ping = setInterval(() => void this.#beat(), options.pingIntervalMs);
    this.#ping.unref();
  }

  ready(id: string, resumed: boolean): void {
    this.write(readyFrame(id, resumed));
  }

  write(text: string): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    this.#response.write(text);
    if (this.#response.writableLength > this.#options.maxBufferedBytes) this.#response.destroy();
  }

  end(): void {
    clearInterval(this.#ping);
    if (this.#response.writableEnded || this.#response.destroyed) return;
    this.#response.end();
    // A reader that takes nothing would keep the rest, and the connection, for ever.
    const socket = this.#response.socket;
    const cut = setTimeout(() => socket?.destroy(), 1000);
    cut.unref();
    this.#response.once('close', () => clearTimeout(cut));
    this.#response.once('finish', () => socket?.end());
  }

  async #beat(): Promise<void> {
    try {
      if (await this.#options.isValid()) this.write(': ping\n\n');
      else this.end();
    } catch {
      this.end();
    }
  }
}
