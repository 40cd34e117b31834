import { type Capabilities, loadAddon } from './addon.js';
import { nativeCall } from './nativeCalls.js';

export type { Capabilities } from './addon.js';

/** Name of the engine and the versions of what it is made of, for people. */
export function engineInfo(): { name: string; version: string } {
  return nativeCall(() => loadAddon().engineInfo());
}

/** What the engine has: methods, sources, protocols, codecs. */
export function capabilities(): Capabilities {
  return nativeCall(() => loadAddon().capabilities());
}

/**
 * The engine's clock: µs since 1970, taken once and advanced by the monotonic clock, so that it never steps. The synthetic
 * source draws it into its pictures; frames carry it as `decodedAtUs`.
 */
export function clockMicros(): number {
  return nativeCall(() => loadAddon().clockMicros());
}
