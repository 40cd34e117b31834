import { RtcError } from '../../errors.js';
import { toRtcError } from '../nativeCalls.js';
import type { ChildDeath, RemoteError } from './protocol.js';

/** What the child's engine threw, as this library's error; a failure without a known code is a plain Error. */
export function remoteFailure({ code, message, nativeCode }: RemoteError): Error {
  return toRtcError(Object.assign(new Error(message), { code, nativeCode })) as Error;
}

export function deathError({ code, message }: ChildDeath): RtcError {
  return new RtcError(code, message);
}

export function closedError(method: string): RtcError {
  return new RtcError('ERR_RTC_CLOSED', `${method}: the object is closed`);
}
