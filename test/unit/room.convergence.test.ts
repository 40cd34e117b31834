import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PusherInfo } from '#lib/api/answers';
import { RtcError } from '#lib/errors';
import type { FakePlayer } from '../support/client/fakeMedia.js';
import { readyRoom } from '../support/client/roomFixture.js';
import { ScriptedService } from '../support/client/ScriptedService.js';

const others = ['bob', 'cat', 'dan'] as const;
type Other = (typeof others)[number];

/** How a notice travels: after that many ms, twice, or not at all, which the channel notices later. */
const notice = fc.record({ delayMs: fc.nat({ max: 4000 }), times: fc.constantFrom(0, 1, 1, 1, 2) });
const who = fc.constantFrom(...others);
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('join' as const), who, notice }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('leave' as const), who, notice }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('comeBack' as const), who, notice, restreams: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resign' as const), who, notice }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('loseOwnSeat' as const), notice }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('away' as const), ms: fc.nat({ max: 8000 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('restart' as const),
      keepsState: fc.boolean(),
      // When each one's client takes its seat again; undefined: it does not.
      backAfterMs: fc.tuple(...others.map(() => fc.option(fc.nat({ max: 12_000 }), { nil: undefined, freq: 4 }))),
      hearsOfIt: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat({ max: 6000 }) }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the member list, its events and the players converge, whatever comes late, twice, out of order or not at all', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 1, maxLength: 25 }),
      fc.array(fc.nat({ max: 3000 }), { minLength: 1, maxLength: 10 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      walk,
    ),
    { numRuns: 100 },
  );
}, 120_000);

