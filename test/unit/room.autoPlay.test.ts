import { beforeEach, describe, expect, test, vi } from 'vitest';
import { RtcError } from '#lib/errors';
import type { RTCRoomOptions } from '#lib/room/RTCRoom';
import { type FakePlayer, liveEvent } from '../support/client/fakeMedia.js';
import type { RoomFixture } from '../support/client/roomFixture.js';
import { settle, useScriptedRooms } from '../support/client/scriptedRooms.js';

const rooms = useScriptedRooms();
/** ['start' | 'end', userID, index of the player]. */
let players: unknown[][];

beforeEach(() => {
  rooms.service.seats = 10;
  players = [];
});

async function inside(autoPlay: RTCRoomOptions['autoPlay'], ...others: string[]): Promise<RoomFixture> {
  const fixture = await rooms.ready('ann', { roomType: 'multi_room', autoPlay });
  const note = (what: string) => (player: unknown, member: { userID: string }) =>
    void players.push([what, member.userID, fixture.media.players.indexOf(player as FakePlayer)]);
  fixture.room.on('playerStart', note('start'));
  fixture.room.on('playerEnd', note('end'));
  rooms.service.open('r', ...others);
  await fixture.room.enterRoom({ roomID: 'r' });
  await settle();
  fixture.events.length = 0;
  return fixture;
}

const lose = (player: FakePlayer | undefined) => player?.emit('event', liveEvent('PLAY_ERR_NET_DISCONNECT', -2301));
const codes = (fixture: RoomFixture) =>
  fixture.named('error').map(([error, userID]) => [(error as RtcError).code, userID]);

