import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AddPusherInput, type CallOptions, RoomApi } from '#lib/api/RoomApi';
import { ResyncImChannel } from '#lib/im/ResyncImChannel';
import { RTCRoom } from '#lib/room/RTCRoom';
import { RoomService } from '#lib/server/RoomService';
import { EventLog } from '../support/client/EventLog.js';
import { codeOf } from '../support/client/expectCode.js';
import { FakeMedia } from '../support/client/fakeMedia.js';
import { synthetic } from '../support/client/roomFixture.js';
import { patient } from '../support/patience.js';
import { FakeMediaServer } from '../support/server/fakeMediaServer.js';

vi.setConfig({ testTimeout: patient(30_000) });

/** Answers as a service of 2018 gives them: without versions and epochs. */
class OldApi extends RoomApi {
  override async getPushers(input: { roomID: string }, options?: CallOptions) {
    const room = await super.getPushers(input, options);
    return { ...room, version: undefined, pushers: room.pushers.map((one) => ({ ...one, epoch: undefined })) };
  }

  override async addPusher(input: AddPusherInput, options?: CallOptions) {
    return { ...(await super.addPusher(input, options)), version: undefined, epoch: undefined };
  }
}

let service: RoomService;
const rooms: RTCRoom[] = [];
beforeEach(async () => {
  service = new RoomService({ media: new FakeMediaServer(), sdkAppID: 1, secretKey: 'a key for tests, long enough' });
  await service.listen();
});
afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.close()));
  await service.close();
});

async function person(userID: string, intervalMs = 100) {
  const media = new FakeMedia();
  const room = new RTCRoom({
    factories: {
      createPusher: media.createPusher as never,
      createPlayer: media.createPlayer as never,
      createApi: (input) => new OldApi(input),
      createChannel: () => new ResyncImChannel({ intervalMs }),
    },
  });
  rooms.push(room);
  const log = new EventLog(room);
  await room.login({
    serverDomain: `${service.address.url}/weapp/multi_room`,
    sdkAppID: 1,
    accountType: '0',
    userID,
    userSig: service.issueUserSig(userID),
  });
  await room.startLocalPreview(synthetic);
  return { room, log };
}

describe('a room at a service whose messages need Tencent’s SDK', () => {
  test('sees members come and go, and the end of the room, by reading at intervals', async () => {
    const ann = await person('ann');
    const bob = await person('bob');
    const carol = await person('carol');
    await ann.room.createRoom({ roomID: 'r' });
    await bob.room.enterRoom({ roomID: 'r' });
    expect(await ann.log.wait('memberJoin')).toMatchObject([{ userID: 'bob' }]);
    await carol.room.enterRoom({ roomID: 'r' });
    expect(await bob.log.wait('memberJoin', { count: 2 })).toMatchObject([{ userID: 'carol' }]);
    await ann.log.wait('memberJoin', { count: 2 });
    await carol.room.exitRoom();
    expect(await ann.log.wait('memberLeave')).toMatchObject([{ userID: 'carol' }]);
    await ann.room.exitRoom();
    expect(await bob.log.wait('roomClosed')).toEqual([{ roomID: 'r', reason: 'gone' }]);
    expect(bob.room.state).toBe('idle');
    expect([ann, bob, carol].flatMap(({ log }) => log.named('error'))).toEqual([]);
  });

  test('cannot send, and says what it would need', async () => {
    const ann = await person('ann');
    await ann.room.createRoom({ roomID: 'r' });
    expect(await codeOf(ann.room.sendRoomTextMsg('x'))).toBe('ERR_RTC_UNSUPPORTED');
    expect(await codeOf(ann.room.sendC2CCustomMsg('bob', 'c', 'm'))).toBe('ERR_RTC_UNSUPPORTED');
    expect(ann.room.state).toBe('inRoom');
  });

  test('reads nothing outside a room and nothing after its end', async () => {
    const get = vi.spyOn(OldApi.prototype, 'getPushers');
    const ann = await person('ann');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(get).not.toHaveBeenCalled();
    await ann.room.createRoom({ roomID: 'r' });
    await vi.waitFor(() => expect(get.mock.calls.length).toBeGreaterThan(2));
    await ann.room.logout();
    const calls = get.mock.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(get.mock.calls.length).toBe(calls);
    get.mockRestore();
  });

  test.each([0, 99, Number.NaN, 3_000_000_000])('an interval of %d is refused', (intervalMs) => {
    expect(() => new ResyncImChannel({ intervalMs })).toThrow(
      expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
    );
  });
});
