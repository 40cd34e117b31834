import type { ImEvent } from '#lib/server/im/events';
import { type Answer, type Element, OldClient } from './OldClient.js';

interface Member {
  userID: string;
  accelerateURL: string;
}

/** How the client names the service's codes. */
const errorCodes: Record<string, number> = {
  0: 0,
  1: -2001,
  2: -2002,
  3: -2003,
  4: -2004,
  5: -2005,
  6: -2006,
  7: -2002,
};

/**
 * Behaves as the Windows client of 2018 does towards its servers: pushes before the room is there, beats every 5 s and
 * looks at no answer, leaves without destroying. Written from the specification alone.
 */
export class WindowsClient extends OldClient {
  roomID = '';
  pushURL = '';
  members: Member[] = [];
  readonly #serverDomain: string;
  #inRoom = false;

  constructor(deployment: ConstructorParameters<typeof OldClient>[0], userID: string, type: string) {
    super(deployment, userID);
    // Without a slash at its end.
    this.#serverDomain = deployment.serverDomain(type);
  }

  /** -1003: the answer is not JSON. */
  #error(answer: Answer): number {
    return answer === undefined ? -1003 : (errorCodes[answer.code] ?? -2007);
  }

  #post(method: string, body: object | undefined, query = `userID=${this.userID}&token=${this.token}`) {
    const text =
      body === undefined
        ? ''
        : `${JSON.stringify(Object.fromEntries(Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1))))}\n`;
    const headers = { Accept: '*/*', 'Content-Type': 'application/json; charset=utf-8' };
    return this.http(`${this.#serverDomain}/${method}?${query}`, headers, text);
  }

  async login(): Promise<void> {
    const { sdkAppID, accountType, userID, userSig } = this;
    const query = `sdkAppID=${sdkAppID}&accountType=${accountType}&userID=${userID}&userSig=${userSig}`;
    const answer = await this.#post('login', undefined, query);
    this.token = answer?.token ?? '';
    // It logs in to Tencent's IM before; the service's own wants the token.
    if (this.token) await this.loginIm();
    this.events.push(['onLogin', this.#error(answer)]);
  }

  async getRoomList(index: number, cnt: number): Promise<Answer[]> {
    const answer = await this.#post('get_room_list', { cnt, index });
    if (!Array.isArray(answer?.rooms)) throw new Error(`-1003: ${JSON.stringify(answer)}`);
    return answer.rooms;
  }

  async createRoom(roomInfo: string): Promise<void> {
    if (!(await this.#push('onCreateRoom'))) return;
    const created = await this.#post('create_room', { roomID: '', roomInfo, userID: this.userID });
    if (created?.code !== 0) {
      this.events.push(['onCreateRoom', this.#error(created), '']);
      return;
    }
    this.roomID = created.roomID;
    this.#inRoom = true;
    this.#beat();
    const added = await this.#add();
    this.events.push(['onCreateRoom', this.#error(added), this.roomID]);
    if (added?.code === 0) await this.#update();
  }

  async enterRoom(roomID: string): Promise<void> {
    if (!(await this.#push('onEnterRoom'))) return;
    this.roomID = roomID;
    this.#inRoom = true;
    this.#beat();
    const added = await this.#add();
    this.events.push(['onEnterRoom', this.#error(added)]);
    if (added?.code === 0) await this.#update();
  }

  async leaveRoom(): Promise<void> {
    // BUG of the original, kept: when the room was closed it returns early.
    if (!this.#inRoom) return;
    const { roomID, userID } = this;
    this.stopTimers();
    this.#inRoom = false;
    this.members = [];
    this.roomID = '';
    await this.#post('delete_pusher', { roomID, userID });
  }

  async logout(): Promise<void> {
    await this.#post('logout', undefined);
    this.crash();
  }

  async sendRoomTextMsg(text: string): Promise<void> {
    const data = { headpic: `avatar of ${this.userID}`, nickName: `name of ${this.userID}` };
    const header = `${JSON.stringify({ cmd: 'CustomTextMsg', data })}\n`;
    await this.sendIm(this.roomID, [
      { type: 'custom', data: header },
      { type: 'text', text },
    ]);
  }

  protected async onIm(event: ImEvent): Promise<void> {
    if (event.type === 'kicked') this.events.push(['onTIMKickOffline']);
    if (event.type === 'groupClosed' && event.groupID === this.roomID) {
      this.#inRoom = false;
      this.stopTimers();
      this.events.push(['onRoomClosed', this.roomID]);
    }
    if (event.type === 'system' && event.groupID === this.roomID && this.#inRoom) {
      if (JSON.parse(event.data).cmd === 'notifyPusherChange') await this.#update();
    }
    if (event.type === 'group' && event.groupID === this.roomID) this.#onMessage(event.from, event.elements);
  }

  /** Exactly two elements, the header first. */
  #onMessage(from: string, elements: readonly Element[]): void {
    if (elements.length !== 2) return;
    let header: Answer;
    for (const element of elements) {
      if (element.type === 'custom') header = JSON.parse(element.data);
      else if (header?.cmd === 'CustomTextMsg') {
        const { nickName = '', headpic = '' } = header.data;
        this.events.push(['onRecvRoomTextMsg', this.roomID, from, nickName, headpic, element.text]);
      }
    }
  }

  async #push(callback: string): Promise<boolean> {
    const answer = await this.#post('get_push_url', { userID: this.userID });
    if (answer?.code !== 0) {
      this.events.push([callback, this.#error(answer)]);
      return false;
    }
    this.pushURL = answer.pushURL;
    return true;
  }

  #beat(): void {
    this.every(5000, async () => {
      await this.#post('pusher_heartbeat', { roomID: this.roomID, userID: this.userID });
    });
  }

  #add(): Promise<Answer> {
    const { userID, roomID, pushURL } = this;
    const userAvatar = `avatar of ${userID}`;
    return this.#post('add_pusher', { pushURL, roomID, userAvatar, userID, userName: `name of ${userID}` });
  }

  /** Quits first, then joins, then the whole. */
  async #update(): Promise<void> {
    const room = await this.#post('get_pushers', { roomID: this.roomID });
    if (room?.code === 0) {
      const now = room.pushers as Member[];
      const absent = (list: Member[], other: Member[]) =>
        list.filter(({ userID }) => userID !== this.userID && !other.some((one) => one.userID === userID));
      for (const { userID } of absent(this.members, now)) this.events.push(['onPusherQuit', userID]);
      for (const { userID } of absent(now, this.members)) this.events.push(['onPusherJoin', userID]);
      this.members = now;
      this.roomID = room.roomID;
    }
    this.events.push(['onUpdateRoomData', this.#error(room)]);
  }
}
