import { loadAddon } from './addon.js';

/** The memory of a frame and its clones: it goes back to the pool when the last of them is closed. */
export class FrameMemory {
  #holders = 1;

  constructor(readonly buffer: ArrayBuffer) {}

  hold(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders === 0) loadAddon().releaseFrame(this.buffer);
  }
}
