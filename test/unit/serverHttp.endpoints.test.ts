import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifySignature } from '#lib/server/media/urlSignature';
import { ServiceUnderTest, type User } from '../support/server/roomClient.js';

let it_: ServiceUnderTest;
let alice: User;
let bob: User;

beforeAll(async () => {
  it_ = await ServiceUnderTest.start();
  alice = await it_.login('alice');
  bob = await it_.login('bob');
});
afterAll(() => it_.close());

const room = 'room_table';
const long = (length: number) => 'x'.repeat(length);

/** Bodies that a method refuses with that code, given by the user alice with her right token. */
const refusals: [method: string, name: string, body: unknown, code: number][] = [
  ['get_push_url', 'userID null', { userID: null }, 2],
  ['get_push_url', 'userID a number', { userID: 5 }, 2],
  ['get_push_url', 'userID of another', { userID: 'bob' }, 7],
  ['get_push_url', 'roomID with a slash', { userID: 'alice', roomID: 'a/b' }, 2],
  ['get_push_url', 'roomID with a question mark', { userID: 'alice', roomID: 'a?b' }, 2],
  ['get_push_url', 'roomID of 49', { userID: 'alice', roomID: long(49) }, 2],
  ['get_push_url', 'roomID null', { userID: 'alice', roomID: null }, 2],
  ['get_room_list', 'cnt negative', { cnt: -1, index: 0 }, 2],
  ['get_room_list', 'cnt null', { cnt: null }, 2],
  ['get_room_list', 'cnt a text', { cnt: 'many' }, 2],
  ['get_room_list', 'index a fraction', { cnt: 1, index: 0.5 }, 2],
  ['get_room_list', 'index beyond integers', { cnt: 1, index: 1e300 }, 2],
  ['get_pushers', 'no roomID', {}, 2],
  ['get_pushers', 'roomID null', { roomID: null }, 2],
  ['get_pushers', 'roomID an object', { roomID: {} }, 2],
  ['get_pushers', 'unknown room', { roomID: 'nowhere' }, 1],
  ['create_room', 'roomInfo null', { userID: 'alice', roomInfo: null }, 2],
  ['create_room', 'roomInfo of 1025', { userID: 'alice', roomInfo: long(1025) }, 11],
  ['create_room', 'roomInfo of 1025 and userID of another', { userID: 'bob', roomInfo: long(1025) }, 11],
  ['create_room', 'roomInfo with U+0000', { userID: 'alice', roomInfo: 'a\u0000b' }, 2],
  ['create_room', 'roomID with a space', { userID: 'alice', roomInfo: '', roomID: 'a b' }, 2],
  ['create_room', 'roomID of 49', { userID: 'alice', roomInfo: '', roomID: long(49) }, 2],
  ['create_room', 'roomID not ASCII', { userID: 'alice', roomInfo: '', roomID: '房间' }, 2],
  ['create_room', 'roomID an array', { userID: 'alice', roomInfo: '', roomID: [] }, 2],
  ['create_room', 'userID of another', { userID: 'bob', roomInfo: '' }, 7],
  ['destroy_room', 'no roomID', { userID: 'alice' }, 2],
  ['destroy_room', 'unknown room', { userID: 'alice', roomID: 'nowhere' }, 3],
  ['destroy_room', 'userID of another', { userID: 'bob', roomID: 'nowhere' }, 7],
  ['add_pusher', 'no pushURL', { userID: 'alice', roomID: room }, 2],
  ['add_pusher', 'pushURL null', { userID: 'alice', roomID: room, pushURL: null }, 2],
  ['add_pusher', 'pushURL empty', { userID: 'alice', roomID: room, pushURL: '' }, 2],
  ['add_pusher', 'pushURL unsigned', { userID: 'alice', roomID: room, pushURL: 'rtmp://h/live/1000_alice' }, 2],
  ['add_pusher', 'pushURL too long', { userID: 'alice', roomID: room, pushURL: long(4097) }, 2],
  ['add_pusher', 'userName null', { userID: 'alice', roomID: room, pushURL: 'x', userName: null }, 2],
  ['add_pusher', 'userName too long', { userID: 'alice', roomID: room, pushURL: 'x', userName: long(513) }, 2],
  ['add_pusher', 'userAvatar too long', { userID: 'alice', roomID: room, pushURL: 'x', userAvatar: long(4097) }, 2],
  ['add_pusher', 'roomInfo too long', { userID: 'alice', roomID: room, pushURL: 'x', roomInfo: long(1025) }, 11],
  ['delete_pusher', 'no roomID', { userID: 'alice' }, 2],
  ['delete_pusher', 'not a member', { userID: 'alice', roomID: 'nowhere' }, 5],
  ['delete_pusher', 'userID of another', { userID: 'bob', roomID: 'nowhere' }, 7],
  ['pusher_heartbeat', 'roomID a number', { userID: 'alice', roomID: 7 }, 2],
  ['pusher_heartbeat', 'not a member', { userID: 'alice', roomID: 'nowhere' }, 5],
  ['pusher_heartbeat', 'userID of another', { userID: 'bob', roomID: 'nowhere' }, 7],
];

