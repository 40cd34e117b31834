import { SafeEmitter } from '../../SafeEmitter.js';
import type { GroupClosedReason, ImEvent } from '../im/events.js';
import { noticeData } from '../im/noticeData.js';
import type { RoomGroups } from '../im/RoomGroups.js';
import type { Logger } from '../logger.js';
import type { MediaServer } from '../media/MediaServer.js';
import { maxRevocations } from '../media/UrlGate.js';
import { ServiceCode, ServiceError } from '../ServiceError.js';
import type {
  BeatResult,
  MemberRecord,
  RemoveMemberInput,
  RoomRecord,
  RoomStore,
  RoomType,
} from '../store/RoomStore.js';
import { after, type Soon } from '../store/soon.js';
import { isRoomID, randomRoomID } from './identifiers.js';
import { badPushUrl, type StreamUrls } from './StreamUrls.js';

/** Where notices go: the message hub. */
export interface Notifier {
  notify(userIDs: readonly string[], event: ImEvent): void;
}

export interface RoomsOptions {
  store: RoomStore;
  media: MediaServer;
  urls: StreamUrls;
  notifier: Notifier;
  /** Groups at another message service, which hear of the same. */
  groups?: RoomGroups | undefined;
  logger: Logger;
  /** Seats of a multi_room; a double_room has 2. */
  maxMembers: number;
  /** Seats of a live_room. */
  maxLivePushers: number;
  creatorLeaveDissolves: boolean;
  /** add_pusher to an unknown room creates it, as the original did. */
  createMissingRooms: boolean;
  heartbeatTimeoutMs: number;
  pendingRoomTimeoutMs: number;
  now: () => number;
}

export interface AddPusherInput {
  roomID: string;
  userName: string;
  userAvatar: string;
  pushURL: string;
  roomInfo: string;
}

export interface MemberFact {
  type: RoomType;
  roomID: string;
  userID: string;
  epoch: number;
}

/** Why a member's seat is free: 'replaced' by its own new push URL, 'roomClosed' when the room ended around it. */
export type LeaveReason = 'left' | 'expired' | 'expelled' | 'replaced' | 'roomClosed';

/** One event a fact; every `memberJoined` has exactly one `memberLeft` of the same epoch. */
export interface RoomsEvents {
  memberJoined: (fact: MemberFact) => void;
  memberLeft: (fact: MemberFact & { reason: LeaveReason }) => void;
  roomClosed: (fact: { type: RoomType; roomID: string; reason: GroupClosedReason }) => void;
}

/** A silent member whose stream still arrives is kept until so many timeouts: the stream may be a forgotten one. */
const silenceCap = 3;

/** Rooms that are read at once to announce them. */
const announcePage = 200;
/** Revocations that are read at once. */
const revocationPage = 1000;

/** The rooms: who is where. Each change is one atomic step of the store, then streams are cut and notices sent. */
export class Rooms extends SafeEmitter<RoomsEvents> {
  readonly #options: RoomsOptions;
  /** Number of the last revocation that the media server was told of. */
  #revocationsLearnt = 0;
  /** Streams that could not be revoked, for want of the store; each sweep tries again. Bounded: the oldest is forgotten first. */
  readonly #uncut = new Set<string>();

  constructor(options: RoomsOptions) {
    super();
    this.#options = options;
  }

  /**
   * Registers a pending room; it is reaped when nobody enters it in time. Code 11 when the id is taken, 6 when its message
   * group could not be made.
   */
  async create(type: RoomType, createdBy: string, roomInfo: string, roomID = ''): Promise<string> {
    const { store, now } = this.#options;
    if (roomID !== '' && !isRoomID(roomID)) throw badRoomID();
    for (;;) {
      const id = roomID === '' ? randomRoomID() : roomID;
      if (await store.createRoom({ type, roomID: id, roomInfo, createdBy, nowMs: now() })) {
        await this.#makeGroup(type, id);
        return id;
      }
      if (roomID !== '') throw new ServiceError(ServiceCode.roomInfoTooLongOrRoomExists, 'a room of that id exists');
    }
  }

