import type { Readable } from 'node:stream';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

export interface EventStreamOptions {
  onEvent: (event: EventSourceMessage) => void;
  /** The stream's `retry:`: how long to wait before connecting again, ms. */
  onRetry?: (ms: number) => void;
  /** The stream counts as dead when nothing, not even a comment, comes for that long. */
  silenceTimeoutMs: number;
}

/** A message of 12 kB in JSON, each byte escaped, is below that; characters. */
const maxEventLength = 256 * 1024;

/** Why a stream is over: whole, nothing came for too long, or anything else. */
export type StreamEnd = 'complete' | 'silence' | 'cut';

/** Reads server-sent events until the stream ends, is destroyed, is silent for too long or sends nonsense. Never rejects. */
export async function readEventStream(body: Readable, options: EventStreamOptions): Promise<StreamEnd> {
  const { onEvent, onRetry, silenceTimeoutMs } = options;
  let isSilent = false;
  const parser = createParser({
    onEvent,
    ...(onRetry && { onRetry }),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') body.destroy();
    },
    maxBufferSize: maxEventLength,
  });
  const decoder = new TextDecoder();
  const silence = setTimeout(() => {
    isSilent = true;
    body.destroy();
  }, silenceTimeoutMs);
  try {
    for await (const chunk of body) {
      silence.refresh();
      parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
      // A listener may have ended the stream.
      if (body.destroyed) return isSilent ? 'silence' : 'cut';
    }
    return isSilent ? 'silence' : 'complete';
  } catch {
    return isSilent ? 'silence' : 'cut';
  } finally {
    clearTimeout(silence);
    body.destroy();
  }
}
