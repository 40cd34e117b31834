import { type Capabilities, type EngineInfo, loadAddon } from './addon.js';
import { nativeCall } from './nativeCalls.js';
import { nativeEngine } from './natives.js';

export type { Capabilities, EngineInfo } from './addon.js';

export interface EmbeddedEngineOptions {
  name: 'embedded';
}

/** Tencent's LiteAV SDK, which is put on the machine by its owner; Windows only. */
export interface LiteavEngineOptions {
  name: 'auto' | 'liteav';
  /** liteav.dll or its folder. Default: the variable LITEAV_SDK_DIR, then beside the application, then beside the addon. */
  sdkPath?: string;
  /** Use a revision of the SDK that this version does not know, with the methods that all known ones share; false. */
  allowUnknownRevision?: boolean;
  /** As Tencent's console gives it. Never logged. */
  licence?: { url: string; key: string };
}

/**
 * 'embedded': FFmpeg's libraries, everywhere. 'liteav': Tencent's SDK, on Windows. 'auto': LiteAV where its library is
 * found, else the embedded one.
 */
export type EngineChoice = 'auto' | 'embedded' | 'liteav' | EmbeddedEngineOptions | LiteavEngineOptions;

/** Name of the engine and the versions of what it is made of, for people. */
export function engineInfo(engine?: EngineChoice): EngineInfo {
  return nativeCall(() => loadAddon().engineInfo(nativeEngine(engine)));
}

/** What the engine has: methods, sources, protocols, codecs. */
export function capabilities(engine?: EngineChoice): Capabilities {
  return nativeCall(() => loadAddon().capabilities(nativeEngine(engine)));
}

/**
 * The engine's clock: µs since 1970, taken once and advanced by the monotonic clock, so that it never steps. The synthetic
 * source draws it into its pictures; frames carry it as `decodedAtUs`.
 */
export function clockMicros(): number {
  return nativeCall(() => loadAddon().clockMicros());
}
