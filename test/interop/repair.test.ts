import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { repairRecording } from '#lib/index';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { probe, runTool } from '../support/ffmpeg.js';
import { rtcroom } from '../support/rtcroom.js';

const seconds = 3;
/** Cut off at the end of the clip: less than a fragment. */
const tornBytes = 1000;

let directory = '';
let clip: Buffer;
let file = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rtcroom-repair-'));
  const path = join(directory, 'clip.mp4');
  const { code, stderr } = await runTool('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', '-f', 'lavfi', '-i', 'sine'],
    ...['-t', String(seconds), '-c:v', 'libx264', '-tune', 'zerolatency', '-g', '25', '-pix_fmt', 'yuv420p'],
    ...['-c:a', 'aac', '-movflags', 'empty_moov+default_base_moof', '-frag_duration', '200000', path],
  ]);
  expect(code, stderr).toBe(0);
  clip = await readFile(path);
  await rm(path);
});
afterAll(() => rm(directory, { recursive: true, force: true }));
beforeEach(async () => {
  const folder = await mkdtemp(join(directory, 'test-'));
  file = join(folder, '通话 a.mp4');
  await writeFile(file, clip);
  await truncate(file, clip.length - tornBytes);
});

async function expectPlain(path: string) {
  const { streams, format } = await probe(path);
  expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual(['aac', 'h264']);
  expect(Math.abs(Number(format.duration) - seconds)).toBeLessThan(0.5);
  expect((await readFile(path)).includes('moof')).toBe(false);
}

describe('repairRecording', () => {
  it('makes a plain MP4, tells how far it is, and leaves a plain one as it is', async () => {
    const progress: number[] = [];
    const result = await repairRecording(file, { onProgress: (done) => progress.push(done) });
    expect(result).toMatchObject({ repaired: true });
    expect(result.lostBytes).toBeGreaterThan(0);
    expect(result.lostBytes).toBeLessThan(clip.length / 5);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(1);
    await expectPlain(file);
    const plain = await readFile(file);
    const again = await repairRecording(file);
    expect(again).toMatchObject({ repaired: false, lostBytes: 0 });
    expect(Math.abs(again.durationMs - result.durationMs)).toBeLessThan(50);
    expect(await readFile(file)).toEqual(plain);
  });

  it('repairs many at once', async () => {
    const files = Array.from({ length: 8 }, (_, index) => `${file}.${index}.mp4`);
    await Promise.all(files.map((path) => writeFile(path, clip)));
    const results = await Promise.all(files.map((path) => repairRecording(path)));
    expect(results.every(({ repaired, lostBytes }) => repaired && lostBytes === 0)).toBe(true);
    await expectPlain(files[7] as string);
  });

  it('ends with its signal, and the recording is as it was', async () => {
    const before = await readFile(file);
    const controller = new AbortController();
    // The progress is asked for on the way to the end, too.
    const onProgress = () => undefined;
    const repairing = repairRecording(file, { signal: controller.signal, onProgress });
    controller.abort();
    await expect(repairing).rejects.toMatchObject({ code: 'ERR_RTC_ABORTED' });
    await expect(repairRecording(file, { signal: controller.signal })).rejects.toMatchObject({
      code: 'ERR_RTC_ABORTED',
    });
    expect(await readFile(file)).toEqual(before);
    expect(await readdir(join(file, '..'))).toHaveLength(1);
    expect(await repairRecording(file)).toMatchObject({ repaired: true });
  });

  it('refuses a recording that goes on', async () => {
    await using pusher = new TXLivePusher({ engine: 'embedded' });
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    const path = `${file}.live.mp4`;
    const progressed = new Promise<void>((resolve) => {
      pusher.on('event', ({ name }) => name === 'PUSH_EVT_LOCAL_RECORD_PROGRESS' && resolve());
    });
    await pusher.startLocalRecord(path);
    await progressed;
    await expect(repairRecording(path)).rejects.toMatchObject({ code: 'ERR_RTC_INVALID_STATE' });
    await pusher.stopLocalRecord();
    expect(await repairRecording(path)).toMatchObject({ repaired: false });
  });

  it('tells why a file is none, and leaves it as it is', async () => {
    const code = async (path: unknown) =>
      repairRecording(path as string).catch((error: { code: string; message: string }) => error.code);
    const empty = `${file}.empty`;
    await writeFile(empty, '');
    expect(await code(empty)).toBe('ERR_RTC_NOT_MEDIA');
    await writeFile(empty, 'not a film');
    expect(await code(empty)).toBe('ERR_RTC_NOT_MEDIA');
    expect(await readFile(empty, 'utf8')).toBe('not a film');
    expect(await code(join(file, '..'))).toBe('ERR_RTC_FILE_OPEN_FAILED');
    expect(await code(`${file}.none`)).toBe('ERR_RTC_FILE_OPEN_FAILED');
    for (const path of ['', 'a\0b', 5, undefined]) expect(await code(path)).toBe('ERR_RTC_INVALID_ARGUMENT');
    await expect(repairRecording(file, null as never)).rejects.toMatchObject({ code: 'ERR_RTC_INVALID_ARGUMENT' });
  });
});

describe('rtcroom repair', () => {
  it('repairs what can be, tells of each file, and exits 1 when one cannot', async () => {
    const whole = `${file}.whole.mp4`;
    await writeFile(whole, clip);
    const text = `${file}.txt`;
    await writeFile(text, 'not a film');
    const { code, stdout, stderr } = await rtcroom(['repair', file, text, whole]);
    expect(code, stderr).toBe(1);
    const [first, second] = stdout.trim().split('\n');
    expect(first).toMatch(/通话 a\.mp4: repaired, [23]\.\d s, without \d+ bytes/);
    expect(second).toMatch(/whole\.mp4: repaired, 3\.\d s$/);
    expect(stderr).toMatch(/\.txt: .*\(ERR_RTC_NOT_MEDIA\)\n$/);
    await expectPlain(file);
    const again = await rtcroom(['repair', file, whole]);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toMatch(/is a plain MP4 already/);
  });

  it('prints a line of JSON a file', async () => {
    await mkdir(`${file}.folder`);
    const { code, stdout } = await rtcroom(['repair', '--json', file, `${file}.folder`]);
    expect(code).toBe(1);
    const lines = stdout.trim().split('\n');
    expect(JSON.parse(lines[0] as string)).toMatchObject({ file, ok: true, repaired: true });
    expect(JSON.parse(lines[1] as string)).toMatchObject({ ok: false, error: { code: 'ERR_RTC_FILE_OPEN_FAILED' } });
  });

  it('exits 2 without a file', async () => {
    expect(await rtcroom(['repair'])).toMatchObject({ code: 2, stdout: '' });
  });
});
