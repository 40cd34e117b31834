import type { CallOptions, Session } from '../api/RoomApi.js';
import { throwIfAborted } from '../api/ServiceClient.js';
import { RtcError } from '../errors.js';
import { ImChannel, type ImState } from './ImChannel.js';

/**
 * For a room service without messages of its own, as those of 2018: opens always, tells nothing, sends nothing
 * (ERR_RTC_IM_UNAVAILABLE). A room on it learns of its members, and of its end, by asking with each heartbeat.
 */
export class SilentImChannel extends ImChannel {
  readonly ignoredCount = 0;
  #state: ImState = 'idle';

  override get carriesMessages(): boolean {
    return false;
  }

  get state(): ImState {
    return this.#state;
  }

  async open(_session: Session, { signal }: CallOptions = {}): Promise<void> {
    if (this.#state === 'closed') throw new RtcError('ERR_RTC_CLOSED', 'the message channel is closed; make a new one');
    throwIfAborted(signal, 'opening the message channel');
    this.#setState('open');
  }

  suspend(): void {
    this.#setState('idle');
  }

  async sendGroup(): Promise<void> {
    throw unavailable('a message to the room');
  }

  async sendC2c(): Promise<void> {
    throw unavailable('a message to a user');
  }

  async close(): Promise<void> {
    this.#setState('closed');
  }

  #setState(now: ImState): void {
    const before = this.#state;
    if (before === now || before === 'closed') return;
    this.#state = now;
    this.emit('state', now, before);
  }
}

function unavailable(what: string): RtcError {
  const message = `${what} was not sent: this room service has no message channel. Those of 2018 leave messages to Tencent's IM SDK, which this package has not: give RTCRoom an ImChannel that has it (factories.createChannel), or run a service with messages (rtcroom serve)`;
  return new RtcError('ERR_RTC_IM_UNAVAILABLE', message);
}
