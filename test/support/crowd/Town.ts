import type { Crowd } from './Crowd.js';
import type { FoundedRoom } from './founded.js';
import { inLanes } from './inLanes.js';
import { LightMember } from './LightMember.js';
import { RealMember } from './RealMember.js';

type Member = LightMember | RealMember;

export interface TownRoom {
  roomID: string;
  /** Three who stay: the creator, another one, and in some rooms this package's own client. */
  residents: Member[];
  /** Who come and go, for the fourth seat. */
  visitors: LightMember[];
}

export interface TownOptions {
  rooms: number;
  /** Rooms with a client of this package. */
  real: number;
  /** Rooms with one visitor, and rooms with two, who contend for the seat. */
  visited: number;
  contended: number;
}

const seats = 4;

/** Rooms full of members who talk, come and go, and what the service and each of them say about it. */
export class Town {
  readonly rooms: TownRoom[];
  readonly #crowd: Crowd;
  #busy = 0;
  /** One who only looks. */
  #asker: Record<string, string> = {};

  constructor(crowd: Crowd, options: TownOptions) {
    this.#crowd = crowd;
    const { rooms, real, visited, contended } = options;
    this.rooms = Array.from({ length: rooms }, (_, index) => {
      const name = (what: string) => `${what}_${index}`;
      const light = (what: string) => new LightMember(crowd, name(what));
      const third = index < real ? new RealMember(crowd, name('real')) : light('third');
      const visitors = index < contended ? ['a', 'b'] : index < contended + visited ? ['a'] : [];
      return {
        roomID: name('room'),
        residents: [light('creator'), light('second'), third],
        visitors: visitors.map(light),
      };
    });
  }

  get members(): Member[] {
    return this.rooms.flatMap(({ residents, visitors }) => [...residents, ...visitors]);
  }

  creatorOf(room: TownRoom): LightMember {
    return room.residents[0] as LightMember;
  }

  /** What a service has to know before they come, of all but this package's clients. */
  get founded(): FoundedRoom[] {
    const isLight = (one: Member): one is LightMember => one instanceof LightMember;
    return this.rooms.map(({ roomID, residents, visitors }) => {
      return { roomID, seated: residents.filter(isLight), besides: visitors };
    });
  }

  /** Everybody comes, and the clients of this package log in and enter. */
  async settle(): Promise<void> {
    const { token } = await this.#crowd.call('multi_room/login', this.#crowd.loginQuery('asker'), {});
    this.#asker = { userID: 'asker', token };
    await inLanes(this.rooms, async (room) => {
      for (const one of [...room.residents, ...room.visitors]) {
        await one.start();
        if (one instanceof RealMember) await one.room.enterRoom({ roomID: room.roomID });
      }
    });
  }

