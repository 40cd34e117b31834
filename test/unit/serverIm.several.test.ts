import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EventStream } from '../support/server/eventStream.js';
import { RedisServer } from '../support/server/RedisServer.js';
import { ServiceUnderTest, type User } from '../support/server/roomClient.js';

let redis: RedisServer;
let one: ServiceUnderTest;
let two: ServiceUnderTest;
let alice: User;
let bob: User;
let prefixes = 0;
const streams: EventStream[] = [];

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());
beforeEach(async () => {
  const shared = { redis: redis.url, redisKeyPrefix: `several${prefixes++}:`, sendRatePerSecond: 10_000 };
  [one, two] = await Promise.all([ServiceUnderTest.start(shared), ServiceUnderTest.start(shared)]);
  alice = await one.login('alice');
  bob = await two.login('bob');
});
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  await Promise.all([one.close(), two.close()]);
});

async function listen(at: ServiceUnderTest, user: User, lastEventID = ''): Promise<EventStream> {
  const stream = await EventStream.open(at.url(`/weapp/im/events?${new URLSearchParams({ ...user })}`), {
    'last-event-id': lastEventID,
  });
  streams.push(stream);
  await stream.until(() => stream.events.length > 0);
  return stream;
}

const post = async (at: ServiceUnderTest, user: User, text: string, more: object = { groupID: 'r' }) =>
  (await at.post('im/send', user, { msgID: text, elements: [{ type: 'text', text }], ...more })).json;
const texts = (stream: EventStream) =>
  stream.messages.flatMap(({ data }) => (data.elements === undefined ? [] : [data.elements[0].text]));

async function room(): Promise<void> {
  await one.create(alice, 'r', 'multi_room');
  await one.add(alice, 'r', 'multi_room');
  await two.add(bob, 'r', 'multi_room');
}

describe('two services on one Redis', () => {
  it('have the same rooms, seats and logins', async () => {
    await room();
    for (const [at, user] of [
      [one, bob],
      [two, alice],
    ] as const) {
      const { json } = await at.post('multi_room/get_pushers', user, { roomID: 'r' });
      expect(json.pushers.map((member: User) => member.userID)).toEqual(['alice', 'bob']);
    }
    const again = await two.login('alice');
    expect((await one.post('multi_room/get_pushers', alice, { roomID: 'r' })).json.code).toBe(7);
    expect((await one.post('multi_room/get_pushers', again, { roomID: 'r' })).json.code).toBe(0);
  });

  it('take what is sent at either to the clients of both, all in one order, each once', async () => {
    await room();
    const carol = await one.login('carol');
    await one.add(carol, 'r', 'multi_room');
    const [a, b] = [await listen(one, carol), await listen(two, bob)];
    const first = Array.from({ length: 50 }, (_, index) => `a${index}`);
    const second = Array.from({ length: 50 }, (_, index) => `b${index}`);
    const alices = first.map((text) => post(one, alice, text));
    const more = second.map((text) => post(two, alice, text));
    const repeated = first.map((text) => post(two, alice, text));
    const answers = await Promise.all([...alices, ...more, ...repeated]);
    expect(answers.map(({ code }) => code)).toEqual(answers.map(() => 0));
    for (const stream of [a, b]) await stream.until(() => texts(stream).length >= 100);
    await post(one, alice, 'end');
    for (const stream of [a, b]) await stream.until(() => texts(stream).includes('end'));
    expect(texts(a)).toEqual(texts(b));
    expect([...texts(a)].sort()).toEqual([...first, ...second, 'end'].sort());
  });

  it('resume at the other what was cut at the one, and miss nothing while they do', async () => {
    await room();
    let stream = await listen(one, bob);
    const got: string[] = [];
    const names = Array.from({ length: 200 }, (_, index) => String(index));
    const sending = (async () => {
      for (const name of names) await post(one, alice, name);
    })();
    for (let change = 0; change < 6; change++) {
      const seen = texts(stream).length;
      await stream.until(() => texts(stream).length > seen + 3 || texts(stream).includes('199'));
      stream.close();
      const last = stream.lastID;
      got.push(...texts(stream));
      stream = await listen(change % 2 === 0 ? two : one, bob, last);
      expect(stream.events[0]?.data).toEqual({ resumed: true });
    }
    await sending;
    await stream.until(() => texts(stream).includes('199'));
    expect([...got, ...texts(stream)]).toEqual(names);
  });

  it('have one stream a user: a newer one at the other ends the older', async () => {
    const first = await listen(one, alice);
    const second = await listen(two, alice);
    await first.until(() => first.ended);
    const third = await listen(one, alice);
    await second.until(() => second.ended);
    expect((await post(two, bob, 'hi', { to: 'alice' })).code).toBe(0);
    await third.until(() => texts(third).length === 1);
  });

  it('kick a stream at the other by a newer login, end it by a logout, and know who is not there', async () => {
    const first = await listen(one, alice);
    const again = await two.login('alice');
    await first.until(() => first.ended);
    expect(first.messages.map(({ data }) => data)).toEqual([{ type: 'kicked', reason: 'loggedInElsewhere' }]);
    const second = await listen(one, again);
    await two.post('multi_room/logout', again);
    await second.until(() => second.ended);
    expect((await post(two, bob, 'hello', { to: 'alice' })).code).toBe(1);
  });
});
