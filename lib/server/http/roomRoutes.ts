import type { FastifyReply } from 'fastify';
import type { Tokens } from '../auth/Tokens.js';
import type { UserSigs } from '../auth/UserSigs.js';
import type { ImHub } from '../im/ImHub.js';
import { isRoomID } from '../rooms/identifiers.js';
import type { LiveRooms } from '../rooms/LiveRooms.js';
import type { Mixing } from '../rooms/Mixing.js';
import type { Rooms } from '../rooms/Rooms.js';
import type { StreamUrls } from '../rooms/StreamUrls.js';
import { ServiceCode, ServiceError } from '../ServiceError.js';
import type { RoomStore, RoomType } from '../store/RoomStore.js';
import { after, type Soon } from '../store/soon.js';
import type { App } from './createApp.js';
import { heartbeat } from './heartbeat.js';
import { authenticate, readFor } from './identity.js';
import type { RoomTexts } from './RoomTexts.js';
import {
  addPusherBody,
  createRoomBody,
  emptyBody,
  getPushUrlBody,
  getRoomListBody,
  type IdentityQuery,
  identityQuery,
  loginQuery,
  mergeStreamBody,
  roomBody,
  roomIDBody,
} from './schemas.js';
import { json, success, successBegin } from './success.js';

export interface RoomRoutesOptions {
  store: RoomStore;
  rooms: Rooms;
  live: LiveRooms;
  mixing: Mixing;
  tokens: Tokens;
  hub: ImHub;
  urls: StreamUrls;
  texts: RoomTexts;
  userSigs: UserSigs;
  sdkAppID: number;
  now: () => number;
}

/** UTF-16 units, as the Java original counts. */
export const maxRoomInfoLength = 1024;
/** More rooms than this are not listed in one answer. */
const maxListed = 1000;

const reasons = {
  wrongSignature: 'the signature of the userSig is wrong: it was made with another key',
  wrongApp: 'the userSig is of another sdkAppID',
  wrongUser: 'the userSig is of another userID',
  expired: 'the userSig has expired: get a new one',
  noPublicKey: 'the userSig is of version 1 (ECDSA), for which the service has no userSigPublicKey: use version 2',
} as const;

function checkRoomInfo(roomInfo: string): void {
  if (roomInfo.length <= maxRoomInfoLength) return;
  throw new ServiceError(
    ServiceCode.roomInfoTooLongOrRoomExists,
    `roomInfo has ${roomInfo.length} characters, at most ${maxRoomInfoLength} are allowed`,
  );
}

