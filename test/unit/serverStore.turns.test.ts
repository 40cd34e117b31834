import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RoomType } from '#lib/server/store/RoomStore';
import { SqliteDatabase } from '#lib/server/store/SqliteDatabase';
import { SqliteRoomStore } from '#lib/server/store/SqliteRoomStore';
import { ServiceUnderTest } from '../support/server/roomClient.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtcroom-turns-'));
  path = join(folder, 'rooms.db');
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await rm(folder, { recursive: true, force: true });
});

const room = (roomID: string, roomInfo: unknown = '', type: RoomType = 'multi_room') =>
  ({ type, roomID, roomInfo: roomInfo as string, createdBy: 'a', nowMs: 1 }) as const;
const token = (hash: string, userID = 'a') => ({ userID, hash, expiresAtMs: 9 });
const member = (streamID: string, userID = 'a', pushUrlDigest = '') => ({
  ...{ userID, userName: '', userAvatar: '', streamID, pushUrlDigest, pushUrlUntilSeconds: 1000 },
  ...{ maxMembers: 4, nowMs: 1 },
});
const leave = (userID: string) => ({ userID, creatorLeaveDissolves: true, revokeUntilSeconds: 500 });
const listen = (userID: string) => ({ userID, userInfo: '', maxAudience: 9, nowMs: 5 });

/** Statements of whatever database. */
const statements = Object.getPrototypeOf(new Database(':memory:').prepare('SELECT 1'));

/** The write of that number from now fails, once. Returns whether it has. */
function failWrite(number: number, code?: string): () => boolean {
  let written = 0;
  const run = statements.run;
  vi.spyOn(statements, 'run').mockImplementation(function (this: unknown, ...values: unknown[]) {
    if (++written === number) throw Object.assign(new Error('told to fail'), code && { code });
    return run.apply(this, values);
  });
  return () => written >= number;
}

/** No transaction is committed until the result is called. */
function failCommits(): () => void {
  const exec = Database.prototype.exec;
  const spy = vi.spyOn(Database.prototype, 'exec').mockImplementation(function (this: Database.Database, sql: string) {
    if (sql === 'COMMIT') throw Object.assign(new Error('no space left'), { code: 'SQLITE_FULL' });
    return exec.call(this, sql);
  });
  return () => spy.mockRestore();
}

/** What the store does from now on is of one turn of the event loop, until the result is called. */
function holdTurn(): () => void {
  const held: (() => void)[] = [];
  const { setImmediate } = globalThis;
  vi.stubGlobal('setImmediate', (step: () => void, ...args: []) => {
    if (!new Error('where').stack?.includes('SqliteDatabase')) return setImmediate(step, ...args);
    held.push(step);
    return undefined;
  });
  return () => {
    vi.unstubAllGlobals();
    for (const step of held) step();
  };
}

const unavailable = { status: 'rejected', reason: { code: 'ERR_RTC_STORE_UNAVAILABLE' } };

