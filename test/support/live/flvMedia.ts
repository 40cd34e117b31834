import { flvHeader, flvTags, type Tag } from '../exTags.js';

export interface EncodedPicture {
  key: boolean;
  dtsMs: number;
  timestampMs: number;
  /** Annex B, a key frame with its parameter sets. */
  data: Buffer;
}

export interface EncodedSound {
  /** One raw unit. */
  data: Buffer;
  /** Its AudioSpecificConfig. */
  config: Buffer;
  timestampMs: number;
}

export interface MediaListener {
  picture(picture: EncodedPicture): void;
  sound(sound: EncodedSound): void;
}

const startCode = Buffer.from([0, 0, 0, 1]);

/** The parameter sets of an AVCDecoderConfigurationRecord, as Annex B. */
function parameterSets(record: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    let count = record.readUInt8(at++) & mask;
    for (; count > 0; count--) {
      const end = at + 2 + record.readUInt16BE(at);
      parts.push(startCode, record.subarray(at + 2, end));
      at = end;
    }
  }
  return Buffer.concat(parts);
}

export function annexB(unit: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < unit.length; ) {
    const end = at + 4 + unit.readUInt32BE(at);
    parts.push(startCode, unit.subarray(at + 4, end));
    at = end;
  }
  return Buffer.concat(parts);
}

/** Tells what is in the tags of an FLV stream of H.264 and AAC, as an application with an encoder of its own has it. */
export class FlvMedia {
  readonly #listener: MediaListener;
  #sets = Buffer.alloc(0);
  #config = Buffer.alloc(0);

  constructor(listener: MediaListener) {
    this.#listener = listener;
  }

  take({ type, timestampMs, body }: Tag): void {
    if (type === 9) this.#takeVideo(timestampMs, body);
    else if (type === 8) this.#takeAudio(timestampMs, body);
  }

  #takeVideo(dtsMs: number, body: Buffer): void {
    if (body.readUInt8(1) === 0) {
      this.#sets = Buffer.from(parameterSets(body.subarray(5)));
      return;
    }
    if (body.readUInt8(1) !== 1) return;
    const key = body.readUInt8(0) >> 4 === 1;
    const data = annexB(body.subarray(5));
    this.#listener.picture({
      key,
      dtsMs,
      timestampMs: dtsMs + body.readIntBE(2, 3),
      data: key ? Buffer.concat([this.#sets, data]) : data,
    });
  }

  #takeAudio(timestampMs: number, body: Buffer): void {
    if (body.readUInt8(1) === 0) this.#config = Buffer.from(body.subarray(2));
    else this.#listener.sound({ data: Buffer.from(body.subarray(2)), config: this.#config, timestampMs });
  }
}

/** Reads a stream of HTTP-FLV until the signal aborts, or it ends. */
export async function readLive(url: string, listener: MediaListener, signal: AbortSignal): Promise<void> {
  const media = new FlvMedia(listener);
  const response = await fetch(url, { signal });
  let held = Buffer.alloc(0);
  try {
    for await (const piece of response.body as ReadableStream<Uint8Array>) {
      held = Buffer.concat([held, piece]);
      const tags = flvTags(held);
      for (const tag of tags) media.take(tag);
      const taken = tags.reduce((sum, { body }) => sum + body.length + 15, 0);
      if (taken > 0) held = Buffer.concat([flvHeader, held.subarray(flvHeader.length + taken)]);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
