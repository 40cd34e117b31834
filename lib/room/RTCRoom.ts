import type { RoomInfo } from '../api/answers.js';
import { checkProxy } from '../api/ProxyTunnels.js';
import { type CallOptions, type LoginInput, RoomApi } from '../api/RoomApi.js';
import { serviceBase } from '../api/ServiceClient.js';
import { maxRoomInfoLength } from '../api/serviceErrors.js';
import { RtcError } from '../errors.js';
import { AutoImChannel } from '../im/AutoImChannel.js';
import { encodeC2c, encodeRoomCustom, encodeRoomText, type ImElement } from '../im/codec.js';
import type { ImChannel } from '../im/ImChannel.js';
import { SilentImChannel } from '../im/SilentImChannel.js';
import type { PlayerOptions, TXLivePlayer } from '../live/TXLivePlayer.js';
import type { PusherOptions, TXLivePusher } from '../live/TXLivePusher.js';
import { SafeEmitter, warnOfListener } from '../SafeEmitter.js';
import { Account, type RoomApiLike } from './Account.js';
import { AutoPlay } from './AutoPlay.js';
import type { RTCRoomEvents } from './events.js';
import { LocalMedia, type LocalPreviewOptions } from './LocalMedia.js';
import type { RoomMember } from './members.js';
import { RemoteViews } from './RemoteViews.js';
import { type RoomState, RoomStateMachine } from './RoomState.js';
import { RoomStay, type RoomStayOptions } from './RoomStay.js';
import type { ScreenPreviewOptions } from './ScreenShare.js';
import { settleWithin } from './settleWithin.js';

export interface RTCRoomOptions {
  /** Options of the pusher that startLocalPreview makes. */
  pusher?: PusherOptions;
  /** Deadline of a call to the room service, ms. Default 5000; it also bounds what leaving waits for. */
  timeoutMs?: number;
  /**
   * `http://[user:password@]host[:80]` (CONNECT) or `socks5://[user:password@]host[:1080]`, user and password
   * percent-encoded: calls, messages, push and players all go through it, unless the options of pusher or player name
   * another. For media the embedded engine is needed. Default none.
   */
  proxy?: string;
  /**
   * Plays every other member from its joining to its leaving: players come by the event `playerStart`, end by themselves
   * (`playerEnd`), and are made anew when a stream is lost or a member comes back with another one. addRemoteView and
   * removeRemoteView take a member out of it until it joins again. Default off.
   */
  autoPlay?: boolean | AutoPlayOptions;
  /** Default 5000 ms; the service takes the seat away after 20 s without one. */
  heartbeatIntervalMs?: number;
  /**
   * `auto`: the room service's own messages, or none where it has none, as the Java and Node services of 2018, found out
   * at login (HTTP 404). `none` does not ask for them. Without messages members are asked for with each heartbeat, and
   * sending is ERR_RTC_IM_UNAVAILABLE; `hasMessages` tells. Default `auto`.
   */
  messages?: 'auto' | 'none';
  /**
   * Makers of what the room stands on, for tests and other channels: `createChannel` gives an ImChannel of your own, as
   * one on Tencent's IM SDK (docs/rooms.md).
   */
  factories?: Partial<RTCRoomFactories>;
}

export interface AutoPlayOptions {
  /** Options of the players; a function is asked for each member. */
  player?: PlayerOptions | ((member: RoomMember) => PlayerOptions | undefined);
}

interface ServiceOptions {
  serverDomain: string;
  timeoutMs: number;
  proxy: string | undefined;
}

export interface RTCRoomFactories {
  createApi: (options: ServiceOptions) => RoomApiLike;
  createChannel: (options: ServiceOptions) => ImChannel;
  createPusher: (options: PusherOptions | undefined) => Promise<TXLivePusher> | TXLivePusher;
  createPlayer: (options: PlayerOptions | undefined) => Promise<TXLivePlayer> | TXLivePlayer;
}

export interface LoginOptions extends LoginInput {
  /** The room service's address with the room type: `https://HOST/weapp/double_room` or `…/multi_room`. */
  serverDomain: string;
  /** Shown to the others. Default: the userID. */
  userName?: string;
  /** Address of a picture. Default empty. */
  userAvatar?: string;
}

