import type { CallOptions, Session } from '../api/RoomApi.js';
import { throwIfAborted } from '../api/ServiceClient.js';
import { RtcError, UnsupportedError } from '../errors.js';
import { ImChannel, type ImState } from './ImChannel.js';

export interface ResyncImChannelOptions {
  /** How often the member list is read, ms. Default 3000. */
  intervalMs?: number;
}

/**
 * For services of the 2018 scheme, whose messages only Tencent's IM SDK can read: asks at intervals for the member list to be
 * read again, so that who comes, goes or ends the room is seen that much later. No message comes, none can be sent
 * (ERR_RTC_UNSUPPORTED), and a login elsewhere is not told of.
 *
 * ```ts
 * const room = new RTCRoom({ factories: { createChannel: () => new ResyncImChannel() } });
 * ```
 */
export class ResyncImChannel extends ImChannel {
  readonly ignoredCount = 0;
  readonly #intervalMs: number;
  #state: ImState = 'idle';
  #timer: NodeJS.Timeout | undefined;

  /** @throws RtcError ERR_RTC_INVALID_ARGUMENT for an interval under 100 ms */
  constructor(options: ResyncImChannelOptions = {}) {
    super();
    const { intervalMs = 3000 } = options;
    if (!(intervalMs >= 100 && intervalMs <= 2_147_483_647)) {
      throw new RtcError('ERR_RTC_INVALID_ARGUMENT', 'intervalMs must be a number of 100 or more (ms)');
    }
    this.#intervalMs = intervalMs;
  }

  get state(): ImState {
    return this.#state;
  }

  async open(_session: Session, options: CallOptions = {}): Promise<void> {
    if (this.#state === 'closed') throw new RtcError('ERR_RTC_CLOSED', 'the message channel is closed; make a new one');
    throwIfAborted(options.signal, 'opening the message channel');
    this.suspend();
    this.#timer = setInterval(() => this.emit('resync'), this.#intervalMs);
    this.#setState('open');
  }

  suspend(): void {
    clearInterval(this.#timer);
    if (this.#state !== 'closed') this.#setState('idle');
  }

  async sendGroup(): Promise<void> {
    throw cannotSend();
  }

  async sendC2c(): Promise<void> {
    throw cannotSend();
  }

  async close(): Promise<void> {
    this.suspend();
    this.#setState('closed');
  }

  #setState(now: ImState): void {
    const before = this.#state;
    if (before === now) return;
    this.#state = now;
    this.emit('state', now, before);
  }
}

function cannotSend(): UnsupportedError {
  return new UnsupportedError(
    "messages of this service go through Tencent's IM, which needs its SDK: give RTCRoom a channel of yours that has it",
  );
}
