import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeAuthority } from './certificates.js';
import { freePort } from './freePort.js';

export const siteFile = fileURLToPath(new URL('../../examples/deploy/nginx-site.conf', import.meta.url));

export interface NginxSite extends AsyncDisposable {
  httpUrl: string;
  httpsUrl: string;
  /** Certificate of the authority that signed the site's, a file. */
  caFile: string;
  ca: string;
  /** What `nginx -t` said. */
  tested: string;
  accessLog(): Promise<string>;
}

/** Replaces a text that must be there, so that a test of the example notices when the example changes under it. */
function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from))
    throw new Error(`examples/deploy/nginx-site.conf no longer has "${from}": the test must follow`);
  return text.replaceAll(from, to);
}

/** The site of examples/deploy in an nginx of its own, with nothing changed but ports, certificate and places of logs. */
export async function startNginxSite(upstreams: { service: number; flv: number }): Promise<NginxSite> {
  const folder = await mkdtemp(join(tmpdir(), 'rtcroom-site-'));
  const at = (name: string) => join(folder, name);
  await using authority = await makeAuthority();
  const { cert, key } = await authority.issue(['DNS:localhost', 'IP:127.0.0.1']);
  const [http, https] = [await freePort(), await freePort()];
  await Promise.all([
    writeFile(at('ca.pem'), authority.ca),
    writeFile(at('cert.pem'), cert),
    writeFile(at('key.pem'), key),
  ]);
  let site = await readFile(siteFile, 'utf8');
  site = replaced(site, 'server 127.0.0.1:5757;', `server 127.0.0.1:${upstreams.service};`);
  site = replaced(site, 'server 127.0.0.1:8935;', `server 127.0.0.1:${upstreams.flv};`);
  site = replaced(site, 'listen 80;', `listen 127.0.0.1:${http};`);
  site = replaced(site, 'listen 443 ssl;', `listen 127.0.0.1:${https} ssl;`);
  site = replaced(site, '/etc/letsencrypt/live/rooms.example.com/fullchain.pem', at('cert.pem'));
  site = replaced(site, '/etc/letsencrypt/live/rooms.example.com/privkey.pem', at('key.pem'));
  site = replaced(site, '/var/log/nginx/', `${folder}/`);
  await writeFile(at('site.conf'), site);
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${at(name)};`);
  const configuration = `daemon off; master_process off; pid ${at('nginx.pid')}; error_log ${at('error.log')};
events { worker_connections 256; }
http { ${paths.join(' ')} include ${at('site.conf')}; }
`;
  await writeFile(at('nginx.conf'), configuration);
  await mkdir(at('logs'));
  const args = ['-e', at('error.log'), '-p', folder, '-c', at('nginx.conf')];
  const remove = () => rm(folder, { recursive: true, force: true });
  let tested: string;
  try {
    tested = (await promisify(execFile)('nginx', ['-t', ...args])).stderr;
  } catch (cause) {
    await remove();
    throw new Error('nginx refuses the site of examples/deploy, or is not there: apt-get install nginx', { cause });
  }
  const child = spawn('nginx', args, { stdio: 'ignore' });
  const gone = once(child, 'close');
  const close = async () => {
    child.kill('SIGKILL');
    await gone;
    await remove();
  };
  try {
    await listening(https, child);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    httpUrl: `http://localhost:${http}`,
    httpsUrl: `https://localhost:${https}`,
    caFile: at('ca.pem'),
    ca: authority.ca,
    tested,
    accessLog: () => readFile(at('rtcroom.log'), 'utf8'),
    [Symbol.asyncDispose]: close,
  };
}

async function listening(port: number, child: { exitCode: number | null }): Promise<void> {
  const end = performance.now() + 10_000;
  while (performance.now() < end && child.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('nginx did not listen');
}
