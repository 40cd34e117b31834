import { describe, expect, it } from 'vitest';
import { BeepDetector } from '#lib/measure/BeepDetector';

interface Sound {
  sampleRate?: number;
  channels?: number;
  startMs?: number;
  durationMs: number;
  onsetsMs: number[];
  amplitude?: number;
  frequencyHz?: number;
  beepMs?: number;
  noise?: number;
  /** The beep swells over this time about its onset, as a codec's window makes it. */
  smearMs?: number;
  samplesPerFrame?: number;
}

function* frames(sound: Sound) {
  const { sampleRate = 48000, channels = 2, startMs = 5000, amplitude = 0.5, noise = 0, smearMs = 0 } = sound;
  const { samplesPerFrame = 1024, frequencyHz = 1000, beepMs = 60 } = sound;
  let seed = 7;
  const total = Math.floor((sound.durationMs * sampleRate) / 1000);
  for (let start = 0; start < total; start += samplesPerFrame) {
    const data = new Int16Array(samplesPerFrame * channels);
    for (let index = 0; index < samplesPerFrame; index++) {
      const ms = startMs + ((start + index) * 1000) / sampleRate;
      seed = (seed * 1103515245 + 12345) % 2147483648;
      let value = noise * (seed / 1073741824 - 1);
      for (const onset of sound.onsetsMs) {
        const into = ms - onset;
        const rise = smearMs > 0 ? Math.min(1, Math.max(0, into / smearMs + 0.5)) : into >= 0 ? 1 : 0;
        if (into < beepMs) value += rise * amplitude * Math.sin((2 * Math.PI * frequencyHz * into) / 1000);
      }
      for (let channel = 0; channel < channels; channel++) data[index * channels + channel] = Math.round(value * 32767);
    }
    // RTMP timestamps are whole milliseconds.
    const timestampMs = Math.round(startMs + (start * 1000) / sampleRate);
    yield { sampleRate, channels, samples: samplesPerFrame, timestampMs, data };
  }
}

function detect(sound: Sound): number[] {
  const detector = new BeepDetector();
  return [...frames(sound)].flatMap((frame) => detector.push(frame));
}

function expectOnsets(found: number[], expected: number[], precisionMs: number): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((onset, index) => {
    expect(Math.abs(onset - (expected[index] ?? 0))).toBeLessThanOrEqual(precisionMs);
  });
}

describe('BeepDetector', () => {
  it('finds every onset within a millisecond', () => {
    const onsetsMs = [5250.3, 6250.3, 7250.3];
    expectOnsets(detect({ durationMs: 3000, onsetsMs }), onsetsMs, 1);
  });

  it.each([
    { sampleRate: 44100, channels: 1 },
    { sampleRate: 48000, channels: 1 },
    { sampleRate: 16000, channels: 2 },
  ])('works at $sampleRate Hz with $channels channels', (format) => {
    expectOnsets(detect({ ...format, durationMs: 1000, onsetsMs: [5400] }), [5400], 1);
  });

  it('does not depend on how the sound is cut into frames', () => {
    for (const samplesPerFrame of [64, 480, 4096]) {
      expectOnsets(detect({ durationMs: 1000, onsetsMs: [5400], samplesPerFrame }), [5400], 1);
    }
  });

  it('does not depend on loudness, and stands noise', () => {
    expectOnsets(detect({ durationMs: 1000, onsetsMs: [5400], amplitude: 0.25, noise: 0.05 }), [5400], 1.5);
    expectOnsets(detect({ durationMs: 1000, onsetsMs: [5400], amplitude: 0.9 }), [5400], 1);
  });

  it('is within 5 ms when a codec smears the onset', () => {
    expectOnsets(detect({ durationMs: 1000, onsetsMs: [5400], smearMs: 20 }), [5400], 5);
  });

  it('hears nothing in silence, noise, other tones and clicks', () => {
    expect(detect({ durationMs: 2000, onsetsMs: [] })).toEqual([]);
    expect(detect({ durationMs: 2000, onsetsMs: [], noise: 0.3 })).toEqual([]);
    expect(detect({ durationMs: 2000, onsetsMs: [5500], frequencyHz: 3000 })).toEqual([]);
    expect(detect({ durationMs: 2000, onsetsMs: [5500], beepMs: 3 })).toEqual([]);
  });

  it('starts afresh after a gap in the timestamps', () => {
    const detector = new BeepDetector();
    const found: number[] = [];
    for (const frame of frames({ durationMs: 300, onsetsMs: [5100] })) found.push(...detector.push(frame));
    for (const frame of frames({ startMs: 9000, durationMs: 400, onsetsMs: [9200] }))
      found.push(...detector.push(frame));
    expectOnsets(found, [5100, 9200], 1);
  });

  it('hears no onset in a tone that was under way when it began to listen, or after a gap', () => {
    const underWay = { startMs: 5020, durationMs: 700, onsetsMs: [5000, 5500] };
    expectOnsets(detect(underWay), [5500], 1);
    const detector = new BeepDetector();
    const parts = [underWay, { ...underWay, startMs: 9010, onsetsMs: [9000, 9400] }];
    const found = parts.flatMap((part) => [...frames(part)].flatMap((frame) => detector.push(frame)));
    expectOnsets(found, [5500, 9400], 1);
  });
});
