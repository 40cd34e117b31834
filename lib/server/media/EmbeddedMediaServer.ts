import { randomBytes } from 'node:crypto';
import { RtcError } from '../../errors.js';
import { SafeEmitter } from '../../SafeEmitter.js';
import type { Logger } from '../logger.js';
import { safeLogger } from '../safeLogger.js';
import { liveUrl, validated } from './embeddedMediaServerOptions.js';
import type { MediaServer, MediaServerEvents } from './MediaServer.js';
import { MediaServerChild } from './MediaServerChild.js';
import type { FromChild, MediaServerConfig } from './mediaServerMessages.js';
import { probeRtmp, probeTcp } from './probe.js';
import { UrlGate } from './UrlGate.js';

export interface EmbeddedMediaServerOptions {
  /** Address to listen on. Default 127.0.0.1. */
  host?: string;
  /** Host that clients are given in URLs. Default: `host`, or 127.0.0.1 if that means every address. */
  publicHost?: string;
  /** What clients are given instead of `rtmp://publicHost:port/live`, e.g. `rtmps://media.example.com/live`: a proxy's. */
  publicRtmpUrl?: string;
  /** The same for HTTP-FLV, e.g. `https://rooms.example.com/live`. */
  publicHttpUrl?: string;
  /** Default 0: a free one, kept over restarts. */
  rtmpPort?: number;
  /** Of HTTP-FLV. Default 0: a free one, kept over restarts. */
  httpPort?: number;
  /** Keys that URLs are signed with. Default: random, different ones. */
  pushKey?: string;
  playKey?: string;
  logger?: Logger;
  /** From connecting to publish or play granted. Default 10 000. */
  handshakeTimeoutMs?: number;
  /** A publisher that sends nothing for so long is cut. Default 5000. */
  publisherSilenceMs?: number;
  /** One silent for so long gives way to another publisher of the stream, as after a change of network. Default 1500. */
  takeoverSilenceMs?: number;
  /** Unsent bytes at which a player is skipped to the next key frame. Default 2 MiB. */
  playerBudgetBytes?: number;
  /** A player over its budget that does not drain for so long is cut. Default 10 000. */
  playerStallMs?: number;
  /** Of RTMP and HTTP together. Default 1000. */
  maxConnections?: number;
  /** Resident memory at which the server restarts, MB. Default 512. */
  maxMemoryMb?: number;
  /** Largest GOP kept for joining players, a stream. Default 16 MiB. */
  maxGopBytes?: number;
  /** Largest picture. Default 4 MiB. */
  maxMessageBytes?: number;
  /**
   * For how long push URLs are signed, s. Given, `cut` revokes exactly the push URLs signed before it; else those that
   * expire no later than the latest one that the stream was published with.
   */
  urlValiditySeconds?: number;
  /** Deaths within 10 s of a start, one after the other, at which the server stays down. Default 5. */
  maxQuickDeaths?: number;
}

const startTimeoutMs = 15_000;
const cutTimeoutMs = 2000;
const quickDeathMs = 10_000;
const firstBackoffMs = 100;
const maxBackoffMs = 5000;
/** Streams whose latest expiry is remembered for `cut`; the oldest is forgotten first. */
const maxRememberedStreams = 10_000;

type State = 'idle' | 'starting' | 'running' | 'restarting' | 'closed';

/**
 * The room service's own media server: RTMP and HTTP-FLV in a child process that is restarted when it dies. Every
 * publish and play needs a signed URL; see `urlSignature`.
 *
 * @example
 * await using media = new EmbeddedMediaServer();
 * await media.start();
 * const { txSecret, txTime } = signature(media.pushKey, 'demo', Math.floor(Date.now() / 1000) + 3600);
 * console.log(`${media.rtmpUrl}/demo?txSecret=${txSecret}&txTime=${txTime}`);
 */
export class EmbeddedMediaServer extends SafeEmitter<MediaServerEvents> implements MediaServer {
  readonly pushKey: string;
  readonly playKey: string;
  readonly #config: Omit<MediaServerConfig, 'revocations'>;
  readonly #publicHost: string;
  readonly #publicUrls: { rtmp: string | undefined; http: string | undefined };
  readonly #urlValiditySeconds: number | undefined;
  readonly #maxQuickDeaths: number;
  readonly #logger: Logger;
  /** The child's revocations outlive it here. */
  readonly #gate: UrlGate;
  readonly #publishing = new Set<string>();
  readonly #latestExpiry = new Map<string, number>();
  readonly #cuts = new Map<number, () => void>();
  #nextCut = 1;
  #state: State = 'idle';
  #child: MediaServerChild | undefined;
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #backoff: NodeJS.Timeout | undefined;
  #quickDeaths = 0;
  #ports: { rtmp: number; http: number } | undefined;

