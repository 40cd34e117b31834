import { RtcError } from '../../errors.js';
import type { Logger } from '../../server/logger.js';
import { exitCodes } from '../exitCodes.js';
import { fail } from './fail.js';

export interface RunOptions {
  command: string;
  given: { json: boolean };
  logger: Logger;
  shutdownDelayMs: number;
  start: () => Promise<void>;
  /** Resolves when it cannot go on. */
  gone: Promise<RtcError>;
  /** Says that it ends; everything goes on for `shutdownDelayMs`. */
  drain: () => void;
  close: () => Promise<void>;
}

/** What is there, or not, around the program. */
const environmentCodes: ReadonlySet<string> = new Set(['ERR_RTC_MEDIA_SERVER', 'ERR_RTC_STORE_UNAVAILABLE']);

/** Runs it until SIGTERM or SIGINT, or until it cannot go on, and leaves the exit code. */
export async function runUntilEnd(options: RunOptions): Promise<void> {
  const { command, given, logger, shutdownDelayMs } = options;
  const ended = untilSignal();
  try {
    await options.start();
    const end = await Promise.race([ended.signal, options.gone]);
    if (typeof end === 'string') {
      logger.info({ signal: end, delayMs: shutdownDelayMs }, 'ending');
      options.drain();
      await new Promise((resolve) => setTimeout(resolve, shutdownDelayMs));
    } else fail(command, given, exitCodes.failure, end.code, `the media server is gone: ${end.message}`);
  } catch (error) {
    const known = error instanceof RtcError;
    const environment = known && (environmentCodes.has(error.code) || isListenError(error.cause));
    const message = error instanceof Error ? error.message : String(error);
    const exitCode = environment ? exitCodes.environment : exitCodes.failure;
    fail(command, given, exitCode, known ? error.code : 'ERR_RTC_INTERNAL', message);
  } finally {
    await options.close();
    ended.dispose();
  }
}

function isListenError(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    'syscall' in cause &&
    (cause.syscall === 'listen' || cause.syscall === 'bind' || cause.syscall === 'getaddrinfo')
  );
}

/** Resolves at the first SIGTERM or SIGINT; a second one kills the process as if nobody had listened. */
function untilSignal() {
  const names = ['SIGTERM', 'SIGINT'] as const;
  let first = true;
  let resolve: (name: string) => void = () => {};
  const signal = new Promise<string>((done) => {
    resolve = done;
  });
  const onSignal = (name: NodeJS.Signals) => {
    if (!first) {
      dispose();
      process.kill(process.pid, name);
      return;
    }
    first = false;
    resolve(name);
  };
  const dispose = () => {
    for (const name of names) process.off(name, onSignal);
  };
  for (const name of names) process.on(name, onSignal);
  return { signal, dispose };
}
