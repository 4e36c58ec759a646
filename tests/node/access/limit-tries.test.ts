/** How often somebody may try to sign in: floods and guesses end, offices do not; and sessions that are over do not stay. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInProgram } from '#deploy/commands/sign-in.ts';
import { openBrowser } from '#deploy/demo/browser.ts';
import { walkSignIn } from '#deploy/demo/sign-in-as.ts';
import { SESSION_COOKIE } from '#node/access/cookies.ts';
import { eraseSessions, SESSION_KEPT_MS } from '#node/access/erase-sessions.ts';
import { challengeOf } from '#node/access/secret.ts';
import { IDLE_MS, LIFETIME_MS, openSessions, startSession } from '#node/access/sessions.ts';
import { makeTryLimits, tryLimits } from '#node/access/sign-in/limit-tries.ts';
import { runOperation } from '#node/operation.ts';
import { openDoors } from '#node/storage/doors.ts';
import { watchQueries } from '../../fixtures/count-queries.ts';
import { START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { type PeopleServer, servePeople } from '../../fixtures/people-client.ts';
import { type SignInNode, startSignInNode } from '../../fixtures/sign-in-node.ts';

const start = () => {
  const clock = { ms: 1_800_000_000_000 };
  return { clock, tries: makeTryLimits(() => clock.ms) };
};
const drain = (take: () => void) => {
  for (let i = 0; i < tryLimits.burst; i++) take();
  expect(take).toThrow(expect.objectContaining({ code: 'TOO_MANY_TRIES', status: 429 }));
};

describe('tries of an address', () => {
  it('are so many at once, and come back one by one', () => {
    const { clock, tries } = start();
    drain(() => tries.take('192.0.2.1'));
    clock.ms += tryLimits.refillMs;
    tries.take('192.0.2.1');
    expect(() => tries.take('192.0.2.1')).toThrow();
    clock.ms += 3_600_000_000;
    drain(() => tries.take('192.0.2.1'));
  });

  it('are not those of another address, and are the same of one line of IPv6', () => {
    const { tries } = start();
    drain(() => tries.take('192.0.2.1'));
    tries.take('192.0.2.2');
    expect(() => tries.take('::ffff:192.0.2.1')).toThrow();
    drain(() => tries.take('2001:db8:1:2::1'));
    expect(() => tries.take('2001:db8:1:2:ffff:ffff:0:1%eth0')).toThrow();
    expect(() => tries.take('2001:0db8:0001:0002:1::')).toThrow();
    tries.take('2001:db8:1:3::1');
    tries.take('::1');
  });

  it('are given back to who did sign in', () => {
    const { tries } = start();
    for (let i = 0; i < 10 * tryLimits.burst; i++) {
      tries.take('192.0.2.1');
      tries.take('192.0.2.1');
      tries.giveBack('192.0.2.1', 2);
    }
  });

  it('are taken by looking for what is not there, and not by what is', async () => {
    const { tries } = start();
    const look = (name: string, result?: string) => tries.lookUp('192.0.2.1', name, async () => result);
    expect(await look('good', 'session')).toBe('session');
    for (let i = 0; i < 2 * tryLimits.burst; i++) await look(`good ${i}`, 'session');
    for (let i = 0; i < tryLimits.burst; i++) expect(await look(`none ${i}`)).toBeUndefined();
    expect(() => tries.take('192.0.2.1')).toThrow();
    // What is known is let through; of the rest one at a time, so that it may become known.
    const [one, other, known] = await Promise.allSettled([
      look('new', 'session'),
      look('none'),
      look('good', 'session'),
    ]);
    expect([one.status, other.status, known.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(other).toMatchObject({ reason: { code: 'TOO_MANY_TRIES' } });
    const again = await Promise.allSettled([look('none'), look('new', 'session')]);
    expect(again.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });

  it('are remembered of so many and no more', () => {
    const { tries } = start();
    drain(() => tries.take('192.0.2.1'));
    for (let i = 0; i < tryLimits.remembered; i++) tries.take(`2001:db8:${i.toString(16)}::1`);
    tries.take('192.0.2.1');
  });
});

describe('every address for people', () => {
  it.each([
    ['POST', '/graphql'],
    ['POST', '/guardian/graphql'],
    ['POST', '/ministry/graphql'],
    ['POST', '/auditor/graphql'],
    ['GET', '/auditor/audit-events?from=2027-01-01&to=2027-02-01'],
    ['GET', '/guardian/documents/none'],
    ['GET', '/attachments/none'],
    ['GET', '/cases/none/htcds'],
    ['GET', '/evidence/none'],
  ])('says when to try again: %s %s', async (method, path) => {
    const { server } = crowded;
    const headers = { 'content-type': 'application/json', 'x-focalnet': '1' };
    const cookie = `${SESSION_COOKIE}=${randomBytes(32).toString('base64url')}`;
    const body = method === 'POST' ? { body: JSON.stringify({ query: '{ me { id } }' }) } : {};
    const ask = () => fetch(`${server.url}${path}`, { method, headers: { ...headers, cookie }, ...body });
    const refused = await ask();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_TRIES' });
  });

  let crowded: { server: PeopleServer; close: () => Promise<void> };
  beforeAll(async () => {
    const { tries } = start();
    const xa = await startLoopNode('xa', { ms: START_MS });
    const sessions = openSessions({ db: xa.ctx.doors.signin, nowMs: () => START_MS, stepUpAcr: [], tries });
    const server = await servePeople(xa, { authenticate: sessions.authenticate });
    drain(() => tries.take('127.0.0.1'));
    // One look at a time is left, and somebody has it.
    let release = () => {};
    const held = tries.lookUp('127.0.0.1', 'held', () => new Promise<void>((resolve) => (release = resolve)));
    crowded = {
      server,
      close: async () => {
        release();
        await held;
        await server.close();
        await xa.close();
      },
    };
  });
  afterAll(() => crowded.close());
});

describe('at a node', () => {
  let node: SignInNode;
  /** Signed in from the beginning, by the provider's clock, which does not go ahead. */
  const known = openBrowser();
  beforeAll(async () => {
    node = await startSignInNode();
    expect((await walkSignIn(node.url, 'officer.xa', { browser: known })).status).toBe(200);
  });
  afterAll(() => node?.close());

  it('codes for a program are guessed five times and no more, also the right one', async () => {
    const verifier = randomBytes(32).toString('base64url');
    const send = async (code: string, by = verifier) => {
      const response = await fetch(`${node.url}/sign-in/program`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-focalnet': '1' },
        body: JSON.stringify({ code, verifier: by }),
      });
      return [response.status, ((await response.json()) as { code?: string }).code];
    };
    const query = `?program=${challengeOf(verifier)}`;
    const page = await walkSignIn(node.url, 'officer.xa', { query });
    const code = /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(page.text)![0];
    for (let i = 0; i < tryLimits.wrongCodes; i++)
      expect(await send(`00000-0000${i}`)).toEqual([400, 'CODE_INVALID']);
    expect(await send(code)).toEqual([429, 'TOO_MANY_CODES']);
    // Somebody else's program is not hindered by it.
    const other = await signInProgram(node.url, async (address) => {
      const { search } = new URL(address);
      const shown = await walkSignIn(node.url, 'head.xa', { query: search });
      return /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(shown.text)![0];
    });
    expect(other).toMatch(/^[\w-]{43}$/);
  });

  it('a flood from the address of an office ends, says so, and hinders nobody who was signed in before', async () => {
    const known = openBrowser();
    expect((await walkSignIn(node.url, 'officer.xa', { browser: known })).status).toBe(200);
    const begin = () => openBrowser().step(`${node.url}/sign-in`, { headers: { accept: 'text/html' } });
    let last = await begin();
    for (let i = 0; i < 3 * tryLimits.burst && last.status !== 429; i++) last = await begin();
    expect([last.status, Number(last.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect(last.text).toContain('TOO_MANY_TRIES');
    expect(last.text).toContain('wait a few seconds');
    // What comes back in the meantime is taken by the flood: only then is anybody known by the session.
    const open = await known.step(`${node.url}/sign-in`);
    expect(open.status).toBe(302);
    expect((await known.open(`${node.url}/session`)).status).toBe(200);
    const rows = await node.db.selectFrom('login').select('state_hash').execute();
    expect(rows.length).toBeLessThan(2 * tryLimits.burst);
    node.clock.aheadMs += tryLimits.burst * tryLimits.refillMs;
    expect((await walkSignIn(node.url, 'supervisor.xa')).status).toBe(200);
  });

  it('a made-up session is none that was', async () => {
    const browser = openBrowser();
    const made = randomBytes(32).toString('base64url');
    browser.plant(node.url, `${SESSION_COOKIE}=${made}; Path=/; Secure; HttpOnly`);
    let last = await browser.step(`${node.url}/sign-in`);
    for (let i = 0; i < 3 * tryLimits.burst && last.status !== 429; i++)
      last = await browser.step(`${node.url}/sign-in`);
    expect(last.status).toBe(429);
  });

  const madeUp = (): string => `${SESSION_COOKIE}=${randomBytes(32).toString('base64url')}`;
  it.each([
    ['a route for people', 'GET', '/who', madeUp],
    ['signing out', 'POST', '/sign-out', madeUp],
    ['a logout of the provider', 'POST', '/back-channel-logout', () => ''],
  ] satisfies [string, string, string, () => string][])(
    'a flood of what is made up ends at %s, and whoever is signed in goes on',
    async (_what, method, path, cookie) => {
      expect((await known.open(`${node.url}/session`)).status).toBe(200);
      node.clock.aheadMs += tryLimits.burst * tryLimits.refillMs;
      const media = path === '/sign-out' ? 'application/json' : 'application/x-www-form-urlencoded';
      const strange = async (): Promise<number> => {
        const headers = { cookie: cookie(), 'x-focalnet': '1', 'content-type': media };
        const body = method === 'POST' ? { body: 'logout_token=none' } : {};
        const response = await fetch(`${node.url}${path}`, { method, headers, ...body });
        await response.text();
        return response.status;
      };
      const statuses: number[] = [];
      const asked = await watchQueries(async () => {
        for (let i = 0; i < 8; i++)
          statuses.push(...(await Promise.all(Array.from({ length: tryLimits.burst / 4 }, strange))));
      });
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(tryLimits.burst / 4);
      expect(asked.length).toBeLessThan(1.8 * tryLimits.burst);
      expect((await known.open(`${node.url}/session`)).status).toBe(200);
    },
  );

  it('sessions are erased thirty days after they were over, however they ended, and no others', async () => {
    await node.db.deleteFrom('session').execute();
    const doors = openDoors(node.databaseConfig, node.surroundings.nowMs);
    const begin = () =>
      runOperation(node.signin, node.surroundings, (op) => {
        const proof = {
          person: 'officer.xa',
          audience: 'officer' as const,
          sid: null,
          acr: 'a',
          authTimeMs: 0,
        };
        return startSession(op, proof, 'browser');
      });
    const set = (values: Record<string, number>) =>
      node.db.updateTable('session').set(values).where('sid', 'is', null);
    const now = node.surroundings.nowMs();
    await Promise.all([begin(), begin(), begin(), begin(), begin()]);
    const ids = (await node.db.selectFrom('session').select('id_hash').execute()).map(
      ({ id_hash }) => id_hash,
    );
    const [signedOut, idle, worn, young, running] = ids as [string, string, string, string, string];
    const ago = now - SESSION_KEPT_MS - 1000;
    await set({ ended_at: ago }).where('id_hash', '=', signedOut).execute();
    await set({ seen_at: ago - IDLE_MS })
      .where('id_hash', '=', idle)
      .execute();
    await set({ expires_at: ago, created_at: ago - LIFETIME_MS.officer })
      .where('id_hash', '=', worn)
      .execute();
    await set({ ended_at: ago + 60_000 })
      .where('id_hash', '=', young)
      .execute();
    const work = { db: doors.jobs, surroundings: node.surroundings };
    await eraseSessions(work);
    const left = await node.db.selectFrom('session').select('id_hash').execute();
    expect(left.map(({ id_hash }) => id_hash).sort()).toEqual([young, running].sort());
    const entries = () =>
      node.db.selectFrom('audit_entry').select('detail').where('type', '=', 'session.erased').execute();
    expect(await entries()).toEqual([{ detail: '{"count":3}' }]);
    await eraseSessions(work);
    expect(await entries()).toHaveLength(1);
    await doors.close();
  });
});
