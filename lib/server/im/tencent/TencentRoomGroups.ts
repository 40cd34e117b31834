import { Backoff } from '../../../Backoff.js';
import { RtcError } from '../../../errors.js';
import type { Logger } from '../../logger.js';
import { ServiceCode, ServiceError } from '../../ServiceError.js';
import { noticeData } from '../noticeData.js';
import type { RoomGroups } from '../RoomGroups.js';
import { CallRate } from './CallRate.js';
import { randomUint32, type TencentAnswer, type TencentCall, TencentImClient } from './TencentImClient.js';
import type { TencentImOptions } from './TencentImOptions.js';

export interface TencentRoomGroupsOptions extends TencentImOptions {
  sdkAppID: number;
  secretKey: string;
  /** Whether there is such a room: a group that Tencent lost is made again for it. */
  hasRoom: (roomID: string) => Promise<boolean>;
  /** ms since 1970. */
  now: () => number;
  logger: Logger;
  /** Told of each call that was answered or given up. */
  onCall?: (call: TencentCall, verdict: TencentAnswer['verdict'], ms: number) => void;
  /** Told of each step that was given up, or taken in by one that waits ('coalesced'). */
  onLeftOut?: (kind: StepKind, why: 'refused' | 'queueFull' | 'closing' | 'coalesced') => void;
}

type StepKind = 'create' | 'notify' | 'destroy';

interface Step {
  readonly kind: StepKind;
  /** Of a message: one that is repeated with it is delivered once. */
  readonly random: number;
  /** Faults of this very call so far. */
  faults: number;
  /** Of a create that somebody waits for. */
  done?: (error?: ServiceError) => void;
  /** Nobody waits for it any more. */
  isAbandoned?: boolean;
  /** Tried as a message, and not as a system notification. */
  isMessage?: boolean;
  /** The group was made for it again. */
  isSecond?: boolean;
}

interface Group {
  readonly roomID: string;
  /** What is to be done, in order; of these the first alone may be under way. */
  readonly steps: Step[];
  running?: Step | undefined;
  /** Waits by itself before the first step is tried again. */
  timer?: NodeJS.Timeout | undefined;
}

/** Calls under way at once. */
const maxRunning = 16;
/** Faults of one call, other than of the network, before it is given up. */
const maxFaults = 5;
/** A client waits 5 s for create_room. */
const createTimeoutMs = 4000;
const retryWaits = { minMs: 200, maxMs: 10_000 };
/** One kind of refusal is an error in the log that often, ms. */
const reportEveryMs = 60_000;

/**
 * Groups at Tencent's IM, by its REST API. What is to be done for one group is done in order, one call at a time; notices
 * that wait are one. Calls keep to a rate; while Tencent cannot be reached or says that it is too much, all wait, and
 * nothing that matters later is lost: a group has at most one notice that waits.
 */
export class TencentRoomGroups implements RoomGroups {
  readonly #options: TencentRoomGroupsOptions;
  readonly #client: TencentImClient;
  readonly #rate: CallRate;
  readonly #maxQueued: number;
  readonly #groups = new Map<string, Group>();
  /** Groups whose first step may begin, those first that a client waits for. */
  readonly #urgent = new Set<Group>();
  readonly #ready = new Set<Group>();
  readonly #backoff = new Backoff(retryWaits);
  readonly #life = new AbortController();
  readonly #reported = new Map<string, number>();
  #queued = 0;
  #running = 0;
  #isDown = false;
  #byMessage: boolean;
  #timer: NodeJS.Timeout | undefined;
  #isClosing = false;
  #onIdle: (() => void) | undefined;

  /** Throws `ERR_RTC_INVALID_ARGUMENT`. */
  constructor(options: TencentRoomGroupsOptions) {
    const { callsPerSecond = 100, maxQueued = 20_000, notices = 'auto' } = options;
    for (const [name, value] of Object.entries({ callsPerSecond, maxQueued })) {
      if (Number.isInteger(value) && value > 0) continue;
      throw new RtcError('ERR_RTC_INVALID_ARGUMENT', `Tencent IM: ${name} must be an integer of at least 1`);
    }
    this.#options = options;
    this.#client = new TencentImClient(options);
    this.#rate = new CallRate(callsPerSecond);
    this.#maxQueued = maxQueued;
    this.#byMessage = notices === 'message';
  }

  /** Steps that wait or are under way. */
  get queued(): number {
    return this.#queued;
  }

  create(roomID: string): Promise<void> {
    if (this.#isClosing || this.#queued >= this.#maxQueued) {
      this.#options.onLeftOut?.('create', this.#isClosing ? 'closing' : 'queueFull');
      return Promise.reject(groupFailed('too much waits for Tencent IM: try again soon'));
    }
    return new Promise((resolve, reject) => {
      const step: Step = { kind: 'create', random: 0, faults: 0 };
      const timer = setTimeout(() => {
        this.#abandon(roomID, step);
        step.done?.(groupFailed("Tencent's IM did not make the message group in time: try again"));
      }, createTimeoutMs);
      step.done = (error) => {
        clearTimeout(timer);
        delete step.done;
        if (error) reject(error);
        else resolve();
      };
      this.#add(roomID, step);
    });
  }

