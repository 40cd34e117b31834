import type { DroppedFrames, NativeHandler, NativeMessage, NativeOptions } from '../addon.js';
import { LiveEventCode, type LiveEventName } from '../events.js';
import { EngineHost, type Hosted, type ProcessEngine } from './EngineHost.js';
import type { MethodKind, SourceName } from './methods.js';
import type { ChildDeath, ChildMessage, CreateResult, ObjectKind } from './protocol.js';
import { closedError } from './remoteErrors.js';
import { Settings } from './Settings.js';
import { type Sendable, sendable } from './sendable.js';

/** The object's place in a child that lives. */
interface Place {
  host: EngineHost;
  id: number;
}

/**
 * A pusher or player whose engine runs in a child process: the addon's object, seen through the pipe. When the child dies
 * the object gets an event and stays: its next call takes a fresh child, in which everything is set as it was.
 */
export class ProcessObject implements Hosted {
  readonly #kind: ObjectKind;
  readonly #engine: ProcessEngine;
  readonly #options: NativeOptions;
  readonly #handler: NativeHandler;
  readonly #settings = new Settings();
  #place: Place | undefined;
  #generation = 0;
  #pending = 0;
  #closing: Promise<void> | undefined;
  /** Of the children before, and of this one as far as it has told. */
  #droppedBefore: DroppedFrames = { video: 0, audio: 0 };
  #dropped: DroppedFrames = { video: 0, audio: 0 };

