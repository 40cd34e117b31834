/**
 * A clock of the application's, asked in timers and in the midst of changes: the system's takes its place where it throws or gives
 * no time. A process warning tells of the first fault.
 */
export function safeClock(clock: () => number): () => number {
  if (clock === Date.now) return clock;
  let isTold = false;
  return () => {
    let fault: unknown;
    try {
      const ms = clock();
      if (Number.isFinite(ms)) return ms;
      fault = `it gave ${String(ms)}`;
    } catch (error) {
      fault = error;
    }
    if (!isTold) {
      isTold = true;
      process.emitWarning(`the clock of the room service failed, the system's is used: ${String(fault)}`, {
        code: 'RTC_CLOCK_ERROR',
      });
    }
    return Date.now();
  };
}
