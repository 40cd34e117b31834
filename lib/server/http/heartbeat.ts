import type { Tokens } from '../auth/Tokens.js';
import { notMember, type Rooms } from '../rooms/Rooms.js';
import type { BeatResult, RoomStore, RoomType } from '../store/RoomStore.js';
import { after, type Soon } from '../store/soon.js';
import { authenticate } from './identity.js';
import type { IdentityQuery } from './schemas.js';

export interface HeartbeatOptions {
  store: RoomStore;
  rooms: Rooms;
  tokens: Tokens;
  now: () => number;
  /** Told of who calls, once that is known. */
  onKnown: (userID: string) => void;
}

/** Checks who calls (code 7) and keeps its seat (code 5): in one step where the store has one for both. */
export function heartbeat(
  { store, rooms, tokens, now, onKnown }: HeartbeatOptions,
  type: RoomType,
  query: IdentityQuery,
  body: { roomID: string; userID?: string },
): Soon<BeatResult> {
  const { userID, token } = query;
  const { roomID } = body;
  const namesAnother = body.userID !== undefined && body.userID !== '' && body.userID !== userID;
  if (!store.beatWithToken || namesAnother) {
    return after(authenticate(tokens, query, body.userID), () => {
      onKnown(userID);
      return rooms.heartbeat(type, roomID, userID);
    });
  }
  const beatWithToken = store.beatWithToken;
  const ask = (tokenHash: string) => beatWithToken.call(store, type, roomID, { userID, tokenHash, nowMs: now() });
  return tokens.checkWith(userID, token, ask).then(({ beat }) => {
    onKnown(userID);
    if (!beat) throw notMember();
    return beat;
  });
}
