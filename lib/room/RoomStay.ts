import type { RoomInfo } from '../api/answers.js';
import type { AddPusherResult } from '../api/RoomApi.js';
import { waitMs } from '../api/retry.js';
import { Backoff } from '../Backoff.js';
import { delay } from '../delay.js';
import { RtcError, type RtcErrorCode } from '../errors.js';
import type { LiveEvent } from '../live/events.js';
import type { Account, RoomApiLike } from './Account.js';
import type { RoomClosedReason, RoomStep, RTCRoomEvents } from './events.js';
import { Heartbeat } from './Heartbeat.js';
import { MemberList } from './MemberList.js';
import type { MemberDiff, RoomMember } from './members.js';
import type { RoomState, RoomStateCause } from './RoomState.js';
import { settleWithin } from './settleWithin.js';

export interface RoomStayOptions {
  kind: 'create' | 'enter';
  /** Empty in a creation lets the service choose. */
  roomID: string;
  roomInfo: string;
  userID: string;
  userName: string;
  userAvatar: string;
  account: Account;
  /** Seats of the room type where they are fixed (double_room: 2). */
  seats: number | undefined;
  heartbeatIntervalMs: number;
  /** Bound of everything that leaving does, ms. */
  leaveTimeoutMs: number;
  media: {
    startPush: (url: string, signal: AbortSignal) => Promise<void>;
    /** Ends the push; the local preview stays. */
    stopPush: () => Promise<void>;
    /** Ends push and preview. */
    release: () => Promise<void>;
  };
  views: {
    joined: (member: RoomMember) => void;
    remove: (userID: string) => Promise<void>;
    clear: () => Promise<void>;
  };
  toState: (state: RoomState, cause: RoomStateCause) => void;
  emit: Emit;
  /** The stay is over and everything is given back; `reason` when the service ended the room. */
  onEnd: (reason: RoomClosedReason | undefined) => void;
}

type Emit = <Name extends 'memberJoin' | 'memberLeave' | 'membersUpdate' | 'error' | 'step'>(
  name: Name,
  ...args: Parameters<RTCRoomEvents[Name]>
) => void;

/** A push that is given up again within that has no use for another try, ms. */
const minPushAgainMs = 10_000;

/** How long those whose seats the service lost are waited for: as long as a seat lasts without a heartbeat, ms. */
const seatGraceMs = 20_000;

/** How long the others leave the making again of a lost room to its creator, ms. */
const creatorGraceMs = 10_000;

/** Heartbeats that fail in a row before the app is told. */
const failedBeatsToTell = 3;

/** After these the membership cannot be had back by trying again. */
const decisive: ReadonlySet<RtcErrorCode> = new Set<RtcErrorCode>([
  'ERR_RTC_AUTH',
  'ERR_RTC_ROOM_FULL',
  'ERR_RTC_SERVICE_PARAMETER',
]);

/** Answers to leaving that mean there was nothing left to undo. */
const alreadyGone: ReadonlySet<RtcErrorCode> = new Set<RtcErrorCode>([
  'ERR_RTC_NOT_ROOM_MEMBER',
  'ERR_RTC_ROOM_NOT_FOUND',
  'ERR_RTC_NOT_ROOM_CREATOR',
]);

/** Messages kept while the room is being entered; of more, the oldest go. */
const maxHeld = 1000;

