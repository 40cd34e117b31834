import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RoomServiceOptions } from '#lib/server/RoomService';
import { patient } from '../support/patience.js';
import { EventStream } from '../support/server/eventStream.js';
import { raw, ServiceUnderTest, sdkAppID, secretKey, type User } from '../support/server/roomClient.js';
import { TencentImStandIn } from '../support/server/TencentImStandIn.js';

let tencent: TencentImStandIn;
let it_: ServiceUnderTest;
let ann: User;
let bob: User;

const start = async (options: Partial<RoomServiceOptions> = {}) => {
  tencent = await TencentImStandIn.start({ sdkAppID, secretKey, now: () => it_.nowMs });
  it_ = await ServiceUnderTest.start({ tencentIm: { url: tencent.url }, adminKey: 'k'.repeat(16), ...options });
  ann = await it_.login('ann');
  bob = await it_.login('bob');
};

beforeEach(() => start());
afterEach(async () => {
  await it_.close();
  await tencent.close();
  expect(tencent.violations).toEqual([]);
});

const until = (check: () => void) => vi.waitFor(check, { timeout: patient(5000), interval: 5 });
const notices = (room: string) => tencent.groups.get(room)?.length;
const endsOf = (room: string) => tencent.ended.filter(({ group }) => group === room).length;

describe('a room with a group at Tencent', () => {
  it('has it when create_room is answered; each change is told there and on the service’s own channel', async () => {
    await it_.create(ann, 'r', 'multi_room');
    expect(tencent.groups.has('r')).toBe(true);
    const own = await EventStream.open(it_.url(`/weapp/im/events?${new URLSearchParams({ ...bob })}`));
    await it_.add(ann, 'r', 'multi_room');
    await until(() => expect(notices('r')).toBe(1));
    await it_.add(bob, 'r', 'multi_room');
    await until(() => expect(notices('r')).toBe(2));
    await own.until(() => own.messages.some(({ data }) => data.type === 'system'));
    await it_.post('multi_room/delete_pusher', bob, { roomID: 'r' });
    await until(() => expect(notices('r')).toBe(3));
    await it_.post('multi_room/delete_pusher', ann, { roomID: 'r' });
    await until(() => expect(endsOf('r')).toBe(1));
    own.close();
  });

  it('that nobody enters, whose members fall silent, or that is closed, is ended there too', async () => {
    await it_.create(ann, 'pending', 'live_room');
    await it_.create(ann, 'silent', 'double_room');
    await it_.add(ann, 'silent');
    await it_.create(bob, 'closed', 'multi_room');
    const headers = { authorization: `Bearer ${'k'.repeat(16)}` };
    await raw(it_.url('/admin/rooms/multi_room/closed'), { method: 'DELETE', headers });
    it_.nowMs += 61_000;
    await it_.service.sweep();
    await until(() => expect(tencent.ended.map(({ group }) => group).sort()).toEqual(['closed', 'pending', 'silent']));
    expect(tencent.groups.size).toBe(0);
  });

  it('whose group is refused is code 6, and not there', async () => {
    tencent.foreign.add('r');
    const refused = await it_.post('double_room/create_room', ann, { roomInfo: '', roomID: 'r' });
    expect(refused.json.code).toBe(6);
    expect(refused.text).not.toMatch(/usersig|127\.0\.0\.1/);
    tencent.foreign.clear();
    await it_.create(ann, 'r');
    expect(tencent.groups.has('r')).toBe(true);
  });

  it('that add_pusher makes is code 6 as well, where it has no group', async () => {
    await it_.close();
    await tencent.close();
    await start({ createMissingRooms: true });
    tencent.fault = () => ({ code: 10036 });
    expect((await it_.add(ann, 'r')).code).toBe(6);
    tencent.fault = () => undefined;
    expect(await it_.add(ann, 'r')).toMatchObject({ code: 0, roomID: 'r' });
  });

  it('is counted, and no label or line has a signature', async () => {
    await it_.create(ann, 'r');
    await it_.add(ann, 'r');
    await until(() => expect(notices('r')).toBe(1));
    const { text } = await raw(it_.url('/metrics'), { method: 'GET' });
    expect(text).toContain('rtcroom_tencent_im_calls_total{call="create_group",result="ok"} 1');
    expect(text).toContain('rtcroom_tencent_im_calls_total{call="send_group_system_notification",result="ok"} 1');
    expect(text).toContain('rtcroom_tencent_im_queued 0');
    expect(text).toContain('rtcroom_tencent_im_call_seconds_count{call="create_group"} 1');
    expect(text).not.toContain('usersig');
  });

  it('answers calls as ever while Tencent is silent, but for new rooms; what is told waits for it', async () => {
    await it_.create(ann, 'r', 'multi_room');
    await it_.add(ann, 'r', 'multi_room');
    await until(() => expect(notices('r')).toBe(1));
    tencent.fault = () => 'cut';
    expect((await it_.add(bob, 'r', 'multi_room')).code).toBe(0);
    const list = await it_.post('multi_room/get_room_list', ann, { cnt: 9 });
    expect(list.json.rooms[0].pushers).toHaveLength(2);
    const created = it_.post('multi_room/create_room', ann, { roomID: 's' });
    expect((await created).json.code).toBe(6);
    expect((await it_.post('multi_room/get_pushers', ann, { roomID: 's' })).json.code).toBe(1);
    tencent.fault = () => undefined;
    // Tries are up to 10 s apart by now.
    await vi.waitFor(() => expect(notices('r')).toBe(2), { timeout: patient(12_000), interval: 5 });
  });

  it('hears of what the last requests changed before the service is gone, which Tencent cannot hold up', async () => {
    await it_.create(ann, 'r');
    await it_.add(ann, 'r');
    await it_.post('double_room/destroy_room', ann, { roomID: 'r' });
    await it_.close();
    expect(endsOf('r')).toBe(1);
    await tencent.close();
    await start({ closeGraceMs: 200 });
    await it_.create(ann, 'r');
    tencent.fault = () => 'hang';
    await it_.add(ann, 'r');
    const startMs = performance.now();
    await it_.close();
    expect(performance.now() - startMs).toBeLessThan(patient(2500));
  });
});

it('options that cannot be used are refused when the service is made', async () => {
  await it_.close();
  await expect(ServiceUnderTest.start({ tencentIm: { url: 'http://console.tim.qq.com' } })).rejects.toMatchObject({
    code: 'ERR_RTC_INVALID_ARGUMENT',
  });
});
