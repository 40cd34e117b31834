import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { createParser } from 'eventsource-parser';

export interface StreamEvent {
  event: string;
  id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: an event is what the test says it is
  data: any;
}

/** A reader of server-sent events for tests: every wait has a deadline. */
export class EventStream {
  readonly events: StreamEvent[] = [];
  lastID: string | undefined;
  comments = 0;
  ended = false;
  readonly response: IncomingMessage;
  readonly #request: ClientRequest;
  #wake: () => void = () => {};

  private constructor(request: ClientRequest, response: IncomingMessage) {
    this.#request = request;
    this.response = response;
    const parser = createParser({
      onEvent: ({ event = 'message', id, data }) => {
        this.lastID = id ?? this.lastID;
        this.events.push({ event, id, data: JSON.parse(data) });
        this.#wake();
      },
      onComment: () => {
        this.comments++;
        this.#wake();
      },
    });
    response.setEncoding('utf8');
    response.on('data', (text) => parser.feed(text));
    response.on('error', () => {});
    response.on('close', () => {
      this.ended = true;
      this.#wake();
    });
  }

  static open(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
    return new Promise((resolve, reject) => {
      const request = get(url, { headers, agent: false }, (response) => resolve(new EventStream(request, response)));
      request.on('error', reject);
    });
  }

  /** Resolves when the condition holds; looks again at everything that comes. */
  async until(condition: () => boolean, deadlineMs = 5000): Promise<void> {
    const end = Date.now() + deadlineMs;
    while (!condition()) {
      const left = end - Date.now();
      if (left <= 0) throw new Error(`not in time; came so far: ${JSON.stringify(this.events)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** The messages so far, without `ready`. */
  get messages(): StreamEvent[] {
    return this.events.filter((one) => one.event === 'message');
  }

  close(): void {
    this.#request.destroy();
  }
}
