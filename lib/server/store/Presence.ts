import type { ExpiredMember, RoomType } from './RoomStore.js';

interface Beat {
  type: RoomType;
  epoch: number;
  lastBeatMs: number;
}

/**
 * When each member was last heard. In memory only: heartbeats are most of all requests, and after a restart every
 * member starts anew anyway, because it was the service that was away.
 */
export class Presence {
  readonly #rooms = new Map<string, Map<string, Beat>>();

  set(roomID: string, userID: string, beat: Beat): void {
    let room = this.#rooms.get(roomID);
    if (!room) {
      room = new Map();
      this.#rooms.set(roomID, room);
    }
    room.set(userID, beat);
  }

  /** 0 for who is not a member. */
  lastBeatMs(roomID: string, userID: string): number {
    return this.#rooms.get(roomID)?.get(userID)?.lastBeatMs ?? 0;
  }

  /** False when that user is not a member of that room of that type. */
  beat(type: RoomType, roomID: string, userID: string, nowMs: number): boolean {
    const beat = this.#rooms.get(roomID)?.get(userID);
    if (beat?.type !== type) return false;
    beat.lastBeatMs = nowMs;
    return true;
  }

  delete(roomID: string, userID: string): void {
    const room = this.#rooms.get(roomID);
    room?.delete(userID);
    if (room?.size === 0) this.#rooms.delete(roomID);
  }

  deleteRoom(roomID: string): void {
    this.#rooms.delete(roomID);
  }

  clear(): void {
    this.#rooms.clear();
  }

  renewAll(nowMs: number): void {
    for (const room of this.#rooms.values()) for (const beat of room.values()) beat.lastBeatMs = nowMs;
  }

  /** Members last heard before the time, at most `limit`. */
  expired(beforeMs: number, limit: number): ExpiredMember[] {
    const list: ExpiredMember[] = [];
    for (const [roomID, room] of this.#rooms) {
      for (const [userID, { type, epoch, lastBeatMs }] of room) {
        if (lastBeatMs >= beforeMs) continue;
        list.push({ type, roomID, userID, epoch });
        if (list.length === limit) return list;
      }
    }
    return list;
  }
}
