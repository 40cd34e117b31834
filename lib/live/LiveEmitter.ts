import type { EventEmitter } from 'eventemitter3';
import { SafeEmitter } from '../SafeEmitter.js';
import type { LiveEvent, LiveEventName } from './events.js';
import type { LiveStatus } from './status.js';

/** What pusher and player emit: every event as 'event' and by its own name, the status, and failures of listeners. */
export type LiveEvents<Name extends LiveEventName> = {
  event: (event: LiveEvent<Name>) => void;
  status: (status: LiveStatus) => void;
  /** A listener of `eventName` threw or rejected; without a listener here it becomes a process warning. */
  listenerError: (error: unknown, eventName: string) => void;
} & { [Each in Name]: (event: LiveEvent<Each>) => void };

/** A listener that throws breaks neither the other listeners nor the object. */
export class LiveEmitter<Events extends EventEmitter.ValidEventTypes> extends SafeEmitter<Events> {
  protected override onListenerError(error: unknown, eventName: string): void {
    const reporter = this as unknown as SafeEmitter<{ listenerError: (error: unknown, eventName: string) => void }>;
    if (eventName === 'listenerError' || reporter.listenerCount('listenerError') === 0) {
      super.onListenerError(error, eventName);
    } else {
      reporter.emit('listenerError', error, eventName);
    }
  }
}

/** As 'event' and by its own name. */
export function emitEvent<Name extends LiveEventName>(emitter: unknown, event: LiveEvent): void {
  const target = emitter as SafeEmitter<Record<string, (event: LiveEvent<Name>) => void>>;
  target.emit('event', event as LiveEvent<Name>);
  target.emit(event.name, event as LiveEvent<Name>);
}