  /** @throws what the engine throws at bad options, ERR_RTC_ENGINE_DIED, ERR_RTC_TIMEOUT */
  constructor(kind: ObjectKind, engine: ProcessEngine, options: NativeOptions, handler: NativeHandler) {
    this.#kind = kind;
    this.#engine = engine;
    this.#options = sendable('constructor', [options]).args[0] as NativeOptions;
    this.#handler = handler;
    const host = EngineHost.get(engine);
    const id = host.add(this);
    try {
      host.callSync(0, 'create', this.#creation(id));
    } catch (error) {
      host.remove(id);
      throw error;
    }
    this.#place = { host, id };
  }

  /** As the latest frame or answer has told: what was dropped since then is not counted yet. */
  dropped(): DroppedFrames {
    return sum(this.#droppedBefore, this.#dropped);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Any method of the contract but dropped and close. */
  invoke(method: string, kind: MethodKind, args: unknown[]): unknown {
    switch (kind.is) {
      case 'open':
      case 'close':
      case 'start':
      case 'stop':
      case 'task':
      case 'promisedSetting':
        return this.#begin(method, kind, args);
      case 'state':
        if (this.#closing) throw closedError(method);
        return this.#place ? this.#ask(this.#place, method, sendable(method, args)) : false;
      default: {
        if (this.#closing) throw closedError(method);
        const sent = sendable(method, args);
        if (kind.is === 'data' && this.#isLost(kind.source)) return undefined;
        const settingArgs = [...sent.args];
        const value = this.#ask(this.#live(), method, sent);
        this.#settings.note(kind, method, settingArgs);
        return value;
      }
    }
  }

  receive(message: Exclude<ChildMessage, { kind: 'reply' }>, payload: ArrayBuffer | undefined): void {
    this.#handler(this.#nativeMessage(message, payload ?? new ArrayBuffer(0)));
  }

  hasDropped(frames: DroppedFrames): void {
    this.#dropped = frames;
  }

  died(host: EngineHost, death: ChildDeath): void {
    if (this.#place?.host !== host) return;
    const wasRunning = host.isActive(this.#place.id) || this.#pending > 0 || this.#settings.sources.size > 0;
    this.#place = undefined;
    this.#droppedBefore = sum(this.#droppedBefore, this.#dropped);
    this.#dropped = { video: 0, audio: 0 };
    if (!wasRunning || this.#closing) return;
    const name = this.#kind === 'pusher' ? 'PUSH_ERR_NET_DISCONNECT' : 'PLAY_ERR_NET_DISCONNECT';
    // Later, since it may be found out in the middle of a call.
    queueMicrotask(() => this.#emit(name, death.message));
  }

  #ask(place: Place, method: string, sent: Sendable): unknown {
    return place.host.callSync(place.id, method, sent);
  }

  async #begin(method: string, kind: MethodKind & { source?: SourceName }, args: unknown[]): Promise<void> {
    if (this.#closing) throw closedError(method);
    const isEnd = kind.is === 'close' || kind.is === 'stop';
    if (kind.is === 'close') this.#settings.sources.delete(kind.source);
    // With the child everything has stopped.
    if (isEnd && !this.#place) return;
    const sent = sendable(method, args);
    const { host, id } = this.#live();
    const settingArgs = [...sent.args];
    const settled = kind.is === 'open' ? this.#open(kind.source, method, sent) : undefined;
    if (kind.is === 'start') this.#reopen();
    this.#pending++;
    try {
      await host.call(id, this, method, sent);
      this.#settings.note(kind, method, settingArgs);
    } catch (error) {
      settled?.();
      if (isEnd && host.dead) return;
      throw error;
    } finally {
      this.#pending--;
    }
  }

  /** The source is wanted from now on; the answer takes that back, when the engine has not opened it. */
  #open(name: SourceName, method: string, { args }: Sendable): () => void {
    const { sources } = this.#settings;
    const before = sources.get(name);
    const source = { method, args: [...args], generation: this.#generation };
    sources.set(name, source);
    return () => {
      // A child that died meanwhile is no refusal, but this promise tells of it: it is for the application to try again.
      if (sources.get(name) !== source) return;
      if (before && before.generation === this.#generation) sources.set(name, before);
      else sources.delete(name);
    };
  }

  /** Opens what was open in the child before. */
  #reopen(): void {
    const place = this.#place;
    if (!place) return;
    for (const [name, source] of this.#settings.sources) {
      if (source.generation === this.#generation) continue;
      source.generation = this.#generation;
      const { method, args } = source;
      place.host.call(place.id, this, method, { args, payload: undefined }).catch((error: Error) => {
        if (place.host.dead || this.#settings.sources.get(name) !== source) return;
        this.#settings.sources.delete(name);
        const event = name === 'preview' ? 'PUSH_ERR_OPEN_CAMERA_FAIL' : 'PUSH_ERR_OPEN_MIC_FAIL';
        this.#emit(event, `the source could not be opened again in a fresh process: ${error.message}`);
      });
    }
  }

  /** Open in a child that died, and not yet in this one: what is sent to it goes where the rest went. */
  #isLost(name: SourceName): boolean {
    const source = this.#settings.sources.get(name);
    return source !== undefined && (!this.#place || source.generation !== this.#generation);
  }

  /** The place in the child; in a fresh one when it has died. Does not wait: calls are answered in their order. */
  #live(): Place {
    if (this.#place) return this.#place;
    const host = EngineHost.get(this.#engine);
    const id = host.add(this);
    this.#place = { host, id };
    this.#generation++;
    host.call(0, this, 'create', this.#creation(id)).then(
      (result) => this.#warnOfRefused((result as CreateResult).refused),
      () => {
        // The calls that followed say why; the next one tries again.
        if (this.#place?.id !== id || this.#place.host !== host) return;
        this.#place = undefined;
        host.remove(id);
      },
    );
    return this.#place;
  }

  #creation(id: number): Sendable {
    return { args: [id, this.#kind, this.#options, this.#settings.list], payload: undefined };
  }

  #warnOfRefused(methods: readonly string[]): void {
    for (const method of methods) {
      this.#settings.drop(method);
      process.emitWarning(`${method} was refused by the engine in a fresh process and keeps its default`, {
        code: 'RTC_SETTING_NOT_RESTORED',
      });
    }
  }

  async #close(): Promise<void> {
    const place = this.#place;
    if (!place) return;
    try {
      await place.host.call(place.id, this, 'close', { args: [], payload: undefined });
    } catch (error) {
      // Dead is closed as well.
      if (!place.host.dead) throw error;
    } finally {
      this.#place = undefined;
      place.host.remove(place.id);
    }
  }

  #nativeMessage(message: Exclude<ChildMessage, { kind: 'reply' }>, data: ArrayBuffer): NativeMessage {
    switch (message.kind) {
      case 'video':
        this.#dropped = message.dropped;
        return { kind: 'videoFrame', payload: { ...message.payload, data } };
      case 'audio':
        this.#dropped = message.dropped;
        return { kind: 'audioFrame', payload: { ...message.payload, data } };
      case 'event':
        return { kind: 'event', payload: message.payload };
      case 'status':
        return { kind: 'status', payload: message.payload };
    }
  }

  #emit(name: LiveEventName, message: string): void {
    const time = Date.now();
    const code = LiveEventCode[name];
    const params = { EVT_MSG: message, EVT_TIME: String(time) };
    this.#handler({
      kind: 'event',
      payload: { name, code, nativeCode: code, severity: 'error', message, time, params },
    });
  }
}

function sum(a: DroppedFrames, b: DroppedFrames): DroppedFrames {
  return { video: a.video + b.video, audio: a.audio + b.audio };
}
