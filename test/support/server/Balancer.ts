import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A load balancer on TCP: each connection goes to the next of the ports that takes it. */
export class Balancer {
  readonly #ports: readonly number[];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #next = 0;

  private constructor(ports: readonly number[]) {
    this.#ports = ports;
    this.#server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => this.#join(client, ports.length));
  }

  static async start(ports: readonly number[]): Promise<Balancer> {
    const balancer = new Balancer(ports);
    balancer.#server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
    await once(balancer.#server, 'listening');
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #join(client: Socket, triesLeft: number): void {
    if (client.destroyed) return;
    const port = this.#ports[this.#next++ % this.#ports.length] as number;
    const server = connect({ port, host: '127.0.0.1', noDelay: true });
    let isConnected = false;
    server.on('connect', () => {
      isConnected = true;
      for (const [one, other] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(one);
        one.pipe(other);
        one.on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
    });
    client.on('error', () => {});
    server.on('error', () => {
      if (isConnected) return;
      if (triesLeft > 1) this.#join(client, triesLeft - 1);
      else client.destroy();
    });
  }
}
