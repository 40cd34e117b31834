import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as elapse } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VideoResolution } from '#lib/live/enums';
import { TXLivePusher, type TXLivePusherOptions } from '#lib/live/TXLivePusher';
import { median } from '#lib/measure/statistics';
import { avOffsets } from '../support/avOffsets.js';
import { probe, runTool } from '../support/ffmpeg.js';
import { patient } from '../support/patience.js';

let directory = '';
const at = (name: string) => join(directory, name);
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rtcroom-file-source-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** Of what was decoded from the file. */
async function offsetOf(path: string): Promise<number> {
  const offsets = await avOffsets(path);
  expect(offsets.length, path).toBeGreaterThanOrEqual(2);
  return median(offsets) as number;
}

/** What a pusher records of a source of pictures and one of sound. */
async function record(path: string, clip: string | undefined, ms: number, options: TXLivePusherOptions = {}) {
  await using pusher = new TXLivePusher({ engine: 'embedded', gopSeconds: 1, ...options });
  pusher.setVideoResolution(VideoResolution.RESOLUTION_320x180);
  pusher.setVideoFPS(25);
  await pusher.startPreview(clip ? { source: 'file', path: clip, loop: true } : { source: 'synthetic' });
  await pusher.startAudioCapture(clip ? { source: 'file' } : { source: 'synthetic' });
  await pusher.startLocalRecord(path);
  await elapse(ms);
  await pusher.stopLocalRecord();
}

const encoders: [string, TXLivePusherOptions][] = [
  ['AAC', {}],
  ['AAC of 44.1 kHz', { audioSampleRate: 44100 }],
  ['Opus', { audioCodec: 'opus' }],
];

describe('the sound of a recording', () => {
  it.each(encoders)('lies where its pictures have it, whatever %s begins with', async (name, options) => {
    const path = at(`${name}.mp4`);
    await record(path, undefined, 3500, options);
    const { streams, packets } = await probe(path);
    expect(Math.abs(await offsetOf(path)), name).toBeLessThanOrEqual(10);
    // Nor is its first unit moved to the file's beginning, and longer for it: some readers count units and not times.
    const audio = streams.find(({ codec_type }) => codec_type === 'audio')?.index;
    const units = packets.filter(({ stream_index }) => stream_index === audio).map(({ pts_time }) => Number(pts_time));
    const [first = 0, second = 0, third = 0] = units;
    expect(Math.abs(second - first - (third - second))).toBeLessThanOrEqual(0.003);
  });
});

describe('a file that is pushed', () => {
  const remuxed: Record<string, string[]> = {
    'ffmpeg.mp4': [],
    'fragmented.mp4': ['-movflags', '+frag_keyframe+empty_moov'],
    'b-frames.mp4': ['-c:v', 'libx264', '-bf', '2'],
    'opus.mp4': ['-c:a', 'libopus'],
    'pcm.mkv': ['-c:a', 'pcm_s16le'],
    'aac.mkv': [],
    'aac.flv': [],
    'aac.ts': [],
  };

  it('keeps its sound where the file has it, in each lap', { timeout: patient(120_000) }, async () => {
    const own = at('own.mp4');
    await record(own, undefined, 3500);
    const names = ['own.mp4', ...Object.keys(remuxed)];
    for (const [name, args] of Object.entries(remuxed)) {
      const encoded = ['-c:v', 'copy', '-c:a', 'aac', '-b:a', '96k', ...args];
      const { code, stderr } = await runTool('ffmpeg', ['-v', 'error', '-y', '-i', own, ...encoded, at(name)]);
      expect(code, stderr).toBe(0);
    }
    // As many at once as two cores push in time.
    for (let i = 0; i < names.length; i += 5)
      await Promise.all(names.slice(i, i + 5).map((name) => record(at(`pushed-${name}.mp4`), at(name), 7500)));

    const found: string[] = [];
    for (const name of names) {
      const fileMs = await offsetOf(at(name));
      const pushed = await avOffsets(at(`pushed-${name}.mp4`));
      expect(pushed.length, name).toBeGreaterThanOrEqual(5);
      found.push(`${name} ${fileMs.toFixed(1)}: ${pushed.map((each) => each.toFixed(1)).join(' ')}`);
      const [firstLap, laterLap] = [pushed.slice(0, 3), pushed.slice(-3)];
      for (const lap of [firstLap, laterLap])
        expect(Math.abs((median(lap) as number) - fileMs), found.at(-1)).toBeLessThanOrEqual(10);
    }
    console.log(`Sound minus picture, ms, of the file and pushed:\n${found.join('\n')}`);
  });
});
