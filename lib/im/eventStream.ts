import type { Readable } from 'node:stream';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

export interface EventStreamOptions {
  onEvent: (event: EventSourceMessage) => void;
  /** The stream counts as dead when nothing, not even a comment, comes for that long. */
  silenceTimeoutMs: number;
}

/** A message of 12 kB in JSON, each byte escaped, is below that; characters. */
const maxEventLength = 256 * 1024;

/** Reads server-sent events until the stream ends, is destroyed, is silent for too long or sends nonsense. Never rejects. */
export async function readEventStream(body: Readable, options: EventStreamOptions): Promise<void> {
  const { onEvent, silenceTimeoutMs } = options;
  const parser = createParser({
    onEvent,
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') body.destroy();
    },
    maxBufferSize: maxEventLength,
  });
  const decoder = new TextDecoder();
  const silence = setTimeout(() => body.destroy(), silenceTimeoutMs);
  try {
    for await (const chunk of body) {
      silence.refresh();
      parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
      // A listener may have ended the stream.
      if (body.destroyed) break;
    }
  } catch {
    // A cut stream ends like one that was ended: its owner connects again.
  } finally {
    clearTimeout(silence);
    body.destroy();
  }
}
