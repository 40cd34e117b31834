import { describe, expect, it } from 'vitest';
import { deadlineMs, runChild } from '../support/live/child.js';
import { randomNumbers, testSeed } from '../support/random.js';
import { startScreen } from '../support/window/screen.js';

const seed = testSeed('window.serverDeath');
const rounds = 8;

/** How long after the last call the server dies, at most. */
const moments = { opening: 150_000, playing: 20_000, closing: 20_000 };

describe.each(Object.entries(moments))('an X server that is killed with windows %s', (moment, longestUs) => {
  it('ends the windows, and neither the process nor its pushes', async () => {
    const random = randomNumbers(seed);
    for (let round = 0; round < rounds; round++) {
      await using screen = await startScreen();
      const delayUs = Math.round(random() * longestUs);
      const { code, signal, stderr, endedAfterMs } = await runChild('desktopDeathScenario.mjs', {
        args: [moment, String(screen.pid), String(delayUs)],
      });
      expect({ delayUs, code, signal, stderr }).toEqual({ delayUs, code: 0, signal: null, stderr: '' });
      expect(endedAfterMs).toBeLessThan(deadlineMs);
    }
  });
});
