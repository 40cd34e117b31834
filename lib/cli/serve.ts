import { randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { RtcError } from '../errors.js';
import {
  environmentName,
  flagName,
  type OptionName,
  optionNames,
  optionOf,
  type ServeConfig,
} from '../server/config/configOptions.js';

/** What commander leaves of the command line: texts, for the options of the service under commander's own names. */
interface ServeArguments {
  config?: string;
  printConfig: boolean;
  json: boolean;
  [flag: string]: unknown;
}

/** Exit codes of the command line: 0 ok, 1 failure, 2 usage, 3 environment (a port is taken). */
const exitFailure = 1;
const exitUsage = 2;
const exitEnvironment = 3;

const afterHelp = `
Flags override the environment, which overrides the file, which overrides the defaults.
Exit codes: 0 ended by a signal, 1 failure, 2 usage, 3 an address or port cannot be had`;

function helpOf(name: OptionName): string {
  const { about, default: value, unit } = optionOf(name);
  const shown = Array.isArray(value) ? value.join(',') : String(value);
  const standard = value === undefined ? '' : `default: ${shown}${unit === undefined ? '' : ` ${unit}`}, `;
  return `${about} (${standard}env: ${environmentName(name)})`;
}

function flagOf(name: OptionName): Option {
  const { schema } = optionOf(name);
  // A switch may stand alone for true.
  if (schema.type === 'boolean') return new Option(`${flagName(name)} [bool]`, helpOf(name)).preset('true');
  const value =
    'enum' in schema ? 'word' : schema.type === 'integer' ? 'number' : schema.type === 'array' ? 'list' : 'text';
  return new Option(`${flagName(name)} <${value}>`, helpOf(name));
}

/** Adds `rtcroom serve`: the room service with the embedded media server. */
export function registerServe(program: Command): void {
  const command = program
    .command('serve')
    .description('run the room service and the embedded media server until SIGTERM or SIGINT')
    .addOption(
      new Option('--config <file>', 'file of options, JSON; docs/room-service.md has them').env('RTCROOM_CONFIG'),
    )
    .option('--print-config', 'print the options in force, secrets redacted, and end', false)
    .option('--json', 'print the addresses, or the error, as one line of JSON', false)
    .addHelpText('after', afterHelp);
  const flags = optionNames.map((name) => ({ name, option: flagOf(name) }));
  for (const { option } of flags) command.addOption(option);
  command.action((given: ServeArguments) => {
    const texts = flags.map(({ name, option }) => [name, given[option.attributeName()]] as const);
    return serve(given, Object.fromEntries(texts.filter(([, text]) => text !== undefined)));
  });
}

/** Where a refusal goes, and the exit code it leaves. */
function fail(given: ServeArguments, exitCode: number, code: string, message: string): void {
  process.exitCode = exitCode;
  if (given.json) process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else process.stderr.write(`rtcroom serve: ${message}\n`);
}

async function serve(given: ServeArguments, flags: { [Name in OptionName]?: string }): Promise<void> {
  const { redacted, resolveConfig } = await import('../server/config/resolveConfig.js');
  let config: ServeConfig;
  let warnings: string[];
  try {
    ({ config, warnings } = await resolveConfig({ file: given.config, environment: process.env, flags }));
  } catch (error) {
    if (!(error instanceof RtcError)) throw error;
    fail(given, exitUsage, error.code, error.message);
    return;
  }
  if (given.printConfig) {
    process.stdout.write(`${JSON.stringify(redacted(config), null, 2)}\n`);
    return;
  }
  const generated = config.secretKey === undefined;
  const secretKey = config.secretKey ?? randomBytes(32).toString('hex');
  // The service's packages are loaded only here: other commands do not need them.
  const { createLogger, EmbeddedMediaServer, RoomService } = await import('../server/index.js');
  const logger = createLogger({ level: config.logLevel });
  for (const warning of warnings) logger.warn({}, warning);
  const ended = untilSignal();
  const media = new EmbeddedMediaServer({ ...mediaOptions(config), logger });
  let service: InstanceType<typeof RoomService> | undefined;
  try {
    service = new RoomService({ ...serviceOptions(config), media, secretKey, logger });
    await media.start();
    await service.listen({ host: config.host, port: config.port });
    report(
      given,
      config,
      { url: service.address.url, rtmpUrl: media.rtmpUrl, httpFlvUrl: media.httpUrl ?? null },
      generated ? secretKey : undefined,
    );
    const mediaGone = new Promise<RtcError>((resolve) => {
      media.on('exit', resolve);
    });
    const end = await Promise.race([ended.signal, mediaGone]);
    if (typeof end === 'string') {
      logger.info({ signal: end, delayMs: config.shutdownDelayMs }, 'ending');
      service.drain();
      await new Promise((resolve) => setTimeout(resolve, config.shutdownDelayMs));
    } else fail(given, exitFailure, end.code, `the media server is gone: ${end.message}`);
  } catch (error) {
    const known = error instanceof RtcError;
    const environment = known && (environmentCodes.has(error.code) || isListenError(error.cause));
    const message = error instanceof Error ? error.message : String(error);
    fail(given, environment ? exitEnvironment : exitFailure, known ? error.code : 'ERR_RTC_INTERNAL', message);
  } finally {
    await service?.close();
    await media.close();
    ended.dispose();
  }
}

/** What is there, or not, around the program. */
const environmentCodes: ReadonlySet<string> = new Set(['ERR_RTC_MEDIA_SERVER', 'ERR_RTC_STORE_UNAVAILABLE']);

/** The options of the configuration that are the room service's, by its names. */
function serviceOptions(config: ServeConfig) {
  const { urlValiditySeconds, development, shutdownGraceMs } = config;
  return {
    ...pick(config, [
      'database',
      'sdkAppID',
      'bizid',
      'maxMembers',
      'maxLivePushers',
      'maxAudience',
      'audienceTimeoutMs',
      'creatorLeaveDissolves',
      'createMissingRooms',
      'heartbeatTimeoutMs',
      'sweepIntervalMs',
      'pendingRoomTimeoutMs',
      'tokenTtlMs',
      'bodyLimit',
      'requestTimeoutMs',
      'maxConnections',
      'loginsPerMinute',
      'requestsPerMinute',
      'sendRatePerSecond',
      'roomRatePerSecond',
      'pingIntervalMs',
      'maxStreamBufferBytes',
      'testUrls',
      'allowOrigin',
      'trustedProxies',
    ]),
    urlValidityMs: urlValiditySeconds * 1000,
    developmentLogin: development,
    closeGraceMs: shutdownGraceMs,
    ...(config.tencentIm && { tencentIm: tencentImOptions(config) }),
    ...(config.redis !== undefined && { redis: config.redis }),
    ...(config.redisKeyPrefix !== undefined && { redisKeyPrefix: config.redisKeyPrefix }),
    ...(config.adminKey !== undefined && { adminKey: config.adminKey }),
    ...(config.userSigPublicKey !== undefined && { userSigPublicKey: config.userSigPublicKey }),
  };
}

function tencentImOptions(config: ServeConfig) {
  return {
    url: config.tencentImUrl,
    admin: config.tencentImAdmin,
    notices: config.tencentImNotices,
    callsPerSecond: config.tencentImCallsPerSecond,
    maxQueued: config.tencentImMaxQueued,
    timeoutMs: config.tencentImTimeoutMs,
  };
}

/** The same of the media server. */
function mediaOptions(config: ServeConfig) {
  const { publicHost, publicRtmpUrl, publicHttpFlvUrl, mediaPushKey, mediaPlayKey } = config;
  return {
    ...pick(config, ['rtmpPort', 'urlValiditySeconds']),
    host: config.mediaHost ?? config.host,
    httpPort: config.httpFlvPort,
    maxConnections: config.mediaMaxConnections,
    maxMemoryMb: config.mediaMaxMemoryMb,
    ...(publicHost !== undefined && { publicHost }),
    ...(publicRtmpUrl !== undefined && { publicRtmpUrl }),
    ...(publicHttpFlvUrl !== undefined && { publicHttpUrl: publicHttpFlvUrl }),
    ...(mediaPushKey !== undefined && { pushKey: mediaPushKey }),
    ...(mediaPlayKey !== undefined && { playKey: mediaPlayKey }),
  };
}

function pick<Name extends OptionName>(config: ServeConfig, names: readonly Name[]): Pick<ServeConfig, Name> {
  return Object.fromEntries(names.map((name) => [name, config[name]])) as Pick<ServeConfig, Name>;
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
function report(
  given: ServeArguments,
  { sdkAppID, development }: ServeConfig,
  { url, rtmpUrl, httpFlvUrl }: Addresses,
  secretKey: string | undefined,
): void {
  const doubleRoom = `${url}/weapp/double_room`;
  const multiRoom = `${url}/weapp/multi_room`;
  if (given.json) {
    const line = { doubleRoom, multiRoom, rtmpUrl, httpFlvUrl, sdkAppID, secretKey };
    process.stdout.write(`${JSON.stringify(line)}\n`);
    return;
  }
  const lines = [
    ['two-person rooms', doubleRoom],
    ['multi-person rooms', multiRoom],
    ['media (RTMP)', rtmpUrl],
    ['media (HTTP-FLV)', httpFlvUrl ?? 'none'],
    ['sdkAppID', String(sdkAppID)],
    ...(secretKey === undefined ? [] : [['secret key (new)', secretKey]]),
    ...(development ? [['login info', `${url}/weapp/utils/get_login_info?userID=alice`]] : []),
  ];
  for (const [name = '', value = ''] of lines) process.stdout.write(`${name.padEnd(20)}${value}\n`);
  process.stdout.write('Ctrl-C ends it.\n');
}
