import { RtcError } from '../errors.js';
import { SafeEmitter, warnOfListener } from '../SafeEmitter.js';
import { loadAddon, type NativeMessage, type NativeWindow } from './addon.js';
import { nativeCall, nativePromise } from './nativeCalls.js';

export interface VideoWindowOptions {
  /** Of the title bar; empty. */
  title?: string;
  /** Of the inside, px, 1 to 16384; 960. */
  width?: number;
  /** 540. */
  height?: number;
  /** Place on the desktop, px; in the middle. */
  left?: number;
  top?: number;
  /** The whole screen, without a frame; false. */
  fullscreen?: boolean;
  /** No title bar and no frame; false. */
  borderless?: boolean;
  /** The user may change its size; true. */
  resizable?: boolean;
}

/** Px of a window, from its top left. */
export interface WindowArea {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface WindowKey {
  /** SDL's name of the key: 'Escape', 'Return', 'Space', 'A', 'F11', 'Left'. */
  key: string;
  /** It is held down. */
  repeat: boolean;
  alt: boolean;
  control: boolean;
  shift: boolean;
}

export interface VideoWindowEvents {
  /** The user wants it closed (its button, Alt-F4). Without a listener it is. */
  closeRequest: () => void;
  /** The inside has a new size, px. */
  resize: (size: { width: number; height: number }) => void;
  key: (key: WindowKey) => void;
  /** Once: by close(), or by others, for the reason that is given then. */
  closed: (reason: string | undefined) => void;
  /** A listener of `eventName` threw or rejected; without a listener here it becomes a process warning. */
  listenerError: (error: unknown, eventName: string) => void;
}

/** A part of a window for a further picture, above what the whole window shows. */
export interface WindowRegion {
  /** For setRenderFrame and windowHandle; 0n when the region or its window is closed. */
  readonly handle: bigint;
  /** Nothing when it is closed. */
  place(area: WindowArea): void;
  /** What is shown in it goes on without a window. Twice is nothing. */
  close(): void;
}

/**
 * A window of the desktop for pictures: its `handle` goes to `player.setRenderFrame` and `startPreview`. Windows, and
 * Linux with X11. An open window keeps the process alive.
 *
 * Every method may throw ERR_RTC_CLOSED after the window's end and ERR_RTC_INVALID_ARGUMENT.
 *
 * @example
 * const window = await VideoWindow.open({ title: 'Call', width: 1280, height: 720 });
 * window.on('key', ({ key }) => key === 'Escape' && window.close());
 * player.setRenderFrame(window.handle);
 */
export class VideoWindow extends SafeEmitter<VideoWindowEvents> implements AsyncDisposable {
  readonly #native: NativeWindow;
  #lastRegion = 0;
  #ended = false;
  #closing: Promise<void> | undefined;

  private constructor(options: VideoWindowOptions) {
    super();
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
      throw new RtcError('ERR_RTC_INVALID_ARGUMENT', 'options must be an object');
    }
    this.#native = nativeCall(() => new (loadAddon().Window)(options, (message) => this.#receive(message)));
  }

  /**
   * Resolves when the window is there.
   *
   * @throws ERR_RTC_WINDOW_FAILED: no display, or no SDL 2 on the machine (Linux); ERR_RTC_UNSUPPORTED: macOS;
   *   ERR_RTC_INVALID_ARGUMENT
   */
  static async open(options: VideoWindowOptions = {}): Promise<VideoWindow> {
    const window = new VideoWindow(options);
    try {
      await nativePromise(() => window.#native.open());
    } catch (error) {
      await window.close();
      throw error;
    }
    return window;
  }

  /** HWND or X11 window; 0n after its end. */
  get handle(): bigint {
    return this.closed ? 0n : nativeCall(() => this.#native.handle());
  }

  /** Of the inside, px. */
  get width(): number {
    return nativeCall(() => this.#native.width());
  }

  get height(): number {
    return nativeCall(() => this.#native.height());
  }

  /** By close(), or by others. */
  get closed(): boolean {
    return this.#ended || this.#closing !== undefined;
  }

  setTitle(title: string): void {
    nativeCall(() => this.#native.setTitle(title));
  }

  setFullscreen(fullscreen: boolean): void {
    nativeCall(() => this.#native.setFullscreen(fullscreen));
  }

  /** Of the inside, px; `resize` tells when it is done. */
  setSize(width: number, height: number): void {
    nativeCall(() => this.#native.setSize(width, height));
  }

  show(): void {
    nativeCall(() => this.#native.show());
  }

  hide(): void {
    nativeCall(() => this.#native.hide());
  }

  /** Linux: a window manager does it, and without one nothing happens. */
  minimize(): void {
    nativeCall(() => this.#native.minimize());
  }

  restore(): void {
    nativeCall(() => this.#native.restore());
  }

  /**
   * A line of text along the lower edge, white on black, above the pictures; empty takes it away.
   *
   * @throws ERR_RTC_WINDOW_FAILED Linux: libXft is not installed
   */
  setCaption(text: string): void {
    nativeCall(() => this.#native.setCaption(text));
  }

  /** Opens a region; it ends with the window. */
  async openRegion({ left, top, width, height }: WindowArea): Promise<WindowRegion> {
    const native = this.#native;
    const id = ++this.#lastRegion;
    await nativePromise(() => native.openRegion(id, left, top, width, height));
    let ended = false;
    const isClosed = () => ended || this.closed;
    return {
      get handle() {
        return isClosed() ? 0n : nativeCall(() => native.regionHandle(id));
      },
      place: (area) => {
        if (!isClosed()) nativeCall(() => native.moveRegion(id, area.left, area.top, area.width, area.height));
      },
      close: () => {
        if (!isClosed()) nativeCall(() => native.closeRegion(id));
        ended = true;
      },
    };
  }

  /** Resolves when the window is gone. Players that show something in it go on without one. */
  close(): Promise<void> {
    this.#closing ??= nativePromise(() => this.#native.close()).then(() => this.#end(undefined));
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  protected override onListenerError(error: unknown, eventName: string): void {
    if (eventName === 'listenerError' || this.listenerCount('listenerError') === 0) warnOfListener(error, eventName);
    else this.emit('listenerError', error, eventName);
  }

  #receive(message: NativeMessage): void {
    if (message.kind !== 'window') return;
    const { name, ...event } = message.payload;
    switch (name) {
      case 'closeRequest':
        if (!this.emit('closeRequest')) this.close().catch((error) => this.onListenerError(error, 'closeRequest'));
        break;
      case 'resize':
        this.emit('resize', event as { width: number; height: number });
        break;
      case 'key':
        this.emit('key', event as WindowKey);
        break;
      case 'closed':
        this.#end((event as { reason: string }).reason || undefined);
        break;
    }
  }

  #end(reason: string | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.emit('closed', reason);
  }
}
