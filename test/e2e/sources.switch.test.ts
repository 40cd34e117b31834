import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clockMicros } from '#lib/live/engine';
import { VideoResolution } from '#lib/live/enums';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { VideoWindow } from '#lib/live/VideoWindow';
import { CallMeter } from '#lib/measure/CallMeter';
import { drawClock, readClock } from '#lib/measure/clock';
import { median } from '#lib/measure/statistics';
import { startTool } from '../support/ffmpeg.js';
import { type StandInCameras, startStandInCameras } from '../support/live/standInCameras.js';
import { patient } from '../support/patience.js';
import { solidPng } from '../support/solidPng.js';
import { eventually } from '../support/window/screen.js';
import { useScreen } from '../support/window/screenTests.js';

const place = useScreen('switch');
const { kept } = place;
const size = { width: 640, height: 360 };

let cameras: StandInCameras;
let folder: string;
let file: string;
let image: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtcroom-switch-'));
  file = join(folder, 'clip.mp4');
  image = join(folder, 'grey.png');
  await writeFile(image, solidPng(size.width, size.height, [90, 120, 90]));
  cameras = await startStandInCameras();
  await cameras.plug(0, 'Stand-in');
});
afterAll(async () => {
  await cameras?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function newPusher(gopSeconds: number) {
  const engine = { name: 'process', engine: 'embedded' } as const;
  const pusher = kept(new TXLivePusher({ engine, gopSeconds }));
  pusher.setVideoResolution(VideoResolution.RESOLUTION_640x360);
  pusher.setVideoFPS(25);
  pusher.setVideoBitRate(3000);
  return pusher;
}

/** Six seconds of clock and beeps. */
async function makeClip(): Promise<void> {
  const pusher = newPusher(1);
  await pusher.startPreview({ source: 'synthetic' });
  await pusher.startAudioCapture({ source: 'synthetic' });
  await pusher.startLocalRecord(file);
  await sleep(6000);
  await pusher.stopLocalRecord();
  await pusher.close();
}

/** Pictures of the application, with the clock, until it is stopped. */
function sendPictures(pusher: TXLivePusher): () => void {
  let counter = 0;
  const picture = { ...size, data: new Uint8Array((size.width * size.height * 3) / 2).fill(128) };
  const timer = setInterval(() => {
    drawClock(picture, { clockUs: clockMicros(), counter: counter++ });
    pusher.sendCustomVideoData(picture);
  }, 40);
  const stop = () => clearInterval(timer);
  kept({ [Symbol.asyncDispose]: async () => stop() });
  return stop;
}

/** When each key frame of a recording comes, s. */
async function keyFrames(path: string): Promise<number[]> {
  const entries = ['-select_streams', 'v', '-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0'];
  const { stdout } = await startTool('ffprobe', ['-v', 'error', ...entries, path]).done;
  const packets = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return packets.filter(([, flags]) => flags?.startsWith('K')).map(([time]) => Number(time));
}

type Source = 'synthetic' | 'camera' | 'screen' | 'user' | 'image' | 'file';

/** Each source comes after another one, and each is left for another one. */
const order: Source[] = [
  'synthetic',
  'camera',
  'screen',
  'user',
  'image',
  'synthetic',
  'file',
  'camera',
  'user',
  'file',
  'screen',
  'image',
  'camera',
  'synthetic',
];

describe('sources that take each other’s place in one push', () => {
  it('keep picture and sound together, with a key frame at each seam and one connection', {
    timeout: patient(180_000),
  }, async () => {
    await makeClip();
    const window = kept(await VideoWindow.open({ title: 'Clock', left: 0, top: 0, ...size }));
    const program = kept(new TXLivePusher({ engine: 'embedded' }));
    program.setVideoResolution(VideoResolution.RESOLUTION_640x360);
    program.setVideoFPS(30);
    await program.startPreview({ source: 'synthetic', windowHandle: window.handle });

    const pusher = newPusher(60);
    const events: string[] = [];
    pusher.on('event', ({ name }) => events.push(name));
    pusher.setScreenCaptureParam(window.handle);
    // What the screen shows, and what the application sends, is old by itself when it is taken, on a busy machine by much: how old,
    // by the clock in it. That is no fault of the stream's.
    let agesMs: number[] = [];
    pusher.setOutputVideoFormat('i420');
    pusher.on('videoFrame', (frame) => {
      const clock = readClock(frame);
      if (clock) agesMs.push((frame.decodedAtUs - clock.clockUs) / 1000);
      frame.close();
    });
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    const recording = join(folder, 'push.mp4');
    const url = place.newUrl();
    await pusher.startPush(url);
    await pusher.startLocalRecord(recording);
    // Push and recording ask for key frames of their own as they begin.
    await sleep(1500);

    const player = kept(new TXLivePlayer({ engine: 'embedded', videoFormat: 'i420', audioOutput: true }));
    const seen = {
      meter: new CallMeter(),
      clockUs: undefined as number | undefined,
      pictures: 0,
    };
    player.on('videoFrame', (frame) => {
      seen.meter.video(frame, clockMicros());
      seen.clockUs = readClock(frame)?.clockUs;
      seen.pictures++;
      frame.close();
    });
    player.on('audioFrame', (frame) => {
      seen.meter.audio(frame);
      frame.close();
    });
    await player.startPlay(url);

    let stopSending = () => {};
    let soundOfFile = false;
    const offsets: string[] = [];
    for (const source of order) {
      const fromUs = clockMicros();
      const before = seen.pictures;
      stopSending();
      if (source === 'file') await pusher.startPreview({ source, path: file, loop: true });
      else if (source === 'image') await pusher.startPreview({ source, path: image });
      else await pusher.startPreview({ source });
      stopSending = source === 'user' ? sendPictures(pusher) : () => {};
      if ((source === 'file') !== soundOfFile) {
        soundOfFile = source === 'file';
        await pusher.startAudioCapture({ source: soundOfFile ? 'file' : 'synthetic' });
      }
      if (source === 'image') {
        // It has no clock; what comes after it shows that time went on.
        await eventually(() => (seen.pictures > before + 10 && seen.clockUs === undefined) || undefined);
        continue;
      }
      const isNew = () =>
        source === 'file'
          ? seen.clockUs !== undefined && seen.clockUs < fromUs - 2_000_000
          : (seen.clockUs ?? 0) > fromUs;
      await eventually(() => (seen.pictures > before + 5 && isNew()) || undefined);
      agesMs = [];
      seen.meter = new CallMeter();
      const { offsetMs, ageMs, unreadable } = await eventually(() => {
        const { beeps, avOffsetMs, unreadable } = seen.meter.report();
        // A file's sound is of the file as well, and no picture of it is of now.
        const ageMs = source === 'file' ? 0 : median(agesMs);
        if (beeps < 3 || avOffsetMs === undefined || ageMs === undefined) return undefined;
        return { offsetMs: avOffsetMs + ageMs, ageMs, unreadable };
      });
      offsets.push(`${source} ${offsetMs.toFixed(1)} (${ageMs.toFixed(1)})`);
      expect(Math.abs(offsetMs), `${source}: sound minus picture is ${offsetMs} ms`).toBeLessThanOrEqual(40);
      expect(unreadable, source).toBe(0);
    }
    stopSending();
    console.log(`Sound minus picture (age of a picture when it was taken), ms: ${offsets.join(', ')}`);
    // One connection, one push.
    expect(events.filter((name) => name === 'PUSH_EVT_CONNECT_SUCC')).toHaveLength(1);
    expect(events.filter((name) => /_(ERR|WARNING)_/.test(name))).toEqual([]);

    await pusher.stopLocalRecord();
    const keys = await keyFrames(recording);
    // The key-frame distance is a minute: these are of the seams.
    expect(keys.filter((time) => time > 1)).toHaveLength(order.length);
  });
});
