import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AudioFrame } from '#lib/live/AudioFrame';
import { loadAddon } from '#lib/live/addon';
import { clockMicros, type EngineChoice } from '#lib/live/engine';
import type { CustomPicture } from '#lib/live/options';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import type { VideoFrame } from '#lib/live/VideoFrame';
import { CallMeter, readClock } from '#lib/measure/index';
import { outcomeOf } from '../client/expectCode.js';
import { type NginxRtmp, startNginxRtmp } from '../nginxRtmp.js';
import { patient } from '../patience.js';
import { useClockStream } from './clockStream.js';

/** Y, U and V in the middle of a part of an I420 picture, in parts of its sides. */
function colourAt(frame: VideoFrame, across: number, down: number): number[] {
  const { width, height, data } = frame;
  const chromaWidth = Math.ceil(width / 2);
  const chromaSize = chromaWidth * Math.ceil(height / 2);
  const x = Math.floor(across * width);
  const y = Math.floor(down * height);
  const chroma = width * height + Math.floor(y / 2) * chromaWidth + Math.floor(x / 2);
  return [data[y * width + x], data[chroma], data[chroma + chromaSize]].map((value) => value ?? -1);
}

function isNear(colour: number[], wanted: number[]): boolean {
  return colour.every((value, index) => Math.abs(value - (wanted[index] as number)) <= 6);
}

/** Less is never left out of sound, neither where it is captured nor where it is played. */
const leftOutMs = 450;

const side = { width: 320, height: 180 };
const pixels = side.width * side.height;

/** Left half red, right half blue; transparent. */
function rgbaPicture(): CustomPicture {
  const data = new Uint8Array(pixels * 4);
  for (let pixel = 0; pixel < pixels; pixel++) {
    data.set(pixel % side.width < side.width / 2 ? [255, 0, 0, 0] : [0, 0, 255, 0], pixel * 4);
  }
  return { format: 'rgba', data, ...side };
}

/** One colour. */
function nv12Picture(y: number, u: number, v: number): CustomPicture {
  const data = new Uint8Array((pixels * 3) / 2).fill(y);
  for (let at = pixels; at < data.length; at += 2) data.set([u, v], at);
  return { format: 'nv12', data, ...side };
}

