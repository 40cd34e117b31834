import { deserialize, serialize } from 'node:v8';
import type { RtcErrorCode } from '../../errors.js';
import type { DroppedFrames, NativeAudioFrame, NativeVideoFrame } from '../addon.js';
import type { LiveEvent } from '../events.js';
import type { LiveStatus } from '../status.js';

/**
 * What parent and child say to each other over one pipe: packets of a prefix (12 bytes: type, length of the header, length
 * of the payload; little-endian), a header in V8's serialization, and a payload of raw bytes (a frame's, a custom
 * picture's). Both ends are of one package and one Node.js, so there is no version in it.
 */
export const PacketType = {
  /** Parent to child: a call whose answer is a `reply`, or with `sync` a `syncReply`. */
  call: 1,
  /** Parent to child: something to know, without an answer. */
  note: 2,
  ping: 3,
  /** Parent to child: close everything and exit. */
  end: 4,
  /** Child to parent, for the thread that waits. */
  syncReply: 5,
  /** Child to parent, for the event loop: an asynchronous call's answer, events, status, frames. */
  message: 6,
  pong: 7,
} as const;
export type PacketType = (typeof PacketType)[keyof typeof PacketType];

export const prefixLength = 12;
/** Of a header or a payload; an 8K picture in RGBA is half of it. More is a fault of the other side. */
export const maxPartLength = 256 * 1024 * 1024;

/** The pipe's number in the child; 0 is what it is watched by, 1 and 2 are the SDK's to write to. */
export const pipeFd = 3;
/** Of the child's environment: the parent's clock, so that `clockMicros()` is the same in both. */
export const clockOffsetVariable = 'LITEAV_RTCROOM_CLOCK_OFFSET_US';

export type ObjectKind = 'pusher' | 'player';

/** `object` 0 is the child itself: create, engineInfo, capabilities. */
export interface Call {
  sync: boolean;
  call: number;
  object: number;
  method: string;
  args: unknown[];
  /** The payload is `args[0].data`. */
  data?: boolean;
}

/** Frames, or a status report, that the parent's event loop has taken; an object that was forgotten. */
export type Note = { kind: 'taken'; object: number; lane: LaneName } | { kind: 'forget'; object: number };

export interface RemoteError {
  code: string | undefined;
  message: string;
  nativeCode: number | undefined;
}

/** `active` (the object is pushing or playing) and `dropped` are of the object, if the call was on one. */
export type Reply = { call: number; object: number; active: boolean; dropped: DroppedFrames | undefined } & (
  | { ok: true; value: unknown }
  | { ok: false; error: RemoteError }
);

export type LaneName = 'video' | 'audio' | 'status';

/** A frame's bytes are the packet's payload. */
export type ChildMessage =
  | ({ kind: 'reply' } & Reply)
  | { kind: 'event'; object: number; active: boolean; payload: LiveEvent }
  | { kind: 'status'; object: number; payload: LiveStatus }
  | { kind: 'video'; object: number; dropped: DroppedFrames; payload: Omit<NativeVideoFrame, 'data'> }
  | { kind: 'audio'; object: number; dropped: DroppedFrames; payload: Omit<NativeAudioFrame, 'data'> };

/** A setting that is set again in a fresh child. */
export interface Setting {
  method: string;
  args: unknown[];
}

export interface CreateResult {
  /** Settings that a fresh engine refused; their names. */
  refused: string[];
}

export interface ChildDeath {
  code: RtcErrorCode;
  /** For people: how it ended. */
  message: string;
}

export function packetPrefix(type: PacketType, headerLength: number, payloadLength: number): Uint8Array {
  const prefix = new Uint8Array(prefixLength);
  const view = new DataView(prefix.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, headerLength, true);
  view.setUint32(8, payloadLength, true);
  return prefix;
}

/** Prefix and header in one piece. @throws Error DataCloneError for what cannot be serialized, and what a getter throws */
export function packetHead(type: PacketType, header: unknown, payloadLength = 0): Uint8Array {
  const body = header === undefined ? new Uint8Array() : serialize(header);
  const head = new Uint8Array(prefixLength + body.length);
  head.set(packetPrefix(type, body.length, payloadLength));
  head.set(body, prefixLength);
  return head;
}

export interface Packet {
  type: PacketType;
  header: Uint8Array<ArrayBuffer>;
  payload: Uint8Array<ArrayBuffer> | undefined;
}

export function readHeader<T>(header: Uint8Array): T {
  return deserialize(header) as T;
}

/** Packets from the pieces of a stream; a payload is copied once, into memory of its own that can be transferred. */
export class PacketReader {
  readonly #onPacket: (packet: Packet) => void;
  readonly #prefix = new Uint8Array(prefixLength);
  #type: PacketType | undefined;
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #part = 0;
  #filled = 0;

  constructor(onPacket: (packet: Packet) => void) {
    this.#onPacket = onPacket;
  }

  /** @throws RangeError for a length beyond all bounds: the stream is then of no use. */
  push(piece: Uint8Array): void {
    let at = 0;
    while (at < piece.length) {
      const target = this.#type === undefined ? this.#prefix : (this.#parts[this.#part] as Uint8Array);
      const count = Math.min(piece.length - at, target.length - this.#filled);
      target.set(piece.subarray(at, at + count), this.#filled);
      at += count;
      this.#filled += count;
      if (this.#filled < target.length) return;
      this.#filled = 0;
      if (this.#type === undefined) this.#begin();
      else this.#part++;
      this.#finishEmpty();
    }
  }

  #begin(): void {
    const view = new DataView(this.#prefix.buffer);
    const lengths = [view.getUint32(4, true), view.getUint32(8, true)];
    if (lengths.some((length) => length > maxPartLength)) throw new RangeError('a packet is longer than can be');
    this.#type = view.getUint32(0, true) as PacketType;
    this.#parts = lengths.map((length) => new Uint8Array(Buffer.allocUnsafeSlow(length).buffer as ArrayBuffer));
    this.#part = 0;
  }

  #finishEmpty(): void {
    while (this.#part < this.#parts.length && this.#parts[this.#part]?.length === 0) this.#part++;
    if (this.#part < this.#parts.length || this.#type === undefined) return;
    const [header, payload] = this.#parts as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
    const packet = { type: this.#type, header, payload: payload.length > 0 ? payload : undefined };
    this.#type = undefined;
    this.#parts = [];
    this.#onPacket(packet);
  }
}
