import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { RoomApi } from '#lib/api/RoomApi';
import { codeOf, rejection, shown } from '../support/client/expectCode.js';
import { answer, HttpScript } from '../support/client/HttpScript.js';

const user = { sdkAppID: 1400000000, accountType: '1', userID: 'user a/b', userSig: 'eJx-very*secret_sig' };
const token = 'very+secret/token';
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function start(options: { timeoutMs?: number; slash?: boolean } = {}) {
  const service = await HttpScript.start((_request, response) => answer(response, { code: 0, message: 'ok', token }));
  const { timeoutMs = 5000, slash = false } = options;
  const api = new RoomApi({ serverDomain: `${service.serverDomain}${slash ? '/' : ''}`, timeoutMs });
  cleanups.push(
    () => api.close(),
    () => service.close(),
  );
  await api.login(user);
  return { service, api };
}

describe('requests', () => {
  test('login has everything in the query, percent-encoded', async () => {
    const { service, api } = await start({ slash: true });
    const [login] = service.seen;
    expect(login?.path).toBe('/weapp/double_room/login');
    expect([...(login?.query ?? [])]).toEqual([
      ['sdkAppID', '1400000000'],
      ['accountType', '1'],
      ['userID', 'user a/b'],
      ['userSig', 'eJx-very*secret_sig'],
    ]);
    expect(login?.body).toBe('{}');
    expect(api.session).toEqual({ userID: 'user a/b', token });
  });

  test('a heartbeat gives epoch and version where the service tells them', async () => {
    const { service, api } = await start();
    const beat = async (fields: object) => {
      service.handler = (_request, response) => answer(response, { code: 0, message: 'ok', ...fields });
      return await api.heartbeat({ roomID: 'r' });
    };
    expect(await beat({ epoch: 3, version: 9 })).toEqual({ epoch: 3, version: 9 });
    expect(await beat({})).toEqual({ epoch: undefined, version: undefined });
    expect(await beat({ epoch: null, version: '9' })).toEqual({ epoch: undefined, version: undefined });
  });

  test('bodies are those of the 2018 clients, identity is in the query', async () => {
    const { service, api } = await start();
    service.seen.length = 0;
    service.handler = (_request, response) =>
      answer(response, { code: 0, message: 'ok', pushURL: 'rtmp://h/live/s?k', roomID: 'r' });
    await api.getPushURL();
    await api.getPushURL({ roomID: 'r' });
    await api.getRoomList({ index: 2, cnt: 3 });
    await api.getPushers({ roomID: 'r' });
    await api.createRoom({ roomID: '', roomInfo: 'i' });
    await api.addPusher({ roomID: 'r', userName: 'n', userAvatar: 'a', pushURL: 'p' });
    await api.heartbeat({ roomID: 'r' });
    await api.deletePusher({ roomID: 'r' });
    await api.destroyRoom({ roomID: 'r' });
    const userID = 'user a/b';
    expect(service.seen.map(({ path, body }) => [path.split('/').at(-1), JSON.parse(body)])).toEqual([
      ['get_push_url', { userID }],
      ['get_push_url', { roomID: 'r', userID }],
      ['get_room_list', { cnt: 3, index: 2 }],
      ['get_pushers', { roomID: 'r' }],
      ['create_room', { roomID: '', roomInfo: 'i', userID }],
      ['add_pusher', { pushURL: 'p', roomID: 'r', userAvatar: 'a', userID, userName: 'n' }],
      ['pusher_heartbeat', { roomID: 'r', userID }],
      ['delete_pusher', { roomID: 'r', userID }],
      ['destroy_room', { roomID: 'r', userID }],
    ]);
    for (const { query, headers, method } of service.seen) {
      expect([...query.keys()]).toEqual(['userID', 'token']);
      expect(query.get('token')).toBe(token);
      expect(headers['content-type']).toContain('application/json');
      expect(method).toBe('POST');
    }
    expect(service.connections).toBeLessThanOrEqual(2);
  });

  test('a call before login is refused without asking the service', async () => {
    const service = await HttpScript.start();
    const api = new RoomApi({ serverDomain: service.serverDomain });
    cleanups.push(
      () => api.close(),
      () => service.close(),
    );
    expect(await codeOf(api.getPushURL())).toBe('ERR_RTC_INVALID_STATE');
    expect(await codeOf(api.getRoomList({ index: 0, cnt: 1 }))).toBe('ERR_RTC_INVALID_STATE');
    expect(service.seen).toHaveLength(0);
  });

  test.each([
    '',
    'no url',
    'ftp://h/weapp/double_room',
    'http://h',
    'http://h/weapp/double_room?token=x',
    'http://u:p@h/x',
    7,
  ])('serverDomain %j is refused', (serverDomain) => {
    expect(() => new RoomApi({ serverDomain: serverDomain as string })).toThrow(
      expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
    );
  });
});

