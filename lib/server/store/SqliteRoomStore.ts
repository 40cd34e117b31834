import { HeldStreams } from './HeldStreams.js';
import { Presence } from './Presence.js';
import { RoomOrder } from './RoomOrder.js';
import type {
  AddAudienceInput,
  AddMemberInput,
  AddMemberResult,
  AudienceRecord,
  CountCustomInput,
  EndedToken,
  MemberRecord,
  RemoveMemberInput,
  RemoveMemberResult,
  RoomRecord,
  RoomStore,
  RoomType,
  TokenRecord,
} from './RoomStore.js';
import { asStored, type MemberRow, type RoomRow, toMember, toRoom } from './rows.js';
import { SqliteDatabase } from './SqliteDatabase.js';
import { SqliteMessages } from './SqliteMessages.js';
import { SqliteRevocations } from './SqliteRevocations.js';
import { SqliteTokens } from './SqliteTokens.js';

export interface SqliteRoomStoreOptions {
  /** Path of the database file, or ':memory:' (default). One process a file. */
  path?: string;
  now?: () => number;
  /** Transactions after which the file is brought up to date. Default 1000, some 30 MB of log. */
  checkpointEvery?: number;
}

/** What changes with every room: lists and counts. */
const anyRoom = Symbol('any room');

/** Rows that one sweep takes at most, so that a sweep of very many does not hold the event loop. */
const sweepLimit = 1000;

/** The store of one node: SQLite through libsql, synchronous inside, in a file (WAL) or in memory. */
export class SqliteRoomStore implements RoomStore {
  /** Undelivered messages, in the same file; undefined in memory, where they would not outlive the process either. */
  readonly messages: SqliteMessages | undefined;
  readonly #database: SqliteDatabase;
  readonly #tokens: SqliteTokens;
  readonly #revocations: SqliteRevocations;
  readonly #presence = new Presence();
  /**
   * Rooms that were asked for, as the database has them, without heartbeats: the file has no other writer, and reading
   * a room's rows takes longer than all else that a request does. Only rooms that are there, so it is bounded by them.
   * What is handed out is this record itself: a change makes another one, and nobody else changes it.
   */
  readonly #rooms = new Map<string, RoomRecord>();
  readonly #order = new RoomOrder();
  readonly #streams = new HeldStreams();
  readonly #now: () => number;

  constructor(options: SqliteRoomStoreOptions = {}) {
    const { path = ':memory:', now = Date.now, checkpointEvery = 1000 } = options;
    this.#now = now;
    const onRolledBack = () => {
      this.#tokens.readAgain();
      this.#revocations.readAgain();
      this.#readAgain();
    };
    const database = new SqliteDatabase({ path, now, checkpointEvery, onRolledBack });
    this.#database = database;
    this.#tokens = new SqliteTokens(database);
    this.#revocations = new SqliteRevocations(database);
    this.#readAgain();
    if (path !== ':memory:') {
      this.messages = new SqliteMessages(database.raw, {
        before: () => database.settle(),
        after: () => database.committed(),
      });
    }
  }

