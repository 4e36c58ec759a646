/** Signing in through a real provider: who gets in, as whom, and what a stranger can do to it. */
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '#deploy/demo/browser.ts';
import { acrs } from '#deploy/demo/provider/start-provider.ts';
import { roles } from '#node/access/actor.ts';
import { BROWSER_COOKIE, SESSION_COOKIE } from '#node/access/cookies.ts';
import { disablePerson, enablePerson } from '#node/access/people.ts';
import { IDLE_MS } from '#node/access/sessions.ts';
import { isSignInText } from '#node/access/sign-in/page-texts.ts';
import { ask, codeOf, enter, type SignInNode, startSignInNode } from '../../fixtures/sign-in-node.ts';

let node: SignInNode;
beforeAll(async () => {
  node = await startSignInNode();
});
afterAll(() => node?.close());

const countSessions = async (): Promise<number> =>
  (await node.db.selectFrom('session').select('id_hash').execute()).length;
const auditOf = async (type: string): Promise<Record<string, unknown>[]> => {
  const query = node.db.selectFrom('audit_entry').select('detail').where('type', '=', type).orderBy('id');
  return (await query.execute()).map(({ detail }) => JSON.parse(detail!) as Record<string, unknown>);
};

describe('signing in', () => {
  it('asks the provider with PKCE, state and nonce, and binds the sign-in to the browser', async () => {
    const { headers, status } = await openBrowser().step(`${node.url}/sign-in`);
    expect(status).toBe(302);
    const asked = new URL(headers.get('location')!);
    expect(asked.origin).toBe(node.issuer);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: node.settings.clientId,
      redirect_uri: `${node.url}/sign-in/callback`,
      scope: 'openid',
      code_challenge_method: 'S256',
      acr_values: `${acrs.password} ${acrs.twoFactors}`,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(headers.get('set-cookie')).toMatch(
      /^__Host-focalnet-browser=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/,
    );
  });

  it('gives a cookie that no script and no other site can use, and an actor with role and unit', async () => {
    const { page, session } = await enter(node, 'officer.xa');
    expect(page.status).toBe(200);
    expect(page.headers.get('set-cookie')).toMatch(
      /^__Host-focalnet=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
    );
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const { answer } = await ask(node, '/who', session);
    expect(answer).toMatchObject({ id: 'officer.xa', role: 'officer', unit: 'national', browser: true });
    expect(Math.abs((answer.signedInMs as number) - Date.now())).toBeLessThan(60_000);
    const { answer: shown } = await ask(node, '/session', session);
    expect(shown).toMatchObject({
      person: { id: 'officer.xa', role: 'officer' },
      audience: 'officer',
      acr: acrs.twoFactors,
    });
    // What the table holds is no cookie.
    const stored = await node.db.selectFrom('session').select('id_hash').execute();
    expect(JSON.stringify(stored)).not.toContain(session);
    expect((await auditOf('session.started')).at(-1)).toMatchObject({ person: 'officer.xa', how: 'browser' });
  });

  it('takes each role to its own endpoint and to no other', async () => {
    for (const role of roles.filter((one) => one !== 'panel-member')) {
      const { session } = await enter(node, `${role}.xa`);
      const [officer, ministry] = [
        await ask(node, '/who', session),
        await ask(node, '/who/ministry', session),
      ];
      const elsewhere = { status: 403, code: 'WRONG_ENDPOINT' };
      const isOfficer = !['guardian', 'analyst', 'auditor', 'operator'].includes(role);
      const told = ({ status, answer }: typeof officer) =>
        status === 200 ? { status } : { status, code: answer.code };
      expect([role, told(officer)]).toEqual([role, isOfficer ? { status: 200 } : elsewhere]);
      expect([role, told(ministry)]).toEqual([role, role === 'analyst' ? { status: 200 } : elsewhere]);
    }
  });

  it('lets nobody in who is not entered, and shows them what to be entered by', async () => {
    const before = await countSessions();
    const { page, session } = await enter(node, 'officer.xb');
    expect([page.status, codeOf(page), session]).toEqual([403, 'PERSON_UNKNOWN', undefined]);
    expect(page.text).toContain('head of your office');
    expect(page.text).toContain('subject: officer.xb');
    expect(page.text).toContain(`issuer: ${node.issuer}`);
    expect(await countSessions()).toBe(before);
    expect(node.lines.join()).toContain('PERSON_UNKNOWN');
    expect(node.lines.join()).not.toContain('officer.xb');
  });

  it('lets nobody in who has no place here, or was disabled', async () => {
    const { page: panel } = await enter(node, 'panel-member.xa');
    expect([panel.status, codeOf(panel)]).toEqual([403, 'NO_ENDPOINT']);
    await disablePerson(node.office, 'case-worker.xa');
    const { page, session } = await enter(node, 'case-worker.xa');
    expect([page.status, codeOf(page), session]).toEqual([403, 'PERSON_DISABLED', undefined]);
    await enablePerson(node.office, 'case-worker.xa');
    expect((await enter(node, 'case-worker.xa')).page.status).toBe(200);
  });

  it('goes on where it was begun', async () => {
    const { page } = await enter(node, 'head.xa', { query: '?return=/inbox%3Fa%3D%3Cb%3E%26c%23d' });
    expect(page.headers.get('refresh')).toBe('0;url=/inbox?a=%3Cb%3E&c#d');
    expect(page.text).toContain('<a href="/inbox?a=%3Cb%3E&amp;c#d">');
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/./\\evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    'evil',
    '',
    `/${'a'.repeat(2000)}`,
    '/a"onload=x',
  ])('leads nowhere else afterwards: %j', async (to) => {
    const seen = await openBrowser().step(`${node.url}/sign-in?return=${encodeURIComponent(to)}`);
    if (to === '/a"onload=x') {
      // Of this address, and quoted on the page.
      const { page } = await enter(node, 'head.xa', { query: `?return=${encodeURIComponent(to)}` });
      expect(page.text).toContain('<a href="/a%22onload=x">');
    } else expect([seen.status, codeOf(seen)]).toEqual([400, 'RETURN_INVALID']);
  });

  it('may be begun in two tabs at once', async () => {
    const browser = openBrowser();
    const [one, two] = [await browser.open(`${node.url}/sign-in`), await browser.open(`${node.url}/sign-in`)];
    const fields = { person: 'officer.xa', factors: 'two' };
    const pages = [];
    for (const tab of [two, one]) {
      let page = await browser.submit(tab, fields);
      if (page.text.includes('name="xsrf"')) page = await browser.submit(page, {});
      pages.push(page);
      expect((await ask(node, '/who', browser.cookies(node.url).get(SESSION_COOKIE))).status).toBe(200);
    }
    expect(pages.map(({ status }) => status)).toEqual([200, 200]);
  });
});

