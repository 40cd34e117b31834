import { RtcError } from '../../errors.js';

/** Of a custom picture or sound; an 8K picture in RGBA is 133 MB. */
const maxDataBytes = 128 * 1024 * 1024;

export interface Sendable {
  args: unknown[];
  /** A copy of `args[0].data`, which then is not in `args`. */
  payload: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * Arguments as they can go to another process: objects as plain copies without their signal, which stays here.
 *
 * @throws ERR_RTC_INVALID_ARGUMENT for what cannot be sent (a function, a symbol), and what a getter throws
 */
export function sendable(method: string, args: readonly unknown[]): Sendable {
  const plain = args.map(withoutSignal);
  const payload = takeData(method, plain[0]);
  try {
    return { args: structuredClone(plain), payload };
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    throw new RtcError('ERR_RTC_INVALID_ARGUMENT', `${method}: an argument is of a type that no engine takes`, {
      cause: error,
    });
  }
}

function withoutSignal(value: unknown): unknown {
  if (!isPlainObject(value)) return value;
  const { signal: _, ...rest } = value;
  return rest;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function takeData(method: string, value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (!method.startsWith('sendCustom') || !isPlainObject(value)) return undefined;
  const { data } = value;
  let bytes: Uint8Array;
  if (data instanceof ArrayBuffer) bytes = new Uint8Array(data);
  else if (ArrayBuffer.isView(data) && !(data instanceof DataView)) {
    bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  } else return undefined; // The engine says what is wrong with it.
  if (bytes.length > maxDataBytes) {
    throw new RtcError(
      'ERR_RTC_INVALID_ARGUMENT',
      `${method}: data is longer than the ${maxDataBytes} bytes that a child process is given at once`,
    );
  }
  delete value.data;
  const copy = new Uint8Array(Buffer.allocUnsafeSlow(bytes.length).buffer as ArrayBuffer);
  copy.set(bytes);
  return copy;
}
