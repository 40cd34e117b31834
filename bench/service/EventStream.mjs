import { createParser } from 'eventsource-parser';
import { Client } from 'undici';

/** A user's open stream of events. */
export class EventStream {
  #client;

  /** Resolves when the server has said that it is ready. */
  static open(url, user, onMessage = () => undefined) {
    const stream = new EventStream();
    stream.#client = new Client(url, { bodyTimeout: 0 });
    return new Promise((resolve, reject) => {
      const parser = createParser({
        onEvent: ({ event, data }) => (event === 'ready' ? resolve(stream) : onMessage(JSON.parse(data))),
      });
      const decoder = new TextDecoder();
      stream.#client.dispatch(
        { path: `/weapp/im/events?${user.query}`, method: 'GET' },
        {
          onRequestStart() {},
          onResponseStart() {},
          onResponseData: (_controller, piece) => parser.feed(decoder.decode(piece, { stream: true })),
          onResponseEnd: () => reject(new Error('an event stream ended')),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  }

  close() {
    return this.#client.destroy();
  }
}
