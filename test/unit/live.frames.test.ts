import { describe, expect, it } from 'vitest';
import { runChild } from '../support/live/child.js';
import { useClockStream } from '../support/live/clockStream.js';
import { framesSuite } from '../support/live/framesSuite.js';

framesSuite('embedded');

describe('the memory of frames', () => {
  const stream = useClockStream('embedded', 'memory');

  async function frameChild(treatment: string, env: Record<string, string> = {}) {
    const result = await runChild('frameScenario.mjs', {
      args: [treatment, stream.url],
      nodeArgs: ['--expose-gc'],
      env,
    });
    expect({ code: result.code, signal: result.signal, stderr: result.stderr }).toEqual({
      code: 0,
      signal: null,
      stderr: '',
    });
    return JSON.parse(result.stdout.split('ready\n')[1] ?? '') as {
      seen: number;
      sum: number;
      held: number;
      left: number;
    };
  }

  it('go back to the pool when they are closed', async () => {
    const result = await frameChild('close');
    expect(result.held).toBeGreaterThanOrEqual(10);
    expect(result.left).toBe(0);
  });

  it('go back to the pool when they are forgotten and collected', async () => {
    const result = await frameChild('forget');
    expect(result.seen).toBeGreaterThanOrEqual(10);
    expect(result.left).toBe(0);
  });

  it('may be held until the process ends', async () => {
    const result = await frameChild('keep');
    expect(result.left).toBeGreaterThanOrEqual(10);
  });

  it('are copied where external buffers are refused', async () => {
    const result = await frameChild('keep', { LITEAV_RTCROOM_COPY_FRAMES: '1' });
    expect(result.seen).toBeGreaterThanOrEqual(10);
    expect(result.sum).toBeGreaterThan((10 * 320 * 180 * 3) / 2);
    expect(result.held).toBe(0);
    expect((await frameChild('close', { LITEAV_RTCROOM_COPY_FRAMES: '1' })).left).toBe(0);
  });
});

describe('forgotten objects', () => {
  it.skipIf(process.platform === 'win32')('are closed by the collector, their threads end', async () => {
    const { code, stdout, stderr } = await runChild('forgottenScenario.mjs', { nodeArgs: ['--expose-gc'] });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { before, during, after } = JSON.parse(stdout.split('ready\n')[1] ?? '');
    expect(during).toBeGreaterThanOrEqual(before + 40);
    expect(after).toBeLessThanOrEqual(before);
  });
});
