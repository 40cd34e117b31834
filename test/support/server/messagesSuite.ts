import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoomServiceOptions } from '#lib/server/RoomService';
import { patient } from '../patience.js';
import { EventStream } from './eventStream.js';
import { raw, ServiceUnderTest, type User } from './roomClient.js';

export let it_: ServiceUnderTest;
export let alice: User;
export let bob: User;
const streams: EventStream[] = [];

export async function begin(options: Partial<RoomServiceOptions>): Promise<void> {
  it_ = await ServiceUnderTest.start({ pingIntervalMs: 50, ...options });
  alice = await it_.login('alice');
  bob = await it_.login('bob');
}

const address = (user: User, more = {}) => it_.url(`/weapp/im/events?${new URLSearchParams({ ...user, ...more })}`);

export async function listen(user: User, lastEventID?: string): Promise<EventStream> {
  const stream = await EventStream.open(
    address(user),
    lastEventID === undefined ? {} : { 'Last-Event-ID': lastEventID },
  );
  streams.push(stream);
  await stream.until(() => stream.events.length > 0);
  return stream;
}

let counter = 0;
export async function send(user: User, message: object): Promise<{ code: number; time?: number }> {
  const body = { msgID: `m${counter++}`, elements: [{ type: 'text', text: 'hi' }], ...message };
  return (await it_.post('im/send', user, body)).json;
}

async function room(id = 'room_im'): Promise<string> {
  await it_.create(alice, id);
  await it_.add(alice, id);
  await it_.add(bob, id);
  return id;
}

/** Resolves when everything that was sent to that user so far has arrived. */
async function settled(user: User, from: User, stream: EventStream): Promise<void> {
  const text = `marker ${counter++}`;
  expect((await send(from, { to: user.userID, elements: [{ type: 'text', text }] })).code).toBe(0);
  await stream.until(() => stream.messages.some(({ data }) => data.elements?.[0].text === text));
}

/** Ends what `begin` and `listen` began. */
export async function end(): Promise<void> {
  for (const stream of streams.splice(0)) stream.close();
  await it_.close();
}

/** A user whose stream was closed is forgotten by the service's clock. */
export async function expectForgotten(user: User, sender: User): Promise<void> {
  const stream = await listen(user);
  stream.close();
  await expect
    .poll(async () => {
      await send(sender, { to: user.userID });
      it_.nowMs += 60_001;
      await it_.service.sweep();
      return (await send(sender, { to: user.userID })).code;
    })
    .toBe(1);
}

