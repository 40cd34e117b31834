import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** RTMP version 3, then a time and a filling: what opens a handshake. */
const helloLength = 1 + 1536;

/** Where a server that listens on every address can be reached from the machine itself. */
function reachable(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
}

async function connected(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: reachable(host), port, signal });
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (cause) {
    socket.destroy();
    const code = (cause as NodeJS.ErrnoException).code ?? 'no answer';
    throw new Error(`the media server's port ${port} takes no connection (${code})`, { cause });
  }
}

/** Rejects unless something listens there. */
export async function probeTcp(host: string, port: number, signal: AbortSignal): Promise<void> {
  (await connected(host, port, signal)).destroy();
}

/** Rejects unless an RTMP server answers a handshake there. */
export async function probeRtmp(host: string, port: number, signal: AbortSignal): Promise<void> {
  const socket = await connected(host, port, signal);
  // It may be reset while it is destroyed.
  socket.on('error', () => undefined);
  try {
    const hello = Buffer.alloc(helloLength);
    hello[0] = 3;
    socket.write(hello);
    const first = await Promise.race([
      once(socket, 'data', { signal }).then(([data]) => (data as Buffer)[0]),
      once(socket, 'close', { signal }).then(() => undefined),
    ]);
    if (first !== 3) throw new Error(`the media server's port ${port} answers no RTMP handshake`);
  } finally {
    socket.destroy();
  }
}
