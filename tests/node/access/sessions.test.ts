/** What a session costs, how long it lasts, and that what ends it ends it at once. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Audience } from '#node/access/actor.ts';
import { SESSION_COOKIE } from '#node/access/cookies.ts';
import { disablePerson, enablePerson } from '#node/access/people.ts';
import { endSessions, LIFETIME_MS, startSession } from '#node/access/sessions.ts';
import { runOperation } from '#node/operation.ts';
import { ask, type SignInNode, startSignInNode } from '../../fixtures/sign-in-node.ts';

let node: SignInNode;
beforeAll(async () => {
  node = await startSignInNode();
});
afterAll(() => node?.close());

const begin = (person = 'officer.xa', audience: Audience = 'officer') =>
  runOperation(node.signin, node.surroundings, (op) => {
    const authTimeMs = node.surroundings.nowMs();
    return startSession(op, { person, audience, sid: null, acr: 'acr', authTimeMs }, 'browser');
  });
const told = async (session: string, path = '/who') => {
  const { status, answer } = await ask(node, path, session);
  return status === 200 ? 200 : answer.code;
};
/** Statements that reach PostgreSQL from this process while `work` runs. */
async function watchQueries(work: () => Promise<unknown>): Promise<string[]> {
  const statements: string[] = [];
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: unknown, ...args: unknown[]) {
    statements.push(typeof args[0] === 'string' ? args[0] : ((args[0] as { text?: string })?.text ?? ''));
    return (query as (...all: unknown[]) => unknown).apply(this, args) as never;
  } as typeof query;
  await work().finally(() => {
    pg.Client.prototype.query = query;
  });
  return statements;
}

describe('a session', () => {
  it('costs one query a request, and a second one once a minute', async () => {
    const session = await begin();
    const ask1 = () => watchQueries(() => told(session));
    expect(await ask1()).toHaveLength(1);
    expect(await ask1()).toHaveLength(1);
    node.clock.aheadMs = 60_000;
    expect(await ask1()).toEqual([
      expect.stringMatching(/^select.*session.*person/s),
      expect.stringMatching(/^update "session" set "seen_at"/),
    ]);
    expect(await ask1()).toHaveLength(1);
    node.clock.aheadMs = 0;
  });

  it.each<[string, Audience, string]>([
    ['officer.xa', 'officer', '/who'],
    ['analyst.xa', 'ministry', '/who/ministry'],
  ])('of %s ends in time, however busy', async (person, audience, path) => {
    const session = await begin(person, audience);
    const step = 10 * 60_000;
    for (; node.clock.aheadMs < LIFETIME_MS[audience]; node.clock.aheadMs += step)
      expect(await told(session, path)).toBe(200);
    node.clock.aheadMs = LIFETIME_MS[audience];
    expect(await told(session, path)).toBe('SESSION_OVER');
    node.clock.aheadMs = 0;
  });

  it('is over with the next request once its person is disabled, and stays over', async () => {
    const [session, another] = [await begin(), await begin('supervisor.xa')];
    expect([await told(session), await told(another)]).toEqual([200, 200]);
    await disablePerson(node.office, 'officer.xa');
    expect([await told(session), await told(another)]).toEqual(['SESSION_OVER', 200]);
    await enablePerson(node.office, 'officer.xa');
    expect(await told(session)).toBe('SESSION_OVER');
    expect(await told(await begin())).toBe(200);
  });

  it('is over although only the person’s row says so', async () => {
    const session = await begin('head.xa');
    await node.db.updateTable('person').set({ disabled_at: 1 }).where('id', '=', 'head.xa').execute();
    expect(await told(session)).toBe('SESSION_OVER');
  });

  it('follows the role its person has now', async () => {
    const session = await begin('case-worker.xa');
    const setRole = (role: 'analyst' | 'supervisor' | 'panel-member') =>
      node.db.updateTable('person').set({ role }).where('id', '=', 'case-worker.xa').execute();
    await setRole('supervisor');
    expect((await ask(node, '/who', session)).answer.role).toBe('supervisor');
    for (const role of ['analyst', 'panel-member'] as const) {
      await setRole(role);
      expect([await told(session), await told(session, '/who/ministry')]).toEqual([
        'WRONG_ENDPOINT',
        'WRONG_ENDPOINT',
      ]);
    }
  });
});

describe('a request', () => {
  it('says what it is for, or what the role exists for', async () => {
    const session = await begin('supervisor.xa');
    const purpose = async (named?: string) => {
      const headers: Record<string, string> = named === undefined ? {} : { 'x-focalnet-purpose': named };
      const { answer } = await ask(node, '/who', session, { headers });
      return answer.purpose ?? answer.code;
    };
    expect(await purpose()).toBe('supervision');
    expect(await purpose('break-glass-review')).toBe('break-glass-review');
    for (const none of ['', 'curiosity', 'audit, case-work', '__proto__'])
      expect(await purpose(none)).toBe('PURPOSE_UNKNOWN');
  });
});

describe('a stream of events', () => {
  async function listen(session: string): Promise<{ next: () => Promise<string | null> }> {
    const headers = { cookie: `${SESSION_COOKIE}=${session}` };
    const [response] = (await once(request(`${node.url}/events`, { headers }).end(), 'response')) as [
      IncomingMessage,
    ];
    const pieces = response[Symbol.asyncIterator]();
    return {
      next: async () => {
        const { value, done } = await pieces.next();
        return done ? null : String(value);
      },
    };
  }

  it.each<[string, (session: string) => Promise<unknown>]>([
    [
      'its session ends',
      (session) => ask(node, '/sign-out', session, { method: 'POST', headers: { 'x-focalnet': '1' } }),
    ],
    ['its person is disabled', () => disablePerson(node.office, 'officer.xa')],
    [
      'all sessions of the person end',
      () =>
        runOperation(node.signin, node.surroundings, (op) =>
          endSessions(op, { person: 'officer.xa' }, 'provider'),
        ),
    ],
    [
      'its time is over',
      async () => {
        node.clock.aheadMs = 15 * 60_000;
      },
    ],
  ])('ends without another word once %s', async (_, end) => {
    await enablePerson(node.office, 'officer.xa');
    const session = await begin();
    const events = await listen(session);
    expect(await events.next()).toBe('data: begin\n\n');
    node.say('first');
    expect(await events.next()).toBe('data: first\n\n');
    await end(session);
    node.say('second');
    expect(await events.next()).toBe(null);
    node.clock.aheadMs = 0;
  });
});
