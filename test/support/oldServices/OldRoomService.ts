import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MemoryImHub } from '#lib/im/MemoryImChannel';

export interface OldMember {
  userID: string;
  userName: string;
  userAvatar: string;
  accelerateURL: string;
  /** Whole seconds, as the originals count. */
  lastBeat: number;
}

export interface OldRoom {
  roomID: string;
  roomInfo: string;
  creator: string;
  mixedPlayURL: string;
  /** False until the first member. */
  active: boolean;
  members: Map<string, OldMember>;
}

export type Body = Record<string, unknown>;
export type Reply = Record<string, unknown>;

export interface Call {
  type: string;
  method: string;
  query: URLSearchParams;
  body: Body;
}

export const ok = { code: 0, message: '请求成功' };
export const refused = (code: number): Reply => ({ code, message: `错误 ${code}` });

/** An HTTP error in place of a business answer. */
export class HttpRefusal extends Error {
  constructor(readonly status: number) {
    super(`HTTP ${status}`);
  }
}

/** What a body may hold; all texts but those of get_room_list. */
const fields: Readonly<Record<string, readonly string[]>> = {
  get_push_url: ['userID', 'roomID'],
  get_room_list: ['cnt', 'index'],
  get_pushers: ['roomID'],
  create_room: ['userID', 'roomInfo', 'roomID'],
  destroy_room: ['roomID', 'userID'],
  add_pusher: ['roomID', 'userID', 'userName', 'userAvatar', 'pushURL', 'roomInfo'],
  delete_pusher: ['roomID', 'userID'],
  pusher_heartbeat: ['roomID', 'userID'],
};

const types: ReadonlySet<string> = new Set(['double_room', 'multi_room', 'live_room']);
const timeoutSeconds = 20;

/**
 * What the two room services of 2018 have in common, after the specification of their protocol. Stricter than they in
 * one thing: what no client may do is also kept in `faults`. Time is the test's.
 */
export abstract class OldRoomService {
  readonly faults: string[] = [];
  /** Requests by `TYPE/METHOD`, or by path where they are none of the protocol. */
  readonly seen: string[] = [];
  /** The IM of the cloud: groups and notices go there. Without one nobody hears them. */
  hub: MemoryImHub | undefined;
  now = 1_540_000_000;
  protected readonly tokens = new Map<string, string>();
  protected readonly rooms = new Map<string, OldRoom>();
  protected readonly bizid = '8525';
  readonly #server: Server;
  readonly #prefix: string;
  readonly #beats = new Map<string, number>();

