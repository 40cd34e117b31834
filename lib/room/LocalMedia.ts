import { RtcError } from '../errors.js';
import { AutoAdjustStrategy, VideoQualityPreset, VideoRatio } from '../live/enums.js';
import type { LiveEvent } from '../live/events.js';
import type { AudioSourceOptions, VideoSourceOptions } from '../live/options.js';
import type { PusherLike } from './media.js';
import { chooseScreen, type ScreenPreviewOptions, shareScreen, stopSharing } from './ScreenShare.js';

export interface LocalPreviewOptions<Pusher extends PusherLike = PusherLike> {
  video?: VideoSourceOptions;
  audio?: AudioSourceOptions;
  quality?: {
    preset: Parameters<Pusher['setVideoQualityParamPreset']>[0];
    ratio?: Parameters<Pusher['setVideoQualityParamPreset']>[1];
  };
  resolution?: Parameters<Pusher['setVideoResolution']>[0];
  fps?: number;
  bitrateKbps?: number;
  /** How the video follows the network; default REALTIME_VIDEOCHAT, or what the quality preset has. */
  autoAdjustStrategy?: Parameters<Pusher['setAutoAdjustStrategy']>[0];
  signal?: AbortSignal;
}

export interface LocalMediaOptions<Pusher extends PusherLike> {
  create: () => Promise<Pusher> | Pusher;
  onEvent: (event: LiveEvent) => void;
  /** The push had begun and has given up reconnecting. */
  onGiveUp: (event: LiveEvent) => void;
}

/** The user's own camera, microphone and push: one pusher, made when first needed, closed by `release`. */
export class LocalMedia<Pusher extends PusherLike> {
  readonly #options: LocalMediaOptions<Pusher>;
  #pusher: Pusher | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #starting = new AbortController();
  #video = false;
  /** The picture is the screen's, with the screen's settings. */
  #screen = false;
  /** What startLocalPreview set, all of it together. */
  #settings: LocalPreviewOptions<Pusher> = {};
  #audio = false;
  #mute = false;
  #isPushing = false;
  #hasBegun = false;

  constructor(options: LocalMediaOptions<Pusher>) {
    this.#options = options;
  }

  get pusher(): Pusher | undefined {
    return this.#pusher;
  }

  /** Something is captured that could be pushed. */
  get isReady(): boolean {
    return this.#video || this.#audio;
  }