  /** @throws RtcError ERR_RTC_INVALID_ARGUMENT */
  constructor(options: EmbeddedMediaServerOptions = {}) {
    super();
    const checked = validated(options);
    this.pushKey = options.pushKey ?? randomBytes(16).toString('hex');
    this.playKey = options.playKey ?? randomBytes(16).toString('hex');
    this.#config = { ...checked.config, pushKey: this.pushKey, playKey: this.playKey };
    this.#publicHost = checked.publicHost;
    this.#publicUrls = { rtmp: options.publicRtmpUrl, http: options.publicHttpUrl };
    this.#urlValiditySeconds = options.urlValiditySeconds;
    this.#maxQuickDeaths = options.maxQuickDeaths ?? 5;
    this.#logger = safeLogger(options.logger);
    this.#gate = new UrlGate(this);
  }

  /** @throws RtcError ERR_RTC_INVALID_STATE before the first start, when the port is not known */
  get rtmpUrl(): string {
    return this.#publicUrls.rtmp ?? liveUrl('rtmp', this.#publicHost, this.#ports?.rtmp ?? this.#config.rtmpPort);
  }

  /** @throws RtcError ERR_RTC_INVALID_STATE before the first start, when the port is not known */
  get httpUrl(): string {
    return this.#publicUrls.http ?? liveUrl('http', this.#publicHost, this.#ports?.http ?? this.#config.httpPort);
  }

