import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TencentRoomGroups, type TencentRoomGroupsOptions } from '#lib/server/im/tencent/TencentRoomGroups';
import { meaningOf } from '#lib/server/im/tencent/tencentErrors';
import { createLogger } from '#lib/server/logger';
import { patient } from '../support/patience.js';
import { sdkAppID, secretKey } from '../support/server/roomClient.js';
import { TencentImStandIn } from '../support/server/TencentImStandIn.js';

const notice = '{"cmd":"notifyPusherChange","data":""}';

let tencent: TencentImStandIn;
let groups: TencentRoomGroups;
let log: string;
let told: unknown[][];
let rooms: Set<string>;
let nowMs: number;

beforeEach(async () => {
  nowMs = 1_800_000_000_000;
  log = '';
  told = [];
  rooms = new Set();
  tencent = await TencentImStandIn.start({ sdkAppID, secretKey, now: () => nowMs });
});
afterEach(async () => {
  await groups.close(0);
  await tencent.close();
  expect(tencent.violations).toEqual([]);
  // Whatever went wrong: no signature in the log, though the stand-in repeats its whole address.
  expect(log).not.toMatch(/usersig=(?!…)|eJ[A-Za-z0-9*-]{20}/);
});

function make(options: Partial<TencentRoomGroupsOptions> = {}): TencentRoomGroups {
  const logger = createLogger({
    level: 'debug',
    destination: {
      write: (line) => {
        log += line;
      },
    },
  });
  groups = new TencentRoomGroups({
    url: options.url ?? tencent.url,
    sdkAppID,
    secretKey,
    now: () => nowMs,
    hasRoom: async (roomID) => rooms.has(roomID),
    logger,
    onCall: (call, verdict) => void told.push(['call', call, verdict]),
    onLeftOut: (kind, why) => void told.push(['leftOut', kind, why]),
    ...options,
  });
  return groups;
}

const idle = () => vi.waitFor(() => expect(groups.queued).toBe(0), { timeout: patient(10_000), interval: 5 });
const leftOut = () => told.filter(([what]) => what === 'leftOut').map(([, kind, why]) => `${kind} ${why}`);
const refusal = { name: 'ServiceError', code: 6 };

/** Calls (of that group) wait until `open`; `waiting` resolves when so many do. */
function gate(roomID?: string) {
  let open = () => {};
  let count = 0;
  const opened = new Promise<undefined>((resolve) => {
    open = () => resolve(undefined);
  });
  tencent.fault = (_call, body) => {
    if (roomID !== undefined && body.GroupId !== roomID) return undefined;
    count++;
    return opened;
  };
  const waiting = (calls = 1) => vi.waitFor(() => expect(count).toBe(calls), { timeout: patient(5000), interval: 2 });
  return { open, waiting };
}

describe('a group', () => {
  it('is made, told of changes and ended, as the original called', async () => {
    make();
    await groups.create('r');
    groups.notify('r');
    await idle();
    groups.destroy('r');
    await idle();
    expect(tencent.calls.map(({ call, body }) => [call, body])).toEqual([
      ['create_group', { Owner_Account: 'admin', Type: 'AVChatRoom', GroupId: 'r', Name: 'group_name' }],
      ['send_group_system_notification', { GroupId: 'r', Content: notice }],
      ['destroy_group', { GroupId: 'r' }],
    ]);
    expect(tencent.ended).toEqual([{ group: 'r', heard: [`system ${notice}`] }]);
    expect(log).toBe('');
  });

  it('that is ours already is taken, that of another owner is refused', async () => {
    make();
    tencent.groups.set('ours', []);
    tencent.foreign.add('theirs');
    await groups.create('ours');
    await expect(groups.create('theirs')).rejects.toMatchObject(refusal);
    expect(log).toContain('of another owner');
    expect(tencent.names).toEqual(['create_group', 'create_group']);
  });

  it('hears once of changes that wait, and again of one behind a call that is under way', async () => {
    make();
    await groups.create('r');
    const { open, waiting } = gate();
    groups.notify('r');
    await waiting();
    for (let change = 1; change < 100; change++) groups.notify('r');
    expect(groups.queued).toBe(2);
    open();
    await idle();
    expect(tencent.groups.get('r')).toEqual([`system ${notice}`, `system ${notice}`]);
    expect(leftOut()).toEqual(Array.from({ length: 98 }, () => 'notify coalesced'));
  });

  it('keeps the order of what is done to it, others go on meanwhile', async () => {
    make();
    await groups.create('slow');
    const { open, waiting } = gate('slow');
    groups.notify('slow');
    await waiting();
    groups.destroy('slow');
    const again = groups.create('slow');
    groups.notify('slow');
    await groups.create('other');
    groups.notify('other');
    await vi.waitFor(() => expect(tencent.groups.get('other')).toHaveLength(1), patient(10_000));
    open();
    await again;
    await idle();
    const ofSlow = tencent.calls.filter(({ body }) => body.GroupId === 'slow').map(({ call }) => call);
    expect(ofSlow).toEqual([
      'create_group',
      'send_group_system_notification',
      'destroy_group',
      'create_group',
      'send_group_system_notification',
    ]);
    expect(tencent.ended).toHaveLength(1);
  });

  it('that ends is not told of a change that waits', async () => {
    make();
    await groups.create('r');
    const { open, waiting } = gate();
    groups.notify('r');
    await waiting();
    groups.notify('r');
    groups.destroy('r');
    open();
    await idle();
    expect(tencent.names).toEqual(['create_group', 'send_group_system_notification', 'destroy_group']);
  });

  it('that Tencent lost is made again for a room that is there, and not for one that is over', async () => {
    make();
    rooms.add('there');
    groups.notify('there');
    groups.notify('over');
    await idle();
    expect(tencent.groups.get('there')).toEqual([`system ${notice}`]);
    expect(tencent.groups.has('over')).toBe(false);
    groups.destroy('over');
    await idle();
    expect(leftOut()).toEqual([]);
  });
});

