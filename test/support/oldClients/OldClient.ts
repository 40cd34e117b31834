import { request } from 'node:http';
import type { ImEvent } from '#lib/server/im/events';
import { EventStream } from '../server/eventStream.js';
import { sdkAppID } from '../server/roomClient.js';
import type { OldDeployment } from './OldDeployment.js';

// biome-ignore lint/suspicious/noExplicitAny: an answer is what the test says it is
export type Answer = any;
export type Element = { type: 'custom'; data: string } | { type: 'text'; text: string };

interface Timer {
  dueMs: number;
  everyMs: number | undefined;
  run: () => Promise<void>;
}

/** What the 2018 clients have in common. Each sends by itself exactly what it sent then. */
export abstract class OldClient {
  /** What the application was told, in order. */
  readonly events: unknown[][] = [];
  readonly userID: string;
  /** Not percent-encoded by any client. */
  readonly userSig: string;
  readonly sdkAppID = sdkAppID;
  readonly accountType = '14419';
  protected token = '';
  protected readonly deployment: OldDeployment;
  #timers: Timer[] = [];
  #stream: EventStream | undefined;
  #handled = 0;
  #sent = 0;

  constructor(deployment: OldDeployment, userID: string) {
    this.deployment = deployment;
    this.userID = userID;
    this.userSig = deployment.service.issueUserSig(userID);
    deployment.clients.push(this);
  }

  /** One request with that path as it is. An answer that is no JSON is undefined, as no client looks at the status. */
  protected http(url: string, headers: Record<string, string>, body: string): Promise<Answer> {
    const mark = url.indexOf('/', 'http://'.length);
    const [host, port] = url.slice('http://'.length, mark).split(':');
    return new Promise((resolve, reject) => {
      const length = { 'Content-Length': String(Buffer.byteLength(body)) };
      const options = { host, port, path: url.slice(mark), method: 'POST', headers: { ...headers, ...length } };
      const sent = request({ ...options, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece) => {
          text += piece;
        });
        response.on('end', () => {
          try {
            resolve(JSON.parse(text));
          } catch {
            resolve(undefined);
          }
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** In the place of Tencent's IM: the service's own channel carries the same bodies. */
  protected async loginIm(lastEventID?: string): Promise<void> {
    const { origin } = new URL(this.deployment.serverDomain(''));
    const query = `userID=${this.userID}&token=${this.token}`;
    this.#stream?.close();
    this.#stream = await EventStream.open(
      `${origin}/weapp/im/events?${query}`,
      lastEventID === undefined ? {} : { 'Last-Event-ID': lastEventID },
    );
    this.#handled = 0;
    const stream = this.#stream;
    await stream.until(() => stream.events.length > 0);
  }

  protected async sendIm(groupID: string, elements: Element[]): Promise<void> {
    const { origin } = new URL(this.deployment.serverDomain(''));
    const body = JSON.stringify({ msgID: `${this.userID}-${this.#sent++}`, groupID, elements });
    const url = `${origin}/weapp/im/send?userID=${this.userID}&token=${this.token}`;
    const { code, message } = await this.http(url, { 'Content-Type': 'application/json' }, body);
    if (code !== 0) throw new Error(`IM: ${code} ${message}`);
  }

  protected abstract onIm(event: ImEvent): Promise<void>;

  /** What the application was told of that name. */
  named(name: string): unknown[][] {
    return this.events.filter(([one]) => one === name);
  }

  /** Handles what has come over IM, until the application was told of that name so often; gives the last. */
  async told(name: string, count = 1, deadlineMs = 10_000): Promise<unknown[]> {
    const end = Date.now() + deadlineMs;
    for (;;) {
      await this.handle();
      const last = this.named(name)[count - 1];
      if (last) return last;
      const stream = this.#stream;
      if (!stream || stream.ended) throw new Error(`IM has ended; told so far: ${JSON.stringify(this.events)}`);
      await stream.until(() => stream.messages.length > this.#handled || stream.ended, end - Date.now());
    }
  }

  /** Handles what has come over IM so far. */
  async handle(): Promise<void> {
    for (;;) {
      const message = this.#stream?.messages[this.#handled];
      if (!message) return;
      this.#handled++;
      await this.onIm(message.data as ImEvent);
    }
  }

  async reconnect(): Promise<void> {
    if (this.#stream) await this.loginIm(this.#stream.lastID);
  }

  protected after(ms: number, run: () => Promise<void>): void {
    this.#timers.push({ dueMs: this.deployment.nowMs + ms, everyMs: undefined, run });
  }

  protected every(ms: number, run: () => Promise<void>): void {
    this.#timers.push({ dueMs: this.deployment.nowMs + ms, everyMs: ms, run });
  }

  protected stopTimers(): void {
    this.#timers = [];
  }

  async tick(nowMs: number): Promise<void> {
    for (const timer of [...this.#timers]) {
      if (timer.dueMs > nowMs) continue;
      if (timer.everyMs === undefined) this.#timers = this.#timers.filter((one) => one !== timer);
      else timer.dueMs += timer.everyMs;
      await timer.run();
    }
  }

  /** Beats no more, hears nothing more, says nothing. */
  crash(): void {
    this.stopTimers();
    this.#stream?.close();
    this.#stream = undefined;
  }
}
