import { describe, expect, it } from 'vitest';
import { missedAims } from '../../scripts/docs/aims.mjs';
import { longRunFigures, networkSummary } from '../../scripts/docs/figures.mjs';
import { behindFfmpeg } from '../../scripts/docs/losses.mjs';

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

  it('are the aims that were never reached, too', () => {
    const qos = result([{ what: 'a stall of 1 s', way: 'ours', p95Ms: 700, untoldFreezes: 1 }] as never);
    expect(missedAims({ qos })).toEqual([
      'a stall of 1 s, back after: never, aimed for at most 5.0 s',
      'a stall of 1 s, untold freezes: 1, aimed for at most 0',
    ]);
  });
});

describe('the short tables', () => {
  it('say of each network whether its own aims are met', () => {
    const rows = [
      { what: '600 kbit/s', way: 'ours', p95Ms: 264, usedPercent: 88, freezeMs: 141, untoldFreezes: 0, backSeconds: 7 },
      { what: '600 kbit/s', way: 'ffmpeg tuned, our player', p95Ms: 5954, usedPercent: 100, freezeMs: 2469 },
      { what: '100 ms, 1 % loss', way: 'ours', p95Ms: 301, freezeMs: 204, untoldFreezes: 0 },
    ];
    expect(networkSummary(result(rows)).rows).toEqual([
      [
        '600 kbit/s',
        '264 / 5,954',
        '88 % / 100 %',
        '7.0 s / never',
        '141 / 2,469',
        'met: latency p95, link used, untold freezes',
      ],
      ['100 ms, 1 % loss', '301', '', '', '204', 'not met: latency p95'],
    ]);
  });

  it('say whether the kills and the soak went well', () => {
    const last = (bad: number, grew: number) => {
      const kills = result([{ what: 'kill', way: 'ours', kills: 100, bad, lostSeconds: 0.2 }] as never);
      const soak = result([
        { what: 'calls', way: 'ours', grew, wrong: 0 },
        { what: 'anonymous memory, KB', way: '', slope: -3.2 },
      ] as never);
      expect(missedAims({ kills, soak })).toHaveLength((bad > 0 ? 1 : 0) + grew);
      return longRunFigures({ kills, soak }).rows.map((cells) => cells.slice(2));
    };
    expect(last(0, 0)).toEqual([
      ['100 of 100, 0.20 s', 'met'],
      ['memory −3.2 KB a minute, nothing grew, nothing wrong', 'met'],
    ]);
    expect(last(2, 1)).toEqual([
      ['98 of 100, 0.20 s', 'not met: kills with a file that is not playable'],
      ['memory −3.2 KB a minute, 1 grew, nothing wrong', 'not met: quantities that grew'],
    ]);
  });
});
