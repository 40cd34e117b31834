import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as elapse } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { flvTags } from '../support/exTags.js';
import { probe, runTool, startTool } from '../support/ffmpeg.js';
import { type EncodedPicture, type EncodedSound, FlvMedia } from '../support/live/flvMedia.js';
import { until } from '../support/mediaServer.js';
import { type NginxRtmp, startNginxRtmp } from '../support/nginxRtmp.js';

/** NAL units of Annex B, as text. */
function nals(annexB: Buffer): string[] {
  const found: string[] = [];
  const short = Buffer.from([0, 0, 1]);
  for (let at = annexB.indexOf(short); at >= 0; ) {
    const next = annexB.indexOf(short, at + 3);
    let end = next < 0 ? annexB.length : next;
    while (end > at + 3 && annexB[end - 1] === 0) end--;
    found.push(annexB.subarray(at + 3, end).toString('base64'));
    at = next;
  }
  return found;
}

const typeOf = (nal: string) => Buffer.from(nal, 'base64').readUInt8(0) & 0x1f;
const isPicture = (nal: string) => typeOf(nal) === 1 || typeOf(nal) === 5;

/** Frames of ADTS without their headers. */
function adtsUnits(stream: Buffer): string[] {
  const units: string[] = [];
  for (let at = 0; at + 7 <= stream.length; ) {
    const size =
      ((stream.readUInt8(at + 3) & 3) << 11) | (stream.readUInt8(at + 4) << 3) | (stream.readUInt8(at + 5) >> 5);
    units.push(stream.subarray(at + 7, at + size).toString('base64'));
    at += size;
  }
  return units;
}

