import { describe, expect, it } from 'vitest';
import { windowHandle } from '#lib/live/windowHandle';

describe('windowHandle', () => {
  it('takes numbers and BigInts as they are', () => {
    expect(windowHandle(0)).toBe(0n);
    expect(windowHandle(0x10452)).toBe(0x10452n);
    expect(windowHandle(2n ** 64n - 1n)).toBe(2n ** 64n - 1n);
  });

  it("reads the little-endian Buffer of Electron's getNativeWindowHandle()", () => {
    expect(windowHandle(Buffer.from('5204010000000000', 'hex'))).toBe(0x10452n);
    expect(windowHandle(Buffer.from('52040100', 'hex'))).toBe(0x10452n);
    const inLarger = Buffer.from('ffff5204010000000000ffff', 'hex').subarray(2, 10);
    expect(windowHandle(inLarger)).toBe(0x10452n);
  });
});
