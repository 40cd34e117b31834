import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChildOptions, deadlineMs, runChild } from '../support/live/child.js';
import { type Screen, startScreen } from '../support/window/screen.js';

let screen: Screen;
beforeAll(async () => {
  screen = await startScreen();
});
afterAll(() => screen?.close());

interface Ending {
  end: string;
  code: number | null;
  options?: ChildOptions;
  signal?: NodeJS.Signals;
  stderr?: RegExp;
}

const endings: Ending[] = [
  { end: 'natural end', code: 0 },
  { end: 'process.exit', code: 7 },
  { end: 'uncaught throw', code: 1, stderr: /thrown on purpose/ },
  { end: 'signal', code: 0, options: { signal: 'SIGTERM' } },
  // The window keeps the process: only the signal ends it.
  { end: 'stay', code: null, options: { signal: 'SIGTERM' }, signal: 'SIGTERM' },
  { end: 'worker.terminate', code: 0 },
];

describe.each(['synthetic', 'screen'])('with a window open that shows the source %s', (source) => {
  it.each(endings)('$end ends with the right code and no hang', async ({ end, code, options, signal, stderr }) => {
    const result = await runChild('windowScenario.mjs', { ...options, args: [end, source] });
    expect({ code: result.code, signal: result.signal, stderr: result.stderr }).toEqual({
      code,
      signal: signal ?? null,
      stderr: stderr ? expect.stringMatching(stderr) : '',
    });
    expect(result.endedAfterMs).toBeLessThan(deadlineMs);
  });
});

describe('without a display', () => {
  it('windows have their own error and everything else works', async () => {
    const result = await runChild('windowScenario.mjs', { args: ['without a display'], env: { DISPLAY: '' } });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const failed = 'ERR_RTC_WINDOW_FAILED';
    expect(result.stdout.split('\n')[0]).toBe(`${failed} ${failed} ${failed} none none`);
  });
});
