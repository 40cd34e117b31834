import type { StreamUrls } from '../rooms/StreamUrls.js';
import type { RoomRecord } from '../store/RoomStore.js';
import { success, successBegin } from './success.js';

interface Kept {
  version: number;
  /** When an address in it changes, ms since 1970. */
  goodUntilMs: number;
  text: Buffer;
}

/** Some 2 MB of usual rooms; longer texts than that are made each time. */
const maxKept = 1000;
const maxKeptBytes = 16_384;

const listBegin = Buffer.from(`${successBegin},"rooms":[`);
const comma = Buffer.from(',');
const listEnd = Buffer.from(']}');

/** A room as clients see it: no push URL, stream id or heartbeat time of anybody. */
function roomView(room: RoomRecord, urls: StreamUrls) {
  return {
    ...success,
    roomID: room.roomID,
    roomInfo: room.roomInfo,
    roomCreator: room.creator,
    mixedPlayURL: room.active ? urls.mixedPlayUrl(room.creatorStreamID, room.createdAtMs) : '',
    version: room.version,
    ...(room.type === 'live_room' && {
      custom: JSON.stringify(room.custom),
      audienceCount: room.audience.length,
    }),
    pushers: room.members.map((member) => ({
      userID: member.userID,
      userName: member.userName,
      userAvatar: member.userAvatar,
      accelerateURL: urls.playUrl(member.streamID, member.joinedAtMs),
      epoch: member.epoch,
    })),
  };
}

/**
 * Rooms as JSON, in UTF-8. A room's text is made once for each version: the members of a room, and whoever lists rooms,
 * read the same one again and again.
 */
export class RoomTexts {
  readonly #urls: StreamUrls;
  readonly #now: () => number;
  /** By roomID. Bounded; oldest out. */
  readonly #kept = new Map<string, Kept>();

  constructor(urls: StreamUrls, now: () => number) {
    this.#urls = urls;
    this.#now = now;
  }

  text(room: RoomRecord): Buffer {
    // Counters and listeners of a live_room change without a new version.
    if (room.type === 'live_room') return this.#make(room);
    const kept = this.#kept.get(room.roomID);
    if (kept?.version === room.version && this.#now() < kept.goodUntilMs) return kept.text;
    const text = this.#make(room);
    if (text.length > maxKeptBytes) return text;
    const times = [room.createdAtMs, ...room.members.map(({ joinedAtMs }) => joinedAtMs)];
    const goodUntilMs = Math.min(...times.map((sinceMs) => this.#urls.playUrlChangesAtMs(sinceMs)));
    this.#kept.set(room.roomID, { version: room.version, goodUntilMs, text });
    if (this.#kept.size > maxKept) this.#kept.delete(this.#kept.keys().next().value as string);
    return text;
  }

  /** The answer to a list of rooms. */
  list(rooms: readonly RoomRecord[]): Buffer {
    const pieces: Buffer[] = [listBegin];
    for (const room of rooms) {
      if (pieces.length > 1) pieces.push(comma);
      pieces.push(this.text(room));
    }
    pieces.push(listEnd);
    return Buffer.concat(pieces);
  }

  #make(room: RoomRecord): Buffer {
    return Buffer.from(JSON.stringify(roomView(room, this.#urls)));
  }
}
