import type { MediaServer } from '#lib/server/media/MediaServer';
import { signature } from '#lib/server/media/urlSignature';
import { patient } from './patience.ts';

export interface SignedUrlOptions {
  /** Default: the right one. */
  key?: string;
  /** Default: in an hour. */
  expiresAtSeconds?: number;
}

export const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

export function pushUrl(media: MediaServer, streamID: string, options: SignedUrlOptions = {}): string {
  return `${media.rtmpUrl}/${streamID}${query(streamID, options.key ?? media.pushKey, options.expiresAtSeconds)}`;
}

export function playUrl(media: MediaServer, streamID: string, options: SignedUrlOptions = {}): string {
  return `${media.rtmpUrl}/${streamID}${query(streamID, options.key ?? media.playKey, options.expiresAtSeconds)}`;
}

export function flvUrl(media: MediaServer, streamID: string, options: SignedUrlOptions = {}): string {
  return `${media.httpUrl}/${streamID}.flv${query(streamID, options.key ?? media.playKey, options.expiresAtSeconds)}`;
}

function query(streamID: string, key: string, expiresAtSeconds = inAnHour()): string {
  const { txSecret, txTime } = signature(key, streamID, expiresAtSeconds);
  return `?bizid=8525&txSecret=${txSecret}&txTime=${txTime}`;
}

interface Emitter {
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

/** The first argument of the next event; rejects after the deadline. Call it before what causes the event. */
export function nextEvent<T>(emitter: object, event: string, options: { deadlineMs?: number } = {}): Promise<T> {
  const { on, off } = emitter as Emitter;
  const deadlineMs = patient(options.deadlineMs ?? 10_000);
  const next = new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      off.call(emitter, event, listener);
      reject(new Error(`no event '${event}' within ${deadlineMs} ms`));
    }, deadlineMs);
    const listener = (value: T) => {
      clearTimeout(timer);
      off.call(emitter, event, listener);
      resolve(value);
    };
    on.call(emitter, event, listener);
  });
  next.catch(() => {}); // whoever awaits it sees it
  return next;
}

/** Waits until a condition holds, looking at it every 20 ms. */
export async function until(what: string, holds: () => boolean, deadlineMs = 10_000): Promise<void> {
  const limitMs = patient(deadlineMs);
  const end = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function processIsAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
