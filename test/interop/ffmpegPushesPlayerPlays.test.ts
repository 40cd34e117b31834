import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { pushClip } from '../support/ffmpeg.js';
import { until } from '../support/mediaServer.js';
import { type AnyMediaServer, mediaServers } from '../support/mediaServers.js';

const wantedFrames = 90;

/** Frequency of the strongest of some tones in PCM, by correlation with sine and cosine. */
function strongestTone(samples: Int16Array, sampleRate: number, candidatesHz: number[]): number {
  const power = (frequency: number) => {
    let sine = 0;
    let cosine = 0;
    for (let i = 0; i < samples.length; i++) {
      const angle = (2 * Math.PI * frequency * i) / sampleRate;
      sine += (samples[i] as number) * Math.sin(angle);
      cosine += (samples[i] as number) * Math.cos(angle);
    }
    return sine * sine + cosine * cosine;
  };
  return candidatesHz.reduce((best, hz) => (power(hz) > power(best) ? hz : best));
}

describe.each(mediaServers)('what ffmpeg pushes through $name', ({ start }) => {
  let server: AnyMediaServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('is played with its sizes, times, picture and sound', async () => {
    await using _push = pushClip(server.pushUrl('clip'), { seconds: 20, width: 640, height: 360, gopSeconds: 0.5 });
    await using player = new TXLivePlayer({ videoFormat: 'i420', audioOutput: true });
    const events: string[] = [];
    player.on('event', ({ name }) => events.push(name));
    const pictures: { timestampMs: number; width: number; height: number; bytes: number; luma: number }[] = [];
    const sounds: { timestampMs: number; samples: number }[] = [];
    const pcm: number[] = [];
    let sampleRate = 0;
    let channels = 0;
    player.on('videoFrame', (frame) => {
      const { timestampMs, width, height, data } = frame;
      let luma = 0;
      for (let i = 0; i < width * height; i += 97) luma = (luma * 31 + (data[i] as number)) | 0;
      pictures.push({ timestampMs, width, height, bytes: data.length, luma });
      frame.close();
    });
    player.on('audioFrame', (frame) => {
      ({ sampleRate, channels } = frame);
      sounds.push({ timestampMs: frame.timestampMs, samples: frame.samples });
      for (let i = 0; i < frame.data.length && pcm.length < 22_050; i += frame.channels)
        pcm.push(frame.data[i] as number);
      frame.close();
    });
    await player.startPlay(server.playUrl('clip'));
    await until('frames decoded', () => pictures.length >= wantedFrames && pcm.length >= 22_050, 20_000);
    await player.stopPlay();

    expect(new Set(pictures.map(({ width, height, bytes }) => `${width}x${height} ${bytes}`))).toEqual(
      new Set([`640x360 ${(640 * 360 * 3) / 2}`]),
    );
    expect(new Set(pictures.map(({ luma }) => luma)).size).toBeGreaterThan(wantedFrames * 0.9); // it moves
    for (let i = 1; i < pictures.length; i++) {
      const step = (pictures[i]?.timestampMs ?? 0) - (pictures[i - 1]?.timestampMs ?? 0);
      expect(step).toBeGreaterThan(30); // 33.3 ms, in whole ms: none lost, none twice
      expect(step).toBeLessThan(37);
    }
    expect({ sampleRate, channels }).toEqual({ sampleRate: 44_100, channels: 2 });
    for (let i = 1; i < sounds.length; i++) {
      expect(sounds[i]?.timestampMs).toBeGreaterThan(sounds[i - 1]?.timestampMs ?? 0);
    }
    // the first tenth of a second may hold the codec's priming
    expect(strongestTone(Int16Array.from(pcm.slice(4410)), 44_100, [220, 330, 440, 550, 660, 880])).toBe(440);
    const order = [
      'PLAY_EVT_CONNECT_SUCC',
      'PLAY_EVT_RTMP_STREAM_BEGIN',
      'PLAY_EVT_RCV_FIRST_I_FRAME',
      'PLAY_EVT_PLAY_BEGIN',
    ];
    expect(events.filter((name) => order.includes(name))).toEqual(order);
  });

  it('is told with its change of size when another clip follows on the same address', async () => {
    await using player = new TXLivePlayer({ videoFormat: 'i420', connectRetryCount: 10, connectRetryIntervalMs: 500 });
    const sizes = new Set<string>();
    player.on('videoFrame', (frame) => {
      sizes.add(`${frame.width}x${frame.height}`);
      frame.close();
    });
    const changes: string[] = [];
    player.on('PLAY_EVT_CHANGE_RESOLUTION', ({ params }) => changes.push(JSON.stringify(params)));
    {
      await using _first = pushClip(server.pushUrl('change'), { seconds: 20, width: 320, height: 180 });
      await player.startPlay(server.playUrl('change'));
      await until('first size', () => sizes.has('320x180'));
    }
    await using _second = pushClip(server.pushUrl('change'), { seconds: 30, width: 160, height: 120 });
    await until('second size', () => sizes.has('160x120'), 25_000);
    expect(sizes.size).toBe(2);
    expect(changes.length).toBeGreaterThan(0);
  });
});
