import type { PusherInfo, RoomInfo } from '#lib/api/answers';
import type { AddPusherInput, CallOptions, HeartbeatResult, LoginInput, Session } from '#lib/api/RoomApi';
import { errorOfServiceCode } from '#lib/api/serviceErrors';
import { RtcError } from '#lib/errors';
import { MemoryImHub } from '#lib/im/MemoryImChannel';

interface ScriptedRoom {
  roomInfo: string;
  creator: string;
  version: number;
  pushers: PusherInfo[];
}

/** A room service in memory with a call log. `before` is awaited in front of each call and may throw in its place. */
export class ScriptedService {
  readonly hub = new MemoryImHub();
  readonly rooms = new Map<string, ScriptedRoom>();
  readonly tokens = new Map<string, string>();
  readonly log: string[] = [];
  seats = 2;
  /** What every heartbeat is answered with in place of what is so. */
  beatResult: HeartbeatResult | undefined;
  before: (method: string, userID: string) => Promise<void> | void = () => undefined;
  /** As `before`, when the call is done but its answer has not left. */
  after: (method: string, userID: string) => Promise<void> | void = () => undefined;
  #made = 0;

  /** Calls of one user, heartbeats left out. */
  callsOf(userID: string): string[] {
    return this.log
      .filter((line) => line.startsWith(`${userID} `) && !line.endsWith(' pusher_heartbeat'))
      .map((line) => line.slice(userID.length + 1));
  }

  countOf(userID: string, method: string): number {
    return this.log.filter((line) => line === `${userID} ${method}`).length;
  }

  newEpoch(): number {
    return ++this.#made;
  }

  /** Puts a member in or out as another client would, with the notice. */
  change(roomID: string, work: (room: ScriptedRoom) => void): void {
    const room = this.rooms.get(roomID);
    if (!room) throw new Error(`the script has no room ${roomID}`);
    work(room);
    room.version += 1;
    this.#syncGroup(roomID);
    this.hub.notify(roomID, room.version);
  }

  pusher(userID: string, epoch: number | undefined = this.newEpoch()): PusherInfo {
    return {
      userID,
      userName: `${userID}'s name`,
      userAvatar: `${userID}.png`,
      accelerateURL: `rtmp://h/live/${userID}?k=1`,
      epoch,
    };
  }

  open(roomID: string, ...userIDs: string[]): void {
    const pushers = userIDs.map((userID) => this.pusher(userID));
    this.rooms.set(roomID, { roomInfo: '', creator: userIDs[0] ?? '', version: 1, pushers });
    this.#syncGroup(roomID);
  }

  api(): ScriptedApi {
    return new ScriptedApi(this);
  }

  async run<Result>(method: string, userID: string, options: CallOptions, work: () => Result): Promise<Result> {
    this.log.push(`${userID} ${method}`);
    if (options.signal?.aborted) throw new RtcError('ERR_RTC_ABORTED', method);
    await this.before(method, userID);
    const result = work();
    await this.after(method, userID);
    return result;
  }

  /** After a change of members without a notice. */
  #syncGroup(roomID: string): void {
    const room = this.rooms.get(roomID);
    if (room) this.hub.groups.set(roomID, new Set(room.pushers.map((one) => one.userID)));
  }

  add(userID: string, input: AddPusherInput): { roomID: string; version: number; epoch: number } {
    const room = this.rooms.get(input.roomID);
    if (!room) throw refuse(1, 'add_pusher');
    const known = room.pushers.find((one) => one.userID === userID);
    const pusher = known ?? { ...this.pusher(userID), userName: input.userName, userAvatar: input.userAvatar };
    if (!known) {
      if (room.pushers.length >= this.seats) throw refuse(5001, 'add_pusher');
      room.creator ||= userID;
    }
    this.change(input.roomID, (one) => {
      if (!known) one.pushers.push(pusher);
    });
    return { roomID: '', version: room.version, epoch: pusher.epoch ?? 0 };
  }

  remove(userID: string, roomID: string): void {
    const room = this.rooms.get(roomID);
    if (!room?.pushers.some((one) => one.userID === userID)) throw refuse(5, 'delete_pusher');
    if (room.creator === userID) {
      this.rooms.delete(roomID);
      this.hub.groups.get(roomID)?.delete(userID);
      this.hub.closeGroup(roomID, 'creatorLeft');
      return;
    }
    this.change(roomID, (one) => {
      one.pushers = one.pushers.filter((pusher) => pusher.userID !== userID);
    });
  }

  newRoomID(): string {
    return `room_${++this.#made}`;
  }
}

