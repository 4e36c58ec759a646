import fc from 'fast-check';
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGraphql } from '#platform/http/graphql.ts';
import { HttpError } from '#platform/http/http-error.ts';
import { makeLog } from '#platform/http/log.ts';
import { answerJson, type Route } from '#platform/http/route.ts';
import { serve } from '#platform/http/serve.ts';
import { parseOperationsAddress } from '#platform/operations/address.ts';
import { observeHttp } from '#platform/operations/observe-http.ts';
import { type Metrics, makeMetrics } from '#platform/operations/registry.ts';
import { serveOperations } from '#platform/operations/serve-operations.ts';

const log = makeLog('test', 'silent');

/** Names with labels, without values: what a hostile caller would like to multiply. */
async function seriesOf(metrics: Metrics): Promise<string[]> {
  const { text } = await metrics.scrape();
  const lines = text.split('\n').filter((line) => line.startsWith('focalnet_'));
  return lines.map((line) => line.slice(0, line.lastIndexOf(' '))).sort();
}

describe('labels', () => {
  it('take only values of their set; whatever else comes is one series, and none of it is shown', async () => {
    const metrics = makeMetrics();
    let states = ['xa'];
    const count = metrics.counter('tried_total', 'Tried.', { peer: () => states, code: ['CLOCK'] });
    count({ peer: 'xa', code: 'CLOCK' });
    count({ peer: 'xa', code: 'other' });
    count({ peer: 'xz', code: 'CLOCK' });
    count({ peer: '', code: '' });
    const before = await seriesOf(metrics);
    fc.assert(
      fc.property(fc.string(), fc.string(), (peer, code) => {
        count({ peer, code });
      }),
    );
    count({ peer: '__proto__', code: 'constructor' });
    expect(await seriesOf(metrics)).toEqual(before);
    states = ['xa', 'xb'];
    count({ peer: 'xb', code: 'CLOCK' });
    expect(await seriesOf(metrics)).toHaveLength(before.length + 1);
  });

  it('of a gauge that is not set again are gone after a reset', async () => {
    const metrics = makeMetrics();
    const gauge = metrics.gauge('waiting', 'Waiting.', { peer: ['xa', 'xb'] });
    gauge.set({ peer: 'xa' }, 3);
    gauge.reset();
    gauge.set({ peer: 'xb' }, 4);
    expect(await seriesOf(metrics)).toEqual(['focalnet_waiting{peer="xb"}']);
  });
});

it('what fails while it is looked up spoils nothing else', async () => {
  const metrics = makeMetrics();
  const gauge = metrics.gauge('fine', 'Fine.', {});
  metrics.onScrape(() => Promise.reject(new Error('the database is away')));
  metrics.onScrape(() => {
    throw new Error('at once');
  });
  metrics.onScrape(() => gauge.set({}, 7));
  expect((await metrics.scrape()).text).toContain('focalnet_fine 7');
});

