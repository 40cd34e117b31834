import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { badInputSuite } from '../support/server/badInputSuite.js';
import { RedisServer } from '../support/server/RedisServer.js';

let redis: RedisServer;
let folder: string;
beforeAll(async () => {
  redis = await RedisServer.start();
  folder = await mkdtemp(join(tmpdir(), 'rtcroom-input-'));
});
afterAll(async () => {
  await redis.close();
  await rm(folder, { recursive: true, force: true });
});

badInputSuite('in memory', () => ({}));
badInputSuite('in a file', () => ({ database: join(folder, 'rooms.db') }));
badInputSuite('on Redis', () => ({ redis: redis.url }));
