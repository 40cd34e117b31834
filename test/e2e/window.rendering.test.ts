import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { clockMicros } from '#lib/live/engine';
import { RenderMode, VideoQualityPreset, VideoRatio, VideoRotation } from '#lib/live/enums';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { VideoWindow, type VideoWindowOptions } from '#lib/live/VideoWindow';
import { codeOf } from '../support/client/expectCode.js';
import { type Colour, colourAt, quadrants, quarters } from '../support/window/quadrants.js';
import { eventually, screenSize, screenshot } from '../support/window/screen.js';
import { useScreen } from '../support/window/screenTests.js';

const place = useScreen('window');
const { kept } = place;

async function openWindow(options: VideoWindowOptions = {}): Promise<VideoWindow> {
  return kept(await VideoWindow.open({ width: 640, height: 360, left: 0, top: 0, ...options }));
}

/** Pushes the clock at 640 × 360. */
async function push(options: { windowHandle?: bigint } = {}): Promise<string> {
  const pusher = kept(new TXLivePusher({ engine: 'embedded' }));
  pusher.setVideoQualityParamPreset(VideoQualityPreset.STANDARD, VideoRatio.RATIO_16_9);
  pusher.setVideoFPS(25);
  await pusher.startPreview({ source: 'synthetic', ...options });
  await pusher.startAudioCapture({ source: 'synthetic' });
  const url = place.newUrl();
  await pusher.startPush(url);
  return url;
}

async function play(url: string, handle: bigint): Promise<TXLivePlayer> {
  const player = kept(new TXLivePlayer({ engine: 'embedded' }));
  player.setRenderFrame(handle);
  await player.startPlay(url);
  return player;
}

/** The clock in the window's pixels, not older than a second. */
function liveClock(handle: bigint) {
  return eventually(async () => {
    const reading = (await screenshot(handle))?.clock();
    return reading && clockMicros() - reading.clockUs < 1_000_000 ? reading : undefined;
  });
}

/** The quarters of what the window shows, when they are the expected ones, else what they were at last. */
async function expectQuarters(handle: bigint, expected: Colour[]): Promise<void> {
  let seen: unknown;
  await eventually(async () => {
    const picture = await screenshot(handle);
    seen = picture && quarters(picture);
    return JSON.stringify(seen) === JSON.stringify(expected) || undefined;
  }).catch(() => expect(seen).toEqual(expected));
}

describe('a call in a window', () => {
  it('shows the clock of the other side, alive', async () => {
    const window = await openWindow();
    await play(await push(), window.handle);
    const first = await liveClock(window.handle);
    const later = await eventually(async () => {
      const reading = (await screenshot(window.handle))?.clock();
      return reading && reading.counter > first.counter ? reading : undefined;
    });
    expect(later.clockUs).toBeGreaterThan(first.clockUs);
  });

  it('goes on in three windows at once, preview, player and a region above it', async () => {
    const [preview, main] = await Promise.all([openWindow(), openWindow({ top: 400 })]);
    const region = await main.openRegion({ left: 320, top: 150, width: 320, height: 180 });
    const url = await push({ windowHandle: preview.handle });
    await Promise.all([play(url, main.handle), play(url, region.handle)]);
    await Promise.all([preview.handle, main.handle, region.handle].map(liveClock));
    region.close();
    expect(region.handle).toBe(0n);
  });

  it('fits the picture to the new size of the window', async () => {
    const window = await openWindow();
    await play(await push(), window.handle);
    await liveClock(window.handle);
    const resized = once(asNode(window), 'resize');
    window.setSize(960, 540);
    expect(await resized).toEqual([{ width: 960, height: 540 }]);
    await eventually(async () => {
      const picture = await screenshot(window.handle);
      return picture?.width === 960 && picture.clock() ? true : undefined;
    });
    expect([window.width, window.height]).toEqual([960, 540]);
  });

  it('goes on without the window when it is closed, tells it once, and takes another', async () => {
    const window = await openWindow();
    const player = await play(await push(), window.handle);
    await liveClock(window.handle);
    let lost = 0;
    player.on('PLAY_WARNING_WINDOW_LOST', () => lost++);
    await window.close();
    expect(window.handle).toBe(0n);
    await eventually(() => lost || undefined);
    expect(player.playing).toBe(true);
    const next = await openWindow();
    player.updateRenderFrame(next.handle);
    await liveClock(next.handle);
    expect(lost).toBe(1);
  });

  it('survives that another program destroys the window', async () => {
    const window = await openWindow();
    const player = await play(await push(), window.handle);
    await liveClock(window.handle);
    const closed = once(asNode(window), 'closed');
    const lost = once(asNode(player), 'PLAY_WARNING_WINDOW_LOST');
    await place.screen.tool('windowclose', String(window.handle));
    expect(await closed).toEqual([expect.any(String)]);
    await lost;
    expect(window.closed).toBe(true);
    expect(() => window.setTitle('gone')).toThrow(expect.objectContaining({ code: 'ERR_RTC_CLOSED' }));
    expect(player.playing).toBe(true);
  });

  it('leaves the window black when it stops, and gives it back when it is told to', async () => {
    const window = await openWindow();
    const player = await play(await push(), window.handle);
    await liveClock(window.handle);
    await player.stopPlay();
    await expectQuarters(window.handle, ['black', 'black', 'black', 'black']);
    const url = await push();
    await player.startPlay(url);
    await liveClock(window.handle);
    player.closeRenderFrame();
    await expectQuarters(window.handle, ['black', 'black', 'black', 'black']);
    expect(player.playing).toBe(true);
  });
});

