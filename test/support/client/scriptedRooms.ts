import { afterEach, beforeEach, expect, vi } from 'vitest';
import { type RoomFixture, readyRoom } from './roomFixture.js';
import { ScriptedService } from './ScriptedService.js';

/** The rooms of one test, and the service that they speak with. */
export interface ScriptedRooms {
  readonly service: ScriptedService;
  /** Closed when the test ends. */
  kept(fixture: RoomFixture): RoomFixture;
  /** Logged in and with a preview, and kept. */
  ready(userID: string, options?: Parameters<typeof readyRoom>[2]): Promise<RoomFixture>;
  /** In room `r`, which `others` are in already; nothing is noted yet of what comes. */
  inside(userID: string, ...others: string[]): Promise<RoomFixture>;
}

/** For all tests of a file: time is fake, each has a service of its own, and afterwards no timer may be left. */
export function useScriptedRooms(): ScriptedRooms {
  let service: ScriptedService;
  const open: RoomFixture[] = [];

  beforeEach(() => {
    vi.useFakeTimers();
    service = new ScriptedService();
  });
  afterEach(async () => {
    service.before = () => undefined;
    service.after = () => undefined;
    service.hub.failure = undefined;
    for (const { room, media } of open.splice(0)) {
      media.before = () => undefined;
      await room.close();
    }
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  const kept = (fixture: RoomFixture) => {
    open.push(fixture);
    return fixture;
  };
  const ready: ScriptedRooms['ready'] = async (userID, options) => kept(await readyRoom(service, userID, options));
  return {
    get service() {
      return service;
    },
    kept,
    ready,
    async inside(userID, ...others) {
      const fixture = await ready(userID, { roomType: 'multi_room' });
      service.seats = 10;
      if (others.length > 0 && !service.rooms.has('r')) service.open('r', ...others);
      if (service.rooms.has('r')) await fixture.room.enterRoom({ roomID: 'r' });
      else await fixture.room.createRoom({ roomID: 'r' });
      await vi.advanceTimersByTimeAsync(0);
      fixture.events.length = 0;
      service.log.length = 0;
      return fixture;
    },
  };
}

/** Lets everything happen that is due now. */
export const settle = () => vi.advanceTimersByTimeAsync(0);

/** The userIDs of the events of that name, in order. */
export const users = (fixture: RoomFixture, name: string) =>
  fixture.named(name).map(([one]) => (one as { userID: string }).userID);

/** The codes of the errors that were told, in order. */
export const errorCodes = (fixture: RoomFixture) =>
  fixture.named('error').map(([one]) => (one as { code: string }).code);
