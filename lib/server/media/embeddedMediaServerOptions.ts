import { isIPv6 } from 'node:net';
import { RtcError } from '../../errors.js';
import type { EmbeddedMediaServerOptions } from './EmbeddedMediaServer.js';
import type { MediaServerConfig } from './mediaServerMessages.js';

const numbers = {
  rtmpPort: { value: 0, min: 0, max: 65_535 },
  httpPort: { value: 0, min: 0, max: 65_535 },
  handshakeTimeoutMs: { value: 10_000, min: 100, max: 600_000 },
  publisherSilenceMs: { value: 5000, min: 100, max: 600_000 },
  takeoverSilenceMs: { value: 1500, min: 100, max: 600_000 },
  playerBudgetBytes: { value: 2 * 2 ** 20, min: 16 * 1024, max: 2 ** 30 },
  playerStallMs: { value: 10_000, min: 100, max: 600_000 },
  maxConnections: { value: 1000, min: 1, max: 100_000 },
  maxMemoryMb: { value: 512, min: 96, max: 1_048_576 },
  maxGopBytes: { value: 16 * 2 ** 20, min: 64 * 1024, max: 2 ** 30 },
  maxMessageBytes: { value: 4 * 2 ** 20, min: 64 * 1024, max: 0xffffff },
} satisfies Partial<Record<keyof MediaServerConfig, { value: number; min: number; max: number }>>;

type NumberName = keyof typeof numbers;

/** @throws RtcError ERR_RTC_INVALID_ARGUMENT naming the option and what it may be */
export function validated(options: EmbeddedMediaServerOptions): {
  config: Omit<MediaServerConfig, 'pushKey' | 'playKey' | 'revocations'>;
  publicHost: string;
} {
  const names = Object.keys(numbers) as NumberName[];
  const values = Object.fromEntries(
    names.map((name) => [
      name,
      inRange(name, options[name] ?? numbers[name].value, numbers[name].min, numbers[name].max),
    ]),
  ) as Record<NumberName, number>;
  for (const name of ['urlValiditySeconds', 'maxQuickDeaths'] as const) {
    if (options[name] !== undefined) inRange(name, options[name], 1, Number.MAX_SAFE_INTEGER);
  }
  for (const name of ['pushKey', 'playKey', 'host', 'publicHost'] as const) {
    if (options[name] !== undefined && (typeof options[name] !== 'string' || options[name] === '')) {
      throw invalid(`${name} must be a text that is not empty`);
    }
  }
  checkPublicUrl('publicRtmpUrl', options.publicRtmpUrl, /^rtmps?:$/);
  checkPublicUrl('publicHttpUrl', options.publicHttpUrl, /^https?:$/);
  if (options.pushKey !== undefined && options.pushKey === options.playKey) {
    throw invalid('pushKey and playKey must differ, or whoever may play may push');
  }
  const host = options.host ?? '127.0.0.1';
  const everyAddress = host === '0.0.0.0' || host === '::';
  return { config: { host, ...values }, publicHost: options.publicHost ?? (everyAddress ? '127.0.0.1' : host) };
}

/** @throws RtcError ERR_RTC_INVALID_STATE when the port is not known yet */
export function liveUrl(scheme: 'rtmp' | 'http', host: string, port: number): string {
  if (port === 0) throw new RtcError('ERR_RTC_INVALID_STATE', 'The media server has no port yet: await start() first');
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}/live`;
}

/** What signs and names the streams of a media server that runs elsewhere. */
export interface StreamAddresses {
  /** Where clients push and play, `rtmp://…/live` or `rtmps://…/live`. */
  rtmpUrl: string;
  /** The same for HTTP-FLV. Default: there is none. */
  httpUrl?: string | undefined;
  /** Keys that addresses are signed with, and checked there; different ones. */
  pushKey: string;
  playKey: string;
}

/** @throws RtcError ERR_RTC_INVALID_ARGUMENT naming the option and what it may be */
export function checkStreamAddresses(who: string, options: StreamAddresses): void {
  if (options.rtmpUrl === undefined) throw invalid(`${who}: rtmpUrl is missing`);
  checkPublicUrl(`${who}: rtmpUrl`, options.rtmpUrl, /^rtmps?:$/);
  checkPublicUrl(`${who}: httpUrl`, options.httpUrl, /^https?:$/);
  for (const name of ['pushKey', 'playKey'] as const) {
    if (typeof options[name] !== 'string' || options[name] === '') throw invalid(`${who}: ${name} must be a text`);
  }
  if (options.pushKey === options.playKey) {
    throw invalid(`${who}: pushKey and playKey must differ, or whoever may play may push`);
  }
}

function checkPublicUrl(name: string, url: unknown, scheme: RegExp): void {
  if (url === undefined) return;
  const parts = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  if (!parts || !scheme.test(parts.protocol) || parts.search !== '' || !parts.pathname.endsWith('/live')) {
    throw invalid(`${name} must be an address that ends in /live, without a query`);
  }
}

function inRange(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw invalid(`${name} must be a whole number from ${min} to ${max}`);
  }
  return value;
}

function invalid(message: string): RtcError {
  return new RtcError('ERR_RTC_INVALID_ARGUMENT', message);
}