  notify(roomID: string): void {
    const group = this.#groups.get(roomID);
    const last = group?.steps.at(-1);
    const waits = last?.kind === 'notify' && last !== group?.running;
    if (waits) {
      this.#options.onLeftOut?.('notify', 'coalesced');
      return;
    }
    if (this.#isFull('notify', this.#maxQueued)) return;
    this.#add(roomID, { kind: 'notify', random: randomUint32(), faults: 0 });
  }

  destroy(roomID: string): void {
    const step: Step = { kind: 'destroy', random: 0, faults: 0 };
    const group = this.#groups.get(roomID);
    const last = group?.steps.at(-1);
    // Who reads of the end needs not read of a change.
    if (group && last?.kind === 'notify' && last !== group.running) {
      group.steps[group.steps.length - 1] = step;
      this.#options.onLeftOut?.('notify', 'coalesced');
      return;
    }
    if (this.#isFull('destroy', this.#maxQueued * 2)) {
      this.#report('queueFull', { roomID }, 'a message group is left behind at Tencent: too much waits');
      return;
    }
    this.#add(roomID, step);
  }

  /** Takes nothing more; what waits has `graceMs` to be done. Then the rest is left out, and what is under way is cut. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    if (this.#queued > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#life.abort();
    clearTimeout(this.#timer);
    if (this.#queued > 0) {
      this.#options.logger.warn({ calls: this.#queued }, 'not all calls of Tencent IM were made before the end');
    }
    for (const group of this.#groups.values()) {
      clearTimeout(group.timer);
      for (const step of group.steps) {
        this.#options.onLeftOut?.(step.kind, 'closing');
        step.done?.(groupFailed('the service ends: connect again, to its successor'));
      }
    }
    this.#groups.clear();
    this.#urgent.clear();
    this.#ready.clear();
    this.#queued = 0;
    await this.#client.close();
  }

  #isFull(kind: StepKind, limit: number): boolean {
    const why = this.#isClosing ? 'closing' : this.#queued >= limit ? 'queueFull' : undefined;
    if (why) this.#options.onLeftOut?.(kind, why);
    return why !== undefined;
  }

  #add(roomID: string, step: Step): void {
    let group = this.#groups.get(roomID);
    if (!group) {
      group = { roomID, steps: [] };
      this.#groups.set(roomID, group);
    }
    group.steps.push(step);
    this.#queued++;
    if (group.steps.length === 1 || (step.done && this.#ready.delete(group))) this.#makeReady(group);
  }

  #abandon(roomID: string, step: Step): void {
    step.isAbandoned = true;
    const group = this.#groups.get(roomID);
    if (!group || group.running === step) return;
    group.steps.splice(group.steps.indexOf(step), 1);
    this.#queued--;
    if (group.steps.length > 0 || group.running) return;
    clearTimeout(group.timer);
    this.#urgent.delete(group);
    this.#ready.delete(group);
    this.#groups.delete(roomID);
    if (this.#queued === 0) this.#onIdle?.();
  }

  #makeReady(group: Group): void {
    // Done when the step under way has ended, or its wait is over.
    if (group.running || group.timer) return;
    (group.steps.some((step) => step.done) ? this.#urgent : this.#ready).add(group);
    this.#pump();
  }

  /** Begins what may begin. */
  #pump(): void {
    // Who was away is asked by one call first.
    while (this.#running < (this.#isDown ? 1 : maxRunning)) {
      const from = this.#urgent.size > 0 ? this.#urgent : this.#ready;
      const [group] = from;
      if (!group || this.#life.signal.aborted) return;
      const waitMs = this.#rate.take(performance.now());
      if (waitMs > 0) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#pump(), Math.ceil(waitMs));
        return;
      }
      from.delete(group);
      this.#running++;
      const step = group.steps[0] as Step;
      group.running = step;
      void this.#run(group, step).finally(() => {
        this.#running--;
        group.running = undefined;
        if (this.#life.signal.aborted) return;
        if (group.steps.length === 0) this.#groups.delete(group.roomID);
        else this.#makeReady(group);
        if (this.#queued === 0) this.#onIdle?.();
        this.#pump();
      });
    }
  }

