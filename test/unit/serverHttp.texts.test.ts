import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallCounts } from '#lib/server/http/CallCounts';
import { RoomTexts } from '#lib/server/http/RoomTexts';
import { StreamUrls } from '#lib/server/rooms/StreamUrls';
import type { RoomRecord } from '#lib/server/store/RoomStore';

const validityMs = 7000;
const bornMs = 1_000_000;

const room = (more: Partial<RoomRecord> = {}): RoomRecord => ({
  type: 'multi_room',
  roomID: 'r',
  roomInfo: 'room',
  creator: 'a',
  creatorStreamID: '1000_r_a',
  createdBy: 'a',
  createdAtMs: bornMs,
  active: true,
  version: 1,
  members: [
    {
      userID: 'a',
      userName: 'ä',
      userAvatar: '',
      streamID: '1000_r_a',
      epoch: 1,
      joinedAtMs: bornMs,
      lastBeatMs: bornMs,
    },
  ],
  audience: [],
  custom: {},
  ...more,
});

describe('the text of a room', () => {
  let nowMs: number;
  let texts: RoomTexts;
  beforeEach(() => {
    nowMs = bornMs;
    const media = { rtmpUrl: 'rtmp://m/live', httpUrl: 'http://m/live', pushKey: 'push', playKey: 'play' };
    const now = () => nowMs;
    texts = new RoomTexts(
      new StreamUrls({ media: media as never, store: undefined as never, bizid: '1000', validityMs, now }),
      now,
    );
  });

  const read = (one: RoomRecord) => JSON.parse(texts.text(one).toString()) as { roomInfo: string; pushers: object[] };
  const playUrl = () => (read(room()).pushers[0] as { accelerateURL: string }).accelerateURL;

  it('is made once for a version, and anew for the next one', () => {
    expect(texts.text(room())).toBe(texts.text(room()));
    expect(read(room())).toMatchObject({ code: 0, roomID: 'r', pushers: [{ userID: 'a', userName: 'ä' }] });
    expect(read(room({ version: 2, members: [] })).pushers).toEqual([]);
    const long = room({ version: 3, roomInfo: 'i'.repeat(20_000) });
    expect(texts.text(long)).not.toBe(texts.text(long));
  });

  it('is made anew when an address in it changes', () => {
    const first = playUrl();
    nowMs += (validityMs * 6) / 7 - 1;
    expect(playUrl()).toBe(first);
    nowMs += 1;
    expect(playUrl()).not.toBe(first);
  });

  it('of a live_room has its counters and listeners of now', () => {
    const live = room({ type: 'live_room' });
    expect(read(live)).toMatchObject({ custom: '{}', audienceCount: 0 });
    expect(read({ ...live, custom: { likes: 2 }, audience: ['x'] })).toMatchObject({
      custom: '{"likes":2}',
      audienceCount: 1,
    });
  });

  it('stands in a list as by itself', () => {
    const rooms = [room(), room({ roomID: 's', version: 3 })];
    const list = JSON.parse(texts.list(rooms).toString()) as { code: number; rooms: object[] };
    expect(list).toMatchObject({ code: 0, rooms: rooms.map(read) });
    expect(JSON.parse(texts.list([]).toString())).toMatchObject({ code: 0, rooms: [] });
  });
});

describe('counts of calls', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('let a caller come as often as it may in a window, and tell when the next one begins', () => {
    const counts = new CallCounts({ max: 2, windowMs: 60_000, remembered: 10 });
    expect([counts.count('a'), counts.count('a'), counts.count('b')]).toEqual([0, 0, 0]);
    vi.advanceTimersByTime(20_500);
    expect([counts.count('a'), counts.count('b'), counts.count('b')]).toEqual([40, 0, 40]);
    vi.advanceTimersByTime(39_499);
    expect(counts.count('a')).toBe(1);
    vi.advanceTimersByTime(1);
    expect([counts.count('a'), counts.count('a'), counts.count('a')]).toEqual([0, 0, 60]);
  });

  it('forget first who was silent for longest', () => {
    const counts = new CallCounts({ max: 1, windowMs: 60_000, remembered: 2 });
    for (const caller of ['a', 'b', 'a', 'c']) counts.count(caller);
    expect(counts.count('a')).toBeGreaterThan(0);
    expect(counts.count('b')).toBe(0);
  });
});
