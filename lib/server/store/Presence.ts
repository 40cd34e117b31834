import type { BeatResult, ExpiredMember, RoomType } from './RoomStore.js';

interface Beat {
  type: RoomType;
  epoch: number;
  lastBeatMs: number;
}

interface PresentRoom {
  version: number;
  beats: Map<string, Beat>;
}

/**
 * When each member was last heard, and what a heartbeat is answered with. In memory only: heartbeats are most of all
 * requests, and after a restart every member starts anew anyway, because it was the service that was away.
 */
export class Presence {
  readonly #rooms = new Map<string, PresentRoom>();

  /** `version`: the room's, with that member. */
  set(roomID: string, userID: string, beat: Beat, version: number): void {
    let room = this.#rooms.get(roomID);
    if (!room) {
      room = { version, beats: new Map() };
      this.#rooms.set(roomID, room);
    }
    room.version = version;
    room.beats.set(userID, beat);
  }

  /** Whether the room has a member. */
  has(roomID: string): boolean {
    return this.#rooms.has(roomID);
  }

  /** When the members of a room were last heard: by userID, 0 for who is not one. */
  lastBeats(roomID: string): (userID: string) => number {
    const beats = this.#rooms.get(roomID)?.beats;
    return (userID) => beats?.get(userID)?.lastBeatMs ?? 0;
  }

  /** Undefined when that user is not a member of that room of that type. */
  beat(type: RoomType, roomID: string, userID: string, nowMs: number): BeatResult | undefined {
    const room = this.#rooms.get(roomID);
    const beat = room?.beats.get(userID);
    if (!room || beat?.type !== type) return undefined;
    beat.lastBeatMs = nowMs;
    return { epoch: beat.epoch, version: room.version };
  }

  /** `version`: the room's, without that member. */
  delete(roomID: string, userID: string, version: number): void {
    const room = this.#rooms.get(roomID);
    if (!room) return;
    room.version = version;
    room.beats.delete(userID);
    if (room.beats.size === 0) this.#rooms.delete(roomID);
  }

  deleteRoom(roomID: string): void {
    this.#rooms.delete(roomID);
  }

  clear(): void {
    this.#rooms.clear();
  }

  renewAll(nowMs: number): void {
    for (const { beats } of this.#rooms.values()) for (const beat of beats.values()) beat.lastBeatMs = nowMs;
  }

  /** Members last heard before the time, at most `limit`. */
  expired(beforeMs: number, limit: number): ExpiredMember[] {
    const list: ExpiredMember[] = [];
    for (const [roomID, { beats }] of this.#rooms) {
      for (const [userID, { type, epoch, lastBeatMs }] of beats) {
        if (lastBeatMs >= beforeMs) continue;
        list.push({ type, roomID, userID, epoch });
        if (list.length === limit) return list;
      }
    }
    return list;
  }
}
