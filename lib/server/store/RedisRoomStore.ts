import { randomUUID } from 'node:crypto';
import { RtcError } from '../../errors.js';
import type { KickedReason } from '../im/events.js';
import type { RedisConnection } from './RedisConnection.js';
import { RedisReads } from './RedisReads.js';
import type {
  AddAudienceInput,
  AddMemberInput,
  AddMemberResult,
  AudienceRecord,
  BeatInput,
  BeatWithToken,
  CountCustomInput,
  EndedToken,
  ExpiredMember,
  MemberRecord,
  RemoveMemberInput,
  RemoveMemberResult,
  RoomRecord,
  RoomStore,
  RoomType,
  TokenRecord,
} from './RoomStore.js';
import { maxEndedTokens, roomTypes } from './RoomStore.js';
import { type RawMember, type RawRoom, toMember, toRoom } from './redisRows.js';
import { type RoomScript, roomScripts } from './redisScripts.js';
import { asStored } from './rows.js';

export interface RedisRoomStoreOptions {
  connection: RedisConnection;
  now?: () => number;
  /** Told to one of the processes when another one is gone that did not say so, or when Redis was. */
  onInterrupted?: () => void;
}

/** What one sweep or one script takes at most: Redis does nothing else meanwhile. */
const sweepLimit = 1000;

/** How often a process says that it is there, and how long that holds without being said again, ms. */
const aliveIntervalMs = 1000;
const aliveForMs = 3000;

/**
 * The store that several service processes share: Redis 6.2 or newer, or Valkey. Every method is one command or one
 * script, so that what SQLite does in a transaction is one step here as well. Methods reject with
 * `ERR_RTC_STORE_UNAVAILABLE` while Redis is away, and work again when it is back.
 */
export class RedisRoomStore implements RoomStore {
  readonly #redis: RedisConnection;
  readonly #reads: RedisReads;
  readonly #now: () => number;
  readonly #id = randomUUID();
  readonly #onInterrupted: () => void;
  readonly #alive: NodeJS.Timeout;
  #wasAway = false;
  #closed = false;

