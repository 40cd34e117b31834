import { type Agent, request } from 'node:http';
import { RoomService, type RoomServiceOptions } from '#lib/server/RoomService';
import { FakeMediaServer } from './fakeMediaServer.js';

export const secretKey = '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e';
export const sdkAppID = 1_400_000_000;

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: an answer is what the test says it is
  json: any;
  text: string;
}

export interface RawRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** Default: a connection of its own. */
  agent?: Agent | false;
}

/** One request with exactly those headers. */
export function raw(url: string, options: RawRequest = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'POST', headers = {}, body, agent = false } = options;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request(url, { method, headers: { ...length, ...headers }, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece) => {
        text += piece;
      });
      response.on('end', () => {
        let json: unknown;
        try {
          json = JSON.parse(text);
        } catch {
          json = undefined;
        }
        resolve({ status: response.statusCode ?? 0, headers: response.headers, json, text });
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

export interface User {
  userID: string;
  token: string;
}

/** A service with a fake media server and a clock that the test moves. */
export class ServiceUnderTest {
  readonly service: RoomService;
  readonly media: FakeMediaServer;
  nowMs = 1_800_000_000_000;
  /** For tests of very many calls. Default: a connection each. */
  agent: Agent | false = false;

  private constructor(options: Partial<RoomServiceOptions>) {
    this.media = (options.media as FakeMediaServer | undefined) ?? new FakeMediaServer();
    this.service = new RoomService({
      sdkAppID,
      secretKey,
      sweepIntervalMs: 1_000_000,
      clock: () => this.nowMs,
      ...options,
      media: this.media,
    });
  }

  static async start(options: Partial<RoomServiceOptions> = {}): Promise<ServiceUnderTest> {
    const it = new ServiceUnderTest(options);
    await it.service.listen();
    return it;
  }

  url(path: string): string {
    return `${this.service.address.url}${path}`;
  }

  post(path: string, query: object, body?: unknown): Promise<Answer> {
    const text = new URLSearchParams(query as Record<string, string>).toString();
    return raw(this.url(`/weapp/${path}?${text}`), {
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? '' : JSON.stringify(body),
      agent: this.agent,
    });
  }

  async login(userID: string): Promise<User> {
    const query = { sdkAppID, accountType: '0', userID, userSig: this.service.issueUserSig(userID) };
    const { json } = await this.post('double_room/login', query);
    if (json.code !== 0) throw new Error(`login: ${json.code} ${json.message}`);
    return { userID, token: json.token };
  }

  async pushURL(user: User, roomID?: string): Promise<string> {
    const body = roomID === undefined ? { userID: user.userID } : { userID: user.userID, roomID };
    return (await this.post('double_room/get_push_url', user, body)).json.pushURL;
  }

  async add(user: User, roomID: string, type = 'double_room', pushURL?: string): Promise<Answer['json']> {
    const body = {
      userID: user.userID,
      roomID,
      userName: `name of ${user.userID}`,
      userAvatar: '',
      pushURL: pushURL ?? (await this.pushURL(user, roomID)),
    };
    return (await this.post(`${type}/add_pusher`, user, body)).json;
  }

  async create(user: User, roomID: string, type = 'double_room'): Promise<void> {
    const created = await this.post(`${type}/create_room`, user, { userID: user.userID, roomInfo: 'info', roomID });
    if (created.json.code !== 0) throw new Error(`create_room: ${created.text}`);
  }

  async close(): Promise<void> {
    await this.service.close();
  }
}
