import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoomServiceOptions } from '#lib/server/RoomService';
import { MiniProgramClient } from '../support/oldClients/MiniProgramClient.js';
import { OldDeployment } from '../support/oldClients/OldDeployment.js';
import { WindowsClient } from '../support/oldClients/WindowsClient.js';

let folder: string;
let deployment: OldDeployment;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtcroom-old-'));
  await deploy();
});
afterEach(async () => {
  await deployment.close();
  await rm(folder, { recursive: true, force: true });
});

async function deploy(options: Partial<RoomServiceOptions> = {}): Promise<void> {
  await deployment?.close();
  deployment = new OldDeployment({ database: join(folder, `rooms-${deployment ? Math.random() : 0}.db`), ...options });
  await deployment.start();
}

async function windows(userID: string, type = 'multi_room'): Promise<WindowsClient> {
  const client = new WindowsClient(deployment, userID, type);
  await client.login();
  expect(client.events).toEqual([['onLogin', 0]]);
  return client;
}

async function miniProgram(userID: string, type = 'multi_room'): Promise<MiniProgramClient> {
  const client = new MiniProgramClient(deployment, userID, type);
  await client.login();
  expect(client.events).toEqual([['login', 0]]);
  return client;
}

const userIDs = (client: { members: { userID: string }[] }) => client.members.map(({ userID }) => userID);

describe.each(['double_room', 'multi_room', 'live_room'])('Windows clients in a %s', (type) => {
  it('create, enter, talk, leave and fall silent', async () => {
    const [ann, bob] = [await windows('ann', type), await windows('bob', type)];
    await ann.createRoom('{"title":"银行"}');
    expect(ann.events.slice(1)).toEqual([
      ['onCreateRoom', 0, ann.roomID],
      ['onUpdateRoomData', 0],
    ]);
    expect(ann.roomID).toMatch(/^room_[0-9a-f]{8}_[0-9a-f]{4}$/);

    const [listed] = await bob.getRoomList(0, 20);
    expect(listed).toMatchObject({ roomID: ann.roomID, roomInfo: '{"title":"银行"}', roomCreator: 'ann', code: 0 });
    expect(listed.mixedPlayURL).toContain('_ann.flv');
    await bob.enterRoom(listed.roomID);
    expect(bob.events.slice(1)).toEqual([
      ['onEnterRoom', 0],
      ['onPusherJoin', 'ann'],
      ['onUpdateRoomData', 0],
    ]);
    expect(await ann.told('onPusherJoin')).toEqual(['onPusherJoin', 'bob']);
    expect(userIDs(ann)).toEqual(['ann', 'bob']);
    for (const { accelerateURL } of ann.members)
      expect(accelerateURL).toMatch(/^rtmp:.*\?bizid=.*&txSecret=.*&txTime=/);

    await ann.sendRoomTextMsg('开户 "}}" 吗\n?');
    expect(await bob.told('onRecvRoomTextMsg')).toEqual([
      'onRecvRoomTextMsg',
      ann.roomID,
      'ann',
      'name of ann',
      'avatar of ann',
      '开户 "}}" 吗\n?',
    ]);

    await deployment.pass(60);
    await Promise.all([ann.handle(), bob.handle()]);
    expect([ann.named('onPusherQuit'), bob.named('onPusherQuit')]).toEqual([[], []]);

    await bob.leaveRoom();
    expect(await ann.told('onPusherQuit')).toEqual(['onPusherQuit', 'bob']);
    await bob.enterRoom(ann.roomID);
    expect(await ann.told('onPusherJoin', 2)).toEqual(['onPusherJoin', 'bob']);

    bob.crash();
    await deployment.pass(20);
    await ann.handle();
    expect(ann.named('onPusherQuit')).toHaveLength(1);
    await deployment.pass(6);
    expect(await ann.told('onPusherQuit', 2)).toEqual(['onPusherQuit', 'bob']);

    await ann.leaveRoom();
    expect(await ann.getRoomList(0, 20)).toEqual([]);
    await ann.logout();
  });

  it('are told when the room is over, by its creator’s leaving and by its creator’s silence', async () => {
    for (const how of ['leaves', 'crashes']) {
      const [ann, bob] = [await windows(`ann-${how}`, type), await windows(`bob-${how}`, type)];
      await ann.createRoom('');
      const { roomID } = ann;
      await bob.enterRoom(roomID);
      if (how === 'leaves') await ann.leaveRoom();
      else ann.crash();
      await deployment.pass(26);
      expect(await bob.told('onRoomClosed')).toEqual(['onRoomClosed', roomID]);
      expect(bob.named('onRoomClosed')).toHaveLength(1);
    }
  });

  it('go on over a restart of the service, none the wiser', async () => {
    const [ann, bob] = [await windows('ann', type), await windows('bob', type)];
    await ann.createRoom('');
    await bob.enterRoom(ann.roomID);
    await ann.told('onPusherJoin');
    const before = ann.members;
    await deployment.restart(15_000);
    await deployment.pass(40);
    await bob.sendRoomTextMsg('still here');
    expect((await ann.told('onRecvRoomTextMsg')).at(-1)).toBe('still here');
    const late = await windows('late', type);
    expect((await late.getRoomList(0, 20))[0].pushers).toEqual(before);
    for (const client of [ann, bob]) {
      for (const name of ['onPusherQuit', 'onRoomClosed', 'onTIMKickOffline']) expect(client.named(name)).toEqual([]);
    }
    await bob.leaveRoom();
    expect(await ann.told('onPusherQuit')).toEqual(['onPusherQuit', 'bob']);
  });
});

