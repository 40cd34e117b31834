import { afterAll, beforeAll, expect, it } from 'vitest';
import { clockMicros } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { CallMeter } from '#lib/measure/index';
import { pushClip } from '../support/ffmpeg.js';
import { until } from '../support/mediaServer.js';
import { type AnyMediaServer, mediaServers } from '../support/mediaServers.js';
import { watchPlayer } from '../support/watchPlayer.js';

let server: AnyMediaServer;
beforeAll(async () => {
  const [embedded] = mediaServers;
  if (!embedded) throw new Error('there is no media server');
  server = await embedded.start();
});
afterAll(() => server[Symbol.asyncDispose]());

it.each([
  ['an open GOP with B-frames', ['-tune', 'film', '-bf', '2', '-x264-params', 'open-gop=1:keyint=30:scenecut=0']],
  ['intra refresh in place of key frames', ['-x264-params', 'intra-refresh=1:keyint=30']],
  ['a key frame at the start alone', ['-g', '100000', '-x264-params', 'scenecut=0']],
])('plays a stream that it joins with %s', async (name, encoder) => {
  const stream = name.replace(/\W/g, '-');
  await using push = pushClip(server.pushUrl(stream), { seconds: 30, encoder });
  await using first = new TXLivePlayer({ videoFormat: 'i420', connectRetryCount: 10, connectRetryIntervalMs: 300 });
  const early = watchPlayer(first);
  await first.startPlay(server.playUrl(stream));
  await until('a second of it', () => early.pictures.length >= 45, 20_000);

  await using player = new TXLivePlayer({ videoFormat: 'i420', audioOutput: true });
  const late = watchPlayer(player);
  await player.startPlay(server.playUrl(stream));
  await until('two seconds for who came later', () => late.pictures.length >= 60 && late.samples > 44_100, 20_000);
  for (const watched of [early, late]) {
    expect(watched.movingShare).toBeGreaterThan(0.9);
    expect(watched.events).not.toContain('PLAY_WARNING_VIDEO_DECODE_FAIL');
    // Nothing out of order.
    expect(Math.min(...watched.stepsMs)).toBeGreaterThan(0);
  }
  await push.stop();
});

it('plays a push that gains its sound and loses its pictures, and the other way, in sync at the end', async () => {
  await using pusher = new TXLivePusher({ gopSeconds: 1 });
  const size = { source: 'synthetic' } as const;
  await pusher.startPreview(size);
  await pusher.startPush(server.pushUrl('changing'));
  await using player = new TXLivePlayer({ videoFormat: 'i420', audioOutput: true });
  const events: string[] = [];
  player.on('event', ({ name }) => events.push(name));
  let meter = new CallMeter();
  let [pictures, sounds, lastPictureUs] = [0, 0, 0];
  player.on('videoFrame', (frame) => {
    lastPictureUs = clockMicros();
    pictures++;
    meter.video(frame, lastPictureUs);
    frame.close();
  });
  player.on('audioFrame', (frame) => {
    sounds++;
    meter.audio(frame);
    frame.close();
  });
  await player.startPlay(server.playUrl('changing'));
  await until('pictures alone', () => pictures > 30);
  expect(sounds).toBe(0);

  await pusher.startAudioCapture({ source: 'synthetic' });
  await until('sound as well', () => sounds > 30);

  await pusher.stopPreview();
  await until('sound alone', () => clockMicros() - lastPictureUs > 1e6);
  const before = sounds;
  await until('sound that goes on', () => sounds > before + 30);

  meter = new CallMeter();
  await pusher.startPreview(size);
  await until('both, and four beeps', () => meter.report().beeps >= 4 && meter.report().frames > 90);
  const { avOffsetMs, lost, reordered, unreadable, latency } = meter.report();
  expect({ lost, reordered, unreadable }).toEqual({ lost: 0, reordered: 0, unreadable: 0 });
  expect(Math.abs(avOffsetMs ?? Number.NaN)).toBeLessThan(40);
  expect(latency?.p50Ms).toBeLessThan(200);

  await pusher.stopAudioCapture();
  const silentFrom = sounds;
  const picturesFrom = pictures;
  await until('pictures alone again', () => pictures > picturesFrom + 60);
  expect(sounds - silentFrom).toBeLessThan(30);
  expect(events).not.toContain('PLAY_WARNING_RECONNECT');
  expect(events).not.toContain('PLAY_WARNING_VIDEO_DECODE_FAIL');
});