describe('steps of one turn', () => {
  it('are in the file when they are told to be done', async () => {
    const store = new SqliteRoomStore({ path });
    const done = Promise.all(Array.from({ length: 20 }, (_, index) => store.createRoom(room(`r${index}`))));
    expect(await done).toEqual(Array(20).fill(true));
    for (const end of ['', '-wal']) await copyFile(path + end, `${path}.left${end}`);
    await store.close();
    const left = new SqliteRoomStore({ path: `${path}.left` });
    expect(await left.count()).toEqual({ rooms: 20, members: 0 });
    await left.close();
  });

  it('are done but for the one that fails, also in memory', async () => {
    for (const kind of [path, ':memory:']) {
      const store = new SqliteRoomStore({ path: kind });
      await store.createRoom(room('before'));
      await store.addMember('multi_room', 'before', member('kept'));
      const results = await Promise.allSettled([
        store.createRoom(room('with')),
        store.putToken(token('with'), 1),
        store.revokeStream('revoked', 200),
        store.addMember('multi_room', 'with', member('taken', 'b')),
        store.createRoom(room('bad', { of: 'no type that a database has' })),
        store.removeRoom('multi_room', 'before', () => true),
        store.createRoom(room('bad', { of: 'no type that a database has' })),
        store.createRoom(room('behind')),
      ]);
      const failed = results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []));
      expect(failed).toEqual([4, 6]);
      expect((await store.readRooms('multi_room', 0, 9)).map(({ roomID }) => roomID)).toEqual(['with']);
      expect([await store.findRoom('before'), await store.findRoom('bad')]).toEqual([undefined, undefined]);
      expect(await store.findRoom('behind')).toBeDefined();
      expect(await store.getToken('a')).toEqual(token('with'));
      expect([await store.isStreamInUse('kept'), await store.isStreamInUse('taken')]).toEqual([false, true]);
      expect(await store.revokedUntil('revoked')).toBe(200);
      expect(await store.beat('multi_room', 'with', 'b', 2)).toBeDefined();
      expect(await store.count()).toEqual({ rooms: 2, members: 1 });
      await store.close();
    }
  });

  it('are all refused when they cannot be committed, nothing of them is left, and the next ones are done', async () => {
    for (const kind of [path, ':memory:']) {
      const store = new SqliteRoomStore({ path: kind, now: () => 1 });
      await store.createRoom(room('before'));
      await store.addMember('multi_room', 'before', member('kept'));
      await store.putToken(token('before'), 1);
      await store.revokeStream('revoked', 100);
      const before = await everything(store);
      const again = failCommits();
      const results = await Promise.allSettled([
        store.createRoom(room('with')),
        store.putToken(token('with'), 1),
        store.revokeStream('revoked', 200),
        store.addMember('multi_room', 'with', member('lost')),
        store.removeRoom('multi_room', 'before', () => true),
      ]);
      again();
      for (const result of results) expect(result).toMatchObject(unavailable);
      expect(await everything(store)).toEqual(before);
      expect(await store.createRoom(room('behind'))).toBe(true);
      await store.close();
    }
  });

  it('are refused by a disk that fails, also when it cannot be read then, and the next ones are done', async () => {
    let readable = true;
    const onRolledBack = () => {
      if (!readable) throw new Error('cannot be read');
    };
    const database = new SqliteDatabase({ path, now: () => 1, checkpointEvery: 1000, onRolledBack });
    const step = () => database.run('UPDATE sequence SET value = value + 1 WHERE id = 1');
    readable = false;
    const again = failCommits();
    const settled = await Promise.allSettled([database.atomically(step), database.atomically(step)]);
    for (const one of settled) expect(one).toMatchObject(unavailable);
    expect(() => database.check()).toThrow('cannot be read');
    again();
    readable = true;
    await database.atomically(step);
    await database.close(() => {});
  });

  it('are committed by a store that closes meanwhile', async () => {
    const store = new SqliteRoomStore({ path });
    const creating = store.createRoom(room('r'));
    await Promise.all([store.close(), creating]);
    const again = new SqliteRoomStore({ path });
    expect(await again.findRoom('r')).toBeDefined();
    await again.close();
  });
});

/** What can be read of a store. */
async function everything(store: SqliteRoomStore) {
  const ids = ['r', 's', 'live', 'pending', 'new', 'with', 'before'];
  const users = ['a', 'b', 'c'];
  const of = async <T>(names: readonly string[], read: (name: string) => T) =>
    Object.fromEntries(await Promise.all(names.map(async (name) => [name, await read(name)])));
  return structuredClone({
    rooms: await of(ids, (id) => store.findRoom(id)),
    lists: await of(['multi_room', 'live_room'], (type) => store.listRooms(type as RoomType, 0, 9)),
    audiences: await of(ids, (id) => store.listAudience('live_room', id)),
    tokens: await of(users, (userID) => store.getToken(userID)),
    ended: await of(users, (userID) => store.getEndedToken(userID, 'first')),
    streams: await of(['s-a', 's-b', 's-c', 'kept'], (id) => store.isStreamInUse(id)),
    revoked: await store.revocationsSince(0, 99),
    until: await of(['s-a', 's-b', 'old', 'older', 'revoked'], (id) => store.revokedUntil(id)),
    beats: await of(users, (userID) => store.beat('multi_room', 'r', userID, 1)),
    count: await store.count(),
    types: await store.countByType(),
  });
}

