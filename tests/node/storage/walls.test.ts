/** The two walls say the same: the policy in code, the endpoint, and raw SQL of each person's own role. */
import { createHash, randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Actor, audienceOf } from '#node/access/actor.ts';
import { decide, sees } from '#node/access/decide.ts';
import { asColleague, readStandings } from '#node/access/standing.ts';
import { type Changes, openChanges } from '#node/enquiries/changes.ts';
import type { EnquiryContext } from '#node/enquiries/context.ts';
import { cursorOf } from '#node/enquiries/list-inbox.ts';
import { makeTransfers } from '#node/exchange/transfers.ts';
import { officerRoutes } from '#node/graphql/officer.ts';
import { type Database, prepareDatabase } from '#node/storage/database.ts';
import { type Doors, openDoors } from '#node/storage/doors.ts';
import { asRole, NOBODY, OWNER, roleOfAudience } from '#node/storage/roles.ts';
import { closedVault } from '#node/vault/vault.ts';
import { makeLog } from '#platform/http/log.ts';
import type { HttpRequest } from '#platform/http/route.ts';
import { serve } from '#platform/http/serve.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import type { State } from '#schema/protocol/ids.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/database.ts';
import { makeWorld, WORLD_MS, type World, type WorldLink } from '../../fixtures/world.ts';

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
    people: 340,
    conversations: 20_000,
    drafts: 2_000,
    assignments: 4_000,
    handOvers: 120,
  });
}, 120_000);
afterAll(async () => {
  await doors.close();
  await superuser.destroy();
  await database.drop();
});

type Rows = 'conversation' | 'act' | 'proposal';

const threadsOf = async (actor: Actor, table: Rows): Promise<string[]> =>
  (
    await doors.withActor(actor, (trx) => trx.selectFrom(table).select('thread').orderBy('thread').execute())
  ).map(({ thread }) => thread);

/** Compares in the database: what a person's own role has of a table against a list; on a difference, row by row. */
async function expectRows(actor: Actor, table: Rows, expected: readonly string[]): Promise<void> {
  const { rows } = await doors.withActor(actor, (trx) =>
    sql<{
      digest: string;
    }>`select md5(coalesce(string_agg(thread, ',' order by thread collate "C"), '')) as digest
      from ${sql.table(table)}`.execute(trx),
  );
  const digest = createHash('md5').update(expected.join()).digest('hex');
  if (rows[0]!.digest !== digest) expect(await threadsOf(actor, table)).toEqual(expected);
  expect([actor.id, table, rows[0]!.digest]).toEqual([actor.id, table, digest]);
}

/** What the policy in code shows this person of the world, in order. */
function ofPolicy(actor: Actor) {
  const standings = world.standingsOf(actor);
  const seen = (all: readonly { thread: string }[]) =>
    all.filter(({ thread }) => sees(actor, standings.get(thread)!)).map(({ thread }) => thread);
  return { conversations: seen(world.conversations), drafts: seen(world.drafts), standings };
}

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

/** So many people of each role. */
const someOfEach = (count: number): Actor[] =>
  (['case-worker', 'officer', 'supervisor', 'legal-adviser', 'head'] as const).flatMap((role) =>
    world.people.filter((one) => one.role === role).slice(0, count),
  );
/** Conversations changed in the order of their making, from 1. */
const cursorAt = (thread: string): string => cursorOf({ thread, updated_at: Number(thread.slice(-12)) + 1 });

