/** Who represents a child by its file: what that covers, how it is kept, what may stand against it. INVENTED people. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveGuardianLink, changeGuardianLink, proposeGuardianLink } from '#node/access/guardian-link.ts';
import { accessLimits } from '#node/access/limits.ts';
import { openLinks } from '#node/access/link-content.ts';
import { sealedLink } from '#node/access/link-tables.ts';
import { lookForUnseen } from '#node/access/look-for-unseen.ts';
import { sealOpenLinks } from '#node/access/seal-open-links.ts';
import { approveJoin, proposeJoin, undoJoin } from '#node/cases/join-cases.ts';
import { linkConversation } from '#node/cases/link-conversation.ts';
import { openCase } from '#node/cases/open-case.ts';
import { writeEntry } from '#node/cases/write-entry.ts';
import { freezeLink } from '#node/representation/freeze-link.ts';
import { type Database, migrations } from '#node/storage/database.ts';
import { openDoors } from '#node/storage/doors.ts';
import { asRole, OWNER, prepareRoles } from '#node/storage/roles.ts';
import { openRows } from '#node/vault/sealed-columns.ts';
import { migrate } from '#platform/postgres/migrate.ts';
import { openDatabase } from '#platform/postgres/open-database.ts';
import { aboutChild } from '../../fixtures/act-bodies.ts';
import { appointmentOf, linkGuardian, noConflicts } from '../../fixtures/appointment.ts';
import { createTestDatabase } from '../../fixtures/database.ts';
import {
  type Clock,
  enterPerson,
  type LoopNode,
  lastAudit,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { call, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';
import { openTestVault } from '../../fixtures/vault.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let office: Office;
let here: OfficerServer;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
  office = await enterOffice(xa);
  here = await serveOfficers(xa);
});
afterAll(async () => {
  await here.close();
  await xa.close();
});

const ask = (name: Name, text: string, variables = {}) => call(here, office.as(name), text, variables);
const PROVENANCE = { source: 'document', confidence: 'verified' };
/** Of one part or of given and family name, as a file holds it. */
const named = (given: string, family: string, script = 'Latn') => ({
  kind: 'current',
  parts: [
    { kind: 'given', value: given },
    { kind: 'family', value: family },
  ],
  script,
});
const state = (file: string, kind: 'person' | 'recipient' | 'warning', value: object, by: Name = 'ana') =>
  writeEntry(xa.ctx, office.as(by), { case: file, kind, replaces: [], value, provenance: PROVENANCE });
const relative = (name: object) => ({
  names: [name],
  relation: 'uncle',
  life: 'alive',
  contactPermission: 'never',
  contactAlreadyMade: 'no',
  safetyRisk: 'yes',
});
const link = (file: string, change = {}) =>
  linkGuardian(
    xa,
    [office.as('ana'), office.as('sam')],
    appointmentOf({ person: office.id('gil'), case: file, ...change }),
  );
/** Of another child each time: the guardian of one is asked before the next enquiry about it. */
let children = 0;
const enquire = () => office.enquire('ana', aboutChild(`Child ${children++} Invented`));
/** What the guardian's own role follows. */
const followed = (name: Name = 'gil') =>
  xa.ctx.doors.withActor(office.as(name), async (trx) => {
    const { rows } = await sql<{ link: string; thread: string | null; case_id: string | null }>`
      select link, thread, case_id from app_my_represented() order by thread nulls first`.execute(trx);
    return rows;
  });
const of = async (id: string, name: Name = 'gil') => (await followed(name)).filter((row) => row.link === id);
const join = (file: string, thread: string) =>
  linkConversation(xa.ctx, office.as('ana'), { case: file, thread });

