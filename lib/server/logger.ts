import { type DestinationStream, pino } from 'pino';

/** What the service needs of a logger; a pino logger is one. */
export interface Logger {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  /** False: lines of that level are not written, and need not be made. Without it they are made. */
  isLevelEnabled?(level: string): boolean;
}

const nothing = () => {};

/** The default of the library: says nothing. */
export const silentLogger: Logger = {
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  isLevelEnabled: () => false,
};

const secretNames = [
  'userSig',
  'token',
  'secretKey',
  'pushKey',
  'playKey',
  'mediaPushKey',
  'mediaPlayKey',
  'mediaControlKey',
  'controlKey',
  'adminKey',
  'authorization',
  'txSecret',
  'pushURL',
  'accelerateURL',
  'proxy',
  'password',
];

/** Cuts query and user off every URL inside a text, so that no signature, token or password in one is ever written. */
export function withoutQueries(text: string): string {
  return text
    .replace(/(:\/\/)[^\s/?#"'<>]*@/g, '$1…@')
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s?"'<>]*|\/[^\s?"'<>]*)\?[^\s"'<>]*/gi, '$1?…');
}

export interface CreateLoggerOptions {
  /** Least level written: 'error', 'warn', 'info', 'debug' or 'silent'. Default 'info'. */
  level?: string;
  /** Where lines go. Default: standard error. */
  destination?: DestinationStream;
}

/** A pino logger that writes no secret: named fields are removed, URLs lose their query. */
export function createLogger(options: CreateLoggerOptions = {}): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
      formatters: {
        log: (fields) =>
          Object.fromEntries(
            Object.entries(fields).map(([name, value]) => [
              name,
              typeof value === 'string' ? withoutQueries(value) : value,
            ]),
          ),
      },
      serializers: {
        err: (error: Error & { code?: unknown }) => ({
          type: error.name,
          code: error.code,
          message: withoutQueries(String(error.message)),
          stack: withoutQueries(String(error.stack ?? '')),
        }),
      },
      hooks: {
        logMethod(args, method) {
          const masked = args.map((arg) => (typeof arg === 'string' ? withoutQueries(arg) : arg));
          method.apply(this, masked as typeof args);
        },
      },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
