import { afterEach, describe, expect, test } from 'vitest';
import type { TXLivePlayer } from '#lib/live/TXLivePlayer';
import type { VideoFrame } from '#lib/live/VideoFrame';
import { RTCRoom } from '#lib/room/RTCRoom';
import { EventLog } from '../support/client/EventLog.js';
import { codeOf } from '../support/client/expectCode.js';
import { synthetic } from '../support/client/roomFixture.js';
import { patient } from '../support/patience.js';
import { type ServiceForTest, startServiceForTest } from '../support/testService.js';

const closers: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of closers.splice(0).reverse()) await one.close();
});

async function enter(service: ServiceForTest, userID: string) {
  const room = new RTCRoom();
  closers.push(room);
  const log = new EventLog(room);
  await room.login(service.loginInfo(userID));
  await room.startLocalPreview(synthetic);
  return { room, log };
}

/** Plays the member until that many pictures were decoded; gives their sizes. */
async function watch(room: RTCRoom, userID: string, count: number): Promise<string[]> {
  const sizes: string[] = [];
  let done = () => {};
  const enough = new Promise<void>((resolve) => {
    done = resolve;
  });
  const onPlayer = (player: TXLivePlayer) =>
    player.on('videoFrame', (frame: VideoFrame) => {
      sizes.push(`${frame.width}x${frame.height}`);
      frame.close();
      if (sizes.length >= count) done();
    });
  await room.addRemoteView(userID, { player: { videoFormat: 'i420' }, onPlayer });
  await enough;
  return sizes;
}

describe('a real call', () => {
  test('two people see each other through the media server, write, and leave nothing', async () => {
    const service = await startServiceForTest();
    closers.push(service);
    const ann = await enter(service, 'ann');
    const bob = await enter(service, 'bob');
    const roomID = await ann.room.createRoom({ roomInfo: 'call' });
    await bob.room.enterRoom({ roomID });
    await ann.log.wait('memberJoin');
    const [atAnn, atBob] = await Promise.all([watch(ann.room, 'bob', 60), watch(bob.room, 'ann', 60)]);
    for (const sizes of [atAnn, atBob]) expect(new Set(sizes).size).toBe(1);
    await bob.room.sendRoomTextMsg('I see you');
    expect(await ann.log.wait('textMsg')).toMatchObject([{ userID: 'bob', text: 'I see you' }]);
    const steps = [...ann.log.named('step'), ...bob.log.named('step')].map(([one]) => (one as { step: number }).step);
    expect(steps.sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    await bob.room.exitRoom();
    expect(await ann.log.wait('memberLeave')).toMatchObject([{ userID: 'bob' }]);
    await ann.room.exitRoom();
    expect(await ann.room.getRoomList()).toEqual([]);
    for (const { log, room } of [ann, bob]) {
      expect(log.named('error')).toEqual([]);
      expect(room.pusher).toBeUndefined();
    }
  });

  test('the one who is left plays a member again who left and came back', async () => {
    const service = await startServiceForTest();
    closers.push(service);
    const ann = await enter(service, 'ann');
    const bob = await enter(service, 'bob');
    const roomID = await ann.room.createRoom();
    for (const count of [1, 2]) {
      if (count === 2) await bob.room.startLocalPreview(synthetic);
      await bob.room.enterRoom({ roomID });
      await ann.log.wait('memberJoin', { count });
      await watch(ann.room, 'bob', 10);
      await bob.room.exitRoom();
      await ann.log.wait('memberLeave', { count });
    }
    expect(ann.log.named('error')).toEqual([]);
  });

  test('aborted at the push, and closed in a call: quick and clean', async () => {
    const service = await startServiceForTest();
    closers.push(service);
    const ann = await enter(service, 'ann');
    const stop = new AbortController();
    ann.room.once('step', () => setImmediate(() => stop.abort()));
    const joining = ann.room.createRoom({ signal: stop.signal });
    expect(await codeOf(joining)).toBe('ERR_RTC_ABORTED');
    expect(ann.room.state).toBe('idle');
    await ann.room.createRoom();
    const bob = await enter(service, 'bob');
    await bob.room.enterRoom({ roomID: ann.room.roomID as string });
    await watch(bob.room, 'ann', 5);
    const startedMs = performance.now();
    await ann.room.close();
    // A call that is waited for has 5 s.
    expect(performance.now() - startedMs).toBeLessThan(patient(3000));
    expect(await bob.log.wait('roomClosed')).toMatchObject([{ reason: 'creatorLeft' }]);
    expect(bob.room.state).toBe('idle');
  });

  test('a stream that is cut by expiry is pushed again with the seat', async () => {
    // Three timeouts, since bob's stream still arrives; longer than a busy machine may keep ann from beating.
    const service = await startServiceForTest({ heartbeatTimeoutMs: 2000, sweepIntervalMs: 200 });
    closers.push(service);
    const ann = new RTCRoom({ heartbeatIntervalMs: 100 });
    const bob = new RTCRoom({ heartbeatIntervalMs: 3_600_000 });
    closers.push(ann, bob);
    const log = new EventLog(ann);
    for (const [room, userID] of [
      [ann, 'ann'],
      [bob, 'bob'],
    ] as const) {
      await room.login(service.loginInfo(userID));
      await room.startLocalPreview(synthetic);
    }
    const roomID = await ann.createRoom();
    await bob.enterRoom({ roomID });
    await log.wait('memberLeave', { timeoutMs: 20_000 });
    await log.wait('memberJoin', { count: 2, timeoutMs: 20_000 });
    expect((await watch(ann, 'bob', 10)).length).toBeGreaterThanOrEqual(10);
    expect(bob.state).toBe('inRoom');
  });
});