async function walk(
  happenings: Happening[],
  delaysMs: number[],
  failures: boolean[],
  annIsCreator: boolean,
): Promise<void> {
  // A run that failed may have left some.
  vi.clearAllTimers();
  const service = new ScriptedService();
  service.seats = 10;
  const ann = await readyRoom(service, 'ann', { roomType: 'multi_room', autoPlay: true });
  const playing = new Map<string, FakePlayer>();
  const played: string[] = [];
  const playedEpochs = new Map<string, number | undefined>();
  ann.room.on('playerStart', (player, { userID, epoch }) => {
    playedEpochs.set(userID, epoch);
    expect(playing.has(userID)).toBe(false);
    playing.set(userID, player as unknown as FakePlayer);
    played.push(userID);
  });
  ann.room.on('playerEnd', (player, { userID }) => {
    expect(playing.get(userID)).toBe(player);
    playing.delete(userID);
  });
  const losesSeats = happenings.some((one) => one.kind === 'restart' && !one.keepsState);
  const thrown: unknown[] = [];
  ann.room.on('listenerError', (error) => void thrown.push(error));
  /** Endings of each one's stays, as the service knows them. */
  const endings = new Map<string, number>();
  const ended = (userID: string) => endings.set(userID, (endings.get(userID) ?? 0) + 1);
  if (annIsCreator) await ann.room.createRoom({ roomID: 'r' });
  else {
    service.open('r', 'bob');
    await ann.room.enterRoom({ roomID: 'r' });
  }
  await vi.advanceTimersByTimeAsync(0);

  let answers = 0;
  let isFaulty = true;
  let isAway = false;
  service.before = (method) => {
    if (isAway) throw new RtcError('ERR_RTC_SERVICE_UNREACHABLE', 'away');
    if (isFaulty && method === 'get_pushers' && failures[answers % failures.length]) {
      answers += 1;
      throw new RtcError('ERR_RTC_TIMEOUT', 'lost');
    }
  };
  // The service has looked, its answer is on its way.
  service.after = async (method) => {
    if (!isFaulty || method !== 'get_pushers') return;
    const delayMs = delaysMs[answers++ % delaysMs.length] ?? 0;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  };

  let version = 100;
  const room = () => service.rooms.get('r');
  const find = (userID: Other) => room()?.pushers.find((one) => one.userID === userID);
  const sync = () => {
    const now = room();
    if (now) service.hub.groups.set('r', new Set(now.pushers.map((one) => one.userID)));
  };
  const change = ({ delayMs, times }: { delayMs: number; times: number }, work: (pushers: PusherInfo[]) => void) => {
    const now = room();
    if (!now) return;
    work(now.pushers);
    // The script counts as well, for what ann does; a version is never used twice.
    version = Math.max(version, now.version) + 1;
    now.version = version;
    const told = now.version;
    sync();
    if (times === 0) setTimeout(() => service.hub.resync('ann'), delayMs + 500);
    for (let count = 0; count < times; count++) {
      // Not all of one moment come in order.
      setTimeout(() => service.hub.groups.has('r') && service.hub.notify('r', told), delayMs + count * 700);
    }
  };
  const drop = (pushers: PusherInfo[], userID: string) => {
    const at = pushers.findIndex((one) => one.userID === userID);
    if (at >= 0) pushers.splice(at, 1);
    return at >= 0;
  };

  for (const one of happenings) {
    switch (one.kind) {
      case 'join':
        if (!find(one.who)) change(one.notice, (pushers) => void pushers.push(service.pusher(one.who)));
        break;
      case 'leave':
        if (find(one.who)) {
          ended(one.who);
          change(one.notice, (pushers) => void drop(pushers, one.who));
        }
        break;
      case 'comeBack': {
        const stay = find(one.who);
        if (!stay) break;
        ended(one.who);
        change(one.notice, () => {
          stay.epoch = service.newEpoch();
          if (one.restreams) stay.accelerateURL = `rtmp://h/live/${one.who}-${stay.epoch}?k=1`;
        });
        break;
      }
      case 'resign': {
        const stay = find(one.who);
        if (stay) {
          change(one.notice, () => {
            stay.accelerateURL = stay.accelerateURL.replace(/\?.*/, `?k=${++version}`);
          });
        }
        break;
      }
      case 'loseOwnSeat':
        change(one.notice, (pushers) => void drop(pushers, 'ann'));
        break;
      case 'away':
        isAway = true;
        await vi.advanceTimersByTimeAsync(one.ms);
        isAway = false;
        break;
      case 'restart': {
        if (one.keepsState) {
          setTimeout(() => service.hub.resync('ann'), 300);
          break;
        }
        const lost = room();
        if (!lost) break;
        version = Math.max(version, lost.version);
        service.tokens.clear();
        service.rooms.delete('r');
        service.hub.groups.delete('r');
        others.forEach((userID, at) => {
          const before = lost.pushers.find((pusher) => pusher.userID === userID);
          if (!before) return;
          const afterMs = one.backAfterMs[at];
          if (afterMs === undefined) {
            ended(userID);
            return;
          }
          const takeSeat = () => {
            if (!room()) {
              // As ann: the creator makes the room again, the others wait for it.
              if (lost.creator !== userID) {
                setTimeout(takeSeat, 1000);
                return;
              }
              service.rooms.set('r', { roomInfo: '', creator: userID, version: ++version, pushers: [] });
            }
            if (find(userID)) return;
            change({ delayMs: 0, times: 1 }, (pushers) => void pushers.push({ ...before, epoch: service.newEpoch() }));
          };
          setTimeout(takeSeat, afterMs);
        });
        if (one.hearsOfIt) service.hub.refuse('ann');
        // A second restart before all are back would be another story: who is late would have left.
        await vi.advanceTimersByTimeAsync(24_000);
        break;
      }
      case 'pass':
        await vi.advanceTimersByTimeAsync(one.ms);
        break;
    }
  }

  isFaulty = false;
  await vi.advanceTimersByTimeAsync(60_000);

  expect(ann.room.state).toBe('inRoom');
  const there = (room()?.pushers ?? []).map((one) => one.userID);
  expect(there).toContain('ann');
  const expected = there.filter((userID) => userID !== 'ann').sort();
  expect(ann.room.members.map((one) => one.userID).sort()).toEqual(expected);
  for (const member of ann.room.members) {
    expect(member).toEqual(room()?.pushers.find((one) => one.userID === member.userID));
  }
  for (const userID of others) {
    const told = ann.events.filter(
      ([name, one]) =>
        (name === 'memberJoin' || name === 'memberLeave') && (one as { userID: string }).userID === userID,
    );
    const pattern = told.map((_one, at) => (at % 2 === 0 ? 'memberJoin' : 'memberLeave'));
    expect(told.map(([name]) => name)).toEqual(pattern);
    expect(told.length % 2 === 1).toBe(expected.includes(userID));
    // Nobody is said to have left more often than it did.
    const leaves = told.filter(([name]) => name === 'memberLeave').length;
    expect(leaves).toBeLessThanOrEqual(endings.get(userID) ?? 0);
    // A stay that is over in the same moment need not be played.
    expect(played.filter((one) => one === userID).length).toBeLessThanOrEqual(Math.ceil(told.length / 2));
  }
  expect([...playing.keys()].sort()).toEqual(expected);
  for (const [userID, player] of playing) {
    const { accelerateURL = '', epoch } = find(userID as Other) ?? {};
    expect(player.url?.replace(/\?.*/, '')).toBe(accelerateURL.replace(/\?.*/, ''));
    // Only a service that lost all seats gives new ones to who never left.
    if (!losesSeats) expect(playedEpochs.get(userID)).toBe(epoch);
    expect(player.closed).toBe(false);
  }

  await ann.room.close();
  expect(thrown).toEqual([]);
  expect(playing.size).toBe(0);
  expect(ann.media.isQuiet).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
}
