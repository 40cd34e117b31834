import { readClock } from '#lib/measure/clock';

/** How old a picture of a call may be when it is seen, ms: a machine with much else to do is allowed for. */
const oldest = 5000;

/** @typedef {{ left: number, top: number, width: number, height: number }} Area px of the screen */

/** A part of a picture. @param {{ width: number, data: Uint8Array }} picture @param {Area} area */
export function cut(picture, { left, top, width, height }) {
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * picture.width + left;
    data.set(picture.data.subarray(from, from + width), y * width);
  }
  return { width, height, data };
}

/** Where a picture of that shape lies in a window that adapts it. @param {Area} area @param {number} ratio */
export function adapted(area, ratio) {
  const width = Math.min(area.width, Math.round(area.height * ratio));
  const height = Math.min(area.height, Math.round(area.width / ratio));
  return {
    left: area.left + Math.floor((area.width - width) / 2),
    top: area.top + Math.floor((area.height - height) / 2),
    width,
    height,
  };
}

/** Where a part of a screen lies in a picture of that screen. @param {Area} shown @param {Area} part */
export function within(shown, part, screen) {
  const [across, down] = [shown.width / screen.width, shown.height / screen.height];
  return {
    left: Math.round(shown.left + part.left * across),
    top: Math.round(shown.top + part.top * down),
    width: Math.round(part.width * across),
    height: Math.round(part.height * down),
  };
}

/**
 * What is wrong with a picture of the screen: at each named place the clock must be readable and of now. Empty when all
 * is right.
 *
 * @param {{ width: number, height: number, data: Uint8Array }} picture luma
 * @param {Record<string, Area>} clocks
 * @param {number} now ms since 1970
 */
export function faults(picture, clocks, now) {
  const found = [];
  for (const [name, area] of Object.entries(clocks)) {
    const reading = readClock(cut(picture, area));
    const age = reading === undefined ? undefined : now - reading.clockUs / 1000;
    if (age === undefined) found.push(`${name}: no clock can be read`);
    else if (Math.abs(age) > oldest) found.push(`${name}: its picture is ${Math.round(age)} ms old`);
  }
  return found;
}
