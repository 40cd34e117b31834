import type { ServiceMetrics } from '../metrics/ServiceMetrics.js';
import type { App } from './createApp.js';
import type { Readiness } from './Readiness.js';

export interface OperationRoutesOptions {
  readiness: Readiness;
  metrics: ServiceMetrics;
}

/** What watches a service asks: `/healthz`, `/readyz` and `/metrics`. */
export function addOperationRoutes(app: App, options: OperationRoutesOptions): void {
  const { readiness, metrics } = options;

  app.get('/healthz', async () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const report = await readiness.check();
    return reply
      .code(report.status === 'ready' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(report);
  });

  app.get('/metrics', async (_request, reply) => {
    const text = await metrics.text();
    return reply.header('content-type', metrics.contentType).send(text);
  });
}
