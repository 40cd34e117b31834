import { Agent } from 'undici';
import { Backoff } from '../../Backoff.js';
import { delay } from '../../delay.js';
import { RtcError } from '../../errors.js';
import { SafeEmitter } from '../../SafeEmitter.js';
import type { Logger } from '../logger.js';
import { safeLogger } from '../safeLogger.js';
import { ControlConnection } from './control/ControlConnection.js';
import {
  type ControlEvent,
  checkControlKey,
  controlPaths,
  type StreamUntil,
  signingKeysProof,
} from './control/protocol.js';
import { checkStreamAddresses, type StreamAddresses } from './embeddedMediaServerOptions.js';
import type { MediaServer, MediaServerEvents } from './MediaServer.js';
import { UrlGate } from './UrlGate.js';

export interface RemoteMediaServerOptions extends StreamAddresses {
  /** Of its `MediaControl`, e.g. `http://media.internal:5758`. */
  controlUrl: string;
  /** The same as there. */
  controlKey: string;
  logger?: Logger;
  /** Without a sign of life for so long the connection is given up, ms; there is one every 2 s. Default 10 000. */
  silenceMs?: number;
  /** For how long its streams count as published when the connection was lost, ms: mostly it comes back. Default 5000. */
  believedMs?: number;
}

/** First and longest wait before connecting again, ms. */
const waits = { minMs: 100, maxMs: 2000 };
const connectTimeoutMs = 3000;
/** Calls under way at once; further ones wait for their turn. */
const maxCalls = 16;
const defaultSilenceMs = 10_000;
const defaultBelievedMs = 5000;

/**
 * A media server of another process or machine, which any number of room services use: it runs under `rtcroom media`, or
 * in a `rtcroom serve` with a `mediaControlKey`. Its connection comes back by itself. What was cut or revoked is kept here and
 * told again at each connection, so that nothing is lost while it is away, and a media server that restarted learns it all.
 */
export class RemoteMediaServer extends SafeEmitter<MediaServerEvents> implements MediaServer {
  readonly rtmpUrl: string;
  readonly httpUrl: string | undefined;
  readonly pushKey: string;
  readonly playKey: string;
  readonly #options: RemoteMediaServerOptions;
  readonly #logger: Logger;
  readonly #agent: Agent;
  readonly #gate: UrlGate;
  readonly #publishing = new Set<string>();
  readonly #end = new AbortController();
  /** Where cuts go, from its first event on. */
  #connection: ControlConnection | undefined;
  /** It knows all that was revoked. */
  #inStep = false;
  /** Why there is no connection. */
  #cause: Error | undefined;
  #instance: string | undefined;
  #disbelief: NodeJS.Timeout | undefined;
  #starting: Promise<void> | undefined;
  #running: Promise<void> | undefined;

