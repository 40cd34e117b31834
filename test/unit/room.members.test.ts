import { describe, expect, test, vi } from 'vitest';
import { RtcError } from '#lib/errors';
import { diffMembers } from '#lib/room/members';
import { errorCodes, settle, users, useScriptedRooms } from '../support/client/scriptedRooms.js';

const rooms = useScriptedRooms();
const unreachable = () => new RtcError('ERR_RTC_SERVICE_UNREACHABLE', 'away');

describe('member list', () => {
  test('joins and leaves are told after each notice, leaves first, then the list', async () => {
    const ann = await rooms.inside('ann', 'bob');
    rooms.service.change('r', (room) => {
      room.pushers = room.pushers.filter((one) => one.userID !== 'bob');
      room.pushers.push(rooms.service.pusher('cat'), rooms.service.pusher('dan'));
    });
    await settle();
    expect(ann.events.map(([name, one]) => [name, (one as { userID?: string }).userID])).toEqual([
      ['memberLeave', 'bob'],
      ['memberJoin', 'cat'],
      ['memberJoin', 'dan'],
      ['membersUpdate', undefined],
    ]);
    expect(ann.room.members.map((one) => one.userID)).toEqual(['cat', 'dan']);
  });

  test('a member that left and came back between two readings is told as both, and its view ends', async () => {
    const ann = await rooms.inside('ann', 'bob');
    await ann.room.addRemoteView('bob');
    rooms.service.change('r', (room) => {
      for (const one of room.pushers) if (one.userID === 'bob') one.epoch = rooms.service.newEpoch();
    });
    await settle();
    expect(users(ann, 'memberLeave')).toEqual(['bob']);
    expect(users(ann, 'memberJoin')).toEqual(['bob']);
    expect(ann.media.players[0]?.closed).toBe(true);
  });

  test('a changed stream is a new stay, a changed signature or name is not', () => {
    const pusher = {
      userID: 'bob',
      userName: 'B',
      userAvatar: '',
      accelerateURL: 'rtmp://h/live/1?k=1',
      epoch: undefined,
    };
    const { members } = diffMembers(new Map(), [pusher], 'ann');
    const renewed = diffMembers(members, [{ ...pusher, userName: 'C', accelerateURL: 'rtmp://h/live/1?k=2' }], 'ann');
    expect([renewed.left, renewed.joined]).toEqual([[], []]);
    expect(renewed.members.get('bob')).toMatchObject({ userName: 'C', accelerateURL: 'rtmp://h/live/1?k=2' });
    const other = diffMembers(members, [{ ...pusher, accelerateURL: 'rtmp://h/live/2?k=1' }], 'ann');
    expect([other.left.length, other.joined.length]).toEqual([1, 1]);
    expect(diffMembers(members, [{ ...pusher, userID: 'ann' }], 'ann').members.size).toBe(0);
  });

  test('readings never overlap: notices during one cause one more, which counts', async () => {
    const ann = await rooms.inside('ann');
    let running = 0;
    let most = 0;
    const releases: (() => void)[] = [];
    rooms.service.after = async (method) => {
      if (method !== 'get_pushers') return;
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => releases.push(resolve));
      running -= 1;
    };
    for (let version = 100; version < 110; version++) rooms.service.hub.notify('r', version);
    await settle();
    rooms.service.change('r', (room) => room.pushers.push(rooms.service.pusher('bob')));
    releases[0]?.();
    await settle();
    releases[1]?.();
    await settle();
    expect(releases).toHaveLength(2);
    expect(most).toBe(1);
    expect(users(ann, 'memberJoin')).toEqual(['bob']);
  });

  test('notices that overtake each other during a reading lose nothing', async () => {
    const ann = await rooms.inside('ann');
    let release = () => {};
    rooms.service.after = (method) => {
      if (method !== 'get_pushers') return;
      rooms.service.after = () => undefined;
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    };
    rooms.service.change('r', (room) => room.pushers.push(rooms.service.pusher('bob')));
    await settle();
    const room = rooms.service.rooms.get('r');
    const read = room?.version ?? 0;
    room?.pushers.push(rooms.service.pusher('cat'));
    if (room) room.version += 1;
    rooms.service.hub.notify('r', read + 1);
    rooms.service.hub.notify('r', read);
    release();
    await settle();
    expect(users(ann, 'memberJoin')).toEqual(['bob', 'cat']);
  });

  test('a notice of the version that was read, or of another room, asks nothing', async () => {
    await rooms.inside('ann');
    rooms.service.hub.notify('r', rooms.service.rooms.get('r')?.version);
    rooms.service.hub.groups.set('other', new Set(['ann']));
    rooms.service.hub.notify('other', 77);
    await settle();
    expect(rooms.service.countOf('ann', 'get_pushers')).toBe(0);
    rooms.service.hub.notify('r', undefined);
    await settle();
    expect(rooms.service.countOf('ann', 'get_pushers')).toBe(1);
  });

  test('a channel that was cut and is back makes it read again', async () => {
    const ann = await rooms.inside('ann');
    rooms.service.rooms.get('r')?.pushers.push(rooms.service.pusher('bob'));
    rooms.service.hub.resync('ann');
    await settle();
    expect(users(ann, 'memberJoin')).toEqual(['bob']);
  });

  test('a reading that failed is made up for at the next beat', async () => {
    const ann = await rooms.inside('ann');
    rooms.service.before = (method) => {
      if (method === 'get_pushers') throw unreachable();
    };
    rooms.service.change('r', (room) => room.pushers.push(rooms.service.pusher('bob')));
    await settle();
    expect(ann.room.members).toEqual([]);
    rooms.service.before = () => undefined;
    await vi.advanceTimersByTimeAsync(5000);
    expect(users(ann, 'memberJoin')).toEqual(['bob']);
    expect(errorCodes(ann)).toEqual([]);
  });
});
