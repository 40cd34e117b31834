import { randomUUID } from 'node:crypto';
import type { EventSourceMessage } from 'eventsource-parser';
import { request } from 'undici';
import { isFields, number, text } from '../api/answers.js';
import type { CallOptions, Session } from '../api/RoomApi.js';
import { aborted, ServiceClient, serviceBase, throwIfAborted, withQuery } from '../api/ServiceClient.js';
import { RtcError } from '../errors.js';
import { Backoff } from '../Backoff.js';
import {
  decodeC2c,
  decodeGroup,
  type ImElement,
  isMemberNotice,
  maxC2cMessageBytes,
  maxGroupMessageBytes,
  messageBytes,
} from './codec.js';
import { delay } from '../delay.js';
import { readEventStream } from './eventStream.js';
import { type GroupClosedReason, ImChannel, type ImState } from './ImChannel.js';

export interface SseImChannelOptions {
  /** The room service's address with the room type; the channel is at `…/im` beside it. */
  serverDomain: string;
  /** Until the stream must be ready, and of a send; ms. Default 5000. */
  timeoutMs?: number;
  /** The service sends something every 15 s; longer silence than this is a dead connection, ms. Default 45 000. */
  silenceTimeoutMs?: number;
  /** First and longest wait before connecting again, ms; jittered. Default 500 and 10 000. */
  retryMinMs?: number;
  retryMaxMs?: number;
}

const closedReasons: ReadonlySet<string> = new Set<GroupClosedReason>(['creatorLeft', 'destroyed', 'empty', 'expired']);

/** Waits before a send that failed in transport is repeated; its msgID keeps it single. */
const sendRetryMs = [200, 600];

/** The room service's own channel: server-sent events with resume one way, POST the other. */
export class SseImChannel extends ImChannel {
  readonly #client: ServiceClient;
  readonly #baseUrl: string;
  readonly #timeoutMs: number;
  readonly #silenceTimeoutMs: number;
  readonly #retryMaxMs: number;
  readonly #backoff: Backoff;
  #state: ImState = 'idle';
  #session: Session | undefined;
  /** The connection that may speak; what another one still says is not heard. */
  #run: AbortController | undefined;
  #last: { id: string; epoch: string; seq: number } | undefined;
  #ignored = 0;

  constructor(options: SseImChannelOptions) {
    super();
    const { timeoutMs = 5000, silenceTimeoutMs = 45_000, retryMinMs = 500, retryMaxMs = 10_000 } = options;
    this.#baseUrl = serviceBase(options.serverDomain).replace(/[^/]+$/, 'im');
    this.#timeoutMs = timeoutMs;
    this.#silenceTimeoutMs = silenceTimeoutMs;
    this.#retryMaxMs = retryMaxMs;
    this.#backoff = new Backoff({ minMs: retryMinMs, maxMs: retryMaxMs });
    this.#client = new ServiceClient({ timeoutMs });
  }

  get state(): ImState {
    return this.#state;
  }

  get ignoredCount(): number {
    return this.#ignored;
  }

