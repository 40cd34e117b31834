import { RTCRoom } from '#lib/room/RTCRoom';
import { FakeMedia } from '../client/fakeMedia.js';
import { synthetic } from '../client/roomFixture.js';
import { sdkAppID } from '../server/roomClient.js';
import type { Crowd } from './Crowd.js';
import { Heard } from './Heard.js';

/** A member that is this package's own client, without media. */
export class RealMember {
  readonly userID: string;
  readonly room: RTCRoom;
  readonly crowd: Crowd;
  readonly heard: Heard;
  readonly accepted: number[] = [];
  /** Numbers of texts of which nobody said whether they were taken. */
  readonly unsure: number[] = [];
  mayEnd = false;
  #texts = 0;
  /** Whom its events told to be there. */
  readonly #told = new Set<string>();

  constructor(crowd: Crowd, userID: string) {
    this.crowd = crowd;
    this.userID = userID;
    this.heard = new Heard(userID, (text) => crowd.fault(text));
    const media = new FakeMedia();
    const factories = { createPusher: media.createPusher as never, createPlayer: media.createPlayer as never };
    this.room = new RTCRoom({ heartbeatIntervalMs: crowd.beatMs, factories });
    this.room.on('textMsg', (message) => this.heard.tell(message.userID, message.text));
    this.room.on('kickedOffline', () => crowd.fault(`${userID} was kicked`));
    this.room.on('memberJoin', (member) => {
      if (this.#told.has(member.userID)) crowd.fault(`${userID} was told twice that ${member.userID} joined`);
      this.#told.add(member.userID);
    });
    this.room.on('memberLeave', (member) => {
      if (!this.#told.delete(member.userID))
        crowd.fault(`${userID} was told that ${member.userID} left, who was not there`);
    });
    this.room.on('roomClosed', ({ reason }) => {
      if (!this.mayEnd) crowd.fault(`${userID} lost its room: ${reason}`);
      this.#told.clear();
    });
  }

  get roomID(): string | undefined {
    return this.room.state === 'inRoom' ? this.room.roomID : undefined;
  }

  get seen(): readonly string[] {
    return this.room.members.map(({ userID }) => userID);
  }

  sees(listed: readonly string[]): boolean {
    const others = listed.filter((one) => one !== this.userID);
    const seen = new Set(this.room.members.map(({ userID }) => userID));
    return [seen, this.#told].every((set) => set.size === others.length && others.every((one) => set.has(one)));
  }

  async start(): Promise<void> {
    const { userSig = '' } = this.crowd.loginQuery(this.userID);
    const serverDomain = `${this.crowd.url}/weapp/multi_room`;
    await this.room.login({ serverDomain, sdkAppID, accountType: '0', userID: this.userID, userSig });
    await this.room.startLocalPreview(synthetic);
  }

  async say(): Promise<void> {
    if (this.roomID === undefined) return;
    const number = ++this.#texts;
    try {
      await this.room.sendRoomTextMsg(`${this.userID} ${number}`);
      this.accepted.push(number);
    } catch {
      this.unsure.push(number);
    }
  }

  async leave(): Promise<void> {
    await this.room.exitRoom();
  }
}
