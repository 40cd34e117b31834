import { connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RedisCallCounts } from '#lib/server/http/RedisCallCounts';
import { GatheredScript } from '#lib/server/store/GatheredScript';
import { RedisConnection } from '#lib/server/store/RedisConnection';
import { RedisRoomStore } from '#lib/server/store/RedisRoomStore';
import { SqliteRoomStore } from '#lib/server/store/SqliteRoomStore';
import { freePort } from '../support/freePort.js';
import { RedisServer } from '../support/server/RedisServer.js';
import { ServiceUnderTest } from '../support/server/roomClient.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());

describe('commands of one turn of the event loop', () => {
  const pieces: string[] = [];
  const sockets: Socket[] = [];
  const relay = createServer((socket) => {
    const target = connect(redis.port, '127.0.0.1');
    sockets.push(socket, target);
    for (const one of [socket, target]) one.on('error', () => one.destroy());
    socket.setNoDelay(true);
    socket.on('data', (data) => pieces.push(data.toString()));
    socket.pipe(target).pipe(socket);
  });
  let connection: RedisConnection;
  beforeEach(async () => {
    const port = await freePort();
    await new Promise<void>((resolve) => relay.listen(port, '127.0.0.1', resolve));
    connection = new RedisConnection({ url: `redis://127.0.0.1:${port}/0` });
    await connection.ready();
    pieces.length = 0;
  });
  afterEach(async () => {
    connection.close();
    for (const socket of sockets.splice(0)) socket.destroy();
    await new Promise((resolve) => relay.close(resolve));
  });
  const append = (text: string) => connection.command(({ client }) => client.append('gathered', text));

  it('go out in one write, in their order, and each has its own answer', async () => {
    const lengths = await Promise.all(Array.from('abcdefgh', append));
    expect(lengths).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await connection.command(({ client }) => client.get('gathered'))).toBe('abcdefgh');
    expect(pieces.map((piece) => piece.split('append').length - 1)).toEqual([8, 0]);
  });

  it('and those that come before the first are answered go out in the next write', async () => {
    const first = append('1');
    await new Promise(setImmediate);
    const later: Promise<number>[] = [];
    for (const text of ['2', '3', '4']) {
      later.push(append(text));
      await new Promise(setImmediate);
    }
    const lengths = await Promise.all([first, ...later]);
    expect(lengths.map((length) => length - (lengths[0] as number))).toEqual([0, 1, 2, 3]);
    const commands = pieces.map((piece) => piece.split('append').length - 1);
    expect(commands.reduce((sum, count) => sum + count, 0)).toBe(4);
    // At most one write between two answers: where the first answer is quick, the others are two writes.
    expect(commands.length).toBeLessThanOrEqual(3);
    expect(commands[0]).toBe(1);
  });

  it('are all refused when the connection breaks before they are out, and the next ones go out when it is back', async () => {
    const sent = Promise.allSettled(['x', 'y'].map(append));
    for (const socket of sockets.splice(0)) socket.destroy();
    expect((await sent).map((one) => one.status === 'rejected' && one.reason.code)).toEqual([
      'ERR_RTC_STORE_UNAVAILABLE',
      'ERR_RTC_STORE_UNAVAILABLE',
    ]);
    await new Promise<void>((resolve) => connection.onRestored(resolve));
    expect(await connection.command(({ client }) => client.ping())).toBe('PONG');
  });
});