/** A body that each method takes. */
const bodies: Record<string, object> = {
  logout: {},
  get_push_url: { userID: 'alice' },
  get_room_list: { cnt: 10, index: 0 },
  get_pushers: { roomID: room },
  create_room: { userID: 'alice', roomInfo: '', roomID: room },
  destroy_room: { userID: 'alice', roomID: room },
  add_pusher: { userID: 'alice', roomID: room, pushURL: 'x', userName: '', userAvatar: '' },
  delete_pusher: { userID: 'alice', roomID: room },
  pusher_heartbeat: { userID: 'alice', roomID: room },
};

describe.each(['double_room', 'multi_room', 'live_room'])('%s', (type) => {
  // The live_room's get_push_url ignores its body.
  it.each(refusals.filter(([method]) => type !== 'live_room' || method !== 'get_push_url'))(
    '%s refuses %s',
    async (method, _name, body, code) => {
      const answer = await it_.post(`${type}/${method}`, alice, body);
      expect([answer.status, answer.json.code]).toEqual([200, code]);
      expect(answer.json.message).not.toContain(alice.token);
    },
  );

  it.each(Object.keys(bodies))(
    '%s wants userID and token before anything else (2), then checks them (7)',
    async (method) => {
      const call = (query: object) =>
        it_.post(`${type}/${method}`, query, bodies[method]).then(({ json }) => json.code);
      expect(await call({})).toBe(2);
      expect(await call({ userID: 'alice' })).toBe(2);
      expect(await call({ token: alice.token })).toBe(2);
      expect(await call({ userID: 'alice', token: '' })).toBe(2);
      expect(await call({ userID: 'alice', token: 'x' })).toBe(7);
      expect(await call({ userID: 'bob', token: alice.token })).toBe(7);
      expect(await call({ userID: 'nobody', token: alice.token })).toBe(7);
    },
  );

  it('refused room lists carry rooms: null, as the original', async () => {
    expect((await it_.post(`${type}/get_room_list`, { userID: 'alice', token: 'x' }, {})).json.rooms).toBeNull();
  });

  it('goes through a whole room', async () => {
    const id = `room_${type}`;
    const created = await it_.post(`${type}/create_room`, alice, {
      userID: 'alice',
      roomInfo: '{"a":1}',
      roomID: id,
      extra: 1,
    });
    expect(created.json).toEqual({ code: 0, message: '请求成功', roomID: id });
    expect((await it_.post(`${type}/create_room`, bob, { roomInfo: '', roomID: id })).json.code).toBe(11);
    const pending = (await it_.post(`${type}/get_pushers`, bob, { roomID: id })).json;
    expect(pending).toMatchObject({ code: 0, roomCreator: '', pushers: [], roomInfo: '{"a":1}' });
    expect((await it_.post(`${type}/get_room_list`, bob, { cnt: 10, index: 0 })).json.rooms).toEqual([]);

    const first = await it_.add(alice, id, type);
    expect(first).toMatchObject({ code: 0, roomID: '' });
    const second = await it_.add(bob, id, type);
    expect(second.version).toBeGreaterThan(first.version);
    expect(second.epoch).not.toBe(first.epoch);

    const view = (await it_.post(`${type}/get_pushers`, alice, { roomID: id })).json;
    expect(view).toMatchObject({
      code: 0,
      roomID: id,
      roomInfo: '{"a":1}',
      roomCreator: 'alice',
      version: second.version,
    });
    expect(view.pushers.map((one: { userID: string }) => one.userID)).toEqual(['alice', 'bob']);
    expect(Object.keys(view.pushers[0]).sort()).toEqual(['accelerateURL', 'epoch', 'userAvatar', 'userID', 'userName']);
    const play = new URL(view.pushers[1].accelerateURL);
    expect(play.pathname).toBe(`/live/1000_${id}_bob`);
    const seconds = it_.nowMs / 1000;
    expect(verifySignature(it_.media.playKey, `1000_${id}_bob`, play.searchParams, seconds)).toBe('ok');
    expect(verifySignature(it_.media.pushKey, `1000_${id}_bob`, play.searchParams, seconds)).toBe('bad');
    expect(new URL(view.mixedPlayURL).pathname).toBe(`/live/1000_${id}_alice.flv`);
    expect(view.mixedPlayURL).toMatch(/\.flv$/);

    const list = (await it_.post(`${type}/get_room_list`, bob, { cnt: 10, index: 0 })).json;
    expect(list.rooms).toEqual([view]);
    expect((await it_.post(`${type}/get_room_list`, bob, { cnt: 10, index: 1 })).json.rooms).toEqual([]);
    expect((await it_.post(`${type}/get_room_list`, bob, {})).json.rooms).toEqual([]);
    const other = type === 'double_room' ? 'multi_room' : 'double_room';
    expect((await it_.post(`${other}/get_pushers`, bob, { roomID: id })).json.code).toBe(1);
    expect((await it_.post(`${other}/pusher_heartbeat`, bob, { roomID: id })).json.code).toBe(5);

    const { version, pushers } = (await it_.post(`${type}/get_pushers`, bob, { roomID: id })).json;
    const { epoch } = pushers.find((one: { userID: string }) => one.userID === 'bob');
    const beat = (await it_.post(`${type}/pusher_heartbeat`, bob, { userID: 'bob', roomID: id })).json;
    expect(beat).toEqual({ code: 0, message: expect.any(String), epoch, version });
    expect((await it_.post(`${type}/destroy_room`, bob, { userID: 'bob', roomID: id })).json.code).toBe(3);
    expect((await it_.post(`${type}/destroy_room`, bob, { userID: 'alice', roomID: id })).json.code).toBe(7);
    expect((await it_.post(`${type}/delete_pusher`, bob, { userID: 'bob', roomID: id })).json.code).toBe(0);
    expect((await it_.post(`${type}/delete_pusher`, bob, { userID: 'bob', roomID: id })).json.code).toBe(5);
    expect((await it_.post(`${type}/destroy_room`, alice, { userID: 'alice', roomID: id })).json.code).toBe(0);
    expect((await it_.post(`${type}/get_pushers`, alice, { roomID: id })).json.code).toBe(1);
    expect(it_.media.cuts).toEqual(expect.arrayContaining([`1000_${id}_alice`, `1000_${id}_bob`]));
  });

  it('has as many seats as its type', async () => {
    const id = `room_seats_${type}`;
    const users = await Promise.all(['s1', 's2', 's3', 's4', 's5'].map((name) => it_.login(name)));
    await it_.create(users[0] as User, id, type);
    const codes: number[] = [];
    for (const user of users) codes.push((await it_.add(user, id, type)).code);
    expect(codes).toEqual(type === 'double_room' ? [0, 0, 5001, 5001, 5001] : [0, 0, 0, 0, 5001]);
  });
});

