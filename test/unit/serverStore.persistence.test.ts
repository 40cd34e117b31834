import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LocalMailboxes } from '#lib/server/im/LocalMailboxes';
import { SqliteRoomStore } from '#lib/server/store/SqliteRoomStore';
import { ServiceUnderTest } from '../support/server/roomClient.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtcroom-store-'));
  path = join(folder, 'rooms.db');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function refusal(open: () => unknown): unknown {
  try {
    open();
  } catch (error) {
    return (error as { code: unknown }).code;
  }
  return undefined;
}

describe('a database file', () => {
  it('keeps rooms, members and tokens over a restart, and gives members time to be heard again', async () => {
    const first = await ServiceUnderTest.start({ database: path });
    const alice = await first.login('alice');
    const bob = await first.login('bob');
    await first.create(alice, 'room_kept', 'multi_room');
    await first.add(alice, 'room_kept', 'multi_room');
    const { version } = await first.add(bob, 'room_kept', 'multi_room');
    const before = (await first.post('multi_room/get_pushers', alice, { roomID: 'room_kept' })).json;
    await first.close();

    let nowMs = first.nowMs + 3_600_000;
    const second = await ServiceUnderTest.start({ database: path, clock: () => nowMs });
    try {
      await second.service.sweep();
      const after = (await second.post('multi_room/get_pushers', alice, { roomID: 'room_kept' })).json;
      expect(after).toEqual(before);
      const { epoch } = before.pushers.find((one: { userID: string }) => one.userID === 'bob');
      const beat = (await second.post('multi_room/pusher_heartbeat', bob, { roomID: 'room_kept' })).json;
      expect(beat).toMatchObject({ code: 0, epoch, version });
      expect((await second.post('multi_room/delete_pusher', bob, { roomID: 'room_kept' })).json.code).toBe(0);
      const left = (await second.post('multi_room/get_pushers', alice, { roomID: 'room_kept' })).json;
      expect(left.version).toBeGreaterThan(version);
      nowMs += 20_001;
      await second.service.sweep();
      expect((await second.post('multi_room/get_pushers', alice, { roomID: 'room_kept' })).json.code).toBe(1);
    } finally {
      await second.close();
    }
  });

  it('keeps what was revoked: an address from before a leave is good no more, and the media server is told', async () => {
    const first = await ServiceUnderTest.start({ database: path });
    const alice = await first.login('alice');
    await first.create(alice, 'r');
    const pushURL = await first.pushURL(alice, 'r');
    await first.add(alice, 'r', 'double_room', pushURL);
    expect((await first.post('double_room/delete_pusher', alice, { roomID: 'r' })).json.code).toBe(0);
    const until = first.media.revoked.get('1000_r_alice') as number;
    expect(until).toBeGreaterThanOrEqual(Number.parseInt(new URL(pushURL).searchParams.get('txTime') as string, 16));
    await first.close();

    const second = await ServiceUnderTest.start({ database: path });
    try {
      expect(second.media.revoked.get('1000_r_alice')).toBe(until);
      await second.create(alice, 'r');
      expect((await second.add(alice, 'r', 'double_room', pushURL)).code).toBe(2);
      expect(await second.pushURL(alice, 'r')).not.toBe(pushURL);
      second.nowMs += 604_803_000;
      await second.service.sweep();
    } finally {
      await second.close();
    }
    const third = await ServiceUnderTest.start({ database: path });
    expect(third.media.revoked.has('1000_r_alice')).toBe(false);
    await third.close();
  });

  it('is had by one service at a time', async () => {
    const first = new SqliteRoomStore({ path });
    expect(refusal(() => new SqliteRoomStore({ path }))).toBe('ERR_RTC_INVALID_ARGUMENT');
    await first.close();
    const second = new SqliteRoomStore({ path });
    await second.close();
  });

  it('holds no token, userSig or push URL in clear', async () => {
    const it_ = await ServiceUnderTest.start({ database: path });
    const older = await it_.login('alice');
    const alice = await it_.login('alice');
    await it_.create(alice, 'room_secret');
    const pushURL = await it_.pushURL(alice, 'room_secret');
    await it_.add(alice, 'room_secret', 'double_room', pushURL);
    await it_.close();
    const database = new Database(path);
    const text = ['rooms', 'members', 'tokens', 'ended_tokens']
      .map((table) => JSON.stringify(database.prepare(`SELECT * FROM ${table}`).all()))
      .join();
    database.close();
    expect(text).toContain('alice');
    expect(text).not.toContain(alice.token);
    expect(text).not.toContain(older.token);
    expect(text).not.toContain(new URL(pushURL).searchParams.get('txSecret'));
  });

  it('of a newer schema is refused, not changed', () => {
    const database = new Database(path);
    database.exec('PRAGMA user_version = 999');
    database.close();
    expect(refusal(() => new SqliteRoomStore({ path }))).toBe('ERR_RTC_INVALID_ARGUMENT');
  });

  it('that is no database, or in no folder, is refused', async () => {
    await writeFile(path, 'this is a text file and no database at all, however long it may be'.repeat(50));
    expect(refusal(() => new SqliteRoomStore({ path }))).toBe('ERR_RTC_INVALID_ARGUMENT');
    expect(refusal(() => new SqliteRoomStore({ path: join(folder, 'absent', 'rooms.db') }))).toBe(
      'ERR_RTC_INVALID_ARGUMENT',
    );
  });
});

