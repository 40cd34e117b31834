import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clockMicros } from '#lib/live/engine';
import { PlayType, VideoResolution } from '#lib/live/enums';
import type { LivePlayAttribute, PusherOptions } from '#lib/live/options';
import type { LiveStatus } from '#lib/live/status';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { CallMeter, median, readClock } from '#lib/measure/index';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { CalmCall } from '../support/live/CalmCall.js';
import { startSilentServer } from '../support/live/silentServer.js';
import { playUrl, pushUrl, until } from '../support/mediaServer.js';
import { patient } from '../support/patience.js';
import { startRelay } from '../support/relay.mjs';

describe('setLivePlayAttribute', () => {
  it('takes the SDK’s JSON and an object', async () => {
    await using player = new TXLivePlayer({ engine: 'embedded' });
    player.setLivePlayAttribute('{"AutoAdjustCacheTime":true,"MinAutoAdjustCacheTime":1,"MaxAutoAdjustCacheTime":3}');
    player.setLivePlayAttribute({ AutoAdjustCacheTime: false, CacheTime: 0.5, VideoBlockThreshold: 400 });
    player.setLivePlayAttribute({});
  });

  it.each([
    '',
    'null',
    '[]',
    '{"CacheTime":0.2}',
    '{"CacheTime":"1"}x',
    '{"CachTime":1}',
    '{"AutoAdjustCacheTime":"yes"}',
    '{"MinAutoAdjustCacheTime":3,"MaxAutoAdjustCacheTime":2}',
    '{"VideoBlockThreshold":0}',
    '{"ConnectRetryCount":1.5}',
    '{"ConnectRetryInterval":-1}',
    { CacheTime: Number.NaN },
    { ConnectRetryCount: -1 },
    7 as unknown as LivePlayAttribute,
    undefined as unknown as string,
  ])('refuses %j', async (attribute) => {
    await using player = new TXLivePlayer({ engine: 'embedded' });
    expect(() => player.setLivePlayAttribute(attribute)).toThrow(
      expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
    );
  });

  it('sets how often and how soon a connection is tried again; what is refused changes nothing', async () => {
    let url: string;
    {
      await using server = await startSilentServer();
      url = server.url;
    }
    await using player = new TXLivePlayer({
      engine: 'embedded',
      connectRetryCount: 9,
      connectRetryIntervalMs: 3_600_000,
    });
    let tries = 0;
    player.on('PLAY_WARNING_SEVER_CONN_FAIL', () => tries++);
    player.setLivePlayAttribute({ ConnectRetryCount: 2, ConnectRetryInterval: 0 });
    expect(() => player.setLivePlayAttribute({ ConnectRetryCount: 5, ConnectRetryInterval: 3601 })).toThrow();
    await expect(player.startPlay(url)).rejects.toMatchObject({ code: 'ERR_RTC_CONNECT_FAILED' });
    expect(tries).toBe(3);
  });
});

/** What a player hands out, and when. */
class Watched {
  readonly meter = new CallMeter();
  readonly calm: CalmCall;
  readonly pictureLags: number[] = [];
  readonly soundLags: number[] = [];
  readonly statuses: LiveStatus[] = [];
  /** The latency that was told, and the ages of the pictures since the report before, ms. */
  readonly told: { latencyMs: number; agesMs: number[] }[] = [];
  #agesMs: number[] = [];

  constructor(
    readonly player: TXLivePlayer,
    maxAgeMs: number,
  ) {
    this.calm = new CalmCall(maxAgeMs);
    player.on('videoFrame', (frame) => {
      const arrivedUs = clockMicros();
      this.meter.video(frame, arrivedUs);
      this.calm.video(frame, arrivedUs);
      // When the engine handed it out: it comes here when this thread has the time.
      const clock = readClock(frame);
      if (clock) this.#agesMs.push((frame.decodedAtUs - clock.clockUs) / 1000);
      this.pictureLags.push(frame.decodedAtUs / 1000 - frame.timestampMs);
      frame.close();
    });
    player.on('audioFrame', (frame) => {
      this.meter.audio(frame);
      this.calm.audio(clockMicros());
      // By its end: it cannot come sooner.
      this.soundLags.push(frame.decodedAtUs / 1000 - frame.timestampMs - (1000 * frame.samples) / frame.sampleRate);
      frame.close();
    });
    player.on('status', (status) => {
      this.statuses.push(status);
      const agesMs = this.#agesMs;
      this.#agesMs = [];
      const { END_TO_END_LATENCY: latencyMs } = status;
      if (latencyMs !== undefined && agesMs.length > 0) this.told.push({ latencyMs, agesMs });
    });
  }

