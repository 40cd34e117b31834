/**
 * The program of the media server's child process: node-media-server's RTMP and broadcast behind our own listeners and
 * guards. It is configured over its channel and ends with it, so it never outlives its parent, however that ends.
 */
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import type { FromChild, MediaServerConfig, ToChild } from './mediaServerMessages.js';
import { aliveIntervalMs } from './mediaServerMessages.js';

const deadlineCheckMs = 200;

if (!process.send) {
  process.stderr.write('This program is started by EmbeddedMediaServer, not by hand.\n');
  process.exit(64);
}

function report(message: FromChild): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {}); // a broken channel ends us anyway
}

function die(message: string, code?: string): void {
  // the exit waits for the report, but not for long
  setTimeout(() => process.exit(1), 500);
  process.send?.({ type: 'failed', code, message } satisfies FromChild, undefined, undefined, () => process.exit(1));
}

process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {}); // Ctrl-C reaches the whole group: the parent decides
process.on('uncaughtException', (error) => die(`fault of the media server: ${error.stack ?? error.message}`));
process.on('unhandledRejection', (error) => die(`fault of the media server: ${String(error)}`));

/** Commands that come while it starts wait for it. */
let serving: Promise<Serve> | undefined;

process.on('message', (message: ToChild) => {
  if (message.type === 'close') process.exit(0);
  if (message.type === 'configure') {
    serving ??= run(message.config);
    serving.catch((error: NodeJS.ErrnoException) => die(error.message, error.code));
  } else {
    serving?.then(
      (serve) => serve(message),
      () => {}, // told above
    );
  }
});

type Serve = (message: Extract<ToChild, { type: 'cut' | 'revoke' }>) => void;

async function run(config: MediaServerConfig): Promise<Serve> {
  // here, so that a node-media-server that does not fit is reported and not just an exit
  const [{ Streams }, { RtmpConnection }, { HttpFlv }] = await Promise.all([
    import('./Streams.js'),
    import('./RtmpConnection.js'),
    import('./HttpFlv.js'),
  ]);
  const streams = new Streams({ ...config, report });
  for (const [streamID, untilSeconds] of config.revocations) streams.revoke(streamID, untilSeconds);

  let connectionCount = 0;
  const admit = (socket: import('node:net').Socket): boolean => {
    if (connectionCount >= config.maxConnections) {
      socket.on('error', () => {});
      socket.resetAndDestroy();
      return false;
    }
    connectionCount++;
    socket.once('close', () => connectionCount--);
    return true;
  };

  const connections = new Set<InstanceType<typeof RtmpConnection>>();
  const rtmp = createServer((socket) => {
    if (!admit(socket)) return;
    const connection = new RtmpConnection(socket, streams, config);
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  });
  const http = new HttpFlv(streams, config);
  http.server.on('connection', admit);

  const rtmpPort = await listen(rtmp, config.rtmpPort, config.host, 'RTMP');
  const httpPort = await listen(http.server, config.httpPort, config.host, 'HTTP-FLV');

  setInterval(() => {
    const now = performance.now();
    for (const connection of connections) connection.check(now);
    http.check(now);
  }, deadlineCheckMs);
  setInterval(() => {
    const rssMb = Math.round(process.memoryUsage.rss() / 2 ** 20);
    report({ type: 'alive', rssMb });
    if (rssMb > config.maxMemoryMb) die(`memory of ${rssMb} MB is over the cap of ${config.maxMemoryMb} MB`);
  }, aliveIntervalMs);

  report({ type: 'ready', rtmpPort, httpPort });
  return (message) => {
    if (message.type === 'revoke') {
      for (const [streamID, untilSeconds] of message.revocations) streams.revoke(streamID, untilSeconds);
      return;
    }
    for (const cut of message.cuts) cut.untilSeconds = streams.cut(cut.streamID, cut.untilSeconds);
    report({ type: 'cut', cuts: message.cuts });
  };
}

function listen(server: Server, port: number, host: string, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(Object.assign(new Error(`${what} port ${port} of ${host}: ${error.code}`), { code: error.code })),
    );
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
