/** A guardian is linked by two persons to the conversations about one child, and unlinked by one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences } from '#node/access/differences.ts';
import { sealedLink } from '#node/access/link-tables.ts';
import { nameDeputy } from '#node/access/name-deputy.ts';
import { changeRole } from '#node/access/people.ts';
import { openCase } from '#node/cases/open-case.ts';
import { sealColumns } from '#node/vault/sealed-columns.ts';
import { aboutChild, calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import { appointmentOf, linkGuardian } from '../../fixtures/appointment.ts';
import { type Clock, type LoopNode, lastAudit, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { call, days, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let here: OfficerServer;
let office: Office;
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
const appointment = (thread: string, change = {}) =>
  appointmentOf({ person: office.id('gil'), threads: [thread], ...change });
const PROPOSE = 'mutation($of: GuardianAppointmentInput!) { proposeGuardianLink(appointment: $of) }';
const CHANGE =
  'mutation($id: ID!, $of: GuardianAppointmentInput!) { changeGuardianLink(link: $id, appointment: $of) }';
const APPROVE = 'mutation($id: ID!, $digest: String!) { approveGuardianLink(link: $id, digest: $digest) }';
const REVOKE = 'mutation($id: ID!, $reason: String!) { revokeGuardianLink(link: $id, reason: $reason) }';
const LINKS = `query($thread: ID!, $since: String!) { guardianLinks(thread: $thread) {
  id digest authors approver inForce appointment { person number scope endsOn } differences(since: $since) { field before after } } }`;
type Link = { id: string; digest: string; inForce: boolean; approver: string | null; differences: unknown[] };
const links = async (name: Name, thread: string, since = '') =>
  (await ask(name, LINKS, { thread, since })).data.guardianLinks as Link[];
/** What a guardian's own endpoint would find. */
const linksOf = (name: Name) =>
  xa.ctx.doors.withActor(office.as(name), (trx) =>
    trx.selectFrom('guardian_link').select(['id', 'threads']).execute(),
  );

