import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capabilities } from '#lib/live/engine';
import { PlayType } from '#lib/live/enums';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { pushClip, startTool } from '../support/ffmpeg.js';
import { freePort } from '../support/freePort.js';
import { flvUrl, nextEvent, playUrl, pushUrl, until } from '../support/mediaServer.js';
import { watchPlayer } from '../support/watchPlayer.js';

const order = [
  'PLAY_EVT_CONNECT_SUCC',
  'PLAY_EVT_RTMP_STREAM_BEGIN',
  'PLAY_EVT_RCV_FIRST_I_FRAME',
  'PLAY_EVT_PLAY_BEGIN',
];

describe('a player of HTTP-FLV', () => {
  const media = new EmbeddedMediaServer();
  beforeAll(() => media.start());
  afterAll(() => media.close());

  it('is told of by the capabilities', () => {
    expect(capabilities('embedded').protocols).toContain('http-flv');
  });

  it('plays what the embedded server serves, with the events and the status of RTMP', async () => {
    const published = nextEvent(media, 'publish');
    await using _push = pushClip(pushUrl(media, 'flv'), { seconds: 30, width: 320, height: 180, gopSeconds: 0.5 });
    await published;
    for (const [url, type] of [
      [playUrl(media, 'flv'), PlayType.LIVE_RTMP],
      [flvUrl(media, 'flv'), PlayType.LIVE_FLV],
    ] as const) {
      await using player = new TXLivePlayer({
        engine: 'embedded',
        videoFormat: 'i420',
        audioOutput: true,
        statusIntervalMs: 300,
      });
      const seen = watchPlayer(player);
      await player.startPlay(url, { type });
      await until(
        'pictures, sound and a status',
        () => seen.pictures.length >= 60 && seen.samples > 44_100 && seen.status !== undefined,
        20_000,
      );
      await player.stopPlay();
      expect(seen.sizes).toEqual(new Set(['320x180']));
      expect(seen.movingShare).toBeGreaterThan(0.9);
      expect(seen.stepsMs.filter((step) => step < 30 || step > 37)).toEqual([]); // 33.3 ms: none lost, none twice
      expect(seen.events.filter((name) => order.includes(name))).toEqual(order);
      expect(seen.status?.SERVER_IP).toBe(new URL(url.replace('rtmp:', 'http:')).host);
      expect(seen.status?.NET_SPEED).toBeGreaterThan(0);
    }
  });

  it('is refused by a wrong signature, once and for all, and told of a path that is not there', async () => {
    await using player = new TXLivePlayer({ engine: 'embedded', connectRetryCount: 0 });
    const seen = watchPlayer(player);
    await expect(player.startPlay(flvUrl(media, 'flv', { key: 'another' }))).rejects.toMatchObject({
      code: 'ERR_RTC_PLAY_REFUSED',
      message: expect.not.stringMatching(/txSecret|another/),
    });
    expect(seen.events).toContain('PLAY_ERR_STREAM_REFUSED');
    await expect(player.startPlay(`${media.httpUrl}/no.such.thing`)).rejects.toMatchObject({
      code: 'ERR_RTC_STREAM_NOT_FOUND',
    });
    await expect(player.startPlay('http://127.0.0.1:1/live/x.flv?txSecret=hush')).rejects.toMatchObject({
      code: 'ERR_RTC_CONNECT_FAILED',
      message: expect.not.stringMatching(/hush/),
    });
  });

  it('reconnects when the publisher comes again', async () => {
    await using player = new TXLivePlayer({
      engine: 'embedded',
      videoFormat: 'i420',
      connectRetryCount: 20,
      connectRetryIntervalMs: 300,
      dataTimeoutMs: 1000,
    });
    const seen = watchPlayer(player);
    {
      const published = nextEvent(media, 'publish');
      await using _first = pushClip(pushUrl(media, 'again'), { seconds: 30, width: 320, height: 180 });
      await published;
      await player.startPlay(flvUrl(media, 'again'));
      await until('first size', () => seen.sizes.has('320x180'));
    }
    await using _second = pushClip(pushUrl(media, 'again'), { seconds: 30, width: 160, height: 120 });
    await until('second size', () => seen.sizes.has('160x120'), 25_000);
    expect(seen.events).toContain('PLAY_WARNING_RECONNECT');
  });

  it('plays what ffmpeg itself serves over HTTP', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/own.flv`;
    const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30', '-t', '30', '-c:v', 'libx264'];
    const encode = ['-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '30', '-f', 'flv'];
    await using _server = startTool('ffmpeg', ['-v', 'error', ...source, ...encode, '-listen', '1', url], {
      deadlineMs: 60_000,
    });
    await using player = new TXLivePlayer({
      engine: 'embedded',
      videoFormat: 'i420',
      connectRetryCount: 50,
      connectRetryIntervalMs: 200,
    });
    const seen = watchPlayer(player);
    await player.startPlay(url);
    await until('pictures', () => seen.pictures.length >= 60, 20_000);
    expect(seen.sizes).toEqual(new Set(['320x180']));
    expect(seen.movingShare).toBeGreaterThan(0.9);
  });
});
