import { describe, expect, it } from 'vitest';
import { clockMicros } from '#lib/live/engine';
import { VideoResolution } from '#lib/live/enums';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { VideoWindow } from '#lib/live/VideoWindow';
import { CallMeter } from '#lib/measure/CallMeter';
import { readClock } from '#lib/measure/clock';
import { codeOf } from '../support/client/expectCode.js';
import { eventually } from '../support/window/screen.js';
import { useScreen } from '../support/window/screenTests.js';

const place = useScreen('screen');
const { kept } = place;

/** A program whose window shows the clock, 30 times a second. */
async function showClock(title: string, left: number, top: number): Promise<VideoWindow> {
  const window = kept(await VideoWindow.open({ title, left, top, width: 640, height: 360 }));
  const program = kept(new TXLivePusher({ engine: 'embedded' }));
  program.setVideoResolution(VideoResolution.RESOLUTION_640x360);
  program.setVideoFPS(30);
  await program.startPreview({ source: 'synthetic', windowHandle: window.handle });
  return window;
}

function newPusher() {
  const pusher = kept(new TXLivePusher({ engine: 'embedded' }));
  pusher.setVideoResolution(VideoResolution.RESOLUTION_640x360);
  pusher.setVideoFPS(30);
  pusher.setVideoBitRate(2000);
  const events: string[] = [];
  pusher.on('event', ({ name }) => events.push(name));
  return { pusher, events, url: place.newUrl() };
}

/** What a player of the stream decodes; `meter` may be exchanged. */
async function watch(url: string) {
  const player = kept(new TXLivePlayer({ engine: 'embedded', videoFormat: 'i420', audioOutput: true }));
  const seen = { meter: new CallMeter(), clockUs: 0, luma: [] as number[] };
  player.on('videoFrame', (frame) => {
    seen.meter.video(frame, clockMicros());
    seen.clockUs = readClock(frame)?.clockUs ?? 0;
    const { width, height, data } = frame;
    seen.luma = [
      [0.25, 0.25],
      [0.75, 0.25],
      [0.25, 0.75],
      [0.75, 0.75],
    ].map(([across, down]) => {
      const place = Math.floor(height * (down as number)) * width + Math.floor(width * (across as number));
      return data[place] as number;
    });
    frame.close();
  });
  player.on('audioFrame', (frame) => {
    seen.meter.audio(frame);
    frame.close();
  });
  await player.startPlay(url);
  return seen;
}

/** The clock is read anew, and is no older than a second. */
async function liveClock(seen: { clockUs: number }): Promise<void> {
  const from = clockMicros();
  await eventually(() => (seen.clockUs > from && clockMicros() - seen.clockUs < 1_000_000) || undefined);
}

describe('what is on the screen', () => {
  it('takes the place of another source in a push, in time with its sound, and gives it back', async () => {
    const window = await showClock('Clock', 100, 100);
    const { pusher, events, url } = newPusher();
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    await pusher.startPush(url);
    const seen = await watch(url);
    await liveClock(seen);

    const source = pusher.getScreenCaptureSources().find(({ name }) => name === 'Clock');
    expect(source).toMatchObject({ kind: 'window', minimized: false, id: `window:${window.handle}` });
    expect(source).not.toHaveProperty('thumbnail');
    const shown = pusher.getScreenCaptureSources({ thumbnail: { width: 320, height: 320 } });
    const { thumbnail } = shown.find(({ name }) => name === 'Clock') ?? {};
    expect(thumbnail).toMatchObject({ width: 320, height: 180 });
    expect(thumbnail?.data).toHaveLength(320 * 180 * 4);
    // Not of one colour.
    expect(new Set(thumbnail?.data).size).toBeGreaterThan(10);
    const tooLarge = () => pusher.getScreenCaptureSources({ thumbnail: { width: 5000, height: 100 } });
    expect(tooLarge).toThrow(expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }));
    pusher.selectScreenCaptureTarget(source?.id ?? '', undefined, { captureMouse: false });
    await pusher.startPreview({ source: 'screen' });
    seen.meter = new CallMeter();
    await liveClock(seen);
    await eventually(() => seen.meter.report().beeps >= 3 || undefined);
    const onScreen = seen.meter.report();
    // Most of it is the age of what the screen shows.
    expect(Math.abs(onScreen.avOffsetMs ?? Number.NaN)).toBeLessThanOrEqual(40);
    expect(onScreen.frames).toBeGreaterThan(40);

    await pusher.startPreview({ source: 'synthetic' });
    seen.meter = new CallMeter();
    await liveClock(seen);
    await eventually(() => seen.meter.report().beeps >= 3 || undefined);
    expect(Math.abs(seen.meter.report().avOffsetMs ?? Number.NaN)).toBeLessThanOrEqual(40);
    // One connection, one push.
    expect(events.filter((name) => name === 'PUSH_EVT_CONNECT_SUCC')).toHaveLength(1);
    expect(events.filter((name) => /_(ERR|WARNING)_/.test(name))).toEqual([]);
  });

  it('is followed with its window, and its end is told', async () => {
    const window = await showClock('Moving', 0, 0);
    const { pusher, events, url } = newPusher();
    pusher.setScreenCaptureParam(window.handle);
    await pusher.startPreview({ source: 'screen' });
    await pusher.startPush(url);
    const seen = await watch(url);
    await liveClock(seen);
    await place.screen.tool('windowmove', '--sync', String(window.handle), '500', '300');
    await liveClock(seen);
    window.setSize(480, 270);
    await liveClock(seen);
    await window.close();
    await eventually(() => events.includes('PUSH_ERR_SCREEN_CAPTURE_INTERRUPTED') || undefined);
    expect(pusher.pushing).toBe(true);
    expect(await codeOf(pusher.startPreview({ source: 'screen' }))).toBe('ERR_RTC_WINDOW_FAILED');
    expect(events).toContain('PUSH_ERR_SCREEN_CAPTURE_START_FAIL');
    // The whole screen in its place.
    pusher.setScreenCaptureParam(0);
    await pusher.startPreview({ source: 'screen' });
    await showClock('Another', 0, 0);
    await eventually(() => (seen.luma[3] ?? 99) < 30 || undefined);
  });

  it('is captured in part, as large as the push', async () => {
    await showClock('Part', 320, 180);
    const { pusher, url } = newPusher();
    const main = pusher.getScreenCaptureSources().find(({ mainScreen }) => mainScreen);
    pusher.selectScreenCaptureTarget(main?.id ?? '', { left: 320, top: 180, right: 960, bottom: 540 });
    await pusher.startPreview({ source: 'screen' });
    await pusher.startPush(url);
    const seen = await watch(url);
    await liveClock(seen);
    expect(() => pusher.selectScreenCaptureTarget('window:1')).toThrow(
      expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
    );
    await liveClock(seen);
  });

  it('goes through a child process', async () => {
    const window = await showClock('Child', 0, 400);
    const pusher = kept(new TXLivePusher({ engine: { name: 'process', engine: 'embedded' } }));
    pusher.setVideoResolution(VideoResolution.RESOLUTION_640x360);
    const source = pusher.getScreenCaptureSources().find(({ name }) => name === 'Child');
    expect(source?.id).toBe(`window:${window.handle}`);
    pusher.selectScreenCaptureTarget(source?.id ?? '');
    await pusher.startPreview({ source: 'screen' });
    const url = place.newUrl();
    await pusher.startPush(url);
    await liveClock(await watch(url));
  });
});
