import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGraphql } from '#platform/http/graphql.ts';
import { HttpError } from '#platform/http/http-error.ts';
import { makeLog } from '#platform/http/log.ts';
import { type Served, serve } from '#platform/http/serve.ts';

type Context = { caller: string };

const Node: GraphQLObjectType = new GraphQLObjectType({
  name: 'Node',
  fields: () => ({
    name: { type: GraphQLString, resolve: () => 'n' },
    next: { type: Node, resolve: () => ({}) },
  }),
});
let subscriptionEnded: () => void = () => {};
const schema = new GraphQLSchema({
  query: new GraphQLObjectType<unknown, Context>({
    name: 'Query',
    fields: {
      node: { type: Node, resolve: () => ({}) },
      echo: {
        type: GraphQLString,
        args: { text: { type: GraphQLString }, n: { type: GraphQLInt } },
        resolve: (_root, { text }) => text,
      },
      caller: { type: GraphQLString, resolve: (_root, _args, { caller }) => caller },
      told: {
        type: GraphQLString,
        resolve: () => {
          throw new HttpError(503, 'OVERLOADED', 'Later.', 9);
        },
      },
      secret: {
        type: GraphQLString,
        resolve: () => {
          throw new Error('Canary');
        },
      },
    },
  }),
  mutation: new GraphQLObjectType({
    name: 'Mutation',
    fields: { act: { type: GraphQLString, resolve: () => 'done' } },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      ticks: {
        type: GraphQLInt,
        subscribe: async function* () {
          try {
            for (let ticks = 1; ; ticks++) {
              yield { ticks };
              await new Promise((resolve) => setImmediate(resolve));
            }
          } finally {
            subscriptionEnded();
          }
        },
      },
    },
  }),
});

let served: Served;
beforeAll(async () => {
  const options = {
    schema,
    log: makeLog('test', 'silent'),
    context: async ({
      headers,
    }: {
      headers: Readonly<Record<string, string | undefined>>;
    }): Promise<Context> => {
      if (headers['x-who'] === undefined) throw new HttpError(401, 'SIGNATURE_MISSING', 'Sign it.');
      return { caller: headers['x-who'] };
    },
  };
  const graphql = createGraphql<Context>(options);
  const cheap = createGraphql<Context>({ ...options, limits: { cost: 10 } });
  const development = createGraphql<Context>({ ...options, introspection: true, limits: { depth: 20 } });
  served = await serve({
    host: '127.0.0.1',
    port: 0,
    log: options.log,
    routes: [
      { method: 'POST', path: '/graphql', handle: graphql },
      { method: 'GET', path: '/graphql', handle: graphql },
      { method: 'POST', path: '/cheap', handle: cheap },
      { method: 'POST', path: '/development', handle: development },
    ],
  });
});
afterAll(() => served.close());

const post = (body: string, headers: Record<string, string> = {}, path = '/graphql') =>
  fetch(served.url + path, {
    method: 'POST',
    body,
    headers: { 'x-who': 'xa', 'x-focalnet': '1', 'content-type': 'application/json', ...headers },
  });
type Answer = {
  data?: Record<string, unknown> | null;
  errors?: { message: string; extensions: Record<string, unknown> }[];
};
const ask = async (query: string, variables = {}, path = '/graphql') =>
  (await (await post(JSON.stringify({ query, variables }), {}, path)).json()) as Answer;