export type RTCRoomPreviewOptions = LocalPreviewOptions<TXLivePusher>;

export interface RemoteViewOptions extends CallOptions {
  player?: PlayerOptions;
  /** Called with the player before it starts, for listeners that must not miss the first frame. */
  onPlayer?: (player: TXLivePlayer) => void;
}

interface User {
  account: Account;
  serverDomain: string;
  userID: string;
  userName: string;
  userAvatar: string;
}

const inRoom: readonly RoomState[] = ['inRoom'];

/**
 * A room for a video call: one's own push, the other members' streams, texts. Works with `double_room` and `multi_room`
 * services. States are in `roomTransitions`; every call rejects with an RtcError and leaves nothing behind when it does.
 *
 * ```ts
 * const room = new RTCRoom();
 * await room.login({ serverDomain, sdkAppID, accountType, userID, userSig });
 * await room.startLocalPreview({ video: { source: 'synthetic' }, audio: { source: 'synthetic' } });
 * room.on('memberJoin', async ({ userID }) => {
 *   const player = await room.addRemoteView(userID);
 *   await player.captureVideoSnapShot(`${userID}.png`);
 * });
 * const roomID = await room.createRoom({ roomInfo: 'hello' });
 * ```
 */
export class RTCRoom extends SafeEmitter<RTCRoomEvents> {
  readonly #options: RTCRoomOptions;
  readonly #timeoutMs: number;
  readonly #factories: RTCRoomFactories;
  readonly #machine = new RoomStateMachine((change) => this.emit('state', change));
  readonly #media: LocalMedia<TXLivePusher>;
  readonly #views: RemoteViews<TXLivePlayer, PlayerOptions>;
  readonly #autoPlay: AutoPlay<TXLivePlayer, PlayerOptions> | undefined;
  #user: User | undefined;
  #login: AbortController | undefined;
  #stay: RoomStay | undefined;
  #isKicked = false;
  #closing: Promise<void> | undefined;

