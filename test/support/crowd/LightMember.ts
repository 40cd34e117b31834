import { setMaxListeners } from 'node:events';
import { request } from 'undici';
import { Backoff } from '#lib/Backoff';
import { delay } from '#lib/delay';
import { encodeRoomText } from '#lib/im/codec';
import { readEventStream } from '#lib/im/eventStream';
import type { Crowd, CrowdAnswer } from './Crowd.js';
import { Heard } from './Heard.js';

/** First and longest wait before a stream is opened again, ms, and for how long one lasts that was a good one: as the client. */
const retryMs = { minMs: 500, maxMs: 10_000 };

/**
 * A member as light as can be: a stream of events, heartbeats, and calls over the crowd's connections. It keeps to what the
 * documents ask of a client: repeats what got no answer, a message by the same id; resumes its stream; reads the
 * member list when it is told to, one reading at a time.
 */
export class LightMember {
  readonly userID: string;
  readonly crowd: Crowd;
  readonly heard: Heard;
  /** Numbers of its texts that the service took. */
  readonly accepted: number[] = [];
  /** The room in which it believes to have a seat. */
  roomID: string | undefined;
  /** The member list as last read. */
  members: readonly string[] = [];
  isOpen = false;
  /** Streams that were opened so far. */
  opened = 0;
  /** Heartbeats that were answered so far. */
  beats = 0;
  /** The room may end: being out of it is no fault. */
  mayEnd = false;
  #token = '';
  #lastID: string | undefined;
  #texts = 0;
  #reading: Promise<void> | undefined;
  #again = false;
  #leaving = false;
  #endWait = () => {};
  readonly #life = new AbortController();
  readonly #signal: AbortSignal;

