import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clockMicros, type EngineChoice } from '#lib/live/engine';
import { BeautyStyle } from '#lib/live/enums';
import type { CustomAudioData, CustomVideoData } from '#lib/live/options';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { CallMeter } from '#lib/measure/index';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { CuttableRelay } from '../CuttableRelay.js';
import { outcomeOf } from '../client/expectCode.js';
import { flvUrl, playUrl, pushUrl, until } from '../mediaServer.js';
import { patient } from '../patience.js';
import { CalmCall } from './CalmCall.js';
import { type EncodedPicture, type EncodedSound, readLive } from './flvMedia.js';

/** Where a busy machine is given the time to come to rest. */
const timeout = patient(90_000);

/** What a bot does that takes a stream and gives it on: nothing is decoded and encoded on the way. */
export function encodedSuite(engine: EngineChoice): void {
  let media: EmbeddedMediaServer;
  const camera = new TXLivePusher({ engine: 'embedded' });
  beforeAll(async () => {
    media = new EmbeddedMediaServer();
    await media.start();
    camera.setVideoResolution(101);
    await camera.startPreview({ source: 'synthetic' });
    await camera.startAudioCapture({ source: 'synthetic' });
    await camera.startPush(pushUrl(media, 'camera'));
  });
  afterAll(async () => {
    await camera.close();
    await media.close();
  });

  /** Gives the camera's stream to a pusher; counts what it was refused. */
  function relayTo(pusher: TXLivePusher, change: { each?: (picture: EncodedPicture) => void } = {}) {
    const controller = new AbortController();
    const relay = { pictures: 0, sounds: 0, errors: [] as unknown[], stop: async () => {} };
    const attempt = (call: () => void) => {
      if (controller.signal.aborted) return;
      try {
        call();
      } catch (error) {
        relay.errors.push(error);
      }
    };
    const done = readLive(
      flvUrl(media, 'camera'),
      {
        picture(picture: EncodedPicture) {
          change.each?.(picture);
          const { data, timestampMs, dtsMs } = picture;
          attempt(() => pusher.sendCustomVideoData({ format: 'h264', data, timestampMs, dtsMs }));
          relay.pictures++;
        },
        sound({ data, config, timestampMs }: EncodedSound) {
          attempt(() => pusher.sendCustomAudioData({ format: 'aac', data, config, timestampMs }));
          relay.sounds++;
        },
      },
      controller.signal,
    );
    relay.stop = async () => {
      controller.abort();
      await done;
    };
    return relay;
  }

  async function openEncoded(pusher: TXLivePusher): Promise<void> {
    await pusher.startPreview({ source: 'user', format: 'h264' });
    await pusher.startAudioCapture({ source: 'user', format: 'aac' });
  }

  /** Of what a player gives, all of it and its calm stretches; each call of the first begins anew. */
  function meterOf(player: TXLivePlayer, calm?: CalmCall): () => CallMeter {
    let call = new CallMeter();
    player.on('videoFrame', (frame) => {
      const arrivedUs = clockMicros();
      call.video(frame, arrivedUs);
      calm?.video(frame, arrivedUs);
      frame.close();
    });
    player.on('audioFrame', (frame) => {
      call.audio(frame);
      calm?.audio(clockMicros());
      frame.close();
    });
    return () => {
      call = new CallMeter();
      return call;
    };
  }

  /**
   * Three beeps with their pictures. A quick start or a machine that stood still moves the stream's time, of both alike, and
   * the beeps of the next seconds are compared with pictures of before.
   */
  async function untilTogether(what: string, meter: () => CallMeter): Promise<CallMeter> {
    let call = meter();
    const apartMs: number[] = [];
    const together = () => {
      const { beeps, frames, avOffsetMs } = call.report();
      if (beeps < 3 || frames <= 40 || avOffsetMs === undefined) return false;
      if (Math.abs(avOffsetMs) <= 40) return true;
      apartMs.push(avOffsetMs);
      call = meter();
      return false;
    };
    await until(`${what}, picture and sound together`, together, 30_000).catch((error: Error) => {
      const { beeps, frames } = call.report();
      throw new Error(`${error.message}; apart by ${apartMs} ms before, then ${beeps} beeps, ${frames} pictures`);
    });
    return call;
  }

  it('a stream that is given on has its clock and its beeps, together', { timeout }, async () => {
    await using pusher = new TXLivePusher({ engine });
    const wanted: number[] = [];
    pusher.on('PUSH_EVT_KEY_FRAME_WANTED', ({ time }) => wanted.push(time));
    const started: string[] = [];
    pusher.on('PUSH_EVT_START_VIDEO_ENCODER', ({ name }) => started.push(name));
    await openEncoded(pusher);
    await pusher.startPush(pushUrl(media, 'relayed'));
    const relay = relayTo(pusher);
    await using player = new TXLivePlayer({ engine: 'embedded', videoFormat: 'i420', audioOutput: true });
    const calm = new CalmCall(1000);
    const meter = meterOf(player, calm);
    await player.startPlay(playUrl(media, 'relayed'));
    await untilTogether('the stream', meter);
    await until('pictures in time', () => calm.report().frames > 50, 20_000);
    expect(calm.report()).toMatchObject({ unreadable: 0, reordered: 0 });
    // What this process did not take in time.
    expect(calm.report().lost).toBeLessThanOrEqual(player.droppedFrames.video);
    expect(relay.errors).toEqual([]);
    expect(wanted.length).toBeGreaterThanOrEqual(1);
    // Nothing was encoded.
    expect(started).toEqual([]);
    const status = await new Promise<Record<string, unknown>>((resolve) => pusher.once('status', resolve as never));
    expect(status.VIDEO_ENCODER).toBe('application');
    expect(status.VIDEO_WIDTH).toBe(320);
    expect(status.VIDEO_HEIGHT).toBe(180);
    await relay.stop();
  });

  it('a lost connection goes on at a key frame, which is asked for', async () => {
    await using wire = await relayWire();
    await using pusher = new TXLivePusher({ engine, connectRetryIntervalMs: 200 });
    await openEncoded(pusher);
    const address = pushUrl(media, 'cut').replace(/:\d+\//, `:${wire.port}/`);
    await pusher.startPush(address);
    const relay = relayTo(pusher);
    await using player = new TXLivePlayer({
      engine: 'embedded',
      videoFormat: 'i420',
      connectRetryCount: 100,
      connectRetryIntervalMs: 200,
    });
    const meter = meterOf(player);
    const first = meter();
    await player.startPlay(playUrl(media, 'cut'));
    await until('pictures', () => first.report().frames > 5);
    let begun = 0;
    let wanted = 0;
    pusher.on('PUSH_EVT_PUSH_BEGIN', () => begun++);
    pusher.on('PUSH_EVT_KEY_FRAME_WANTED', () => wanted++);
    wire.relay.cut();
    await new Promise((resolve) => setTimeout(resolve, 300));
    wire.relay.mend();
    await until('the push begins again', () => begun === 1);
    await until('a key frame is wanted', () => wanted >= 1);
    const again = meter();
    await until('pictures', () => again.report().frames > 30, 20_000);
    expect(again.report().unreadable).toBe(0);
    await relay.stop();
  });

  it('encoded and raw sources take turns in a push, picture and sound together', { timeout }, async () => {
    await using pusher = new TXLivePusher({ engine });
    pusher.setVideoResolution(101);
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    await pusher.startPush(pushUrl(media, 'turns'));
    await using player = new TXLivePlayer({ engine: 'embedded', videoFormat: 'i420', audioOutput: true });
    const meter = meterOf(player);
    const watch = async (what: string) => {
      const turn = await untilTogether(what, meter);
      expect(turn.report().unreadable).toBe(0);
    };
    await player.startPlay(playUrl(media, 'turns'));
    await watch('the raw source');
    await openEncoded(pusher);
    const relay = relayTo(pusher);
    await until('it is taken on', () => relay.pictures > 40, 30_000);
    await watch('the encoded source');
    await relay.stop();
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await watch('the raw source again');
  });

  it('its own frames() and pcm() are decoded when somebody asks', { timeout }, async () => {
    await using pusher = new TXLivePusher({ engine });
    await openEncoded(pusher);
    await pusher.startPush(pushUrl(media, 'watched'));
    const relay = relayTo(pusher);
    await until('pictures', () => relay.pictures > 10, 30_000);
    let call = new CallMeter();
    const apartMs: number[] = [];
    const deadline = performance.now() + patient(30_000);
    const sounds = (async () => {
      for await (const sound of pusher.pcm({ capacity: 1024 })) {
        call.audio(sound);
        sound.close();
      }
    })();
    for await (const frame of pusher.frames()) {
      call.video(frame, clockMicros());
      frame.close();
      const { beeps, unreadable, avOffsetMs } = call.report();
      expect(unreadable).toBe(0);
      if (beeps < 2) continue;
      apartMs.push(avOffsetMs as number);
      // As in untilTogether().
      if (Math.abs(apartMs.at(-1) as number) <= 40 || performance.now() > deadline) break;
      call = new CallMeter();
    }
    await pusher.stopPush();
    await sounds;
    expect(Math.abs(apartMs.at(-1) as number), `apart by ${apartMs} ms`).toBeLessThanOrEqual(40);
    await relay.stop();
  });

  describe('what is refused', () => {
    const h264 = (data: Uint8Array, more: object = {}) => ({ format: 'h264', data, ...more }) as CustomVideoData;
    const aac = (data: Uint8Array, more: object = {}) => ({ format: 'aac', data, ...more }) as CustomAudioData;

    it('leaves the stream as it was', async () => {
      await using pusher = new TXLivePusher({ engine });
      await openEncoded(pusher);
      await pusher.startPush(pushUrl(media, 'hostile'));
      let lastMs = 0;
      const relay = relayTo(pusher, {
        each: ({ dtsMs }) => {
          lastMs = dtsMs;
        },
      });
      await using player = new TXLivePlayer({ engine: 'embedded', videoFormat: 'i420' });
      const calm = new CalmCall(1000);
      meterOf(player, calm)();
      await player.startPlay(playUrl(media, 'hostile'));
      const invalid = 'ERR_RTC_INVALID_ARGUMENT';
      const state = 'ERR_RTC_INVALID_STATE';
      const slice = Uint8Array.of(0, 0, 1, 0x41, 0xc0, 1, 2, 3);
      const attempts: [CustomVideoData, string][] = [
        [h264(new Uint8Array()), invalid],
        [h264(Uint8Array.of(1, 2, 3)), invalid],
        [h264(Uint8Array.of(0, 0, 0, 2, 0x65, 1)), invalid],
        [h264(Uint8Array.of(0, 0, 1, 0x40, 1, 2)), invalid],
        [h264(Uint8Array.of(0, 0, 1, 0x67, 1, 2)), invalid],
        [h264(new Uint8Array(9 << 20)), invalid],
        [h264(slice, { timestampMs: -5 }), invalid],
        [h264(slice, { timestampMs: Number.NaN }), invalid],
        [h264(slice, { dtsMs: '7' }), invalid],
        [h264('text' as never), invalid],
        [{ format: 'h265', data: slice } as never, invalid],
        [{ data: new Uint8Array(96), width: 8, height: 8 }, state],
      ];
      for (const [video, code] of attempts) {
        expect(await outcomeOf(() => pusher.sendCustomVideoData(video))).toBe(code);
      }
      const attemptsOfSound: [CustomAudioData, string][] = [
        [aac(new Uint8Array()), invalid],
        [aac(new Uint8Array(9000), { config: Uint8Array.of(0x11, 0x88) }), invalid],
        [aac(Uint8Array.of(1, 2, 3), { config: Uint8Array.of(0) }), invalid],
        [aac(Uint8Array.of(1, 2, 3), { config: 'text' }), invalid],
        [{ format: 'adts', data: Uint8Array.of(0xff, 0xf1, 0x4c) }, invalid],
        [{ format: 'mp3', data: slice } as never, invalid],
        [{ data: new Int16Array(480), sampleRate: 48000, channels: 1 }, state],
      ];
      for (const [audio, code] of attemptsOfSound) {
        expect(await outcomeOf(() => pusher.sendCustomAudioData(audio))).toBe(code);
      }
      await until('pictures', () => lastMs > 0);
      await until('the stream goes on', () => calm.report().frames > 40);
      expect(calm.report().unreadable).toBe(0);
      expect(calm.report().lost).toBeLessThanOrEqual(player.droppedFrames.video);
      expect(relay.errors).toEqual([]);
      await relay.stop();
    });

    it('is what would change the pictures or the sound', async () => {
      await using pusher = new TXLivePusher({ engine });
      await openEncoded(pusher);
      expect(await outcomeOf(() => pusher.setOutputYMirror(true))).toBe('ERR_RTC_INVALID_STATE');
      expect(await outcomeOf(() => pusher.setBeautyStyle(BeautyStyle.SMOOTH, 5, 0))).toBe('ERR_RTC_INVALID_STATE');
      expect(await outcomeOf(() => pusher.setAudioCaptureVolume(100))).toBe('ERR_RTC_INVALID_STATE');
      expect(await outcomeOf(() => pusher.setWatermark('/nonexistent.png'))).toBe('ERR_RTC_INVALID_STATE');
      await pusher.stopPreview();
      pusher.setOutputYMirror(true);
      expect(await outcomeOf(() => pusher.startPreview({ source: 'user', format: 'h264' }))).toBe(
        'ERR_RTC_INVALID_STATE',
      );
      pusher.setOutputYMirror(false);
      await pusher.startPreview({ source: 'user', format: 'h264' });
      expect(await outcomeOf(() => pusher.startPreview({ source: 'user', format: 'h265' as never }))).toBe(
        'ERR_RTC_INVALID_ARGUMENT',
      );
      // The encoded source is still there.
      expect(await outcomeOf(() => pusher.sendCustomVideoData(h264(Uint8Array.of(0, 0, 1, 0x41, 0xe0))))).toBe(
        'ERR_RTC_INVALID_STATE',
      );
    });

    it('is a picture before its parameter sets, and H.264 without its source', async () => {
      await using pusher = new TXLivePusher({ engine });
      const key = h264(Uint8Array.of(0, 0, 0, 1, 0x65, 0x88, 0x84, 0));
      expect(await outcomeOf(() => pusher.sendCustomVideoData(key))).toBe('ERR_RTC_INVALID_STATE');
      await pusher.startPreview({ source: 'user' });
      expect(await outcomeOf(() => pusher.sendCustomVideoData(key))).toBe('ERR_RTC_INVALID_STATE');
      await pusher.startPreview({ source: 'user', format: 'h264' });
      expect(await outcomeOf(() => pusher.sendCustomVideoData(key))).toBe('ERR_RTC_INVALID_STATE');
      await pusher.startAudioCapture({ source: 'user', format: 'aac' });
      expect(await outcomeOf(() => pusher.sendCustomAudioData(aac(Uint8Array.of(1, 2, 3))))).toBe(
        'ERR_RTC_INVALID_STATE',
      );
    });
  });

  async function relayWire() {
    const relay = await CuttableRelay.start(Number(new URL(media.rtmpUrl.replace('rtmp:', 'http:')).port));
    return { relay, port: new URL(relay.url).port, [Symbol.asyncDispose]: () => relay.close() };
  }
}
