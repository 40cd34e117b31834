import { type Logger, silentLogger } from './logger.js';

const levels = ['error', 'warn', 'info', 'debug'] as const;
const made = new WeakSet<Logger>();

/**
 * The same logger, of which no call throws or rejects: lines are written in timers and in the midst of changes, where a fault of
 * the logger would end the process or leave a change half done. A process warning tells of the first fault.
 */
export function safeLogger(logger: Logger = silentLogger): Logger {
  if (logger === silentLogger || made.has(logger)) return logger;
  let isTold = false;
  const tell = (error: unknown) => {
    if (isTold) return;
    isTold = true;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.emitWarning(`the logger threw, and lines may be missing: ${text}`, { code: 'RTC_LOGGER_ERROR' });
  };
  const written = (level: (typeof levels)[number]) => (fields: object, message: string) => {
    try {
      const result: unknown = logger[level](fields, message);
      if (result instanceof Promise) result.catch(tell);
    } catch (error) {
      tell(error);
    }
  };
  const [error, warn, info, debug] = levels.map(written) as [Write, Write, Write, Write];
  const safe: Logger = {
    error,
    warn,
    info,
    debug,
    isLevelEnabled: (level) => {
      try {
        // A logger without it writes all that it gets.
        return logger.isLevelEnabled?.(level) !== false;
      } catch (fault) {
        tell(fault);
        return true;
      }
    },
  };
  made.add(safe);
  return safe;
}

type Write = Logger['error'];
