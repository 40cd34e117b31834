import { expect } from 'vitest';
import { type Screen, screenshot } from '../../support/linuxHost.js';

/** Part of the screen, px. */
export interface Place {
  left: number;
  top: number;
  width: number;
  height: number;
}

const deadlineMs = 60_000;

/** Takes pictures of the screen until one shows what is expected; the last one is what the failure tells of. */
export async function shows(name: string, look: (screen: Screen) => object, expected: object): Promise<void> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const seen = look(await screenshot(name));
    try {
      expect(seen).toEqual(expected);
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}

/** Part of a window's pixels that hold what `is` tells, by a grid of 24 × 24. */
export function share(
  screen: Screen,
  { left: x, top: y, width, height }: Place,
  is: (rgb: number[]) => boolean,
): number {
  const grid = 24;
  let hits = 0;
  for (let row = 0; row < grid; row++) {
    for (let column = 0; column < grid; column++) {
      const across = x + Math.floor(((column + 0.5) * width) / grid);
      const down = y + Math.floor(((row + 0.5) * height) / grid);
      if (is(screen.pixel(across, down))) hits++;
    }
  }
  return hits / grid ** 2;
}

export const green = ([r = 0, g = 0, b = 0]: number[]) => g > 80 && g > 2 * r && g > 2 * b;
export const blue = ([r = 0, g = 0, b = 0]: number[]) => b > 80 && b > 2 * r && b > 2 * g;
/** A zero of the clock: luma 40. */
export const dark = (rgb: number[]) => Math.max(...rgb) > 15 && Math.max(...rgb) < 80;
export const bright = (rgb: number[]) => Math.min(...rgb) > 180;
