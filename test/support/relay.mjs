import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';

/**
 * @typedef {object} Relay
 * @property {string} url `streamUrl` through the relay
 * @property {() => void} cut resets all connections that go through it now; new ones may come
 * @property {() => void} stopReading takes nothing more of what the clients send that go through it now, as a server does
 * that hangs
 * @property {() => Promise<void>} refuse cuts, and until `accept` new connections are refused as by a host without server
 * @property {() => Promise<void>} accept
 * @property {() => Promise<void>} close
 */

/**
 * A TCP relay before the server of `streamUrl`. It holds up each piece of the server's answers by `delayMs()`; what is sent
 * later comes later.
 * @param {string} streamUrl
 * @param {{ delayMs?: () => number }} [options]
 * @returns {Promise<Relay & AsyncDisposable>}
 */
export async function startRelay(streamUrl, { delayMs } = {}) {
  const url = new URL(streamUrl);
  const target = { port: Number(url.port), host: url.hostname, noDelay: true };
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  /** @type {Set<import('node:net').Socket>} */
  const clients = new Set();
  const relay = createServer({ noDelay: true }, (client) => {
    const server = createConnection(target);
    client.pipe(server);
    clients.add(client);
    client.on('close', () => clients.delete(client));
    if (delayMs) holdUp(server, client, delayMs);
    else server.pipe(client);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ]) {
      sockets.add(socket);
      socket.on('error', () => {}); // 'close' follows
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  /** @param {number} port */
  const listen = async (port) => {
    relay.listen(port, '127.0.0.1');
    await once(relay, 'listening');
    return /** @type {import('node:net').AddressInfo} */ (relay.address()).port;
  };
  const port = await listen(0);
  url.port = String(port);
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const refuse = async () => {
    if (!relay.listening) return;
    relay.close();
    cut();
    await once(relay, 'close');
  };
  return {
    url: url.href,
    cut,
    stopReading: () => {
      for (const client of clients) client.unpipe().pause();
    },
    refuse,
    accept: async () => {
      if (!relay.listening) await listen(port);
    },
    close: refuse,
    [Symbol.asyncDispose]: refuse,
  };
}

/**
 * @param {import('node:net').Socket} from
 * @param {import('node:net').Socket} to
 * @param {() => number} delayMs
 */
function holdUp(from, to, delayMs) {
  let before = Promise.resolve();
  from.on('data', (piece) => {
    const due = performance.now() + delayMs();
    before = before.then(async () => {
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      if (!to.destroyed) to.write(piece);
    });
  });
}
