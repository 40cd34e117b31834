import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capabilities } from '#lib/live/engine';
import { PlayType, VideoResolution } from '#lib/live/enums';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { type PusherOptions, TXLivePusher } from '#lib/live/TXLivePusher';
import { BeepDetector, readClock } from '#lib/measure/index';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { exSound, exVideo, flvTags, readExSound, readExVideo, type Tag } from '../support/exTags.js';
import { runTool } from '../support/ffmpeg.js';
import { serveFlv } from '../support/httpFlvServer.js';
import { flvUrl, playUrl, pushUrl, until } from '../support/mediaServer.js';
import { av1Units, boxOf, hevcStream, hevcUnits, ivfOf, oggOf, oggPackets, type Unit } from '../support/rawStreams.js';

// Small and slow: two encoders, a server and two decoders share a machine with other tests.
const [width, height] = [320, 180];
const fps = 15;
/** What a machine without a break in it shows of the pictures that were captured: late ones are skipped before the encoder. */
const leastShare = 0.7;

interface Kind {
  videoCodec: 'h265' | 'av1';
  fourCc: string;
  encoder: string;
  /** ffmpeg's arguments for the raw stream of its own encoder. */
  raw: string[];
  configBox: string;
  units(raw: Buffer): Unit[];
  /** What ffmpeg decodes. */
  stream(config: Buffer, units: Buffer[]): Buffer;
  extension: string;
}

