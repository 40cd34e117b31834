import { RtcError } from '../errors.js';
import type { WindowHandle } from './options.js';

/** @throws ERR_RTC_INVALID_ARGUMENT for what is no handle */
export function windowHandle(value: WindowHandle): bigint {
  if (typeof value === 'bigint' && value >= 0n && value < 2n ** 64n) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (value instanceof Uint8Array && (value.byteLength === 4 || value.byteLength === 8)) {
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    return value.byteLength === 8 ? view.getBigUint64(0, true) : BigInt(view.getUint32(0, true));
  }
  throw new RtcError(
    'ERR_RTC_INVALID_ARGUMENT',
    'a window handle is a number or BigInt that is not negative, or the Buffer of getNativeWindowHandle() (4 or 8 bytes)',
  );
}

/** Options with their handle, if they have one, as the addon takes it. */
export function withNativeHandle<T extends object>(options: T): T {
  const handle = (options as { windowHandle?: WindowHandle } | undefined)?.windowHandle;
  return handle === undefined ? options : { ...options, windowHandle: windowHandle(handle) };
}
