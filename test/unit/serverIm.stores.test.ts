import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  alice,
  begin,
  bob,
  end,
  expectForgotten,
  listen,
  messagesSuite,
  send,
} from '../support/server/messagesSuite.js';
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

const inFile = () => ({ database: join(folder, `${opened++}.db`) });
messagesSuite('in a file', inFile);
messagesSuite('on Redis', () => ({ redis: redis.url, redisKeyPrefix: `${opened++}:` }));

describe('a user', () => {
  afterEach(end);

  it('is forgotten some time after its stream is gone, in a file as well', async () => {
    await begin(inFile());
    await expectForgotten(alice, bob);
  });

  it('is forgotten some time after its stream is gone, on Redis by its clock', async () => {
    await begin({ redis: redis.url, redisKeyPrefix: 'forgets:' });
    const client = new Redis(redis.url);
    try {
      const stream = await listen(alice);
      expect(await client.pttl('forgets:box:alice')).toBeGreaterThan(60_000);
      stream.close();
      await expect.poll(() => client.pttl('forgets:box:alice')).toBeLessThanOrEqual(60_000);
      expect((await send(bob, { to: 'alice' })).code).toBe(0);
      const left = await client.pttl('forgets:log:alice');
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(60_000);
      await client.pexpire('forgets:box:alice', 1);
      await expect.poll(async () => (await send(bob, { to: 'alice' })).code).toBe(1);
    } finally {
      client.disconnect();
    }
  });
});
