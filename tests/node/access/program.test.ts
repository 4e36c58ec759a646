/** A program signs in: by a code that a person carries from a browser, once, soon, and to the program that asked. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInProgram } from '#deploy/commands/sign-in.ts';
import { openBrowser } from '#deploy/demo/browser.ts';
import { acrs } from '#deploy/demo/provider/start-provider.ts';
import { SESSION_COOKIE } from '#node/access/cookies.ts';
import { disablePerson, enablePerson } from '#node/access/people.ts';
import { challengeOf } from '#node/access/secret.ts';
import { ask, codeOf, enter, type SignInNode, startSignInNode } from '../../fixtures/sign-in-node.ts';

let node: SignInNode;
beforeAll(async () => {
  node = await startSignInNode();
});
afterAll(() => node?.close());

const verifier = 'V'.repeat(43);
const query = `?program=${challengeOf(verifier)}`;
const findCode = (text: string): string => /<bdi dir="ltr">([0-9A-Z]{5}-[0-9A-Z]{5})<\/bdi>/.exec(text)![1]!;
const getCode = async (person = 'officer.xa') => findCode((await enter(node, person, { query })).page.text);
const redeem = (body: unknown, headers: Record<string, string> = { 'x-focalnet': '1' }) =>
  ask(node, '/sign-in/program', undefined, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('a program', () => {
  it('gets a session of its own, by what its person reads in a browser', async () => {
    let address = '';
    const session = await signInProgram(node.url, async (shown) => {
      address = shown;
      const page = await enter(node, 'officer.xa', { query: new URL(shown).search });
      // The browser itself gets none by it.
      expect(page.session).toBeUndefined();
      return ` ${findCode(page.page.text).toLowerCase().replace('-', ' ')} `;
    });
    expect(address).toMatch(new RegExp(`^${node.url}/sign-in\\?program=[\\w-]{43}$`));
    const { answer: who } = await ask(node, '/who', session);
    expect([who.id, 'browser' in who]).toEqual(['officer.xa', false]);
    const { person, acr } = (await ask(node, '/session', session)).answer as Record<string, unknown>;
    expect([person, acr]).toEqual([expect.objectContaining({ id: 'officer.xa' }), acrs.twoFactors]);
  });

  it('leaves the session of the browser alone, and ends apart from it', async () => {
    const browser = openBrowser();
    const { session } = await enter(node, 'officer.xa', { browser });
    const code = findCode((await enter(node, 'officer.xa', { browser, query })).page.text);
    const { session: own } = (await redeem({ code, verifier })).answer as { session: string };
    expect(browser.cookies(node.url).get(SESSION_COOKIE)).toBe(session);
    await ask(node, '/sign-out', session, { method: 'POST', headers: { 'x-focalnet': '1' } });
    expect((await ask(node, '/who', session)).status).toBe(401);
    expect((await ask(node, '/who', own)).status).toBe(200);
  });

  it('needs a person who proves anew who they are, with the second factor', async () => {
    const asked = await openBrowser().step(`${node.url}/sign-in${query}`);
    expect(Object.fromEntries(new URL(asked.headers.get('location')!).searchParams)).toMatchObject({
      prompt: 'login',
      max_age: '0',
      acr_values: acrs.twoFactors,
    });
    const { page } = await enter(node, 'officer.xa', { query, twoFactors: false });
    expect(codeOf(page)).toBe('ACR_TOO_LOW');
  });

  it('is told its code once, for two minutes, and no other program is', async () => {
    const code = await getCode();
    expect((await redeem({ code, verifier: 'W'.repeat(43) })).answer.code).toBe('CODE_INVALID');
    expect((await redeem({ code: '00000-00000', verifier })).answer.code).toBe('CODE_INVALID');
    expect((await redeem({ code, verifier })).status).toBe(200);
    expect((await redeem({ code, verifier })).answer.code).toBe('CODE_INVALID');
    const late = await getCode();
    node.clock.aheadMs = 2 * 60_000;
    expect((await redeem({ code: late, verifier })).answer.code).toBe('CODE_INVALID');
    node.clock.aheadMs = 0;
  });

  it('gets nothing for somebody who was disabled meanwhile', async () => {
    const code = await getCode('supervisor.xa');
    await disablePerson(node.office, 'supervisor.xa');
    expect((await redeem({ code, verifier })).answer.code).toBe('PERSON_DISABLED');
    await enablePerson(node.office, 'supervisor.xa');
    expect((await enter(node, 'panel-member.xa', { query })).page.text).toContain('NO_ENDPOINT');
  });

  it('gets nothing by a form, and nothing for a challenge that is none', async () => {
    const code = await getCode();
    const body = { code, verifier };
    expect((await redeem(body, {})).answer.code).toBe('CSRF');
    expect((await redeem(body, { 'x-focalnet': '1', 'content-type': 'text/plain' })).answer.code).toBe(
      'NOT_JSON',
    );
    expect((await ask(node, '/sign-in/program')).status).toBe(405);
    for (const odd of [
      null,
      [],
      { code },
      { code: 1, verifier },
      { ...body, person: 'boss' },
      { code, verifier: '' },
    ])
      expect((await redeem(odd)).answer.code).toBe('CODE_INVALID');
    const page = await openBrowser().step(`${node.url}/sign-in?program=x`);
    expect([page.status, codeOf(page)]).toEqual([400, 'CHALLENGE_INVALID']);
    expect((await redeem(body)).status).toBe(200);
  });
});