describe("the application's own pictures in a preview", () => {
  async function preview(handle: bigint) {
    const pusher = kept(new TXLivePusher({ engine: 'embedded' }));
    pusher.setVideoQualityParamPreset(VideoQualityPreset.STANDARD, VideoRatio.RATIO_16_9);
    await pusher.startPreview({ source: 'user', windowHandle: handle });
    pusher.sendCustomVideoData(quadrants(640, 360));
    return pusher;
  }

  it('are shown before they are pushed, turned and mirrored as asked for', async () => {
    const window = await openWindow();
    const pusher = await preview(window.handle);
    await expectQuarters(window.handle, ['red', 'green', 'blue', 'white']);
    pusher.setRenderYMirror(true);
    await expectQuarters(window.handle, ['green', 'red', 'white', 'blue']);
    pusher.setRenderYMirror(false);
    pusher.setRenderMode(RenderMode.FILLSCREEN);
    pusher.setRotation(VideoRotation.ROTATION_90);
    await expectQuarters(window.handle, ['blue', 'red', 'white', 'green']);
    pusher.setRotation(VideoRotation.ROTATION_180);
    await expectQuarters(window.handle, ['white', 'blue', 'green', 'red']);
    pusher.setRotation(VideoRotation.ROTATION_270);
    await expectQuarters(window.handle, ['green', 'white', 'red', 'blue']);
    pusher.setRenderYMirror(true);
    await expectQuarters(window.handle, ['red', 'blue', 'green', 'white']);
    expect(() => pusher.setRotation(5 as never)).toThrow(expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }));
  });

  it('are adapted between bars or fill the window', async () => {
    const window = await openWindow({ width: 400, height: 400 });
    const pusher = await preview(window.handle);
    const bar = await eventually(async () => {
      const picture = await screenshot(window.handle);
      return picture && colourAt(picture, 0.25, 0.3) === 'red' ? picture : undefined;
    });
    expect([colourAt(bar, 0.25, 0.1), colourAt(bar, 0.75, 0.9)]).toEqual(['black', 'black']);
    pusher.setRenderMode(RenderMode.FILLSCREEN);
    await eventually(async () => {
      const picture = await screenshot(window.handle);
      return picture && colourAt(picture, 0.1, 0.1) === 'red' && colourAt(picture, 0.9, 0.9) === 'white'
        ? true
        : undefined;
    });
  });

  it('end with the window, which is told once', async () => {
    const window = await openWindow();
    const pusher = await preview(window.handle);
    await expectQuarters(window.handle, ['red', 'green', 'blue', 'white']);
    const lost = once(asNode(pusher), 'PUSH_WARNING_WINDOW_LOST');
    await window.close();
    await lost;
    const next = await openWindow();
    pusher.updatePreview(next.handle);
    await expectQuarters(next.handle, ['red', 'green', 'blue', 'white']);
  });
});