describe('a link over a case file', () => {
  it('covers the file and its conversations, also those that come later, and is seen with the file', async () => {
    const file = await openCase(xa.ctx, office.as('ana'));
    const [first, second, other] = [await enquire(), await enquire(), await enquire()];
    await join(file, first);
    const id = await link(file);
    expect(await of(id)).toEqual([
      { link: id, thread: null, case_id: file },
      { link: id, thread: first, case_id: null },
    ]);
    await join(file, second);
    expect((await of(id)).map(({ thread }) => thread).sort()).toEqual([first, null, second].sort());
    expect(await followed('gus')).toEqual([]);
    const LINKS =
      'query($of: ID!) { guardianLinks(thread: $of) { id inForce appointment { kind case number } } }';
    const seen = async (name: Name, thread: string) =>
      (await ask(name, LINKS, { of: thread })).data.guardianLinks;
    const shown = {
      id,
      inForce: true,
      appointment: { kind: 'guardian', case: file, number: '4 VIII 12/27' },
    };
    expect(await seen('bo', file)).toEqual([shown]);
    expect(await seen('bo', second)).toEqual([shown]);
    expect(await seen('bo', other)).toEqual([]);
    expect(await seen('eva', file)).toBeUndefined();
    // By raw SQL of their own role too.
    const rows = (name: Name) =>
      xa.ctx.doors.withActor(office.as(name), (trx) =>
        trx.selectFrom('guardian_link').select('id').where('case_id', '=', file).execute(),
      );
    expect([await rows('bo'), await rows('eva')]).toEqual([[{ id }], []]);
    expect(await lastAudit(xa, 'guardian-link.approved')).toMatchObject({ id, case: file, threads: [] });
  });

  it('is over one or the other: a file, or conversations', async () => {
    const [file, thread] = [await openCase(xa.ctx, office.as('ana')), await enquire()];
    const propose = (change: object, by: Name = 'ana') =>
      proposeGuardianLink(xa.ctx, office.as(by), {
        ...appointmentOf({ person: office.id('gil') }),
        ...change,
      });
    await expect(propose({})).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(propose({ case: file, threads: [thread] })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(propose({ threads: [file] })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(propose({ case: thread })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(propose({ case: file }, 'eva')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(propose({ case: file, kind: 'person-caring-now' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    await expect(propose({ case: file, kind: 'legal-adviser' })).resolves.toMatch(/^guardian-link-/);
  });

  it('once frozen shows no conversation that came under the file since; lifted, it does', async () => {
    const file = await openCase(xa.ctx, office.as('ana'));
    const [first, later] = [await enquire(), await enquire()];
    await join(file, first);
    const id = await link(file);
    clock.ms += 1000;
    await freezeLink(xa.ctx, office.as('sam'), id, true);
    const before = await of(id);
    clock.ms += 1000;
    await join(file, later);
    expect(await of(id)).toEqual(before);
    await freezeLink(xa.ctx, office.as('sam'), id, false);
    expect((await of(id)).map(({ thread }) => thread)).toContain(later);
  });

  it('of a person who has been disabled shows nothing, by the database alone', async () => {
    const file = await openCase(xa.ctx, office.as('ana'));
    const id = await link(file, { person: office.id('gus') });
    expect(await of(id, 'gus')).toHaveLength(1);
    const disable = (disabled_at: number | null) =>
      xa.db.updateTable('person').set({ disabled_at }).where('id', '=', office.id('gus')).execute();
    await disable(clock.ms);
    expect(await followed('gus')).toEqual([]);
    await disable(null);
  });
});

describe('what was entered of a link', () => {
  it('is sealed; the guardian’s own role opens who appointed them and what for, and nothing else', async () => {
    const file = await openCase(xa.ctx, office.as('ana'));
    const canary = 'KANARIENVOGEL';
    const id = await link(file, {
      authority: `${canary} court`,
      conflicts: { ...noConflicts, lookedInto: `${canary} was looked into` },
    });
    for (const table of ['guardian_link', 'guardian_link_version'] as const) {
      const { rows } = await sql<{
        row: string;
      }>`select ${sql.table(table)}::text as row from ${sql.table(table)}`.execute(xa.db);
      expect(rows.map(({ row }) => row).join()).not.toContain(canary);
      expect(rows.map(({ row }) => row).join()).not.toContain(Buffer.from(canary).toString('hex'));
    }
    const { vault } = xa.ctx.surroundings;
    await xa.ctx.doors.withActor(office.as('gil'), async (trx) => {
      const rows = await trx
        .selectFrom('guardian_link')
        .select(['id', 'shown'])
        .where('id', '=', id)
        .execute();
      const [opened] = await openRows({ trx, vault }, { ...sealedLink, columns: ['shown'] as const }, rows);
      expect(JSON.parse(opened!.shown!)).toMatchObject({
        authority: `${canary} court`,
        number: '4 VIII 12/27',
      });
      expect(opened!.shown).not.toContain('looked into');
      const keys = await trx.selectFrom('data_key').select('subject').execute();
      expect(keys.every(({ subject }) => /^(link:guardian-link-|shown:)/.test(subject))).toBe(true);
      expect(keys.map(({ subject }) => subject)).toContain(`link:${id}`);
    });
    const theirs = await xa.ctx.doors.withActor(office.as('gus'), (trx) =>
      trx.selectFrom('data_key').select('subject').execute(),
    );
    expect(theirs.map(({ subject }) => subject)).not.toContain(`link:${id}`);
  });

  it('before it was sealed is taken over whole: what it says, its versions, its end', async () => {
    const database = await createTestDatabase();
    const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '050-links'));
    await prepareRoles(database.config);
    const owner = openDatabase<Database>({ ...asRole(database.config, OWNER), max: 1 });
    const superuser = openDatabase<Database>({ ...database.config, max: 1 });
    await migrate(owner, before);
    const content = JSON.stringify({
      ...{ appointedOn: '2027-01-02', authority: 'Court (INVENTED)', conflicts: 'who pays was looked at' },
      ...{ identitySeen: 'in-person', number: '12', person: 'gil', scope: 'all', threads: ['t'] },
    });
    await sql`insert into person (id, issuer, subject, name, role, unit, office, language, created_at)
      values ('gil', 'x', 'gil', 'Gil (invented)', 'guardian', 'g', 'g', 'en', 0)`.execute(superuser);
    await sql`insert into guardian_link (id, person, threads, content, digest, authors, proposed_at, approver, approved_at, revoked_by, revoked_at, revoke_reason)
      values ('l1', 'gil', '{t}', ${content}, 'd', '{a}', 0, 'b', 1, null, null, null), ('l2', 'gil', '{t}', ${content}, 'd', '{a}', 0, 'b', 1, 'c', 2, 'INVENTED reason')`.execute(
      superuser,
    );
    await sql`insert into guardian_link_version values ('l1', 'd', ${content}, 'a', 0)`.execute(superuser);
    await migrate(owner, migrations);
    const own = await openTestVault('xa', { nowMs: () => 5 });
    const doors = openDoors(database.config, () => 5);
    const surroundings = { ...xa.ctx.surroundings, nowMs: () => 5, vault: own.vault };
    try {
      const reader = { trx: superuser, vault: own.vault };
      const read = async () =>
        openLinks(reader, await superuser.selectFrom('guardian_link').selectAll().orderBy('id').execute());
      const unsealed = await read();
      expect(unsealed.map((row) => [row.content, row.revoke_reason])).toEqual([
        [content, null],
        [content, 'INVENTED reason'],
      ]);
      expect(await sealOpenLinks({ doors, surroundings })).toBe(2);
      expect(await sealOpenLinks({ doors, surroundings })).toBe(0);
      const sealed = await read();
      expect(sealed.map((row) => [row.content, row.revoke_reason, row.unsealed])).toEqual([
        [content, null, null],
        [content, 'INVENTED reason', null],
      ]);
      expect(JSON.parse(sealed[0]!.shown!)).toEqual({
        authority: 'Court (INVENTED)',
        number: '12',
        scope: 'all',
        appointedOn: '2027-01-02',
      });
      const { rows } = await sql<{
        all: string;
      }>`select string_agg(l::text || v::text, '') as all from guardian_link l, guardian_link_version v`.execute(
        superuser,
      );
      expect(rows[0]!.all).not.toContain('Court');
    } finally {
      await doors.close();
      await own.close();
      await Promise.all([owner.destroy(), superuser.destroy()]);
      await database.drop();
    }
  });
});

const LOOK = `query($of: ID!) { guardianLinks(thread: $of) { id digest inForce frozenAt
  conflicts { id ground label(language: "ar") about settledBy reason } } }`;
interface Looked {
  readonly id: string;
  readonly digest: string;
  readonly inForce: boolean;
  readonly frozenAt: number | null;
  readonly conflicts: {
    id: string;
    ground: string;
    about: string | null;
    settledBy: string | null;
    reason: string | null;
  }[];
}
const look = async (file: string, name: Name = 'sam') =>
  ((await ask(name, LOOK, { of: file })).data.guardianLinks as Looked[])[0]!;
const SETTLE = 'mutation($of: ID!, $why: String!) { settleGuardianConflict(conflict: $of, reason: $why) }';
const settle = (of: string, by: Name, why = 'INVENTED: another family of this name') =>
  ask(by, SETTLE, { of, why });
const propose = (file: string, change = {}) =>
  proposeGuardianLink(
    xa.ctx,
    office.as('ana'),
    appointmentOf({ person: office.id('gil'), case: file, ...change }),
  );
const approve = (id: string, digest: string, by: Name = 'sam') =>
  approveGuardianLink(xa.ctx, office.as(by), id, digest);
const rename = (name: string) =>
  xa.db.updateTable('person').set({ name }).where('id', '=', office.id('gil')).execute();
const tasksOf = (about: string) =>
  xa.db.selectFrom('task').selectAll().where('about', '=', about).where('closed_at', 'is', null).execute();

describe('a possible conflict of interest', () => {
  it.each([
    ['runsPlaceOfCare', 'runs-place-of-care'],
    ['employedByDecider', 'employed-by-decider'],
    ['paidPerChild', 'paid-per-child'],
    ['knownToParticipant', 'known-to-participant'],
  ])(
    'that the appointment states of %s stops its approval until a third decider says why it is none',
    async (field, ground) => {
      const file = await openCase(xa.ctx, office.as('ana'));
      // What is not known is not ruled out.
      const id = await propose(file, { conflicts: { ...noConflicts, [field]: 'unknown' } });
      const { digest, conflicts } = await look(file);
      expect(conflicts).toMatchObject([{ ground, about: null, settledBy: null }]);
      await expect(approve(id, digest)).rejects.toMatchObject({ code: 'CONFLICT_OPEN' });
      const { id: conflict } = conflicts[0]!;
      expect((await settle(conflict, 'ana')).codes).toEqual(['NOT_PERMITTED']);
      expect((await settle(conflict, 'sid', 'no')).codes).toEqual(['REASON_MISSING']);
      expect((await settle(conflict, 'sue')).codes).toEqual(['NOT_FOUND']);
      expect((await settle(conflict, 'sid')).codes).toEqual([]);
      expect((await settle(conflict, 'hana')).codes).toEqual(['ALREADY_DECIDED']);
      // Whoever settled it is no second person for the rest.
      await expect(approve(id, digest, 'sid')).rejects.toMatchObject({ code: 'SAME_PERSON' });
      await approve(id, digest);
      expect(await look(file)).toMatchObject({
        inForce: true,
        conflicts: [{ settledBy: office.id('sid'), reason: 'INVENTED: another family of this name' }],
      });
    },
  );

  it('is held up by the database as well, and settled by no author of the link there either', async () => {
    const file = await openCase(xa.ctx, office.as('ana'));
    const id = await propose(file, { conflicts: { ...noConflicts, paidPerChild: 'yes' } });
    const force = (approver: string) =>
      xa.db.updateTable('guardian_link').set({ approver, approved_at: 1 }).where('id', '=', id).execute();
    await expect(force(office.id('sam'))).rejects.toMatchObject({
      constraint: 'guardian_link_conflict_settled',
    });
    const by = (settled_by: string) =>
      xa.db
        .updateTable('guardian_link_conflict')
        .set({ settled_by, settled_at: 1, reason: Buffer.from('x') })
        .where('link', '=', id)
        .execute();
    await expect(by(office.id('ana'))).rejects.toMatchObject({
      constraint: 'guardian_link_conflict_third_person',
    });
    await by(office.id('sam'));
    await expect(force(office.id('sam'))).rejects.toMatchObject({
      constraint: 'guardian_link_conflict_settled',
    });
    await force(office.id('sid'));
  });

  it('settled of one wording is not settled of the next', async () => {
    const file = await openCase(xa.ctx, office.as('ana'));
    const stated = { conflicts: { ...noConflicts, paidPerChild: 'yes' as const } };
    const id = await propose(file, stated);
    const { id: conflict } = (await look(file)).conflicts[0]!;
    await settle(conflict, 'sid');
    const of = appointmentOf({ person: office.id('gil'), case: file, ...stated, scope: 'Everything' });
    await changeGuardianLink(xa.ctx, office.as('ana'), id, of);
    await expect(approve(id, (await look(file)).digest)).rejects.toMatchObject({ code: 'CONFLICT_OPEN' });
  });

  it.each([
    [
      'an uncle, whatever the script of his name',
      'Ahmad al-Khatib',
      relative(named('أحمد', 'الخطيب', 'Arab')),
      'person',
      'name-alike',
    ],
    [
      'an uncle, Arabic against Cyrillic',
      'أحمد الخطيب',
      relative(named('Ахмад', 'Хатиб', 'Cyrl')),
      'person',
      'name-alike',
    ],
    [
      'somebody of the same family',
      'Nadia Khatib',
      relative(named('أحمد', 'الخطيب', 'Arab')),
      'person',
      'family-name-alike',
    ],
    [
      'an office that knows of the child',
      'Gil Invented',
      { who: 'Дом «Надежда»', what: 'all', ground: 'care', since: '2027-01-01' },
      'recipient',
      'organisation-alike',
    ],
    [
      'somebody who must not be involved',
      'Ahmad al-Khatib',
      { code: 'do-not-involve', about: [], named: 'أحمد الخطيب' },
      'warning',
      'name-alike',
    ],
  ] as const)('with %s is found before the approval', async (_what, name, value, kind, ground) => {
    const file = await openCase(xa.ctx, office.as('ana'));
    await rename(name);
    const { entry } = await state(file, kind, value);
    await propose(file, { organisation: 'Dom Nadezhda' });
    const { conflicts } = await look(file);
    expect(conflicts).toMatchObject([{ ground, about: entry.id }]);
  });

  it('is looked for under every name of the person', async () => {
    const file = await openCase(xa.ctx, office.as('ana'));
    await rename('Gil Invented');
    const { entry } = await state(file, 'person', relative(named('أحمد', 'الخطيب', 'Arab')));
    await propose(file, { otherNames: ['Gil Other', 'Ахмад аль-Хатиб'] });
    expect((await look(file)).conflicts).toMatchObject([{ ground: 'name-alike', about: entry.id }]);
  });

  it('comes up between entering and approving, and is looked for again then', async () => {
    const file = await openCase(xa.ctx, office.as('ana'));
    await rename('Ahmad al-Khatib');
    const id = await propose(file);
    const { digest, conflicts } = await look(file);
    expect(conflicts).toEqual([]);
    await state(file, 'person', relative(named('أحمد', 'الخطيب', 'Arab')));
    await expect(approve(id, digest)).rejects.toMatchObject({ code: 'CONFLICT_OPEN' });
    expect((await look(file)).conflicts).toHaveLength(1);
  });

  it('with somebody named later freezes the link in that transaction, whoever names them, and is put before who decides', async () => {
    const file = await openCase(xa.ctx, office.as('ana'));
    await rename('أحمد بن يوسف الخطيب');
    const id = await link(file);
    await state(file, 'person', relative(named('Мария', 'Иванова', 'Cyrl')));
    expect(await look(file)).toMatchObject({ frozenAt: null, conflicts: [] });
    clock.ms += 1000;
    const { entry } = await state(file, 'person', relative(named('Ahmed', 'El Khatib')), 'bo');
    expect(await look(file)).toMatchObject({
      inForce: true,
      conflicts: [{ ground: 'name-alike', about: entry.id }],
    });
    const { frozen_at } = await xa.db
      .selectFrom('guardian_link')
      .select('frozen_at')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(frozen_at).toBe(clock.ms - 1);
    expect(await tasksOf(id)).toMatchObject([{ kind: 'guardian-conflict', unit: 'national', thread: file }]);
    expect(await lastAudit(xa, 'guardian-link.noted')).toEqual({ id, what: 'frozen', actor: null });
    // Lifted only when a third person has said why it is none.
    await expect(freezeLink(xa.ctx, office.as('sam'), id, false)).rejects.toMatchObject({
      code: 'CONFLICT_OPEN',
    });
    const { id: conflict } = (await look(file)).conflicts[0]!;
    expect((await settle(conflict, 'sam')).codes).toEqual(['SAME_PERSON']);
    expect((await settle(conflict, 'sid')).codes).toEqual([]);
    expect(await tasksOf(id)).toEqual([]);
    await freezeLink(xa.ctx, office.as('sam'), id, false);
    // The same entry does not freeze it again; a later account of them does.
    await state(file, 'recipient', {
      who: 'Ahmad al Khatib',
      what: 'all',
      ground: 'kin',
      since: '2027-01-01',
    });
    expect((await look(file)).conflicts.filter(({ settledBy }) => settledBy === null)).toHaveLength(1);
  });

  it('is found, too, by who writes and does not see the link, since it covers what is not theirs to see', async () => {
    const [mine, theirs] = [await enquire(), await office.enquire('eva', aboutChild('Eastern Invented'))];
    const threads = [mine, theirs];
    const guardian = xa.person('gad', 'guardian');
    await enterPerson(xa, guardian);
    const id = await linkGuardian(
      xa,
      [office.as('hana'), office.as('sam')],
      appointmentOf({ person: guardian.id, threads }),
    ).catch((error) => error.code);
    // Only the head sees both; another head approves.
    expect(id).toBe('NOT_FOUND');
    const proposed = await proposeGuardianLink(
      xa.ctx,
      office.as('hana'),
      appointmentOf({ person: guardian.id, threads, number: '9/27' }),
    );
    await xa.db
      .updateTable('guardian_link')
      .set({ approver: 'another-head', approved_at: clock.ms })
      .where('id', '=', proposed)
      .execute();
    await xa.db.updateTable('person').set({ name: 'Tarek Halabi' }).where('id', '=', guardian.id).execute();
    const file = await openCase(xa.ctx, office.as('ana'));
    await join(file, mine);
    const frozen = () =>
      xa.db
        .selectFrom('guardian_link')
        .select('frozen_at')
        .where('id', '=', proposed)
        .executeTakeFirstOrThrow();
    await state(file, 'person', relative(named('Nobody', 'Else')));
    await lookForUnseen(xa.ctx);
    expect((await frozen()).frozen_at).toBeNull();
    await state(file, 'person', relative(named('طارق', 'الحلبي', 'Arab')));
    expect((await frozen()).frozen_at).toBeNull();
    await Promise.all([lookForUnseen(xa.ctx), lookForUnseen(xa.ctx)]);
    expect((await frozen()).frozen_at).toBe(clock.ms - 1);
    expect(await tasksOf(proposed)).toMatchObject([{ kind: 'guardian-conflict' }]);
    expect(await xa.db.selectFrom('guardian_look').selectAll().execute()).toEqual([]);
  });

  it('comes with a file that is joined', async () => {
    const [file, other] = [
      await openCase(xa.ctx, office.as('ana')),
      await openCase(xa.ctx, office.as('ana')),
    ];
    await rename('Ahmad al-Khatib');
    const id = await link(file);
    await state(other, 'person', relative(named('أحمد', 'الخطيب', 'Arab')));
    const joined = await proposeJoin(xa.ctx, office.as('ana'), { from: file, into: other });
    await approveJoin(xa.ctx, office.as('sam'), joined);
    expect((await look(other)).conflicts).toMatchObject([{ ground: 'name-alike' }]);
    expect(await tasksOf(id)).toMatchObject([{ kind: 'guardian-conflict', thread: other }]);
    // Read with the other file, the link is seen with it, too.
    expect(await of(id)).toEqual([{ link: id, thread: null, case_id: other }]);
    await undoJoin(xa.ctx, office.as('sam'), joined);
    expect(await of(id)).toEqual([{ link: id, thread: null, case_id: file }]);
  });

  it('is that somebody represents very many children', async () => {
    await rename('Gil Invented');
    const { childrenPerGuardian: most } = accessLimits;
    const person = office.id('gus');
    // One was given to this person above.
    for (let n = 1; n < most; n++) await link(await openCase(xa.ctx, office.as('ana')), { person });
    const file = await openCase(xa.ctx, office.as('ana'));
    await propose(file, { person });
    expect((await look(file)).conflicts).toMatchObject([{ ground: 'many-children' }]);
  }, 60_000);
});
