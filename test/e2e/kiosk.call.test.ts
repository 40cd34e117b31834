import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawClock, readClock } from '#lib/measure/clock';
import { cut, faults } from '../../examples/kiosk/call/look.mjs';
import { patient } from '../support/patience.js';

const program = fileURLToPath(new URL('../../examples/kiosk/call/main.mjs', import.meta.url));

/** Where clocks are to be seen, px of a screen of 1600 x 900: read by this test, not by the program's own table. */
const windows = {
  counter: { left: 20, top: 20, width: 768, height: 432 },
  agent: { left: 812, top: 20, width: 768, height: 432 },
  /** The program, at (480, 500) of the screen, where the agent sees that screen. */
  programAtAgent: { left: 1042, top: 260, width: 307, height: 173 },
  program: { left: 480, top: 500, width: 640, height: 360 },
  counterOwn: { left: 572, top: 320, width: 192, height: 108 },
  agentOwn: { left: 1364, top: 320, width: 192, height: 108 },
};

async function pixels(file: string, format: 'gray' | 'rgb24') {
  const output = ['-f', 'rawvideo', '-pix_fmt', format, 'pipe:1'];
  const { stdout } = await promisify(execFile)('ffmpeg', ['-loglevel', 'error', '-i', file, ...output], {
    encoding: 'buffer',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { width: 1600, height: 900, data: new Uint8Array(stdout) };
}

describe('a call of two kiosks, in one command', () => {
  let out: string;
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'rtcroom-kiosk-call-'));
  });
  afterAll(() => rm(out, { recursive: true, force: true }));

  it('shows cameras, a shared screen and the cameras again, in real windows, and ends', {
    timeout: patient(180_000),
  }, async () => {
    const { DISPLAY: _, ...env } = process.env;
    const startedUs = Date.now() * 1000;
    const call = spawn(process.execPath, [program, '--out', out], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors] = ['', ''];
    call.stdout.on('data', (chunk) => {
      output += chunk;
    });
    call.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    const [code] = await once(call, 'close');
    expect({ code, errors }, output).toEqual({ code: 0, errors: '' });
    expect(output).not.toContain('synthetic');
    expect((await readdir(out)).sort()).toEqual(['1-call.png', '2-sharing.png', '3-camera-again.png']);

    const clocks: Record<string, number[]> = {};
    for (const [stage, places] of [
      ['1-call', ['counter', 'agent', 'program', 'counterOwn', 'agentOwn']],
      ['2-sharing', ['counter', 'programAtAgent', 'program', 'agentOwn']],
      ['3-camera-again', ['counter', 'agent', 'program', 'counterOwn', 'agentOwn']],
    ] as const) {
      const luma = await pixels(join(out, `${stage}.png`), 'gray');
      for (const place of places) {
        const clockUs = readClock(cut(luma, windows[place]))?.clockUs;
        expect(clockUs, `${place} in ${stage}`).toBeGreaterThan(startedUs);
        clocks[place] = [...(clocks[place] ?? []), clockUs as number];
      }
    }
    // Each goes on from stage to stage.
    for (const [place, read] of Object.entries(clocks)) {
      expect(read, place).toEqual([...new Set(read)].sort((a, b) => a - b));
    }

    // The counter's camera is blue and the agent's red.
    const seen = await pixels(join(out, '1-call.png'), 'rgb24');
    const colour = (x: number, y: number) => [
      ...seen.data.subarray(3 * (y * seen.width + x), 3 * (y * seen.width + x) + 3),
    ];
    const places = {
      red: [
        [250, 300],
        [1480, 390],
      ],
      blue: [
        [1050, 300],
        [700, 390],
      ],
    } as const;
    for (const [x, y] of places.red) expect(colour(x, y)[0]).toBeGreaterThan((colour(x, y)[2] as number) + 60);
    for (const [x, y] of places.blue) expect(colour(x, y)[2]).toBeGreaterThan((colour(x, y)[0] as number) + 60);
  });

  it('fails when a picture is not there in time', { timeout: patient(60_000) }, async () => {
    const { DISPLAY: _, ...env } = process.env;
    // No time at all: the first look finds windows that show nothing yet.
    const call = spawn(process.execPath, [program, '--out', out, '--patience', '0.001'], { env, stdio: 'ignore' });
    const [code] = await once(call, 'close');
    expect(code).toBe(1);
  });

  it('tells pictures that are black, old or covered', () => {
    const picture = { width: 1600, height: 900, data: new Uint8Array(1600 * 900) };
    const now = Date.now();
    const places = { counter: windows.counter };
    expect(faults(picture, places, now)).toEqual(['counter: no clock can be read']);
    const show = (clockUs: number) => {
      const { left, top, width, height } = windows.counter;
      const clock = { width, height, data: new Uint8Array(width * height) };
      drawClock(clock, { clockUs, counter: 1 });
      for (let y = 0; y < height; y++) {
        picture.data.set(clock.data.subarray(y * width, (y + 1) * width), (top + y) * picture.width + left);
      }
    };
    show(now * 1000);
    expect(faults(picture, places, now)).toEqual([]);
    expect(faults(picture, places, now + 60_000)).toEqual(['counter: its picture is 60000 ms old']);
    picture.data.fill(255, 60 * 1600, 100 * 1600);
    expect(faults(picture, places, now)).toEqual(['counter: no clock can be read']);
  });
});
