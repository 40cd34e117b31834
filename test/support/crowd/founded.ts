import { createHash } from 'node:crypto';
import { silentLogger } from '#lib/server/logger';
import { openStorage } from '#lib/server/store/openStorage';
import type { LightMember } from './LightMember.js';

export interface FoundedRoom {
  roomID: string;
  /** Who has a seat, in order of joining: the first is the creator. */
  seated: readonly LightMember[];
  /** Who is logged in and has none. */
  besides?: readonly LightMember[];
}

const tokenOf = (userID: string) => `token of ${userID}`;

/**
 * Rooms, seats and logins as an earlier service left them in its file or Redis: thousands of calls would make the same.
 * The members know their tokens and seats then, and have only to be started.
 */
export async function found(
  where: { database: string } | { redis: string },
  rooms: readonly FoundedRoom[],
): Promise<void> {
  const { database, redis } = { database: undefined, redis: undefined, ...where };
  const storage = openStorage({
    database,
    redis,
    redisKeyPrefix: undefined,
    sendRates: { userPerSecond: 20, roomPerSecond: 100 },
    now: Date.now,
    logger: silentLogger,
    onInterrupted: () => {},
  });
  await storage.ready();
  const { store } = storage;
  for (const { roomID, seated, besides = [] } of rooms) {
    for (const one of [...seated, ...besides]) {
      const token = tokenOf(one.userID);
      const hash = createHash('sha256').update(token).digest('hex');
      await store.putToken({ userID: one.userID, hash, expiresAtMs: Date.now() + 86_400_000 }, Date.now());
      one.know(token);
    }
    const room = { type: 'multi_room', roomID, roomInfo: '', nowMs: Date.now() } as const;
    await store.createRoom({ ...room, createdBy: seated[0]?.userID ?? '' });
    const members = seated.map(({ userID }) => userID);
    for (const one of seated) {
      await store.addMember('multi_room', roomID, {
        userID: one.userID,
        userName: one.userID,
        userAvatar: '',
        streamID: `1000_${one.userID}`,
        pushUrlDigest: '',
        pushUrlUntilSeconds: Number.MAX_SAFE_INTEGER,
        maxMembers: seated.length,
        nowMs: Date.now(),
      });
      one.know(tokenOf(one.userID), roomID, members);
    }
  }
  await storage.close();
}
