import { MemoryImChannel } from '#lib/im/MemoryImChannel';
import { RTCRoom, type RTCRoomFactories, type RTCRoomOptions } from '#lib/room/RTCRoom';
import { FakeMedia } from './fakeMedia.js';
import type { ScriptedApi, ScriptedService } from './ScriptedService.js';

export interface RoomFixture {
  room: RTCRoom;
  media: FakeMedia;
  apis: ScriptedApi[];
  channels: MemoryImChannel[];
  /** Everything that the room told but pushEvent and playEvent, in order: [name, ...args]. */
  events: unknown[][];
  named: (name: string) => unknown[][];
}

const told = [
  'memberJoin',
  'memberLeave',
  'membersUpdate',
  'roomClosed',
  'textMsg',
  'customMsg',
  'c2cCustomMsg',
  'kickedOffline',
  'error',
  'state',
  'step',
] as const;

export const synthetic = { video: { source: 'synthetic' }, audio: { source: 'synthetic' } } as const;

export function makeRoom(service: ScriptedService, options: RTCRoomOptions = {}): RoomFixture {
  const media = new FakeMedia();
  const apis: ScriptedApi[] = [];
  const channels: MemoryImChannel[] = [];
  const factories = {
    createApi: () => {
      const api = service.api();
      apis.push(api);
      return api;
    },
    createChannel: () => {
      const channel = new MemoryImChannel(service.hub);
      channels.push(channel);
      return channel;
    },
    createPusher: media.createPusher,
    createPlayer: media.createPlayer,
  } as unknown as Partial<RTCRoomFactories>;
  const room = new RTCRoom({ ...options, factories });
  const events: unknown[][] = [];
  for (const name of told) room.on(name, (...args: unknown[]) => void events.push([name, ...args]));
  return {
    room,
    media,
    apis,
    channels,
    events,
    named: (name) => events.filter(([one]) => one === name).map(([, ...args]) => args),
  };
}

export const loginOf = (userID: string, roomType = 'double_room') => ({
  serverDomain: `http://127.0.0.1:9/weapp/${roomType}`,
  sdkAppID: 1,
  accountType: '1',
  userID,
  userSig: 'good',
  userName: `${userID}'s name`,
  userAvatar: `${userID}.png`,
});

/** Logged in and with a preview: ready for createRoom and enterRoom. */
export async function readyRoom(
  service: ScriptedService,
  userID: string,
  options: RTCRoomOptions & { roomType?: string } = {},
): Promise<RoomFixture> {
  const fixture = makeRoom(service, options);
  await fixture.room.login(loginOf(userID, options.roomType));
  await fixture.room.startLocalPreview(synthetic);
  fixture.events.length = 0;
  return fixture;
}