const kinds: Kind[] = [
  {
    videoCodec: 'h265',
    fourCc: 'hvc1',
    encoder: 'libx265',
    raw: ['-c:v', 'libx265', '-preset', 'ultrafast', '-tune', 'zerolatency', '-x265-params', 'aud=1:log-level=none'],
    configBox: 'hvcC',
    units: hevcUnits,
    stream: hevcStream,
    extension: 'hevc',
  },
  {
    videoCodec: 'av1',
    fourCc: 'av01',
    encoder: 'libaom-av1',
    raw: ['-c:v', 'libaom-av1', '-usage', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0'],
    configBox: 'av1C',
    units: av1Units,
    stream: (_config, units) => ivfOf(units, width, height),
    extension: 'ivf',
  },
];

let directory = '';
let media: EmbeddedMediaServer;
beforeAll(async () => {
  // Not skipped: a build that lacks them cannot be told good.
  const { videoEncoders, videoDecoders, audioEncoders, audioDecoders } = capabilities('embedded');
  expect([...videoEncoders, ...audioEncoders], 'FFmpeg needs libx265, libaom and libopus for these tests').toEqual(
    expect.arrayContaining(['libx265', 'libaom-av1', 'libopus']),
  );
  expect(videoDecoders).toEqual(expect.arrayContaining(['hevc', 'vp9']));
  expect(videoDecoders.some((name) => name === 'libdav1d' || name === 'libaom-av1')).toBe(true);
  expect(audioDecoders).toContain('opus');
  directory = await mkdtemp(join(tmpdir(), 'rtcroom-enhanced-'));
  media = new EmbeddedMediaServer();
  await media.start();
});
afterAll(async () => {
  await media?.close();
  await rm(directory, { recursive: true, force: true });
});

async function push(streamID: string, options: PusherOptions): Promise<TXLivePusher> {
  const pusher = new TXLivePusher({ engine: 'embedded', gopSeconds: 1, ...options });
  pusher.setVideoResolution(VideoResolution.RESOLUTION_320x180);
  pusher.setVideoFPS(fps);
  await pusher.startPreview({ source: 'synthetic' });
  await pusher.startAudioCapture({ source: 'synthetic' });
  await pusher.startPush(pushUrl(media, streamID));
  return pusher;
}

interface Seen {
  events: string[];
  /** Of each picture: the counter in it, its time in the stream, and its delay, ms. */
  pictures: { counter: number; timestampMs: number; clockMs: number; delayMs: number }[];
  unread: number;
  beepsMs: number[];
  samples: number;
  messages: string[];
}

function watch(player: TXLivePlayer): Seen {
  const seen: Seen = { events: [], pictures: [], unread: 0, beepsMs: [], samples: 0, messages: [] };
  const beeps = new BeepDetector();
  player.on('event', ({ name, params, message }) => {
    seen.events.push(name);
    if (params.EVT_GET_MSG !== undefined) seen.messages.push(params.EVT_GET_MSG);
    if (name.includes('FAIL')) seen.messages.push(message);
  });
  player.on('videoFrame', (frame) => {
    const clock = readClock(frame);
    if (clock === undefined) seen.unread++;
    else
      seen.pictures.push({
        counter: clock.counter,
        timestampMs: frame.timestampMs,
        clockMs: clock.clockUs / 1000,
        delayMs: (frame.decodedAtUs - clock.clockUs) / 1000,
      });
    frame.close();
  });
  player.on('audioFrame', (frame) => {
    seen.samples += frame.samples;
    seen.beepsMs.push(...beeps.push(frame));
    frame.close();
  });
  return seen;
}

function expectInOrder(counters: (number | undefined)[]): void {
  const known = counters.filter((counter) => counter !== undefined);
  expect(known).toHaveLength(counters.length);
  expect(known).toEqual([...new Set(known)].sort((a, b) => a - b));
  expect(known.length).toBeGreaterThan(leastShare * (Number(known.at(-1)) - Number(known[0])));
}

/** Each picture once and in order, and the beeps at whole seconds of the picture's clock. */
function expectClockAndBeeps(seen: Seen): void {
  expect(seen.unread).toBe(0);
  expectInOrder(seen.pictures.map(({ counter }) => counter));
  const first = seen.pictures[0] as Seen['pictures'][0];
  expect(seen.beepsMs.length).toBeGreaterThan(0);
  for (const beepMs of seen.beepsMs) {
    const offset = (((beepMs - first.timestampMs + first.clockMs + 500) % 1000) + 1000) % 1000;
    expect(Math.abs(offset - 500)).toBeLessThan(20);
  }
  expect(seen.events.filter((name) => name.includes('FAIL'))).toEqual([]);
}

describe.each(kinds)('a push of $videoCodec and Opus', (kind) => {
  const { videoCodec } = kind;

  it('is played through the media server over RTMP and HTTP-FLV, by players that join in the middle', async () => {
    await using pusher = await push(`call-${videoCodec}`, { videoCodec, audioCodec: 'opus' });
    const names: string[] = [];
    pusher.on('event', ({ name }) => names.push(name));
    await until('a picture left', () => pusher.pushing && names.includes('PUSH_EVT_START_VIDEO_ENCODER'));
    for (const [url, type] of [
      [playUrl(media, `call-${videoCodec}`), PlayType.LIVE_RTMP_ACC],
      [flvUrl(media, `call-${videoCodec}`), PlayType.LIVE_FLV],
    ] as const) {
      await using player = new TXLivePlayer({ engine: 'embedded', videoFormat: 'i420', audioOutput: true });
      player.setEnableMessage(true);
      player.setLivePlayAttribute({ MinAutoAdjustCacheTime: 0.21, MaxAutoAdjustCacheTime: 0.3, CacheTime: 0.21 });
      const seen = watch(player);
      await player.startPlay(url, { type });
      await until('pictures and a beep', () => seen.pictures.length >= 30 && seen.beepsMs.length > 0, 20_000);
      expectClockAndBeeps(seen);
      expect(seen.events).toContain('PLAY_EVT_RCV_FIRST_I_FRAME');
      if (videoCodec === 'h265') {
        pusher.sendMessage('from the pusher');
        await until('the message', () => seen.messages.includes('from the pusher'));
      } else {
        expect(() => pusher.sendMessage('from the pusher')).toThrow(
          expect.objectContaining({ code: 'ERR_RTC_UNSUPPORTED' }),
        );
      }
      await player.stopPlay();
    }
  });

  it('has tags by the specification, which ffmpeg decodes', async () => {
    await using _pusher = await push(`tags-${videoCodec}`, { videoCodec, audioCodec: 'opus', audioChannels: 2 });
    const tags = await capture(flvUrl(media, `tags-${videoCodec}`), 2500);
    const video = tags.filter(({ type }) => type === 9).map(({ body }) => readExVideo(body));
    const sound = tags.filter(({ type }) => type === 8).map(({ body }) => readExSound(body));
    expect(new Set(video.map(({ fourCc }) => fourCc))).toEqual(new Set([kind.fourCc]));
    expect(new Set(sound.map(({ fourCc }) => fourCc))).toEqual(new Set(['Opus']));
    expect(video[0]?.type).toBe('sequenceStart');
    expect(video[1]?.key).toBe(true);
    expect(video.filter(({ type }) => type === 'sequenceStart')).toHaveLength(1);
    expect(sound[0]?.type).toBe('sequenceStart');
    // The first may be of the sound alone: the encoder of pictures takes a while to open.
    const metadata = tags.filter(({ type }) => type === 18).at(-1)?.body as Buffer;
    const codecId = metadata.indexOf('videocodecid') + 12 + 1;
    expect(metadata.readDoubleBE(codecId)).toBe(Buffer.from(kind.fourCc).readUInt32BE());

    const units = video.slice(1).map(({ data }) => data);
    const picturesFile = join(directory, `${videoCodec}.${kind.extension}`);
    await writeFile(picturesFile, kind.stream(video[0]?.data as Buffer, units));
    const raw = join(directory, `${videoCodec}.gray`);
    const decoded = await runTool('ffmpeg', [
      ...['-v', 'error', '-xerror', '-y', '-i', picturesFile, '-fps_mode', 'passthrough'],
      ...['-pix_fmt', 'gray', '-f', 'rawvideo', raw],
    ]);
    expect(decoded).toMatchObject({ code: 0, stderr: '' });
    const luma = await readFile(raw);
    expect(luma.length).toBe(units.length * width * height);
    const counters = units.map((_unit, index) => {
      const data = luma.subarray(index * width * height, (index + 1) * width * height);
      return readClock({ width, height, data })?.counter;
    });
    expectInOrder(counters);

    const soundFile = join(directory, `${videoCodec}.ogg`);
    await writeFile(
      soundFile,
      oggOf(
        sound[0]?.data as Buffer,
        sound.slice(1).map(({ data }) => data),
      ),
    );
    const pcm = join(directory, `${videoCodec}.pcm`);
    const heard = await runTool('ffmpeg', ['-v', 'error', '-xerror', '-y', '-i', soundFile, '-f', 's16le', pcm]);
    expect(heard).toMatchObject({ code: 0, stderr: '' });
    const bytes = await readFile(pcm);
    const data = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    const samples = data.length / 2;
    // Less what an Ogg stream leaves out at its beginning.
    expect(Math.abs(samples - (sound.length - 1) * 960)).toBeLessThan(1000);
    const beeps = new BeepDetector().push({ sampleRate: 48000, channels: 2, samples, timestampMs: 0, data });
    expect(beeps.length).toBeGreaterThan(0);
    for (let i = 1; i < beeps.length; i++)
      expect(Math.abs((beeps[i] as number) - (beeps[i - 1] as number) - 1000)).toBeLessThan(10);
  });

  it("of ffmpeg's own encoder, in tags by the specification, is played", async () => {
    const tags = await handMade(kind, 4);
    await using server = await serveFlv(tags);
    await using player = new TXLivePlayer({ engine: 'embedded', videoFormat: 'i420', audioOutput: true });
    const sizes = new Set<string>();
    const times: number[] = [];
    let samples = 0;
    let loud = 0;
    player.on('videoFrame', (frame) => {
      sizes.add(`${frame.width}x${frame.height}`);
      times.push(frame.timestampMs);
      frame.close();
    });
    player.on('audioFrame', (frame) => {
      samples += frame.samples;
      for (const sample of frame.data) if (Math.abs(sample) > 1000) loud++;
      frame.close();
    });
    const events: string[] = [];
    player.on('event', ({ name }) => events.push(name));
    await player.startPlay(server.url);
    await until('pictures and sound', () => times.length >= 45 && samples >= 48_000, 20_000);
    expect(sizes).toEqual(new Set([`${width}x${height}`]));
    // On a busy machine a picture that JavaScript is too slow to take is dropped.
    const numbers = times.map((time) => Math.round(((time - (times[0] as number)) * fps) / 1000));
    expectInOrder(numbers);
    times.forEach((time, index) => {
      const due = ((numbers[index] as number) * 1000) / fps;
      expect(Math.abs(time - (times[0] as number) - due)).toBeLessThanOrEqual(1);
    });
    expect(loud).toBeGreaterThan(samples / 4);
    expect(events.filter((name) => name.includes('FAIL'))).toEqual([]);
  });

  it('is recorded', async () => {
    await using pusher = new TXLivePusher({ engine: 'embedded', videoCodec, audioCodec: 'opus' });
    pusher.setVideoResolution(VideoResolution.RESOLUTION_320x180);
    const ended: Record<string, string>[] = [];
    let seconds = 0;
    pusher.on('event', ({ name, params }) => {
      if (name === 'PUSH_EVT_LOCAL_RECORD_RESULT') ended.push(params as Record<string, string>);
      if (name === 'PUSH_EVT_LOCAL_RECORD_PROGRESS') seconds++;
    });
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    const file = join(directory, `${videoCodec}.mp4`);
    await pusher.startLocalRecord(file);
    await until('a second', () => seconds > 0);
    await pusher.stopLocalRecord();
    expect(ended).toMatchObject([{ EVT_PARAM1: '0', EVT_PARAM2: file }]);
    const show = ['-show_entries', 'stream=codec_tag_string', '-of', 'csv=p=0'];
    const probed = await runTool('ffprobe', ['-v', 'error', ...show, file]);
    expect(probed.stdout.trim().split('\n').sort()).toEqual(['Opus', kind.fourCc].sort());
    const decoded = await runTool('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-']);
    expect(decoded).toMatchObject({ code: 0 });
  });
});

