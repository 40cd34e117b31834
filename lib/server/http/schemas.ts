import { type Static, Type } from '@fastify/type-provider-typebox';
import { userIDPattern } from '../rooms/identifiers.js';

/** Text of a client. U+0000 is refused: SQLite would end the text there. */
const text = (maxLength: number, minLength = 0) => Type.String({ minLength, maxLength, pattern: '^[^\\u0000]*$' });

/** The body's userID is not trusted; when given it must be that of the token. */
const bodyUserID = Type.Optional(Type.String({ maxLength: 128 }));
const roomID = Type.String({ minLength: 1, maxLength: 128 });

export const identityQuery = Type.Object({
  userID: Type.String({ minLength: 1, maxLength: 128 }),
  token: Type.String({ minLength: 1, maxLength: 256 }),
});
export type IdentityQuery = Static<typeof identityQuery>;

export const loginQuery = Type.Object({
  sdkAppID: Type.String({ pattern: '^[0-9]{1,10}$' }),
  accountType: Type.String({ minLength: 1, maxLength: 64 }),
  userID: Type.String({ pattern: userIDPattern }),
  userSig: Type.String({ minLength: 1, maxLength: 1024 }),
});

export const emptyBody = Type.Object({});

export const getPushUrlBody = Type.Object({
  userID: bodyUserID,
  roomID: Type.Optional(Type.String({ maxLength: 128 })),
});

export const getRoomListBody = Type.Object({
  cnt: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  index: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
});

export const roomIDBody = Type.Object({ roomID });

export const createRoomBody = Type.Object({
  userID: bodyUserID,
  // No maxLength: too long is code 11, not 2.
  roomInfo: Type.Optional(Type.String({ pattern: '^[^\\u0000]*$' })),
  roomID: Type.Optional(Type.String({ maxLength: 128 })),
});

export const roomBody = Type.Object({ userID: bodyUserID, roomID });

export const addPusherBody = Type.Object({
  userID: bodyUserID,
  roomID,
  userName: Type.Optional(text(512)),
  userAvatar: Type.Optional(text(4096)),
  pushURL: Type.String({ minLength: 1, maxLength: 4096 }),
  roomInfo: Type.Optional(Type.String({ pattern: '^[^\\u0000]*$' })),
});

export const addAudienceBody = Type.Object({ userID: bodyUserID, roomID, userInfo: Type.Optional(text(4096)) });

export const setCustomFieldBody = Type.Object({
  roomID,
  fieldName: Type.String({ minLength: 1, maxLength: 64, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
  operation: text(64),
});

export const mergeStreamBody = Type.Object({
  userID: bodyUserID,
  // Empty: mixed before the room is there.
  roomID: Type.Optional(Type.String({ maxLength: 128 })),
  mergeParams: Type.Union([Type.String(), Type.Object({})]),
});

export const eventsQuery = Type.Object({
  userID: Type.Optional(Type.String()),
  token: Type.Optional(Type.String()),
  lastEventID: Type.Optional(Type.String({ maxLength: 64 })),
  /** Seconds that a long poll may wait. */
  poll: Type.Optional(Type.String({ pattern: '^([0-9]|[12][0-9]|30)$' })),
});

const element = Type.Union([
  Type.Object({ type: Type.Literal('custom'), data: Type.String() }),
  Type.Object({ type: Type.Literal('text'), text: Type.String() }),
]);

export const sendBody = Type.Object({
  msgID: text(64, 1),
  groupID: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  to: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  elements: Type.Array(element, { maxItems: 10 }),
});

export const loginInfoQuery = Type.Object({ userID: Type.Optional(Type.String({ maxLength: 128 })) });
