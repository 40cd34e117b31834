import {
  type DroppedFrames,
  loadAddon,
  type NativeAudioFrame,
  type NativeMessage,
  type NativeOptions,
  type NativePlayer,
  type NativePusher,
  type NativeVideoFrame,
} from '../addon.js';
import { LiveEventCode } from '../events.js';
import type { LiveStatus } from '../status.js';
import { Lane, laneLimits } from './Lane.js';
import type { ChildMessage, CreateResult, LaneName, ObjectKind, Setting } from './protocol.js';

/** `sent`: the bytes are not needed any more. */
export type SendMessage = (message: ChildMessage, payload?: Uint8Array, sent?: () => void) => void;

type Method = (...args: unknown[]) => unknown;

/** A pusher or player of the child: the addon's object, and what it says, at the speed at which the parent takes it. */
export class ChildObject {
  readonly #id: number;
  readonly #send: SendMessage;
  readonly #native: NativePusher | NativePlayer;
  readonly #lanes: {
    video: Lane<NativeVideoFrame>;
    audio: Lane<NativeAudioFrame>;
    status: Lane<LiveStatus>;
  };

  /** @throws what the addon throws */
  constructor(id: number, kind: ObjectKind, options: NativeOptions, send: SendMessage) {
    this.#id = id;
    this.#send = send;
    const { releaseFrame, Pusher, Player } = loadAddon();
    const release = ({ data }: { data: ArrayBuffer }) => releaseFrame(data);
    this.#lanes = {
      video: new Lane<NativeVideoFrame>(
        laneLimits.video,
        (frame) => this.#sendFrame('video', frame, () => release(frame)),
        release,
      ),
      audio: new Lane<NativeAudioFrame>(
        laneLimits.audio,
        (frame) => this.#sendFrame('audio', frame, () => release(frame)),
        release,
      ),
      status: new Lane(
        laneLimits.status,
        (payload) => this.#send({ kind: 'status', object: this.#id, payload }),
        () => {},
      ),
    };
    const handler = (message: NativeMessage) => this.#receive(message);
    this.#native = kind === 'pusher' ? new Pusher(options, handler) : new Player(options, handler);
  }

  /** Pushing or playing. */
  get active(): boolean {
    try {
      return 'isPushing' in this.#native ? this.#native.isPushing() : this.#native.isPlaying();
    } catch {
      return false; // closed
    }
  }

  get dropped(): DroppedFrames {
    const { video, audio } = this.#native.dropped();
    return { video: video + this.#lanes.video.dropped, audio: audio + this.#lanes.audio.dropped };
  }

  /** Sets what was set in a child before this one; what is refused now does not keep the rest from being set. */
  apply(settings: readonly Setting[]): CreateResult {
    const refused: string[] = [];
    for (const { method, args } of settings) {
      try {
        const result = this.call(method, args);
        if (result instanceof Promise) result.catch((error: Error) => this.#tellRefused(method, error));
      } catch {
        refused.push(method);
      }
    }
    return { refused };
  }

  call(method: string, args: unknown[]): unknown {
    if (method === 'close') return this.close();
    return (this.#native as unknown as Record<string, Method>)[method]?.(...args);
  }

  taken(lane: LaneName): void {
    this.#lanes[lane].taken();
  }

  async close(): Promise<void> {
    await this.#native.close();
    for (const lane of Object.values(this.#lanes)) lane.clear();
  }

  /** Of a setting that takes its time: later than the creation's answer. */
  #tellRefused(method: string, error: Error & { code?: string }): void {
    if (error.code === 'ERR_RTC_ABORTED') return;
    const name = 'isPushing' in this.#native ? 'PUSH_WARNING_SETTING_REFUSED' : 'PLAY_WARNING_SETTING_REFUSED';
    const code = LiveEventCode[name];
    const message = `${method} was refused by the engine in a fresh process and keeps its default: ${error.message}`;
    const time = Date.now();
    const params = { EVT_MSG: message, EVT_TIME: String(time) };
    const payload = { name, code, nativeCode: code, severity: 'warning', message, time, params } as const;
    this.#send({ kind: 'event', object: this.#id, active: this.active, payload });
  }

  #receive(message: NativeMessage): void {
    switch (message.kind) {
      case 'event':
        this.#send({ kind: 'event', object: this.#id, active: this.active, payload: message.payload });
        break;
      case 'status':
        this.#lanes.status.offer(message.payload);
        break;
      case 'videoFrame':
        this.#lanes.video.offer(message.payload);
        break;
      case 'audioFrame':
        this.#lanes.audio.offer(message.payload);
        break;
    }
  }

  #sendFrame(kind: 'video' | 'audio', frame: NativeVideoFrame | NativeAudioFrame, sent: () => void): void {
    const { data, ...payload } = frame;
    const message = { kind, object: this.#id, dropped: this.dropped, payload } as ChildMessage;
    this.#send(message, new Uint8Array(data), sent);
  }
}
