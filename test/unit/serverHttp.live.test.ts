import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MixRequest, StreamMixer } from '#lib/server/media/StreamMixer';
import { verifySignature } from '#lib/server/media/urlSignature';
import type { RoomServiceOptions } from '#lib/server/RoomService';
import { EventStream } from '../support/server/eventStream.js';
import { raw, ServiceUnderTest, type User } from '../support/server/roomClient.js';

let it_: ServiceUnderTest;
let alice: User;
let bob: User;

async function start(options: Partial<RoomServiceOptions> = {}) {
  it_ = await ServiceUnderTest.start(options);
  [alice, bob] = [await it_.login('alice'), await it_.login('bob')];
}
beforeEach(() => start());
afterEach(() => it_.close());

const live = async (method: string, user: User, body?: unknown) =>
  (await it_.post(`live_room/${method}`, user, body)).json;

/** A live_room of alice, whose stream is that of no room, as live clients' are. */
async function open(roomID = 'show'): Promise<string> {
  await it_.create(alice, roomID, 'live_room');
  const { pushURL } = await live('get_push_url', alice, {});
  await it_.add(alice, roomID, 'live_room', pushURL);
  return roomID;
}

async function listen(user: User): Promise<EventStream> {
  const stream = await EventStream.open(it_.url(`/weapp/im/events?${new URLSearchParams({ ...user })}`));
  await stream.until(() => stream.events.length > 0);
  return stream;
}

describe('a live_room', () => {
  it('pushes to the stream of the user, whatever the body says', async () => {
    for (const body of [{}, { userID: 'alice' }, { userID: 5, roomID: null }, { roomID: 'show' }]) {
      const { pushURL } = await live('get_push_url', alice, body);
      expect(new URL(pushURL).pathname).toBe('/live/1000_alice');
    }
  });

  it('ends with its creator, also where other rooms do not', async () => {
    await it_.close();
    await start({ creatorLeaveDissolves: false });
    const roomID = await open();
    await it_.add(bob, roomID, 'live_room');
    await live('add_audience', await it_.login('carol'), { roomID });
    expect(await live('delete_pusher', alice, { userID: 'alice', roomID })).toEqual({ code: 0, message: '请求成功' });
    expect((await live('get_pushers', bob, { roomID })).code).toBe(1);
    expect((await live('pusher_heartbeat', bob, { userID: 'bob', roomID })).code).toBe(5);
    expect(it_.media.cuts).toContain('1000_alice');
  });

  it('ends when its creator falls silent', async () => {
    const roomID = await open();
    it_.nowMs += 10_000;
    await it_.add(bob, roomID, 'live_room');
    it_.nowMs += 10_001;
    await it_.service.sweep();
    expect((await live('get_pushers', bob, { roomID })).code).toBe(1);
  });

  it('has seats of its own number', async () => {
    await it_.close();
    await start({ maxLivePushers: 1, maxMembers: 4 });
    const roomID = await open();
    expect((await it_.add(bob, roomID, 'live_room')).code).toBe(5001);
  });
});

