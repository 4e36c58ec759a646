import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  generateSigningJwk,
  importSigningKey,
  importVerifyKey,
  signBytes,
  toPublicJwk,
  verifyBytes,
} from '#schema/jws/keys.ts';
import {
  buildSignatureBase,
  type FindKey,
  RequestError,
  type SignatureHeaders,
  signRequest,
  verifyRequest,
} from '#schema/jws/request.ts';
import { decodeBase64, decodeBase64Url, encodeBase64 } from '#schema/protocol/base64.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import { Party } from '#schema/protocol/ids.ts';

const NOW_S = 1_800_000_000;
const NONCE = 'abcdefghijklmnopqrstuv';
const body = new TextEncoder().encode('{"query":"{ __typename }"}');
const target = { method: 'POST', authority: 'Node.XA.example:443', path: '/graphql', query: 'a=1&b=%20' };

let jwk: Awaited<ReturnType<typeof generateSigningJwk>>;
let headers: SignatureHeaders;
const findKey: FindKey = (kid) => {
  if (kid !== 'xa#sig-1') throw new ProtocolError('KEY_UNKNOWN');
  return { party: Party.parse('xa'), jwk: toPublicJwk(jwk) };
};

beforeAll(async () => {
  jwk = await generateSigningJwk(new Uint8Array(32).fill(7));
  const key = await importSigningKey('xa#sig-1', jwk);
  headers = await signRequest({ ...target, body, nowS: NOW_S, nonce: NONCE }, key);
});

type Change = Partial<
  typeof target & { body: Uint8Array; headers: Record<string, string | undefined>; nowS: number }
>;

const check = (change: Change = {}) => {
  const { nowS = NOW_S, ...request } = change;
  return verifyRequest({ ...target, body, headers, ...request }, findKey, nowS);
};

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RequestError);
  return (error as RequestError).code;
}

const withHeader = (name: keyof SignatureHeaders, edit: (value: string) => string) => ({
  headers: { ...headers, [name]: edit(headers[name]) },
});

describe('RFC 9421 test vector B.2.6 (ed25519)', () => {
  const params =
    '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"';
  const expected = 'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==';
  const base = new TextEncoder().encode(
    buildSignatureBase(
      [
        ['date', 'Tue, 20 Apr 2021 02:07:55 GMT'],
        ['@method', 'POST'],
        ['@path', '/foo'],
        ['@authority', 'example.com'],
        ['content-type', 'application/json'],
        ['content-length', '18'],
      ],
      params,
    ),
  );

  test('the same seed gives the published public key and signature', async () => {
    const seed = decodeBase64Url('n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU');
    const published = await generateSigningJwk(seed);
    expect(published.x).toBe('JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs');
    const { key } = await importSigningKey('xa#sig-1', published);
    expect(encodeBase64(await signBytes(base, key))).toBe(expected);
  });

  test('the published signature verifies', async () => {
    const key = await importVerifyKey({
      kty: 'OKP',
      crv: 'Ed25519',
      x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs',
    });
    expect(await verifyBytes(decodeBase64(expected), base, key)).toBe(true);
  });
});

describe('a signed request', () => {
  test('names its signer and its nonce', async () => {
    expect(await check()).toEqual({
      party: 'xa',
      kid: 'xa#sig-1',
      nonce: NONCE,
      expires: NOW_S + 60,
      rememberNonceUntilS: NOW_S + 360,
    });
  });

  test('has the digest that node:crypto computes', () => {
    const digest = createHash('sha256').update(body).digest('base64');
    expect(headers['content-digest']).toBe(`sha-256=:${digest}:`);
  });

  test('without a body and without a query is covered too', async () => {
    const key = await importSigningKey('xa#sig-1', jwk);
    const get = { method: 'GET', authority: 'xa.example', path: '', query: '', body: new Uint8Array() };
    const signed = await signRequest({ ...get, nowS: NOW_S, nonce: NONCE }, key);
    await expect(
      verifyRequest({ ...get, path: '/', query: '?', headers: signed }, findKey, NOW_S),
    ).resolves.toMatchObject({ party: 'xa' });
    expect(await refusal(verifyRequest({ ...get, body, headers: signed }, findKey, NOW_S))).toBe(
      'DIGEST_MISMATCH',
    );
  });

  test('of a streamed body is verified by the announced hash', async () => {
    const bodySha256 = createHash('sha256').update(body).digest('hex');
    await expect(verifyRequest({ ...target, headers, bodySha256 }, findKey, NOW_S)).resolves.toMatchObject({
      kid: 'xa#sig-1',
    });
    const other = '0'.repeat(64);
    expect(await refusal(verifyRequest({ ...target, headers, bodySha256: other }, findKey, NOW_S))).toBe(
      'DIGEST_MISMATCH',
    );
  });
});

