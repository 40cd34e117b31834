import type { onRequestHookHandler } from 'fastify';
import type { App } from './createApp.js';

/** Name of the route where none matches. */
export const unknownRoute = 'unknown';

type StepOf = (route: string) => onRequestHookHandler;

const stepsOf = new WeakMap<App, StepOf[]>();

/**
 * Adds a step to every request, behind those added before and before what the route has itself. It is made once for each route
 * added later, with the route's path, and once for what has none: a step that asked fastify for the path would have
 * an object of a dozen fields made for every request.
 */
export function onEachRequest(app: App, stepOf: StepOf): void {
  const ofUnknown = stepOf(unknownRoute);
  app.addHook('onRequest', function (request, reply, done) {
    if (request.is404) return ofUnknown.call(this, request, reply, done);
    done();
  });
  const steps = stepsOf.get(app);
  if (steps) {
    steps.push(stepOf);
    return;
  }
  const all = [stepOf];
  stepsOf.set(app, all);
  app.addHook('onRoute', (route) => {
    route.onRequest = [...all.map((one) => one(route.url)), route.onRequest ?? []].flat();
  });
}
