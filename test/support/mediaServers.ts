import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { playUrl, pushUrl } from './mediaServer.js';
import { startNginxRtmp } from './nginxRtmp.js';

export interface AnyMediaServer extends AsyncDisposable {
  pushUrl(streamID: string): string;
  playUrl(streamID: string): string;
}

/** The servers that everything that pushes or plays is tested with. */
export const mediaServers: {
  name: string;
  /**
   * Whether a reader gets a picture with its first sound. nginx-rtmp has no GOP cache: ffmpeg begins at its second key
   * frame there even when it waited for the publisher (also with ffmpeg as the publisher), but with the first sound.
   */
  startsTogether: boolean;
  start(): Promise<AnyMediaServer>;
}[] = [
  {
    name: 'the embedded server',
    startsTogether: true,
    start: async () => {
      const media = new EmbeddedMediaServer();
      await media.start();
      return {
        pushUrl: (streamID) => pushUrl(media, streamID),
        playUrl: (streamID) => playUrl(media, streamID),
        [Symbol.asyncDispose]: () => media.close(),
      };
    },
  },
  {
    name: 'nginx-rtmp',
    startsTogether: false,
    start: async () => {
      const nginx = await startNginxRtmp();
      const url = (streamID: string) => `${nginx.rtmpUrl}/${streamID}`;
      return { pushUrl: url, playUrl: url, [Symbol.asyncDispose]: () => nginx.close() };
    },
  },
];
