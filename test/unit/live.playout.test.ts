import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clockMicros } from '#lib/live/engine';
import { PlayType, VideoResolution } from '#lib/live/enums';
import type { LivePlayAttribute, PusherOptions } from '#lib/live/options';
import type { LiveStatus } from '#lib/live/status';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { CallMeter, median } from '#lib/measure/index';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
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
  readonly pictureLags: number[] = [];
  readonly soundLags: number[] = [];
  readonly statuses: LiveStatus[] = [];

  constructor(readonly player: TXLivePlayer) {
    player.on('videoFrame', (frame) => {
      this.meter.video(frame, clockMicros());
      this.pictureLags.push(frame.decodedAtUs / 1000 - frame.timestampMs);
      frame.close();
    });
    player.on('audioFrame', (frame) => {
      this.meter.audio(frame);
      // By its end: it cannot come sooner.
      this.soundLags.push(frame.decodedAtUs / 1000 - frame.timestampMs - (1000 * frame.samples) / frame.sampleRate);
      frame.close();
    });
    player.on('status', (status) => this.statuses.push(status));
  }

  /** Sound after its picture, as they are handed out, ms. */
  get skewMs(): number {
    return (median(this.soundLags) as number) - (median(this.pictureLags) as number);
  }
}

describe('what is played', () => {
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

  async function play(url: string, type: PlayType, attribute?: LivePlayAttribute) {
    const player = new TXLivePlayer({
      engine: 'embedded',
      videoFormat: 'i420',
      audioOutput: true,
      statusIntervalMs: 500,
    });
    const watched = new Watched(player);
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
    await until('eight seconds of it', () => watched.meter.report().beeps >= 8, 30_000);
    const report = watched.meter.report();
    expect(report).toMatchObject({ lost: 0, duplicates: 0, reordered: 0, unreadable: 0 });
    expect(report.frames).toBeGreaterThan(200);
    expect(Math.abs(report.avOffsetMs as number)).toBeLessThanOrEqual(40);
    expect(Math.abs(watched.skewMs)).toBeLessThanOrEqual(40);
    const status = watched.statuses.at(-1) as LiveStatus;
    expect(status.PLAY_DELAY).toBeGreaterThan(10);
    expect(status.NET_JITTER).toBeGreaterThan(1);
    expect(status).toMatchObject({ DROP_SIZE: 0, CODEC_DROP_CNT: 0 });
  });

  it('tells how long ago its pictures were taken, by the clock in the stream', async () => {
    await using pusher = await push('clock');
    expect(pusher.pushing).toBe(true);
    await using relay = await startRelay(playUrl(media, 'clock'), { delayMs: () => 300 });
    const watched = await play(relay.url, PlayType.LIVE_RTMP_ACC);
    await using _ = watched.player;
    await until('four seconds of it', () => watched.meter.report().beeps >= 4, 30_000);
    const told = watched.statuses.flatMap(({ END_TO_END_LATENCY: ms }) => ms ?? []).slice(-4);
    const { latency } = watched.meter.report();
    expect(told).toHaveLength(4);
    expect(Math.min(...told)).toBeGreaterThan(300);
    expect(Math.abs((median(told) as number) - (latency?.p50Ms as number))).toBeLessThan(patient(50));
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
    await until('the end of the stall', () => told.includes('PLAY_WARNING_VIDEO_PLAY_LAG'));
    expect(told).toEqual(expect.arrayContaining(['PLAY_EVT_PLAY_LOADING', 'PLAY_WARNING_RECV_DATA_LAG']));
    expect(told.filter((name) => name === 'PLAY_EVT_PLAY_LOADING')).toHaveLength(1);
    expect(told.lastIndexOf('PLAY_EVT_PLAY_BEGIN')).toBeGreaterThan(told.indexOf('PLAY_EVT_PLAY_LOADING'));
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
    await until('the new connection', () => told.lastIndexOf('PLAY_EVT_PLAY_BEGIN') >= before);
    const heard = sounds;
    await until('another second', () => sounds > heard + 40);
    const afterwards = told.slice(before);
    expect(afterwards.filter((name) => name === 'PLAY_EVT_PLAY_LOADING')).toHaveLength(1);
    expect(afterwards.filter((name) => name === 'PLAY_EVT_PLAY_BEGIN')).toHaveLength(1);
    expect(afterwards.indexOf('PLAY_EVT_PLAY_BEGIN')).toBeGreaterThan(afterwards.indexOf('PLAY_EVT_PLAY_LOADING'));
    expect(afterwards).toContain('PLAY_WARNING_RECONNECT');
  });

  it('waits as long as a fixed cache says, picture and sound alike, and loses nothing', async () => {
    await using pusher = await push('cache');
    expect(pusher.pushing).toBe(true);
    const watched = await play(playUrl(media, 'cache'), PlayType.LIVE_RTMP, {
      AutoAdjustCacheTime: false,
      CacheTime: 1.5,
    });
    await using _ = watched.player;
    await until('five seconds of it', () => watched.meter.report().beeps >= 5, 30_000);
    const report = watched.meter.report();
    expect(report).toMatchObject({ lost: 0, duplicates: 0, reordered: 0 });
    expect(report.latency?.p50Ms).toBeGreaterThan(1450);
    expect(Math.abs(watched.skewMs)).toBeLessThanOrEqual(40);
    const status = watched.statuses.at(-1) as LiveStatus;
    expect(status.PLAY_DELAY).toBeGreaterThan(1450);
    expect(status.VIDEO_CACHE_SIZE).toBeGreaterThan(30);
    expect(status.DROP_SIZE).toBe(0);
  });
});