  /** Process id of the running server, for monitoring. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  /** @throws RtcError ERR_RTC_MEDIA_SERVER, ERR_RTC_CLOSED, ERR_RTC_ABORTED (closed meanwhile) */
  start(): Promise<void> {
    if (this.#state === 'closed')
      return Promise.reject(new RtcError('ERR_RTC_CLOSED', 'The media server is closed: make another one'));
    if (this.#state === 'running' || this.#state === 'restarting') return Promise.resolve();
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  isPublishing(streamID: string): boolean {
    return this.#publishing.has(streamID);
  }

  /** Rejects unless the server runs, answers an RTMP handshake and takes HTTP connections. */
  async probe(signal: AbortSignal): Promise<void> {
    if (this.#state !== 'running' || !this.#ports) {
      throw new RtcError('ERR_RTC_MEDIA_SERVER', `The media server does not run: it is ${this.#state}`);
    }
    const { rtmp, http } = this.#ports;
    await Promise.all([probeRtmp(this.#config.host, rtmp, signal), probeTcp(this.#config.host, http, signal)]);
  }

  /**
   * Ends the publisher and the players of a stream and revokes its push URLs, those that expire at or before
   * `revokedUntil` (s since 1970; default: see `urlValiditySeconds`), also those of a server that is just restarting. Play
   * URLs stay good: without a permitted publisher they show nothing.
   */
  cut(streamID: string, revokedUntil?: number): Promise<void> {
    const validity = this.#urlValiditySeconds;
    const issuedUntil = revokedUntil ?? (validity ? Math.floor(Date.now() / 1000) + validity : 0);
    const untilSeconds = Math.max(issuedUntil, this.#latestExpiry.get(streamID) ?? 0);
    this.#gate.revoke(streamID, untilSeconds);
    const child = this.#child;
    const id = this.#nextCut++;
    if (!child || this.#state !== 'running') {
      child?.cut({ id, streamID, untilSeconds }); // it may have been configured before the revocation
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#logger.warn({ streamID }, 'media server did not answer a cut: it is restarted');
        child.kill(); // ends every stream, and 'dead' resolves this
      }, cutTimeoutMs);
      this.#cuts.set(id, () => {
        clearTimeout(timer);
        this.#cuts.delete(id);
        resolve();
      });
      child.cut({ id, streamID, untilSeconds });
    });
  }

  /** Revokes push URLs, as `cut` does, and ends who publishes by one of them. */
  revoke(revocations: readonly (readonly [streamID: string, untilSeconds: number])[]): void {
    for (const [streamID, untilSeconds] of revocations) this.#gate.revoke(streamID, untilSeconds);
    this.#child?.send({ type: 'revoke', revocations });
  }

  /** Done within 2 s whatever the server does. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  protected override onListenerError(error: unknown, event: string): void {
    this.#logger.error({ err: error, event }, 'a listener of the media server threw');
  }

  async #start(): Promise<void> {
    this.#state = 'starting';
    this.#quickDeaths = 0;
    try {
      await this.#launch();
      this.#state = 'running';
      this.#logger.info({ rtmpUrl: this.rtmpUrl, httpUrl: this.httpUrl }, 'media server started');
    } catch (error) {
      if (this.closed)
        throw new RtcError('ERR_RTC_ABORTED', 'The media server was closed while it started', { cause: error });
      this.#state = 'idle';
      throw error;
    }
  }

  async #launch(): Promise<void> {
    const child = new MediaServerChild({
      logger: this.#logger,
      onMessage: (message) => this.#onMessage(child, message),
      onDead: (reason, uptimeMs) => this.#onDead(child, reason, uptimeMs),
    });
    this.#child = child;
    const config = { ...this.#config, revocations: this.#gate.revocations };
    if (this.#ports) Object.assign(config, { rtmpPort: this.#ports.rtmp, httpPort: this.#ports.http });
    const ready = await child.start(config, startTimeoutMs);
    if (this.closed) throw new RtcError('ERR_RTC_ABORTED', 'The media server was closed while it started');
    this.#ports = { rtmp: ready.rtmpPort, http: ready.httpPort };
  }

  #onMessage(child: MediaServerChild, message: FromChild): void {
    if (child !== this.#child) return;
    if (message.type === 'publish') {
      this.#latestExpiry.delete(message.streamID);
      this.#latestExpiry.set(message.streamID, message.expiresAtSeconds);
      if (this.#latestExpiry.size > maxRememberedStreams) {
        this.#latestExpiry.delete(this.#latestExpiry.keys().next().value as string);
      }
      this.#publishing.add(message.streamID);
      this.emit('publish', message.streamID);
    } else if (message.type === 'unpublish') {
      if (this.#publishing.delete(message.streamID)) this.emit('unpublish', message.streamID);
    } else if (message.type === 'cut') {
      for (const { id, streamID, untilSeconds } of message.cuts) {
        this.#gate.revoke(streamID, untilSeconds);
        this.#cuts.get(id)?.();
      }
    }
  }

  #onDead(child: MediaServerChild, reason: string, uptimeMs: number): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    const streams = [...this.#publishing];
    this.#publishing.clear();
    for (const done of [...this.#cuts.values()]) done();
    const wasRunning = this.#state === 'running';
    if (wasRunning) {
      this.#state = 'restarting';
      this.#quickDeaths = uptimeMs < quickDeathMs ? this.#quickDeaths + 1 : 1;
      this.#logger.error({ reason, uptimeMs, deaths: this.#quickDeaths }, 'media server died');
    }
    for (const streamID of streams) this.emit('unpublish', streamID);
    if (wasRunning && !this.closed) this.#restartLater(reason);
  }

  #restartLater(reason: string): void {
    if (this.#quickDeaths > this.#maxQuickDeaths) {
      this.#state = 'idle';
      const message = `The media server died ${this.#quickDeaths} times at once (${reason}): see the log, then start it again`;
      this.emit('exit', new RtcError('ERR_RTC_MEDIA_SERVER', message));
      return;
    }
    const delay = Math.min(firstBackoffMs * 2 ** (this.#quickDeaths - 1), maxBackoffMs);
    this.#backoff = setTimeout(() => void this.#restart(), delay);
  }

  async #restart(): Promise<void> {
    try {
      await this.#launch();
    } catch (error) {
      if (this.closed) return;
      this.#quickDeaths++;
      this.#logger.error({ err: error, deaths: this.#quickDeaths }, 'media server could not be restarted');
      return this.#restartLater(error instanceof Error ? error.message : String(error));
    }
    this.#state = 'running';
    this.#logger.warn({ rtmpUrl: this.rtmpUrl }, 'media server is back');
    this.emit('restart');
  }

  async #close(): Promise<void> {
    this.#state = 'closed';
    clearTimeout(this.#backoff);
    const starting = this.#starting;
    await this.#child?.close();
    await starting?.catch(() => {}); // told to its caller
    this.#logger.info({}, 'media server closed');
  }
}
