import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyError } from 'fastify';
import { RtcError } from '../../../errors.js';
import { bearerKey } from '../../http/bearerKey.js';
import { cannotListen, reachableUrl } from '../../http/listening.js';
import { kept, timed } from '../../http/timedProbe.js';
import type { Logger } from '../../logger.js';
import { MediaMetrics } from '../../metrics/MediaMetrics.js';
import { safeLogger } from '../../safeLogger.js';
import type { MediaServer } from '../MediaServer.js';
import {
  aliveIntervalMs,
  type ControlEvent,
  checkControlKey,
  controlPaths,
  maxStreamsACall,
  signingKeysProof,
} from './protocol.js';

export interface MediaControlOptions {
  /** One that is not started yet, so that none of its streams is missed. It stays the caller's. */
  media: MediaServer;
  /** What services must give, 16 to 512 printable characters without spaces. */
  controlKey: string;
  logger?: Logger;
}

export interface MediaControlListenOptions {
  /** Default '127.0.0.1'. */
  host?: string;
  /** Default 0: a free one. */
  port?: number;
}

/** Unsent bytes at which a service is cut off, beside its first line: it comes again and is told all streams. */
const maxUnsentBytes = 1_048_576;
/** Of 1000 streams, with room. */
const bodyLimit = 524_288;
const requestTimeoutMs = 10_000;
const closeGraceMs = 1000;

const streamsBody = Type.Object({
  streams: Type.Array(
    Type.Tuple([Type.String({ minLength: 1, maxLength: 256 }), Type.Integer({ minimum: 0, maximum: 2 ** 48 })]),
    { maxItems: maxStreamsACall },
  ),
});

const ok = { code: 0, message: 'ok' } as const;

/**
 * The control API of a media server: by it room services of other processes and machines, any number of them, see its
 * streams, cut and revoke them. `RemoteMediaServer` is the other end. It answers `/healthz`, `/readyz` and `/metrics` too.
 */
export class MediaControl {
  readonly #options: MediaControlOptions;
  readonly #logger: Logger;
  readonly #instance = randomUUID();
  readonly #streams = new Set<string>();
  /** Open connections for events, and the unsent bytes that each may have. */
  readonly #services = new Map<ServerResponse, number>();
  readonly #metrics: MediaMetrics;
  readonly #app;
  #alive: NodeJS.Timeout | undefined;
  #address: { host: string; port: number } | undefined;
  readonly #probe = kept(() => timed((signal) => this.#options.media.probe?.(signal)));
  #draining = false;
  #closing: Promise<void> | undefined;

  /** Throws `ERR_RTC_INVALID_ARGUMENT`. */
  constructor(options: MediaControlOptions) {
    checkControlKey('MediaControl', options.controlKey);
    this.#options = options;
    this.#logger = safeLogger(options.logger);
    const { media } = options;
    this.#metrics = new MediaMetrics({
      media,
      streams: () => this.#streams.size,
      services: () => this.#services.size,
      isReady: async () => (await this.#probe()).ok,
    });
    media.on('publish', (streamID) => {
      this.#streams.add(streamID);
      this.#tell({ type: 'publish', streamID });
    });
    media.on('unpublish', (streamID) => {
      this.#streams.delete(streamID);
      this.#tell({ type: 'unpublish', streamID });
    });
    media.on('restart', () => this.#tell({ type: 'restart' }));
    this.#app = this.#createApp();
  }

