import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RoomServiceOptions } from '#lib/server/RoomService';
import { EventStream } from '../support/server/eventStream.js';
import { RedisServer } from '../support/server/RedisServer.js';
import { type Answer, raw, ServiceUnderTest, sdkAppID, type User } from '../support/server/roomClient.js';

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
  const shared = {
    redis: redis.url,
    redisKeyPrefix: `several${prefixes++}:`,
    sendRatePerSecond: 10_000,
    roomRatePerSecond: 10_000,
  };
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

  it('revoke for both what is cut at one', async () => {
    await one.create(alice, 'r', 'multi_room');
    const pushURL = await one.pushURL(alice, 'r');
    await one.add(alice, 'r', 'multi_room', pushURL);
    expect((await one.post('multi_room/delete_pusher', alice, { roomID: 'r' })).json.code).toBe(0);
    await two.create(alice, 'r', 'multi_room');
    expect((await two.add(alice, 'r', 'multi_room', pushURL)).code).toBe(2);
    expect(two.media.revoked.size).toBe(0);
    await two.service.sweep();
    expect([...two.media.revoked]).toEqual([...one.media.revoked]);
    expect((await two.add(alice, 'r', 'multi_room')).code).toBe(0);
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

  it('each measure to its own last stream, from acceptance at whichever, and no time below 0', async () => {
    await room();
    const stream = await listen(two, bob);
    const figures = async (at: ServiceUnderTest) => {
      const { text } = await raw(at.url('/metrics'), { method: 'GET' });
      const value = (name: string) => Number(new RegExp(`^${name}\\{type="group"\\} (.*)$`, 'm').exec(text)?.[1] ?? 0);
      const [count, sum] = ['count', 'sum'].map((name) => value(`rtcroom_im_delivery_seconds_${name}`));
      return { accepted: value('rtcroom_im_events_total'), count, sum };
    };
    await post(one, alice, 'first');
    await stream.until(() => texts(stream).length === 1);
    expect(await figures(one)).toEqual({ accepted: 1, count: 0, sum: 0 });
    const { sum: before, ...first } = await figures(two);
    expect(first).toEqual({ accepted: 0, count: 1 });
    expect(before).toBeLessThan(5);
    // What Redis has had for so long before a process read it, by the clocks of other machines.
    const client = new Redis(redis.url);
    try {
      const [epoch, seq] = (stream.lastID as string).split('.');
      const tell = (number: number, acceptedAt: number) => {
        const data = JSON.stringify({ type: 'group', elements: [{ text: `later ${number}` }] });
        const fields = ['kind', 'message', 'stamp', `another 5.000 ${acceptedAt}`, 'data', data];
        const key = `several${prefixes - 1}:events`;
        return client.xadd(key, '*', ...fields, 'nobody', 'x.1', 'bob', `${epoch}.${Number(seq) + number}`);
      };
      await tell(1, Date.now() - 60_000);
      await stream.until(() => texts(stream).includes('later 1'));
      const late = await figures(two);
      expect(late.count).toBe(2);
      expect((late.sum as number) - (before as number)).toBeGreaterThanOrEqual(60);
      await tell(2, Date.now() + 3_600_000);
      await stream.until(() => texts(stream).includes('later 2'));
      expect(await figures(two)).toEqual({ ...late, count: 3 });
    } finally {
      client.disconnect();
    }
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

describe('limits of services on one Redis', () => {
  const limited = async (options: Partial<RoomServiceOptions>) => {
    await Promise.all([one.close(), two.close()]);
    const shared = { redis: redis.url, redisKeyPrefix: `several${prefixes++}:`, ...options };
    [one, two] = await Promise.all([ServiceUnderTest.start(shared), ServiceUnderTest.start(shared)]);
    [alice, bob] = [await one.login('alice'), await two.login('bob')];
  };
  /** How many of so many calls, at the one and the other by turns, are not refused. */
  const taken = async (count: number, call: (at: ServiceUnderTest, number: number) => Promise<Answer['json']>) => {
    let passed = 0;
    for (let number = 0; number < count; number++) {
      const { code } = await call(number % 2 === 0 ? one : two, number);
      if (code === 0) passed++;
      else expect(code).toBe(14);
    }
    return passed;
  };

  it('count the messages of a user, and of a room, at both', async () => {
    await limited({ sendRatePerSecond: 5, roomRatePerSecond: 7 });
    await room();
    expect(await taken(14, (at, number) => post(at, alice, `a${number}`))).toBe(10);
    expect(await taken(8, (at, number) => post(at, bob, `b${number}`))).toBe(4);
    for (const at of [one, two]) at.nowMs += 1000;
    expect(await taken(14, (at, number) => post(at, alice, `c${number}`))).toBe(5);
  });

  it('do not grow by clocks that differ, nor stop for ever by one that was wrong', async () => {
    await limited({ sendRatePerSecond: 5 });
    await room();
    two.nowMs += 3000;
    expect(await taken(40, (at, number) => post(at, alice, `a${number}`))).toBe(11);
    two.nowMs += 3_600_000;
    await post(two, alice, 'from another time');
    two.nowMs -= 3_603_000;
    for (const at of [one, two]) at.nowMs += 1000;
    await post(one, alice, 'the clock is right again');
    for (const at of [one, two]) at.nowMs += 1000;
    expect((await post(one, alice, 'and goes on')).code).toBe(0);
  });

  it('count the calls of a user and the refused logins of an address at both', async () => {
    await limited({ requestsPerMinute: 10, loginsPerMinute: 8 });
    // Each has logged in, which is a call of its.
    expect(await taken(16, async (at) => (await at.post('multi_room/get_room_list', alice, {})).json)).toBe(9);
    expect(await taken(4, async (at) => (await at.post('multi_room/get_room_list', bob, {})).json)).toBe(4);
    const guess = async (at: ServiceUnderTest, number: number) => {
      const userSig = at.service.issueUserSig('somebody-else');
      const query = { sdkAppID, accountType: '0', userID: `carol${number}`, userSig };
      const { code } = (await at.post('multi_room/login', query)).json;
      return { code: code === 7 ? 0 : code };
    };
    expect(await taken(12, guess)).toBe(8);
  });
});
