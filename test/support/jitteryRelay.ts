import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

export interface JitteryRelay extends AsyncDisposable {
  /** `streamUrl` through the relay. */
  readonly url: string;
  /** Ends all that go through it now; new ones may come. */
  cut(): void;
  /** Takes nothing more of what the clients send that go through it now, as a server does that hangs. */
  stopReading(): void;
}

/**
 * A TCP relay before the server of `streamUrl` that holds up each piece of its answers by `delayMs()`; what is sent later
 * comes later.
 */
export async function startJitteryRelay(streamUrl: string, delayMs: () => number): Promise<JitteryRelay> {
  const target = new URL(streamUrl);
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  const relay = createServer((client) => {
    const server = createConnection(Number(target.port), target.hostname);
    client.pipe(server);
    clients.add(client);
    client.on('close', () => clients.delete(client));
    let before = Promise.resolve();
    server.on('data', (piece) => {
      const due = performance.now() + delayMs();
      before = before.then(async () => {
        const wait = due - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        if (!client.destroyed) client.write(piece);
      });
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const url = new URL(streamUrl);
  url.port = String((relay.address() as AddressInfo).port);
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    cut,
    stopReading: () => {
      for (const client of clients) client.unpipe().pause();
    },
    async [Symbol.asyncDispose]() {
      cut();
      relay.close();
      await once(relay, 'close');
    },
  };
}
