const tileSize = 64;

/** Grey waves with a little noise, that move sideways. */
export class Texture {
  #rows;

  constructor(width, height) {
    this.width = width;
    this.height = height;
    // Twice the width, so that a row of the moved texture is one copy.
    this.#rows = new Uint8Array(width * 2 * tileSize);
    let seed = 1;
    for (let index = 0; index < this.#rows.length; index++) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      const x = index % (width * 2);
      const y = Math.floor(index / (width * 2));
      this.#rows[index] = 128 + 60 * Math.sin(x * 0.02) * Math.cos(y * 0.1) + (seed % 7);
    }
  }

  /** An I420 picture of it, moved by `shift` pixels, 0 to the width. */
  draw(shift) {
    const { width, height } = this;
    const data = new Uint8Array((width * height * 3) / 2).fill(128);
    for (let y = 0; y < height; y++) {
      const row = (y % tileSize) * width * 2 + shift;
      data.set(this.#rows.subarray(row, row + width), y * width);
    }
    return data;
  }
}