describe('answers', () => {
  test('a room is read with and without the additions of this service', async () => {
    const { service, api } = await start();
    const pusher = { userID: 'b', userName: 'B', userAvatar: 'x', accelerateURL: 'rtmp://h/live/b?k' };
    service.handler = (_request, response) =>
      answer(response, {
        code: 0,
        message: '',
        roomID: 'r',
        roomInfo: 'i',
        roomCreator: 'a',
        pushers: [pusher, { ...pusher, userID: 'c', epoch: 4 }],
        version: 9,
      });
    expect(await api.getPushers({ roomID: 'r' })).toEqual({
      roomID: 'r',
      roomInfo: 'i',
      roomCreator: 'a',
      mixedPlayURL: '',
      version: 9,
      pushers: [
        { ...pusher, epoch: undefined },
        { ...pusher, userID: 'c', epoch: 4 },
      ],
    });
  });

  test.each([
    ['null', null, 0],
    ['missing', undefined, 0],
    [
      'rooms with code and message inside, junk between',
      [{ code: 0, message: '', roomID: 'r', pushers: null }, 7, null, []],
      1,
    ],
  ])('a list that is %s is read', async (_name, rooms, count) => {
    const { service, api } = await start();
    service.handler = (_request, response) => answer(response, { code: 0, message: '', rooms });
    expect(await api.getRoomList({ index: 0, cnt: 9 })).toHaveLength(count);
  });

  test('add_pusher of an old service has no version and epoch, and may have no roomID', async () => {
    const { service, api } = await start();
    service.handler = (_request, response) => answer(response, { code: 0, message: '', roomID: '' });
    const input = { roomID: 'r', userName: '', userAvatar: '', pushURL: 'p' };
    expect(await api.addPusher(input)).toEqual({ roomID: '', version: undefined, epoch: undefined });
  });

  test.each(['{"code":0,"message":""}', '{"code":0,"message":"","pushURL":7}', '{"code":0,"message":"","pushURL":""}'])(
    'a push address that is missing is a bad response: %s',
    async (text) => {
      const { service, api } = await start();
      service.handler = (_request, response) => answer(response, text);
      expect(await codeOf(api.getPushURL())).toBe('ERR_RTC_SERVICE_BAD_RESPONSE');
    },
  );
});

describe('service codes', () => {
  test.each([
    ['getPushers', 1, 'ERR_RTC_ROOM_NOT_FOUND'],
    ['getPushers', 2, 'ERR_RTC_SERVICE_PARAMETER'],
    ['getPushers', 3, 'ERR_RTC_ROOM_NOT_FOUND'],
    ['destroyRoom', 3, 'ERR_RTC_NOT_ROOM_CREATOR'],
    ['getPushers', 4, 'ERR_RTC_AUTH'],
    ['heartbeat', 5, 'ERR_RTC_NOT_ROOM_MEMBER'],
    ['createShort', 6, 'ERR_RTC_IM_FAILED'],
    ['heartbeat', 7, 'ERR_RTC_AUTH'],
    ['createLong', 10, 'ERR_RTC_ROOM_INFO_TOO_LONG'],
    ['createShort', 11, 'ERR_RTC_ROOM_EXISTS'],
    ['createLong', 11, 'ERR_RTC_ROOM_INFO_TOO_LONG'],
    ['heartbeat', 12, 'ERR_RTC_MESSAGE_EMPTY'],
    ['heartbeat', 13, 'ERR_RTC_MESSAGE_TOO_LONG'],
    ['heartbeat', 14, 'ERR_RTC_TOO_MANY_REQUESTS'],
    ['heartbeat', 5001, 'ERR_RTC_ROOM_FULL'],
    ['heartbeat', -1, 'ERR_RTC_SERVICE_BAD_RESPONSE'],
    ['heartbeat', 99, 'ERR_RTC_SERVICE_BAD_RESPONSE'],
  ] as const)('%s answered with %i is %s', async (call, serviceCode, code) => {
    const { service, api } = await start();
    service.handler = (_request, response) => answer(response, { code: serviceCode, message: 'why' });
    const calls = {
      getPushers: () => api.getPushers({ roomID: 'r' }),
      destroyRoom: () => api.destroyRoom({ roomID: 'r' }),
      heartbeat: () => api.heartbeat({ roomID: 'r' }),
      createShort: () => api.createRoom({ roomID: 'r', roomInfo: '' }),
      createLong: () => api.createRoom({ roomID: 'r', roomInfo: 'x'.repeat(1025) }),
    };
    const error = await rejection(calls[call]());
    expect(error.code).toBe(code);
    expect(error.nativeCode).toBe(serviceCode);
  });

  test('a code that comes with an HTTP error status counts', async () => {
    const { service, api } = await start();
    service.handler = (_request, response) => answer(response, { code: 7, message: 'no' }, 401);
    expect(await codeOf(api.heartbeat({ roomID: 'r' }))).toBe('ERR_RTC_AUTH');
  });
});