describe('a guardian link', () => {
  it('holds from the approval by a second person to its revocation, and not before or after', async () => {
    const thread = await office.enquire();
    const { codes, data } = await ask('ana', PROPOSE, { of: appointment(thread) });
    expect(codes).toEqual([]);
    const id = data.proposeGuardianLink as string;
    const [{ digest }] = (await links('sam', thread)) as [Link];
    expect(await linksOf('gil')).toEqual([]);
    expect((await ask('ana', APPROVE, { id, digest })).codes).toEqual(['NOT_PERMITTED']);
    const stale = await call(here, office.as('sam', 5 * 60_000 + 1), APPROVE, { id, digest });
    expect(stale.codes).toEqual(['STEP_UP_NEEDED']);
    expect((await ask('sue', APPROVE, { id, digest })).codes).toEqual(['NOT_FOUND']);
    expect((await ask('sam', APPROVE, { id, digest })).codes).toEqual([]);
    expect(await links('sam', thread)).toMatchObject([{ inForce: true, approver: office.id('sam') }]);
    expect(await linksOf('gil')).toEqual([{ id, threads: [thread] }]);
    expect(await linksOf('gus')).toEqual([]);
    expect((await ask('sam', APPROVE, { id, digest })).codes).toEqual(['ALREADY_DECIDED']);
    expect((await ask('ana', CHANGE, { id, of: appointment(thread) })).codes).toEqual(['ALREADY_DECIDED']);
    expect(await lastAudit(xa, 'guardian-link.approved')).toEqual({
      id,
      person: office.id('gil'),
      case: null,
      threads: [thread],
      digest,
      authors: [office.id('ana')],
      approver: office.id('sam'),
    });
    // One person suffices to end it, at once (fault 40).
    expect((await ask('bo', REVOKE, { id, reason: 'no' })).codes).toEqual(['REASON_MISSING']);
    expect((await ask('bo', REVOKE, { id, reason: 'INVENTED: the court has ended it' })).codes).toEqual([]);
    expect(await linksOf('gil')).toEqual([]);
    expect(await links('sam', thread)).toMatchObject([{ inForce: false }]);
  });

  it('changed before it is approved, needs another approval, and shows what changed', async () => {
    const thread = await office.enquire();
    const { data } = await ask('ana', PROPOSE, { of: appointment(thread) });
    const id = data.proposeGuardianLink as string;
    const [{ digest: shown }] = (await links('sam', thread)) as [Link];
    const of = appointment(thread, { scope: 'Everything', endsOn: '2027-06-30' });
    expect((await ask('sid', CHANGE, { id, of })).codes).toEqual([]);
    expect((await ask('sam', APPROVE, { id, digest: shown })).codes).toEqual(['DIGEST_DIFFERS']);
    const [link] = (await links('sam', thread, shown)) as [Link];
    expect(link.differences).toEqual([
      { field: 'scope', before: JSON.stringify(appointment(thread).scope), after: '"Everything"' },
      { field: 'endsOn', before: null, after: '"2027-06-30"' },
    ]);
    // Whoever wrote any of it approves none of it.
    expect((await ask('sid', APPROVE, { id, digest: link.digest })).codes).toEqual(['SAME_PERSON']);
    const forced = xa.db
      .updateTable('guardian_link')
      .set({ approver: office.id('sid'), approved_at: 1 })
      .where('id', '=', id);
    await expect(forced.execute()).rejects.toMatchObject({ constraint: 'guardian_link_two_persons' });
    const forged = JSON.stringify({ ...of, scope: 'More than everything' });
    await xa.db.transaction().execute(async (trx) => {
      const vault = xa.ctx.surroundings.vault;
      const sealed = await sealColumns({ trx, vault }, sealedLink, { id }, { content: forged });
      await trx.updateTable('guardian_link').set(sealed).where('id', '=', id).execute();
    });
    expect((await ask('sam', APPROVE, { id, digest: link.digest })).codes).toEqual(['DIGEST_DIFFERS']);
    expect((await ask('sid', CHANGE, { id, of: { ...of, scope: 'All' } })).codes).toEqual([]);
    const [last] = (await links('sam', thread)) as [Link];
    expect((await ask('sam', APPROVE, { id, digest: last.digest })).codes).toEqual([]);
    clock.ms = Date.parse('2027-06-30T23:59:59Z');
    expect(await linksOf('gil')).toHaveLength(1);
    clock.ms += 1000;
    expect(await linksOf('gil')).toEqual([]);
    expect(await links('sam', thread)).toMatchObject([{ inForce: false }]);
  });

  it('is for guardians, and for conversations its author sees', async () => {
    const [thread, east] = [await office.enquire(), await office.enquire('eva')];
    const propose = async (change: Record<string, unknown>, name: Name = 'ana') =>
      (await ask(name, PROPOSE, { of: appointment(thread, change) })).codes;
    expect(await propose({ person: office.id('cas') })).toEqual(['PERSON_NOT_FIT']);
    expect(await propose({ person: 'nobody.xa' })).toEqual(['NO_SUCH_PERSON']);
    expect(await propose({ threads: [thread, east] })).toEqual(['NOT_FOUND']);
    expect(await propose({ threads: [] })).toEqual(['INPUT_INVALID']);
    expect(await propose({ endsOn: '2027-01-01' })).toEqual(['INPUT_INVALID']);
    expect(await propose({ endsOn: '2027-02-30' })).toEqual(['INPUT_INVALID']);
    expect(await propose({ authority: '  ' })).toEqual(['INPUT_INVALID']);
    expect(await propose({}, 'lea')).toEqual(['NOT_PERMITTED']);
    // Nothing beside what is approved can be written with it (fault 44).
    expect(await propose({ approver: office.id('sam'), approvedAt: 1 })).toContain('BAD_REQUEST');
    expect(await links('eva', thread)).toBeUndefined();
  });

  it('waits two weeks and no longer for its second person', async () => {
    const thread = await office.enquire();
    const { data } = await ask('ana', PROPOSE, { of: appointment(thread) });
    const [{ digest }] = (await links('sam', thread)) as [Link];
    clock.ms = Date.parse(days(clock.ms, 14)) + 1;
    expect((await ask('sam', APPROVE, { id: data.proposeGuardianLink, digest })).codes).toEqual([
      'ALREADY_DECIDED',
    ]);
  });

  it('has its deputy where the unit has nobody else', async () => {
    const thread = await office.enquire('eva');
    const NAME =
      'mutation($person: ID!, $until: String!) { nameDeputy(person: $person, unit: "east", until: $until) }';
    expect((await ask('hana', NAME, { person: office.id('sid'), until: days(clock.ms, 30) })).codes).toEqual(
      [],
    );
    const { data } = await ask('sue', PROPOSE, { of: appointment(thread) });
    const id = data.proposeGuardianLink;
    const [{ digest }] = (await links('sid', thread)) as [Link];
    expect((await ask('sue', APPROVE, { id, digest })).codes).toEqual(['SAME_PERSON']);
    expect((await ask('sid', APPROVE, { id, digest })).codes).toEqual([]);
  });
});

