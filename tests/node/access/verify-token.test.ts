/** Tokens that no honest provider gives out, and which of them are believed: none. */
import { createHmac, createPublicKey } from 'node:crypto';
import {
  createLocalJWKSet,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '#deploy/demo/browser.ts';
import { SESSION_COOKIE } from '#node/access/cookies.ts';
import { enterPerson } from '#node/access/people.ts';
import { verifyIdToken, verifyLogoutToken } from '#node/access/sign-in/verify-token.ts';
import { HOSTILE_ACR, type HostileProvider, startHostileProvider } from '../../fixtures/hostile-provider.ts';
import { CLIENT, codeOf, type SignInNode, startSignInNode } from '../../fixtures/sign-in-node.ts';

const ISSUER = 'https://login.example';
const NOW_MS = 1_800_000_000_000;
const NOW_S = NOW_MS / 1000;
const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout';

let privateKey: CryptoKey;
let jwk: JWK;
let keys: Parameters<typeof verifyIdToken>[0];
beforeAll(async () => {
  const pair = await generateKeyPair('RS256');
  privateKey = pair.privateKey;
  jwk = { ...(await exportJWK(pair.publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' };
  keys = { issuer: ISSUER, clientId: 'node', findKey: createLocalJWKSet({ keys: [jwk] }) };
});

const idClaims = {
  iss: ISSUER,
  aud: 'node',
  sub: 'ana',
  nonce: 'nonce-1',
  acr: 'mfa',
  iat: NOW_S,
  exp: NOW_S + 300,
  auth_time: NOW_S - 60,
  sid: 'sid-1',
};
const logoutClaims = {
  iss: ISSUER,
  aud: 'node',
  sub: 'ana',
  sid: 'sid-1',
  jti: 'jti-1',
  iat: NOW_S,
  exp: NOW_S + 120,
  events: { [LOGOUT]: {} },
};
/** Changes of claims; undefined takes one out. */
type Change = Record<string, unknown>;
const changed = (claims: object, change: Change): JWTPayload =>
  JSON.parse(JSON.stringify({ ...claims, ...change })) as JWTPayload;
const sign = (claims: JWTPayload, header: object = {}, key: CryptoKey | Uint8Array = privateKey) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'key-1', ...header }).sign(key);

const expected = { nonce: 'nonce-1', acr: ['mfa'], provedSinceMs: NOW_MS - 3_600_000, nowMs: NOW_MS };
const believe = (token: string, change: object = {}) =>
  verifyIdToken(keys, token, { ...expected, ...change });
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'believed',
    (error: { code: string }) => error.code,
  );
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('an ID token', () => {
  it('of the provider, for this node, is believed', async () => {
    const identity = { subject: 'ana', sid: 'sid-1', acr: 'mfa', authTimeMs: NOW_MS - 60_000 };
    for (const header of [{}, { typ: 'JWT' }])
      expect(await believe(await sign(idClaims, header))).toEqual(identity);
    const two = changed(idClaims, { aud: ['node', 'other'], azp: 'node', sid: undefined });
    expect(await believe(await sign(two))).toEqual({ ...identity, sid: null });
  });

  it('without a signature, or signed with what everybody knows, is not', async () => {
    const payload = encode(idClaims);
    const none = [{ alg: 'none' }, { alg: 'None' }, { alg: 'none', kid: 'key-1' }, { kid: 'key-1' }];
    for (const header of none)
      for (const signature of ['', 'AAAA'])
        expect(await code(believe(`${encode(header)}.${payload}.${signature}`))).toBe('TOKEN_INVALID');
    const spki = await exportSPKI((await importJWK(jwk, 'RS256')) as CryptoKey);
    const der = createPublicKey(spki).export({ type: 'spki', format: 'der' });
    for (const secret of [spki, spki.trim(), der, JSON.stringify(jwk), jwk.n!, '']) {
      for (const [alg, hash] of [
        ['HS256', 'sha256'],
        ['HS512', 'sha512'],
      ] as const) {
        const head = `${encode({ alg, kid: 'key-1', typ: 'JWT' })}.${payload}`;
        const mac = createHmac(hash, secret).update(head).digest('base64url');
        expect(await code(believe(`${head}.${mac}`))).toBe('TOKEN_INVALID');
      }
    }
    // Not even where the key that is found would fit.
    const secret = Buffer.alloc(64, 7);
    const shared = await sign(idClaims, { alg: 'HS256' }, secret);
    const lenient = { ...keys, findKey: async () => secret };
    expect(await code(verifyIdToken(lenient, shared, expected))).toBe('TOKEN_INVALID');
    const token = await sign(idClaims);
    expect(await code(believe(token.slice(0, -8)))).toBe('TOKEN_INVALID');
    expect(
      await code(
        believe(`${token.split('.')[0]}.${encode({ ...idClaims, sub: 'boss' })}.${token.split('.')[2]}`),
      ),
    ).toBe('TOKEN_INVALID');
  });

  it('that brings or names its own key is not, nor one whose key id is a path or a statement', async () => {
    const mine = await generateKeyPair('RS256', { extractable: true });
    const own = await exportJWK(mine.publicKey);
    const headers = [
      { jwk: own },
      { jku: 'https://evil.example/keys' },
      { x5u: 'https://evil.example/cert' },
      { x5c: ['MIIB'] },
      { jku: 'https://evil.example/keys', kid: 'evil' },
      ...[
        '../../../../dev/null',
        '/dev/null',
        "key-1' or '1'='1",
        "x' union select 'k'; --",
        '',
        'key-1\u0000',
      ].map((kid) => ({ kid })),
    ];
    for (const header of headers)
      expect([header, await code(believe(await sign(idClaims, header, mine.privateKey)))]).toEqual([
        header,
        'TOKEN_INVALID',
      ]);
    // Not even where the signature is the provider's own.
    for (const header of headers.slice(0, 4))
      expect(await code(believe(await sign(idClaims, header)))).toBe('TOKEN_INVALID');
  });

  it.each<[string, Change, string?]>([
    ['no exp', { exp: undefined }],
    ['no iat', { iat: undefined }],
    ['no aud', { aud: undefined }],
    ['no iss', { iss: undefined }],
    ['no sub', { sub: undefined }],
    ['no nonce', { nonce: undefined }],
    ['no auth_time', { auth_time: undefined }],
    ['over', { iat: NOW_S - 200, exp: NOW_S - 31 }],
    ['exp as text', { exp: String(NOW_S + 300) }],
    ['signed long ago', { iat: NOW_S - 400, exp: NOW_S + 300 }],
    ['of the future', { iat: NOW_S + 60 }],
    ['not yet', { nbf: NOW_S + 60 }],
    ['another issuer', { iss: `${ISSUER}/` }],
    ['another audience', { aud: 'other' }],
    ['many audiences and nobody named', { aud: ['node', 'other'] }],
    ['issued to another', { aud: ['node', 'other'], azp: 'other' }],
    ['issued to another alone', { azp: 'other' }],
    ['another nonce', { nonce: 'nonce-2' }],
    ['an empty subject', { sub: '' }],
    ['a subject that is none', { sub: { $ne: null } }],
    ['proof of the future', { auth_time: NOW_S + 60 }],
    ['a logout token in disguise', { events: { [LOGOUT]: {} } }],
    ['stale proof', { auth_time: NOW_S - 3631 }, 'AUTH_STALE'],
    ['acr too low', { acr: 'pwd' }, 'ACR_TOO_LOW'],
    ['no acr', { acr: undefined }, 'ACR_TOO_LOW'],
    ['acr as a list', { acr: ['mfa'] }],
    ['acr that begins alike', { acr: 'mfa pwd' }, 'ACR_TOO_LOW'],
  ])('is not believed with %s', async (_, change, wanted = 'TOKEN_INVALID') => {
    expect(await code(believe(await sign(changed(idClaims, change))))).toBe(wanted);
  });

  it('for a step-up must have been proved since it was begun', async () => {
    const token = await sign(changed(idClaims, { auth_time: NOW_S - 31 }));
    expect(await code(believe(token, { provedSinceMs: NOW_MS }))).toBe('AUTH_STALE');
    const fresh = await sign(changed(idClaims, { auth_time: NOW_S - 29 }));
    expect(await code(believe(fresh, { provedSinceMs: NOW_MS }))).toBe('believed');
  });

  it('is never an access token or a logout token, nor is one of these an ID token', async () => {
    for (const typ of ['at+jwt', 'application/at+jwt', 'logout+jwt', 'secevent+jwt', 'dpop+jwt', 'JOSE'])
      expect([typ, await code(believe(await sign(idClaims, { typ })))]).toEqual([typ, 'TOKEN_INVALID']);
    const logOut = (token: string) => code(verifyLogoutToken(keys, token, NOW_MS));
    expect(await logOut(await sign(idClaims, { typ: 'logout+jwt' }))).toBe('TOKEN_INVALID');
    expect(await logOut(await sign(idClaims))).toBe('TOKEN_INVALID');
    expect(await code(believe(await sign(logoutClaims, { typ: 'logout+jwt' })))).toBe('TOKEN_INVALID');
    expect(await code(believe(await sign({ ...idClaims, ...logoutClaims })))).toBe('TOKEN_INVALID');
  });
});

describe('a logout token', () => {
  const logOut = async (change: Change = {}, header: object = { typ: 'logout+jwt' }) =>
    verifyLogoutToken(keys, await sign(changed(logoutClaims, change), header), NOW_MS);

  it('names a session, a person, or both', async () => {
    expect(await logOut()).toMatchObject({ jti: 'jti-1', subject: 'ana', sid: 'sid-1' });
    expect(await logOut({ sub: undefined })).toMatchObject({ subject: null, sid: 'sid-1' });
    expect(await logOut({ sid: undefined })).toMatchObject({ subject: 'ana', sid: null });
  });

  it.each<[string, Change, object?]>([
    ['no typ', {}, {}],
    ['another typ', {}, { typ: 'JWT' }],
    ['no exp', { exp: undefined }],
    ['no iat', { iat: undefined }],
    ['no aud', { aud: undefined }],
    ['no jti', { jti: undefined }],
    ['no events', { events: undefined }],
    ['another event', { events: { 'http://schemas.openid.net/event/other': {} } }],
    ['an event that is no object', { events: { [LOGOUT]: true } }],
    ['neither sid nor sub', { sid: undefined, sub: undefined }],
    ['a nonce', { nonce: 'nonce-1' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['another audience', { aud: 'other' }],
    ['an old signature', { iat: NOW_S - 400 }],
    ['its end behind it', { exp: NOW_S - 31 }],
  ])('is not believed with %s', async (_, change, header) => {
    expect(await code(logOut(change, header))).toBe('TOKEN_INVALID');
  });
});

describe('a hostile provider', () => {
  let hostile: HostileProvider;
  let node: SignInNode;
  beforeAll(async () => {
    hostile = await startHostileProvider(CLIENT.clientId, 'officer.xa');
    node = await startSignInNode({ issuer: hostile.issuer, acr: [HOSTILE_ACR], stepUpAcr: [HOSTILE_ACR] });
  });
  afterAll(async () => {
    await node?.close();
    await hostile?.close();
  });

  async function signIn(answer: () => string | Promise<string>, query = '') {
    hostile.answer = answer;
    const browser = openBrowser();
    const page = await browser.open(`${node.url}/sign-in${query}`);
    return { page, session: browser.cookies(node.url).get(SESSION_COOKIE) };
  }

  it('is believed as long as it is honest', async () => {
    expect((await signIn(() => hostile.sign(hostile.honest()))).page.status).toBe(200);
  });

  it('is not believed by the whole way of signing in, whatever it gives as ID token', async () => {
    const lies: [string, () => string | Promise<string>][] = [
      ['none', () => `${encode({ alg: 'none' })}.${encode(hostile.honest())}.`],
      [
        'HS256 with the client secret',
        () =>
          new SignJWT(hostile.honest())
            .setProtectedHeader({ alg: 'HS256' })
            .sign(Buffer.from(CLIENT.clientSecret)),
      ],
      [
        'a key of its own in the header',
        async () => {
          const mine = await generateKeyPair('RS256', { extractable: true });
          const header = { jwk: await exportJWK(mine.publicKey) };
          return sign(hostile.honest(), header, mine.privateKey);
        },
      ],
      ['a key nobody has', async () => sign(hostile.honest(), { kid: 'key-2' })],
      ['an access token', () => hostile.sign(hostile.honest(), { typ: 'at+jwt' })],
      ['the nonce of another', () => hostile.sign({ ...hostile.honest(), nonce: 'N'.repeat(43) })],
      ['another audience', () => hostile.sign({ ...hostile.honest(), aud: 'other' })],
      ['no auth_time', () => hostile.sign(changed(hostile.honest(), { auth_time: undefined }))],
      ['no token', () => ''],
    ];
    for (const [lie, answer] of lies) {
      const { page, session } = await signIn(answer);
      expect([lie, page.status, codeOf(page), session]).toEqual([lie, 401, 'TOKEN_INVALID', undefined]);
    }
    expect(await node.db.selectFrom('session').select('id_hash').execute()).toHaveLength(1);
  });

  it('cannot call an old proof fresh', async () => {
    const old = () => {
      const auth_time = Math.floor(Date.now() / 1000) - 120;
      return hostile.sign({ ...hostile.honest(), auth_time });
    };
    expect((await signIn(old)).page.status).toBe(200);
    const { page, session } = await signIn(old, '?step-up=1');
    expect([page.status, codeOf(page), session]).toEqual([403, 'AUTH_STALE', undefined]);
    const days = () =>
      hostile.sign({ ...hostile.honest(), auth_time: Math.floor(Date.now() / 1000) - 86_400 });
    expect(codeOf((await signIn(days)).page)).toBe('AUTH_STALE');
  });

  it('names a person by issuer and subject together', async () => {
    const person = {
      ...{ id: 'twin', issuer: 'https://other.example', subject: 'twin', name: 'Twin (INVENTED)' },
      ...{ role: 'officer' as const, office: 'o', unit: 'national', email: null, language: 'en' },
    };
    await enterPerson(node.office, person);
    const { page } = await signIn(() => hostile.sign({ ...hostile.honest(), sub: 'twin' }));
    expect(codeOf(page)).toBe('PERSON_UNKNOWN');
  });
});
