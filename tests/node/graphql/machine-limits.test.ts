/**
 * The limits of the endpoint for other nodes, each alone, in calls that are signed as they must be: a listed peer may be hostile.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signRequest } from '#schema/jws/request.ts';
import { startNetwork, type TestNetwork } from '../../fixtures/exchange-network.ts';
import { limitCases } from '../../fixtures/limit-cases.ts';

let network: TestNetwork;
let url: URL;
beforeAll(async () => {
  network = await startNetwork(false);
  url = new URL(`${network.a.ctx.trust.peer('xb' as never)!.urls[0]}/graphql`);
}, 120_000);
afterAll(() => network.close());

const JSON_HEADERS = { 'content-type': 'application/json', 'x-focalnet': '1' };
type Answer = { status: number; code: string | undefined; messages: string[]; data: unknown };

/** A call of xa, with a good signature whatever its body. */
async function call(
  text: string,
  headers: Record<string, string> = JSON_HEADERS,
  method: 'POST' | 'GET' = 'POST',
): Promise<Answer> {
  const body = new TextEncoder().encode(text);
  const target = { method, authority: url.host, path: url.pathname, query: '' };
  const nowS = Math.floor(Date.now() / 1000);
  const nonce = randomBytes(18).toString('base64url');
  const signed = await signRequest({ ...target, body, nowS, nonce }, network.a.ctx.identity.sig);
  const init = method === 'GET' ? {} : { body };
  const response = await fetch(url, { method, headers: { ...headers, ...signed }, ...init });
  const { code, errors, data } = (await response.json()) as {
    code?: string;
    errors?: { message: string; extensions: { code: string } }[];
    data?: unknown;
  };
  return {
    status: response.status,
    code: code ?? errors?.[0]?.extensions.code,
    messages: (errors ?? []).map(({ message }) => message),
    data: data ?? null,
  };
}
const ask = (query: string) => call(JSON.stringify({ query }));

describe('the endpoint for other nodes', () => {
  it('answers a listed peer', async () => {
    expect((await ask('{ list }')).data).toEqual({ list: 1 });
  });

  const DEFAULTS = { depth: 8, aliases: 15, tokens: 1000, cost: 5000, directives: 10 };
  it.each(limitCases(DEFAULTS))('limits $limit', async ({ keeps, breaks, says }) => {
    const [kept, broken] = [await ask(keeps), await ask(breaks)];
    expect(kept.messages.join()).not.toMatch(/limit/i);
    expect(broken).toMatchObject({ data: null, code: 'BAD_REQUEST' });
    expect(broken.messages.join()).toContain(says);
  });

  it('refuses introspection, which a whole request beside it is not refused for', async () => {
    for (const query of ['{ list __schema { types { name } } }', '{ list __type(name: "Query") { name } }'])
      expect(await ask(query)).toMatchObject({ data: null, code: 'BAD_REQUEST' });
    expect((await ask('{ list __typename }')).data).toEqual({ list: 1, __typename: 'Query' });
  });

  it('refuses a batch', async () => {
    const batch = await call('[{"query":"{ list }"},{"query":"{ list }"}]');
    expect([batch.status, batch.data]).toEqual([400, null]);
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'application/graphql', 'multipart/form-data'])(
    'refuses %s',
    async (type) => {
      const refused = await call('{"query":"{ list }"}', { ...JSON_HEADERS, 'content-type': type });
      expect([refused.status, refused.code]).toEqual([415, 'NOT_JSON']);
    },
  );

  it('refuses a call without the header that no form can send, and GET', async () => {
    const bare = await call('{"query":"{ list }"}', { 'content-type': 'application/json' });
    expect([bare.status, bare.code]).toEqual([403, 'CSRF']);
    const got = await call('', JSON_HEADERS, 'GET');
    expect([got.status, got.code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
  });

  it('refuses a body by its size: 64 of the largest messages fit, a little more does not', async () => {
    const most = 24 * 1024 * 1024;
    const filled = (bytes: number) => `{"query":"{ list }"}${' '.repeat(bytes - 20)}`;
    expect((await call(filled(most))).data).toEqual({ list: 1 });
    const refused = await call(filled(most + 1)).catch(() => null);
    // The server may close the line while the rest is still being sent.
    if (refused !== null) expect([refused.status, refused.code]).toEqual([413, 'BODY_TOO_LARGE']);
    expect((await ask('{ list }')).data).toEqual({ list: 1 });
  });
});
