import { EventEmitter } from 'eventemitter3';
import { RtcError, UnsupportedError } from '#lib/errors';

interface StartOptions {
  signal?: AbortSignal;
}

type Gate = (what: string) => Promise<void> | void;

/** What the pushers and players of a test do beside succeeding at once: `before` is awaited in front of each call. */
export class FakeMedia {
  readonly pushers: FakePusher[] = [];
  readonly players: FakePlayer[] = [];
  before: Gate = () => undefined;
  hasSystemSound = true;

  readonly createPusher = () => {
    const pusher = new FakePusher(this);
    this.pushers.push(pusher);
    return pusher;
  };

  readonly createPlayer = (options?: unknown) => {
    const player = new FakePlayer(this, options);
    this.players.push(player);
    return player;
  };

  /** Nothing is pushed, captured or played any more. */
  get isQuiet(): boolean {
    return this.players.every((one) => one.closed) && this.pushers.every((one) => one.url === undefined);
  }
}

export function liveEvent(name: string, nativeCode = 0) {
  return { name, code: nativeCode, nativeCode, severity: 'info' as const, message: '', time: 0, params: {} };
}

/** Waits at the gate like a call into the engine: its signal rejects it at once. */
async function pass(media: FakeMedia, what: string, signal?: AbortSignal): Promise<void> {
  const abort = new Promise<never>((_resolve, reject) => {
    const stop = () => reject(new RtcError('ERR_RTC_ABORTED', `${what} aborted`));
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
  });
  abort.catch(() => undefined);
  await Promise.race([abort, media.before(what)]);
}

export class FakePusher extends EventEmitter {
  readonly calls: unknown[][] = [];
  url: string | undefined;
  video: unknown;
  audio: unknown;
  muted = false;
  closed = false;

  constructor(readonly media: FakeMedia) {
    super();
  }

  async startPreview({ signal, ...options }: StartOptions & Record<string, unknown>): Promise<void> {
    await pass(this.media, 'startPreview', signal);
    this.video = options;
  }

  async stopPreview(): Promise<void> {
    await pass(this.media, 'stopPreview');
    this.video = undefined;
  }

  async startAudioCapture({ signal, ...options }: StartOptions & Record<string, unknown>): Promise<void> {
    await pass(this.media, 'startAudioCapture', signal);
    this.audio = options;
  }

  async stopAudioCapture(): Promise<void> {
    await pass(this.media, 'stopAudioCapture');
    this.audio = undefined;
  }

  async startPush(url: string, { signal }: StartOptions = {}): Promise<void> {
    if (this.url !== undefined) throw new RtcError('ERR_RTC_INVALID_STATE', 'pushing already');
    this.url = url;
    await pass(this.media, 'startPush', signal);
    this.emit('event', liveEvent('PUSH_EVT_PUSH_BEGIN', 1002));
  }

  async stopPush(): Promise<void> {
    await pass(this.media, 'stopPush');
    this.url = undefined;
  }

  setMute(mute: boolean): void {
    this.muted = mute;
  }

  setVideoQualityParamPreset(...args: unknown[]): void {
    this.calls.push(['preset', ...args]);
  }

  setVideoResolution(...args: unknown[]): void {
    this.calls.push(['resolution', ...args]);
  }

  setVideoFPS(...args: unknown[]): void {
    this.calls.push(['fps', ...args]);
  }

  setVideoBitRate(...args: unknown[]): void {
    this.calls.push(['bitrate', ...args]);
  }

  setAutoAdjustStrategy(...args: unknown[]): void {
    this.calls.push(['strategy', ...args]);
  }

  selectScreenCaptureTarget(...args: unknown[]): void {
    if (args[0] === 'window:0') throw new RtcError('ERR_RTC_INVALID_ARGUMENT', 'no such window');
    this.calls.push(['screen', ...args]);
  }

  setRenderYMirror(mirror: boolean): void {
    this.calls.push(['renderMirror', mirror]);
  }

  setOutputYMirror(mirror: boolean): void {
    this.calls.push(['outputMirror', mirror]);
  }

  openSystemVoiceInput(program: string): void {
    if (!this.media.hasSystemSound) throw new UnsupportedError('no system sound');
    this.calls.push(['systemSound', program]);
  }

  closeSystemVoiceInput(): void {
    if (!this.media.hasSystemSound) throw new UnsupportedError('no system sound');
    this.calls.push(['noSystemSound']);
  }

  async close(): Promise<void> {
    await pass(this.media, 'closePusher');
    this.url = undefined;
    this.video = undefined;
    this.audio = undefined;
    this.closed = true;
  }
}

export class FakePlayer extends EventEmitter {
  url: string | undefined;
  closed = false;

  constructor(
    readonly media: FakeMedia,
    readonly options: unknown,
  ) {
    super();
  }

  async startPlay(url: string, { signal }: StartOptions = {}): Promise<void> {
    this.url = url;
    await pass(this.media, 'startPlay', signal);
    this.emit('event', liveEvent('PLAY_EVT_PLAY_BEGIN', 2004));
  }

  async close(): Promise<void> {
    await pass(this.media, 'closePlayer');
    this.closed = true;
  }
}