describe('a sign-in that somebody meddles with', () => {
  /** A browser that has come back from the provider, stopped just before the node sees it. */
  async function stopAtCallback(person = 'officer.xa') {
    const browser = openBrowser();
    const page = await browser.open(`${node.url}/sign-in`);
    const body = new URLSearchParams({ person, factors: 'two' });
    let seen = await browser.step(page.url, { method: 'POST', body });
    while (!seen.headers.get('location')!.startsWith(node.url))
      seen = await browser.step(seen.headers.get('location')!);
    return { browser, callback: new URL(seen.headers.get('location')!) };
  }

  it('is refused with another state, or none', async () => {
    const { browser, callback } = await stopAtCallback();
    const before = await countSessions();
    for (const state of ['A'.repeat(43), "' or 1=1 --", '']) {
      const changed = new URL(callback);
      changed.searchParams.set('state', state);
      const page = await browser.step(changed);
      expect([page.status, codeOf(page)]).toEqual([400, 'SIGN_IN_STALE']);
      expect(page.headers.get('set-cookie')).toBeNull();
    }
    expect(await countSessions()).toBe(before);
    expect((await browser.step(callback)).status).toBe(200);
  });

  it('is refused in another browser, and stays good in its own', async () => {
    const { browser, callback } = await stopAtCallback();
    const another = openBrowser();
    await another.step(`${node.url}/sign-in`);
    for (const stranger of [another, openBrowser()]) {
      const page = await stranger.step(callback);
      expect([page.status, codeOf(page)]).toEqual([400, 'SIGN_IN_STALE']);
      expect(stranger.cookies(node.url).has(SESSION_COOKIE)).toBe(false);
    }
    expect((await browser.step(callback)).status).toBe(200);
  });

  it('happens once: a callback that is replayed makes nothing', async () => {
    const { browser, callback } = await stopAtCallback();
    expect((await browser.step(callback)).status).toBe(200);
    const before = await countSessions();
    const again = await browser.step(callback);
    expect([again.status, codeOf(again), await countSessions()]).toEqual([400, 'SIGN_IN_STALE', before]);
  });

  it('is refused when the nonce is not the one it was begun with', async () => {
    const { browser, callback } = await stopAtCallback();
    await node.db
      .updateTable('login')
      .set({ nonce: 'B'.repeat(43) })
      .execute();
    const page = await browser.step(callback);
    expect([page.status, codeOf(page)]).toEqual([401, 'TOKEN_INVALID']);
    expect(browser.cookies(node.url).has(SESSION_COOKIE)).toBe(false);
  });

  it('is refused when the code is for another verifier, or is forged', async () => {
    const { browser, callback } = await stopAtCallback();
    await node.db
      .updateTable('login')
      .set({ verifier: 'B'.repeat(43) })
      .execute();
    const page = await browser.step(callback);
    expect([page.status, codeOf(page)]).toEqual([403, 'SIGN_IN_REFUSED']);
    const { browser: other, callback: forged } = await stopAtCallback();
    forged.searchParams.set('code', 'forged');
    expect(codeOf(await other.step(forged))).toBe('SIGN_IN_REFUSED');
    expect(node.lines.at(-1)).toContain('"cause":"invalid_grant"');
  });

  it('is over after ten minutes', async () => {
    const { browser, callback } = await stopAtCallback();
    node.clock.aheadMs = 10 * 60_000;
    const page = await browser.step(callback);
    node.clock.aheadMs = 0;
    expect([page.status, codeOf(page)]).toEqual([400, 'SIGN_IN_STALE']);
  });

  it('says so when the provider says no', async () => {
    const { browser, callback } = await stopAtCallback();
    callback.searchParams.delete('code');
    callback.searchParams.set('error', 'access_denied');
    const page = await browser.step(callback);
    expect([page.status, codeOf(page)]).toEqual([403, 'SIGN_IN_REFUSED']);
  });
});

