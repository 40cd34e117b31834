import { type Agent, type Dispatcher, request } from 'undici';
import { RtcError } from '../../../errors.js';
import { withoutQueries } from '../../logger.js';
import { type ControlEvent, controlPaths, maxStreamsACall, type StreamUntil } from './protocol.js';

export interface ControlConnectionOptions {
  agent: Agent;
  /** Address of the control API, without a slash at its end. */
  url: string;
  controlKey: string;
  /** Without a line for so long it ends, ms. */
  silenceMs: number;
}

/** Of what is not yet a line: the first one has the names of all streams. */
const maxLineLength = 64 * 2 ** 20;
/** Until a call must be answered, ms; a cut may take 2 s at the media server. */
const answerTimeoutMs = 5000;
/** Of an answer that is no stream of events. */
const maxAnswerLength = 2000;

/** One connection to a media server's control API: from its first event to its end, which is for good. */
export class ControlConnection {
  readonly #options: ControlConnectionOptions;
  readonly #end = new AbortController();
  #failure: Error | undefined;

  constructor(options: ControlConnectionOptions) {
    this.#options = options;
  }

  /** Events, the first one 'hello', until the connection ends, whatever ends it; then it throws why, with its remedy. */
  async *events(): AsyncGenerator<ControlEvent, never> {
    try {
      const { body } = await this.#request('GET', controlPaths.events, this.#end.signal);
      let rest = '';
      const decoder = new TextDecoder();
      for await (const piece of body) {
        const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > maxLineLength) throw this.#notOurs('its events have no end');
        for (const line of lines) yield this.#parsed(line);
      }
      throw new Error('the media server ended the connection');
    } catch (error) {
      throw this.#failure ?? this.#explained(error);
    } finally {
      this.#end.abort();
    }
  }

  /** Resolves when the media server has done it with all of them; on any failure the connection ends, and `events` throws. */
  async post(path: string, streams: readonly StreamUntil[]): Promise<void> {
    try {
      for (let first = 0; first < streams.length; first += maxStreamsACall) {
        const body = JSON.stringify({ streams: streams.slice(first, first + maxStreamsACall) });
        const { body: answer } = await this.#request('POST', path, this.#end.signal, body);
        await answer.dump();
      }
    } catch (error) {
      const failure = this.#failure ?? this.#explained(error);
      this.fail(failure);
      throw failure;
    }
  }

  /** Rejects when streams can be neither pushed nor played there, or nobody answers. */
  async probe(signal: AbortSignal): Promise<void> {
    try {
      const { body } = await this.#request('GET', controlPaths.ready, signal);
      await body.dump();
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /** Ends it for that reason. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#end.abort();
  }

  async #request(method: 'GET' | 'POST', path: string, signal: AbortSignal, body?: string) {
    const { agent, url, controlKey, silenceMs } = this.#options;
    const answer = await request(url + path, {
      dispatcher: agent,
      method,
      headers: {
        authorization: `Bearer ${controlKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body ?? null,
      signal,
      headersTimeout: answerTimeoutMs,
      bodyTimeout: silenceMs,
    });
    if (answer.statusCode !== 200) throw await this.#refused(answer);
    return answer;
  }

  async #refused({ statusCode, body }: Dispatcher.ResponseData): Promise<Error> {
    let text = '';
    for await (const piece of body) {
      text += piece;
      if (text.length > maxAnswerLength) break;
    }
    if (statusCode === 401) {
      const message = 'The shared media server has another key for its control: give the same to both';
      return new RtcError('ERR_RTC_INVALID_ARGUMENT', message);
    }
    if (statusCode === 503) return mediaError(`is not ready: ${causeOf(text)}`);
    return this.#notOurs(`it answered HTTP ${statusCode}`);
  }

  #parsed(line: string): ControlEvent {
    try {
      const event = JSON.parse(line) as ControlEvent;
      if (typeof event.type === 'string') return event;
    } catch {
      // told below
    }
    throw this.#notOurs('it answered something else');
  }

  #notOurs(what: string): Error {
    const remedy =
      'see that the address of its control is right, that its version is ours and that nothing stands between';
    return mediaError(`cannot be controlled (${what}): ${remedy}`);
  }

  #explained(error: unknown): Error {
    if (error instanceof RtcError) return error;
    const { code, message } = error as NodeJS.ErrnoException;
    const remedy = 'see that it runs, that the address of its control is right, and the network between';
    return mediaError(`cannot be reached (${code ?? withoutQueries(message)}): ${remedy}`, error);
  }
}

/** What `/readyz` says of it. */
function causeOf(text: string): string {
  try {
    const { status, checks } = JSON.parse(text);
    return withoutQueries(String(checks.media.cause ?? status));
  } catch {
    return 'see its log';
  }
}

function mediaError(what: string, cause?: unknown): RtcError {
  return new RtcError('ERR_RTC_MEDIA_SERVER', `The shared media server ${what}`, { cause });
}
