import { RtcError } from '../errors.js';
import type { ServiceAnswer } from './ServiceClient.js';

/** A member as the room service lists it. */
export interface PusherInfo {
  userID: string;
  userName: string;
  userAvatar: string;
  /** Low-latency play address, signed. */
  accelerateURL: string;
  /** New for each join; undefined from services of the 2018 scheme. */
  epoch: number | undefined;
}

export interface RoomInfo {
  roomID: string;
  roomInfo: string;
  /** userID of the creator; empty before the first member. */
  roomCreator: string;
  mixedPlayURL: string;
  /** In order of joining. */
  pushers: PusherInfo[];
  /** Grows with each change of membership; undefined from services of the 2018 scheme. */
  version: number | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** A room as get_pushers (flat) or get_room_list (an item) gives it. `roomID` is what to call it when the field is empty. */
export function readRoom(answer: Fields, roomID = ''): RoomInfo {
  const pushers = answer.pushers;
  return {
    roomID: text(answer.roomID) || roomID,
    roomInfo: text(answer.roomInfo),
    roomCreator: text(answer.roomCreator),
    mixedPlayURL: text(answer.mixedPlayURL),
    pushers: Array.isArray(pushers) ? pushers.flatMap(readPusher) : [],
    version: number(answer.version),
  };
}

/** `rooms` is null in some answers of the Java service. */
export function readRooms(answer: ServiceAnswer): RoomInfo[] {
  const rooms = answer.rooms;
  if (rooms === null || rooms === undefined) return [];
  if (!Array.isArray(rooms)) {
    const message = 'get_room_list: rooms is not a list; is that the address of a room service?';
    throw new RtcError('ERR_RTC_SERVICE_BAD_RESPONSE', message);
  }
  return rooms.filter(isFields).map((room) => readRoom(room));
}

/** A text field that must be there. */
export function requiredText(answer: ServiceAnswer, field: string, method: string): string {
  const value = text(answer[field]);
  if (value !== '') return value;
  const message = `${method}: the answer lacks ${field}; the room service is of another kind or misconfigured`;
  throw new RtcError('ERR_RTC_SERVICE_BAD_RESPONSE', message);
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readPusher(value: unknown): PusherInfo[] {
  if (!isFields(value)) return [];
  const userID = text(value.userID);
  if (userID === '') return [];
  return [
    {
      userID,
      userName: text(value.userName),
      userAvatar: text(value.userAvatar),
      accelerateURL: text(value.accelerateURL),
      epoch: number(value.epoch),
    },
  ];
}
