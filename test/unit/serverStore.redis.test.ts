import { describe, expect, it } from 'vitest';
import { RoomService, type RoomServiceOptions } from '#lib/server/RoomService';
import { RedisConnection } from '#lib/server/store/RedisConnection';
import { freePort } from '../support/freePort.js';
import { FakeMediaServer } from '../support/server/fakeMediaServer.js';
import { sdkAppID, secretKey } from '../support/server/roomClient.js';

const service = (options: Partial<RoomServiceOptions>) =>
  new RoomService({ media: new FakeMediaServer(), sdkAppID, secretKey, ...options });

function refusal(make: () => unknown): string | undefined {
  try {
    make();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return undefined;
}

describe('a Redis', () => {
  it('that is no address, or beside a database file, or a prefix without one, is refused', () => {
    const address = 'redis://127.0.0.1:1/0';
    for (const options of [
      { redis: '' },
      { redis: '127.0.0.1:6379' },
      { redis: 'http://127.0.0.1:6379' },
      { redis: address, database: 'rooms.db' },
      { redisKeyPrefix: 'x:' },
    ]) {
      expect([options, refusal(() => service(options))]).toEqual([options, 'ERR_RTC_INVALID_ARGUMENT']);
    }
  });

  it('that is not there makes listen reject, and the service closes all the same', async () => {
    const it_ = service({ redis: `redis://:a-password@127.0.0.1:${await freePort()}` });
    const error: Error = await it_.listen().catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ code: 'ERR_RTC_STORE_UNAVAILABLE', retryable: true });
    expect(error.message).not.toContain('a-password');
    await it_.close();
  });

  it('that is closed is not asked any more', async () => {
    const connection = new RedisConnection({ url: `redis://127.0.0.1:${await freePort()}` });
    connection.close();
    await expect(connection.command(({ client }) => client.ping())).rejects.toMatchObject({ code: 'ERR_RTC_CLOSED' });
  });
});