describe('sessions begin anew', () => {
  it('with a value that nobody could have planted, and the one before is over', async () => {
    const planted = 'P'.repeat(43);
    const browser = openBrowser();
    browser.plant(node.url, `${SESSION_COOKIE}=${planted}; Path=/`);
    const { session: first } = await enter(node, 'officer.xa', { browser });
    expect(first).not.toBe(planted);
    expect((await ask(node, '/who', planted)).answer.code).toBe('SESSION_OVER');
    const { session: second } = await enter(node, 'officer.xa', { browser });
    expect(second).not.toBe(first);
    expect((await ask(node, '/who', first)).answer.code).toBe('SESSION_OVER');
    expect((await auditOf('session.ended')).at(-1)).toMatchObject({
      person: 'officer.xa',
      reason: 'replaced',
    });
  });

  it('at a step-up, with a fresh proof of the same person', async () => {
    const browser = openBrowser();
    const { session: weak } = await enter(node, 'officer.xa', { browser, twoFactors: false });
    // Good enough for coming in, and not for what needs a second factor.
    expect((await ask(node, '/who', weak)).answer.signedInMs).toBe(0);
    const asked = await browser.step(`${node.url}/sign-in?step-up=1`);
    expect(Object.fromEntries(new URL(asked.headers.get('location')!).searchParams)).toMatchObject({
      prompt: 'login',
      max_age: '0',
      acr_values: acrs.twoFactors,
    });
    const query = '?step-up=1&return=/release';
    const { page: refused } = await enter(node, 'officer.xa', { browser, query, twoFactors: false });
    expect([refused.status, codeOf(refused)]).toEqual([403, 'ACR_TOO_LOW']);
    expect((await ask(node, '/who', weak)).status).toBe(200);
    const { page, session } = await enter(node, 'officer.xa', { browser, query });
    expect(page.headers.get('refresh')).toBe('0;url=/release');
    expect((await ask(node, '/who', weak)).answer.code).toBe('SESSION_OVER');
    const { signedInMs } = (await ask(node, '/who', session)).answer as { signedInMs: number };
    expect(Date.now() - signedInMs).toBeLessThan(60_000);
    expect((await auditOf('session.started')).at(-1)).toMatchObject({ how: 'step-up' });
  });

  it('and a step-up is no way to become somebody else', async () => {
    const browser = openBrowser();
    const { session } = await enter(node, 'officer.xa', { browser });
    // The provider signs the officer out when the supervisor signs in there: keep the session from ending by that.
    const { page } = await enter(node, 'supervisor.xa', { browser, query: '?step-up=1' });
    expect([page.status, codeOf(page)]).toEqual([403, 'OTHER_PERSON']);
    expect(browser.cookies(node.url).get(SESSION_COOKIE)).toBe(session);
  });
});

