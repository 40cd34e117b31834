import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { patient } from '../support/patience.js';
import { eventually, type Screen, type Screenshot, screenshot, startScreen } from '../support/window/screen.js';

let screen: Screen;
beforeAll(async () => {
  screen = await startScreen();
});
afterAll(() => screen?.close());

/** Rows of pixels of a part of the picture, to compare. */
function part(picture: Screenshot, across: number, down: number): Buffer {
  const from = Math.round(down * picture.height) * picture.stride + Math.round(across * picture.width) * picture.step;
  return picture.data.subarray(from, from + 60 * picture.step);
}

it('the kiosk fills the screen with the other person, has the own picture in its corner and ends with Escape', async () => {
  const program = fileURLToPath(new URL('../../examples/kiosk/main.mjs', import.meta.url));
  // Whatever devices this machine has.
  const sources = ['--video', 'synthetic', '--audio', 'synthetic'];
  const kiosk = spawn(process.execPath, [program, '--demo', '--engine', 'embedded', ...sources], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(kiosk, 'exit');
  let [output, errors] = ['', ''];
  kiosk.stdout.on('data', (chunk) => {
    output += chunk;
  });
  kiosk.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  try {
    const greeted = eventually(() => output.includes('agent: Good morning') || undefined, patient(30_000));
    const early = exit.then(([code]) => Promise.reject(new Error(`the kiosk ended early, with ${code}`)));
    early.catch(() => {});
    await Promise.race([greeted, early]);
    const window = BigInt(await screen.tool('search', '--name', 'Call of kiosk'));
    const places = { far: [0.3, 0.7], own: [0.85, 0.2] } as const;
    for (const [across, down] of Object.values(places)) {
      const first = await eventually(() => screenshot(window));
      await eventually(async () => {
        const next = await screenshot(window);
        return next && !part(next, across, down).equals(part(first, across, down)) ? true : undefined;
      });
    }
    await screen.tool('key', 'Escape');
    expect(await exit).toEqual([0, null]);
    expect(errors).toBe('');
  } catch (error) {
    throw new Error(`after output:\n${output}\nand errors:\n${errors}`, { cause: error });
  } finally {
    kiosk.kill('SIGKILL');
  }
});