describe('faults', () => {
  test.each([
    ['text', 'hello', 200, 'ERR_RTC_SERVICE_BAD_RESPONSE'],
    ['nothing', '', 200, 'ERR_RTC_SERVICE_BAD_RESPONSE'],
    ['a list', '[]', 200, 'ERR_RTC_SERVICE_BAD_RESPONSE'],
    ['null', 'null', 200, 'ERR_RTC_SERVICE_BAD_RESPONSE'],
    ['no code', '{}', 200, 'ERR_RTC_SERVICE_BAD_RESPONSE'],
    ['a code of text', '{"code":"0"}', 200, 'ERR_RTC_SERVICE_BAD_RESPONSE'],
    ['a page of a proxy', '<html>', 502, 'ERR_RTC_SERVICE_UNREACHABLE'],
    ['not found', '{"error":"x"}', 404, 'ERR_RTC_SERVICE_UNREACHABLE'],
    ['9 MB', 'x'.repeat(9 * 1024 * 1024), 200, 'ERR_RTC_SERVICE_BAD_RESPONSE'],
  ])('%s', async (_name, body, status, code) => {
    const { service, api } = await start();
    service.handler = (_request, response) => answer(response, body, status);
    expect(await codeOf(api.heartbeat({ roomID: 'r' }))).toBe(code);
  });

  test('a refused port, a connection that is cut, an answer that breaks off', async () => {
    const { service, api } = await start();
    service.handler = (_request, response) => void response.destroy();
    expect(await codeOf(api.createRoom({ roomID: '', roomInfo: '' }))).toBe('ERR_RTC_SERVICE_UNREACHABLE');
    service.handler = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"code":0');
      setImmediate(() => response.destroy());
    };
    expect(await codeOf(api.createRoom({ roomID: '', roomInfo: '' }))).toBe('ERR_RTC_SERVICE_UNREACHABLE');
    await service.close();
    cleanups.pop();
    expect(await codeOf(api.createRoom({ roomID: '', roomInfo: '' }))).toBe('ERR_RTC_SERVICE_UNREACHABLE');
  });

  test('what is no HTTP at all is a bad response', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume().end('SSH-2.0-OpenSSH_9.2\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const api = new RoomApi({ serverDomain: `http://127.0.0.1:${port}/weapp/double_room` });
    cleanups.push(
      () => api.close(),
      () => new Promise((resolve) => server.close(resolve)),
    );
    expect(await codeOf(api.login(user))).toBe('ERR_RTC_SERVICE_BAD_RESPONSE');
  });

  test('silence is a timeout, in the head and in the body', async () => {
    const { service, api } = await start({ timeoutMs: 100 });
    service.handler = () => undefined;
    expect(await codeOf(api.heartbeat({ roomID: 'r' }))).toBe('ERR_RTC_TIMEOUT');
    service.handler = (_request, response) => {
      response.writeHead(200);
      response.write('{"co');
    };
    expect(await codeOf(api.heartbeat({ roomID: 'r' }))).toBe('ERR_RTC_TIMEOUT');
  });

  test('a signal aborts before and during the call', async () => {
    const { service, api } = await start();
    const before = service.seen.length;
    expect(await codeOf(api.heartbeat({ roomID: 'r' }, { signal: AbortSignal.abort() }))).toBe('ERR_RTC_ABORTED');
    expect(service.seen).toHaveLength(before);
    const stop = new AbortController();
    service.handler = () => stop.abort();
    expect(await codeOf(api.heartbeat({ roomID: 'r' }, { signal: stop.signal }))).toBe('ERR_RTC_ABORTED');
  });

  test('close cuts what is under way; later calls are refused', async () => {
    const { service, api } = await start();
    const closed = new Promise<void>((resolve) => {
      service.handler = () => resolve(api.close());
    });
    const created = api.createRoom({ roomID: '', roomInfo: '' });
    expect(await codeOf(created)).toBe('ERR_RTC_ABORTED');
    await closed;
    await api.close();
    expect(await codeOf(api.login(user))).toBe('ERR_RTC_CLOSED');
  });

  test('no error shows a token, a userSig or a push address, whatever the service repeats', async () => {
    const { service, api } = await start({ timeoutMs: 100 });
    const pushURL = 'rtmp://h/live/s?txSecret=0123456789abcdef&txTime=5BD3C380';
    const add = () => api.addPusher({ roomID: 'r', userName: '', userAvatar: '', pushURL });
    const errors: unknown[] = [];
    service.handler = (request, response) => {
      const query = [...request.query].flat().join(' ');
      answer(response, { code: 7, message: `bad ${query} ${request.query} ${request.body}\u001b[31m` });
    };
    errors.push(await rejection(add()), await rejection(api.login(user)));
    service.handler = () => undefined;
    errors.push(await rejection(add()));
    service.handler = (_request, response) => void response.destroy();
    errors.push(await rejection(add()), await rejection(api.login(user)));
    for (const text of errors.map(shown)) {
      for (const secret of [token, encodeURIComponent(token), user.userSig, 'txSecret', '\u001b']) {
        expect(text).not.toContain(secret);
      }
    }
  });
});