describe('a step that fails in the middle of its writes', () => {
  const steps: Record<string, (store: SqliteRoomStore) => Promise<unknown>> = {
    createRoom: (store) => store.createRoom(room('new')),
    removeRoom: (store) => store.removeRoom('multi_room', 'r', () => true),
    'addMember, new': (store) => store.addMember('multi_room', 'r', member('s-c', 'c')),
    'addMember, with another push URL': (store) => store.addMember('multi_room', 'r', member('s-c', 'b', 'another')),
    removeMember: (store) => store.removeMember('multi_room', 'r', leave('b')),
    'removeMember, the creator': (store) => store.removeMember('multi_room', 'r', leave('a')),
    reapPendingRooms: (store) => store.reapPendingRooms(10),
    addAudience: (store) => store.addAudience('live_room', 'live', listen('c')),
    removeAudience: (store) => store.removeAudience('live_room', 'live', 'b'),
    removeFromAudiences: (store) => store.removeFromAudiences('b'),
    expireAudience: (store) => store.expireAudience(10),
    countCustom: (store) => store.countCustom('live_room', 'live', { name: 'likes', step: 1, maxFields: 9 }),
    renewAll: (store) => store.renewAll(7),
    putToken: (store) => store.putToken(token('second'), 1),
    extendToken: (store) => store.extendToken('a', 'first', 99),
    deleteToken: (store) => store.deleteToken('a', { reason: 'expelled', expiresAtMs: 9 }),
    deleteExpiredTokens: (store) => store.deleteExpiredTokens(10),
    revokeStream: (store) => store.revokeStream('s-a', 300),
    forgetRevocations: (store) => store.forgetRevocations(150, 1),
  };

  const open = () => new SqliteRoomStore({ path, now: () => 1 });

  async function fill(store: SqliteRoomStore): Promise<void> {
    await store.createRoom(room('r'));
    await store.addMember('multi_room', 'r', member('s-a', 'a'));
    await store.addMember('multi_room', 'r', member('s-b', 'b'));
    await store.createRoom(room('live', '', 'live_room'));
    await store.addMember('live_room', 'live', member('s-a', 'a'));
    await store.addAudience('live_room', 'live', listen('b'));
    await store.createRoom(room('pending'));
    await store.createRoom(room('s'));
    await store.putToken(token('first'), 1);
    for (const [id, until] of [
      ['old', 100],
      ['older', 400],
      ['revoked', 400],
    ] as const)
      await store.revokeStream(id, until);
  }

  for (const [name, step] of Object.entries(steps)) {
    it(`${name}: nothing of it is done, what the others of its turn did is, and it can be done then`, async () => {
      let failures = 0;
      for (let number = 1; ; number++) {
        const store = open();
        await fill(store);
        const before = await everything(store);
        // Alone in its turn.
        let hasFailed = failWrite(number);
        const [alone] = await Promise.allSettled([step(store)]);
        vi.restoreAllMocks();
        if (!hasFailed()) {
          // It has no write of that number.
          expect(alone.status).toBe('fulfilled');
          await store.close();
          break;
        }
        failures++;
        expect(alone).toMatchObject({ status: 'rejected', reason: { message: 'told to fail' } });
        expect(await everything(store)).toEqual(before);

        const others = [store.createRoom(room('with')), store.putToken(token('of c', 'c'), 1)];
        hasFailed = failWrite(number);
        const [among] = await Promise.allSettled([step(store), store.revokeStream('s-c', 77)]);
        vi.restoreAllMocks();
        expect([hasFailed(), among.status]).toEqual([true, 'rejected']);
        expect((await Promise.all(others))[0]).toBe(true);
        const after = await everything(store);
        expect(after).toMatchObject({
          ...before,
          rooms: { ...before.rooms, with: after.rooms.with },
          tokens: { ...before.tokens, c: token('of c', 'c') },
          revoked: [...before.revoked, { streamID: 's-c', untilSeconds: 77 }],
          count: { ...before.count, rooms: before.count.rooms + 1 },
          types: after.types,
        });
        expect(after.rooms.with).toMatchObject({ roomID: 'with' });

        // Memory and file say the same.
        await store.close();
        const again = open();
        expect(await everything(again)).toEqual(after);
        await expect(step(again)).resolves.not.toThrow();
        await again.close();
        await rm(path);
      }
      expect(failures).toBeGreaterThan(0);
    });
  }

  it('for want of a disk is refused as such', async () => {
    const store = open();
    failWrite(1, 'SQLITE_FULL');
    const [refused] = await Promise.allSettled([store.createRoom(room('r'))]);
    vi.restoreAllMocks();
    expect(refused).toMatchObject(unavailable);
    expect(await store.createRoom(room('r'))).toBe(true);
    await store.close();
  });

  it('takes the others with it when they cannot be written again', async () => {
    const store = open();
    await fill(store);
    const before = await everything(store);
    const first = store.createRoom(room('with'));
    vi.spyOn(statements, 'run').mockImplementation(() => {
      throw new Error('told to fail');
    });
    const settled = await Promise.allSettled([first, store.createRoom(room('bad'))]);
    vi.restoreAllMocks();
    expect(settled).toMatchObject([unavailable, { status: 'rejected', reason: { message: 'told to fail' } }]);
    expect(await everything(store)).toEqual(before);
    expect(await store.createRoom(room('with'))).toBe(true);
    await store.close();
  });
});

