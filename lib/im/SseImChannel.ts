import { randomUUID } from 'node:crypto';
import type { EventSourceMessage } from 'eventsource-parser';
import { isFields, number, text } from '../api/answers.js';
import type { CallOptions, Session } from '../api/RoomApi.js';
import { waitMs } from '../api/retry.js';
import { aborted, ServiceClient, serviceBase, throwIfAborted } from '../api/ServiceClient.js';
import { Backoff } from '../Backoff.js';
import { delay } from '../delay.js';
import { RtcError } from '../errors.js';
import {
  decodeC2c,
  decodeGroup,
  type ImElement,
  isMemberNotice,
  maxC2cMessageBytes,
  maxGroupMessageBytes,
  messageBytes,
} from './codec.js';
import type { StreamEnd } from './eventStream.js';
import { type GroupClosedReason, ImChannel, type ImState } from './ImChannel.js';
import { imFailed, type OpenEvents, openEvents } from './openEvents.js';

export interface SseImChannelOptions {
  /** The room service's address with the room type; the channel is at `…/im` beside it. */
  serverDomain: string;
  /** Until the channel must be ready, and of a send; ms. Default 5000. */
  timeoutMs?: number;
  /** A stream that is not ready by then is taken to be held back on its way: long polls take its place. Default 3000 ms. */
  streamTimeoutMs?: number;
  /** How long a poll waits at the service for something to tell, whole seconds up to 30. Default 25. */
  pollSeconds?: number;
  /** How long to stay with polls before a stream is tried again, ms. Default 300 000. */
  pollingMs?: number;
  /** The service sends something every 15 s; longer silence than this is a dead connection, ms. Default 45 000. */
  silenceTimeoutMs?: number;
  /** First and longest wait before connecting again, ms; jittered. Default 500 and 10 000. */
  retryMinMs?: number;
  retryMaxMs?: number;
  /** As RoomApi's. */
  proxy?: string | undefined;
}

const closedReasons: ReadonlySet<string> = new Set<GroupClosedReason>(['creatorLeft', 'destroyed', 'empty', 'expired']);

/** Channels that need not wait any longer still do not all connect at the same moment, ms. */
const hasteMs = 500;

/** A poll that is answered with nothing before this did not wait: something on the way answers in its place, ms. */
const minPollMs = 500;

/**
 * The room service's own channel: server-sent events with resume one way, POST the other. Where something on the way
 * holds a stream back, so that no byte of it comes, it goes on by long polls.
 */
export class SseImChannel extends ImChannel {
  readonly #client: ServiceClient;
  readonly #baseUrl: string;
  readonly #timeoutMs: number;
  readonly #streamTimeoutMs: number;
  readonly #silenceTimeoutMs: number;
  readonly #retryMaxMs: number;
  readonly #pollSeconds: number;
  readonly #pollingMs: number;
  readonly #backoff: Backoff;
  #state: ImState = 'idle';
  #session: Session | undefined;
  /** The connection that may speak; what another one still says is not heard. */
  #run: AbortController | undefined;
  #last: Position | undefined;
  /** Until then streams are not tried. */
  #pollUntilMs = Number.NEGATIVE_INFINITY;
  /** What the service asked for before it ended the stream. */
  #retryAfterMs: number | undefined;
  /** Ends the wait before connecting again, while there is one. */
  #endWait: (() => void) | undefined;
  #ignored = 0;

