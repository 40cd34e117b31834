import { clockMicros } from '#lib/live/engine';
import { drawClock } from '#lib/measure/index';

const tileSize = 64;

/** Pictures with the clock above a moving texture, at a steady rate against absolute deadlines. */
export class Generator {
  #timer;
  #counter = 0;

  constructor({ width, height, fps, onPicture }) {
    this.width = width;
    this.height = height;
    this.fps = fps;
    this.onPicture = onPicture;
    // Twice the width, so that a row of the moved texture is one copy.
    this.texture = new Uint8Array(width * 2 * tileSize);
    let seed = 1;
    for (let index = 0; index < this.texture.length; index++) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      const x = index % (width * 2);
      const y = Math.floor(index / (width * 2));
      this.texture[index] = 128 + 60 * Math.sin(x * 0.02) * Math.cos(y * 0.1) + (seed % 7);
    }
  }

  start() {
    const started = performance.now();
    const tick = () => {
      this.#draw();
      const due = started + (this.#counter * 1000) / this.fps;
      this.#timer = setTimeout(tick, Math.max(0, due - performance.now()));
    };
    tick();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #draw() {
    const { width, height } = this;
    const data = new Uint8Array((width * height * 3) / 2).fill(128);
    const shift = (this.#counter * 3) % width;
    for (let y = 0; y < height; y++) {
      const row = (y % tileSize) * width * 2 + shift;
      data.set(this.texture.subarray(row, row + width), y * width);
    }
    drawClock({ width, height, data }, { clockUs: clockMicros(), counter: this.#counter++ });
    this.onPicture({ width, height, data });
  }
}
