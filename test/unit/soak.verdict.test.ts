import { describe, expect, it } from 'vitest';
import { judge, resultRows, verdictTable } from '../soak/verdict.mjs';

const rounds = 30;

/** Three samples a round, the middle one as said, the others far off. */
function samples(of: (round: number) => { anonymousKb?: number; descriptors?: number }, count = rounds) {
  const steady = { anonymousKb: 50_000, rssKb: 130_000, heapKb: 6000, handles: 5, threads: 30, descriptors: 35 };
  return Array.from({ length: count * 3 }, (_, index) => {
    const round = Math.floor(index / 3);
    const sample = { round, minute: index / 3, ...steady, ...of(round) };
    const farOff = [-9000, 0, 9000][index % 3] as number;
    return { ...sample, anonymousKb: sample.anonymousKb + farOff };
  });
}

const failed = (rows: ReturnType<typeof judge>) => rows.filter(({ held }) => !held).map(({ name }) => name);
/** The same for every run, without a trend. */
const wander = (round: number) => ((round * 7919) % 13) * 200;

describe('the soak’s verdict', () => {
  it('is good where nothing has a slope, whatever a single sample says', () => {
    const rows = judge(
      samples((round) => ({ anonymousKb: 50_000 + wander(round) })),
      6,
    );
    expect(failed(rows)).toEqual([]);
    const memory = rows.find(({ name }) => name === 'anonymousKb');
    expect(memory?.low).toBeLessThan(0);
    expect(memory?.high).toBeGreaterThan(0);
  });

  it('sees a leak that is smaller than the wander', () => {
    const rows = judge(
      samples((round) => ({ anonymousKb: 50_000 + wander(round) + 150 * round })),
      6,
    );
    expect(failed(rows)).toEqual(['anonymousKb']);
    expect(verdictTable(rows)).toContain('GROWS');
  });

  it('forgives what only the warm-up grew, and what became less', () => {
    expect(
      failed(
        judge(
          samples((round) => ({ anonymousKb: 1000 * Math.min(round, 6) })),
          6,
        ),
      ),
    ).toEqual([]);
    expect(
      failed(
        judge(
          samples((round) => ({ descriptors: 60 - round })),
          6,
        ),
      ),
    ).toEqual([]);
  });

  it('sees one file descriptor more in the second half, and one now and then', () => {
    expect(
      failed(
        judge(
          samples((round) => ({ descriptors: round < 20 ? 35 : 36 })),
          6,
        ),
      ),
    ).toEqual(['descriptors']);
    expect(
      failed(
        judge(
          samples((round) => ({ descriptors: 35 + Math.floor(round / 8) })),
          6,
        ),
      ),
    ).toEqual(['descriptors']);
  });

  it('leaves out the rounds in which the machine was busy', () => {
    const away = samples((round) => ({ descriptors: round > 25 ? 39 : 35 }));
    expect(failed(judge(away, 6, [26, 27, 28, 29]))).toEqual([]);
    expect(failed(judge(away, 6))).toEqual(['descriptors']);
  });

  it('is bad where there are too few points for an interval', () => {
    const still = () => ({});
    const few = judge(samples(still, 11), 6);
    expect(failed(few)).toHaveLength(5);
    expect(verdictTable(few)).toContain('UNKNOWN');
    expect(failed(judge(samples(still, 12), 6))).toEqual([]);
  });

  it('is told in the result file as what happened and then each quantity', () => {
    const verdict = judge(
      samples((round) => ({ descriptors: 35 + Math.floor(round / 8) })),
      6,
    );
    const run = { what: 'calls', problems: ['one died'], busyRounds: [3], facts: ['10 cuts'] };
    const [calls, memory, ...rest] = resultRows(verdict, run);
    const told = { grew: 1, wrong: 1, busyRounds: 1, facts: ['10 cuts'], problems: ['one died'] };
    expect(calls).toEqual({ what: 'calls', way: 'ours', ...told });
    expect(memory).toMatchObject({ what: 'anonymous memory, KB', way: '', first: 50_000, held: true });
    expect(rest).toHaveLength(4);
  });
});
