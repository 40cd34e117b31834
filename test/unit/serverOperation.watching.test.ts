import { Validator } from '@seriousme/openapi-schema-validator';
import { afterEach, describe, expect, it } from 'vitest';
import type { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { RoomService } from '#lib/server/RoomService';
import { startTestService } from '#lib/testing/index';
import { EventStream } from '../support/server/eventStream.js';
import { FakeMediaServer } from '../support/server/fakeMediaServer.js';
import { raw, ServiceUnderTest, sdkAppID, secretKey } from '../support/server/roomClient.js';

const running: ServiceUnderTest[] = [];
afterEach(() => Promise.all(running.splice(0).map((one) => one.close())));

async function start(options: Parameters<typeof ServiceUnderTest.start>[0] = {}): Promise<ServiceUnderTest> {
  const it_ = await ServiceUnderTest.start(options);
  running.push(it_);
  return it_;
}

const get = (url: string, headers: Record<string, string> = {}) => raw(url, { method: 'GET', headers });

/** The samples of an exposition by name and labels, and those without. */
async function samples(it_: ServiceUnderTest): Promise<Map<string, number>> {
  const { status, headers, text } = await get(it_.url('/metrics'));
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return new Map(
    text.split('\n').flatMap((line) => {
      const match = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line);
      return match ? [[match[1] as string, Number(match[2])] as const] : [];
    }),
  );
}

describe('/readyz', () => {
  it('says ready when store and media server answer', async () => {
    const it_ = await start();
    const { status, json } = await get(it_.url('/readyz'));
    expect([status, json]).toEqual([
      200,
      {
        status: 'ready',
        checks: { store: { ok: true, ms: expect.any(Number) }, media: { ok: true, ms: expect.any(Number) } },
      },
    ]);
    expect((await get(it_.url('/healthz'))).json).toEqual({ status: 'ok' });
  });

  it('is 503 with the cause while the media server fails, without a secret of it, and ready again after', async () => {
    const it_ = await start();
    it_.media.probeFailure = new Error('no answer of rtmp://a/live/x?txSecret=5ec2e7');
    const { status, json, text } = await get(it_.url('/readyz'));
    expect([status, json.status, json.checks.store.ok]).toEqual([503, 'unready', true]);
    expect(json.checks.media).toMatchObject({ ok: false, cause: 'no answer of rtmp://a/live/x?…' });
    expect(text).not.toContain('5ec2e7');
    expect((await samples(it_)).get('rtcroom_ready{part="media"}')).toBe(0);
    expect((await get(it_.url('/healthz'))).status).toBe(200);
    it_.media.probeFailure = undefined;
    // The last answer is good for half a second.
    await expect.poll(() => get(it_.url('/readyz')).then(({ status: now }) => now), { timeout: 5000 }).toBe(200);
  });

  it('gives a media server up that does not answer', async () => {
    const media = new FakeMediaServer();
    media.probe = () => new Promise(() => {});
    const it_ = await start({ media });
    const { status, json } = await get(it_.url('/readyz'));
    expect([status, json.checks.media.cause]).toEqual([503, 'no answer within 2000 ms']);
  });

  it.skipIf(process.platform === 'win32')(
    'asks the real media server: one that takes connections and answers nothing is not ready',
    async () => {
      const real = await startTestService();
      try {
        const { pid } = real.media as EmbeddedMediaServer;
        const ready = () => get(`${real.service.address.url}/readyz`);
        expect((await ready()).json).toMatchObject({ status: 'ready', checks: { media: { ok: true } } });
        process.kill(pid as number, 'SIGSTOP');
        await expect
          .poll(async () => (await ready()).json.checks.media.cause, { timeout: 10_000 })
          .toBe('no answer within 2000 ms');
        process.kill(pid as number, 'SIGKILL');
        await expect.poll(async () => (await ready()).status, { timeout: 15_000 }).toBe(200);
      } finally {
        await real.close();
      }
    },
  );

  it('says no from drain() on, while all else goes on', async () => {
    const it_ = await start();
    it_.service.drain();
    const { status, json } = await get(it_.url('/readyz'));
    expect([status, json.status, json.checks.store.ok]).toEqual([503, 'draining', true]);
    expect((await it_.login('alice')).token).not.toBe('');
  });
});

