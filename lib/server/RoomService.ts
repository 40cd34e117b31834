import type { AddressInfo } from 'node:net';
import { Backoff } from '../Backoff.js';
import { delay } from '../delay.js';
import { RtcError } from '../errors.js';
import { Tokens } from './auth/Tokens.js';
import { UserSigs } from './auth/UserSigs.js';
import { issueUserSig } from './auth/userSig.js';
import { addAdminRoutes } from './http/adminRoutes.js';
import { type App, createApp } from './http/createApp.js';
import { addImRoutes } from './http/imRoutes.js';
import { limitConnections } from './http/limitConnections.js';
import { cannotListen, reachableUrl } from './http/listening.js';
import { addLiveRoutes } from './http/liveRoutes.js';
import { addOperationRoutes } from './http/operationRoutes.js';
import { Readiness } from './http/Readiness.js';
import { RoomTexts } from './http/RoomTexts.js';
import { addRoomRoutes } from './http/roomRoutes.js';
import { addUtilityRoutes } from './http/utilityRoutes.js';
import { ImHub } from './im/ImHub.js';
import type { TencentImOptions } from './im/tencent/TencentImOptions.js';
import { TencentRoomGroups } from './im/tencent/TencentRoomGroups.js';
import type { Logger } from './logger.js';
import type { MediaServer } from './media/MediaServer.js';
import type { StreamMixer } from './media/StreamMixer.js';
import { ServiceMetrics } from './metrics/ServiceMetrics.js';
import { isUserID } from './rooms/identifiers.js';
import { LiveRooms } from './rooms/LiveRooms.js';
import { Mixing } from './rooms/Mixing.js';
import { Rooms } from './rooms/Rooms.js';
import { StreamUrls } from './rooms/StreamUrls.js';
import { Sweeper } from './rooms/Sweeper.js';
import { safeClock } from './safeClock.js';
import { safeLogger } from './safeLogger.js';
import { openStorage, type Storage } from './store/openStorage.js';
import { roomTypes } from './store/RoomStore.js';