/** Raw pictures of every format in, pictures and sound of a chosen size and rate out: by what was decoded. */
export function formatsSuite(engine: EngineChoice): void {
  const stream = useClockStream(engine, 'formats');

  async function expectNoneLeft(): Promise<void> {
    await expect.poll(() => loadAddon().outstandingFrames()).toBe(0);
  }

  describe('pictures of the application', () => {
    let server: NginxRtmp;
    beforeAll(async () => {
      server = await startNginxRtmp();
    });
    afterAll(() => server?.close());

    it('go out in the colours that they have, in RGBA, NV12 and I420 in turns', async () => {
      await using pusher = new TXLivePusher({ engine });
      pusher.setVideoResolution(101);
      await pusher.startPreview({ source: 'user', format: 'rgba' });
      const url = `${server.rtmpUrl}/raw`;
      await pusher.startPush(url);
      let picture = rgbaPicture();
      const timer = setInterval(() => pusher.sendCustomVideoData(picture), 50);
      await using player = new TXLivePlayer({ engine });
      await player.startPlay(url);
      const shows = async (left: number[], right: number[]) => {
        let last: number[][] = [];
        for (let taken = 0; taken < 200; taken++) {
          const { value } = await frames.next();
          if (!value) break;
          last = [colourAt(value, 0.25, 0.5), colourAt(value, 0.75, 0.5)];
          value.close();
          if (isNear(last[0] as number[], left) && isNear(last[1] as number[], right)) return 'shown';
        }
        return last;
      };
      const frames = player.frames({ capacity: 1 });
      try {
        expect(await shows([81, 90, 240], [41, 240, 110])).toBe('shown');
        picture = nv12Picture(150, 60, 90);
        expect(await shows([150, 60, 90], [150, 60, 90])).toBe('shown');
        picture = { data: new Uint8Array((pixels * 3) / 2).fill(100), ...side };
        expect(await shows([100, 100, 100], [100, 100, 100])).toBe('shown');
        picture = rgbaPicture();
        expect(await shows([81, 90, 240], [41, 240, 110])).toBe('shown');
      } finally {
        clearInterval(timer);
      }
      await player.close();
      await pusher.close();
      await expectNoneLeft();
    });

    it('of a wrong size, number of bytes or format are refused, and the next good one is taken', async () => {
      await using pusher = new TXLivePusher({ engine });
      await pusher.startPreview({ source: 'user' });
      const refusal = (change: object) =>
        outcomeOf(() => pusher.sendCustomVideoData({ ...rgbaPicture(), ...change } as CustomPicture));
      expect(await refusal({ data: new Uint8Array(pixels * 3) })).toBe('ERR_RTC_INVALID_ARGUMENT');
      expect(await refusal({ data: new Uint8Array(0) })).toBe('ERR_RTC_INVALID_ARGUMENT');
      expect(await refusal({ format: 'nv12' })).toBe('ERR_RTC_INVALID_ARGUMENT');
      expect(await refusal({ format: 'bgra' })).toBe('ERR_RTC_INVALID_ARGUMENT');
      expect(await refusal({ format: null })).toBe('ERR_RTC_INVALID_ARGUMENT');
      expect(await refusal({ width: 1, height: 1, data: new Uint8Array(4) })).toBe('ERR_RTC_INVALID_ARGUMENT');
      expect(await refusal({ width: -320, height: -180 })).toBe('ERR_RTC_INVALID_ARGUMENT');
      expect(await refusal({ format: 'h264' })).toBe('ERR_RTC_INVALID_STATE');
      expect(await refusal({ width: 3, height: 3, data: new Uint8Array(36) })).toBe('none');
      expect(await refusal({ format: 'nv12', width: 3, height: 3, data: new Uint8Array(17) })).toBe('none');
      expect(await refusal({})).toBe('none');
      expect(await outcomeOf(() => pusher.startPreview({ source: 'user', format: 'yuy2' as never }))).toBe(
        'ERR_RTC_INVALID_ARGUMENT',
      );
    });
  });

  describe('pictures that are handed out', () => {
    it.each([
      { options: { width: 640 }, size: [640, 360] },
      { options: { height: 120 }, size: [214, 120] },
      { options: { width: 240, height: 240 }, size: [240, 240] },
    ])('are of the size $options, and their clock is read', async ({ options, size }) => {
      await using player = new TXLivePlayer({ engine });
      player.setOutputVideoFormat('none', options);
      await player.startPlay(stream.url);
      let read = 0;
      for await (const frame of player.frames({ capacity: 64 })) {
        expect([frame.format, frame.width, frame.height]).toEqual(['i420', ...size]);
        expect(frame.data.length).toBe(frame.width * frame.height * 1.5);
        const reading = size[1] === 240 ? readInside(frame, 52, 136) : readClock(frame);
        if (size[1] === 240) expect(colourAt(frame, 0.5, 0.1)).toEqual([16, 128, 128]);
        if (size[1] === 240) expect(colourAt(frame, 0.5, 0.9)).toEqual([16, 128, 128]);
        frame.close();
        expect(reading).toBeDefined();
        if (++read === 5) break;
      }
      await player.close();
      await expectNoneLeft();
    });

    /** The clock of a picture between bars above and below. */
    function readInside(frame: VideoFrame, top: number, height: number) {
      const { width, data } = frame;
      return readClock({ width, height, data: data.slice(top * width, (top + height) * width) });
    }

    it('are thinned out evenly, as events as well, until all of them are wanted again', async () => {
      await using player = new TXLivePlayer({ engine, videoFormat: 'i420' });
      player.setOutputVideoFormat('rgba', { width: 64, fps: 5 });
      const times: number[] = [];
      let sizes = new Set<string>();
      player.on('videoFrame', (frame) => {
        times.push(frame.timestampMs);
        sizes.add(`${frame.format} ${frame.width}x${frame.height} ${frame.data.length}`);
        frame.close();
      });
      await player.startPlay(stream.url);
      // A stream of 15 a second: each third. Where the machine stood still there is none to take, and it begins anew.
      const evenInARow = () => {
        const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
        const uneven = gaps.findLastIndex((gap) => Math.abs(gap - 200) >= 75);
        return gaps.length - 1 - uneven;
      };
      await expect.poll(evenInARow, { timeout: patient(15_000) }).toBeGreaterThan(7);
      expect(sizes).toEqual(new Set(['rgba 64x36 9216']));
      player.setOutputVideoFormat('i420');
      await expect.poll(() => sizes.has('i420 320x180 86400')).toBe(true);
      sizes = new Set();
      const before = times.length;
      await expect.poll(() => times.length).toBeGreaterThan(before + 8);
      expect(sizes).toEqual(new Set(['i420 320x180 86400']));
    });

    it('and sound, of a player and of a pusher, are together: beeps at their place at every rate', async () => {
      await using pusher = new TXLivePusher({ engine });
      pusher.setVideoResolution(101);
      await pusher.startPreview({ source: 'synthetic' });
      await pusher.startAudioCapture({ source: 'synthetic' });
      await using player = new TXLivePlayer({ engine });
      for (const { giver, start, sampleRate, channels } of [
        { giver: player, start: () => player.startPlay(stream.url), sampleRate: 16_000, channels: 2 },
        { giver: pusher, start: () => pusher.startPush(`${stream.url}-own`), sampleRate: 22_050, channels: 1 },
      ]) {
        giver.setOutputVideoFormat('none', { width: 480 });
        giver.setOutputAudio(false, { sampleRate, channels });
        const frames = giver.frames({ capacity: 64 });
        const sounds = giver.pcm({ capacity: 1024 });
        await start();
        const call = new CallMeter();
        const heard = (async () => {
          let expected: number | undefined;
          for await (const sound of sounds as AsyncIterable<AudioFrame>) {
            expect([sound.sampleRate, sound.channels]).toEqual([sampleRate, channels]);
            expect(sound.data.length).toBe(sound.samples * channels);
            // No gap and no overlap but for what the stream's own milliseconds round away, and half a second or more
            // that is left out where the machine did not run for as long.
            const gapMs = sound.timestampMs - (expected ?? sound.timestampMs);
            if (gapMs < leftOutMs) expect(Math.abs(gapMs)).toBeLessThanOrEqual(15);
            expected = sound.timestampMs + (1000 * sound.samples) / sampleRate;
            call.audio(sound);
            sound.close();
          }
        })();
        for await (const frame of frames) {
          call.video(frame, clockMicros());
          expect(frame.width).toBe(480);
          frame.close();
          if (call.report().beeps >= 2 && call.report().frames > 20) break;
        }
        await giver.close();
        await heard;
        expect(call.report().unreadable).toBe(0);
        expect(Math.abs(call.report().avOffsetMs as number)).toBeLessThanOrEqual(40);
      }
      await expectNoneLeft();
    });

    it('stay as they were when what is asked for is none', async () => {
      await using player = new TXLivePlayer({ engine });
      await using pusher = new TXLivePusher({ engine });
      player.setOutputVideoFormat('none', { width: 160 });
      for (const object of [player, pusher]) {
        for (const options of [
          { width: 0 },
          { width: 1 },
          { height: 8193 },
          { width: 1.5 },
          { width: '160' },
          { fps: 0 },
          { fps: -1 },
          { fps: 121 },
          { fps: Number.NaN },
          { fps: Number.POSITIVE_INFINITY },
          null,
          5,
          [],
        ]) {
          expect(await outcomeOf(() => object.setOutputVideoFormat('rgba', options as never))).toBe(
            'ERR_RTC_INVALID_ARGUMENT',
          );
        }
        for (const options of [{ sampleRate: 7999 }, { sampleRate: 48001 }, { sampleRate: 0 }, { channels: 3 }, null]) {
          expect(await outcomeOf(() => object.setOutputAudio(true, options as never))).toBe('ERR_RTC_INVALID_ARGUMENT');
        }
      }
      let events = 0;
      player.on('videoFrame', () => events++);
      await player.startPlay(stream.url);
      const { value } = await player.frames().next();
      expect([value?.format, value?.width, value?.height]).toEqual(['i420', 160, 90]);
      value?.close();
      expect(events).toBe(0);
    });
  });
}
