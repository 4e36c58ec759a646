/** HTCDS 2.0 out and in, and Primero in: values to the letter, nothing dropped in silence, nothing guessed. INVENTED children. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CaseEntry, readItems } from '#node/cases/history.ts';
import type { CaseKind, ValueOf } from '#node/cases/kinds.ts';
import { makeEntry, type NewStatement } from '#node/cases/statement.ts';
import { exportHtcds } from '#node/interchange/htcds-export.ts';
import { readHtcds } from '#node/interchange/htcds-import.ts';
import { readPrimero } from '#node/interchange/primero-import.ts';

const provenance = { source: 'register', confidence: 'claimed' } as never;
let count = 0;
const state = <Kind extends CaseKind>(kind: Kind, value: ValueOf<Kind>): CaseEntry =>
  entryOf({ kind, value, provenance } as NewStatement);
const entryOf = (statement: NewStatement): CaseEntry => {
  count += 1;
  const made = makeEntry(statement, () => Uint8Array.of(count, 0, 0, 0, 0, 0, 0, 0));
  return {
    ...made,
    id: `e${count}`,
    n: count,
    caseId: 'c',
    atMs: count,
    author: 'ana.xa',
    authorName: 'Ana',
  };
};
const text = (words: string) => ({ text: words, language: 'en' });

const file = [
  state('name', {
    kind: 'birth',
    parts: [{ kind: 'given', value: 'Мила' }],
    script: 'Cyrl',
  }),
  state('name', {
    kind: 'current',
    parts: [
      { kind: 'given', value: 'Mila' },
      { kind: 'patronymic', value: 'Ivanova' },
      { kind: 'family', value: 'Invented' },
    ],
    script: 'Latn',
  }),
  state('name', {
    kind: 'given-by-trafficker',
    parts: [{ kind: 'given', value: 'Zorvath' }],
    script: 'Latn',
  }),
  state('birth', {
    earliest: '2011-05-04',
    latest: '2011-05-04',
    precision: 'day',
    basis: 'document',
    disputed: false,
    presumedMinor: false,
    findings: [],
  }),
  state('gender', { gender: 'Feminine' }),
  state('nationality', { country: 'BG', status: 'confirmed' }),
  state('nationality', { country: 'MK', status: 'claimed' }),
  state('language', { language: 'bg', level: 'first', interpreterNeeded: true }),
  state('trafficking', {
    status: 'PossibleVictimOfTrafficking',
    exploitation: ['ForcedBegging', 'x_ForcedCriminality'],
    control: ['ThreatsLawEnforcement', 'x_RestrictsMovement'],
    recruitment: 'ThroughFamilyOrFamilyEvents',
    decidedBy: 'Police',
    sexualExploitation: ['RemoteInteractiveServices'],
    sector: 'F',
    recruitedThrough: ['TikTok', 'Other'],
    exploitedThrough: ['Telegram'],
    ageWhenTrafficked: 13,
  }),
  state('event', {
    event: 'Transit',
    country: 'RS',
    place: 'Quillhaven',
    from: '2026-05-01',
    description: text('x'),
  }),
  state('warning', { code: 'do-not-contact-family', about: [] }),
  state('note', { note: text('Zorvath') }),
];

describe('a file as HTCDS', () => {
  const { record, dropped } = exportHtcds(readItems(file), true);

  it('has the standard’s values to the letter', () => {
    expect(record).toEqual({
      prs_FirstName: 'Mila',
      prs_MiddleName: 'Ivanova',
      prs_SecondName: 'Invented',
      prs_Birthdate: '2011-05-04',
      prs_Gender: 'Feminine',
      prs_PrimaryLanguage: 'bul',
      prs_Citizenship: ['BG'],
      vic_TraffickingStatus: 'PossibleVictimOfTrafficking',
      vic_TraffickingStatusDecisionMakingOrg: 'Police',
      vic_TypeOfExploitation: ['ForcedBegging', 'Other'],
      vic_MethodsOfControl: ['ThreatsLawEnforcement', 'Other'],
      vic_MethodOfRecruitment: 'ThroughFamilyOrFamilyEvents',
      vic_TypeOfSexExploitation: ['RemoteInteractiveServices'],
      vic_ForcedLabourIndustry: 'F_Construction',
      vic_RecruitmentWebsitesAndApps: ['TikTok', 'Other'],
      vic_ExploitationWebsitesAndApps: ['Telegram'],
      vic_AgeWhenTrafficked: '13',
      x_MethodsOfControlAsDefined: ['ThreatOfLawEnforcement', 'RestrictsMovement'],
      hte: [{ hte_Type: 'Transit', hte_Country: 'RS', hte_Date: '2026-05-01' }],
      cas_Status: 'Active',
    });
  });

  it('says everything that had no place, and no value of it', () => {
    expect(dropped).toEqual(
      expect.arrayContaining([
        { field: 'name', reason: 'one-only', count: 1 },
        { field: 'name', reason: 'not-shared', count: 1 },
        { field: 'nationality', reason: 'not-exact', count: 1 },
        { field: 'trafficking.control', reason: 'no-code', count: 1 },
        { field: 'event.place', reason: 'not-shared', count: 1 },
        { field: 'warning', reason: 'not-shared', count: 1 },
        { field: 'note', reason: 'no-field', count: 1 },
      ]),
    );
    const kinds = new Set(readItems(file).map(({ kind }) => kind));
    expect(JSON.stringify({ record, dropped })).not.toMatch(/Zorvath|Quillhaven|do-not-contact/);
    // Every kind is either in the record or in the manifest.
    const written = new Set(['name', 'birth', 'gender', 'nationality', 'language', 'trafficking', 'event']);
    const named = new Set(dropped.map(({ field }) => field.split('.')[0]));
    for (const kind of kinds) expect([kind, written.has(kind) || named.has(kind)]).toEqual([kind, true]);
  });

  it('leaves out what is disputed or an interval, and says so', () => {
    const either = state('gender', { gender: 'Masculine' });
    const interval = state('birth', {
      earliest: '2010-01-01',
      latest: '2012-12-31',
      precision: 'range',
      basis: 'estimate',
      disputed: true,
      presumedMinor: true,
      findings: [],
    });
    const shown = exportHtcds(readItems([state('gender', { gender: 'Feminine' }), either, interval]), false);
    expect(shown.record).toEqual({ cas_Status: 'Closed' });
    expect(shown.dropped).toEqual(
      expect.arrayContaining([
        { field: 'gender', reason: 'contested', count: 1 },
        { field: 'birth', reason: 'not-exact', count: 1 },
      ]),
    );
  });

  it('comes back as it went, as far as it went', () => {
    const { statements, problems, dropped: lost } = readHtcds(record, provenance);
    expect([problems, lost]).toEqual([[], []]);
    const again = exportHtcds(readItems(statements.map(entryOf)), true).record;
    // Whether a citizenship is confirmed, and whose word a birth date is, the standard does not say: it is not believed blindly.
    const { prs_Citizenship, x_MethodsOfControlAsDefined, ...same } = record;
    const { x_MethodsOfControlAsDefined: asDefined, ...back } = again;
    expect(back).toEqual(same);
    expect([prs_Citizenship, x_MethodsOfControlAsDefined, asDefined].every(Boolean)).toBe(true);
  });
});

describe('a foreign record', () => {
  it('that cannot be read is named by field and rule, never by value', () => {
    const { problems, dropped } = readHtcds(
      {
        prs_FirstName: 'Zorvath',
        prs_Gender: 'Zorvath',
        prs_Birthdate: 'Zorvath',
        prs_PrimaryLanguage: 'Zorvath!',
        prs_Citizenship: 'Zorvath',
        vic_TypeOfExploitation: 'ForcedBegging; Zorvath',
        prs_MobilePhone: '+1 Zorvath',
        'Zorvath <b>': 'x',
      },
      provenance,
    );
    expect(new Set(problems.map(({ field }) => field))).toEqual(
      new Set([
        'prs_Gender',
        'prs_Birthdate',
        'prs_PrimaryLanguage',
        'prs_Citizenship',
        'vic_TraffickingStatus',
      ]),
    );
    expect(dropped).toEqual([
      { field: 'a column', reason: 'unknown', count: 1 },
      { field: 'prs_MobilePhone', reason: 'unknown', count: 1 },
    ]);
    expect(JSON.stringify({ problems, dropped })).not.toContain('Zorvath');
  });

  it('says what of it is left out, and refuses two values where one is meant', () => {
    const { dropped, problems, statements } = readHtcds(
      {
        prs_Gender: 'Feminine; Masculine',
        prs_Birthdate: ['2011-01-01', '2012-01-01'],
        cas_Status: 'Closed',
        vic_TraffickingStatus: 'PossibleVictimOfTrafficking',
        vic_ForcedLabourIndustry: 'F_Construktion',
        vic_AgeWhenTrafficked: 'Zorvath',
        hte: [{ hte_Type: 'Transit', hte_Description: 'Zorvath', 'Zorvath 1!': 1 }],
      },
      provenance,
    );
    expect(dropped).toEqual([
      { field: 'cas_Status', reason: 'no-field', count: 1 },
      { field: 'hte.a column', reason: 'unknown', count: 1 },
      { field: 'hte.hte_Description', reason: 'unknown', count: 1 },
    ]);
    expect(problems).toEqual([
      { field: 'prs_Gender', problem: 'must be one value' },
      { field: 'prs_Birthdate', problem: 'must be one value' },
      { field: 'vic_AgeWhenTrafficked', problem: 'must be years' },
    ]);
    expect(statements).toContainEqual(
      expect.objectContaining({ kind: 'trafficking', value: expect.objectContaining({ sector: 'F' }) }),
    );
    const unseen = readHtcds({ prs_FirstName: '\u200c\u202e' }, provenance);
    expect(unseen).toMatchObject({
      statements: [],
      problems: [{ field: 'prs_FirstName', problem: 'a name holds no letter' }],
    });
    const notEvents = readHtcds({ prs_FirstName: 'Mila', hte: 'Zorvath' }, provenance).problems;
    expect(notEvents).toEqual([{ field: 'hte', problem: 'must be a list of events' }]);
    expect(JSON.stringify({ dropped, problems, notEvents })).not.toContain('Zorvath');
  });

  it('of any form gives statements of our kinds or problems, and never throws', () => {
    const fields = fc.constantFrom(
      'prs_FirstName',
      'prs_Birthdate',
      'prs_Gender',
      'vic_MethodsOfControl',
      'hte',
      '__proto__',
      'x',
    );
    fc.assert(
      fc.property(fc.dictionary(fields, fc.jsonValue()), (record) => {
        const { statements } = readHtcds(record, provenance);
        const { statements: others } = readPrimero(record, provenance, {});
        expect(Array.isArray(statements) && Array.isArray(others)).toBe(true);
        expect(({} as Record<string, unknown>).x).toBeUndefined();
      }),
    );
  });
});

describe('a Primero case', () => {
  const record = {
    name_first: 'Mila',
    name_last: 'Invented',
    sex: 'female',
    date_of_birth: '2012-01-01',
    estimated: true,
    nationality: ['bulgaria', 'RO'],
    protection_concerns: ['trafficked_smuggled', 'sexually_exploited'],
    unhcr_id_no: 'INVENTED-1',
    tent_number: '7',
  };

  it('is not read before a person has said what its merged codes mean', () => {
    const { questions } = readPrimero(record, provenance, {});
    expect(questions.map(({ about }) => about)).toEqual([
      'nationality:bulgaria',
      'protection_concerns:trafficked_smuggled',
    ]);
    const wrong = readPrimero(record, provenance, { 'protection_concerns:trafficked_smuggled': 'whatever' });
    expect(wrong.questions).toHaveLength(2);
  });

  it('is read by the answers, and never made more exact than it was', () => {
    const answers = {
      'nationality:bulgaria': 'BG',
      'protection_concerns:trafficked_smuggled': 'PossibleVictimOfTrafficking',
    };
    const { statements, questions, problems, dropped } = readPrimero(record, provenance, answers);
    expect([questions, problems]).toEqual([[], []]);
    const of = (kind: CaseKind) => statements.filter((one) => one.kind === kind).map(({ value }) => value);
    expect(of('birth')).toMatchObject([{ earliest: '2012-01-01', latest: '2012-12-31', precision: 'year' }]);
    expect(of('nationality')).toEqual([
      { country: 'BG', status: 'claimed' },
      { country: 'RO', status: 'claimed' },
    ]);
    expect(of('trafficking')).toMatchObject([{ status: 'PossibleVictimOfTrafficking' }]);
    expect(of('reference')).toEqual([{ system: 'unhcr', number: 'INVENTED-1' }]);
    expect(dropped).toEqual([
      { field: 'protection_concerns', reason: 'no-code', count: 1 },
      { field: 'tent_number', reason: 'unknown', count: 1 },
    ]);
    const none = readPrimero(record, provenance, {
      ...answers,
      'protection_concerns:trafficked_smuggled': 'none',
    });
    expect(none.statements.some(({ kind }) => kind === 'trafficking')).toBe(false);
  });
});