  async open(session: Session, options: CallOptions = {}): Promise<void> {
    if (this.#state === 'closed') throw new RtcError('ERR_RTC_CLOSED', 'the message channel is closed; make a new one');
    const { signal } = options;
    throwIfAborted(signal, 'opening the message channel');
    this.suspend();
    this.#session = session;
    const run = new AbortController();
    this.#run = run;
    this.#setState('connecting');
    const onAbort = () => run.abort();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const stream = await this.#connect(run, session, false);
      void this.#mend(run, session, stream);
    } catch (error) {
      if (this.#run === run) {
        this.#run = undefined;
        this.#setState('idle');
      }
      if (signal?.aborted) throw aborted('opening the message channel', signal);
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  suspend(): void {
    this.#run?.abort();
    this.#run = undefined;
    if (this.#state !== 'closed') this.#setState('idle');
  }

  async sendGroup(groupID: string, elements: readonly ImElement[], options: CallOptions = {}): Promise<void> {
    checkLength(elements, maxGroupMessageBytes);
    await this.#send('send_group', { groupID }, elements, options);
  }

  async sendC2c(to: string, elements: readonly ImElement[], options: CallOptions = {}): Promise<void> {
    checkLength(elements, maxC2cMessageBytes);
    await this.#send('send_c2c', { to }, elements, options);
  }

  async close(): Promise<void> {
    this.suspend();
    this.#setState('closed');
    await this.#client.close();
  }

  async #send(
    method: string,
    target: Readonly<Record<string, string>>,
    elements: readonly ImElement[],
    options: CallOptions,
  ): Promise<void> {
    const session = this.#session;
    if (!session) throw new RtcError('ERR_RTC_INVALID_STATE', `${method} needs a login: call login() first`);
    const { userID, token } = session;
    const body = { msgID: randomUUID(), ...target, elements };
    for (let tries = 0; ; tries++) {
      try {
        await this.#client.post({
          method,
          url: `${this.#baseUrl}/send`,
          query: { userID, token },
          body,
          signal: options.signal,
        });
        return;
      } catch (error) {
        const waitMs = sendRetryMs[tries];
        const isTransport =
          error instanceof RtcError && error.code === 'ERR_RTC_SERVICE_UNREACHABLE' && error.nativeCode === undefined;
        if (!isTransport || waitMs === undefined) throw error;
        await delay(waitMs, options.signal);
      }
    }
  }