  async createRoom(room: { type: RoomType; roomID: string; roomInfo: string; createdBy: string; nowMs: number }) {
    return this.#database.atomically(() => {
      if (this.#known(room.roomID)) return false;
      const { type, roomID, createdBy, nowMs } = room;
      const roomInfo = asStored(room.roomInfo);
      const version = this.#database.next();
      this.#database.run(
        'INSERT INTO rooms (room_id, type, room_info, created_by, created_at_ms, version) VALUES (?, ?, ?, ?, ?, ?)',
        ...[roomID, type, roomInfo, createdBy, nowMs, version],
      );
      this.#order.add(type, roomID);
      const nobody = { creator: '', creatorStreamID: '', active: false, members: [], audience: [], custom: {} };
      this.#rooms.set(roomID, { type, roomID, roomInfo, createdBy, createdAtMs: nowMs, version, ...nobody });
      this.#changed(roomID);
      return true;
    });
  }

  getRoom(type: RoomType, roomID: string) {
    return this.#database.told(this.#room(type, roomID), roomID);
  }

  async findRoom(roomID: string) {
    const room = this.#known(roomID);
    return this.#database.told(room && this.#asNow(room), roomID);
  }

  listRooms(type: RoomType, index: number, count: number) {
    const rooms = this.#listed(type, index, count).map((room) => this.#asNow(room));
    return this.#database.told(rooms, anyRoom);
  }

  readRoom(type: RoomType, roomID: string) {
    const room = this.#known(roomID);
    return this.#database.told(room?.type === type ? room : undefined, roomID);
  }

  readRooms(type: RoomType, index: number, count: number) {
    return this.#database.told(this.#listed(type, index, count), anyRoom);
  }

  async removeRoom(type: RoomType, roomID: string, onlyIf: (room: RoomRecord) => boolean) {
    return this.#database.atomically(() => {
      const room = this.#room(type, roomID);
      if (!room || !onlyIf(room)) return undefined;
      this.#deleteRow(roomID);
      this.#forget(room);
      return room;
    });
  }

  async addMember(type: RoomType, roomID: string, input: AddMemberInput): Promise<AddMemberResult> {
    return this.#database.atomically((): AddMemberResult => {
      if (this.#revocations.until(input.streamID) >= input.pushUrlUntilSeconds) return { status: 'revoked' };
      const room = this.#room(type, roomID);
      if (!room) return { status: 'roomNotFound' };
      const before = room.members.find((member) => member.userID === input.userID);
      if (!before && room.members.length >= input.maxMembers) return { status: 'full' };
      const holder = this.#streams.holder(input.streamID);
      if (holder !== undefined && holder !== input.userID) return { status: 'streamTaken' };
      const number = this.#database.next();
      const { userID, streamID, pushUrlDigest, nowMs } = input;
      const [userName, userAvatar] = [asStored(input.userName), asStored(input.userAvatar)];
      const sameStream = before !== undefined && this.#pushUrlDigest(roomID, userID) === pushUrlDigest;
      if (!before) {
        this.#database.run(
          `INSERT INTO members
           (room_id, user_id, user_name, user_avatar, stream_id, push_url_digest, epoch, joined_at_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          ...[roomID, userID, userName, userAvatar, streamID, pushUrlDigest, number, nowMs],
        );
      } else {
        this.#database.run(
          `UPDATE members SET user_name = ?, user_avatar = ?, stream_id = ?, push_url_digest = ?, epoch = ?,
           joined_at_ms = ? WHERE room_id = ? AND user_id = ?`,
          ...[userName, userAvatar, streamID, pushUrlDigest, sameStream ? before.epoch : number],
          ...[sameStream ? before.joinedAtMs : nowMs, roomID, userID],
        );
      }
      const epoch = sameStream ? before.epoch : number;
      const creator = room.creator === '' ? userID : room.creator;
      const creatorStreamID = creator === userID ? streamID : room.creatorStreamID;
      this.#database.run(
        'UPDATE rooms SET active = 1, version = ?, creator = ?, creator_stream_id = ? WHERE room_id = ?',
        ...[number, creator, creatorStreamID, roomID],
      );
      if (before) this.#release(before.streamID);
      this.#streams.hold(streamID, userID);
      this.#database.changed(streamID);
      this.#presence.set(roomID, userID, { type, epoch, lastBeatMs: nowMs }, number);
      const joinedAtMs = sameStream ? before.joinedAtMs : nowMs;
      const member = { userID, userName, userAvatar, streamID, epoch, joinedAtMs, lastBeatMs: nowMs };
      const members = before ? room.members.map((one) => (one === before ? member : one)) : [...room.members, member];
      const after = { ...room, active: true, version: number, creator, creatorStreamID, members };
      this.#rooms.set(roomID, after);
      this.#changed(roomID);
      if (!before) return { status: 'added', room: after, member };
      if (sameStream) return { status: 'refreshed', room: after, member };
      return { status: 'replaced', room: after, member, previous: before };
    });
  }

  async removeMember(type: RoomType, roomID: string, input: RemoveMemberInput): Promise<RemoveMemberResult> {
    return this.#database.atomically((): RemoveMemberResult => {
      const room = this.#room(type, roomID);
      const member = room?.members.find((one) => one.userID === input.userID);
      if (!room || !member) return { status: 'notMember' };
      if (input.onlyEpoch !== undefined && member.epoch !== input.onlyEpoch) return { status: 'notMember' };
      const before = input.onlyIfLastBeatBeforeMs;
      if (before !== undefined && member.lastBeatMs >= before) return { status: 'notMember' };
      const version = this.#database.next();
      const remaining = room.members.filter((one) => one !== member);
      const after = { ...room, version, members: remaining };
      const dissolves = input.creatorLeaveDissolves && room.creator === member.userID;
      const isEmpty = remaining.length === 0;
      const ended = isEmpty ? 'empty' : dissolves ? 'creatorLeft' : undefined;
      const { streamID } = member;
      if (ended) this.#deleteRow(roomID);
      else {
        this.#database.run('DELETE FROM members WHERE room_id = ? AND user_id = ?', roomID, member.userID);
        this.#database.run('UPDATE rooms SET version = ? WHERE room_id = ?', version, roomID);
      }
      const until = input.revokeUntilSeconds;
      const isRevoked = until !== undefined && this.#streams.isLastSeat(streamID);
      const revokedUntil = isRevoked ? this.#revocations.revoke(streamID, until, version) : undefined;
      if (ended) this.#forget(room);
      else {
        this.#presence.delete(roomID, member.userID, version);
        this.#release(streamID);
        this.#rooms.set(roomID, after);
        this.#changed(roomID);
      }
      return { status: 'removed', member, room: after, ended, revokedUntil };
    });
  }

  beat(type: RoomType, roomID: string, userID: string, nowMs: number) {
    this.#database.check();
    return this.#database.told(this.#presence.beat(type, roomID, userID, nowMs), roomID);
  }

  async expiredMembers(lastBeatBeforeMs: number) {
    return this.#presence.expired(lastBeatBeforeMs, sweepLimit);
  }

  async reapPendingRooms(createdBeforeMs: number): Promise<RoomRecord[]> {
    return this.#database.atomically(() => {
      const rows = this.#database.all<{ room_id: string }>(
        `SELECT room_id FROM rooms WHERE active = 0 AND created_at_ms < ? ORDER BY created_at_ms LIMIT ${sweepLimit}`,
        createdBeforeMs,
      );
      const rooms = rows.map(({ room_id }) => this.#asNow(this.#known(room_id) as RoomRecord));
      for (const { roomID } of rooms) this.#deleteRow(roomID);
      for (const room of rooms) this.#forget(room);
      return rooms;
    });
  }

  async addAudience(type: RoomType, roomID: string, input: AddAudienceInput) {
    return this.#database.atomically(() => {
      if (this.#known(roomID)?.type !== type) return 'roomNotFound' as const;
      const { userID, userInfo, nowMs, maxAudience } = input;
      const audience = this.#audience(roomID);
      const isThere = audience.some((one) => one.userID === userID);
      if (!isThere && audience.length >= maxAudience) return 'full' as const;
      this.#database.run(
        `INSERT INTO audience (room_id, user_id, user_info, seen_at_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT (room_id, user_id) DO UPDATE
         SET user_info = excluded.user_info, seen_at_ms = excluded.seen_at_ms`,
        ...[roomID, userID, userInfo, nowMs],
      );
      this.#readAnew(roomID);
      return isThere ? ('refreshed' as const) : ('added' as const);
    });
  }

  async removeAudience(type: RoomType, roomID: string, userID: string) {
    return this.#database.atomically(() => {
      if (this.#known(roomID)?.type !== type) return false;
      this.#readAnew(roomID);
      return this.#database.run('DELETE FROM audience WHERE room_id = ? AND user_id = ?', roomID, userID) > 0;
    });
  }

  async removeFromAudiences(userID: string) {
    await this.#dropAudience('user_id = ?', userID);
  }

  async seeAudience(seen: readonly (readonly [userID: string, seenAtMs: number])[]) {
    if (seen.length === 0) return;
    await this.#database.atomically(() => {
      for (const [userID, seenAtMs] of seen) {
        this.#database.run('UPDATE audience SET seen_at_ms = max(seen_at_ms, ?) WHERE user_id = ?', seenAtMs, userID);
      }
    });
  }

  async expireAudience(seenBeforeMs: number) {
    await this.#dropAudience('seen_at_ms < ?', seenBeforeMs);
  }

  async listAudience(type: RoomType, roomID: string) {
    const audience = this.#known(roomID)?.type === type ? this.#audience(roomID) : undefined;
    return this.#database.told(audience, roomID);
  }

  async countCustom(type: RoomType, roomID: string, input: CountCustomInput) {
    return this.#database.atomically(() => {
      const room = this.#room(type, roomID);
      if (!room) return 'roomNotFound' as const;
      const { name, step, maxFields } = input;
      const isNew = !Object.hasOwn(room.custom, name);
      if (isNew && Object.keys(room.custom).length >= maxFields) return 'full' as const;
      const value = (isNew ? 0 : (room.custom[name] as number)) + step;
      if (!Number.isSafeInteger(value)) return 'counted' as const;
      this.#database.run(
        `INSERT INTO custom_fields VALUES (?, ?, ?)
         ON CONFLICT (room_id, name) DO UPDATE SET value = excluded.value`,
        ...[roomID, name, value],
      );
      this.#readAnew(roomID);
      return 'counted' as const;
    });
  }

  async isStreamInUse(streamID: string) {
    this.#database.check();
    return this.#database.told(this.#streams.holder(streamID) !== undefined, streamID);
  }

  async renewAll(nowMs: number) {
    await this.#database.atomically(() => {
      this.#database.run('UPDATE rooms SET created_at_ms = ? WHERE active = 0', nowMs);
      this.#database.run('UPDATE audience SET seen_at_ms = ?', nowMs);
      this.#rooms.clear();
      this.#loadOrder();
      this.#presence.renewAll(nowMs);
    });
  }

  async count() {
    const row = this.#database.get<{ rooms: number; members: number }>(
      'SELECT (SELECT count(*) FROM rooms) AS rooms, (SELECT count(*) FROM members) AS members',
    );
    return this.#database.told({ rooms: row?.rooms ?? 0, members: row?.members ?? 0 }, anyRoom);
  }

  async countByType() {
    const counts = this.#database.all<{ type: RoomType; rooms: number; members: number }>(
      `SELECT type, count(*) AS rooms, sum((SELECT count(*) FROM members WHERE members.room_id = rooms.room_id)) AS members
       FROM rooms GROUP BY type`,
    );
    return this.#database.told(counts, anyRoom);
  }

  putToken(token: TokenRecord, nowMs: number) {
    return this.#tokens.putToken(token, nowMs);
  }

  getToken(userID: string) {
    return this.#tokens.getToken(userID);
  }

  extendToken(userID: string, hash: string, expiresAtMs: number) {
    return this.#tokens.extendToken(userID, hash, expiresAtMs);
  }

  deleteToken(userID: string, ended?: EndedToken) {
    return this.#tokens.deleteToken(userID, ended);
  }

  getEndedToken(userID: string, hash: string) {
    return this.#tokens.getEndedToken(userID, hash);
  }

  deleteExpiredTokens(nowMs: number) {
    return this.#tokens.deleteExpiredTokens(nowMs);
  }

  revokeStream(streamID: string, untilSeconds: number) {
    return this.#revocations.revokeStream(streamID, untilSeconds);
  }

  revokedUntil(streamID: string) {
    return this.#revocations.revokedUntil(streamID);
  }

  revocationsSince(number: number, count: number) {
    return this.#revocations.revocationsSince(number, count);
  }

  forgetRevocations(nowSeconds: number, most: number) {
    return this.#revocations.forgetRevocations(nowSeconds, most);
  }

  close() {
    return this.#database.close(() => this.messages?.close());
  }

  /** As the database has it: without heartbeats. */
  #known(roomID: string): RoomRecord | undefined {
    this.#database.check();
    const known = this.#rooms.get(roomID);
    if (known || !this.#order.has(roomID)) return known;
    const row = this.#database.get<RoomRow>('SELECT * FROM rooms WHERE room_id = ?', roomID);
    if (!row) return undefined;
    const room = this.#whole(row);
    this.#rooms.set(roomID, room);
    return room;
  }

  #asNow(room: RoomRecord): RoomRecord {
    const lastBeatMs = this.#presence.lastBeats(room.roomID);
    for (const member of room.members) member.lastBeatMs = lastBeatMs(member.userID);
    return room;
  }

  #room(type: RoomType, roomID: string): RoomRecord | undefined {
    const room = this.#known(roomID);
    return room?.type === type ? this.#asNow(room) : undefined;
  }

  #listed(type: RoomType, index: number, count: number) {
    this.#database.check();
    const rooms: RoomRecord[] = [];
    let position = 0;
    for (const roomID of this.#order.of(type)) {
      if (rooms.length >= count) break;
      if (this.#presence.has(roomID) && position++ >= index) rooms.push(this.#known(roomID) as RoomRecord);
    }
    return rooms;
  }

  #whole(row: RoomRow): RoomRecord {
    const { room_id: roomID, type } = row;
    const members = this.#members(roomID);
    // Only a live_room has the rest.
    if (type !== 'live_room') return toRoom(row, { members, audience: [], custom: {} });
    const audience = this.#audience(roomID).map(({ userID }) => userID);
    const fields = this.#database.all<{ name: string; value: number }>(
      'SELECT name, value FROM custom_fields WHERE room_id = ? ORDER BY rowid',
      roomID,
    );
    const custom = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
    return toRoom(row, { members, audience, custom });
  }

  #audience(roomID: string): AudienceRecord[] {
    return this.#database
      .all<{ user_id: string; user_info: string }>(
        'SELECT user_id, user_info FROM audience WHERE room_id = ? ORDER BY position',
        roomID,
      )
      .map((row) => ({ userID: row.user_id, userInfo: row.user_info }));
  }

  #members(roomID: string): MemberRecord[] {
    return this.#database
      .all<MemberRow>('SELECT * FROM members WHERE room_id = ? ORDER BY position', roomID)
      .map((row) => toMember(row, 0));
  }

  #dropAudience(condition: string, value: unknown): Promise<void> {
    return this.#database.atomically(() => {
      const sql = `SELECT DISTINCT room_id FROM audience WHERE ${condition}`;
      const rooms = this.#database.all<{ room_id: string }>(sql, value);
      if (rooms.length === 0) return;
      this.#database.run(`DELETE FROM audience WHERE ${condition}`, value);
      for (const { room_id } of rooms) this.#readAnew(room_id);
    });
  }

  /** Within a step: its rows were changed. */
  #readAnew(roomID: string): void {
    this.#rooms.delete(roomID);
    this.#changed(roomID);
  }

  #changed(roomID: string): void {
    this.#database.changed(roomID);
    this.#database.changed(anyRoom);
  }

  #release(streamID: string): void {
    this.#database.changed(streamID);
    this.#streams.release(streamID);
  }

  #pushUrlDigest(roomID: string, userID: string): string | undefined {
    return this.#database.get<MemberRow>('SELECT * FROM members WHERE room_id = ? AND user_id = ?', roomID, userID)
      ?.push_url_digest;
  }

  /** The rows of the other tables go with it. Then forget() it. */
  #deleteRow(roomID: string): void {
    this.#database.run('DELETE FROM rooms WHERE room_id = ?', roomID);
  }

  #forget({ roomID, members }: RoomRecord): void {
    for (const { streamID } of members) this.#release(streamID);
    this.#order.delete(roomID);
    this.#presence.deleteRoom(roomID);
    this.#readAnew(roomID);
  }

  /** What the database has is what counts: at the beginning, and when a transaction failed. */
  #readAgain(): void {
    this.#rooms.clear();
    this.#loadOrder();
    this.#loadPresence(this.#now());
  }

  #loadOrder(): void {
    const sql = 'SELECT room_id, type FROM rooms ORDER BY created_at_ms, rowid';
    const rooms = this.#database.all<{ room_id: string; type: RoomType }>(sql);
    this.#order.clear();
    for (const { room_id, type } of rooms) {
      this.#order.add(type, room_id);
    }
  }

  #loadPresence(nowMs: number): void {
    this.#presence.clear();
    this.#streams.clear();
    const rows = this.#database.all<{
      type: RoomType;
      room_id: string;
      user_id: string;
      stream_id: string;
      epoch: number;
      version: number;
    }>(
      `SELECT type, members.room_id, user_id, stream_id, epoch, version
       FROM members JOIN rooms ON rooms.room_id = members.room_id`,
    );
    for (const { type, room_id, user_id, stream_id, epoch, version } of rows) {
      this.#streams.hold(stream_id, user_id);
      this.#presence.set(room_id, user_id, { type, epoch, lastBeatMs: nowMs }, version);
    }
  }
}
