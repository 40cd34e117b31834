/** What each code means and whether the same call may succeed later unchanged. `docs/errors.md` is made from it. */
export const errorCatalogue = {
  ERR_RTC_INVALID_ARGUMENT: { retryable: false, meaning: 'an argument is missing, of the wrong type or out of range' },
  ERR_RTC_INVALID_STATE: { retryable: false, meaning: 'the call does not fit the state of the object' },
  ERR_RTC_CLOSED: { retryable: false, meaning: 'the object is closed' },
  ERR_RTC_ABORTED: { retryable: false, meaning: 'stopped, closed or aborted by its signal before it was done' },
  ERR_RTC_UNSUPPORTED: { retryable: false, meaning: 'this engine does not have that method; see its capabilities' },
  ERR_RTC_ADDON_NOT_FOUND: { retryable: false, meaning: 'the native addon could not be loaded' },
  ERR_RTC_INTERNAL: { retryable: false, meaning: 'a fault of this library' },
  ERR_RTC_INVALID_URL: { retryable: false, meaning: 'the stream address is not one that the engine can use' },
  ERR_RTC_DNS_FAILED: { retryable: true, meaning: 'the name of the media server could not be resolved' },
  ERR_RTC_CONNECT_FAILED: { retryable: true, meaning: 'the server could not be reached' },
  ERR_RTC_HANDSHAKE_FAILED: {
    retryable: true,
    meaning: 'what answered does not speak the protocol, or did not answer',
  },
  ERR_RTC_CERTIFICATE_REJECTED: {
    retryable: false,
    meaning: "the server's certificate is expired, of another host or of an authority that is not trusted",
  },
  ERR_RTC_PROXY_REFUSED: {
    retryable: false,
    meaning: 'the proxy wants other credentials, or does not allow the connection',
  },
  ERR_RTC_NETWORK_CHANGED: {
    retryable: true,
    meaning: "this machine's network changed, and with it went the address that the connection used",
  },
  ERR_RTC_SERVER_DISCONNECTED: { retryable: true, meaning: 'the server closed the connection' },
  ERR_RTC_PUBLISH_REFUSED: {
    retryable: false,
    meaning: 'the server refused the stream: taken, or a bad or expired signature',
  },
  ERR_RTC_PLAY_REFUSED: { retryable: false, meaning: 'the server refused playback: a bad or expired signature' },
  ERR_RTC_STREAM_NOT_FOUND: { retryable: true, meaning: 'nobody pushes that stream' },
  ERR_RTC_TIMEOUT: { retryable: true, meaning: 'no answer in time' },
  ERR_RTC_FILE_OPEN_FAILED: { retryable: false, meaning: 'the file could not be opened' },
  ERR_RTC_NOT_MEDIA: { retryable: false, meaning: 'the file holds no picture or sound that FFmpeg can read' },
  ERR_RTC_ENCODE_FAILED: { retryable: false, meaning: 'the encoder failed' },
  ERR_RTC_DECODE_FAILED: { retryable: false, meaning: 'the decoder failed' },
  ERR_RTC_SNAPSHOT_FAILED: {
    retryable: false,
    meaning: 'the snapshot could not be taken; nativeCode has the SDK number',
  },
  ERR_RTC_RECORD_FAILED: { retryable: false, meaning: 'the recording could not be opened or written' },
  ERR_RTC_SDK_NOT_FOUND: { retryable: false, meaning: 'no liteav.dll where it was looked for' },
  ERR_RTC_SDK_WRONG_ARCHITECTURE: { retryable: false, meaning: 'the SDK is for another processor than this Node.js' },
  ERR_RTC_SDK_CORRUPT: { retryable: false, meaning: 'the SDK file is damaged or not a library' },
  ERR_RTC_SDK_DEPENDENCY_MISSING: { retryable: false, meaning: 'a library that the SDK needs is missing' },
  ERR_RTC_SDK_INCOMPATIBLE: { retryable: false, meaning: 'the SDK lacks what is needed, or its revision is unknown' },
  ERR_RTC_SDK_FAILED: {
    retryable: false,
    meaning: 'the SDK failed without a nearer reason; nativeCode has its number',
  },
  ERR_RTC_LICENCE_REFUSED: { retryable: false, meaning: "the SDK's licence is missing, expired or of another app" },
  ERR_RTC_ENGINE_DIED: {
    retryable: true,
    meaning: "the engine's process died or could not be started; the next start gets a fresh one",
  },
  ERR_RTC_WINDOW_FAILED: {
    retryable: false,
    meaning: 'there is no display, no such window, or it cannot be drawn into',
  },
  ERR_RTC_DEVICE_NOT_FOUND: { retryable: false, meaning: 'no such camera, microphone or loudspeaker is plugged in' },
  ERR_RTC_DEVICE_OCCUPIED: { retryable: true, meaning: 'another program uses the device' },
  ERR_RTC_DEVICE_FAILED: {
    retryable: false,
    meaning: 'the device could not be opened, gives nothing, or the library for it is not installed',
  },
  ERR_RTC_SERVICE_UNREACHABLE: { retryable: true, meaning: 'the room service could not be reached' },
  ERR_RTC_SERVICE_BAD_RESPONSE: { retryable: true, meaning: 'the answer is not that of a room service' },
  ERR_RTC_TOO_MANY_REQUESTS: {
    retryable: true,
    meaning: 'the room service takes no more from this user now; wait a second',
  },
  ERR_RTC_SERVICE_PARAMETER: { retryable: false, meaning: 'the room service misses or refuses a parameter' },
  ERR_RTC_AUTH: { retryable: false, meaning: 'token or userSig is wrong, expired or of another user' },
  ERR_RTC_KICKED: {
    retryable: false,
    meaning: 'the user logged in elsewhere, or was expelled, which ended this login: only a person should log in again',
  },
  ERR_RTC_ROOM_NOT_FOUND: { retryable: false, meaning: 'there is no such room' },
  ERR_RTC_ROOM_EXISTS: { retryable: false, meaning: 'a room with that id exists' },
  ERR_RTC_ROOM_INFO_TOO_LONG: { retryable: false, meaning: 'roomInfo is longer than 1024' },
  ERR_RTC_ROOM_FULL: { retryable: true, meaning: 'the room has no seat left' },
  ERR_RTC_NOT_ROOM_CREATOR: { retryable: false, meaning: 'only the creator of the room may do that' },
  ERR_RTC_NOT_ROOM_MEMBER: { retryable: false, meaning: 'the user is not a member of the room' },
  ERR_RTC_IM_FAILED: { retryable: true, meaning: 'the message channel failed' },
  ERR_RTC_IM_UNAVAILABLE: {
    retryable: false,
    meaning: 'the room service has no messages, and no other channel is given',
  },
  ERR_RTC_MESSAGE_EMPTY: { retryable: false, meaning: 'the message has no text' },
  ERR_RTC_MESSAGE_TOO_LONG: { retryable: false, meaning: 'the message is longer than the channel allows' },
  ERR_RTC_STORE_UNAVAILABLE: {
    retryable: true,
    meaning: "the room service's store (Redis, a database file) cannot be reached, or refuses to write",
  },
  ERR_RTC_MEDIA_SERVER: { retryable: true, meaning: 'the embedded media server could not be started or died' },
} as const satisfies Record<string, { retryable: boolean; meaning: string }>;

