import { describe, it } from 'vitest';
import type { WindowHandle } from '#lib/live/options';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { VideoWindow } from '#lib/live/VideoWindow';
import type { Screen } from '../../support/linuxHost.js';
import { startNginxRtmp } from '../../support/nginxRtmp.js';
import { blue, bright, dark, green, type Place, share, shows } from './looks.js';
import { standin } from './standin.js';
import { openTestWindow, type TestWindow } from './testWindow.js';

const left: Place = { left: 40, top: 40, width: 480, height: 270 };
const right: Place = { left: 640, top: 40, width: 480, height: 270 };

/** As Electron's getNativeWindowHandle() gives it. */
function asBuffer({ handle }: TestWindow): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(handle));
  return buffer;
}

const grey = (rgb: number[]) => rgb.every((value) => value > 110 && value < 150);
const black = (rgb: number[]) => Math.max(...rgb) < 20;

/** The background of testWindow.cpp. */
const own = ([r = 0, g = 0, b = 0]: number[]) => r > 0x80 && g < 0x20 && b < 0x20;

/** Two fresh windows, seen empty: what was painted into earlier ones is no proof. */
async function emptyWindows(name: string) {
  const preview = await openTestWindow(left);
  const playback = await openTestWindow(right);
  await shows(`${name}-empty`, (screen) => [left, right].map((place) => share(screen, place, own) === 1), [true, true]);
  return {
    preview,
    playback,
    [Symbol.asyncDispose]: async () => {
      await preview.close();
      await playback.close();
    },
  };
}

const handles: [string, (window: TestWindow) => WindowHandle][] = [
  ['a number', ({ handle }) => handle],
  ['a BigInt', ({ handle }) => BigInt(handle)],
  ['the Buffer of Electron', asBuffer],
];

/** A stand-in paints a preview green and a playback blue, each with a white diagonal. */
export function windowSuite(variant: string): void {
  const engine = standin(variant);
  describe('windows of an application', () => {
    it.each(handles)('given as %s show the preview and the player', async (kind, handleOf) => {
      const name = `${variant}-${kind.split(' ').at(-1)}`;
      await using windows = await emptyWindows(name);
      await using pusher = new TXLivePusher({ engine });
      await using player = new TXLivePlayer({ engine });
      await pusher.startPreview({ source: 'camera', windowHandle: handleOf(windows.preview) });
      player.setRenderFrame(handleOf(windows.playback));
      await player.startPlay('rtmp://127.0.0.1:1935/live/window');
      await shows(
        name,
        (screen) => ({
          green: share(screen, left, green) > 0.9,
          blue: share(screen, right, blue) > 0.9,
          diagonals: [left, right].map(({ left: x, top: y, width, height }) =>
            bright(screen.pixel(x + width / 2, y + height / 2)),
          ),
        }),
        { green: true, blue: true, diagonals: [true, true] },
      );
    });
  });
}

/**
 * The synthetic source: dark and bright cells of its clock in the top third. In a window of this process: wine shows no
 * child window, which is what the engine draws into, in a window of another process.
 */
export function embeddedWindowSuite(): void {
  describe('windows of this process', () => {
    it('show the picture that was decoded', async () => {
      const server = await startNginxRtmp();
      await using window = await VideoWindow.open({ ...right, borderless: true });
      await using pusher = new TXLivePusher({ engine: 'embedded' });
      await using player = new TXLivePlayer({ engine: 'embedded' });
      const clock = { ...right, height: right.height / 3 };
      const look = (screen: Screen) => ({
        ones: share(screen, clock, bright) > 0.1,
        zeros: share(screen, clock, dark) > 0.1,
      });
      try {
        await shows('embedded-empty', look, { ones: false, zeros: false });
        const url = `${server.rtmpUrl}/window${process.pid}`;
        pusher.setVideoResolution(103);
        await pusher.startPreview({ source: 'synthetic' });
        await pusher.startAudioCapture({ source: 'synthetic' });
        await pusher.startPush(url);
        player.setRenderFrame(window.handle);
        await player.startPlay(url);
        await shows('embedded', look, { ones: true, zeros: true });
      } finally {
        await pusher.close();
        await player.close();
        await server.close();
      }
    });

    it('show the lines of showDebugView over it, until they are taken away', async () => {
      await using window = await VideoWindow.open({ ...left, borderless: true });
      await using pusher = new TXLivePusher({ engine: 'embedded' });
      await pusher.startPreview({ source: 'user', windowHandle: window.handle });
      const { width, height } = left;
      // "not pushing", in the corner.
      const corner = { ...left, width: 72, height: 18 };
      const look = (screen: Screen) => ({
        letters: share(screen, corner, bright) > 0.03,
        ground: share(screen, corner, black) > 0.3,
        picture: share(screen, { ...left, top: left.top + 60, height: height - 60 }, grey) === 1,
      });
      pusher.sendCustomVideoData({ data: new Uint8Array((width * height * 3) / 2).fill(128), width, height });
      await shows('debug-view-off', look, { letters: false, ground: false, picture: true });
      pusher.showDebugView(1);
      await shows('debug-view', look, { letters: true, ground: true, picture: true });
      pusher.showDebugView(0);
      await shows('debug-view-gone', look, { letters: false, ground: false, picture: true });
    });
  });
}
