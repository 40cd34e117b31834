import type { Capabilities, EngineInfo, NativeHandler, NativeOptions, NativePlayer, NativePusher } from '../addon.js';
import { EngineHost, type ProcessEngine } from './EngineHost.js';
import { type Methods, playerMethods, pusherMethods } from './methods.js';
import { ProcessObject } from './ProcessObject.js';
import type { ObjectKind } from './protocol.js';

type Make<Native> = (engine: ProcessEngine, options: NativeOptions, handler: NativeHandler) => Native;

/** A class with the methods of the table, each of which asks the child. */
function makerOf<Native>(kind: ObjectKind, methods: Methods<Native>): Make<Native> {
  class Remote extends ProcessObject {}
  for (const [name, method] of Object.entries(methods) as [string, Methods<Native>[keyof Methods<Native>]][]) {
    Object.defineProperty(Remote.prototype, name, {
      value(this: ProcessObject, ...args: unknown[]) {
        return this.invoke(name, method, args);
      },
    });
  }
  return (engine, options, handler) => new Remote(kind, engine, options, handler) as unknown as Native;
}

export const createProcessPusher = makerOf<NativePusher>('pusher', pusherMethods);
export const createProcessPlayer = makerOf<NativePlayer>('player', playerMethods);

/** Of the engine that the child runs. */
export function processEngineInfo(engine: ProcessEngine): EngineInfo {
  return ask(engine, 'engineInfo') as EngineInfo;
}

export function processCapabilities(engine: ProcessEngine): Capabilities {
  return ask(engine, 'capabilities') as Capabilities;
}

function ask(engine: ProcessEngine, method: 'engineInfo' | 'capabilities'): unknown {
  return EngineHost.get(engine).callSync(0, method, { args: [engine.engine], payload: undefined });
}
