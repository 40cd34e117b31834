import { setMaxListeners } from 'node:events';
import { Agent, request } from 'undici';
import { Backoff } from '#lib/Backoff';
import { delay } from '#lib/delay';
import { issueUserSig } from '#lib/server/auth/userSig';
import { sdkAppID, secretKey } from '../server/roomClient.js';

export interface CrowdOptions {
  /** Of the service, or of what stands before it: `http://host:port`. */
  url: string;
  /** In [0, 1). */
  random: () => number;
  /** Between two heartbeats of a member, ms. Default 5000, as the clients'. */
  beatMs?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: an answer is what the test says it is
export type CrowdAnswer = any;

/** What very many members in one process share: connections for calls, as behind one proxy, chance, and what went wrong. */
export class Crowd {
  readonly url: string;
  readonly random: () => number;
  readonly beatMs: number;
  /** One connection a stream. */
  readonly streams = new Agent({ connections: null, pipelining: 1, connect: { timeout: 0 } });
  /** What no member may ever see. */
  readonly faults: string[] = [];
  /** Answers that were refusals of a service that is busy or has no store, by status. */
  readonly refusals = new Map<number, number>();
  /** Members do nothing new of their own while this is true. */
  paused = false;
  readonly #calls = new Agent({ connections: 64, pipelining: 1, connect: { timeout: 0 } });
  readonly #end = new AbortController();

  constructor(options: CrowdOptions) {
    this.url = options.url;
    this.random = options.random;
    this.beatMs = options.beatMs ?? 5000;
    setMaxListeners(0, this.signal);
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  between(least: number, most: number): number {
    return least + this.random() * (most - least);
  }

  /** Rejects when the crowd is closed meanwhile. */
  async wait(ms: number, signal = this.signal): Promise<void> {
    await delay(ms, signal);
    signal.throwIfAborted();
  }

  fault(text: string): void {
    if (this.faults.length < 20) this.faults.push(text);
  }

  loginQuery(userID: string): Record<string, string> {
    const userSig = issueUserSig({ sdkAppID, secretKey, userID, expireSeconds: 3600 });
    return { sdkAppID: String(sdkAppID), accountType: '0', userID, userSig };
  }

  /** Calls again until the service itself answers: as a client does, behind waits that grow. */
  async call(method: string, query: Record<string, string>, body: object, signal = this.signal): Promise<CrowdAnswer> {
    const backoff = new Backoff({ minMs: 200, maxMs: 2000, random: this.random });
    for (;;) {
      signal.throwIfAborted();
      const answer = await this.#ask(method, query, body);
      if (answer?.statusCode === 200) return answer.json;
      let waitMs = backoff.nextMs();
      if (answer) {
        this.refusals.set(answer.statusCode, (this.refusals.get(answer.statusCode) ?? 0) + 1);
        waitMs = Math.max(waitMs, answer.retryAfterMs * this.between(1, 1.5));
      }
      await this.wait(waitMs, signal);
    }
  }

  async #ask(method: string, query: Record<string, string>, body: object) {
    try {
      const {
        statusCode,
        headers,
        body: text,
      } = await request(`${this.url}/weapp/${method}?${new URLSearchParams(query)}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        dispatcher: this.#calls,
        headersTimeout: 30_000,
        bodyTimeout: 30_000,
      });
      const json: CrowdAnswer = await text.json();
      return { statusCode, json, retryAfterMs: Number(headers['retry-after'] ?? 0) * 1000 };
    } catch {
      return undefined;
    }
  }

  async close(): Promise<void> {
    this.#end.abort();
    await Promise.all([this.#calls.destroy(), this.streams.destroy()]);
  }
}
