import type { Tokens } from '../auth/Tokens.js';
import type { LiveRooms } from '../rooms/LiveRooms.js';
import type { App } from './createApp.js';
import { authenticate } from './identity.js';
import {
  addAudienceBody,
  type IdentityQuery,
  identityQuery,
  roomBody,
  roomIDBody,
  setCustomFieldBody,
} from './schemas.js';
import { success } from './success.js';

export interface LiveRoutesOptions {
  live: LiveRooms;
  tokens: Tokens;
}

/** What `/weapp/live_room` has beside the methods of every room type: audience and custom info. */
export function addLiveRoutes(app: App, options: LiveRoutesOptions): void {
  const { live, tokens } = options;
  const path = (method: string) => `/weapp/live_room/${method}`;
  const identify = async (query: IdentityQuery, bodyUserID?: string) => {
    const userID = await authenticate(tokens, query, bodyUserID);
    live.see(userID);
    return userID;
  };
  const schema = <Body>(body: Body) => ({ schema: { querystring: identityQuery, body } });

  app.post(path('add_audience'), schema(addAudienceBody), async ({ query, body }) => {
    const userID = await identify(query, body.userID);
    await live.addAudience(body.roomID, userID, body.userInfo ?? '');
    return success;
  });

  app.post(path('delete_audience'), schema(roomBody), async ({ query, body }) => {
    const userID = await identify(query, body.userID);
    await live.deleteAudience(body.roomID, userID);
    return success;
  });

  app.post(
    path('get_audiences'),
    { ...schema(roomIDBody), config: { refusalFields: { audienceCount: 0, audiences: null } } },
    async ({ query, body }) => {
      await identify(query);
      const audiences = await live.audience(body.roomID);
      return { ...success, audienceCount: audiences.length, audiences };
    },
  );

  app.post(path('get_custom_info'), schema(roomIDBody), async ({ query, body }) => {
    await identify(query);
    const text = JSON.stringify(await live.customInfo(body.roomID));
    // The two originals name it differently.
    return { ...success, customInfo: text, custom: text };
  });

  app.post(path('set_custom_field'), schema(setCustomFieldBody), async ({ query, body }) => {
    await identify(query);
    await live.count(body.roomID, body.fieldName, body.operation);
    return success;
  });
}
