import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoomServiceOptions } from '#lib/server/RoomService';
import { EventStream } from './eventStream.js';
import { raw, ServiceUnderTest, type User } from './roomClient.js';

let it_: ServiceUnderTest;
let alice: User;
let bob: User;
let agent: Agent;
const adminKey = 'admin-key-admin-key';
const types = ['double_room', 'multi_room', 'live_room'] as const;
type Type = (typeof types)[number];
const roomOf = (type: Type) => `room_${type}`;

/** All that a client can see, and what the service counts. */
async function state(): Promise<string> {
  const seen = await Promise.all([
    ...types.map((type) => it_.post(`${type}/get_room_list`, alice, { cnt: 1000, index: 0 })),
    it_.post('live_room/get_audiences', alice, { roomID: roomOf('live_room') }),
    it_.post('live_room/get_custom_info', alice, { roomID: roomOf('live_room') }),
  ]);
  const cuts = it_.media.cuts.length;
  return JSON.stringify([seen.map(({ text }) => text), cuts]);
}

/** Text that means something to what is behind a service: SQL, Lua, a path, a template, a log, a terminal, HTML. */
const fragments = [
  "' OR '1'='1",
  "x'; DROP TABLE rooms; --",
  '"; SELECT * FROM tokens; --',
  '%',
  '_',
  "redis.call('FLUSHALL')",
  ']] .. os.exit() --[[',
  '../../../../etc/passwd',
  '..\\..\\windows\\win.ini',
  '/dev/null',
  '`reboot`',
  '{{constructor}}',
  '__proto__',
  '\r\nSet-Cookie: a=b',
  '\u001b[2J',
  '<script>alert(1)</script>',
];
const scripts = ['房间', 'комната', 'غرفة', '👩‍👧', 'e\u0301', '\u202eabc', 'ａ', '\u200b'];
const controls = ['a\u0001b', 'a\tb', 'a\nb', 'a\u007fb', 'a\u0085b', ' ', '\ud800', 'a\u2028b'];
const wrongTypes = [null, 5, true, [], ['a'], {}, { length: 1 }];

/** Codes of a field, by what is wrong with it; `undefined`: nothing is, and the call does what it should. */
interface Rules {
  missing?: number;
  wrongType?: number;
  tooLong?: [length: number, code: number];
  /** Of text that is no id: control characters, other scripts, fragments. */
  weird?: number;
  /** U+0000. Default: as weird. */
  nul?: number;
  wrongTypes?: unknown[];
  /** Some of the weird are ids that a room may have. */
  makesRoom?: boolean;
}

/** The right body, then the rules of each of its fields. */
type Method = [method: string, body: (type: Type) => object, fields: Record<string, Rules>, types?: readonly Type[]];

const userID: Rules = { wrongType: 2, tooLong: [129, 2], weird: 7 };
/** Of a room that must be there. */
const known = (unknown: number): Rules => ({ missing: 2, wrongType: 2, tooLong: [129, 2], weird: unknown });
/** Of a room that is made or pushed to. */
const made: Rules = { wrongType: 2, tooLong: [49, 2], weird: 2, makesRoom: true };
const count: Rules = {
  wrongType: 2,
  weird: 2,
  wrongTypes: [null, true, [], {}, '5', -1, 0.5, 1e300],
};
const live = ['live_room'] as const;
const calls = ['double_room', 'multi_room'] as const;

