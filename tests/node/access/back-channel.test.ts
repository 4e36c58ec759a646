/** The provider says that a session is over, and it is over here. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '#deploy/demo/browser.ts';
import { SESSION_COOKIE } from '#node/access/cookies.ts';
import { enterPerson } from '#node/access/people.ts';
import { challengeOf } from '#node/access/secret.ts';
import { HOSTILE_ACR, type HostileProvider, startHostileProvider } from '../../fixtures/hostile-provider.ts';
import { ask, CLIENT, enter, type SignInNode, startSignInNode } from '../../fixtures/sign-in-node.ts';

describe('with a real provider', () => {
  let node: SignInNode;
  beforeAll(async () => {
    node = await startSignInNode();
  });
  afterAll(() => node?.close());

  it('signing out there ends the session here, and no other', async () => {
    const { browser, session } = await enter(node, 'officer.xa');
    const { session: elsewhere } = await enter(node, 'officer.xa');
    const { answer } = await ask(node, '/sign-out', undefined, {
      method: 'POST',
      headers: { 'x-focalnet': '1' },
    });
    const page = await browser.open(answer.providerUrl as string);
    expect((await browser.submit(page, { logout: 'yes' })).text).toContain('Signed out');
    expect((await ask(node, '/who', session)).answer.code).toBe('SESSION_OVER');
    expect((await ask(node, '/who', elsewhere)).status).toBe(200);
    const { detail } = await node.db
      .selectFrom('audit_entry')
      .select('detail')
      .where('type', '=', 'session.ended')
      .executeTakeFirstOrThrow();
    expect(JSON.parse(detail!)).toMatchObject({ person: 'officer.xa', reason: 'provider' });
  });
});

describe('logout tokens', () => {
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

  async function signIn(sid: string | null, sub = 'officer.xa', query = '') {
    hostile.answer = () => hostile.sign({ ...hostile.honest(), sub, ...(sid === null ? {} : { sid }) });
    const browser = openBrowser();
    const page = await browser.open(`${node.url}/sign-in${query}`);
    return { page, session: browser.cookies(node.url).get(SESSION_COOKIE)! };
  }
  let count = 0;
  const claims = (who: { sid?: string; sub?: string }) => {
    const { iss, aud, iat, exp } = hostile.honest();
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    return { iss, aud, iat, exp, events, jti: `jti-${++count}`, ...who } as Record<string, unknown>;
  };
  const token = (payload: Record<string, unknown>) => hostile.sign(payload as never, { typ: 'logout+jwt' });
  const post = (body: URLSearchParams | string, headers: Record<string, string> = {}) =>
    ask(node, '/back-channel-logout', undefined, { method: 'POST', body, headers });
  const send = async (logout_token: string) => (await post(new URLSearchParams({ logout_token }))).status;
  const isIn = async (session: string) => (await ask(node, '/who', session)).status === 200;

  it('end the session they name, or all of a person', async () => {
    const [a, b, none] = [await signIn('sid-a'), await signIn('sid-b'), await signIn(null)];
    const boss = await signIn('sid-c', 'supervisor.xa');
    expect(await send(await token(claims({ sid: 'sid-a' })))).toBe(200);
    const all = () => Promise.all([a, b, none, boss].map(({ session }) => isIn(session)));
    expect(await all()).toEqual([false, true, true, true]);
    expect(await send(await token(claims({ sid: 'sid-c', sub: 'officer.xa' })))).toBe(200);
    expect(await all()).toEqual([false, true, true, true]);
    expect(await send(await token(claims({ sub: 'officer.xa' })))).toBe(200);
    expect(await all()).toEqual([false, false, false, true]);
  });

  it('are taken once', async () => {
    const once = await token(claims({ sid: 'sid-d' }));
    expect(await send(once)).toBe(200);
    const { session } = await signIn('sid-d');
    const again = await post(new URLSearchParams({ logout_token: once }));
    expect([again.status, again.answer.code]).toEqual([400, 'LOGOUT_INVALID']);
    expect(await isIn(session)).toBe(true);
  });

  it('that are ID tokens, forged, or no form are refused', async () => {
    const { session } = await signIn('sid-e');
    const good = claims({ sid: 'sid-e' });
    const refused = [
      hostile.sign({ ...hostile.honest(), sid: 'sid-e' }),
      hostile.sign(good as never),
      token({ ...good, nonce: 'n' }),
      token({ ...good, events: {} }),
      token({ ...good, aud: 'other' }),
      token(good).then((text) => `${text.slice(0, -4)}AAAA`),
      Promise.resolve(''),
    ];
    for (const one of refused) expect(await send(await one)).toBe(400);
    const json = JSON.stringify({ logout_token: await token(good) });
    expect((await post(json, { 'content-type': 'application/json' })).status).toBe(400);
    expect((await post(`logout_token=${await token(good)}`, { 'content-type': 'text/plain' })).status).toBe(
      400,
    );
    expect((await ask(node, `/back-channel-logout?logout_token=${await token(good)}`)).status).toBe(405);
    expect(await isIn(session)).toBe(true);
    expect(await send(await token(good))).toBe(200);
    expect(await isIn(session)).toBe(false);
  });

  it('of people of another issuer end nothing', async () => {
    const other = {
      id: 'other',
      issuer: 'https://other.example',
      subject: 'officer.xa',
      name: 'Other (INVENTED)',
    };
    const rest = { role: 'officer' as const, office: 'o', unit: 'national', email: null, language: 'en' };
    await enterPerson(node.office, { ...other, ...rest });
    const { session } = await signIn('sid-f');
    await node.db.updateTable('session').set({ person: 'other' }).where('sid', '=', 'sid-f').execute();
    expect(await send(await token(claims({ sub: 'officer.xa' })))).toBe(200);
    expect(await send(await token(claims({ sid: 'sid-f' })))).toBe(200);
    expect(await isIn(session)).toBe(true);
  });

  it.each([{ sid: 'sid-g' }, { sub: 'officer.xa' }])(
    'also take back a code that has not become a session yet: %j',
    async (who) => {
      const verifier = 'v'.repeat(43);
      const { page } = await signIn('sid-g', 'officer.xa', `?program=${challengeOf(verifier)}`);
      const code = /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(page.text)![0];
      expect(await send(await token(claims(who)))).toBe(200);
      const redeemed = await ask(node, '/sign-in/program', undefined, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-focalnet': '1' },
        body: JSON.stringify({ code, verifier }),
      });
      expect(redeemed.answer.code).toBe('CODE_INVALID');
    },
  );
});