/** The methods that every room type has. */
export function addRoomRoutes(app: App, type: RoomType, options: RoomRoutesOptions): void {
  const { rooms, live, mixing, tokens, hub, urls, texts } = options;
  const path = (method: string) => `/weapp/${type}/${method}`;
  const schema = <Body>(body: Body) => ({ schema: { querystring: identityQuery, body } });

  const onKnown = type === 'live_room' ? (userID: string) => live.see(userID) : () => {};
  const beatOptions = { store: options.store, rooms, tokens, now: options.now, onKnown };

  const identify = (query: IdentityQuery, bodyUserID?: string): Soon<string> => {
    return after(authenticate(tokens, query, bodyUserID), (userID) => {
      onKnown(userID);
      return userID;
    });
  };

  const pushUrlAnswer = (reply: FastifyReply, pushURL: string): string =>
    json(reply, `${successBegin},"pushURL":${JSON.stringify(pushURL)}}`);

  app.post(
    path('login'),
    {
      schema: { querystring: loginQuery, body: emptyBody },
      config: { parameterCode: ServiceCode.loginParameter },
    },
    async ({ query }) => {
      const { userID, userSig } = query;
      const { sdkAppID, userSigs, now } = options;
      const verdict = await userSigs.verify(userSig, userID, Math.floor(now() / 1000));
      if (verdict === 'undecodable') {
        throw new ServiceError(ServiceCode.loginParameter, 'the userSig cannot be decoded: it is none, or was changed');
      }
      if (verdict !== 'ok') throw new ServiceError(ServiceCode.auth, reasons[verdict]);
      if (Number(query.sdkAppID) !== sdkAppID) throw new ServiceError(ServiceCode.auth, 'wrong sdkAppID');
      const { token, replaced } = await tokens.issue(userID);
      // Waited for: its end must not reach the stream that the new login opens next.
      if (replaced) await hub.kick(userID);
      else hub.drop(userID);
      return { ...success, userID, token };
    },
  );

  app.post(path('logout'), schema(emptyBody), async ({ query }) => {
    const userID = await identify(query);
    await tokens.revoke(userID);
    await live.leaveAll(userID);
    hub.drop(userID);
    return success;
  });

  if (type === 'live_room') {
    // The body is ignored, as in the original: a live stream is its user's, whatever the room.
    app.post(path('get_push_url'), schema(emptyBody), ({ query }, reply) =>
      after(
        readFor(identify(query), () => urls.pushUrl(urls.streamID(query.userID))),
        (pushURL) => pushUrlAnswer(reply, pushURL),
      ),
    );
  } else {
    app.post(path('get_push_url'), schema(getPushUrlBody), ({ query, body }, reply) =>
      after(
        readFor(identify(query, body.userID), () => {
          const roomID = body.roomID ?? '';
          if (roomID !== '' && !isRoomID(roomID)) {
            throw new ServiceError(ServiceCode.parameter, 'roomID is not one that a room can have');
          }
          return urls.pushUrl(urls.streamID(query.userID, roomID));
        }),
        (pushURL) => pushUrlAnswer(reply, pushURL),
      ),
    );
  }

  app.post(
    path('get_room_list'),
    { ...schema(getRoomListBody), config: { refusalFields: { rooms: null } } },
    ({ query, body }, reply) =>
      // As the original: no count, no rooms.
      after(
        // Not before it is known who asks: a list may be long.
        after(identify(query), () => rooms.readList(type, body.index ?? 0, Math.min(body.cnt ?? 0, maxListed))),
        (list) => json(reply, texts.list(list)),
      ),
  );

  app.post(path('get_pushers'), schema(roomIDBody), ({ query, body }, reply) =>
    after(
      readFor(identify(query), () => rooms.read(type, body.roomID)),
      (room) => json(reply, texts.text(room)),
    ),
  );

  app.post(path('create_room'), schema(createRoomBody), async ({ query, body }) => {
    const { roomInfo = '', roomID = '' } = body;
    checkRoomInfo(roomInfo);
    const userID = await identify(query, body.userID);
    return { ...success, roomID: await rooms.create(type, userID, roomInfo, roomID) };
  });

  app.post(path('destroy_room'), schema(roomBody), async ({ query, body }) => {
    const userID = await identify(query, body.userID);
    await rooms.destroy(type, body.roomID, userID);
    return success;
  });

  app.post(path('add_pusher'), schema(addPusherBody), async ({ query, body }) => {
    const { roomID, pushURL, userName = '', userAvatar = '', roomInfo = '' } = body;
    checkRoomInfo(roomInfo);
    const userID = await identify(query, body.userID);
    const added = await rooms.addPusher(type, userID, { roomID, pushURL, userName, userAvatar, roomInfo });
    const { created, version, epoch } = added;
    return { ...success, roomID: created ? roomID : '', version, epoch };
  });

  app.post(path('delete_pusher'), schema(roomBody), async ({ query, body }) => {
    const userID = await identify(query, body.userID);
    await rooms.deletePusher(type, body.roomID, userID);
    return success;
  });

  app.post(path('pusher_heartbeat'), schema(roomBody), ({ query, body }, reply) =>
    after(heartbeat(beatOptions, type, query, body), ({ epoch, version }) =>
      json(reply, `${successBegin},"epoch":${epoch},"version":${version}}`),
    ),
  );

  // The originals have it for live_room only; a Windows client that records asks for it in the other types too.
  if (type !== 'live_room' && !mixing.isAvailable) return;
  app.post(
    path('merge_stream'),
    { ...schema(mergeStreamBody), config: { refusalFields: { result: null } } },
    async ({ query, body }) => {
      const userID = await identify(query, body.userID);
      const { code, message } = await mixing.merge(type, userID, {
        roomID: body.roomID ?? '',
        mergeParams: body.mergeParams,
      });
      return { ...success, result: { code, message, timestamp: Math.floor(options.now() / 1000) } };
    },
  );
}
