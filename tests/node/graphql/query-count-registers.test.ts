/**
 * The number of queries does not grow with what is kept of people: links of guardians and their versions, what children said, who
 * works where, registers, what guardians are shown. As query-count.test.ts, for the endpoints of officers, auditors, ministries and
 * guardians.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '#node/access/actor.ts';
import { approveGuardianLink, changeGuardianLink, proposeGuardianLink } from '#node/access/guardian-link.ts';
import { openInNeed } from '#node/access/open-in-need.ts';
import { printCard } from '#node/complaints/print-card.ts';
import { takeComplaint } from '#node/complaints/take-complaint.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { showGuardian } from '#node/representation/show-guardian.ts';
import { proposeDecision } from '#node/retention/decide.ts';
import { aboutChild, calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import { appointmentOf, linkGuardian } from '../../fixtures/appointment.ts';
import { watchQueries } from '../../fixtures/count-queries.ts';
import { registerPages } from '../../fixtures/counted-pages.ts';
import { questionsOf } from '../../fixtures/guardian-world.ts';
import { type Clock, enterPerson, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { days, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type PeopleServer, servePeople } from '../../fixtures/people-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let office: Office;
let here: PeopleServer;
/** In which everything happens again and again, and what its links said at first. */
let busy: string;
let first: string;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
  office = await enterOffice(xa);
  await enterPerson(xa, analyst());
  here = await servePeople(xa);
  busy = await office.enquire('ana', aboutChild('Busy Invented'));
}, 120_000);
afterAll(async () => {
  await here.close();
  await xa.close();
});

const analyst = (): Actor => xa.person('max', 'analyst');
let made = 0;

/** One more of everything. */
async function grow(): Promise<void> {
  made += 1;
  clock.ms += 3_600_000;
  const child = aboutChild(`Zora Registered${made}`);
  const thread = await office.enquire('ana', child);
  await linkTwice();
  await hearBeforeSending(thread, child);
  const words = { by: 'child' as const, reasons: [], text: 'INVENTED: I want to tell', danger: false };
  const card = await printCard(xa.ctx, office.as('ana'), { about: thread, language: 'en' });
  const token = card.path.slice('/tell/'.length);
  await takeComplaint({ db: xa.ctx.doors.local, surroundings: xa.ctx.surroundings }, token, card.code, words);
  await showGuardian(xa.ctx, office.as('ana'), busy, {
    kind: 'note',
    text: { text: `INVENTED: note ${made}`, language: 'en' },
    tell: 'may-be-told',
  });
  await proposeDecision(xa.ctx, office.as('sam'), busy, {
    ...{ kind: 'hold', authority: 'court', ground: 'complaint', until: days(clock.ms, 30) },
    reason: `INVENTED: file number ${made}`,
  });
  await openInNeed(xa.ctx, office.as('eva'), {
    ...{ thread, category: 'danger-to-child', reason: 'INVENTED: at the station' },
  });
  await sayToOffice();
  await enterRows(thread);
}

/** Whoever follows the busy conversation asks something. */
async function sayToOffice(): Promise<void> {
  const { data } = await here.ask(office.as('gil'), '{ representations { conversations { id } } }');
  const [{ conversations }] = data!.representations as [{ conversations: [{ id: string }] }];
  const { errors } = await here.ask(
    office.as('gil'),
    `mutation($id: ID!) { askFocalPoint(conversation: $id, text: { text: "INVENTED: ${made}", language: "en" }) }`,
    { id: conversations[0].id },
  );
  expect(errors).toEqual([]);
}

/** A link to the busy conversation, of the same content each time, changed once. */
async function linkTwice(): Promise<void> {
  const appointment = appointmentOf({ person: office.id('gil'), threads: [busy] });
  const id = await proposeGuardianLink(xa.ctx, office.as('ana'), appointment);
  const query = xa.db.selectFrom('guardian_link').select('digest').where('id', '=', id);
  first = (await query.executeTakeFirstOrThrow()).digest;
  await changeGuardianLink(xa.ctx, office.as('ana'), id, { ...appointment, number: `INVENTED ${made}` });
  await approveGuardianLink(xa.ctx, office.as('sam'), id, (await query.executeTakeFirstOrThrow()).digest);
}

/** An enquiry that a guardian is asked about before it leaves, proposed twice. */
async function hearBeforeSending(thread: string, child: ReturnType<typeof aboutChild>): Promise<void> {
  const appointment = appointmentOf({ person: office.id('gus'), threads: [thread] });
  await linkGuardian(xa, [office.as('ana'), office.as('sam')], appointment);
  const questions = questionsOf('IDN-03', 'IDN-05');
  const body = enquiryBody({ purpose: 'identity-nationality', questions, ...child });
  const asked = { type: 'ENQ' as const, peer: 'xc', body, safety: calm };
  const { id } = await proposeAct(xa.ctx, office.as('ana'), asked);
  const anew = enquiryBody({ ...body, questions: questionsOf('IDN-03') });
  await proposeAct(xa.ctx, office.as('ana'), { ...asked, body: anew, replaces: id });
}