export interface RoomServiceOptions {
  /** Started by the caller before `listen`, and closed by the caller after `close`. */
  media: MediaServer;
  /** Application id that userSigs must be made for. */
  sdkAppID: number;
  /** Key of userSig version 2 (HMAC-SHA256). At least 16 characters. */
  secretKey: string;
  /** Key of userSig version 1 (ECDSA), PEM: an old deployment's public key. Default: version 1 is refused by code 7. */
  userSigPublicKey?: string;
  /** Does what merge_stream asks for. Default: none, merge_stream says so in its result. */
  mixer?: StreamMixer;
  /**
   * Every room has a group at Tencent's IM too, in the application `sdkAppID` with the key `secretKey`, for clients that
   * have Tencent's IM SDK. Default: none.
   */
  tencentIm?: TencentImOptions;
  /**
   * SQLite file, or ':memory:' (default). Rooms, members, tokens and undelivered messages in a file survive a restart;
   * one service a file.
   */
  database?: string;
  /**
   * Address of a Redis (6.2 or newer) or Valkey, `redis://user:password@host:6379/0` or `rediss://…` (TLS), in place of
   * `database`: several services share it, and a message at one reaches the clients of all. Default: none.
   */
  redis?: string;
  /** Begins every key in that Redis. Default 'rtcroom:'. */
  redisKeyPrefix?: string;
  /** Seats of a multi_room. Default 4. A double_room has 2. */
  maxMembers?: number;
  /** Seats of a live_room. Default 4, as the original. */
  maxLivePushers?: number;
  /** Listeners of a live_room. Default 30, as the original. */
  maxAudience?: number;
  /** A listener without an open event stream is out that long after its last request. Default 300 000 ms = 5 min. */
  audienceTimeoutMs?: number;
  /** The creator's leaving ends the room. Default true. A live_room ends in any case. */
  creatorLeaveDissolves?: boolean;
  /** add_pusher to an unknown room creates it, as the 2018 server did. Default false: code 1. */
  createMissingRooms?: boolean;
  /**
   * A member without a heartbeat for that long is removed; while its stream still arrives, after three times as long.
   * Default 20 000 ms, as the original; clients beat every 5 s.
   */
  heartbeatTimeoutMs?: number;
  /** How often expiry is looked at. Default 5000 ms. */
  sweepIntervalMs?: number;
  /** A room that nobody enters is removed after that. Default 30 000 ms. */
  pendingRoomTimeoutMs?: number;
  /** Life of a token after its last use. Default 86 400 000 ms = 24 h. */
  tokenTtlMs?: number;
  /** How long push and play URLs are good for. Default 604 800 000 ms = 7 days, as the original. */
  urlValidityMs?: number;
  /** First part of every stream id. Default '1000'. */
  bizid?: string;
  /** Adds `/weapp/utils/get_login_info`, which signs for ANY user without asking. Default false. */
  developmentLogin?: boolean;
  /**
   * Adds `/weapp/utils/get_test_pushurl` and `get_test_rtmpaccurl`, which give ANYBODY a signed address to push to and
   * to play, for tests of a network. Default false.
   */
  testUrls?: boolean;
  /** Largest request body. Default 131 072 bytes. */
  bodyLimit?: number;
  /** A request that is not complete by then is ended. Default 10 000 ms. */
  requestTimeoutMs?: number;
  /**
   * Connections open at once, event streams among them; further ones are closed as they come. Default 20 000, for which
   * the process needs as many file descriptors (`ulimit -n`) and some more.
   */
  maxConnections?: number;
  /** Comment on every event stream, so often. Default 15 000 ms. */
  pingIntervalMs?: number;
  /** Unsent bytes at which an event stream's reader is cut. Default 1 MiB. */
  maxStreamBufferBytes?: number;
  /** Messages a second a user may send, twice as many at once. Default 20. */
  sendRatePerSecond?: number;
  /** The same of a room, from all who send to it. Default 100: four members at their full rate, and some. */
  roomRatePerSecond?: number;
  /** Origins whose pages may call the service. Default ['*'], as the original. */
  allowOrigin?: readonly string[];
  /** Proxies whose X-Forwarded-For is believed: addresses, networks, 'loopback', 'uniquelocal'. Default: none. */
  trustedProxies?: readonly string[];
  /**
   * Refused logins, and calls of get_login_info, a minute from an address, at all services on one Redis together. Default
   * 0: no limit; `rtcroom serve` has one.
   */
  loginsPerMinute?: number;
  /** The same of calls of a user from an address. Default 0: no limit; `rtcroom serve` has one. */
  requestsPerMinute?: number;
  /** Key of the admin API, at least 16 characters. Default: there is none. */
  adminKey?: string;
  /** How long `close` waits for requests under way, ms. Default 2000. */
  closeGraceMs?: number;
  /**
   * A pino logger, or one like it; make one that redacts secrets by `createLogger`. One that throws or rejects breaks nothing; the
   * process warning RTC_LOGGER_ERROR tells, once. Default: silent.
   */
  logger?: Logger;
  /** ms since 1970; where it throws or gives no number, Date.now and the process warning RTC_CLOCK_ERROR. Default: Date.now. For tests. */
  clock?: () => number;
}

export interface ListenOptions {
  /** Default '127.0.0.1'. */
  host?: string;
  /** Default 0: a free one. */
  port?: number;
}

/** First and longest wait before rooms are announced again, ms. */
const announceWaits = { minMs: 200, maxMs: 5000 };

/** Connections that may wait to be accepted: after a restart all members come at once. The system caps it (Linux: 4096). */
const backlog = 8192;

/** Seven days, as the original. Give a media server the same, so that a cut revokes exactly what was issued. */
export const defaultUrlValiditySeconds = 604_800;

/** How long calls that wait for Tencent's IM have at the end, even where requests took all of the grace, ms. */
const minGroupsGraceMs = 1000;

/**
 * The room service: the `/weapp` dialect of the 2018 scheme for double_room, multi_room and live_room, and its message
 * channel as server-sent events, on one HTTP port.
 */