describe('messages in a database file', () => {
  function open() {
    const store = new SqliteRoomStore({ path });
    const limits = { backlogMessages: 5, backlogLength: 10_000, retentionMs: 60_000, now: Date.now };
    return { store, mailboxes: new LocalMailboxes(limits, store.messages) };
  }

  function listen(mailboxes: LocalMailboxes, lastEventID?: string) {
    const ids: string[] = [];
    const ready: { id: string; resumed: boolean }[] = [];
    const sink = {
      ready: (id: string, resumed: boolean) => void ready.push({ id, resumed }),
      write: (text: string) => void ids.push(/^id: (\S+)/.exec(text)?.[1] ?? ''),
      end: () => {},
    };
    mailboxes.attach('alice', sink, lastEventID);
    return { ids, ready };
  }

  it('are no more than are kept, and go on with the next number after a restart', async () => {
    const first = open();
    const before = listen(first.mailboxes);
    for (let index = 0; index < 12; index++) await first.mailboxes.notify(['alice'], `{"index":${index}}`);
    const id = (seq: number) => `${before.ready[0]?.id.split('.')[0]}.${seq}`;
    expect(before.ids).toEqual(Array.from({ length: 12 }, (_, index) => id(index + 1)));
    first.mailboxes.close();
    await first.store.close();
    const database = new Database(path);
    // The oldest that is kept is looked at before the newest comes.
    expect(database.prepare('SELECT min(seq) AS first, max(seq) AS last FROM messages').get()).toMatchObject({
      first: 7,
      last: 12,
    });
    database.close();

    const second = open();
    const after = listen(second.mailboxes, id(9));
    await second.mailboxes.notify(['alice'], '{}');
    expect(after.ready).toEqual([{ id: id(9), resumed: true }]);
    expect(after.ids).toEqual([id(10), id(11), id(12), id(13)]);
    await second.store.close();
  });
});

describe('the log of a database file', () => {
  it('is begun anew once the file is brought up to date beside the transactions', async () => {
    const store = new SqliteRoomStore({ path, checkpointEvery: 20 });
    const change = async (count: number) => {
      for (let done = 0; done < count; done++) {
        await store.createRoom({ type: 'double_room', roomID: `r${done}`, roomInfo: '', createdBy: 'a', nowMs: 1 });
        await store.removeRoom('double_room', `r${done}`, () => true);
      }
    };
    const log = `${path}-wal`;
    await change(10);
    const { size } = await stat(log);
    // Written over from its beginning, where it would be far longer.
    await expect
      .poll(
        async () => {
          const before = await readFile(log);
          await change(10);
          return before.subarray(0, 32).equals((await readFile(log)).subarray(0, 32));
        },
        { timeout: 10_000 },
      )
      .toBe(false);
    expect((await stat(log)).size).toBeLessThan(size * 10);
    await store.close();
    const kept = new Database(path);
    expect(kept.prepare('SELECT count(*) AS rooms FROM rooms').get()).toMatchObject({ rooms: 0 });
    kept.close();
  });

  it('is left alone by a store that closes meanwhile', async () => {
    const store = new SqliteRoomStore({ path, checkpointEvery: 1 });
    await store.createRoom({ type: 'double_room', roomID: 'r', roomInfo: '', createdBy: 'a', nowMs: 1 });
    await store.close();
    const again = new SqliteRoomStore({ path });
    expect(await again.findRoom('r')).toBeDefined();
    await again.close();
  });
});

describe('revocations of a database file', () => {
  it('are read and forgotten by an index: that takes what is found, however many there are', async () => {
    const store = new SqliteRoomStore({ path });
    const prepare = vi.spyOn(Database.prototype, 'prepare');
    for (let index = 0; index < 2500; index++) void store.revokeStream(`s${index}`, 100 + (index % 50));
    const pages: string[][] = [];
    for (let last = 0; ; ) {
      const page = await store.revocationsSince(last, 1000);
      if (page.length === 0) break;
      pages.push(page.map(({ streamID }) => streamID));
      last = page.at(-1)?.number as number;
    }
    expect(pages.map(({ length }) => length)).toEqual([1000, 1000, 500]);
    expect(pages.flat()).toEqual(Array.from({ length: 2500 }, (_, index) => `s${index}`));
    await store.forgetRevocations(124, 1000);
    expect(await store.revocationsSince(0, 2000)).toHaveLength(1000);
    expect([await store.revokedUntil('s24'), await store.revokedUntil('s2499')]).toEqual([0, 149]);
    const asked = [...new Set(prepare.mock.calls.map(([sql]) => sql))].filter(
      (sql) => /FROM revocations/.test(sql) && !/INSERT/.test(sql),
    );
    prepare.mockRestore();
    await store.close();

    const database = new Database(path);
    const plans = asked.map((sql) => {
      const values = Array(sql.split('?').length - 1).fill(1);
      return (database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[]).map(
        ({ detail }) => detail,
      );
    });
    database.close();
    expect(plans).toHaveLength(5);
    for (const plan of plans) {
      expect(plan).toHaveLength(1);
      expect(plan[0]).toMatch(/^(SEARCH|SCAN) revocations USING (COVERING )?INDEX revocations_(number|expiry)\b/);
    }
  });
});

describe('a closed store', () => {
  it('says so, and closes twice', async () => {
    const store = new SqliteRoomStore();
    await store.close();
    await store.close();
    await expect(store.count()).rejects.toMatchObject({ code: 'ERR_RTC_CLOSED' });
    await expect(store.addMember('double_room', 'r', {} as never)).rejects.toMatchObject({ code: 'ERR_RTC_CLOSED' });
  });
});