describe('what an application has encoded', () => {
  let server: NginxRtmp;
  let folder: string;
  const pictures: EncodedPicture[] = [];
  const sounds: EncodedSound[] = [];
  beforeAll(async () => {
    server = await startNginxRtmp();
    folder = await mkdtemp(join(tmpdir(), 'rtcroom-encoded-'));
    const clip = join(folder, 'clip.flv');
    // With B-frames, and several slices a picture, as cameras make them.
    const { code, stderr } = await runTool('ffmpeg', [
      ...[
        '-v',
        'error',
        '-f',
        'lavfi',
        '-i',
        'testsrc2=size=320x180:rate=25',
        '-f',
        'lavfi',
        '-i',
        'sine=frequency=500',
      ],
      ...[
        '-t',
        '4',
        '-c:v',
        'libx264',
        '-preset',
        'medium',
        '-bf',
        '2',
        '-g',
        '25',
        '-x264-params',
        'slices=2:b-adapt=0',
      ],
      ...['-pix_fmt', 'yuv420p', '-c:a', 'aac', '-ar', '44100', '-ac', '2', clip],
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const media = new FlvMedia({ picture: (each) => pictures.push(each), sound: (each) => sounds.push(each) });
    for (const tag of flvTags(await readFile(clip))) media.take(tag);
    expect(pictures.length).toBe(100);
    expect(pictures.some(({ timestampMs, dtsMs }) => timestampMs - dtsMs > 100)).toBe(true);
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** All of it, at its times. */
  async function send(pusher: TXLivePusher): Promise<void> {
    const begun = performance.now();
    const due = [
      ...pictures.map(({ data, timestampMs, dtsMs }) => ({
        atMs: dtsMs,
        give: () => pusher.sendCustomVideoData({ format: 'h264', data, timestampMs, dtsMs }),
      })),
      ...sounds.map(({ data, config, timestampMs }) => ({
        atMs: timestampMs,
        give: () => pusher.sendCustomAudioData({ format: 'aac', data, config, timestampMs }),
      })),
    ].sort((a, b) => a.atMs - b.atMs);
    for (const { atMs, give } of due) {
      await elapse(Math.max(0, begun + atMs - performance.now()));
      give();
    }
  }

  const expectedPictures = () => pictures.flatMap(({ data }) => nals(data).filter(isPicture));
  const expectedSounds = () => sounds.map(({ data }) => data.toString('base64'));

  /** The end of `expected`, from where it begins: a reader may come late, by a GOP at most. */
  function expectTail(found: string[], expected: string[], leastShare: number): void {
    const from = expected.indexOf(found[0] as string);
    expect(from).toBeGreaterThanOrEqual(0);
    expect(found).toEqual(expected.slice(from, from + found.length));
    expect(found.length).toBeGreaterThan(expected.length * leastShare);
  }

  /** What ffmpeg finds in a file: NAL units, and AAC without its ADTS; `complaints` is what it has to say of it. */
  async function unitsOf(file: string): Promise<{ arrived: string[]; sound: string[]; complaints: string }> {
    const raw = `${file}.h264`;
    const adts = `${file}.aac`;
    const { code, stderr } = await runTool('ffmpeg', [
      ...['-v', 'error', '-i', file, '-c', 'copy', '-an', raw, '-c', 'copy', '-vn', adts],
    ]);
    expect(code).toBe(0);
    return { arrived: nals(await readFile(raw)), sound: adtsUnits(await readFile(adts)), complaints: stderr };
  }

  it('reaches ffmpeg bit by bit, with its B-frames in their order', async () => {
    const file = join(folder, 'read.mkv');
    await using pusher = new TXLivePusher({ streamClock: false });
    await pusher.startPreview({ source: 'user', format: 'h264' });
    await pusher.startAudioCapture({ source: 'user', format: 'aac' });
    await using reader = startTool('ffmpeg', [
      ...['-v', 'debug', '-i', `${server.rtmpUrl}/encoded`, '-c', 'copy', '-t', '60', file],
    ]);
    await until('ffmpeg waits for the stream', () => reader.stderr.includes('Sending play command'));
    await pusher.startPush(`${server.rtmpUrl}/encoded`);
    await send(pusher);
    await elapse(500);
    await pusher.stopPush();
    await Promise.race([reader.done, elapse(3000).then(() => reader.stop())]);

    const { packets, streams } = await probe(file);
    expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual(['aac', 'h264']);
    const video = packets.filter(({ codec_type }) => codec_type === 'video');
    expect(video[0]?.flags).toMatch(/^K/);
    const shown = video.map(({ pts_time }) => Number(pts_time));
    expect(shown.some((time, index) => index > 0 && time < (shown[index - 1] as number))).toBe(true);
    const inOrder = [...shown].sort((a, b) => a - b);
    for (let i = 1; i < inOrder.length; i++) {
      expect(Math.abs((inOrder[i] as number) - (inOrder[i - 1] as number) - 0.04)).toBeLessThanOrEqual(0.002);
    }

    const { arrived, sound } = await unitsOf(file);
    expectTail(arrived.filter(isPicture), expectedPictures(), 0.6);
    const sets = (all: string[]) => new Set(all.filter((nal) => typeOf(nal) === 7 || typeOf(nal) === 8));
    expect(sets(arrived)).toEqual(sets(pictures.flatMap(({ data }) => nals(data))));
    expectTail(sound, expectedSounds(), 0.6);
    // Nothing of it is damaged.
    const decoded = await runTool('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-']);
    expect(decoded.stderr).toBe('');
  });

  it('is recorded bit by bit, without a push', async () => {
    const file = join(folder, 'recorded.mp4');
    await using pusher = new TXLivePusher();
    await pusher.startPreview({ source: 'user', format: 'h264' });
    await pusher.startAudioCapture({ source: 'user', format: 'aac' });
    await pusher.startLocalRecord(file);
    await send(pusher);
    await elapse(300);
    await pusher.stopLocalRecord();
    const { arrived, sound, complaints } = await unitsOf(file);
    expect(complaints).toBe('');
    expect(arrived.filter(isPicture)).toEqual(expectedPictures());
    expectTail(sound, expectedSounds(), 0.95);
    const { packets } = await probe(file);
    const times = packets.filter(({ codec_type }) => codec_type === 'video').map(({ pts_time }) => Number(pts_time));
    expect(Math.max(...times) - Math.min(...times)).toBeCloseTo(3.96, 1);
    const decoded = await runTool('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-']);
    expect(decoded.stderr).toBe('');
  });
});