/** One stay in one room: getting in by the eight steps, membership while inside, getting out by one way. */
export class RoomStay {
  readonly #options: RoomStayOptions;
  readonly #stop = new AbortController();
  /** Ends getting in: `#stop`, or the caller's signal, which means nothing afterwards. */
  #joinSignal = this.#stop.signal;
  readonly #startedMs = performance.now();
  /** Since when others are in the room, for the last step; NaN when that step is done. */
  #othersSinceMs: number | undefined;
  readonly #list: MemberList;
  readonly #heartbeat: Heartbeat;
  #roomID: string;
  #pushURL = '';
  /** What has to be undone at the service. */
  #isCreated = false;
  #isAdded = false;
  /** Of our seat; undefined from services of the 2018 scheme. */
  #epoch: number | undefined;
  /** The room as last read. */
  #room: RoomInfo | undefined;
  #remaking: Promise<void> | undefined;
  /** Why the stay ends: the first reason that there was. */
  #cause: RoomStateCause | undefined;
  /** The room, or an earlier one of its id, was closed while we were getting in. */
  #wasClosed = false;
  /** The service took us in. */
  #isMember = false;
  /** The member list is known: what getting in promised is done. */
  #isInside = false;
  /** What was said to the room between the taking of our seat and the first reading of the member list. */
  #held: (() => void)[] = [];
  /** The service would refuse whatever we say. */
  #isTokenDead = false;
  #ending: Promise<void> | undefined;
  #joining: Promise<string> | undefined;
  #pushingAgain: Promise<void> | undefined;
  #pushedAgainMs = Number.NEGATIVE_INFINITY;
  #failedBeats = 0;
  #failedReadings = 0;