describe('a script of many calls', () => {
  let connection: RedisConnection;
  beforeEach(async () => {
    connection = new RedisConnection({ url: redis.url });
    await connection.ready();
  });
  afterEach(() => connection.close());
  const runs = () => connection.command(({ client }) => client.get('runs'));
  const lua = `
    redis.call('INCR', 'runs')
    local answers = {}
    for at = 2, #ARGV, 2 do
      if ARGV[at] == 'fail' then return redis.error_reply('told to fail') end
      answers[#answers + 1] = ARGV[at] .. ARGV[at + 1]
    end
    return answers`;

  it('gives each its own answer, in as few runs as may be, and what cannot be read is told to its caller alone', async () => {
    await connection.command(({ client }) => client.del('runs'));
    const script = new GatheredScript({ connection, lua, arity: 2, most: 3 });
    const read = (answer: string) => {
      if (answer === 'd4') throw new Error('not to be read');
      return answer;
    };
    const calls = ['a', 'b', 'c', 'd', 'e'].map((text, index) => script.call([text, index + 1], read));
    const settled = await Promise.allSettled(calls);
    expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual([
      'a1',
      'b2',
      'c3',
      'not to be read',
      'e5',
    ]);
    expect(await runs()).toBe('2');
    expect(await script.call(['f'], read)).toBe('f');
    expect(await runs()).toBe('3');
  });

  it('is refused for all of its calls when it fails, and not for those of later', async () => {
    const script = new GatheredScript({ connection, lua, arity: 2, most: 100 });
    const settled = await Promise.allSettled(['a', 'fail', 'b'].map((text) => script.call([text], String)));
    for (const one of settled) {
      expect(one.status === 'rejected' && one.reason.code).toBe('ERR_RTC_STORE_UNAVAILABLE');
    }
    expect(await script.call(['c'], String)).toBe('c');
  });
});

describe('what most requests ask of Redis', () => {
  let connection: RedisConnection;
  beforeEach(async () => {
    connection = new RedisConnection({ url: redis.url, keyPrefix: 'damaged:' });
    await connection.ready();
  });
  afterEach(() => connection.close());

  it('has its answer beside a call that finds damaged keys, and that one alone is refused', async () => {
    const store = new RedisRoomStore({ connection });
    await store.createRoom({ type: 'multi_room', roomID: 'r', roomInfo: '', createdBy: 'a', nowMs: 1 });
    for (const userID of ['a', 'b']) {
      await store.putToken({ userID, hash: userID, expiresAtMs: 1000 }, 1);
      const member = { userID, userName: '', userAvatar: '', streamID: userID, pushUrlDigest: '' };
      await store.addMember('multi_room', 'r', { ...member, pushUrlUntilSeconds: 1000, maxMembers: 4, nowMs: 1 });
    }
    await connection.command(({ client }) => client.hdel('damaged:member:a/r', 'epoch'));
    const beat = (userID: string) => store.beatWithToken('multi_room', 'r', { userID, tokenHash: userID, nowMs: 2 });
    const [damaged, whole] = await Promise.all([beat('a'), beat('b')]);
    expect(damaged).toMatchObject({ token: { userID: 'a' }, beat: undefined });
    expect(whole.beat).toMatchObject({ epoch: expect.any(Number) });

    await connection.command(({ client }) => client.set('damaged:token:x', 'no hash'));
    for (const of of [
      (userID: string) => store.getToken(userID),
      (userID: string) => store.beatWithToken('multi_room', 'r', { userID, tokenHash: 'b', nowMs: 2 }),
    ]) {
      const [refused, told] = await Promise.allSettled([of('x'), of('b')]);
      expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'ERR_RTC_STORE_UNAVAILABLE' } });
      expect(told).toMatchObject({ status: 'fulfilled' });
    }
    await store.close();
  });
});

