import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { RedisConnection } from '#lib/server/store/RedisConnection';
import { RedisRoomStore } from '#lib/server/store/RedisRoomStore';
import type { RoomStore } from '#lib/server/store/RoomStore';
import { SqliteRoomStore } from '#lib/server/store/SqliteRoomStore';
import { audienceSuite } from '../support/server/audienceSuite.js';
import { RedisServer } from '../support/server/RedisServer.js';
import { roomStorePropertySuite } from '../support/server/roomStorePropertySuite.js';
import { roomStoreSuite } from '../support/server/roomStoreSuite.js';

function suites(kind: string, open: () => RoomStore | Promise<RoomStore>, runs: number): void {
  roomStoreSuite(kind, open);
  audienceSuite(kind, open);
  roomStorePropertySuite(kind, open, runs);
}

suites('SQLite in memory', () => new SqliteRoomStore(), 100);

describe('a file', () => {
  let folder: string;
  let files = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rtcroom-store-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  suites('SQLite in a file', () => new SqliteRoomStore({ path: join(folder, `${files++}.db`) }), 15);
});

describe('a redis-server', () => {
  let redis: RedisServer;
  const connections: RedisConnection[] = [];
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.close();
  });
  afterAll(() => redis.close());
  suites(
    'Redis',
    async () => {
      const connection = new RedisConnection({ url: redis.url, keyPrefix: `${randomUUID()}:` });
      connections.push(connection);
      await connection.ready();
      return new RedisRoomStore({ connection });
    },
    50,
  );
});
