/**
 * Whatever shows words of people is recorded as content of what it belongs to, however it was asked for. INVENTED children.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printOfficerSdl } from '#node/graphql/officer.ts';
import { officerFields } from '#node/graphql/officer-permissions.ts';
import { sealedColumns } from '#node/storage/sealed.ts';
import { act } from '../../fixtures/act.ts';
import { enquiryBody } from '../../fixtures/act-bodies.ts';
import {
  type Clock,
  carry,
  type LoopNode,
  lastAudit,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { call, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let here: OfficerServer;
let office: Office;
/** What xb asks of xa. */
let asked: string;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  office = await enterOffice(xa);
  here = await serveOfficers(xa);
  asked = (await act(xb, { type: 'ENQ', peer: 'xa', body: enquiryBody() })).thread;
  await carry(xb, xa);
}, 120_000);
afterAll(async () => {
  await here.close();
  await Promise.all([xa.close(), xb.close()]);
});

const ask = async (name: Name, text: string, variables = {}) => {
  const answer = await call(here, office.as(name), text, variables);
  expect(answer.codes).toEqual([]);
  return { ...answer, record: await lastAudit(xa, 'reading.answered') };
};

describe('a column that is sealed under the key of a conversation', () => {
  /** Sealed under the key of the office, or never shown to anybody. */
  const OTHERS = [
    'person',
    'hand_over',
    'breach',
    'breach_note',
    'reading_review',
    'seal_request',
    'inbound',
  ];
  const typeOf: Record<string, string> = {
    act: 'Act',
    proposal: 'Proposal',
    clearance: 'Clearance',
    task: 'Task',
    break_glass: 'Need',
    disclosure: 'Disclosure',
    local_request: 'LocalRequest',
    attachment: 'Attachment',
    shown: 'ShownRow',
    guardian_word: 'GuardianWord',
  };
  const camel = (column: string) =>
    column.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
  const shown = sealedColumns
    .filter(({ table }) => !OTHERS.includes(table))
    .flatMap(({ table, columns }) => columns.map((column) => [table, column] as const));

  it.each(shown)('%s.%s is content wherever it is shown', (table, column) => {
    const type = typeOf[table];
    expect(type).toBeDefined();
    const lines = new RegExp(`^type ${type} \\{([^]*?)^\\}`, 'm').exec(printOfficerSdl())![1]!;
    const isShown = new RegExp(`^  ${camel(column)}[(:]`, 'm').test(lines);
    const fields = officerFields([]);
    // Files are reached by their act or proposal alone.
    const places =
      table === 'attachment'
        ? ['Act.attachments', 'Proposal.attachments']
        : isShown
          ? [`${type}.${camel(column)}`]
          : [];
    for (const place of places) expect(fields[place] ?? fields[type!]).toHaveProperty('content');
  });
});

describe('the record of what was shown', () => {
  it('names the conversation whose need was read, and why', async () => {
    const thread = await office.enquire('eva');
    await ask(
      'bo',
      `mutation($t: ID!) { openInNeed(thread: $t, category: danger_to_child, reason: "INVENTED: at the station") { id } }`,
      { t: thread },
    );
    expect((await ask('sue', '{ needs { id } }')).record).toMatchObject({ threads: [] });
    expect((await ask('sue', '{ needs { reason } }')).record).toMatchObject({ threads: [thread] });
  });

  it('names it where a letter was shown, and where it was given to, read by whom the policy lets', async () => {
    const given = await ask(
      'ana',
      `mutation($t: ID!) { giveQuestions(thread: $t, questions: ["q1"], service: "INVENTED office", days: 3) { page } }`,
      { t: asked },
    );
    expect(given.record).toMatchObject({ fields: ['giveQuestions'], threads: [asked] });
    const LIST = 'query($t: ID!) { localRequests(thread: $t) { service } }';
    const listed = await ask('ana', LIST, { t: asked });
    expect(listed.data).toEqual({ localRequests: [{ service: 'INVENTED office' }] });
    expect(listed.record).toMatchObject({ threads: [asked], rows: { 'local-request': 1 } });
    // The second wall away: the first one stands.
    await sql`alter table local_request disable row level security`.execute(xa.db);
    try {
      expect((await ask('eva', LIST, { t: asked })).data).toEqual({ localRequests: [] });
    } finally {
      await sql`alter table local_request enable row level security`.execute(xa.db);
    }
  });

  it('names the case file whose other entries an answer to writing showed', async () => {
    const id = String((await ask('ana', 'mutation { openCase }')).data.openCase);
    const write = (shown: string) =>
      ask(
        'ana',
        `mutation($c: ID!, $v: CaseGenderInput, $p: ProvenanceInput!) { writeCaseGender(case: $c, value: $v, provenance: $p) { ${shown} } }`,
        { c: id, v: { gender: 'Feminine' }, p: { source: 'document', confidence: 'verified' } },
      );
    expect((await write('entry { id }')).record).not.toMatchObject({ threads: [id] });
    const { record } = await write('item { heads { authorName } }');
    expect(record).toMatchObject({ fields: ['writeCaseGender'], threads: [id] });
  });

  it('names the root fields also of fragments', async () => {
    const { record } = await ask(
      'ana',
      `{ ...F ... on Query { me { id } } } fragment F on Query { ...G } fragment G on Query { tasks { id } inbox { edges { cursor } } }`,
    );
    expect(record).toMatchObject({ fields: ['inbox', 'me', 'tasks'] });
  });
});