  /** The connection is the caller's: it is closed after the store. */
  constructor(options: RedisRoomStoreOptions) {
    this.#redis = options.connection;
    this.#reads = new RedisReads(options.connection);
    this.#now = options.now ?? Date.now;
    this.#onInterrupted = options.onInterrupted ?? (() => {});
    this.#redis.onRestored(() => this.#onInterrupted());
    this.#redis.onLost(() => {
      this.#wasAway = true;
    });
    this.#alive = setInterval(() => this.#sayAlive(), aliveIntervalMs);
    this.#alive.unref();
  }

  async createRoom(room: { type: RoomType; roomID: string; roomInfo: string; createdBy: string; nowMs: number }) {
    const { type, roomID, roomInfo, createdBy, nowMs } = room;
    return (await this.#run('createRoom', type, roomID, roomInfo, createdBy, nowMs, this.#now())) === 1;
  }

  async getRoom(type: RoomType, roomID: string) {
    const room = await this.findRoom(roomID);
    return room?.type === type ? room : undefined;
  }

  async findRoom(roomID: string) {
    const raw = await this.#run<RawRoom | null>('findRoom', roomID);
    return raw ? toRoom(raw) : undefined;
  }

  async listRooms(type: RoomType, index: number, count: number) {
    return (await this.#run<RawRoom[]>('listRooms', type, index, count)).map(toRoom);
  }

  readRoom(type: RoomType, roomID: string) {
    return this.#reads.room(type, roomID);
  }

  readRooms(type: RoomType, index: number, count: number) {
    return this.#reads.rooms(type, index, count);
  }

  async removeRoom(type: RoomType, roomID: string, onlyIf: (room: RoomRecord) => boolean) {
    for (;;) {
      const room = await this.getRoom(type, roomID);
      if (!room || !onlyIf(room)) return undefined;
      const removed = await this.#run<RawRoom | null>('removeRoom', roomID, room.version);
      if (removed) return toRoom(removed);
    }
  }

  async addMember(type: RoomType, roomID: string, input: AddMemberInput): Promise<AddMemberResult> {
    const { userID, userName, userAvatar, streamID, pushUrlDigest, pushUrlUntilSeconds, maxMembers, nowMs } = input;
    const text = JSON.stringify([asStored(userName), asStored(userAvatar)]);
    const [status, rawRoom, rawPrevious] = await this.#run<[AddMemberResult['status'], RawRoom, RawMember | null]>(
      'addMember',
      ...[type, roomID, userID, text, streamID, pushUrlDigest, maxMembers, nowMs, this.#now(), pushUrlUntilSeconds],
    );
    if (status === 'revoked' || status === 'roomNotFound' || status === 'full' || status === 'streamTaken') {
      return { status };
    }
    const room = toRoom(rawRoom);
    const member = room.members.find((one) => one.userID === userID) as MemberRecord;
    if (status !== 'replaced' || !rawPrevious) return { status, room, member };
    return { status, room, member, previous: toMember(rawPrevious) };
  }

  async removeMember(type: RoomType, roomID: string, input: RemoveMemberInput): Promise<RemoveMemberResult> {
    const { userID, creatorLeaveDissolves, onlyIfLastBeatBeforeMs, onlyEpoch, revokeUntilSeconds } = input;
    const dissolves = creatorLeaveDissolves ? '1' : '0';
    const result = await this.#run<
      [ended: '' | 'creatorLeft' | 'empty', version: string, room: RawRoom, revokedUntil: string] | null
    >(
      'removeMember',
      ...[type, roomID, userID, dissolves, onlyIfLastBeatBeforeMs ?? '', onlyEpoch ?? '', this.#now()],
      revokeUntilSeconds ?? '',
    );
    if (!result) return { status: 'notMember' };
    const [ended, version, raw, until] = result;
    const revokedUntil = until === '' ? undefined : Number(until);
    const room = toRoom(raw);
    const member = room.members.find((one) => one.userID === userID) as MemberRecord;
    const members = room.members.filter((one) => one !== member);
    const after = { ...room, version: Number(version), members };
    return { status: 'removed', member, room: after, ended: ended === '' ? undefined : ended, revokedUntil };
  }

  async beat(type: RoomType, roomID: string, userID: string, nowMs: number) {
    const found = await this.#run<[epoch: string, version: string] | null>('beat', type, roomID, userID, nowMs);
    return found ? { epoch: Number(found[0]), version: Number(found[1]) } : undefined;
  }

  beatWithToken(type: RoomType, roomID: string, input: BeatInput): Promise<BeatWithToken> {
    return this.#reads.beat(type, roomID, input);
  }

  async expiredMembers(lastBeatBeforeMs: number): Promise<ExpiredMember[]> {
    // Nobody could be heard while Redis was away.
    if (this.#wasAway) {
      this.#wasAway = false;
      try {
        await this.#renew(this.#now(), '');
      } catch (error) {
        this.#wasAway = true;
        throw error;
      }
    }
    const list: ExpiredMember[] = [];
    for (const type of roomTypes) {
      const limit = sweepLimit - list.length;
      if (limit === 0) break;
      const found = await this.#run<[id: string, epoch: string][]>('expiredMembers', type, lastBeatBeforeMs, limit);
      for (const [id, epoch] of found) {
        const at = id.indexOf('/');
        list.push({ type, roomID: id.slice(at + 1), userID: id.slice(0, at), epoch: Number(epoch) });
      }
    }
    return list;
  }

  async reapPendingRooms(createdBeforeMs: number) {
    const rooms: RoomRecord[] = [];
    for (const type of roomTypes) {
      const reaped = await this.#run<RawRoom[]>('reapPendingRooms', type, createdBeforeMs, sweepLimit);
      rooms.push(...reaped.map(toRoom));
    }
    return rooms;
  }

  async addAudience(type: RoomType, roomID: string, input: AddAudienceInput) {
    const { userID, userInfo, maxAudience, nowMs } = input;
    return this.#run<'added' | 'refreshed' | 'full' | 'roomNotFound'>(
      'addAudience',
      ...[type, roomID, userID, userInfo, maxAudience, nowMs, this.#now()],
    );
  }

  async removeAudience(type: RoomType, roomID: string, userID: string) {
    return (await this.#run('removeAudience', type, roomID, userID)) === 1;
  }

  async removeFromAudiences(userID: string) {
    await this.#run('removeFromAudiences', userID);
  }

  async seeAudience(seen: readonly (readonly [userID: string, seenAtMs: number])[]) {
    for (let first = 0; first < seen.length; first += sweepLimit) {
      await this.#run('seeAudience', ...seen.slice(first, first + sweepLimit).flat());
    }
  }

  async expireAudience(seenBeforeMs: number) {
    while ((await this.#run<number>('expireAudience', seenBeforeMs, sweepLimit)) === sweepLimit);
  }

  async listAudience(type: RoomType, roomID: string): Promise<AudienceRecord[] | undefined> {
    const list = await this.#run<[string, string][] | null>('listAudience', type, roomID);
    return list?.map(([userID, userInfo]) => ({ userID, userInfo }));
  }

  async countCustom(type: RoomType, roomID: string, input: CountCustomInput) {
    const { name, step, maxFields } = input;
    return this.#run<'counted' | 'full' | 'roomNotFound'>(
      'countCustom',
      ...[type, roomID, name, step, maxFields, this.#now()],
    );
  }

  async isStreamInUse(streamID: string) {
    return this.#redis
      .command(({ client, prefix }) => client.exists(`${prefix}stream:${streamID}`))
      .then((n) => n === 1);
  }

  /** Does nothing while another process serves: then it was only this one that was away. */
  async renewAll(nowMs: number) {
    await this.#renew(nowMs, this.#id);
    this.#sayAlive();
  }

  async count() {
    const counts = await this.countByType();
    const sum = (name: 'rooms' | 'members') => counts.reduce((total, one) => total + one[name], 0);
    return { rooms: sum('rooms'), members: sum('members') };
  }

  /** Of each type that has a room, those included that nobody entered. */
  async countByType() {
    const counts = await this.#run<[RoomType, number, number][]>('countByType', ...roomTypes);
    return counts.filter(([, rooms]) => rooms > 0).map(([type, rooms, members]) => ({ type, rooms, members }));
  }

  async putToken({ userID, hash, expiresAtMs }: TokenRecord, nowMs: number) {
    const [before, until] = await this.#run<[string | null, string | null]>(
      'putToken',
      ...[userID, hash, expiresAtMs, nowMs, maxEndedTokens],
    );
    return before === null ? undefined : { userID, hash: before, expiresAtMs: Number(until) };
  }

  getToken(userID: string): Promise<TokenRecord | undefined> {
    return this.#reads.token(userID);
  }

  async extendToken(userID: string, hash: string, expiresAtMs: number) {
    await this.#run('extendToken', userID, hash, expiresAtMs);
  }

  async deleteToken(userID: string, ended?: EndedToken) {
    await this.#run('deleteToken', userID, ended?.reason ?? '', ended?.expiresAtMs ?? 0, maxEndedTokens);
  }

  async getEndedToken(userID: string, hash: string): Promise<EndedToken | undefined> {
    const entries = await this.#redis.command(({ client, prefix }) => client.lrange(`${prefix}ended:${userID}`, 0, -1));
    const entry = entries.find((one) => one.startsWith(`${hash}/`));
    if (entry === undefined) return undefined;
    const [, reason, expiresAtMs] = entry.split('/');
    return { reason: reason as KickedReason, expiresAtMs: Number(expiresAtMs) };
  }

  async deleteExpiredTokens(nowMs: number) {
    while ((await this.#run<number>('deleteExpiredTokens', nowMs, sweepLimit)) === sweepLimit);
  }

  async revokeStream(streamID: string, untilSeconds: number) {
    return Number(await this.#run('revokeStream', streamID, untilSeconds, this.#now()));
  }

  revokedUntil(streamID: string) {
    return this.#reads.revokedUntil(streamID);
  }

  async revocationsSince(number: number, count: number) {
    const found = await this.#run<[string, string, string][]>('revocationsSince', number, count);
    return found.map(([streamID, until, each]) => ({ streamID, untilSeconds: Number(until), number: Number(each) }));
  }

  async forgetRevocations(nowSeconds: number, most: number) {
    while ((await this.#run<number>('forgetRevocations', nowSeconds, most, sweepLimit)) === sweepLimit);
  }

  async close() {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#alive);
    const leave = this.#redis.command(({ client, prefix }) => client.zrem(`${prefix}processes`, this.#id));
    await leave.catch(() => {});
  }

  #renew(nowMs: number, unlessServedBesides: string) {
    return this.#run('renewAll', nowMs, unlessServedBesides, aliveForMs, ...roomTypes);
  }

  #sayAlive(): void {
    this.#run<number>('sayAlive', this.#id, aliveForMs)
      .then((gone) => {
        if (gone > 0 && !this.#closed) this.#onInterrupted();
      })
      .catch(() => {});
  }

  async #run<Result = unknown>(name: RoomScript, ...args: (string | number)[]): Promise<Result> {
    if (this.#closed) throw new RtcError('ERR_RTC_CLOSED', 'the room store is closed');
    return this.#redis.script<Result>(roomScripts[name], args);
  }
}