describe('tampering', () => {
  const tampered: [string, Change, string][] = [
    ['method', { method: 'PUT' }, 'BAD_SIGNATURE'],
    ['authority', { authority: 'node.xb.example' }, 'BAD_SIGNATURE'],
    ['port', { authority: 'node.xa.example:8443' }, 'BAD_SIGNATURE'],
    ['path', { path: '/graphql/' }, 'BAD_SIGNATURE'],
    ['query', { query: 'a=1&b=%21' }, 'BAD_SIGNATURE'],
    ['query dropped', { query: '' }, 'BAD_SIGNATURE'],
    ['body', { body: new Uint8Array([1]) }, 'DIGEST_MISMATCH'],
    ['line break in the path', { path: '/graphql\n"@query": ?' }, 'TARGET_INVALID'],
    ['query moved into the path', { path: '/graphql?a=1&b=%20', query: '' }, 'TARGET_INVALID'],
    ['too late', { nowS: NOW_S + 361 }, 'REQUEST_EXPIRED'],
    ['too early', { nowS: NOW_S - 301 }, 'REQUEST_FROM_FUTURE'],
  ];
  test.each(tampered)('%s', async (_name, change, code) => {
    expect(await refusal(check(change))).toBe(code);
  });

  test('body and digest together', async () => {
    const other = new Uint8Array([1]);
    const digest = `sha-256=:${createHash('sha256').update(other).digest('base64')}:`;
    expect(await refusal(check({ body: other, ...withHeader('content-digest', () => digest) }))).toBe(
      'BAD_SIGNATURE',
    );
  });

  const params: [string, (input: string) => string, string][] = [
    ['created', (input) => input.replace(/created=\d+/, `created=${NOW_S - 1}`), 'BAD_SIGNATURE'],
    ['expires', (input) => input.replace(/expires=\d+/, `expires=${NOW_S + 61}`), 'BAD_SIGNATURE'],
    [
      'expires far away',
      (input) => input.replace(/expires=\d+/, `expires=${NOW_S + 9999}`),
      'SIGNATURE_MALFORMED',
    ],
    ['nonce', (input) => input.replace(NONCE, 'vutsrqponmlkjihgfedcba'), 'BAD_SIGNATURE'],
    ['unknown key', (input) => input.replace('xa#sig-1', 'xa#sig-2'), 'KEY_UNKNOWN'],
    ['key id with a path', (input) => input.replace('xa#sig-1', '../xa#sig-1'), 'SIGNATURE_MALFORMED'],
    ['algorithm', (input) => input.replace('ed25519', 'hmac-sha256'), 'SIGNATURE_MALFORMED'],
    ['tag', (input) => input.replace('focalnet', 'other'), 'SIGNATURE_MALFORMED'],
    ['label', (input) => input.replace('sig=', 'sig1='), 'SIGNATURE_MALFORMED'],
    ['second signature', (input) => `${input}, ${input}`, 'SIGNATURE_MALFORMED'],
    ['trailing parameter', (input) => `${input};x=1`, 'SIGNATURE_MALFORMED'],
    ['component more', (input) => input.replace('"@method"', '"@method" "date"'), 'SIGNATURE_MALFORMED'],
    ['no components', (input) => input.replace(/\(.*\)/, '()'), 'COMPONENT_MISSING'],
  ];
  test.each(params)('parameter: %s', async (_name, edit, code) => {
    expect(await refusal(check(withHeader('signature-input', edit)))).toBe(code);
  });

  test.each(['@method', '@authority', '@path', '@query', 'content-digest'])('uncovered %s', async (name) => {
    const edit = (input: string) =>
      input.replace(`"${name}"`, '').replace(/ {2}/, ' ').replace('( ', '(').replace(' )', ')');
    expect(await refusal(check(withHeader('signature-input', edit)))).toBe('COMPONENT_MISSING');
  });

  test.each(['signature', 'signature-input', 'content-digest'])(
    'header %s missing or doubled',
    async (name) => {
      const missing = await refusal(check({ headers: { ...headers, [name]: undefined } }));
      expect(missing).toBe(name === 'content-digest' ? 'COMPONENT_MISSING' : 'SIGNATURE_MISSING');
      const value = headers[name as keyof SignatureHeaders];
      expect(await refusal(check({ headers: { ...headers, [name]: `${value}, ${value}` } }))).toBe(
        'SIGNATURE_MALFORMED',
      );
    },
  );

  test('any changed character of a header is refused', async () => {
    const names = ['signature', 'signature-input', 'content-digest'] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.nat(),
        fc.integer({ min: 32, max: 126 }),
        async (name, at, code) => {
          const value = headers[name];
          const where = at % value.length;
          const edited = value.slice(0, where) + String.fromCharCode(code) + value.slice(where + 1);
          fc.pre(edited !== value);
          await refusal(check({ headers: { ...headers, [name]: edited } }));
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('signing keys', () => {
  test('a pair whose halves do not belong together is refused', async () => {
    const other = await generateSigningJwk(new Uint8Array(32).fill(8));
    await expect(importSigningKey('xa#sig-1', { ...jwk, x: other.x })).rejects.toMatchObject({
      code: 'BAD_PRIVATE_KEY',
    });
    await expect(importSigningKey('xa#sig-1', toPublicJwk(jwk))).rejects.toMatchObject({
      code: 'BAD_PRIVATE_KEY',
    });
  });

  test('a short seed is refused', async () => {
    await expect(generateSigningJwk(new Uint8Array(31))).rejects.toMatchObject({ code: 'BAD_SEED' });
  });
});
