import { randomBytes } from 'node:crypto';

/** Tencent IM's rule for a userID: at most 32 bytes of `A-Za-z0-9_-`. */
export const userIDPattern = '^[A-Za-z0-9_-]{1,32}$';

/**
 * A roomID is an IM group id (at most 48 bytes of printable ASCII) and a part of a stream's path: what separates,
 * quotes or escapes in a URL is refused.
 */
export const roomIDPattern = '^[A-Za-z0-9_.@:,;!$()*+=~-]{1,48}$';

const userID = new RegExp(userIDPattern);
const roomID = new RegExp(roomIDPattern);

export function isUserID(value: string): boolean {
  return userID.test(value);
}

export function isRoomID(value: string): boolean {
  return roomID.test(value);
}

function random(prefix: string): string {
  const hex = randomBytes(6).toString('hex');
  return `${prefix}_${hex.slice(0, 8)}_${hex.slice(8)}`;
}

/** `user_` + 8 hex + `_` + 4 hex, as the original makes them. */
export const randomUserID = () => random('user');

/** `room_` + 8 hex + `_` + 4 hex, as the original makes them. */
export const randomRoomID = () => random('room');

/** A part of a stream id that no userID, and no roomID with a userID, can be: nobody's stream is given away by it. */
export const randomTestStreamID = () => `test~${randomBytes(8).toString('hex')}`;