describe('what callers do over HTTP', () => {
  it('is counted by route template and class, whatever path, method or query they invent', async () => {
    const metrics = makeMetrics();
    const http = observeHttp(metrics, ['officer']);
    const routes: Route[] = [
      { method: 'GET', path: '/parts/:to/:id', handle: () => answerJson(200, {}) },
      {
        method: 'GET',
        path: '/refused',
        handle: () => {
          throw new HttpError(403, 'NO', 'No.');
        },
      },
      {
        method: 'GET',
        path: '/broken',
        handle: () => {
          throw new Error('Canary Name');
        },
      },
    ];
    const served = await serve({
      host: '127.0.0.1',
      port: 0,
      routes,
      log,
      observe: http.answers('officer', routes),
    });
    const get = (path: string, method = 'GET') =>
      fetch(`${served.url}${path}`, { method }).then((r) => r.status);
    expect(await get('/parts/xa/1')).toBe(200);
    for (const path of ['/refused', '/broken', '/none']) await get(path);
    await get('/parts/xa/1', 'DELETE');
    const before = await seriesOf(metrics);
    expect(before).toContain(
      'focalnet_http_requests_total{listener="officer",method="GET",route="/parts/:to/:id",status="2xx"}',
    );
    expect(before).toContain(
      'focalnet_http_requests_total{listener="officer",method="GET",route="other",status="4xx"}',
    );
    expect(before).toContain(
      'focalnet_http_requests_total{listener="officer",method="GET",route="/broken",status="5xx"}',
    );
    for (let i = 0; i < 50; i++) await get(`/parts/xa/Canary-${i}?name=Canary`);
    for (let i = 0; i < 50; i++) await get(`/Canary-${i}/"}\u2028`);
    await served.close();
    const after = await seriesOf(metrics);
    expect(after).toEqual(before);
    expect(after.join()).not.toContain('Canary');
  });

  it('GraphQL operations are counted by type and outcome', async () => {
    const metrics = makeMetrics();
    const observe = observeHttp(metrics, ['officer']).operations('officer');
    const schema = buildSchema('type Query { ok: Int refused: Int failed: Int } type Mutation { done: Int }');
    const query = schema.getQueryType()!.getFields();
    query.refused!.resolve = () => {
      throw new HttpError(409, 'NO', 'No.');
    };
    query.failed!.resolve = () => {
      throw new Error('Canary');
    };
    const routes: Route[] = [
      {
        method: 'POST',
        path: '/graphql',
        handle: createGraphql({ schema, context: () => ({}), log, observe }),
      },
    ];
    const served = await serve({ host: '127.0.0.1', port: 0, routes, log });
    const ask = (text: string) =>
      fetch(`${served.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-focalnet': '1' },
        body: JSON.stringify({ query: text }),
      });
    const texts = [
      '{ ok }',
      'query Canary { refused }',
      '{ failed }',
      'mutation { done }',
      '{ canary }',
      '{ canary(',
    ];
    for (const text of texts) await ask(text);
    await served.close();
    const { text } = await metrics.scrape();
    const counted = (type: string, outcome: string) =>
      text.includes(
        `focalnet_graphql_operations_total{endpoint="officer",type="${type}",outcome="${outcome}"} `,
      );
    expect([
      counted('query', 'ok'),
      counted('query', 'refused'),
      counted('query', 'failed'),
      counted('mutation', 'ok'),
      counted('none', 'refused'),
    ]).toEqual([true, true, true, true, true]);
    expect(text.toLowerCase()).not.toContain('canary');
  });
});

describe('the listener for operators', () => {
  it('is on this machine alone unless a host is named', () => {
    expect(parseOperationsAddress('8410')).toEqual({ host: '127.0.0.1', port: 8410 });
    expect(parseOperationsAddress('10.0.0.5:8410')).toEqual({ host: '10.0.0.5', port: 8410 });
    expect(parseOperationsAddress('[::1]:8410')).toEqual({ host: '::1', port: 8410 });
    expect(parseOperationsAddress(undefined)).toBeNull();
    for (const text of ['70000', 'localhost', ':8410', '8410x'])
      expect(() => parseOperationsAddress(text)).toThrow('FOCALNET_OPERATIONS');
  });

  it('shows metrics, health and status, and warns where it is open to others', async () => {
    const warned: string[] = [];
    const told = {
      metrics: makeMetrics(),
      readiness: async () => ({ database: true, list: 0 }),
      status: async () => ({ state: 'xa' }),
      log: { ...log, warn: (event: string) => void warned.push(event) },
    };
    const served = await serveOperations({ host: '127.0.0.1', port: 0 }, told);
    const get = (path: string) => fetch(`${served.url}${path}`);
    expect([(await get('/livez')).status, (await get('/readyz')).status]).toEqual([200, 503]);
    expect(await (await get('/status')).json()).toEqual({ state: 'xa' });
    const metrics = await get('/metrics');
    expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await metrics.text()).toContain('process_cpu_seconds_total');
    expect(warned).toEqual([]);
    await served.close();
    const open = await serveOperations({ host: '0.0.0.0', port: 0 }, told);
    await open.close();
    expect(warned).toEqual(['operations-exposed']);
  });
});
