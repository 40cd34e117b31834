import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryImChannel } from '#lib/im/MemoryImChannel';
import { loginOf, makeRoom, type RoomFixture, readyRoom } from '../support/client/roomFixture.js';
import { ScriptedService } from '../support/client/ScriptedService.js';

/** What nobody caught ends a process. */
const uncaught: unknown[] = [];
const keep = (error: unknown) => void uncaught.push(error);
let service: ScriptedService;

beforeEach(() => {
  process.on('uncaughtException', keep).on('unhandledRejection', keep);
  service = new ScriptedService();
  service.seats = 4;
});
afterEach(async () => {
  vi.restoreAllMocks();
  // Rejections that nobody handles are told at the end of a turn.
  await new Promise(setImmediate);
  process.off('uncaughtException', keep).off('unhandledRejection', keep);
  expect(uncaught.splice(0)).toEqual([]);
});

const fail = (): never => {
  throw new Error('a fault of the application');
};
const codes = (fixture: RoomFixture) => fixture.named('error').map(([one]) => (one as { code: string }).code);

describe('a message channel of the application that fails', () => {
  for (const [how, close] of [
    ['throws', fail],
    ['rejects', async () => fail()],
  ] as const) {
    test(`${how} as it is closed: kicked, logged out and closed all the same, and told as an error`, async () => {
      vi.spyOn(MemoryImChannel.prototype, 'close').mockImplementation(close);
      const kicked = await readyRoom(service, 'ann');
      await kicked.room.createRoom({ roomID: 'r' });
      service.hub.kick('ann');
      await vi.waitFor(() => expect(kicked.named('kickedOffline')).toHaveLength(1), 10_000);
      expect(kicked.room.state).toBe('loggedOut');
      expect(codes(kicked)).toEqual(['ERR_RTC_INTERNAL']);
      expect(kicked.apis[0]).toMatchObject({ closed: true });
      await kicked.room.close();

      const out = await readyRoom(service, 'bob');
      await out.room.logout();
      expect([out.room.state, codes(out)]).toEqual(['loggedOut', ['ERR_RTC_INTERNAL']]);
      await out.room.login(loginOf('bob'));
      await out.room.close();
      expect(out.room.state).toBe('closed');
    });
  }

  test('as it opens, and as it is closed then: login rejects with its fault and may be tried again', async () => {
    vi.spyOn(MemoryImChannel.prototype, 'open').mockImplementationOnce(async () => fail());
    vi.spyOn(MemoryImChannel.prototype, 'close').mockImplementationOnce(fail);
    const { room } = makeRoom(service);
    await expect(room.login(loginOf('ann'))).rejects.toThrow('a fault of the application');
    await room.login(loginOf('ann'));
    expect(room.state).toBe('idle');
    await room.close();
  });

  test('as the token is lost and it has to be left: told, and the next call logs in again', async () => {
    const ann = await readyRoom(service, 'ann');
    await ann.room.createRoom({ roomID: 'r' });
    const suspend = vi.spyOn(MemoryImChannel.prototype, 'suspend').mockImplementation(fail);
    ann.channels[0]?.emit('authFailed');
    await vi.waitFor(() => expect(suspend).toHaveBeenCalled(), 10_000);
    suspend.mockRestore();
    await vi.waitFor(() => expect(service.log.filter((line) => line === 'ann login')).toHaveLength(2), 10_000);
    await vi.waitFor(() => expect(ann.channels[0]?.state).toBe('open'), 10_000);
    await ann.room.sendRoomTextMsg('still there');
    await ann.room.close();
  });
});

describe('a player of the application that throws as it is closed', () => {
  test('is told as an error when its member leaves, and the room goes on', async () => {
    service.open('r', 'bob', 'cat');
    const ann = await readyRoom(service, 'ann', { roomType: 'multi_room', autoPlay: true });
    await ann.room.enterRoom({ roomID: 'r' });
    await vi.waitFor(() => expect(ann.media.players).toHaveLength(2), 10_000);
    for (const player of ann.media.players) player.close = fail;
    service.change('r', (room) => {
      room.pushers = room.pushers.filter(({ userID }) => userID !== 'bob');
    });
    await vi.waitFor(() => expect(codes(ann)).toEqual(['ERR_RTC_INTERNAL']), 10_000);
    expect(ann.named('memberLeave')).toHaveLength(1);
    expect(ann.room.state).toBe('inRoom');
    await ann.room.close();
    expect(ann.room.state).toBe('closed');
  });
});

describe('what the application is asked for', () => {
  test('throws: a player’s options are told as an error, the room and its other members go on', async () => {
    service.open('r', 'bob', 'cat');
    const player = ({ userID }: { userID: string }) => (userID === 'bob' ? fail() : {});
    const ann = await readyRoom(service, 'ann', { roomType: 'multi_room', autoPlay: { player } });
    await ann.room.enterRoom({ roomID: 'r' });
    await vi.waitFor(() => expect(ann.media.players).toHaveLength(1), 10_000);
    await vi.waitFor(() => expect(ann.named('error').map(([, userID]) => userID)).toEqual(['bob']), 10_000);
    await ann.room.close();
  });
});
