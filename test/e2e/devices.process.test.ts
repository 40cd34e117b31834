import { afterAll, beforeAll, expect, it } from 'vitest';
import { clockMicros } from '#lib/live/engine';
import { AudioPreprocessType, VideoResolution } from '#lib/live/enums';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { readClock } from '#lib/measure/clock';
import { codeOf } from '../support/client/expectCode.js';
import { type PulseServer, startPulseServer } from '../support/live/pulseServer.js';
import { type StandInCameras, startStandInCameras } from '../support/live/standInCameras.js';
import { eventually } from '../support/window/screen.js';
import { useScreen } from '../support/window/screenTests.js';

// Devices of an engine in a child process: the cameras are stand-ins below libavdevice, the sound is a PulseAudio server's.
const place = useScreen('devices');
const { kept } = place;
const engine = { name: 'process', engine: 'embedded' } as const;

let pulse: PulseServer;
let cameras: StandInCameras;
beforeAll(async () => {
  pulse = await startPulseServer();
  cameras = await startStandInCameras();
  await cameras.plug(0, 'Front');
  await cameras.plug(2, 'Back');
});
afterAll(async () => {
  await cameras?.[Symbol.asyncDispose]();
  await pulse?.[Symbol.asyncDispose]();
});

function newPusher(options: { isolated?: boolean } = {}) {
  const pusher = kept(new TXLivePusher({ engine: { ...engine, ...options } }));
  pusher.setVideoResolution(VideoResolution.RESOLUTION_640x360);
  // They take a steady tone for noise.
  for (const type of Object.values(AudioPreprocessType)) pusher.enableAudioPreprocess(type, false);
  const events: string[] = [];
  pusher.on('event', ({ name }) => events.push(name));
  const told = (name: string, times = 1) =>
    eventually(() => events.filter((each) => each === name).length >= times || undefined);
  return { pusher, events, told };
}

/** What a player in this process decodes. */
async function watch(url: string) {
  const player = kept(new TXLivePlayer({ engine: 'embedded', videoFormat: 'i420', audioOutput: true }));
  const seen = { clockUs: 0, chroma: [0, 0], loudest: 0 };
  player.on('videoFrame', (frame) => {
    const { width, height, data } = frame;
    seen.clockUs = readClock(frame)?.clockUs ?? 0;
    const middle = (width / 2) * Math.floor(height / 3) + Math.floor(width / 4);
    seen.chroma = [0, 1].map((plane) => data[width * height + (plane * width * height) / 4 + middle] ?? 0);
    frame.close();
  });
  player.on('audioFrame', (frame) => {
    seen.loudest = Math.max(seen.loudest, ...frame.data.map(Math.abs));
    frame.close();
  });
  await player.startPlay(url);
  const live = async () => {
    const fromUs = clockMicros();
    await eventually(() => seen.clockUs > fromUs || undefined);
  };
  return { seen, live };
}

/** Beeps in the loudspeaker of that name, by a player in the child. */
async function beepIn(name: string) {
  const { pusher } = newPusher();
  await pusher.startAudioCapture({ source: 'synthetic' });
  const url = place.newUrl();
  await pusher.startPush(url);
  const player = kept(new TXLivePlayer({ engine }));
  const events: string[] = [];
  player.on('event', (event) => events.push(event.name));
  const speakers = player.enumSpeakers().map((each) => each.name);
  expect(speakers).toEqual(expect.arrayContaining(['One', 'Two', 'Mouth']));
  expect(() => player.selectSpeakerDevice(99)).toThrow(expect.objectContaining({ code: 'ERR_RTC_DEVICE_NOT_FOUND' }));
  player.selectSpeakerDevice(speakers.indexOf(name));
  await player.startPlay(url);
  await eventually(() => events.includes('PLAY_EVT_SPEAKER_AVAILABLE') || undefined);
  return { player, events };
}

it('a camera is listed, pushed, switched, occupied, unplugged and back', async () => {
  const { pusher, events, told } = newPusher();
  expect(pusher.enumCameras()).toEqual([
    { name: 'Front', id: '/dev/video0' },
    { name: 'Back', id: '/dev/video2' },
  ]);
  expect(await codeOf(pusher.startPreview({ source: 'camera', camera: 5 }))).toBe('ERR_RTC_INVALID_ARGUMENT');
  await pusher.startPreview({ source: 'camera', camera: '/dev/video2' });
  await told('PUSH_EVT_OPEN_CAMERA_SUCC');
  const url = place.newUrl();
  await pusher.startPush(url);
  const { seen, live } = await watch(url);
  await live();
  // U and V of the stand-ins: the front's is blue, the back's green.
  expect(seen.chroma[0]).toBeLessThan(110);
  expect(seen.chroma[1]).toBeLessThan(110);
  pusher.switchCamera(0);
  await told('PUSH_EVT_OPEN_CAMERA_SUCC', 2);
  await eventually(() => (seen.chroma[0] ?? 0) > 170 || undefined);
  await live();

  const other = newPusher({ isolated: true });
  expect(await codeOf(other.pusher.startPreview({ source: 'camera' }))).toBe('ERR_RTC_DEVICE_OCCUPIED');
  await other.told('PUSH_ERR_CAMERA_OCCUPY');

  await cameras.unplug(0);
  await told('PUSH_EVT_CAMERA_REMOVED');
  expect(pusher.enumCameras()).toEqual([{ name: 'Back', id: '/dev/video2' }]);
  await cameras.plug(0, 'Front');
  await told('PUSH_EVT_CAMERA_AVAILABLE');
  await live();
  await pusher.stopPreview();
  await told('PUSH_EVT_CAMERA_CLOSED');
  expect(events.filter((name) => /_(ERR|WARNING)_/.test(name))).toEqual(['PUSH_ERR_OPEN_CAMERA_FAIL']);
  // Given back: the other one may have it now.
  await other.pusher.startPreview({ source: 'camera' });
});

