import { once } from 'node:events';
import { accessSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTool, type ToolRun } from './ffmpeg.js';

/** Where Debian's libnginx-mod-rtmp puts its module. */
const modulePath = '/usr/lib/nginx/modules/ngx_rtmp_module.so';
const startDeadlineMs = 5000;
const attempts = 5;

export interface NginxRtmp extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly rtmpUrl: string;
  close(): Promise<void>;
}

/** nginx with the RTMP module on a free port of 127.0.0.1, as one process that ends with the tests. */
export async function startNginxRtmp(): Promise<NginxRtmp> {
  try {
    accessSync(modulePath);
  } catch (cause) {
    throw new Error('nginx-rtmp is not there: install it with "apt-get install nginx libnginx-mod-rtmp"', { cause });
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce();
    } catch (error) {
      if (attempt === attempts) throw error; // another program may have taken the port meanwhile
    }
  }
}

async function startOnce(): Promise<NginxRtmp> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'rtcroom-nginx-'));
  const configPath = join(directory, 'nginx.conf');
  await writeFile(configPath, config(directory, port));
  const run = startTool('nginx', ['-e', join(directory, 'error.log'), '-p', directory, '-c', configPath], {
    deadlineMs: 600_000,
  });
  const close = async () => {
    run.kill();
    await run.done.catch(() => {});
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await listening(port, run);
  } catch (error) {
    await close();
    throw error;
  }
  return { rtmpUrl: `rtmp://127.0.0.1:${port}/live`, close, [Symbol.asyncDispose]: close };
}

function config(directory: string, port: number): string {
  return `
load_module ${modulePath};
daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log notice;
events { worker_connections 64; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    chunk_size 4096;
    application live { live on; record off; publish_notify on; }
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(port: number, run: ToolRun): Promise<void> {
  let ended: string | undefined;
  run.done.then(
    ({ stderr }) => {
      ended = stderr;
    },
    (error) => {
      ended = String(error);
    },
  );
  const end = performance.now() + startDeadlineMs;
  while (performance.now() < end) {
    if (ended !== undefined) throw new Error(`nginx ended: ${ended}`);
    const socket = connect(port, '127.0.0.1');
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nginx did not listen within ${startDeadlineMs} ms`);
}
