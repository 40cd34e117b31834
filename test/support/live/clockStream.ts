import { afterAll, beforeAll } from 'vitest';
import type { EngineChoice } from '#lib/live/engine';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { type NginxRtmp, startNginxRtmp } from '../nginxRtmp.js';

/** 320 × 180 with clock and beeps through nginx-rtmp, while the tests of the suite that calls this run. */
export function useClockStream(engine: EngineChoice, name: string): { readonly url: string } {
  let server: NginxRtmp;
  const pusher = new TXLivePusher({ engine });
  const stream = { url: '' };
  beforeAll(async () => {
    server = await startNginxRtmp();
    stream.url = `${server.rtmpUrl}/${name}`;
    pusher.setVideoResolution(101);
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    await pusher.startPush(stream.url);
  });
  afterAll(async () => {
    await pusher.close();
    await server?.close();
  });
  return stream;
}