describe('the codec options', () => {
  it('refuse what there is not, and rates that Opus does not have', () => {
    const make = (options: object) => () => new TXLivePusher({ engine: 'embedded', ...options });
    const invalid = expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' });
    for (const options of [
      { videoCodec: 'vp9' },
      { videoCodec: 5 },
      { videoCodec: null },
      { audioCodec: 'mp3' },
      { audioCodec: 'opus', audioSampleRate: 44100 },
      { audioCodec: 'opus', audioBitrateKbps: 300 },
    ])
      expect(make(options)).toThrow(invalid);
  });
});

/** The tags of so much of a stream, as a client of HTTP-FLV gets them. */
async function capture(url: string, forMs: number): Promise<Tag[]> {
  const controller = new AbortController();
  const response = await fetch(url, { signal: controller.signal });
  const chunks: Buffer[] = [];
  const end = setTimeout(() => controller.abort(), forMs);
  try {
    for await (const chunk of response.body ?? []) chunks.push(Buffer.from(chunk));
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  } finally {
    clearTimeout(end);
  }
  return flvTags(Buffer.concat(chunks));
}

/** A clip by ffmpeg's encoders; its configuration records are those of ffmpeg's MP4. */
async function handMade(kind: Kind, seconds: number): Promise<Tag[]> {
  const path = (extension: string) => join(directory, `hand-${kind.videoCodec}.${extension}`);
  const [rawFile, mp4File, oggFile] = [path(kind.extension), path('mp4'), path('ogg')];
  const made = await runTool('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${fps}`],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', '-t', String(seconds)],
    ...['-map', '0:v', '-pix_fmt', 'yuv420p', ...kind.raw, '-g', String(fps), '-b:v', '800k', rawFile],
    ...['-map', '1:a', '-t', String(seconds), '-c:a', 'libopus', '-frame_duration', '20', oggFile],
  ]);
  expect(made).toMatchObject({ code: 0 });
  const muxed = await runTool('ffmpeg', ['-v', 'error', '-y', '-r', String(fps), '-i', rawFile, '-c', 'copy', mp4File]);
  expect(muxed.code, muxed.stderr).toBe(0);
  const { fourCc } = kind;
  const config = boxOf(await readFile(mp4File), kind.configBox);
  const [head, comments, ...packets] = oggPackets(await readFile(oggFile));
  const units = kind.units(await readFile(rawFile));
  expect(units).toHaveLength(seconds * fps);
  // Both ways that HEVC has for a picture, and Opus' comments, which the specification allows.
  const tags: Tag[] = units.map(({ key, data }, index) => ({
    type: 9,
    timestampMs: Math.round((index * 1000) / fps),
    body: exVideo({
      type: kind.videoCodec === 'h265' && index % 2 === 1 ? 'codedFramesX' : 'codedFrames',
      fourCc,
      key,
      data,
    }),
  }));
  packets.forEach((data, index) => {
    tags.push({ type: 8, timestampMs: index * 20, body: exSound('codedFrames', 'Opus', data) });
  });
  tags.sort((a, b) => a.timestampMs - b.timestampMs);
  return [
    { type: 9, timestampMs: 0, body: exVideo({ type: 'sequenceStart', fourCc, key: true, data: config }) },
    { type: 8, timestampMs: 0, body: exSound('sequenceStart', 'Opus', head as Buffer) },
    { type: 8, timestampMs: 0, body: exSound('sequenceStart', 'Opus', comments as Buffer) },
    ...tags,
  ];
}