  /** From here on members act by themselves. */
  live(): void {
    // They end with the crowd.
    const act = (acting: Promise<void>) => void acting.catch(() => {});
    for (const { roomID, residents, visitors } of this.rooms) {
      for (const one of residents) act(this.#reside(one));
      for (const one of visitors) act(this.#visit(one, roomID));
    }
  }

  /** Resolves when nobody is in the middle of something any more that it began by itself. */
  async pause(): Promise<void> {
    this.#crowd.paused = true;
    while (this.#busy > 0) await this.#crowd.wait(20);
  }

  go(): void {
    this.#crowd.paused = false;
  }

  async #reside(one: Member): Promise<void> {
    for (;;) {
      await this.#crowd.wait(this.#crowd.between(2000, 10_000));
      await this.#do(() => one.say());
    }
  }

  async #visit(one: LightMember, roomID: string): Promise<void> {
    for (;;) {
      await this.#crowd.wait(this.#crowd.between(1000, 5000));
      await this.#do(async () => {
        const code = await one.join(roomID);
        if (code !== 0 && code !== 5001 && !(code === 1 && one.mayEnd))
          this.#crowd.fault(`${one.userID}: join ${code}`);
      });
      if (one.roomID === undefined) continue;
      await this.#crowd.wait(this.#crowd.between(500, 2500));
      await this.#do(() => one.say());
      await this.#crowd.wait(this.#crowd.between(0, 500));
      await this.#do(() => one.leave());
    }
  }

  async #do(work: () => Promise<unknown>): Promise<void> {
    while (this.#crowd.paused) await this.#crowd.wait(20);
    this.#busy++;
    try {
      await work();
    } finally {
      this.#busy--;
    }
  }

  /** Where the service, and what the members believe and see, differ. */
  async differences(rooms: readonly TownRoom[] = this.rooms): Promise<string[]> {
    const found: string[] = [];
    await Promise.all(
      rooms.map(async ({ roomID, residents, visitors }) => {
        const listed = await this.listed(roomID);
        if (listed.length > seats) this.#crowd.fault(`${roomID} has ${listed.length} members`);
        const everybody = [...residents, ...visitors].filter((one) => one instanceof RealMember || !one.isDead);
        const inside = everybody.filter((one) => one.roomID === roomID);
        const names = inside.map(({ userID }) => userID);
        if ([...names].sort().join() !== [...listed].sort().join()) {
          found.push(`${roomID}: the service has ${listed}, inside believe to be ${names}`);
        }
        for (const one of inside) if (!one.sees(listed)) found.push(`${one.userID} sees ${one.seen}, not ${listed}`);
        for (const one of everybody) {
          if (one instanceof LightMember && !one.isOpen) found.push(`${one.userID} has no stream`);
        }
      }),
    );
    return found;
  }

  /** As the service has them; none when there is no such room. */
  async listed(roomID: string): Promise<string[]> {
    const { code, pushers } = await this.#crowd.call('multi_room/get_pushers', this.#asker, { roomID });
    if (code !== 0 && code !== 1) throw new Error(`get_pushers: ${code}`);
    return code === 1 ? [] : pushers.map((one: { userID: string }) => one.userID);
  }

  /** The time until nothing differs, ms since `sinceMs`. Rejects after `withinMs`. */
  async converge(sinceMs: number, withinMs: number, rooms = this.rooms): Promise<number> {
    for (;;) {
      const found = await this.differences(rooms);
      const ms = performance.now() - sinceMs;
      if (found.length === 0) return ms;
      if (ms > withinMs) {
        const some = [...found.slice(0, 5), ...this.#crowd.faults].join('; ');
        throw new Error(`after ${Math.round(ms)} ms ${found.length} differ: ${some}`);
      }
      await this.#crowd.wait(100);
    }
  }

  /** Texts that were taken and that a resident of those rooms did not hear, heard beside, or heard in another order. */
  unheard(rooms: readonly TownRoom[]): string[] {
    return rooms.flatMap(({ residents, visitors }) => [
      ...residents.flatMap((one) =>
        [...residents, ...visitors].filter((other) => other !== one).flatMap((other) => missing(one, other)),
      ),
      ...residents.slice(1).flatMap((one, index) => disorder(residents[index] as Member, one)),
    ]);
  }

  /** Everybody leaves; the rooms that the service still has then. */
  async leaveAll(): Promise<string[]> {
    await Promise.all(this.members.map((one) => (one instanceof LightMember && one.isDead ? undefined : one.leave())));
    const { rooms } = await this.#crowd.call('multi_room/get_room_list', this.#asker, { index: 0, cnt: 1000 });
    return rooms.map((one: { roomID: string }) => one.roomID);
  }

  /** The clients of this package are closed; the others end with the crowd. */
  async close(): Promise<void> {
    await Promise.all(this.members.map((one) => (one instanceof RealMember ? one.room.close() : undefined)));
  }
}

const fromOf = (text: string) => text.split(' ')[0];

function missing(receiver: Member, sender: Member): string[] {
  const unsure = sender instanceof RealMember ? sender.unsure : [];
  const numbers = receiver.heard.texts
    .filter((text) => fromOf(text) === sender.userID)
    .map((text) => Number(text.split(' ')[1]))
    .filter((number) => !unsure.includes(number));
  if (numbers.join() === sender.accepted.join()) return [];
  return [`${receiver.userID} heard ${numbers} of ${sender.userID}, who said ${sender.accepted}`];
}

function disorder(one: Member, other: Member): string[] {
  const [first, second] = [one, other].map(({ heard }) =>
    heard.texts.filter((text) => fromOf(text) !== one.userID && fromOf(text) !== other.userID),
  );
  return first?.join() === second?.join() ? [] : [`${one.userID} heard ${first}, and ${other.userID} ${second}`];
}