export class RoomService {
  /** Its events tell who joins and leaves. */
  readonly rooms: Rooms;
  readonly sdkAppID: number;
  readonly #options: RoomServiceOptions;
  readonly #now: () => number;
  readonly #logger: Logger;
  readonly #storage: Storage;
  readonly #hub: ImHub;
  readonly #groups: TencentRoomGroups | undefined;
  readonly #live: LiveRooms;
  readonly #app: App;
  readonly #sweeper: Sweeper;
  readonly #readiness: Readiness;
  #address: { host: string; port: number } | undefined;
  readonly #end = new AbortController();
  #announcement = 0;
  #listening = false;
  #closing: Promise<void> | undefined;

  /** Opens the database. Throws `ERR_RTC_INVALID_ARGUMENT` for options or a database that cannot be used. */
  constructor(options: RoomServiceOptions) {
    checkOptions(options);
    const { media, sdkAppID, secretKey } = options;
    const logger = safeLogger(options.logger);
    const now = safeClock(options.clock ?? Date.now);
    this.#options = options;
    this.#logger = logger;
    this.#now = now;
    this.sdkAppID = sdkAppID;
    const userSigs = new UserSigs({ sdkAppID, secretKey, publicKey: options.userSigPublicKey });
    const { database, redis, redisKeyPrefix, sendRatePerSecond = 20, roomRatePerSecond = 100 } = options;
    const onInterrupted = () => void this.#announce();
    const sendRates = { userPerSecond: sendRatePerSecond, roomPerSecond: roomRatePerSecond };
    this.#storage = openStorage({ database, redis, redisKeyPrefix, sendRates, now, logger, onInterrupted });
    const { store, mailboxes, sent, sendLimits } = this.#storage;
    const validityMs = options.urlValidityMs ?? defaultUrlValiditySeconds * 1000;
    const urls = new StreamUrls({
      media,
      store,
      bizid: options.bizid ?? '1000',
      validityMs,
      now,
    });
    const tokenTtlMs = options.tokenTtlMs ?? 86_400_000;
    const tokens = new Tokens({ store, ttlMs: tokenTtlMs, now });
    const live = new LiveRooms({
      store,
      maxAudience: options.maxAudience ?? 30,
      audienceTimeoutMs: options.audienceTimeoutMs ?? 300_000,
      listening: () => this.#hub.listening(),
      now,
    });
    this.#live = live;
    const mixing = new Mixing({ store, urls, mixer: options.mixer, logger });
    const readiness = new Readiness({ store, media, logger });
    this.#readiness = readiness;
    const metrics = new ServiceMetrics({ store, readiness, logger });
    const hub = new ImHub({
      group: (groupID) => this.rooms.group(groupID),
      mailboxes,
      sent,
      limits: sendLimits,
      now,
      onAccepted: metrics.imAccepted,
      onDelivered: metrics.imDelivered,
    });
    this.#hub = hub;
    this.#groups =
      options.tencentIm &&
      new TencentRoomGroups({
        ...options.tencentIm,
        sdkAppID,
        secretKey,
        now,
        logger,
        hasRoom: async (roomID) => (await store.findRoom(roomID)) !== undefined,
        ...metrics.watchTencentIm(() => this.#groups?.queued ?? 0),
      });
    this.rooms = new Rooms({
      store,
      media,
      urls,
      notifier: hub,
      groups: this.#groups,
      logger,
      maxMembers: options.maxMembers ?? 4,
      maxLivePushers: options.maxLivePushers ?? 4,
      creatorLeaveDissolves: options.creatorLeaveDissolves ?? true,
      createMissingRooms: options.createMissingRooms ?? false,
      heartbeatTimeoutMs: options.heartbeatTimeoutMs ?? 20_000,
      pendingRoomTimeoutMs: options.pendingRoomTimeoutMs ?? 30_000,
      now,
    });
    this.#sweeper = new Sweeper({
      intervalMs: options.sweepIntervalMs ?? 5000,
      logger,
      sweep: () => this.sweep(),
    });
    const app = createApp({
      logger,
      bodyLimit: options.bodyLimit ?? 131_072,
      requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
      allowOrigin: options.allowOrigin ?? ['*'],
      trustedProxies: options.trustedProxies ?? [],
      loginsPerMinute: options.loginsPerMinute ?? 0,
      requestsPerMinute: options.requestsPerMinute ?? 0,
      redis: this.#storage.redis,
      isClosing: () => this.#closing !== undefined,
    });
    this.#app = app;
    const { rooms } = this;
    metrics.watchApp(app);
    metrics.watchRooms(rooms);
    metrics.watchMedia(media);
    const { developmentLogin = false, testUrls = false } = options;
    const texts = new RoomTexts(urls, now);
    app.after(() => {
      for (const type of roomTypes) {
        addRoomRoutes(app, type, { store, rooms, live, mixing, tokens, hub, urls, texts, userSigs, sdkAppID, now });
      }
      addLiveRoutes(app, { live, tokens });
      addImRoutes(app, {
        hub,
        tokens,
        pingIntervalMs: options.pingIntervalMs ?? 15_000,
        maxBufferedBytes: options.maxStreamBufferBytes ?? 1_048_576,
        onSeen: (userID) => live.see(userID),
        streamOpened: () => metrics.streamOpened(),
      });
      addUtilityRoutes(app, { sdkAppID, secretKey, urls, now, developmentLogin, testUrls });
      addOperationRoutes(app, { readiness, metrics });
      const { adminKey } = options;
      if (adminKey !== undefined) {
        addAdminRoutes(app, { adminKey, rooms, store, tokens, hub, media, logger });
      }
    });
  }

  /**
   * Starts serving. Rejects with `ERR_RTC_INVALID_ARGUMENT` when the address cannot be had (`cause` has the system's
   * code, for instance EADDRINUSE), `ERR_RTC_STORE_UNAVAILABLE` when Redis does not answer within 5 s,
   * `ERR_RTC_INVALID_STATE` when it was called before, `ERR_RTC_CLOSED` after close.
   */
  async listen(options: ListenOptions = {}): Promise<void> {
    const { host = '127.0.0.1', port = 0 } = options;
    if (this.#closing) throw new RtcError('ERR_RTC_CLOSED', 'the room service is closed: make a new one');
    if (this.#listening) throw new RtcError('ERR_RTC_INVALID_STATE', 'the room service listens already');
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new RtcError('ERR_RTC_INVALID_ARGUMENT', `port ${port}: must be an integer from 0 (a free one) to 65535`);
    }
    this.#listening = true;
    // Members did not fall silent: nobody listened. They get one timeout to be heard again.
    try {
      await this.#storage.ready();
      await this.#storage.store.renewAll(this.#now());
      await this.rooms.learnRevocations();
    } catch (error) {
      this.#listening = false;
      throw error;
    }
    const { maxConnections: wanted = 20_000 } = this.#options;
    const maxConnections = limitConnections(this.#app.server, wanted, this.#logger);
    try {
      await this.#app.listen({ host, port, backlog });
    } catch (cause) {
      this.#listening = false;
      if (this.#closing) throw new RtcError('ERR_RTC_CLOSED', 'the room service was closed while it started');
      throw cannotListen(host, port, cause);
    }
    const address = this.#app.server.address() as AddressInfo;
    this.#address = { host, port: address.port };
    this.#sweeper.start();
    this.#logger.info({ host, port: address.port, maxConnections }, 'room service listens');
  }

  /** Where it listens: `port` is the real one. Throws `ERR_RTC_INVALID_STATE` before `listen`. */
  get address(): { host: string; port: number; url: string } {
    if (!this.#address) throw new RtcError('ERR_RTC_INVALID_STATE', 'the room service does not listen: await listen()');
    const { host, port } = this.#address;
    return { host, port, url: reachableUrl(host, port) };
  }

  /** A userSig for that user: what an application's own server hands to its signed-in users. */
  issueUserSig(userID: string, expireSeconds = 2_592_000): string {
    if (!isUserID(userID)) {
      throw new RtcError('ERR_RTC_INVALID_ARGUMENT', 'userID: 1 to 32 characters A-Za-z0-9, _ and -');
    }
    const { sdkAppID, secretKey } = this.#options;
    return issueUserSig({ sdkAppID, secretKey, userID, expireSeconds, nowSeconds: Math.floor(this.#now() / 1000) });
  }

  /** Looks at expiry now; it does by itself every `sweepIntervalMs` while it listens. */
  async sweep(): Promise<void> {
    this.#hub.sweep();
    await this.#live.sweep();
    await this.rooms.sweep();
  }

  /** The OpenAPI document of its routes, as at /openapi.json. */
  async openApi(): Promise<object> {
    await this.#app.ready();
    return this.#app.swagger();
  }

  /** From now on `/readyz` says no, so that a load balancer looks elsewhere; everything else goes on until `close`. */
  drain(): void {
    this.#readiness.drain();
  }

  /**
   * Ends streams, which clients open again, at the service's successor, and waits for requests under way, at most
   * `closeGraceMs` whatever clients do; what still comes is refused by HTTP 503 with Retry-After. Calls of Tencent's IM
   * that wait have the rest of that time, at least 1 s. Then the store is closed. Twice is as once.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Nobody else tells the members what they may have missed, so it is tried until it is done; the latest call goes on. */
  async #announce(): Promise<void> {
    const mine = ++this.#announcement;
    const backoff = new Backoff(announceWaits);
    while (mine === this.#announcement && !this.#end.signal.aborted) {
      try {
        await this.rooms.announce();
        return;
      } catch (error) {
        if (this.#end.signal.aborted) return;
        const message = 'rooms could not be announced to their members; tried again';
        this.#logger.warn({ err: error }, message);
      }
      await delay(backoff.nextMs(), this.#end.signal);
    }
  }

  async #close(): Promise<void> {
    this.drain();
    this.#end.abort();
    await this.#sweeper.stop();
    this.#hub.close();
    const { server } = this.#app;
    const { closeGraceMs = 2000 } = this.#options;
    const startMs = performance.now();
    const cut = setTimeout(() => server.closeAllConnections(), closeGraceMs);
    const idle = setInterval(() => server.closeIdleConnections(), 20);
    try {
      await this.#app.close();
    } finally {
      clearTimeout(cut);
      clearInterval(idle);
    }
    // What the last requests changed is told as well.
    await this.#groups?.close(Math.max(minGroupsGraceMs, closeGraceMs - (performance.now() - startMs)));
    await this.#storage.close();
    this.#logger.info({}, 'room service closed');
  }
}

function checkOptions(options: RoomServiceOptions): void {
  const refuse = (what: string) => new RtcError('ERR_RTC_INVALID_ARGUMENT', `RoomService: ${what}`);
  if (!options?.media) throw refuse('give a media server as `media`, for instance an EmbeddedMediaServer');
  if (!Number.isSafeInteger(options.sdkAppID) || options.sdkAppID <= 0)
    throw refuse('sdkAppID must be a positive integer');
  if (typeof options.secretKey !== 'string' || options.secretKey.length < 16) {
    throw refuse('secretKey must be a string of at least 16 characters');
  }
  if (options.adminKey !== undefined && !/^[\x21-\x7e]{16,512}$/.test(options.adminKey)) {
    throw refuse('adminKey must be 16 to 512 printable characters without spaces');
  }
  if (options.bizid !== undefined && !/^[A-Za-z0-9]{1,16}$/.test(options.bizid)) {
    throw refuse('bizid must be 1 to 16 letters or digits');
  }
  const positive = [
    'maxMembers',
    'maxLivePushers',
    'maxAudience',
    'audienceTimeoutMs',
    'heartbeatTimeoutMs',
    'sweepIntervalMs',
    'pendingRoomTimeoutMs',
    'tokenTtlMs',
    'urlValidityMs',
    'bodyLimit',
    'requestTimeoutMs',
    'maxConnections',
    'pingIntervalMs',
    'maxStreamBufferBytes',
    'sendRatePerSecond',
    'roomRatePerSecond',
  ] as const;
  for (const name of positive) {
    const value = options[name];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < 1) throw refuse(`${name} must be an integer of at least 1`);
  }
  for (const name of ['loginsPerMinute', 'requestsPerMinute', 'closeGraceMs'] as const) {
    const value = options[name];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < 0) throw refuse(`${name} must be an integer of at least 0`);
  }
}