  async startPreview(options: LocalPreviewOptions<Pusher>): Promise<void> {
    const { video, audio } = options;
    if (!video && !audio) {
      throw new RtcError('ERR_RTC_INVALID_ARGUMENT', 'startLocalPreview needs a video or an audio source');
    }
    await this.#inTurn(async (stop) => {
      const { signal, check } = stoppable('startLocalPreview', options.signal, stop);
      check();
      try {
        const pusher = await this.#needPusher();
        check();
        if (video && this.#screen) await this.#endScreen(pusher, options);
        applySettings(pusher, options);
        this.#settings = { ...this.#settings, ...settingsOf(options) };
        if (video) {
          if (this.#video) await pusher.stopPreview();
          this.#video = false;
          await pusher.startPreview({ ...video, signal });
          this.#video = true;
          check();
        }
        if (audio) {
          if (this.#audio) await pusher.stopAudioCapture();
          this.#audio = false;
          await pusher.startAudioCapture({ ...audio, signal });
          this.#audio = true;
          check();
        }
      } catch (error) {
        if (!this.#isPushing) await this.#discard();
        throw error;
      }
    });
  }

  /** The screen in place of the camera; what is wrong with the options is told before that. */
  async startScreen(options: ScreenPreviewOptions): Promise<void> {
    await this.#inTurn(async (stop) => {
      const { signal, check } = stoppable('startScreenPreview', options.signal, stop);
      check();
      let hasBegun = false;
      try {
        const pusher = await this.#needPusher();
        check();
        chooseScreen(pusher, options);
        if (this.#video) await (this.#screen ? stopSharing(pusher) : pusher.stopPreview());
        this.#video = false;
        check();
        hasBegun = true;
        this.#screen = true;
        this.#video = true;
        await shareScreen(pusher, { ...options, signal });
        check();
      } catch (error) {
        if (hasBegun && this.#pusher) await stopSharing(this.#pusher).catch(() => undefined);
        if (hasBegun) this.#video = false;
        if (!this.#isPushing && !this.isReady) await this.#discard();
        throw error;
      }
    });
  }

  /** The push goes on with sound alone until startPreview, which sets what the camera had again. */
  async stopScreen(): Promise<void> {
    await this.#inTurn(async () => {
      const pusher = this.#pusher;
      if (!this.#screen || !this.#video || !pusher) return;
      this.#video = false;
      await stopSharing(pusher);
      if (!this.#isPushing && !this.isReady) await this.#discard();
    });
  }

  async #endScreen(pusher: Pusher, options: LocalPreviewOptions<Pusher>): Promise<void> {
    if (this.#video) await stopSharing(pusher);
    this.#video = false;
    this.#screen = false;
    const { quality, autoAdjustStrategy } = { ...this.#settings, ...settingsOf(options) };
    applySettings<Pusher>(pusher, {
      // What a pusher begins with: 640 x 360.
      quality: { preset: VideoQualityPreset.STANDARD as never, ratio: VideoRatio.RATIO_16_9 as never },
      fps: 15,
      ...this.#settings,
      ...(quality || autoAdjustStrategy !== undefined
        ? {}
        : { autoAdjustStrategy: AutoAdjustStrategy.REALTIME_VIDEOCHAT as never }),
    });
  }

  /** Camera off. A push goes on with sound alone; without one everything is given back. */
  async stopPreview(): Promise<void> {
    this.#interrupt();
    await this.#inTurn(async () => {
      if (!this.#isPushing) return await this.#discard();
      if (this.#video && this.#pusher) await (this.#screen ? stopSharing(this.#pusher) : this.#pusher.stopPreview());
      this.#video = false;
    });
  }

  setMute(mute: boolean): void {
    this.#mute = mute;
    this.#pusher?.setMute(mute);
  }

  /** Resolves at the first PUSH_EVT_PUSH_BEGIN. */
  async startPush(url: string, signal: AbortSignal): Promise<void> {
    const pusher = this.#pusher;
    if (!pusher || !this.isReady) {
      const message = 'there is no local picture or sound to push: call startLocalPreview first';
      throw new RtcError('ERR_RTC_INVALID_STATE', message);
    }
    this.#isPushing = true;
    this.#hasBegun = false;
    await pusher.startPush(url, { signal });
    this.#hasBegun = true;
  }

  /** Ends the push and keeps the preview. */
  async stopPush(): Promise<void> {
    if (!this.#isPushing) return;
    this.#isPushing = false;
    this.#hasBegun = false;
    await this.#pusher?.stopPush();
  }

  /** Ends push and captures and closes the pusher. The next startPreview makes a new one. */
  async release(): Promise<void> {
    this.#isPushing = false;
    this.#hasBegun = false;
    this.#interrupt();
    await this.#inTurn(() => this.#discard());
  }

  #interrupt(): void {
    this.#starting.abort();
    this.#starting = new AbortController();
  }

  /** One after the other; a stop interrupts the starts before it, not those after it. */
  #inTurn(work: (stop: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#starting;
    const result = this.#tail.then(() => work(signal));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #needPusher(): Promise<Pusher> {
    if (this.#pusher) return this.#pusher;
    const pusher = await this.#options.create();
    pusher.on('event', (event) => {
      if (this.#pusher !== pusher) return;
      if (event.name === 'PUSH_EVT_PUSH_BEGIN' && this.#isPushing) this.#hasBegun = true;
      this.#options.onEvent(event);
      if (event.name === 'PUSH_ERR_NET_DISCONNECT' && this.#hasBegun) {
        this.#hasBegun = false;
        this.#options.onGiveUp(event);
      }
    });
    this.#pusher = pusher;
    pusher.setAutoAdjustStrategy(AutoAdjustStrategy.REALTIME_VIDEOCHAT as never);
    if (this.#mute) pusher.setMute(true);
    return pusher;
  }

  async #discard(): Promise<void> {
    const pusher = this.#pusher;
    this.#pusher = undefined;
    this.#video = false;
    this.#screen = false;
    this.#settings = {};
    this.#audio = false;
    await pusher?.close();
  }
}

function stoppable(what: string, own: AbortSignal | undefined, stop: AbortSignal) {
  const signal = own ? AbortSignal.any([own, stop]) : stop;
  const check = () => {
    if (!signal.aborted) return;
    throw new RtcError('ERR_RTC_ABORTED', `${what} was aborted`, { cause: signal.reason });
  };
  return { signal, check };
}

function settingsOf<Pusher extends PusherLike>(options: LocalPreviewOptions<Pusher>): LocalPreviewOptions<Pusher> {
  const { video: _video, audio: _audio, signal: _signal, ...settings } = options;
  return settings;
}

function applySettings<Pusher extends PusherLike>(pusher: Pusher, options: LocalPreviewOptions<Pusher>): void {
  const { quality, resolution, fps, bitrateKbps, autoAdjustStrategy } = options;
  // The pusher checks the values; the casts only rejoin what Parameters<> took apart.
  if (quality?.ratio !== undefined) pusher.setVideoQualityParamPreset(quality.preset as never, quality.ratio as never);
  else if (quality) pusher.setVideoQualityParamPreset(quality.preset as never);
  if (resolution !== undefined) pusher.setVideoResolution(resolution as never);
  if (fps !== undefined) pusher.setVideoFPS(fps);
  if (bitrateKbps !== undefined) pusher.setVideoBitRate(bitrateKbps);
  if (autoAdjustStrategy !== undefined) pusher.setAutoAdjustStrategy(autoAdjustStrategy as never);
}
