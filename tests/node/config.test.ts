/** What a node is told of its identity provider, and what production refuses. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePartyKeys } from '#deploy/network/make-keys.ts';
import { ConfigError, readConfig } from '#node/config.ts';
import { random } from '../fixtures/exchange-network.ts';
import { makeTestNetwork, NET } from '../fixtures/network.ts';

let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'focalnet-config-'));
  const { anchor } = await makeTestNetwork();
  env = {
    FOCALNET_KEYS: await write('keys.json', await makePartyKeys(NET, 'xa', random, Date.now())),
    FOCALNET_ANCHOR: await write('anchor.json', anchor),
    FOCALNET_VAULT: join(folder, 'vault.json'),
    FOCALNET_DATABASE: 'postgres://nowhere',
    FOCALNET_GATEWAY: 'https://gateway.example',
  };
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, value: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}
const file = {
  issuer: 'https://login.example',
  clientId: 'focalnet-xa',
  clientSecret: 'an invented secret',
  address: 'https://focalnet.xa.example/',
  acr: ['mfa'],
};
async function read(change: Record<string, unknown> = {}, more: Record<string, string> = {}) {
  const path = await write('sign-in.json', { ...file, ...change });
  return readConfig({ ...env, FOCALNET_SIGN_IN: path, ...more });
}
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'taken',
    (error: Error) => (error instanceof ConfigError ? error.message : error.name),
  );

describe('the provider', () => {
  it('is described by one file; what needs a fresh proof takes the same acr unless it says otherwise', async () => {
    const { signIn } = await read();
    expect(signIn).toMatchObject({
      address: 'https://focalnet.xa.example',
      stepUpAcr: ['mfa'],
      scope: 'openid',
      ca: null,
      allowHttp: false,
    });
    const caFile = await write('ca.pem', 'PEM');
    expect((await read({ stepUpAcr: ['phr'], caFile })).signIn).toMatchObject({
      stepUpAcr: ['phr'],
      ca: 'PEM',
    });
    expect(readConfig(env).signIn).toBeNull();
  });

  it.each<[string, Record<string, unknown>]>([
    ['no acr', { acr: [] }],
    ['acr with a space', { acr: ['a b'] }],
    ['two ways of proving who the node is', { clientKey: { kty: 'OKP', alg: 'EdDSA', kid: 'k' } }],
    ['none', { clientSecret: undefined }],
    ['a scope without openid', { scope: 'profile' }],
    ['an issuer that is no address', { issuer: 'login' }],
    ['a member nobody knows', { acrs: ['mfa'] }],
  ])('is not described with %s', async (_, change) => {
    expect(await refusal(read(change))).toBe('ZodError');
  });

  it('is called by https, except in the demo and tests, and there never in production', async () => {
    for (const change of [{ issuer: 'http://login.example' }, { address: 'http://127.0.0.1:8400' }]) {
      expect(await refusal(read(change))).toMatch(/^INVALID: .*https/);
      const demo = { FOCALNET_ALLOW_HTTP_SIGN_IN: 'yes' };
      expect(await refusal(read(change, demo))).toBe('taken');
      expect(await refusal(read(change, { ...demo, NODE_ENV: 'production' }))).toMatch(
        /^NOT_IN_PRODUCTION: .*FOCALNET_ALLOW_HTTP_SIGN_IN/,
      );
    }
    expect(await refusal(read({}, { NODE_ENV: 'production' }))).toBe('taken');
    expect(await refusal(read({ caFile: join(folder, 'none') }))).toMatch(/^UNREADABLE: caFile/);
  });
});

describe('what is for the demo and tests', () => {
  const mail = {
    ...{ FOCALNET_SMTP: 'smtp://mail.example', FOCALNET_MAIL_FROM: 'focalnet@xa.example' },
    FOCALNET_PUBLIC_URL: 'https://focalnet.xa.example',
  };
  it.each<[string, Record<string, string>]>([
    ['FOCALNET_ALLOW_LOOPBACK_PEERS', { FOCALNET_ALLOW_LOOPBACK_PEERS: 'yes' }],
    ['FOCALNET_NO_INFORMATION_STEP_MS', { FOCALNET_NO_INFORMATION_STEP_MS: '1' }],
    ['FOCALNET_GATEWAY', { FOCALNET_GATEWAY: 'http://gateway.example' }],
    ['FOCALNET_SMTP_TLS', { ...mail, FOCALNET_SMTP_TLS: 'none' }],
    ['FOCALNET_SMTP_TLS', { ...mail, FOCALNET_SMTP_TLS: 'opportunistic' }],
    ['FOCALNET_PUBLIC_URL', { ...mail, FOCALNET_PUBLIC_URL: 'http://focalnet.xa.example' }],
  ])('stops the start in production: %s', (name, more) => {
    expect(readConfig({ ...env, ...more }).gatewayUrl).toContain('gateway.example');
    expect(() => readConfig({ ...env, ...more, NODE_ENV: 'production' })).toThrow(
      new RegExp(`^NOT_IN_PRODUCTION: .*${name}`),
    );
  });
});

describe('the wrapping keys', () => {
  it('must be named: without them nothing may be kept', () => {
    const { FOCALNET_VAULT: _, ...without } = env;
    expect(() => readConfig(without)).toThrow(/MISSING: set FOCALNET_VAULT .*focalnet keys vault/);
    expect(readConfig(env).vaultPath).toBe(env.FOCALNET_VAULT);
  });
});
