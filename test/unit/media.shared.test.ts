import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MediaControl } from '#lib/server/media/control/MediaControl';
import { controlPaths, signingKeysProof } from '#lib/server/media/control/protocol';
import { ExternalMediaServer } from '#lib/server/media/ExternalMediaServer';
import { RemoteMediaServer, type RemoteMediaServerOptions } from '#lib/server/media/RemoteMediaServer';
import { codeOf } from '../support/client/expectCode.js';
import { patient } from '../support/patience.js';
import { FakeMediaServer } from '../support/server/fakeMediaServer.js';
import { raw, ServiceUnderTest } from '../support/server/roomClient.js';

const controlKey = 'control-key-control-key';
const { pushKey, playKey } = new FakeMediaServer();
const addresses = { rtmpUrl: 'rtmp://media.example.com/live', httpUrl: undefined, pushKey, playKey };
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

const closers: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of closers.splice(0).reverse()) await one.close();
});

/** A media server that can be controlled; a later one on the same port is one that came back, and remembers nothing. */
async function controlled(port = 0): Promise<{ media: FakeMediaServer; control: MediaControl; port: number }> {
  const media = new FakeMediaServer();
  const control = new MediaControl({ media, controlKey });
  closers.push(control);
  await control.listen({ port });
  return { media, control, port: control.address.port };
}

function remote(port: number, options: Partial<RemoteMediaServerOptions> = {}): RemoteMediaServer {
  const server = new RemoteMediaServer({
    ...addresses,
    controlUrl: `http://127.0.0.1:${port}`,
    controlKey,
    ...options,
  });
  closers.push(server);
  return server;
}

async function started(port: number): Promise<RemoteMediaServer> {
  const server = remote(port);
  await server.start();
  return server;
}

const probe = (server: RemoteMediaServer) => server.probe(AbortSignal.timeout(patient(5000)));
const eventually = (holds: () => unknown) =>
  vi.waitFor(async () => expect(await holds()).toBe(true), { timeout: patient(10_000), interval: 20 });
const isReady = (server: RemoteMediaServer) => () =>
  probe(server).then(
    () => true,
    () => false,
  );

