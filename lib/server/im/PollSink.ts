import type { ServerResponse } from 'node:http';
import type { Sink } from './Mailbox.js';
import { readyFrame } from './readyFrame.js';

export interface PollSinkOptions {
  /** How long to wait for something to tell from `ready` on, ms. */
  waitMs: number;
  onClose: () => void;
}

/**
 * One long poll: an answer in the format of the event stream that is complete when there is something to tell or nothing
 * came in time. With its length it passes proxies that hold a stream back.
 */
export class PollSink implements Sink {
  readonly #response: ServerResponse;
  readonly #headers: Record<string, string>;
  readonly #options: PollSinkOptions;
  /** Runs from `ready` on: where the mailbox is asked for elsewhere, that comes later. */
  #timer: NodeJS.Timeout | undefined;
  #text = '';
  #isDone = false;

  /** The response must be the sink's own from here on. */
  constructor(response: ServerResponse, headers: Record<string, string>, options: PollSinkOptions) {
    this.#response = response;
    this.#headers = headers;
    this.#options = options;
    response.on('error', () => response.destroy());
    response.once('close', () => {
      this.#isDone = true;
      clearTimeout(this.#timer);
      options.onClose();
    });
  }

  ready(id: string, resumed: boolean): void {
    if (this.#isDone) return;
    this.#text = readyFrame(id, resumed);
    // A reader that missed something must not hear of it at the end of the wait.
    const waitMs = resumed ? this.#options.waitMs : 0;
    if (waitMs === 0) {
      setImmediate(() => this.end());
      return;
    }
    this.#timer = setTimeout(() => this.end(), waitMs);
    this.#timer.unref();
  }

  /** What is told in the same turn travels together. */
  write(text: string): void {
    this.#text += text;
    setImmediate(() => this.end());
  }

  end(): void {
    if (this.#isDone || this.#response.destroyed) return;
    this.#isDone = true;
    clearTimeout(this.#timer);
    const body = Buffer.from(this.#text);
    this.#response.writeHead(200, {
      ...this.#headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'content-length': String(body.length),
      'cache-control': 'no-store, no-transform',
    });
    this.#response.end(body);
  }
}