const methods: Method[] = [
  ['get_push_url', () => ({ userID: 'alice', roomID: 'r' }), { userID, roomID: made }, calls],
  ['get_room_list', () => ({ cnt: 5, index: 0 }), { cnt: count, index: count }],
  ['get_pushers', (type) => ({ roomID: roomOf(type) }), { roomID: known(1) }],
  [
    'create_room',
    (type) => ({ userID: 'alice', roomID: roomOf(type), roomInfo: '' }),
    { userID, roomID: made, roomInfo: { wrongType: 2, tooLong: [1025, 11], nul: 2 } },
  ],
  ['destroy_room', (type) => ({ userID: 'alice', roomID: roomOf(type) }), { userID, roomID: known(3) }],
  [
    'add_pusher',
    (type) => ({ userID: 'alice', roomID: roomOf(type), userName: '', userAvatar: '', pushURL: 'rtmp://h/live/s?a=b' }),
    {
      userID,
      roomID: { ...made, missing: 2 },
      userName: { wrongType: 2, tooLong: [513, 2], nul: 2 },
      userAvatar: { wrongType: 2, tooLong: [4097, 2], nul: 2 },
      pushURL: { missing: 2, wrongType: 2, tooLong: [4097, 2], weird: 2 },
      roomInfo: { wrongType: 2, tooLong: [1025, 11], nul: 2 },
    },
  ],
  ['delete_pusher', (type) => ({ userID: 'alice', roomID: roomOf(type) }), { userID, roomID: known(5) }],
  ['pusher_heartbeat', (type) => ({ userID: 'alice', roomID: roomOf(type) }), { userID, roomID: known(5) }],
  [
    'add_audience',
    (type) => ({ userID: 'alice', roomID: roomOf(type), userInfo: '' }),
    { userID, roomID: known(1), userInfo: { wrongType: 2, tooLong: [4097, 2], nul: 2 } },
    live,
  ],
  ['delete_audience', (type) => ({ userID: 'alice', roomID: roomOf(type) }), { userID, roomID: known(0) }, live],
  ['get_audiences', (type) => ({ roomID: roomOf(type) }), { roomID: known(1) }, live],
  ['get_custom_info', (type) => ({ roomID: roomOf(type) }), { roomID: known(3) }, live],
  [
    'set_custom_field',
    (type) => ({ roomID: roomOf(type), fieldName: 'like', operation: 'inc' }),
    {
      roomID: known(3),
      fieldName: { missing: 2, wrongType: 2, tooLong: [65, 2], nul: 2 },
      operation: { missing: 2, wrongType: 2, tooLong: [65, 2], weird: 0, nul: 2 },
    },
    live,
  ],
  [
    'merge_stream',
    (type) => ({ userID: 'alice', roomID: roomOf(type), mergeParams: {} }),
    {
      userID,
      roomID: { wrongType: 2, tooLong: [129, 2], weird: 5 },
      mergeParams: { missing: 2, wrongType: 2, weird: 2, wrongTypes: [null, 5, true, [], ['a']] },
    },
    live,
  ],
];

const table = methods.flatMap(([method, body, fields, only = types]) =>
  only.flatMap((type) =>
    Object.entries(fields).map(([field, rules]) => ({ type, method, field, rules, body: body(type) })),
  ),
);

/** Every value where every method is; one of each kind where the same methods are again. */
function cases(rules: Rules, type: Type) {
  const { missing, wrongType, tooLong, weird, nul = weird, wrongTypes: wrong = wrongTypes } = rules;
  const list: [value: unknown, code: number][] = [];
  if (missing !== undefined) list.push([undefined, missing]);
  if (missing !== undefined && weird !== 0) list.push(['', missing]);
  if (wrongType !== undefined) list.push(...wrong.map((value): [unknown, number] => [value, wrongType]));
  if (tooLong) list.push(['x'.repeat(tooLong[0]), tooLong[1]], ['x'.repeat(100_000), tooLong[1]]);
  if (weird !== undefined) {
    const few = ["' OR '1'='1", "redis.call('FLUSHALL')", '../../../../etc/passwd', '房间', 'a\u0001b'];
    for (const value of type === 'live_room' ? [...fragments, ...scripts, ...controls] : few) {
      if (!rules.makesRoom || !/^\w+$/.test(value)) list.push([value, weird]);
    }
  }
  if (nul !== undefined) list.push(['a\u0000b', nul], ['\u0000', nul]);
  return list;
}

