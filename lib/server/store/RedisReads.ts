import { GatheredScript } from './GatheredScript.js';
import type { RedisConnection } from './RedisConnection.js';
import type { BeatInput, BeatWithToken, RoomRecord, RoomType, TokenRecord } from './RoomStore.js';
import { type RawRoom, toRoom } from './redisRows.js';
import { beatScript, readScript } from './redisScripts.js';

/**
 * Rooms that are kept: some 5 MB, ten times that where names and avatars are as long as may be. The one that was kept first is
 * forgotten first.
 */
const maxKept = 2000;
/** Beats, and reads, in one run of their script: some ms of Redis at most. */
const mostBeats = 500;
const mostReads = 100;

/**
 * What most requests ask of RedisRoomStore. All that goes out together is one run of a script, and a room
 * whose version is known already does not come again. Keeps no room that Redis could change without a new version: pending
 * ones, and live_rooms with their listeners and counters.
 */
export class RedisReads {
  readonly #script: GatheredScript;
  readonly #beats: GatheredScript;
  readonly #rooms = new Map<string, RoomRecord>();

  constructor(connection: RedisConnection) {
    this.#script = new GatheredScript({ connection, lua: readScript, arity: 4, most: mostReads });
    this.#beats = new GatheredScript({ connection, lua: beatScript, arity: 5, most: mostBeats });
    // It may come back with less than it had, and give numbers again.
    connection.onLost(() => this.#rooms.clear());
  }

  token(userID: string): Promise<TokenRecord | undefined> {
    return this.#script.call(['token', userID], (answer: string | null) => {
      if (answer === null) return undefined;
      const [hash = '', expiresAtMs] = answer.split(' ');
      return { userID, hash, expiresAtMs: Number(expiresAtMs) };
    });
  }

  beat(type: RoomType, roomID: string, { userID, tokenHash, nowMs }: BeatInput): Promise<BeatWithToken> {
    return this.#beats.call([type, roomID, userID, tokenHash, nowMs], (answer: string | null) => {
      if (answer === null) return { token: undefined, beat: undefined };
      const [expiresAtMs, epoch, version] = answer.split(' ');
      return {
        token: { userID, hash: tokenHash, expiresAtMs: Number(expiresAtMs) },
        beat: epoch === undefined ? undefined : { epoch: Number(epoch), version: Number(version) },
      };
    });
  }

  revokedUntil(streamID: string): Promise<number> {
    return this.#script.call(['revokedUntil', streamID], (answer: string | null) => Number(answer ?? 0));
  }

  async room(type: RoomType, roomID: string): Promise<RoomRecord | undefined> {
    const room = await this.#read(roomID);
    return room?.type === type ? room : undefined;
  }

  async rooms(type: RoomType, index: number, count: number): Promise<RoomRecord[]> {
    const found = await this.#script.call(['list', type, index, count], (answer: string[]) => answer);
    const asked: (RoomRecord | Promise<RoomRecord | undefined>)[] = [];
    for (let at = 0; at < found.length; at += 2) {
      const roomID = found[at] as string;
      const kept = this.#rooms.get(roomID);
      asked.push(kept?.version === Number(found[at + 1]) ? kept : this.#read(roomID));
    }
    // One that ended meanwhile is left out.
    return (await Promise.all(asked)).filter((room) => room !== undefined);
  }

  #read(roomID: string): Promise<RoomRecord | undefined> {
    const kept = this.#rooms.get(roomID);
    return this.#script.call(['room', roomID, kept?.version ?? ''], (answer: RawRoom | 1 | null) => {
      if (answer === 1) return kept;
      this.#rooms.delete(roomID);
      return answer === null ? undefined : this.#keep(toRoom(answer));
    });
  }

  #keep(room: RoomRecord): RoomRecord {
    if (!room.active || room.type === 'live_room') return room;
    this.#rooms.set(room.roomID, room);
    if (this.#rooms.size > maxKept) this.#rooms.delete(this.#rooms.keys().next().value as string);
    return room;
  }
}
