import Database from 'libsql';
import { RtcError } from '../../errors.js';
import type { KickedReason } from '../im/events.js';
import { Checkpoints } from './Checkpoints.js';
import { Presence } from './Presence.js';
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
import { maxEndedTokens } from './RoomStore.js';
import { type MemberRow, type RoomRow, toMember, toRoom } from './rows.js';
import { SqliteMessages } from './SqliteMessages.js';
import { migrate } from './sqliteSchema.js';

export interface SqliteRoomStoreOptions {
  /** Path of the database file, or ':memory:' (default). One process a file. */
  path?: string;
  now?: () => number;
  /** Transactions after which the file is brought up to date. Default 1000, some 30 MB of log. */
  checkpointEvery?: number;
}

/** Rows that one sweep takes at most, so that a sweep of very many does not hold the event loop. */
const sweepLimit = 1000;

type Statement = Database.Statement<unknown[]>;

/** The store of one node: SQLite through libsql, synchronous inside, in a file (WAL) or in memory. */
export class SqliteRoomStore implements RoomStore {
  /** Undelivered messages, in the same file; undefined in memory, where they would not outlive the process either. */
  readonly messages: SqliteMessages | undefined;
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Statement>();
  readonly #presence = new Presence();
  /**
   * Rooms that were asked for, as the database has them, without heartbeats: the file has no other writer, and reading
   * a room's rows takes longer than all else that a request does. Only rooms that are there, so it is bounded by them.
   * What is handed out is this record itself: a change makes another one, and nobody else changes it.
   */
  readonly #rooms = new Map<string, RoomRecord>();
  /** Ids of the rooms of each type, oldest first. */
  readonly #order = new Map<RoomType, Set<string>>();
  /** Tokens that were asked for: the file has no other writer. Only users who have one, so it is bounded by them. */
  readonly #tokens = new Map<string, TokenRecord>();
  readonly #now: () => number;
  readonly #checkpoints: Checkpoints | undefined;
  /** The latest number given. */
  #sequence: number;
  #closed = false;

  constructor(options: SqliteRoomStoreOptions = {}) {
    const path = options.path ?? ':memory:';
    this.#database = open(path);
    // Starts above any number given before, even by a memory store of an earlier process: clients compare versions.
    this.#now = options.now ?? Date.now;
    const now = this.#now();
    const { value } = this.#get<{ value: number }>('SELECT value FROM sequence WHERE id = 1') as { value: number };
    this.#sequence = Math.max(value, now);
    this.#loadOrder();
    this.#loadPresence(now);
    if (path === ':memory:') return;
    const checkpoints = new Checkpoints({ database: this.#database, path, every: options.checkpointEvery ?? 1000 });
    this.#checkpoints = checkpoints;
    this.messages = new SqliteMessages(this.#database, () => checkpoints.committed());
  }

  async createRoom(room: { type: RoomType; roomID: string; roomInfo: string; createdBy: string; nowMs: number }) {
    return this.#atomically(() => {
      if (this.#known(room.roomID)) return false;
      const { type, roomID, roomInfo, createdBy, nowMs } = room;
      const version = this.#next();
      this.#run(
        'INSERT INTO rooms (room_id, type, room_info, created_by, created_at_ms, version) VALUES (?, ?, ?, ?, ?, ?)',
        ...[roomID, type, roomInfo, createdBy, nowMs, version],
      );
      this.#orderOf(type).add(roomID);
      return true;
    });
  }

  getRoom(type: RoomType, roomID: string) {
    return this.#room(type, roomID);
  }

  async findRoom(roomID: string) {
    const room = this.#known(roomID);
    return room && this.#asNow(room);
  }

  listRooms(type: RoomType, index: number, count: number) {
    this.#check();
    const rooms: RoomRecord[] = [];
    let position = 0;
    for (const roomID of this.#order.get(type) ?? []) {
      if (rooms.length >= count) break;
      if (this.#presence.has(roomID) && position++ >= index) rooms.push(this.#asNow(this.#known(roomID) as RoomRecord));
    }
    return rooms;
  }

  async removeRoom(type: RoomType, roomID: string, onlyIf: (room: RoomRecord) => boolean) {
    return this.#atomically(() => {
      const room = this.#room(type, roomID);
      if (!room || !onlyIf(room)) return undefined;
      this.#deleteRoom(roomID);
      return room;
    });
  }