describe('what is read in the turn of a change', () => {
  /** By what is changed: each of the two rooms, users and streams. */
  const reads: Record<string, (store: SqliteRoomStore, of: string) => unknown> = {
    getRoom: (store, of) => store.getRoom('multi_room', of),
    readRoom: (store, of) => store.readRoom('multi_room', of),
    findRoom: (store, of) => store.findRoom(of),
    beat: (store, of) => store.beat('multi_room', of, of, 2),
    listAudience: (store, of) => store.listAudience('multi_room', of),
    getToken: (store, of) => store.getToken(of),
    getEndedToken: (store, of) => store.getEndedToken(of, 'hash'),
    revokedUntil: (store, of) => store.revokedUntil(of),
    isStreamInUse: (store, of) => store.isStreamInUse(of),
  };
  /** Whatever is changed. */
  const lists: Record<string, (store: SqliteRoomStore) => unknown> = {
    listRooms: (store) => store.listRooms('multi_room', 0, 9),
    readRooms: (store) => store.readRooms('multi_room', 0, 9),
    count: (store) => store.count(),
    countByType: (store) => store.countByType(),
    revocationsSince: (store) => store.revocationsSince(0, 9),
  };
  const change = (store: SqliteRoomStore) => [
    store.addMember('multi_room', 'one', member('one', 'one')),
    store.putToken(token('new', 'one'), 1),
    store.revokeStream('one', 200),
    store.revokeStream('two', 200),
  ];
  let store: SqliteRoomStore;
  beforeEach(async () => {
    store = new SqliteRoomStore({ path, now: () => 1 });
    for (const id of ['one', 'other']) {
      await store.createRoom(room(id));
      await store.putToken(token('hash', id), 1);
      await store.revokeStream(id, 100);
    }
    await store.addMember('multi_room', 'other', member('other', 'other'));
  });
  afterEach(() => store.close());

  it('is of before or after it, and told after it', async () => {
    const told: string[] = [];
    const changing = change(store);
    const reading = Object.entries({ ...reads, ...lists }).map(async ([name, read]) => {
      const value = await read(store, 'one');
      told.push(name);
      return [name, value];
    });
    for (let time = 0; time < 100; time++) await Promise.resolve();
    expect(told).toEqual([]);
    expect(Object.fromEntries(await Promise.all(reading))).toMatchObject({
      readRoom: { members: [{ userID: 'one' }] },
      beat: { epoch: expect.any(Number) },
      getToken: { hash: 'new' },
      getEndedToken: { reason: 'loggedInElsewhere' },
      revokedUntil: 200,
      isStreamInUse: true,
      count: { members: 2 },
    });
    await Promise.all(changing);
  });

  it('is refused with it when that cannot be committed, and what is not of it is told at once', async () => {
    const again = failCommits();
    const changing = Promise.allSettled(change(store));
    const reading = Object.entries({ ...reads, ...lists }).map(async ([name, read]) => {
      const [result] = await Promise.allSettled([read(store, 'one')]);
      return [name, result] as const;
    });
    for (const name of ['getRoom', 'readRoom', 'beat', 'getToken', 'revokedUntil']) {
      expect(reads[name]?.(store, 'other'), name).not.toBeInstanceOf(Promise);
    }
    for (const [name, result] of await Promise.all(reading)) expect(result, name).toMatchObject(unavailable);
    for (const result of await changing) expect(result).toMatchObject(unavailable);
    again();
    expect(await store.getRoom('multi_room', 'one')).toMatchObject({ members: [] });
    expect(store.readRoom('multi_room', 'one')).not.toBeInstanceOf(Promise);
    expect(await store.revocationsSince(0, 9)).toHaveLength(2);
  });

  it('is no answer to a client before that: refused by 503 when it is taken back', async () => {
    const it_ = await ServiceUnderTest.start({ database: join(folder, 'service.db') });
    const [alice, bob] = [await it_.login('alice'), await it_.login('bob')];
    for (const id of ['r', 'other']) await it_.create(alice, id);
    for (const id of ['r', 'other']) await it_.add(alice, id);
    const pushURL = await it_.pushURL(bob, 'r');
    const called = (name: 'addMember' | 'readRoom' | 'beat' | 'readRooms') =>
      vi.spyOn(SqliteRoomStore.prototype, name as 'readRoom');
    const arrived = (['addMember', 'readRoom', 'beat', 'readRooms'] as const).map(called);
    const again = failCommits();
    const endTurn = holdTurn();
    const adding = it_.post('double_room/add_pusher', bob, { roomID: 'r', pushURL });
    await vi.waitFor(() => expect(arrived[0]).toHaveBeenCalled(), 10_000);
    const reading = [
      it_.post('double_room/get_pushers', alice, { roomID: 'r' }),
      it_.post('double_room/pusher_heartbeat', alice, { roomID: 'r' }),
      it_.post('double_room/get_room_list', alice, { cnt: 9 }),
    ];
    for (const one of arrived) await vi.waitFor(() => expect(one).toHaveBeenCalled(), 10_000);
    // Nobody changes that one.
    const others = await it_.post('double_room/get_pushers', alice, { roomID: 'other' });
    expect(others.json).toMatchObject({ code: 0, pushers: [{ userID: 'alice' }] });
    endTurn();
    for (const { status, headers } of await Promise.all([adding, ...reading])) {
      expect([status, headers['retry-after']]).toEqual([503, '1']);
    }
    again();
    expect((await it_.post('double_room/get_pushers', alice, { roomID: 'r' })).json.pushers).toMatchObject([
      { userID: 'alice' },
    ]);
    expect((await it_.add(bob, 'r', 'double_room', pushURL)).code).toBe(0);
    await it_.close();
  });
});
