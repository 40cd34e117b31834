import type { RoomType } from './RoomStore.js';

/** Ids of the rooms of each type, oldest first. */
export class RoomOrder {
  readonly #types = new Map<RoomType, Set<string>>();

  has(roomID: string): boolean {
    for (const ids of this.#types.values()) if (ids.has(roomID)) return true;
    return false;
  }

  of(type: RoomType): Iterable<string> {
    return this.#types.get(type) ?? [];
  }

  add(type: RoomType, roomID: string): void {
    const ids = this.#types.get(type);
    if (ids) ids.add(roomID);
    else this.#types.set(type, new Set([roomID]));
  }

  delete(roomID: string): void {
    for (const ids of this.#types.values()) ids.delete(roomID);
  }

  clear(): void {
    this.#types.clear();
  }
}
