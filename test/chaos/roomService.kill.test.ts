import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { freePort } from '../support/freePort.js';
import { patient } from '../support/patience.js';
import type { EventStream } from '../support/server/eventStream.js';
import { RedisServer } from '../support/server/RedisServer.js';
import type { User } from '../support/server/roomClient.js';
import { ServiceProcess, type ServiceProcessOptions } from '../support/server/ServiceProcess.js';

const roomID = 'room_kept';

/** What a test started, ended after it. */
class Scene {
  readonly #services: ServiceProcess[] = [];
  readonly #streams: EventStream[] = [];
  readonly #servers: RedisServer[] = [];

  constructor({ onTestFinished }: TestContext) {
    onTestFinished(() => this.#end());
  }

  async start(options: ServiceProcessOptions): Promise<ServiceProcess> {
    const service = await ServiceProcess.start(options);
    this.#services.push(service);
    return service;
  }

  async redis(): Promise<RedisServer> {
    const server = await RedisServer.start({ persistent: true });
    this.#servers.push(server);
    return server;
  }

  async listen(service: ServiceProcess, user: User, lastEventID?: string): Promise<EventStream> {
    const stream = await service.listen(user, lastEventID);
    this.#streams.push(stream);
    return stream;
  }

  async #end(): Promise<void> {
    for (const stream of this.#streams) stream.close();
    await Promise.all(this.#services.map((service) => service.kill()));
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}

const texts = (...of: EventStream[]): string[] =>
  of.flatMap((stream) => stream.messages.flatMap(({ data }) => (data.type === 'group' ? [data.elements[0].text] : [])));
const notices = (stream: EventStream): number[] =>
  stream.messages.flatMap(({ data }) => (data.type === 'system' ? [data.version] : []));

/** Sends as our client does: the same msgID again until it is answered, at whichever service `at` gives. */
async function send(at: () => ServiceProcess, from: User, text: string): Promise<void> {
  const body = { msgID: text, groupID: roomID, elements: [{ type: 'text', text }] };
  for (const end = Date.now() + 60_000; ; ) {
    const answer = await at()
      .post('im/send', from, body)
      .catch(() => undefined);
    if (answer?.json?.code === 0) return;
    if (answer?.status === 200 && answer.json.code !== 14) throw new Error(answer.text);
    if (Date.now() > end) throw new Error(`not sent in time: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function kills(scene: Scene, options: ServiceProcessOptions, rounds: number): Promise<void> {
  const port = await freePort();
  const all = { ...options, port, sendRatePerSecond: 10_000, roomRatePerSecond: 10_000 };
  let service = await scene.start(all);
  const alice = await service.login('alice');
  const bob = await service.login('bob');
  await service.post('multi_room/create_room', alice, { userID: 'alice', roomInfo: 'kept', roomID });
  await service.enter(alice, roomID);
  await service.enter(bob, roomID);
  const got: EventStream[] = [];
  let stream = await scene.listen(service, bob);
  await send(() => service, alice, 'first');
  await stream.until(() => texts(stream).length === 1);
  got.push(stream);
  const expected = ['first'];
  for (let round = 0; round < rounds; round++) {
    // What is sent while bob is away has to wait for it; the service dies in the middle of it.
    if (round % 2 === 0) stream.close();
    const names = Array.from({ length: 40 }, (_, index) => `${round}.${index}`);
    const sending = (async () => {
      for (const name of names) await send(() => service, alice, name);
    })();
    await new Promise((resolve) => setTimeout(resolve, randomInt(5, 120)));
    await service.kill();
    service = await scene.start(all);
    await sending;
    expected.push(...names);
    stream = await scene.listen(service, bob, stream.lastID);
    got.push(stream);
    expect(stream.events[0]?.data).toEqual({ resumed: true });
    await stream.until(() => texts(...got).length >= expected.length);
    expect(await service.members(alice, roomID)).toEqual(['alice', 'bob']);
    expect([await service.beat(alice, roomID), await service.beat(bob, roomID)]).toEqual([0, 0]);
    // Whatever notice was lost in the kill, the members are told to read the list.
    await stream.until(() => notices(stream).length > 0);
  }
  expect(texts(...got)).toEqual(expected);
}

// Side by side: most of their time is waiting.
describe.concurrent('room services on a store', { timeout: patient(120_000) }, () => {
  it('in a file: one killed in the middle of its work keeps rooms, members, tokens, each message once, in order', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'rtcroom-kill-'));
    context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await kills(new Scene(context), { database: join(folder, 'rooms.db') }, 2);
  });

  it('on Redis: the same', async (context) => {
    const scene = new Scene(context);
    await kills(scene, { redis: (await scene.redis()).url }, 1);
  });

  it('on Redis: of several one is killed, the others go on, each message once, expiry told once', async (context) => {
    const scene = new Scene(context);
    const shared = {
      redis: (await scene.redis()).url,
      sendRatePerSecond: 10_000,
      roomRatePerSecond: 10_000,
      heartbeatTimeoutMs: 2000,
      sweepIntervalMs: 100,
    };
    const [one, two, three] = await Promise.all([scene.start(shared), scene.start(shared), scene.start(shared)]);
    const alice = await one.login('alice');
    const bob = await two.login('bob');
    const carol = await one.login('carol');
    await one.post('multi_room/create_room', alice, { userID: 'alice', roomInfo: '', roomID });
    for (const user of [alice, bob, carol]) await one.enter(user, roomID);
    const stream = await scene.listen(two, bob);
    const other = await scene.listen(three, alice);
    let alive = [alice, bob, carol];
    const beating = setInterval(() => {
      for (const user of alive) void two.beat(user, roomID).catch(() => {});
    }, 300);
    try {
      let at = one;
      const names = Array.from({ length: 60 }, (_, index) => String(index));
      const sending = (async () => {
        for (const name of names) await send(() => at, alice, name);
      })();
      await stream.until(() => texts(stream).length >= 20);
      await one.kill();
      at = three;
      await sending;
      await stream.until(() => texts(stream).length >= names.length);
      // One of those left tells all to read their lists, in place of what the dead one may not have told.
      for (const listener of [stream, other]) await listener.until(() => notices(listener).length > 0, 8000);
      alive = [alice, bob];
      for (const end = Date.now() + 8000; (await three.members(alice, roomID)).includes('carol'); ) {
        if (Date.now() > end) throw new Error('carol did not expire');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const { json } = await three.post('multi_room/get_pushers', alice, { roomID });
      // Marker: what was told before it has arrived.
      await send(() => two, alice, 'end');
      await stream.until(() => texts(stream).includes('end'));
      expect(texts(stream)).toEqual([...names, 'end']);
      expect(notices(stream).filter((version) => version === json.version)).toHaveLength(1);
      expect(notices(other).filter((version) => version === json.version)).toHaveLength(1);
      expect(await two.members(bob, roomID)).toEqual(['alice', 'bob']);
    } finally {
      clearInterval(beating);
    }
  });

  it('on a Redis that is killed and started again: 503 meanwhile, then everything as before', async (context) => {
    const scene = new Scene(context);
    const redis = await scene.redis();
    const service = await scene.start({
      redis: redis.url,
      heartbeatTimeoutMs: 4000,
      pendingRoomTimeoutMs: 1000,
      sweepIntervalMs: 100,
    });
    const alice = await service.login('alice');
    const bob = await service.login('bob');
    await service.post('multi_room/create_room', alice, { userID: 'alice', roomInfo: '', roomID });
    for (const user of [alice, bob]) await service.enter(user, roomID);
    let stream = await scene.listen(service, bob);
    await send(() => service, alice, 'before');
    await stream.until(() => texts(stream).length === 1);
    await redis.kill();
    const refused = await service.post('multi_room/get_pushers', alice, { roomID });
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    // Longer than a member may be silent.
    await new Promise((resolve) => setTimeout(resolve, 4500));
    await redis.run();
    await send(() => service, alice, 'after');
    const lastID = stream.lastID;
    if (stream.ended) stream = await scene.listen(service, bob, lastID);
    await stream.until(() => texts(stream).includes('after'));
    expect(texts(stream).filter((one) => one === 'after')).toHaveLength(1);
    // A room that nobody enters is reaped: expiry was looked at since.
    await service.post('multi_room/create_room', alice, { userID: 'alice', roomInfo: '', roomID: 'pending' });
    const isThere = async () => (await service.post('multi_room/get_pushers', alice, { roomID: 'pending' })).json.code;
    await context.expect.poll(isThere, { timeout: 5000 }).toBe(1);
    expect(await service.members(bob, roomID)).toEqual(['alice', 'bob']);
    expect([await service.beat(alice, roomID), await service.beat(bob, roomID)]).toEqual([0, 0]);
  });
});
