import { describe, expect, it } from 'vitest';
import { CallMeter } from '#lib/measure/CallMeter';
import { drawClock } from '#lib/measure/clock';
import { median, percentile, theilSenInterval, theilSenSlope } from '#lib/measure/statistics';

const startUs = 1_700_000_000_000_000;

function picture(counter: number, options: { timestampMs?: number; clockUs?: number } = {}) {
  const clockUs = options.clockUs ?? startUs + Math.round((counter * 1e6) / 30);
  const data = new Uint8Array((64 * 64 * 3) / 2);
  drawClock({ width: 64, height: 64, data }, { clockUs, counter });
  return {
    width: 64,
    height: 64,
    data,
    clockUs,
    timestampMs: options.timestampMs ?? Math.round((counter * 1000) / 30),
  };
}

function beep(atMs: number) {
  const data = new Int16Array(48 * 100);
  for (let index = 480; index < data.length && index < 480 + 60 * 48; index++) {
    data[index] = Math.round(16384 * Math.sin((2 * Math.PI * (index - 480)) / 48));
  }
  return { sampleRate: 48000, channels: 1, samples: data.length, timestampMs: atMs - 10, data };
}

describe('CallMeter', () => {
  it('gives latency from the clock, leaving out the time to settle', () => {
    const meter = new CallMeter({ startedAtUs: startUs - 40_000 });
    for (let counter = 0; counter < 90; counter++) {
      const frame = picture(counter);
      // The first second is a backlog: all of it comes at once.
      const arrival = counter < 30 ? startUs + 1e6 : frame.clockUs + 5000 + (counter === 89 ? 20_000 : 0);
      meter.video(frame, arrival);
    }
    const report = meter.report();
    expect(report.latency?.samples).toBe(30);
    expect(report.latency?.p50Ms).toBeCloseTo(5, 1);
    expect(report.latency?.p95Ms).toBeCloseTo(5, 1);
    expect(report.latency?.maxMs).toBeCloseTo(25, 1);
    expect(report.firstFrameMs).toBe(1040);
    expect(report).toMatchObject({ frames: 90, lost: 0, duplicates: 0, reordered: 0, unreadable: 0 });
  });

  it('counts lost, repeated, swapped and unreadable pictures', () => {
    const meter = new CallMeter();
    for (const counter of [1, 2, 4, 3, 4, 8]) meter.video(picture(counter), startUs + 1e6);
    const blank = { width: 64, height: 64, data: new Uint8Array(64 * 96), timestampMs: 300 };
    meter.video(blank, startUs + 1e6);
    expect(meter.report()).toMatchObject({ frames: 7, lost: 3, duplicates: 1, reordered: 1, unreadable: 1 });
  });

  it('does not take a picture from the future for a fast one', () => {
    const meter = new CallMeter({ settleMs: 0 });
    const frame = picture(1);
    meter.video(frame, frame.clockUs - 5000);
    expect(meter.report()).toMatchObject({ frames: 1, unreadable: 1, latency: undefined });
  });

  it('goes on counting where the frame counter wraps', () => {
    const meter = new CallMeter();
    for (const counter of [2 ** 28 - 2, 2 ** 28 - 1, 0, 1])
      meter.video(picture(counter, { clockUs: startUs }), startUs);
    expect(meter.report()).toMatchObject({ lost: 0, reordered: 0 });
  });

  it.each([-30, 0, 25])('tells a sound that is %i ms off the picture', (offsetMs) => {
    const meter = new CallMeter();
    // The stream's time base is 123 ms ahead of the clock's seconds.
    for (let counter = 0; counter < 60; counter++) {
      const frame = picture(counter);
      meter.video({ ...frame, timestampMs: Math.round((frame.clockUs - startUs) / 1000) + 123 }, frame.clockUs);
    }
    meter.audio(beep(1123 + offsetMs));
    const report = meter.report();
    expect(report.beeps).toBe(1);
    expect(Math.abs((report.avOffsetMs ?? Number.NaN) - offsetMs)).toBeLessThanOrEqual(1.5);
  });

  it('has no figures where nothing was decoded', () => {
    expect(new CallMeter({ startedAtUs: 1 }).report()).toMatchObject({
      frames: 0,
      latency: undefined,
      firstFrameMs: undefined,
      avOffsetMs: undefined,
    });
  });
});

describe('statistics', () => {
  it('take the nearest rank, the middle and the robust slope', () => {
    expect(percentile([5, 1, 3, 2, 4], 50)).toBe(3);
    expect(percentile([5, 1, 3, 2, 4], 95)).toBe(5);
    expect(percentile([], 50)).toBeUndefined();
    expect(median([4, 1, 3, 2])).toBe(2.5);
    const line = Array.from({ length: 20 }, (_, x) => ({ x, y: 3 * x + (x === 7 ? 1000 : 0) }));
    expect(theilSenSlope(line)).toBe(3);
    expect(theilSenSlope([{ x: 1, y: 1 }])).toBe(0);
  });

  it('bound the slope as the example of Sen (1968) does', () => {
    // 21 pairs; S has the variance 7 · 6 · 19 / 18 = 44.3; at 93 % (z = 1.812) the 4th slope from either end.
    const points = [1, 2, 3, 4, 10, 12, 18].map((x, index) => ({ x, y: [9, 15, 19, 20, 45, 55, 78][index] as number }));
    const { slope, low, high } = theilSenInterval(points, 1.812);
    expect(slope).toBe(4);
    expect(low).toBeCloseTo(26 / 7, 10); // from (3, 19) to (10, 45)
    expect(high).toBeCloseTo(35 / 8, 10); // from (4, 20) to (12, 55)
    const wider = theilSenInterval(points);
    expect(wider.low).toBeCloseTo(11 / 3, 10); // the 3rd: (21 - 1.96 · 6.66) / 2 = 3.97
    expect(wider.high).toBe(5);
  });

  it('count ties: a value that changes once in eight has no slope', () => {
    // Seven equal values take 7 · 6 · 19 from the variance's 8 · 7 · 21: (28 - 1.96 · √21) / 2 = 9.5, of 21 slopes of 0
    // and 7 above. Without the ties it would be the 6th, and the upper bound 1 / 6.
    const points = [3, 3, 3, 3, 3, 3, 3, 4].map((y, x) => ({ x, y }));
    expect(theilSenInterval(points)).toEqual({ slope: 0, low: 0, high: 0 });
    expect(theilSenInterval(points.map(({ x }) => ({ x, y: 7 })))).toEqual({ slope: 0, low: 0, high: 0 });
  });

  it('do not bound the slope of less than six points at 95 %', () => {
    const rising = (count: number) => Array.from({ length: count }, (_, x) => ({ x, y: x }));
    expect(theilSenInterval(rising(5))).toEqual({
      slope: 1,
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
    });
    expect(theilSenInterval(rising(6))).toEqual({ slope: 1, low: 1, high: 1 });
    expect(theilSenInterval([])).toMatchObject({ slope: 0 });
  });
});
