import type { MemberRecord, RoomRecord, RoomType } from './RoomStore.js';

export type RawMember = [
  userID: string,
  fields: [text: string, streamID: string, epoch: string, joinedAtMs: string],
  lastBeatMs: string,
];
type RawRoomFields = [
  type: RoomType,
  roomInfo: string,
  creator: string,
  creatorStreamID: string,
  createdBy: string,
  createdAtMs: string,
  active: string,
  version: string,
];
export type RawRoom = [
  roomID: string,
  fields: RawRoomFields,
  members: RawMember[],
  audience: string[],
  custom: string[],
];

export function toMember([userID, [text, streamID, epoch, joinedAtMs], lastBeatMs]: RawMember): MemberRecord {
  const [userName, userAvatar] = JSON.parse(text) as [string, string];
  return {
    userID,
    userName,
    userAvatar,
    streamID,
    epoch: Number(epoch),
    joinedAtMs: Number(joinedAtMs),
    lastBeatMs: Number(lastBeatMs),
  };
}

export function toRoom([roomID, fields, members, audience, custom]: RawRoom): RoomRecord {
  const [type, roomInfo, creator, creatorStreamID, createdBy, createdAtMs, active, version] = fields;
  return {
    type,
    roomID,
    roomInfo,
    creator,
    creatorStreamID,
    createdBy,
    createdAtMs: Number(createdAtMs),
    active: active === '1',
    version: Number(version),
    members: members.map(toMember),
    audience,
    custom: toCounters(custom),
  };
}

function toCounters(flat: readonly string[]): Record<string, number> {
  const pairs: [string, number][] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) pairs.push([flat[index] as string, Number(flat[index + 1])]);
  // Not by assignment: a counter may be called __proto__.
  return Object.fromEntries(pairs);
}
