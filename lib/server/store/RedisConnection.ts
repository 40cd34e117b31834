import { createHash } from 'node:crypto';
import { RtcError } from '../../errors.js';
import { type Logger, silentLogger } from '../logger.js';
import { GatheringRedis } from './GatheringRedis.js';

export interface RedisConnectionOptions {
  /** `redis://` or `rediss://` (TLS), with user, password and database number as usual. */
  url: string;
  /** Put before every key. Default 'rtcroom:'. Processes of one service have the same; different services do not. */
  keyPrefix?: string;
  logger?: Logger;
}

/** Until Redis must have answered a command, ms. */
const commandTimeoutMs = 3000;

/** Waits before connecting again double from the first to the second, ms. */
const retryMinMs = 50;
const retryMaxMs = 1000;

/**
 * A connection to Redis that comes back by itself. While it is away every command is refused at once, none is kept for
 * later and none is sent twice: a step that is done behind its caller's back would be worse than one not done.
 */
export class RedisConnection {
  readonly client: GatheringRedis;
  readonly prefix: string;
  readonly #logger: Logger;
  readonly #digests = new Map<string, string>();
  readonly #lost: (() => void)[] = [];
  readonly #restored: (() => void)[] = [];
  #wasReady = false;
  #reported = false;
  #closed = false;

  /** Begins to connect. Throws `ERR_RTC_INVALID_ARGUMENT` for an address that is not one of Redis. */
  constructor(options: RedisConnectionOptions) {
    this.prefix = options.keyPrefix ?? 'rtcroom:';
    this.#logger = options.logger ?? silentLogger;
    this.client = new GatheringRedis(checkUrl(options.url), {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: commandTimeoutMs,
      connectTimeout: commandTimeoutMs,
      keepAlive: 10_000,
      retryStrategy: (times) => (0.5 + Math.random() / 2) * Math.min(retryMinMs * 2 ** Math.min(times, 10), retryMaxMs),
    });
    this.client.on('ready', () => this.#ready());
    this.client.on('close', () => this.#away());
    this.client.on('error', (error) => this.#report(error));
  }

  /** Resolves when Redis answers; rejects with `ERR_RTC_STORE_UNAVAILABLE` when it does not within 5 s. */
  async ready(): Promise<void> {
    if (this.client.status === 'ready') return;
    await new Promise<void>((resolve, reject) => {
      let cause: unknown;
      const keep = (error: unknown) => {
        cause = error;
      };
      const done = (settle: () => void) => {
        clearTimeout(timer);
        this.client.off('ready', succeed).off('end', fail).off('error', keep);
        settle();
      };
      const succeed = () => done(resolve);
      const fail = () => done(() => reject(unavailable(cause)));
      const timer = setTimeout(fail, 5000);
      this.client.on('ready', succeed).on('end', fail).on('error', keep);
    });
  }

  /** Called when the connection is lost; commands under way may or may not have been done. */
  onLost(listener: () => void): void {
    this.#lost.push(listener);
  }

  /** Called when it is back. */
  onRestored(listener: () => void): void {
    this.#restored.push(listener);
  }

  /** Rejects with `ERR_RTC_STORE_UNAVAILABLE`, `ERR_RTC_CLOSED` after close. */
  async command<Result>(send: (connection: RedisConnection) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new RtcError('ERR_RTC_CLOSED', 'the room store is closed');
    try {
      return await send(this);
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** Has the script there whenever Redis is, so that calls of it are never sent again and keep their order. */
  preload(lua: string): void {
    this.#digest(lua);
  }

  /** Runs a Lua script; its first argument is the prefix, the others are `args`. */
  async script<Result>(lua: string, args: readonly (string | number)[]): Promise<Result> {
    return this.command(async ({ client, prefix }) => {
      const digest = this.#digest(lua);
      try {
        return (await client.evalsha(digest, 0, prefix, ...args)) as Result;
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return (await client.eval(lua, 0, prefix, ...args)) as Result;
      }
    });
  }

  close(): void {
    this.#closed = true;
    this.client.disconnect();
  }

  #digest(lua: string): string {
    let digest = this.#digests.get(lua);
    if (digest === undefined) {
      digest = createHash('sha1').update(lua).digest('hex');
      this.#digests.set(lua, digest);
    }
    return digest;
  }

  #ready(): void {
    this.#reported = false;
    for (const lua of this.#digests.keys()) this.client.script('LOAD', lua).catch(() => {});
    const again = this.#wasReady;
    this.#wasReady = true;
    if (!again) return;
    this.#logger.info({}, 'Redis is back');
    for (const listener of this.#restored) listener();
  }

  #away(): void {
    if (this.#closed || !this.#wasReady) return;
    for (const listener of this.#lost) listener();
  }

  #report(error: unknown): void {
    if (this.#reported || this.#closed) return;
    this.#reported = true;
    this.#logger.warn({ err: error }, 'Redis cannot be reached; tried again until it can');
  }
}

function checkUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed && /^rediss?:$/.test(parsed.protocol) && parsed.hostname !== '') return url;
  // The address is not repeated: it may hold a password.
  throw new RtcError(
    'ERR_RTC_INVALID_ARGUMENT',
    'the address of Redis must be redis://host:port/number, or rediss://…',
  );
}

export function unavailable(cause: unknown): RtcError {
  if (cause instanceof RtcError) return cause;
  // What was asked holds names, texts and digests of tokens: not for a log.
  if (cause instanceof Error && 'command' in cause) delete cause.command;
  const reason = cause instanceof Error ? cause.message : 'no answer in time';
  const message =
    `Redis, the room service's store, failed (${reason}): see that it runs, that its address and password are right ` +
    'and that it may write';
  return new RtcError('ERR_RTC_STORE_UNAVAILABLE', message, { cause });
}