describe('a GraphQL endpoint', () => {
  it('answers a query with the context of its caller', async () => {
    expect(await ask('{ caller }')).toEqual({ data: { caller: 'xa' } });
  });

  it('answers 401 when the context refuses', async () => {
    const response = await fetch(`${served.url}/graphql`, {
      method: 'POST',
      body: '{}',
      headers: { 'x-focalnet': '1', 'content-type': 'application/json' },
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'SIGNATURE_MISSING' });
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded', 'query=mutation{act}'],
    ['plain text', 'text/plain', '{"query":"mutation{act}"}'],
    ['a GraphQL text', 'application/graphql', 'mutation{act}'],
    [
      'multipart',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"mutation{act}"}\r\n--x--',
    ],
  ])('refuses %s', async (_what, type, body) => {
    expect((await post(body, { 'content-type': type })).status).toBe(415);
  });

  it('refuses a POST without the custom header, and mutations by GET', async () => {
    const bare = await fetch(`${served.url}/graphql`, {
      method: 'POST',
      body: '{"query":"{caller}"}',
      headers: { 'content-type': 'application/json', 'x-who': 'xa' },
    });
    expect(bare.status).toBe(403);
    const get = (query: string) =>
      fetch(`${served.url}/graphql?query=${encodeURIComponent(query)}`, { headers: { 'x-who': 'xa' } });
    expect((await get('mutation { act }')).status).toBe(405);
    expect(await (await get('{ caller }')).json()).toEqual({ data: { caller: 'xa' } });
  });

  it('refuses batches, large bodies and broken JSON', async () => {
    const batch = (await (await post('[{"query":"{caller}"},{"query":"{caller}"}]')).json()) as Answer;
    expect(JSON.stringify(batch)).not.toContain('"xa"');
    expect((await post(`{"query":"{caller}","x":"${'a'.repeat(300_000)}"}`)).status).toBe(413);
    expect((await post('{"query":')).status).toBe(400);
  });

  const nest = (levels: number): string => (levels === 0 ? 'name' : `next { ${nest(levels - 1)} }`);
  it.each([
    ['depth', `{ node { ${nest(7)} } }`, 'depth'],
    ['aliases', `{ ${Array.from({ length: 16 }, (_, i) => `a${i}: caller`).join(' ')} }`, 'Aliases'],
    ['tokens', `{ ${'caller '.repeat(1001)} }`, 'Token'],
    ['directives', `{ caller ${'@include(if: true) '.repeat(11)} }`, 'Directives'],
  ])('limits %s', async (_what, query, word) => {
    const { data, errors } = await ask(query);
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.message).toContain(word);
    expect(errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
  });

  it('limits cost', async () => {
    const query = `{ node { ${nest(4)} ${nest(5)} a: ${nest(5)} } }`;
    expect((await ask(query)).errors).toBeUndefined();
    expect((await ask(query, {}, '/cheap')).errors?.[0]?.message).toContain('Cost');
  });

  it('refuses fragments that contain themselves', async () => {
    const { errors } = await ask(
      '{ node { ...A } } fragment A on Node { next { ...B } } fragment B on Node { ...A }',
    );
    expect(errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
  });

  it('answers introspection only where it is turned on', async () => {
    const query = '{ __schema { types { name } } }';
    expect((await ask(query)).data ?? null).toBeNull();
    expect((await ask(query, {}, '/development')).data).toHaveProperty('__schema');
  });

  it('shows codes meant for callers and hides everything else', async () => {
    const told = await ask('{ told }');
    expect(told.errors?.[0]).toMatchObject({
      message: 'Later.',
      path: ['told'],
      extensions: { code: 'OVERLOADED', retryAfterS: 9 },
    });
    const secret = await ask('{ secret }');
    expect(JSON.stringify(secret)).not.toContain('Canary');
    expect(secret.errors?.[0]?.extensions.code).toBe('INTERNAL');
    expect(secret.errors?.[0]?.extensions.correlationId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('repeats nothing of the request in its errors', async () => {
    const variable = await ask('query($n: Int) { echo(n: $n) }', { n: 'Canary' });
    const literal = await ask('{ echo(n: "Canary") }');
    const field = await ask('{ Canary }');
    const near = await ask('{ calle }');
    for (const answer of [variable, literal, field, near]) {
      expect(answer.errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
      expect(JSON.stringify(answer)).not.toMatch(/Canary|Did you mean/);
    }
  });

  it('streams a subscription and ends it when the caller goes away', async () => {
    const ended = new Promise<void>((resolve) => {
      subscriptionEnded = resolve;
    });
    const aborter = new AbortController();
    const response = await fetch(`${served.url}/graphql`, {
      method: 'POST',
      signal: aborter.signal,
      body: JSON.stringify({ query: 'subscription { ticks }' }),
      headers: {
        'x-who': 'xa',
        'x-focalnet': '1',
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
    });
    let text = '';
    for await (const piece of response.body!) {
      text += Buffer.from(piece).toString();
      if (text.includes('"ticks":2')) break;
    }
    aborter.abort();
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    await ended;
  });
});
