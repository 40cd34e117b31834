import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeC2c,
  decodeGroup,
  encodeC2c,
  encodeRoomCustom,
  encodeRoomText,
  isMemberNotice,
  messageBytes,
} from '#lib/im/codec';

const sender = fc.record({ userName: fc.string({ unit: 'grapheme' }), userAvatar: fc.string() });
const content = fc.string({ unit: 'grapheme', minLength: 1 });

describe('round trips', () => {
  test('room text', () => {
    fc.assert(
      fc.property(sender, content, (from, text) => {
        expect(decodeGroup(encodeRoomText(from, text))).toEqual({ kind: 'text', text, ...from });
      }),
    );
  });

  test('room custom message', () => {
    fc.assert(
      fc.property(sender, content, fc.string({ unit: 'grapheme' }), (from, cmd, msg) => {
        expect(decodeGroup(encodeRoomCustom(from, cmd, msg))).toEqual({ kind: 'custom', cmd, msg, ...from });
      }),
    );
  });

  test('C2C message', () => {
    fc.assert(
      fc.property(sender, content, fc.string({ unit: 'grapheme' }), (from, cmd, msg) => {
        expect(decodeC2c(encodeC2c(from, cmd, msg))).toEqual({ cmd, msg, ...from });
      }),
    );
  });
});

describe('wire form', () => {
  test('text has the header first, with both spellings of the avatar', () => {
    const [header, text] = encodeRoomText({ userName: 'Ann "}}', userAvatar: 'x' }, 'hi');
    expect(header?.type === 'custom' && JSON.parse(header.data)).toEqual({
      cmd: 'CustomTextMsg',
      data: { nickName: 'Ann "}}', headPic: 'x', headpic: 'x' },
    });
    expect(text).toEqual({ type: 'text', text: 'hi' });
  });

  test('a custom message is one element with both spellings of the names', () => {
    const elements = encodeRoomCustom({ userName: 'Ann', userAvatar: 'x' }, 'like', '{"n":1}');
    expect(elements).toHaveLength(1);
    expect(elements[0]?.type === 'custom' && JSON.parse(elements[0].data)).toEqual({
      cmd: 'CustomCmdMsg',
      data: { userName: 'Ann', userAvatar: 'x', nickName: 'Ann', headPic: 'x', cmd: 'like', msg: '{"n":1}' },
    });
  });

  test('length counts bytes of UTF-8', () => {
    expect(
      messageBytes([
        { type: 'custom', data: 'é' },
        { type: 'text', text: '你好' },
      ]),
    ).toBe(8);
  });
});

describe('what old clients send', () => {
  const custom = (data: unknown, end = '') => ({ type: 'custom', data: `${JSON.stringify(data)}${end}` });
  const text = (value: string) => ({ type: 'text', text: value });

  test.each([
    [
      'Windows text',
      [custom({ cmd: 'CustomTextMsg', data: { headpic: 'p', nickName: 'n' } }, '\n'), text('t')],
      'n',
      'p',
      't',
    ],
    [
      'mini-program text',
      [custom({ cmd: 'CustomTextMsg', data: { nickName: 'n', headPic: 'p' } }), text('t')],
      'n',
      'p',
      't',
    ],
    ['text in pieces', [custom({ cmd: 'CustomTextMsg', data: {} }), text('a'), text('b')], '', '', 'ab'],
    ['text without header', [text('t')], '', '', 't'],
  ])('%s', (_name, elements, userName, userAvatar, value) => {
    expect(decodeGroup(elements)).toEqual({ kind: 'text', userName, userAvatar, text: value });
  });

  test('Windows custom message repeats msg as an element of its own', () => {
    const data = { cmd: 'c', msg: 'm', userAvatar: 'p', userName: 'n' };
    const elements = [custom({ cmd: 'CustomCmdMsg', data }, '\n'), { type: 'custom', data: 'm' }];
    expect(decodeGroup(elements)).toEqual({ kind: 'custom', cmd: 'c', msg: 'm', userName: 'n', userAvatar: 'p' });
  });

  test('the live mini-program has msg in a text element', () => {
    const elements = [custom({ cmd: 'CustomCmdMsg', data: { nickName: 'n', headPic: 'p', cmd: 'c' } }), text('m')];
    expect(decodeGroup(elements)).toEqual({ kind: 'custom', cmd: 'c', msg: 'm', userName: 'n', userAvatar: 'p' });
  });

  test('the notice of the member list', () => {
    expect(isMemberNotice('{"cmd":"notifyPusherChange","data":""}')).toBe(true);
    expect(isMemberNotice('{"cmd":"other"}')).toBe(false);
  });
});

describe('anything else', () => {
  test('is undefined or a message of texts, and never throws', () => {
    const element = fc.oneof(
      fc.record({
        type: fc.constantFrom('custom', 'text', 'face'),
        data: fc.oneof(fc.json(), fc.string()),
        text: fc.string(),
      }),
      fc.record({
        type: fc.constant('custom'),
        data: fc
          .record({ cmd: fc.constantFrom('CustomTextMsg', 'CustomCmdMsg', 1), data: fc.jsonValue() })
          .map((value) => JSON.stringify(value)),
      }),
      fc.anything(),
    );
    fc.assert(
      fc.property(fc.oneof(fc.array(element, { maxLength: 4 }), fc.anything()), (elements) => {
        const message = decodeGroup(elements);
        const c2c = decodeC2c(elements);
        isMemberNotice(elements);
        for (const value of [...Object.values(message ?? {}), ...Object.values(c2c ?? {})])
          expect(value).toBeTypeOf('string');
      }),
      { numRuns: 2000 },
    );
  });
});