describe('a shared media server', () => {
  it('tells each service its streams, those of before among them, and is cut by any', async () => {
    const { media, port } = await controlled();
    media.tell('publish', 'early');
    const [one, other] = await Promise.all([started(port), started(port)]);
    expect([one.isPublishing('early'), other.isPublishing('early')]).toEqual([true, true]);
    const heard: string[] = [];
    other.on('publish', (streamID) => heard.push(`+${streamID}`));
    other.on('unpublish', (streamID) => heard.push(`-${streamID}`));
    media.tell('publish', 'call');
    await eventually(() => one.isPublishing('call') && other.isPublishing('call'));
    const until = inAnHour();
    await one.cut('call', until);
    // Cut when it resolves, not some time later.
    expect([media.cuts, media.revoked.get('call')]).toEqual([['call'], until]);
    media.tell('unpublish', 'call');
    await eventually(() => !one.isPublishing('call') && !other.isPublishing('call'));
    expect(heard).toEqual(['+call', '-call']);
    await probe(one);
  });

  it('is ready at its services only while it is', async () => {
    const { media, port } = await controlled();
    const server = await started(port);
    await probe(server);
    media.probeFailure = new Error('the port takes no connection');
    await vi.waitFor(
      () => expect(probe(server)).rejects.toThrow(/is not ready: the port takes no connection/),
      { timeout: patient(5000), interval: 100 }, // an answer of before is kept for half a second
    );
  });

  it('learns after its death what was cut meanwhile and before, and its streams are known again', async () => {
    const first = await controlled();
    const server = await started(first.port);
    const restarted = vi.fn();
    server.on('restart', restarted);
    first.media.tell('publish', 'old');
    await eventually(() => server.isPublishing('old'));
    const until = inAnHour();
    await server.cut('before', until);
    await first.control.close();
    await eventually(async () => !(await isReady(server)()));
    await expect(probe(server)).rejects.toMatchObject({ code: 'ERR_RTC_MEDIA_SERVER' });
    await server.cut('meanwhile', until);
    server.revoke([['revoked', until]]);
    // It may be the network alone: what was published is believed for a while.
    expect(server.isPublishing('old')).toBe(true);

    const media = new FakeMediaServer();
    const control = new MediaControl({ media, controlKey });
    closers.push(control);
    media.tell('publish', 'new');
    await control.listen({ port: first.port });
    await eventually(isReady(server));
    expect(Object.fromEntries(media.revoked)).toEqual({ before: until, meanwhile: until, revoked: until });
    // As revocations, not as cuts: who was let in again since, by a newer address, goes on.
    expect(media.cuts).toEqual([]);
    expect([server.isPublishing('old'), server.isPublishing('new')]).toEqual([false, true]);
    expect(restarted).toHaveBeenCalledTimes(1);
  });

  it('whose connection is lost in the middle of a cut hears of it with the next one', async () => {
    const { media, port } = await controlled();
    const relay = await cuttableRelay(port);
    const server = await started(relay.port);
    let cutting = () => {};
    const reached = new Promise<void>((resolve) => {
      cutting = resolve;
    });
    media.cut = async () => {
      cutting();
      await new Promise(() => {});
    };
    const until = inAnHour();
    const cut = server.cut('call', until);
    await reached;
    expect(media.revoked.size).toBe(0);
    relay.cut();
    await cut;
    await eventually(() => media.revoked.get('call') === until);
    await eventually(isReady(server));
  });

  it('that hangs is given up', async () => {
    let silent = false;
    const keys = signingKeysProof(controlKey, pushKey, playKey);
    const hello = JSON.stringify({ type: 'hello', instance: 'one', keys, streams: ['call'] });
    const head = 'HTTP/1.1 200 OK\r\n';
    const port = await listening(
      createServer((socket) => {
        socket.on('error', () => {});
        socket.on('data', (data) => {
          if (silent) return;
          if (data.toString().startsWith('GET')) socket.write(`${head}content-type: x\r\n\r\n${hello}\n`);
          else socket.write(`${head}content-length: 2\r\n\r\n{}`);
        });
      }),
    );
    const server = remote(port, { silenceMs: 500, believedMs: 100 });
    await server.start();
    expect(server.isPublishing('call')).toBe(true);
    silent = true;
    await eventually(() => !server.isPublishing('call'));
    await expect(probe(server)).rejects.toThrow(/cannot be reached/);
  });

  it('that is not there lets a service start, and is used as soon as it is', async () => {
    const { control, port } = await controlled();
    await control.close();
    const server = await started(port);
    await expect(probe(server)).rejects.toThrow(/cannot be reached \(ECONNREFUSED\)/);
    await controlled(port);
    await eventually(isReady(server));
  });

  it.each([
    ['of its control', { controlKey: 'another-key-another-key' }, /another key for its control/],
    ['of addresses', { pushKey: 'another-key-another-key' }, /other keys: give the same mediaPushKey/],
  ])('with another key %s is refused at the start', async (_name, options, message) => {
    const { port } = await controlled();
    const server = remote(port, options);
    await expect(server.start()).rejects.toMatchObject({
      code: 'ERR_RTC_INVALID_ARGUMENT',
      message: expect.stringMatching(message),
    });
    await expect(probe(server)).rejects.toThrow(message);
  });

  it('where something else answers is told so', async () => {
    const service = await ServiceUnderTest.start();
    closers.push(service);
    const server = await started(service.service.address.port);
    await expect(probe(server)).rejects.toThrow(/cannot be controlled \(it answered HTTP 404\)/);
  });

  it('is closed while it connects, and twice', async () => {
    const port = await listening(createServer((socket) => void socket.on('error', () => {})));
    const server = remote(port);
    const starting = server.start();
    const startMs = performance.now();
    await Promise.all([server.close(), server.close()]);
    await starting;
    // Not when its silence is noticed, after 10 s.
    expect(performance.now() - startMs).toBeLessThan(patient(3000));
    expect(await codeOf(server.start())).toBe('ERR_RTC_CLOSED');
  });

  it.each([
    ['controlUrl', { controlUrl: 'ftp://a' }],
    ['controlUrl', { controlUrl: 'http://a/?b' }],
    ['controlKey', { controlKey: 'short' }],
    ['rtmpUrl', { rtmpUrl: 'rtmp://a/other' }],
    ['httpUrl', { httpUrl: 'rtmp://a/live' }],
    ['playKey', { playKey: '' }],
    ['silenceMs', { silenceMs: 0 }],
    ['pushKey and playKey', { playKey: pushKey }],
  ])('has no %s that cannot be: %j', (name, options) => {
    expect(() => remote(1, options)).toThrow(expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }));
    expect(() => remote(1, options)).toThrow(name);
  });
});

