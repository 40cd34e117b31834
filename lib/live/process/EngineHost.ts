import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { RtcError } from '../../errors.js';
import type { DroppedFrames, NativeEngine } from '../addon.js';
import { clockOffsetMicros } from './clockOffset.js';
import type { FromHostThread, HostThreadData, ToHostThread } from './hostThread.js';
import {
  type Call,
  type ChildDeath,
  type ChildMessage,
  clockOffsetVariable,
  type Note,
  PacketType,
  packetHead,
  type Reply,
  readHeader,
} from './protocol.js';
import { deathError, remoteFailure } from './remoteErrors.js';
import type { Sendable } from './sendable.js';

/** Of a call that waits. A child that does not answer in this time is stuck, and ended. */
const callTimeoutMs = 5000;
/** Of the first one, which waits for the child's start and the engine's libraries. */
const startTimeoutMs = 15_000;
/** A child without objects stays this long, for an application that closes one and opens the next. */
const lingerMs = 1000;

/** An engine in a child process. */
export interface ProcessEngine {
  engine: NativeEngine;
  /** A child of its own for each object. */
  isolated: boolean;
  execPath: string;
}

/** What lives in the child, seen from here. */
export interface Hosted {
  receive(message: Exclude<ChildMessage, { kind: 'reply' }>, payload: ArrayBuffer | undefined): void;
  /** In this child, since it was made. */
  hasDropped(frames: DroppedFrames): void;
  died(host: EngineHost, death: ChildDeath): void;
}

interface Pending {
  /** Held until the answer is there. */
  object: Hosted;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

const shared = new Map<string, EngineHost>();
const living = new Set<EngineHost>();

/**
 * A child process and the thread that owns it. Objects are held weakly unless they are active (pushing, playing, or a
 * promise is pending), which also is what keeps the application alive.
 */
export class EngineHost {
  readonly #key: string | undefined;
  readonly #worker: Worker;
  readonly #replies: MessagePort;
  readonly #signals = new Int32Array(new SharedArrayBuffer(12));
  readonly #objects = new Map<number, WeakRef<Hosted>>();
  readonly #active = new Map<number, Hosted>();
  readonly #pending = new Map<number, Pending>();
  readonly #forgotten = new FinalizationRegistry<number>((id) => this.remove(id));
  #lastId = 0;
  #lastCall = 0;
  #answered = false;
  #held = false;
  #death: ChildDeath | undefined;
  #ended = false;
  #linger: NodeJS.Timeout | undefined;

  /** The child that the objects of this engine share, or a new one. */
  static get(options: ProcessEngine): EngineHost {
    if (options.isolated) return new EngineHost(options, undefined);
    const key = JSON.stringify([options.execPath, options.engine]);
    let host = shared.get(key);
    if (!host) {
      host = new EngineHost(options, key);
      shared.set(key, host);
    }
    return host;
  }

  /** Process ids of the children that live, the one that is about to end included. */
  static get pids(): number[] {
    return [...living].map((host) => Atomics.load(host.#signals, 2)).filter((pid) => pid !== 0);
  }

  private constructor({ execPath }: ProcessEngine, key: string | undefined) {
    this.#key = key;
    const { port1, port2 } = new MessageChannel();
    this.#replies = port1;
    const workerData: HostThreadData = {
      replyPort: port2,
      signals: this.#signals,
      execPath,
      childFile: fileOf('child.js'),
      env: childEnvironment(),
    };
    this.#worker = new Worker(new URL('hostThread.js', import.meta.url), {
      workerData,
      transferList: [port2],
      execArgv: [],
    });
    living.add(this);
    this.#worker.on('message', (message: FromHostThread) => this.#receive(message));
    this.#worker.on('error', (error) => this.#die(threadDeath(error.message)));
    this.#worker.on('exit', () => {
      living.delete(this);
      this.#replies.close();
      if (!this.#ended) this.#die(threadDeath('its thread ended'));
    });
    // Last: a listener of messages holds the event loop.
    this.#worker.unref();
    this.#scheduleEnd();
  }

  get dead(): boolean {
    return this.#death !== undefined || this.#ended;
  }

