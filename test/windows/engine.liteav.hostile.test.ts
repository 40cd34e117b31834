import { describe, expect, it } from 'vitest';
import { runChild } from '../support/live/child.js';
import { StandinLog, standinFolder } from './support/standin.js';

/** Callbacks from several foreign threads, late, twice, with broken texts and unknown numbers: the process must stand. */
describe.each(['v2-r2', 'v2-r3', 'v2-r4', 'itx'])('hostile callbacks of %s', (variant) => {
  it('do no harm to pushers and players that start, stop and close', async () => {
    const log = new StandinLog();
    const result = await runChild('../../windows/support/hostileScenario.mjs', {
      env: { LITEAV_SDK_DIR: standinFolder(variant), LITEAV_STANDIN_HOSTILE: '1', LITEAV_STANDIN_LOG: log.path },
    });
    expect({ code: result.code, signal: result.signal, stderr: result.stderr }).toEqual({
      code: 0,
      signal: null,
      stderr: '',
    });
    const { rounds, total, late } = JSON.parse(result.stdout.split('ready\n')[1] ?? '{}');
    expect({ rounds, late }).toEqual({ rounds: 5, late: 0 });
    expect(total).toBeGreaterThanOrEqual(250);
    expect(log.faults()).toEqual([]);
  });
});
