import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventStream } from '../support/server/eventStream.js';
import { raw, ServiceUnderTest, type User } from '../support/server/roomClient.js';

const adminKey = 'admin-key-of-the-tests';
const right = { authorization: `Bearer ${adminKey}` };

let it_: ServiceUnderTest;
beforeEach(async () => {
  it_ = await ServiceUnderTest.start({ adminKey });
});
afterEach(() => it_.close());

function admin(method: string, path: string, headers: Record<string, string> = right) {
  return raw(it_.url(`/admin/${path}`), { method, headers });
}

async function streamOf({ userID, token }: User): Promise<EventStream> {
  const stream = await EventStream.open(it_.url(`/weapp/im/events?userID=${userID}&token=${token}`));
  await stream.until(() => stream.events.length === 1);
  return stream;
}

/** A room with these members, the first its creator. */
async function room(roomID: string, userIDs: string[], type = 'multi_room'): Promise<User[]> {
  const users: User[] = [];
  for (const userID of userIDs) users.push(await it_.login(userID));
  await it_.create(users[0] as User, roomID, type);
  for (const user of users) expect((await it_.add(user, roomID, type)).code).toBe(0);
  return users;
}

const membersOf = async (roomID: string) =>
  (await admin('GET', `rooms/multi_room/${roomID}`)).json.members?.map((one: { userID: string }) => one.userID);

