import { describe, expect, it } from 'vitest';
import { behindFfmpeg, missedAims } from '../../scripts/docs/losses.mjs';

const result = (rows: { what: string; way: string }[]) => ({
  date: '2026-11-24T10:00:00.000Z',
  options: { runs: 1 },
  machine: { cpu: 'x', cores: 2, node: 'v20' },
  rows,
});

describe('the places where we lose', () => {
  it('are those where ffmpeg tuned is ahead by more than the noise', () => {
    const told = behindFfmpeg([
      { what: 'push', way: 'ours', cpuPercent: 12, memoryMb: 20 },
      { what: 'push', way: 'ours, in a process', cpuPercent: 40 },
      { what: 'push', way: 'ffmpeg tuned', cpuPercent: 10, memoryMb: 30 },
      { what: 'play', way: 'ours', cpuPercent: 10.4 },
      { what: 'play', way: 'ffmpeg tuned', cpuPercent: 10 },
      { what: 'play', way: 'ffmpeg default', cpuPercent: 1 },
      { what: 'link', way: 'ours', usedPercent: 83 },
      { what: 'link', way: 'ffmpeg tuned, our player', usedPercent: 100, backSeconds: 2 },
    ]);
    expect(told).toEqual([
      'push, CPU: ours 12 %, ffmpeg tuned 10 %',
      'link, link used: ours 83 %, ffmpeg tuned 100 %',
      'link, back after: ours never, ffmpeg tuned 2.0 s',
    ]);
  });

  it('do not compare what it takes to leave pictures out', () => {
    const told = behindFfmpeg([
      { what: '20', way: 'ours', cpuPercent: 9, shownPercent: 100 },
      { what: '20', way: 'ffmpeg tuned', cpuPercent: 5, shownPercent: 50 },
      { what: '30', way: 'ours', failed: 'the server is gone' },
      { what: '30', way: 'ffmpeg tuned', shownPercent: 50 },
    ]);
    expect(told).toEqual(["30: ours did not run (the server is gone), ffmpeg's did"]);
  });

  it('are the aims that were missed', () => {
    const latency = result([
      { what: '360p30', way: 'ours', p95Ms: 20 },
      { what: '720p30', way: 'ours', p95Ms: 10.4 },
      { what: '720p30', way: 'ffmpeg tuned', p95Ms: 98 },
    ] as never);
    const streams = result([
      { what: '10 × 360p30', way: 'ours', shownPercent: 99.5 },
      { what: '20 × 720p30', way: 'ours', shownPercent: 40 },
    ] as never);
    expect(missedAims({ latency, streams })).toEqual([
      '720p30, latency p95: 10.4 ms, aimed for at most 10.0 ms',
      '20 × 720p30, pictures shown: 40 %, aimed for at least 99 %',
    ]);
  });
});
