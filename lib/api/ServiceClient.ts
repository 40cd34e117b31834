import { Agent, request } from 'undici';
import { Backoff } from '../Backoff.js';
import { delay } from '../delay.js';
import { RtcError } from '../errors.js';
import { ProxyTunnels } from './ProxyTunnels.js';
import { readRetryAfterMs, waitMs } from './retry.js';
import { type AskedCall, errorOfServiceCode, isEndedLogin } from './serviceErrors.js';

export interface ServiceClientOptions {
  /** Deadline of a call, connecting included. Default 5000. */
  timeoutMs?: number;
  /** As the engine's option: `http://[user:password@]host[:80]` or `socks5://[user:password@]host[:1080]`; none. */
  proxy?: string | undefined;
}

export interface ServiceCall extends AskedCall {
  /** Address without query. */
  url: string;
  query: Readonly<Record<string, string | number>>;
  body: Readonly<Record<string, unknown>>;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
  /** Asking twice does what asking once does: it is asked again within the deadline when no answer came. */
  isRepeatable?: boolean;
}

/** An answer with `code` 0. */
export type ServiceAnswer = Readonly<Record<string, unknown>>;

/** A full list of rooms is far below that, bytes. */
const maxAnswerBytes = 8 * 1024 * 1024;

const defaultTimeoutMs = 5000;

/** First and longest wait before a call is repeated, ms. */
const repeatWaits = { minMs: 200, maxMs: 2000 };

/** Statuses of a service that is busy or did not get to read in time, or of a proxy in front of one that is being restarted. */
const passingStatuses: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/**
 * Posts JSON to a room service over kept-alive connections of its own and reads its `{ code, message, … }` answers. What
 * may be repeated is, behind jittered waits that double, while its deadline allows; `Retry-After` is kept to.
 */
export class ServiceClient {
  readonly #agent: Agent;
  readonly #tunnels: ProxyTunnels | undefined;
  readonly #timeoutMs: number;
  #closed = false;

  constructor(options: ServiceClientOptions = {}) {
    this.#timeoutMs = positive(options.timeoutMs ?? defaultTimeoutMs, 'timeoutMs');
    this.#tunnels = options.proxy === undefined ? undefined : new ProxyTunnels(options.proxy, this.#timeoutMs);
    const connect = this.#tunnels?.connect ?? { timeout: 0 };
    this.#agent = new Agent({ connections: 16, maxResponseSize: maxAnswerBytes, connect });
  }

  /** The agent, for a stream on the same connections. */
  get agent(): Agent {
    return this.#agent;
  }

