import { describe, expect, it } from 'vitest';
import { loadAddon } from '#lib/live/addon';
import type { EngineChoice } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { BeepDetector, readClock } from '#lib/measure/index';
import { codeOf } from '../client/expectCode.js';
import { useClockStream } from './clockStream.js';

/** frames() and pcm(), by what was decoded. */
export function iteratorsSuite(engine: EngineChoice): void {
  const stream = useClockStream(engine, 'iterators');

  /** Nothing that was handed out to these tests is left. */
  async function expectNoneLeft(): Promise<void> {
    await expect.poll(() => loadAddon().outstandingFrames()).toBe(0);
  }

  describe('frames()', () => {
    it('are the pictures in order, of a player that was to hand out none, and no videoFrame', async () => {
      await using player = new TXLivePlayer({ engine });
      let events = 0;
      player.on('videoFrame', () => events++);
      const frames = player.frames({ capacity: 64 });
      await player.startPlay(stream.url);
      // Ten of which none is left out: a player leaves out late ones where the machine stood still for half a second.
      const counters: number[] = [];
      let inARow = 0;
      for await (const frame of frames) {
        const clock = readClock(frame);
        frame.close();
        if (!clock) continue;
        const last = counters.at(-1) ?? clock.counter - 1;
        expect(clock.counter).toBeGreaterThan(last);
        inARow = clock.counter === last + 1 ? inARow + 1 : 1;
        counters.push(clock.counter);
        if (inARow === 10) break;
        expect(counters.length, `pictures ${counters.join(', ')}`).toBeLessThan(100);
      }
      expect(inARow).toBe(10);
      expect(frames.dropped).toBe(0);
      expect(events).toBe(0);
      expect(await frames.next()).toEqual({ value: undefined, done: true });
      await player.close();
      await expectNoneLeft();
    });

    it('are each one’s own, beside the event', async () => {
      await using player = new TXLivePlayer({ engine, videoFormat: 'rgba' });
      const heard: number[] = [];
      player.on('videoFrame', (frame) => {
        heard.push(frame.timestampMs);
        frame.close();
      });
      await player.startPlay(stream.url);
      await using one = player.frames();
      await using other = player.frames();
      const a = (await one.next()).value;
      const b = (await other.next()).value;
      expect(a?.format).toBe('rgba');
      expect(a?.timestampMs).toBe(b?.timestampMs);
      expect(heard).toContain(a?.timestampMs);
      a?.close();
      expect(b?.data.length).toBe(320 * 180 * 4);
      const copy = b?.clone();
      b?.close();
      expect(copy?.data.length).toBe(320 * 180 * 4);
      copy?.close();
      expect(() => copy?.clone()).toThrow(expect.objectContaining({ code: 'ERR_RTC_CLOSED' }));
    });

    it('of capacity 1 are the newest, the older ones are counted and given back', async () => {
      await using player = new TXLivePlayer({ engine, videoFormat: 'i420' });
      const seen: number[] = [];
      const enough = new Promise<void>((resolve) =>
        player.on('videoFrame', (frame) => {
          seen.push(frame.timestampMs);
          frame.close();
          if (seen.length === 6) resolve();
        }),
      );
      const frames = player.frames({ capacity: 1 });
      await player.startPlay(stream.url);
      await enough;
      const { value } = await frames.next();
      expect(value?.timestampMs).toBe(seen.at(-1));
      expect(frames.dropped).toBe(seen.length - 1);
      value?.close();
      await player.close();
      expect(await frames.next()).toEqual({ value: undefined, done: true });
      await expectNoneLeft();
    });

    it('end with the playback while somebody waits, and with close', async () => {
      await using player = new TXLivePlayer({ engine });
      await player.startPlay(stream.url);
      const frames = player.frames();
      let taken = 0;
      const loop = (async () => {
        for await (const frame of frames) {
          frame.close();
          taken++;
        }
      })();
      await expect.poll(() => taken).toBeGreaterThan(2);
      await player.stopPlay();
      await loop;
      // Nothing plays, and nothing will.
      const waiting = player.frames().next();
      await player.close();
      expect(await waiting).toEqual({ value: undefined, done: true });
      expect(() => player.frames()).toThrow(expect.objectContaining({ code: 'ERR_RTC_CLOSED' }));
      expect(() => player.pcm()).toThrow(expect.objectContaining({ code: 'ERR_RTC_CLOSED' }));
      await expectNoneLeft();
    });

    it('end when the playback fails', async () => {
      await using player = new TXLivePlayer({ engine, connectRetryCount: 0 });
      const waiting = player.frames().next();
      expect(await codeOf(player.startPlay('rtmp://127.0.0.1:1/live/x'))).toBe('ERR_RTC_CONNECT_FAILED');
      expect(await waiting).toEqual({ value: undefined, done: true });
    });

    it('end by a signal: who waits hears ERR_RTC_ABORTED, once', async () => {
      await using player = new TXLivePlayer({ engine });
      const controller = new AbortController();
      const frames = player.frames({ signal: controller.signal });
      const waiting = codeOf(frames.next());
      const other = frames.next();
      controller.abort();
      expect(await waiting).toBe('ERR_RTC_ABORTED');
      expect(await other).toEqual({ value: undefined, done: true });
      expect(await frames.next()).toEqual({ value: undefined, done: true });

      const later = new AbortController();
      const idle = player.frames({ signal: later.signal });
      later.abort();
      expect(await codeOf(idle.next())).toBe('ERR_RTC_ABORTED');
      expect(await idle.next()).toEqual({ value: undefined, done: true });
      expect(() => player.frames({ signal: later.signal })).toThrow(
        expect.objectContaining({ code: 'ERR_RTC_ABORTED' }),
      );
    });

    it('end by return() while somebody waits', async () => {
      await using player = new TXLivePlayer({ engine });
      const frames = player.frames();
      const waiting = frames.next();
      expect(await frames.return()).toEqual({ value: undefined, done: true });
      expect(await waiting).toEqual({ value: undefined, done: true });
    });

    it('refuse a capacity that is none', async () => {
      await using player = new TXLivePlayer({ engine });
      for (const capacity of [0, -1, 1.5, 65, Number.NaN]) {
        expect(() => player.frames({ capacity })).toThrow(
          expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
        );
      }
      expect(() => player.pcm({ capacity: 1025 })).toThrow(
        expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
      );
    });

    it('follow the format that is chosen meanwhile, and go on in the next playback’s iterator', async () => {
      await using player = new TXLivePlayer({ engine });
      await player.startPlay(stream.url);
      const frames = player.frames({ capacity: 1 });
      player.setOutputVideoFormat('rgba');
      for await (const frame of frames) {
        const { format } = frame;
        frame.close();
        if (format === 'rgba') break;
      }
      player.setOutputVideoFormat('none');
      await player.stopPlay();
      const next = player.frames();
      await player.startPlay(stream.url);
      const { value } = await next.next();
      expect(value?.format).toBe('i420');
      value?.close();
    });
  });

  describe('pcm()', () => {
    it('is the sound without a gap, and its beeps', async () => {
      await using player = new TXLivePlayer({ engine });
      const sounds = player.pcm({ capacity: 1024 });
      await player.startPlay(stream.url);
      // A second without a gap, which a busy machine may give later: a beep that a gap cut is not found.
      const beeps: number[] = [];
      const second = () => beeps.length > 1 && Math.abs(Number(beeps.at(-1)) - Number(beeps.at(-2)) - 1000) < 10;
      const detector = new BeepDetector();
      let samples = 0;
      let rate = 48000;
      for await (const sound of sounds) {
        rate = sound.sampleRate;
        samples += sound.samples;
        beeps.push(...detector.push(sound));
        sound.close();
        if (second()) break;
        expect(samples, `beeps at ${beeps.join(', ')} ms`).toBeLessThan(10 * rate);
      }
      expect(second()).toBe(true);
      expect(sounds.dropped).toBe(0);
      await player.close();
      await expectNoneLeft();
    });
  });
}
