import { copyFileSync, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalMailboxes } from '#lib/server/im/LocalMailboxes';
import type { Sink } from '#lib/server/im/Mailbox';
import { mailboxLimits } from '#lib/server/im/Mailboxes';
import { RoomService } from '#lib/server/RoomService';
import { SqliteRoomStore } from '#lib/server/store/SqliteRoomStore';
import { FakeMediaServer } from '../support/server/fakeMediaServer.js';
import { sdkAppID, secretKey } from '../support/server/roomClient.js';

let folder: string;
const opened: SqliteRoomStore[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtcroom-killed-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await rm(folder, { recursive: true, force: true });
});

/** Mailboxes in a file, as a process has them that a kill may end. */
class Life {
  readonly mailboxes: LocalMailboxes;
  readonly store: SqliteRoomStore;

  constructor(readonly path: string) {
    this.store = new SqliteRoomStore({ path });
    opened.push(this.store);
    this.mailboxes = new LocalMailboxes({ ...mailboxLimits, now: Date.now }, this.store.messages);
  }

  /** What a kill now would leave: SQLite writes to its files before it returns. */
  left(): string {
    const path = join(folder, `${opened.length}.db`);
    for (const end of ['', '-wal']) if (existsSync(this.path + end)) copyFileSync(this.path + end, path + end);
    return path;
  }

  /** The next process. */
  next(): Life {
    return new Life(this.left());
  }

  async post(text: string): Promise<void> {
    const message = { from: 'alice', msgID: text, time: Date.now() };
    await this.mailboxes.post(message, ['bob'], text, false);
  }
}

/** A client's stream: what it was told. */
class Reader implements Sink {
  readonly data: string[] = [];
  lastID: string | undefined;
  resumed: boolean | undefined;
  onReady = () => {};

  ready(id: string, resumed: boolean): void {
    this.lastID ??= id;
    this.resumed = resumed;
    this.onReady();
  }

  write(text: string): void {
    const [, id, data] = /^id: (\S+)\nevent: message\ndata: (.*)\n\n$/.exec(text) ?? [];
    this.lastID = id;
    this.data.push(data as string);
  }

  end(): void {}
}

function resumeAt(life: Life, before: Reader): Reader {
  const reader = new Reader();
  reader.lastID = before.lastID;
  life.mailboxes.attach('bob', reader, before.lastID);
  return reader;
}

describe('mailboxes in a file, after a kill', () => {
  it('give who had no message yet all that came before it was back, however many kills there were', async () => {
    const first = new Life(join(folder, 'first.db'));
    const bob = new Reader();
    first.mailboxes.attach('bob', bob, undefined);
    await first.post('to the first');
    const fresh = new Reader();
    first.mailboxes.attach('carol', fresh, undefined);
    await new Promise((resolve) => setImmediate(resolve));
    const second = first.next();
    await second.post('to the second');
    await second.mailboxes.post({ from: 'alice', msgID: 'c', time: 0 }, ['carol'], 'carol’s first', false);
    const third = second.next();
    await third.post('to the third');
    await third.mailboxes.post({ from: 'alice', msgID: 'd', time: 0 }, ['carol'], 'carol’s second', false);
    const back = resumeAt(third, bob);
    expect([back.resumed, ...back.data]).toEqual([true, 'to the second', 'to the third']);
    const carol = new Reader();
    third.mailboxes.attach('carol', carol, fresh.lastID);
    expect([carol.resumed, ...carol.data]).toEqual([true, 'carol’s first', 'carol’s second']);
  });

  it('know everyone who was told that its stream is ready', async () => {
    const first = new Life(join(folder, 'first.db'));
    let second: Life | undefined;
    const bob = new Reader();
    bob.onReady = () => {
      second = first.next();
    };
    first.mailboxes.attach('bob', bob, undefined);
    await second?.post('meanwhile');
    const back = resumeAt(second as Life, bob);
    expect([back.resumed, ...back.data]).toEqual([true, 'meanwhile']);
  });

  it('never take the number of a message that the disk did not take for another one’s', async () => {
    const first = new Life(join(folder, 'first.db'));
    const bob = new Reader();
    first.mailboxes.attach('bob', bob, undefined);
    await first.post('kept');
    const left = first.next();
    // The disk is full: notices are told all the same, since nobody would send them again.
    const file = first.store.messages;
    if (!file) throw new Error('no file');
    file.flush = () => {
      throw new Error('disk is full');
    };
    await first.mailboxes.notify(['bob'], 'not kept');
    expect(bob.data).toEqual(['kept', 'not kept']);
    await left.post('after the kill');
    const back = resumeAt(left, bob);
    expect(back.resumed === false || back.data.includes('after the kill')).toBe(true);
  });
});

describe('a service after a kill', () => {
  it('tells members to read their lists, and tries until it could', async () => {
    const database = new Life(join(folder, 'first.db')).left();
    const service = new RoomService({ media: new FakeMediaServer(), sdkAppID, secretKey, database });
    let tries = 0;
    service.rooms.announce = async () => {
      if (++tries < 3) throw new Error('the store did not answer in time');
    };
    try {
      await service.listen();
      await expect.poll(() => tries, { timeout: 5000 }).toBe(3);
    } finally {
      await service.close();
    }
    expect(tries).toBe(3);
  });
});
