/* Raw streams that ffmpeg writes and reads, to and from the units that travel in tags. */

/** The content of the first box of that type, wherever it is in an MP4. */
export function boxOf(mp4: Buffer, type: string): Buffer {
  const at = mp4.indexOf(type, 0, 'latin1');
  if (at < 4) throw new Error(`the file has no box ${type}`);
  return mp4.subarray(at + 4, at - 4 + mp4.readUInt32BE(at - 4));
}

export interface Unit {
  key: boolean;
  data: Buffer;
}

const startCode = Buffer.from([0, 0, 0, 1]);

function nalsOf(annexB: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  const short = startCode.subarray(1);
  for (let at = annexB.indexOf(short); at >= 0; ) {
    const next = annexB.indexOf(short, at + 3);
    let end = next < 0 ? annexB.length : next;
    while (end > at + 3 && annexB[end - 1] === 0) end--;
    nals.push(annexB.subarray(at + 3, end));
    at = next;
  }
  return nals;
}

const hevcType = (nal: Buffer) => (nal.readUInt8(0) >> 1) & 0x3f;

/** Pictures of an HEVC stream with access unit delimiters, as length-prefixed NAL units without parameter sets. */
export function hevcUnits(annexB: Buffer): Unit[] {
  const units: Unit[] = [];
  for (const nal of nalsOf(annexB)) {
    const type = hevcType(nal);
    if (type === 35) units.push({ key: false, data: Buffer.alloc(0) });
    const unit = units.at(-1);
    if (unit === undefined) throw new Error('the stream does not begin with an access unit delimiter');
    if (type > 31) continue;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(nal.length);
    unit.data = Buffer.concat([unit.data, length, nal]);
    unit.key ||= type >= 16 && type <= 23;
  }
  return units;
}

/** An HEVCDecoderConfigurationRecord's parameter sets, and length-prefixed units, as Annex B. */
export function hevcStream(record: Buffer, units: Buffer[]): Buffer {
  const parts: Buffer[] = [];
  let at = 23;
  for (let arrays = record.readUInt8(22); arrays > 0; arrays--) {
    let count = record.readUInt16BE(at + 1);
    at += 3;
    for (; count > 0; count--) {
      const length = record.readUInt16BE(at);
      parts.push(startCode, record.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  for (const unit of units) {
    for (let nal = 0; nal < unit.length; ) {
      const length = unit.readUInt32BE(nal);
      parts.push(startCode, unit.subarray(nal + 4, nal + 4 + length));
      nal += 4 + length;
    }
  }
  return Buffer.concat(parts);
}

/** Temporal units of an AV1 stream in IVF, without their delimiters; a key frame brings a sequence header. */
export function av1Units(ivf: Buffer): Unit[] {
  const units: Unit[] = [];
  for (let at = ivf.readUInt16LE(6); at + 12 <= ivf.length; ) {
    const size = ivf.readUInt32LE(at);
    const frame = ivf.subarray(at + 12, at + 12 + size);
    at += 12 + size;
    if (!frame.subarray(0, 2).equals(temporalDelimiter)) throw new Error('a unit without its delimiter');
    units.push({ key: frame.readUInt8(2) >> 3 === 1, data: frame.subarray(2) });
  }
  return units;
}

const temporalDelimiter = Buffer.from([0x12, 0]);

export function ivfOf(units: Buffer[], width: number, height: number): Buffer {
  const head = Buffer.alloc(32);
  head.write('DKIF');
  head.writeUInt16LE(32, 6);
  head.write('AV01', 8);
  head.writeUInt16LE(width, 12);
  head.writeUInt16LE(height, 14);
  head.writeUInt32LE(30, 16);
  head.writeUInt32LE(1, 20);
  head.writeUInt32LE(units.length, 24);
  const frames = units.map((unit, index) => {
    const size = Buffer.alloc(12);
    size.writeUInt32LE(unit.length + temporalDelimiter.length);
    size.writeUInt32LE(index, 4);
    return Buffer.concat([size, temporalDelimiter, unit]);
  });
  return Buffer.concat([head, ...frames]);
}

/** Packets of an Ogg stream, headers included. */
export function oggPackets(ogg: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  let packet: Buffer[] = [];
  for (let at = 0; at + 27 <= ogg.length; ) {
    const segments = ogg.readUInt8(at + 26);
    let data = at + 27 + segments;
    for (let i = 0; i < segments; i++) {
      const size = ogg.readUInt8(at + 27 + i);
      packet.push(ogg.subarray(data, data + size));
      data += size;
      if (size < 255) {
        packets.push(Buffer.concat(packet));
        packet = [];
      }
    }
    at = data;
  }
  return packets;
}

/** Opus packets of 20 ms as an Ogg stream (RFC 3533, RFC 7845), one a page. */
export function oggOf(head: Buffer, packets: Buffer[]): Buffer {
  const comments = Buffer.concat([Buffer.from('OpusTags'), Buffer.alloc(8)]);
  return Buffer.concat(
    [head, comments, ...packets].map((packet, index, all) =>
      oggPage(packet, index, Math.max(0, index - 1) * 960, index === 0 ? 2 : index === all.length - 1 ? 4 : 0),
    ),
  );
}

function oggPage(packet: Buffer, sequence: number, granule: number, flags: number): Buffer {
  const laces = [...Array.from({ length: Math.floor(packet.length / 255) }, () => 255), packet.length % 255];
  const head = Buffer.alloc(27);
  head.write('OggS');
  head.writeUInt8(flags, 5);
  head.writeBigUInt64LE(BigInt(granule), 6);
  head.writeUInt32LE(1, 14);
  head.writeUInt32LE(sequence, 18);
  head.writeUInt8(laces.length, 26);
  const page = Buffer.concat([head, Buffer.from(laces), packet]);
  page.writeUInt32LE(oggCrc(page), 22);
  return page;
}

/** Polynomial 0x04c11db7, nothing reflected, from 0. */
function oggCrc(page: Buffer): number {
  let crc = 0;
  for (const byte of page) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
