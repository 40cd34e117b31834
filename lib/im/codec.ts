import { isFields, text } from '../api/answers.js';

/** A part of a message, after the elements of the 2018 IM SDKs. */
export type ImElement = { type: 'custom'; data: string } | { type: 'text'; text: string };

/** How the sender calls itself. */
export interface ImSender {
  userName: string;
  userAvatar: string;
}

export type GroupMessage =
  | ({ kind: 'text'; text: string } & ImSender)
  | ({ kind: 'custom'; cmd: string; msg: string } & ImSender);

export interface C2cMessage extends ImSender {
  cmd: string;
  msg: string;
}

/** Limits of the mini-program's IM SDK, bytes of UTF-8 over all elements. */
export const maxGroupMessageBytes = 8898;
export const maxC2cMessageBytes = 12_000;

const utf8 = new TextEncoder();

export function messageBytes(elements: readonly ImElement[]): number {
  return elements.reduce((sum, one) => sum + utf8.encode(one.type === 'custom' ? one.data : one.text).byteLength, 0);
}

/** Header first, then the text. Windows clients read `headpic`, the mini-program `headPic`. */
export function encodeRoomText(sender: ImSender, content: string): ImElement[] {
  const { userName, userAvatar } = sender;
  const header = { cmd: 'CustomTextMsg', data: { nickName: userName, headPic: userAvatar, headpic: userAvatar } };
  return [
    { type: 'custom', data: JSON.stringify(header) },
    { type: 'text', text: content },
  ];
}

/** One element, the only form that every receiver understands. */
export function encodeRoomCustom(sender: ImSender, cmd: string, msg: string): ImElement[] {
  const { userName, userAvatar } = sender;
  const data = { userName, userAvatar, nickName: userName, headPic: userAvatar, cmd, msg };
  return [{ type: 'custom', data: JSON.stringify({ cmd: 'CustomCmdMsg', data }) }];
}

export function encodeC2c(sender: ImSender, cmd: string, msg: string): ImElement[] {
  const data = { msg, userAvatar: sender.userAvatar, userName: sender.userName };
  return [{ type: 'custom', data: JSON.stringify({ cmd, data }) }];
}

/**
 * Reads a message of a room's group as any of the 2018 clients writes it: the header's spellings of name and avatar, a
 * header that ends in a newline, text in several elements, a custom message whose `msg` is an element of its own. Text
 * without a header has empty names. Undefined for everything else; never throws.
 */
export function decodeGroup(elements: unknown): GroupMessage | undefined {
  const parts = readElements(elements);
  if (!parts) return undefined;
  const header = parts.map((part) => (part.type === 'custom' ? readJson(part.data) : undefined)).find(isHeader);
  const content = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const hasText = parts.some((part) => part.type === 'text');
  const data = isFields(header?.data) ? header.data : {};
  const sender = readSender(data);
  if (header?.cmd === 'CustomCmdMsg') {
    const cmd = text(data.cmd);
    if (cmd === '') return undefined;
    return { kind: 'custom', cmd, msg: typeof data.msg === 'string' ? data.msg : content, ...sender };
  }
  if (!hasText || content === '') return undefined;
  if (!header && parts.some((part) => part.type === 'custom')) return undefined;
  return { kind: 'text', text: content, ...sender };
}

/** Reads a C2C message: one custom element `{ cmd, data: { msg, userName, userAvatar } }`. Never throws. */
export function decodeC2c(elements: unknown): C2cMessage | undefined {
  const first = readElements(elements)?.[0];
  const value = first?.type === 'custom' ? readJson(first.data) : undefined;
  if (!isFields(value)) return undefined;
  const cmd = text(value.cmd);
  if (cmd === '') return undefined;
  const data = isFields(value.data) ? value.data : {};
  return { cmd, msg: text(data.msg), ...readSender(data) };
}

/** Whether the data of a group's system notice says that the member list changed. */
export function isMemberNotice(data: unknown): boolean {
  const value = typeof data === 'string' ? readJson(data) : undefined;
  return isFields(value) && value.cmd === 'notifyPusherChange';
}

type Header = Readonly<Record<string, unknown>>;

function isHeader(value: unknown): value is Header {
  return isFields(value) && (value.cmd === 'CustomTextMsg' || value.cmd === 'CustomCmdMsg');
}

function readSender(data: Readonly<Record<string, unknown>>): ImSender {
  return {
    userName: text(data.userName) || text(data.nickName),
    userAvatar: text(data.userAvatar) || text(data.headPic) || text(data.headpic),
  };
}

function readElements(value: unknown): ImElement[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const elements: ImElement[] = [];
  for (const one of value as unknown[]) {
    if (!isFields(one)) return undefined;
    if (one.type === 'custom' && typeof one.data === 'string') elements.push({ type: 'custom', data: one.data });
    else if (one.type === 'text' && typeof one.text === 'string') elements.push({ type: 'text', text: one.text });
    else return undefined;
  }
  return elements;
}

function readJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
