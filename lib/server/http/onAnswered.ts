import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './createApp.js';
import { onEachRequest } from './onEachRequest.js';

type Step = (request: FastifyRequest, reply: FastifyReply, elapsedMs: number) => void;

const stepsOf = new WeakMap<App, Step[]>();

/**
 * Calls the step, which must not throw, when the system has all of an answer; not for one that was cut. To be called before
 * routes are added. A hook of fastify, onResponse, takes four listeners and half a dozen functions a request for the same.
 */
export function onAnswered(app: App, step: Step): void {
  const steps = stepsOf.get(app);
  if (steps) {
    steps.push(step);
    return;
  }
  const all = [step];
  stepsOf.set(app, all);
  onEachRequest(app, () => (request, reply, done) => {
    const startMs = performance.now();
    reply.raw.on('finish', () => {
      const elapsedMs = performance.now() - startMs;
      for (const one of all) one(request, reply, elapsedMs);
    });
    done();
  });
}