  /**
   * Rejects with `ERR_RTC_INVALID_ARGUMENT` when the address cannot be had (`cause` has the system's code), `ERR_RTC_CLOSED`
   * after close.
   */
  async listen({ host = '127.0.0.1', port = 0 }: MediaControlListenOptions = {}): Promise<void> {
    if (this.#closing) throw new RtcError('ERR_RTC_CLOSED', 'the control API is closed: make a new one');
    try {
      await this.#app.listen({ host, port });
    } catch (cause) {
      throw cannotListen(host, port, cause);
    }
    this.#address = { host, port: (this.#app.server.address() as AddressInfo).port };
    this.#alive = setInterval(() => this.#tell({ type: 'alive' }), aliveIntervalMs);
    this.#alive.unref();
    this.#logger.info({ ...this.#address }, 'the media server can be controlled by other services');
  }

  /** Where it listens: `port` is the real one. Throws `ERR_RTC_INVALID_STATE` before `listen`. */
  get address(): { host: string; port: number; url: string } {
    if (!this.#address) throw new RtcError('ERR_RTC_INVALID_STATE', 'the control API does not listen: await listen()');
    return { ...this.#address, url: reachableUrl(this.#address.host, this.#address.port) };
  }

  /** From now on `/readyz` says no; everything else goes on until `close`. */
  drain(): void {
    this.#draining = true;
  }

  /** Ends every connection within a second; the media server goes on. Closing twice is nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    clearInterval(this.#alive);
    for (const response of this.#services.keys()) response.end();
    const { server } = this.#app;
    const cut = setTimeout(() => server.closeAllConnections(), closeGraceMs);
    try {
      await this.#app.close();
    } finally {
      clearTimeout(cut);
    }
  }

  #createApp() {
    const { media, controlKey } = this.#options;
    const app = Fastify({
      logger: false,
      bodyLimit,
      requestTimeout: requestTimeoutMs,
      forceCloseConnections: 'idle',
      ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    }).withTypeProvider<TypeBoxTypeProvider>();
    const hasKey = bearerKey(controlKey);
    app.setNotFoundHandler((_request, reply) =>
      reply.code(404).send({ code: 404, message: 'there is no such method' }),
    );
    app.setErrorHandler((error: FastifyError, request, reply) => {
      const status = error.validation ? 400 : (error.statusCode ?? 500);
      if (status >= 500) this.#logger.error({ route: request.routeOptions.url, err: error }, 'control of media failed');
      const message = status >= 500 ? 'the media server failed; its log tells why' : 'the request cannot be read';
      return reply.code(status).send({ code: status, message });
    });

    app.get('/healthz', async () => ({ status: 'ok' }));
    app.get(controlPaths.ready, async (_request, reply) => {
      const { cause, ...probed } = await this.#probe();
      const status = this.#draining ? 'draining' : probed.ok ? 'ready' : 'unready';
      reply.code(status === 'ready' ? 200 : 503).header('cache-control', 'no-store');
      return { status, checks: { media: { ...probed, ...(cause !== undefined && { cause }) } } };
    });
    app.get('/metrics', async (_request, reply) => {
      const text = await this.#metrics.text();
      return reply.header('content-type', this.#metrics.contentType).send(text);
    });

    app.register(async (controlled) => {
      controlled.addHook('onRequest', async (request, reply) => {
        if (hasKey(request.headers.authorization)) return undefined;
        this.#logger.warn({ address: request.ip }, 'a call of the control API without its key');
        const message = 'wrong or missing key: send Authorization: Bearer with the mediaControlKey of the media server';
        return reply.code(401).header('www-authenticate', 'Bearer').send({ code: 401, message });
      });
      const routes = controlled.withTypeProvider<TypeBoxTypeProvider>();
      routes.get(controlPaths.events, (_request, reply) => {
        reply.hijack();
        this.#open(reply.raw);
      });
      routes.post(controlPaths.cut, { schema: { body: streamsBody } }, async ({ body }) => {
        await Promise.all(body.streams.map(([streamID, untilSeconds]) => media.cut(streamID, untilSeconds)));
        this.#metrics.cut(body.streams.length);
        return ok;
      });
      routes.post(controlPaths.revoke, { schema: { body: streamsBody } }, async ({ body }) => {
        media.revoke?.(body.streams);
        return ok;
      });
    });
    return app;
  }

  #open(response: ServerResponse): void {
    const { media, controlKey } = this.#options;
    if (response.destroyed) return;
    response.on('error', () => response.destroy());
    response.once('close', () => {
      if (this.#services.delete(response)) this.#logger.info({ services: this.#services.size }, 'a service is gone');
    });
    response.socket?.setNoDelay(true);
    response.writeHead(200, {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // nginx would hold events back.
      'x-accel-buffering': 'no',
    });
    const hello = lineOf({
      type: 'hello',
      instance: this.#instance,
      keys: signingKeysProof(controlKey, media.pushKey, media.playKey),
      streams: [...this.#streams],
    });
    response.write(hello);
    this.#services.set(response, hello.length + maxUnsentBytes);
    this.#logger.info({ services: this.#services.size }, 'a service uses the media server');
  }

  #tell(event: ControlEvent): void {
    const line = lineOf(event);
    for (const [response, unsentLimit] of this.#services) {
      response.write(line);
      if (response.writableLength > unsentLimit) response.destroy();
    }
  }
}

function lineOf(event: ControlEvent): string {
  return `${JSON.stringify(event)}\n`;
}
