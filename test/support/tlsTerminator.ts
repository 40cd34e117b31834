import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';

export interface TlsTerminator extends AsyncDisposable {
  readonly port: number;
  /** Of each connection whose handshake was done: 'TLSv1.3', and the name that the client asked for. */
  readonly handshakes: { protocol: string | null; servername: string | false }[];
  /** Handshakes that failed. */
  readonly failures: number;
}

/** A TLS server on a free port of 127.0.0.1 that passes everything on to another port, as a reverse proxy does. */
export async function startTlsTerminator(targetPort: number, options: TlsOptions): Promise<TlsTerminator> {
  const sockets = new Set<Socket>();
  const handshakes: TlsTerminator['handshakes'] = [];
  let failures = 0;
  const server = createServer(options, (client: TLSSocket) => {
    handshakes.push({ protocol: client.getProtocol(), servername: client.servername || false });
    const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    sockets.add(client).add(target);
    client.setNoDelay(true);
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.on('tlsClientError', () => failures++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    handshakes,
    get failures() {
      return failures;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
