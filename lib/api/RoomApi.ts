import { RtcError } from '../errors.js';
import { number, type RoomInfo, readRoom, readRooms, requiredText, text } from './answers.js';
import { type ServiceAnswer, ServiceClient, serviceBase } from './ServiceClient.js';

export interface RoomApiOptions {
  /** Address of the service with the room type: `https://HOST/weapp/double_room`. */
  serverDomain: string;
  /** Deadline of a call, ms. Default 5000. */
  timeoutMs?: number;
  /** Every connection goes through it: `http://[user:password@]host[:80]` or `socks5://[user:password@]host[:1080]`; none. */
  proxy?: string | undefined;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
}

export interface LoginInput {
  sdkAppID: number;
  accountType: string;
  userID: string;
  /** Signature that the app's own server made for the user. */
  userSig: string;
}

/** What a login gave. The token is a secret. */
export interface Session {
  readonly userID: string;
  readonly token: string;
}

export interface AddPusherInput {
  roomID: string;
  userName: string;
  userAvatar: string;
  pushURL: string;
}

export interface AddPusherResult {
  /** Empty unless a service of the 2018 scheme had to make the room. */
  roomID: string;
  version: number | undefined;
  epoch: number | undefined;
}

/** Both undefined from services of the 2018 scheme. */
export interface HeartbeatResult {
  /** Of the user's seat. */
  epoch: number | undefined;
  /** Of the room: a newer one than that of the last get_pushers means that a notice was lost or is on its way. */
  version: number | undefined;
}

/** A second create_room would meet the first one's room; a second logout, its own dead token. */
const onceOnly: ReadonlySet<string> = new Set(['create_room', 'logout']);

/**
 * The room service's HTTP calls for one room type, typed. A call without an answer is repeated within its deadline where
 * that does no harm (all but createRoom and logout). Every call rejects with an RtcError (`nativeCode` is the
 * service's code) and takes `{ signal }`. Calls other than `login` need a login first (ERR_RTC_INVALID_STATE).
 */
export class RoomApi {
  readonly serverDomain: string;
  readonly #client: ServiceClient;
  #session: Session | undefined;

  /** @throws RtcError ERR_RTC_INVALID_ARGUMENT for an address that cannot be one of a room service */
  constructor(options: RoomApiOptions) {
    this.serverDomain = serviceBase(options.serverDomain);
    this.#client = new ServiceClient(options);
  }

  get session(): Session | undefined {
    return this.#session;
  }

  async login(input: LoginInput, options: CallOptions = {}): Promise<Session> {
    const { sdkAppID, accountType, userID, userSig } = input;
    const answer = await this.#client.post({
      method: 'login',
      url: `${this.serverDomain}/login`,
      query: { sdkAppID, accountType, userID, userSig },
      body: {},
      signal: options.signal,
      isRepeatable: true,
    });
    this.#session = { userID: text(answer.userID) || userID, token: requiredText(answer, 'token', 'login') };
    return this.#session;
  }

  async logout(options: CallOptions = {}): Promise<void> {
    await this.#call('logout', {}, options);
    this.#session = undefined;
  }

  /** A push address for the user, of that room when it is known already. Secret: it holds the signature. */
  async getPushURL(input: { roomID?: string } = {}, options: CallOptions = {}): Promise<string> {
    const { userID } = this.#needSession('get_push_url');
    const body = input.roomID ? { roomID: input.roomID, userID } : { userID };
    return requiredText(await this.#call('get_push_url', body, options), 'pushURL', 'get_push_url');
  }

  /** Rooms with members: at most `cnt`, after skipping `index`. */
  async getRoomList(input: { index: number; cnt: number }, options: CallOptions = {}): Promise<RoomInfo[]> {
    return readRooms(await this.#call('get_room_list', { cnt: input.cnt, index: input.index }, options));
  }

  async getPushers(input: { roomID: string }, options: CallOptions = {}): Promise<RoomInfo> {
    return readRoom(await this.#call('get_pushers', { roomID: input.roomID }, options), input.roomID);
  }

  /** Gives the id of the room; an empty `roomID` lets the service choose one. */
  async createRoom(input: { roomID: string; roomInfo: string }, options: CallOptions = {}): Promise<string> {
    const { userID } = this.#needSession('create_room');
    const { roomID, roomInfo } = input;
    const answer = await this.#call('create_room', { roomID, roomInfo, userID }, options, roomInfo);
    return roomID || requiredText(answer, 'roomID', 'create_room');
  }

  async destroyRoom(input: { roomID: string }, options: CallOptions = {}): Promise<void> {
    const { userID } = this.#needSession('destroy_room');
    await this.#call('destroy_room', { roomID: input.roomID, userID }, options);
  }

  /** Takes a seat, or refreshes the one that the user has. */
  async addPusher(input: AddPusherInput, options: CallOptions = {}): Promise<AddPusherResult> {
    const { userID } = this.#needSession('add_pusher');
    const { pushURL, roomID, userAvatar, userName } = input;
    const answer = await this.#call('add_pusher', { pushURL, roomID, userAvatar, userID, userName }, options);
    return { roomID: text(answer.roomID), version: number(answer.version), epoch: number(answer.epoch) };
  }

  async deletePusher(input: { roomID: string }, options: CallOptions = {}): Promise<void> {
    const { userID } = this.#needSession('delete_pusher');
    await this.#call('delete_pusher', { roomID: input.roomID, userID }, options);
  }

  async heartbeat(input: { roomID: string }, options: CallOptions = {}): Promise<HeartbeatResult> {
    const { userID } = this.#needSession('pusher_heartbeat');
    const answer = await this.#call('pusher_heartbeat', { roomID: input.roomID, userID }, options);
    return { epoch: number(answer.epoch), version: number(answer.version) };
  }

  /** Cuts calls under way (ERR_RTC_ABORTED) and closes the connections. Closing twice is nothing. */
  async close(): Promise<void> {
    this.#session = undefined;
    await this.#client.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #call(
    method: string,
    body: Readonly<Record<string, unknown>>,
    options: CallOptions,
    roomInfo?: string,
  ): Promise<ServiceAnswer> {
    const { userID, token } = this.#needSession(method);
    return await this.#client.post({
      method,
      url: `${this.serverDomain}/${method}`,
      query: { userID, token },
      body,
      signal: options.signal,
      isRepeatable: !onceOnly.has(method),
      ...(roomInfo === undefined ? {} : { roomInfo }),
    });
  }

  #needSession(method: string): Session {
    if (this.#session) return this.#session;
    throw new RtcError('ERR_RTC_INVALID_STATE', `${method} needs a login: call login() first`);
  }
}
