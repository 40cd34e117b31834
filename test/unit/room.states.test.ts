import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RtcError } from '#lib/errors';
import { type RoomState, type RoomStateCause, roomTransitions } from '#lib/room/RoomState';
import { rejection } from '../support/client/expectCode.js';
import { liveEvent } from '../support/client/fakeMedia.js';
import { loginOf, makeRoom, type RoomFixture, synthetic } from '../support/client/roomFixture.js';
import { refuse, ScriptedService } from '../support/client/ScriptedService.js';

let service: ScriptedService;
const open: RoomFixture[] = [];
const held: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  service = new ScriptedService();
});

afterEach(async () => {
  service.before = () => undefined;
  for (const release of held.splice(0)) release();
  for (const { room, media } of open.splice(0)) {
    media.before = () => undefined;
    const closing = room.close();
    await vi.advanceTimersByTimeAsync(6000);
    await closing;
  }
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const states: RoomState[] = ['loggedOut', 'idle', 'preparing', 'joining', 'inRoom', 'leaving', 'closed'];

/** A room in that state, held there until `release`. */
async function at(state: RoomState): Promise<RoomFixture & { release: () => void }> {
  const fixture = makeRoom(service);
  open.push(fixture);
  const { room, media } = fixture;
  let release = () => {};
  const hold = new Promise<void>((resolve) => {
    release = resolve;
    held.push(resolve);
  });
  const holdAt = (method: string) => {
    service.before = (one) => (one === method ? hold : undefined);
  };
  const done = { ...fixture, release };
  await room.startLocalPreview(synthetic);
  if (state === 'closed') await room.close();
  if (state === 'loggedOut' || state === 'closed') return done;
  await room.login(loginOf('ann'));
  if (state === 'preparing') holdAt('get_push_url');
  if (state === 'joining') holdAt('create_room');
  if (state !== 'idle') {
    const joining = room.createRoom({ roomID: 'r' }).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(0);
    if (state === 'inRoom' || state === 'leaving') await joining;
  }
  if (state === 'leaving') {
    holdAt('delete_pusher');
    void room.exitRoom();
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(room.state).toBe(state);
  expect(media.pushers).toHaveLength(1);
  return done;
}

/** The first table under that heading. */
const rows = (heading: string): string[][] => {
  const text = readFileSync(new URL('../../docs/rooms.md', import.meta.url), 'utf8');
  const part = text.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? '';
  const [table = ''] = /(^\|.*\n)+/m.exec(part) ?? [];
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('`', '').trim());
  const [head = '', , ...body] = table.trim().split('\n');
  return [cells(head), ...body.map(cells)];
};

describe('transitions', () => {
  test('stand in docs/rooms.md as they are', () => {
    const [, ...documented] = rows('States');
    expect(documented).toEqual(roomTransitions.map(({ from, to, causes }) => [from, to, causes.join(', ')]));
  });

  test('lead from every state to closed, and from closed nowhere', () => {
    const reach = (from: RoomState, seen = new Set<RoomState>()): Set<RoomState> => {
      for (const one of roomTransitions) if (one.from === from && !seen.has(one.to)) reach(one.to, seen.add(one.to));
      return seen;
    };
    for (const state of states) expect(reach(state).has('closed')).toBe(state !== 'closed');
    expect(reach('closed').size).toBe(0);
  });

  const last = ({ named }: RoomFixture) => named('state').map(([change]) => change);

  test.each<[RoomStateCause, RoomState, (fixture: RoomFixture & { release: () => void }) => void]>([
    ['exitRoom', 'preparing', ({ room }) => void room.exitRoom()],
    ['exitRoom', 'inRoom', ({ room }) => void room.leaveRoom()],
    ['logout', 'joining', ({ room }) => void room.logout()],
    ['logout', 'inRoom', ({ room }) => void room.logout()],
    ['close', 'inRoom', ({ room }) => void room.close()],
    ['kicked', 'preparing', () => service.hub.kick('ann')],
    ['kicked', 'inRoom', () => service.hub.kick('ann')],
    ['roomClosed', 'inRoom', () => service.hub.closeGroup('r')],
    [
      'pushLost',
      'joining',
      ({ media }) => void media.pushers[0]?.emit('event', liveEvent('PUSH_ERR_NET_DISCONNECT', -1307)),
    ],
    [
      'pushLost',
      'inRoom',
      ({ media }) => {
        media.before = (what) => {
          if (what === 'startPush') throw new RtcError('ERR_RTC_CONNECT_FAILED', 'away');
        };
        media.pushers[0]?.emit('event', liveEvent('PUSH_ERR_NET_DISCONNECT', -1307));
      },
    ],
    [
      'authLost',
      'inRoom',
      () => {
        service.before = (method) => {
          if (method === 'login') throw refuse(7, 'login');
        };
        service.tokens.clear();
        service.hub.refuse('ann');
      },
    ],
    [
      'seatLost',
      'inRoom',
      () => {
        const room = service.rooms.get('r');
        if (room) room.pushers = [service.pusher('bob'), service.pusher('cat')];
      },
    ],
    [
      'failed',
      'joining',
      ({ release }) => {
        service.before = () => {
          throw refuse(2, 'add_pusher');
        };
        release();
      },
    ],
  ])('%s out of %s is told as the cause', async (cause, from, work) => {
    const fixture = await at(from);
    fixture.events.length = 0;
    work(fixture);
    fixture.release();
    await vi.advanceTimersByTimeAsync(6000);
    expect(last(fixture)[0]).toEqual({ from, to: 'leaving', cause });
    const [now] = last(fixture).slice(-1) as { to: RoomState; cause: string }[];
    if (cause === 'kicked') expect(now).toMatchObject({ to: 'loggedOut', cause: 'kicked' });
    if (cause === 'logout') expect(now).toMatchObject({ to: 'loggedOut', cause: 'logout' });
    if (cause === 'close') expect(now).toMatchObject({ to: 'closed', cause: 'close' });
  });

  test('aborted is told as the cause', async () => {
    const fixture = makeRoom(service);
    open.push(fixture);
    await fixture.room.startLocalPreview(synthetic);
    await fixture.room.login(loginOf('ann'));
    const stop = new AbortController();
    service.before = (method) => {
      if (method === 'create_room') stop.abort();
    };
    await rejection(fixture.room.createRoom({ signal: stop.signal }));
    expect(last(fixture)).toEqual([
      { from: 'loggedOut', to: 'idle', cause: 'login' },
      { from: 'idle', to: 'preparing', cause: 'createRoom' },
      { from: 'preparing', to: 'joining', cause: 'pushBegin' },
      { from: 'joining', to: 'leaving', cause: 'aborted' },
      { from: 'leaving', to: 'idle', cause: 'left' },
    ]);
  });
});

describe('calls', () => {
  const calls: Record<string, (fixture: RoomFixture) => Promise<unknown>> = {
    login: ({ room }) => room.login(loginOf('ann')),
    getRoomList: ({ room }) => room.getRoomList(),
    createRoom: ({ room }) => room.createRoom({ roomID: 'other' }),
    enterRoom: ({ room }) => room.enterRoom({ roomID: 'other' }),
    sendRoomTextMsg: ({ room }) => room.sendRoomTextMsg('hi'),
    sendRoomCustomMsg: ({ room }) => room.sendRoomCustomMsg('c', 'm'),
    sendC2CCustomMsg: ({ room }) => room.sendC2CCustomMsg('zoe', 'c', 'm'),
    addRemoteView: ({ room }) => room.addRemoteView('zoe'),
    startLocalPreview: ({ room }) => room.startLocalPreview(synthetic),
    startScreenPreview: ({ room }) => room.startScreenPreview(),
    removeRemoteView: ({ room }) => room.removeRemoteView('zoe'),
    stopLocalPreview: ({ room }) => room.stopLocalPreview(),
    stopScreenPreview: ({ room }) => room.stopScreenPreview(),
    exitRoom: ({ room }) => room.exitRoom(),
    logout: ({ room }) => room.logout(),
    close: ({ room }) => room.close(),
  };
  const [head = [], ...documented] = rows('Calls');

  test('stand in docs/rooms.md, each with every state', () => {
    expect(head.slice(1)).toEqual(states);
    expect(documented.map(([call]) => call)).toEqual(Object.keys(calls));
  });

  test.each(documented.flatMap(([call = '', ...cells]) => cells.map((cell, at) => [call, head[at + 1] ?? '', cell])))(
    '%s in %s: %s',
    async (call, state, cell) => {
      const fixture = await at(state as RoomState);
      const before = service.log.length;
      const result = calls[call]?.(fixture).then(
        () => 'yes',
        (error: RtcError) => error.code,
      );
      if (cell.startsWith('ERR_')) {
        expect(await result).toBe(cell);
        expect(service.log.length).toBe(before);
        expect(fixture.room.state).toBe(state);
        return;
      }
      fixture.release();
      await vi.advanceTimersByTimeAsync(6000);
      expect(await result).not.toMatch(/ERR_RTC_(INVALID_STATE|CLOSED|INTERNAL)/);
    },
  );
});
