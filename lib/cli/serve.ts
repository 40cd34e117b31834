import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { optionNames, type ServeConfig } from '../server/config/configOptions.js';
import { addConfigCommand, type ServiceArguments } from './service/configCommand.js';
import { pick } from './service/pick.js';
import { runUntilEnd } from './service/runUntilEnd.js';

/** Adds `rtcroom serve`: the room service, with the embedded media server unless it is told of another one. */
export function registerServe(program: Command): void {
  addConfigCommand(program, {
    name: 'serve',
    description: 'run the room service, and its media server unless mediaServer names another, until SIGTERM or SIGINT',
    options: optionNames,
    run: serve,
  });
}

async function serve(given: ServiceArguments, config: ServeConfig, warnings: readonly string[]): Promise<void> {
  const generated = config.secretKey === undefined;
  const secretKey = config.secretKey ?? randomBytes(32).toString('hex');
  // The service's packages are loaded only here: other commands do not need them.
  const { createLogger, RoomService } = await import('../server/index.js');
  const { Media } = await import('./service/Media.js');
  const logger = createLogger({ level: config.logLevel });
  for (const warning of warnings) logger.warn({}, warning);
  const media = new Media(config, logger);
  let service: InstanceType<typeof RoomService> | undefined;
  await runUntilEnd({
    command: 'serve',
    given,
    logger,
    shutdownDelayMs: config.shutdownDelayMs,
    gone: media.gone,
    start: async () => {
      const { server } = media;
      service = new RoomService({ ...serviceOptions(config), media: server, secretKey, logger });
      await media.start();
      await service.listen({ host: config.host, port: config.port });
      const { url } = service.address;
      const addresses = {
        url,
        rtmpUrl: server.rtmpUrl,
        httpFlvUrl: server.httpUrl ?? null,
        ...(media.control && { mediaControlUrl: media.control.address.url }),
      };
      report(given, config, addresses, generated ? secretKey : undefined);
    },
    drain: () => {
      service?.drain();
      media.control?.drain();
    },
    close: async () => {
      await service?.close();
      await media.close();
    },
  });
}

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

interface Addresses {
  url: string;
  rtmpUrl: string;
  httpFlvUrl: string | null;
  /** Where other services can control the media server, if they can. */
  mediaControlUrl?: string;
}

/** `secretKey` only when it was made here: then it is nowhere else to be found. */
function report(
  given: ServiceArguments,
  { sdkAppID, development }: ServeConfig,
  { url, rtmpUrl, httpFlvUrl, mediaControlUrl }: Addresses,
  secretKey: string | undefined,
): void {
  const doubleRoom = `${url}/weapp/double_room`;
  const multiRoom = `${url}/weapp/multi_room`;
  if (given.json) {
    const line = { doubleRoom, multiRoom, rtmpUrl, httpFlvUrl, mediaControlUrl, sdkAppID, secretKey };
    process.stdout.write(`${JSON.stringify(line)}\n`);
    return;
  }
  const lines = [
    ['two-person rooms', doubleRoom],
    ['multi-person rooms', multiRoom],
    ['media (RTMP)', rtmpUrl],
    ['media (HTTP-FLV)', httpFlvUrl ?? 'none'],
    ...(mediaControlUrl === undefined ? [] : [['media (control)', mediaControlUrl]]),
    ['sdkAppID', String(sdkAppID)],
    ...(secretKey === undefined ? [] : [['secret key (new)', secretKey]]),
    ...(development ? [['login info', `${url}/weapp/utils/get_login_info?userID=alice`]] : []),
  ];
  for (const [name = '', value = ''] of lines) process.stdout.write(`${name.padEnd(20)}${value}\n`);
  process.stdout.write('Ctrl-C ends it.\n');
}
