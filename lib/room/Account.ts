import type { CallOptions, LoginInput, RoomApi, Session } from '../api/RoomApi.js';
import { waitMs } from '../api/retry.js';
import { Backoff } from '../Backoff.js';
import { delay } from '../delay.js';
import { RtcError } from '../errors.js';
import type { ImChannel } from '../im/ImChannel.js';
import { imFailed } from '../im/openEvents.js';

/** The calls of RoomApi that a room makes. */
export type RoomApiLike = Pick<
  RoomApi,
  | 'session'
  | 'login'
  | 'logout'
  | 'getPushURL'
  | 'getRoomList'
  | 'getPushers'
  | 'createRoom'
  | 'destroyRoom'
  | 'addPusher'
  | 'deletePusher'
  | 'heartbeat'
  | 'close'
>;

export interface AccountOptions {
  api: RoomApiLike;
  channel: ImChannel;
  credentials: LoginInput;
  /** The old login cannot be renewed: the userSig is refused. */
  onAuthLost: (error: RtcError) => void;
}

/**
 * How long a token that is refused without a reason waits for the notice that the user logged in elsewhere, ms: a service
 * that gives no reasons sent it before the refusal, but on another connection. Logging in again would throw the other one
 * out.
 */
const kickGraceMs = 300;

/**
 * Without messages nobody tells that the user logged in elsewhere. Two clients that each log in again would throw each other
 * out for ever: a token that is refused within that after it was renewed was taken by another one, ms.
 */
const rivalryMs = 30_000;

/** A logged-in user: its credentials, its calls, its message channel; logs in again when the token is lost. */
export class Account {
  readonly api: RoomApiLike;
  readonly channel: ImChannel;
  readonly #options: AccountOptions;
  readonly #life = new AbortController();
  /** Called after a new login, before anything else is asked, to take up what the old token held. */
  afterLogin: (() => Promise<void>) | undefined;
  #renewing: Promise<void> | undefined;
  #isKicked = false;
  #renewedMs = Number.NEGATIVE_INFINITY;

  constructor(options: AccountOptions) {
    this.#options = options;
    this.api = options.api;
    this.channel = options.channel;
    this.channel.on('kicked', () => {
      this.#isKicked = true;
    });
    this.channel.on('authFailed', () => void this.#renewUntilDone().catch((error: unknown) => this.#fault(error)));
  }

  async login(signal?: AbortSignal): Promise<void> {
    const session = await this.api.login(this.#options.credentials, { signal });
    try {
      await this.channel.open(session, { signal });
    } catch (error) {
      if (isKicked(error)) this.#isKicked = true;
      throw error;
    }
  }

  /**
   * Does the call; when the token is refused, logs in again with the stored userSig and repeats it once. When the service
   * says that this login was ended elsewhere, it is over, and the channel tells so.
   */
  async call<Result>(work: (api: RoomApiLike) => Promise<Result>): Promise<Result> {
    for (let isAgain = false; ; isAgain = true) {
      const before = this.api.session;
      try {
        const result = await work(this.api);
        // After an outage the channel's waits are longer than those between two heartbeats.
        this.channel.hasten();
        return result;
      } catch (error) {
        if (!isFinal(error)) throw error;
        const isCurrent = this.api.session === before;
        // What ended an older token of ours may be our own newer login.
        if (isKicked(error) && isCurrent && !this.#renewing) this.#end();
        if (isAgain) this.#judge(error);
        if (isAgain || this.#isKicked) throw error;
        if (isCurrent) await this.#renew();
        // That renewal was under way already, with the very token that is refused.
        if (!this.channel.carriesMessages && this.api.session === before) await this.#renew();
      }
    }
  }

  /** The service says what a `kicked` on the channel would have said. */
  #end(): void {
    if (this.#isKicked || this.#life.signal.aborted) return;
    this.channel.suspend();
    this.channel.emit('kicked');
  }

  async logout(options: CallOptions = {}): Promise<void> {
    try {
      // The service ends the stream; that is no fault to tell.
      this.channel.suspend();
    } finally {
      if (!this.#isKicked) await this.api.logout(options);
    }
  }

  async close(): Promise<void> {
    this.#life.abort();
    this.afterLogin = undefined;
    const closed = await Promise.allSettled([this.channel, this.api].map(async (one) => one.close()));
    for (const one of closed) if (one.status === 'rejected') throw one.reason;
  }

  /** Of a channel of the application's own, where nobody waits. */
  #fault(error: unknown): void {
    this.channel.emit('fault', imFailed('the message channel failed; the next call tries it again', error));
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#loginAgain().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #loginAgain(): Promise<void> {
    const { carriesMessages } = this.channel;
    if (carriesMessages && this.channel.state === 'open') await this.#waitForKick();
    if (!carriesMessages && performance.now() - this.#renewedMs < rivalryMs) this.#end();
    if (this.#isKicked) {
      throw new RtcError('ERR_RTC_KICKED', 'this login has ended: the user logged in elsewhere, or was expelled');
    }
    if (this.#life.signal.aborted) throw new RtcError('ERR_RTC_AUTH', 'this login has ended: the user logged out');
    // The service tells the old stream that a newer login came; that one is ours.
    this.channel.suspend();
    let session: Session | undefined;
    try {
      session = await this.api.login(this.#options.credentials, { signal: this.#life.signal });
      await this.afterLogin?.();
      await this.channel.open(session, { signal: this.#life.signal });
      this.#renewedMs = performance.now();
      this.channel.emit('resync');
    } catch (error) {
      if (isKicked(error)) this.#end();
      else if (session) this.#judge(error);
      if (this.channel.state !== 'open') void this.#renewLater(error).catch((fault: unknown) => this.#fault(fault));
      throw error;
    }
  }

  /** A token that is refused as soon as it is there was taken by another login, where nobody can tell of one. */
  #judge(error: unknown): void {
    if (isFinal(error) && !this.channel.carriesMessages) this.#end();
  }

  /** The channel is down with the login: it is mended even if nobody calls. */
  async #renewLater(error: unknown): Promise<void> {
    if (isFinal(error)) return;
    await delay(waitMs(1000, retryAfterMs(error)), this.#life.signal);
    if (this.channel.state === 'idle') await this.#renewUntilDone();
  }

  async #renewUntilDone(): Promise<void> {
    const backoff = new Backoff({ minMs: 1000, maxMs: 10_000 });
    while (!this.#life.signal.aborted && !this.#isKicked) {
      let askedMs: number | undefined;
      try {
        await this.#renew();
        return;
      } catch (error) {
        if (isFinal(error)) {
          if (!this.#isKicked && !this.#life.signal.aborted) this.#options.onAuthLost(error);
          return;
        }
        askedMs = retryAfterMs(error);
      }
      await delay(waitMs(backoff.nextMs(), askedMs), this.#life.signal);
    }
  }

  async #waitForKick(): Promise<void> {
    const stop = new AbortController();
    const onKicked = () => stop.abort();
    this.channel.once('kicked', onKicked);
    await delay(kickGraceMs, stop.signal);
    this.channel.off('kicked', onKicked);
  }
}

/** The service does not take the login. */
function isFinal(error: unknown): error is RtcError {
  return error instanceof RtcError && (error.code === 'ERR_RTC_AUTH' || isKicked(error));
}

function isKicked(error: unknown): boolean {
  return error instanceof RtcError && error.code === 'ERR_RTC_KICKED';
}

function retryAfterMs(error: unknown): number | undefined {
  return error instanceof RtcError ? error.retryAfterMs : undefined;
}
