import { RtcError } from '../../errors.js';

/** Where who listens on that address can be reached from the machine itself. */
export function reachableUrl(host: string, port: number): string {
  const reachable =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `http://${reachable}:${port}`;
}

/** `ERR_RTC_INVALID_ARGUMENT` with the system's error as `cause`. */
export function cannotListen(host: string, port: number, cause: unknown): RtcError {
  const message =
    `${host}:${port} cannot be listened on: it is taken, not an address of this machine, or needs rights. ` +
    'Give another port, 0 for any free one, or end the program that has it';
  return new RtcError('ERR_RTC_INVALID_ARGUMENT', message, { cause });
}
