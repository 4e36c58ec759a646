/** The two walls say the same: the policy in code, the endpoint, and raw SQL of each person's own role. */

import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '#node/access/actor.ts';
import { decide, sees } from '#node/access/decide.ts';
import { readStandings } from '#node/access/standing.ts';
import { type Changes, openChanges } from '#node/enquiries/changes.ts';
import type { EnquiryContext } from '#node/enquiries/context.ts';
import { cursorOf, listInbox } from '#node/enquiries/list-inbox.ts';
import { makeTransfers } from '#node/exchange/transfers.ts';
import { officerRoutes } from '#node/graphql/officer.ts';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { type Doors, openDoors } from '#node/storage/doors.ts';
import { asRole, NOBODY, OWNER } from '#node/storage/roles.ts';
import { closedVault } from '#node/vault/vault.ts';
import { makeLog } from '#platform/http/log.ts';
import type { HttpRequest } from '#platform/http/route.ts';
import { serve } from '#platform/http/serve.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import type { State } from '#schema/protocol/ids.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/database.ts';
import { makeWorld, WORLD_MS, type World } from '../../fixtures/world.ts';

let database: TestDatabase;
let superuser: Kysely<Database>;
let doors: Doors;
let world: World;
beforeAll(async () => {
  database = await createTestDatabase();
  await prepareDatabase(database.config);
  superuser = openDatabase<Database>({ ...database.config, max: 2 });
  doors = openDoors(database.config, () => WORLD_MS);
  world = await makeWorld(superuser, {
    seed: 7,
    units: 12,
    people: 220,
    conversations: 20_000,
    drafts: 2_000,
    assignments: 4_000,
  });
}, 120_000);
afterAll(async () => {
  await doors.close();
  await superuser.destroy();
  await database.drop();
});

const column = async (actor: Actor, query: (trx: Kysely<Database>) => Promise<{ thread: string }[]>) =>
  (await doors.withActor(actor, query)).map(({ thread }) => thread).sort();
const conversationsOf = (actor: Actor) =>
  column(actor, (trx) => trx.selectFrom('conversation').select('thread').execute());
const actsOf = (actor: Actor) => column(actor, (trx) => trx.selectFrom('act').select('thread').execute());
const draftsOf = (actor: Actor) =>
  column(actor, (trx) => trx.selectFrom('proposal').select('thread').execute());

