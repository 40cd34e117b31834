import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VideoResolution } from '#lib/live/enums';
import type { PushEventName } from '#lib/live/events';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { readClock } from '#lib/measure/index';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { probe, runTool } from '../support/ffmpeg.js';
import { pushUrl, until } from '../support/mediaServer.js';

const [width, height] = [320, 180];

describe('a recording of the pusher', () => {
  let media: EmbeddedMediaServer;
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rtcroom-recording-'));
    media = new EmbeddedMediaServer();
    await media.start();
  });
  afterAll(async () => {
    await media.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function newPusher() {
    const pusher = new TXLivePusher({ gopSeconds: 1 });
    const files: string[] = [];
    const progress: number[] = [];
    const seen: PushEventName[] = [];
    pusher.on('event', ({ name, params }) => {
      seen.push(name);
      if (name === 'PUSH_EVT_LOCAL_RECORD_RESULT' && params.EVT_PARAM1 === '0') files.push(params.EVT_PARAM2 as string);
      if (name === 'PUSH_EVT_LOCAL_RECORD_PROGRESS') progress.push(Number(params.EVT_PARAM1));
    });
    pusher.setVideoResolution(VideoResolution.RESOLUTION_320x180);
    pusher.setVideoFPS(25);
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    return { pusher, files, progress, seen };
  }

  /** The counters of all pictures, as they are decoded. */
  async function countersOf(file: string): Promise<number[]> {
    const raw = `${file}.raw`;
    const { code, stderr } = await runTool('ffmpeg', [
      ...['-v', 'error', '-xerror', '-i', file, '-fps_mode', 'passthrough', '-pix_fmt', 'gray', '-f', 'rawvideo', raw],
    ]);
    expect(code, stderr).toBe(0);
    const data = await readFile(raw);
    const size = width * height;
    return Array.from({ length: data.length / size }, (_, index) => {
      const luma = data.subarray(index * size, (index + 1) * size);
      return readClock({ width, height, data: luma })?.counter ?? Number.NaN;
    });
  }

  /** Each picture once, in order, over all of the files. */
  async function expectNoneLost(files: string[]): Promise<number> {
    const counters = (await Promise.all(files.map(countersOf))).flat();
    for (let i = 1; i < counters.length; i++) expect(counters[i]).toBe((counters[i - 1] as number) + 1);
    return counters.length;
  }

  it('needs no push, and slices follow each other without a picture lost', async () => {
    const { pusher, files, progress, seen } = await newPusher();
    await using _ = pusher;
    const path = join(directory, 'alone.mp4');
    await pusher.startLocalRecord(path, { sliceSeconds: 2 });
    await expect(pusher.startLocalRecord(`${path}2`)).rejects.toMatchObject({ code: 'ERR_RTC_INVALID_STATE' });
    await until('two slices', () => files.length === 2);
    await until('a second of the third', () => progress.at(-1) === 1000);
    await pusher.stopLocalRecord();
    expect(files).toEqual([path, join(directory, 'alone-2.mp4'), join(directory, 'alone-3.mp4')]);
    // Each counts from its own beginning; a late key frame makes a slice longer.
    const slices = progress.filter((ms) => ms === 1000);
    expect(slices).toHaveLength(3);
    progress.forEach((ms, index) => {
      if (ms !== 1000) expect(ms).toBe((progress[index - 1] as number) + 1000);
    });
    expect(await expectNoneLost(files)).toBeGreaterThanOrEqual(100);
    const { streams, packets } = await probe(files[1] as string);
    expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual(['aac', 'h264']);
    const last = packets.filter(({ codec_type }) => codec_type === 'audio').at(-1);
    const lastPicture = packets.filter(({ codec_type }) => codec_type === 'video').at(-1);
    expect(Math.abs(Number(last?.pts_time) - Number(lastPicture?.pts_time))).toBeLessThan(0.1);
    expect(seen).not.toContain('PUSH_EVT_PUSH_BEGIN');
    await expect(pusher.stopLocalRecord()).rejects.toMatchObject({ code: 'ERR_RTC_INVALID_STATE' });
    expect(await readdir(directory)).not.toContain('alone-4.mp4');
  });

  it('goes on while a push begins, and ends with it', async () => {
    const { pusher, files, progress } = await newPusher();
    await using _ = pusher;
    const path = join(directory, 'before.mp4');
    await pusher.startLocalRecord(path);
    await until('a second', () => progress.length > 0);
    await pusher.startPush(pushUrl(media, 'recorded'));
    await until('a second and a half of the push', () => progress.length > 2);
    await pusher.stopPush();
    expect(files).toEqual([path]);
    expect(await expectNoneLost(files)).toBeGreaterThanOrEqual(60);
  });

  it('begins at once in the middle of a push, which goes on after it', async () => {
    const { pusher, files, progress, seen } = await newPusher();
    await using _ = pusher;
    await pusher.startPush(pushUrl(media, 'during'));
    const path = join(directory, 'during.mp4');
    await pusher.startLocalRecord(path);
    await until('a second', () => progress.length > 0);
    await pusher.stopLocalRecord();
    expect(files).toEqual([path]);
    await expectNoneLost(files);
    await pusher.startLocalRecord(`${path}.2.mp4`);
    await until('a second of the next', () => progress.length > 1);
    expect(pusher.pushing).toBe(true);
    // A new size is a new file.
    pusher.setVideoResolution(VideoResolution.RESOLUTION_640x360);
    await until('the file of the new size', () => files.length === 2);
    await pusher.close();
    expect(files).toHaveLength(3);
    expect((await probe(files[2] as string)).streams).toContainEqual(expect.objectContaining({ width: 640 }));
    expect(seen.filter((name) => name === 'PUSH_EVT_PUSH_BEGIN')).toHaveLength(1);
  });

  it('is refused where there is nothing to record, and where a file cannot be', async () => {
    await using bare = new TXLivePusher();
    await expect(bare.startLocalRecord(join(directory, 'none.mp4'))).rejects.toMatchObject({
      code: 'ERR_RTC_INVALID_STATE',
    });
    const { pusher } = await newPusher();
    await using _ = pusher;
    const record = (path: string, sliceSeconds?: number) => pusher.startLocalRecord(path, { sliceSeconds });
    await expect(record(directory)).rejects.toMatchObject({ code: 'ERR_RTC_RECORD_FAILED' });
    await expect(record(join(directory, 'no/such/folder.mp4'))).rejects.toMatchObject({
      code: 'ERR_RTC_RECORD_FAILED',
    });
    for (const slice of [-1, 0.5, 86_401, Number.NaN])
      await expect(record(join(directory, 'slice.mp4'), slice)).rejects.toMatchObject({
        code: 'ERR_RTC_INVALID_ARGUMENT',
      });
    expect(await readdir(directory)).not.toContain('slice.mp4');
  });
});
