import { errorCatalogue, RtcError, type RtcErrorCode, UnsupportedError } from '../errors.js';

/** The library's error for what the addon threw or rejected with; anything else stays as it is. */
export function toRtcError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof RtcError) return error;
  const { code, nativeCode } = error as Error & { code?: unknown; nativeCode?: unknown };
  if (typeof code !== 'string' || !Object.hasOwn(errorCatalogue, code)) return error;
  if (code === 'ERR_RTC_UNSUPPORTED') return new UnsupportedError(error.message);
  return new RtcError(code as RtcErrorCode, error.message, {
    cause: error,
    ...(typeof nativeCode === 'number' ? { nativeCode } : {}),
  });
}

export function nativeCall<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw toRtcError(error);
  }
}

export async function nativePromise(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    throw toRtcError(error);
  }
}

/**
 * `call`, ended by `signal`: `undo` then stops what was begun, and the result is ERR_RTC_ABORTED with the signal's reason
 * as its cause. An abort after the end does nothing.
 */
export async function abortable(
  name: string,
  signal: AbortSignal | undefined,
  call: () => Promise<void>,
  undo: () => Promise<void>,
): Promise<void> {
  if (!signal) return nativePromise(call);
  const aborted = () => new RtcError('ERR_RTC_ABORTED', `${name} was aborted by its signal`, { cause: signal.reason });
  if (signal.aborted) throw aborted();
  let onAbort: (() => void) | undefined;
  const abort = new Promise<never>((_, reject) => {
    onAbort = () => {
      // Closed meanwhile is stopped as well.
      nativePromise(undo).then(
        () => reject(aborted()),
        () => reject(aborted()),
      );
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race([nativePromise(call), abort]);
    if (signal.aborted) await abort;
  } catch (error) {
    if (signal.aborted && error instanceof RtcError && error.code === 'ERR_RTC_ABORTED') throw aborted();
    throw error;
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}
