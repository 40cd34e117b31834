import { clockMicros } from '#lib/live/engine';
import { drawClock } from '#lib/measure/index';
import { Texture } from './Texture.mjs';

/** Pictures with the clock above a moving texture, at a steady rate against absolute deadlines. */
export class Generator {
  #timer;
  #counter = 0;
  #texture;

  constructor({ width, height, fps, onPicture }) {
    this.width = width;
    this.height = height;
    this.fps = fps;
    this.onPicture = onPicture;
    this.#texture = new Texture(width, height);
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
    const data = this.#texture.draw((this.#counter * 3) % width);
    drawClock({ width, height, data }, { clockUs: clockMicros(), counter: this.#counter++ });
    this.onPicture({ width, height, data });
  }
}
