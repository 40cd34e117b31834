import type { EventSourceMessage } from 'eventsource-parser';
import { type Dispatcher, request } from 'undici';
import { isFields } from '../api/answers.js';
import type { Session } from '../api/RoomApi.js';
import { readRetryAfterMs } from '../api/retry.js';
import { withQuery } from '../api/ServiceClient.js';
import { isEndedLogin } from '../api/serviceErrors.js';
import { RtcError } from '../errors.js';
import { readEventStream, type StreamEnd } from './eventStream.js';

export interface OpenEventsOptions {
  /** Without query. */
  url: string;
  session: Session;
  dispatcher: Dispatcher;
  lastEventID: string | undefined;
  /** Makes it one long poll of that many seconds; undefined is a stream. */
  pollSeconds: number | undefined;
  /** Until the first event, ms; a poll's own wait comes on top. */
  timeoutMs: number;
  silenceTimeoutMs: number;
  signal: AbortSignal;
  onReady: (event: EventSourceMessage) => void;
  /** Each event behind the first. */
  onEvent: (event: EventSourceMessage) => void;
  onRetry: (ms: number) => void;
}

/** Events that are flowing, or the answer of a poll. */
export interface OpenEvents {
  isPoll: boolean;
  sinceMs: number;
  /** Events but `ready`, so far. */
  readonly count: number;
  end: Promise<StreamEnd>;
}

/**
 * Asks for events; resolves at `ready`. Rejects with ERR_RTC_AUTH, ERR_RTC_KICKED, ERR_RTC_TIMEOUT when nothing came in time (a dead
 * service, or something on the way that holds a stream back), ERR_RTC_PROXY_REFUSED, ERR_RTC_ABORTED, else
 * ERR_RTC_IM_FAILED.
 */
export async function openEvents(options: OpenEventsOptions): Promise<OpenEvents> {
  const { session, lastEventID, pollSeconds, silenceTimeoutMs } = options;
  const isPoll = pollSeconds !== undefined;
  const timeoutMs = options.timeoutMs + (pollSeconds ?? 0) * 1000;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  const signal = AbortSignal.any([options.signal, deadline.signal]);
  const { userID, token } = session;
  try {
    const { body, headers, statusCode } = await request(
      withQuery(options.url, { userID, token, ...(isPoll ? { poll: pollSeconds } : {}) }),
      {
        dispatcher: options.dispatcher,
        headers: { accept: 'text/event-stream', ...(lastEventID ? { 'last-event-id': lastEventID } : {}) },
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
    );
    // Only reading an erroneous body would tell of its error.
    body.on('error', () => undefined);
    if (statusCode !== 200 || !String(headers['content-type']).startsWith('text/event-stream')) {
      const hasEnded = statusCode === 401 && (await saysEnded(body));
      body.destroy();
      throw hasEnded ? loginEnded(statusCode) : refusal(statusCode, readRetryAfterMs(headers['retry-after']));
    }
    return await new Promise((resolve, reject) => {
      let count = 0;
      let isReady = false;
      const end = readEventStream(body, {
        silenceTimeoutMs,
        onRetry: options.onRetry,
        onEvent: (event) => {
          if (event.event !== 'ready') {
            count++;
            if (isReady) options.onEvent(event);
            return;
          }
          clearTimeout(timer);
          isReady = true;
          options.onReady(event);
          resolve({
            isPoll,
            sinceMs: performance.now(),
            end,
            get count() {
              return count;
            },
          });
        },
      });
      void end.then(() => reject(imFailed('the message stream ended before it was ready')));
    });
  } catch (error) {
    if (error instanceof RtcError && !signal.aborted) throw error;
    if (options.signal.aborted) {
      throw new RtcError('ERR_RTC_ABORTED', 'the message channel was stopped before it was ready', { cause: error });
    }
    if (deadline.signal.aborted) {
      const message = `the message channel was not ready within ${timeoutMs} ms; check the network and the service`;
      throw new RtcError('ERR_RTC_TIMEOUT', message, { cause: error });
    }
    throw imFailed(
      'no connection for messages to the room service; check the address and that the service runs',
      error,
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Of the body of a refusal: the service knows the login and says that it is over for good. Bounded by the agent. */
async function saysEnded(body: Dispatcher.ResponseData['body']): Promise<boolean> {
  const answer: unknown = await body.json().catch(() => undefined);
  return isFields(answer) && isEndedLogin(answer);
}

function loginEnded(status: number): RtcError {
  const message = 'the room service ended this login: the user logged in elsewhere, or was expelled';
  return new RtcError('ERR_RTC_KICKED', message, { nativeCode: status });
}

export function imFailed(message: string, cause?: unknown): RtcError {
  return new RtcError('ERR_RTC_IM_FAILED', message, cause === undefined ? {} : { cause });
}

function refusal(status: number, retryAfterMs: number | undefined): RtcError {
  if (status === 401 || status === 403) {
    const message = 'the room service refused the token for messages: log in again';
    return new RtcError('ERR_RTC_AUTH', message, { nativeCode: status });
  }
  const hint =
    status === 404 ? 'the service has no message channel of this kind' : 'see the log of the service or of its proxy';
  const message = `no message stream: HTTP ${status}; ${hint}`;
  return new RtcError('ERR_RTC_IM_FAILED', message, { nativeCode: status, retryAfterMs });
}
