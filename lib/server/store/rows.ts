import type { MemberRecord, RoomRecord, RoomType } from './RoomStore.js';

export interface RoomRow {
  room_id: string;
  type: RoomType;
  room_info: string;
  creator: string;
  creator_stream_id: string;
  created_by: string;
  created_at_ms: number;
  active: number;
  version: number;
}

export interface MemberRow {
  user_id: string;
  user_name: string;
  user_avatar: string;
  stream_id: string;
  push_url_digest: string;
  epoch: number;
  joined_at_ms: number;
}

/** What a room has beside its row. */
export type RoomParts = Pick<RoomRecord, 'members' | 'audience' | 'custom'>;

export function toRoom(row: RoomRow, parts: RoomParts): RoomRecord {
  return {
    type: row.type,
    roomID: row.room_id,
    roomInfo: row.room_info,
    creator: row.creator,
    creatorStreamID: row.creator_stream_id,
    createdBy: row.created_by,
    createdAtMs: row.created_at_ms,
    active: row.active === 1,
    version: row.version,
    ...parts,
  };
}

export function toMember(row: MemberRow, lastBeatMs: number): MemberRecord {
  return {
    userID: row.user_id,
    userName: row.user_name,
    userAvatar: row.user_avatar,
    streamID: row.stream_id,
    epoch: row.epoch,
    joinedAtMs: row.joined_at_ms,
    lastBeatMs,
  };
}

/** The text that will be read again: half of a surrogate pair is none in UTF-8, and comes back as U+FFFD. */
export function asStored(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\ufffd');
}
