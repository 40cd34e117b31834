import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { RtcError } from '../errors.js';

interface ServeOptions {
  host: string;
  port: number;
  publicHost?: string;
  rtmpPort: number;
  httpFlvPort: number;
  database: string;
  sdkAppId: number;
  secretKey?: string;
  maxMembers: number;
  creatorLeaveDissolves: boolean;
  development: boolean;
  json: boolean;
  logLevel: string;
}

/** Exit codes of the command line: 0 ok, 1 failure, 2 usage, 3 environment (a port is taken). */
const exitFailure = 1;
const exitUsage = 2;
const exitEnvironment = 3;

function integer(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Give an integer from ${min} to ${max}.`);
    }
    return value;
  };
}

function flag(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new InvalidArgumentError('Give true or false.');
}

/** Adds `rtcroom serve`: the room service with the embedded media server. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('run the room service and the embedded media server until SIGTERM or SIGINT')
    .option('--host <address>', 'address to listen on, for rooms and media', '127.0.0.1')
    .option('--port <number>', 'port of the room service; 0 takes a free one', integer(0, 65_535), 5757)
    .option('--public-host <name>', 'host in the stream addresses that clients get (needed with --host 0.0.0.0)')
    .option('--rtmp-port <number>', 'port of the media server; 0 takes a free one', integer(0, 65_535), 1935)
    .option('--http-flv-port <number>', 'HTTP-FLV port; 0 takes a free one', integer(0, 65_535), 8935)
    .option('--database <file>', 'SQLite file that survives a restart', ':memory:')
    .option('--sdk-app-id <number>', 'application id of the userSigs', integer(1, 4_294_967_295), 1_400_000_000)
    .addOption(
      new Option('--secret-key <key>', 'key of the userSigs, 16 characters or more; better by the environment').env(
        'RTCROOM_SECRET_KEY',
      ),
    )
    .option('--max-members <number>', 'seats of a multi_room', integer(2, 1000), 4)
    .option('--creator-leave-dissolves <bool>', "the creator's leaving ends the room", flag, true)
    .option(
      '--development',
      'makes a secret key when there is none, and signs for anybody at utils/get_login_info',
      false,
    )
    .option('--json', 'print the addresses, or the error, as one line of JSON', false)
    .addOption(
      new Option('--log-level <level>', 'least level logged, to standard error')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .addHelpText('after', '\nExit codes: 0 ended by a signal, 1 failure, 2 usage, 3 an address or port cannot be had')
    .action((options: ServeOptions) => serve(options));
}

/** Where a refusal goes, and the exit code it leaves. */
function fail(options: ServeOptions, exitCode: number, code: string, message: string): void {
  process.exitCode = exitCode;
  if (options.json) process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else process.stderr.write(`rtcroom serve: ${message}\n`);
}

async function serve(options: ServeOptions): Promise<void> {
  const generated = options.secretKey === undefined && options.development;
  const secretKey = generated ? randomBytes(32).toString('hex') : options.secretKey;
  if (secretKey === undefined) {
    const remedy = 'set RTCROOM_SECRET_KEY, give --secret-key, or try it with --development';
    fail(options, exitUsage, 'ERR_RTC_INVALID_ARGUMENT', `no secret key for userSigs: ${remedy}`);
    return;
  }
  if (['0.0.0.0', '::'].includes(options.host) && options.publicHost === undefined) {
    const remedy = 'give the name that clients reach this machine by with --public-host';
    fail(
      options,
      exitUsage,
      'ERR_RTC_INVALID_ARGUMENT',
      `--host ${options.host} is not an address to give away: ${remedy}`,
    );
    return;
  }
  // The service's packages are loaded only here: other commands do not need them.
  const { createLogger, defaultUrlValiditySeconds, EmbeddedMediaServer, RoomService } = await import(
    '../server/index.js'
  );
  const logger = createLogger({ level: options.logLevel });
  const ended = untilSignal();
  const { host, rtmpPort, httpFlvPort, port } = options;
  const media = new EmbeddedMediaServer({
    host,
    rtmpPort,
    httpPort: httpFlvPort,
    urlValiditySeconds: defaultUrlValiditySeconds,
    logger,
    ...(options.publicHost !== undefined && { publicHost: options.publicHost }),
  });
  let service: InstanceType<typeof RoomService> | undefined;
  try {
    service = new RoomService({
      media,
      sdkAppID: options.sdkAppId,
      secretKey,
      database: options.database,
      maxMembers: options.maxMembers,
      creatorLeaveDissolves: options.creatorLeaveDissolves,
      developmentLogin: options.development,
      logger,
    });
    await media.start();
    await service.listen({ host, port });
    report(
      options,
      { url: service.address.url, rtmpUrl: media.rtmpUrl, httpFlvUrl: media.httpUrl ?? null },
      generated ? secretKey : undefined,
    );
    const mediaGone = new Promise<RtcError>((resolve) => {
      media.on('exit', resolve);
    });
    const end = await Promise.race([ended.signal, mediaGone]);
    if (typeof end === 'string') logger.info({ signal: end }, 'ending');
    else fail(options, exitFailure, end.code, `the media server is gone: ${end.message}`);
  } catch (error) {
    const known = error instanceof RtcError;
    const environment = known && (error.code === 'ERR_RTC_MEDIA_SERVER' || isListenError(error.cause));
    const message = error instanceof Error ? error.message : String(error);
    fail(options, environment ? exitEnvironment : exitFailure, known ? error.code : 'ERR_RTC_INTERNAL', message);
  } finally {
    await service?.close();
    await media.close();
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

interface Addresses {
  url: string;
  rtmpUrl: string;
  httpFlvUrl: string | null;
}

/** `secretKey` only when it was made here: then it is nowhere else to be found. */
function report(options: ServeOptions, { url, rtmpUrl, httpFlvUrl }: Addresses, secretKey: string | undefined): void {
  const doubleRoom = `${url}/weapp/double_room`;
  const multiRoom = `${url}/weapp/multi_room`;
  if (options.json) {
    const line = { doubleRoom, multiRoom, rtmpUrl, httpFlvUrl, sdkAppID: options.sdkAppId, secretKey };
    process.stdout.write(`${JSON.stringify(line)}\n`);
    return;
  }
  const lines = [
    ['two-person rooms', doubleRoom],
    ['multi-person rooms', multiRoom],
    ['media (RTMP)', rtmpUrl],
    ['media (HTTP-FLV)', httpFlvUrl ?? 'none'],
    ['sdkAppID', String(options.sdkAppId)],
    ...(secretKey === undefined ? [] : [['secret key (new)', secretKey]]),
    ...(options.development ? [['login info', `${url}/weapp/utils/get_login_info?userID=alice`]] : []),
  ];
  for (const [name = '', value = ''] of lines) process.stdout.write(`${name.padEnd(20)}${value}\n`);
  process.stdout.write('Ctrl-C ends it.\n');
}
