import type { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { patient } from '../patience.js';
import { type Colour, colours } from './quadrants.js';

type Picture = { width: number; height: number; data: Uint8Array };

/** The name of the colour in the middle of a quarter of an I420 picture. */
function colourOf({ width, height, data }: Picture, across: number, down: number): Colour | undefined {
  const [x, y] = [Math.floor(across * width), Math.floor(down * height)];
  const chroma = (plane: number) =>
    data[width * height + (plane * width * height) / 4 + Math.floor(y / 2) * (width / 2) + Math.floor(x / 2)] ?? 0;
  const seen = [data[y * width + x] ?? 0, chroma(0), chroma(1)];
  const near = (expected: readonly number[]) =>
    expected.every((value, index) => Math.abs(value - (seen[index] ?? 0)) < 25);
  const names = Object.keys(colours) as (keyof typeof colours)[];
  return names.find((name) => near(colours[name])) ?? (near([16, 128, 128]) ? 'black' : undefined);
}

/** The quarters of the first decoded picture that has the expected ones, else of the last one in time. */
export async function decodedQuarters(player: TXLivePlayer, expected: (Colour | undefined)[]) {
  let seen: (Colour | undefined)[] = [];
  const signal = AbortSignal.timeout(patient(15_000));
  try {
    for await (const frame of player.frames({ capacity: 1, signal })) {
      seen = [0.25, 0.75].flatMap((down) => [0.25, 0.75].map((across) => colourOf(frame, across, down)));
      frame.close();
      if (JSON.stringify(seen) === JSON.stringify(expected)) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return seen;
}