describe.each(['double_room', 'multi_room', 'live_room'])('mini-programs in a %s', (type) => {
  it('create, enter, talk, leave and fall silent', async () => {
    const [ann, bob] = [await miniProgram('ann', type), await miniProgram('bob', type)];
    await ann.createRoom('{"title":"银行"}');
    expect(ann.events.slice(1)).toEqual([['joined', ann.roomID]]);
    // A live room's streams have the user's name alone.
    expect(ann.pushURL).toContain(type === 'live_room' ? '1000_ann?' : `1000_${ann.roomID}_ann?`);
    const [listed] = await bob.getRoomList();
    expect(listed).toMatchObject({ roomID: ann.roomID, roomInfo: '{"title":"银行"}', roomCreator: 'ann' });
    await bob.enterRoom(listed.roomID);
    expect(bob.events.slice(1)).toEqual([
      ['pusherJoin', ['ann']],
      ['joined', ann.roomID],
    ]);
    expect(await ann.told('pusherJoin')).toEqual(['pusherJoin', ['bob']]);

    await ann.sendRoomTextMsg('开户 }} 吗\n?');
    expect(await bob.told('recvTextMsg')).toEqual(['recvTextMsg', 'name of ann', 'avatar of ann', '开户 }} 吗\n?']);

    await deployment.pass(60);
    await Promise.all([ann.handle(), bob.handle()]);
    expect([ann.named('pusherQuit'), bob.named('pusherQuit')]).toEqual([[], []]);

    const { roomID } = ann;
    await bob.exitRoom();
    expect(await ann.told('pusherQuit')).toEqual(['pusherQuit', ['bob']]);
    await bob.enterRoom(roomID);
    expect(await ann.told('pusherJoin', 2)).toEqual(['pusherJoin', ['bob']]);
    bob.crash();
    await deployment.pass(26);
    expect(await ann.told('pusherQuit', 2)).toEqual(['pusherQuit', ['bob']]);

    const cat = await miniProgram('cat', type);
    await cat.enterRoom(roomID);
    await ann.exitRoom();
    expect(await cat.told('roomClosed')).toEqual(['roomClosed']);
    await cat.exitRoom();
    expect(await cat.getRoomList()).toEqual([]);
    await ann.logout();
  });

  it('go on over a restart of the service, none the wiser', async () => {
    const [ann, bob] = [await miniProgram('ann', type), await miniProgram('bob', type)];
    await ann.createRoom('');
    await bob.enterRoom(ann.roomID);
    await ann.told('pusherJoin');
    await deployment.restart(15_000);
    await deployment.pass(40);
    await bob.sendRoomTextMsg('still here');
    expect((await ann.told('recvTextMsg')).at(-1)).toBe('still here');
    for (const client of [ann, bob]) {
      for (const name of ['pusherQuit', 'roomClosed', 'error']) expect(client.named(name)).toEqual([]);
    }
    await bob.exitRoom();
    expect(await ann.told('pusherQuit')).toEqual(['pusherQuit', ['bob']]);
  });
});

