import { createServer, type Server } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { RtcError } from '../../errors.js';
import type { Logger } from '../logger.js';
import { ServiceCode, type ServiceCodeNumber, ServiceError } from '../ServiceError.js';
import type { RedisConnection } from '../store/RedisConnection.js';
import { corsHeaders } from './cors.js';
import { normaliseUrl } from './normaliseUrl.js';
import { onAnswered } from './onAnswered.js';
import { onEachRequest, unknownRoute } from './onEachRequest.js';
import { addOpenApi } from './openApi.js';
import { addRateLimits } from './rateLimits.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Code for a missing or malformed parameter. Default 2. */
    parameterCode?: ServiceCodeNumber;
    /** Fields that an answer has beside code and message when it is a refusal. */
    refusalFields?: Record<string, unknown>;
    /** HTTP status of a refusal. Default 200, as the dialect has it. */
    refusalStatus?: number;
  }
  interface FastifyRequest {
    /** Path of the route as it was declared, 'unknown' where none matches. */
    route: string;
  }
  interface FastifyReply {
    /** The code in the answer's body, for the metrics. */
    serviceCode: number;
  }
}

export interface CreateAppOptions {
  logger: Logger;
  /** Largest request body, bytes. */
  bodyLimit: number;
  /** A request that is not complete by then is ended, ms. */
  requestTimeoutMs: number;
  /** Origins whose pages may call; '*' for all. */
  allowOrigin: readonly string[];
  /** Addresses and networks whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[];
  /** See RateLimitsOptions. */
  loginsPerMinute: number;
  requestsPerMinute: number;
  redis: RedisConnection | undefined;
  /** True once the service ends: what still comes over open connections is sent elsewhere. */
  isClosing: () => boolean;
}

/** Texts of our own: the parser's would repeat a piece of the request. */
const httpMessages: Record<number, string> = {
  400: 'the request cannot be read: the body must be one JSON object',
  413: 'the body is too large',
  415: 'the body must be JSON: send Content-Type: application/json',
};

/** When to try again after an ending service refused, s: another one, or its successor, is there by then. */
const retryAfterClosingSeconds = 1;

function httpServer(handler: Parameters<typeof createServer>[1], options: CreateAppOptions): Server {
  const { requestTimeoutMs } = options;
  const server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    keepAliveTimeout: 72_000,
    connectionsCheckingInterval: Math.max(50, Math.min(1000, requestTimeoutMs / 2)),
    noDelay: true,
  });
  // Those beyond its count Node.js would leave out unseen, and with them what a proxy adds at the end; 16 KiB bound them.
  server.maxHeadersCount = 0;
  server.on('request', (request, response) => {
    request.url = normaliseUrl(request.url ?? '/');
    const { headers } = request;
    // An empty body is fine whatever type it claims to have (old clients post one to login and logout).
    if (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0') {
      delete headers['content-type'];
    }
    handler?.(request, response);
  });
  return server;
}

/** The HTTP application; routes are added in its `after`. Bodies, CORS, limits, and the one place where errors become answers. */
export function createApp(options: CreateAppOptions) {
  const { logger } = options;
  const app = Fastify({
    logger: false,
    bodyLimit: options.bodyLimit,
    // Streams and idle connections are ended by RoomService.close.
    forceCloseConnections: false,
    // What is too long is for the schemas to refuse, in the form of all refusals; Node.js bounds the head.
    routerOptions: { maxParamLength: 65_536 },
    // Ours says when to come back.
    return503OnClosing: false,
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    serverFactory: (handler) => httpServer(handler, options),
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: true, allErrors: false } },
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : JSON.parse(body as string));
    } catch {
      done(Object.assign(new Error('not JSON'), { statusCode: 400 }));
    }
  });

  app.decorateReply('serviceCode', 0);
  app.decorateRequest('route', unknownRoute);
  const addCorsHeaders = corsHeaders(options.allowOrigin);
  // First, since the next steps answer some by themselves.
  onAnswered(app, ({ method, route }, { statusCode }, elapsedMs) => {
    if (logger.isLevelEnabled?.('debug') === false) return;
    const ms = Math.round(elapsedMs * 10) / 10;
    logger.debug({ method, route, status: statusCode, ms }, 'request');
  });
  onEachRequest(app, (route) => {
    // The admin API is not for pages of others.
    const isForPages = !route.startsWith('/admin');
    return (request, reply, done) => {
      const { method } = request;
      request.route = route;
      // Unless there is one to be read.
      if (method === 'POST') request.body = {};
      if (isForPages) {
        addCorsHeaders(request, reply);
        if (method === 'OPTIONS') {
          reply.code(204).send();
          return;
        }
      }
      if (!options.isClosing()) return done();
      reply.code(503).header('retry-after', String(retryAfterClosingSeconds));
      reply.send({ code: 503, message: 'the service ends: connect again, to its successor' });
    };
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    // Of a request that was under way: its connection is not for another one.
    if (options.isClosing()) reply.header('connection', 'close');
    done(null, payload);
  });
  app.setNotFoundHandler((_request, reply) => {
    reply.code(404).send({ code: 404, message: 'there is no such method; room methods are called by POST' });
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply, logger));
  addRateLimits(app, options);
  addOpenApi(app);
  return app;
}

export type App = ReturnType<typeof createApp>;

function isStoreUnavailable(error: unknown): boolean {
  return error instanceof RtcError && error.code === 'ERR_RTC_STORE_UNAVAILABLE';
}

function answerError(error: FastifyError | ServiceError, request: FastifyRequest, reply: FastifyReply, logger: Logger) {
  const { config } = request.routeOptions;
  const { route } = request;
  if (error instanceof ServiceError) {
    reply.serviceCode = error.code;
    return reply
      .code(config.refusalStatus ?? 200)
      .send({ code: error.code, message: error.message, ...error.fields, ...config.refusalFields });
  }
  if (isStoreUnavailable(error)) {
    logger.warn({ route, err: error }, 'request refused: the store cannot be reached');
    reply.code(503).header('retry-after', String(retryAfterClosingSeconds));
    return reply.send({ code: 503, message: 'the service cannot reach its store: try again soon' });
  }
  if (error.validation) {
    const [first] = error.validation;
    const wholeBody = error.validationContext === 'body' && first?.instancePath === '' && first.keyword === 'type';
    if (!wholeBody) {
      const code = config.parameterCode ?? ServiceCode.parameter;
      // Names the field and the rule, never the value.
      const field = first?.instancePath.slice(1) || first?.params.missingProperty || 'parameters';
      const message = `${String(field)}: ${first?.message ?? 'not valid'}`;
      reply.serviceCode = code;
      return reply.code(config.refusalStatus ?? 200).send({ code, message, ...config.refusalFields });
    }
  }
  const status = error.validation ? 400 : (error.statusCode ?? 500);
  if (status >= 500) logger.error({ route, err: error }, 'request failed');
  const message = status >= 500 ? 'the service failed; its log tells why' : (httpMessages[status] ?? 'bad request');
  return reply.code(status).send({ code: status, message });
}
