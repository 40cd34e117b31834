import { Agent } from 'node:http';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RoomServiceOptions } from '#lib/server/RoomService';
import { patient } from '../patience.js';
import { EventStream } from './eventStream.js';
import { type Answer, ServiceUnderTest, type User } from './roomClient.js';

const senders = ['s0', 's1', 's2'] as const;
const readers = ['r0', 'r1', 'r2'] as const;
/** Listens to everything and is never cut: its order is the one that the others are held against. */
const witness = 'witness';
const room = 'r';

type Action =
  /** `repeats`: how often the same message is sent once more, at once. */
  | { do: 'send'; sender: number; repeats: number }
  /** An older message of the sender comes again. */
  | { do: 'sendAgain'; sender: number; back: number }
  | { do: 'cut' | 'listen' | 'poll'; reader: number }
  /** More than is kept for a reader. */
  | { do: 'flood'; sender: number }
  | { do: 'restart' };

const reader = fc.nat({ max: readers.length - 1 });
const sender = fc.nat({ max: senders.length - 1 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('send' as const), sender, repeats: fc.nat({ max: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sendAgain' as const), sender, back: fc.nat({ max: 5 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'listen' as const, 'poll' as const), reader }),
  },
);
/** Each inner list is begun at once. */
const history = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.array(action, { minLength: 1, maxLength: 10 }) },
    {
      weight: 2,
      arbitrary: fc.record({ reader, sender }).map((both): Action[] => [
        { do: 'cut', reader: both.reader },
        { do: 'flood', sender: both.sender },
      ]),
    },
    {
      weight: 2,
      arbitrary: fc.array(action, { maxLength: 6 }).map((some): Action[] => [...some, { do: 'restart' }]),
    },
  ),
  { minLength: 2, maxLength: 8 },
);

/** A client that goes on where it was cut; a run of messages ends where it was told that it may have missed some. */
class Reader {
  readonly runs: string[][] = [];
  user: User;
  #stream: EventStream | undefined;
  #lastID: string | undefined;
  #busy: Promise<unknown> = Promise.resolve();

  constructor(user: User) {
    this.user = user;
  }

  /** One thing after the other. */
  inTurn<T>(step: () => Promise<T>): Promise<T> {
    const next = this.#busy.then(step, step);
    this.#busy = next.catch(() => {});
    return next;
  }

  async listen(at: ServiceUnderTest, more: Record<string, string> = {}): Promise<EventStream> {
    this.cut();
    const query = new URLSearchParams({ ...this.user, ...more });
    const headers: Record<string, string> = this.#lastID === undefined ? {} : { 'last-event-id': this.#lastID };
    const stream = await EventStream.open(at.url(`/weapp/im/events?${query}`), headers);
    await stream.until(() => stream.events.length > 0 || stream.ended, patient(10_000));
    this.#stream = stream;
    return stream;
  }

  async poll(at: ServiceUnderTest): Promise<void> {
    const stream = await this.listen(at, { poll: '0' });
    await stream.until(() => stream.ended, patient(10_000));
    this.cut();
  }

  /** Ends the stream wherever it is, and remembers what has come. */
  cut(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (!stream) return;
    stream.close();
    for (const { event, id, data } of stream.events) {
      this.#lastID = id ?? this.#lastID;
      if (event === 'ready' && !data.resumed) this.runs.push([]);
      if (data.msgID !== undefined) this.runs.at(-1)?.push(data.msgID);
    }
  }

  /** Listens, again where it does not. */
  async listenOn(at: ServiceUnderTest): Promise<void> {
    if (!this.#stream || this.#stream.ended) await this.listen(at);
  }

  /** Listens on, again where the stream has ended, until that message is there. */
  async until(at: ServiceUnderTest, msgID: string): Promise<void> {
    for (;;) {
      const stream = this.#stream ?? (await this.listen(at));
      const isThere = () => stream.messages.some(({ data }) => data.msgID === msgID);
      await stream.until(() => isThere() || stream.ended, patient(10_000));
      this.cut();
      if (isThere()) return;
    }
  }
}

class Bench {
  readonly #options: Partial<RoomServiceOptions>;
  /** Whether a restart loses messages that nobody has read, and everything else. */
  readonly #forgetful: boolean;
  readonly readers = new Map<string, Reader>();
  readonly sent = new Map<string, string[]>();
  /** Messages whose sender was told that they are accepted. */
  readonly accepted = new Set<string>();
  readonly #users = new Map<string, User>();
  readonly #times = new Map<string, number>();
  #agent = new Agent({ keepAlive: true, maxSockets: 16 });
  #service!: ServiceUnderTest;
  #up: Promise<unknown> = Promise.resolve();
  #number = 0;

  constructor(options: Partial<RoomServiceOptions>, forgetful: boolean) {
    this.#options = { maxMembers: 10, sendRatePerSecond: 10_000, roomRatePerSecond: 10_000, ...options };
    this.#forgetful = forgetful;
  }