  constructor(options: SseImChannelOptions) {
    super();
    const { timeoutMs = 5000, silenceTimeoutMs = 45_000, retryMinMs = 500, retryMaxMs = 10_000 } = options;
    this.#baseUrl = serviceBase(options.serverDomain).replace(/[^/]+$/, 'im');
    this.#timeoutMs = timeoutMs;
    this.#streamTimeoutMs = Math.min(options.streamTimeoutMs ?? 3000, timeoutMs);
    this.#pollSeconds = options.pollSeconds ?? 25;
    this.#pollingMs = options.pollingMs ?? 300_000;
    this.#silenceTimeoutMs = silenceTimeoutMs;
    this.#retryMaxMs = retryMaxMs;
    this.#backoff = new Backoff({ minMs: retryMinMs, maxMs: retryMaxMs });
    this.#client = new ServiceClient({ timeoutMs, proxy: options.proxy });
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
    this.#pollUntilMs = Number.NEGATIVE_INFINITY;
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

  override hasten(): void {
    this.#endWait?.();
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
    await this.#client.post({
      method,
      url: `${this.#baseUrl}/send`,
      query: { userID, token },
      body,
      signal: options.signal,
      // Its msgID keeps it single.
      isRepeatable: true,
    });
  }

  /** Opens a stream, or where none gets through a first poll, which does not wait. */
  async #connect(run: AbortController, session: Session, isAgain: boolean): Promise<OpenEvents> {
    if (performance.now() < this.#pollUntilMs) return await this.#request(run, session, isAgain, 0);
    try {
      return await this.#request(run, session, isAgain);
    } catch (error) {
      if (!(error instanceof RtcError && error.code === 'ERR_RTC_TIMEOUT')) throw error;
      const polled = await this.#request(run, session, isAgain, 0);
      this.#pollFromNow();
      return polled;
    }
  }

  #request(run: AbortController, session: Session, isAgain: boolean, pollSeconds?: number): Promise<OpenEvents> {
    const isPoll = pollSeconds !== undefined;
    return openEvents({
      url: `${this.#baseUrl}/events`,
      session,
      dispatcher: this.#client.agent,
      lastEventID: this.#last?.id,
      pollSeconds,
      timeoutMs: isPoll ? this.#timeoutMs : this.#streamTimeoutMs,
      silenceTimeoutMs: this.#silenceTimeoutMs,
      signal: run.signal,
      onReady: (event) => {
        if (this.#run === run) this.#onReady(event, isAgain);
      },
      onEvent: (event) => {
        if (this.#run === run) this.#onMessage(event, run);
      },
      onRetry: (ms) => {
        this.#retryAfterMs = ms;
      },
    });
  }

  #pollFromNow(): void {
    this.#pollUntilMs = performance.now() + this.#pollingMs;
  }

  /** Waits for the end of what is open and asks again, until stopped or the token is refused. */
  async #mend(run: AbortController, session: Session, first: OpenEvents): Promise<void> {
    let open: OpenEvents | undefined = first;
    while (open) {
      const end: StreamEnd = await open.end;
      if (this.#run !== run) return;
      // Its first bytes came through, and then not even the comments did.
      if (end === 'silence' && !open.isPoll) this.#pollFromNow();
      const next: OpenEvents | undefined =
        open.isPoll && end === 'complete' ? await this.#pollOn(run, session, open) : undefined;
      if (this.#run !== run) return;
      open = next ?? (await this.#connectAgain(run, session, performance.now() - open.sinceMs));
    }
  }

  /** The next poll, or when its time has come a stream; undefined when something is wrong. */
  async #pollOn(run: AbortController, session: Session, last: OpenEvents): Promise<OpenEvents | undefined> {
    const sinceMs = performance.now();
    try {
      if (sinceMs >= this.#pollUntilMs) return await this.#connect(run, session, false);
      const poll = await this.#request(run, session, false, this.#pollSeconds);
      await poll.end;
      const isIdle = poll.count === 0 && last.count === 0;
      if (isIdle && performance.now() - sinceMs < minPollMs && this.#run === run) return undefined;
      return poll;
    } catch {
      return undefined;
    }
  }

  /** After a cut, behind waits; undefined when it is over. */
  async #connectAgain(run: AbortController, session: Session, lastedMs: number): Promise<OpenEvents | undefined> {
    // A stream that ends at once, again and again, must not be asked for twice a second.
    if (lastedMs > this.#retryMaxMs) this.#backoff.reset();
    this.#setState('waiting');
    this.emit('fault', imFailed('the message channel was cut; connecting again'));
    for (;;) {
      await this.#wait(run.signal);
      if (this.#run !== run) return undefined;
      try {
        return await this.#connect(run, session, true);
      } catch (error) {
        if (this.#run !== run) return undefined;
        if (!(error instanceof RtcError)) continue;
        this.#retryAfterMs = error.retryAfterMs;
        if (error.code !== 'ERR_RTC_AUTH' && error.code !== 'ERR_RTC_KICKED') continue;
        this.suspend();
        this.emit(error.code === 'ERR_RTC_KICKED' ? 'kicked' : 'authFailed');
        return undefined;
      }
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const askedMs = this.#retryAfterMs;
    this.#retryAfterMs = undefined;
    const sinceMs = performance.now();
    const longestMs = waitMs(this.#backoff.nextMs(), askedMs);
    const leastMs = waitMs(0, askedMs);
    const end = new AbortController();
    this.#endWait = () => end.abort();
    await delay(longestMs, AbortSignal.any([signal, end.signal]));
    this.#endWait = undefined;
    if (!end.signal.aborted) return;
    const passedMs = performance.now() - sinceMs;
    await delay(Math.min(longestMs - passedMs, Math.max(leastMs - passedMs, Math.random() * hasteMs)), signal);
  }

  #onReady(event: EventSourceMessage, isAgain: boolean): void {
    const data = readJson(event.data);
    const hadPosition = this.#last !== undefined;
    const isResumed = data?.resumed === true;
    if (!isResumed) this.#last = readPosition(event.id);
    else this.#last ??= readPosition(event.id);
    this.#setState('open');
    if (isAgain || (hadPosition && !isResumed)) this.emit('resync');
  }

  #onMessage(event: EventSourceMessage, run: AbortController): void {
    const place = readPosition(event.id);
    if (place) {
      const { epoch, seq } = place;
      const last = this.#last?.epoch === epoch ? this.#last : undefined;
      if (last && seq <= last.seq) return;
      this.#last = place;
      if (last && seq > last.seq + 1) this.emit('resync');
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

/** A place in the service's backlog, of one event. */
interface Position {
  id: string;
  epoch: string;
  seq: number;
}

function readPosition(id: string | undefined): Position | undefined {
  const parts = /^(.+)\.(\d{1,15})$/.exec(id ?? '');
  return parts && id !== undefined ? { id, epoch: parts[1] as string, seq: Number(parts[2]) } : undefined;
}

function checkLength(elements: readonly ImElement[], maxBytes: number): void {
  const bytes = messageBytes(elements);
  if (bytes <= maxBytes) return;
  const message = `the message has ${bytes} bytes of UTF-8, at most ${maxBytes} are allowed: split it`;
  throw new RtcError('ERR_RTC_MESSAGE_TOO_LONG', message);
}
