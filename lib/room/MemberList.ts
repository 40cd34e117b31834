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
  /** Version that the latest notice during a reading told of. */
  #awaited: number | undefined;
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
      this.#awaited = version;
      return;
    }
    if (version !== undefined && version === this.#version && !this.#stale) return;
    // The one who reads already reports its failure.
    const isFirst = this.#reading === undefined;
    this.refresh().catch((error: unknown) => {
      if (isFirst && !this.#stopped) this.#options.onError(error);
    });
  }

  /** What is under way is not applied any more. */
  stop(): void {
    this.#stopped = true;
  }

  clear(): void {
    this.#members = new Map();
  }

  async #readAll(): Promise<void> {
    do {
      this.#again = false;
      this.#awaited = undefined;
      this.#stale = true;
      const room = await this.#options.read();
      if (this.#stopped) return;
      this.#stale = false;
      this.#version = room.version;
      const diff = diffMembers(this.#members, room.pushers, this.#options.ownUserID);
      this.#members = diff.members;
      this.#options.onRead(diff, room);
      // Versions that do not match ask for one more reading, not for reading until they do: a room made again counts anew.
      if (this.#awaited !== undefined && this.#awaited !== room.version) this.#again = true;
    } while (this.#again && !this.#stopped);
  }
}