/** What the message channel does wherever messages are kept. */
export function messagesSuite(kind: string, options: () => Partial<RoomServiceOptions>): void {
  describe(`the event stream, messages ${kind}`, () => {
    beforeEach(() => begin(options()));
    afterEach(end);

    it('is refused with HTTP 401 and code 7 without the right token', async () => {
      for (const user of [
        { ...alice, token: 'x' },
        { userID: 'alice', token: '' },
        { ...alice, userID: 'bob' },
      ]) {
        const answer = await raw(address(user), { method: 'GET' });
        expect([answer.status, answer.json.code]).toEqual([401, 7]);
      }
      expect((await raw(it_.url('/weapp/im/events'), { method: 'GET' })).status).toBe(401);
    });

    it('begins with ready and is kept alive by comments', async () => {
      const stream = await listen(alice);
      expect(stream.response.headers['content-type']).toMatch(/^text\/event-stream/);
      expect(stream.response.headers['access-control-allow-origin']).toBe('*');
      const id = expect.stringMatching(/^[0-9a-f]{12}\.0$/);
      expect(stream.events).toEqual([{ event: 'ready', id, data: { resumed: false } }]);
      await stream.until(() => stream.comments >= 2);
    });

    it('tells members of every change, with the version that a reader finds', async () => {
      const stream = await listen(alice);
      const id = await room();
      await stream.until(() => stream.messages.length === 2);
      const { version } = (await it_.post('double_room/get_pushers', alice, { roomID: id })).json;
      const data = '{"cmd":"notifyPusherChange","data":""}';
      expect(stream.messages[1]?.data).toEqual({ type: 'system', groupID: id, data, version });
      await it_.post('double_room/delete_pusher', bob, { roomID: id });
      await stream.until(() => stream.messages.length === 3);
      await it_.post('double_room/destroy_room', alice, { roomID: id });
      await stream.until(() => stream.messages.length === 4);
      expect(stream.messages[3]?.data).toEqual({ type: 'groupClosed', groupID: id, reason: 'destroyed' });
    });

    it('resumes where it was cut, from the header or the query, and loses nothing', async () => {
      const first = await listen(bob);
      const id = await room();
      await first.until(() => first.messages.length === 1);
      const { lastID } = first;
      first.close();
      for (const text of ['one', 'two', 'three']) {
        expect((await send(alice, { groupID: id, elements: [{ type: 'text', text }] })).code).toBe(0);
      }
      const second = await listen(bob, lastID);
      expect(second.events[0]?.data).toEqual({ resumed: true });
      await second.until(() => second.messages.length === 3);
      expect(second.messages.map(({ data }) => data.elements[0].text)).toEqual(['one', 'two', 'three']);
      const third = await EventStream.open(address(bob, { lastEventID: second.messages[1]?.id }));
      streams.push(third);
      await third.until(() => third.messages.length === 1);
      expect(third.messages[0]?.data.elements[0].text).toBe('three');
    });

    it('says that it did not resume after an id that it does not know', async () => {
      const first = await listen(alice);
      await room();
      await first.until(() => first.messages.length === 2);
      const [epoch] = (first.lastID as string).split('.');
      for (const id of ['', 'x', '1.1', `${epoch}.99`, `${epoch}.-1`, `000000000000.1`, `${epoch}.1e1`]) {
        const stream = await listen(alice, id);
        expect(stream.events[0]?.data).toEqual({ resumed: false });
      }
    });

    it('says so when more was missed than is kept', { timeout: patient(90_000) }, async () => {
      const first = await listen(bob);
      const id = await room();
      await first.until(() => first.messages.length === 1);
      first.close();
      for (let count = 0; count < 501; count++) {
        if (count % 40 === 0) it_.nowMs += 2000;
        expect((await send(alice, { groupID: id })).code).toBe(0);
      }
      const second = await listen(bob, first.lastID);
      expect(second.events[0]?.data).toEqual({ resumed: false });
    });

    it('is one a token: a newer one ends the older', async () => {
      const first = await listen(alice);
      const second = await listen(alice);
      await first.until(() => first.ended);
      await settled(alice, bob, second);
      expect(first.messages).toEqual([]);
    });

    it('tells an older login that it was kicked, and ends', async () => {
      const stream = await listen(alice);
      const again = await it_.login('alice');
      await stream.until(() => stream.ended);
      expect(stream.messages.map(({ data }) => data)).toEqual([{ type: 'kicked', reason: 'loggedInElsewhere' }]);
      expect((await raw(address(alice), { method: 'GET' })).status).toBe(401);
      const fresh = await listen(again, stream.lastID);
      expect(fresh.events[0]?.data).toEqual({ resumed: false });
    });

    it('ends with logout, with the token and with the service', async () => {
      const first = await listen(alice);
      await it_.post('double_room/logout', alice);
      await first.until(() => first.ended);
      const second = await listen(bob);
      it_.nowMs += 86_400_001;
      await second.until(() => second.ended);
      const carol = await it_.login('carol');
      const third = await listen(carol);
      await it_.close();
      await third.until(() => third.ended);
    });
  });

  describe(`listeners of a live_room, messages ${kind}`, () => {
    beforeEach(() => begin(options()));
    afterEach(end);

    it('stay while they listen, poll or ask, and are out minutes after their last sign of life', {
      timeout: patient(60_000),
    }, async () => {
      const live = async (method: string, user: User, body: object = { roomID: 'show' }) =>
        (await it_.post(`live_room/${method}`, user, body)).json;
      const pushURL = await it_.pushURL(alice);
      await it_.create(alice, 'show', 'live_room');
      await it_.add(alice, 'show', 'live_room', pushURL);
      const names = ['streams', 'polls', 'asks', 'sends', 'crashes', 'is cut'];
      const users: User[] = [];
      for (const name of names) {
        const user = await it_.login(name.replace(' ', '_'));
        expect((await live('add_audience', user)).code).toBe(0);
        users.push(user);
      }
      const [streams, polls, asks, sends, , cut] = users as [User, User, User, User, User, User];
      await listen(streams);
      const stream = await listen(cut);
      const left = async () => (await live('get_audiences', alice)).audiences.map((one: User) => one.userID);
      const pass = async (seconds: number) => {
        for (let passed = 0; passed < seconds; passed += 15) {
          it_.nowMs += 15_000;
          await live('pusher_heartbeat', alice, { roomID: 'show' });
          if (passed % 60 === 0) {
            expect((await raw(address(polls, { poll: 0 }), { method: 'GET' })).status).toBe(200);
            await live('get_audiences', asks);
            expect((await send(sends, { groupID: 'show' })).code).toBe(0);
          }
          await it_.service.sweep();
        }
      };
      await pass(315);
      expect(await left()).toEqual(['streams', 'polls', 'asks', 'sends', 'is_cut']);
      stream.close();
      const metrics = async () => (await raw(it_.url('/metrics'), { method: 'GET' })).text;
      await expect.poll(metrics).toContain('rtcroom_im_streams 1\n');
      await pass(285);
      expect(await left()).toContain('is_cut');
      await pass(30);
      expect(await left()).toEqual(['streams', 'polls', 'asks', 'sends']);
      expect((await live('add_audience', cut)).code).toBe(0);
    });
  });

  describe(`sending, messages ${kind}`, () => {
    beforeEach(() => begin(options()));
    afterEach(end);

    it('reaches the group without its sender, with both elements of a room text', async () => {
      const [a, b] = [await listen(alice), await listen(bob)];
      const id = await room();
      const elements = [
        { type: 'custom', data: '{"cmd":"CustomTextMsg","data":{"nickName":"A","headPic":"","headpic":""}}' },
        { type: 'text', text: 'hello 你好' },
      ];
      const answer = await send(alice, { msgID: 'text-1', groupID: id, elements });
      expect(answer).toMatchObject({ code: 0, time: it_.nowMs });
      await b.until(() => b.messages.some(({ data }) => data.type === 'group'));
      const group = b.messages.find(({ data }) => data.type === 'group')?.data;
      expect(group).toEqual({ type: 'group', groupID: id, from: 'alice', time: it_.nowMs, msgID: 'text-1', elements });
      await settled(alice, bob, a);
      expect(a.messages.filter(({ data }) => data.type === 'group')).toEqual([]);
    });

    it('delivers a repeated msgID once and answers it as before, also when both come at once', async () => {
      const b = await listen(bob);
      const id = await room();
      const [first, atOnce] = await Promise.all([1, 2].map(() => send(alice, { msgID: 'same', groupID: id })));
      it_.nowMs += 5000;
      const later = await send(alice, { msgID: 'same', groupID: id });
      for (const answer of [first, atOnce, later])
        expect(answer).toEqual({ code: 0, message: '请求成功', time: first?.time });
      await settled(bob, alice, b);
      expect(b.messages.filter(({ data }) => data.type === 'group')).toHaveLength(1);
      expect((await send(bob, { msgID: 'same', groupID: id })).code).toBe(0);
    });

    it('reaches one user', async () => {
      const b = await listen(bob);
      expect((await send(alice, { to: 'bob', msgID: 'c2c' })).code).toBe(0);
      await b.until(() => b.messages.length === 1);
      expect(b.messages[0]?.data).toMatchObject({ type: 'c2c', from: 'alice', to: 'bob', msgID: 'c2c' });
    });

    it('is open to the maker of a room that nobody entered yet', async () => {
      await it_.create(alice, 'room_pending');
      expect((await send(alice, { groupID: 'room_pending' })).code).toBe(0);
      expect((await send(bob, { groupID: 'room_pending' })).code).toBe(5);
    });

    const text = (length: number) => [{ type: 'text', text: 'x'.repeat(length) }];
    it.each<[string, object, number]>([
      ['no recipient', { groupID: undefined }, 2],
      ['two recipients', { to: 'bob' }, 2],
      ['no msgID', { msgID: undefined }, 2],
      ['an empty msgID', { msgID: '' }, 2],
      ['a msgID of 65', { msgID: 'x'.repeat(65) }, 2],
      ['elements null', { elements: null }, 2],
      ['an unknown element', { elements: [{ type: 'face', index: 1 }] }, 2],
      ['an element without its text', { elements: [{ type: 'text' }] }, 2],
      ['eleven elements', { elements: Array(11).fill({ type: 'text', text: 'x' }) }, 2],
      ['an unknown room', { groupID: 'nowhere' }, 1],
      ['an unreachable user', { groupID: undefined, to: 'zoe' }, 1],
      ['no elements', { elements: [] }, 12],
      [
        'an empty text',
        {
          elements: [
            { type: 'custom', data: '{}' },
            { type: 'text', text: '' },
          ],
        },
        12,
      ],
      ['a blank text', { elements: [{ type: 'text', text: ' \n\t' }] }, 12],
      ['8899 bytes for a group', { elements: text(8899) }, 13],
      ['8899 bytes of two elements', { elements: [...text(8000), { type: 'custom', data: 'x'.repeat(899) }] }, 13],
      ['2967 characters of three bytes', { elements: [{ type: 'text', text: '房'.repeat(2967) }] }, 13],
      ['8898 bytes for a group', { elements: text(8898) }, 0],
      ['12001 bytes for a user', { groupID: undefined, to: 'bob', elements: text(12_001) }, 13],
      ['12000 bytes for a user', { groupID: undefined, to: 'bob', elements: text(12_000) }, 0],
    ])('with %s gives its code', async (_name, change, code) => {
      const id = await room();
      await listen(bob);
      expect((await send(alice, { groupID: id, ...change })).code).toBe(code);
    });

    const extra = { data: 'x'.repeat(120_000), more: [1] };
    it('relays of an element what the dialect has of it, whatever stands beside that', async () => {
      const b = await listen(bob);
      const id = await room();
      for (const elements of [
        [{ type: 'text', text: 'x', ...extra }],
        [{ type: 'custom', ...extra, data: '{}', text: 'y' }],
      ]) {
        expect((await send(alice, { groupID: id, elements })).code).toBe(0);
        expect((await send(alice, { to: 'bob', elements })).code).toBe(0);
      }
      await b.until(() => b.messages.filter(({ data }) => data.elements).length === 4);
      expect(b.messages.flatMap(({ data }) => data.elements ?? [])).toEqual([
        ...[1, 2].map(() => ({ type: 'text', text: 'x' })),
        ...[1, 2].map(() => ({ type: 'custom', data: '{}' })),
      ]);
    });

    it('relays nothing that is nested without end, and fails of nothing', async () => {
      const b = await listen(bob);
      const deep = `${'['.repeat(60_000)}${']'.repeat(60_000)}`;
      const post = (body: string) =>
        raw(it_.url(`/weapp/im/send?${new URLSearchParams({ ...alice })}`), {
          headers: { 'content-type': 'application/json' },
          body,
        });
      const start = '{"msgID":"deep","to":"bob","elements":[{"type":"text","text":';
      const beside = await post(`${start}"x","data":${deep}}]}`);
      expect([beside.status, beside.json.code]).toEqual([200, 0]);
      const inside = await post(`${start}${deep}}]}`);
      expect([inside.status, inside.json.code]).toEqual([200, 2]);
      const all = await post(`{"msgID":"all","to":"bob","elements":${deep}}`);
      expect([all.status, all.json.code]).toEqual([200, 2]);
      await settled(bob, alice, b);
      expect(b.messages[0]?.data.elements).toEqual([{ type: 'text', text: 'x' }]);
      expect(b.messages).toHaveLength(2);
    });

    it('from outside the room is code 5, with a wrong token code 7', async () => {
      const id = await room();
      const carol = await it_.login('carol');
      expect((await send(carol, { groupID: id })).code).toBe(5);
      expect((await send({ ...alice, token: 'x' }, { groupID: id })).code).toBe(7);
    });

    it('is limited a user, and free again a second later', async () => {
      const id = await room();
      const codes = [];
      for (let count = 0; count < 45; count++) codes.push((await send(alice, { groupID: id })).code);
      expect(codes.slice(0, 40).every((code) => code === 0)).toBe(true);
      expect(codes.slice(40)).toEqual([14, 14, 14, 14, 14]);
      expect((await send(bob, { groupID: id })).code).toBe(0);
      it_.nowMs += 1000;
      expect((await send(alice, { groupID: id })).code).toBe(0);
    });

    it('is limited a room, whoever sends, and nobody outside uses that up', async () => {
      await end();
      await begin({ ...options(), roomRatePerSecond: 5 });
      const id = await room();
      const carol = await it_.login('carol');
      for (let count = 0; count < 20; count++) expect((await send(carol, { groupID: id })).code).toBe(5);
      const codes = [];
      for (let count = 0; count < 12; count++)
        codes.push((await send([alice, bob][count % 2] as User, { groupID: id })).code);
      expect(codes).toEqual([...Array(10).fill(0), 14, 14]);
      await it_.create(carol, 'other');
      expect((await send(carol, { groupID: 'other' })).code).toBe(0);
      await listen(bob);
      expect((await send(alice, { to: 'bob' })).code).toBe(0);
      it_.nowMs += 200;
      expect([await send(alice, { groupID: id }), await send(bob, { groupID: id })].map(({ code }) => code)).toEqual([
        0, 14,
      ]);
    });
  });
}