describe('the audience', () => {
  it('comes, is listed in order, and goes, also when it is not there', async () => {
    const roomID = await open();
    const carol = await it_.login('carol');
    expect(await live('add_audience', carol, { roomID, userID: 'carol', userInfo: '{"name":"卡罗"}' })).toEqual({
      code: 0,
      message: '请求成功',
    });
    await live('add_audience', bob, { roomID, userID: 'bob' });
    await live('add_audience', carol, { roomID, userID: 'carol', userInfo: 'again' });
    expect(await live('get_audiences', alice, { roomID })).toEqual({
      code: 0,
      message: '请求成功',
      audienceCount: 2,
      audiences: [
        { userID: 'carol', userInfo: 'again' },
        { userID: 'bob', userInfo: '' },
      ],
    });
    const [room] = (await live('get_room_list', bob, { cnt: 5, index: 0 })).rooms;
    expect(room).toMatchObject({ roomID, audienceCount: 2, custom: '{}' });
    for (let round = 0; round < 2; round++) {
      expect((await live('delete_audience', carol, { roomID, userID: 'carol' })).code).toBe(0);
    }
    expect((await live('get_audiences', bob, { roomID })).audiences).toEqual([{ userID: 'bob', userInfo: '' }]);
  });

  it('is at most 30, takes no seat and is never who the caller is not', async () => {
    const roomID = await open();
    for (let n = 0; n < 30; n++) {
      expect((await live('add_audience', await it_.login(`l${n}`), { roomID })).code).toBe(0);
    }
    expect((await live('add_audience', bob, { roomID })).code).toBe(5001);
    expect((await live('add_audience', bob, { roomID, userID: 'l0' })).code).toBe(7);
    expect((await live('delete_audience', bob, { roomID, userID: 'l0' })).code).toBe(7);
    expect((await it_.add(bob, roomID, 'live_room')).code).toBe(0);
    expect((await live('get_audiences', alice, { roomID })).audienceCount).toBe(30);
  });

  it('of an unknown room, or of one of another type, is code 1', async () => {
    await it_.create(alice, 'multi', 'multi_room');
    for (const roomID of ['nowhere', 'multi']) {
      expect((await live('add_audience', bob, { roomID })).code).toBe(1);
      expect(await live('get_audiences', bob, { roomID })).toMatchObject({ code: 1, audiences: null });
    }
    expect((await it_.post('multi_room/add_audience', alice, { roomID: 'multi' })).status).toBe(404);
  });

  it('is gone after logout, and minutes after it fell silent', async () => {
    const roomID = await open();
    const carol = await it_.login('carol');
    await live('add_audience', carol, { roomID });
    await live('add_audience', bob, { roomID });
    await live('logout', bob);
    expect((await live('get_audiences', alice, { roomID })).audiences).toMatchObject([{ userID: 'carol' }]);
    for (let seconds = 0; seconds < 300; seconds += 10) {
      it_.nowMs += 10_000;
      await live('pusher_heartbeat', alice, { userID: 'alice', roomID });
      await it_.service.sweep();
    }
    expect((await live('get_audiences', alice, { roomID })).audiences).toHaveLength(1);
    it_.nowMs += 1;
    await it_.service.sweep();
    expect((await live('get_audiences', alice, { roomID })).audiences).toEqual([]);
  });

  it('reads the room’s notices, writes to it and is told of its end', async () => {
    const roomID = await open();
    await live('add_audience', bob, { roomID });
    const [pusher, listener] = [await listen(alice), await listen(bob)];
    try {
      await it_.add(await it_.login('carol'), roomID, 'live_room');
      await listener.until(() => listener.messages.length === 1);
      const message = { msgID: 'm1', groupID: roomID, elements: [{ type: 'text', text: 'bravo' }] };
      expect((await it_.post('im/send', bob, message)).json.code).toBe(0);
      await pusher.until(() => pusher.messages.some(({ data }) => data.type === 'group' && data.from === 'bob'));
      await live('delete_pusher', alice, { userID: 'alice', roomID });
      await listener.until(() => listener.messages.length === 2);
      expect(listener.messages.map(({ data }) => data.type)).toEqual(['system', 'groupClosed']);
    } finally {
      pusher.close();
      listener.close();
    }
  });
});

