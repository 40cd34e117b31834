import { type Capabilities, type EngineInfo, loadAddon } from './addon.js';
import { nativeCall } from './nativeCalls.js';
import { chosenEngine } from './natives.js';
import { processCapabilities, processEngineInfo } from './process/processObjects.js';

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
 * Any engine in a child process, so that a crash inside it is an event and not the end of the application: the object then
 * emits PUSH_ERR_NET_DISCONNECT or PLAY_ERR_NET_DISCONNECT, its pending promises reject with ERR_RTC_ENGINE_DIED, and the
 * next start takes a fresh child, with everything set and opened as it was. A call that waits for a child that is stuck
 * throws ERR_RTC_TIMEOUT after 5 s (15 s while it starts), and the child is ended.
 */
export interface ProcessEngineOptions {
  name: 'process';
  /** What runs in the child; 'auto'. */
  engine?: InProcessEngine;
  /**
   * A child for each object instead of one for all that choose the same engine: a crash then ends one stream only, at the
   * price of a process a stream. False.
   */
  isolated?: boolean;
  /** Node.js for the child; this process's own program. For applications that are packed into a program of their own. */
  execPath?: string;
}

type InProcessEngine = 'auto' | 'embedded' | 'liteav' | EmbeddedEngineOptions | LiteavEngineOptions;

/**
 * 'embedded': FFmpeg's libraries, everywhere. 'liteav': Tencent's SDK, on Windows. 'auto': LiteAV where its library is
 * found, else the embedded one. 'process': the automatic choice in a child process.
 */
export type EngineChoice = InProcessEngine | 'process' | ProcessEngineOptions;

/** Name of the engine and the versions of what it is made of, for people. Of 'process', the engine in the child. */
export function engineInfo(engine?: EngineChoice): EngineInfo {
  const { process, native } = chosenEngine(engine);
  return process ? processEngineInfo(process) : nativeCall(() => loadAddon().engineInfo(native));
}

/** What the engine has: methods, sources, protocols, codecs. Of 'process', the engine in the child. */
export function capabilities(engine?: EngineChoice): Capabilities {
  const { process, native } = chosenEngine(engine);
  return process ? processCapabilities(process) : nativeCall(() => loadAddon().capabilities(native));
}

/**
 * The engine's clock: µs since 1970, taken once and advanced by the monotonic clock, so that it never steps. The synthetic
 * source draws it into its pictures; frames carry it as `decodedAtUs`.
 */
export function clockMicros(): number {
  return nativeCall(() => loadAddon().clockMicros());
}