  constructor(options: RTCRoomOptions = {}) {
    super();
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? 5000;
    const { messages = 'auto', proxy } = options;
    if (messages !== 'auto' && messages !== 'none') {
      throw new RtcError('ERR_RTC_INVALID_ARGUMENT', "messages must be 'auto' or 'none'");
    }
    if (proxy !== undefined) checkProxy(proxy);
    this.#factories = {
      createApi: (input) => new RoomApi(input),
      createChannel: (input) => (messages === 'none' ? new SilentImChannel() : new AutoImChannel(input)),
      // Loaded when first needed: a program that only lists rooms needs no native addon.
      createPusher: async (input) => new (await import('../live/TXLivePusher.js')).TXLivePusher(input),
      createPlayer: async (input) => new (await import('../live/TXLivePlayer.js')).TXLivePlayer(input),
      ...options.factories,
    };
    this.#media = new LocalMedia({
      create: () => this.#factories.createPusher(proxy === undefined ? options.pusher : { proxy, ...options.pusher }),
      onEvent: (event) => this.emit('pushEvent', event),
      onGiveUp: (event) => this.#stay?.pushLost(event),
    });
    this.#views = new RemoteViews({
      create: (input) => this.#factories.createPlayer(proxy === undefined ? input : { proxy, ...input }),
      onEvent: (userID, event) => this.emit('playEvent', userID, event),
      onLost: (userID, event) => {
        const remedy = this.#autoPlay?.lost(userID) ? 'it is played again when it is back' : 'add the view again';
        const message = `the stream of ${userID} was cut and could not be mended (${event.name}): ${remedy}`;
        this.emit(
          'error',
          new RtcError('ERR_RTC_SERVER_DISCONNECTED', message, { nativeCode: event.nativeCode }),
          userID,
        );
      },
      onError: (error, userID) => {
        const message = `the player of ${userID} could not be closed; please report this`;
        this.emit('error', new RtcError('ERR_RTC_INTERNAL', message, { cause: error }), userID);
      },
    });
    const { autoPlay = false } = options;
    if (autoPlay) this.#autoPlay = this.#autoPlayOf(autoPlay === true ? {} : autoPlay);
  }

  #autoPlayOf(options: AutoPlayOptions): AutoPlay<TXLivePlayer, PlayerOptions> {
    const { player } = options;
    return new AutoPlay({
      play: async (member, input) => {
        const stay = this.#stay;
        const made = await this.#views.add(member, input);
        stay?.played();
        return made;
      },
      member: (userID) => this.#stay?.members.get(userID),
      playerOptions: (member) => (typeof player === 'function' ? player(member) : player),
      onStart: (made, member) => this.emit('playerStart', made, member),
      onEnd: (made, member) => this.emit('playerEnd', made, member),
      onError: (error, userID) => this.emit('error', error, userID),
    });
  }

  get state(): RoomState {
    return this.#machine.state;
  }

  /** The user's own pusher; undefined before startLocalPreview and after leaving. */
  get pusher(): TXLivePusher | undefined {
    return this.#media.pusher;
  }

  /** The other members as last read, in order of joining. */
  get members(): readonly RoomMember[] {
    return [...(this.#stay?.members.values() ?? [])];
  }

  /** Of the room that one is in or is entering; undefined outside. */
  get roomID(): string | undefined {
    return this.#stay?.roomID || undefined;
  }

  get userID(): string | undefined {
    return this.#user?.userID;
  }

  /** Whether the service that one is logged in at has messages; see the option `messages`. False when logged out. */
  get hasMessages(): boolean {
    return this.#user?.account.channel.carriesMessages ?? false;
  }

  /**
   * Logs in at the room service and opens the message channel. A login of the same user elsewhere ends this one
   * (`kickedOffline`, and ERR_RTC_KICKED for calls under way). Rejects with ERR_RTC_AUTH when the userSig is refused.
   */
  async login(options: LoginOptions, { signal }: CallOptions = {}): Promise<void> {
    this.#machine.need(['loggedOut'], 'login', 'log out first');
    if (this.#login) throw new RtcError('ERR_RTC_INVALID_STATE', 'a login is under way: wait for it');
    const { sdkAppID, accountType, userID, userSig, userName = userID, userAvatar = '' } = options;
    needText(userID, 'userID');
    needText(userSig, 'userSig');
    const { proxy } = this.#options;
    const input = { serverDomain: serviceBase(options.serverDomain), timeoutMs: this.#timeoutMs, proxy };
    const stop = new AbortController();
    const account = new Account({
      api: this.#factories.createApi(input),
      channel: this.#factories.createChannel(input),
      credentials: { sdkAppID, accountType, userID, userSig },
      onAuthLost: (error) => {
        if (this.#stay) this.#stay.authLost(error);
        else this.emit('error', error);
      },
    });
    this.#login = stop;
    try {
      await account.login(signal ? AbortSignal.any([signal, stop.signal]) : stop.signal);
      if (stop.signal.aborted) throw new RtcError('ERR_RTC_ABORTED', 'login was stopped by close()');
    } catch (error) {
      // With a token but no channel the service still counts the user as logged in.
      if (account.api.session) await settleWithin([{ name: 'logout', done: account.logout() }], this.#timeoutMs);
      await this.#closeAccount(account);
      throw error;
    } finally {
      this.#login = undefined;
    }
    this.#isKicked = false;
    this.#user = { account, serverDomain: input.serverDomain, userID, userName, userAvatar };
    this.#listen(account.channel, userID);
    this.#machine.to('idle', 'login');
  }

  /** Leaves the room, if in one, and logs out. A dead service is reported as `error`; locally all is clean in any case. */
  async logout(): Promise<void> {
    await this.#logout('logout');
  }

  async #logout(cause: 'logout' | 'close'): Promise<void> {
    await this.#stay?.leave(cause);
    const user = this.#user;
    if (!user) return;
    this.#user = undefined;
    const failures = await settleWithin([{ name: 'logout', done: user.account.logout() }], this.#timeoutMs);
    failures.push(...(await this.#closeAccount(user.account)));
    if (this.#machine.state === 'idle') this.#machine.to('loggedOut', cause);
    for (const failure of failures) this.emit('error', failure);
  }

  /** Rooms with members, at most `cnt` (default 20) after skipping `index` (default 0). */
  async getRoomList(options: { index?: number; cnt?: number } & CallOptions = {}): Promise<RoomInfo[]> {
    const { index = 0, cnt = 20, signal } = options;
    needCount(index, 'index');
    needCount(cnt, 'cnt');
    return await this.#needUser('getRoomList').account.call((api) => api.getRoomList({ index, cnt }, { signal }));
  }

  /**
   * Pushes, and when the push has begun creates the room and enters it; gives its id. Needs startLocalPreview first.
   * ERR_RTC_ROOM_EXISTS when `roomID` is taken; ERR_RTC_ROOM_INFO_TOO_LONG beyond 1024 characters.
   */
  async createRoom(options: { roomID?: string; roomInfo?: string } & CallOptions = {}): Promise<string> {
    const { roomID = '', roomInfo = '', signal } = options;
    needString(roomID, 'roomID');
    needString(roomInfo, 'roomInfo');
    if (roomInfo.length > maxRoomInfoLength) {
      const message = `roomInfo has ${roomInfo.length} characters: keep it within ${maxRoomInfoLength}`;
      throw new RtcError('ERR_RTC_ROOM_INFO_TOO_LONG', message);
    }
    return await this.#join('create', roomID, roomInfo, signal);
  }

  /**
   * Pushes, and when the push has begun enters the room. Needs startLocalPreview first.
   * ERR_RTC_ROOM_NOT_FOUND, ERR_RTC_ROOM_FULL.
   */
  async enterRoom(options: { roomID: string } & CallOptions): Promise<void> {
    needText(options.roomID, 'roomID');
    await this.#join('enter', options.roomID, '', options.signal);
  }

  /**
   * Leaves: push, preview and players end, the seat is given back. During createRoom or enterRoom it stops those (they
   * reject with ERR_RTC_ABORTED) and the preview stays. Outside a room it is nothing. Never rejects; a dead service is reported as `error`.
   */
  async exitRoom(): Promise<void> {
    await this.#stay?.leave('exitRoom');
  }

  /** The Windows client's name for exitRoom. */
  leaveRoom(): Promise<void> {
    return this.exitRoom();
  }

  /** ERR_RTC_MESSAGE_EMPTY for blank text, ERR_RTC_MESSAGE_TOO_LONG beyond 8898 bytes of UTF-8, header included. */
  async sendRoomTextMsg(text: string, options: CallOptions = {}): Promise<void> {
    needString(text, 'text');
    if (text.trim() === '') throw new RtcError('ERR_RTC_MESSAGE_EMPTY', 'the text is blank: give one with characters');
    const user = this.#needUser('sendRoomTextMsg', inRoom);
    await this.#sendGroup(user, encodeRoomText(user, text), options);
  }

  /** A message for programs: `cmd` names it, `msg` is its content, often JSON. */
  async sendRoomCustomMsg(cmd: string, msg: string, options: CallOptions = {}): Promise<void> {
    needText(cmd, 'cmd');
    needString(msg, 'msg');
    const user = this.#needUser('sendRoomCustomMsg', inRoom);
    await this.#sendGroup(user, encodeRoomCustom(user, cmd, msg), options);
  }

  /** The same to one user, in a room or not. ERR_RTC_IM_FAILED when that user is not logged in. */
  async sendC2CCustomMsg(userID: string, cmd: string, msg: string, options: CallOptions = {}): Promise<void> {
    needText(userID, 'userID');
    needText(cmd, 'cmd');
    needString(msg, 'msg');
    const user = this.#needUser('sendC2CCustomMsg');
    const { account } = user;
    await account.call(() => account.channel.sendC2c(userID, encodeC2c(user, cmd, msg), options));
  }

  /** Starts what will be pushed, in any state. A source that runs already is replaced. */
  async startLocalPreview(options: RTCRoomPreviewOptions): Promise<void> {
    this.#needOpen('startLocalPreview');
    await this.#media.startPreview(options);
  }

  /** Camera off: in a room the push goes on with sound alone, outside the pusher is closed. */
  async stopLocalPreview(): Promise<void> {
    await this.#media.stopPreview();
  }

  /**
   * Shares the screen in place of the camera, in any state: the same push and membership, so that the others see the new
   * picture where the old one was. The quality is the SDK's for slides (VideoQualityPreset.STILLIMAGE), neither side is
   * mirrored, and what the machine plays is mixed in where the engine can. startLocalPreview takes the camera again, with
   * the settings that it had.
   *
   * @throws ERR_RTC_INVALID_ARGUMENT no such window or screen; then the camera goes on. What TXLivePusher.startPreview throws
   */
  async startScreenPreview(options: ScreenPreviewOptions = {}): Promise<void> {
    this.#needOpen('startScreenPreview');
    await this.#media.startScreen(options);
  }

  /** Ends the sharing: in a room the push goes on with sound alone until startLocalPreview. Nothing where none is shared. */
  async stopScreenPreview(): Promise<void> {
    await this.#media.stopScreen();
  }

  /** Mutes the pushed sound; kept over rooms. */
  setMute(mute: boolean): void {
    this.#needOpen('setMute');
    this.#media.setMute(mute);
  }

  /**
   * Plays a member's stream; resolves with its player when the first picture is there (PLAY_EVT_PLAY_BEGIN). A view
   * that the member has already is replaced. The room closes the player when the member or the user leaves, when the
   * stream is lost, or by removeRemoteView. ERR_RTC_NOT_ROOM_MEMBER when nobody of that name is in the room.
   */
  async addRemoteView(userID: string, options: RemoteViewOptions = {}): Promise<TXLivePlayer> {
    this.#machine.need(inRoom, 'addRemoteView', 'create or enter a room first');
    const stay = this.#stay;
    const member = stay?.members.get(userID);
    if (!stay || !member) {
      const message = `addRemoteView: ${JSON.stringify(userID)} is not another member of the room; see members`;
      throw new RtcError('ERR_RTC_NOT_ROOM_MEMBER', message);
    }
    this.#autoPlay?.stop(userID);
    const player = await this.#views.add(member, options);
    stay.played();
    return player;
  }

  /** Stops and closes the member's player; nothing when there is none. */
  async removeRemoteView(userID: string): Promise<void> {
    await this.#remove(userID);
  }

  /** Leaves, logs out and frees everything; stops a login under way. Again it gives the same promise. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  protected override onListenerError(error: unknown, eventName: string): void {
    if (eventName === 'listenerError' || this.listenerCount('listenerError') === 0) warnOfListener(error, eventName);
    else this.emit('listenerError', error, eventName);
  }

  async #close(): Promise<void> {
    this.#login?.abort();
    await this.#logout('close');
    this.#autoPlay?.clear();
    await Promise.all([this.#views.clear(), this.#media.release()]);
    this.#machine.to('closed', 'close');
  }

  #remove(userID: string): Promise<void> {
    this.#autoPlay?.stop(userID);
    return this.#views.remove(userID);
  }

  async #join(kind: 'create' | 'enter', roomID: string, roomInfo: string, signal?: AbortSignal): Promise<string> {
    const what = kind === 'create' ? 'createRoom' : 'enterRoom';
    this.#machine.need(['idle'], what, 'log in, and leave the room that you are in, first');
    if (this.#closing) throw new RtcError('ERR_RTC_CLOSED', `${what}: this RTCRoom is closed; make a new one`);
    const user = this.#needUser(what);
    if (!this.#media.isReady) {
      throw new RtcError(
        'ERR_RTC_INVALID_STATE',
        `${what} needs a picture or sound to push: call startLocalPreview first`,
      );
    }
    if (signal?.aborted)
      throw new RtcError('ERR_RTC_ABORTED', `${what} was aborted by its signal`, { cause: signal.reason });
    const { account, userID, userName, userAvatar, serverDomain } = user;
    const stay = new RoomStay({
      kind,
      roomID,
      roomInfo,
      userID,
      userName,
      userAvatar,
      account,
      seats: serverDomain.endsWith('/double_room') ? 2 : undefined,
      heartbeatIntervalMs: this.#options.heartbeatIntervalMs ?? 5000,
      leaveTimeoutMs: this.#timeoutMs,
      media: this.#media,
      views: {
        joined: ({ userID: other }) => this.#autoPlay?.start(other),
        remove: (other) => this.#remove(other),
        clear: () => {
          this.#autoPlay?.clear();
          return this.#views.clear();
        },
      },
      toState: (state, cause) => this.#machine.to(state, cause),
      emit: this.emit.bind(this) as RoomStayOptions['emit'],
      onEnd: (reason) => {
        this.#stay = undefined;
        if (this.#isKicked) this.#machine.to('loggedOut', 'kicked');
        else this.#machine.to('idle', 'left');
        if (reason) this.emit('roomClosed', { roomID: stay.roomID, reason });
      },
    });
    this.#stay = stay;
    this.#machine.to('preparing', what);
    return await stay.join(signal);
  }

  #sendGroup(user: User, elements: ImElement[], options: CallOptions): Promise<void> {
    const { account } = user;
    const roomID = this.#stay?.roomID ?? '';
    return account.call(() => account.channel.sendGroup(roomID, elements, options));
  }

  #listen(channel: ImChannel, ownUserID: string): void {
    const hear = (groupID: string, from: string, tell: () => void) => {
      if (groupID === this.#stay?.roomID && from !== ownUserID) this.#stay.hear(tell);
    };
    // Senders of the 2018 scheme may leave their name out; the member list knows it.
    const sender = ({
      from,
      userName,
      userAvatar,
      time,
    }: {
      from: string;
      userName: string;
      userAvatar: string;
      time: number;
    }) => {
      const member = this.#stay?.members.get(from);
      return {
        userID: from,
        userName: userName || member?.userName || from,
        userAvatar: userAvatar || member?.userAvatar || '',
        time,
      };
    };
    channel.on('notify', ({ groupID, version }) => {
      if (groupID === this.#stay?.roomID) this.#stay.noticed(version);
    });
    channel.on('groupClosed', ({ groupID, reason }) => {
      if (groupID === this.#stay?.roomID) this.#stay.closedByService(reason);
    });
    channel.on('resync', () => this.#stay?.resync());
    channel.on('groupText', (message) => {
      const { groupID: roomID, text } = message;
      hear(roomID, message.from, () => this.emit('textMsg', { roomID, ...sender(message), text }));
    });
    channel.on('groupCustom', (message) => {
      const { groupID: roomID, cmd, msg } = message;
      hear(roomID, message.from, () => this.emit('customMsg', { roomID, ...sender(message), cmd, msg }));
    });
    channel.on('c2cCustom', (message) =>
      this.emit('c2cCustomMsg', { ...sender(message), cmd: message.cmd, msg: message.msg }),
    );
    channel.on('fault', (error) => this.emit('error', error));
    channel.on('kicked', () => void this.#onKicked());
  }

  async #onKicked(): Promise<void> {
    const user = this.#user;
    if (!user || this.#isKicked) return;
    this.#isKicked = true;
    this.#user = undefined;
    // The token is another one's now: the service would refuse whatever we say.
    await this.#stay?.leave('kicked');
    const failures = await this.#closeAccount(user.account);
    if (this.#machine.state === 'idle') this.#machine.to('loggedOut', 'kicked');
    this.emit('kickedOffline');
    for (const failure of failures) this.emit('error', failure);
  }

  /** A channel of the application's own may fail at that, or never be done. */
  #closeAccount(account: Account): Promise<RtcError[]> {
    return settleWithin([{ name: 'closing the message channel', done: account.close() }], this.#timeoutMs);
  }

  #needUser(what: string, states: readonly RoomState[] = ['idle', 'preparing', 'joining', 'inRoom']): User {
    this.#machine.need(states, what, states === inRoom ? 'create or enter a room first' : 'log in first');
    if (this.#user) return this.#user;
    throw new RtcError('ERR_RTC_INVALID_STATE', `${what} needs a login: log in first`);
  }

  #needOpen(what: string): void {
    if (this.#closing) throw new RtcError('ERR_RTC_CLOSED', `${what}: this RTCRoom is closed; make a new one`);
  }
}

function needString(value: unknown, name: string): void {
  if (typeof value !== 'string') throw new RtcError('ERR_RTC_INVALID_ARGUMENT', `${name} must be a string`);
}

function needText(value: unknown, name: string): void {
  if (typeof value !== 'string' || value === '') {
    throw new RtcError('ERR_RTC_INVALID_ARGUMENT', `${name} must be a string that is not empty`);
  }
}

function needCount(value: unknown, name: string): void {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new RtcError('ERR_RTC_INVALID_ARGUMENT', `${name} must be an integer of 0 or more`);
  }
}
