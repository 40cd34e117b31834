import type { App } from './createApp.js';

/** As the original's; the preflight of any path is answered with them. */
const headers = {
  'access-control-allow-methods': 'POST, GET',
  'access-control-max-age': '3600',
  'access-control-allow-headers': 'Content-Type, Access-Control-Allow-Headers, Authorization, X-Requested-With',
  'access-control-expose-headers': 'Retry-After',
};

/** Lets pages of these origins call the service, of all with '*'. The admin API is not for pages of others. */
export function addCors(app: App, allowOrigin: readonly string[]): void {
  const everyone = allowOrigin.includes('*');
  const allowed = new Set(allowOrigin);
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.url?.startsWith('/admin')) return done();
    reply.headers(headers);
    const { origin } = request.headers;
    if (everyone) reply.header('access-control-allow-origin', '*');
    else {
      reply.header('vary', 'Origin');
      if (origin !== undefined && allowed.has(origin)) reply.header('access-control-allow-origin', origin);
    }
    if (request.method === 'OPTIONS') reply.code(204).send();
    else done();
  });
}
