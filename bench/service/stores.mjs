import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** A redis-server of its own that keeps an append-only file, as docs/room-service.md advises. */
async function startRedis(folder) {
  const port = await freePort();
  const args = ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes'];
  const child = spawn('redis-server', args.map(String), { stdio: 'ignore' });
  const failed = once(child, 'error').then(([cause]) => {
    throw new Error('redis-server cannot be started: install it (Debian: redis-server)', { cause });
  });
  const url = `redis://127.0.0.1:${port}/0`;
  const client = new Redis(url, { lazyConnect: true });
  client.on('error', () => undefined);
  await Promise.race([failed, client.ping()]);
  client.disconnect();
  failed.catch(() => undefined);
  return {
    url,
    close: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The options of the service with each of its stores, by name. Nothing is left of them after `close`. */
export async function openStores() {
  const folder = await mkdtemp(join(tmpdir(), 'rtcroom-bench-'));
  const redis = await startRedis(folder);
  let files = 0;
  return {
    memory: () => ({}),
    file: () => ({ database: join(folder, `rooms-${files++}.db`) }),
    redis: () => ({ redis: redis.url, redisKeyPrefix: `bench${files++}:` }),
    close: async () => {
      await redis.close();
      await delay(50);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
