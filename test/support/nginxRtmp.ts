import { onLinux } from './linuxHost.js';
import { startNginx } from './nginx.mjs';

export interface NginxRtmp extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly rtmpUrl: string;
  close(): Promise<void>;
}

/** nginx-rtmp on a free port of 127.0.0.1; for tests inside Windows Node it runs on Linux. */
export async function startNginxRtmp(): Promise<NginxRtmp> {
  const { rtmpUrl, close } = (await onLinux<{ rtmpUrl: string }>('nginx')) ?? (await startNginx());
  return { rtmpUrl, close, [Symbol.asyncDispose]: close };
}
