import { randomBytes } from 'node:crypto';
import { Agent, request } from 'undici';
import { readRetryAfterMs } from '../../../api/retry.js';
import { RtcError } from '../../../errors.js';
import { issueUserSig } from '../../auth/userSig.js';
import { isUserID } from '../../rooms/identifiers.js';
import { meaningOf, type TencentVerdict } from './tencentErrors.js';

export interface TencentImClientOptions {
  /** Address of the data centre, without a path. Default 'https://console.tim.qq.com' (China). */
  url?: string;
  sdkAppID: number;
  /** Key of the application's userSigs (version 2). */
  secretKey: string;
  /** Administrator account of the application. Default 'admin'. */
  admin?: string;
  /** Until a call must be answered, connecting included, ms. Default 5000, as the original. */
  timeoutMs?: number;
  /** ms since 1970. */
  now: () => number;
}

/** The calls that this service makes, and their paths. */
export const tencentCalls = {
  create_group: 'v4/group_open_http_svc/create_group',
  destroy_group: 'v4/group_open_http_svc/destroy_group',
  send_group_system_notification: 'v4/group_open_http_svc/send_group_system_notification',
  send_group_msg: 'v4/group_open_http_svc/send_group_msg',
} as const;

export type TencentCall = keyof typeof tencentCalls;

export interface TencentAnswer {
  /** `unreachable`: no answer of this API came, for whatever reason. */
  verdict: TencentVerdict | 'unreachable';
  /** The API's ErrorCode; undefined without an answer of it. */
  code: number | undefined;
  /** Cause and remedy. Holds no secret. */
  text: string;
  /** When to come back, if the server named a time, ms. */
  retryAfterMs?: number | undefined;
}

/** Answers are a few hundred bytes. */
const maxAnswerBytes = 65_536;
/** A userSig is good for that long and used for half of it, s. Tencent advises a day at least. */
const sigSeconds = 86_400;

/** Calls of Tencent's IM REST API in the name of an administrator: one exchange each, nothing is repeated here. */
export class TencentImClient {
  readonly admin: string;
  readonly #options: TencentImClientOptions;
  readonly #origin: string;
  readonly #timeoutMs: number;
  readonly #agent: Agent;
  #sig: { text: string; untilMs: number } | undefined;

  /** Throws `ERR_RTC_INVALID_ARGUMENT`. */
  constructor(options: TencentImClientOptions) {
    const { url = 'https://console.tim.qq.com', admin = 'admin', timeoutMs = 5000 } = options;
    this.#options = options;
    this.#origin = checkUrl(url);
    if (!isUserID(admin)) throw refuse('admin: 1 to 32 characters A-Za-z0-9, _ and -');
    if (!Number.isInteger(timeoutMs) || timeoutMs < 1) throw refuse('timeoutMs must be an integer of at least 1');
    this.admin = admin;
    this.#timeoutMs = timeoutMs;
    this.#agent = new Agent({ connections: 32, maxResponseSize: maxAnswerBytes, connect: { timeout: 0 } });
  }

  /** Never rejects. */
  async call(call: TencentCall, body: object): Promise<TencentAnswer> {
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    try {
      // What redirects is not this API; undici does not follow, so that the signature stays here.
      const {
        statusCode,
        headers,
        body: answer,
      } = await request(this.#url(call), {
        dispatcher: this.#agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify(body),
        signal: deadline,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const text = await answer.text();
      const retryAfterMs = readRetryAfterMs(headers['retry-after']);
      return { ...this.#read(statusCode, text), ...(retryAfterMs !== undefined && { retryAfterMs }) };
    } catch (error) {
      const why = deadline.aborted ? `no answer within ${this.#timeoutMs} ms` : nameOf(error);
      return this.#unreachable(`${why}; check the network, and the data centre in the url`);
    }
  }

  /** The next call gets a new signature. */
  forgetSig(): void {
    this.#sig = undefined;
  }

  /** Cuts what is under way. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #read(status: number, text: string): TencentAnswer {
    if (status === 429) return { verdict: 'throttled', code: undefined, text: 'HTTP 429: lower callsPerSecond' };
    if (status === 404) return { verdict: 'closed', code: undefined, text: 'HTTP 404: there is no such call' };
    if (status !== 200) {
      const hint =
        status >= 300 && status < 400 ? 'a redirection, which is not followed: give the right url' : 'check the url';
      return this.#unreachable(`HTTP ${status}; ${hint}`);
    }
    const answer = parse(text);
    if (!answer) return this.#unreachable('the answer is none of this API; check the url');
    const { verdict, text: meaning } = meaningOf(answer.code);
    const said = this.#clean(answer.info);
    return { verdict, code: answer.code, text: said === '' ? meaning : `${meaning} (${said})` };
  }

  #unreachable(text: string): TencentAnswer {
    return { verdict: 'unreachable', code: undefined, text: `Tencent's IM at ${this.#origin}: ${text}` };
  }

  #url(call: TencentCall): string {
    const query = new URLSearchParams({
      sdkappid: String(this.#options.sdkAppID),
      identifier: this.admin,
      usersig: this.#userSig(),
      random: String(randomUint32()),
      contenttype: 'json',
    });
    return `${this.#origin}/${tencentCalls[call]}?${query}`;
  }

  #userSig(): string {
    const { sdkAppID, secretKey, now } = this.#options;
    const nowMs = now();
    if (!this.#sig || this.#sig.untilMs <= nowMs) {
      const nowSeconds = Math.floor(nowMs / 1000);
      const text = issueUserSig({ sdkAppID, secretKey, userID: this.admin, nowSeconds, expireSeconds: sigSeconds });
      this.#sig = { text, untilMs: nowMs + (sigSeconds * 1000) / 2 };
    }
    return this.#sig.text;
  }

  /** The server's own words, bounded; one that repeats what it was sent must not bring the signature into a log. */
  #clean(info: string): string {
    const text = this.#sig ? info.slice(0, 2000).replaceAll(this.#sig.text, '…') : info.slice(0, 2000);
    return text
      .replace(/\p{Cc}+/gu, ' ')
      .replace(/\?\S+/g, '?…')
      .slice(0, 200)
      .trim();
  }
}

export function randomUint32(): number {
  return randomBytes(4).readUInt32BE();
}

function refuse(what: string): RtcError {
  return new RtcError('ERR_RTC_INVALID_ARGUMENT', `Tencent IM: ${what}`);
}

function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (!url || !isPlain || !/^https?:$/.test(url.protocol)) {
    throw refuse('url must be an address without a path, as https://console.tim.qq.com');
  }
  const isLoopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isLoopback) {
    throw refuse("url must be https: the administrator's signature is in every call");
  }
  return url.origin;
}

function parse(text: string): { code: number; info: string } | undefined {
  try {
    const { ErrorCode: code, ErrorInfo: info } = JSON.parse(text) as { ErrorCode?: unknown; ErrorInfo?: unknown };
    return Number.isSafeInteger(code)
      ? { code: code as number, info: typeof info === 'string' ? info : '' }
      : undefined;
  } catch {
    return undefined;
  }
}

/** The system's name of a fault: messages may hold the address with its query. */
function nameOf(error: unknown): string {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 4; depth++) {
    const { code, cause } = at as { code?: unknown; cause?: unknown };
    if (typeof code === 'string') return code;
    at = cause;
  }
  return error instanceof Error ? error.name : 'unknown fault';
}
