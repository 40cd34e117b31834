import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AddMemberInput,
  maxEndedTokens,
  type RoomRecord,
  type RoomStore,
  type RoomType,
} from '#lib/server/store/RoomStore';

const nowMs = 1_800_000_000_000;
const type: RoomType = 'multi_room';

export function memberInput(userID: string, more: Partial<AddMemberInput> = {}): AddMemberInput {
  return {
    userID,
    userName: `name of ${userID}`,
    userAvatar: `avatar of ${userID}`,
    streamID: `stream_${userID}`,
    pushUrlDigest: `digest_${userID}`,
    pushUrlUntilSeconds: 1_800_600_000,
    maxMembers: 4,
    nowMs,
    ...more,
  };
}

/** What every kind of store must do with rooms, members and tokens. */
export function roomStoreSuite(kind: string, open: () => RoomStore | Promise<RoomStore>): void {
  describe(`${kind}: rooms, members and tokens`, () => {
    let store: RoomStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    const create = (roomID = 'r', more: object = {}) =>
      store.createRoom({ type, roomID, roomInfo: `info of ${roomID}`, createdBy: 'maker', nowMs, ...more });
    const add = (userID: string, more: Partial<AddMemberInput> & { roomID?: string; type?: RoomType } = {}) => {
      const { roomID = 'r', type: roomType = type, ...input } = more;
      return store.addMember(roomType, roomID, memberInput(userID, input));
    };
    const remove = (userID: string, more: object = {}, roomID = 'r') =>
      store.removeMember(type, roomID, { userID, creatorLeaveDissolves: false, ...more });
    const versionOf = async (roomID = 'r') => (await store.findRoom(roomID))?.version ?? Number.NaN;

    it('has a room id once over all types', async () => {
      expect([await create(), await create(), await create('r', { type: 'double_room' })]).toEqual([
        true,
        false,
        false,
      ]);
      expect(await store.getRoom('double_room', 'r')).toBeUndefined();
      expect(await store.findRoom('other')).toBeUndefined();
      expect(await store.getRoom(type, 'r')).toEqual({
        type,
        roomID: 'r',
        roomInfo: 'info of r',
        creator: '',
        creatorStreamID: '',
        createdBy: 'maker',
        createdAtMs: nowMs,
        active: false,
        version: expect.any(Number),
        members: [],
        audience: [],
        custom: {},
      });
    });

    it('lists members in order of joining; the first is the creator', async () => {
      await create();
      expect(await add('zoe')).toMatchObject({ status: 'added', member: { userID: 'zoe', lastBeatMs: nowMs } });
      await add('ann', { nowMs: nowMs + 1 });
      const room = await store.findRoom('r');
      expect(room).toMatchObject({ active: true, creator: 'zoe', creatorStreamID: 'stream_zoe' });
      expect(room?.members).toMatchObject([
        {
          userID: 'zoe',
          userName: 'name of zoe',
          userAvatar: 'avatar of zoe',
          streamID: 'stream_zoe',
          joinedAtMs: nowMs,
        },
        { userID: 'ann', joinedAtMs: nowMs + 1, lastBeatMs: nowMs + 1 },
      ]);
      await remove('zoe');
      expect(await add('zoe')).toMatchObject({ status: 'added' });
      const after = await store.findRoom('r');
      expect(after?.members.map((one) => one.userID)).toEqual(['ann', 'zoe']);
      expect(after?.creator).toBe('zoe');
    });

    it('refuses who has no room, no seat, or the stream of another', async () => {
      expect(await add('a')).toEqual({ status: 'roomNotFound' });
      await create();
      expect(await add('a', { type: 'double_room' })).toEqual({ status: 'roomNotFound' });
      await add('a', { maxMembers: 2 });
      expect(await add('b', { streamID: 'stream_a' })).toEqual({ status: 'streamTaken' });
      await add('b', { maxMembers: 2 });
      const before = await store.findRoom('r');
      expect(await add('c', { maxMembers: 2 })).toEqual({ status: 'full' });
      expect(await store.findRoom('r')).toEqual(before);
      expect(await store.isStreamInUse('stream_c')).toBe(false);
    });

    it('keeps the epoch of a refresh with the same push URL, and gives a new one for another', async () => {
      await create();
      const added = await add('a');
      await add('b');
      const again = await add('a', { userName: 'new name', nowMs: nowMs + 5 });
      if (added.status !== 'added' || again.status !== 'refreshed') throw new Error(`${added.status} ${again.status}`);
      expect(again.member).toEqual({ ...added.member, userName: 'new name', lastBeatMs: nowMs + 5 });
      expect(again.room.members.map((one) => one.userID)).toEqual(['a', 'b']);
      expect(again.room.version).toBeGreaterThan(added.room.version);
      const other = await add('a', { pushUrlDigest: 'other', streamID: 'stream_2', nowMs: nowMs + 9 });
      if (other.status !== 'replaced') throw new Error(other.status);
      expect(other.previous).toEqual(again.member);
      expect(other.member.epoch).toBeGreaterThan(added.member.epoch);
      expect(other.member.joinedAtMs).toBe(nowMs + 9);
      expect(other.room.creatorStreamID).toBe('stream_2');
      expect([await store.isStreamInUse('stream_a'), await store.isStreamInUse('stream_2')]).toEqual([false, true]);
    });

    it('lets a user have one stream in two rooms, and frees it with the last', async () => {
      await create('r');
      await create('s');
      await add('a');
      expect((await add('a', { roomID: 's' })).status).toBe('added');
      await remove('a');
      expect(await store.isStreamInUse('stream_a')).toBe(true);
      await remove('a', {}, 's');
      expect(await store.isStreamInUse('stream_a')).toBe(false);
    });

    it('revokes the stream of who leaves in the same step, when told so and unless it is in another room', async () => {
      await create('r');
      await create('s');
      await add('a');
      await add('a', { roomID: 's' });
      await add('b');
      await store.revokeStream('stream_b', 100);
      expect(await remove('a', { revokeUntilSeconds: 100 })).toMatchObject({ revokedUntil: undefined });
      expect(await remove('b', { revokeUntilSeconds: 100 })).toMatchObject({ ended: 'empty', revokedUntil: 101 });
      expect(await remove('a', {}, 's')).toMatchObject({ revokedUntil: undefined });
      expect([await store.revokedUntil('stream_a'), await store.revokedUntil('stream_b')]).toEqual([0, 101]);
      expect((await store.revocationsSince(0, 10)).map(({ streamID }) => streamID)).toEqual(['stream_b']);
    });

    it('takes no push URL that was signed until a second until which its stream is revoked, whatever the room', async () => {
      await create();
      await store.revokeStream('stream_a', 1000);
      expect(await add('a', { pushUrlUntilSeconds: 1000 })).toEqual({ status: 'revoked' });
      expect(await add('a', { pushUrlUntilSeconds: 999, roomID: 'unknown' })).toEqual({ status: 'revoked' });
      expect(await store.findRoom('r')).toMatchObject({ active: false, members: [] });
      expect(await add('b', { pushUrlUntilSeconds: 1000 })).toMatchObject({ status: 'added' });
      const before = await add('a', { pushUrlUntilSeconds: 1001 });
      expect(before).toMatchObject({ status: 'added' });
      await store.revokeStream('stream_a', 1001);
      expect(await add('a', { pushUrlUntilSeconds: 1001 })).toEqual({ status: 'revoked' });
      expect((await store.findRoom('r'))?.members.map(({ userID }) => userID)).toEqual(['b', 'a']);
    });

    it('ends the room with its last member, and with its creator when told so', async () => {
      await create();
      await add('a');
      await add('b');
      expect(await remove('c')).toEqual({ status: 'notMember' });
      expect(await remove('b', {}, 'other')).toEqual({ status: 'notMember' });
      const left = await remove('b', { creatorLeaveDissolves: true });
      expect(left).toMatchObject({ status: 'removed', member: { userID: 'b' }, room: { members: [{ userID: 'a' }] } });
      expect(left).toHaveProperty('ended', undefined);
      await add('b');
      const dissolved = await remove('a', { creatorLeaveDissolves: true });
      expect(dissolved).toMatchObject({ ended: 'creatorLeft', room: { members: [{ userID: 'b' }] } });
      expect(await store.findRoom('r')).toBeUndefined();
      expect(await store.beat(type, 'r', 'b', nowMs)).toBeUndefined();
      await create();
      await add('a');
      expect(await remove('a')).toMatchObject({ ended: 'empty', room: { members: [] } });
      expect(await store.count()).toEqual({ rooms: 0, members: 0 });
      expect(await store.isStreamInUse('stream_a')).toBe(false);
    });

    it('gives versions and epochs that grow, also for a later room of the same id', async () => {
      await create();
      const versions = [await versionOf()];
      const epochs: number[] = [];
      for (let round = 0; round < 3; round++) {
        const added = await add('a');
        if (added.status !== 'added') throw new Error(added.status);
        epochs.push(added.member.epoch);
        versions.push(added.room.version);
        const gone = await remove('a');
        if (gone.status !== 'removed') throw new Error(gone.status);
        versions.push(gone.room.version);
        await create();
        versions.push(await versionOf());
      }
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
      expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
    });

    it('answers a heartbeat with the epoch of the seat and the version of the room, whatever changed it', async () => {
      await create();
      const beatOf = (userID: string) => store.beat(type, 'r', userID, nowMs);
      const told = async (userID: string) => {
        const room = await store.findRoom('r');
        return { epoch: room?.members.find((one) => one.userID === userID)?.epoch, version: room?.version };
      };
      const seen = new Set<number | undefined>();
      const same = async (...users: string[]) => {
        for (const userID of users) expect(await beatOf(userID)).toEqual(await told(userID));
        seen.add((await told('')).version);
      };
      await add('a');
      await same('a');
      await add('b');
      await same('a', 'b');
      await add('a');
      await same('a', 'b');
      await add('a', { pushUrlDigest: 'another' });
      await same('a', 'b');
      await remove('b');
      await same('a');
      expect(await beatOf('b')).toBeUndefined();
      expect(seen.size).toBe(5);
      await remove('a');
      expect(await beatOf('a')).toBeUndefined();
      await create();
      await add('a');
      await same('a');
      expect(seen.size).toBe(6);
    });

    it('removes a room only on the condition, with its members', async () => {
      await create();
      await add('a');
      expect(await store.removeRoom(type, 'r', (room) => room.creator === 'b')).toBeUndefined();
      expect(await store.removeRoom('double_room', 'r', () => true)).toBeUndefined();
      expect(await store.removeRoom(type, 'r', (room) => room.creator === 'a')).toMatchObject({
        roomID: 'r',
        members: [{ userID: 'a' }],
      });
      expect(await store.count()).toEqual({ rooms: 0, members: 0 });
      expect(await store.removeRoom(type, 'r', () => true)).toBeUndefined();
    });

    it('lists rooms that have members, oldest first, by parts', async () => {
      for (const [index, roomID] of ['d', 'c', 'empty', 'b', 'a'].entries()) {
        await create(roomID, { nowMs: nowMs + Math.min(index, 2) });
        if (roomID !== 'empty') await add(`user_${roomID}`, { roomID });
      }
      const ids = async (index: number, count: number) =>
        (await store.listRooms(type, index, count)).map((room) => room.roomID);
      expect(await ids(0, 10)).toEqual(['d', 'c', 'b', 'a']);
      expect(await ids(1, 2)).toEqual(['c', 'b']);
      expect([await ids(4, 1), await ids(0, 0)]).toEqual([[], []]);
      expect(await store.listRooms('double_room', 0, 10)).toEqual([]);
      expect(await store.count()).toEqual({ rooms: 5, members: 4 });
    });

    it('reads rooms as they are, but for when members were heard, after every change', async () => {
      const told = (room: RoomRecord | undefined) =>
        room && { ...room, members: room.members.map((member) => ({ ...member, lastBeatMs: 0 })) };
      const same = async () => {
        for (const roomID of ['r', 's', 'other']) {
          const [read, got] = [await store.readRoom(type, roomID), await store.getRoom(type, roomID)];
          expect(told(read)).toEqual(told(got));
          expect(await store.readRoom('double_room', roomID)).toBeUndefined();
        }
        for (const [index, count] of [
          [0, 10],
          [1, 1],
          [0, 0],
        ] as const) {
          const [read, got] = [await store.readRooms(type, index, count), await store.listRooms(type, index, count)];
          expect(read.map(told)).toEqual(got.map(told));
        }
      };
      await same();
      await create();
      await create('s');
      await same();
      const steps = [
        () => add('a'),
        () => add('b'),
        () => add('a', { roomID: 's' }),
        () => add('a', { userName: 'new name' }),
        () => add('a', { pushUrlDigest: 'other' }),
        () => remove('a'),
        () => store.removeRoom(type, 's', () => true),
        () => remove('b'),
        () => create(),
        () => add('c'),
        () => store.renewAll(nowMs + 5),
      ];
      for (const step of steps) {
        await step();
        await same();
      }
      const live = { type: 'live_room', roomID: 'live' } as const;
      await store.createRoom({ ...live, roomInfo: '', createdBy: 'a', nowMs });
      await add('a', live);
      const read = () => store.readRoom('live_room', 'live');
      expect(await read()).toMatchObject({ audience: [], custom: {} });
      await store.addAudience('live_room', 'live', { userID: 'z', userInfo: '', maxAudience: 9, nowMs });
      await store.countCustom('live_room', 'live', { name: 'likes', step: 1, maxFields: 9 });
      expect(await read()).toMatchObject({ audience: ['z'], custom: { likes: 1 } });
      expect(await store.readRooms('live_room', 0, 9)).toMatchObject([{ audience: ['z'], custom: { likes: 1 } }]);
    });

    it('expires who was not heard, once, and nobody who was heard meanwhile or is there anew', async () => {
      await create();
      for (const userID of ['a', 'b', 'c']) await add(userID);
      expect(await store.beat(type, 'r', 'b', nowMs + 10)).toBeDefined();
      expect(await store.beat(type, 'r', 'nobody', nowMs)).toBeUndefined();
      expect(await store.beat('double_room', 'r', 'b', nowMs)).toBeUndefined();
      expect(await store.expiredMembers(nowMs)).toEqual([]);
      const expired = await store.expiredMembers(nowMs + 10);
      expect(expired.map((one) => one.userID).sort()).toEqual(['a', 'c']);
      await store.beat(type, 'r', 'c', nowMs + 20);
      const results = await Promise.all(
        [...expired, ...expired].map(({ roomID, userID, epoch }) =>
          remove(userID, { onlyEpoch: epoch, onlyIfLastBeatBeforeMs: nowMs + 10 }, roomID),
        ),
      );
      expect(results.filter((one) => one.status === 'removed')).toMatchObject([{ member: { userID: 'a' } }]);
      await add('a');
      const old = expired.find((one) => one.userID === 'a');
      expect(await remove('a', { onlyEpoch: old?.epoch })).toEqual({ status: 'notMember' });
    });

    it('reaps rooms that nobody entered, once', async () => {
      await create('old');
      await create('entered');
      await add('a', { roomID: 'entered' });
      await create('young', { nowMs: nowMs + 10 });
      const reaped = await Promise.all([store.reapPendingRooms(nowMs + 10), store.reapPendingRooms(nowMs + 10)]);
      expect(reaped.flat()).toMatchObject([{ roomID: 'old', createdBy: 'maker', members: [] }]);
      expect(await store.count()).toEqual({ rooms: 2, members: 1 });
    });

    it('gives members and pending rooms their time anew', async () => {
      await create('pending');
      await create();
      await add('a');
      await store.renewAll(nowMs + 50);
      expect(await store.expiredMembers(nowMs + 50)).toEqual([]);
      expect(await store.reapPendingRooms(nowMs + 50)).toEqual([]);
      expect(await store.expiredMembers(nowMs + 51)).toHaveLength(1);
      expect(await store.reapPendingRooms(nowMs + 51)).toHaveLength(1);
    });

    it('has one token a user', async () => {
      const token = (hash: string, expiresAtMs = nowMs) => ({ userID: 'a', hash, expiresAtMs });
      expect(await store.getToken('a')).toBeUndefined();
      expect(await store.putToken(token('one'), nowMs)).toBeUndefined();
      expect(await store.putToken(token('two'), nowMs)).toEqual(token('one'));
      await store.extendToken('a', 'one', nowMs + 9);
      expect(await store.getToken('a')).toEqual(token('two'));
      await store.extendToken('a', 'two', nowMs + 9);
      expect(await store.getToken('a')).toEqual(token('two', nowMs + 9));
      await store.putToken({ userID: 'b', hash: 'b', expiresAtMs: nowMs + 8 }, nowMs);
      await store.deleteExpiredTokens(nowMs + 8);
      expect([await store.getToken('b'), await store.getToken('a')]).toEqual([undefined, token('two', nowMs + 9)]);
      await store.deleteToken('a');
      expect(await store.getToken('a')).toBeUndefined();
    });

    it('knows tokens that were ended before their time, and by whom', async () => {
      const token = (userID: string, hash: string, expiresAtMs: number) => ({ userID, hash, expiresAtMs });
      await store.putToken(token('a', 'one', nowMs + 1), nowMs);
      expect(await store.getEndedToken('a', 'one')).toBeUndefined();
      await store.putToken(token('a', 'two', nowMs + 20), nowMs);
      const elsewhere = { reason: 'loggedInElsewhere', expiresAtMs: nowMs + 20 };
      expect(await store.getEndedToken('a', 'one')).toEqual(elsewhere);
      expect(await store.getEndedToken('a', 'two')).toBeUndefined();
      expect(await store.getEndedToken('b', 'one')).toBeUndefined();
      // By its own time, and not by the next login.
      await store.putToken(token('a', 'three', nowMs + 40), nowMs + 20);
      expect(await store.getEndedToken('a', 'two')).toBeUndefined();
      await store.deleteToken('a', { reason: 'expelled', expiresAtMs: nowMs + 30 });
      expect(await store.getToken('a')).toBeUndefined();
      expect(await store.getEndedToken('a', 'three')).toEqual({ reason: 'expelled', expiresAtMs: nowMs + 30 });
      expect(await store.getEndedToken('a', 'one')).toEqual(elsewhere);
      // Of who has none, nothing can be ended.
      await store.deleteToken('b', { reason: 'expelled', expiresAtMs: nowMs + 30 });
      await store.putToken(token('b', 'four', nowMs + 40), nowMs);
      await store.deleteToken('b');
      expect(await store.getEndedToken('b', 'four')).toBeUndefined();
      await store.deleteExpiredTokens(nowMs + 29);
      expect(await store.getEndedToken('a', 'three')).toBeDefined();
      await store.deleteExpiredTokens(nowMs + 30);
      expect(await store.getEndedToken('a', 'one')).toBeUndefined();
      expect(await store.getEndedToken('a', 'three')).toBeUndefined();
    });

    it('knows of a user only the latest tokens that were ended', async () => {
      for (let number = 0; number <= maxEndedTokens + 1; number++) {
        await store.putToken({ userID: 'a', hash: `hash${number}`, expiresAtMs: nowMs + 9 }, nowMs);
      }
      expect(await store.getEndedToken('a', 'hash0')).toBeUndefined();
      expect(await store.getEndedToken('a', 'hash1')).toBeDefined();
      expect(await store.getEndedToken('a', `hash${maxEndedTokens}`)).toBeDefined();
      expect(await store.getEndedToken('a', `hash${maxEndedTokens + 1}`)).toBeUndefined();
    });

    it('revokes addresses of a stream until a second, and tells who asks what is new', async () => {
      expect(await store.revokedUntil('s')).toBe(0);
      expect(await store.revocationsSince(0, 10)).toEqual([]);
      expect([await store.revokeStream('s', 100), await store.revokeStream('t', 300)]).toEqual([100, 300]);
      expect([await store.revokeStream('s', 100), await store.revokeStream('s', 90)]).toEqual([101, 102]);
      expect([await store.revokedUntil('s'), await store.revokedUntil('t')]).toEqual([102, 300]);
      const all = await store.revocationsSince(0, 10);
      expect(all).toMatchObject([
        { streamID: 't', untilSeconds: 300 },
        { streamID: 's', untilSeconds: 102 },
      ]);
      expect(await store.revocationsSince(0, 1)).toEqual(all.slice(0, 1));
      expect(await store.revocationsSince(all[0]?.number as number, 10)).toEqual(all.slice(1));
      expect(await store.revocationsSince(all[1]?.number as number, 10)).toEqual([]);
      expect(await store.revokeStream('u', 200)).toBe(200);
      expect(await store.revocationsSince(all[1]?.number as number, 10)).toMatchObject([{ streamID: 'u' }]);
      await store.forgetRevocations(102, 10);
      expect(await store.revokedUntil('s')).toBe(0);
      await store.forgetRevocations(102, 1);
      expect((await store.revocationsSince(0, 10)).map((one) => one.streamID)).toEqual(['u']);
    });

    it('revokes without a race', async () => {
      const until = await Promise.all(Array.from({ length: 20 }, () => store.revokeStream('s', 100)));
      expect(until.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => 100 + index));
    });

    it('gives back any text as it was', async () => {
      const text = `"'\\;--|\u0001\r\n\t%s {}[] 请求成功 😀 return redis.call('FLUSHALL') ${'x'.repeat(1024)}`;
      await create('r', { roomInfo: text });
      await add('a', { userName: text, userAvatar: text });
      await add('b', { userName: '', userAvatar: '' });
      const room = await store.findRoom('r');
      expect(room?.roomInfo).toBe(text);
      expect(room?.members).toMatchObject([
        { userName: text, userAvatar: text },
        { userName: '', userAvatar: '' },
      ]);
    });

    it('takes seats of callers at once without a race', async () => {
      await create();
      const results = await Promise.all(Array.from({ length: 20 }, (_, index) => add(`u${index}`)));
      expect(results.filter((one) => one.status === 'added')).toHaveLength(4);
      expect(results.filter((one) => one.status === 'full')).toHaveLength(16);
      expect((await store.findRoom('r'))?.members).toHaveLength(4);
      const gone = await Promise.all(Array.from({ length: 20 }, (_, index) => remove(`u${index % 20}`)));
      expect(gone.filter((one) => one.status === 'removed' && one.ended === 'empty')).toHaveLength(1);
    });
  });
}
