/**
 * The number of queries does not grow with what an office has: case files, registers, reviews, one's own work, letters. As
 * query-count.test.ts, for lists of the own office.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assign } from '#node/access/assign.ts';
import { reportBreach } from '#node/access/report-breach.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { giveQuestions } from '#node/local-services/give-questions.ts';
import { runOperation } from '#node/operation.ts';
import { act } from '../../fixtures/act.ts';
import { aboutChild, calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import { watchQueries } from '../../fixtures/count-queries.ts';
import { officePages } from '../../fixtures/counted-pages.ts';
import { type Clock, carry, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { call, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';
import { type PeopleServer, servePeople } from '../../fixtures/people-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let office: Office;
/** With sessions, and without any query to find out who calls. */
let here: OfficerServer;
let bare: PeopleServer;
/** What xb asks of xa. */
let asked: string;
/** Of the last file. */
let item: string;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  office = await enterOffice(xa);
  here = await serveOfficers(xa);
  bare = await servePeople(xa);
  asked = (await act(xb, { type: 'ENQ', peer: 'xa', body: enquiryBody() })).thread;
  await carry(xb, xa);
}, 120_000);
afterAll(async () => {
  await Promise.all([here.close(), bare.close()]);
  await Promise.all([xa.close(), xb.close()]);
});

let made = 0;
const done = async (name: Name, text: string, variables: Record<string, unknown>) => {
  const { codes, data } = await call(here, office.as(name), text, variables);
  expect(codes).toEqual([]);
  return data;
};

/** One more of everything. */
async function grow(): Promise<void> {
  made += 1;
  const thread = await office.enquire('ana', aboutChild(`Zora Invented${made}`));
  const { openCase: id } = await done('ana', 'mutation { openCase }', {});
  const { writeCaseGender: written } = await done(
    'ana',
    `mutation($c: ID!, $v: CaseGenderInput, $p: ProvenanceInput!) { writeCaseGender(case: $c, value: $v, provenance: $p) { item { item } } }`,
    { c: id, v: { gender: 'Feminine' }, p: { source: 'document', confidence: 'verified' } },
  );
  item = (written as { item: { item: string } }).item.item;
  await done('ana', 'mutation($c: ID!, $t: ID!) { linkConversation(case: $c, thread: $t) }', {
    c: id,
    t: thread,
  });
  await proposeAct(xa.ctx, office.as('ana'), {
    type: 'ENQ',
    peer: 'xb',
    body: enquiryBody(aboutChild(`Waiting Invented${made}`)),
    safety: calm,
  });
  const given = { thread, assignee: office.id('bo'), by: office.id('sam'), untilMs: null };
  await runOperation(xa.db, xa.ctx.surroundings, (op) => assign(op, given));
  await giveQuestions(xa.ctx, office.as('ana'), {
    ...{ thread: asked, questions: ['q1'], language: 'en', days: 3 },
    service: `INVENTED office ${made}`,
  });
  await reportBreach(xa.ctx, office.as('ana'), {
    kind: 'lost-or-stolen',
    messages: [],
    noticed: new Date(clock.ms - 1000).toISOString(),
    account: 'INVENTED: a letter went astray',
  });
  const elsewhere = await office.enquire('eva', aboutChild(`Eastern Invented${made}`));
  await done(
    'bo',
    'mutation($t: ID!) { openInNeed(thread: $t, category: danger_to_child, reason: "INVENTED: at the station") { id } }',
    { t: elsewhere },
  );
  await enterRows(thread);
}

/** As work of the node by time would leave them. */
async function enterRows(thread: string): Promise<void> {
  const open = { closed_at: null, closed_by: null, reason: null, message_id: null, proposal_id: null };
  await xa.db
    .insertInto('task')
    .values({
      ...{ id: `task-count-${made}`, kind: 'escalation', thread, detail: null },
      ...{ opened_at: clock.ms, due_at: clock.ms, assigned_to: office.id('ana'), ...open },
    })
    .execute();
  const unread = { reviewed_by: null, reviewed_at: null, finding: null, note: null };
  await xa.db
    .insertInto('reading_review')
    .values({
      ...{
        id: `review-${made}`,
        unit: 'national',
        week: `2027-01-${String(made).padStart(2, '0')}`,
        apart: '',
      },
      ...{ persons: [office.id('bo')], sample: '[]', opened_at: clock.ms, due_at: clock.ms, ...unread },
    })
    .execute();
}

/** Who asks for each. */
const pages = {
  cases: 'ana',
  disclosures: 'sam',
  breaches: 'hana',
  needs: 'sue',
  readingReviews: 'sam',
  myTasks: 'ana',
  myProposals: 'ana',
  myAssignments: 'bo',
  localRequests: 'ana',
  outsideDisclosures: 'sam',
} as const satisfies Record<keyof typeof officePages, Name>;
type Page = keyof typeof pages;

describe('the number of queries of an office', () => {
  const before = new Map<Page, { rows: number; queries: string[] }>();
  const look = async (page: Page) => {
    let rows = 0;
    const queries = await watchQueries(async () => {
      const { data, errors } = await bare.ask(
        office.as(pages[page]),
        officePages[page].query.replace('ASKED', asked).replace('ITEM', item),
      );
      expect(errors).toEqual([]);
      const found = data![page] as readonly unknown[] | { nodes: readonly unknown[] };
      rows = 'nodes' in found ? found.nodes.length : found.length;
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
