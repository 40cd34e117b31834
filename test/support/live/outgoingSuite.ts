import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAddon } from '#lib/live/addon';
import { clockMicros, type EngineChoice } from '#lib/live/engine';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { CallMeter, readClock } from '#lib/measure/index';
import { outcomeOf } from '../client/expectCode.js';
import { until } from '../mediaServer.js';
import { type NginxRtmp, startNginxRtmp } from '../nginxRtmp.js';
import { CalmCall } from './CalmCall.js';

/** frames() and pcm() of a pusher: what it is about to encode. */
export function outgoingSuite(engine: EngineChoice): void {
  let server: NginxRtmp;
  beforeAll(async () => {
    server = await startNginxRtmp();
  });
  afterAll(() => server?.close());

  async function opened(): Promise<TXLivePusher> {
    const pusher = new TXLivePusher({ engine });
    pusher.setVideoResolution(101);
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    return pusher;
  }

  async function expectNoneLeft(): Promise<void> {
    await expect.poll(() => loadAddon().outstandingFrames()).toBe(0);
  }

  it('are its pictures and its sound, in order and together, without an event', async () => {
    await using pusher = await opened();
    let events = 0;
    pusher.on('videoFrame', () => events++);
    pusher.on('audioFrame', () => events++);
    const frames = pusher.frames({ capacity: 64 });
    const sounds = pusher.pcm({ capacity: 1024 });
    await pusher.startPush(`${server.rtmpUrl}/outgoing`);
    const call = new CallMeter();
    const calm = new CalmCall(200);
    const heard = (async () => {
      for await (const sound of sounds) {
        call.audio(sound);
        calm.audio(clockMicros());
        expect(sound.sampleRate).toBe(48000);
        sound.close();
      }
    })();
    for await (const frame of frames) {
      const arrivedUs = clockMicros();
      call.video(frame, arrivedUs);
      calm.video(frame, arrivedUs);
      // When it was taken is what is drawn in it.
      expect(Math.abs((readClock(frame)?.clockUs ?? 0) - frame.decodedAtUs)).toBeLessThan(80_000);
      expect([frame.format, frame.width, frame.height]).toEqual(['i420', 320, 180]);
      frame.close();
      if (call.report().beeps >= 2 && calm.report().frames > 20) break;
    }
    await pusher.stopPush();
    await heard;
    expect(calm.report()).toMatchObject({ unreadable: 0, lost: 0 });
    expect(calm.report().ageMs).toBeLessThan(100);
    expect(frames.dropped).toBe(0);
    expect(Math.abs(call.report().avOffsetMs as number)).toBeLessThanOrEqual(40);
    expect(events).toBe(0);
    await pusher.close();
    await expectNoneLeft();
  });

  it('come as events in the format that is chosen, beside the iterators, and end when it is taken back', async () => {
    await using pusher = await opened();
    const formats: string[] = [];
    let sounds = 0;
    pusher.on('videoFrame', (frame) => {
      formats.push(frame.format);
      frame.close();
    });
    pusher.on('audioFrame', (frame) => {
      sounds++;
      frame.close();
    });
    await pusher.startPush(`${server.rtmpUrl}/events`);
    pusher.setOutputVideoFormat('rgba');
    pusher.setOutputAudio(true);
    const { value } = await pusher.frames({ capacity: 1 }).next();
    expect(value?.format).toBe('rgba');
    value?.close();
    await until('events', () => formats.length > 3 && sounds > 3);
    expect(new Set(formats)).toEqual(new Set(['rgba']));
    pusher.setOutputVideoFormat('none');
    pusher.setOutputAudio(false);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = [formats.length, sounds];
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect([formats.length, sounds]).toEqual(before);
    expect(await outcomeOf(() => pusher.setOutputVideoFormat('nv12' as never))).toBe('ERR_RTC_INVALID_ARGUMENT');
    expect(await outcomeOf(() => pusher.setOutputAudio(1 as never))).toBe('ERR_RTC_INVALID_ARGUMENT');
    await pusher.close();
    await expectNoneLeft();
  });

  it('show what goes out: mirrored, paused, muted', async () => {
    await using pusher = await opened();
    await pusher.startPush(`${server.rtmpUrl}/shown`);
    const frames = pusher.frames({ capacity: 1 });
    const reads = async (wanted: boolean) => {
      for await (const frame of { [Symbol.asyncIterator]: () => ({ next: () => frames.next() }) }) {
        const read = readClock(frame) !== undefined;
        frame.close();
        if (read === wanted) return;
      }
    };
    await reads(true);
    pusher.setOutputYMirror(true);
    await reads(false);
    pusher.setOutputYMirror(false);
    await reads(true);
    pusher.setPauseVideo(true);
    await reads(false);
    pusher.setMute(true);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const sounds = pusher.pcm();
    // Past a beep.
    for (let heard = 0; heard < 50; heard++) {
      const { value } = await sounds.next();
      expect(Math.max(...(value?.data ?? [1]))).toBe(0);
      value?.close();
    }
  });

  describe('end', () => {
    it('with the push, while somebody waits, and with close', async () => {
      await using pusher = await opened();
      await pusher.startPush(`${server.rtmpUrl}/ends`);
      let taken = 0;
      const frames = pusher.frames();
      const loop = (async () => {
        for await (const frame of frames) {
          frame.close();
          taken++;
        }
      })();
      await until('pictures', () => taken > 2);
      await pusher.stopPush();
      await loop;
      const waiting = pusher.frames().next();
      await pusher.close();
      expect(await waiting).toEqual({ value: undefined, done: true });
      expect(await outcomeOf(() => pusher.frames())).toBe('ERR_RTC_CLOSED');
      expect(await outcomeOf(() => pusher.pcm())).toBe('ERR_RTC_CLOSED');
      await expectNoneLeft();
    });

    it('when the push fails, and by a signal', async () => {
      await using pusher = new TXLivePusher({ engine, connectRetryCount: 0 });
      const waiting = pusher.frames().next();
      expect(await outcomeOf(() => pusher.startPush('rtmp://127.0.0.1:1/live/x'))).toBe('ERR_RTC_CONNECT_FAILED');
      expect(await waiting).toEqual({ value: undefined, done: true });
      const controller = new AbortController();
      const aborted = outcomeOf(() => pusher.pcm({ signal: controller.signal }).next());
      controller.abort();
      expect(await aborted).toBe('ERR_RTC_ABORTED');
    });

    it('never, of a capacity that is none', async () => {
      await using pusher = new TXLivePusher({ engine });
      for (const capacity of [0, -1, 1.5, 65, Number.NaN]) {
        expect(await outcomeOf(() => pusher.frames({ capacity }))).toBe('ERR_RTC_INVALID_ARGUMENT');
      }
      expect(await outcomeOf(() => pusher.pcm({ capacity: 1025 }))).toBe('ERR_RTC_INVALID_ARGUMENT');
    });
  });

  it('of capacity 1 are the newest, and the older ones are counted', async () => {
    await using pusher = await opened();
    const frames = pusher.frames({ capacity: 1 });
    await pusher.startPush(`${server.rtmpUrl}/newest`);
    await until('some gave way', () => frames.dropped > 5);
    // The one after it is the next picture, but for what gave way meanwhile.
    const counterAndLost = async () => {
      const { value } = await frames.next();
      const counter = value && readClock(value)?.counter;
      value?.close();
      return { counter: counter as number, lost: frames.dropped + pusher.droppedFrames.video };
    };
    const newest = await counterAndLost();
    const after = await counterAndLost();
    expect(newest.counter).toBeGreaterThanOrEqual(5);
    expect(after.counter - newest.counter).toBe(1 + after.lost - newest.lost);
    await pusher.close();
    await expectNoneLeft();
  });
}
