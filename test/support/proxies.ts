import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Credentials {
  user: string;
  password: string;
}

export interface TestProxy extends AsyncDisposable {
  readonly port: number;
  /** What clients wanted to be connected to, as they said it: 'localhost:1935'. */
  readonly targets: string[];
  /** Bytes that went to the targets. */
  readonly forwarded: number;
}

export interface ProxyOptions {
  /** Only with these. */
  credentials?: Credentials;
  /** Answers instead of connecting: a status of HTTP, a reply of SOCKS5. */
  refuseWith?: number;
}

abstract class LocalProxy implements TestProxy {
  readonly targets: string[] = [];
  forwarded = 0;
  readonly #sockets = new Set<Duplex>();
  protected abstract readonly server: Server;

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async listen(): Promise<this> {
    this.server.on('connection', (socket: Socket) => {
      socket.setNoDelay(true);
      this.#track(socket);
    });
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  /** Names are resolved here, to the IPv4 loopback alone. */
  protected join(client: Duplex, host: string, port: number, connected: () => void): void {
    this.targets.push(`${host}:${port}`);
    const target = connect({ host: host === 'media.test' ? '127.0.0.1' : host, port, noDelay: true });
    this.#track(target);
    target.once('connect', () => {
      connected();
      client.on('data', (data: Buffer) => {
        this.forwarded += data.length;
      });
      client.pipe(target).pipe(client);
    });
    target.on('close', () => client.destroy());
    client.on('close', () => target.destroy());
  }

  #track(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.#sockets.delete(socket));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}

class HttpProxy extends LocalProxy {
  protected readonly server = createHttpServer();

  constructor({ credentials, refuseWith }: ProxyOptions) {
    super();
    const wanted =
      credentials && `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
    this.server.on('connect', (request, client: Duplex) => {
      const status = wanted !== undefined && request.headers['proxy-authorization'] !== wanted ? 407 : refuseWith;
      if (status !== undefined) {
        client.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      const { hostname, port } = new URL(`http://${request.url}`);
      this.join(client, hostname, Number(port || 80), () =>
        client.write('HTTP/1.1 200 Connection established\r\n\r\n'),
      );
    });
  }
}

/** As much of RFC 1928 and 1929 as a client of ours uses. */
class Socks5Proxy extends LocalProxy {
  protected readonly server: Server;

  constructor({ credentials, refuseWith }: ProxyOptions) {
    super();
    this.server = createServer((client) => {
      void this.#serve(client, credentials, refuseWith).catch(() => client.destroy());
    });
  }

  async #serve(client: Socket, credentials: Credentials | undefined, refuseWith: number | undefined): Promise<void> {
    const read = (count: number) => readExactly(client, count);
    const [, count = 0] = await read(2);
    const methods = [...(await read(count))];
    const method = credentials ? 2 : 0;
    if (!methods.includes(method)) {
      client.end(Buffer.from([5, 0xff]));
      return;
    }
    client.write(Buffer.from([5, method]));
    if (credentials) {
      const user = (await read((await read(2))[1] ?? 0)).toString();
      const password = (await read((await read(1))[0] ?? 0)).toString();
      const right = user === credentials.user && password === credentials.password;
      client.write(Buffer.from([1, right ? 0 : 1]));
      if (!right) return;
    }
    const kind = (await read(4))[3];
    const host = kind === 3 ? (await read((await read(1))[0] ?? 0)).toString() : [...(await read(4))].join('.');
    const port = (await read(2)).readUInt16BE();
    const reply = (code: number) => client.write(Buffer.from([5, code, 0, 1, 127, 0, 0, 1, 0, 0]));
    if (refuseWith !== undefined) {
      this.targets.push(`${host}:${port}`);
      reply(refuseWith);
      return;
    }
    this.join(client, host, port, () => reply(0));
  }
}

async function readExactly(socket: Socket, count: number): Promise<Buffer> {
  if (count === 0) return Buffer.alloc(0);
  for (;;) {
    const data = socket.read(count) as Buffer | null;
    if (data) return data;
    await once(socket, 'readable');
  }
}

export const startHttpProxy = (options: ProxyOptions = {}): Promise<TestProxy> => new HttpProxy(options).listen();
export const startSocks5Proxy = (options: ProxyOptions = {}): Promise<TestProxy> => new Socks5Proxy(options).listen();
