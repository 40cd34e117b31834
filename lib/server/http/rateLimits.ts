import rateLimit from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify';
import type { Logger } from '../logger.js';
import { isUserID } from '../rooms/identifiers.js';
import { ServiceCode } from '../ServiceError.js';
import type { RedisConnection } from '../store/RedisConnection.js';
import type { Soon } from '../store/soon.js';
import { CallCounts } from './CallCounts.js';
import type { App } from './createApp.js';
import { onEachRequest } from './onEachRequest.js';
import { RedisCallCounts } from './RedisCallCounts.js';

export interface RateLimitsOptions {
  /** Refused calls of login, and all of get_login_info, from an address, a minute. 0: no limit. */
  loginsPerMinute: number;
  /** Calls of a user from an address, a minute. 0: no limit. */
  requestsPerMinute: number;
  /** Where calls are counted, those too at other processes. Default: in memory. */
  redis: RedisConnection | undefined;
  logger: Logger;
}

/** Callers remembered at once; the one that was silent for longest is forgotten first. */
const remembered = 50_000;
const windowMs = 60_000;
/** What watches the service must not be refused by it. */
const unlimited = new Set(['/healthz', '/readyz', '/metrics']);

/** The userID is not proven here, so it counts together with the address: nobody can use up another's allowance. */
function userOf({ query, ip }: FastifyRequest): string {
  const { userID } = query as { userID?: unknown };
  return `${typeof userID === 'string' && isUserID(userID) ? userID : ''} ${ip}`;
}

type Verdict = Awaited<ReturnType<ReturnType<App['createRateLimit']>>>;

/** Seconds until the caller may come again; 0 when this call is within its limit. */
function excessSeconds(verdict: Verdict | undefined): number {
  return verdict && !verdict.isAllowed && verdict.isExceeded ? Math.max(1, verdict.ttlInSeconds) : 0;
}

/** The same of a limit that was only looked at: 0 when one more is within it. */
function fullSeconds(verdict: Verdict | undefined): number {
  return verdict && !verdict.isAllowed && verdict.remaining === 0 ? Math.max(1, verdict.ttlInSeconds) : 0;
}

function isLogin(route: string): boolean {
  return route.endsWith('/login');
}

function isLoginInfo(route: string): boolean {
  return route.endsWith('/get_login_info');
}

/** Counts a call of a user: seconds until it may come again, 0 when the call is within the limit. */
function userLimit({ requestsPerMinute: max, redis }: RateLimitsOptions): (request: FastifyRequest) => Soon<number> {
  if (max === 0) return () => 0;
  const common = { max, windowMs, remembered };
  const counts = redis ? new RedisCallCounts({ ...common, redis }) : new CallCounts(common);
  return (request) => counts.count(userOf(request));
}

/** Refuses who calls too often: HTTP 429 with Retry-After and code 14. To be called before routes are added. */
export function addRateLimits(app: App, options: RateLimitsOptions): void {
  const { loginsPerMinute, requestsPerMinute, redis, logger } = options;
  if (loginsPerMinute === 0 && requestsPerMinute === 0) return;
  app.register(rateLimit, {
    global: false,
    timeWindow: windowMs,
    // While Redis is away the store refuses by 503: what cannot be counted is not refused by 429 as well.
    ...(redis && { redis: redis.client, nameSpace: `${redis.prefix}calls:`, skipOnError: true }),
  });
  const logins = { timeWindow: windowMs, cache: remembered, max: loginsPerMinute };
  let byAddress: ReturnType<App['createRateLimit']> | undefined;
  app.after(() => {
    if (loginsPerMinute > 0) byAddress = app.createRateLimit(logins);
  });
  const byUser = userLimit(options);
  const secondsToWait = (route: string): ((request: FastifyRequest) => Soon<number>) => {
    if (isLoginInfo(route)) return async (request) => excessSeconds(await byAddress?.(request));
    if (!isLogin(route)) return byUser;
    return async (request) => {
      const seconds = fullSeconds(await byAddress?.(request, { increment: false }));
      return seconds > 0 ? seconds : byUser(request);
    };
  };
  const answer = (seconds: number, reply: FastifyReply, done: () => void) => {
    if (seconds === 0) return done();
    reply.serviceCode = ServiceCode.tooManyRequests;
    const message = `too many requests: wait ${seconds} s`;
    reply.code(429).header('retry-after', String(seconds));
    reply.send({ code: ServiceCode.tooManyRequests, message });
  };
  let warned = false;
  onEachRequest(app, (route) => {
    if (unlimited.has(route)) return (_request, _reply, done) => done();
    const secondsOf = secondsToWait(route);
    return (request, reply, done) => {
      const { socket, headers } = request;
      // Gone already, so nobody can be counted, and nobody waits for an answer.
      if (socket.remoteAddress === undefined) {
        reply.code(400).send();
        return;
      }
      if (!warned && headers['x-forwarded-for'] !== undefined && request.ip === socket.remoteAddress) {
        warned = true;
        const message = 'a proxy that is not among trustedProxies forwards requests: limits take its clients for one';
        logger.warn({ address: request.ip }, message);
      }
      // Most calls are of users, and counted in memory: those do not wait.
      const seconds = secondsOf(request);
      if (typeof seconds === 'number') answer(seconds, reply, done);
      else seconds.then((known) => answer(known, reply, done)).catch(done);
    };
  });
  if (loginsPerMinute === 0) return;
  // Of logins only the refused are counted by address: thousands of users may come from one at once.
  const countRefused: onSendHookHandler = (request, reply, payload, done) => {
    const { serviceCode } = reply;
    const isRefused = serviceCode !== ServiceCode.ok && serviceCode !== ServiceCode.tooManyRequests;
    if (!byAddress || !isRefused) return done(null, payload);
    byAddress(request).then(() => done(null, payload), done);
  };
  app.addHook('onRoute', (route) => {
    if (isLogin(route.url)) route.onSend = [route.onSend ?? [], countRefused].flat();
  });
}