describe('two at once', () => {
  it('approve a link once, and the one who came second is told so', async () => {
    const thread = await office.enquire('ana', aboutChild('Invented Twice'));
    const { data } = await ask('ana', PROPOSE, { of: appointment(thread) });
    const id = data.proposeGuardianLink;
    const [{ digest }] = (await links('sam', thread)) as [Link];
    const said = await Promise.all(
      (['sam', 'sid'] as const).map((name) => ask(name, APPROVE, { id, digest })),
    );
    expect(said.map(({ codes }) => codes.join()).sort()).toEqual(['', 'ALREADY_DECIDED']);
    // Whoever revokes it in the same moment ends it, whatever came first.
    const other = await ask('ana', PROPOSE, { of: appointment(thread, { number: '5 VIII 1/27' }) });
    // Entered in the same millisecond as the first: found by its id.
    const next = (await links('sam', thread)).find((one) => one.id === other.data.proposeGuardianLink)!;
    const [approved] = await Promise.all([
      ask('sam', APPROVE, { id: other.data.proposeGuardianLink, digest: next.digest }),
      ask('bo', REVOKE, { id: other.data.proposeGuardianLink, reason: 'INVENTED: entered in error' }),
    ]);
    expect(['', 'ALREADY_DECIDED']).toContain(approved.codes.join());
    expect((await linksOf('gil')).map((one) => one.id)).not.toContain(other.data.proposeGuardianLink);
  });
});

describe('a guardian who comes to work in the office', () => {
  it('does so when no link is in force, and not before', async () => {
    const file = await openCase(xa.ctx, office.as('ana'));
    const people = { db: xa.db, surroundings: xa.ctx.surroundings };
    const id = await linkGuardian(
      xa,
      [office.as('ana'), office.as('sam')],
      appointmentOf({ person: office.id('gus'), case: file }),
    );
    await expect(changeRole(people, office.id('gus'), 'officer')).rejects.toMatchObject({
      code: 'STILL_REPRESENTS',
    });
    expect((await ask('bo', REVOKE, { id, reason: 'INVENTED: she begins with us' })).codes).toEqual([]);
    await changeRole(people, office.id('gus'), 'officer');
    await changeRole(people, office.id('gus'), 'guardian');
  });
});

describe('a link over a file', () => {
  it('has its deputy too, whom the database lets in for a time', async () => {
    const file = await openCase(xa.ctx, office.as('eva'));
    await nameDeputy(xa.ctx, office.as('hana'), {
      ...{ person: office.id('sid'), unit: 'east' },
      until: days(clock.ms, 30),
    });
    const of = appointmentOf({ person: office.id('gil'), case: file });
    const { data, codes } = await ask('eva', PROPOSE, { of });
    expect(codes).toEqual([]);
    const id = data.proposeGuardianLink;
    const [{ digest }] = (await links('sid', file)) as [Link];
    expect((await ask('sid', APPROVE, { id, digest })).codes).toEqual([]);
    const other = await openCase(xa.ctx, office.as('eva'));
    const letIn = (assignee: Name, until: number | null) =>
      xa.ctx.doors.withActor(office.as('eva'), (trx) =>
        trx
          .insertInto('assignment')
          .values({
            ...{ id: `assignment-${assignee}`, thread: other, assignee: office.id(assignee), until },
            ...{ given_by: office.id('eva'), given_at: clock.ms, ended_at: null },
          })
          .execute(),
      );
    await expect(letIn('sam', clock.ms + 1000)).rejects.toThrow(/row-level security/);
    await expect(letIn('sid', null)).rejects.toThrow(/row-level security/);
  });
});

describe('what changed', () => {
  it('is told field by field', () => {
    expect(differences({ a: 1, b: [1, 2], c: { d: 'x' } }, { a: 1, b: [1, 3, 4], c: 'y' })).toEqual([
      { field: 'b.1', before: '2', after: '3' },
      { field: 'b.2', before: null, after: '4' },
      { field: 'c', before: '{"d":"x"}', after: '"y"' },
    ]);
    expect(differences({ a: [] }, { a: [] })).toEqual([]);
  });

  it('between a proposal that was taken back and the one that came for it is shown to the second person', async () => {
    const PROPOSE_ENQUIRY = `mutation($body: EnquiryBodyInput!, $safety: SafetyStatementInput) {
      proposeEnquiry(peer: "xb", body: $body, safety: $safety) { id } }`;
    const propose = async (body: unknown) =>
      ((await ask('ana', PROPOSE_ENQUIRY, { body, safety: calm })).data.proposeEnquiry as { id: string }).id;
    const before = await propose(enquiryBody());
    const after = await propose(
      enquiryBody({ reasons: { text: 'INVENTED: other reasons', language: 'en' } }),
    );
    const COMPARE = `query($before: ID!, $after: ID!) {
      proposalDifferences(before: $before, after: $after) { field after } }`;
    expect((await ask('sam', COMPARE, { before, after })).data.proposalDifferences).toEqual([
      { field: 'body.reasons.text', after: '"INVENTED: other reasons"' },
    ]);
    expect((await ask('sue', COMPARE, { before, after })).codes).toEqual(['PROPOSAL_UNKNOWN']);
  });
});
