import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BeautyStyle, VideoRotation } from '#lib/live/enums';
import { VideoWindow } from '#lib/live/VideoWindow';

/** Any picture will do. */
const picture = fileURLToPath(new URL('../../docs/kiosk.png', import.meta.url));

const previewed = async (pusher, { width, height }) => {
  const window = await VideoWindow.open({ width, height, left: 0, top: 0, borderless: true });
  pusher.updatePreview(window.handle);
  return () => window.close();
};

function snapping(pusher) {
  const folder = mkdtempSync(join(tmpdir(), 'rtcroom-bench-'));
  let count = 0;
  const timer = setInterval(() => {
    // One that is refused while the push ends is none.
    pusher.captureVideoSnapShot(join(folder, `${count++}.jpg`)).catch(() => undefined);
  }, 1000);
  return () => {
    clearInterval(timer);
    rmSync(folder, { recursive: true, force: true });
  };
}

/**
 * What a push may have beside the plain one, by name: called with a pusher whose source is open; the result ends it. Sound
 * options are missing: they work on microphones.
 * @type {Record<string, (pusher: import('#lib/live/TXLivePusher').TXLivePusher, size: { width: number, height: number }) => unknown>}
 */
export const pushOptions = {
  plain: () => undefined,
  'beauty 5 and whitening 5': (pusher) => pusher.setBeautyStyle(BeautyStyle.SMOOTH, 5, 5),
  'beauty 9 and whitening 9': (pusher) => pusher.setBeautyStyle(BeautyStyle.SMOOTH, 9, 9),
  watermark: (pusher) => pusher.setWatermark(picture, { x: 0.75, y: 0.75 }),
  'output mirror': (pusher) => pusher.setOutputYMirror(true),
  'hardware encoder that does not open': (pusher) => pusher.enableHWAcceleration(true),
  'a snapshot each second': snapping,
  'preview in a window': previewed,
  'preview, turned by 90°': (pusher, size) => {
    pusher.setRotation(VideoRotation.ROTATION_90);
    return previewed(pusher, size);
  },
  'preview, mirrored': (pusher, size) => {
    pusher.setRenderYMirror(true);
    return previewed(pusher, size);
  },
  'preview with the full debug view': (pusher, size) => {
    pusher.showDebugView(2);
    return previewed(pusher, size);
  },
};