describe('add_pusher', () => {
  it('takes only a push URL that was issued to the caller for that room', async () => {
    const id = 'room_urls';
    await it_.create(alice, id);
    const bobs = await it_.pushURL(bob, id);
    const elsewhere = await it_.pushURL(alice, 'room_other');
    const own = await it_.pushURL(alice);
    const broken = own.replace(/txSecret=[0-9a-f]{4}/, 'txSecret=0000');
    for (const pushURL of [bobs, elsewhere, broken])
      expect((await it_.add(alice, id, 'double_room', pushURL)).code).toBe(2);
    const playURL = own.replace(/\?.*/, '');
    expect((await it_.add(alice, id, 'double_room', playURL)).code).toBe(2);
    expect((await it_.add(alice, id, 'double_room', `${own}&record=mp4&record_interval=7200`)).code).toBe(0);
  });

  it('refreshes a member: same epoch with the same push URL, a new one with another', async () => {
    const id = 'room_refresh';
    await it_.create(alice, id);
    const url = await it_.pushURL(alice, id);
    const first = await it_.add(alice, id, 'double_room', url);
    const again = await it_.add(alice, id, 'double_room', url);
    expect(again.epoch).toBe(first.epoch);
    it_.nowMs += 1000;
    const other = await it_.add(alice, id);
    expect(other.epoch).not.toBe(first.epoch);
    const view = (await it_.post('double_room/get_pushers', alice, { roomID: id })).json;
    expect(view.pushers).toHaveLength(1);
    expect(view.pushers[0].epoch).toBe(other.epoch);
  });

  it('says that an unknown room is unknown and leaves nothing behind', async () => {
    expect((await it_.add(alice, 'room_unknown')).code).toBe(1);
    expect((await it_.post('double_room/get_pushers', alice, { roomID: 'room_unknown' })).json.code).toBe(1);
    expect((await it_.post('double_room/create_room', bob, { roomInfo: '', roomID: 'room_unknown' })).json.code).toBe(
      0,
    );
  });
});