  constructor(crowd: Crowd, userID: string) {
    this.crowd = crowd;
    this.userID = userID;
    this.heard = new Heard(userID, (text) => crowd.fault(text));
    this.#signal = AbortSignal.any([crowd.signal, this.#life.signal]);
    setMaxListeners(0, this.#signal);
  }

  get isDead(): boolean {
    return this.#life.signal.aborted;
  }

  get seen(): readonly string[] {
    return this.members;
  }

  /** Whether it sees what the service says about its room. */
  sees(listed: readonly string[]): boolean {
    return this.isOpen && this.members.length === listed.length && listed.every((one) => this.members.includes(one));
  }

  /** It has logged in before, and perhaps taken a seat beside these. */
  know(token: string, roomID?: string, members: readonly string[] = []): void {
    this.#token = token;
    this.roomID = roomID;
    this.members = members;
  }

  async login(): Promise<void> {
    const { code, token } = await this.crowd.call('multi_room/login', this.crowd.loginQuery(this.userID), {});
    if (code !== 0) throw new Error(`${this.userID} cannot log in: ${code}`);
    this.#token = token;
  }

  /** Opens its stream, logged in before if need be, and does for its seat what keeps it. */
  async start(): Promise<void> {
    if (this.#token === '') await this.login();
    await new Promise<void>((resolve) => void this.#listen(resolve).catch(() => resolve()));
    if (this.roomID !== undefined) void this.#beat(this.roomID).catch(() => {});
  }

  /** The code of add_pusher: 0, or 5001 when the room is full, or 1 when there is none. */
  async join(roomID: string): Promise<number> {
    const { pushURL } = await this.#room('get_push_url', { roomID });
    const { code } = await this.#room('add_pusher', { roomID, userName: this.userID, userAvatar: '', pushURL });
    if (code !== 0) return code;
    this.roomID = roomID;
    void this.#beat(roomID).catch(() => {});
    await this.read();
    return 0;
  }

  async leave(): Promise<void> {
    const { roomID } = this;
    if (roomID === undefined) return;
    this.#leaving = true;
    const { code } = await this.#room('delete_pusher', { roomID });
    // 5: the answer to an earlier try was lost.
    if (code !== 0 && code !== 5) this.crowd.fault(`${this.userID} cannot leave: ${code}`);
    this.roomID = undefined;
    this.#leaving = false;
  }

  /** Says `<userID> <number>` to the room. */
  async say(): Promise<void> {
    const { roomID } = this;
    if (roomID === undefined) return;
    const number = ++this.#texts;
    const text = `${this.userID} ${number}`;
    const elements = encodeRoomText({ userName: this.userID, userAvatar: '' }, text);
    const { code } = await this.#call('im/send', { msgID: text, groupID: roomID, elements });
    if (code === 0) this.accepted.push(number);
    else if (!this.mayEnd) this.crowd.fault(`${text} was refused: ${code}`);
  }

  /** Ends it as a lost network does: nothing is said to the service any more. */
  die(): void {
    this.#life.abort();
  }

  /** Reads the member list; who asks during a reading causes one more. */
  read(): Promise<void> {
    if (this.#reading) this.#again = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    do {
      this.#again = false;
      const { roomID } = this;
      if (roomID === undefined) return;
      const { code, pushers } = await this.#room('get_pushers', { roomID });
      if (this.roomID !== roomID) continue;
      if (code === 1) this.#isOut(`${roomID} is gone`);
      else this.members = (pushers as { userID: string }[]).map(({ userID }) => userID);
    } while (this.#again);
  }

  #isOut(why: string): void {
    if (!this.mayEnd && !this.#leaving) this.crowd.fault(`${this.userID} lost its seat: ${why}`);
    this.roomID = undefined;
    this.members = [];
  }

  async #beat(roomID: string): Promise<void> {
    // Not all at the same time.
    await this.crowd.wait(this.crowd.random() * this.crowd.beatMs, this.#signal);
    while (this.roomID === roomID) {
      const { code } = await this.#room('pusher_heartbeat', { roomID });
      this.beats++;
      // The service is back: the stream need not wait any longer.
      this.#endWait();
      if (code === 5 && this.roomID === roomID) this.#isOut(`${roomID} does not know it`);
      await this.crowd.wait(this.crowd.beatMs, this.#signal);
    }
  }

  #room(method: string, body: object): Promise<CrowdAnswer> {
    return this.#call(`multi_room/${method}`, { userID: this.userID, ...body });
  }

  async #call(method: string, body: object): Promise<CrowdAnswer> {
    const query = { userID: this.userID, token: this.#token };
    const answer = await this.crowd.call(method, query, body, this.#signal);
    if (answer.code === 7) this.crowd.fault(`${this.userID} lost its login`);
    return answer;
  }

  async #listen(onFirst: () => void): Promise<void> {
    const backoff = new Backoff({ ...retryMs, random: this.crowd.random });
    const query = new URLSearchParams({ userID: this.userID, token: this.#token });
    while (!this.#signal.aborted) {
      const sinceMs = performance.now();
      try {
        const { body, statusCode } = await request(`${this.crowd.url}/weapp/im/events?${query}`, {
          dispatcher: this.crowd.streams,
          headers: this.#lastID === undefined ? {} : { 'last-event-id': this.#lastID },
          signal: this.#signal,
          headersTimeout: 0,
          bodyTimeout: 0,
        });
        body.on('error', () => {});
        if (statusCode !== 200) {
          const { refusals } = this.crowd;
          refusals.set(statusCode, (refusals.get(statusCode) ?? 0) + 1);
          body.destroy();
        } else {
          await readEventStream(body, {
            silenceTimeoutMs: 45_000,
            onEvent: ({ event, id, data }) => {
              if (event === 'ready') {
                this.#onReady(id, JSON.parse(data).resumed);
                onFirst();
              } else {
                this.#lastID = id;
                this.#onMessage(JSON.parse(data));
              }
            },
          });
        }
      } catch {
        // No connection: as a cut.
      }
      this.isOpen = false;
      if (performance.now() - sinceMs > retryMs.maxMs) backoff.reset();
      await this.#waitToListen(backoff.nextMs());
    }
  }

  async #waitToListen(ms: number): Promise<void> {
    const end = new AbortController();
    this.#endWait = () => end.abort();
    await delay(ms, AbortSignal.any([this.#signal, end.signal]));
    if (end.signal.aborted) await this.crowd.wait(Math.min(ms, this.crowd.between(0, 500)), this.#signal);
  }

  #onReady(id: string | undefined, isResumed: boolean): void {
    if (this.#lastID !== undefined && !isResumed) this.crowd.fault(`${this.userID} was not resumed`);
    this.#lastID ??= id;
    this.isOpen = true;
    if (this.opened++ > 0) void this.read().catch(() => {});
  }

  #onMessage(data: CrowdAnswer): void {
    if (data.type === 'group') this.heard.tell(data.from, data.elements[1].text);
    else if (data.type === 'kicked') this.crowd.fault(`${this.userID} was kicked`);
    else if (data.groupID !== this.roomID) return;
    else if (data.type === 'system') void this.read().catch(() => {});
    else if (data.type === 'groupClosed') this.#isOut(`${data.groupID} was closed: ${data.reason}`);
  }
}