describe('the control API', () => {
  const call = (port: number, path: string, body?: unknown, key = controlKey) =>
    raw(`http://127.0.0.1:${port}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });

  it('does nothing without its key', async () => {
    const { media, port } = await controlled();
    for (const key of ['', 'control-key-control-keY', `${controlKey}x`]) {
      for (const path of [controlPaths.cut, controlPaths.revoke, `${controlPaths.cut}?a=b`, '/media/v1/%63ut']) {
        expect((await call(port, path, { streams: [['a', inAnHour()]] }, key)).status).toBe(401);
      }
      expect((await call(port, controlPaths.events, undefined, key)).status).toBe(401);
    }
    expect([media.cuts, media.revoked.size]).toEqual([[], 0]);
  });

  it.each([
    ['no JSON', '{'],
    ['no streams', {}],
    ['a stream without a time', { streams: [['a']] }],
    ['one with more', { streams: [['a', 1, 2]] }],
    ['a time as text', { streams: [['a', '1']] }],
    ['a fraction', { streams: [['a', 1.5]] }],
    ['a time before all', { streams: [['a', -1]] }],
    ['a name that is none', { streams: [[null, 1]] }],
    ['a long name', { streams: [['a'.repeat(257), 1]] }],
    ['too many', { streams: Array.from({ length: 1001 }, () => ['a', 1]) }],
  ])('refuses %s, and changes nothing', async (_name, body) => {
    const { media, port } = await controlled();
    expect((await call(port, controlPaths.cut, body)).status).toBe(400);
    expect((await call(port, controlPaths.revoke, body)).status).toBe(400);
    expect([media.cuts, media.revoked.size]).toEqual([[], 0]);
  });

  it('answers 404, 413 and 500 without a word of what was sent', async () => {
    const { media, port } = await controlled();
    media.cutFailure = new Error('5ec2e7');
    const answers = [
      await call(port, '/media/v1/5ec2e7', {}),
      await call(port, controlPaths.cut, JSON.stringify({ x: '5ec2e7'.repeat(100_000) })),
      await call(port, controlPaths.cut, { streams: [['5ec2e7', 1]] }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 413, 500]);
    for (const { text } of answers) expect(text).not.toContain('5ec2e7');
  });

  it('has health, readiness and figures for who watches, without a key', async () => {
    const { media, control, port } = await controlled();
    const server = await started(port);
    media.tell('publish', 'a');
    await server.cut('b', inAnHour());
    expect((await call(port, '/healthz', undefined, '')).json).toEqual({ status: 'ok' });
    expect((await call(port, '/readyz', undefined, '')).json).toMatchObject({
      status: 'ready',
      checks: { media: { ok: true } },
    });
    const { text } = await call(port, '/metrics', undefined, '');
    for (const line of ['rtcroom_media_streams 1', 'rtcroom_media_services 1', 'rtcroom_media_cuts_total 1']) {
      expect(text).toContain(`\n${line}\n`);
    }
    expect(text).toContain('rtcroom_ready{part="media"} 1\n');
    control.drain();
    const draining = await call(port, '/readyz', undefined, '');
    expect([draining.status, draining.json.status]).toEqual([503, 'draining']);
  });

  it('cuts off a service that does not read, and no other', async () => {
    const { media, port } = await controlled();
    const server = await started(port);
    const socket = connect(port, '127.0.0.1');
    closers.push({ close: async () => socket.destroy() });
    socket.on('error', () => {});
    socket.write(`GET ${controlPaths.events} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${controlKey}\r\n\r\n`);
    await once(socket, 'readable');
    const services = async () => /rtcroom_media_services (\d+)/.exec((await call(port, '/metrics')).text)?.[1];
    expect(await services()).toBe('2');
    // More than the system keeps for a connection, in pieces, so that who reads can.
    const names = Array.from({ length: 40 }, (_, index) => `${index}`.repeat(10_000));
    for (let round = 0; round < 30 && (await services()) === '2'; round++) {
      for (const name of names) media.tell(round % 2 === 0 ? 'publish' : 'unpublish', name);
    }
    expect(await services()).toBe('1');
    media.tell('publish', 'end');
    await eventually(() => server.isPublishing('end'));
    await probe(server);
  });

  it('does not take a key that cannot stand in a header', () => {
    expect(() => new MediaControl({ media: new FakeMediaServer(), controlKey: 'a key with spaces in it' })).toThrow(
      expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
    );
  });

  it('says so when its port is taken', async () => {
    const { port } = await controlled();
    const other = new MediaControl({ media: new FakeMediaServer(), controlKey });
    closers.push(other);
    const refusal = { code: 'ERR_RTC_INVALID_ARGUMENT', cause: { code: 'EADDRINUSE' } };
    await expect(other.listen({ port })).rejects.toMatchObject(refusal);
  });
});

describe('an external media server', () => {
  it('has signed addresses, and nobody is spared or shown for a stream', async () => {
    const media = new ExternalMediaServer({ ...addresses, httpUrl: 'https://media.example.com/live' });
    const service = await ServiceUnderTest.start({
      media: media as never,
      adminKey: controlKey,
      heartbeatTimeoutMs: 1000,
    });
    closers.push(service);
    const ann = await service.login('ann');
    await service.create(ann, 'room');
    expect((await service.add(ann, 'room')).code).toBe(0);
    expect(await service.pushURL(ann, 'room')).toMatch(/^rtmp:\/\/media\.example\.com\/live\/1000_room_ann\?/);
    const headers = { authorization: `Bearer ${controlKey}` };
    const shown = await raw(service.url('/admin/rooms/double_room/room'), { method: 'GET', headers });
    expect(shown.json.members).toMatchObject([{ userID: 'ann', publishing: null }]);
    expect((await raw(service.url('/readyz'), { method: 'GET' })).status).toBe(200);
    service.nowMs += 1500;
    await service.service.sweep();
    expect((await service.post('double_room/get_pushers', ann, { roomID: 'room' })).json.code).toBe(1);
  });
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push({ close: async () => server.close() });
  return (server.address() as AddressInfo).port;
}

/** Hands connections on until `cut`, which breaks those that are open. */
async function cuttableRelay(to: number): Promise<{ port: number; cut: () => void }> {
  const open = new Set<{ destroy(): void }>();
  const server = createServer((client) => {
    const onward = connect(to, '127.0.0.1');
    for (const [one, other] of [
      [client, onward],
      [onward, client],
    ] as const) {
      open.add(one);
      one.on('error', () => {}).on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  const port = await listening(server);
  const cut = () => {
    for (const socket of open) socket.destroy();
    open.clear();
  };
  closers.push({ close: async () => cut() });
  return { port, cut };
}