/** As operations of other days and the node itself would leave them. */
async function enterRows(thread: string): Promise<void> {
  const person = { ...xa.person(`new${made}`), unit: 'national' };
  await enterPerson(xa, person);
  const given = {
    given_by: office.id('sam'),
    given_at: clock.ms,
    until: clock.ms + 86_400_000,
    ended_at: null,
  };
  const of = { id: `counted-${made}`, ...given };
  await xa.db
    .insertInto('assignment')
    .values({ ...of, thread: busy, assignee: person.id })
    .execute();
  await xa.db
    .insertInto('deputy')
    .values({ ...of, person: person.id, unit: 'east' })
    .execute();
  await xa.db
    .insertInto('hand_over')
    .values({ ...of, from_person: person.id, to_person: office.id('ana'), unit: 'national', note: null })
    .execute();
  await xa.db
    .insertInto('reader')
    .values({ thread: busy, person: person.id, admitted_by: office.id('hana'), admitted_at: clock.ms })
    .execute();
  await xa.db
    .insertInto('duty_shift')
    .values({
      ...{ id: `shift-${made}`, unit: 'national', person: person.id, rank: 1, ended_at: null },
      ...{ from_at: clock.ms, until_at: clock.ms + 86_400_000, set_by: office.id('sam'), set_at: clock.ms },
    })
    .execute();
  // Somebody who has left, and what was assigned to them alone.
  const gone = `gone${made}`;
  await enterPerson(xa, { ...xa.person(gone), unit: 'national' });
  await sql`update person set disabled_at = 1 where id = ${xa.person(gone).id}`.execute(xa.db);
  await xa.db
    .insertInto('assignment')
    .values({ ...of, id: `left-${made}`, thread, assignee: xa.person(gone).id })
    .execute();
  const { message_id } = await xa.db
    .selectFrom('act')
    .select('message_id')
    .where('thread', '=', thread)
    .executeTakeFirstOrThrow();
  const open = { closed_at: null, closed_by: null, reason: null, detail: null, proposal_id: null };
  await xa.db
    .insertInto('task')
    .values({
      ...{ id: `call-${made}`, kind: 'call-duty-phone', thread, message_id, assigned_to: null, ...open },
      ...{ opened_at: clock.ms - 3_600_000, due_at: clock.ms },
    })
    .execute();
  await xa.db
    .insertInto('retention')
    .values({
      ...{ kind: 'conversation', id: thread, rule: null, ground: 'period-over', closed_at: clock.ms },
      ...{ block_at: null, warn_at: null, erase_at: clock.ms + 1, warned_at: null, blocked_at: null },
      ...{ erased_at: null, answer: null },
    })
    .execute();
  await xa.db
    .insertInto('signed_release')
    .values({
      ...{ period: '2027', edition: made, released_at: clock.ms, content: '{}', signature: 'x' },
      ...{ released_by: 'a', approved_by: 'b' },
    })
    .execute();
}

/** Who asks for each, and how many rows more there are afterwards, at least. */
const pages = {
  guardianLinks: 'ana',
  complaints: 'hana',
  guardianWords: 'ana',
  shownToGuardian: 'ana',
  waitingProposals: 'sid',
  people: 'hana',
  assignments: 'sam',
  readers: 'hana',
  myStandIns: 'ana',
  deputies: 'ana',
  dutyRoster: 'ana',
  unattended: 'sam',
  unreadUrgent: 'ana',
  retentions: 'sam',
  retentionDecisions: 'sam',
  trail: 'aud',
  readings: 'aud',
  openings: 'aud',
  releases: 'max',
  representations: 'gus',
} as const satisfies Record<keyof typeof registerPages, Name | 'max'>;
type Page = keyof typeof pages;

type Row = Readonly<Record<string, unknown>>;
/** With something in the lists that were each asked for by themselves once. */
const isWhole = (row: Row): boolean =>
  ['differences', 'links', 'changedSince', 'guardianRounds'].every(
    (list) => !(list in row) || (row[list] as unknown[] | null)?.length,
  );

describe('the number of queries for what is kept of people', () => {
  const before = new Map<Page, { rows: number; queries: string[] }>();
  const look = async (page: Page) => {
    const name = pages[page];
    const query = registerPages[page].query
      .replace('BUSY', busy)
      .replace('FIRST', first)
      .replace('FROM', days(START_MS, -1))
      .replace('TO', days(START_MS, 1));
    let rows = 0;
    const queries = await watchQueries(async () => {
      const { data, errors } = await here.ask(name === 'max' ? analyst() : office.as(name), query);
      expect(errors).toEqual([]);
      const found = data![page] as Row[] | { entries: Row[] };
      rows = (Array.isArray(found) ? found : found.entries).filter(isWhole).length;
    });
    return { rows, queries };
  };
  const names = Object.keys(pages) as Page[];

  it('is taken of little', async () => {
    for (let i = 0; i < 2; i++) await grow();
    for (const page of names) before.set(page, await look(page));
    for (let i = 0; i < 4; i++) await grow();
  }, 240_000);

  it.each(names)('does not grow: %s', async (page) => {
    const few = before.get(page)!;
    const many = await look(page);
    expect(many.rows).toBeGreaterThanOrEqual(few.rows + 4);
    expect(many.queries.length, many.queries.join('\n')).toBe(few.queries.length);
    expect(many.queries.length).toBeGreaterThan(0);
  });
});