type InboxAnswer = {
  edges: { node: { thread: string } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
};

/** The officers' endpoint over HTTP; a header names who calls. */
async function serveEndpoint(changes: Changes) {
  const enquiries: EnquiryContext = {
    doors,
    surroundings: {
      nowMs: () => WORLD_MS,
      random: (bytes) => new Uint8Array(randomBytes(bytes)),
      vault: closedVault,
    },
    intakeUnit: 'unit-0',
    state: 'xa' as State,
    peerProfile: () => undefined,
    peers: () => [],
    changes,
    wakeSealer: () => {},
    wakeCallOut: () => {},
    transfers: makeTransfers(() => 0),
    askRecall: async () => {},
    listVersion: () => 1,
  };
  const log = makeLog('test', 'silent');
  const authenticate = async ({ headers }: HttpRequest) =>
    world.people.find(({ id }) => id === headers['x-who'])!;
  const served = await serve({
    host: '127.0.0.1',
    port: 0,
    log,
    routes: officerRoutes({ enquiries, log, authenticate }),
  });
  const query = `query($after: String) { inbox(first: 100, after: $after) {
    edges { node { thread } } pageInfo { hasNextPage endCursor } } }`;
  return {
    close: served.close,
    ask: async (actor: Actor, variables: { after: string | null }) => {
      const response = await fetch(`${served.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-focalnet': '1', 'x-who': actor.id },
        body: JSON.stringify({ query, variables }),
      });
      return ((await response.json()) as { data: { inbox: InboxAnswer } }).data;
    },
  };
}

describe('need to know', () => {
  it('is the same in the policy and in raw SQL, for every person, conversation and draft', async () => {
    const shown = { conversations: 0, drafts: 0, hidden: 0 };
    for (const actor of world.people) {
      const standings = world.standingsOf(actor);
      const ofPolicy = (all: readonly { thread: string }[]) =>
        all
          .filter(({ thread }) => sees(actor, standings.get(thread)!))
          .map(({ thread }) => thread)
          .sort();
      const conversations = ofPolicy(world.conversations);
      const drafts = ofPolicy(world.drafts);
      expect(await conversationsOf(actor)).toEqual(conversations);
      expect(await draftsOf(actor)).toEqual(drafts);
      shown.conversations += conversations.length;
      shown.drafts += drafts.length;
      shown.hidden += world.conversations.length - conversations.length;
    }
    // A world in which everything or nothing is seen would prove nothing.
    expect(Math.min(...Object.values(shown))).toBeGreaterThan(1_000);
  }, 300_000);

  it('is the same for what belongs to a conversation, and for the standing that the code reads', async () => {
    for (const actor of world.people.slice(0, 25)) {
      const threads = [...world.conversations, ...world.drafts].map(({ thread }) => thread);
      const read = await doors.withActor(actor, (trx) => readStandings(trx, actor, threads, WORLD_MS));
      const expected = [...world.standingsOf(actor)].filter(([, standing]) => sees(actor, standing));
      expect([...read].sort()).toEqual(expected.sort());
      expect(await actsOf(actor)).toEqual(await conversationsOf(actor));
    }
  }, 120_000);

  it('is the same in the inbox, page by page, which looks only where an index leads', async () => {
    const heads = world.people.filter(({ role }) => role === 'head').slice(0, 1);
    const others = world.people.filter(({ role }) => role !== 'head').slice(0, 50);
    for (const actor of [...heads, ...others]) {
      const standings = world.standingsOf(actor);
      const expected = world.conversations.filter(({ thread }) => sees(actor, standings.get(thread)!));
      const listed: string[] = [];
      let after: string | undefined;
      do {
        const page = await doors.withActor(actor, (trx) =>
          listInbox(trx, actor, WORLD_MS, {}, { first: 100, after }),
        );
        listed.push(...page.rows.map(({ thread }) => thread));
        after = page.hasNextPage ? cursorOf(page.rows.at(-1)!) : undefined;
      } while (after !== undefined);
      // The world's conversations changed in the order of their making.
      expect(listed).toEqual(expected.map(({ thread }) => thread).reverse());
    }
  }, 300_000);

  it('is the same through the endpoint', async () => {
    const changes = await openChanges(doors.exchange);
    const server = await serveEndpoint(changes);
    const shown = async (actor: Actor) => {
      const threads: string[] = [];
      let after: string | null = null;
      do {
        const { inbox }: { inbox: InboxAnswer } = await server.ask(actor, { after });
        threads.push(...inbox.edges.map(({ node }) => node.thread));
        after = inbox.pageInfo.hasNextPage ? inbox.pageInfo.endCursor : null;
      } while (after !== null);
      return threads.sort();
    };
    for (const role of ['case-worker', 'officer', 'supervisor', 'legal-adviser'] as const)
      for (const actor of world.people.filter((one) => one.role === role).slice(0, 4))
        expect(await shown(actor)).toEqual(await conversationsOf(actor));
    await server.close();
    await changes.close();
  }, 120_000);

  it('opened in need is read and never sent from', () => {
    const [officer] = world.people.filter(({ role }) => role === 'officer');
    const standing = {
      unit: 'elsewhere',
      eyesOnly: false,
      isReader: false,
      isAssigned: false,
      isOpenedInNeed: true,
      draftedBy: null,
      isStandIn: false,
    };
    expect(decide(officer!, 'conversation.read', { standing }, WORLD_MS)).toEqual({ allow: true });
    expect(decide(officer!, 'act.propose', { standing }, WORLD_MS)).toEqual({
      allow: false,
      code: 'READ_ONLY_IN_NEED',
    });
    const closed = { ...standing, eyesOnly: true };
    expect(decide(officer!, 'conversation.read', { standing: closed }, WORLD_MS)).toEqual({
      allow: false,
      code: 'NOT_FOUND',
    });
  });
});

describe('connections', () => {
  it('do nothing for nobody', async () => {
    const nobody = openDatabase<Database>({ ...asRole(database.config, NOBODY), max: 1 });
    for (const table of ['conversation', 'act', 'audit_entry', 'person', 'session', 'migration'] as const)
      await expect(sql`select 1 from ${sql.table(table)}`.execute(nobody)).rejects.toThrow(
        /permission denied/,
      );
    await nobody.destroy();
  });

  it('show no row to a person of no purpose', async () => {
    const [actor] = world.people;
    await doors.withActor(actor!, async (trx) => {
      await sql`select set_config('app.purpose', '', true)`.execute(trx);
      expect(await trx.selectFrom('conversation').select('thread').execute()).toEqual([]);
    });
  });

  it('carry nothing from one person to the next: 100,000 transactions at once, some of which fail', async () => {
    // For each person one conversation they see and one they do not.
    const probes = world.people.flatMap((actor) => {
      const standings = [...world.standingsOf(actor)].slice(0, world.conversations.length);
      const seen = standings.find(([, standing]) => sees(actor, standing))?.[0];
      const hidden = standings.find(([, standing]) => !sees(actor, standing))?.[0];
      return seen && hidden ? [{ actor, both: [seen, hidden], seen }] : [];
    });
    expect(probes.length).toBeGreaterThan(100);
    let left = 100_000;
    let bled = 0;
    let failed = 0;
    const worker = async () => {
      while (left > 0) {
        left -= 1;
        const { actor, both, seen } = probes[left % probes.length]!;
        const turn = left % 10;
        await doors
          .withActor(actor, async (trx) => {
            const { rows } = await sql<{ me: string; unit: string; thread: string }>`
              select app_person() as me, app_unit() as unit, thread from conversation
              where thread = any(${both}::text[])`.execute(trx);
            const [row] = rows;
            if (rows.length !== 1 || row!.me !== actor.id || row!.unit !== actor.unit || row!.thread !== seen)
              bled += 1;
            if (turn === 0) await sql`select 1 / 0`.execute(trx);
            if (turn === 1) throw new Error('given up');
          })
          .catch(() => {
            failed += 1;
          });
      }
    };
    await Promise.all(Array.from({ length: 64 }, worker));
    expect([bled, failed]).toEqual([0, 20_000]);
    const after = await sql<{ role: string; me: string | null }>`
      select current_user as role, nullif(current_setting('app.person', true), '') as me`.execute(superuser);
    expect(after.rows[0]).toEqual({ role: 'postgres', me: null });
  }, 900_000);
});

describe('the catalogue', () => {
  it('has row-level security forced on every table, and nothing granted to everybody', async () => {
    const { rows } = await sql<{ name: string; forced: boolean; owner: string; open: boolean }>`
      select relname as name, relrowsecurity and relforcerowsecurity as forced, relowner::regrole::text as owner,
        exists (select 1 from aclexplode(relacl) where grantee = 0) as open
      from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`.execute(superuser);
    expect(rows.length).toBeGreaterThan(25);
    expect(rows.filter(({ forced, owner, open }) => !forced || owner !== OWNER || open)).toEqual([]);
  });

  it('has no role of ours that logs in, bypasses or inherits', async () => {
    const { rows } = await sql<{ name: string }>`
      select rolname as name from pg_roles where (rolname like 'app\_%' or rolname = ${OWNER})
        and (rolcanlogin or rolbypassrls or rolinherit or rolsuper or rolcreaterole)`.execute(superuser);
    expect(rows).toEqual([]);
  });
});