describe('both kinds in one room', () => {
  it('see and read each other, as they did then', async () => {
    const [win, mini] = [await windows('win'), await miniProgram('mini')];
    await win.createRoom('');
    await mini.enterRoom(win.roomID);
    expect(await win.told('onPusherJoin')).toEqual(['onPusherJoin', 'mini']);
    expect(mini.named('pusherJoin')).toEqual([['pusherJoin', ['win']]]);
    // Their own faults, which the service neither causes nor mends: a line feed, and avatars by two names.
    await win.sendRoomTextMsg('hello');
    expect(await mini.told('recvTextMsg')).toEqual(['recvTextMsg', 'name of win', undefined, '\nhello']);
    await mini.sendRoomTextMsg('hello');
    expect((await win.told('onRecvRoomTextMsg')).slice(2)).toEqual(['mini', 'name of mini', '', 'hello']);
    await win.leaveRoom();
    expect(await mini.told('roomClosed')).toEqual(['roomClosed']);
  });

  it('are refused a third seat of a double_room, as they know it', async () => {
    const [ann, bob] = [await windows('ann', 'double_room'), await miniProgram('bob', 'double_room')];
    await ann.createRoom('');
    await bob.enterRoom(ann.roomID);
    const [win, mini] = [await windows('win', 'double_room'), await miniProgram('mini', 'double_room')];
    await win.enterRoom(ann.roomID);
    expect(win.events.slice(1)).toEqual([['onEnterRoom', -2007]]);
    await mini.enterRoom(ann.roomID);
    expect(mini.events.slice(1)).toEqual([
      ['pusherJoin', ['ann', 'bob']],
      ['error', -3, 5001],
    ]);
    expect((await ann.getRoomList(0, 20))[0].pushers).toHaveLength(2);
  });

  it('are put out by a login elsewhere', async () => {
    const first = await windows('ann');
    await first.createRoom('');
    const second = await windows('ann');
    expect(await first.told('onTIMKickOffline')).toEqual(['onTIMKickOffline']);
    await expect(first.getRoomList(0, 20)).rejects.toThrow('-1003');
    expect(await second.getRoomList(0, 20)).toHaveLength(1);
    expect(second.named('onTIMKickOffline')).toEqual([]);
  });

  it('refuse an unknown room, unless the service is told to make it as the old one did', async () => {
    const win = await windows('win');
    await win.enterRoom('nowhere');
    expect(win.events.slice(1)).toEqual([['onEnterRoom', -2001]]);
    await deploy({ createMissingRooms: true });
    const [again, mini] = [await windows('win'), await miniProgram('mini')];
    await again.enterRoom('nowhere');
    expect(again.events.slice(1)).toEqual([
      ['onEnterRoom', 0],
      ['onUpdateRoomData', 0],
    ]);
    await mini.enterRoom('nowhere');
    expect(await again.told('onPusherJoin')).toEqual(['onPusherJoin', 'mini']);
  });

  it('keep the room of a creator who leaves, where the service is told to, as the old one did', async () => {
    await deploy({ creatorLeaveDissolves: false });
    const [win, mini] = [await windows('win'), await miniProgram('mini')];
    await win.createRoom('');
    await mini.enterRoom(win.roomID);
    await win.leaveRoom();
    expect(await mini.told('pusherQuit')).toEqual(['pusherQuit', ['win']]);
    expect((await mini.getRoomList())[0]).toMatchObject({ roomCreator: 'win', pushers: [{ userID: 'mini' }] });
    await mini.exitRoom();
    expect(await mini.getRoomList()).toEqual([]);
  });
});
