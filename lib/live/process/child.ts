/** Entry of the child process: runs an engine for its parent, and ends with it. */
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { loadAddon, type NativeEngine, type NativeOptions } from '../addon.js';
import { ChildObject } from './ChildObject.js';
import {
  type Call,
  type ChildMessage,
  type CreateResult,
  type Note,
  type ObjectKind,
  type Packet,
  PacketReader,
  PacketType,
  packetHead,
  pipeFd,
  type RemoteError,
  type Reply,
  readHeader,
  type Setting,
} from './protocol.js';

/** How long closing everything may take when the parent asks for the end or is gone. */
const endDeadlineMs = 2000;

const objects = new Map<number, ChildObject>();
/** Objects that could not be made: each of their calls tells why. */
const failures = new Map<number, unknown>();
let ending = false;

// A parent that is gone is noticed there even while the engine blocks this thread.
new Worker(new URL('watchParent.js', import.meta.url)).unref();
// Ctrl-C in a terminal and a supervisor's SIGTERM of the group reach this process too; it is the parent that decides.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const) {
  if (signal !== 'SIGBREAK' || process.platform === 'win32') process.on(signal, () => {});
}

const pipe = new Socket({ fd: pipeFd, readable: true, writable: true });
const reader = new PacketReader(receive);
pipe.on('data', (piece) => reader.push(piece));
pipe.on('error', () => end());
pipe.on('close', () => end());
pipe.on('end', () => end());

function send(type: PacketType, header: unknown, payload?: Uint8Array, sent?: () => void): void {
  if (!pipe.writable) {
    sent?.();
    return;
  }
  pipe.cork();
  pipe.write(packetHead(type, header, payload?.length));
  if (payload && payload.length > 0) pipe.write(payload, () => sent?.());
  else sent?.();
  pipe.uncork();
}

const sendMessage = (message: ChildMessage, payload?: Uint8Array, sent?: () => void) =>
  send(PacketType.message, message, payload, sent);

function receive({ type, header, payload }: Packet): void {
  switch (type) {
    case PacketType.call:
      answer(readHeader<Call>(header), payload);
      break;
    case PacketType.note:
      note(readHeader<Note>(header));
      break;
    case PacketType.ping:
      send(PacketType.pong, undefined);
      break;
    case PacketType.end:
      end();
      break;
  }
}

function answer(call: Call, payload: Uint8Array | undefined): void {
  if (call.data) (call.args[0] as { data?: Uint8Array }).data = payload ?? new Uint8Array();
  let value: unknown;
  try {
    value = perform(call);
  } catch (error) {
    reply(call, { ok: false, error: remoteError(error) });
    return;
  }
  if (!(value instanceof Promise)) {
    reply(call, { ok: true, value });
    return;
  }
  value.then(
    (result: unknown) => reply(call, { ok: true, value: result }),
    (error: unknown) => reply(call, { ok: false, error: remoteError(error) }),
  );
}

function perform({ object, method, args }: Call): unknown {
  if (object === 0) return performHere(method, args);
  if (failures.has(object)) throw failures.get(object);
  const target = objects.get(object);
  if (!target) throw Object.assign(new Error(`${method}: the object is closed`), { code: 'ERR_RTC_CLOSED' });
  return target.call(method, args);
}

function performHere(method: string, args: unknown[]): unknown {
  switch (method) {
    case 'create':
      return create(...(args as [number, ObjectKind, NativeOptions, Setting[]]));
    case 'engineInfo':
      return loadAddon().engineInfo(args[0] as NativeEngine);
    case 'capabilities':
      return loadAddon().capabilities(args[0] as NativeEngine);
    default:
      throw new Error(`the child has no ${method}`);
  }
}

function create(id: number, kind: ObjectKind, options: NativeOptions, settings: Setting[]): CreateResult {
  try {
    const object = new ChildObject(id, kind, options, sendMessage);
    objects.set(id, object);
    return object.apply(settings);
  } catch (error) {
    failures.set(id, error);
    throw error;
  }
}

function reply({ sync, call, object }: Call, result: { ok: true; value: unknown } | { ok: false; error: RemoteError }) {
  const target = objects.get(object);
  const answered: Reply = { call, object, active: target?.active ?? false, dropped: target?.dropped, ...result };
  if (sync) send(PacketType.syncReply, answered);
  else sendMessage({ kind: 'reply', ...answered });
}

function remoteError(error: unknown): RemoteError {
  const { code, message, nativeCode } = error as { code?: unknown; message?: unknown; nativeCode?: unknown };
  return {
    code: typeof code === 'string' ? code : undefined,
    message: String(message ?? error),
    nativeCode: typeof nativeCode === 'number' ? nativeCode : undefined,
  };
}

function note(told: Note): void {
  if (told.kind === 'taken') {
    objects.get(told.object)?.taken(told.lane);
    return;
  }
  const object = objects.get(told.object);
  objects.delete(told.object);
  failures.delete(told.object);
  // Nobody waits for it any more; closed already is nothing.
  object?.close().catch(() => {});
}

function end(): void {
  if (ending) return;
  ending = true;
  const closed = Promise.allSettled([...objects.values()].map((object) => object.close()));
  const deadline = setTimeout(() => process.exit(1), endDeadlineMs);
  closed.then(() => {
    clearTimeout(deadline);
    process.exit(0);
  });
}