describe('custom info', () => {
  it('counts from 0, with an answer that has its code', async () => {
    const roomID = await open();
    const count = (fieldName: string, operation: string, user = bob) =>
      live('set_custom_field', user, { roomID, fieldName, operation });
    expect(await live('get_custom_info', bob, { roomID })).toEqual({
      code: 0,
      message: '请求成功',
      customInfo: '{}',
      custom: '{}',
    });
    expect(await count('like', 'inc')).toEqual({ code: 0, message: '请求成功' });
    await Promise.all([count('like', 'inc'), count('like', 'inc', alice), count('dislike', 'dec')]);
    expect((await count('like', 'set')).code).toBe(0);
    expect((await count('other', 'toggle')).code).toBe(0);
    const { customInfo } = await live('get_custom_info', alice, { roomID });
    expect(JSON.parse(customInfo)).toEqual({ like: 3, dislike: -1 });
  });

  it('of an unknown room is code 3, and has 32 names at most', async () => {
    for (const operation of ['inc', 'nothing']) {
      expect((await live('set_custom_field', bob, { roomID: 'nowhere', fieldName: 'a', operation })).code).toBe(3);
    }
    expect((await live('get_custom_info', bob, { roomID: 'nowhere' })).code).toBe(3);
    const roomID = await open();
    const codes: number[] = [];
    for (let n = 0; n < 33; n++) {
      codes.push((await live('set_custom_field', bob, { roomID, fieldName: `f${n}`, operation: 'inc' })).code);
    }
    expect(codes).toEqual([...Array(32).fill(0), 2]);
  });
});

/** As a Windows client makes them. */
const mergeParams = (main: string, ...subs: string[]) => ({
  timestamp: 1_540_000_030,
  eventId: 1_540_000_030,
  interface: {
    interfaceName: 'Mix_StreamV2',
    para: {
      app_id: 1_400_000_000,
      interface: 'mix_streamv2.start_mix_stream_advanced',
      mix_stream_session_id: main,
      output_stream_id: main,
      input_stream_list: [main, ...subs].map((id, index) => ({
        input_stream_id: id,
        layout_params: { image_layer: index + 1, image_width: 640, image_height: 360, location_x: 0, location_y: 0 },
      })),
    },
  },
});

describe('merge_stream', () => {
  it('without a mixer says so where a Windows client looks', async () => {
    const roomID = await open();
    const answer = await live('merge_stream', alice, {
      roomID,
      userID: 'alice',
      mergeParams: mergeParams('1000_alice'),
    });
    expect(answer).toMatchObject({ code: 0, result: { code: -1, timestamp: it_.nowMs / 1000 } });
    expect(answer.result.message).toContain('mixer');
    expect(await live('merge_stream', { ...alice, token: 'x' }, { mergeParams: {} })).toMatchObject({
      code: 7,
      result: null,
    });
    expect((await it_.post('multi_room/merge_stream', alice, { mergeParams: {} })).status).toBe(404);
  });

  describe('with one', () => {
    const asked: MixRequest[] = [];
    let mix: StreamMixer['mix'];
    beforeEach(async () => {
      await it_.close();
      asked.length = 0;
      mix = async () => ({ code: 0, message: 'Success!' });
      const mixer: StreamMixer = {
        mix: (request, signal) => {
          asked.push(request);
          return mix(request, signal);
        },
      };
      await start({ mixer });
    });

    it('hands it what the client asks for, as an object or as text, before and in a room, of every type', async () => {
      const roomID = await open();
      await it_.add(bob, roomID, 'live_room');
      const params = mergeParams('1000_alice', `1000_${roomID}_bob`);
      const timestamp = Math.floor(it_.nowMs / 1000);
      for (const given of [params, JSON.stringify(params)]) {
        expect(await live('merge_stream', alice, { roomID, userID: 'alice', mergeParams: given })).toEqual({
          code: 0,
          message: '请求成功',
          result: { code: 0, message: 'Success!', timestamp },
        });
      }
      const first = { roomID: '', userID: 'alice', mergeParams: mergeParams('1000_alice') };
      expect((await it_.post('multi_room/merge_stream', alice, first)).json.result.code).toBe(0);
      expect(asked).toEqual([
        { userID: 'alice', roomID, mergeParams: params },
        { userID: 'alice', roomID, mergeParams: params },
        { userID: 'alice', roomID: '', mergeParams: first.mergeParams },
      ]);
    });

    it('hands on its refusal, and tells its failure without its text', async () => {
      const body = { mergeParams: mergeParams('1000_alice') };
      mix = async () => ({ code: -31, message: 'no such stream' });
      expect((await live('merge_stream', alice, body)).result).toMatchObject({ code: -31, message: 'no such stream' });
      mix = async () => {
        throw new Error('a secret');
      };
      const failed = await live('merge_stream', alice, body);
      expect(failed).toMatchObject({ code: 0, result: { code: -1 } });
      expect(JSON.stringify(failed)).not.toContain('secret');
    });

    it('mixes nothing of others: not their streams, not into theirs, not in their rooms', async () => {
      const roomID = await open();
      await it_.create(bob, 'private', 'live_room');
      await it_.add(bob, 'private', 'live_room');
      const merge = async (room: string, params: object) =>
        (await live('merge_stream', alice, { roomID: room, userID: 'alice', mergeParams: params })).code;
      expect(await merge(roomID, mergeParams('1000_alice', '1000_private_bob'))).toBe(5);
      expect(await merge(roomID, mergeParams('1000_private_bob', '1000_alice'))).toBe(5);
      await it_.add(await it_.login('carol'), roomID, 'live_room');
      expect(await merge(roomID, mergeParams('1000_alice', `1000_${roomID}_carol`))).toBe(0);
      expect(await merge(roomID, mergeParams(`1000_${roomID}_carol`, '1000_alice'))).toBe(5);
      expect(await merge('private', mergeParams('1000_alice'))).toBe(5);
      expect(await merge('nowhere', mergeParams('1000_alice'))).toBe(5);
      expect(await merge('', mergeParams('1000_alice', '1000_private_bob'))).toBe(5);
      expect(await merge(roomID, { deep: [{ input_stream_id: ['1000_private_bob'] }] })).toBe(5);
      for (const bad of ['{', '[]', 'null', '5']) {
        expect((await live('merge_stream', alice, { roomID, mergeParams: bad })).code).toBe(2);
      }
      expect(asked).toHaveLength(1);
    });
  });
});

