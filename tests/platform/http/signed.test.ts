import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGraphql } from '#platform/http/graphql.ts';
import { HttpError } from '#platform/http/http-error.ts';
import { makeLog } from '#platform/http/log.ts';
import { classifyAddress, parsePeerUrl } from '#platform/http/peer-address.ts';
import { PeerError } from '#platform/http/peer-error.ts';
import { makePeerAgent, type PeerAgent } from '#platform/http/peer-request.ts';
import type { HttpRequest } from '#platform/http/route.ts';
import { type Served, serve } from '#platform/http/serve.ts';
import { type SignedClient, signedClient } from '#platform/http/signed-client.ts';
import { type CheckRequest, makeNonceMemory, makeRequestCheck } from '#platform/http/signed-request.ts';
import { generateSigningJwk, importSigningKey, type SigningKey, toPublicJwk } from '#schema/jws/keys.ts';
import { signRequest } from '#schema/jws/request.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import { Party } from '#schema/protocol/ids.ts';

const log = makeLog('test', 'silent');
const MAX_BODY_BYTES = 100_000;
const jwk = await generateSigningJwk(randomBytes(32));
const key: SigningKey = await importSigningKey('xa#sig-1', jwk);

const nowMs = Date.now();
let check: CheckRequest;
let served: Served;
let agent: PeerAgent;
let client: SignedClient;
let lastBody = Buffer.alloc(0);
let subscriptionEnded: () => void = () => {};