  /** Resolves with an answer of code 0. Rejects with the codes of the error table, never with a secret in the message. */
  async post(call: ServiceCall): Promise<ServiceAnswer> {
    if (this.#closed) throw new RtcError('ERR_RTC_CLOSED', `${call.method}: the client is closed; make a new one`);
    throwIfAborted(call.signal, call.method);
    const timeoutMs = call.timeoutMs ?? this.#timeoutMs;
    const stop = new AbortController();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      stop.abort();
    }, timeoutMs);
    const onAbort = () => stop.abort();
    call.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#exchangeAgain(call, stop.signal, performance.now() + timeoutMs);
    } catch (error) {
      if (error instanceof RtcError) throw error;
      if (call.signal?.aborted) throw aborted(call.method, call.signal);
      if (timedOut) {
        const message = `${call.method}: ${place(call.url)} did not answer within ${timeoutMs} ms; check the network and the service`;
        throw new RtcError('ERR_RTC_TIMEOUT', message, { cause: error });
      }
      if (this.#closed) throw new RtcError('ERR_RTC_ABORTED', `${call.method}: stopped by close()`, { cause: error });
      throw transportError(call, error);
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Repeats what may be repeated until it is answered, or another try would come too late. */
  async #exchangeAgain(call: ServiceCall, signal: AbortSignal, deadlineMs: number): Promise<ServiceAnswer> {
    const backoff = new Backoff(repeatWaits);
    for (;;) {
      try {
        return await this.#exchange(call, signal);
      } catch (error) {
        if (signal.aborted || !call.isRepeatable || this.#closed || !isPassing(error)) throw error;
        const wait = waitMs(backoff.nextMs(), error instanceof RtcError ? error.retryAfterMs : undefined);
        if (performance.now() + wait >= deadlineMs) throw error;
        await delay(wait, signal);
        signal.throwIfAborted();
      }
    }
  }

  async #exchange(call: ServiceCall, signal: AbortSignal): Promise<ServiceAnswer> {
    const response = await request(withQuery(call.url, call.query), {
      dispatcher: this.#agent,
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', accept: 'application/json' },
      body: JSON.stringify(call.body),
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const text = await response.body.text();
    const { statusCode, headers } = response;
    if (passingStatuses.has(statusCode)) throw statusError(call, statusCode, readRetryAfterMs(headers['retry-after']));
    const answer = parseObject(text);
    const code = answer?.code;
    if (answer === undefined || typeof code !== 'number') {
      if (statusCode < 200 || statusCode > 299) throw statusError(call, statusCode);
      const what = answer === undefined ? 'is not a JSON object' : 'has no numeric code';
      const message = `${call.method}: the answer of ${place(call.url)} ${what}; is that the address of a room service?`;
      throw new RtcError('ERR_RTC_SERVICE_BAD_RESPONSE', message);
    }
    if (code !== 0) throw errorOfServiceCode(code, cleanText(answer.message, call), call, isEndedLogin(answer));
    return answer;
  }

  /** Cuts what is under way (those calls reject with ERR_RTC_ABORTED) and closes the connections. Again is nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#tunnels?.close();
    await this.#agent.destroy();
  }
}

/** Rejects early so that an aborted call sends nothing. */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw aborted(what, signal);
}

export function aborted(what: string, signal: AbortSignal): RtcError {
  return new RtcError('ERR_RTC_ABORTED', `${what} was aborted by its signal`, { cause: signal.reason });
}

/**
 * Checks the address of a room service and takes the slashes off its end.
 * @throws RtcError ERR_RTC_INVALID_ARGUMENT
 */
export function serviceBase(serverDomain: string): string {
  const url = typeof serverDomain === 'string' && URL.canParse(serverDomain) ? new URL(serverDomain) : undefined;
  const isUsable = url && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === '';
  if (!isUsable || url.pathname.replace(/\/+$/, '') === '') {
    throw new RtcError(
      'ERR_RTC_INVALID_ARGUMENT',
      'serverDomain must be an http or https address with the room type as last part and no query, as http://HOST/weapp/double_room',
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

export function withQuery(url: string, query: Readonly<Record<string, string | number>>): string {
  const parts = Object.entries(query).map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  return parts.length === 0 ? url : `${url}?${parts.join('&')}`;
}

function transportError(call: ServiceCall, error: unknown): RtcError {
  const code = errorCode(error);
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' || isNoHttp(error)) {
    const message = `${call.method}: what ${place(call.url)} answered is no sensible HTTP; is that the address of a room service?`;
    return new RtcError('ERR_RTC_SERVICE_BAD_RESPONSE', message, { cause: error });
  }
  if (certificateFault.test(code)) {
    const message = `${call.method}: the certificate of ${place(call.url)} is not accepted (${code}); check its names and dates, and name its authority by NODE_EXTRA_CA_CERTS`;
    return new RtcError('ERR_RTC_CERTIFICATE_REJECTED', message, { cause: error });
  }
  const message = `${call.method}: no connection to ${place(call.url)} (${code}); check the address and that the service runs`;
  return new RtcError('ERR_RTC_SERVICE_UNREACHABLE', message, { cause: error });
}

function statusError(call: ServiceCall, status: number, retryAfterMs?: number): RtcError {
  const hint =
    status === 404 ? 'the address is not one of a room service' : 'see the log of the service or of its proxy';
  const wait = retryAfterMs === undefined ? '' : `; it asks for ${Math.ceil(retryAfterMs / 1000)} s of patience`;
  const message = `${call.method}: ${place(call.url)} answered HTTP ${status}${wait}; ${hint}`;
  const code = status === 429 ? 'ERR_RTC_TOO_MANY_REQUESTS' : 'ERR_RTC_SERVICE_UNREACHABLE';
  return new RtcError(code, message, { nativeCode: status, retryAfterMs });
}

/** No answer came of it, or one that says "later". */
function isPassing(error: unknown): boolean {
  if (!(error instanceof RtcError)) {
    const code = errorCode(error);
    return code !== 'UND_ERR_RES_EXCEEDED_MAX_SIZE' && !certificateFault.test(code) && !isNoHttp(error);
  }
  // A proxy that is away has no number; a service that asks for patience has.
  if (error.nativeCode === undefined) return error.code === 'ERR_RTC_SERVICE_UNREACHABLE';
  return passingStatuses.has(error.nativeCode);
}

/** Node's and OpenSSL's names for a certificate that is not taken. */
const certificateFault = /^(ERR_TLS_CERT_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/;

function isNoHttp(error: unknown): boolean {
  return error instanceof Error && error.name === 'HTTPParserError';
}

function errorCode(error: unknown): string {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 4; depth++) {
    const { code, cause, errors } = at as { code?: unknown; cause?: unknown; errors?: unknown };
    if (typeof code === 'string') return code;
    at = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  return error instanceof Error ? error.name : 'unknown fault';
}

/** Host and path only: a query holds the token. */
function place(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

/** The service's own words, bounded; a service that repeats what it was sent must not leak it into our errors. */
function cleanText(message: unknown, call: ServiceCall): string {
  if (typeof message !== 'string') return '';
  let text = message.slice(0, 2000);
  const secrets = [call.query.token, call.query.userSig, call.body.pushURL];
  for (const secret of secrets) {
    if (typeof secret !== 'string' || secret === '') continue;
    text = text.replaceAll(secret, '…').replaceAll(encodeURIComponent(secret), '…');
  }
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/\?\S+/g, '?…')
    .slice(0, 300)
    .trim();
}

function parseObject(text: string): ServiceAnswer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ServiceAnswer) : undefined;
  } catch {
    return undefined;
  }
}

function positive(value: number, name: string): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new RtcError('ERR_RTC_INVALID_ARGUMENT', `${name} must be a positive number`);
}
