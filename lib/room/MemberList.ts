import type { RoomInfo } from '../api/answers.js';
import { diffMembers, type MemberDiff, type RoomMember } from './members.js';

export interface MemberListOptions {
  ownUserID: string;
  read: () => Promise<RoomInfo>;
  onRead: (diff: MemberDiff, room: RoomInfo) => void;
  /** A reading that was asked for by `request` failed; the list stays as it was. */
  onError: (error: unknown) => void;
}

/** The members of a room as last read. Never two readings at once; requests during one cause one more. */
export class MemberList {
  readonly #options: MemberListOptions;
  #members: ReadonlyMap<string, RoomMember> = new Map();
  #version: number | undefined;
  #reading: Promise<void> | undefined;
  #again = false;
  /** Versions that notices during a reading told of. They may come in any order. */
  readonly #awaited = new Set<number>();
  /** Members whose seats the service may have lost, until a reading shows them or they are out of time. */
  readonly #unsettled = new Set<string>();
  /** Runs while those are waited for. */
  #grace: NodeJS.Timeout | undefined;
  /** Counts them: an answer of the service as it was before tells nothing. */
  #restarts = 0;
  #stale = false;
  #stopped = false;

  constructor(options: MemberListOptions) {
    this.#options = options;
  }

  get members(): ReadonlyMap<string, RoomMember> {
    return this.#members;
  }

  /** The last reading failed and nobody reads: something may have been missed. */
  get isStale(): boolean {
    return this.#stale && !this.#reading;
  }

  /** Reads; resolves when what was asked for is applied, rejects as the reading does. */
  refresh(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    if (this.#reading) this.#again = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Asks for a reading after a notice. One of the version that was read last tells nothing new. */
  request(version?: number): void {
    if (version !== undefined && this.#reading) {
      // The reading under way may have it already.
      this.#awaited.add(version);
      return;
    }
    if (version !== undefined && version === this.#version && !this.#stale) return;
    // The one who reads already reports its failure.
    const isFirst = this.#reading === undefined;
    this.refresh().catch((error: unknown) => {
      if (isFirst && !this.#stopped) this.#options.onError(error);
    });
  }

  /** Asks for a reading where the service told, outside a notice, of a newer version than the one read last. */
  catchUp(version: number): void {
    if (this.#version === undefined || version > this.#version) this.request(version);
  }

  /**
   * The service may have lost its seats, so that everyone has to take one again: within `graceMs` nobody counts as gone for
   * lack of one, nor as new for a new one.
   */
  unsettle(graceMs: number): void {
    if (this.#stopped) return;
    this.#restarts++;
    for (const userID of this.#members.keys()) this.#unsettled.add(userID);
    this.#endGrace();
    if (this.#unsettled.size === 0) return;
    this.#grace = setTimeout(() => {
      this.#endGrace();
      this.request();
    }, graceMs);
  }

  /** The service lost nothing: what it says counts, as it says it. */
  settle(): void {
    this.#endGrace();
    if (this.#unsettled.size === 0) return;
    this.#unsettled.clear();
    this.request();
  }

  /** What is under way is not applied any more. */
  stop(): void {
    this.#stopped = true;
    this.#endGrace();
  }

  clear(): void {
    this.#members = new Map();
  }

  async #readAll(): Promise<void> {
    do {
      this.#again = false;
      this.#awaited.clear();
      this.#stale = true;
      const restarts = this.#restarts;
      const room = await this.#options.read();
      if (this.#stopped) return;
      if (restarts !== this.#restarts) {
        this.#again = true;
        continue;
      }
      this.#stale = false;
      this.#version = room.version;
      const diff = diffMembers(this.#members, room.pushers, this.#options.ownUserID, {
        users: this.#unsettled,
        areAwaited: this.#grace !== undefined,
      });
      if (this.#grace) for (const { userID } of room.pushers) this.#unsettled.delete(userID);
      else this.#unsettled.clear();
      if (this.#unsettled.size === 0) this.#endGrace();
      this.#members = diff.members;
      this.#options.onRead(diff, room);
      // Versions that do not match ask for one more reading, not for reading until they do: a room made again counts anew.
      if ([...this.#awaited].some((version) => version !== room.version)) this.#again = true;
    } while (this.#again && !this.#stopped);
  }

  #endGrace(): void {
    clearTimeout(this.#grace);
    this.#grace = undefined;
  }
}
