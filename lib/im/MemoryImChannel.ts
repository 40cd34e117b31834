import type { CallOptions, Session } from '../api/RoomApi.js';
import { throwIfAborted } from '../api/ServiceClient.js';
import { RtcError } from '../errors.js';
import { decodeC2c, decodeGroup, type ImElement } from './codec.js';
import { type GroupClosedReason, ImChannel, type ImState } from './ImChannel.js';

/** Connects the memory channels of one process: what a service does for the others. For tests. */
export class MemoryImHub {
  readonly #channels = new Map<string, MemoryImChannel>();
  /** Members of each group; a message reaches only them. */
  readonly groups = new Map<string, Set<string>>();
  /** When set, opening and sending fail with it. */
  failure: RtcError | undefined;
  #sent = 0;

  attach(userID: string, channel: MemoryImChannel): void {
    const older = this.#channels.get(userID);
    this.#channels.set(userID, channel);
    if (older && older !== channel) older.receiveKick();
  }

  detach(userID: string, channel: MemoryImChannel): void {
    if (this.#channels.get(userID) === channel) this.#channels.delete(userID);
  }

  notify(groupID: string, version?: number): void {
    for (const channel of this.#members(groupID)) channel.emit('notify', { groupID, version });
  }

  closeGroup(groupID: string, reason: GroupClosedReason = 'destroyed'): void {
    const members = this.#members(groupID);
    this.groups.delete(groupID);
    for (const channel of members) channel.emit('groupClosed', { groupID, reason });
  }

  kick(userID: string): void {
    this.#channels.get(userID)?.receiveKick();
  }

  /** The user's channel is cut and is back. */
  resync(userID: string): void {
    this.#channels.get(userID)?.emit('resync');
  }

  /** The user's token is no longer good. */
  refuse(userID: string): void {
    const channel = this.#channels.get(userID);
    channel?.suspend();
    channel?.emit('authFailed');
  }

  deliver(from: string, target: { groupID: string } | { to: string }, elements: readonly ImElement[]): void {
    const envelope = { from, time: Date.now(), msgID: `m${++this.#sent}` };
    if ('to' in target) {
      const message = decodeC2c(elements);
      if (message) this.#channels.get(target.to)?.emit('c2cCustom', { ...envelope, ...message });
      return;
    }
    const { groupID } = target;
    const message = decodeGroup(elements);
    for (const channel of this.#members(groupID)) {
      if (!message || channel.userID === from) continue;
      const { kind, ...content } = message;
      if ('cmd' in content) channel.emit('groupCustom', { groupID, ...envelope, ...content });
      else channel.emit('groupText', { groupID, ...envelope, ...content });
    }
  }

  #members(groupID: string): MemoryImChannel[] {
    const members = this.groups.get(groupID) ?? new Set();
    return [...members].flatMap((userID) => this.#channels.get(userID) ?? []);
  }
}

/** A channel without a network, for tests of what stands on it. */
export class MemoryImChannel extends ImChannel {
  readonly ignoredCount = 0;
  readonly #hub: MemoryImHub;
  #state: ImState = 'idle';
  #userID = '';

  constructor(hub: MemoryImHub) {
    super();
    this.#hub = hub;
  }

  get state(): ImState {
    return this.#state;
  }

  get userID(): string {
    return this.#userID;
  }

  async open(session: Session, options: CallOptions = {}): Promise<void> {
    if (this.#state === 'closed') throw new RtcError('ERR_RTC_CLOSED', 'the message channel is closed; make a new one');
    throwIfAborted(options.signal, 'opening the message channel');
    if (this.#hub.failure) throw this.#hub.failure;
    this.#userID = session.userID;
    this.#hub.attach(session.userID, this);
    this.#setState('open');
  }

  suspend(): void {
    this.#hub.detach(this.#userID, this);
    this.#setState('idle');
  }

  async sendGroup(groupID: string, elements: readonly ImElement[], options: CallOptions = {}): Promise<void> {
    this.#send({ groupID }, elements, options);
  }

  async sendC2c(to: string, elements: readonly ImElement[], options: CallOptions = {}): Promise<void> {
    this.#send({ to }, elements, options);
  }

  async close(): Promise<void> {
    this.suspend();
    this.#setState('closed');
  }

  receiveKick(): void {
    this.suspend();
    this.emit('kicked');
  }

  #send(target: { groupID: string } | { to: string }, elements: readonly ImElement[], options: CallOptions): void {
    throwIfAborted(options.signal, 'sending');
    if (this.#state !== 'open') throw new RtcError('ERR_RTC_IM_FAILED', 'the message channel is not open');
    if (this.#hub.failure) throw this.#hub.failure;
    this.#hub.deliver(this.#userID, target, elements);
  }

  #setState(now: ImState): void {
    const before = this.#state;
    if (before === now || before === 'closed') return;
    this.#state = now;
    this.emit('state', now, before);
  }
}