  async addMember(type: RoomType, roomID: string, input: AddMemberInput): Promise<AddMemberResult> {
    return this.#atomically((): AddMemberResult => {
      const room = this.#room(type, roomID);
      if (!room) return { status: 'roomNotFound' };
      const before = room.members.find((member) => member.userID === input.userID);
      if (!before && room.members.length >= input.maxMembers) return { status: 'full' };
      if (this.#get('SELECT 1 FROM members WHERE stream_id = ? AND user_id <> ?', input.streamID, input.userID)) {
        return { status: 'streamTaken' };
      }
      const number = this.#next();
      const { userID, userName, userAvatar, streamID, pushUrlDigest, nowMs } = input;
      const sameStream = before !== undefined && this.#pushUrlDigest(roomID, userID) === pushUrlDigest;
      if (!before) {
        this.#run(
          `INSERT INTO members
           (room_id, user_id, user_name, user_avatar, stream_id, push_url_digest, epoch, joined_at_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          ...[roomID, userID, userName, userAvatar, streamID, pushUrlDigest, number, nowMs],
        );
      } else {
        this.#run(
          `UPDATE members SET user_name = ?, user_avatar = ?, stream_id = ?, push_url_digest = ?, epoch = ?,
           joined_at_ms = ? WHERE room_id = ? AND user_id = ?`,
          ...[userName, userAvatar, streamID, pushUrlDigest, sameStream ? before.epoch : number],
          ...[sameStream ? before.joinedAtMs : nowMs, roomID, userID],
        );
      }
      const epoch = sameStream ? before.epoch : number;
      this.#presence.set(roomID, userID, { type, epoch, lastBeatMs: nowMs }, number);
      const creator = room.creator === '' ? userID : room.creator;
      const creatorStreamID = creator === userID ? streamID : room.creatorStreamID;
      this.#run(
        'UPDATE rooms SET active = 1, version = ?, creator = ?, creator_stream_id = ? WHERE room_id = ?',
        ...[number, creator, creatorStreamID, roomID],
      );
      const joinedAtMs = sameStream ? before.joinedAtMs : nowMs;
      const member = { userID, userName, userAvatar, streamID, epoch, joinedAtMs, lastBeatMs: nowMs };
      const members = before ? room.members.map((one) => (one === before ? member : one)) : [...room.members, member];
      const after = { ...room, active: true, version: number, creator, creatorStreamID, members };
      this.#rooms.set(roomID, after);
      if (!before) return { status: 'added', room: after, member };
      if (sameStream) return { status: 'refreshed', room: after, member };
      return { status: 'replaced', room: after, member, previous: before };
    });
  }

  async removeMember(type: RoomType, roomID: string, input: RemoveMemberInput): Promise<RemoveMemberResult> {
    return this.#atomically((): RemoveMemberResult => {
      const room = this.#room(type, roomID);
      const member = room?.members.find((one) => one.userID === input.userID);
      if (!room || !member) return { status: 'notMember' };
      if (input.onlyEpoch !== undefined && member.epoch !== input.onlyEpoch) return { status: 'notMember' };
      const before = input.onlyIfLastBeatBeforeMs;
      if (before !== undefined && member.lastBeatMs >= before) return { status: 'notMember' };
      const version = this.#next();
      const remaining = room.members.filter((one) => one !== member);
      const after = { ...room, version, members: remaining };
      const dissolves = input.creatorLeaveDissolves && room.creator === member.userID;
      const isEmpty = remaining.length === 0;
      const ended = isEmpty ? 'empty' : dissolves ? 'creatorLeft' : undefined;
      if (ended) this.#deleteRoom(roomID);
      else {
        this.#run('DELETE FROM members WHERE room_id = ? AND user_id = ?', roomID, member.userID);
        this.#presence.delete(roomID, member.userID, version);
        this.#run('UPDATE rooms SET version = ? WHERE room_id = ?', version, roomID);
        this.#rooms.set(roomID, after);
      }
      const { streamID } = member;
      const until = input.revokeUntilSeconds;
      const isToBeRevoked = until !== undefined && !this.#isStreamInUse(streamID);
      const revokedUntil = isToBeRevoked ? this.#revokeStream(streamID, until, version) : undefined;
      return { status: 'removed', member, room: after, ended, revokedUntil };
    });
  }

  beat(type: RoomType, roomID: string, userID: string, nowMs: number) {
    this.#check();
    return this.#presence.beat(type, roomID, userID, nowMs);
  }

  async expiredMembers(lastBeatBeforeMs: number) {
    return this.#presence.expired(lastBeatBeforeMs, sweepLimit);
  }

  async reapPendingRooms(createdBeforeMs: number): Promise<RoomRecord[]> {
    return this.#atomically(() => {
      const rows = this.#all<{ room_id: string }>(
        `SELECT room_id FROM rooms WHERE active = 0 AND created_at_ms < ? ORDER BY created_at_ms LIMIT ${sweepLimit}`,
        createdBeforeMs,
      );
      const rooms = rows.map(({ room_id }) => this.#asNow(this.#known(room_id) as RoomRecord));
      for (const { roomID } of rooms) this.#deleteRoom(roomID);
      return rooms;
    });
  }

  async addAudience(type: RoomType, roomID: string, input: AddAudienceInput) {
    return this.#atomically(() => {
      if (this.#known(roomID)?.type !== type) return 'roomNotFound' as const;
      const { userID, userInfo, nowMs, maxAudience } = input;
      const audience = this.#audience(roomID);
      const isThere = audience.some((one) => one.userID === userID);
      if (!isThere && audience.length >= maxAudience) return 'full' as const;
      this.#run(
        `INSERT INTO audience (room_id, user_id, user_info, seen_at_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT (room_id, user_id) DO UPDATE
         SET user_info = excluded.user_info, seen_at_ms = excluded.seen_at_ms`,
        ...[roomID, userID, userInfo, nowMs],
      );
      this.#rooms.delete(roomID);
      return isThere ? ('refreshed' as const) : ('added' as const);
    });
  }

  async removeAudience(type: RoomType, roomID: string, userID: string) {
    return this.#atomically(() => {
      if (this.#known(roomID)?.type !== type) return false;
      this.#rooms.delete(roomID);
      return this.#run('DELETE FROM audience WHERE room_id = ? AND user_id = ?', roomID, userID) > 0;
    });
  }

  async removeFromAudiences(userID: string) {
    this.#dropAudience('user_id = ?', userID);
  }

  async seeAudience(seen: readonly (readonly [userID: string, seenAtMs: number])[]) {
    if (seen.length === 0) return;
    this.#atomically(() => {
      for (const [userID, seenAtMs] of seen) {
        this.#run('UPDATE audience SET seen_at_ms = max(seen_at_ms, ?) WHERE user_id = ?', seenAtMs, userID);
      }
    });
  }

  async expireAudience(seenBeforeMs: number) {
    this.#dropAudience('seen_at_ms < ?', seenBeforeMs);
  }

  async listAudience(type: RoomType, roomID: string) {
    return this.#known(roomID)?.type === type ? this.#audience(roomID) : undefined;
  }

  async countCustom(type: RoomType, roomID: string, input: CountCustomInput) {
    return this.#atomically(() => {
      const room = this.#room(type, roomID);
      if (!room) return 'roomNotFound' as const;
      const { name, step, maxFields } = input;
      const isNew = !Object.hasOwn(room.custom, name);
      if (isNew && Object.keys(room.custom).length >= maxFields) return 'full' as const;
      const value = (isNew ? 0 : (room.custom[name] as number)) + step;
      if (!Number.isSafeInteger(value)) return 'counted' as const;
      this.#run(
        `INSERT INTO custom_fields VALUES (?, ?, ?)
         ON CONFLICT (room_id, name) DO UPDATE SET value = excluded.value`,
        ...[roomID, name, value],
      );
      this.#rooms.delete(roomID);
      return 'counted' as const;
    });
  }

  async isStreamInUse(streamID: string) {
    return this.#isStreamInUse(streamID);
  }

  async renewAll(nowMs: number) {
    this.#run('UPDATE rooms SET created_at_ms = ? WHERE active = 0', nowMs);
    this.#run('UPDATE audience SET seen_at_ms = ?', nowMs);
    this.#rooms.clear();
    this.#loadOrder();
    this.#presence.renewAll(nowMs);
  }

  async count() {
    const row = this.#get<{ rooms: number; members: number }>(
      'SELECT (SELECT count(*) FROM rooms) AS rooms, (SELECT count(*) FROM members) AS members',
    );
    return { rooms: row?.rooms ?? 0, members: row?.members ?? 0 };
  }

  async countByType() {
    return this.#all<{ type: RoomType; rooms: number; members: number }>(
      `SELECT type, count(*) AS rooms, sum((SELECT count(*) FROM members WHERE members.room_id = rooms.room_id)) AS members
       FROM rooms GROUP BY type`,
    );
  }

  async putToken(token: TokenRecord, nowMs: number) {
    const replaced = this.#atomically(() => {
      const before = this.#tokenOf(token.userID);
      if (before && before.expiresAtMs > nowMs) {
        this.#keepEnded(before, { reason: 'loggedInElsewhere', expiresAtMs: token.expiresAtMs });
      }
      this.#run(
        `INSERT INTO tokens VALUES (?, ?, ?)
         ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, expires_at_ms = excluded.expires_at_ms`,
        ...[token.userID, token.hash, token.expiresAtMs],
      );
      return before;
    });
    this.#tokens.set(token.userID, token);
    return replaced;
  }

  getToken(userID: string) {
    return this.#tokenOf(userID);
  }

  async extendToken(userID: string, hash: string, expiresAtMs: number) {
    this.#run('UPDATE tokens SET expires_at_ms = ? WHERE user_id = ? AND hash = ?', expiresAtMs, userID, hash);
    this.#tokens.delete(userID);
  }

  async deleteToken(userID: string, ended?: EndedToken) {
    this.#atomically(() => {
      const token = ended && this.#tokenOf(userID);
      if (token) this.#keepEnded(token, ended);
      this.#run('DELETE FROM tokens WHERE user_id = ?', userID);
    });
    this.#tokens.delete(userID);
  }

  async getEndedToken(userID: string, hash: string): Promise<EndedToken | undefined> {
    const row = this.#get<{ reason: KickedReason; expires_at_ms: number }>(
      'SELECT reason, expires_at_ms FROM ended_tokens WHERE user_id = ? AND hash = ?',
      ...[userID, hash],
    );
    return row && { reason: row.reason, expiresAtMs: row.expires_at_ms };
  }

  async deleteExpiredTokens(nowMs: number) {
    this.#run('DELETE FROM tokens WHERE expires_at_ms <= ?', nowMs);
    this.#run('DELETE FROM ended_tokens WHERE expires_at_ms <= ?', nowMs);
    for (const [userID, token] of this.#tokens) if (token.expiresAtMs <= nowMs) this.#tokens.delete(userID);
  }

  async revokeStream(streamID: string, untilSeconds: number) {
    return this.#atomically(() => this.#revokeStream(streamID, untilSeconds, this.#next()));
  }

  revokedUntil(streamID: string) {
    return this.#revokedUntil(streamID);
  }

  async revocationsSince(number: number, count: number) {
    const rows = this.#all<{ stream_id: string; until_seconds: number; number: number }>(
      'SELECT * FROM revocations WHERE number > ? ORDER BY number LIMIT ?',
      number,
      count,
    );
    return rows.map((row) => ({ streamID: row.stream_id, untilSeconds: row.until_seconds, number: row.number }));
  }

  async forgetRevocations(nowSeconds: number, most: number) {
    this.#run('DELETE FROM revocations WHERE until_seconds <= ?', nowSeconds);
    const kept = this.#get<{ count: number }>('SELECT count(*) AS count FROM revocations')?.count ?? 0;
    if (kept <= most) return;
    this.#run(
      'DELETE FROM revocations WHERE number IN (SELECT number FROM revocations ORDER BY number LIMIT ?)',
      kept - most,
    );
  }

  async close() {
    if (this.#closed) return;
    await this.#checkpoints?.close();
    if (this.#closed) return;
    try {
      this.messages?.close();
      // libsql keeps the file open until its objects are collected, and WAL keeps an open file locked: leaving WAL gives
      // the lock back here, and leaves one whole file.
      this.#all('PRAGMA journal_mode = DELETE');
      this.#all('PRAGMA locking_mode = NORMAL');
      this.#all('SELECT value FROM sequence');
    } finally {
      this.#closed = true;
      this.#statements.clear();
      this.#database.close();
    }
  }

  #keepEnded({ userID, hash }: TokenRecord, { reason, expiresAtMs }: EndedToken): void {
    this.#run(
      'INSERT INTO ended_tokens (user_id, hash, reason, expires_at_ms) VALUES (?, ?, ?, ?)',
      ...[userID, hash, reason, expiresAtMs],
    );
    this.#run(
      `DELETE FROM ended_tokens WHERE position IN (
         SELECT position FROM ended_tokens WHERE user_id = ? ORDER BY position DESC LIMIT -1 OFFSET ?
       )`,
      ...[userID, maxEndedTokens],
    );
  }

  #tokenOf(userID: string): TokenRecord | undefined {
    this.#check();
    const known = this.#tokens.get(userID);
    if (known) return known;
    const row = this.#get<{ hash: string; expires_at_ms: number }>('SELECT * FROM tokens WHERE user_id = ?', userID);
    if (!row) return undefined;
    const token = { userID, hash: row.hash, expiresAtMs: row.expires_at_ms };
    this.#tokens.set(userID, token);
    return token;
  }

  #isStreamInUse(streamID: string): boolean {
    return this.#get('SELECT 1 FROM members WHERE stream_id = ?', streamID) !== undefined;
  }

  #revokeStream(streamID: string, untilSeconds: number, number: number): number {
    const row = this.#get<{ until_seconds: number }>(
      `INSERT INTO revocations VALUES (?, ?, ?) ON CONFLICT (stream_id) DO UPDATE
       SET until_seconds = max(excluded.until_seconds, until_seconds + 1), number = excluded.number
       RETURNING until_seconds`,
      ...[streamID, untilSeconds, number],
    );
    return row?.until_seconds ?? untilSeconds;
  }

  #revokedUntil(streamID: string): number {
    const sql = 'SELECT until_seconds FROM revocations WHERE stream_id = ?';
    return this.#get<{ until_seconds: number }>(sql, streamID)?.until_seconds ?? 0;
  }

  /** As the database has it: without heartbeats. */
  #known(roomID: string): RoomRecord | undefined {
    this.#check();
    const known = this.#rooms.get(roomID);
    if (known) return known;
    const row = this.#get<RoomRow>('SELECT * FROM rooms WHERE room_id = ?', roomID);
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

  #whole(row: RoomRow): RoomRecord {
    const { room_id: roomID, type } = row;
    const members = this.#members(roomID);
    // Only a live_room has the rest.
    if (type !== 'live_room') return toRoom(row, { members, audience: [], custom: {} });
    const audience = this.#audience(roomID).map(({ userID }) => userID);
    const fields = this.#all<{ name: string; value: number }>(
      'SELECT name, value FROM custom_fields WHERE room_id = ? ORDER BY rowid',
      roomID,
    );
    const custom = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
    return toRoom(row, { members, audience, custom });
  }

  #audience(roomID: string): AudienceRecord[] {
    return this.#all<{ user_id: string; user_info: string }>(
      'SELECT user_id, user_info FROM audience WHERE room_id = ? ORDER BY position',
      roomID,
    ).map((row) => ({ userID: row.user_id, userInfo: row.user_info }));
  }

  #members(roomID: string): MemberRecord[] {
    return this.#all<MemberRow>('SELECT * FROM members WHERE room_id = ? ORDER BY position', roomID).map((row) =>
      toMember(row, 0),
    );
  }

  #dropAudience(condition: string, value: unknown): void {
    const sql = `DELETE FROM audience WHERE ${condition} RETURNING room_id`;
    for (const { room_id } of this.#all<{ room_id: string }>(sql, value)) this.#rooms.delete(room_id);
  }

  #pushUrlDigest(roomID: string, userID: string): string | undefined {
    return this.#get<MemberRow>('SELECT * FROM members WHERE room_id = ? AND user_id = ?', roomID, userID)
      ?.push_url_digest;
  }

  #deleteRoom(roomID: string): void {
    // The rows of the other tables go with it.
    this.#run('DELETE FROM rooms WHERE room_id = ?', roomID);
    this.#rooms.delete(roomID);
    for (const order of this.#order.values()) order.delete(roomID);
    this.#presence.deleteRoom(roomID);
  }

  #orderOf(type: RoomType): Set<string> {
    let order = this.#order.get(type);
    if (!order) {
      order = new Set();
      this.#order.set(type, order);
    }
    return order;
  }

  #loadOrder(): void {
    this.#order.clear();
    const sql = 'SELECT room_id, type FROM rooms ORDER BY created_at_ms, rowid';
    for (const { room_id, type } of this.#all<{ room_id: string; type: RoomType }>(sql)) {
      this.#orderOf(type).add(room_id);
    }
  }

  #loadPresence(nowMs: number): void {
    this.#presence.clear();
    const rows = this.#all<{ type: RoomType; room_id: string; user_id: string; epoch: number; version: number }>(
      'SELECT type, members.room_id, user_id, epoch, version FROM members JOIN rooms ON rooms.room_id = members.room_id',
    );
    for (const { type, room_id, user_id, epoch, version } of rows) {
      this.#presence.set(room_id, user_id, { type, epoch, lastBeatMs: nowMs }, version);
    }
  }

  #next(): number {
    this.#run('UPDATE sequence SET value = ? WHERE id = 1', ++this.#sequence);
    return this.#sequence;
  }

  #atomically<T>(step: () => T): T {
    this.#check();
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = step();
      this.#database.exec('COMMIT');
      this.#checkpoints?.committed();
      return result;
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      // The step may have changed what is known: what the database has is what counts.
      this.#rooms.clear();
      this.#loadOrder();
      this.#loadPresence(this.#now());
      throw error;
    }
  }

  #check(): void {
    if (this.#closed) throw new RtcError('ERR_RTC_CLOSED', 'the room store is closed');
  }

  #statement(sql: string): Statement {
    this.#check();
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare<unknown[]>(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #run(sql: string, ...values: unknown[]): number {
    return this.#statement(sql).run(...values).changes;
  }

  #get<Row>(sql: string, ...values: unknown[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  #all<Row>(sql: string, ...values: unknown[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }
}

function open(path: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = new Database(path);
    const isFile = path !== ':memory:';
    if (isFile) {
      // Exclusive: a second process on the same file fails at once rather than sending notices to nobody.
      database.prepare('PRAGMA locking_mode = EXCLUSIVE').all();
      database.prepare('PRAGMA journal_mode = WAL').all();
      database.exec('PRAGMA synchronous = NORMAL');
    }
    database.exec('PRAGMA foreign_keys = ON');
    migrate(database);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof RtcError) throw error;
    throw new RtcError(
      'ERR_RTC_INVALID_ARGUMENT',
      `the room database ${path} cannot be opened: it must be an SQLite file (or absent) in a writable folder, ` +
        'and no other service may have it open',
      { cause: error },
    );
  }
}
