import type { RtcError } from '../../errors.js';
import type { ServeConfig } from '../../server/config/configOptions.js';
import {
  EmbeddedMediaServer,
  ExternalMediaServer,
  type Logger,
  MediaControl,
  type MediaServer,
  RemoteMediaServer,
} from '../../server/index.js';
import { pick } from './pick.js';

/** The media server of a process, and its control by others. */
export class Media {
  readonly server: MediaServer;
  readonly control: MediaControl | undefined;
  /** Resolves when it died too often. */
  readonly gone: Promise<RtcError>;
  readonly #config: ServeConfig;

  /** The one that `mediaServer` names; `rtcroom media` has its own whatever stands there. */
  constructor(config: ServeConfig, logger: Logger, kind: ServeConfig['mediaServer'] = config.mediaServer) {
    this.#config = config;
    const { mediaControlKey: controlKey = '', mediaControlUrl: controlUrl = '' } = config;
    if (kind === 'embedded') {
      this.server = new EmbeddedMediaServer({ ...embeddedOptions(config), logger });
      if (controlKey !== '') this.control = new MediaControl({ media: this.server, controlKey, logger });
    } else if (kind === 'shared') {
      this.server = new RemoteMediaServer({ ...streamAddresses(config), controlUrl, controlKey, logger });
    } else this.server = new ExternalMediaServer(streamAddresses(config));
    this.gone = new Promise((resolve) => {
      this.server.on('exit', resolve);
    });
  }

  async start(): Promise<void> {
    const { mediaControlHost: host, mediaControlPort: port } = this.#config;
    await this.server.start();
    await this.control?.listen({ host, port });
  }

  async close(): Promise<void> {
    await this.control?.close();
    await this.server.close();
  }
}

/** Of a media server that runs elsewhere; that they are there was checked with the configuration. */
function streamAddresses(config: ServeConfig) {
  const { publicRtmpUrl = '', publicHttpFlvUrl, mediaPushKey = '', mediaPlayKey = '' } = config;
  return { rtmpUrl: publicRtmpUrl, httpUrl: publicHttpFlvUrl, pushKey: mediaPushKey, playKey: mediaPlayKey };
}

function embeddedOptions(config: ServeConfig) {
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
