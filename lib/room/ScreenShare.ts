import { UnsupportedError } from '../errors.js';
import { VideoQualityPreset, VideoRatio } from '../live/enums.js';
import type { Rect, SignalOptions, WindowHandle } from '../live/options.js';
import type { PusherLike } from './media.js';

export interface ScreenPreviewOptions extends SignalOptions {
  /** The id of a screen or a window, as getScreenCaptureSources of a TXLivePusher gives it; default the main screen. */
  target?: string;
  /** Pixels of the target; default the whole of it. */
  region?: Rect;
  /** Show the mouse pointer; true. */
  captureMouse?: boolean;
  /** Show what is shared in this window; nowhere by default. */
  windowHandle?: WindowHandle;
  /** Pictures a second, 1 to 60; 10. */
  fps?: number;
  /** Mix in what the machine plays. Default: where the engine can. @throws ERR_RTC_UNSUPPORTED for true where it cannot */
  systemSound?: boolean;
}

/** Rejects an argument before anything is stopped. */
export function chooseScreen(pusher: PusherLike, options: ScreenPreviewOptions): void {
  const { target = '', region, captureMouse } = options;
  pusher.selectScreenCaptureTarget(target, region, captureMouse === undefined ? undefined : { captureMouse });
}

/** The order of the Windows client: preset, rate, picture, mirrors off (a screen is never mirrored), the machine's sound. */
export async function shareScreen(pusher: PusherLike, options: ScreenPreviewOptions): Promise<void> {
  const { windowHandle, fps = 10, signal } = options;
  pusher.setVideoQualityParamPreset(VideoQualityPreset.STILLIMAGE as never, VideoRatio.RATIO_16_9 as never);
  pusher.setVideoFPS(fps);
  await pusher.startPreview({
    source: 'screen',
    ...(windowHandle === undefined ? {} : { windowHandle }),
    ...(signal ? { signal } : {}),
  });
  pusher.setRenderYMirror(false);
  pusher.setOutputYMirror(false);
  if (options.systemSound === false) return;
  try {
    pusher.openSystemVoiceInput('');
  } catch (error) {
    if (options.systemSound || !(error instanceof UnsupportedError)) throw error;
  }
}

export async function stopSharing(pusher: PusherLike): Promise<void> {
  try {
    pusher.closeSystemVoiceInput();
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
  } finally {
    await pusher.stopPreview();
  }
}