  /** The object's number in the child. */
  add(object: Hosted): number {
    clearTimeout(this.#linger);
    const id = ++this.#lastId;
    this.#objects.set(id, new WeakRef(object));
    this.#forgotten.register(object, id, object);
    return id;
  }

  remove(id: number): void {
    const object = this.#objects.get(id)?.deref();
    if (object) this.#forgotten.unregister(object);
    this.#objects.delete(id);
    this.#active.delete(id);
    this.#updateHold();
    if (this.dead) return;
    this.note({ kind: 'forget', object: id });
    if (this.#objects.size === 0) this.#scheduleEnd();
  }

  /** The answer of the child's engine. @throws what the engine throws, ERR_RTC_TIMEOUT, ERR_RTC_ENGINE_DIED */
  callSync(object: number, method: string, { args, payload }: Sendable): unknown {
    Atomics.store(this.#signals, 0, 0);
    if (this.#death) throw deathError(this.#death);
    this.#post({ sync: true, call: ++this.#lastCall, object, method, args }, payload);
    const reply = this.#wait(method);
    this.#answered = true;
    if (!reply.ok) throw remoteFailure(reply.error);
    return reply.value;
  }

  call(id: number, object: Hosted, method: string, { args, payload }: Sendable): Promise<unknown> {
    if (this.#death) return Promise.reject(deathError(this.#death));
    const call = ++this.#lastCall;
    return new Promise((resolve, reject) => {
      this.#post({ sync: false, call, object: id, method, args }, payload);
      this.#pending.set(call, { object, resolve, reject });
      this.#updateHold();
    });
  }

  note(note: Note): void {
    const head = packetHead(PacketType.note, note);
    this.#tell({ kind: 'packet', head, payload: undefined }, [head.buffer as ArrayBuffer]);
  }

  #post(call: Call, payload: Uint8Array<ArrayBuffer> | undefined): void {
    if (payload) call.data = true;
    const head = packetHead(PacketType.call, call, payload?.length);
    const transfer = [head.buffer as ArrayBuffer];
    if (payload) transfer.push(payload.buffer);
    this.#tell({ kind: 'packet', head, payload }, transfer);
  }

  #tell(message: ToHostThread, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #wait(method: string): Reply {
    const timeoutMs = this.#answered ? callTimeoutMs : startTimeoutMs;
    // Dead meanwhile, the thread does not answer: it has said so before.
    const outcome = Atomics.load(this.#signals, 1) === 1 ? 'ok' : Atomics.wait(this.#signals, 0, 0, timeoutMs);
    if (outcome === 'timed-out') {
      const message = `${method}: the engine's process did not answer within ${timeoutMs / 1000} s and was ended. Start again: that takes a fresh process.`;
      const death: ChildDeath = { code: 'ERR_RTC_ENGINE_DIED', message };
      this.#tell({ kind: 'kill', death });
      this.#die(death);
      throw new RtcError('ERR_RTC_TIMEOUT', message);
    }
    const received = receiveMessageOnPort(this.#replies) as { message: Uint8Array | ChildDeath } | undefined;
    if (received?.message instanceof Uint8Array) return readHeader<Reply>(received.message);
    const death = received?.message ?? threadDeath('its thread ended');
    this.#die(death);
    throw deathError(death);
  }

  #receive(message: FromHostThread): void {
    if (message.kind === 'died') {
      this.#die(message.death);
      return;
    }
    // What a child that is dead had said before is of no object any more.
    if (this.#death) return;
    this.#answered = true;
    const said = readHeader<ChildMessage>(message.header);
    if (said.kind === 'reply') {
      this.#settle(said);
      return;
    }
    if (said.kind === 'event') this.#setActive(said.object, said.active);
    else this.note({ kind: 'taken', object: said.object, lane: said.kind });
    this.#objects.get(said.object)?.deref()?.receive(said, message.payload?.buffer);
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.call);
    this.#pending.delete(reply.call);
    if (reply.object !== 0) this.#setActive(reply.object, reply.active);
    if (reply.dropped) this.#objects.get(reply.object)?.deref()?.hasDropped(reply.dropped);
    if (reply.ok) pending?.resolve(reply.value);
    else pending?.reject(remoteFailure(reply.error));
    this.#updateHold();
  }

  #setActive(id: number, active: boolean): void {
    const object = active ? this.#objects.get(id)?.deref() : undefined;
    if (object) this.#active.set(id, object);
    else this.#active.delete(id);
    this.#updateHold();
  }

  isActive(id: number): boolean {
    return this.#active.has(id);
  }

  #updateHold(): void {
    const wanted = !this.dead && this.#active.size + this.#pending.size > 0;
    if (wanted === this.#held) return;
    this.#held = wanted;
    if (wanted) this.#worker.ref();
    else this.#worker.unref();
  }

  #die(death: ChildDeath): void {
    if (this.dead) return;
    this.#death = death;
    this.#forget();
    const objects = [...this.#objects.values()].flatMap((reference) => reference.deref() ?? []);
    for (const object of objects) object.died(this, death);
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    this.#active.clear();
    this.#objects.clear();
    for (const { reject } of pending) reject(deathError(death));
    this.#updateHold();
  }

  #scheduleEnd(): void {
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => this.#end(), this.#key === undefined ? 0 : lingerMs).unref();
  }

  #end(): void {
    if (this.dead || this.#objects.size + this.#pending.size > 0) return;
    this.#ended = true;
    this.#forget();
    this.#tell({ kind: 'end' });
  }

  #forget(): void {
    clearTimeout(this.#linger);
    if (this.#key !== undefined && shared.get(this.#key) === this) shared.delete(this.#key);
  }
}

function threadDeath(reason: string): ChildDeath {
  return { code: 'ERR_RTC_ENGINE_DIED', message: `the engine's process cannot be reached: ${reason}. Start again.` };
}

function fileOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function childEnvironment(): Record<string, string | undefined> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return {
    ...env,
    [clockOffsetVariable]: String(clockOffsetMicros()),
    // Electron's program is Node.js only when it is told so.
    ...(process.versions.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
  };
}