  /** Sound after its picture, as they are handed out, ms. */
  get skewMs(): number {
    return (median(this.soundLags) as number) - (median(this.pictureLags) as number);
  }
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

type Wait = 'waits' | 'goes on';

function waits(told: string[]): Wait[] {
  return told.flatMap((name) =>
    name === 'PLAY_EVT_PLAY_LOADING' ? 'waits' : name === 'PLAY_EVT_PLAY_BEGIN' ? 'goes on' : [],
  );
}

/** Each wait is told once, and then that it goes on. A busy machine may make more of them. */
function expectOnceEach(told: Wait[]): void {
  expect(told.length).toBeGreaterThan(1);
  expect(told).toEqual(told.map((_, index) => (index % 2 === 0 ? 'waits' : 'goes on')));
}

// A busy machine is given the time to come to rest.
describe('what is played', { timeout: patient(90_000) }, () => {
  let media: EmbeddedMediaServer;
  beforeAll(async () => {
    media = new EmbeddedMediaServer();
    await media.start();
  });
  afterAll(() => media.close());

  async function push(stream: string, options: PusherOptions = {}): Promise<TXLivePusher> {
    const pusher = new TXLivePusher({ engine: 'embedded', ...options });
    pusher.setVideoResolution(VideoResolution.RESOLUTION_320x180);
    pusher.setVideoFPS(30);
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    await pusher.startPush(pushUrl(media, stream));
    return pusher;
  }

  async function play(
    url: string,
    type: PlayType,
    { attribute, maxAgeMs = 500 }: { attribute?: LivePlayAttribute; maxAgeMs?: number } = {},
  ) {
    const player = new TXLivePlayer({
      engine: 'embedded',
      videoFormat: 'i420',
      audioOutput: true,
      statusIntervalMs: 500,
    });
    const watched = new Watched(player, maxAgeMs);
    if (attribute) player.setLivePlayAttribute(attribute);
    await player.startPlay(url, { type });
    return watched;
  }

  it('through a network that holds pieces up is whole, in order and in step', async () => {
    await using pusher = await push('jitter');
    expect(pusher.pushing).toBe(true);
    // The same delays in each run.
    let seed = 7;
    const delayMs = () => {
      seed = (seed * 48271) % 0x7fffffff;
      return (seed / 0x7fffffff) * 80;
    };
    await using relay = await startRelay(playUrl(media, 'jitter'), { delayMs });
    const watched = await play(relay.url, PlayType.LIVE_RTMP_ACC);
    await using _ = watched.player;
    const { meter, calm } = watched;
    await until('eight seconds of it', () => meter.report().beeps >= 8 && calm.report().frames > 200, 60_000);
    expect(calm.report()).toMatchObject({ lost: 0, duplicates: 0, reordered: 0, unreadable: 0 });
    expect(Math.abs(meter.report().avOffsetMs as number)).toBeLessThanOrEqual(40);
    expect(Math.abs(watched.skewMs)).toBeLessThanOrEqual(40);
    const status = watched.statuses.at(-1) as LiveStatus;
    expect(status.PLAY_DELAY).toBeGreaterThan(10);
    expect(status.NET_JITTER).toBeGreaterThan(1);
    expect(status).toMatchObject({ CODEC_DROP_CNT: 0, ...(calm.disturbances === 0 && { DROP_SIZE: 0 }) });
  });

  it('tells how long ago its pictures were taken, by the clock in the stream', async () => {
    await using pusher = await push('clock');
    expect(pusher.pushing).toBe(true);
    await using relay = await startRelay(playUrl(media, 'clock'), { delayMs: () => 300 });
    const watched = await play(relay.url, PlayType.LIVE_RTMP_ACC);
    await using _ = watched.player;
    await until('four seconds of it', () => watched.told.length >= 8, 60_000);
    const told = watched.told.slice(-6);
    expect(Math.min(...told.map(({ latencyMs }) => latencyMs))).toBeGreaterThan(300);
    // Each of the pictures since the one before it; where nothing ran for a while the two may be about others.
    const off = told.map(({ latencyMs, agesMs }) => Math.abs(latencyMs - mean(agesMs)));
    expect(median(off)).toBeLessThan(patient(50));
  });

  it('tells no latency of a stream that has no clock', async () => {
    await using pusher = await push('timeless', { streamClock: false });
    expect(pusher.pushing).toBe(true);
    const watched = await play(playUrl(media, 'timeless'), PlayType.LIVE_RTMP_ACC);
    await using _ = watched.player;
    await until('four reports', () => watched.statuses.length >= 4);
    expect(watched.statuses.at(-1)?.VIDEO_FPS).toBeGreaterThan(0);
    for (const status of watched.statuses) expect(status).not.toHaveProperty('END_TO_END_LATENCY');
  });

  it('tells a network that stands still, once, and that it goes on', async () => {
    await using pusher = await push('stall');
    expect(pusher.pushing).toBe(true);
    let stalledUntil = 0;
    await using relay = await startRelay(playUrl(media, 'stall'), {
      delayMs: () => Math.max(0, stalledUntil - performance.now()),
    });
    const watched = await play(relay.url, PlayType.LIVE_RTMP_ACC);
    await using player = watched.player;
    const told: string[] = [];
    player.on('event', ({ name }) => told.push(name));
    await until('a second of it', () => watched.meter.report().frames > 30);
    stalledUntil = performance.now() + 1800;
    const signs = ['PLAY_EVT_PLAY_LOADING', 'PLAY_WARNING_RECV_DATA_LAG', 'PLAY_WARNING_VIDEO_PLAY_LAG'];
    await until('all that tells the stall', () => signs.every((name) => told.includes(name)));
    await until('the end of waiting', () => waits(told).at(-1) === 'goes on');
    expectOnceEach(waits(told));
    expect(told).not.toContain('PLAY_WARNING_RECONNECT');
    const { frames } = watched.meter.report();
    await until('another second', () => watched.meter.report().frames > frames + 30);
    expect(watched.meter.report()).toMatchObject({ duplicates: 0, reordered: 0, unreadable: 0 });
  });

  it.each([
    ['picture and sound', true],
    ['sound alone', false],
  ])('tells of %s that it waits for a new connection, once, and that it goes on', async (_what, picture) => {
    const stream = picture ? 'both-cut' : 'sound-cut';
    await using pusher = new TXLivePusher({ engine: 'embedded' });
    pusher.setVideoResolution(VideoResolution.RESOLUTION_320x180);
    if (picture) await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    await pusher.startPush(pushUrl(media, stream));
    await using relay = await startRelay(playUrl(media, stream));
    await using player = new TXLivePlayer({ engine: 'embedded', audioOutput: true, connectRetryIntervalMs: 1500 });
    let sounds = 0;
    player.on('audioFrame', (frame) => {
      sounds++;
      frame.close();
    });
    const told: string[] = [];
    player.on('event', ({ name }) => told.push(name));
    await player.startPlay(relay.url, { type: PlayType.LIVE_RTMP_ACC });
    await until('a second of it', () => sounds > 40);
    const before = told.length;
    relay.cut();
    await until('that it connects again', () => told.lastIndexOf('PLAY_WARNING_RECONNECT') >= before);
    const reconnected = told.lastIndexOf('PLAY_WARNING_RECONNECT');
    await until('that it goes on', () => told.lastIndexOf('PLAY_EVT_PLAY_BEGIN') > reconnected);
    const heard = sounds;
    await until('another second', () => sounds > heard + 40);
    // The first is that it began.
    expectOnceEach(waits(told).slice(1));
  });

  it('waits as long as a fixed cache says, picture and sound alike, and loses nothing', async () => {
    await using pusher = await push('cache');
    expect(pusher.pushing).toBe(true);
    const attribute = { AutoAdjustCacheTime: false, CacheTime: 1.5 };
    const watched = await play(playUrl(media, 'cache'), PlayType.LIVE_RTMP, { attribute, maxAgeMs: 1900 });
    await using _ = watched.player;
    const { meter, calm, statuses } = watched;
    await until('five seconds of it', () => meter.report().beeps >= 5 && calm.report().frames > 120, 60_000);
    expect(calm.report()).toMatchObject({ lost: 0, duplicates: 0, reordered: 0 });
    expect(calm.report().ageMs).toBeGreaterThan(1450);
    expect(Math.abs(watched.skewMs)).toBeLessThanOrEqual(40);
    const settled = statuses.slice(-8);
    expect(median(settled.map(({ PLAY_DELAY }) => PLAY_DELAY ?? 0))).toBeGreaterThan(1450);
    expect(median(settled.map(({ VIDEO_CACHE_SIZE }) => VIDEO_CACHE_SIZE ?? 0))).toBeGreaterThan(30);
    if (calm.disturbances > 0) console.warn(`drops are not judged: the stream halted ${calm.disturbances} times`);
    else expect(settled.at(-1)?.DROP_SIZE).toBe(0);
  });
});