  /** Tries the group's first step; what is done, or given up, is taken off. */
  async #run(group: Group, step: Step): Promise<void> {
    const isEnding = group.steps.some(({ kind }) => kind === 'destroy');
    if (step.kind === 'notify' && isEnding) return this.#done(group);
    const answer = await this.#call(step, group.roomID);
    if (this.#life.signal.aborted) return;
    switch (answer.verdict) {
      case 'unreachable':
      case 'throttled':
        return this.#allWait(answer);
      case 'expiredSig':
        this.#client.forgetSig();
        return this.#again(group, step, answer);
      case 'retry':
        return this.#again(group, step, answer);
      case 'closed':
        if (step.kind === 'notify' && this.#fallBack(step, answer)) return;
        return this.#giveUp(group, step, answer);
      case 'gone':
        if (step.kind === 'destroy') return this.#done(group);
        if (step.kind === 'notify' && !step.isSecond) return await this.#makeAgain(group, step);
        return this.#giveUp(group, step, answer);
      case 'refused':
        return this.#giveUp(group, step, answer);
      default:
        return this.#succeed(group, step);
    }
  }

  async #call(step: Step, GroupId: string): Promise<TencentAnswer> {
    step.isMessage = this.#byMessage;
    const [call, body] = this.#request(step.kind, GroupId, step.random);
    const startMs = performance.now();
    const answer = await this.#client.call(call, body);
    if (this.#life.signal.aborted) return answer;
    this.#options.onCall?.(call, answer.verdict, performance.now() - startMs);
    if (answer.verdict !== 'unreachable' && answer.verdict !== 'throttled') {
      this.#backoff.reset();
      if (this.#isDown) this.#options.logger.info({}, 'Tencent IM answers again');
      this.#isDown = false;
    }
    return answer;
  }

  #request(kind: StepKind, GroupId: string, Random: number): [TencentCall, object] {
    if (kind === 'create') {
      // As the original names every group.
      return ['create_group', { Owner_Account: this.#client.admin, Type: 'AVChatRoom', GroupId, Name: 'group_name' }];
    }
    if (kind === 'destroy') return ['destroy_group', { GroupId }];
    if (!this.#byMessage) return ['send_group_system_notification', { GroupId, Content: noticeData }];
    const MsgBody = [{ MsgType: 'TIMCustomElem', MsgContent: { Data: noticeData } }];
    return ['send_group_msg', { GroupId, Random, MsgBody }];
  }

  #succeed(group: Group, step: Step): void {
    this.#done(group);
    // Made when its room had been given up already.
    if (step.isAbandoned && group.steps.length === 0)
      this.#add(group.roomID, { kind: 'destroy', random: 0, faults: 0 });
    step.done?.();
  }

  #done(group: Group): void {
    group.steps.shift();
    this.#queued--;
  }

  #giveUp(group: Group, step: Step, { code, text }: TencentAnswer): void {
    this.#done(group);
    this.#options.onLeftOut?.(step.kind, 'refused');
    const { roomID } = group;
    this.#report(`${step.kind} ${code}`, { roomID, step: step.kind, code, cause: text }, 'Tencent IM refused a call');
    step.done?.(groupFailed('the service could not make the message group: its log tells why'));
  }

  /** A fault of this call: this group waits, the others go on. */
  #again(group: Group, step: Step, answer: TencentAnswer): void {
    step.faults++;
    if (step.faults >= maxFaults) {
      this.#giveUp(group, step, answer);
      return;
    }
    const { minMs, maxMs } = retryWaits;
    const cap = Math.min(maxMs, minMs * 2 ** (step.faults - 1));
    const waitMs = Math.max(cap * (0.5 + Math.random() / 2), answer.retryAfterMs ?? 0);
    group.timer = setTimeout(() => {
      group.timer = undefined;
      this.#makeReady(group);
    }, waitMs);
  }

  /** The step stays the group's first. */
  #allWait({ verdict, text, retryAfterMs = 0 }: TencentAnswer): void {
    const nowMs = performance.now();
    // Calls that failed together are one failure.
    if (!this.#rate.isPaused(nowMs)) this.#rate.pause(nowMs, Math.max(this.#backoff.nextMs(), retryAfterMs));
    if (!this.#isDown)
      this.#options.logger.warn({ cause: text, verdict }, 'Tencent IM takes no calls; tried again until it does');
    this.#isDown = true;
  }

  /** The step is tried again as a message; false when it was one. */
  #fallBack(step: Step, { code, text }: TencentAnswer): boolean {
    const { notices = 'auto', logger } = this.#options;
    if (notices !== 'auto' || step.isMessage) return false;
    if (!this.#byMessage) {
      const message = 'send_group_system_notification is closed to this application: send_group_msg takes its place';
      logger.warn({ code, cause: text }, message);
    }
    this.#byMessage = true;
    return true;
  }

  /** Tencent lost the group, or ended it for want of traffic. A room that is over must not get it back. */
  async #makeAgain(group: Group, step: Step): Promise<void> {
    const isThere = await this.#options.hasRoom(group.roomID).catch(() => true);
    if (this.#life.signal.aborted) return;
    if (!isThere) return this.#done(group);
    const { roomID } = group;
    this.#options.logger.warn(
      { roomID },
      'a message group was gone at Tencent and is made again; who was in it has to come again',
    );
    step.isSecond = true;
    group.steps.unshift({ kind: 'create', random: 0, faults: 0 });
    this.#queued++;
  }

  #report(kind: string, fields: object, message: string): void {
    const nowMs = performance.now();
    const beforeMs = this.#reported.get(kind) ?? Number.NEGATIVE_INFINITY;
    const { logger } = this.#options;
    if (nowMs - beforeMs < reportEveryMs) {
      logger.debug(fields, message);
      return;
    }
    if (this.#reported.size > 100) this.#reported.clear();
    this.#reported.set(kind, nowMs);
    logger.error(fields, message);
  }
}

function groupFailed(message: string): ServiceError {
  return new ServiceError(ServiceCode.imFailed, message);
}
