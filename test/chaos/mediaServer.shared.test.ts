import { describe, expect, it, type TestContext, vi } from 'vitest';
import { VideoResolution } from '#lib/live/enums';
import { RTCRoom, type RTCRoomOptions } from '#lib/room/RTCRoom';
import { issueUserSig } from '#lib/server/auth/userSig';
import { EventLog } from '../support/client/EventLog.js';
import { synthetic } from '../support/client/roomFixture.js';
import { freePort } from '../support/freePort.js';
import { RawRtmpClient } from '../support/mediaServerClient.js';
import { patient } from '../support/patience.js';
import { RedisServer } from '../support/server/RedisServer.js';
import { raw, sdkAppID, secretKey } from '../support/server/roomClient.js';
import { ServeProcess } from '../support/server/ServeProcess.js';
import { ServiceProcess } from '../support/server/ServiceProcess.js';
import { type WatchedPlayer, watchPlayer } from '../support/watchPlayer.js';

const adminKey = 'admin-key-admin-key';
const pushKey = 'push-key-push-key-push-key';
const playKey = 'play-key-play-key-play-key';
const controlKey = 'control-key-control-key';
const keys = ['--media-push-key', pushKey, '--media-play-key', playKey, '--media-control-key', controlKey];
const roomID = 'shared';

/** What a test started, ended after it, the latest first. */
class Scene {
  readonly #ends: (() => Promise<unknown>)[] = [];