describe('the admin API', () => {
  it.each([
    ['no key', {}],
    ['another key', { authorization: 'Bearer admin-key-of-the-test5' }],
    ['a part of the key', { authorization: 'Bearer admin-key' }],
    ['an empty key', { authorization: 'Bearer ' }],
    ['the key in another scheme', { authorization: `Basic ${adminKey}` }],
    ['the key alone', { authorization: adminKey }],
    ['an endless key', { authorization: `Bearer ${'x'.repeat(8000)}` }],
  ])('refuses %s on every route, before it looks', async (_name, headers) => {
    const [alice] = await room('kept', ['alice']);
    for (const [method, path] of [
      ['GET', 'rooms?type=multi_room'],
      ['GET', 'rooms/multi_room/kept'],
      ['DELETE', 'rooms/multi_room/kept'],
      ['DELETE', 'rooms/multi_room/kept/members/alice'],
      ['GET', 'rooms/nonsense/kept'],
      ['GET', '%72ooms/multi_room/kept'],
      ['GET', '../%61dmin/rooms/multi_room/kept'],
    ] as const) {
      const { status, json, headers: answered } = await admin(method, path, headers);
      expect([status, json.code, answered['www-authenticate']]).toEqual([401, 401, 'Bearer']);
      expect(answered['access-control-allow-origin']).toBeUndefined();
    }
    expect(await membersOf('kept')).toEqual([alice?.userID]);
  });

  it('is reached by no other spelling of its path without a key', async () => {
    await room('kept', ['alice']);
    for (const path of [
      '/%61dmin/rooms/multi_room/kept',
      '//admin/rooms/multi_room/kept',
      '/ADMIN/rooms/multi_room/kept',
    ]) {
      const text = await new Promise<string>((resolve, reject) => {
        let answer = '';
        const socket = connect(it_.service.address.port, '127.0.0.1', () => {
          socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
        });
        socket.on('data', (piece) => {
          answer += piece;
        });
        socket.on('error', reject);
        socket.on('close', () => resolve(answer));
      });
      expect(text).toMatch(/^HTTP\/1\.1 (401|404) /);
      expect(text).not.toContain('alice');
    }
  });

  it('is not there without a key in the configuration', async () => {
    const without = await ServiceUnderTest.start();
    try {
      const answer = await raw(without.url('/admin/rooms?type=multi_room'), { method: 'GET', headers: right });
      expect(answer.status).toBe(404);
    } finally {
      await without.close();
    }
  });

  it('lists rooms a page at a time', async () => {
    const alice = await it_.login('alice');
    const ids = ['a', 'b', 'c', 'd', 'e'].map((name) => `listed_${name}`);
    for (const id of ids) {
      it_.nowMs += 1;
      await it_.create(alice, id, 'multi_room');
      await it_.add(alice, id, 'multi_room');
    }
    const seen: string[] = [];
    let index: number | null = 0;
    while (index !== null) {
      const { json } = await admin('GET', `rooms?type=multi_room&limit=2&index=${index}`);
      expect(json.rooms.length).toBeLessThanOrEqual(2);
      for (const one of json.rooms) {
        expect(one).toMatchObject({
          type: 'multi_room',
          creator: 'alice',
          active: true,
          memberCount: 1,
          roomInfo: 'info',
        });
        seen.push(one.roomID);
      }
      index = json.next;
    }
    expect(seen).toEqual(ids);
    expect((await admin('GET', 'rooms?type=double_room')).json).toMatchObject({ code: 0, rooms: [], next: null });
  });

  it.each(['rooms', 'rooms?type=triple_room', 'rooms?type=multi_room&index=-1', 'rooms?type=multi_room&limit=1e9'])(
    'refuses %s by HTTP 400',
    async (path) => {
      expect((await admin('GET', path)).status).toBe(400);
    },
  );

  it('shows a room with its members, and no address to push to or play from', async () => {
    await room('shown', ['alice', 'bob']);
    const { json, text } = await admin('GET', 'rooms/multi_room/shown');
    expect(json).toMatchObject({ code: 0, roomID: 'shown', creator: 'alice', memberCount: 2 });
    expect(json.members[1]).toEqual({
      userID: 'bob',
      userName: 'name of bob',
      epoch: expect.any(Number),
      streamID: '1000_shown_bob',
      publishing: false,
      joinedAt: new Date(it_.nowMs).toISOString(),
      lastBeatAt: new Date(it_.nowMs).toISOString(),
    });
    expect(text).not.toMatch(/txSecret|rtmp:|token/);
    expect((await admin('GET', 'rooms/double_room/shown')).status).toBe(404);
    expect((await admin('GET', 'rooms/multi_room/nowhere')).status).toBe(404);
  });

  it('closes a room: all are told, all streams are cut', async () => {
    const [alice, bob] = (await room('closed', ['alice', 'bob'])) as [User, User];
    const streams = [await streamOf(alice), await streamOf(bob)];
    expect((await admin('DELETE', 'rooms/multi_room/closed')).json.code).toBe(0);
    for (const stream of streams) {
      await stream.until(() => stream.messages.length === 1);
      expect(stream.messages[0]?.data).toEqual({ type: 'groupClosed', groupID: 'closed', reason: 'destroyed' });
    }
    expect(it_.media.cuts.sort()).toEqual(['1000_closed_alice', '1000_closed_bob']);
    expect((await admin('DELETE', 'rooms/multi_room/closed')).status).toBe(404);
  });

  it('expels a member: it is told why and kept out, the others are noticed, its stream is cut', async () => {
    const [alice, bob] = (await room('expelled', ['alice', 'bob'])) as [User, User];
    const [ofAlice, ofBob] = [await streamOf(alice), await streamOf(bob)];
    const left: object[] = [];
    it_.service.rooms.on('memberLeft', ({ userID, reason }) => left.push({ userID, reason }));
    expect((await admin('DELETE', 'rooms/multi_room/expelled/members/bob')).json.code).toBe(0);
    await ofAlice.until(() => ofAlice.messages.length === 1);
    expect(ofAlice.messages[0]?.data).toMatchObject({ type: 'system', groupID: 'expelled' });
    await ofBob.until(() => ofBob.ended);
    expect(ofBob.messages.map(({ data }) => data)).toEqual([{ type: 'kicked', reason: 'expelled' }]);
    expect(left).toEqual([{ userID: 'bob', reason: 'expelled' }]);
    expect(it_.media.cuts).toEqual(['1000_expelled_bob']);
    expect(await membersOf('expelled')).toEqual(['alice']);
    expect((await it_.post('multi_room/pusher_heartbeat', bob, { roomID: 'expelled' })).json.code).toBe(7);
    expect((await admin('DELETE', 'rooms/multi_room/expelled/members/bob')).status).toBe(404);
    // Who was not a member keeps its login.
    expect((await it_.post('multi_room/get_room_list', alice, {})).json.code).toBe(0);
  });

  it('expels without ending the login when it is told so: the member gets the notice too', async () => {
    const [, bob] = (await room('soft', ['alice', 'bob'])) as [User, User];
    const ofBob = await streamOf(bob);
    await admin('DELETE', 'rooms/multi_room/soft/members/bob?logout=false');
    await ofBob.until(() => ofBob.messages.length === 1);
    expect(ofBob.messages[0]?.data).toMatchObject({ type: 'system', groupID: 'soft' });
    expect((await it_.post('multi_room/pusher_heartbeat', bob, { roomID: 'soft' })).json.code).toBe(5);
    ofBob.close();
  });

  it("ends the room when its creator is expelled, as with the creator's leaving", async () => {
    const [, bob] = (await room('gone', ['alice', 'bob'])) as [User, User];
    const ofBob = await streamOf(bob);
    await admin('DELETE', 'rooms/multi_room/gone/members/alice');
    await ofBob.until(() => ofBob.messages.length === 1);
    expect(ofBob.messages[0]?.data).toEqual({ type: 'groupClosed', groupID: 'gone', reason: 'creatorLeft' });
    expect(it_.media.cuts.sort()).toEqual(['1000_gone_alice', '1000_gone_bob']);
    expect((await admin('GET', 'rooms/multi_room/gone')).status).toBe(404);
    ofBob.close();
  });
});
