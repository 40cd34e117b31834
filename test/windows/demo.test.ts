import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Criterion, DemoResult } from '#lib/cli/demo/result';
import { rtcroom } from '../support/rtcroom.js';
import { standinFolder } from './support/standin.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtcroom-demo-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

/** What an emulated Windows on a busy machine misses: low latency, and pictures that it skips or that come late. */
const busy = ['latency', 'no gap', 'no lost frame'];

/** A recording that is there and longer or shorter than the call by less than that; on a machine that keeps time it is 0.3 s. */
const lengthToleranceSeconds = 1;

function hasNearlyItsLength({ detail }: Criterion): boolean {
  const [, found, expected] = /^([\d.]+) s, expected ([\d.]+) ±/.exec(detail) ?? [];
  return Math.abs(Number(found) - Number(expected)) < lengthToleranceSeconds;
}

function unmet(criteria: readonly Criterion[]): Criterion[] {
  const failed = criteria.filter(({ held }) => !held);
  const forgiven = failed.filter((one) => busy.some((start) => one.name.startsWith(start)) || hasNearlyItsLength(one));
  if (forgiven.length > 0) console.warn('forgiven, since wine is slow:', forgiven);
  return failed.filter((each) => !forgiven.includes(each));
}

describe('the command line in Windows Node', () => {
  async function doctor(...args: string[]) {
    const { code, stdout } = await rtcroom(['doctor', '--json', ...args]);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; status: string; found: string }[] };
    return { code, checks, found: (wanted: string) => checks.find(({ name }) => name === wanted) };
  }

  it('doctor finds everything but what comes with the machine', async () => {
    const { checks, found } = await doctor();
    expect(checks.filter(({ status }) => status === 'missing')).toEqual([]);
    expect(found('system')?.found).toContain('win32');
    expect(found('LiteAV SDK')?.status).toBe('note');
    expect(found('engine')?.found).toContain('embedded');
  });

  it('doctor tells which SDK it found and that it would be used', async () => {
    const folder = standinFolder('v2-r4');
    const { found } = await doctor('--sdk-path', folder);
    expect(found('LiteAV SDK')).toMatchObject({ status: 'ok', found: expect.stringContaining('13.4.2.1 (v2, R4)') });
    expect(found('LiteAV SDK')?.found.toLowerCase()).toContain(folder.toLowerCase());
    expect(found('engine')?.found).toContain('liteav');
  });

  it('doctor tells what is wrong with an SDK, and what the rest of the machine has', async () => {
    const { code, checks, found } = await doctor('--sdk-path', standinFolder('missing-sibling'));
    expect(code).toBe(3);
    expect(found('LiteAV SDK')?.found).toMatch(/ERR_RTC_SDK_DEPENDENCY_MISSING.*txffmpeg\.dll/s);
    expect(checks.filter(({ status }) => status === 'missing').map(({ name }) => name)).toEqual(['LiteAV SDK']);
  });

  it('demo holds a call between two people, with service and media server in Windows Node, and records it', async () => {
    const { code, stdout, stderr } = await rtcroom(['demo', '--json', '--seconds', '5', '--out', join(folder, 'out')]);
    const result = JSON.parse(stdout || '{}') as DemoResult & { ok: boolean; criteria: Criterion[] };
    expect({ stderr, unmet: unmet(result.criteria ?? []) }).toEqual({ stderr: '', unmet: [] });
    expect(code).toBe(result.ok ? 0 : 1);
    expect(result.directions.map(({ from, to }) => `${from}${to}`)).toEqual(['AB', 'BA']);
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(['A.mp4', 'B.mp4']);
    for (const { clock, recording } of result.directions) {
      expect(clock).toMatchObject({ unreadable: 0, reordered: 0 });
      // Against seconds of buffering, not a benchmark.
      expect(clock?.latency?.p50Ms).toBeLessThan(1000);
      // Half of what 30 a second for 5 s would be.
      expect(clock?.frames).toBeGreaterThan(75);
      expect(recording?.codecs).toEqual(['h264', 'aac']);
    }
  });
});
