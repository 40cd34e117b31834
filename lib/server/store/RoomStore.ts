import type { KickedReason } from '../im/events.js';
import type { Soon } from './soon.js';

/** Room types of the `/weapp` dialect that this service has. */
export const roomTypes = ['double_room', 'multi_room', 'live_room'] as const;
export type RoomType = (typeof roomTypes)[number];

export interface MemberRecord {
  userID: string;
  userName: string;
  userAvatar: string;
  streamID: string;
  /** New for each join; unchanged by a refresh with the same push URL. */
  epoch: number;
  joinedAtMs: number;
  lastBeatMs: number;
}

export interface RoomRecord {
  type: RoomType;
  roomID: string;
  roomInfo: string;
  /** The first who was added; empty before. */
  creator: string;
  creatorStreamID: string;
  /** Who called create_room. */
  createdBy: string;
  createdAtMs: number;
  /** False until the first member was added. */
  active: boolean;
  /** Grows with every change of the member list; never repeats, even for a later room of the same id. */
  version: number;
  /** In order of joining. */
  members: MemberRecord[];
  /** userIDs of who listens (live_room), in order of coming. They take no seat. */
  audience: string[];
  /** Counters of the room's custom info (live_room), by name. */
  custom: Record<string, number>;
}

export interface AudienceRecord {
  userID: string;
  userInfo: string;
}

export interface AddAudienceInput extends AudienceRecord {
  maxAudience: number;
  nowMs: number;
}

export interface CountCustomInput {
  name: string;
  /** Added to the counter, which begins at 0. */
  step: 1 | -1;
  /** Counters a room has at most. */
  maxFields: number;
}

export interface AddMemberInput {
  userID: string;
  userName: string;
  userAvatar: string;
  streamID: string;
  /** A digest of the push URL: the URL itself is a secret and is not kept. */
  pushUrlDigest: string;
  /** Second (since 1970) until which the push URL was signed: when the stream is revoked until then, it is good no more. */
  pushUrlUntilSeconds: number;
  maxMembers: number;
  nowMs: number;
}

export type AddMemberResult =
  /** The push URL was, when its stream was cut. Found before all else. */
  | { status: 'revoked' }
  | { status: 'roomNotFound' }
  | { status: 'full' }
  /** Another member has that stream. */
  | { status: 'streamTaken' }
  | {
      status: 'added' | 'refreshed' | 'replaced';
      room: RoomRecord;
      member: MemberRecord;
      /** With 'replaced' (a new push URL): the membership that this one ends. */
      previous?: MemberRecord;
    };

export interface RemoveMemberInput {
  userID: string;
  /** The room ends when its creator goes. */
  creatorLeaveDissolves: boolean;
  /** Only when the last heartbeat was before this time (ms); for expiry, so that a beat in between saves the member. */
  onlyIfLastBeatBeforeMs?: number;
  /** Only this membership; for expiry. */
  onlyEpoch?: number;
  /** Until then the member's stream is revoked, as by revokeStream, in the same step, unless somebody still has it. */
  revokeUntilSeconds?: number;
}

export type RemoveMemberResult =
  | { status: 'notMember' }
  | {
      status: 'removed';
      member: MemberRecord;
      /** As after the removal; when `ended`, it is gone from the store and `members` are those it still had. */
      room: RoomRecord;
      ended: undefined | 'creatorLeft' | 'empty';
      /** Second until which the member's stream was revoked; undefined when it was not to be, or somebody still has it. */
      revokedUntil: number | undefined;
    };

/** What a heartbeat found: a client that missed a notice, or the answer to its joining, sees it here. */
export interface BeatResult {
  /** Of the member. */
  epoch: number;
  /** Of the room. */
  version: number;
}

/** A heartbeat of who gives a token. */
export interface BeatInput {
  userID: string;
  /** Of the token that was given. */
  tokenHash: string;
  nowMs: number;
}

/** The user's token, undefined where that is not the one given, and what the heartbeat found: undefined too where the token has expired. */
export interface BeatWithToken {
  token: TokenRecord | undefined;
  beat: BeatResult | undefined;
}

export interface ExpiredMember {
  type: RoomType;
  roomID: string;
  userID: string;
  epoch: number;
}

export interface TokenRecord {
  userID: string;
  /** SHA-256 of the token, hex. */
  hash: string;
  expiresAtMs: number;
}

/** A token that somebody ended before its time, known until `expiresAtMs` so that its holder can be told why. */
export interface EndedToken {
  reason: KickedReason;
  expiresAtMs: number;
}

/** Of a user's ended tokens the latest so many are known: one for each device that may still hold one. */
export const maxEndedTokens = 16;

export interface TokenStore {
  /**
   * Stores the user's only token and returns the one it replaces. If that has not expired by `nowMs`, it is known as ended
   * by a login elsewhere for as long as the new one is good.
   */
  putToken(token: TokenRecord, nowMs: number): Promise<TokenRecord | undefined>;
  getToken(userID: string): Soon<TokenRecord | undefined>;
  /** Does nothing when the stored token is another by now. */
  extendToken(userID: string, hash: string, expiresAtMs: number): Promise<void>;
  /** With `ended` the token is known as ended. */
  deleteToken(userID: string, ended?: EndedToken): Promise<void>;
  /** Of the token with that hash; undefined when it is not known as ended. */
  getEndedToken(userID: string, hash: string): Promise<EndedToken | undefined>;
  /** Ended ones too. */
  deleteExpiredTokens(nowMs: number): Promise<void>;
}

