import { describe, expect, it } from 'vitest';
import { present } from '#lib/cli/demo/present';
import { type DemoResult, judge } from '#lib/cli/demo/result';
import { StreamMeter } from '#lib/cli/demo/StreamMeter';

function direction(from: string, to: string): DemoResult['directions'][number] {
  return {
    from,
    to,
    clock: {
      frames: 300,
      unreadable: 0,
      lost: 0,
      duplicates: 0,
      reordered: 0,
      latency: { samples: 270, p50Ms: 8, p95Ms: 12, maxMs: 20 },
      firstFrameMs: 30,
      caughtUpMs: 0,
      avOffsetMs: 3,
      beeps: 10,
      maxGapMs: 34,
    },
    stream: { frames: 300, missing: 0, frameIntervalMs: 33, maxGapMs: 34, backward: 0 },
    firstFrameMs: 30,
    recording: { path: `/tmp/${from}.mp4`, expectedSeconds: 11, seconds: 11.05, codecs: ['h264', 'aac'] },
  };
}

function good(): DemoResult {
  const names = ['getPushURL', 'push', 'createRoom', 'addPusher', 'getURLs', 'push', 'addPusher', 'play'] as const;
  return {
    steps: names.map((name, index) => ({
      step: (index + 1) as 1,
      name,
      durationMs: 5,
      elapsedMs: 10,
      user: index < 4 || index === 7 ? 'A' : 'B',
    })),
    directions: [direction('A', 'B'), direction('B', 'A')],
    textsArrived: [
      { from: 'A', to: 'B', text: 'hello', ms: 2 },
      { from: 'B', to: 'A', text: 'hello', ms: 2 },
    ],
    roomGone: true,
    memberLeaveSeen: true,
    errors: [],
    folder: '/tmp',
  };
}

function failed(change: (result: DemoResult) => void): string[] {
  const result = good();
  change(result);
  const criteria = judge(result);
  // What did not hold is named to the reader as well.
  const shown = present(result, criteria);
  const names = criteria.filter(({ held }) => !held).map(({ name }) => name);
  for (const name of names) expect(shown).toContain(`✘ ${name}`);
  return names;
}

const first = (result: DemoResult) => result.directions[0] as DemoResult['directions'][number];

describe('the demo’s verdict', () => {
  it('is good when all held', () => {
    expect(failed(() => undefined)).toEqual([]);
  });

  it.each<[string, string, (result: DemoResult) => void]>([
    ['a slow path', 'latency A → B', (result) => Object.assign(first(result).clock?.latency ?? {}, { p95Ms: 30.1 })],
    [
      'no latency at all',
      'latency A → B',
      (result) => Object.assign(first(result).clock ?? {}, { latency: undefined }),
    ],
    [
      'sound off the picture',
      'A/V offset A → B',
      (result) => Object.assign(first(result).clock ?? {}, { avOffsetMs: -41 }),
    ],
    ['no beep', 'A/V offset A → B', (result) => Object.assign(first(result).clock ?? {}, { avOffsetMs: undefined })],
    ['a lost frame', 'no lost frame A → B', (result) => Object.assign(first(result).clock ?? {}, { lost: 1 })],
    ['no frame', 'no lost frame A → B', (result) => Object.assign(first(result).clock ?? {}, { frames: 0 })],
    [
      'a short recording',
      'recording of A',
      (result) => Object.assign(first(result).recording ?? {}, { seconds: 10.6 }),
    ],
    [
      'an unreadable one',
      'recording of A',
      (result) => Object.assign(first(result).recording ?? {}, { seconds: Number.NaN }),
    ],
    ['no recording', 'recording of A', (result) => Object.assign(first(result), { recording: undefined })],
    ['a text lost', 'text A → B', (result) => Object.assign(result.textsArrived[0] ?? {}, { ms: undefined })],
    ['a step not seen', 'all eight steps', (result) => result.steps.pop()],
    ['a room left over', 'the room is gone', (result) => Object.assign(result, { roomGone: false })],
    ['a leave unnoticed', 'leaving is noticed', (result) => Object.assign(result, { memberLeaveSeen: false })],
    ['an error event', 'no error', (result) => result.errors.push('A: ERR_RTC_TIMEOUT')],
  ])('names %s', (_, criterion, change) => {
    expect(failed(change)).toEqual([criterion]);
  });

  it('judges a clip by its timestamps', () => {
    const clip = (missing: number) => (result: DemoResult) => {
      Object.assign(first(result), { clock: undefined, stream: { ...first(result).stream, missing } });
    };
    expect(failed(clip(0))).toEqual([]);
    expect(failed(clip(1))).toEqual(['no gap A → B']);
  });
});

describe('StreamMeter', () => {
  it('counts missing and swapped pictures by their timestamps', () => {
    const meter = new StreamMeter();
    for (const timestampMs of [0, 33, 67, 100, 200, 233, 230]) meter.video({ timestampMs });
    expect(meter.report()).toMatchObject({ frames: 7, missing: 2, backward: 1, maxGapMs: 100 });
  });
});
