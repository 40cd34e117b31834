import type { onRequestHookHandler } from 'fastify';
import type { App } from './createApp.js';

/** Name of the route where none matches. */
export const unknownRoute = 'unknown';

/**
 * Adds a step to every request. It is made once for each route added later, with the route's path, and once for what has
 * none: a step that asked fastify for the path would have an object of a dozen fields made for every request.
 */
export function onEachRequest(app: App, stepOf: (route: string) => onRequestHookHandler): void {
  const ofUnknown = stepOf(unknownRoute);
  app.addHook('onRequest', function (request, reply, done) {
    if (request.is404) return ofUnknown.call(this, request, reply, done);
    done();
  });
  app.addHook('onRoute', (route) => {
    route.onRequest = [stepOf(route.url), route.onRequest ?? []].flat();
  });
}
