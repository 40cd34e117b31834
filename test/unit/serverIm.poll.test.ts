import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ImHub } from '#lib/server/im/ImHub';
import { LocalSendLimits } from '#lib/server/im/SendLimits';
import { EventStream, type StreamEvent } from '../support/server/eventStream.js';
import { RedisServer } from '../support/server/RedisServer.js';
import { raw, ServiceUnderTest, type User } from '../support/server/roomClient.js';

let it_: ServiceUnderTest;
let alice: User;
let bob: User;
let position: string | undefined;

let redis: RedisServer;
let opened = 0;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());
afterEach(() => it_.close());

const address = (user: User, poll: string) => it_.url(`/weapp/im/events?${new URLSearchParams({ ...user, poll })}`);

/** One long poll as a client makes it, from where the last one ended. */
async function poll(user: User, seconds: number): Promise<{ stream: EventStream; events: StreamEvent[] }> {
  const headers = position === undefined ? {} : { 'Last-Event-ID': position };
  const stream = await EventStream.open(address(user, String(seconds)), headers);
  await stream.until(() => stream.ended);
  position = stream.lastID;
  expect(stream.events[0]?.event).toBe('ready');
  return { stream, events: stream.events };
}

const openStreams = async () =>
  Number(/^rtcroom_im_streams (\d+)$/m.exec((await raw(it_.url('/metrics'), { method: 'GET' })).text)?.[1]);

/** A long poll that the service has, and no other. */
async function hold(user: User) {
  await expect.poll(openStreams).toBe(0);
  const waiting = poll(user, 25);
  waiting.catch(() => {}); // whoever awaits it sees it
  await expect.poll(openStreams).toBe(1);
  return { waiting };
}

let counter = 0;
const send = async (text: string) => {
  const elements = [{ type: 'text', text }];
  const { json } = await it_.post('im/send', bob, { msgID: `m${counter++}`, to: 'alice', elements });
  expect(json.code).toBe(0);
};
const texts = (events: StreamEvent[]) =>
  events.filter(({ event }) => event === 'message').map(({ data }) => data.elements[0].text);

const stores = [
  ['in memory', () => ({})],
  ['on Redis', () => ({ redis: redis.url, redisKeyPrefix: `${opened++}:` })],
] as const;

describe.each(stores)('long polling, messages %s', (_kind, options) => {
  beforeEach(async () => {
    it_ = await ServiceUnderTest.start(options());
    alice = await it_.login('alice');
    bob = await it_.login('bob');
    position = undefined;
  });

  it('is answered at once without a place to go on from, and whole', async () => {
    const { stream, events } = await poll(alice, 25);
    expect(events).toEqual([{ event: 'ready', id: expect.stringMatching(/\.0$/), data: { resumed: false } }]);
    expect(stream.response.headers['content-length']).toBeDefined();
    expect(stream.response.headers['cache-control']).toContain('no-store');
    expect(stream.response.headers['access-control-allow-origin']).toBe('*');
  });

  it('is answered when something comes, with what came between two polls first', async () => {
    await poll(alice, 0);
    await send('one');
    await send('two');
    expect(texts((await poll(alice, 25)).events)).toEqual(['one', 'two']);
    const { waiting } = await hold(alice);
    await send('three');
    const { events } = await waiting;
    expect(events[0]?.data).toEqual({ resumed: true });
    expect(texts(events)).toEqual(['three']);
    await send('four');
    expect(texts((await poll(alice, 25)).events)).toEqual(['four']);
  });

  it('is answered with nothing when its time is over', async () => {
    await poll(alice, 0);
    const sinceMs = performance.now();
    const { events } = await poll(alice, 1);
    expect(performance.now() - sinceMs).toBeGreaterThan(900);
    expect(events.map(({ event, data }) => [event, data])).toEqual([['ready', { resumed: true }]]);
  });

  it('says at once that it did not resume', async () => {
    position = '000000000000.5';
    expect((await poll(alice, 25)).events[0]?.data).toEqual({ resumed: false });
  });

  it('takes the place of a stream, and a stream its', async () => {
    const stream = await EventStream.open(it_.url(`/weapp/im/events?${new URLSearchParams({ ...alice })}`));
    await poll(alice, 0);
    await stream.until(() => stream.ended);
    const { waiting } = await hold(alice);
    const again = await EventStream.open(it_.url(`/weapp/im/events?${new URLSearchParams({ ...alice })}`));
    expect((await waiting).events).toHaveLength(1);
    again.close();
  });

  it('hears of a login elsewhere, and is refused afterwards', async () => {
    await poll(alice, 0);
    const { waiting } = await hold(alice);
    await it_.login('alice');
    expect((await waiting).events.at(-1)?.data).toEqual({ type: 'kicked', reason: 'loggedInElsewhere' });
    expect((await raw(address(alice, '0'), { method: 'GET' })).status).toBe(401);
  });

  it('ends with the service and with its reader', async () => {
    await poll(alice, 0);
    const gone = await new Promise<void>((resolve) => {
      const stream = EventStream.open(address(bob, '25'), { 'Last-Event-ID': '000000000000.1' });
      void stream.then((one) => one.close()).then(resolve);
    });
    expect(gone).toBeUndefined();
    const { waiting } = await hold(alice);
    const sinceMs = performance.now();
    await it_.close();
    await waiting;
    expect(performance.now() - sinceMs).toBeLessThan(5000);
  });

  it('ends one whose token was being checked when the service closed, as it ends the others', () => {
    const limits = new LocalSendLimits({ userPerSecond: 1, roomPerSecond: 1 }, Date.now);
    const hub = new ImHub({ group: async () => undefined, now: Date.now, limits });
    hub.close();
    const sink = { ready: vi.fn(), write: vi.fn(), end: vi.fn() };
    hub.attach('alice', sink, undefined)();
    expect(sink.write.mock.calls).toEqual([[expect.stringMatching(/^retry: \d+\n\n$/)]]);
    expect(sink.end).toHaveBeenCalledTimes(1);
    expect(sink.ready).not.toHaveBeenCalled();
    expect([...hub.listening()]).toEqual([]);
  });

  it.each(['31', '-1', '1.5', 'x', '', '025'])('poll=%s is a malformed parameter', async (seconds) => {
    expect((await raw(address(alice, seconds), { method: 'GET' })).json).toMatchObject({ code: 2 });
  });
});
