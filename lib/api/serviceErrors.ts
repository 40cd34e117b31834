import { RtcError, type RtcErrorCode } from '../errors.js';

/** What was asked, as far as the meaning of an answer depends on it. Holds no secret. */
export interface AskedCall {
  /** Last path segment: `add_pusher` …; `send_group` and `send_c2c` for messages. */
  method: string;
  roomInfo?: string;
}

interface Meaning {
  code: RtcErrorCode;
  remedy: string;
}

/** Longest roomInfo, in UTF-16 units (Java service, ours) and bytes (Node service). */
export const maxRoomInfoLength = 1024;

const roomNotFound: Meaning = {
  code: 'ERR_RTC_ROOM_NOT_FOUND',
  remedy: 'the room ended or was never created: read the room list',
};
const roomInfoTooLong: Meaning = {
  code: 'ERR_RTC_ROOM_INFO_TOO_LONG',
  remedy: `keep roomInfo within ${maxRoomInfoLength}`,
};
const parameter: Meaning = { code: 'ERR_RTC_SERVICE_PARAMETER', remedy: 'check the arguments' };
const auth: Meaning = { code: 'ERR_RTC_AUTH', remedy: 'log in again with a fresh userSig' };
const kicked: Meaning = {
  code: 'ERR_RTC_KICKED',
  remedy: 'this login is over; logging in again by itself would throw the other one out',
};

/** Why our service says that a login was ended by somebody, in `reason` beside code 7. Those of 2018 say nothing of it. */
const endedReasons: ReadonlySet<unknown> = new Set(['loggedInElsewhere', 'expelled']);

/** Whether an answer says that the login is over for good, and not only that its token is no longer known. */
export function isEndedLogin(answer: Readonly<Record<string, unknown>>): boolean {
  return answer.code === 7 && endedReasons.has(answer.reason);
}

/**
 * The one table of the room service's codes: those of the 2018 scheme (its Java and Node services differ in a few), then
 * this project's additions 12 to 14.
 */
const meanings: Readonly<Record<number, Meaning | ((asked: AskedCall) => Meaning)>> = {
  1: (asked) =>
    asked.method === 'send_c2c'
      ? { code: 'ERR_RTC_IM_FAILED', remedy: 'that user is not logged in: try later' }
      : roomNotFound,
  2: parameter,
  // The Node service answers get_pushers of an unknown room with 3.
  3: (asked) =>
    asked.method === 'get_pushers'
      ? roomNotFound
      : { code: 'ERR_RTC_NOT_ROOM_CREATOR', remedy: 'only the creator may do that, or the room is gone' },
  4: auth,
  5: { code: 'ERR_RTC_NOT_ROOM_MEMBER', remedy: 'enter the room first' },
  6: { code: 'ERR_RTC_IM_FAILED', remedy: 'the service could not make the message group: try again' },
  7: auth,
  // The Node service's code for what is 11 elsewhere.
  10: (asked) => (asked.method === 'create_room' ? roomInfoTooLong : parameter),
  11: (asked) =>
    (asked.roomInfo?.length ?? 0) > maxRoomInfoLength
      ? roomInfoTooLong
      : { code: 'ERR_RTC_ROOM_EXISTS', remedy: 'choose another roomID, or enter that room' },
  12: { code: 'ERR_RTC_MESSAGE_EMPTY', remedy: 'give a text that is not blank' },
  13: { code: 'ERR_RTC_MESSAGE_TOO_LONG', remedy: 'split the message' },
  14: { code: 'ERR_RTC_TOO_MANY_REQUESTS', remedy: 'too many requests: wait a second and try again' },
  5001: { code: 'ERR_RTC_ROOM_FULL', remedy: 'wait until somebody leaves' },
};

/**
 * The typed error for an answer whose `code` is not 0. `text` is the service's own message, secrets removed; `hasEnded`
 * as `isEndedLogin` says.
 */
export function errorOfServiceCode(serviceCode: number, text: string, asked: AskedCall, hasEnded = false): RtcError {
  const entry = hasEnded ? kicked : meanings[serviceCode];
  const meaning = typeof entry === 'function' ? entry(asked) : entry;
  const said = text === '' ? '' : ` (${text})`;
  if (meaning === undefined) {
    const message = `${asked.method}: the room service answered with code ${serviceCode}${said}, which is not one of its protocol; see its log`;
    return new RtcError('ERR_RTC_SERVICE_BAD_RESPONSE', message, { nativeCode: serviceCode });
  }
  const message = `${asked.method} was refused with code ${serviceCode}${said}: ${meaning.remedy}`;
  return new RtcError(meaning.code, message, { nativeCode: serviceCode });
}
