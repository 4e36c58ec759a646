/** Looking for a child's file: what writing keeps in the index, what a search shows to whom, what is said of two. INVENTED children. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watchPeopleOnce } from '#node/access/watch-people.ts';
import { importRecord } from '#node/interchange/import-record.ts';
import { importTable } from '#node/interchange/import-table.ts';
import { aboutChild } from '../../fixtures/act-bodies.ts';
import { type Clock, type LoopNode, lastAudit, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { call, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
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

const ask = (who: Name, text: string, variables = {}) => call(here, office.as(who), text, variables);
const PROVENANCE = { source: 'document', confidence: 'verified' };
const open = async (who: Name) => {
  clock.ms += 1000;
  return String((await ask(who, 'mutation { openCase }')).data.openCase);
};

interface Written {
  entry: { id: string; item: string };
}
async function write(who: Name, id: string, kind: string, type: string, change: object): Promise<Written> {
  const field = `writeCase${kind}`;
  const { data, codes } = await ask(
    who,
    `mutation ($case: ID!, $item: ID, $replaces: [ID!], $value: ${type}, $provenance: ProvenanceInput!, $reason: String) {
      ${field}(case: $case, item: $item, replaces: $replaces, value: $value, provenance: $provenance, reason: $reason) { entry { id item } } }`,
    { case: id, provenance: PROVENANCE, ...change },
  );
  expect(codes).toEqual([]);
  return data[field] as Written;
}
const nameOf = (written: string, script = 'Latn') => ({
  kind: 'current',
  script,
  parts: written.split(' ').map((value) => ({ kind: 'undivided', value })),
});
const addName = (who: Name, id: string, written: string, change: object = {}) =>
  write(who, id, 'Name', 'PersonNameInput', { value: nameOf(written), ...change });
const addBirth = (who: Name, id: string, earliest: string, latest = earliest) =>
  write(who, id, 'Birth', 'BirthInput', {
    value: {
      ...{ earliest, latest, precision: earliest === latest ? 'day' : 'range', basis: 'document' },
      ...{ disputed: false, presumedMinor: true, findings: [] },
    },
  });
async function fileOf(who: Name, written: string, born = '2011-04-05'): Promise<string> {
  const id = await open(who);
  await addName(who, id, written);
  await addBirth(who, id, born);
  return id;
}

interface Field {
  field: string;
  outcome: string;
  reason: string;
  sought: string[];
  file: string[];
}
const SEARCH = `query ($sought: SoughtChildInput, $case: ID, $thread: ID, $child: String, $first: Int, $language: String) {
  searchCases(sought: $sought, case: $case, thread: $thread, child: $child, first: $first) {
    case { id } fields { field outcome reason reasonLabel(language: $language) sought(language: $language) file(language: $language) } } }`;
async function search(who: Name, sought: string | object, more: object = {}) {
  const names = typeof sought === 'string' ? { names: [{ written: sought }] } : sought;
  const { data, codes } = await ask(who, SEARCH, { sought: names, ...more });
  const found = (data?.searchCases ?? []) as { case: { id: string }; fields: Field[] }[];
  return { codes, found, ids: found.map((one) => one.case.id) };
}

describe('what is written is found', () => {
  it('by a name in another script, from the entry on that says it, and no more once it says otherwise', async () => {
    const id = await open('ana');
    expect((await search('ana', 'Юлия Кветкова')).ids).toEqual([]);
    const { entry } = await addName('ana', id, 'Iuliia Kvetkova');
    expect((await search('bo', 'Юлия Кветкова')).ids).toEqual([id]);
    const change = { item: entry.item, replaces: [entry.id] };
    await addName('ana', id, 'Otilia Brezan', change);
    expect((await search('ana', 'Юлия Кветкова')).ids).toEqual([]);
    expect((await search('ana', 'Брезан Отилия')).ids).toEqual([id]);
  });

  it('by both accounts where two stand against each other', async () => {
    const id = await open('ana');
    const { entry } = await addName('ana', id, 'Zlatko First');
    const change = { item: entry.item, replaces: [entry.id] };
    await Promise.all([
      addName('ana', id, 'Ramiro Second', change),
      addName('bo', id, 'Ozren Third', change),
    ]);
    for (const written of ['Ramiro Second', 'Ozren Third'])
      expect((await search('ana', written)).ids).toEqual([id]);
    expect((await search('ana', 'Zlatko First')).ids).toEqual([]);
  });

  it('from an enquiry, a spreadsheet, a record of another system', async () => {
    const thread = await office.enquire('ana', aboutChild('Quirina Enquired'));
    const OPEN = 'mutation ($thread: ID!) { openCaseOf(thread: $thread, child: "c1") }';
    const opened = String((await ask('ana', OPEN, { thread })).data.openCaseOf);
    expect((await search('ana', 'Enquired Quirina')).ids).toEqual([opened]);

    const from = { source: 'register', confidence: 'claimed' } as const;
    const table = Buffer.from(
      'prs_FirstName;prs_SecondName;prs_Birthdate\nTabea;Sheeted;2012-03\nTabitha;Rowena;2012-03\n',
    );
    for await (const _ of importTable(xa.ctx, office.as('ana'), table, from));
    expect((await search('ana', 'Tabea Sheeted')).ids).toHaveLength(1);
    const record = { prs_FirstName: 'Ingelore', prs_SecondName: 'Recorded' };
    const foreign = { format: 'htcds' as const, record, answers: {}, provenance: from };
    const { case: made } = await importRecord(xa.ctx, office.as('ana'), foreign);
    expect((await search('ana', 'Recorded Ingelore')).ids).toEqual([made]);
  });

  it('in the file that stays where two are joined, and in each again where that was undone', async () => {
    const [from, into] = [await fileOf('ana', 'Wendelin Joined'), await fileOf('ana', 'Vendelin Other')];
    const PROPOSE = 'mutation ($from: ID!, $into: ID!) { proposeJoin(from: $from, into: $into) }';
    const join = String((await ask('ana', PROPOSE, { from, into })).data.proposeJoin);
    await ask('sam', 'mutation ($join: ID!) { approveJoin(join: $join) }', { join });
    expect((await search('ana', 'Wendelin Joined')).ids).toEqual([into]);
    await ask('sam', 'mutation ($join: ID!) { undoJoin(join: $join) }', { join });
    expect((await search('ana', 'Wendelin Joined')).ids).toEqual([from]);
    expect((await search('ana', 'Vendelin Other')).ids).toEqual([into]);
  });

  it('together with its entry or not at all', async () => {
    const id = await open('ana');
    const failing = xa.ctx.doors.withActor(office.as('ana'), async (trx) => {
      await trx.insertInto('match_pending').values({ kind: 'case', source: id, at: 0 }).execute();
      throw new Error('the caller fails');
    });
    await expect(failing).rejects.toThrow('the caller fails');
    const rows = await xa.db.selectFrom('match_pending').select('id').where('source', '=', id).execute();
    expect(rows).toEqual([]);
  });
});

describe('a search', () => {
  it('shows field by field what matches, nearly, not, and on which side a blank is', async () => {
    const id = await fileOf('ana', 'Milorad Savic', '2010-06-07');
    await write('ana', id, 'Gender', 'CaseGenderInput', { value: { gender: 'Masculine' } });
    await write('ana', id, 'Nationality', 'NationalityInput', {
      value: { country: 'RS', status: 'claimed' },
    });
    const { found } = await search(
      'ana',
      {
        names: [{ written: 'Милорад Савић' }],
        births: [{ earliest: '2010-07-06', latest: '2010-07-06' }],
        nationalities: ['BA'],
      },
      { language: 'fr' },
    );
    expect(found).toEqual([
      {
        case: { id },
        fields: [
          expect.objectContaining({
            field: 'names',
            ...{ outcome: 'near', reason: 'sounds-alike' },
            sought: ['Милорад Савић'],
            file: ['Milorad Savic'],
          }),
          expect.objectContaining({
            ...{ field: 'births', outcome: 'near', reason: 'day-and-month-exchanged' },
            ...{ sought: ['2010-07-06'], file: ['2010-06-07'] },
          }),
          expect.objectContaining({
            ...{ field: 'gender', outcome: 'blank', reason: 'not-sought', sought: [], file: ['Masculin'] },
            reasonLabel: 'Absent de ce qui est recherché',
          }),
          expect.objectContaining({
            ...{ field: 'nationalities', outcome: 'mismatch', reason: 'no-shared-nationality' },
            ...{ sought: ['Bosnie-Herzégovine'], file: ['Serbie'] },
          }),
        ],
      },
    ]);
  });

  it('shows nobody who shares nothing but a given name and no age', async () => {
    const id = await fileOf('ana', 'Petronela Marcu', '2009-01-01');
    const born = (year: string) => [{ earliest: `${year}-01-01`, latest: `${year}-12-31` }];
    const sought = (year: string) => ({ names: [{ written: 'Petronela Iliescu' }], births: born(year) });
    expect((await search('ana', sought('2015'))).ids).toEqual([]);
    expect((await search('ana', sought('2009'))).ids).toEqual([id]);
  });

  it('finds only what its asker sees, of every role, and by both walls', async () => {
    const east = await fileOf('eva', 'Ludmila Walled');
    const national = await fileOf('ana', 'Людмила Валед');
    const town = await fileOf('cas', 'Ludmilla Waled');
    const expected: [Name, string[]][] = [
      ['ana', [national]],
      ['eva', [east]],
      ['cas', [town]],
      ['cor', []],
      ['hana', [east, national, town]],
    ];
    for (const [who, ids] of expected)
      expect([who, (await search(who, 'Ludmila Walled')).ids.sort()]).toEqual([who, [...ids].sort()]);
    expect((await search('lea', 'Ludmila Walled')).codes).toEqual(['NOT_PERMITTED']);
  });

  it('does not find what is for named readers, but for them', async () => {
    const id = await fileOf('ana', 'Hortensia Closed');
    await ask('sam', 'mutation ($id: ID!) { restrictCase(case: $id, eyesOnly: true) }', { id });
    expect((await search('ana', 'Hortensia Closed')).ids).toEqual([]);
    expect((await search('sam', 'Hortensia Closed')).ids).toEqual([id]);
    await addName('sam', id, 'Hortense Geschlossen');
    expect((await search('sam', 'Geschlossen Hortense')).ids).toEqual([id]);
    expect((await search('bo', 'Geschlossen Hortense')).ids).toEqual([]);
  });

  it('of what is for named readers is not drawn for who looks at readings', async () => {
    const [closed, open] = [await fileOf('ana', 'Ermintrude Drawn'), await fileOf('ana', 'Ottilie Drawn')];
    await ask('sam', 'mutation ($id: ID!) { restrictCase(case: $id, eyesOnly: true) }', { id: closed });
    clock.ms += 7 * 86_400_000;
    for (const written of ['Ermintrude Drawn', 'Ottilie Drawn']) await search('sam', written);
    clock.ms += 7 * 86_400_000;
    await watchPeopleOnce(xa.ctx);
    const samples = await xa.db.selectFrom('reading_review').select('sample').execute();
    const drawn = JSON.stringify(samples.map(({ sample }) => String(sample)));
    expect([drawn.includes(open), drawn.includes(closed)]).toEqual([true, false]);
  });

  it('of the child of a file leaves that file out', async () => {
    const one = await fileOf('ana', 'Teodora Twice');
    const other = await fileOf('bo', 'Теодора Twice');
    const { data } = await ask('ana', SEARCH, { case: one });
    expect((data.searchCases as { case: object }[]).map((found) => found.case)).toEqual([{ id: other }]);
    expect((await ask('ana', SEARCH, { case: one, sought: { names: [{ written: 'x' }] } })).codes).toEqual([
      'SEARCH_UNCLEAR',
    ]);
    expect((await ask('eva', SEARCH, { case: one })).codes).toEqual(['CASE_UNKNOWN']);
  });

  it('is recorded with what it showed and how much, and nothing of what was sought', async () => {
    const id = await fileOf('ana', 'Zorvath Quillimane');
    await search('ana', 'Zorvath Quillimane');
    const entry = await lastAudit(xa, 'reading.answered');
    expect(entry).toMatchObject({
      ...{ actor: office.id('ana'), purpose: 'case-work', fields: ['searchCases'] },
      ...{ threads: [id], rows: { search: 1, candidate: 1 } },
    });
    await search('ana', 'Nobody Ofthisname');
    expect(await lastAudit(xa, 'reading.answered')).toMatchObject({
      threads: [],
      rows: { search: 1, candidate: 0 },
    });
    const details = await xa.db.selectFrom('audit_entry').select('detail').execute();
    const kept = JSON.stringify(details);
    for (const word of ['Zorvath', 'Quillimane', 'Ofthisname']) expect(kept).not.toContain(word);
  });

  it('takes what it should and refuses by name what not', async () => {
    const codes = async (sought: object) => (await search('ana', sought)).codes;
    expect(await codes({ names: [] })).toEqual(['SEARCH_INVALID']);
    const births = [{ earliest: '2011-02-02', latest: '2010-02-02' }];
    expect(await codes({ names: [{ written: 'x' }], births })).toEqual(['SEARCH_INVALID']);
    for (let n = 0; n < 25; n++) await addName('ana', await open('ana'), 'Crescentia Many');
    expect((await search('ana', 'Crescentia Many')).ids).toHaveLength(10);
    expect((await search('ana', 'Crescentia Many', { first: 100 })).ids).toHaveLength(20);
  });

  it('very often within an hour is put before a supervisor, once', async () => {
    clock.ms += 7_200_000;
    for (let n = 0; n < 31; n++) await search('cas', 'Nobody Ofthisname');
    await watchPeopleOnce(xa.ctx);
    await watchPeopleOnce(xa.ctx);
    const tasks = await xa.db
      .selectFrom('task')
      .select(['about', 'unit', 'detail'])
      .where('kind', '=', 'many-searches')
      .execute();
    expect(tasks).toEqual([{ about: office.id('cas'), unit: 'town', detail: '31' }]);
  });
});

describe('what a person says of two files', () => {
  const SAY =
    'mutation ($case: ID!, $other: ID!, $verdict: MatchVerdict!) { decideCandidate(case: $case, other: $other, verdict: $verdict) }';
  const matches = async (who: Name, id: string) => {
    const { data } = await ask(
      who,
      'query ($id: ID!) { case(id: $id) { matches { case { id } other { id } verdict decidedBy } } }',
      { id },
    );
    return (data.case as { matches: object[] }).matches;
  };

  it('stands with both, may be said otherwise, and joins nothing', async () => {
    const [first, later] = [await fileOf('ana', 'Gervasius Said'), await fileOf('bo', 'Gervase Said')];
    const said = await ask('ana', SAY, { case: later, other: first, verdict: 'not_the_same' });
    expect([said.codes, said.data.decideCandidate]).toEqual([[], null]);
    const kept = { case: { id: first }, other: { id: later }, decidedBy: office.id('ana') };
    for (const id of [first, later])
      expect(await matches('sam', id)).toEqual([{ ...kept, verdict: 'not_the_same' }]);
    await ask('ana', SAY, { case: first, other: later, verdict: 'cannot_say' });
    expect(await matches('sam', first)).toEqual([{ ...kept, verdict: 'cannot_say' }]);
    expect(await lastAudit(xa, 'case.written')).toMatchObject({ case: first, verdict: 'cannot-say' });
  });

  it('that they are of the same child waits for a second person', async () => {
    const [first, later] = [await fileOf('ana', 'Ambrosia Said'), await fileOf('bo', 'Амбросия Said')];
    const said = await ask('bo', SAY, { case: first, other: later, verdict: 'same_child' });
    const join = String(said.data.decideCandidate);
    expect(join).toMatch(/^join-/);
    expect((await search('ana', 'Ambrosia Said')).ids.sort()).toEqual([first, later].sort());
    expect((await ask('sam', 'mutation ($join: ID!) { approveJoin(join: $join) }', { join })).codes).toEqual(
      [],
    );
    expect((await search('ana', 'Ambrosia Said')).ids).toEqual([first]);
  });

  it('is theirs to say who sees both', async () => {
    const [mine, theirs] = [await fileOf('ana', 'Leocadia Said'), await fileOf('eva', 'Leocadia Said')];
    const say = (who: Name) => ask(who, SAY, { case: mine, other: theirs, verdict: 'not_the_same' });
    expect([(await say('ana')).codes, (await say('eva')).codes, (await say('lea')).codes]).toEqual([
      ['NOT_FOUND'],
      ['NOT_FOUND'],
      ['NOT_PERMITTED'],
    ]);
    expect((await say('hana')).codes).toEqual([]);
    expect(await matches('ana', mine)).toEqual([
      { case: { id: mine }, other: null, verdict: 'not_the_same', decidedBy: office.id('hana') },
    ]);
    expect(await matches('eva', theirs)).toEqual([]);
  });
});
