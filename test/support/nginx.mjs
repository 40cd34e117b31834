import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Debian's libnginx-mod-rtmp puts its module. */
const modulePath = '/usr/lib/nginx/modules/ngx_rtmp_module.so';
const startDeadlineMs = 5000;
const attempts = 5;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * nginx with the RTMP module on a free port of 127.0.0.1, as one process that ends with this one.
 * @param {{ host: string, port: number, wrap(command: string[]): string[] }} [elsewhere] on another host, where that
 * port is free; `wrap` gives the command that runs one there
 * @param {{ dropIdlePublisherMs?: number }} [options] a stream's name is free again when its publisher is silent for so long
 * @returns {Promise<{ rtmpUrl: string, close(): Promise<void> }>}
 */
export async function startNginx(elsewhere, options = {}) {
  try {
    accessSync(modulePath);
  } catch (cause) {
    throw new Error('nginx-rtmp is not there: install it with "apt-get install nginx libnginx-mod-rtmp"', { cause });
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(elsewhere, options);
    } catch (error) {
      if (attempt === attempts) throw error; // another program may have taken the port meanwhile
    }
  }
}

/** @param {Parameters<typeof startNginx>[0]} elsewhere @param {{ dropIdlePublisherMs?: number }} options */
async function startOnce(elsewhere, options) {
  const { host, port, wrap } = elsewhere ?? { host: '127.0.0.1', port: await freePort(), wrap: (command) => command };
  const directory = await mkdtemp(join(tmpdir(), 'rtcroom-nginx-'));
  const configPath = join(directory, 'nginx.conf');
  const log = join(directory, 'error.log');
  await writeFile(configPath, config(directory, host, port, options));
  const [program, ...args] = wrap(['nginx', '-e', log, '-p', directory, '-c', configPath]);
  const child = spawn(program, args, { stdio: 'ignore' });
  running.add(child);
  let failure;
  const ended = new Promise((resolve) => {
    child.once('error', (error) => {
      failure = error;
      resolve(undefined);
    });
    child.once('close', resolve);
  });
  void ended.then(() => running.delete(child));
  const close = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await listening(host, port, child, () => failure);
  } catch (error) {
    const text = await readFile(log, 'utf8').catch(() => '');
    await close();
    throw new Error(`nginx did not start: ${text}`, { cause: error });
  }
  return { rtmpUrl: `rtmp://${host}:${port}/live`, close };
}

/** @param {string} directory @param {string} host @param {number} port @param {{ dropIdlePublisherMs?: number }} options */
function config(directory, host, port, { dropIdlePublisherMs }) {
  const idle = dropIdlePublisherMs === undefined ? '' : `drop_idle_publisher ${dropIdlePublisherMs}ms;`;
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
    listen ${host}:${port};
    chunk_size 4096;
    application live { live on; record off; publish_notify on; ${idle} }
  }
}
`;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** @param {string} host @param {number} port @param {import('node:child_process').ChildProcess} child @param {() => Error | undefined} failure */
async function listening(host, port, child, failure) {
  const end = performance.now() + startDeadlineMs;
  while (performance.now() < end) {
    if (failure() || child.exitCode !== null || child.signalCode !== null) {
      throw failure() ?? new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    }
    const socket = connect(port, host);
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`it did not listen within ${startDeadlineMs} ms`);
}