describe('login', () => {
  const query = () => ({
    sdkAppID: '1400000000',
    accountType: '0',
    userID: 'carol',
    userSig: it_.service.issueUserSig('carol'),
  });
  const login = (change: object) => it_.post('multi_room/login', { ...query(), ...change });

  it.each(['sdkAppID', 'accountType', 'userID', 'userSig'])('without %s is code 4', async (name) => {
    const { [name as 'userID']: _, ...rest } = query();
    expect((await it_.post('double_room/login', rest)).json.code).toBe(4);
    expect((await login({ [name]: '' })).json.code).toBe(4);
  });

  it.each([
    ['sdkAppID not a number', { sdkAppID: 'abc' }, 4],
    ['a userID that nobody can have', { userID: 'a b' }, 4],
    ['userID of 33', { userID: 'u'.repeat(33) }, 4],
    ['an undecodable userSig', { userSig: 'eJyrVg__' }, 4],
    ['another sdkAppID', { sdkAppID: '1400000001' }, 7],
    ['a userSig of another user', { userID: 'dave' }, 7],
  ])('with %s is refused', async (_name, change, code) => {
    const answer = await login(change);
    expect([answer.status, answer.json.code]).toEqual([200, code]);
  });

  it('with an expired userSig is code 7', async () => {
    const userSig = it_.service.issueUserSig('carol', 60);
    it_.nowMs += 61_000;
    expect((await login({ userSig })).json.code).toBe(7);
  });

  it('gives a token that works for every room type, until logout', async () => {
    const { json } = await login({});
    expect(json).toMatchObject({ code: 0, userID: 'carol' });
    const user = { userID: 'carol', token: json.token };
    expect((await it_.post('double_room/get_push_url', user, {})).json.code).toBe(0);
    expect((await it_.post('double_room/logout', user)).json.code).toBe(0);
    expect((await it_.post('double_room/get_push_url', user, {})).json.code).toBe(7);
    expect((await it_.post('double_room/logout', user)).json.code).toBe(7);
  });

  it('ends the token of an earlier login of the same user', async () => {
    const first = await it_.login('erin');
    const second = await it_.login('erin');
    expect((await it_.post('double_room/get_push_url', first, {})).json.code).toBe(7);
    expect((await it_.post('double_room/get_push_url', second, {})).json.code).toBe(0);
  });

  it('tokens expire unless they are used', async () => {
    const user = await it_.login('frank');
    const call = async () => (await it_.post('double_room/get_push_url', user, {})).json.code;
    for (let half = 0; half < 4; half++) {
      it_.nowMs += 13 * 3_600_000;
      expect(await call()).toBe(0);
    }
    it_.nowMs += 24 * 3_600_000 + 1;
    expect(await call()).toBe(7);
  });
});
