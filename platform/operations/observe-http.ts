/**
 * Metrics of HTTP and GraphQL, by route template and by type of operation: never by path, query or name.
 */
import type { ObserveOperation } from '#platform/http/graphql.ts';
import type { Route } from '#platform/http/route.ts';
import type { ObserveAnswer } from '#platform/http/serve.ts';
import type { Metrics } from './registry.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];
const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'];
/** Seconds. */
const DURATIONS = [0.005, 0.02, 0.1, 0.5, 2, 10, 60];

export interface HttpMetrics {
  /** For `serve`: counts answers of one listener. Routes that are not among these count as `other`. */
  readonly answers: (listener: string, routes: readonly Route[]) => ObserveAnswer;
  /** For `createGraphql`. */
  readonly operations: (endpoint: string) => ObserveOperation;
}

/** @param listeners names of listeners and endpoints: a fixed few */
export function observeHttp(metrics: Metrics, listeners: readonly string[]): HttpMetrics {
  const templates = new Set<string>();
  const route = () => [...templates];
  const requests = metrics.counter('http_requests_total', 'HTTP requests answered.', {
    listener: listeners,
    method: METHODS,
    route,
    status: CLASSES,
  });
  const seconds = metrics.histogram(
    'http_request_duration_seconds',
    'From the head of a request to its answer; what streams counts to its beginning.',
    { listener: listeners, route },
    DURATIONS,
  );
  const operations = metrics.counter('graphql_operations_total', 'GraphQL operations by type and outcome.', {
    endpoint: listeners,
    type: ['query', 'mutation', 'subscription', 'none'],
    outcome: ['ok', 'refused', 'failed'],
  });
  return {
    answers: (listener, routes) => {
      for (const { path } of routes) templates.add(path);
      return ({ method, route: template, status, durationMs }) => {
        const labels = { listener, route: template ?? '' };
        requests({ ...labels, method, status: `${Math.trunc(status / 100)}xx` });
        seconds(labels, durationMs / 1000);
      };
    },
    operations: (endpoint) => (type, outcome) => operations({ endpoint, type, outcome }),
  };
}