it('a camera whose driver hangs holds up no stop, and is pushed when it answers', async () => {
  const { pusher, events, told } = newPusher();
  const back = { source: 'camera', camera: '/dev/video2' } as const;
  await pusher.startPreview({ source: 'camera' });
  const url = place.newUrl();
  await pusher.startPush(url);
  const { seen, live } = await watch(url);
  await live();

  await cameras.hang(2);
  const stopped = codeOf(pusher.startPreview(back));
  await cameras.hung(2);
  // The one before goes on meanwhile.
  await live();
  await pusher.stopPreview();
  expect(await stopped).toBe('ERR_RTC_ABORTED');
  // It waits for what hangs.
  const opened = pusher.startPreview(back);
  await pusher.stopPush();
  expect(pusher.pushing).toBe(false);
  expect(pusher.enumCameras()).toHaveLength(2);
  await cameras.plug(2, 'Back');
  await opened;
  await told('PUSH_EVT_OPEN_CAMERA_SUCC', 2);
  await pusher.startPush(url);
  await eventually(() => Math.max(...seen.chroma) < 110 || undefined);
  await live();
  expect(events.filter((name) => /_(ERR|WARNING)_/.test(name))).toEqual([]);

  await cameras.hang(2);
  pusher.switchCamera(0);
  pusher.switchCamera('/dev/video2');
  await cameras.hung(2);
  await pusher.close();
  await cameras.plug(2, 'Back');
});

it('a microphone hears what a chosen loudspeaker plays; both are unplugged and back', async () => {
  const { pusher, events, told } = newPusher();
  expect(pusher.enumMics()).toEqual([{ name: 'Micro', id: 'Micro' }]);
  pusher.selectMicDevice(0);
  await pusher.startAudioCapture({ source: 'microphone' });
  const url = place.newUrl();
  await pusher.startPush(url);
  const { seen } = await watch(url);
  const mouth = await beepIn('Mouth');
  await eventually(() => seen.loudest > 3000 || undefined);
  await eventually(() => pusher.micVolumeIndication() > 0 || undefined);
  await pulse.unplugMicrophone();
  await told('PUSH_WARNING_MICROPHONE_LOST');
  expect(pusher.pushing).toBe(true);
  await pulse.plugMicrophone();
  await told('PUSH_EVT_MICROPHONE_AVAILABLE');
  seen.loudest = 0;
  await eventually(() => seen.loudest > 3000 || undefined);
  expect(events.filter((name) => /_ERR_/.test(name))).toEqual([]);
  await mouth.player.close();

  await pulse.plugSpeaker('Late');
  const { player, events: told2 } = await beepIn('Two');
  await pulse.unplugSpeakers();
  await eventually(() => told2.includes('PLAY_WARNING_SPEAKER_LOST') || undefined);
  expect(player.playing).toBe(true);
  for (const name of ['One', 'Two', 'Mouth']) await pulse.plugSpeaker(name);
  await eventually(() => told2.filter((name) => name === 'PLAY_EVT_SPEAKER_AVAILABLE').length === 2 || undefined);
  await pulse.plugMicrophone();
});

it('a sound server that hangs is a typed error, and the child lives on', async () => {
  const { pusher, events } = newPusher();
  await pusher.startPreview({ source: 'synthetic' });
  const url = place.newUrl();
  await pusher.startPush(url);
  const { live } = await watch(url);
  pulse.pause();
  try {
    const failed = { code: 'ERR_RTC_DEVICE_FAILED', message: expect.stringContaining('sound server (pulseaudio)') };
    await expect(pusher.startAudioCapture({ source: 'microphone' })).rejects.toMatchObject(failed);
    expect(() => pusher.enumMics()).toThrow(expect.objectContaining(failed));
    await live();
  } finally {
    pulse.resume();
  }
  await eventually(() =>
    pusher.startAudioCapture({ source: 'microphone' }).then(
      () => true,
      () => undefined,
    ),
  );
  expect(pusher.pushing).toBe(true);
  expect(events.filter((name) => name === 'PUSH_EVT_CONNECT_SUCC')).toHaveLength(1);
  expect(events).not.toContain('PUSH_ERR_NET_DISCONNECT');
});
