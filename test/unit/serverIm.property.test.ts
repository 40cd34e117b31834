import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { messagesPropertySuite } from '../support/server/messagesPropertySuite.js';
import { RedisServer } from '../support/server/RedisServer.js';

let redis: RedisServer;
let folder: string;
let opened = 0;
beforeAll(async () => {
  redis = await RedisServer.start();
  folder = await mkdtemp(join(tmpdir(), 'rtcroom-im-'));
});
afterAll(async () => {
  await redis.close();
  await rm(folder, { recursive: true, force: true });
});

messagesPropertySuite('in memory', () => ({}), { runs: 12, forgetful: true });
messagesPropertySuite('in a file', () => ({ database: join(folder, `${opened++}.db`) }), { runs: 12 });
messagesPropertySuite('on Redis', () => ({ redis: redis.url, redisKeyPrefix: `${opened++}:` }), { runs: 12 });