  /** Throws `ERR_RTC_INVALID_ARGUMENT`. */
  constructor(options: RemoteMediaServerOptions) {
    super();
    checkStreamAddresses('RemoteMediaServer', options);
    const { controlUrl, controlKey } = options;
    const url = URL.canParse(controlUrl) ? new URL(controlUrl) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '' || url.username !== '') {
      throw invalid('controlUrl must be an address like http://media.internal:5758');
    }
    checkControlKey('RemoteMediaServer', controlKey);
    for (const name of ['silenceMs', 'believedMs'] as const) {
      const value = options[name] ?? 1;
      if (!Number.isSafeInteger(value) || value < 1) throw invalid(`${name} must be an integer of at least 1`);
    }
    this.#options = options;
    this.#logger = safeLogger(options.logger);
    this.rtmpUrl = options.rtmpUrl;
    this.httpUrl = options.httpUrl;
    this.pushKey = options.pushKey;
    this.playKey = options.playKey;
    this.#gate = new UrlGate(this);
    this.#agent = new Agent({ connections: maxCalls + 1, connect: { timeout: connectTimeoutMs } });
  }

  /**
   * Resolves when it is connected, and also when it cannot be reached now, which is tried on: rooms go on meanwhile. Rejects
   * with `ERR_RTC_INVALID_ARGUMENT` when one of the keys is another one there, `ERR_RTC_CLOSED` after close.
   */
  start(): Promise<void> {
    if (this.#end.signal.aborted) {
      return Promise.reject(new RtcError('ERR_RTC_CLOSED', 'The media server is closed: make another one'));
    }
    this.#starting ??= new Promise((resolve, reject) => {
      this.#running = this.#run((failure) => {
        if (failure instanceof RtcError && failure.code === 'ERR_RTC_INVALID_ARGUMENT') reject(failure);
        else resolve();
      });
    });
    return this.#starting;
  }

  /** As it was told; for `believedMs` after the connection was lost as it was then, and after that false. */
  isPublishing(streamID: string): boolean {
    return this.#publishing.has(streamID);
  }

  /** Rejects unless it is connected, has heard what is revoked, and can serve streams. */
  async probe(signal: AbortSignal): Promise<void> {
    const connection = this.#connection;
    if (!connection || !this.#inStep) {
      throw this.#cause ?? new RtcError('ERR_RTC_MEDIA_SERVER', 'The shared media server is not connected yet');
    }
    await connection.probe(signal);
  }

  /** While it cannot be reached it resolves at once, and the stream is cut when it can. */
  async cut(streamID: string, untilSeconds: number): Promise<void> {
    this.#gate.revoke(streamID, untilSeconds);
    await this.#tellMediaServer(controlPaths.cut, [[streamID, untilSeconds]]);
  }

  revoke(revocations: readonly StreamUntil[]): void {
    for (const [streamID, untilSeconds] of revocations) this.#gate.revoke(streamID, untilSeconds);
    void this.#tellMediaServer(controlPaths.revoke, revocations);
  }

  /** Ends the connection; the media server and its streams go on. Closing twice is nothing. */
  async close(): Promise<void> {
    if (this.#end.signal.aborted) return;
    this.#end.abort();
    clearTimeout(this.#disbelief);
    await this.#agent.destroy();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  protected override onListenerError(error: unknown, event: string): void {
    this.#logger.error({ err: error, event }, 'a listener of the media server threw');
  }

  /** Keeps a connection until `close`. `onFirst` is told of the first one: that it is there, or why it is not. */
  async #run(onFirst: (failure?: Error) => void): Promise<void> {
    const backoff = new Backoff(waits);
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        await this.#follow(() => {
          backoff.reset();
          onFirst();
        });
      } catch (error) {
        const failure = error as Error;
        if (!signal.aborted) this.#lost(failure);
        onFirst(failure);
      }
      await delay(backoff.nextMs(), signal);
    }
  }

  /** One connection; throws why it ended. */
  async #follow(onConnected: () => void): Promise<never> {
    const { controlUrl, controlKey, silenceMs = defaultSilenceMs } = this.#options;
    const url = controlUrl.replace(/\/+$/, '');
    const connection = new ControlConnection({ agent: this.#agent, url, controlKey, silenceMs });
    const closed = () => connection.fail(new RtcError('ERR_RTC_CLOSED', 'The media server is closed'));
    this.#end.signal.addEventListener('abort', closed, { once: true });
    try {
      for await (const event of connection.events()) {
        if (event.type === 'hello') {
          this.#greet(connection, event);
          // Its events go on meanwhile; a failure of this ends them.
          void this.#catchUp(connection).then(onConnected, () => {});
        } else this.#hear(event);
      }
      throw new Error('unreachable: events end by throwing');
    } finally {
      this.#end.signal.removeEventListener('abort', closed);
    }
  }

  #greet(connection: ControlConnection, { instance, keys, streams }: Extract<ControlEvent, { type: 'hello' }>): void {
    if (keys !== signingKeysProof(this.#options.controlKey, this.pushKey, this.playKey)) {
      const message =
        'The shared media server checks addresses by other keys: give the same mediaPushKey and mediaPlayKey to both';
      throw new RtcError('ERR_RTC_INVALID_ARGUMENT', message);
    }
    clearTimeout(this.#disbelief);
    this.#connection = connection;
    const there = new Set(streams);
    for (const streamID of [...this.#publishing]) if (!there.has(streamID)) this.#hear({ type: 'unpublish', streamID });
    for (const streamID of there) this.#hear({ type: 'publish', streamID });
    const before = this.#instance;
    this.#instance = instance;
    if (before !== undefined && before !== instance) this.#hear({ type: 'restart' });
  }

  /** Tells it all that was revoked, by whichever process: it may be a new one, and others may have been cut off as well. */
  async #catchUp(connection: ControlConnection): Promise<void> {
    await connection.post(controlPaths.revoke, this.#gate.revocations);
    if (this.#connection !== connection) return;
    this.#inStep = true;
    this.#logger.info({ streams: this.#publishing.size }, 'the shared media server is connected');
    this.#cause = undefined;
  }

  #hear(event: Exclude<ControlEvent, { type: 'hello' }>): void {
    if (event.type === 'publish') {
      if (this.#publishing.has(event.streamID)) return;
      this.#publishing.add(event.streamID);
      this.emit('publish', event.streamID);
    } else if (event.type === 'unpublish') {
      if (this.#publishing.delete(event.streamID)) this.emit('unpublish', event.streamID);
    } else if (event.type === 'restart') {
      this.#logger.warn({}, 'the shared media server died and is back');
      this.emit('restart');
    }
  }

  #lost(failure: Error): void {
    const wasConnected = this.#connection !== undefined;
    this.#connection = undefined;
    this.#inStep = false;
    if (wasConnected) {
      this.#disbelief = setTimeout(() => {
        for (const streamID of [...this.#publishing]) this.#hear({ type: 'unpublish', streamID });
      }, this.#options.believedMs ?? defaultBelievedMs);
      this.#disbelief.unref();
    }
    // Once for each reason: it is tried every other second.
    if (wasConnected || this.#cause?.message !== failure.message) {
      this.#logger.error({ err: failure }, 'the shared media server is not connected; tried again until it is');
    }
    this.#cause = failure;
  }

  /** Never rejects: what was not heard is told with the next connection. */
  async #tellMediaServer(path: string, streams: readonly StreamUntil[]): Promise<void> {
    if (!this.#connection) return;
    try {
      await this.#connection.post(path, streams);
    } catch (error) {
      if (this.#end.signal.aborted) return;
      const message = 'the shared media server may not have heard of streams that ended; told again when it is back';
      this.#logger.warn({ streams: streams.length, err: error }, message);
    }
  }
}

function invalid(message: string): RtcError {
  return new RtcError('ERR_RTC_INVALID_ARGUMENT', `RemoteMediaServer: ${message}`);
}