  protected constructor(prefix: string) {
    this.#prefix = prefix;
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  serverDomain(type: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#prefix}/weapp/${type}`;
  }

  userSig(userID: string): string {
    return `eJx*${userID}_`;
  }

  /** userIDs in order of joining; undefined: no such room. */
  membersOf(type: string, roomID: string): string[] | undefined {
    const room = this.room(type, roomID);
    return room && [...room.members.keys()];
  }

  room(type: string, roomID: string): OldRoom | undefined {
    return this.rooms.get(`${type}/${roomID}`);
  }

  beatsOf(userID: string): number {
    return this.#beats.get(userID) ?? 0;
  }

  /** Memory only: all that it knew is gone. Groups of the cloud's IM are not. */
  restart(): void {
    this.tokens.clear();
    this.rooms.clear();
  }

  /** As the timer every 5 s. */
  sweep(): void {
    for (const [key, room] of this.rooms) {
      if (!room.active) continue;
      for (const member of [...room.members.values()]) {
        if (member.lastBeat + timeoutSeconds >= this.now) continue;
        this.evict(key.slice(0, key.indexOf('/')), room.roomID, member.userID);
      }
    }
  }

  abstract evict(type: string, roomID: string, userID: string): void;
  protected abstract login(query: URLSearchParams): Reply;
  /** The refusal of a caller, or undefined. */
  protected abstract refusal(call: Call): Reply | undefined;
  /** Whose membership a call is about. */
  protected abstract memberID(call: Call): string;
  protected abstract answer(call: Call): Reply;

  protected put(type: string, room: OldRoom): void {
    this.rooms.set(`${type}/${room.roomID}`, room);
    this.hub?.groups.set(room.roomID, new Set());
  }

  protected drop(type: string, roomID: string): void {
    this.rooms.delete(`${type}/${roomID}`);
  }

  protected notify({ roomID, members }: OldRoom): void {
    this.hub?.groups.set(roomID, new Set(members.keys()));
    this.hub?.notify(roomID);
  }

  protected list(type: string): OldRoom[] {
    const all = [...this.rooms].filter(([key]) => key.startsWith(`${type}/`)).map(([, room]) => room);
    return all.filter((room) => room.active && room.members.size > 0);
  }

  protected randomID(kind: 'user' | 'room'): string {
    const hex = () =>
      Math.floor(Math.random() * 0x10000)
        .toString(16)
        .padStart(4, '0');
    return `${kind}_${hex()}${hex()}_${hex()}`;
  }

  protected beat(type: string, roomID: string, userID: string): Reply {
    const member = this.room(type, roomID)?.members.get(userID);
    if (!member) return refused(5);
    member.lastBeat = this.now;
    this.#beats.set(userID, this.beatsOf(userID) + 1);
    return ok;
  }

  /** `acc` and the mixed address of a stream, signed anew with each call. */
  protected playURLs(streamID: string): { accelerateURL: string; mixedPlayURL: string } {
    const expiry = (this.now + 604_800).toString(16).toUpperCase();
    const query = `bizid=${this.bizid}&txSecret=${'0'.repeat(32)}&txTime=${expiry}`;
    const host = `${this.bizid}.liveplay.myqcloud.com`;
    return {
      accelerateURL: `rtmp://${host}/live/${streamID}?${query}`,
      mixedPlayURL: `http://${host}/live/${streamID}.flv`,
    };
  }

  protected pushURL(streamID: string): string {
    const expiry = (this.now + 604_800).toString(16).toUpperCase();
    return `rtmp://${this.bizid}.livepush.myqcloud.com/live/${streamID}?bizid=${this.bizid}&txSecret=${'1'.repeat(32)}&txTime=${expiry}`;
  }

  /** The part between the last slash and the question mark; empty without one. */
  protected streamOf(pushURL: string): string {
    return /([^/?]*)\?/.exec(pushURL)?.[1] ?? '';
  }

  protected fault(what: string): void {
    this.faults.push(what);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    try {
      for await (const chunk of request.setEncoding('utf8')) text += chunk;
    } catch {
      return;
    }
    const url = new URL(request.url ?? '/', 'http://host');
    try {
      const reply = this.#reply(request, url, text);
      response.writeHead(200, { 'content-type': 'application/json;charset=UTF-8' });
      response.end(JSON.stringify(reply));
    } catch (error) {
      const status = error instanceof HttpRefusal ? error.status : 500;
      if (status !== 404) this.fault(`${url.pathname}: ${String(error)}`);
      response.writeHead(status, { 'content-type': 'text/html;charset=utf-8' });
      response.end(`<html><body><h1>HTTP Status ${status}</h1></body></html>`);
    }
  }

  #reply(request: IncomingMessage, url: URL, text: string): Reply {
    const path = url.pathname.startsWith(`${this.#prefix}/weapp/`) ? url.pathname.slice(this.#prefix.length + 7) : '';
    const [type = '', method = '', ...rest] = path.split('/');
    const allowed = fields[method];
    this.seen.push(path || url.pathname);
    if (!types.has(type) || rest.length > 0 || (!allowed && !/^log(in|out)$/.test(method))) throw new HttpRefusal(404);
    if (request.method !== 'POST') throw new HttpRefusal(405);
    const query = url.searchParams;
    const wanted = method === 'login' ? ['sdkAppID', 'accountType', 'userID', 'userSig'] : ['userID', 'token'];
    for (const name of query.keys()) if (!wanted.includes(name)) this.fault(`${method}: ${name} in the query`);
    if (method === 'login') return this.login(query);
    const body = allowed ? readBody(request, text, method, allowed) : {};
    const call = { type, method, query, body };
    const no = this.refusal(call);
    if (no) return method === 'get_room_list' ? { ...no, rooms: null } : no;
    if (method !== 'logout') return this.answer(call);
    this.tokens.delete(query.get('userID') ?? '');
    return ok;
  }
}

function readBody(request: IncomingMessage, text: string, method: string, allowed: readonly string[]): Body {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) throw new HttpRefusal(415);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new HttpRefusal(400);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new HttpRefusal(400);
  const kind = method === 'get_room_list' ? 'number' : 'string';
  for (const [name, value] of Object.entries(body)) {
    if (!allowed.includes(name) || (value !== null && typeof value !== kind)) throw new HttpRefusal(400);
  }
  return body as Body;
}