describe('autoPlay', () => {
  test('is off unless it is asked for', async () => {
    const { media } = await inside(undefined, 'bob');
    expect(media.players).toEqual([]);
  });

  test('plays every other member from joining to leaving', async () => {
    const { media, room } = await inside(true, 'bob', 'cat');
    expect(players).toEqual([
      ['start', 'bob', 0],
      ['start', 'cat', 1],
    ]);
    expect(media.players.map(({ url }) => url)).toEqual(['rtmp://h/live/bob?k=1', 'rtmp://h/live/cat?k=1']);
    rooms.service.change('r', ({ pushers }) => {
      pushers.splice(0, 1);
      pushers.push(rooms.service.pusher('dan'));
    });
    await settle();
    expect(players.slice(2)).toEqual([
      ['end', 'bob', 0],
      ['start', 'dan', 2],
    ]);
    expect(media.players.map(({ closed }) => closed)).toEqual([true, false, false]);
    await room.exitRoom();
    expect(players.slice(4).sort()).toEqual([
      ['end', 'cat', 1],
      ['end', 'dan', 2],
    ]);
    expect(media.players.every(({ closed }) => closed)).toBe(true);
    expect(media.players).toHaveLength(3);
  });

  test('gives the player before it starts', async () => {
    const fixture = await rooms.ready('ann', { autoPlay: true });
    let urlThen: unknown = 'not called';
    fixture.room.on('playerStart', (player) => {
      urlThen = (player as unknown as FakePlayer).url;
    });
    rooms.service.open('r', 'bob');
    await fixture.room.enterRoom({ roomID: 'r' });
    await settle();
    expect(urlThen).toBeUndefined();
    expect(fixture.media.players[0]?.url).toBe('rtmp://h/live/bob?k=1');
  });

  test('gives each player its options', async () => {
    const { media } = await inside(
      { player: ({ userID }) => ({ engine: userID === 'bob' ? 'embedded' : 'auto' }) },
      'bob',
      'cat',
    );
    expect(media.players.map(({ options }) => options)).toEqual([{ engine: 'embedded' }, { engine: 'auto' }]);
  });

  test('plays the new stream of a member that came back with another one', async () => {
    const { media } = await inside(true, 'bob');
    rooms.service.change('r', ({ pushers }) => {
      pushers[0] = { ...rooms.service.pusher('bob'), accelerateURL: 'rtmp://h/live/bob2?k=1' };
    });
    await settle();
    expect(players).toEqual([
      ['start', 'bob', 0],
      ['end', 'bob', 0],
      ['start', 'bob', 1],
    ]);
    expect(media.players.map(({ url, closed }) => [url, closed])).toEqual([
      ['rtmp://h/live/bob?k=1', true],
      ['rtmp://h/live/bob2?k=1', false],
    ]);
  });

  test('plays a lost stream again, with the signature that the list has by then, and tells of it once', async () => {
    const fixture = await inside(true, 'bob');
    const { media } = fixture;
    lose(media.players[0]);
    media.before = (what) => {
      if (what === 'startPlay') throw new RtcError('ERR_RTC_STREAM_NOT_FOUND', 'nobody pushes');
    };
    await vi.advanceTimersByTimeAsync(30_000);
    expect(codes(fixture)).toEqual([['ERR_RTC_SERVER_DISCONNECTED', 'bob']]);
    const tries = media.players.length;
    expect(tries).toBeGreaterThan(4);
    expect(tries).toBeLessThan(12);
    rooms.service.change('r', ({ pushers }) => {
      if (pushers[0]) pushers[0].accelerateURL = 'rtmp://h/live/bob?k=2';
    });
    media.before = () => undefined;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(media.players.at(-1)).toMatchObject({ url: 'rtmp://h/live/bob?k=2', closed: false });
    expect(media.players.slice(0, -1).every(({ closed }) => closed)).toBe(true);
    expect(players.filter(([what]) => what === 'start')).toHaveLength(media.players.length);
    expect(players.filter(([what]) => what === 'end')).toHaveLength(media.players.length - 1);
    lose(media.players.at(-1));
    await settle();
    expect(codes(fixture)).toHaveLength(2);
  });

  test('tells once of a stream that does not begin, and gives up what trying does not help', async () => {
    const fixture = await rooms.ready('ann', { autoPlay: true });
    fixture.media.before = (what) => {
      if (what === 'startPlay') throw new RtcError('ERR_RTC_INVALID_URL', 'no stream address');
    };
    rooms.service.open('r', 'bob');
    await fixture.room.enterRoom({ roomID: 'r' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(codes(fixture)).toEqual([['ERR_RTC_INVALID_URL', 'bob']]);
    expect(fixture.media.players).toHaveLength(1);
  });

  test('leaves a member alone that the app took over, until it joins again', async () => {
    const { media, room } = await inside(true, 'bob', 'cat');
    await room.addRemoteView('bob');
    await room.removeRemoteView('cat');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(media.players.map(({ closed }) => closed)).toEqual([true, true, false]);
    rooms.service.change('r', ({ pushers }) => {
      pushers.splice(0, 2, rooms.service.pusher('bob'), rooms.service.pusher('cat'));
    });
    await settle();
    expect(media.players.map(({ closed }) => closed)).toEqual([true, true, true, false, false]);
  });

  test('a stream that is still starting ends with its member', async () => {
    const fixture = await rooms.ready('ann', { autoPlay: true, roomType: 'multi_room' });
    fixture.media.before = (what) => (what === 'startPlay' ? new Promise(() => undefined) : undefined);
    rooms.service.open('r', 'bob');
    await fixture.room.enterRoom({ roomID: 'r' });
    await settle();
    rooms.service.change('r', ({ pushers }) => void pushers.splice(0, 1));
    await settle();
    expect(fixture.media.players.map(({ closed }) => closed)).toEqual([true]);
    expect(codes(fixture)).toEqual([]);
  });

  test('the first play is the eighth step', async () => {
    const fixture = await rooms.ready('ann', { autoPlay: true });
    await fixture.room.createRoom({ roomID: 'r' });
    rooms.service.change('r', ({ pushers }) => void pushers.push(rooms.service.pusher('bob')));
    await settle();
    expect(fixture.named('step').map(([one]) => (one as { step: number }).step)).toEqual([1, 2, 3, 4, 8]);
  });

  test('a listener that throws does not keep the stream from playing', async () => {
    const fixture = await rooms.ready('ann', { autoPlay: true });
    const thrown: unknown[] = [];
    fixture.room.on('listenerError', (error) => void thrown.push(error));
    fixture.room.on('playerStart', () => {
      throw new Error('listener');
    });
    rooms.service.open('r', 'bob');
    await fixture.room.enterRoom({ roomID: 'r' });
    await settle();
    expect(thrown).toHaveLength(1);
    expect(fixture.media.players.map(({ url, closed }) => [url, closed])).toEqual([['rtmp://h/live/bob?k=1', false]]);
  });
});