const schema = new GraphQLSchema({
  query: new GraphQLObjectType<unknown, { party: string }>({
    name: 'Query',
    fields: {
      caller: { type: GraphQLString, resolve: (_root, _args, { party }) => party },
      echo: {
        type: GraphQLString,
        args: { text: { type: GraphQLString } },
        resolve: (_root, { text }) => text,
      },
      full: {
        type: GraphQLString,
        resolve: () => {
          throw new HttpError(503, 'OVERLOADED', 'Later.', 12);
        },
      },
      never: { type: GraphQLString, resolve: () => new Promise(() => {}) },
    },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      ticks: {
        type: GraphQLInt,
        args: { last: { type: GraphQLInt } },
        subscribe: async function* (_root, { last }) {
          try {
            for (let ticks = 1; ticks <= last; ticks++) {
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

beforeAll(async () => {
  check = makeRequestCheck({
    nowMs: () => nowMs,
    ownUrls: () => [served.url],
    remember: makeNonceMemory(),
    findKey: (kid) => {
      if (kid !== key.kid) throw new ProtocolError('KEY_UNKNOWN');
      return { party: Party.parse('xa'), jwk: toPublicJwk(jwk) };
    },
  });
  const checked = (request: HttpRequest) => check(request, MAX_BODY_BYTES);
  served = await serve({
    host: '127.0.0.1',
    port: 0,
    log,
    routes: [
      { method: 'POST', path: '/graphql', handle: createGraphql({ schema, log, context: checked }) },
      {
        method: 'PUT',
        path: '/blobs/:name',
        handle: async (request) => {
          await checked(request);
          lastBody = Buffer.from(await request.readBody());
          return { status: 201 };
        },
      },
      {
        method: 'GET',
        path: '/blobs/:name',
        handle: async (request) => {
          await checked(request);
          return { status: 200, body: lastBody };
        },
      },
      { method: 'GET', path: '/away', handle: () => ({ status: 302, headers: { location: '/blobs/x' } }) },
    ],
  });
  agent = makePeerAgent({ allowLoopbackPeers: true });
  client = signedClient({ key, agent, nowMs: () => nowMs });
});
afterAll(async () => {
  agent.close();
  await served.close();
});

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error as { code?: unknown }).code,
  );

describe('a signed client', () => {
  it('asks, puts and gets', async () => {
    const url = `${served.url}/graphql`;
    expect(await client.graphql(url, '{ caller }')).toEqual({ caller: 'xa' });
    const text = 'ä "quoted" \u{1f600}';
    expect(await client.graphql(url, 'query($t: String) { echo(text: $t) }', { t: text })).toEqual({
      echo: text,
    });
    const blob = randomBytes(MAX_BODY_BYTES);
    await client.put(`${served.url}/blobs/a%20b?x=1`, blob);
    expect(lastBody.equals(blob)).toBe(true);
    expect(Buffer.from(await client.get(`${served.url}/blobs/a`)).equals(blob)).toBe(true);
  });

  it('says what the peer said', async () => {
    const refused = await client
      .graphql(`${served.url}/graphql`, '{ full }')
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PeerError);
    expect(refused).toMatchObject({ code: 'OVERLOADED', retryAfterS: 12 });
    expect(await codeOf(client.get(`${served.url}/nothing`))).toBe('NOT_FOUND');
    expect(await codeOf(client.put(`${served.url}/blobs/a`, randomBytes(MAX_BODY_BYTES + 1)))).toBe(
      'BODY_TOO_LARGE',
    );
    expect(await codeOf(client.get(`${served.url}/blobs/a`, { maxBytes: 10 }))).toBe('RESPONSE_TOO_LARGE');
  });

  it('follows no redirect', async () => {
    expect(await codeOf(client.get(`${served.url}/away`))).toBe('REDIRECT_REFUSED');
  });

  it('gives up in time, when told, and when nobody is there', async () => {
    const url = `${served.url}/graphql`;
    expect(await codeOf(client.graphql(url, '{ never }', {}, { timeoutMs: 50 }))).toBe('TIMEOUT');
    const aborter = new AbortController();
    const call = codeOf(client.graphql(url, '{ never }', {}, { signal: aborter.signal }));
    aborter.abort();
    expect(await call).toBe('ABORTED');
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    expect(await codeOf(client.get(`http://127.0.0.1:${port}/`))).toBe('UNREACHABLE');
  });

  it('says when certainly nothing left, and not when something may have', async () => {
    const sent = (promise: Promise<unknown>) =>
      promise.catch((error: PeerError) => [error.code, error.nothingSent] as const);
    const url = `${served.url}/graphql`;
    const call = (options: { timeoutMs?: number; signal?: AbortSignal }) =>
      sent(client.graphql(url, '{ never }', {}, options));
    expect(await call({ timeoutMs: 200 })).toEqual(['TIMEOUT', false]);
    expect(await call({ signal: AbortSignal.abort() })).toEqual(['ABORTED', true]);
    expect(await sent(client.get('http://10.0.0.1/'))).toEqual(['PEER_ADDRESS_REFUSED', true]);
    const silent = createServer((request) => request.socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    expect(await sent(client.get(`http://127.0.0.1:${port}/`))).toEqual(['UNREACHABLE', false]);
    await new Promise((resolve) => silent.close(resolve));
    expect(await sent(client.get(`http://127.0.0.1:${port}/`))).toEqual(['UNREACHABLE', true]);
  });

  it('replaces a kept connection that the peer has closed', async () => {
    let answered = 0;
    const fickle = createServer((request, response) => {
      // Answers once on each connection and cuts it at the second request.
      if (answered++ === 1) return request.socket.destroy();
      response.end('ok');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => fickle.once('listening', resolve));
    const url = `http://127.0.0.1:${(fickle.address() as AddressInfo).port}/`;
    await client.get(url);
    expect(Buffer.from(await client.get(url)).toString()).toBe('ok');
    expect(answered).toBe(3);
    await new Promise((resolve) => {
      fickle.close(resolve);
      fickle.closeAllConnections();
    });
  });

  it('receives events until the peer completes, or until told', async () => {
    const url = `${served.url}/graphql`;
    const ticks = 'subscription($last: Int) { ticks(last: $last) }';
    const all: unknown[] = [];
    let opened = 0;
    const onOpen = () => {
      opened++;
    };
    for await (const event of client.subscribe(url, ticks, { onOpen, variables: { last: 3 } }))
      all.push(event);
    expect([opened, all]).toEqual([1, [{ ticks: 1 }, { ticks: 2 }, { ticks: 3 }]]);
    const ended = new Promise<void>((resolve) => {
      subscriptionEnded = resolve;
    });
    const aborter = new AbortController();
    const options = { variables: { last: 1_000_000_000 }, signal: aborter.signal };
    for await (const _ of client.subscribe(url, ticks, options)) aborter.abort();
    await ended;
  });

  it('says why a subscription is refused', async () => {
    expect(await codeOf(client.subscribe(`${served.url}/graphql`, 'subscription { none }').next())).toBe(
      'BAD_REQUEST',
    );
    expect(await codeOf(client.subscribe(`${served.url}/none`, 'subscription { ticks }').next())).toBe(
      'NOT_FOUND',
    );
  });
});

describe('a signature check', () => {
  const body = Buffer.from('{"query":"{ caller }"}');
  const target = () => ({ method: 'POST', authority: new URL(served.url).host, path: '/graphql', query: '' });
  const sign = (nowS = Math.floor(nowMs / 1000)) =>
    signRequest({ ...target(), body, nowS, nonce: randomBytes(18).toString('base64url') }, key);
  const send = async (headers: Record<string, string>, sent: Uint8Array = body, path = '/graphql') => {
    const response = await fetch(served.url + path, {
      method: 'POST',
      body: sent as Uint8Array<ArrayBuffer>,
      headers: { 'content-type': 'application/json', 'x-focalnet': '1', ...headers },
    });
    const answer = (await response.json()) as { code?: string };
    return [response.status, answer.code ?? null];
  };

  it('accepts what was signed, once', async () => {
    const headers = { ...(await sign()) };
    expect(await send(headers)).toEqual([200, null]);
    expect(await send(headers)).toEqual([401, 'NONCE_REUSED']);
  });

  it('refuses a changed body, path, query, key or time', async () => {
    expect(await send({ ...(await sign()) }, Buffer.from('{"query":"{ Caller }"}'))).toEqual([
      401,
      'DIGEST_MISMATCH',
    ]);
    expect(await send({ ...(await sign()) }, body, '/graphql?x=1')).toEqual([401, 'BAD_SIGNATURE']);
    expect(await send({ ...(await sign(Math.floor(nowMs / 1000) - 3600)) })).toEqual([
      401,
      'REQUEST_EXPIRED',
    ]);
    expect(await send({ ...(await sign(Math.floor(nowMs / 1000) + 3600)) })).toEqual([
      401,
      'REQUEST_FROM_FUTURE',
    ]);
    expect(await send({})).toEqual([401, 'SIGNATURE_MISSING']);
    const headers = await sign();
    const other = headers['signature-input'].replace('xa#sig-1', 'xb#sig-1');
    expect(await send({ ...headers, 'signature-input': other })).toEqual([401, 'KEY_UNKNOWN']);
    const { 'content-digest': digest, ...rest } = await sign();
    expect(await send(rest)).toEqual([401, 'COMPONENT_MISSING']);
    expect(await send({ ...rest, 'content-digest': `${digest}, ${digest}` })).toEqual([
      401,
      'SIGNATURE_MALFORMED',
    ]);
  });

  it('reads no byte of a body whose signature is bad', async () => {
    const headers = await sign();
    const changed = {
      ...headers,
      'content-digest': `sha-256=:${createHash('sha256').update('x').digest('base64')}:`,
    };
    let read = 0;
    const request = {
      ...target(),
      headers: changed,
      readBody: async () => {
        read++;
        return body;
      },
    } as unknown as HttpRequest;
    expect(await codeOf(check(request, 10))).toBe('BAD_SIGNATURE');
    expect(read).toBe(0);
  });

  it('remembers a nonce as long as it could pass, and no longer', () => {
    const remember = makeNonceMemory();
    expect(remember('k', 'n1', 100, 50)).toBe(true);
    expect(remember('k', 'n1', 100, 100)).toBe(false);
    expect(remember('l', 'n1', 100, 100)).toBe(true);
    expect(remember('k', 'n1', 200, 101)).toBe(true);
  });

  it('lets no key use up the nonces of another', () => {
    const remember = makeNonceMemory();
    for (let at = 0; at < 100_000; at++) remember('k', `n${at}`, 100, 50);
    expect(() => remember('k', 'one more', 100, 50)).toThrow('Too much at once');
    expect(remember('l', 'n1', 100, 50)).toBe(true);
  });

  it('refuses what was signed for another address', async () => {
    const elsewhere = { ...target(), authority: 'other.example', headers: await sign() };
    expect(await codeOf(check(elsewhere as unknown as HttpRequest, 10))).toBe('AUTHORITY_FOREIGN');
  });
});

describe('addresses of peers', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.0.9', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['10.1.2.3', 'private'],
    ['172.31.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['fd12:3456::1', 'private'],
    ['169.254.169.254', 'refused'],
    ['::ffff:169.254.169.254', 'refused'],
    ['fd00:ec2::254', 'refused'],
    ['100.100.100.200', 'refused'],
    ['0.0.0.0', 'refused'],
    ['::', 'refused'],
    ['::127.0.0.1', 'refused'],
    ['64:ff9b::7f00:1', 'refused'],
    ['2002:7f00:1::', 'refused'],
    ['fe80::1', 'refused'],
    ['224.0.0.1', 'refused'],
    ['255.255.255.255', 'refused'],
    ['not an address', 'refused'],
    ['93.184.216.34', 'public'],
    ['172.32.0.1', 'public'],
    ['2606:2800:220:1::1', 'public'],
  ])('%s is %s', (address, reach) => {
    expect(classifyAddress(address)).toBe(reach);
  });

  it('judges IPv4 written as IPv6 like IPv4', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(classifyAddress(`::ffff:${address}`)).toBe(classifyAddress(address));
      }),
    );
  });

  const strict = { allowLoopbackPeers: false };
  it.each([
    ['file:///etc/passwd', 'PEER_URL_REFUSED'],
    ['ftp://example.org', 'PEER_URL_REFUSED'],
    ['https://user:secret@example.org', 'PEER_URL_REFUSED'],
    ['nonsense', 'PEER_URL_REFUSED'],
    ['https://127.0.0.1/', 'PEER_ADDRESS_REFUSED'],
    ['https://2130706433/', 'PEER_ADDRESS_REFUSED'],
    ['https://0x7f.1/', 'PEER_ADDRESS_REFUSED'],
    ['https://[::1]/', 'PEER_ADDRESS_REFUSED'],
    ['http://93.184.216.34/', 'PEER_ADDRESS_REFUSED'],
  ])('refuses %s', (url, code) => {
    expect(() => parsePeerUrl(url, strict)).toThrow(expect.objectContaining({ code }));
  });

  it('judges the address that a name leads to, when it connects', async () => {
    const guarded = makePeerAgent(strict);
    const careful = signedClient({ key, agent: guarded, nowMs: () => nowMs });
    const url = served.url.replace('127.0.0.1', 'localhost');
    expect(await codeOf(careful.get(`${url}/blobs/a`))).toBe('PEER_ADDRESS_REFUSED');
    expect(await codeOf(client.get(`${url}/nothing`))).toBe('NOT_FOUND');
    guarded.close();
  });
});

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'focalnet-tls-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('speaks TLS 1.3 to a peer whose certificate verifies, and to no other', async () => {
    const path = (name: string) => join(folder, name);
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    const files = ['-keyout', path('key.pem'), '-out', path('cert.pem')];
    execFileSync('openssl', ['req', '-x509', ...curve, ...subject, ...files], { stdio: 'ignore' });
    const tls = { key: readFileSync(path('key.pem'), 'utf8'), cert: readFileSync(path('cert.pem'), 'utf8') };
    const routes = [{ method: 'GET' as const, path: '/', handle: () => ({ status: 200, body: 'hello' }) }];
    const secure = await serve({ host: '127.0.0.1', port: 0, routes, log, tls });
    const url = `${secure.url.replace('127.0.0.1', 'localhost')}/`;
    const trusting = makePeerAgent({ allowLoopbackPeers: true, ca: tls.cert });
    const trusted = signedClient({ key, agent: trusting, nowMs: () => nowMs });
    expect(Buffer.from(await trusted.get(url)).toString()).toBe('hello');
    await expect(client.get(url)).rejects.toMatchObject({ code: 'UNREACHABLE', nothingSent: true });
    trusting.close();
    await secure.close();
  });
});
