import { RtcError } from '../errors.js';

/** Rows and columns of the grid that the synthetic source draws over the full width and the top third of the luma plane. */
const rows = 6;
const columns = 16;
const payloadBytes = 10;
/** Half way between the two luma values drawn (40 and 210). */
const threshold = 125;
const lumaOne = 210;
const lumaZero = 40;
const counterBits = 28;

/** The frame counter wraps to 0 after this many frames. */
export const counterRange = 2 ** counterBits;

/** A picture in I420: the luma plane (width x height bytes, no padding) first. The chroma planes are not read. */
export interface LumaPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface ClockReading {
  /** Capture time, µs since 1970 (52 bits). */
  clockUs: number;
  /** Frame counter of the source (28 bits). */
  counter: number;
}

/** CRC-16/CCITT-FALSE: polynomial 0x1021, initial value 0xFFFF, nothing reflected. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

interface Cell {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function cellOf(index: number, width: number, height: number): Cell {
  const row = Math.floor(index / columns);
  const column = index % columns;
  const block = Math.floor(height / 3);
  return {
    left: Math.floor((column * width) / columns),
    right: Math.floor(((column + 1) * width) / columns),
    top: Math.floor((row * block) / rows),
    bottom: Math.floor(((row + 1) * block) / rows),
  };
}

/** Mean luma of the inner half of a cell, where scaling and compression bleed least. */
function meanLuma(picture: LumaPicture, cell: Cell): number {
  const insetX = Math.floor((cell.right - cell.left) / 4);
  const insetY = Math.floor((cell.bottom - cell.top) / 4);
  let sum = 0;
  let count = 0;
  for (let y = cell.top + insetY; y < cell.bottom - insetY; y++) {
    const line = y * picture.width;
    for (let x = cell.left + insetX; x < cell.right - insetX; x++) {
      sum += picture.data[line + x] ?? 0;
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}

/**
 * Reads the clock that the engine's `synthetic` source draws: 96 bits, most significant first: 52 bits capture time in
 * µs since 1970, 28 bits frame counter, 16 bits CRC. Works on pictures scaled or compressed on the way.
 * Gives undefined where there is no readable clock (another picture, too small, damaged).
 */
export function readClock(picture: LumaPicture): ClockReading | undefined {
  const { width, height, data } = picture;
  if (width < columns || height < 3 * rows || data.length < width * height) return undefined;
  const bytes = new Uint8Array(payloadBytes + 2);
  for (let index = 0; index < rows * columns; index++) {
    if (meanLuma(picture, cellOf(index, width, height)) > threshold) {
      const at = index >> 3;
      bytes[at] = (bytes[at] ?? 0) | (0x80 >> (index & 7));
    }
  }
  const payload = bytes.subarray(0, payloadBytes);
  const view = new DataView(bytes.buffer);
  if (crc16(payload) !== view.getUint16(payloadBytes)) return undefined;
  const bits = (BigInt(view.getUint16(0)) << 64n) | view.getBigUint64(2);
  return { clockUs: Number(bits >> BigInt(counterBits)), counter: Number(bits & BigInt(counterRange - 1)) };
}

/**
 * Draws the same clock into the top third of an I420 picture, in place: for tests, and for sources that push their own
 * frames (`source: 'user'`) and want to be measured.
 */
export function drawClock(picture: LumaPicture, reading: ClockReading): void {
  const { width, height, data } = picture;
  if (width < 64 || height < 64 || data.length < width * height) {
    throw new RtcError(
      'ERR_RTC_INVALID_ARGUMENT',
      `the clock needs a picture of at least 64x64 with its whole luma plane, not ${width}x${height} in ${data.length} bytes`,
    );
  }
  const bits = (BigInt(Math.trunc(reading.clockUs)) << BigInt(counterBits)) | BigInt(reading.counter % counterRange);
  const bytes = new Uint8Array(payloadBytes + 2);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Number(bits >> 64n));
  view.setBigUint64(2, bits & 0xffff_ffff_ffff_ffffn);
  view.setUint16(payloadBytes, crc16(bytes.subarray(0, payloadBytes)));
  for (let index = 0; index < rows * columns; index++) {
    const cell = cellOf(index, width, height);
    const luma = (bytes[index >> 3] ?? 0) & (0x80 >> (index & 7)) ? lumaOne : lumaZero;
    for (let y = cell.top; y < cell.bottom; y++) data.fill(luma, y * width + cell.left, y * width + cell.right);
  }
}
