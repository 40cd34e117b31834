import { ServiceCode, ServiceError } from '../ServiceError.js';
import type { AudienceRecord, RoomStore } from '../store/RoomStore.js';

export interface LiveRoomsOptions {
  store: RoomStore;
  /** Listeners a room. */
  maxAudience: number;
  /** A listener without an open event stream is dropped that long after its last request, ms. */
  audienceTimeoutMs: number;
  /** Users whose event stream is open in this process. */
  listening: () => Iterable<string>;
  now: () => number;
}

/** Names that a room's custom info has at most. */
const maxCustomFields = 32;
const type = 'live_room';

/** What a live_room has beside seats: listeners, and counters that everybody may count (likes and such). */
export class LiveRooms {
  readonly #options: LiveRoomsOptions;
  /** When this process saw a user last, and what of that the store has; ms. */
  readonly #seen = new Map<string, { atMs: number; storedMs: number }>();

  constructor(options: LiveRoomsOptions) {
    this.#options = options;
  }

  /** Codes 1 no such room, 5001 the audience is full. Coming again refreshes. */
  async addAudience(roomID: string, userID: string, userInfo: string): Promise<void> {
    const { store, maxAudience, now } = this.#options;
    const status = await store.addAudience(type, roomID, { userID, userInfo, maxAudience, nowMs: now() });
    if (status === 'roomNotFound') throw roomNotFound(ServiceCode.roomNotFound);
    if (status === 'full') throw new ServiceError(ServiceCode.roomFull, 'the audience of the room is full');
  }

  /** A user asked for something, or its event stream was closed: if it listens somewhere, it is not gone. */
  see(userID: string): void {
    const atMs = this.#options.now();
    const seen = this.#seen.get(userID);
    if (seen) seen.atMs = atMs;
    else this.#seen.set(userID, { atMs, storedMs: 0 });
  }

  /** Tells the store who was seen and drops who was not, here or elsewhere. */
  async sweep(): Promise<void> {
    const { store, audienceTimeoutMs, listening, now } = this.#options;
    for (const userID of listening()) this.see(userID);
    const nowMs = now();
    const news: [string, number][] = [];
    for (const [userID, seen] of this.#seen) {
      // Well before the timeout, and not at every sweep: most of them change nothing.
      if (seen.atMs > seen.storedMs && nowMs - seen.storedMs >= audienceTimeoutMs / 4) news.push([userID, seen.atMs]);
      else if (seen.atMs < nowMs - audienceTimeoutMs) this.#seen.delete(userID);
    }
    await store.seeAudience(news);
    for (const [userID, storedMs] of news) {
      const seen = this.#seen.get(userID);
      if (seen) seen.storedMs = storedMs;
    }
    await store.expireAudience(nowMs - audienceTimeoutMs);
  }

  /** Nothing when the user is not in the audience, as the original. */
  async deleteAudience(roomID: string, userID: string): Promise<void> {
    await this.#options.store.removeAudience(type, roomID, userID);
  }

  /** For logout. */
  async leaveAll(userID: string): Promise<void> {
    await this.#options.store.removeFromAudiences(userID);
  }

  /** Code 1: no such room. */
  async audience(roomID: string): Promise<AudienceRecord[]> {
    const audience = await this.#options.store.listAudience(type, roomID);
    if (!audience) throw roomNotFound(ServiceCode.roomNotFound);
    return audience;
  }

  /** Code 3: no such room. */
  async customInfo(roomID: string): Promise<Record<string, number>> {
    const room = await this.#options.store.getRoom(type, roomID);
    if (!room) throw roomNotFound(ServiceCode.notCreator);
    return room.custom;
  }

  /** 'inc' and 'dec' count, anything else does nothing. Codes 3 no such room, 2 too many names. */
  async count(roomID: string, name: string, operation: string): Promise<void> {
    const step = operation === 'inc' ? 1 : operation === 'dec' ? -1 : undefined;
    if (step === undefined) {
      await this.customInfo(roomID);
      return;
    }
    const input = { name, step, maxFields: maxCustomFields } as const;
    const status = await this.#options.store.countCustom(type, roomID, input);
    if (status === 'roomNotFound') throw roomNotFound(ServiceCode.notCreator);
    if (status === 'full') {
      throw new ServiceError(ServiceCode.parameter, `fieldName: a room has at most ${maxCustomFields} of them`);
    }
  }
}

/** The original has two codes for it. */
function roomNotFound(code: typeof ServiceCode.roomNotFound | typeof ServiceCode.notCreator): ServiceError {
  return new ServiceError(code, 'there is no such room: it ended, or was never created');
}
