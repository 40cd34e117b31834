import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { AudioFrame } from '#lib/live/AudioFrame';
import type { EngineChoice } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import type { VideoFrame } from '#lib/live/VideoFrame';
import { patient } from '../patience.js';
import { useClockStream } from './clockStream.js';

/** Frames as the application sees them. */
export function framesSuite(engine: EngineChoice): void {
  const stream = useClockStream(engine, 'frames');

  async function frames(format: 'i420' | 'rgba'): Promise<{ video: VideoFrame; audio: AudioFrame }> {
    await using player = new TXLivePlayer({ engine, videoFormat: format, audioOutput: true });
    const video = new Promise<VideoFrame>((resolve) => player.once('videoFrame', resolve));
    const audio = new Promise<AudioFrame>((resolve) => player.once('audioFrame', resolve));
    await player.startPlay(stream.url);
    return { video: await video, audio: await audio };
  }

  describe('frames', () => {
    it('carry packed pictures and sound, and outlive their player', async () => {
      const { video, audio } = await frames('i420');
      expect({ width: video.width, height: video.height, format: video.format }).toEqual({
        width: 320,
        height: 180,
        format: 'i420',
      });
      expect(video.data.length).toBe((320 * 180 * 3) / 2);
      expect(new Set(video.data).size).toBeGreaterThan(2);
      expect(audio.data.length).toBe(audio.samples * audio.channels);
      expect(audio.sampleRate).toBe(48000);
      video.close();
      audio.close();
    });

    it('come as RGBA where that is asked for', async () => {
      const { video, audio } = await frames('rgba');
      expect(video.format).toBe('rgba');
      expect(video.data.length).toBe(320 * 180 * 4);
      expect(video.data[3]).toBe(255);
      video.close();
      audio.close();
    });

    it('close twice, and are empty afterwards', async () => {
      const { video, audio } = await frames('i420');
      const view = video.data;
      video.close();
      video.close();
      expect(video.closed).toBe(true);
      expect(view.length).toBe(0);
      expect(() => video.data).toThrow(expect.objectContaining({ code: 'ERR_RTC_CLOSED' }));
      audio.close();
      audio[Symbol.dispose]();
      expect(() => audio.data).toThrow(expect.objectContaining({ code: 'ERR_RTC_CLOSED' }));
    });
  });

  describe('a slow application', () => {
    it('loses the oldest frames, counted, and no event', async () => {
      await using player = new TXLivePlayer({ engine, videoFormat: 'i420', audioOutput: true });
      const events: string[] = [];
      player.on('event', ({ name }) => events.push(name));
      await player.startPlay(stream.url);
      const lost = () => player.droppedFrames.video > 0 && player.droppedFrames.audio > 0;
      const deadline = performance.now() + patient(15_000);
      // Again where the stream, which is another process's too, stood still for most of it.
      while (!lost() && performance.now() < deadline) {
        // Longer than 8 pictures at 15 frames/s and 32 sounds of 21 ms take.
        const until = performance.now() + 1500;
        while (performance.now() < until);
        // What an engine in a child process lost comes with its next frame.
        await setImmediate();
      }
      await player.stopPlay();
      expect(player.droppedFrames.video).toBeGreaterThan(0);
      expect(player.droppedFrames.audio).toBeGreaterThan(0);
      expect(events).toContain('PLAY_EVT_PLAY_BEGIN');
    });
  });
}
