import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RoomServiceOptions } from '#lib/server/RoomService';
import { RedisServer } from '../support/server/RedisServer.js';
import { raw, ServiceUnderTest, type User } from '../support/server/roomClient.js';

const adminKey = 'the-key-of-the-administrator';
let redis: RedisServer;
let folder: string;
let made = 0;
let it_: ServiceUnderTest;

beforeAll(async () => {
  redis = await RedisServer.start();
  folder = await mkdtemp(join(tmpdir(), 'rtcroom-ended-'));
});
afterAll(async () => {
  await redis.close();
  await rm(folder, { recursive: true, force: true });
});

/** What each way of asking answers to that token: status, code and reason. */
async function answers(user: User): Promise<unknown[][]> {
  const roomID = 'room_e';
  const query = new URLSearchParams({ ...user });
  const all = [
    await it_.post('multi_room/pusher_heartbeat', user, { roomID, userID: user.userID }),
    await it_.post('multi_room/get_pushers', user, { roomID }),
    await it_.post('double_room/get_room_list', user, { cnt: 1 }),
    await it_.post('live_room/get_audiences', user, { roomID }),
    await it_.post('im/send', user, { msgID: 'm', to: 'bob', elements: [{ type: 'text', text: 'x' }] }),
    await it_.post('multi_room/logout', user, {}),
    await raw(it_.url(`/weapp/im/events?${query}`), { method: 'GET' }),
    await raw(it_.url(`/weapp/im/events?${query}&poll=1`), { method: 'GET' }),
  ];
  return all.map(({ status, json }) => [status, json.code, json.reason]);
}

const alike = (reason: string | undefined) => [
  ...Array.from({ length: 6 }, () => [200, 7, reason]),
  [401, 7, reason],
  [401, 7, reason],
];

const kinds: [string, () => Partial<RoomServiceOptions>][] = [
  ['in memory', () => ({})],
  ['in a file', () => ({ database: join(folder, `${made++}.db`) })],
  ['on Redis', () => ({ redis: redis.url, redisKeyPrefix: `${made++}:` })],
];

describe.each(kinds)('a token that is no longer good, tokens %s', (kind, make) => {
  let options: Partial<RoomServiceOptions>;
  beforeEach(async () => {
    options = { ...make(), adminKey, tokenTtlMs: 1000 };
    it_ = await ServiceUnderTest.start(options);
  });
  afterEach(() => it_.close());

  it('of a user who logged in elsewhere says so wherever it is used', async () => {
    const older = await it_.login('ann');
    const newer = await it_.login('ann');
    expect(await answers(older)).toEqual(alike('loggedInElsewhere'));
    expect((await it_.post('multi_room/get_room_list', newer, {})).json.code).toBe(0);
    const refused = await it_.post('multi_room/get_room_list', older, {});
    expect(refused.json.rooms).toBeNull();
  });

  it('says so as well when the newer login is over, logged out or expired', async () => {
    const first = await it_.login('ann');
    const second = await it_.login('ann');
    await it_.post('multi_room/logout', second, {});
    expect(await answers(first)).toEqual(alike('loggedInElsewhere'));
    it_.nowMs += 999;
    expect((await answers(first)).at(-1)).toEqual([401, 7, 'loggedInElsewhere']);
    it_.nowMs += 1;
    expect(await answers(first)).toEqual(alike(undefined));
    await it_.service.sweep();
    expect(await answers(first)).toEqual(alike(undefined));
  });

  it('that nobody knows, has expired or was logged out of has no reason', async () => {
    const one = await it_.login('ann');
    expect(await answers({ ...one, token: 'x' })).toEqual(alike(undefined));
    expect(await answers({ ...one, userID: 'bob' })).toEqual(alike(undefined));
    it_.nowMs += 1000;
    expect(await answers(one)).toEqual(alike(undefined));
    // A login in place of an expired one ended nobody's.
    const two = await it_.login('ann');
    expect(await answers(one)).toEqual(alike(undefined));
    await it_.post('multi_room/logout', two, {});
    expect(await answers(two)).toEqual(alike(undefined));
  });

  it('of who was expelled says so', async () => {
    const ann = await it_.login('ann');
    await it_.create(ann, 'room_e', 'multi_room');
    await it_.add(ann, 'room_e', 'multi_room');
    const expelled = await raw(it_.url('/admin/rooms/multi_room/room_e/members/ann'), {
      method: 'DELETE',
      headers: { authorization: `Bearer ${adminKey}` },
    });
    expect(expelled.status).toBe(200);
    expect(await answers(ann)).toEqual(alike('expelled'));
  });

  if (kind === 'in memory') return;

  it('says so over a restart of the service', async () => {
    const older = await it_.login('ann');
    await it_.login('ann');
    const { nowMs } = it_;
    await it_.close();
    it_ = await ServiceUnderTest.start(options);
    it_.nowMs = nowMs;
    expect(await answers(older)).toEqual(alike('loggedInElsewhere'));
  });
});
