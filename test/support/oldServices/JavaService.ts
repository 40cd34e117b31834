import { createHash, randomBytes } from 'node:crypto';
import { type Call, type OldRoom, OldRoomService, ok, type Reply, refused } from './OldRoomService.js';

const limits: Readonly<Record<string, number>> = { double_room: 2, multi_room: 4, live_room: 4 };

/** The Java room service, deployed under a prefix. Identity is the query's; absent texts are empty, null is code 2. */
export class JavaService extends OldRoomService {
  static async start(): Promise<JavaService> {
    const service = new JavaService('/roomservice');
    await service.listen();
    return service;
  }

  /** Tells once; a room that is empty is removed, its group is forgotten. */
  evict(type: string, roomID: string, userID: string): void {
    const room = this.room(type, roomID);
    if (!room?.members.delete(userID)) return;
    this.notify(room);
    if (room.members.size === 0) this.drop(type, roomID);
  }

  protected login(query: URLSearchParams): Reply {
    const [sdkAppID, accountType, userID, userSig] = ['sdkAppID', 'accountType', 'userID', 'userSig'].map(
      (name) => query.get(name) ?? '',
    ) as [string, string, string, string];
    if (!/^\d+$/.test(sdkAppID) || accountType === '' || userID === '' || userSig === '') return refused(4);
    if (userSig !== this.userSig(userID)) return refused(7);
    const text = `APIKEY${sdkAppID}${accountType}${userID}${randomBytes(6).toString('hex')}`;
    const token = createHash('md5').update(text).digest('hex');
    this.tokens.set(userID, token);
    return { ...ok, userID, token };
  }

  protected refusal({ query, body }: Call): Reply | undefined {
    const userID = query.get('userID');
    const token = query.get('token');
    if (!userID || !token || Object.values(body).includes(null)) return refused(2);
    return this.tokens.get(userID) === token ? undefined : refused(7);
  }

  protected memberID({ query }: Call): string {
    return query.get('userID') ?? '';
  }

  protected answer(call: Call): Reply {
    const { type, method, body } = call;
    const text = (name: string) => (body[name] as string | undefined) ?? '';
    const userID = this.memberID(call);
    const roomID = text('roomID');
    const room = this.room(type, roomID);
    switch (method) {
      case 'get_push_url':
        return { ...ok, pushURL: this.pushURL([this.bizid, roomID, userID].filter(Boolean).join('_')) };
      case 'get_room_list': {
        const [cnt, index] = [Number(body.cnt ?? 0), Number(body.index ?? 0)];
        return {
          ...ok,
          rooms: this.list(type)
            .slice(index, index + cnt)
            .map(view),
        };
      }
      case 'get_pushers':
        return room ? view(room) : refused(1);
      case 'create_room': {
        if (text('roomInfo').length > 1024 || room) return refused(11);
        const created = roomID || this.randomID('room');
        this.put(type, emptyRoom(created, text('roomInfo')));
        return { ...ok, roomID: created };
      }
      case 'destroy_room':
        if (room?.creator !== body.userID) return refused(3);
        this.drop(type, roomID);
        this.hub?.closeGroup(roomID);
        return ok;
      case 'add_pusher':
        return this.#add(type, room, roomID, userID, text);
      case 'delete_pusher':
        return this.#delete(type, room, userID);
      default:
        return this.beat(type, roomID, userID);
    }
  }

  #add(type: string, room: OldRoom | undefined, roomID: string, userID: string, text: (name: string) => string): Reply {
    if (!room) this.fault('add_pusher to an unknown room, which loses its roomInfo');
    const into = room ?? emptyRoom(roomID, '');
    if (!room) this.put(type, into);
    if (!into.members.has(userID) && into.members.size >= (limits[type] ?? 0)) return refused(5001);
    const { accelerateURL, mixedPlayURL } = this.playURLs(this.streamOf(text('pushURL')));
    const [userName, userAvatar] = [text('userName'), text('userAvatar')];
    into.members.set(userID, { userID, userName, userAvatar, accelerateURL, lastBeat: this.now });
    if (!into.active) Object.assign(into, { active: true, creator: userID, mixedPlayURL });
    if (room) this.notify(into);
    return { ...ok, roomID: room ? '' : roomID };
  }

  /** Tells twice, as it does. */
  #delete(type: string, room: OldRoom | undefined, userID: string): Reply {
    if (!room?.members.delete(userID)) return refused(5);
    this.notify(room);
    if (room.members.size === 0) this.drop(type, room.roomID);
    this.notify(room);
    if (room.members.size === 0) this.hub?.closeGroup(room.roomID);
    return ok;
  }
}

function emptyRoom(roomID: string, roomInfo: string): OldRoom {
  return { roomID, roomInfo, creator: '', mixedPlayURL: '', active: false, members: new Map() };
}

/** Each room repeats code and message. */
function view({ roomID, roomInfo, creator, mixedPlayURL, members }: OldRoom): Reply {
  const pushers = [...members.values()].map(({ lastBeat, ...one }) => one);
  return { ...ok, roomID, roomInfo, roomCreator: creator, mixedPlayURL, pushers };
}
