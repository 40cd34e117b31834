import { errorCatalogue, RtcError, type RtcErrorCode, UnsupportedError } from '../../errors.js';
import type { ChildDeath, RemoteError } from './protocol.js';

/** What the child's engine threw, as this library's error; a failure without a known code is a plain Error. */
export function remoteFailure({ code, message, nativeCode }: RemoteError): Error {
  if (code === 'ERR_RTC_UNSUPPORTED') return new UnsupportedError(message);
  if (code === undefined || !Object.hasOwn(errorCatalogue, code)) return new Error(message);
  return new RtcError(code as RtcErrorCode, message, nativeCode === undefined ? {} : { nativeCode });
}

export function deathError({ code, message }: ChildDeath): RtcError {
  return new RtcError(code, message);
}

export function closedError(method: string): RtcError {
  return new RtcError('ERR_RTC_CLOSED', `${method}: the object is closed`);
}