  constructor({ onTestFinished }: TestContext) {
    onTestFinished(async () => {
      for (const end of this.#ends.reverse()) await end();
    });
  }

  async redis(): Promise<RedisServer> {
    const server = await RedisServer.start();
    this.#ends.push(() => server.close());
    return server;
  }

  /** `rtcroom media`, or with a Redis `rtcroom serve`. */
  async start(flags: readonly string[], redis?: RedisServer): Promise<ServeProcess> {
    const ofService = redis ? ['--redis', redis.url, '--port', '0', '--admin-key', adminKey] : [];
    const started = await ServeProcess.start([...keys, ...ofService, ...flags], redis ? 'serve' : 'media');
    this.#ends.push(() => started.kill());
    return started;
  }

  /** A room service of that media server, whose members expire much sooner than an operator may choose. */
  async quick(redis: RedisServer, { addresses }: ServeProcess): Promise<ServiceProcess> {
    const { rtmpUrl, mediaControlUrl: controlUrl = '' } = addresses;
    const shared = { rtmpUrl, controlUrl, controlKey, pushKey, playKey };
    const times = { heartbeatTimeoutMs: 2000, sweepIntervalMs: 200 };
    const service = await ServiceProcess.start({ redis: redis.url, shared, adminKey, ...times });
    this.#ends.push(() => service.kill());
    return service;
  }

  /** Somebody with a picture, at that service, who plays all others. */
  async person(url: string, userID: string, options: RTCRoomOptions = {}) {
    const room = new RTCRoom({ ...options, autoPlay: { player: { videoFormat: 'i420' } } });
    this.#ends.push(() => room.close());
    const log = new EventLog(room);
    /** The latest player of each member. */
    const played = new Map<string, WatchedPlayer>();
    room.on('playerStart', (player, member) => played.set(member.userID, watchPlayer(player)));
    const userSig = issueUserSig({ sdkAppID, secretKey, userID });
    await room.login({ serverDomain: `${url}/weapp/multi_room`, sdkAppID, accountType: '0', userID, userSig });
    await room.startLocalPreview({ ...synthetic, resolution: VideoResolution.RESOLUTION_320x180, fps: 15 });
    /** Waits for so many more pictures of that member, and sees that they move. */
    const sees = async (other: string, count = 15) => {
      const before = played.get(other);
      const from = before?.pictures.length ?? 0;
      await vi.waitFor(
        () => {
          const now = played.get(other);
          const since = now === before ? from : 0;
          if (!now || now.pictures.length < since + count) throw new Error(`${userID} does not see ${other}`);
          expect(new Set(now.pictures.slice(since)).size).toBeGreaterThan(count / 2);
        },
        { timeout: patient(30_000), interval: 20 },
      );
    };
    return { room, log, sees, played };
  }
}

/** A member that is in the room and pushes, and takes no notice of being sent away. */
async function stubborn(url: string, userID: string) {
  const call = async (method: string, query: object, body: object) => {
    const text = new URLSearchParams(query as Record<string, string>);
    const headers = { 'content-type': 'application/json' };
    const { json } = await raw(`${url}/weapp/multi_room/${method}?${text}`, { headers, body: JSON.stringify(body) });
    if (json.code !== 0) throw new Error(`${method}: ${JSON.stringify(json)}`);
    return json;
  };
  const userSig = issueUserSig({ sdkAppID, secretKey, userID });
  const { token } = await call('login', { sdkAppID, accountType: '0', userID, userSig }, {});
  const { pushURL } = await call('get_push_url', { userID, token }, { userID, roomID });
  const publish = () => RawRtmpClient.request('publish', pushURL);
  const publisher = await publish();
  await publisher.waitFor('NetStream.Publish.Start');
  // Never silent: it is cut for no other reason.
  const pushing = setInterval(() => publisher.sendFrame('frame'), 300);
  publisher.socket.once('close', () => clearInterval(pushing));
  await call('add_pusher', { userID, token }, { userID, roomID, pushURL, userName: '', userAvatar: '' });
  return { publish, publisher };
}

const headers = { authorization: `Bearer ${adminKey}` };
const roomAt = (url: string) => `${url}/admin/rooms/multi_room/${roomID}`;
const expel = async (url: string, userID: string) =>
  expect((await raw(`${roomAt(url)}/members/${userID}`, { method: 'DELETE', headers })).status).toBe(200);
const publishing = async (url: string): Promise<string[]> => {
  const { json } = await raw(roomAt(url), { method: 'GET', headers });
  return (json?.members ?? []).flatMap((one: { userID: string; publishing: boolean }) =>
    one.publishing ? [one.userID] : [],
  );
};
const ready = async (url: string) => (await raw(`${url}/readyz`, { method: 'GET' })).json.checks.media.ok;
const eventually = (what: () => Promise<unknown>, is: unknown) =>
  vi.waitFor(async () => expect(await what()).toEqual(is), { timeout: patient(20_000), interval: 50 });

// Each starts several programs, which a loaded machine does slowly; what is waited for after that has its own deadline.
describe('room services on one Redis with one media server', { timeout: patient(240_000) }, () => {
  it('of one of them: a call between the two; who is expelled at the other is cut, and cannot come back', async (context) => {
    const scene = new Scene(context);
    const redis = await scene.redis();
    const one = await scene.start(['--media-control-port', '0'], redis);
    const { rtmpUrl, mediaControlUrl = '' } = one.addresses;
    const control = ['--media-server', 'shared', '--public-rtmp-url', rtmpUrl, '--media-control-url', mediaControlUrl];
    const other = await scene.start(control, redis);
    const [ann, bob] = await Promise.all([scene.person(one.url, 'ann'), scene.person(other.url, 'bob')]);
    await ann.room.createRoom({ roomID });
    await bob.room.enterRoom({ roomID });
    await Promise.all([ann.sees('bob'), bob.sees('ann')]);
    const eve = await stubborn(one.url, 'eve');
    await eventually(() => publishing(other.url), ['ann', 'bob', 'eve']);

    await expel(other.url, 'eve');
    await eve.publisher.waitForClose();
    const again = await eve.publish();
    await again.waitFor('NetStream.Publish.Denied');
    expect(await publishing(other.url)).toEqual(['ann', 'bob']);
    await Promise.all([ann.sees('bob'), bob.sees('ann')]);
    for (const { log } of [ann, bob]) expect(log.named('error')).toEqual([]);
  });

  it('of its own process: a service is killed, the call goes on, and the other cuts who is not heard again', async (context) => {
    const scene = new Scene(context);
    const [redis, media] = await Promise.all([scene.redis(), scene.start(['--media-control-port', '0'])]);
    const [one, other] = await Promise.all([scene.quick(redis, media), scene.quick(redis, media)]);
    const beats = { heartbeatIntervalMs: 300 };
    const [ann, bob] = await Promise.all([scene.person(one.url, 'ann', beats), scene.person(other.url, 'bob', beats)]);
    await bob.room.createRoom({ roomID });
    await ann.room.enterRoom({ roomID });
    await Promise.all([ann.sees('bob'), bob.sees('ann')]);
    await eventually(() => publishing(other.url), ['bob', 'ann']);

    await one.kill();
    const killedMs = performance.now();
    await Promise.all([ann.sees('bob', 25), bob.sees('ann', 25)]);
    await bob.log.wait('memberLeave');
    // Spared as long as its stream arrived, at a media server of another process: three timeouts in place of one.
    expect(performance.now() - killedMs).toBeGreaterThan(3000);
    await eventually(() => publishing(other.url), ['bob']);
    const streams = async () =>
      /rtcroom_media_streams (\d+)/.exec(
        (await raw(`${media.addresses.mediaControlUrl}/metrics`, { method: 'GET' })).text,
      )?.[1];
    await eventually(streams, '1');
    expect(bob.room.state).toBe('inRoom');
  });

  it('that is killed and comes back: rooms go on, calls have their pictures again, and nobody who was expelled', async (context) => {
    const scene = new Scene(context);
    const [control, rtmp] = [await freePort(), await freePort()];
    const ports = ['--media-control-port', String(control), '--rtmp-port', String(rtmp)];
    const [redis, media] = await Promise.all([scene.redis(), scene.start(ports)]);
    const { rtmpUrl, mediaControlUrl = '' } = media.addresses;
    const shared = ['--media-server', 'shared', '--public-rtmp-url', rtmpUrl, '--media-control-url', mediaControlUrl];
    const [one, other] = await Promise.all([scene.start(shared, redis), scene.start(shared, redis)]);
    const [ann, bob] = await Promise.all([scene.person(one.url, 'ann'), scene.person(other.url, 'bob')]);
    await ann.room.createRoom({ roomID });
    await bob.room.enterRoom({ roomID });
    await Promise.all([ann.sees('bob'), bob.sees('ann')]);
    const eve = await stubborn(one.url, 'eve');

    await media.kill();
    for (const { url } of [one, other]) await eventually(() => ready(url), false);
    await expel(other.url, 'eve');
    await ann.room.sendRoomTextMsg('without pictures');
    expect(await bob.log.wait('textMsg')).toMatchObject([{ userID: 'ann', text: 'without pictures' }]);

    await scene.start(ports);
    for (const { url } of [one, other]) await eventually(() => ready(url), true);
    const again = await eve.publish();
    await again.waitFor('NetStream.Publish.Denied');
    await Promise.all([ann.sees('bob'), bob.sees('ann')]);
    for (const { url } of [one, other]) await eventually(() => publishing(url), ['ann', 'bob']);
    for (const { room } of [ann, bob]) expect(room.state).toBe('inRoom');
  });
});
