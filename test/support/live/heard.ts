import type { EventEmitter } from 'eventemitter3';
import { deadlineMs } from './child.js';

type Values<Map, Name extends keyof Map> = Map[Name] extends (value: infer Value) => void ? Value : never;

/** The first event of that name from now on; rejects at the deadline, which has room for the start of a process. */
export function heard<Map extends object, Name extends keyof Map & string>(
  emitter: Pick<EventEmitter<Map>, 'once'>,
  name: Name,
  limitMs = 2 * deadlineMs,
): Promise<Values<Map, Name>> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error(`no ${name} within ${limitMs} ms`)), limitMs);
    (emitter as EventEmitter).once(name, (value: Values<Map, Name>) => {
      clearTimeout(deadline);
      resolve(value);
    });
  });
}
