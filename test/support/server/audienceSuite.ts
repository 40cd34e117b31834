import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoomStore } from '#lib/server/store/RoomStore';

const nowMs = 1_800_000_000_000;
const type = 'live_room';

/** What every kind of store must do with listeners and counters of live rooms. */
export function audienceSuite(kind: string, open: () => RoomStore | Promise<RoomStore>): void {
  describe(`${kind}: listeners and counters of a live_room`, () => {
    let store: RoomStore;
    beforeEach(async () => {
      store = await open();
      for (const roomID of ['r', 's']) await store.createRoom({ type, roomID, roomInfo: '', createdBy: 'a', nowMs });
    });
    afterEach(() => store.close());

    const add = (userID: string, roomID = 'r', more: object = {}) =>
      store.addAudience(type, roomID, {
        userID,
        userInfo: `info of ${userID}`,
        maxAudience: 2,
        nowMs,
        ...more,
      });
    const count = (name: string, step: 1 | -1 = 1, roomID = 'r', maxFields = 2) =>
      store.countCustom(type, roomID, { name, step, maxFields });
    const room = () => store.getRoom(type, 'r');

    it('lists listeners in order of coming, each once, with the latest info, and no more than may', async () => {
      expect([await add('a'), await add('b'), await add('c')]).toEqual(['added', 'added', 'full']);
      expect(await add('a', 'r', { userInfo: 'new' })).toBe('refreshed');
      expect(await store.listAudience(type, 'r')).toEqual([
        { userID: 'a', userInfo: 'new' },
        { userID: 'b', userInfo: 'info of b' },
      ]);
      expect((await room())?.audience).toEqual(['a', 'b']);
      expect((await store.getRoom(type, 's'))?.audience).toEqual([]);
    });

    it('takes listeners out by room, by user and by time', async () => {
      for (const roomID of ['r', 's']) {
        await add('a', roomID);
        await add('b', roomID, { nowMs: nowMs + 5000 });
      }
      expect(await store.removeAudience(type, 'r', 'a')).toBe(true);
      expect(await store.removeAudience(type, 'r', 'a')).toBe(false);
      await store.expireAudience(nowMs);
      expect(await store.listAudience(type, 's')).toHaveLength(2);
      await store.expireAudience(nowMs + 1);
      expect(await store.listAudience(type, 's')).toMatchObject([{ userID: 'b' }]);
      await store.removeFromAudiences('b');
      expect([await store.listAudience(type, 'r'), await store.listAudience(type, 's')]).toEqual([[], []]);
    });

    it('keeps who was seen, in every room, and who could not be seen while the service was away', async () => {
      for (const roomID of ['r', 's']) {
        await add('a', roomID);
        await add('b', roomID);
      }
      await store.seeAudience([]);
      await store.seeAudience([
        ['a', nowMs + 10],
        ['nobody', nowMs + 10],
        ['b', nowMs - 10],
      ]);
      await store.expireAudience(nowMs);
      expect(await store.listAudience(type, 'r')).toHaveLength(2);
      await store.expireAudience(nowMs + 10);
      for (const roomID of ['r', 's']) expect(await store.listAudience(type, roomID)).toMatchObject([{ userID: 'a' }]);
      await add('b');
      await store.renewAll(nowMs + 20);
      await store.expireAudience(nowMs + 20);
      expect(await store.listAudience(type, 'r')).toHaveLength(2);
      await store.expireAudience(nowMs + 21);
      expect([await store.listAudience(type, 'r'), await store.listAudience(type, 's')]).toEqual([[], []]);
    });

    it('counts up and down from 0, any name, and no more names than may', async () => {
      expect([await count('likes'), await count('likes'), await count('__proto__', -1)]).toEqual(
        Array(3).fill('counted'),
      );
      expect(await count('third')).toBe('full');
      expect(await count('likes')).toBe('counted');
      expect(JSON.stringify((await room())?.custom)).toBe('{"likes":3,"__proto__":-1}');
    });

    it('knows no room that is not there, or is of another type', async () => {
      await store.createRoom({ type: 'multi_room', roomID: 'm', roomInfo: '', createdBy: 'a', nowMs });
      for (const roomID of ['nowhere', 'm']) {
        expect(await add('a', roomID)).toBe('roomNotFound');
        expect(await count('likes', 1, roomID)).toBe('roomNotFound');
        expect(await store.removeAudience(type, roomID, 'a')).toBe(false);
        expect(await store.listAudience(type, roomID)).toBeUndefined();
      }
    });

    it('gives them with a room that is removed, and leaves nothing to a later room of the same id', async () => {
      await add('a');
      await count('likes');
      const removed = await store.removeRoom(type, 'r', () => true);
      expect(removed).toMatchObject({ audience: ['a'], custom: { likes: 1 } });
      await add('b', 's');
      expect(await store.reapPendingRooms(nowMs + 1)).toMatchObject([{ roomID: 's', audience: ['b'] }]);
      await store.createRoom({ type, roomID: 'r', roomInfo: '', createdBy: 'a', nowMs });
      expect(await room()).toMatchObject({ audience: [], custom: {} });
    });
  });
}