export type RtcErrorCode = keyof typeof errorCatalogue;

export interface RtcErrorOptions {
  cause?: unknown;
  /** The number that the SDK or the room service gave. */
  nativeCode?: number;
  /** How long the room service asked to be left alone, ms. */
  retryAfterMs?: number | undefined;
}

const brand = Symbol.for('liteav-rtcroom.RtcError');

/** Every error of this library. Tell them apart by `code`, never by the message. */
export class RtcError extends Error {
  override readonly name: string = 'RtcError';
  readonly code: RtcErrorCode;
  readonly retryable: boolean;
  readonly nativeCode: number | undefined;
  /** The room service's `Retry-After`, ms; undefined when it named no time. */
  readonly retryAfterMs: number | undefined;
  readonly [brand] = true;

  constructor(code: RtcErrorCode, message: string, options: RtcErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = errorCatalogue[code].retryable;
    this.nativeCode = options.nativeCode;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Works across duplicate copies of the package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** The engine does not have the method; `engine.capabilities` tells beforehand. */
export class UnsupportedError extends RtcError {
  override readonly name = 'UnsupportedError';
  constructor(message: string) {
    super('ERR_RTC_UNSUPPORTED', message);
  }
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof RtcError && value.code === 'ERR_RTC_UNSUPPORTED';
  }
}
