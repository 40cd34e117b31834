import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc16, drawClock, readClock } from '#lib/measure/clock';

function picture(width: number, height: number) {
  return { width, height, data: new Uint8Array((width * height * 3) / 2).fill(128) };
}

describe('the clock in the picture', () => {
  it('has the CRC-16/CCITT-FALSE check value', () => {
    expect(crc16(new TextEncoder().encode('123456789'))).toBe(0x29b1);
  });

  it('is read back at any size from 64x64, even with odd sides', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 64, max: 400 }),
        fc.integer({ min: 64, max: 300 }),
        fc.integer({ min: 0, max: 2 ** 52 - 1 }),
        fc.integer({ min: 0, max: 2 ** 28 - 1 }),
        (width, height, clockUs, counter) => {
          const drawn = { width, height, data: new Uint8Array(width * height) };
          drawClock(drawn, { clockUs, counter });
          expect(readClock(drawn)).toEqual({ clockUs, counter });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('lies in the top third alone', () => {
    const drawn = picture(320, 180);
    drawClock(drawn, { clockUs: 2 ** 52 - 1, counter: 2 ** 28 - 1 });
    expect(drawn.data.subarray(320 * 60).every((value) => value === 128)).toBe(true);
  });

  it('survives noise, as compression makes it', () => {
    const drawn = picture(640, 360);
    drawClock(drawn, { clockUs: 1_700_000_000_123_456, counter: 4711 });
    let seed = 1;
    for (let index = 0; index < 640 * 360; index++) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      drawn.data[index] = Math.min(
        255,
        Math.max(0, (drawn.data[index] ?? 0) + Math.round((seed / 2147483648 - 0.5) * 80)),
      );
    }
    expect(readClock(drawn)).toEqual({ clockUs: 1_700_000_000_123_456, counter: 4711 });
  });

  it('survives scaling to another size', () => {
    const large = picture(1280, 720);
    drawClock(large, { clockUs: 1_700_000_000_123_456, counter: 99 });
    const small = picture(426, 240);
    for (let y = 0; y < 240; y++) {
      for (let x = 0; x < 426; x++) {
        small.data[y * 426 + x] = large.data[Math.floor((y * 720) / 240) * 1280 + Math.floor((x * 1280) / 426)] ?? 0;
      }
    }
    expect(readClock(small)).toEqual({ clockUs: 1_700_000_000_123_456, counter: 99 });
  });

  it('is not seen in pictures without one, and one damaged cell is noticed', () => {
    expect(readClock(picture(320, 180))).toBeUndefined();
    expect(readClock({ width: 320, height: 180, data: new Uint8Array(10) })).toBeUndefined();
    expect(readClock({ width: 0, height: 0, data: new Uint8Array(0) })).toBeUndefined();
    const drawn = picture(320, 180);
    drawClock(drawn, { clockUs: 1_700_000_000_123_456, counter: 1 });
    for (let y = 0; y < 10; y++) {
      for (let x = 0; x < 20; x++) drawn.data[y * 320 + x] = 250 - (drawn.data[y * 320 + x] ?? 0);
    }
    expect(readClock(drawn)).toBeUndefined();
  });

  it('is refused in a picture too small for it', () => {
    expect(() => drawClock(picture(32, 32), { clockUs: 1, counter: 1 })).toThrowError(
      expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
    );
  });
});
