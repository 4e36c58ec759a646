/** How a node calls its identity provider: over TLS that verifies, and proving who it is itself. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProvider } from '#node/access/sign-in/provider.ts';
import type { SignInSettings } from '#node/access/sign-in/settings.ts';
import { makeLog } from '#platform/http/log.ts';
import { answerJson, type Route } from '#platform/http/route.ts';
import { type Served, serve } from '#platform/http/serve.ts';

const log = makeLog('test', 'silent');
const asking = {
  ...{ state: 's'.repeat(43), nonce: 'n'.repeat(43), verifier: 'v'.repeat(43) },
  ...{ fresh: false, maxAgeS: 60, acr: ['mfa'] },
};

let served: Served;
let issuer: string;
let ca: string;
let asked: { headers: Readonly<Record<string, string | undefined>>; body: URLSearchParams }[] = [];
let metadata: Record<string, unknown> = {};
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'focalnet-provider-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  ca = readFileSync(cert, 'utf8');
  served = await serve({
    host: '127.0.0.1',
    port: 0,
    log,
    tls: { key: readFileSync(key, 'utf8'), cert: ca },
    routes: [
      {
        method: 'GET',
        path: '/.well-known/openid-configuration',
        handle: () => {
          const [authorization_endpoint, token_endpoint, jwks_uri] = ['authorize', 'token', 'keys'].map(
            (name) => `${issuer}/${name}`,
          );
          return answerJson(200, { issuer, authorization_endpoint, token_endpoint, jwks_uri, ...metadata });
        },
      },
      // Elsewhere everything would be as it should be.
      ...['/away/.well-known/openid-configuration', '/moved/token'].map(
        (path): Route => ({
          method: path.startsWith('/away') ? 'GET' : 'POST',
          path,
          handle: async () => ({ status: 307, headers: { location: `${issuer}/elsewhere` } }),
        }),
      ),
      ...(['GET', 'POST'] as const).map(
        (method): Route => ({
          method,
          path: '/elsewhere',
          handle: async ({ headers }) => {
            asked.push({ headers, body: new URLSearchParams() });
            return answerJson(200, {});
          },
        }),
      ),
      {
        method: 'POST',
        path: '/token',
        handle: async ({ headers, readBody }) => {
          asked.push({ headers, body: new URLSearchParams(Buffer.from(await readBody()).toString()) });
          return answerJson(400, { error: 'invalid_grant' });
        },
      },
    ],
  });
  issuer = served.url.replace('127.0.0.1', 'localhost');
  rmSync(folder, { recursive: true });
});
afterAll(() => served?.close());

function open(change: Partial<SignInSettings> = {}) {
  asked = [];
  return openProvider({
    issuer,
    clientId: 'focalnet xa',
    clientSecret: 'an invented secret',
    address: 'https://node.example',
    acr: ['mfa'],
    stepUpAcr: ['mfa'],
    scope: 'openid',
    ca,
    allowHttp: false,
    ...change,
  });
}
const redeem = (provider: ReturnType<typeof open>) =>
  provider.redeem(`?code=c&state=${asking.state}`, asking).catch((error: { code: string }) => error.code);

describe('the provider', () => {
  it('is called only where its certificate verifies', async () => {
    expect((await open().authorize(asking)).href).toContain(`${issuer}/authorize?`);
    for (const other of [null, ca.replace(/\n[^-]{20}/, '\nAAAAAAAAAAAAAAAAAAAA')])
      await expect(open({ ca: other }).authorize(asking)).rejects.toMatchObject({ code: 'PROVIDER_AWAY' });
    const byAddress = open({ issuer: served.url });
    await expect(byAddress.authorize(asking)).rejects.toMatchObject({ code: 'PROVIDER_AWAY' });
  });

  it('that names itself otherwise, or its keys by plain HTTP, is not used', async () => {
    for (const change of [
      { issuer: 'https://other.example' },
      { jwks_uri: 'http://localhost/keys' },
      { jwks_uri: undefined },
    ]) {
      metadata = change;
      await expect(open().authorize(asking)).rejects.toMatchObject({ code: 'PROVIDER_AWAY' });
    }
    metadata = { token_endpoint: 'http://localhost:9/token' };
    expect(await redeem(open())).toBe('TOKEN_INVALID');
    metadata = {};
    // What failed is tried again: nobody restarts the node.
    const provider = open();
    metadata = { issuer: 'https://other.example' };
    await expect(provider.authorize(asking)).rejects.toThrow();
    metadata = {};
    expect((await provider.authorize(asking)).origin).toBe(issuer);
  });

  it('that sends the node elsewhere is not followed: what proves who the node is goes nowhere else', async () => {
    await expect(open({ issuer: `${issuer}/away` }).authorize(asking)).rejects.toMatchObject({
      code: 'PROVIDER_AWAY',
    });
    metadata = { token_endpoint: `${issuer}/moved/token` };
    expect(await redeem(open())).toMatch(/^(PROVIDER_AWAY|TOKEN_INVALID|SIGN_IN_REFUSED)$/);
    expect(asked).toEqual([]);
    metadata = {};
  });

  it('is told by secret or by key who the node is, and the verifier of PKCE', async () => {
    expect(await redeem(open())).toBe('SIGN_IN_REFUSED');
    const [basic] = asked;
    const expected = Buffer.from('focalnet+xa:an+invented+secret').toString('base64');
    expect(basic!.headers.authorization).toBe(`Basic ${expected}`);
    expect(Object.fromEntries(basic!.body)).toMatchObject({
      grant_type: 'authorization_code',
      code: 'c',
      code_verifier: asking.verifier,
      redirect_uri: 'https://node.example/sign-in/callback',
    });
    metadata = { token_endpoint_auth_methods_supported: ['client_secret_post'] };
    await redeem(open());
    expect(Object.fromEntries(asked[0]!.body)).toMatchObject({ client_secret: 'an invented secret' });
    metadata = {};
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const clientKey = { ...(await exportJWK(privateKey)), alg: 'ES256', kid: 'node-1' } as JWK & {
      kty: string;
    };
    await redeem(open({ clientSecret: undefined, clientKey: { ...clientKey, alg: 'ES256', kid: 'node-1' } }));
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'node-1' }] });
    const { payload } = await jwtVerify(asked[0]!.body.get('client_assertion')!, keys, { audience: issuer });
    expect(payload).toMatchObject({ iss: 'focalnet xa', sub: 'focalnet xa' });
    expect(asked[0]!.body.get('client_secret')).toBeNull();
  });
});