export function refuse(code: number, method: string): RtcError {
  return errorOfServiceCode(code, '', { method });
}

export class ScriptedApi {
  session: Session | undefined;
  closed = false;

  constructor(readonly service: ScriptedService) {}

  login(input: LoginInput, options: CallOptions = {}): Promise<Session> {
    const { userID } = input;
    return this.service.run('login', userID, options, () => {
      if (input.userSig !== 'good') throw refuse(7, 'login');
      const token = `token${this.service.newEpoch()}`;
      this.service.tokens.set(userID, token);
      this.session = { userID, token };
      return this.session;
    });
  }

  logout(options: CallOptions = {}): Promise<void> {
    return this.#call('logout', options, (userID) => void this.service.tokens.delete(userID));
  }

  getPushURL(_input: { roomID?: string } = {}, options: CallOptions = {}): Promise<string> {
    return this.#call('get_push_url', options, (userID) => `rtmp://h/live/${userID}?txSecret=s`);
  }

  getRoomList(_input: { index: number; cnt: number }, options: CallOptions = {}): Promise<RoomInfo[]> {
    return this.#call('get_room_list', options, () =>
      [...this.service.rooms.keys()].map((roomID) => this.#info(roomID)),
    );
  }

  getPushers({ roomID }: { roomID: string }, options: CallOptions = {}): Promise<RoomInfo> {
    return this.#call('get_pushers', options, () => this.#info(roomID));
  }

  createRoom(input: { roomID: string; roomInfo: string }, options: CallOptions = {}): Promise<string> {
    return this.#call('create_room', options, () => {
      const roomID = input.roomID || this.service.newRoomID();
      if (this.service.rooms.has(roomID)) throw refuse(11, 'create_room');
      this.service.rooms.set(roomID, { roomInfo: input.roomInfo, creator: '', version: 0, pushers: [] });
      return roomID;
    });
  }

  destroyRoom({ roomID }: { roomID: string }, options: CallOptions = {}): Promise<void> {
    return this.#call('destroy_room', options, () => void this.service.rooms.delete(roomID));
  }

  addPusher(input: AddPusherInput, options: CallOptions = {}) {
    return this.#call('add_pusher', options, (userID) => this.service.add(userID, input));
  }

  deletePusher({ roomID }: { roomID: string }, options: CallOptions = {}): Promise<void> {
    return this.#call('delete_pusher', options, (userID) => this.service.remove(userID, roomID));
  }

  heartbeat({ roomID }: { roomID: string }, options: CallOptions = {}): Promise<HeartbeatResult> {
    return this.#call('pusher_heartbeat', options, (userID) => {
      const room = this.service.rooms.get(roomID);
      const seat = room?.pushers.find((one) => one.userID === userID);
      if (!room || !seat) throw refuse(5, 'pusher_heartbeat');
      return this.service.beatResult ?? { epoch: seat.epoch, version: room.version };
    });
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  #call<Result>(method: string, options: CallOptions, work: (userID: string) => Result): Promise<Result> {
    const userID = this.session?.userID ?? '?';
    return this.service.run(method, userID, options, () => {
      if (this.service.tokens.get(userID) !== this.session?.token) throw refuse(7, method);
      return work(userID);
    });
  }

  #info(roomID: string): RoomInfo {
    const room = this.service.rooms.get(roomID);
    if (!room) throw refuse(1, 'get_pushers');
    const { roomInfo, creator, version, pushers } = room;
    return {
      roomID,
      roomInfo,
      roomCreator: creator,
      mixedPlayURL: '',
      version,
      pushers: pushers.map((one) => ({ ...one })),
    };
  }
}