/** What is given to each field of each method wherever rooms and messages are kept: the documented code, and nothing is changed. */
export function badInputSuite(kind: string, options: () => Partial<RoomServiceOptions>): void {
  describe(`rooms and messages ${kind}`, () => {
    beforeAll(async () => {
      it_ = await ServiceUnderTest.start({
        developmentLogin: true,
        testUrls: true,
        adminKey,
        sendRatePerSecond: 10_000,
        roomRatePerSecond: 10_000,
        ...options(),
      });
      agent = new Agent({ keepAlive: true, maxSockets: 4 });
      it_.agent = agent;
      [alice, bob] = [await it_.login('alice'), await it_.login('bob')];
      for (const type of types) {
        await it_.create(alice, roomOf(type), type);
        await it_.add(alice, roomOf(type), type);
        await it_.add(bob, roomOf(type), type);
      }
      const roomID = roomOf('live_room');
      await it_.post('live_room/add_audience', bob, { roomID, userInfo: 'info' });
      await it_.post('live_room/set_custom_field', bob, { roomID, fieldName: 'like', operation: 'inc' });
    });
    afterAll(async () => {
      agent.destroy();
      await it_.close();
    });

    describe('a body', () => {
      it.each(table)('$type/$method refuses a bad $field by its code and changes nothing', async (one) => {
        const before = await state();
        const wrong: unknown[] = [];
        const path = `${one.type}/${one.method}`;
        await Promise.all(
          cases(one.rules, one.type).map(async ([value, code]) => {
            const { status, json, text } = await it_.post(path, alice, { ...one.body, [one.field]: value });
            if (status === 200 && json.code === code && !text.includes(alice.token)) return;
            wrong.push({ value, expected: code, status, text });
          }),
        );
        expect(wrong).toEqual([]);
        expect(await state()).toBe(before);
      });
    });

    describe('JSON nested without end', () => {
      const depth = 50_000;
      const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`;
      const call = (path: string, user: object, body: string) =>
        raw(it_.url(`/weapp/${path}?${new URLSearchParams(user as Record<string, string>)}`), {
          headers: { 'content-type': 'application/json' },
          body,
          agent,
        });
      /** The body as text, in which one field is what JSON.stringify cannot write. */
      const withDeep = (body: object, field: string) =>
        `${JSON.stringify({ ...body, [field]: 0 }).slice(0, -1)},"${field}":${deep}}`;

      const some = table.filter(({ type, method }) => type === 'live_room' || method === 'get_push_url');
      it.each(some)('is no $field of $type/$method', async ({ type, method, field, rules, body }) => {
        const before = await state();
        const { status, json } = await call(`${type}/${method}`, alice, withDeep(body, field));
        expect([status, json.code]).toEqual([200, rules.wrongType]);
        expect(await state()).toBe(before);
      });

      it('is nothing where no method looks, also of a refusal', async () => {
        const wrong = { ...alice, token: 'x' };
        const of = (type: Type) =>
          methods
            .filter(([, , , only = types]) => only.includes(type))
            .map(([name, body]) => ({ path: `${type}/${name}`, body: body(type) }));
        const all = types.flatMap(of);
        const empty = ['login', 'logout'].map((name) => ({ path: `multi_room/${name}`, body: {} }));
        for (const { path, body } of [...all, ...empty]) {
          const { status, json } = await call(path, wrong, withDeep(body, 'deep'));
          expect([path, status, json.code]).toEqual([path, 200, path.endsWith('/login') ? 4 : 7]);
        }
        const before = await state();
        for (const { path, body } of of('live_room').filter((one) => /get_|heartbeat|delete_audience/.test(one.path))) {
          const { status, json } = await call(path, bob, withDeep({ ...body, userID: 'bob' }, 'deep'));
          expect([path, status, json.code]).toEqual([path, 200, 0]);
          if (path.endsWith('delete_audience')) {
            await it_.post('live_room/add_audience', bob, { roomID: roomOf('live_room'), userInfo: 'info' });
          }
        }
        expect(await state()).toBe(before);
      });

      it('is no mergeParams, as itself or as its text', async () => {
        const body = { userID: 'alice', roomID: roomOf('live_room') };
        const own = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
        for (const given of [own, JSON.stringify(own)]) {
          const text = `${JSON.stringify(body).slice(0, -1)},"mergeParams":${given}}`;
          const { status, json } = await call('live_room/merge_stream', alice, text);
          expect([status, json.code]).toEqual([200, 2]);
        }
      });
    });

    describe('a query', () => {
      const wrongIDs = [...fragments, ...scripts, ...controls, 'alice ', 'Alice', 'ALICE', 'alice\u0000', 'alice,bob'];
      const call = async (query: object) =>
        (await it_.post('multi_room/destroy_room', query, { roomID: 'x' })).json.code;

      it('with a bad userID or token is code 2 or 7, and changes nothing', async () => {
        const before = await state();
        for (const [query, code] of [
          [{}, 2],
          [{ userID: 'alice' }, 2],
          [{ token: alice.token }, 2],
          [{ userID: '', token: alice.token }, 2],
          [{ userID: 'x'.repeat(129), token: alice.token }, 2],
          [{ userID: 'alice', token: '' }, 2],
          [{ userID: 'alice', token: 'x'.repeat(257) }, 2],
          [{ userID: 'alice', token: alice.token.slice(1) }, 7],
          [{ userID: 'alice', token: alice.token.toLowerCase() }, 7],
          [{ userID: 'alice', token: bob.token }, 7],
        ] as const) {
          expect([query, await call(query)]).toEqual([query, code]);
        }
        for (const wrong of wrongIDs) {
          expect([wrong, await call({ userID: wrong, token: alice.token })]).toEqual([wrong, 7]);
          expect([wrong, await call({ userID: 'alice', token: wrong })]).toEqual([wrong, 7]);
        }
        expect(await state()).toBe(before);
      });

      it('of login with a bad field is code 4, or 7 where it can be read, and ends nobody’s token', async () => {
        const right = {
          sdkAppID: '1400000000',
          accountType: '0',
          userID: 'alice',
          userSig: it_.service.issueUserSig('alice'),
        };
        const login = async (change: object) =>
          (await it_.post('multi_room/login', { ...right, ...change }, {})).json.code as number;
        const before = await state();
        for (const wrong of wrongIDs) {
          expect([wrong, await login({ userID: wrong })]).toEqual([
            wrong,
            /^(Alice|ALICE|__proto__|_)$/.test(wrong) ? 7 : 4,
          ]);
          expect([wrong, await login({ sdkAppID: wrong })]).toEqual([wrong, 4]);
          expect([wrong, await login({ userSig: wrong })]).toEqual([wrong, 4]);
        }
        for (const [change, code] of [
          [{ userID: 'x'.repeat(33) }, 4],
          [{ userSig: 'x'.repeat(1025) }, 4],
          [{ accountType: 'x'.repeat(65) }, 4],
          [{ sdkAppID: '14000000000' }, 4],
          [{ sdkAppID: '-1400000000' }, 4],
          [{ sdkAppID: '1400000000.0' }, 4],
          [{ sdkAppID: '1400000001' }, 7],
        ] as const) {
          expect([change, await login(change)]).toEqual([change, code]);
        }
        expect(await state()).toBe(before);
        expect((await it_.post('multi_room/get_push_url', alice, {})).json.code).toBe(0);
      });
    });

    describe('a message', () => {
      const weird = [...fragments, ...scripts, ...controls, 'a\u0000b', '\u0000'];
      const texts = ['x'.repeat(129), 'x'.repeat(100_000)];
      const elements = [{ type: 'text', text: 'hi' }];
      type Rows = [value: unknown, code: number][];
      const of = (values: unknown[], code: number): Rows => values.map((value) => [value, code]);
      const rows: [field: string, base: object, Rows][] = [
        [
          'groupID',
          {},
          [...of([...wrongTypes, '', ...texts], 2), ...of([...weird, `${roomOf('live_room')}\u0000`], 1)],
        ],
        ['to', {}, [...of([...wrongTypes, '', ...texts], 2), ...of([...weird, 'bob\u0000', 'Bob'], 1)]],
        [
          'msgID',
          { to: 'bob' },
          of([undefined, ...wrongTypes, '', 'x'.repeat(65), 'x'.repeat(100_000), 'a\u0000b', '\u0000'], 2),
        ],
        [
          'elements',
          { to: 'bob' },
          [
            ...of([undefined, null, 5, true, {}, 'text', [null], ['text'], [5], [[]], [{}]], 2),
            ...of(
              [...wrongTypes, 'face', 'TEXT', '__proto__', 'x'.repeat(1000)].map((type) => [
                { type, text: 'x', data: 'x' },
              ]),
              2,
            ),
            ...of(
              wrongTypes.map((text) => [{ type: 'text', text }]),
              2,
            ),
            ...of(
              wrongTypes.map((data) => [{ type: 'custom', data }]),
              2,
            ),
            ...of([[{ type: 'text', data: 'x' }], [{ type: 'custom', text: 'x' }]], 2),
            ...of(
              ['', ' ', '\t\n\r ', '\u3000'].map((text) => [{ type: 'text', text }]),
              12,
            ),
            ...of([[{ type: 'text', text: 'x'.repeat(100_000) }]], 13),
          ],
        ],
      ];

      it.each(rows)('with a bad %s gives its code and reaches nobody', async (field, base, cases) => {
        const before = await state();
        const stream = await EventStream.open(it_.url(`/weapp/im/events?${new URLSearchParams({ ...bob })}`));
        try {
          await stream.until(() => stream.events.length > 0);
          const wrong: unknown[] = [];
          for (const [index, [value, code]] of cases.entries()) {
            const body = { msgID: `${field}-${index}`, elements, ...base, [field]: value };
            const { status, json, text } = await it_.post('im/send', alice, body);
            if (status !== 200 || json.code !== code) wrong.push({ value, expected: code, status, text });
          }
          expect(wrong).toEqual([]);
          const marker = { msgID: `${field}-end`, to: 'bob', elements };
          expect((await it_.post('im/send', alice, marker)).json.code).toBe(0);
          await stream.until(() => stream.messages.length > 0);
          expect(stream.messages.map(({ data }) => data.msgID)).toEqual([marker.msgID]);
          expect(await state()).toBe(before);
        } finally {
          stream.close();
        }
      });

      it('says whatever it says, letter by letter, and by any name', async () => {
        const stream = await EventStream.open(it_.url(`/weapp/im/events?${new URLSearchParams({ ...bob })}`));
        try {
          await stream.until(() => stream.events.length > 0);
          const said = [
            ...fragments,
            ...scripts,
            ...controls.filter((text) => text.trim() !== '' && text !== '\ud800'),
          ];
          for (const text of said) {
            const body = { msgID: text.slice(0, 64), to: 'bob', elements: [{ type: 'text', text: `${text}\u0000` }] };
            expect([text, (await it_.post('im/send', alice, body)).json.code]).toEqual([text, 0]);
          }
          await stream.until(() => stream.messages.length === said.length);
          expect(stream.messages.map(({ data }) => data.elements[0].text)).toEqual(said.map((text) => `${text}\u0000`));
          expect(stream.messages.map(({ data }) => data.msgID)).toEqual(said.map((text) => text.slice(0, 64)));
        } finally {
          stream.close();
        }
      });
    });

    describe('an event stream', () => {
      const ask = (query: object, headers: Record<string, string> = {}) =>
        raw(it_.url(`/weapp/im/events?${new URLSearchParams(query as Record<string, string>)}`), {
          method: 'GET',
          headers,
        });
      const weird = [...fragments, ...scripts, ...controls, 'a\u0000b'];

      it('of nobody is 401, whatever the name or the token', async () => {
        for (const wrong of [...weird, '', 'Alice', 'x'.repeat(10_000)]) {
          for (const query of [
            { userID: wrong, token: alice.token },
            { ...alice, token: wrong },
          ]) {
            const { status, json } = await ask({ ...query, poll: '0' });
            expect([wrong, status, json.code]).toEqual([wrong, 401, 7]);
          }
        }
      });

      it('goes on nowhere after an id that is none, and waits for no time that is none', async () => {
        const first = await ask({ ...alice, poll: '0' });
        const [, epoch] = /^id: ([0-9a-f]{12})\./.exec(first.text) ?? [];
        const ids = [
          ...weird,
          `${epoch}.`,
          `${epoch}.-1`,
          `${epoch}.9`,
          `${epoch}.0x0`,
          `${epoch}.${'9'.repeat(15)}`,
          '.0',
        ];
        for (const id of ids) {
          const { status, text } = await ask({ ...alice, poll: '0', lastEventID: id });
          expect([id, status, /"resumed":(\w+)/.exec(text)?.[1]]).toEqual([id, 200, 'false']);
        }
        for (const id of ['x'.repeat(10_000), `${epoch}.0,${epoch}.0`, "' OR 1=1", `${epoch}.0 `.repeat(20)]) {
          const { status, text } = await ask({ ...alice, poll: '0' }, { 'last-event-id': id });
          expect([id, status, /"resumed":(\w+)/.exec(text)?.[1]]).toEqual([id, 200, 'false']);
        }
        for (const query of [
          ...['31', '-1', '1.5', '', 'x', '00', '1e1', ...weird].map((poll) => ({ poll })),
          { poll: '0', lastEventID: 'x'.repeat(65) },
        ]) {
          const { status, json } = await ask({ ...alice, ...query });
          expect([query, status, json?.code]).toEqual([query, 200, 2]);
        }
      });
    });

    describe('a helper', () => {
      it('signs for nobody whose name is none, by code 1', async () => {
        const names = [
          ...fragments,
          ...scripts,
          ...controls,
          'a\u0000b',
          'x'.repeat(33),
          'x'.repeat(129),
          'x'.repeat(9000),
        ];
        const bad = names.filter((name) => !/^[\w-]{1,32}$/.test(name));
        const queries = [
          ...bad.map((userID) => `${new URLSearchParams({ userID })}`),
          'userID=a&userID=b',
          'userID=&userID=',
        ];
        for (const method of ['GET', 'POST']) {
          for (const query of queries) {
            const { status, json } = await raw(it_.url(`/weapp/utils/get_login_info?${query}`), { method });
            expect([query, status, json.code]).toEqual([query, 200, 1]);
          }
        }
      });

      it('of test addresses looks at nothing that it is given', async () => {
        for (const name of ['get_test_pushurl', 'get_test_rtmpaccurl']) {
          for (const query of [
            'userID=a&userID=b',
            `userID=${'x'.repeat(9000)}`,
            new URLSearchParams({ a: '\u0000' }),
          ]) {
            const { status, text } = await raw(it_.url(`/weapp/utils/${name}?${query}`), { method: 'GET' });
            expect([name, status]).toEqual([name, 200]);
            expect(text).not.toContain('xxx');
          }
        }
      });
    });

    describe('a path of the admin API', () => {
      const headers = { authorization: `Bearer ${adminKey}` };
      const ask = (method: string, path: string) => raw(it_.url(`/admin/rooms${path}`), { method, headers, agent });
      const weird = [
        ...fragments,
        ...scripts,
        ...controls.filter((text) => text !== '\ud800'),
        'a\u0000b',
        'x'.repeat(129),
        'x'.repeat(9000),
      ];

      it('that names no type is 400, no room or member 404, and changes nothing', async () => {
        const before = await state();
        const room = `/live_room/${roomOf('live_room')}`;
        const wrong: unknown[] = [];
        const expectStatus = async (status: number, method: string, path: string) => {
          const answer = await ask(method, path);
          const code = status === 400 ? 2 : status;
          if (answer.status !== status || answer.json?.code !== code) {
            wrong.push({ method, path, expected: status, status: answer.status, text: answer.text });
          }
        };
        for (const value of [...weird, `${roomOf('live_room')}\u0000`]) {
          const text = encodeURIComponent(value);
          const unknown = value.length > 128 ? 400 : 404;
          await expectStatus(400, 'GET', `?type=${text}`);
          for (const method of ['GET', 'DELETE']) {
            await expectStatus(400, method, `/${text}/${roomOf('live_room')}`);
            await expectStatus(unknown, method, `/live_room/${text}`);
          }
          await expectStatus(unknown, 'DELETE', `${room}/members/${text}`);
          await expectStatus(400, 'DELETE', `${room}/members/bob?logout=${text}`);
          await expectStatus(400, 'GET', `?type=live_room&index=${text}`);
          await expectStatus(400, 'GET', `?type=live_room&limit=${text}`);
        }
        expect(wrong).toEqual([]);
        expect(await state()).toBe(before);
      });
    });

    describe('text that is the users’ own', () => {
      it('is kept and given back letter by letter, whatever it says', async () => {
        const carol = await it_.login('carol');
        // A lone half of a pair is no text in UTF-8: it comes back as U+FFFD.
        const texts = [...fragments, ...scripts, ...controls.filter((text) => text !== '\ud800'), 'x'.repeat(512)];
        for (const text of texts) {
          const created = await it_.post('live_room/create_room', carol, { roomInfo: text });
          const { roomID } = created.json;
          const pushURL = await it_.pushURL(carol, roomID);
          const body = { roomID, userName: text, userAvatar: text, pushURL };
          expect((await it_.post('live_room/add_pusher', carol, body)).json.code).toBe(0);
          expect((await it_.post('live_room/add_audience', bob, { roomID, userInfo: text })).json.code).toBe(0);
          const room = (await it_.post('live_room/get_pushers', bob, { roomID })).json;
          expect(room).toMatchObject({ roomInfo: text, pushers: [{ userName: text, userAvatar: text }] });
          expect((await it_.post('live_room/get_audiences', bob, { roomID })).json.audiences[0].userInfo).toBe(text);
          expect((await it_.post('live_room/destroy_room', carol, { roomID })).json.code).toBe(0);
        }
        const { roomID } = (await it_.post('live_room/create_room', carol, { roomInfo: '\ud800' })).json;
        const pushURL = await it_.pushURL(carol, roomID);
        const halves = { userName: 'a\ud800b', userAvatar: '\udc00' };
        expect((await it_.post('live_room/add_pusher', carol, { roomID, ...halves, pushURL })).json.code).toBe(0);
        expect((await it_.post('live_room/get_pushers', carol, { roomID })).json).toMatchObject({
          roomInfo: '\ufffd',
          pushers: [{ userName: 'a\ufffdb', userAvatar: '\ufffd' }],
        });
      });

      it('of 1024 UTF-16 units is roomInfo, of one more is not', async () => {
        for (const [text, code] of [
          ['房'.repeat(1024), 0],
          ['👍'.repeat(512), 0],
          ['👍'.repeat(513), 11],
          ['房'.repeat(1025), 11],
        ] as const) {
          expect((await it_.post('multi_room/create_room', alice, { roomInfo: text })).json.code).toBe(code);
        }
      });
    });
  });
}
