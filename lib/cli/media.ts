import type { Command } from 'commander';
import { mediaOptionNames, type ServeConfig } from '../server/config/configOptions.js';
import { addConfigCommand, type ServiceArguments } from './service/configCommand.js';
import { runUntilEnd } from './service/runUntilEnd.js';

/** Adds `rtcroom media`: a media server alone, which `rtcroom serve` of other processes and machines use. */
export function registerMedia(program: Command): void {
  addConfigCommand(program, {
    name: 'media',
    description: 'run a media server alone, for room services with mediaServer shared, until SIGTERM or SIGINT',
    options: mediaOptionNames,
    run: serveMedia,
  });
}

async function serveMedia(given: ServiceArguments, config: ServeConfig, warnings: readonly string[]): Promise<void> {
  const { createLogger } = await import('../server/index.js');
  const { Media } = await import('./service/Media.js');
  const logger = createLogger({ level: config.logLevel });
  for (const warning of warnings) logger.warn({}, warning);
  const media = new Media(config, logger, 'embedded');
  await runUntilEnd({
    command: 'media',
    given,
    logger,
    shutdownDelayMs: config.shutdownDelayMs,
    gone: media.gone,
    start: async () => {
      await media.start();
      const { rtmpUrl, httpUrl: httpFlvUrl = null } = media.server;
      const addresses = { rtmpUrl, httpFlvUrl, mediaControlUrl: media.control?.address.url };
      if (given.json) return void process.stdout.write(`${JSON.stringify(addresses)}\n`);
      const lines = [
        `media (RTMP)        ${addresses.rtmpUrl}`,
        `media (HTTP-FLV)    ${addresses.httpFlvUrl}`,
        `media (control)     ${addresses.mediaControlUrl}`,
        'Ctrl-C ends it.',
      ];
      process.stdout.write(`${lines.join('\n')}\n`);
    },
    drain: () => media.control?.drain(),
    close: () => media.close(),
  });
}