  async begin(): Promise<void> {
    await this.#start();
    await this.#enter();
    for (const userID of [witness, ...readers]) {
      const one = new Reader(this.#users.get(userID) as User);
      this.readers.set(userID, one);
      await one.listen(this.#service);
    }
  }

  async close(): Promise<void> {
    for (const one of this.readers.values()) one.cut();
    this.#agent.destroy();
    await this.#service.close();
  }

  reader(index: number): Reader {
    return this.readers.get(readers[index] as string) as Reader;
  }

  async act(one: Action): Promise<void> {
    switch (one.do) {
      case 'send': {
        const msgID = this.#name(one.sender);
        await Promise.all(Array.from({ length: one.repeats + 1 }, () => this.send(one.sender, msgID)));
        return;
      }
      case 'sendAgain': {
        const old = this.sent.get(senders[one.sender] as string)?.at(-1 - one.back);
        if (old !== undefined) await this.send(one.sender, old);
        return;
      }
      case 'flood': {
        const names = Array.from({ length: 65 }, () => this.#name(one.sender));
        await Promise.all(names.map((msgID) => this.send(one.sender, msgID, 'x'.repeat(8800))));
        return;
      }
      case 'restart':
        return this.#restart();
      default: {
        const reader = this.reader(one.reader);
        await reader.inTurn(async () => {
          if (one.do === 'cut') return reader.cut();
          await this.#up;
          // A service that is just ending may end the connection before it says anything.
          await (one.do === 'poll' ? reader.poll(this.#service) : reader.listen(this.#service)).catch(() =>
            reader.cut(),
          );
        });
      }
    }
  }

  /** As a client does it: the same message until it is accepted. */
  async send(index: number, msgID: string, text = msgID): Promise<void> {
    const user = senders[index] as string;
    for (;;) {
      await this.#up;
      let answer: Answer;
      try {
        const body = { msgID, groupID: room, elements: [{ type: 'text', text }] };
        answer = await this.#service.post('im/send', this.#users.get(user) as User, body);
      } catch {
        continue;
      }
      if (answer.status === 503) continue;
      expect(answer.json).toMatchObject({ code: 0 });
      // A repeated message is answered as it was the first time.
      expect(answer.json.time).toBe(this.#times.get(msgID) ?? answer.json.time);
      this.#times.set(msgID, answer.json.time);
      this.accepted.add(msgID);
      return;
    }
  }

  /** Sends a last message to readers who all listen, and has them read on to it. */
  async end(): Promise<void> {
    for (const one of this.readers.values()) await one.inTurn(() => one.listenOn(this.#service));
    await this.send(0, 'end');
    for (const one of this.readers.values()) await one.inTurn(() => one.until(this.#service, 'end'));
  }

  #name(index: number): string {
    const user = senders[index] as string;
    const msgID = `${user}-${this.#number++}`;
    this.sent.set(user, [...(this.sent.get(user) ?? []), msgID]);
    return msgID;
  }

  async #start(): Promise<void> {
    const before = this.#service as ServiceUnderTest | undefined;
    const nowMs = (before?.nowMs ?? 1_800_000_000_000) + 1;
    const clock = () => this.#service?.nowMs ?? nowMs;
    this.#service = await ServiceUnderTest.start({ ...this.#options, clock });
    this.#service.nowMs = nowMs;
    this.#service.agent = this.#agent;
  }

  async #enter(): Promise<void> {
    for (const userID of [...senders, ...readers, witness]) {
      this.#users.set(userID, await this.#service.login(userID));
    }
    await this.#service.create(this.#users.get('s0') as User, room, 'multi_room');
    for (const user of this.#users.values()) {
      const { code } = await this.#service.add(user, room, 'multi_room');
      expect(code).toBe(0);
    }
  }

  async #restart(): Promise<void> {
    const restarted = (async () => {
      const old = this.#agent;
      await this.#service.close();
      this.#agent = new Agent({ keepAlive: true, maxSockets: 16 });
      old.destroy();
      await this.#start();
      if (this.#forgetful) {
        await this.#enter();
        for (const [userID, one] of this.readers) one.user = this.#users.get(userID) as User;
        this.sent.clear();
      }
      const first = this.readers.get(witness) as Reader;
      await first.inTurn(() => first.listen(this.#service));
    })();
    this.#up = restarted.catch(() => {});
    await restarted;
  }
}

/** Where that run of messages stands in the order of all; fails when it is not one piece of it. */
function placeOf(run: readonly string[], order: readonly string[]): number {
  const first = order.indexOf(run[0] as string);
  expect(order.slice(first, first + run.length)).toEqual(run);
  return first;
}

/**
 * Chance orders of sending, repeating, cutting, coming back, polling and restarting; what must hold of what was read,
 * whatever happened. `forgetful`: a restart loses everything.
 */
export function messagesPropertySuite(
  kind: string,
  options: () => Partial<RoomServiceOptions>,
  { runs, forgetful = false }: { runs: number; forgetful?: boolean },
): void {
  it(`messages ${kind}: one order for all readers, each message once, none lost unless the reader is told`, {
    timeout: patient(180_000),
  }, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (groups) => {
        const bench = new Bench(options(), forgetful);
        try {
          await bench.begin();
          for (const group of groups) {
            const restarts = group.filter((one) => one.do === 'restart');
            // What a forgetful service had accepted it does not know again: there nobody sends meanwhile.
            const together = forgetful ? group.filter((one) => one.do !== 'restart') : group;
            await Promise.all(together.map((one) => bench.act(one)));
            if (forgetful) for (const one of restarts) await bench.act(one);
          }
          await bench.end();
          const all = bench.readers.get(witness) as Reader;
          const order = all.runs.flat();
          expect(new Set(order).size).toBe(order.length);
          expect([...order].sort()).toEqual([...bench.accepted].sort());
          if (!forgetful) expect(all.runs).toHaveLength(1);
          for (const userID of readers) {
            const { runs: pieces } = bench.readers.get(userID) as Reader;
            let end = 0;
            for (const run of pieces.filter((one) => one.length > 0)) {
              const place = placeOf(run, order);
              expect(place).toBeGreaterThanOrEqual(end);
              end = place + run.length;
            }
            expect(end).toBe(order.length);
            if (pieces.length === 1) expect(pieces).toEqual([order]);
          }
        } finally {
          await bench.close();
        }
      }),
      { numRuns: runs, endOnFailure: true },
    );
  });
}
