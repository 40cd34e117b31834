import type { CallOptions, Session } from '../api/RoomApi.js';
import { throwIfAborted } from '../api/ServiceClient.js';
import { RtcError } from '../errors.js';
import type { ImElement } from './codec.js';
import { ImChannel, type ImEvents, type ImState } from './ImChannel.js';
import { SilentImChannel } from './SilentImChannel.js';
import { SseImChannel, type SseImChannelOptions } from './SseImChannel.js';

const forwarded = [
  'notify',
  'groupText',
  'groupCustom',
  'c2cCustom',
  'groupClosed',
  'kicked',
  'resync',
  'authFailed',
  'fault',
  'state',
] as const satisfies readonly (keyof ImEvents)[];

/**
 * The channel that the room service has: its event stream, or where it answers HTTP 404 for that, as services of 2018 do,
 * a SilentImChannel. Asked anew at each `open`, so that a service may get messages, or lose them, between two logins.
 */
export class AutoImChannel extends ImChannel {
  readonly #stream: SseImChannel;
  readonly #silent = new SilentImChannel();
  #current: ImChannel;
  /** As the latest `open` that was answered found. */
  #carriesMessages = true;
  /** The latest `open`; an older one that is answered late opens nothing. */
  #opening = 0;

  constructor(options: SseImChannelOptions) {
    super();
    this.#stream = new SseImChannel(options);
    this.#current = this.#stream;
    for (const channel of [this.#stream, this.#silent]) this.#forward(channel);
  }

  override get carriesMessages(): boolean {
    return this.#carriesMessages;
  }

  get state(): ImState {
    return this.#current.state;
  }

  get ignoredCount(): number {
    return this.#stream.ignoredCount;
  }

  async open(session: Session, options: CallOptions = {}): Promise<void> {
    throwIfAborted(options.signal, 'opening the message channel');
    const opening = ++this.#opening;
    this.#current.suspend();
    this.#current = this.#stream;
    try {
      await this.#stream.open(session, options);
      this.#carriesMessages = true;
    } catch (error) {
      if (!isWithoutChannel(error) || opening !== this.#opening) throw error;
      this.#current = this.#silent;
      this.#carriesMessages = false;
      await this.#silent.open(session, options);
    }
  }

  suspend(): void {
    this.#opening++;
    this.#current.suspend();
  }

  sendGroup(groupID: string, elements: readonly ImElement[], options: CallOptions = {}): Promise<void> {
    return this.#current.sendGroup(groupID, elements, options);
  }

  sendC2c(to: string, elements: readonly ImElement[], options: CallOptions = {}): Promise<void> {
    return this.#current.sendC2c(to, elements, options);
  }

  async close(): Promise<void> {
    this.#opening++;
    await Promise.all([this.#stream.close(), this.#silent.close()]);
  }

  #forward(channel: ImChannel): void {
    for (const name of forwarded) {
      channel.on(name, (...args: unknown[]) => {
        if (channel === this.#current) this.emit(name, ...(args as Parameters<ImEvents[typeof name]>));
      });
    }
  }
}

function isWithoutChannel(error: unknown): boolean {
  return error instanceof RtcError && error.code === 'ERR_RTC_IM_FAILED' && error.nativeCode === 404;
}
