import type { Screenshot } from './screen.js';

/** Y, U, V of four colours that JPEG and H.264 keep apart. */
export const colours = {
  red: [81, 90, 240],
  green: [145, 54, 34],
  blue: [41, 240, 110],
  white: [235, 128, 128],
} as const;
export type Colour = keyof typeof colours | 'black';

/** I420 with red and green above blue and white. */
export function quadrants(width: number, height: number) {
  const planes = [0, 1, 2].map((plane) => {
    const [w, h] = plane === 0 ? [width, height] : [width / 2, height / 2];
    const bytes = new Uint8Array(w * h);
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const name = y < h / 2 ? (x < w / 2 ? 'red' : 'green') : x < w / 2 ? 'blue' : 'white';
        bytes[y * w + x] = colours[name][plane] ?? 0;
      }
    }
    return bytes;
  });
  return { data: Buffer.concat(planes), width, height };
}

export function colourAt(picture: Screenshot, across: number, down: number): Colour | undefined {
  const bright = picture.at(across, down).map((value) => (value > 180 ? 1 : value < 75 ? 0 : 9));
  return ({ '100': 'red', '010': 'green', '001': 'blue', '111': 'white', '000': 'black' } as const)[
    bright.join('') as '100'
  ];
}

/** The colours of a picture's four quarters: above left and right, below left and right. */
export function quarters(picture: Screenshot) {
  return [
    [0.25, 0.25],
    [0.75, 0.25],
    [0.25, 0.75],
    [0.75, 0.75],
  ].map(([across, down]) => colourAt(picture, across as number, down as number));
}