  /** Clients join the group as soon as they have the room's id. */
  async #makeGroup(type: RoomType, roomID: string): Promise<void> {
    const { groups, store } = this.#options;
    try {
      await groups?.create(roomID);
    } catch (error) {
      // Who entered meanwhile stays: the next notice finds that the group is not there, and makes it.
      await store.removeRoom(type, roomID, (room) => !room.active);
      throw error;
    }
  }

  /** Ends the room for everybody. Code 3 unless the user is its creator (or made it and nobody entered yet). */
  async destroy(type: RoomType, roomID: string, userID: string): Promise<void> {
    const room = await this.#options.store.removeRoom(type, roomID, (one) =>
      one.active ? one.creator === userID : one.createdBy === userID,
    );
    if (!room) throw new ServiceError(ServiceCode.notCreator, 'only the creator of the room may destroy it');
    await this.#ended(room, room.members, 'destroyed');
  }

  /** The caller takes a seat, or refreshes the one it has. `created` when the room had to be made. */
  async addPusher(type: RoomType, userID: string, input: AddPusherInput) {
    const { store, urls, now } = this.#options;
    if (!isRoomID(input.roomID)) throw badRoomID();
    const { streamID, digest, untilSeconds } = urls.streamOfPushUrl(input.pushURL, userID, input.roomID);
    let created = false;
    for (;;) {
      const result = await store.addMember(type, input.roomID, {
        userID,
        userName: input.userName,
        userAvatar: input.userAvatar,
        streamID,
        pushUrlDigest: digest,
        pushUrlUntilSeconds: untilSeconds,
        maxMembers: this.seats(type),
        nowMs: now(),
      });
      if (result.status === 'revoked') throw badPushUrl('was revoked when its stream was cut');
      if (result.status === 'roomNotFound') {
        if (!this.#options.createMissingRooms || created) throw roomNotFound();
        await this.create(type, userID, input.roomInfo, input.roomID);
        created = true;
        continue;
      }
      if (result.status === 'full') throw new ServiceError(ServiceCode.roomFull, 'the room is full');
      if (result.status === 'streamTaken') {
        throw new ServiceError(
          ServiceCode.parameter,
          'another member has the stream of that pushURL: use another roomID',
        );
      }
      const { room, member } = result;
      const fact = { type, roomID: room.roomID, userID };
      if (result.status === 'replaced' && result.previous) {
        this.emit('memberLeft', { ...fact, epoch: result.previous.epoch, reason: 'replaced' });
        if (result.previous.streamID !== streamID) await this.#cut(result.previous.streamID);
      }
      if (result.status !== 'refreshed') this.emit('memberJoined', { ...fact, epoch: member.epoch });
      this.#notifyChange(room);
      return { created, version: room.version, epoch: member.epoch };
    }
  }

  /** The caller gives its seat back. Code 5 when it has none. */
  async deletePusher(type: RoomType, roomID: string, userID: string): Promise<void> {
    if (!(await this.#remove(type, roomID, { userID }, 'left'))) throw notMember();
  }

  /** Ends somebody's membership for it; false when it is not a member. Both it and the others are told. */
  expel(type: RoomType, roomID: string, userID: string): Promise<boolean> {
    return this.#remove(type, roomID, { userID }, 'expelled');
  }

  /** Ends the room whoever asks; false when there is none. */
  async close(type: RoomType, roomID: string): Promise<boolean> {
    const room = await this.#options.store.removeRoom(type, roomID, () => true);
    if (room) await this.#ended(room, room.members, 'destroyed');
    return room !== undefined;
  }

  /** Code 5 when the caller is not (or no longer) a member; at once where the store is in this process, and throws then. */
  heartbeat(type: RoomType, roomID: string, userID: string): Soon<BeatResult> {
    return after(this.#options.store.beat(type, roomID, userID, this.#options.now()), (beat) => {
      if (!beat) throw notMember();
      return beat;
    });
  }

  /** Code 1 when there is no such room. */
  async get(type: RoomType, roomID: string): Promise<RoomRecord> {
    return existing(await this.#options.store.getRoom(type, roomID));
  }

  /** For who does not ask when members were heard: at once where the store is in this process, and throws then. */
  read(type: RoomType, roomID: string): Soon<RoomRecord> {
    return after(this.#options.store.readRoom(type, roomID), existing);
  }

  /** Rooms with a member, in the same way. */
  readList(type: RoomType, index: number, count: number): Soon<RoomRecord[]> {
    return this.#options.store.readRooms(type, index, count);
  }

  /** Who is in the room's message group: its members, or before the first its maker, and who listens. Undefined: no such room. */
  async group(roomID: string): Promise<string[] | undefined> {
    const room = await this.#options.store.findRoom(roomID);
    return room && groupOf(room);
  }

  /** Ends memberships without a heartbeat and rooms that nobody entered. A failure of one does not stop the others. */
  async sweep(): Promise<void> {
    const { store, now, heartbeatTimeoutMs, pendingRoomTimeoutMs, logger } = this.#options;
    // Who is silent beyond the cap first, so that members spared for their stream never keep it from being looked at.
    await this.#expire(now() - heartbeatTimeoutMs * silenceCap, false);
    await this.#expire(now() - heartbeatTimeoutMs, true);
    for (const room of await store.reapPendingRooms(now() - pendingRoomTimeoutMs)) {
      logger.info({ roomID: room.roomID }, 'room expired: nobody entered it in time');
      await this.#ended(room, [], 'expired');
    }
    for (const streamID of [...this.#uncut]) await this.#cut(streamID);
    await store.deleteExpiredTokens(now());
    await this.learnRevocations();
    await store.forgetRevocations(Math.floor(now() / 1000), maxRevocations);
  }

  /** Tells the media server what an earlier process revoked, or another one since the last time. */
  async learnRevocations(): Promise<void> {
    const { store, media } = this.#options;
    if (!media.revoke) return;
    for (;;) {
      const found = await store.revocationsSince(this.#revocationsLearnt, revocationPage);
      const last = found.at(-1);
      if (!last) return;
      media.revoke(found.map(({ streamID, untilSeconds }) => [streamID, untilSeconds] as const));
      this.#revocationsLearnt = last.number;
    }
  }

  async #expire(before: number, spareStreaming: boolean): Promise<void> {
    const { store, logger } = this.#options;
    for (const { type, roomID, userID, epoch } of await store.expiredMembers(before)) {
      try {
        if (spareStreaming && (await this.#isStreaming(type, roomID, userID))) continue;
        const input = { userID, onlyEpoch: epoch, onlyIfLastBeatBeforeMs: before };
        if (await this.#remove(type, roomID, input, 'expired')) {
          logger.info({ roomID, userID }, 'member expired: no heartbeat in time');
        }
      } catch (error) {
        logger.error({ roomID, userID, err: error }, 'member could not be expired; tried again at the next sweep');
      }
    }
  }

  /** A second opinion: heartbeats may be lost while pictures arrive. */
  async #isStreaming(type: RoomType, roomID: string, userID: string): Promise<boolean> {
    const { store, media } = this.#options;
    const room = await store.getRoom(type, roomID);
    const member = room?.members.find((one) => one.userID === userID);
    return member !== undefined && media.isPublishing(member.streamID) === true;
  }

  /** Tells the members of every room to read their list: after notices may have been lost. */
  async announce(): Promise<void> {
    const { store } = this.#options;
    for (const { type, rooms } of await store.countByType()) {
      // From the end, so that a room that ends meanwhile moves none past us.
      for (let first = Math.floor(rooms / announcePage) * announcePage; first >= 0; first -= announcePage) {
        for (const room of await store.readRooms(type, first, announcePage)) this.#notifyChange(room);
      }
    }
  }

  seats(type: RoomType): number {
    if (type === 'double_room') return 2;
    return type === 'live_room' ? this.#options.maxLivePushers : this.#options.maxMembers;
  }

  /** One that throws breaks no room. */
  protected override onListenerError(error: unknown, event: string): void {
    this.#options.logger.error({ event, err: error }, 'a listener of the rooms threw');
  }

  /** The one way out of a room, for leaving, expiry and expulsion: member removed, stream cut, notice, end of the room. */
  async #remove(
    type: RoomType,
    roomID: string,
    input: Omit<RemoveMemberInput, 'creatorLeaveDissolves' | 'revokeUntilSeconds'>,
    reason: 'left' | 'expired' | 'expelled',
  ): Promise<boolean> {
    const { store, urls } = this.#options;
    // Nobody is left to listen to in a live_room without its creator.
    const creatorLeaveDissolves = this.#options.creatorLeaveDissolves || type === 'live_room';
    const revokeUntilSeconds = urls.revokeUntilSeconds();
    const result = await store.removeMember(type, roomID, { ...input, creatorLeaveDissolves, revokeUntilSeconds });
    if (result.status === 'notMember') return false;
    const { member, room, ended, revokedUntil } = result;
    // Who did not leave by itself may still listen: it is told as well, so that it does not believe itself inside.
    const alsoTold = reason === 'left' ? [] : [member.userID];
    if (ended) {
      this.#left(room, member, reason);
      const why = reason === 'expired' ? 'expired' : ended;
      await Promise.all([
        this.#ended(room, room.members, why, alsoTold, member),
        this.#cutRevoked(member.streamID, revokedUntil),
      ]);
      return true;
    }
    this.#left(room, member, reason);
    // The notice does not wait for the media server: the others read a list that is right already.
    this.#notifyChange(room, alsoTold);
    await this.#cutRevoked(member.streamID, revokedUntil);
    return true;
  }

  async #ended(
    room: RoomRecord,
    members: readonly MemberRecord[],
    reason: GroupClosedReason,
    alsoTold: readonly string[] = [],
    leaver?: MemberRecord,
  ): Promise<void> {
    for (const member of members) this.#left(room, member, 'roomClosed');
    this.emit('roomClosed', { type: room.type, roomID: room.roomID, reason });
    const told = new Set([...groupOf(room), ...alsoTold]);
    if (leaver && !alsoTold.includes(leaver.userID)) told.delete(leaver.userID);
    this.#options.notifier.notify([...told], { type: 'groupClosed', groupID: room.roomID, reason });
    this.#options.groups?.destroy(room.roomID);
    await Promise.all(members.map(({ streamID }) => this.#cut(streamID)));
  }

  #left({ type, roomID }: RoomRecord, { userID, epoch }: MemberRecord, reason: LeaveReason): void {
    this.emit('memberLeft', { type, roomID, userID, epoch, reason });
  }

  #notifyChange(room: RoomRecord, alsoTold: readonly string[] = []): void {
    const told = [...groupOf(room), ...alsoTold];
    const { roomID, version } = room;
    this.#options.notifier.notify(told, { type: 'system', groupID: roomID, data: noticeData, version });
    this.#options.groups?.notify(roomID);
  }

  async #cut(streamID: string): Promise<void> {
    await this.#cutRevoked(streamID, await this.#revoke(streamID));
  }

  /** Undefined when somebody has the stream, or when that cannot be seen now and is tried again. */
  async #revoke(streamID: string): Promise<number | undefined> {
    const { store, urls, logger } = this.#options;
    try {
      // A stream without a room in its name may serve another room as well.
      const until = (await store.isStreamInUse(streamID)) ? undefined : await urls.revoke(streamID);
      this.#uncut.delete(streamID);
      return until;
    } catch (error) {
      this.#uncut.add(streamID);
      if (this.#uncut.size > maxRevocations) this.#uncut.delete(this.#uncut.values().next().value as string);
      logger.warn({ streamID, err: error }, 'stream could not be revoked; tried again at the next sweep');
      return undefined;
    }
  }

  /** Of a stream that nobody has any more; `revokedUntil` is undefined of one that somebody has. */
  async #cutRevoked(streamID: string, revokedUntil: number | undefined): Promise<void> {
    if (revokedUntil === undefined) return;
    const { media, logger } = this.#options;
    try {
      await media.cut(streamID, revokedUntil);
    } catch (error) {
      logger.warn({ streamID, err: error }, 'stream could not be cut; its signature ends it at the latest');
    }
  }
}

function groupOf(room: RoomRecord): string[] {
  const inside = room.active ? room.members.map((member) => member.userID) : [room.createdBy];
  return [...new Set([...inside, ...room.audience])];
}

function existing(room: RoomRecord | undefined): RoomRecord {
  if (!room) throw roomNotFound();
  return room;
}

function badRoomID(): ServiceError {
  return new ServiceError(ServiceCode.parameter, 'roomID: 1 to 48 characters A-Za-z0-9 and _.@:,;!$()*+=~-');
}

function roomNotFound(): ServiceError {
  return new ServiceError(ServiceCode.roomNotFound, 'there is no such room: it ended, or was never created');
}

export function notMember(): ServiceError {
  return new ServiceError(ServiceCode.notMember, 'not a member of that room: call add_pusher first');
}
