import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { SocksClient, SocksClientError } from 'socks';
import { buildConnector } from 'undici';
import { RtcError } from '../errors.js';

interface Proxy {
  kind: 'http' | 'socks5';
  host: string;
  port: number;
  user: string;
  password: string;
}

interface Target {
  host: string;
  port: number;
}

/**
 * Connections through an HTTP proxy (CONNECT, Basic) or a SOCKS5 proxy, which resolves the server's name: a connector for
 * undici. TLS goes through the tunnel to the server.
 */
export class ProxyTunnels {
  readonly #proxy: Proxy;
  readonly #timeoutMs: number;
  readonly #life = new AbortController();

  /**
   * `timeoutMs` bounds connecting to the proxy, its answer and the handshake of TLS, each.
   * @throws RtcError ERR_RTC_INVALID_ARGUMENT
   */
  constructor(proxy: string, timeoutMs: number) {
    this.#proxy = readProxy(proxy);
    this.#timeoutMs = timeoutMs;
  }

  readonly connect: buildConnector.connector = (options, callback) => {
    const { protocol, hostname } = options;
    const port = Number(options.port) || (protocol === 'https:' ? 443 : 80);
    const secure = buildConnector({ timeout: this.#timeoutMs });
    this.#open({ host: withoutBrackets(hostname), port }).then(
      (httpSocket) => {
        if (protocol === 'https:') secure({ ...options, httpSocket }, callback);
        else callback(null, httpSocket);
      },
      (error: Error) => callback(error, null),
    );
  };

  /** Ends tunnels that are being dug; those that are in use belong to the agent. */
  close(): void {
    this.#life.abort();
  }

  async #open(target: Target): Promise<Socket> {
    const { kind, host, port } = this.#proxy;
    const place = `the proxy ${kind}://${host}:${port}`;
    // Not AbortSignal.timeout: it would fire behind a tunnel that is in use.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#timeoutMs);
    const signal = AbortSignal.any([this.#life.signal, late.signal]);
    try {
      if (kind === 'http') return await this.#openByConnect(target, place, signal);
      return await this.#openBySocks(target, place, signal);
    } catch (error) {
      if (error instanceof RtcError) throw error;
      const why = late.signal.aborted ? `no answer within ${this.#timeoutMs} ms` : reason(error);
      const message = `no way through ${place} (${why}); check its address and that it runs`;
      throw new RtcError('ERR_RTC_SERVICE_UNREACHABLE', message, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async #openByConnect(target: Target, place: string, signal: AbortSignal): Promise<Socket> {
    const { host, port, user, password } = this.#proxy;
    const authority = target.host.includes(':') ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
    const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const asked = httpRequest({
      host,
      port,
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...(user === '' ? {} : { 'proxy-authorization': basic }) },
      agent: false,
    });
    const answered = new Promise<{ status: number; socket?: Socket }>((resolve, reject) => {
      const cut = () => asked.destroy();
      signal.addEventListener('abort', cut, { once: true });
      asked.on('error', reject);
      asked.on('connect', ({ statusCode = 0 }, socket: Socket) => resolve({ status: statusCode, socket }));
      // What answers CONNECT with a page is no proxy.
      asked.on('response', ({ statusCode = 0 }) => resolve({ status: statusCode }));
      asked.on('close', () => signal.removeEventListener('abort', cut));
    });
    asked.end();
    const { status, socket } = await answered;
    if (socket && status >= 200 && status < 300) return socket.setNoDelay(true);
    socket?.destroy();
    asked.destroy();
    // 5xx: it would have let us, but does not reach the service itself.
    throw refusal(status < 500, place, `HTTP ${status}`);
  }

  async #openBySocks(target: Target, place: string, signal: AbortSignal): Promise<Socket> {
    const { host, port, user, password } = this.#proxy;
    const socket = connect({ host, port, noDelay: true });
    const cut = () => socket.destroy();
    signal.addEventListener('abort', cut, { once: true });
    try {
      await once(socket, 'connect', { signal });
      await SocksClient.createConnection({
        proxy: { host, port, type: 5, ...(user === '' ? {} : { userId: user, password }) },
        command: 'connect',
        destination: target,
        existing_socket: socket,
        timeout: this.#timeoutMs,
      });
      return socket;
    } catch (error) {
      socket.destroy();
      // The library tells its answers apart by their text alone; the names are those of RFC 1928.
      const said = error instanceof Error ? / - (\w+)$/.exec(error.message)?.[1] : undefined;
      const isRefused = said === 'NotAllowed' || /auth/i.test(reason(error));
      if (said !== undefined || isRefused) throw refusal(isRefused, place, said ?? 'authentication failed');
      // The library's error carries its options, with the password: only its words go on.
      throw error instanceof SocksClientError ? new Error(error.message) : error;
    } finally {
      signal.removeEventListener('abort', cut);
    }
  }
}

/** @throws RtcError ERR_RTC_INVALID_ARGUMENT */
export function checkProxy(proxy: string): void {
  readProxy(proxy);
}

function refusal(isRefused: boolean, place: string, said: string): RtcError {
  if (isRefused) {
    const message = `${place} refused the connection to the room service (${said}); check user, password and what it allows`;
    return new RtcError('ERR_RTC_PROXY_REFUSED', message);
  }
  const message = `${place} could not reach the room service (${said}); check the address and that the service runs`;
  return new RtcError('ERR_RTC_SERVICE_UNREACHABLE', message);
}

/** @throws RtcError ERR_RTC_INVALID_ARGUMENT; what was given may hold a password and is not repeated */
function readProxy(value: unknown): Proxy {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  const kind = url && ({ 'http:': 'http', 'socks5:': 'socks5' } as const)[url.protocol];
  const isPlain = url && /^\/?$/.test(url.pathname) && url.search === '' && url.hash === '';
  const decoded = url && isPlain && kind && url.hostname !== '' ? credentials(url) : undefined;
  if (!url || !kind || !decoded) {
    throw new RtcError(
      'ERR_RTC_INVALID_ARGUMENT',
      'proxy must be http://[user:password@]host[:80] or socks5://[user:password@]host[:1080], user and password percent-encoded',
    );
  }
  const port = Number(url.port) || (kind === 'http' ? 80 : 1080);
  return { kind, host: withoutBrackets(url.hostname), port, ...decoded };
}

function credentials(url: URL): { user: string; password: string } | undefined {
  try {
    return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  } catch {
    return undefined;
  }
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown fault';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
