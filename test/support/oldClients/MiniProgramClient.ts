import type { ImEvent } from '#lib/server/im/events';
import { type Answer, type Element, OldClient } from './OldClient.js';

interface Member {
  userID: string;
  accelerateURL: string;
}

/**
 * Behaves as the mini-program of 2018 does towards its servers: makes the room before it pushes, beats after 3 s and
 * then every 7 s, writes its messages' header without escaping. Written from the specification alone.
 */
export class MiniProgramClient extends OldClient {
  roomID = '';
  pushURL = '';
  members: Member[] = [];
  readonly #serverDomain: string;
  #roomInfo = '';
  #isDestroyed = false;

  constructor(deployment: ConstructorParameters<typeof OldClient>[0], userID: string, type: string) {
    super(deployment, userID);
    // With a slash at its end.
    this.#serverDomain = `${deployment.serverDomain(type)}/`;
  }

  #post(method: string, body: object, query = `userID=${this.userID}&token=${this.token}`): Promise<Answer> {
    const url = `${this.#serverDomain}${method}?${query}`;
    return this.http(url, { 'content-type': 'application/json' }, JSON.stringify(body));
  }

  #fail(errCode: number, answer: Answer): void {
    this.events.push(['error', errCode, answer?.code]);
  }

  async login(): Promise<void> {
    const { sdkAppID, accountType, userID, userSig } = this;
    const query = `accountType=${accountType}&sdkAppID=${sdkAppID}&userSig=${userSig}&userID=${userID}`;
    const answer = await this.#post('login', {}, query);
    if (answer?.code !== 0) {
      this.events.push(['login', answer?.code]);
      return;
    }
    this.token = answer.token;
    await this.loginIm();
    this.events.push(['login', 0]);
  }

  async getRoomList(): Promise<Answer[]> {
    const { code, rooms } = await this.#post('get_room_list', { index: 0, cnt: 20 });
    if (code !== 0) throw new Error(`get_room_list: ${code}`);
    return rooms;
  }

  async createRoom(roomInfo: string): Promise<void> {
    this.#begin(roomInfo);
    const created = await this.#post('create_room', { userID: this.userID, roomInfo });
    if (created?.code !== 0) return this.#fail(-2, created);
    this.roomID = created.roomID;
    const pushing = await this.#post('get_push_url', { roomID: this.roomID, userID: this.userID });
    if (pushing?.code !== 0) return this.#fail(-1, pushing);
    this.pushURL = pushing.pushURL;
    await this.#join();
  }

  async enterRoom(roomID: string): Promise<void> {
    this.#begin('');
    this.roomID = roomID;
    const [pushing, room] = await Promise.all([
      this.#post('get_push_url', { roomID, userID: this.userID }),
      this.#post('get_pushers', { roomID }),
    ]);
    if (pushing?.code !== 0) return this.#fail(-1, pushing);
    if (room?.code === 0) {
      this.#roomInfo = room.roomInfo;
      this.#differ(room);
    }
    this.pushURL = pushing.pushURL;
    await this.#join();
  }

  async exitRoom(): Promise<void> {
    this.stopTimers();
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    const { roomID, userID } = this;
    this.roomID = '';
    this.members = [];
    await this.#post('delete_pusher', { roomID, userID });
  }

  async logout(): Promise<void> {
    await this.#post('logout', {});
    this.crash();
  }

  async sendRoomTextMsg(text: string): Promise<void> {
    const header = `{"cmd":"CustomTextMsg","data":{"nickName":"name of ${this.userID}","headPic":"avatar of ${this.userID}"}}`;
    await this.sendIm(this.roomID, [
      { type: 'custom', data: header },
      { type: 'text', text },
    ]);
  }

  protected async onIm(event: ImEvent): Promise<void> {
    if (event.type === 'groupClosed') {
      this.#isDestroyed = true;
      this.events.push(['roomClosed']);
    }
    if (event.type === 'system' && !this.#isDestroyed && JSON.parse(event.data).cmd === 'notifyPusherChange') {
      this.#differ(await this.#post('get_pushers', { roomID: this.roomID }));
    }
    if (event.type === 'group') this.#onMessage(event.elements);
  }

  /** All elements in one text, cut where the header ends. */
  #onMessage(elements: readonly Element[]): void {
    const content = elements.map((one) => (one.type === 'custom' ? one.data : one.text)).join('');
    const [first = '', ...rest] = content.split('}}');
    const header = JSON.parse(`${first}}}`);
    const { nickName, headPic } = header.data;
    this.events.push(['recvTextMsg', nickName, headPic, rest.join('}}')]);
  }

  #begin(roomInfo: string): void {
    this.#isDestroyed = false;
    this.#roomInfo = roomInfo;
    this.members = [];
  }

  async #join(): Promise<void> {
    const { userID, roomID, pushURL } = this;
    const userName = `name of ${userID}`;
    const body = { roomID, roomInfo: this.#roomInfo, userID, userName, userAvatar: `avatar of ${userID}`, pushURL };
    const added = await this.#post('add_pusher', body);
    if (added?.code !== 0) {
      this.#fail(-3, added);
      return this.exitRoom();
    }
    const beat = async () => {
      await this.#post('pusher_heartbeat', { roomID: this.roomID, userID });
    };
    this.after(3000, beat);
    this.every(7000, beat);
    this.events.push(['joined', roomID]);
    this.#differ(await this.#post('get_pushers', { roomID }));
  }

  /** One event of all who joined, then one of all who quit. */
  #differ(room: Answer): void {
    if (room?.code !== 0) return;
    const now = (room.pushers as Member[]).filter(({ userID }) => userID !== this.userID);
    const absent = (list: Member[], other: Member[]) =>
      list.filter(({ userID }) => !other.some((one) => one.userID === userID)).map(({ userID }) => userID);
    const [joined, quit] = [absent(now, this.members), absent(this.members, now)];
    if (joined.length > 0) this.events.push(['pusherJoin', joined]);
    if (quit.length > 0) this.events.push(['pusherQuit', quit]);
    this.members = now;
  }
}