describe('the provider', () => {
  it('may be down: who is signed in goes on, and signing in says so and works again afterwards', async () => {
    const other = await startSignInNode();
    try {
      await other.stopProvider();
      const begun = await openBrowser().step(`${other.url}/sign-in`);
      expect([begun.status, codeOf(begun)]).toEqual([503, 'PROVIDER_AWAY']);
      expect(begun.headers.get('retry-after')).toBe('10');
      await other.startProvider();
      const { session, browser } = await enter(other, 'officer.xa');
      const halfway = await browser.open(`${other.url}/sign-in`);
      await other.stopProvider();
      expect((await ask(other, '/who', session)).status).toBe(200);
      const query = new URL(halfway.url).searchParams;
      const state = query.get('state') ?? 'C'.repeat(43);
      expect((await browser.step(`${other.url}/sign-in/callback?code=x&state=${state}`)).status).toBe(400);
      const signedOut = await ask(other, '/sign-out', session, {
        method: 'POST',
        headers: { 'x-focalnet': '1' },
      });
      expect(signedOut.status).toBe(200);
      await other.startProvider();
      // It has new keys, which nobody had announced.
      expect((await enter(other, 'officer.xa')).page.status).toBe(200);
    } finally {
      await other.close();
    }
  });

  it('that goes away between the two halves is told of as well', async () => {
    const other = await startSignInNode();
    try {
      const browser = openBrowser();
      const begun = await browser.step(`${other.url}/sign-in`);
      const state = new URL(begun.headers.get('location')!).searchParams.get('state')!;
      await other.stopProvider();
      const page = await browser.step(
        `${other.url}/sign-in/callback?code=x&state=${state}&iss=${encodeURIComponent(other.issuer)}`,
      );
      expect([page.status, codeOf(page)]).toEqual([503, 'PROVIDER_AWAY']);
    } finally {
      await other.close();
    }
  });
});

