/** A development token names one person of one node for a time, and there is none in production. */
import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { Actor } from '#node/access/actor.ts';
import { audienceOf, roles } from '#node/access/actor.ts';
import { openDevelopmentTokens, readBearer } from '#node/access/development-token.ts';
import { isPermitted, permissions } from '#node/access/permit.ts';

const settings = {
  tokenSecret: 'thirty-two characters, at the very least',
  origin: 'focalnet.example/xa',
  environment: 'test',
  nowMs: () => 1_800_000_000_000,
};
const actor: Actor = {
  id: 'ana',
  name: 'Ana (invented)',
  role: 'officer',
  office: 'Office',
  unit: 'national',
  signedInMs: 0,
  purpose: 'case-work',
};
const tokens = openDevelopmentTokens(settings);
const nowS = settings.nowMs() / 1000;

interface Forged {
  readonly secret?: string;
  readonly header?: object;
  readonly claims?: object;
}

/** A token right in everything but what the test changes. */
const forge = ({ secret = settings.tokenSecret, header = {}, claims = {} }: Forged = {}) =>
  new SignJWT({
    actor,
    iss: settings.origin,
    aud: `${settings.origin}/officer`,
    iat: nowS,
    exp: nowS + 60,
    ...claims,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'focalnet-development+jwt', ...header })
    .sign(new TextEncoder().encode(secret));

describe('development tokens', () => {
  it('name the person they were issued for', async () => {
    expect(await tokens.verify(await tokens.issue(actor))).toEqual(actor);
    expect(await readBearer(tokens, `Bearer ${await forge()}`)).toEqual(actor);
  });

  it.each([
    ['another secret', () => forge({ secret: 'another secret of thirty-two characters' })],
    ['another node', () => forge({ claims: { aud: 'focalnet.example/xb/officer' } })],
    ['another issuer', () => forge({ claims: { iss: 'focalnet.example/xb' } })],
    ['no end', () => forge({ claims: { exp: undefined } })],
    ['no beginning', () => forge({ claims: { iat: undefined } })],
    ['a lifetime over twelve hours', () => forge({ claims: { exp: nowS + 12 * 3600 + 1 } })],
    ['an end in the past', () => forge({ claims: { iat: nowS - 120, exp: nowS - 60 } })],
    ['another kind of token', () => forge({ header: { typ: 'JWT' } })],
    ['another algorithm', () => forge({ header: { alg: 'HS512' }, secret: 'x'.repeat(64) })],
    ['no signature', async () => new UnsecuredJWT({ actor }).setIssuer(settings.origin).encode()],
    ['a role that does not exist', () => forge({ claims: { actor: { ...actor, role: 'admin' } } })],
    ['rubbish', async () => 'x.y.z'],
  ])('are refused with %s', async (_what, make) => {
    await expect(tokens.verify(await make())).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });

  it('do not exist in production, nor with a short secret', () => {
    const open = (change: object) => () => openDevelopmentTokens({ ...settings, ...change });
    expect(open({ environment: 'production' })).toThrow(
      expect.objectContaining({ code: 'DEVELOPMENT_IN_PRODUCTION' }),
    );
    expect(open({ tokenSecret: 'short' })).toThrow(expect.objectContaining({ code: 'SECRET_TOO_SHORT' }));
  });

  it('a request without one is told to sign in', async () => {
    for (const header of [undefined, '', 'Basic abc', 'Bearer']) {
      await expect(readBearer(tokens, header)).rejects.toMatchObject({ code: 'TOKEN_MISSING' });
    }
  });
});

describe('permits', () => {
  it('nobody who may not decide may approve, and a legal adviser sends nothing', () => {
    const may = (role: (typeof roles)[number]) => permissions.filter((one) => isPermitted(role, one));
    expect(may('officer')).not.toEqual(expect.arrayContaining(['act.approve']));
    expect(may('officer').filter((one) => /approve|grant|uncleaned|safety/.test(one))).toEqual([]);
    expect(may('legal-adviser')).not.toContain('act.propose');
    for (const role of roles) {
      const ofOffice = audienceOf[role] === 'officer';
      expect(may(role).includes('conversation.read')).toBe(ofOffice);
      if (!ofOffice) expect(may(role)).toEqual([]);
    }
  });
});
