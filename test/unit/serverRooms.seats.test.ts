import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ImEvent } from '#lib/server/im/events';
import { silentLogger } from '#lib/server/logger';
import { type MemberFact, Rooms, type RoomsOptions } from '#lib/server/rooms/Rooms';
import { StreamUrls } from '#lib/server/rooms/StreamUrls';
import type { RoomType } from '#lib/server/store/RoomStore';
import { SqliteRoomStore } from '#lib/server/store/SqliteRoomStore';
import { FakeMediaServer } from '../support/server/fakeMediaServer.js';

class Bench {
  nowMs = 1_800_000_000_000;
  readonly now = () => this.nowMs;
  readonly media = new FakeMediaServer();
  readonly store = new SqliteRoomStore({ now: this.now });
  readonly urls = new StreamUrls({
    media: this.media,
    store: this.store,
    bizid: '1000',
    validityMs: 604_800_000,
    now: this.now,
  });
  readonly notices: { to: string; event: ImEvent }[] = [];
  readonly rooms: Rooms;
  readonly joined: MemberFact[] = [];
  readonly left: MemberFact[] = [];

  constructor(options: Partial<RoomsOptions> = {}) {
    this.rooms = new Rooms({
      store: this.store,
      media: this.media,
      urls: this.urls,
      notifier: {
        notify: (users, event) => {
          for (const to of users) this.notices.push({ to, event });
        },
      },
      logger: silentLogger,
      maxMembers: 4,
      maxLivePushers: 4,
      creatorLeaveDissolves: true,
      createMissingRooms: false,
      heartbeatTimeoutMs: 20_000,
      pendingRoomTimeoutMs: 30_000,
      now: this.now,
      ...options,
    });
    this.rooms.on('memberJoined', (fact) => this.joined.push(fact));
    this.rooms.on('memberLeft', (fact) => this.left.push(fact));
  }

  async add(user: string, roomID: string, type: RoomType = 'double_room') {
    const pushURL = await this.urls.pushUrl(this.urls.streamID(user, roomID));
    return this.rooms.addPusher(type, user, { roomID, pushURL, userName: user, userAvatar: '', roomInfo: '' });
  }