describe('calls that are counted in Redis', () => {
  const connections: RedisConnection[] = [];
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.close();
  });
  const connect = async (keyPrefix: string) => {
    const connection = new RedisConnection({ url: redis.url, keyPrefix });
    connections.push(connection);
    await connection.ready();
    return connection;
  };
  const counts = async (keyPrefix: string, windowMs = 60_000, max = 2) =>
    new RedisCallCounts({ max, windowMs, remembered: 100, redis: await connect(keyPrefix) });

  it('are those of all processes, each caller by itself', async () => {
    const [one, two] = [await counts('shared:'), await counts('shared:')];
    expect([await one.count('a'), await two.count('a'), await two.count('b')]).toEqual([0, 0, 0]);
    const waits = [await one.count('a'), await two.count('a')];
    for (const seconds of waits) expect(seconds > 50 && seconds <= 60).toBe(true);
    expect(await one.count('b')).toBe(0);
  });

  it('begin anew when the window is over, which more calls do not make longer', async () => {
    const one = await counts('window:', 400);
    for (let call = 0; call < 2; call++) expect(await one.count('a')).toBe(0);
    const startedMs = performance.now();
    while ((await one.count('a')) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect([await one.count('a'), await one.count('a')]).toEqual([0, 1]);
  });

  it('are taken a few at a time where the limit is large, at once from those, and never more than it', async () => {
    const [one, two] = [await counts('portions:', 60_000, 100), await counts('portions:', 60_000, 100)];
    expect(await one.count('a')).toBe(0);
    // A thirty-second of the limit are three, so two are left.
    expect([one.count('a'), one.count('a')]).toEqual([0, 0]);
    expect(one.count('a')).toBeInstanceOf(Promise);
    let accepted = 4;
    for (let call = 0; call < 120; call++) if ((await (call % 3 === 0 ? one : two).count('a')) === 0) accepted++;
    expect(accepted).toBe(100);
    // Who was refused is refused at once until the window is over.
    expect([one.count('a'), two.count('a')].every((seconds) => typeof seconds === 'number' && seconds > 50)).toBe(true);
  });

  it('are no more than the limit when all come at once', async () => {
    const [one, two] = [await counts('at-once:', 60_000, 64), await counts('at-once:', 60_000, 64)];
    const waits = await Promise.all(Array.from({ length: 200 }, (_, call) => (call % 2 ? one : two).count('a')));
    const accepted = waits.filter((seconds) => seconds === 0).length;
    let late = 0;
    for (let call = 0; call < 200; call++) {
      for (const counter of [one, two]) if ((await counter.count('a')) === 0) late++;
    }
    expect(accepted + late).toBe(64);
  });

  it('are not refused while Redis is away', async () => {
    const away = new RedisConnection({ url: `redis://127.0.0.1:${await freePort()}/0` });
    connections.push(away);
    const one = new RedisCallCounts({ max: 1, windowMs: 60_000, remembered: 100, redis: away });
    expect([await one.count('a'), await one.count('a'), await one.count('a')]).toEqual([0, 0, 0]);
  });
});

