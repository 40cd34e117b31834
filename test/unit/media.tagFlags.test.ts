import { describe, expect, it } from 'vitest';
import { flagsOf, tagFlags } from '#lib/server/media/tagFlags';

const tag = (...parts: (number | string)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from([part]))));

describe('what the media server takes a tag for', () => {
  it.each([
    ['H.264 header', tag(0x17, 0, 0, 0, 0, 1), tagFlags.videoHeader],
    ['H.264 key frame', tag(0x17, 1, 0, 0, 0, 1), tagFlags.keyFrame],
    ['H.264 frame', tag(0x27, 1, 0, 0, 0, 1), tagFlags.interFrame],
    ['H.264 end', tag(0x17, 2, 0, 0, 0), undefined],
    ['HEVC by number 12: header', tag(0x1c, 0, 0, 0, 0, 1), tagFlags.videoHeader],
    ['HEVC by number 12: key frame', tag(0x1c, 1, 0, 0, 0, 1), tagFlags.keyFrame],
    ['HEVC by number 12: frame', tag(0x2c, 1, 0, 0, 0, 1), tagFlags.interFrame],
    ['HEVC by number 12: end', tag(0x1c, 2, 0, 0, 0), undefined],
    ['VP6 key frame', tag(0x14, 0, 1, 2, 3), tagFlags.keyFrame],
    ['enhanced header', tag(0x90, 'hvc1', 1), tagFlags.videoHeader],
    ['enhanced header of AV1 for MPEG-2 TS', tag(0x95, 'av01', 1), tagFlags.videoHeader],
    ['enhanced key frame', tag(0x91, 'hvc1', 0, 0, 0, 1), tagFlags.keyFrame],
    ['enhanced key frame without a time', tag(0x93, 'hvc1', 1), tagFlags.keyFrame],
    ['enhanced frame', tag(0xa1, 'av01', 1), tagFlags.interFrame],
    ['enhanced frame of H.264', tag(0xa3, 'avc1', 1), tagFlags.interFrame],
    ['enhanced key frame of a codec to come', tag(0x91, 'zzzz', 1), tagFlags.keyFrame],
    ['enhanced end', tag(0x92, 'hvc1'), undefined],
    ['HDR metadata', tag(0x94, 'hvc1', 2, 0), tagFlags.other],
    ['a command', tag(0xd1, 0), tagFlags.other],
    ['several tracks', tag(0x96, 0x00, 'hvc1', 0, 1), tagFlags.other],
    ['a header behind ModEx', tag(0x97, 2, 1, 2, 3, 0x00, 'hvc1', 1), tagFlags.videoHeader],
    [
      'a key frame behind ModEx of 256 bytes',
      tag(0x97, 255, 0, 255, '\0'.repeat(256), 1, 'av01', 1),
      tagFlags.keyFrame,
    ],
    ['ModEx that is cut off', tag(0x97, 200, 1), tagFlags.other],
    ['ModEx without its long size', tag(0x97, 255, 0), tagFlags.other],
    ['one byte', tag(0x91), tagFlags.other],
  ])('video: %s', (_name, body, flags) => {
    expect(flagsOf(9, body)).toBe(flags);
  });

  it.each([
    ['AAC header', tag(0xaf, 0, 0x11, 0x88), tagFlags.audioHeader],
    ['AAC', tag(0xaf, 1, 1), tagFlags.audio],
    ['MP3', tag(0x2f, 0, 1), tagFlags.audio],
    ['enhanced header', tag(0x90, 'Opus', 'OpusHead', 1), tagFlags.audioHeader],
    ['comments of Opus', tag(0x90, 'Opus', 'OpusTags', 1), tagFlags.other],
    ['enhanced sound', tag(0x91, 'Opus', 1), tagFlags.audio],
    ['enhanced end', tag(0x92, 'Opus'), undefined],
    ['a table of channels', tag(0x94, 'Opus', 1, 2), tagFlags.other],
    ['several tracks', tag(0x95, 0, 'Opus', 0, 1), tagFlags.other],
    ['nothing', tag(), tagFlags.other],
  ])('sound: %s', (_name, body, flags) => {
    expect(flagsOf(8, body)).toBe(flags);
  });
});
