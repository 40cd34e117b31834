import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RoomStore, RoomType } from '#lib/server/store/RoomStore';
import { patient } from '../patience.js';
import { memberInput } from './roomStoreSuite.js';

const startMs = 1_800_000_000_000;
const type: RoomType = 'multi_room';
const maxMembers = 3;

const user = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const room = fc.constantFrom('r', 's');
const action = fc.oneof(
  fc.record({ do: fc.constant('create' as const), room }),
  fc.record({ do: fc.constant('add' as const), room, user, stream: fc.constantFrom('1', '2') }),
  fc.record({ do: fc.constant('add' as const), room, user, stream: fc.constantFrom('1', '2') }),
  fc.record({ do: fc.constant('leave' as const), room, user, dissolves: fc.boolean() }),
  fc.record({ do: fc.constant('beat' as const), room, user }),
  fc.record({ do: fc.constant('destroy' as const), room }),
  fc.record({ do: fc.constant('sweep' as const) }),
);
type Action = typeof action extends fc.Arbitrary<infer One> ? One : never;

/** Groups of actions, those of a group begun at once, in an order that the store chooses. */
const history = fc.array(fc.array(action, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 });

/** Members by what the answers said: every join must be answered by one leave. */
class Ledger {
  readonly joined = new Map<string, number>();
  readonly left = new Map<string, number>();

  join(roomID: string, userID: string, epoch: number): void {
    count(this.joined, `${roomID}/${userID}/${epoch}`);
  }

  leave(roomID: string, userID: string, epoch: number): void {
    count(this.left, `${roomID}/${userID}/${epoch}`);
  }

  get inside(): string[] {
    return [...this.joined.keys()].filter((one) => !this.left.has(one)).sort();
  }
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

async function act(store: RoomStore, one: Action, nowMs: number, ledger: Ledger, versions: number[]): Promise<void> {
  switch (one.do) {
    case 'create':
      await store.createRoom({ type, roomID: one.room, roomInfo: '', createdBy: 'a', nowMs });
      return;
    case 'add': {
      const streamID = `${one.room}_${one.user}_${one.stream}`;
      const input = memberInput(one.user, { streamID, pushUrlDigest: one.stream, maxMembers, nowMs });
      const result = await store.addMember(type, one.room, input);
      if (!('member' in result)) return;
      versions.push(result.room.version);
      expect(result.room.members.length).toBeLessThanOrEqual(maxMembers);
      if (result.previous) ledger.leave(one.room, one.user, result.previous.epoch);
      if (result.status !== 'refreshed') ledger.join(one.room, one.user, result.member.epoch);
      return;
    }
    case 'leave': {
      const input = { userID: one.user, creatorLeaveDissolves: one.dissolves };
      const result = await store.removeMember(type, one.room, input);
      if (result.status !== 'removed') return;
      versions.push(result.room.version);
      ledger.leave(one.room, one.user, result.member.epoch);
      if (result.ended) for (const { userID, epoch } of result.room.members) ledger.leave(one.room, userID, epoch);
      return;
    }
    case 'beat':
      await store.beat(type, one.room, one.user, nowMs);
      return;
    case 'destroy': {
      const gone = await store.removeRoom(type, one.room, (found) => found.members.length > 1);
      for (const { userID, epoch } of gone?.members ?? []) ledger.leave(one.room, userID, epoch);
      return;
    }
    case 'sweep': {
      const before = nowMs - 1;
      for (const { roomID, userID, epoch } of await store.expiredMembers(before)) {
        const input = { userID, creatorLeaveDissolves: false, onlyEpoch: epoch, onlyIfLastBeatBeforeMs: before };
        const result = await store.removeMember(type, roomID, input);
        if (result.status === 'removed') ledger.leave(roomID, userID, epoch);
      }
    }
  }
}

/** Chance orders of chance actions; what must hold after each group whatever happened. */
export function roomStorePropertySuite(kind: string, open: () => RoomStore | Promise<RoomStore>, runs: number): void {
  it(`${kind}: no seat too many, no ghost, one leave a join, counts as lists, whatever the order`, {
    timeout: patient(90_000),
  }, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (groups) => {
        const store = await open();
        try {
          const ledger = new Ledger();
          const versions: number[] = [];
          let nowMs = startMs;
          for (const group of groups) {
            nowMs++;
            await Promise.all(group.map((one) => act(store, one, nowMs, ledger, versions)));
            const rooms = (await Promise.all([store.findRoom('r'), store.findRoom('s')])).filter(
              (one) => one !== undefined,
            );
            const listed = await store.listRooms(type, 0, 10);
            expect(listed.map((one) => one.roomID).sort()).toEqual(
              rooms.filter((one) => one.active).map((one) => one.roomID),
            );
            const members = rooms.flatMap((one) => one.members.map((member) => ({ room: one, member })));
            expect(
              members.map(({ room: one, member }) => `${one.roomID}/${member.userID}/${member.epoch}`).sort(),
            ).toEqual(ledger.inside);
            expect(await store.count()).toEqual({ rooms: rooms.length, members: members.length });
            for (const one of rooms) {
              expect(one.members.length).toBeLessThanOrEqual(maxMembers);
              expect(one.active).toBe(one.members.length > 0);
            }
            for (const roomID of ['r', 's']) {
              for (const userID of ['a', 'b', 'c', 'd', 'e']) {
                for (const stream of ['1', '2']) {
                  const streamID = `${roomID}_${userID}_${stream}`;
                  const has = members.some(({ member }) => member.streamID === streamID);
                  expect(await store.isStreamInUse(streamID)).toBe(has);
                }
              }
            }
          }
          for (const times of [...ledger.joined.values(), ...ledger.left.values()]) expect(times).toBe(1);
          for (const key of ledger.left.keys()) expect(ledger.joined.has(key)).toBe(true);
          expect(new Set(versions).size).toBe(versions.length);
        } finally {
          await store.close();
        }
      }),
      { numRuns: runs },
    );
  });
}