  told(user: string): ImEvent[] {
    return this.notices.filter((one) => one.to === user).map((one) => one.event);
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.store.close());

const code = (call: Promise<unknown>) =>
  call.then(
    () => 0,
    (error: { code: unknown }) => error.code,
  );

describe('seats', () => {
  const users = ['a', 'b', 'c', 'd', 'e', 'f'];
  const roomIDs = ['r1', 'r2'];
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('create' as const),
      user: fc.constantFrom(...users),
      room: fc.constantFrom(...roomIDs),
    }),
    fc.record({
      kind: fc.constant('add' as const),
      user: fc.constantFrom(...users),
      room: fc.constantFrom(...roomIDs),
    }),
    fc.record({
      kind: fc.constant('add' as const),
      user: fc.constantFrom(...users),
      room: fc.constantFrom(...roomIDs),
    }),
    fc.record({
      kind: fc.constant('delete' as const),
      user: fc.constantFrom(...users),
      room: fc.constantFrom(...roomIDs),
    }),
    fc.record({
      kind: fc.constant('destroy' as const),
      user: fc.constantFrom(...users),
      room: fc.constantFrom(...roomIDs),
    }),
    fc.record({
      kind: fc.constant('beat' as const),
      user: fc.constantFrom(...users),
      room: fc.constantFrom(...roomIDs),
    }),
    fc.record({ kind: fc.constant('sweep' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
  );

  it('are never over the limit, and every join has exactly one leave, whatever is under way at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(step, { minLength: 5, maxLength: 60 }),
        fc.boolean(),
        fc.constantFrom('double_room' as const, 'multi_room' as const, 'live_room' as const),
        async (scheduler, steps, creatorLeaveDissolves, type) => {
          const it_ = new Bench({ creatorLeaveDissolves, maxMembers: 3 });
          try {
            const limit = it_.rooms.seats(type);
            // Each step of the store is answered at a time that the scheduler picks: all interleavings.
            for (const name of [
              'addMember',
              'removeMember',
              'removeRoom',
              'createRoom',
              'isStreamInUse',
              'beat',
            ] as const) {
              const original = it_.store[name].bind(it_.store) as (...args: unknown[]) => Promise<unknown>;
              Object.assign(it_.store, {
                [name]: (...args: unknown[]) =>
                  scheduler.schedule(Promise.resolve(), name).then(() => original(...args)),
              });
            }
            const running = steps.map(async (one) => {
              await scheduler.schedule(Promise.resolve(), one.kind);
              try {
                if (one.kind === 'create') await it_.rooms.create(type, one.user, '', one.room);
                else if (one.kind === 'add') await it_.add(one.user, one.room, type);
                else if (one.kind === 'delete') await it_.rooms.deletePusher(type, one.room, one.user);
                else if (one.kind === 'destroy') await it_.rooms.destroy(type, one.room, one.user);
                else if (one.kind === 'beat') await it_.rooms.heartbeat(type, one.room, one.user);
                else {
                  it_.nowMs += one.ms;
                  await it_.rooms.sweep();
                }
              } catch (error) {
                expect([1, 2, 3, 5, 11, 5001]).toContain((error as { code: unknown }).code);
              }
              for (const roomID of roomIDs) {
                const room = await it_.store.findRoom(roomID);
                expect(room?.members.length ?? 0).toBeLessThanOrEqual(limit);
                if (room?.active) expect(room.members.length).toBeGreaterThan(0);
              }
            });
            await scheduler.waitFor(Promise.all(running));
            const inside: string[] = [];
            for (const roomID of roomIDs) {
              const room = await it_.store.findRoom(roomID);
              for (const member of room?.members ?? []) inside.push(`${roomID} ${member.userID} ${member.epoch}`);
            }
            const key = (fact: MemberFact) => `${fact.roomID} ${fact.userID} ${fact.epoch}`;
            const joined = it_.joined.map(key);
            const left = it_.left.map(key);
            expect(new Set(joined).size).toBe(joined.length);
            expect(new Set(left).size).toBe(left.length);
            expect([...left, ...inside].sort()).toEqual([...joined].sort());
          } finally {
            await it_.store.close();
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('hold when twenty ask for the last one at once', async () => {
    await bench.rooms.create('double_room', 'a', '', 'r');
    await bench.add('a', 'r');
    const codes = await Promise.all(Array.from({ length: 20 }, (_, index) => code(bench.add(`u${index}`, 'r'))));
    expect(codes.filter((one) => one === 0)).toHaveLength(1);
    expect(codes.filter((one) => one === 5001)).toHaveLength(19);
  });
});

describe('leaving', () => {
  it('of a guest: seat free, stream cut, the others told with a higher version', async () => {
    await bench.rooms.create('double_room', 'a', '', 'r');
    await bench.add('a', 'r');
    const { version } = await bench.add('b', 'r');
    bench.notices.length = 0;
    await bench.rooms.deletePusher('double_room', 'r', 'b');
    expect(bench.media.cuts).toEqual(['1000_r_b']);
    expect(bench.told('a')).toMatchObject([
      { type: 'system', groupID: 'r', data: '{"cmd":"notifyPusherChange","data":""}' },
    ]);
    expect((bench.told('a')[0] as { version: number }).version).toBeGreaterThan(version);
    expect(bench.told('b')).toEqual([]);
    expect((await bench.add('c', 'r')).created).toBe(false);
  });

  it('of the creator dissolves the room and cuts every stream', async () => {
    await bench.rooms.create('double_room', 'a', '', 'r');
    await bench.add('a', 'r');
    await bench.add('b', 'r');
    bench.notices.length = 0;
    await bench.rooms.deletePusher('double_room', 'r', 'a');
    expect(bench.told('b')).toEqual([{ type: 'groupClosed', groupID: 'r', reason: 'creatorLeft' }]);
    expect(bench.told('a')).toEqual([]);
    expect([...bench.media.cuts].sort()).toEqual(['1000_r_a', '1000_r_b']);
    expect(await code(bench.rooms.get('double_room', 'r'))).toBe(1);
    const beat = async () => bench.rooms.heartbeat('double_room', 'r', 'b');
    expect(await code(beat())).toBe(5);
  });

  it('of the creator leaves the room alone when so configured; the last one ends it', async () => {
    await bench.store.close();
    bench = new Bench({ creatorLeaveDissolves: false });
    await bench.rooms.create('double_room', 'a', '', 'r');
    await bench.add('a', 'r');
    await bench.add('b', 'r');
    await bench.rooms.deletePusher('double_room', 'r', 'a');
    expect(await bench.rooms.get('double_room', 'r')).toMatchObject({ creator: 'a', members: [{ userID: 'b' }] });
    await bench.rooms.deletePusher('double_room', 'r', 'b');
    expect(await code(bench.rooms.get('double_room', 'r'))).toBe(1);
  });

  it('does not cut a stream that serves another room too', async () => {
    const pushURL = await bench.urls.pushUrl(bench.urls.streamID('a'));
    for (const roomID of ['r', 's']) {
      await bench.rooms.create('multi_room', 'a', '', roomID);
      await bench.rooms.addPusher('multi_room', 'a', { roomID, pushURL, userName: '', userAvatar: '', roomInfo: '' });
    }
    await bench.rooms.deletePusher('multi_room', 'r', 'a');
    expect(bench.media.cuts).toEqual([]);
    await bench.rooms.deletePusher('multi_room', 's', 'a');
    expect(bench.media.cuts).toEqual(['1000_a']);
  });

  it('succeeds when the media server cannot be reached', async () => {
    bench.media.cutFailure = new Error('gone');
    await bench.rooms.create('double_room', 'a', '', 'r');
    await bench.add('a', 'r');
    expect(await code(bench.rooms.deletePusher('double_room', 'r', 'a'))).toBe(0);
  });

  it('is cut at a later sweep where the store failed in the middle of it, once, unless somebody is there by then', async () => {
    for (const [creator, other, roomID] of [
      ['a', 'b', 'r'],
      ['c', 'd', 's'],
    ] as const) {
      await bench.rooms.create('double_room', creator, '', roomID);
      await bench.add(creator, roomID);
      await bench.add(other, roomID);
    }
    // A leaver's stream is revoked with the leave; those of the others when the room is gone.
    const revoke = vi.spyOn(bench.store, 'revokeStream').mockRejectedValue(new Error('gone'));
    await bench.rooms.deletePusher('double_room', 'r', 'a');
    await bench.rooms.deletePusher('double_room', 's', 'c');
    const cutAtOnce = ['1000_r_a', '1000_s_c'];
    expect(bench.media.cuts).toEqual(cutAtOnce);
    revoke.mockRestore();
    await bench.rooms.create('double_room', 'd', '', 's');
    await bench.add('d', 's');
    await bench.rooms.sweep();
    await bench.rooms.sweep();
    expect(bench.media.cuts).toEqual([...cutAtOnce, '1000_r_b']);
  });

  it('revokes the push URL and issues another one, even in the same second', async () => {
    await bench.rooms.create('double_room', 'a', '', 'r');
    const before = await bench.urls.pushUrl('1000_r_a');
    await bench.add('a', 'r');
    await bench.rooms.deletePusher('double_room', 'r', 'a');
    await bench.rooms.create('double_room', 'a', '', 'r');
    const input = { roomID: 'r', pushURL: before, userName: '', userAvatar: '', roomInfo: '' };
    expect(await code(bench.rooms.addPusher('double_room', 'a', input))).toBe(2);
    expect(await bench.urls.pushUrl('1000_r_a')).not.toBe(before);
    expect(await code(bench.add('a', 'r'))).toBe(0);
  });

  it('is not broken by a listener that throws', async () => {
    bench.rooms.on('memberJoined', () => {
      throw new Error('listener');
    });
    await bench.rooms.create('double_room', 'a', '', 'r');
    expect(await code(bench.add('a', 'r'))).toBe(0);
  });
});

describe('expiry', () => {
  it('removes who is silent for longer than the timeout, as leaving does, and tells both sides', async () => {
    await bench.rooms.create('double_room', 'a', '', 'r');
    await bench.add('a', 'r');
    await bench.add('b', 'r');
    bench.notices.length = 0;
    bench.nowMs += 20_000;
    await bench.rooms.heartbeat('double_room', 'r', 'a');
    await bench.rooms.sweep();
    expect((await bench.rooms.get('double_room', 'r')).members).toHaveLength(2);
    bench.nowMs += 1;
    await bench.rooms.sweep();
    expect((await bench.rooms.get('double_room', 'r')).members).toMatchObject([{ userID: 'a' }]);
    expect(bench.media.cuts).toEqual(['1000_r_b']);
    for (const user of ['a', 'b']) expect(bench.told(user)).toMatchObject([{ type: 'system', groupID: 'r' }]);
  });

  it('waits while the stream still arrives, but not for ever', async () => {
    await bench.rooms.create('double_room', 'a', '', 'r');
    await bench.add('a', 'r');
    await bench.add('b', 'r');
    bench.media.publishing.add('1000_r_b');
    const here = async () => {
      await bench.rooms.sweep();
      return (await bench.rooms.get('double_room', 'r')).members.map(({ userID }) => userID);
    };
    for (const ms of [20_001, 19_999, 20_000]) {
      bench.nowMs += ms;
      await bench.rooms.heartbeat('double_room', 'r', 'a');
      expect(await here()).toEqual(['a', 'b']);
    }
    bench.nowMs += 1;
    expect(await here()).toEqual(['a']);
    expect(bench.media.cuts).toEqual(['1000_r_b']);
  });

  it('comes at the next sweep once the stream has ended', async () => {
    await bench.rooms.create('double_room', 'a', '', 'r');
    await bench.add('a', 'r');
    bench.media.publishing.add('1000_r_a');
    bench.nowMs += 20_001;
    await bench.rooms.sweep();
    expect(await bench.store.count()).toEqual({ rooms: 1, members: 1 });
    bench.media.publishing.clear();
    await bench.rooms.sweep();
    expect(await bench.store.count()).toEqual({ rooms: 0, members: 0 });
  });

  it('of the creator ends the room with reason expired', async () => {
    await bench.rooms.create('double_room', 'a', '', 'r');
    await bench.add('a', 'r');
    bench.nowMs += 10_000;
    await bench.add('b', 'r');
    bench.notices.length = 0;
    bench.nowMs += 10_001;
    await bench.rooms.sweep();
    const closed = { type: 'groupClosed', groupID: 'r', reason: 'expired' };
    expect(bench.told('b')).toEqual([closed]);
    expect(bench.told('a')).toEqual([closed]);
    expect(await bench.store.count()).toEqual({ rooms: 0, members: 0 });
  });

  it('spares a member whose heartbeat comes between finding and removing it', async () => {
    await bench.rooms.create('double_room', 'a', '', 'r');
    await bench.add('a', 'r');
    bench.nowMs += 20_001;
    const found = bench.store.expiredMembers.bind(bench.store);
    bench.store.expiredMembers = async (before) => {
      const list = await found(before);
      await bench.rooms.heartbeat('double_room', 'r', 'a');
      return list;
    };
    await bench.rooms.sweep();
    expect((await bench.rooms.get('double_room', 'r')).members).toHaveLength(1);
  });

  it('goes on with the others when one cannot be removed', async () => {
    for (const user of ['a', 'b', 'c']) {
      await bench.rooms.create('double_room', user, '', `r${user}`);
      await bench.add(user, `r${user}`);
    }
    bench.nowMs += 20_001;
    const remove = bench.store.removeMember.bind(bench.store);
    bench.store.removeMember = async (type, roomID, input) => {
      if (roomID === 'ra') throw new Error('disk');
      return remove(type, roomID, input);
    };
    await bench.rooms.sweep();
    expect(await bench.store.count()).toEqual({ rooms: 1, members: 1 });
  });

  it('reaps a room that nobody entered, and tells its maker', async () => {
    await bench.rooms.create('double_room', 'a', '', 'r');
    bench.nowMs += 30_000;
    await bench.rooms.sweep();
    expect(await bench.store.count()).toEqual({ rooms: 1, members: 0 });
    bench.nowMs += 1;
    await bench.rooms.sweep();
    expect(await bench.store.count()).toEqual({ rooms: 0, members: 0 });
    expect(bench.told('a')).toEqual([{ type: 'groupClosed', groupID: 'r', reason: 'expired' }]);
    expect(await code(bench.add('a', 'r'))).toBe(1);
  });
});

describe('rooms', () => {
  it('may be made by add_pusher when so configured', async () => {
    await bench.store.close();
    bench = new Bench({ createMissingRooms: true });
    expect(await bench.add('a', 'r')).toMatchObject({ created: true });
    expect(await bench.rooms.get('double_room', 'r')).toMatchObject({ creator: 'a', active: true });
  });

  it('have ids that are unique over the types, since a room id names a message group', async () => {
    await bench.rooms.create('double_room', 'a', '', 'r');
    expect(await code(bench.rooms.create('multi_room', 'b', '', 'r'))).toBe(11);
  });

  it('may be destroyed while pending by their maker alone', async () => {
    await bench.rooms.create('double_room', 'a', '', 'r');
    expect(await code(bench.rooms.destroy('double_room', 'r', 'b'))).toBe(3);
    expect(await code(bench.rooms.destroy('double_room', 'r', 'a'))).toBe(0);
    expect(await code(bench.rooms.destroy('double_room', 'r', 'a'))).toBe(3);
  });

  it('refuse a stream that another member has: a_b of user c is also a of user b_c', async () => {
    await bench.rooms.create('multi_room', 'x', '', 'a');
    await bench.rooms.create('multi_room', 'x', '', 'a_b');
    expect(await code(bench.add('b_c', 'a', 'multi_room'))).toBe(0);
    expect(await code(bench.add('c', 'a_b', 'multi_room'))).toBe(2);
  });

  it('keep play URLs as they are until a seventh of their validity is left', async () => {
    const since = bench.nowMs;
    const url = bench.urls.playUrl('1000_a', since);
    bench.nowMs += 5 * 86_400_000;
    expect(bench.urls.playUrl('1000_a', since)).toBe(url);
    bench.nowMs += 86_400_000;
    const next = bench.urls.playUrl('1000_a', since);
    expect(next).not.toBe(url);
    const expiry = Number.parseInt(new URL(next).searchParams.get('txTime') as string, 16);
    expect(expiry * 1000 - bench.nowMs).toBeGreaterThanOrEqual(86_400_000 - 1000);
  });
});
