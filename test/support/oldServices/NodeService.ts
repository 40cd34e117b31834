import { createHash, randomBytes } from 'node:crypto';
import { type Call, type OldRoom, OldRoomService, ok, type Reply, refused } from './OldRoomService.js';

const limits: Readonly<Record<string, number>> = { double_room: 2, multi_room: 4, live_room: 4 };

/** What has to be in a body; else code 1. */
const required: Readonly<Record<string, readonly string[]>> = {
  get_push_url: ['userID'],
  get_pushers: ['roomID'],
  create_room: ['userID', 'roomInfo'],
  destroy_room: ['roomID', 'userID'],
  add_pusher: ['roomID', 'userID', 'userName', 'userAvatar', 'pushURL'],
  delete_pusher: ['roomID', 'userID'],
  pusher_heartbeat: ['roomID', 'userID'],
};

/** The Node room service that came with the mini-program. Identity is the query's, membership the body's. */
export class NodeService extends OldRoomService {
  static async start(): Promise<NodeService> {
    const service = new NodeService('');
    await service.listen();
    return service;
  }

  /** The last one's leaving, of whatever kind, ends room and group without a notice. */
  evict(type: string, roomID: string, userID: string): void {
    const room = this.room(type, roomID);
    if (!room?.members.delete(userID)) return;
    if (room.members.size > 0) {
      this.notify(room);
      return;
    }
    this.drop(type, roomID);
    this.hub?.closeGroup(roomID);
  }

  protected login(query: URLSearchParams): Reply {
    const [sdkAppID, accountType, userID, userSig] = ['sdkAppID', 'accountType', 'userID', 'userSig'].map(
      (name) => query.get(name) ?? '',
    ) as [string, string, string, string];
    if (sdkAppID === '' || accountType === '' || userID === '' || userSig === '') return refused(4);
    if (userSig !== this.userSig(userID)) return refused(7);
    const text = `APIKEY${sdkAppID}${accountType}${userID}${randomBytes(6).toString('hex')}`;
    const md5 = createHash('md5').update(text).digest('hex');
    const token = `${md5}*${Number(sdkAppID).toString(16)}*${Buffer.from(accountType).toString('base64')}`;
    this.tokens.set(userID, token);
    return { ...ok, userID, token };
  }

  protected refusal({ method, query, body }: Call): Reply | undefined {
    const userID = query.get('userID');
    const token = query.get('token');
    if (!userID || !token) return { code: 7, message: '鉴权失败: 4' };
    const known = this.tokens.get(userID);
    if (known !== token) return { code: 7, message: `鉴权失败: ${known === undefined ? 3 : 1}` };
    return (required[method] ?? []).every((name) => typeof body[name] === 'string') ? undefined : refused(1);
  }

  protected memberID({ body }: Call): string {
    return (body.userID as string | undefined) ?? '';
  }

  protected answer(call: Call): Reply {
    const { type, method, body } = call;
    const text = (name: string) => (body[name] as string | undefined) ?? '';
    const userID = this.memberID(call);
    const roomID = text('roomID');
    const room = this.room(type, roomID);
    switch (method) {
      case 'get_push_url':
        return { ...ok, pushURL: this.pushURL(`${this.bizid}_${userID}_${randomBytes(2).toString('hex')}`) };
      case 'get_room_list': {
        const [cnt, index] = [Number(body.cnt ?? 0), Number(body.index ?? 0)];
        return {
          ...ok,
          rooms: this.list(type)
            .slice(index, index + Math.max(1, cnt))
            .map(view),
        };
      }
      case 'get_pushers':
        return room?.active ? { ...ok, ...view(room) } : refused(3);
      case 'create_room': {
        if (Buffer.byteLength(text('roomInfo')) > 1024) return refused(10);
        if (room) return refused(11);
        const created = roomID || this.randomID('room');
        this.put(type, emptyRoom(created, text('roomInfo')));
        return { ...ok, roomID: created };
      }
      case 'destroy_room':
        if (room?.creator !== userID) return refused(3);
        this.drop(type, roomID);
        this.hub?.closeGroup(roomID);
        return ok;
      case 'add_pusher':
        return this.#add(type, room, userID, text);
      case 'delete_pusher':
        if (!room?.members.has(userID)) return refused(5);
        this.evict(type, roomID, userID);
        return ok;
      default:
        return this.beat(type, roomID, userID);
    }
  }

  #add(type: string, room: OldRoom | undefined, userID: string, text: (name: string) => string): Reply {
    if (!room) {
      // The original mixes its arguments up and keeps a room that nobody can use.
      this.fault('add_pusher to an unknown room, which corrupts it');
      return { ...ok, roomID: text('roomID') };
    }
    if (!room.members.has(userID) && room.members.size >= (limits[type] ?? 0)) return refused(5001);
    const { accelerateURL, mixedPlayURL } = this.playURLs(this.streamOf(text('pushURL')));
    const [userName, userAvatar] = [text('userName'), text('userAvatar')];
    room.members.set(userID, { userID, userName, userAvatar, accelerateURL, lastBeat: this.now });
    const url = mixedPlayURL.replace(/^http:/, 'https:');
    if (!room.active) Object.assign(room, { active: true, creator: userID, mixedPlayURL: url });
    this.notify(room);
    return { ...ok, roomID: '' };
  }
}

function emptyRoom(roomID: string, roomInfo: string): OldRoom {
  return { roomID, roomInfo, creator: '', mixedPlayURL: '', active: false, members: new Map() };
}

/** Rooms have no code and message inside, but custom. */
function view({ roomID, roomInfo, creator, mixedPlayURL, members }: OldRoom): Reply {
  const pushers = [...members.values()].map(({ lastBeat, ...one }) => one);
  return { roomID, roomInfo, roomCreator: creator, mixedPlayURL, custom: '{}', pushers };
}