describe('where send_group_system_notification is closed', () => {
  it.each([10003, 10026, 60009, 60017])('(code %i) send_group_msg takes its place, for good', async (code) => {
    make();
    tencent.isNotificationClosed = true;
    tencent.closedCode = code;
    await Promise.all(['a', 'b', 'c'].map((roomID) => groups.create(roomID)));
    for (const roomID of ['a', 'b', 'c']) groups.notify(roomID);
    await idle();
    groups.notify('a');
    await idle();
    expect(tencent.groups.get('a')).toEqual([`message ${notice}`, `message ${notice}`]);
    expect([tencent.groups.get('b'), tencent.groups.get('c')]).toEqual([[`message ${notice}`], [`message ${notice}`]]);
    expect(tencent.names.at(-1)).toBe('send_group_msg');
    const bodies = tencent.calls.filter(({ call, body }) => call === 'send_group_msg' && body.GroupId === 'a');
    expect(new Set(bodies.map(({ body }) => body.Random)).size).toBe(2);
    expect(log.match(/takes its place/g)).toHaveLength(1);
    expect(leftOut()).toEqual([]);
  });

  it('404 is closed too, and where messages are closed as well, that is told', async () => {
    make();
    await groups.create('r');
    tencent.fault = (call) =>
      call === 'send_group_msg' ? { code: 10026 } : { status: 404, text: '<html>not found</html>' };
    groups.notify('r');
    await idle();
    expect(told.filter(([what]) => what === 'call').map(([, call, verdict]) => `${call} ${verdict}`)).toEqual([
      'create_group ok',
      'send_group_system_notification closed',
      'send_group_msg closed',
    ]);
    expect(leftOut()).toEqual(['notify refused']);
  });

  it('a way of choice is kept to', async () => {
    make({ notices: 'message' });
    await groups.create('r');
    groups.notify('r');
    await idle();
    expect(tencent.names).toEqual(['create_group', 'send_group_msg']);
    await groups.close(0);
    make({ notices: 'system' });
    tencent.isNotificationClosed = true;
    groups.notify('r');
    await idle();
    expect(tencent.names.slice(2)).toEqual(['send_group_system_notification']);
    expect(leftOut()).toEqual(['notify refused']);
  });

  it('a message whose answer was lost is heard once', async () => {
    make({ notices: 'message' });
    await groups.create('r');
    let lost = 0;
    const standIn = tencent;
    const heard = () => standIn.groups.get('r');
    // Done, and then the answer is a timeout of the backend.
    tencent.fault = async (_call, body) => {
      if (lost++ > 0) return undefined;
      tencent.fault = () => undefined;
      await fetch(`${tencent.url}/v4/group_open_http_svc/send_group_msg?${await query()}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { code: 60008 };
    };
    groups.notify('r');
    await idle();
    expect(tencent.names).toEqual(['create_group', 'send_group_msg', 'send_group_msg', 'send_group_msg']);
    expect(heard()).toEqual([`message ${notice}`]);
  });
});

async function query(): Promise<URLSearchParams> {
  const { issueUserSig } = await import('#lib/server/auth/userSig');
  const usersig = issueUserSig({ sdkAppID, secretKey, userID: 'admin', nowSeconds: Math.floor(nowMs / 1000) });
  return new URLSearchParams({
    sdkappid: String(sdkAppID),
    identifier: 'admin',
    usersig,
    random: '7',
    contenttype: 'json',
  });
}

describe('an error code', () => {
  const passing = [10002, 60008, 60013, 60014, 70169, 70500];
  const throttling = [10006, 10023, 60007, 60011, 60018, 60019, 70050];
  const final = [
    10004, 10007, 10021, 10036, 60002, 60003, 60004, 60005, 60006, 60010, 60012, 60016, 60020, 60021, 70003, 70009,
    70013, 70014, 70016, 70020, 70107, 70402, 70403, 99999,
  ];

  it.each(passing)('%i is passing: tried again behind waits, by itself', async (code) => {
    make();
    let faults = 0;
    tencent.fault = (_call, body) => (body.GroupId === 'r' && faults++ < 2 ? { code } : undefined);
    const startMs = performance.now();
    await Promise.all([groups.create('r'), groups.create('other')]);
    // 0.1 s and 0.2 s at least.
    expect(performance.now() - startMs).toBeGreaterThan(290);
    expect(tencent.calls.map(({ body, code: given }) => [body.GroupId, given])).toEqual(
      expect.arrayContaining([
        ['r', code],
        ['r', code],
        ['r', 0],
        ['other', 0],
      ]),
    );
    expect(tencent.calls).toHaveLength(4);
    expect(leftOut()).toEqual([]);
  });

  it.each(throttling)('%i is too much: nothing is called for a while, then all is', async (code) => {
    make();
    await Promise.all(['a', 'b', 'c'].map((roomID) => groups.create(roomID)));
    const before = tencent.calls.length;
    let faultMs = 0;
    tencent.fault = () => {
      if (faultMs > 0) return undefined;
      faultMs = performance.now();
      return { code };
    };
    groups.notify('a');
    await vi.waitFor(() => expect(log).toContain('takes no calls'), { timeout: patient(10_000), interval: 1 });
    groups.notify('b');
    groups.notify('c');
    await idle();
    expect(performance.now() - faultMs).toBeGreaterThan(95);
    const asked = tencent.calls.slice(before).map(({ body }) => body.GroupId);
    expect(asked.sort()).toEqual(['a', 'a', 'b', 'c']);
    expect(log).toContain('answers again');
    expect(leftOut()).toEqual([]);
  });

  it.each(final)('%i is final: told once, with cause and remedy', async (code) => {
    make();
    await groups.create('r');
    tencent.fault = () => ({ code });
    groups.notify('r');
    await idle();
    groups.notify('r');
    await idle();
    expect(tencent.calls.map((call) => call.code)).toEqual([0, code, code]);
    expect(leftOut()).toEqual(['notify refused', 'notify refused']);
    const lines = log.split('\n').filter((line) => line.includes('"level":50'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] as string)).toMatchObject({ roomID: 'r', step: 'notify', code });
    expect(JSON.parse(lines[0] as string).cause).toContain(meaningOf(code).text);
    await expect(groups.create('other')).rejects.toMatchObject(refusal);
  });

  it('that goes on and on is given up, and the group goes on', async () => {
    make();
    await groups.create('r');
    tencent.fault = () => ({ code: 60008 });
    groups.notify('r');
    await idle();
    expect(tencent.calls).toHaveLength(6);
    expect(leftOut()).toEqual(['notify refused']);
    tencent.fault = () => undefined;
    groups.notify('r');
    await idle();
    expect(tencent.groups.get('r')).toHaveLength(1);
  });

  it('70001 gets a new signature, which is otherwise kept for half its day', async () => {
    make();
    await groups.create('r');
    // The stand-in's clock is the same one; only ours moves on between the calls.
    nowMs += 43_200_000;
    groups.notify('r');
    await idle();
    let faults = 0;
    tencent.fault = () => (faults++ === 0 ? { code: 70001 } : undefined);
    nowMs += 1000;
    groups.notify('r');
    await idle();
    expect(tencent.calls.map(({ code }) => code)).toEqual([0, 0, 70001, 0]);
    expect(tencent.groups.get('r')).toHaveLength(2);
  });

  it('of a wrong key names what to check', async () => {
    make({ secretKey: 'another key, which is as long' });
    await expect(groups.create('r')).rejects.toMatchObject(refusal);
    expect(tencent.calls[0]?.code).toBe(70009);
    expect(log).toContain('check sdkAppID, secretKey');
  });
});

describe('limits', () => {
  it('calls keep to their rate, whatever comes at once', async () => {
    await tencent.close();
    tencent = await TencentImStandIn.start({ sdkAppID, secretKey, now: () => nowMs, callsPerSecond: 60 });
    make({ callsPerSecond: 50 });
    for (let room = 0; room < 120; room++) tencent.groups.set(`r${room}`, []);
    const startMs = performance.now();
    for (let room = 0; room < 120; room++) groups.notify(`r${room}`);
    await idle();
    // 5 at once, 115 at 50 a second.
    expect(performance.now() - startMs).toBeGreaterThan(2200);
    expect(tencent.busiest).toBeLessThanOrEqual(60);
    expect(tencent.calls.every(({ code }) => code === 0)).toBe(true);
    expect(tencent.names).toHaveLength(120);
  });

  it('what a client waits for goes before notices', async () => {
    make({ callsPerSecond: 20 });
    for (let room = 0; room < 60; room++) groups.notify(`r${room}`);
    await groups.create('urgent');
    expect(groups.queued).toBeGreaterThan(40);
  });

  it('a queue that is full leaves out notices, refuses rooms, and keeps ends', async () => {
    make({ maxQueued: 3 });
    const { open, waiting } = gate();
    for (const roomID of ['a', 'b', 'c']) tencent.groups.set(roomID, []);
    for (const roomID of ['a', 'b', 'c', 'd']) groups.notify(roomID);
    await waiting(3);
    await expect(groups.create('e')).rejects.toMatchObject(refusal);
    groups.destroy('a');
    groups.destroy('b');
    groups.destroy('c');
    groups.destroy('d');
    expect(leftOut()).toEqual(['notify queueFull', 'create queueFull', 'destroy queueFull']);
    expect(groups.queued).toBe(6);
    expect(log).toContain('left behind at Tencent');
    open();
    await idle();
    expect(tencent.ended.map(({ group }) => group).sort()).toEqual(['a', 'b', 'c']);
  });
});

describe('Tencent away', () => {
  it.each([
    ['cut connections', 'cut', ''],
    ['HTTP 502', { status: 502, text: 'x' }, 'HTTP 502'],
    ['HTTP 429', { status: 429, text: '' }, 'HTTP 429'],
    ['a page', { status: 200, text: '<html>' }, 'none of this API'],
    ['no code', { status: 200, text: '{"ActionStatus":"OK"}' }, 'none of this API'],
    ['far too much', { status: 200, text: 'x'.repeat(100_000) }, ''],
    ['silence', 'hang', 'no answer within'],
    ['a redirection', { status: 307, headers: { location: 'http://127.0.0.1:1/elsewhere' } }, 'not followed'],
  ] as const)(
    '(%s): one call asks at growing distances; when it is back all is told once',
    async (_name, fault, cause) => {
      // A busy machine answers later than one would wait here for silence.
      make({ timeoutMs: fault === 'hang' ? 1000 : patient(20_000) });
      for (const roomID of ['a', 'b', 'c']) {
        tencent.groups.set(roomID, []);
        rooms.add(roomID);
      }
      const askedMs: number[] = [];
      tencent.fault = () => {
        askedMs.push(performance.now());
        return fault;
      };
      for (const roomID of ['a', 'b', 'c']) groups.notify(roomID);
      await vi.waitFor(() => expect(log).toContain('takes no calls'), patient(10_000));
      for (let change = 0; change < 50; change++) for (const roomID of ['a', 'b', 'c']) groups.notify(roomID);
      await vi.waitFor(() => expect(askedMs.length).toBeGreaterThan(5), patient(15_000));
      // Three at first at most, which a busy machine may hold up, then one at a time behind 0.1 s, 0.2 s, 0.4 s at least.
      const distances = askedMs.slice(1).map((at, index) => at - (askedMs[index] as number));
      expect(distances.at(-2), `${distances}`).toBeGreaterThan(190);
      expect(distances.at(-1), `${distances}`).toBeGreaterThan(390);
      expect(groups.queued).toBeLessThanOrEqual(6);
      expect(log).toContain(cause);
      expect(log.match(/takes no calls/g)).toHaveLength(1);
      tencent.fault = () => undefined;
      await idle();
      for (const roomID of ['a', 'b', 'c']) expect(tencent.groups.get(roomID)?.length).toBeLessThanOrEqual(2);
      for (const roomID of ['a', 'b', 'c']) expect(tencent.groups.get(roomID)?.length).toBeGreaterThan(0);
      expect(log).toContain('answers again');
    },
  );

  it('keeps to Retry-After', async () => {
    make();
    await groups.create('r');
    let faultMs = 0;
    tencent.fault = () => {
      if (faultMs > 0) return undefined;
      faultMs = performance.now();
      return { status: 429, headers: { 'retry-after': '1' } };
    };
    groups.notify('r');
    await idle();
    expect(performance.now() - faultMs).toBeGreaterThan(990);
  });

  it('a room is refused before its client gives up, and the group that comes late is ended', async () => {
    make({ timeoutMs: 20_000 });
    const { open } = gate();
    const late = groups.create('late').catch((error: unknown) => error);
    // Timers, which a machine that stands still holds up alike.
    expect(await Promise.race([late, delay(5000, 'the client gave up')])).toMatchObject(refusal);
    open();
    await idle();
    expect(tencent.names).toEqual(['create_group', 'destroy_group']);
    expect(tencent.groups.size).toBe(0);
  });

  it('nothing listens: create is refused in time, and nothing of it stays', async () => {
    const { url } = tencent;
    await tencent.close();
    make({ url });
    await expect(groups.create('r')).rejects.toMatchObject(refusal);
    expect(groups.queued).toBe(0);
    expect(log).toContain('ECONNREFUSED');
    await tencent.listen();
  });
});

describe('the end', () => {
  it('waits for what is to be told', async () => {
    make();
    await groups.create('r');
    groups.notify('r');
    groups.destroy('r');
    await groups.close(5000);
    expect(tencent.ended).toHaveLength(1);
    groups.notify('r');
    await expect(groups.create('r')).rejects.toMatchObject(refusal);
    expect(leftOut()).toEqual(expect.arrayContaining(['notify closing', 'create closing']));
    expect(groups.queued).toBe(0);
  });

  it('takes the end of a group in place of a change that waits, and no other', async () => {
    make({ callsPerSecond: 2 });
    for (const roomID of ['a', 'b', 'c']) tencent.groups.set(roomID, []);
    groups.notify('a');
    groups.notify('b');
    const closed = groups.close(patient(5000));
    groups.destroy('b');
    groups.destroy('c');
    await closed;
    expect(tencent.names).toEqual(['send_group_system_notification', 'destroy_group']);
    expect(tencent.ended.map(({ group }) => group)).toEqual(['b']);
    expect(leftOut()).toEqual(['notify coalesced', 'destroy closing']);
  });

  it('is bounded whatever Tencent does, and says what was left out', async () => {
    make();
    await groups.create('r');
    tencent.fault = () => 'hang';
    groups.notify('r');
    groups.destroy('r');
    const waiting = groups.create('s');
    const refused = expect(waiting).rejects.toMatchObject(refusal);
    const startMs = performance.now();
    await groups.close(200);
    await refused;
    expect(performance.now() - startMs).toBeLessThan(patient(1500));
    expect(log).toContain('not all calls of Tencent IM were made before the end');
  });
});

describe('options', () => {
  it.each([
    ['url', { url: 'nowhere' }],
    ['url', { url: 'http://console.tim.qq.com' }],
    ['url', { url: 'https://console.tim.qq.com/v4' }],
    ['url', { url: 'https://user:password@console.tim.qq.com' }],
    ['admin', { admin: 'a b' }],
    ['callsPerSecond', { callsPerSecond: 0 }],
    ['maxQueued', { maxQueued: 1.5 }],
    ['timeoutMs', { timeoutMs: 0 }],
  ])('a bad %s is refused, with its name and without its value', async (name, options) => {
    make();
    let message = '';
    try {
      make(options);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_RTC_INVALID_ARGUMENT' });
      message = String(error);
    }
    expect(message).toContain(name);
    expect(message).not.toContain('password');
  });
});