describe('a window', () => {
  it('fills the screen without a window manager, and goes back', async () => {
    const window = await openWindow({ fullscreen: true });
    expect([window.width, window.height]).toEqual([screenSize.width, screenSize.height]);
    window.setFullscreen(false);
    await eventually(() => window.width === 640 || undefined);
    window.setFullscreen(true);
    await eventually(() => window.width === screenSize.width || undefined);
  });

  it('tells of keys', async () => {
    const window = await openWindow();
    await place.screen.tool('mousemove', '--window', String(window.handle), '100', '100');
    const key = once(asNode(window), 'key');
    await place.screen.tool('key', 'Escape');
    expect((await key)[0]).toMatchObject({ key: 'Escape', repeat: false, control: false });
  });

  it('has a caption that is taken away again', async () => {
    const window = await openWindow();
    window.setCaption('Grüße, 你好');
    const white = async () => {
      const picture = await screenshot(window.handle);
      if (!picture) return undefined;
      for (let across = 0.3; across < 0.7; across += 0.002) {
        for (let down = 0.94; down < 1; down += 0.004) {
          if (colourAt(picture, across, down) === 'white') return true;
        }
      }
      return false;
    };
    await eventually(async () => (await white()) || undefined);
    window.setCaption('');
    await eventually(async () => (await white()) === false || undefined);
  });

  it('refuses what is no window, no area and no size, and stays as it is', async () => {
    const window = await openWindow();
    const player = kept(new TXLivePlayer({ engine: 'embedded' }));
    for (const handle of [12345n, 2n ** 63n]) {
      expect(() => player.setRenderFrame(handle)).toThrow(expect.objectContaining({ code: 'ERR_RTC_WINDOW_FAILED' }));
    }
    const pusher = kept(new TXLivePusher({ engine: 'embedded' }));
    expect(await codeOf(pusher.startPreview({ source: 'synthetic', windowHandle: 12345 }))).toBe(
      'ERR_RTC_WINDOW_FAILED',
    );
    expect(await codeOf(window.openRegion({ left: 0, top: 0, width: 0, height: 1 }))).toBe('ERR_RTC_INVALID_ARGUMENT');
    expect(() => window.setSize(0, 1)).toThrow(expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }));
    expect(await codeOf(VideoWindow.open({ width: -1 }))).toBe('ERR_RTC_INVALID_ARGUMENT');
    expect(await codeOf(VideoWindow.open({ title: 5 } as never))).toBe('ERR_RTC_INVALID_ARGUMENT');
    expect(window.closed).toBe(false);
  });
});

// Last: the window manager stays.
describe('with a window manager', () => {
  beforeAll(() => place.screen.startWindowManager());

  it('a minimised window shows its picture again when it is restored', async () => {
    const window = await openWindow();
    await play(await push(), window.handle);
    await liveClock(window.handle);
    window.minimize();
    await eventually(async () => ((await screenshot(window.handle)) ? undefined : true));
    window.restore();
    await liveClock(window.handle);
  });

  // The window manager minimises and tells of it in its own time: restore() comes before that.
  it('a window is restored that was minimised a moment ago', async () => {
    const window = await openWindow();
    await play(await push(), window.handle);
    await liveClock(window.handle);
    for (let round = 0; round < 5; round++) {
      window.minimize();
      window.restore();
      // Nothing tells of a restore that is lost. A wait that is too short hides one, and makes no test fail.
      await new Promise((resolve) => setTimeout(resolve, 500));
      await liveClock(window.handle);
    }
  });

  it('its button asks for the end, which comes when nobody objects', async () => {
    const window = await openWindow();
    const asked = once(asNode(window), 'closeRequest');
    const close = () =>
      place.screen.tool('windowactivate', '--sync', String(window.handle), 'key', '--clearmodifiers', 'alt+F4');
    await close();
    await asked;
    expect(window.closed).toBe(false);
    window.removeAllListeners('closeRequest');
    const closed = once(asNode(window), 'closed');
    await close();
    await closed;
  });
});

/** eventemitter3 has all that events.once needs but the name of one method. */
function asNode(emitter: { on: unknown; once: unknown; removeListener: unknown }): NodeJS.EventEmitter {
  return emitter as unknown as NodeJS.EventEmitter;
}
