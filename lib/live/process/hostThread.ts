/**
 * Entry of the thread that owns the child process. It lets the application's thread wait for an answer (with
 * `Atomics.wait`) while the pipe is read here, and keeps reading when that thread is busy.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type ChildDeath, type Packet, PacketReader, PacketType, packetHead } from './protocol.js';

export interface HostThreadData {
  /** Answers for the application's thread while it waits. */
  replyPort: MessagePort;
  /** [0]: 1 when there is an answer; [1]: 1 when the child is dead; [2]: its process id. */
  signals: Int32Array;
  execPath: string;
  childFile: string;
  env: Record<string, string | undefined>;
}

/** From the application's thread. */
export type ToHostThread =
  | { kind: 'packet'; head: Uint8Array; payload: Uint8Array | undefined }
  | { kind: 'end' }
  | { kind: 'kill'; death: ChildDeath };

export type FromHostThread =
  | { kind: 'packet'; header: Uint8Array<ArrayBuffer>; payload: Uint8Array<ArrayBuffer> | undefined }
  | { kind: 'died'; death: ChildDeath };

/** A child that leaves so many pings unanswered is stuck: for an application a dead one is better. */
const pingIntervalMs = 2000;
const maxMissedPings = 5;
/** Of one that has not said anything yet: it loads the engine's libraries. */
const maxMissedAtStart = 8;
/** More than the child takes to end in order. */
const endDeadlineMs = 4000;

const { replyPort, signals, execPath, childFile, env } = workerData as HostThreadData;
const port = parentPort as MessagePort;
let child: ChildProcess | undefined;
let isEnding = false;
let isDead = false;
let started = false;
let missedPings = 0;
let pinging: NodeJS.Timeout | undefined;
let deadline: NodeJS.Timeout | undefined;
let killedFor: ChildDeath | undefined;

process.on('uncaughtException', (error) =>
  killFor(died(`the thread of the engine's process failed: ${error.message}`)),
);
port.on('message', receive);
start();

function start(): void {
  try {
    child = spawn(execPath, [childFile], {
      // Overlapped: on Windows a pipe otherwise cannot be read and written at the same time.
      // What an engine writes goes where it goes without a process. It may hold addresses and keys, so none of it is kept.
      stdio: ['overlapped', 'ignore', 'inherit', 'overlapped'],
      env,
      windowsHide: true,
    });
  } catch (error) {
    die(died(`the engine's process could not be started: ${(error as Error).message}`));
    return;
  }
  Atomics.store(signals, 2, child.pid ?? 0);
  child.on('error', (error) => die(died(`the engine's process could not be started: ${error.message}`)));
  child.stdin?.on('error', () => {});
  const pipe = pipeOf(child);
  const reader = new PacketReader(receivePacket);
  pipe?.on('error', () => {}); // The exit tells.
  pipe?.on('data', (piece: Uint8Array) => {
    try {
      reader.push(piece);
    } catch (error) {
      killFor(died(`the engine's process sent nonsense: ${(error as Error).message}`));
    }
  });
  child.once('exit', finish);
  pinging = setInterval(ping, pingIntervalMs);
}

function pipeOf(process: ChildProcess | undefined): Duplex | undefined {
  return process?.stdio[3] as Duplex | undefined;
}

function write(head: Uint8Array, payload?: Uint8Array): void {
  const pipe = pipeOf(child);
  if (!pipe?.writable) return;
  pipe.cork();
  pipe.write(head);
  if (payload && payload.length > 0) pipe.write(payload);
  pipe.uncork();
}

function receive(message: ToHostThread): void {
  switch (message.kind) {
    case 'packet':
      write(message.head, message.payload);
      break;
    case 'end':
      end();
      break;
    case 'kill':
      killFor(message.death);
      break;
  }
}

function receivePacket({ type, header, payload }: Packet): void {
  started = true;
  missedPings = 0;
  if (type === PacketType.syncReply) {
    replyPort.postMessage(header, [header.buffer]);
    signal();
  } else if (type === PacketType.message) {
    const transfer = payload ? [header.buffer, payload.buffer] : [header.buffer];
    port.postMessage({ kind: 'packet', header, payload } satisfies FromHostThread, transfer);
  }
}

function signal(): void {
  Atomics.store(signals, 0, 1);
  Atomics.notify(signals, 0);
}

function ping(): void {
  const most = started ? maxMissedPings : maxMissedAtStart;
  if (++missedPings > most) {
    killFor(died(`the engine's process did not answer for ${(most * pingIntervalMs) / 1000} s and was ended`));
    return;
  }
  write(packetHead(PacketType.ping, undefined));
}

function end(): void {
  if (isEnding || isDead) return;
  isEnding = true;
  write(packetHead(PacketType.end, undefined));
  deadline = setTimeout(() => child?.kill('SIGKILL'), endDeadlineMs);
}

function killFor(death: ChildDeath): void {
  if (isDead) return;
  killedFor ??= death;
  // Where it cannot be killed there is no exit either.
  if (!child?.kill('SIGKILL')) die(death);
}

function finish(code: number | null, exitSignal: NodeJS.Signals | null): void {
  if (isEnding) release();
  else die(killedFor ?? died(`the engine's process ended (${ending(code, exitSignal)})`));
}

function ending(code: number | null, exitSignal: NodeJS.Signals | null): string {
  if (exitSignal) return `signal ${exitSignal}`;
  // Windows tells a crash by its status, such as 0xc0000005 for an access violation.
  return code !== null && code > 255 ? `exit code 0x${code.toString(16)}` : `exit code ${code}`;
}

function died(reason: string): ChildDeath {
  return { code: 'ERR_RTC_ENGINE_DIED', message: `${reason}. Start again: that takes a fresh process.` };
}

function die(death: ChildDeath): void {
  if (isDead) return;
  isDead = true;
  replyPort.postMessage(death);
  // In this order: whoever begins to wait sees either of the two.
  Atomics.store(signals, 1, 1);
  signal();
  port.postMessage({ kind: 'died', death } satisfies FromHostThread);
  release();
}

/** Lets the thread end. */
function release(): void {
  clearInterval(pinging);
  clearTimeout(deadline);
  for (const stream of child?.stdio ?? []) stream?.destroy();
  replyPort.close();
  port.close();
}
