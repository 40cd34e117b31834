import type { PusherInfo } from '../api/answers.js';

/** Another member of the room. */
export interface RoomMember {
  readonly userID: string;
  readonly userName: string;
  readonly userAvatar: string;
  /** Low-latency play address, signed: a secret. */
  readonly accelerateURL: string;
  /** New for each time that the user joins; undefined from services of the 2018 scheme. */
  readonly epoch: number | undefined;
}

export interface MemberDiff {
  left: RoomMember[];
  joined: RoomMember[];
  /** The new list, without the user itself. */
  members: Map<string, RoomMember>;
}

/** Members whose seats the service may have lost. */
export interface Unsettled {
  users: ReadonlySet<string>;
  /** Who is not back yet has not left. */
  areAwaited: boolean;
}

/**
 * What happened between two readings of a room. A member that left and came back in between is in both lists; but of the
 * unsettled, who is back in the same stream never left, whatever its epoch.
 */
export function diffMembers(
  before: ReadonlyMap<string, RoomMember>,
  now: readonly PusherInfo[],
  ownUserID: string,
  unsettled: Unsettled = { users: new Set(), areAwaited: false },
): MemberDiff {
  const members = new Map<string, RoomMember>();
  for (const pusher of now) if (pusher.userID !== ownUserID) members.set(pusher.userID, Object.freeze({ ...pusher }));
  for (const old of unsettled.areAwaited ? before.values() : []) {
    if (unsettled.users.has(old.userID) && !members.has(old.userID)) members.set(old.userID, old);
  }
  const isSame = (one: RoomMember, other: RoomMember | undefined) =>
    unsettled.users.has(one.userID) ? isSameStream(one, other) : isSameStay(one, other);
  const left = [...before.values()].filter((old) => !isSame(old, members.get(old.userID)));
  const joined = [...members.values()].filter((one) => !isSame(one, before.get(one.userID)));
  return { left, joined, members };
}

/**
 * The epoch decides. Without one (2018 services) the stream's address does; its query is only the signature, which a
 * refresh of the membership renews.
 */
function isSameStay(one: RoomMember, other: RoomMember | undefined): boolean {
  if (other && one.epoch !== undefined && other.epoch !== undefined && one.epoch !== other.epoch) return false;
  return isSameStream(one, other);
}

function isSameStream(one: RoomMember, other: RoomMember | undefined): boolean {
  return other !== undefined && withoutQuery(one.accelerateURL) === withoutQuery(other.accelerateURL);
}

function withoutQuery(url: string): string {
  return url.replace(/\?.*$/s, '');
}