describe('need to know', () => {
  it('is asked of a whole office', () => {
    const count = (role: string) => world.people.filter((one) => one.role === role).length;
    expect(count('officer')).toBeGreaterThanOrEqual(200);
    for (const role of ['supervisor', 'case-worker', 'legal-adviser', 'head'])
      expect([role, count(role) >= 3]).toEqual([role, true]);
    expect(world.conversations).toHaveLength(20_000);
  });

  it('is the same in the policy and in raw SQL, for every person, conversation and draft', async () => {
    const shown = { conversations: 0, drafts: 0, hidden: 0, byStandingIn: 0 };
    for (const actor of world.people) {
      const { conversations, drafts, standings } = ofPolicy(actor);
      await expectRows(actor, 'conversation', conversations);
      await expectRows(actor, 'proposal', drafts);
      shown.conversations += conversations.length;
      shown.drafts += drafts.length;
      shown.hidden += world.conversations.length - conversations.length;
      for (const { thread, proposer, unit } of world.drafts)
        if (actor.unit !== unit && proposer !== actor.id && standings.get(thread)!.isStandIn)
          shown.byStandingIn += 1;
    }
    // A world in which everything or nothing is seen would prove nothing.
    expect(Math.min(shown.conversations, shown.drafts, shown.hidden)).toBeGreaterThan(1_000);
    expect(shown.byStandingIn).toBeGreaterThan(50);
  }, 600_000);

  it('is the same for what belongs to a conversation, and for the standing that the code reads', async () => {
    const threads = [...world.conversations, ...world.drafts].map(({ thread }) => thread);
    for (const actor of someOfEach(4)) {
      const { conversations, standings } = ofPolicy(actor);
      const read = await doors.withActor(actor, (trx) => readStandings(trx, threads));
      const expected = [...standings].filter(([, standing]) => sees(actor, standing));
      expect([...read].sort()).toEqual(expected.sort());
      await expectRows(actor, 'act', conversations);
    }
  }, 300_000);

  it('is the same for case files, and for files and tasks of conversations and drafts', async () => {
    // A case file under the id of a conversation has its standing: the same unit, assignments, readers and openings in need.
    const some = world.conversations.slice(0, 1_000);
    // Few: for a file of no act yet every draft is looked at.
    const drafted = world.drafts.slice(0, 30);
    const threads = [...some, ...drafted].map(({ thread }) => thread);
    const rows = JSON.stringify([
      ...some.map(({ thread, unit, eyesOnly }) => ({ thread, unit, eyesOnly, act: `act-${thread}` })),
      ...drafted.map(({ thread, id }) => ({ thread, proposal: id })),
    ]);
    const statements = [
      sql`create temporary table belonging as select * from jsonb_to_recordset(${rows}::jsonb)
        as r (thread text, unit text, "eyesOnly" boolean, act text, proposal text)`,
      sql`insert into case_file (id, unit, eyes_only, opened_by, opened_at, updated_at)
        select thread, unit, "eyesOnly", 'somebody', 0, 0 from belonging where act is not null`,
      sql`insert into attachment (id, message_id, name, media, bytes, sha256, removed, created_at)
        select thread, act, '', 'text/plain', 1, 'x', '[]', 0 from belonging`,
      sql`update proposal p set attachment_ids = array[p.thread] from belonging b where b.proposal = p.id`,
      sql`insert into task (id, kind, thread, proposal_id, opened_at, due_at)
        select thread, 'escalation', thread, proposal, 0, 0 from belonging`,
      sql`analyze case_file, attachment, task`,
    ];
    await superuser.connection().execute(async (one) => {
      for (const statement of statements) await statement.execute(one);
    });
    // The world has files of its own beside these.
    const idsOf = async (actor: Actor, table: 'case_file' | 'attachment' | 'task') =>
      (
        await doors.withActor(actor, (trx) =>
          trx.selectFrom(table).select('id').where('id', 'in', threads).execute(),
        )
      )
        .map(({ id }) => id)
        .sort();
    const shown = { cases: 0, hidden: 0, drafts: 0 };
    for (const actor of someOfEach(4)) {
      const { conversations, drafts } = ofPolicy(actor);
      const seen = new Set([...conversations, ...drafts]);
      const expected = threads.filter((thread) => seen.has(thread)).sort();
      const cases = some.map(({ thread }) => thread).filter((thread) => seen.has(thread));
      expect([actor.id, await idsOf(actor, 'case_file')]).toEqual([actor.id, cases.sort()]);
      expect([actor.id, await idsOf(actor, 'attachment')]).toEqual([actor.id, expected]);
      expect([actor.id, await idsOf(actor, 'task')]).toEqual([actor.id, expected]);
      shown.cases += cases.length;
      shown.hidden += threads.length - expected.length;
      shown.drafts += expected.length - cases.length;
    }
    expect(Math.min(shown.cases, shown.hidden)).toBeGreaterThan(1_000);
    expect(shown.drafts).toBeGreaterThan(50);
    for (const table of ['task', 'attachment', 'case_file'] as const)
      await superuser.deleteFrom(table).where('id', 'in', threads).execute();
  }, 300_000);

  it('is the same through the endpoint: every page for some of each role, first and last for everybody', async () => {
    const changes = await openChanges(doors.exchange);
    const server = await serveEndpoint(changes);
    const page = async (actor: Actor, after: string | null) => {
      const { inbox }: { inbox: InboxAnswer } = await server.ask(actor, { after });
      const next = inbox.pageInfo.hasNextPage ? inbox.pageInfo.endCursor : null;
      return { threads: inbox.edges.map(({ node }) => node.thread), next };
    };
    const whole = new Set(someOfEach(2).filter(({ role }) => role !== 'head'));
    whole.add(world.people.find(({ role }) => role === 'head')!);
    for (const actor of world.people) {
      // The world's conversations changed in the order of their making; the newest come first.
      const expected = ofPolicy(actor).conversations.reverse();
      if (whole.has(actor)) {
        const shown: string[] = [];
        let after: string | null = null;
        do {
          const { threads, next }: { threads: string[]; next: string | null } = await page(actor, after);
          shown.push(...threads);
          after = next;
        } while (after !== null);
        expect(shown).toEqual(expected);
      } else {
        for (const at of [0, Math.max(expected.length - 20, 0)]) {
          const before = expected[at - 1];
          const after = before === undefined ? null : cursorAt(before);
          const { threads, next } = await page(actor, after);
          expect([actor.id, threads]).toEqual([actor.id, expected.slice(at, at + 100)]);
          expect(next !== null).toBe(expected.length > at + 100);
        }
      }
    }
    await server.close();
    await changes.close();
  }, 600_000);

  it('is the same for who represents a child: the link that is in force in the code is the one the guardian’s own role has', async () => {
    const fileOf = new Map(world.files.map((file) => [file.id, file]));
    /** Where it is read: of a file that was joined, the other. */
    const readAs = ({ file }: WorldLink) => {
      const own = file === null ? null : fileOf.get(file)!;
      return own?.joinedInto ? fileOf.get(own.joinedInto)! : own;
    };
    const asCode = (link: WorldLink) => {
      const ends = [link.ends_at, readAs(link)?.lastAt ?? null].filter((at) => at !== null);
      return { ...link, ends_at: ends.length === 0 ? null : Math.min(...ends) };
    };
    const shown = { links: 0, hidden: 0, seen: 0, unseen: 0 };
    for (const actor of world.elsewhere.filter(({ role }) => role === 'guardian')) {
      const rows = await doors.withActor(actor, (trx) =>
        trx.selectFrom('guardian_link').select('id').orderBy('id').execute(),
      );
      const expected = world.links
        .filter((link) => decide(actor, 'representation.read', { link: asCode(link) }, WORLD_MS).allow)
        .map(({ id }) => id);
      expect([actor.id, rows.map(({ id }) => id)]).toEqual([actor.id, expected.sort()]);
      shown.links += expected.length;
      shown.hidden += world.links.filter(({ person }) => person === actor.id).length - expected.length;
    }
    for (const actor of someOfEach(2)) {
      const standings = world.standingsOf(actor);
      const seesLink = (link: WorldLink): boolean => {
        const file = readAs(link);
        return sees(actor, file ? asColleague(file.unit, file.eyesOnly) : standings.get(link.thread!)!);
      };
      const rows = await doors.withActor(actor, (trx) =>
        trx.selectFrom('guardian_link').select('id').orderBy('id').execute(),
      );
      const expected = world.links.filter(seesLink).map(({ id }) => id);
      expect([actor.id, rows.map(({ id }) => id)]).toEqual([actor.id, expected.sort()]);
      shown.seen += expected.length;
      shown.unseen += world.links.length - expected.length;
    }
    expect(Math.min(shown.links, shown.hidden, shown.seen, shown.unseen)).toBeGreaterThan(50);
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

  it('carry nothing from one person to the next: 100,000 transactions of four audiences at once, with writes, some of which fail', async () => {
    // For each officer one conversation they see and one they do not.
    const officers = world.people.flatMap((actor) => {
      const standings = [...world.standingsOf(actor)].slice(0, world.conversations.length);
      const seen = standings.find(([, standing]) => sees(actor, standing))?.[0];
      const hidden = standings.find(([, standing]) => !sees(actor, standing))?.[0];
      return seen && hidden ? [{ actor, seen, hidden }] : [];
    });
    expect(officers.length).toBeGreaterThan(200);
    const total = 100_000;
    let left = total;
    const count = { bled: 0, given: 0, failed: 0, refused: 0, written: 0, elsewhere: 0 };
    const bleedUnless = (holds: boolean) => {
      if (!holds) count.bled += 1;
    };
    const whoAmI = async (trx: Kysely<Database>, actor: Actor) => {
      const { rows } = await sql<{ me: string; role: string; unit: string }>`
        select app_person() as me, current_user::text as role, app_unit() as unit`.execute(trx);
      const [row] = rows;
      bleedUnless(row!.me === actor.id && row!.unit === actor.unit);
      bleedUnless(row!.role === roleOfAudience[audienceOf[actor.role]!]);
    };
    const asOfficer = async (trx: Kysely<Database>, turn: number, n: number, of: (typeof officers)[0]) => {
      const { actor, seen, hidden } = of;
      const { rows } = await sql<{ me: string; role: string; thread: string }>`
        select app_person() as me, current_user::text as role, thread from conversation
        where thread = any(${[seen, hidden]}::text[])`.execute(trx);
      const [row] = rows;
      bleedUnless(rows.length === 1 && row!.me === actor.id && row!.thread === seen);
      bleedUnless(row!.role === roleOfAudience.officer);
      const note = (thread: string) => sql`insert into task (id, kind, thread, opened_at, due_at, opened_by)
        values (${`task-${n}`}, 'escalation', ${thread}, 0, 0, app_person())`;
      if (turn === 4 || turn === 5) {
        await note(seen).execute(trx);
        count.written += 1;
      }
      if (turn === 1) await note(hidden).execute(trx);
    };
    const asAnother = async (trx: Kysely<Database>, actor: Actor) => {
      count.elsewhere += 1;
      await whoAmI(trx, actor);
      if (actor.role === 'guardian') {
        const links = await trx.selectFrom('guardian_link').select('person').execute();
        bleedUnless(links.length > 0 && links.every(({ person }) => person === actor.id));
      } else if (actor.role === 'analyst')
        bleedUnless((await trx.selectFrom('signed_release').select('period').execute()).length === 0);
      else await trx.selectFrom('audit_entry').select('type').limit(1).execute();
    };
    const noteFailure = ({ code, message }: Error & { code?: string }) => {
      if (code === '42501' && message.includes('row-level security')) count.refused += 1;
      else if (code === '22012') count.failed += 1;
      else if (message === 'given up') count.given += 1;
      else throw new Error(`something else went wrong: ${code} ${message}`);
    };
    const worker = async () => {
      while (left > 0) {
        left -= 1;
        const n = left;
        const turn = n % 20;
        const of = officers[n % officers.length]!;
        const another = turn >= 16 ? world.elsewhere[n % world.elsewhere.length]! : undefined;
        await doors
          .withActor(another ?? of.actor, async (trx) => {
            await (another ? asAnother(trx, another) : asOfficer(trx, turn, n, of));
            if (turn === 0) await sql`select 1 / 0`.execute(trx);
            if (turn === 2 || turn === 3) throw new Error('given up');
          })
          .catch(noteFailure);
      }
    };
    await Promise.all(Array.from({ length: 64 }, worker));
    const tenth = total / 10;
    expect(count).toEqual({
      ...{ bled: 0, given: tenth, failed: tenth / 2, refused: tenth / 2, written: tenth },
      elsewhere: 2 * tenth,
    });
    // What was written is under the name of who wrote it, in a conversation of theirs; of what was refused nothing is there.
    const written = await superuser.selectFrom('task').select(['thread', 'opened_by']).execute();
    expect(written).toHaveLength(tenth);
    const seenBy = new Map(officers.map(({ actor, seen }) => [actor.id, seen]));
    expect(written.filter((row) => seenBy.get(row.opened_by!) !== row.thread)).toEqual([]);
    const after = await sql<{ role: string; me: string | null }>`
      select current_user as role, nullif(current_setting('app.person', true), '') as me`.execute(superuser);
    expect(after.rows[0]).toEqual({ role: 'postgres', me: null });
  }, 1_800_000);
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