  /** Resolves when the stream is ready, with the promise of its end wrapped. */
  async #connect(
    run: AbortController,
    session: Session,
    isAgain: boolean,
  ): Promise<{ end: Promise<void>; sinceMs: number }> {
    const { userID, token } = session;
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), this.#timeoutMs);
    const signal = AbortSignal.any([run.signal, deadline.signal]);
    try {
      const { body, headers, statusCode } = await request(withQuery(`${this.#baseUrl}/events`, { userID, token }), {
        dispatcher: this.#client.agent,
        headers: { accept: 'text/event-stream', ...(this.#last ? { 'last-event-id': this.#last.id } : {}) },
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      // Only reading an erroneous body would tell of its error.
      body.on('error', () => undefined);
      if (statusCode !== 200 || !String(headers['content-type']).startsWith('text/event-stream')) {
        body.destroy();
        throw refusal(statusCode);
      }
      return await new Promise((resolve, reject) => {
        const end = readEventStream(body, {
          silenceTimeoutMs: this.#silenceTimeoutMs,
          onEvent: (event) => {
            if (this.#run !== run) return;
            if (event.event === 'ready') {
              clearTimeout(timer);
              this.#onReady(event, isAgain);
              resolve({ end, sinceMs: performance.now() });
            } else if (this.#state === 'open') {
              this.#onMessage(event, run);
            }
          },
        });
        void end.then(() => reject(imFailed('the message stream ended before it was ready')));
      });
    } catch (error) {
      if (error instanceof RtcError && !signal.aborted) throw error;
      if (run.signal.aborted) {
        throw new RtcError('ERR_RTC_ABORTED', 'the message channel was stopped before it was ready', { cause: error });
      }
      if (deadline.signal.aborted) {
        const message = `the message channel was not ready within ${this.#timeoutMs} ms; check the network and the service`;
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

  /** Waits for the stream's end and connects again, until stopped or the token is refused. */
  async #mend(run: AbortController, session: Session, first: { end: Promise<void>; sinceMs: number }): Promise<void> {
    let stream = first;
    for (;;) {
      await stream.end;
      if (this.#run !== run) return;
      // A stream that ends at once, again and again, must not be asked for twice a second.
      if (performance.now() - stream.sinceMs > this.#retryMaxMs) this.#backoff.reset();
      this.#setState('waiting');
      this.emit('fault', imFailed('the message stream was cut; connecting again'));
      for (;;) {
        await delay(this.#backoff.nextMs(), run.signal);
        if (this.#run !== run) return;
        try {
          stream = await this.#connect(run, session, true);
          break;
        } catch (error) {
          if (this.#run !== run) return;
          if (error instanceof RtcError && error.code === 'ERR_RTC_AUTH') {
            this.suspend();
            this.emit('authFailed');
            return;
          }
        }
      }
    }
  }

  #onReady(event: EventSourceMessage, isAgain: boolean): void {
    const data = readJson(event.data);
    const hadPosition = this.#last !== undefined;
    if (data?.resumed !== true) this.#last = undefined;
    this.#setState('open');
    if (isAgain || (hadPosition && this.#last === undefined)) this.emit('resync');
  }

  #onMessage(event: EventSourceMessage, run: AbortController): void {
    const place = /^(.+)\.(\d{1,15})$/.exec(event.id ?? '');
    if (place && event.id !== undefined) {
      const epoch = place[1] as string;
      const seq = Number(place[2]);
      const { epoch: lastEpoch, seq: lastSeq } = this.#last ?? { epoch: undefined, seq: 0 };
      if (epoch === lastEpoch && seq <= lastSeq) return;
      this.#last = { id: event.id, epoch, seq };
      if (epoch === lastEpoch && seq > lastSeq + 1) this.emit('resync');
      if (this.#run !== run) return;
    }
    if (!this.#deliver(readJson(event.data))) this.#ignored++;
  }

  /** False when the message is not understood. */
  #deliver(data: Readonly<Record<string, unknown>> | undefined): boolean {
    if (!data) return false;
    const groupID = text(data.groupID);
    switch (data.type) {
      case 'system':
        if (groupID === '' || !isMemberNotice(data.data)) return false;
        this.emit('notify', { groupID, version: number(data.version) });
        return true;
      case 'groupClosed': {
        const reason = text(data.reason);
        if (groupID === '') return false;
        this.emit('groupClosed', {
          groupID,
          reason: closedReasons.has(reason) ? (reason as GroupClosedReason) : 'destroyed',
        });
        return true;
      }
      case 'kicked':
        this.suspend();
        this.emit('kicked');
        return true;
      case 'group': {
        const message = decodeGroup(data.elements);
        const envelope = readEnvelope(data);
        if (!message || !envelope || groupID === '') return false;
        const { kind, ...content } = message;
        if ('cmd' in content) this.emit('groupCustom', { groupID, ...envelope, ...content });
        else this.emit('groupText', { groupID, ...envelope, ...content });
        return true;
      }
      case 'c2c': {
        const message = decodeC2c(data.elements);
        const envelope = readEnvelope(data);
        if (!message || !envelope) return false;
        this.emit('c2cCustom', { ...envelope, ...message });
        return true;
      }
      default:
        return false;
    }
  }

  #setState(now: ImState): void {
    const before = this.#state;
    if (before === now || before === 'closed') return;
    this.#state = now;
    this.emit('state', now, before);
  }
}

function readEnvelope(
  data: Readonly<Record<string, unknown>>,
): { from: string; time: number; msgID: string } | undefined {
  const from = text(data.from);
  const time = number(data.time);
  return from === '' || time === undefined ? undefined : { from, time, msgID: text(data.msgID) };
}

function readJson(value: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    return isFields(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function refusal(status: number): RtcError {
  if (status === 401 || status === 403) {
    const message = 'the room service refused the token for messages: log in again';
    return new RtcError('ERR_RTC_AUTH', message, { nativeCode: status });
  }
  const hint =
    status === 404 ? 'the service has no message channel of this kind' : 'see the log of the service or of its proxy';
  const message = `no message stream: HTTP ${status}; ${hint}`;
  return new RtcError('ERR_RTC_IM_FAILED', message, { nativeCode: status });
}

function imFailed(message: string, cause?: unknown): RtcError {
  return new RtcError('ERR_RTC_IM_FAILED', message, cause === undefined ? {} : { cause });
}

function checkLength(elements: readonly ImElement[], maxBytes: number): void {
  const bytes = messageBytes(elements);
  if (bytes <= maxBytes) return;
  const message = `the message has ${bytes} bytes of UTF-8, at most ${maxBytes} are allowed: split it`;
  throw new RtcError('ERR_RTC_MESSAGE_TOO_LONG', message);
}
