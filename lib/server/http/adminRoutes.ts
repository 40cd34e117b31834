import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Tokens } from '../auth/Tokens.js';
import type { ImHub } from '../im/ImHub.js';
import type { Logger } from '../logger.js';
import type { MediaServer } from '../media/MediaServer.js';
import type { Rooms } from '../rooms/Rooms.js';
import { type RoomRecord, type RoomStore, type RoomType, roomTypes } from '../store/RoomStore.js';
import { bearerKey } from './bearerKey.js';
import type { App } from './createApp.js';
import { success } from './success.js';

export interface AdminRoutesOptions {
  /** What `Authorization: Bearer` must give. */
  adminKey: string;
  rooms: Rooms;
  store: RoomStore;
  tokens: Tokens;
  hub: ImHub;
  media: MediaServer;
  logger: Logger;
}

const defaultLimit = 100;

const number = (digits: number) => Type.String({ pattern: `^[0-9]{1,${digits}}$` });

function roomView(room: RoomRecord) {
  const { type, roomID, roomInfo, creator, createdBy, createdAtMs, active, version, members } = room;
  const createdAt = new Date(createdAtMs).toISOString();
  return { type, roomID, roomInfo, creator, createdBy, createdAt, active, version, memberCount: members.length };
}

function notFound(reply: FastifyReply, what: string) {
  return reply.code(404).send({ code: 404, message: `there is no such ${what}` });
}

/** `/admin/…`: lists, shows and ends rooms, and expels members, for who has the key. No address or token is shown. */
export function addAdminRoutes(app: App, options: AdminRoutesOptions): void {
  const { rooms, store, tokens, hub, media, logger } = options;
  const hasKey = bearerKey(options.adminKey);
  const config = { refusalStatus: 400 };
  const type = Type.Unsafe<RoomType>({ type: 'string', enum: [...roomTypes] });
  const roomParams = Type.Object({ type, roomID: Type.String({ minLength: 1, maxLength: 128 }) });
  const memberParams = Type.Object({ ...roomParams.properties, userID: Type.String({ minLength: 1, maxLength: 128 }) });

  // A hook of the routes, not of a path: a path can be written in more ways than one. It is before anything is looked at.
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    if (hasKey(request.headers.authorization)) return undefined;
    logger.warn({ address: request.ip }, 'a call of the admin API without its key');
    const message = 'wrong or missing key: send Authorization: Bearer with the adminKey of the configuration';
    return reply.code(401).header('www-authenticate', 'Bearer').send({ code: 401, message });
  };

  const listQuery = Type.Object({ type, index: Type.Optional(number(9)), limit: Type.Optional(number(4)) });
  app.get('/admin/rooms', { schema: { querystring: listQuery }, config, onRequest }, async ({ query }) => {
    const index = Number(query.index ?? 0);
    const limit = Math.max(1, Math.min(1000, Number(query.limit ?? defaultLimit)));
    // One more than asked for tells whether there is a next page.
    const found = await store.listRooms(query.type, index, limit + 1);
    const next = found.length > limit ? index + limit : null;
    return { ...success, rooms: found.slice(0, limit).map(roomView), next };
  });

  const ofRoom = { schema: { params: roomParams }, config, onRequest };
  app.get('/admin/rooms/:type/:roomID', ofRoom, async ({ params }, reply) => {
    const room = await store.getRoom(params.type, params.roomID);
    if (!room) return notFound(reply, 'room');
    const members = room.members.map(({ userID, userName, epoch, streamID, joinedAtMs, lastBeatMs }) => ({
      userID,
      userName,
      epoch,
      streamID,
      // Null where the media server tells nothing of its streams.
      publishing: media.isPublishing(streamID) ?? null,
      joinedAt: new Date(joinedAtMs).toISOString(),
      lastBeatAt: new Date(lastBeatMs).toISOString(),
    }));
    return { ...success, ...roomView(room), members };
  });

  app.delete('/admin/rooms/:type/:roomID', ofRoom, async ({ params, ip }, reply) => {
    if (!(await rooms.close(params.type, params.roomID))) return notFound(reply, 'room');
    logger.info({ ...params, address: ip }, 'room closed by an administrator');
    return success;
  });

  const logoutQuery = Type.Object({ logout: Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')])) });
  const ofMember = { schema: { params: memberParams, querystring: logoutQuery }, config, onRequest };
  app.delete('/admin/rooms/:type/:roomID/members/:userID', ofMember, async ({ params, query, ip }, reply) => {
    const { userID, roomID } = params;
    const room = await store.getRoom(params.type, roomID);
    if (!room?.members.some((member) => member.userID === userID)) return notFound(reply, 'member');
    const logout = query.logout !== 'false';
    if (logout) {
      // First: a client that still may would take its seat again.
      await tokens.revoke(userID, 'expelled');
      await hub.kick(userID, 'expelled');
    }
    if (!(await rooms.expel(params.type, roomID, userID))) return notFound(reply, 'member');
    logger.info({ ...params, logout, address: ip }, 'member expelled by an administrator');
    return success;
  });
}
