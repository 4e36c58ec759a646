/**
 * The listener for an operator's own tools: health, metrics, and where there is one the status. It asks nobody who they are: it is
 * bound to an address that only the operator reaches, on this machine unless told otherwise.
 */
import { healthRoutes } from '#platform/http/health.ts';
import type { Log } from '#platform/http/log.ts';
import { answerJson, type Route } from '#platform/http/route.ts';
import { type Served, serve } from '#platform/http/serve.ts';
import type { Address } from './address.ts';
import type { Metrics } from './registry.ts';

export function serveOperations(
  address: Address,
  tell: {
    metrics: Metrics;
    readiness: () => Promise<Readonly<Record<string, boolean | number | string>>>;
    status?: () => Promise<unknown>;
    log: Log;
  },
): Promise<Served> {
  const { metrics, status, log } = tell;
  if (!['127.0.0.1', '::1', 'localhost'].includes(address.host))
    log.warn('operations-exposed', { port: address.port });
  const routes: Route[] = [
    ...healthRoutes(tell.readiness),
    {
      method: 'GET',
      path: '/metrics',
      handle: async () => {
        const { text, contentType } = await metrics.scrape();
        return { status: 200, headers: { 'content-type': contentType }, body: text };
      },
    },
  ];
  if (status)
    routes.push({ method: 'GET', path: '/status', handle: async () => answerJson(200, await status()) });
  return serve({ ...address, log, routes });
}
