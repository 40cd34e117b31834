/** What node-media-server's broadcast does with a message: `MediaPacket.flags`. */
export const tagFlags = {
  audioHeader: 0,
  audio: 1,
  videoHeader: 2,
  keyFrame: 3,
  interFrame: 4,
  metadata: 5,
  /** Passed on, not kept for players to come. */
  other: 6,
} as const;

export type TagFlags = (typeof tagFlags)[keyof typeof tagFlags];

const frameTypes = { key: 1, inter: 2, command: 5 };
/** Of enhanced RTMP (Veovera, E-RTMP v2), of video and sound alike. */
const packetTypes = {
  sequenceStart: 0,
  codedFrames: 1,
  sequenceEnd: 2,
  codedFramesX: 3,
  mpeg2TsSequenceStart: 5,
  modEx: 7,
};
const enhancedSoundFormat = 9;
const aacFormat = 10;
/** H.264, and HEVC as CDNs in China have it. */
const codecsWithHeaders = [7, 12];

/**
 * What a message of sound (8) or video (9) is, by its tag's header, enhanced or not, whatever the codec; undefined for the
 * end of a sequence. node-media-server knows some codecs only, and takes the others' pictures for headers of sound.
 */
export function flagsOf(type: 8 | 9, tag: Buffer): TagFlags | undefined {
  if (tag.length < 2) return tagFlags.other;
  const first = tag.readUInt8(0);
  if (type === 9) return first & 0x80 ? enhancedVideo(tag, (first >> 4) & 7) : legacyVideo(tag, first);
  if (first >> 4 === enhancedSoundFormat) return enhancedSound(tag);
  return first >> 4 === aacFormat && tag[1] === 0 ? tagFlags.audioHeader : tagFlags.audio;
}

function legacyVideo(tag: Buffer, first: number): TagFlags | undefined {
  if (codecsWithHeaders.includes(first & 0x0f)) {
    if (tag[1] === 0) return tagFlags.videoHeader;
    if (tag[1] === 2) return undefined;
  }
  return picture((first >> 4) & 7);
}

function enhancedVideo(tag: Buffer, frameType: number): TagFlags | undefined {
  switch (packetType(tag)?.type) {
    case packetTypes.sequenceStart:
    case packetTypes.mpeg2TsSequenceStart:
      return tagFlags.videoHeader;
    case packetTypes.codedFrames:
    case packetTypes.codedFramesX:
      return picture(frameType);
    case packetTypes.sequenceEnd:
      return undefined;
    default:
      return tagFlags.other;
  }
}

function enhancedSound(tag: Buffer): TagFlags | undefined {
  const packet = packetType(tag);
  switch (packet?.type) {
    case packetTypes.sequenceStart: {
      // Opus may send its comments like a header, after it.
      const comments = tag.subarray(packet.end + 4, packet.end + 12).toString('latin1') === 'OpusTags';
      return comments ? tagFlags.other : tagFlags.audioHeader;
    }
    case packetTypes.codedFrames:
      return tagFlags.audio;
    case packetTypes.sequenceEnd:
      return undefined;
    default:
      return tagFlags.other;
  }
}

function picture(frameType: number): TagFlags {
  if (frameType === frameTypes.key) return tagFlags.keyFrame;
  return frameType === frameTypes.command ? tagFlags.other : tagFlags.interFrame;
}

/** The type of an enhanced tag beneath its ModEx packets, and where the FourCC begins; undefined when it is cut off. */
function packetType(tag: Buffer): { type: number; end: number } | undefined {
  let type = tag.readUInt8(0) & 0x0f;
  let end = 1;
  while (type === packetTypes.modEx) {
    let size = (tag[end++] ?? 0) + 1;
    if (size === 256) {
      if (end + 2 > tag.length) return undefined;
      size = tag.readUInt16BE(end) + 1;
      end += 2;
    }
    end += size;
    const next = tag[end++];
    if (next === undefined) return undefined;
    type = next & 0x0f;
  }
  return { type, end };
}