  constructor(options: RoomStayOptions) {
    this.#options = options;
    this.#roomID = options.roomID;
    this.#list = new MemberList({
      ownUserID: options.userID,
      read: () => this.#call((api) => api.getPushers({ roomID: this.#roomID })),
      onRead: (diff, room) => this.#onRead(diff, room),
      onError: (error) => this.#onFault(error),
    });
    this.#heartbeat = new Heartbeat({ intervalMs: () => this.#nextBeatMs(), beat: () => this.#beat() });
  }

  get roomID(): string {
    return this.#roomID;
  }

  get members(): ReadonlyMap<string, RoomMember> {
    return this.#list.members;
  }

  /** Gets in. When it rejects, everything is undone and `onEnd` was called. */
  join(signal?: AbortSignal): Promise<string> {
    this.#joining = this.#join(signal);
    return this.#joining;
  }

  /** Gets out, or stops getting in; resolves when everything is given back. Never rejects. */
  async leave(cause: 'exitRoom' | 'logout' | 'close' | 'kicked'): Promise<void> {
    if (cause === 'kicked') this.#isTokenDead = true;
    this.#cause ??= cause;
    if (!this.#isInside && this.#joining) {
      this.#stop.abort(new RtcError('ERR_RTC_ABORTED', 'stopped before the room was entered'));
      await this.#joining.catch(() => undefined);
      return;
    }
    await this.#end({ tellService: true });
  }

  /**
   * A notice that the service ended the room. While getting in it may be late and of an earlier room of that id: then the
   * next answer of the service decides.
   */
  closedByService(reason: RoomClosedReason): void {
    if (this.#isInside) this.#closed(reason);
    else this.#wasClosed = true;
  }

  #closed(reason: RoomClosedReason): void {
    this.#cause ??= 'roomClosed';
    if (this.#isInside) {
      void this.#end({ tellService: false, reason });
      return;
    }
    this.#isAdded = false;
    this.#isCreated = false;
    this.#stop.abort(new RtcError('ERR_RTC_ROOM_NOT_FOUND', 'the room was closed while it was being entered'));
  }

  /** A notice that the member list changed. */
  noticed(version: number | undefined): void {
    if (this.#isMember) this.#list.request(version);
  }

  /** A message to the room: told now, or when its sender is known because the member list is. */
  hear(tell: () => void): void {
    if (this.#ending) return;
    if (this.#isInside) {
      tell();
      return;
    }
    this.#held.push(tell);
    if (this.#held.length > maxHeld) this.#held.shift();
  }

  /** Messages may have been missed. */
  resync(): void {
    if (this.#isMember) this.#list.request();
  }

  /** The push had begun and was given up. Inside, a new one with a fresh address is tried before the room is. */
  pushLost(event: LiveEvent): void {
    const message = `the push was cut and could not be mended (${event.name}): check the network and the media server, then enter again`;
    const error = new RtcError('ERR_RTC_SERVER_DISCONNECTED', message, { nativeCode: event.nativeCode });
    if (this.#isInside) {
      void this.#pushAgain(error);
      return;
    }
    this.#cause ??= 'pushLost';
    this.#stop.abort(error);
  }

  /** The login cannot be renewed. */
  authLost(error: RtcError): void {
    this.#giveUp(error, 'authLost');
  }

  /** A view began; the creator's first one is the last of the eight steps. */
  played(): void {
    const sinceMs = this.#othersSinceMs;
    if (sinceMs === undefined || this.#options.kind !== 'create') return;
    this.#othersSinceMs = Number.NaN;
    if (!Number.isNaN(sinceMs)) this.#step(8, 'play', sinceMs);
  }

  async #join(signal?: AbortSignal): Promise<string> {
    const { kind, media, toState } = this.#options;
    const stop = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal;
    this.#joinSignal = stop;
    const check = () => {
      if (stop.aborted) throw stop.reason;
    };
    try {
      check();
      let sinceMs = performance.now();
      this.#pushURL = await this.#getPushURL(stop);
      check();
      if (kind === 'create') this.#step(1, 'getPushURL', sinceMs);
      else this.#step(5, 'getURLs', sinceMs);
      check();
      sinceMs = performance.now();
      await media.startPush(this.#pushURL, stop);
      check();
      toState('joining', 'pushBegin');
      this.#step(kind === 'create' ? 2 : 6, 'push', sinceMs);
      check();
      // From here on calls are not cut: what they did at the service must be known to be undone.
      if (kind === 'create') {
        sinceMs = performance.now();
        const { roomID, roomInfo } = this.#options;
        this.#roomID = await this.#call((api) => api.createRoom({ roomID, roomInfo }));
        this.#isCreated = true;
        this.#step(3, 'createRoom', sinceMs);
        check();
      }
      sinceMs = performance.now();
      this.#epoch = (await this.#add()).epoch;
      this.#options.account.afterLogin = () => this.#comeBackAfterLogin();
      this.#step(kind === 'create' ? 4 : 7, 'addPusher', sinceMs);
      check();
      this.#isMember = true;
      this.#heartbeat.start();
      await this.#list.refresh();
      check();
      return this.#roomID;
    } catch (error) {
      const cause = stop.aborted ? stop.reason : error;
      this.#cause ??= stop.aborted ? 'aborted' : 'failed';
      await this.#end({ tellService: true });
      throw asRtcError(cause, stop.aborted);
    }
  }

  /** In the enter flow the room is looked at first, so that a call which cannot succeed lights no camera up. */
  async #getPushURL(signal: AbortSignal): Promise<string> {
    const { kind, roomID, seats, userID } = this.#options;
    const url = this.#call((api) => api.getPushURL(roomID === '' ? {} : { roomID }, { signal }));
    if (kind === 'create') return await url;
    const [pushURL, room] = await Promise.all([url, this.#call((api) => api.getPushers({ roomID }, { signal }))]);
    const others = room.pushers.filter((one) => one.userID !== userID).length;
    if (seats !== undefined && others >= seats) {
      throw new RtcError(
        'ERR_RTC_ROOM_FULL',
        `the room has ${seats} seats and all are taken: wait until somebody leaves`,
      );
    }
    return pushURL;
  }

  async #add(api?: RoomApiLike): Promise<AddPusherResult> {
    const { userName, userAvatar } = this.#options;
    const input = { roomID: this.#roomID, userName, userAvatar, pushURL: this.#pushURL };
    const before = this.#isAdded;
    // Without an answer the seat may be taken all the same.
    this.#isAdded = true;
    try {
      return await (api ? api.addPusher(input) : this.#call((one) => one.addPusher(input)));
    } catch (error) {
      if (isRefusal(error)) this.#isAdded = before;
      throw error;
    }
  }

  #call<Result>(work: (api: RoomApiLike) => Promise<Result>): Promise<Result> {
    return this.#options.account.call(work);
  }

  #onRead(diff: MemberDiff, room: RoomInfo): void {
    if (this.#stop.signal.aborted || (!this.#isInside && this.#joinSignal.aborted)) return;
    const { emit, toState, userID, views } = this.#options;
    this.#failedReadings = 0;
    this.#room = room;
    if (!this.#isInside) {
      this.#isInside = true;
      toState('inRoom', 'membersRead');
      if (this.#wasClosed) this.#heartbeat.now();
    } else if (!room.pushers.some((one) => one.userID === userID)) {
      // The service took our seat away; the next heartbeat will be told so and take it again.
      this.#heartbeat.now();
    }
    if (diff.joined.length > 0) this.#othersSinceMs ??= performance.now();
    for (const member of diff.left) {
      void views.remove(member.userID);
      emit('memberLeave', member);
    }
    for (const member of diff.joined) {
      emit('memberJoin', member);
      // A listener may have left, or the member may have been played by it.
      if (!this.#ending) views.joined(member);
    }
    emit('membersUpdate', [...diff.members.values()]);
    for (const tell of this.#held.splice(0)) if (!this.#ending) tell();
  }

  /** A beat that brings a reading with it is jittered, so that rooms do not ask all at once; never later than was asked. */
  #nextBeatMs(): number {
    const { account, heartbeatIntervalMs } = this.#options;
    return account.channel.carriesMessages ? heartbeatIntervalMs : heartbeatIntervalMs * (0.8 + Math.random() / 5);
  }

  /** Gives the least time until the next beat, ms, where the service wants one. */
  async #beat(): Promise<number | undefined> {
    if (this.#remaking) return undefined;
    try {
      const { epoch, version } = await this.#call((api) => api.heartbeat({ roomID: this.#roomID }));
      this.#failedBeats = 0;
      if (this.#ending) return undefined;
      // Epochs grow: this one may have been overtaken by that of a seat taken meanwhile.
      if (epoch !== undefined && epoch > (this.#epoch ?? 0)) this.#epoch = epoch;
      if (version !== undefined) this.#list.catchUp(version);
      else if (!this.#options.account.channel.carriesMessages) this.#list.request();
    } catch (error) {
      if (this.#ending) return undefined;
      if (!isCode(error, 'ERR_RTC_NOT_ROOM_MEMBER')) return this.#onBeatFailed(error);
      try {
        if (!this.#remaking) await this.#comeBack();
        this.#failedBeats = 0;
      } catch (again) {
        if (!this.#ending) return this.#onBeatFailed(again);
      }
      return undefined;
    }
    if (this.#list.isStale) this.#list.request();
    return undefined;
  }

  /** Our seat expired. A room that has ended must not be made again by asking for a seat in it. */
  async #comeBack(): Promise<void> {
    await this.#call((api) => api.getPushers({ roomID: this.#roomID }));
    if (this.#ending) return;
    await this.#addOrPushAgain();
  }

  /** An address that the service revoked, or made with keys that it no longer has, is replaced with the push. */
  async #addOrPushAgain(api?: RoomApiLike): Promise<void> {
    const pushURL = this.#pushURL;
    if (api) await this.#lookWhereAddingMakes(api);
    try {
      this.#seated(await this.#add(api), api !== undefined);
    } catch (error) {
      if (!isCode(error, 'ERR_RTC_SERVICE_PARAMETER')) throw error;
      if (!this.#ending && this.#pushURL === pushURL) void this.#pushAgain(error, api !== undefined);
    }
  }

  /**
   * A service of the 2018 scheme makes the room that one asks a seat in, but without its roomInfo, or not whole; and who
   * is the first in a room that its creator made again is its creator.
   */
  async #lookWhereAddingMakes(api: RoomApiLike): Promise<void> {
    if (this.#epoch !== undefined) return;
    const { pushers } = await api.getPushers({ roomID: this.#roomID });
    if (pushers.length === 0) throw new RtcError('ERR_RTC_ROOM_NOT_FOUND', 'nobody is in the room yet');
  }

  /** We have a seat again. Another one, after a token that was lost, is that of a service that lost all seats. */
  #seated({ epoch, version }: AddPusherResult, isAfterLogin: boolean): void {
    if (isAfterLogin && (epoch === undefined || epoch !== this.#epoch)) this.#list.unsettle(seatGraceMs);
    else if (isAfterLogin) this.#list.settle();
    this.#epoch = epoch;
    this.#list.request(version);
  }

  /** The service lost our token, perhaps with all it knew: the seat is asked for without looking. */
  async #comeBackAfterLogin(): Promise<void> {
    if (this.#ending) return;
    // Until the seat tells whether the others lost theirs.
    this.#list.unsettle(seatGraceMs);
    try {
      await this.#addOrPushAgain(this.#options.account.api);
    } catch (error) {
      // The account's to handle, as wherever else it is told; so is a token that is refused as soon as it is there.
      if (isCode(error, 'ERR_RTC_KICKED') || isCode(error, 'ERR_RTC_AUTH')) throw error;
      const isFinal = error instanceof RtcError && decisive.has(error.code);
      // Not waited for: calls and messages go on with the new login.
      if (this.#isInside && !isFinal) void this.#remake();
      else if (!this.#isDecided(error)) throw error;
    }
  }

  /**
   * Asks for the seat until there is an answer. A room that is gone with our token is made again: by its creator at once,
   * by the others when it has not done so for a while.
   */
  #remake(): Promise<void> {
    this.#remaking ??= this.#makeAgain().finally(() => {
      this.#remaking = undefined;
    });
    return this.#remaking;
  }

  async #makeAgain(): Promise<void> {
    const { userID } = this.#options;
    const { roomCreator, roomInfo = '' } = this.#room ?? {};
    const roomID = this.#roomID;
    const sinceMs = performance.now();
    const graceMs = roomCreator === userID ? 0 : creatorGraceMs;
    const backoff = new Backoff({ minMs: 500, maxMs: 2000 });
    while (!this.#ending) {
      let askedMs: number | undefined;
      try {
        if (performance.now() - sinceMs >= graceMs) {
          await this.#call((api) => api.createRoom({ roomID, roomInfo })).catch((error: unknown) => {
            if (!isCode(error, 'ERR_RTC_ROOM_EXISTS')) throw error;
          });
        } else {
          await this.#call((api) => this.#lookWhereAddingMakes(api));
        }
        if (this.#ending) return;
        this.#seated(await this.#add(), true);
        return;
      } catch (error) {
        if (this.#ending) return;
        if (isCode(error, 'ERR_RTC_SERVICE_PARAMETER')) {
          void this.#pushAgain(error, true);
          return;
        }
        if (!isCode(error, 'ERR_RTC_ROOM_NOT_FOUND') && this.#isDecided(error)) return;
        if (error instanceof RtcError) askedMs = error.retryAfterMs;
      }
      await delay(waitMs(backoff.nextMs(), askedMs), this.#stop.signal);
    }
  }

  /** A seat that expired took the right to its address with it, so that the pusher's own tries had to fail. */
  #pushAgain(lost: RtcError, isAfterLogin = false): Promise<void> {
    this.#pushingAgain ??= this.#pushAnew(lost, isAfterLogin).finally(() => {
      this.#pushingAgain = undefined;
    });
    return this.#pushingAgain;
  }

  async #pushAnew(lost: RtcError, isAfterLogin: boolean): Promise<void> {
    const now = performance.now();
    const isTooSoon = now - this.#pushedAgainMs < minPushAgainMs;
    this.#pushedAgainMs = now;
    const check = () => this.#stop.signal.throwIfAborted();
    const { media } = this.#options;
    try {
      if (isTooSoon) throw lost;
      check();
      // A room that ended must not be made again; one that the service lost with our token is.
      if (!isAfterLogin && !this.#remaking) {
        await this.#call((api) => api.getPushers({ roomID: this.#roomID }));
      }
      const pushURL = await this.#call((api) => api.getPushURL({ roomID: this.#roomID }));
      check();
      await media.stopPush();
      check();
      await media.startPush(pushURL, this.#stop.signal);
      check();
      this.#pushURL = pushURL;
      if (!this.#remaking) this.#seated(await this.#add(), isAfterLogin);
    } catch (error) {
      if (this.#ending) return;
      if (isAfterLogin && isCode(error, 'ERR_RTC_ROOM_NOT_FOUND')) void this.#remake();
      else if (!this.#isDecided(error)) this.#giveUp(lost, 'pushLost');
    }
  }

  #onBeatFailed(error: unknown): number | undefined {
    if (this.#remaking || this.#isDecided(error)) return undefined;
    if (++this.#failedBeats === failedBeatsToTell) this.#options.emit('error', asRtcError(error));
    return error instanceof RtcError ? error.retryAfterMs : undefined;
  }

  #onFault(error: unknown): void {
    if (this.#ending || this.#remaking || this.#isDecided(error)) return;
    if (++this.#failedReadings === failedBeatsToTell) this.#options.emit('error', asRtcError(error));
  }

  /** Handles an error after which the stay is over. */
  #isDecided(error: unknown): boolean {
    if (!(error instanceof RtcError)) return false;
    if (error.code === 'ERR_RTC_ROOM_NOT_FOUND') {
      this.#closed('gone');
      return true;
    }
    if (!decisive.has(error.code)) return false;
    this.#giveUp(error, error.code === 'ERR_RTC_AUTH' ? 'authLost' : 'seatLost');
    return true;
  }

  #giveUp(error: RtcError, cause: RoomStateCause): void {
    if (this.#ending) return;
    this.#cause ??= cause;
    if (!this.#isInside) {
      this.#stop.abort(error);
      return;
    }
    this.#options.emit('error', error);
    void this.#end({ tellService: error.code !== 'ERR_RTC_AUTH' });
  }

  #end(options: { tellService: boolean; reason?: RoomClosedReason }): Promise<void> {
    if (this.#ending) return this.#ending;
    this.#heartbeat.stop();
    this.#list.stop();
    this.#options.account.afterLogin = undefined;
    // A listener of the state may ask for the end again: the promise must be there before.
    this.#ending = Promise.resolve().then(() => this.#finish(options));
    this.#stop.abort(new RtcError('ERR_RTC_ABORTED', 'stopped before the room was entered'));
    return this.#ending;
  }

  async #finish(options: { tellService: boolean; reason?: RoomClosedReason }): Promise<void> {
    const { media, views, emit, leaveTimeoutMs, onEnd, toState } = this.#options;
    toState('leaving', this.#cause ?? 'failed');
    // Who could not get in may try again with the same preview.
    const jobs = [
      { name: 'closing the players', done: views.clear() },
      { name: 'stopping the push', done: this.#isInside ? media.release() : media.stopPush() },
      { name: 'leaving the room at the service', done: options.tellService ? this.#undo() : Promise.resolve() },
    ];
    const failures = await settleWithin(jobs, leaveTimeoutMs);
    this.#list.clear();
    onEnd(options.reason);
    for (const failure of failures) emit('error', failure);
  }

  async #undo(): Promise<void> {
    if (this.#isTokenDead) return;
    const roomID = this.#roomID;
    try {
      if (this.#isAdded) await this.#call((api) => api.deletePusher({ roomID }));
      else if (this.#isCreated) await this.#call((api) => api.destroyRoom({ roomID }));
    } catch (error) {
      if (!(error instanceof RtcError && alreadyGone.has(error.code))) throw error;
    }
  }

  #step(step: RoomStep['step'], name: RoomStep['name'], sinceMs: number): void {
    const now = performance.now();
    this.#options.emit('step', { step, name, durationMs: now - sinceMs, elapsedMs: now - this.#startedMs });
  }
}

function isCode(error: unknown, code: RtcErrorCode): error is RtcError {
  return error instanceof RtcError && error.code === code;
}

/** The service itself said no; what a proxy says leaves open what the service did. */
function isRefusal(error: unknown): boolean {
  return error instanceof RtcError && error.nativeCode !== undefined && error.code !== 'ERR_RTC_SERVICE_UNREACHABLE';
}

function asRtcError(error: unknown, isAborted = false): RtcError {
  if (error instanceof RtcError) return error;
  if (isAborted)
    return new RtcError('ERR_RTC_ABORTED', 'entering the room was aborted by its signal', { cause: error });
  return new RtcError('ERR_RTC_INTERNAL', 'an unexpected fault; please report this', { cause: error });
}
