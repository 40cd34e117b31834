import { RtcError } from '../errors.js';
import {
  loadAddon,
  type NativeEngine,
  type NativeHandler,
  type NativeOptions,
  type NativePlayer,
  type NativePusher,
} from './addon.js';
import type { EngineChoice } from './engine.js';
import { nativeCall } from './nativeCalls.js';
import type { PlayerOptions, PusherOptions } from './options.js';

export function createPusher(options: PusherOptions, handler: NativeHandler): NativePusher {
  return nativeCall(() => new (loadAddon().Pusher)(nativeOptions(options), handler));
}

export function createPlayer(options: PlayerOptions, handler: NativeHandler): NativePlayer {
  return nativeCall(() => new (loadAddon().Player)(nativeOptions(options), handler));
}

function nativeOptions(options: PusherOptions | PlayerOptions): NativeOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new RtcError('ERR_RTC_INVALID_ARGUMENT', 'options must be an object');
  }
  return { ...options, engine: nativeEngine(options.engine) };
}

/** What the addon is told of the application's choice. */
export function nativeEngine(choice: EngineChoice = 'auto'): NativeEngine {
  if (typeof choice === 'string') return { name: choice };
  if (typeof choice !== 'object' || typeof choice?.name !== 'string') {
    throw new RtcError(
      'ERR_RTC_INVALID_ARGUMENT',
      "engine must be 'auto', 'embedded', 'liteav' or an object with its name",
    );
  }
  if (choice.name === 'embedded') return { name: choice.name };
  const { licence, ...rest } = choice;
  return licence ? { ...rest, licenceUrl: licence.url, licenceKey: licence.key } : rest;
}