describe('signing out', () => {
  const post = { method: 'POST', headers: { 'x-focalnet': '1' } };

  it('ends the session at once, and says where to end the one at the provider', async () => {
    const { session } = await enter(node, 'officer.xa');
    const { status, answer, headers } = await ask(node, '/sign-out', session, post);
    expect(status).toBe(200);
    expect(answer.providerUrl).toBe(`${node.issuer}/session/end?client_id=${node.settings.clientId}`);
    expect(headers.get('set-cookie')).toMatch(/^__Host-focalnet=;.*Max-Age=0/);
    for (const path of ['/who', '/session']) {
      const after = await ask(node, path, session);
      expect([after.status, after.answer.code]).toEqual([401, 'SESSION_OVER']);
    }
    expect((await ask(node, '/sign-out', session, post)).status).toBe(200);
  });

  it('cannot be done by another site', async () => {
    const { session } = await enter(node, 'officer.xa');
    const tries: [RequestInit, number][] = [
      [{ method: 'POST' }, 403],
      [{ method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x-focalnet: 1' }, 403],
      [{ method: 'POST', body: new URLSearchParams({ 'x-focalnet': '1' }) }, 403],
      [{ method: 'POST', body: new FormData() }, 403],
      [{ method: 'GET', headers: { 'x-focalnet': '1' } }, 405],
    ];
    for (const [init, status] of tries)
      expect((await ask(node, '/sign-out', session, init)).status).toBe(status);
    expect((await ask(node, '/who', session)).status).toBe(200);
  });
});

describe('a request', () => {
  it('without a cookie, or with one that is none, is asked to sign in', async () => {
    const { session } = await enter(node, 'officer.xa');
    const told = async (cookie: string) => {
      const { status, answer } = await ask(node, '/who', undefined, { headers: { cookie } });
      return [status, answer.code];
    };
    expect(await told('')).toEqual([401, 'SIGN_IN_NEEDED']);
    expect(await told(`focalnet=${session}`)).toEqual([401, 'SIGN_IN_NEEDED']);
    expect(await told(`${SESSION_COOKIE}='; drop table session; --`)).toEqual([401, 'SIGN_IN_NEEDED']);
    expect(await told(`${SESSION_COOKIE}=${session}; ${SESSION_COOKIE}=${session}`)).toEqual([
      401,
      'SIGN_IN_NEEDED',
    ]);
    expect(await told(`${BROWSER_COOKIE}=${session}`)).toEqual([401, 'SIGN_IN_NEEDED']);
    expect(await told(`${SESSION_COOKIE}=${'D'.repeat(43)}`)).toEqual([401, 'SESSION_OVER']);
    expect(await told(`a=b; ${SESSION_COOKIE}=${session} ; c=d`)).toEqual([200, undefined]);
  });

  it('does not take an authorization header for a session', async () => {
    const { session } = await enter(node, 'officer.xa');
    const headers = { authorization: `Bearer ${session}` };
    expect((await ask(node, '/who', undefined, { headers })).answer.code).toBe('SIGN_IN_NEEDED');
  });

  it('keeps a session alive for fifteen minutes, which asking after it does not', async () => {
    const { session } = await enter(node, 'officer.xa');
    const asks = async (path: string) => (await ask(node, path, session)).status;
    node.clock.aheadMs = IDLE_MS - 60_000;
    expect(await asks('/who')).toBe(200);
    node.clock.aheadMs = 2 * (IDLE_MS - 60_000);
    expect(await asks('/session')).toBe(200);
    node.clock.aheadMs += 2 * 60_000;
    expect([await asks('/session'), await asks('/who')]).toEqual([401, 401]);
    node.clock.aheadMs = 0;
  });
});

describe('the pages of signing in', () => {
  const begin = (language: string, query = '?return=https%3A%2F%2Felsewhere.invalid') =>
    openBrowser().step(`${node.url}/sign-in${query}`, {
      headers: { accept: 'text/html', 'accept-language': language },
    });

  it('speak the first language of the browser that they have', async () => {
    const pages = await Promise.all(['de-AT, ar;q=0.8', 'fr-CA', 'ru', 'sw'].map((one) => begin(one)));
    expect(pages.map(({ text }) => /<html lang="(..)" dir="(...)">/.exec(text)?.slice(1))).toEqual([
      ['ar', 'rtl'],
      ['fr', 'ltr'],
      ['ru', 'ltr'],
      ['en', 'ltr'],
    ]);
    expect(pages[0]!.text).toContain('لم يتم تسجيل الدخول');
    // A code stays in order beside Arabic.
    expect(pages[0]!.text).toMatch(/<bdi dir="ltr">RETURN_INVALID, /);
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([400]));
    const { page } = await enter(node, 'officer.xa');
    expect(page.text).toContain('You are signed in.');
  });

  it('have a text for every refusal that a browser can meet at them', async () => {
    const folder = new URL('../../../node/access/', import.meta.url);
    const inFolder = await readdir(new URL('sign-in/', folder));
    const files = [...inFolder.map((name) => `sign-in/${name}`), 'sessions.ts'];
    const sources = await Promise.all(files.map((name) => readFile(new URL(name, folder), 'utf8')));
    const refused = new Set(
      sources.flatMap((text) => [...text.matchAll(/AccessError\('(\w+)'/g)].map(([, code]) => code!)),
    );
    // Given to programs and to the provider, and to people who are signed in already.
    for (const none of ['CODE_INVALID', 'TOO_MANY_CODES', 'LOGOUT_INVALID', 'WRONG_ENDPOINT'])
      refused.delete(none);
    expect(refused.size).toBeGreaterThan(12);
    expect([...refused].filter((code) => !isSignInText(code))).toEqual([]);
  });
});