export interface Revocation {
  streamID: string;
  /** Push addresses of the stream that expire at or before that second (since 1970) are good no more. */
  untilSeconds: number;
  /** Grows with every revocation of any stream. */
  number: number;
}

export interface RevocationStore {
  /**
   * Revokes the stream's addresses until that second, or one second beyond an earlier revocation that is as late.
   * Returns until when they are revoked.
   */
  revokeStream(streamID: string, untilSeconds: number): Promise<number>;
  /** 0 when the stream has no revocation. */
  revokedUntil(streamID: string): Soon<number>;
  /** The latest revocation of each stream, of a number above that one, at most `count`, by number. */
  revocationsSince(number: number, count: number): Promise<Revocation[]>;
  /** Forgets what has expired by itself at that second, and the oldest when there are more than `most`. */
  forgetRevocations(nowSeconds: number, most: number): Promise<void>;
}

/**
 * Where rooms, members, tokens and revocations are. Every method is one atomic step: no caller sees or makes a half-done one, so
 * seats are taken and freed without races. Room ids are unique over all types, because a room's id is its IM group's.
 */
export interface RoomStore extends TokenStore, RevocationStore {
  /** False when a room of that id exists, of whatever type. */
  createRoom(room: {
    type: RoomType;
    roomID: string;
    roomInfo: string;
    createdBy: string;
    nowMs: number;
  }): Promise<boolean>;
  getRoom(type: RoomType, roomID: string): Soon<RoomRecord | undefined>;
  /** The room of that id, of whatever type. */
  findRoom(roomID: string): Promise<RoomRecord | undefined>;
  /** Rooms with at least one member, oldest first, `index` of them skipped, at most `count`. */
  listRooms(type: RoomType, index: number, count: number): Soon<RoomRecord[]>;
  /**
   * getRoom and listRooms for who does not ask when members were heard: their `lastBeatMs` may be of an earlier time. What is
   * found belongs to the store and is not to be changed.
   */
  readRoom(type: RoomType, roomID: string): Soon<RoomRecord | undefined>;
  readRooms(type: RoomType, index: number, count: number): Soon<RoomRecord[]>;
  /** Removes the room with its members and returns it as it was; `onlyIf` decides inside the same atomic step. */
  removeRoom(type: RoomType, roomID: string, onlyIf: (room: RoomRecord) => boolean): Promise<RoomRecord | undefined>;
  addMember(type: RoomType, roomID: string, member: AddMemberInput): Promise<AddMemberResult>;
  removeMember(type: RoomType, roomID: string, input: RemoveMemberInput): Promise<RemoveMemberResult>;
  /** Undefined when the user is not a member. */
  beat(type: RoomType, roomID: string, userID: string, nowMs: number): Soon<BeatResult | undefined>;
  /**
   * Where each call of the store waits for another machine: getToken and, if that is the token given and it is good at that
   * time, beat, in one step.
   */
  beatWithToken?(type: RoomType, roomID: string, input: BeatInput): Promise<BeatWithToken>;
  /** Members whose last heartbeat was before the time, at most 1000. */
  expiredMembers(lastBeatBeforeMs: number): Promise<ExpiredMember[]>;
  /** Removes and returns rooms that nobody entered, created before the time. */
  reapPendingRooms(createdBeforeMs: number): Promise<RoomRecord[]>;
  /** Adds a listener, or refreshes the one who is there: who is there stays in its place. */
  addAudience(
    type: RoomType,
    roomID: string,
    input: AddAudienceInput,
  ): Promise<'added' | 'refreshed' | 'full' | 'roomNotFound'>;
  /** False when the user is not in the audience. */
  removeAudience(type: RoomType, roomID: string, userID: string): Promise<boolean>;
  /** Takes the user out of every audience. */
  removeFromAudiences(userID: string): Promise<void>;
  /** Counts users as seen then, ms since 1970, in every audience that they are in; never as seen earlier than they are. */
  seeAudience(seen: readonly (readonly [userID: string, seenAtMs: number])[]): Promise<void>;
  /** Drops listeners who came, or were seen last, before the time. */
  expireAudience(seenBeforeMs: number): Promise<void>;
  /** In order of coming; undefined: no such room. */
  listAudience(type: RoomType, roomID: string): Promise<AudienceRecord[] | undefined>;
  /** Counts up or down, within safe integers. Nothing is counted when it is 'full' (too many names). */
  countCustom(type: RoomType, roomID: string, input: CountCustomInput): Promise<'counted' | 'full' | 'roomNotFound'>;
  /** Whether some member has that stream. */
  isStreamInUse(streamID: string): Promise<boolean>;
  /** Counts every member as just heard, every listener as just seen and every pending room as just created: the service was away, not they. */
  renewAll(nowMs: number): Promise<void>;
  count(): Promise<{ rooms: number; members: number }>;
  /** The same of each type that has a room, those included that nobody entered. */
  countByType(): Promise<{ type: RoomType; rooms: number; members: number }[]>;
  close(): Promise<void>;
}