describe('test addresses', () => {
  const get = (method: string) => raw(it_.url(`/weapp/utils/${method}`), { method: 'GET' });

  it('are not there unless asked for: they need no login', async () => {
    expect((await get('get_test_pushurl')).status).toBe(404);
    expect((await get('get_test_rtmpaccurl')).status).toBe(404);
  });

  it('are of a stream that is nobody’s, and in the original’s shape', async () => {
    await it_.close();
    await start({ testUrls: true });
    const { json } = await get('get_test_pushurl');
    expect(Object.keys(json)).toEqual(['url_push', 'url_play_flv', 'url_play_rtmp', 'url_play_hls', 'url_play_acc']);
    const { pathname, searchParams } = new URL(json.url_push);
    const streamID = pathname.slice('/live/'.length);
    expect(streamID).toMatch(/^1000_test~[0-9a-f]{16}$/);
    const seconds = it_.nowMs / 1000;
    expect(verifySignature(it_.media.pushKey, streamID, searchParams, seconds)).toBe('ok');
    for (const url of [json.url_play_acc, json.url_play_rtmp, json.url_play_flv]) {
      expect(verifySignature(it_.media.playKey, streamID, new URL(url).searchParams, seconds)).toBe('ok');
    }
    expect((await get('get_test_pushurl')).json.url_push).not.toBe(json.url_push);
    const clock = (await get('get_test_rtmpaccurl/')).json;
    expect(Object.keys(clock)).toEqual(['url_rtmpacc']);
    expect(new URL(clock.url_rtmpacc).pathname).toBe('/live/1000_testclock_rtmpacc');
    // No member can be one of that stream.
    await it_.create(alice, 'test~', 'live_room');
    expect((await it_.add(alice, 'test~', 'live_room', json.url_push)).code).toBe(2);
  });
});
