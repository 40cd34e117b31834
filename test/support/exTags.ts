/*
 * Enhanced RTMP's tags by its specification (Veovera, E-RTMP v2, "Enhanced Audio" and "Enhanced Video"), for a look at
 * ours from outside: nothing here is shared with the engine.
 */

export interface Tag {
  /** 8 sound, 9 video, 18 data. */
  type: number;
  timestampMs: number;
  body: Buffer;
}

export type ExType = 'sequenceStart' | 'codedFrames' | 'sequenceEnd' | 'codedFramesX';
const videoTypes: ExType[] = ['sequenceStart', 'codedFrames', 'sequenceEnd', 'codedFramesX'];

export interface ExPacket {
  type: ExType;
  fourCc: string;
  key: boolean;
  compositionTimeMs: number;
  data: Buffer;
}

/** A video tag's body; the composition time stands in CodedFrames of HEVC and H.264 only. */
export function exVideo(packet: Omit<ExPacket, 'compositionTimeMs'> & { compositionTimeMs?: number }): Buffer {
  const head = Buffer.from([0x80 | ((packet.key ? 1 : 2) << 4) | videoTypes.indexOf(packet.type)]);
  const time = Buffer.alloc(hasCompositionTime(packet) ? 3 : 0);
  if (time.length > 0) time.writeIntBE(packet.compositionTimeMs ?? 0, 0, 3);
  return Buffer.concat([head, Buffer.from(packet.fourCc, 'latin1'), time, packet.data]);
}

export function exSound(type: 'sequenceStart' | 'codedFrames', fourCc: string, data: Buffer): Buffer {
  const head = Buffer.from([(9 << 4) | (type === 'sequenceStart' ? 0 : 1)]);
  return Buffer.concat([head, Buffer.from(fourCc, 'latin1'), data]);
}

/** @throws Error for a tag that is not enhanced */
export function readExVideo(body: Buffer): ExPacket {
  const first = body.readUInt8(0);
  if (!(first & 0x80)) throw new Error('the tag has no enhanced header');
  const type = videoTypes[first & 0x0f];
  if (type === undefined) throw new Error(`packet type ${first & 0x0f}`);
  const packet = { type, fourCc: body.toString('latin1', 1, 5), key: ((first >> 4) & 7) === 1 };
  const timed = hasCompositionTime(packet);
  const compositionTimeMs = timed ? body.readIntBE(5, 3) : 0;
  return { ...packet, compositionTimeMs, data: body.subarray(timed ? 8 : 5) };
}

/** @throws Error for a tag that is not enhanced */
export function readExSound(body: Buffer): { type: ExType; fourCc: string; data: Buffer } {
  const first = body.readUInt8(0);
  const type = videoTypes[first & 0x0f];
  if (first >> 4 !== 9 || type === undefined) throw new Error('the tag has no enhanced header');
  return { type, fourCc: body.toString('latin1', 1, 5), data: body.subarray(5) };
}

function hasCompositionTime({ type, fourCc }: { type: ExType; fourCc: string }): boolean {
  return type === 'codedFrames' && (fourCc === 'hvc1' || fourCc === 'avc1');
}

export const flvHeader = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);

export function flvTag({ type, timestampMs, body }: Tag): Buffer {
  const head = Buffer.alloc(11);
  head.writeUInt8(type, 0);
  head.writeUIntBE(body.length, 1, 3);
  head.writeUIntBE(timestampMs & 0xffffff, 4, 3);
  head.writeUInt8(timestampMs >>> 24, 7);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(11 + body.length);
  return Buffer.concat([head, body, size]);
}

/** The whole tags of an FLV stream. */
export function flvTags(stream: Buffer): Tag[] {
  const tags: Tag[] = [];
  let at = flvHeader.length;
  while (at + 11 <= stream.length) {
    const size = stream.readUIntBE(at + 1, 3);
    if (at + 11 + size > stream.length) break;
    const timestampMs = stream.readUIntBE(at + 4, 3) + stream.readUInt8(at + 7) * 2 ** 24;
    tags.push({ type: stream.readUInt8(at), timestampMs, body: stream.subarray(at + 11, at + 11 + size) });
    at += 11 + size + 4;
  }
  return tags;
}