describe('/metrics', () => {
  it('has rooms, members, heartbeats, expiries, messages, streams and requests, and names nobody', async () => {
    const it_ = await start();
    const [alice, bob] = [await it_.login('alice'), await it_.login('bobby')];
    await it_.create(alice, 'room_metrics');
    await it_.create(bob, 'room_pending', 'multi_room');
    await it_.add(alice, 'room_metrics');
    await it_.add(bob, 'room_metrics');
    const stream = await EventStream.open(it_.url(`/weapp/im/events?userID=bobby&token=${bob.token}`));
    await stream.until(() => stream.events.length === 1);
    const beat = (user: typeof alice, roomID: string) =>
      it_.post('double_room/pusher_heartbeat', user, { userID: user.userID, roomID });
    await beat(alice, 'room_metrics');
    await beat(alice, 'nowhere');
    const message = { msgID: '1', groupID: 'room_metrics', elements: [{ type: 'text', text: 'hello' }] };
    await it_.post('im/send', alice, message);
    await stream.until(() => stream.messages.length === 1);
    it_.media.tell('publish', '1000_room_metrics_alice');
    it_.media.tell('publish', '1000_room_metrics_bobby');
    it_.media.tell('unpublish', '1000_room_metrics_bobby');
    await raw(it_.url('/weapp/double_room/nothing'));
    const before = await samples(it_);
    const value = (name: string) => before.get(name);
    expect(value('rtcroom_rooms{type="double_room"}')).toBe(1);
    expect(value('rtcroom_rooms{type="multi_room"}')).toBe(1);
    expect(value('rtcroom_members{type="double_room"}')).toBe(2);
    expect(value('rtcroom_members{type="multi_room"}')).toBe(0);
    expect(value('rtcroom_members_joined_total{type="double_room"}')).toBe(2);
    expect(value('rtcroom_heartbeats_total{type="double_room",result="ok"}')).toBe(1);
    expect(value('rtcroom_heartbeats_total{type="double_room",result="refused"}')).toBe(1);
    expect(value('rtcroom_members_left_total{type="double_room",reason="expired"}')).toBe(0);
    expect(value('rtcroom_im_events_total{type="group"}')).toBe(1);
    expect(value('rtcroom_im_delivery_seconds_count{type="group"}')).toBe(1);
    expect(value('rtcroom_im_delivery_seconds_sum{type="group"}')).toBeGreaterThan(0);
    expect(value('rtcroom_im_streams')).toBe(1);
    expect(value('rtcroom_media_streams')).toBe(1);
    expect(value('rtcroom_ready{part="store"}')).toBe(1);
    const route = '/weapp/double_room/pusher_heartbeat';
    expect(value(`rtcroom_http_requests_total{method="POST",route="${route}",status="200",code="0"}`)).toBe(1);
    expect(value(`rtcroom_http_requests_total{method="POST",route="${route}",status="200",code="5"}`)).toBe(1);
    expect(value('rtcroom_http_requests_total{method="POST",route="unknown",status="404",code="0"}')).toBe(1);
    expect(value(`rtcroom_http_request_seconds_count{route="${route}"}`)).toBe(2);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect([...before.keys()].filter((name) => /alice|bobby|room_metrics|room_pending/.test(name))).toEqual([]);

    stream.close();
    it_.nowMs += 25_000;
    await beat(alice, 'room_metrics');
    await it_.service.sweep();
    it_.nowMs += 10_000;
    await it_.service.sweep();
    await expect.poll(async () => (await samples(it_)).get('rtcroom_im_streams')).toBe(0);
    const after = await samples(it_);
    expect(after.get('rtcroom_members_left_total{type="double_room",reason="expired"}')).toBe(1);
    expect(after.get('rtcroom_rooms_closed_total{type="multi_room",reason="expired"}')).toBe(1);
    expect(after.get('rtcroom_members{type="double_room"}')).toBe(1);
    expect(after.get('rtcroom_im_events_total{type="system"}')).toBeGreaterThan(0);
    expect(after.get('rtcroom_heartbeats_total{type="double_room",result="ok"}')).toBe(2);
    expect(after.get('rtcroom_heartbeats_total{type="double_room",result="refused"}')).toBe(1);
  });

  it('makes no series of what strangers ask for', async () => {
    const it_ = await start();
    const ask = (path: string) => raw(it_.url(path), { method: 'POST' });
    await ask('/weapp/double_room/first');
    const series = async () => [...(await samples(it_)).keys()].filter((name) => name.startsWith('rtcroom_'));
    await series();
    const before = await series();
    for (let i = 0; i < 50; i++) await ask(`/weapp/room${i}/login?userID=user${i}`);
    expect(await series()).toEqual(before);
  });
});

describe('/openapi.json', () => {
  it('is a valid document of every route, each described, with what its caller needs', async () => {
    const media = new FakeMediaServer();
    const it_ = await start({ media, developmentLogin: true, adminKey: 'admin-key-admin-key' });
    const { json } = await get(it_.url('/openapi.json'));
    const result = await new Validator().validate(structuredClone(json));
    expect(result).toEqual({ valid: true });
    // biome-ignore lint/suspicious/noExplicitAny: read as the test says
    const operations = Object.entries<any>(json.paths).flatMap(([path, item]) =>
      // biome-ignore lint/suspicious/noExplicitAny: read as the test says
      Object.entries<any>(item).map(([method, operation]) => ({ name: `${method} ${path}`, ...operation })),
    );
    expect(operations.filter(({ summary }) => !summary).map(({ name }) => name)).toEqual([]);
    const names = operations.map(({ name }) => name);
    expect(names).toContain('post /weapp/multi_room/add_pusher');
    expect(names).toContain('delete /admin/rooms/{type}/{roomID}/members/{userID}');
    expect(names).toContain('get /readyz');
    const add = json.paths['/weapp/double_room/add_pusher'].post;
    expect(add.security).toEqual([{ token: [] }]);
    expect(add.requestBody.content['application/json'].schema.required).toEqual(['roomID', 'pushURL']);
    expect(json.paths['/admin/rooms'].get.security).toEqual([{ adminKey: [] }]);
    expect(json.paths['/weapp/double_room/login'].post.security).toEqual([]);
  });

  it('tells of nothing that is not there, and can be had without listening', async () => {
    const service = new RoomService({ media: new FakeMediaServer(), sdkAppID, secretKey });
    const { paths } = (await service.openApi()) as { paths: Record<string, unknown> };
    await service.close();
    expect(Object.keys(paths).filter((path) => /admin|get_login_info/.test(path))).toEqual([]);
    expect(Object.keys(paths)).toContain('/weapp/im/events');
  });
});
