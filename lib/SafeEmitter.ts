import { EventEmitter } from 'eventemitter3';

/**
 * An emitter whose listeners cannot break what emits: one that throws (or rejects) is reported to `onListenerError`, and
 * the others still hear the event. The `context` argument of eventemitter3 is not used: listeners are called with the
 * emitter as `this`.
 */
export class SafeEmitter<Events extends EventEmitter.ValidEventTypes> extends EventEmitter<Events> {
  override emit<Name extends EventEmitter.EventNames<Events>>(
    name: Name,
    ...args: EventEmitter.EventArgs<Events, Name>
  ): boolean {
    const listeners = this.listeners(name);
    for (const listener of listeners) {
      // Takes only those away that were added by once().
      this.removeListener(name, listener, undefined, true);
      try {
        const result: unknown = (listener as (...values: unknown[]) => unknown).apply(this, args);
        if (result instanceof Promise) result.catch((error: unknown) => this.onListenerError(error, String(name)));
      } catch (error) {
        this.onListenerError(error, String(name));
      }
    }
    return listeners.length > 0;
  }

  /** Where a throwing listener is reported; by default a process warning. */
  protected onListenerError(error: unknown, eventName: string): void {
    warnOfListener(error, eventName);
  }
}

export function warnOfListener(error: unknown, eventName: string): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.emitWarning(`a listener of '${eventName}' threw: ${text}`, { code: 'RTC_LISTENER_ERROR' });
}
