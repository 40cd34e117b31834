import { RtcError } from '../errors.js';
import {
  loadAddon,
  type NativeEngine,
  type NativeHandler,
  type NativeOptions,
  type NativePlayer,
  type NativePusher,
} from './addon.js';
import type { EngineChoice, ProcessEngineOptions } from './engine.js';
import { nativeCall } from './nativeCalls.js';
import type { PlayerOptions, PusherOptions } from './options.js';
import type { ProcessEngine } from './process/EngineHost.js';
import { createProcessPlayer, createProcessPusher } from './process/processObjects.js';

export function createPusher(options: PusherOptions, handler: NativeHandler): NativePusher {
  const { process, native } = chosenEngine(plainOptions(options).engine);
  const nativeOptions: NativeOptions = { ...options, engine: native };
  if (process) return createProcessPusher(process, nativeOptions, handler);
  return nativeCall(() => new (loadAddon().Pusher)(nativeOptions, handler));
}

export function createPlayer(options: PlayerOptions, handler: NativeHandler): NativePlayer {
  const { process, native } = chosenEngine(plainOptions(options).engine);
  const nativeOptions: NativeOptions = { ...options, engine: native };
  if (process) return createProcessPlayer(process, nativeOptions, handler);
  return nativeCall(() => new (loadAddon().Player)(nativeOptions, handler));
}

function plainOptions<T>(options: T): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new RtcError('ERR_RTC_INVALID_ARGUMENT', 'options must be an object');
  }
  return options;
}

/** The application's choice: the engine as the addon is told of it, and the child process that it shall run in. */
export function chosenEngine(choice: EngineChoice = 'auto'): { native: NativeEngine; process?: ProcessEngine } {
  if (!isProcess(choice)) return { native: nativeEngine(choice) };
  const { engine = 'auto', isolated = false, execPath = process.execPath } = choice === 'process' ? {} : choice;
  if (isProcess(engine)) {
    throw new RtcError('ERR_RTC_INVALID_ARGUMENT', "the engine in a process must be 'auto', 'embedded' or 'liteav'");
  }
  if (typeof isolated !== 'boolean' || typeof execPath !== 'string' || execPath === '' || execPath.includes('\0')) {
    throw new RtcError('ERR_RTC_INVALID_ARGUMENT', 'isolated must be a boolean, execPath the path of a program');
  }
  const native = nativeEngine(engine);
  return { native, process: { engine: native, isolated, execPath } };
}

function isProcess(choice: EngineChoice): choice is 'process' | (ProcessEngineOptions & { name: 'process' }) {
  return choice === 'process' || (typeof choice === 'object' && choice?.name === 'process');
}

function nativeEngine(choice: Exclude<EngineChoice, 'process' | ProcessEngineOptions>): NativeEngine {
  if (typeof choice === 'string') return { name: choice };
  if (typeof choice !== 'object' || typeof choice?.name !== 'string') {
    throw new RtcError(
      'ERR_RTC_INVALID_ARGUMENT',
      "engine must be 'auto', 'embedded', 'liteav', 'process' or an object with its name",
    );
  }
  if (choice.name === 'embedded') return { name: choice.name };
  const { licence, ...rest } = choice;
  return licence ? { ...rest, licenceUrl: licence.url, licenceKey: licence.key } : rest;
}