describe('portions of calls', () => {
  const windowMs = 60_000;
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** What the script does, without a Redis, so that the time is the test's. `hold` keeps answers back. */
  class CountingRedis {
    hold: Promise<void> | undefined;
    #window = { taken: 0, endMs: 0 };
    preload() {}
    async script(_lua: string, [, most, , wanted]: [string, number, number, number]): Promise<[number, number]> {
      if (this.#window.endMs <= Date.now()) this.#window = { taken: 0, endMs: Date.now() + windowMs };
      const granted = Math.max(0, Math.min(wanted, most - this.#window.taken));
      this.#window.taken += granted;
      const answer: [number, number] = [granted, this.#window.endMs - Date.now()];
      await this.hold;
      return answer;
    }
  }

  const counting = (redis: CountingRedis, max: number) =>
    new RedisCallCounts({ max, windowMs, remembered: 10, redis: redis as unknown as RedisConnection });
  const accepted = async (counts: RedisCallCounts, calls: number) => {
    let count = 0;
    for (let call = 0; call < calls; call++) if ((await counts.count('a')) === 0) count++;
    return count;
  };

  it('end with their window: what is left of one lets nobody through in the next, whoever asks', async () => {
    const redis = new CountingRedis();
    const [one, two] = [counting(redis, 320), counting(redis, 320)];
    // Each has nine of ten left.
    for (const counts of [one, two]) expect(await accepted(counts, 1)).toBe(1);
    vi.advanceTimersByTime(windowMs - 1);
    expect(one.count('a')).toBe(0);
    vi.advanceTimersByTime(1);
    // Asks anew, though eight are left of the window before.
    expect(one.count('a')).toBeInstanceOf(Promise);
    let count = 0;
    for (const counts of [one, two, one]) count += await accepted(counts, 200);
    expect(count).toBe(319);
    expect([await one.count('a'), await two.count('a')]).toEqual([60, 60]);
  });

  it('that are answered after the end of their window leave the next one as it is', async () => {
    const redis = new CountingRedis();
    const counts = counting(redis, 64);
    let release = () => {};
    redis.hold = new Promise((resolve) => {
      release = resolve;
    });
    const late = counts.count('a');
    redis.hold = undefined;
    vi.advanceTimersByTime(windowMs);
    // Two are taken, and one of them is left.
    expect(await counts.count('a')).toBe(0);
    release();
    expect(await late).toBe(0);
    expect(counts.count('a')).toBe(0);
    expect(await accepted(counts, 100)).toBe(62);
  });
});

describe('a list of rooms', () => {
  for (const kind of ['sqlite', 'redis'] as const) {
    it(`is read for callers who are known, ${kind}`, async () => {
      const it_ = await ServiceUnderTest.start(kind === 'redis' ? { redis: redis.url, redisKeyPrefix: 'lists:' } : {});
      const Store = kind === 'redis' ? RedisRoomStore : SqliteRoomStore;
      const read = vi.spyOn(Store.prototype as RedisRoomStore, 'readRooms');
      const alice = await it_.login('alice');
      await it_.create(alice, 'r');
      await it_.add(alice, 'r');
      const list = async (query: object) => (await it_.post('double_room/get_room_list', query, { cnt: 100 })).json;
      for (const query of [
        { userID: 'alice', token: 'guessed' },
        { ...alice, userID: 'bob' },
      ]) {
        expect(await list(query)).toMatchObject({ code: 7, rooms: null });
      }
      const older = alice;
      const newer = await it_.login('alice');
      expect(await list(older)).toMatchObject({ code: 7, reason: 'loggedInElsewhere', rooms: null });
      expect(read).not.toHaveBeenCalled();
      expect(await list(newer)).toMatchObject({ code: 0, rooms: [{ roomID: 'r' }] });
      expect(read).toHaveBeenCalledTimes(1);
      read.mockRestore();
      await it_.close();
    });
  }
});

describe('a heartbeat on Redis', () => {
  let it_: ServiceUnderTest;
  let nowMs: number;
  beforeEach(async () => {
    nowMs = Date.now();
    it_ = await ServiceUnderTest.start({
      redis: redis.url,
      redisKeyPrefix: 'beats:',
      requestsPerMinute: 30,
      clock: () => nowMs,
    });
  });
  afterEach(() => it_.close());

  it('of a wrong, ended or expired token keeps no seat, nor does one in the name of another', async () => {
    const alice = await it_.login('alice');
    await it_.create(alice, 'r', 'multi_room');
    await it_.add(alice, 'r', 'multi_room');
    const beat = async (user: typeof alice, body: object = { roomID: 'r' }) =>
      (await it_.post('multi_room/pusher_heartbeat', user, body)).json;
    const lastBeatMs = async () => (await it_.service.rooms.get('multi_room', 'r')).members[0]?.lastBeatMs;
    const joinedMs = nowMs;
    nowMs += 1000;
    expect(await beat({ userID: 'alice', token: 'guessed' })).toMatchObject({ code: 7 });
    expect(await beat(alice, { roomID: 'r', userID: 'bob' })).toMatchObject({ code: 7 });
    expect(await beat(await it_.login('bob'))).toMatchObject({ code: 5 });
    expect(await beat(alice, { roomID: 'other' })).toMatchObject({ code: 5 });
    expect(await lastBeatMs()).toBe(joinedMs);
    const answer = await beat(alice, { roomID: 'r', userID: 'alice' });
    const { version, members } = await it_.service.rooms.get('multi_room', 'r');
    expect(answer).toMatchObject({ code: 0, epoch: members[0]?.epoch, version });
    expect(await lastBeatMs()).toBe(joinedMs + 1000);
    const again = await it_.login('alice');
    nowMs += 1000;
    expect(await beat(alice)).toMatchObject({ code: 7, reason: 'loggedInElsewhere' });
    expect(await lastBeatMs()).toBe(joinedMs + 1000);
    nowMs += 86_400_000;
    expect(await beat(again)).toMatchObject({ code: 7 });
    expect(await it_.service.rooms.get('multi_room', 'r')).toMatchObject({
      members: [{ lastBeatMs: joinedMs + 1000 }],
    });
  });

  it('keeps the token good as any other call does, and is counted by the limit', async () => {
    const carol = await it_.login('carol');
    await it_.create(carol, 'c', 'multi_room');
    await it_.add(carol, 'c', 'multi_room');
    const beat = () => it_.post('multi_room/pusher_heartbeat', carol, { roomID: 'c' });
    // Each after most of half the life of a token: two are beyond the life that it began with.
    for (let time = 0; time < 3; time++) {
      nowMs += 0.6 * 86_400_000;
      expect((await beat()).json).toMatchObject({ code: 0 });
    }
    const answers = [];
    for (let call = 0; call < 30; call++) answers.push((await beat()).status);
    expect([answers[0], answers.at(-1)]).toEqual([200, 429]);
  });
});
