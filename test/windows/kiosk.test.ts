import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pressKey, type Screen } from '../support/linuxHost.js';
import { blue, bright, dark, green, type Place, share, shows } from './support/looks.js';
import { standinFolder } from './support/standin.js';

const program = fileURLToPath(new URL('../../examples/kiosk/main.mjs', import.meta.url));
const greetingDeadlineMs = 60_000;

/** Beside and below the corner, and the corner itself, on a screen of 1280 x 720. */
const far: Place = { left: 0, top: 0, width: 900, height: 240 };
const below: Place = { left: 300, top: 300, width: 700, height: 300 };
const corner: Place = { left: 936, top: 24, width: 320, height: 180 };
const clockOf = ({ left, top, width, height }: Place): Place => ({ left, top, width, height: height / 3 });

/** Runs the kiosk until the second person has greeted; `close` presses Escape and waits for its end. */
async function startKiosk(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [program, '--demo', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const exit = once(child, 'exit');
  let output = '';
  let errors = '';
  const greeted = new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no greeting: ${output}${errors}`)), greetingDeadlineMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (!output.includes('agent: Good morning')) return;
      clearTimeout(late);
      resolve();
    });
    void exit.then(([code]) => {
      clearTimeout(late);
      reject(new Error(`ended with ${code}: ${output}${errors}`));
    });
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await exit;
  };
  try {
    await greeted;
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    async close() {
      await pressKey('Escape');
      const [code] = await exit;
      return { code, errors, why: /The call ended: (.*)\./.exec(output)?.[1] };
    },
    [Symbol.asyncDispose]: kill,
  };
}

const byEscape = { code: 0, errors: '', why: 'Escape was pressed' };

describe('the kiosk in Windows Node', () => {
  it('fills the screen with the other person, has the own picture in its corner and ends with Escape', async () => {
    await using kiosk = await startKiosk(['--engine', 'embedded', '--video', 'synthetic']);
    const clock = (screen: Screen, place: Place) => ({
      ones: share(screen, place, bright) > 0.1,
      zeros: share(screen, place, dark) > 0.1,
    });
    const shown = { ones: true, zeros: true };
    const look = (screen: Screen) => ({ far: clock(screen, far), own: clock(screen, clockOf(corner)) });
    await shows('kiosk-embedded', look, { far: shown, own: shown });
    expect(await kiosk.close()).toEqual(byEscape);
  });

  it("shows what the SDK paints, with a stand-in for Tencent's", async () => {
    await using kiosk = await startKiosk(['--engine', 'liteav'], { LITEAV_SDK_DIR: standinFolder('v2-r4') });
    const look = (screen: Screen) => ({
      far: share(screen, below, blue) > 0.9,
      own: share(screen, corner, green) > 0.9,
    });
    await shows('kiosk-liteav', look, { far: true, own: true });
    expect(await kiosk.close()).toEqual(byEscape);
  });
});
