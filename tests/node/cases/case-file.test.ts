/** Case files through the officers' endpoint: who sees them, who writes, two at once, joining, ending. INVENTED children. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enquiryBody } from '../../fixtures/act-bodies.ts';
import { type Clock, type LoopNode, lastAudit, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { call, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';
import { giveAddresses, takeTold } from '../../fixtures/told.ts';

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

const ask = (name: Name, text: string, variables = {}, provedAgoMs?: number) =>
  call(here, office.as(name, provedAgoMs), text, variables);
const open = async (name: Name = 'ana') => String((await ask(name, 'mutation { openCase }')).data.openCase);

const PROVENANCE = { source: 'document', confidence: 'verified' };
interface Head {
  id: string;
  author: string;
  value: Record<string, unknown> | null;
}
interface Item {
  item: string;
  kind: string;
  contested: boolean;
  heads: Head[];
}
interface Change {
  item?: string;
  replaces?: string[];
  value?: object | null;
  reason?: string;
}
const WRITES = {
  gender: ['writeCaseGender', 'CaseGenderInput', 'CaseGender { gender }'],
  note: ['writeCaseNote', 'CaseNoteInput', 'CaseNote { note { text } }'],
  warning: ['writeCaseWarning', 'CaseWarningInput', 'CaseWarning { code }'],
  measure: ['writeCaseMeasure', 'CaseMeasureInput', 'CaseMeasure { measure }'],
  missing: ['writeCaseMissing', 'CaseMissingEpisodeInput', 'CaseMissingEpisode { since until }'],
  situation: ['writeCaseSituation', 'ChildSituationInput', 'ChildSituation { accused }'],
  consent: ['writeCaseConsent', 'CaseConsentInput', 'CaseConsent { state }'],
} as const;
const HEADS = `item kind contested heads { id author value { ${Object.values(WRITES)
  .map(([, , shown]) => `... on ${shown}`)
  .join(' ')} } }`;

/** Writes as a person; an error's code stands in `codes`. */
async function write(name: Name, id: string, kind: keyof typeof WRITES, change: Change) {
  const [field, type] = WRITES[kind];
  const { data, codes } = await ask(
    name,
    `mutation ($case: ID!, $item: ID, $replaces: [ID!], $value: ${type}, $provenance: ProvenanceInput!, $reason: String) {
      ${field}(case: $case, item: $item, replaces: $replaces, value: $value, provenance: $provenance, reason: $reason) {
        entry { id item } item { ${HEADS} } } }`,
    { case: id, provenance: PROVENANCE, ...change },
  );
  const written = data?.[field] as { entry: { id: string; item: string }; item: Item } | undefined;
  return { codes, ...written };
}
async function items(name: Name, id: string, asOf?: string): Promise<Item[]> {
  const { data } = await ask(
    name,
    `query ($id: ID!, $asOf: Instant) { case(id: $id) { items(asOf: $asOf) { ${HEADS} } } }`,
    { id, asOf },
  );
  return (data.case as { items: Item[] }).items;
}
const sees = async (name: Name, id: string) =>
  (await ask(name, 'query ($id: ID!) { case(id: $id) { id } }', { id })).codes[0] ?? 'yes';
const rowsSeen = (name: Name, id: string) =>
  xa.ctx.doors.withActor(office.as(name), async (trx) => [
    (await trx.selectFrom('case_file').select('id').where('id', '=', id).execute()).length,
    (await trx.selectFrom('case_entry').select('id').where('file_id', '=', id).execute()).length,
  ]);
const feminine = { value: { gender: 'Feminine' } };
const masculine = { value: { gender: 'Masculine' } };

describe('need to know', () => {
  it('is of the unit, of who is assigned, of the head; in the code and in the database', async () => {
    const id = await open();
    await write('ana', id, 'gender', feminine);
    const expected: [Name, string][] = [
      ['ana', 'yes'],
      ['bo', 'yes'],
      ['hana', 'yes'],
      ['eva', 'CASE_UNKNOWN'],
      ['cas', 'CASE_UNKNOWN'],
      ['lea', 'CASE_UNKNOWN'],
    ];
    for (const [name, outcome] of expected) {
      const rows = outcome === 'yes' ? [1, 1] : [0, 0];
      expect([name, await sees(name, id), await rowsSeen(name, id)]).toEqual([name, outcome, rows]);
    }
    const assigned = await ask(
      'sam',
      'mutation ($id: ID!, $person: ID!) { assignConversation(thread: $id, person: $person) }',
      { id, person: office.id('cas') },
    );
    expect([assigned.codes, await sees('cas', id), await rowsSeen('cas', id)]).toEqual([[], 'yes', [1, 1]]);
    expect(await sees('eva', '0192aaaa-0000-7000-8000-000000000000')).toBe('CASE_UNKNOWN');
  });

  it('is a case worker’s own for the file they open, and nobody else’s of their unit', async () => {
    const id = await open('cas');
    expect((await write('cas', id, 'gender', feminine)).codes).toEqual([]);
    expect([await sees('cas', id), await sees('cor', id), await sees('hana', id)]).toEqual([
      'yes',
      'CASE_UNKNOWN',
      'yes',
    ]);
    const { data } = await ask('cas', '{ cases { nodes { id } } }');
    expect((data.cases as { nodes: object[] }).nodes).toContainEqual({ id });
    const others = await ask('cor', '{ cases { nodes { id } } }');
    expect((others.data.cases as { nodes: object[] }).nodes).toEqual([]);
  });

  it('is for named readers alone once a decider says so', async () => {
    const id = await open();
    await write('ana', id, 'gender', feminine);
    const RESTRICT = 'mutation ($id: ID!, $only: Boolean!) { restrictCase(case: $id, eyesOnly: $only) }';
    expect((await ask('ana', RESTRICT, { id, only: true })).codes).toEqual(['NOT_PERMITTED']);
    expect((await ask('sam', RESTRICT, { id, only: true })).codes).toEqual([]);
    for (const name of ['ana', 'sid'] as const)
      expect([await sees(name, id), await rowsSeen(name, id)]).toEqual(['CASE_UNKNOWN', [0, 0]]);
    expect([await sees('sam', id), await sees('hana', id)]).toEqual(['yes', 'yes']);
    const ADMIT = 'mutation ($id: ID!, $person: ID!) { admitReader(thread: $id, person: $person) }';
    expect((await ask('hana', ADMIT, { id, person: office.id('ana') })).codes).toEqual([]);
    expect([await sees('ana', id), await rowsSeen('ana', id)]).toEqual(['yes', [1, 1]]);
    expect((await ask('sam', RESTRICT, { id, only: false })).codes).toEqual([]);
    expect(await sees('sid', id)).toBe('yes');
  });

  it('may be opened in need, to read and not to write, and reading leaves its record', async () => {
    const id = await open();
    await write('ana', id, 'gender', feminine);
    const need = { id, category: 'danger-to-child', reason: 'INVENTED: nobody of the unit answers.' };
    const NEED =
      'mutation ($id: ID!, $category: NeedCategory!, $reason: String!) { openInNeed(thread: $id, category: $category, reason: $reason) { id } }';
    const opened = await ask('eva', NEED, { ...need, category: 'danger_to_child' });
    expect([opened.codes, await sees('eva', id)]).toEqual([[], 'yes']);
    expect(await lastAudit(xa, 'reading.answered')).toMatchObject({ actor: office.id('eva'), threads: [id] });
    expect((await write('eva', id, 'gender', masculine)).codes).toEqual(['READ_ONLY_IN_NEED']);
  });
});

describe('two who write at once', () => {
  it('both stand, side by side, until a person takes the place of both; and as it was is still there', async () => {
    const id = await open();
    const first = (await write('ana', id, 'gender', feminine)).entry!.id;
    clock.ms += 1000;
    const before = new Date(clock.ms).toISOString();
    clock.ms += 1000;
    const [one, two] = await Promise.all([
      write('ana', id, 'gender', { ...masculine, replaces: [first] }),
      write('bo', id, 'gender', { value: { gender: 'NonSpecifiedUnknown' }, replaces: [first] }),
    ]);
    // Whoever was second is told at once.
    expect([one.item!.contested, two.item!.contested].sort()).toEqual([false, true]);
    const [contested] = await items('sam', id);
    expect(contested!.heads.map(({ author }) => author).sort()).toEqual([office.id('ana'), office.id('bo')]);
    const replaces = contested!.heads.map((head) => head.id);
    const resolved = await write('sam', id, 'gender', { ...feminine, replaces });
    expect(resolved.item).toMatchObject({ contested: false, heads: [{ value: { gender: 'Feminine' } }] });
    const [then] = await items('sam', id, before);
    expect(then!.heads.map((head) => head.id)).toEqual([first]);
    const { data } = await ask(
      'sam',
      'query ($id: ID!) { case(id: $id) { history(item: "gender") { id } } }',
      { id },
    );
    expect((data.case as { history: object[] }).history).toHaveLength(4);
  });

  it('lose nothing when twenty write', async () => {
    const id = await open();
    const texts = Array.from({ length: 20 }, (_, index) => `INVENTED note ${index}`);
    await Promise.all(
      texts.map((text, index) =>
        write(index % 2 ? 'ana' : 'bo', id, 'note', { value: { note: { text, language: 'en' } } }),
      ),
    );
    const notes = (await items('ana', id)).map(
      ({ heads }) => (heads[0]!.value as { note: { text: string } }).note.text,
    );
    expect(notes.sort()).toEqual(texts.sort());
  });
});

describe('what does not fit', () => {
  it('is refused by name and keeps nothing of what was written', async () => {
    const id = await open();
    const { entry } = await write('ana', id, 'gender', feminine);
    const note = { note: { text: 'Zorvath', language: 'no such tag!' } };
    expect((await write('ana', id, 'note', { value: note })).codes).toEqual(['ENTRY_INVALID']);
    expect((await write('ana', id, 'gender', { ...masculine, replaces: ['other'] })).codes).toEqual([
      'ENTRY_UNKNOWN',
    ]);
    expect(
      (await write('ana', id, 'note', { item: 'i-0', value: { note: { text: 'x', language: 'en' } } })).codes,
    ).toEqual(['ITEM_UNKNOWN']);
    const end = { replaces: [entry!.id], value: null };
    expect((await write('ana', id, 'gender', { ...end, reason: 'no' })).codes).toEqual(['REASON_MISSING']);
    expect((await write('lea', id, 'gender', feminine)).codes).toEqual(['NOT_PERMITTED']);
    expect(await items('ana', id)).toHaveLength(1);
  });

  it('a warning is ended by who decides, and added by anybody', async () => {
    const id = await open();
    const value = { code: 'do-not-contact-family', about: [] };
    const { entry } = await write('ana', id, 'warning', { value });
    const end = {
      item: entry!.item,
      replaces: [entry!.id],
      value: null,
      reason: 'INVENTED: it was another family.',
    };
    expect((await write('ana', id, 'warning', end)).codes).toEqual(['WARNING_STAYS']);
    expect((await write('ana', id, 'warning', { ...end, value })).codes).toEqual(['WARNING_STAYS']);
    expect((await write('sam', id, 'warning', end)).codes).toEqual([]);
    expect(await items('ana', id)).toEqual([]);
  });
});

describe('a warning', () => {
  it('comes first, and is seen also by who reads what was known before it was given', async () => {
    const id = await open();
    await write('ana', id, 'gender', feminine);
    const value = { code: 'do-not-contact-family', about: [] };
    clock.ms += 1000;
    const before = new Date(clock.ms).toISOString();
    clock.ms += 1000;
    const { entry } = await write('ana', id, 'warning', { value });
    const shown = async (asOf?: string) =>
      (await items('ana', id, asOf)).map(({ kind, heads }) => [kind, heads[0]!.value]);
    const given = ['warning', { code: 'do-not-contact-family' }];
    const rest = ['gender', { gender: 'Feminine' }];
    expect([await shown(), await shown(before)]).toEqual([
      [given, rest],
      [given, rest],
    ]);
    clock.ms += 1000;
    const between = new Date(clock.ms).toISOString();
    clock.ms += 1000;
    const changed = { ...value, code: 'do-not-reveal-location' };
    await write('sam', id, 'warning', { item: entry!.item, replaces: [entry!.id], value: changed });
    const now = ['warning', { code: 'do-not-reveal-location' }];
    expect([await shown(between), await shown()]).toEqual([
      [now, given, rest],
      [now, rest],
    ]);
  });
});

const CASE = 'query ($id: ID!) { case(id: $id) { id } }';

describe('a measure against the child', () => {
  const ground = { text: 'INVENTED: begging in the street', language: 'en' };
  const fine = { value: { measure: 'fine', ground, authority: 'INVENTED court' } };

  it('is an alarm for a person of the file', async () => {
    const id = await open();
    await write('ana', id, 'measure', fine);
    const { data } = await ask('sam', 'query ($id: ID!) { case(id: $id) { tasks { kind } } }', { id });
    expect((data.case as { tasks: object[] }).tasks).toEqual([{ kind: 'measure-against-child' }]);
    expect((await ask('eva', '{ tasks { thread } }')).data.tasks).not.toContainEqual({ thread: id });
  });

  it('reaches a legal adviser at once, in another unit where its own has none, and opens the file to them for a time', async () => {
    await giveAddresses(xa);
    const id = String((await ask('eva', 'mutation { openCase }')).data.openCase);
    expect((await ask('lea', CASE, { id })).codes).toEqual(['CASE_UNKNOWN']);
    await takeTold(xa);
    await write('eva', id, 'measure', fine);
    expect(await takeTold(xa)).toEqual(['hana urgent', 'lea urgent', 'sue urgent']);
    expect((await ask('lea', CASE, { id })).codes).toEqual([]);
    const own = await open();
    await write('ana', own, 'measure', fine);
    expect(await takeTold(xa)).toEqual(['hana urgent', 'lea urgent', 'sam urgent', 'sid urgent']);
    clock.ms += 31 * 24 * 3_600_000;
    expect((await ask('lea', CASE, { id })).codes).toEqual(['CASE_UNKNOWN']);
    // What is for named readers, the head opens.
    const closed = await open();
    await ask('sam', 'mutation ($id: ID!) { restrictCase(case: $id, eyesOnly: true) }', { id: closed });
    await write('sam', closed, 'measure', fine);
    expect(await takeTold(xa)).not.toContain('lea urgent');
  });
});

describe('what endangers the child', () => {
  const [child] = enquiryBody().children;
  const tasks = async (id: string) => {
    const { data } = await ask('sam', 'query ($id: ID!) { case(id: $id) { tasks { kind } } }', { id });
    return (data.case as { tasks: { kind: string }[] }).tasks.map(({ kind }) => kind);
  };
  const OPEN = 'mutation ($thread: ID!) { openCaseOf(thread: $thread, child: "c1") }';
  const LINK = 'mutation ($id: ID!, $thread: ID!) { linkConversation(case: $id, thread: $thread) }';

  it('that it is accused or held is an alarm however it comes into the file', async () => {
    for (const against of [{ accused: 'yes' as const }, { deprivedOfLiberty: true }]) {
      const situation = { ...child!.situation, ...against };
      const id = await open();
      await write('ana', id, 'situation', { value: situation });
      expect(await tasks(id)).toEqual(['measure-against-child']);
      const thread = await office.enquire('ana', { children: [{ ...child!, situation }] });
      const opened = String((await ask('ana', OPEN, { thread })).data.openCaseOf);
      expect(await tasks(opened)).toEqual(['measure-against-child']);
      expect(await sees('lea', opened)).toBe('yes');
    }
    const id = await open();
    await write('ana', id, 'situation', { value: child!.situation });
    expect(await tasks(id)).toEqual([]);
  });

  it('that an agreement is withdrawn is looked at by who decides', async () => {
    const id = await open();
    const consent = { purpose: 'enquiry', state: 'given', by: 'child', circumstances: [] };
    await write('ana', id, 'consent', { value: consent });
    expect(await tasks(id)).toEqual([]);
    await giveAddresses(xa);
    await takeTold(xa);
    await write('ana', id, 'consent', { value: { ...consent, state: 'withdrawn' } });
    expect([await tasks(id), await takeTold(xa)]).toEqual([
      ['safety-review'],
      ['hana urgent', 'sam urgent', 'sid urgent'],
    ]);
  });

  it('that it is missing goes to every State with open business, by a person, and once', async () => {
    const [id, joined] = [await open(), await open()];
    const [one, two] = [await office.enquire(), await office.enquire()];
    await ask('ana', LINK, { id, thread: one });
    await ask('ana', LINK, { id: joined, thread: two });
    const PROPOSE = 'mutation ($from: ID!, $into: ID!) { proposeJoin(from: $from, into: $into) }';
    const join = (await ask('sam', PROPOSE, { from: joined, into: id })).data.proposeJoin;
    await ask('sid', 'mutation ($join: ID!) { approveJoin(join: $join) }', { join });
    const { data } = await ask('ana', '{ tasks { kind thread } }');
    const before = (data.tasks as { kind: string }[]).filter(({ kind }) => kind === 'missing-notice').length;
    const since = { status: 'missing', since: '2026-11-01' };
    await write('ana', id, 'missing', { value: { ...since, until: '2026-11-02' } });
    await write('ana', id, 'missing', { value: since });
    await write('ana', id, 'situation', { value: { ...child!.situation, missing: 'missing' } });
    const all = (await ask('ana', '{ tasks { kind thread } }')).data.tasks as {
      kind: string;
      thread: string;
    }[];
    const told = all.filter(({ kind }) => kind === 'missing-notice').map(({ thread }) => thread);
    expect(told.length - before).toBe(2);
    expect(told).toEqual(expect.arrayContaining([one, two]));
  });

  it('that it is missing by a file for named readers, they alone are told', async () => {
    const [id, thread] = [await open(), await office.enquire()];
    await ask('ana', LINK, { id, thread });
    await ask('sam', 'mutation ($id: ID!) { restrictCase(case: $id, eyesOnly: true) }', { id });
    await write('sam', id, 'missing', { value: { status: 'missing', since: '2026-11-01' } });
    const noticesOf = async (name: Name) => {
      const { data } = await ask(name, '{ tasks { kind thread about } }');
      const all = data.tasks as { kind: string; thread: string; about: string | null }[];
      return all.filter((task) => task.kind === 'missing-notice' && [id, thread].includes(task.thread));
    };
    expect(await noticesOf('ana')).toEqual([]);
    expect(await noticesOf('sam')).toEqual([{ kind: 'missing-notice', thread: id, about: thread }]);
  });

  it('an open danger in a conversation about it keeps the file open', async () => {
    const id = await open();
    const thread = await office.enquire('ana', {
      urgency: 'immediate-danger',
      urgencyReason: { text: 'INVENTED', language: 'en' },
    });
    await ask('ana', LINK, { id, thread });
    const CLOSE = 'mutation ($id: ID!) { closeCase(case: $id, closing: solution_in_place) }';
    expect((await ask('sam', CLOSE, { id })).codes).toEqual(['STILL_AT_RISK']);
    await ask('ana', 'mutation ($id: ID!, $thread: ID!) { unlinkConversation(case: $id, thread: $thread) }', {
      id,
      thread,
    });
    expect((await ask('sam', CLOSE, { id })).codes).toEqual([]);
  });
});

describe('joining', () => {
  const APPROVE = 'mutation ($join: ID!) { approveJoin(join: $join) }';
  const UNDO = 'mutation ($join: ID!) { undoJoin(join: $join) }';
  const propose = async (name: Name, from: string, into: string) =>
    ask(name, 'mutation ($from: ID!, $into: ID!) { proposeJoin(from: $from, into: $into) }', { from, into });

  it('takes two persons, reads two files as one, and undoing gives both back', async () => {
    const [from, into] = [await open(), await open()];
    await write('ana', from, 'gender', feminine);
    await write('ana', into, 'gender', masculine);
    const join = String((await propose('sam', from, into)).data.proposeJoin);
    expect((await ask('sam', APPROVE, { join })).codes).toEqual(['SAME_PERSON']);
    expect((await ask('bo', APPROVE, { join })).codes).toEqual(['NOT_PERMITTED']);
    expect((await ask('sid', APPROVE, { join }, 600_000)).codes).toEqual(['STEP_UP_NEEDED']);
    expect((await ask('sid', APPROVE, { join })).codes).toEqual([]);
    const [gender] = await items('ana', into);
    expect([gender!.contested, gender!.heads.length]).toEqual([true, 2]);
    expect((await write('ana', from, 'gender', feminine)).codes).toEqual(['CASE_JOINED']);
    await write('ana', into, 'note', { value: { note: { text: 'INVENTED, while joined', language: 'en' } } });
    const listed = (await ask('ana', '{ cases(first: 100) { nodes { id } } }')).data.cases as {
      nodes: object[];
    };
    expect(listed.nodes).not.toContainEqual({ id: from });
    expect((await ask('sid', UNDO, { join })).codes).toEqual([]);
    expect((await items('ana', from)).map(({ heads }) => heads[0]!.value)).toEqual([{ gender: 'Feminine' }]);
    expect((await items('ana', into)).map(({ kind }) => kind)).toEqual(['gender', 'note']);
    expect(await lastAudit(xa, 'case.join-undone')).toMatchObject({ from, into });
  });

  it('cannot be done twice, in a ring, or by two in opposite directions', async () => {
    const [a, b, c] = [await open(), await open(), await open()];
    const outcomes = await Promise.all([propose('sam', a, b), propose('sid', b, a)]);
    const joins = outcomes.flatMap(({ data }) => (data ? [String(data.proposeJoin)] : []));
    expect((await propose('ana', a, c)).codes).toEqual(['JOIN_WAITS']);
    const approvals = await Promise.all(joins.map((join) => ask('hana', APPROVE, { join })));
    const codes = approvals.flatMap((one) => one.codes);
    expect(codes.every((code) => code === 'CASE_JOINED' || code === 'HAS_JOINED')).toBe(true);
    expect(joins.length - codes.length).toBe(1);
  });
});

describe('files that are read as one', () => {
  const APPROVE = 'mutation ($join: ID!) { approveJoin(join: $join) }';
  const PROPOSE = 'mutation ($from: ID!, $into: ID!) { proposeJoin(from: $from, into: $into) }';
  const CLOSE = 'mutation ($id: ID!) { closeCase(case: $id, closing: solution_in_place) }';
  const LINK = 'mutation ($id: ID!, $thread: ID!) { linkConversation(case: $id, thread: $thread) }';
  const propose = async (from: string, into: string) =>
    String((await ask('hana', PROPOSE, { from, into })).data.proposeJoin);
  const approve = async (name: Name, join: string) => (await ask(name, APPROVE, { join })).codes;
  const ASSIGN = 'mutation ($id: ID!, $person: ID!) { assignConversation(thread: $id, person: $person) }';
  /** Of another unit, which whoever approves must see too. */
  const joinFrom = async (from: string, into: string) => {
    await ask('hana', ASSIGN, { id: from, person: office.id('sid') });
    const join = await propose(from, into);
    expect(await approve('sid', join)).toEqual([]);
    return join;
  };
  const warning = { value: { code: 'do-not-contact-family', about: [] } };
  const missing = { value: { status: 'missing', since: '2026-11-01' } };
  const show = async (name: Name, id: string) => {
    const { codes, data } = await ask(
      name,
      'query ($id: ID!) { case(id: $id) { items { kind } tasks { kind } conversations { thread } } }',
      { id },
    );
    return codes.length > 0 ? codes : data.case;
  };

  it('close only together, and never by being joined to what is closed', async () => {
    const [from, into, ended] = [await open(), await open(), await open()];
    await write('ana', from, 'missing', missing);
    expect((await ask('sam', CLOSE, { id: ended })).codes).toEqual([]);
    for (const [a, b] of [
      [from, ended],
      [ended, from],
    ] as const)
      expect((await ask('hana', PROPOSE, { from: a, into: b })).codes).toEqual(['CASE_CLOSED']);
    const late = await open();
    const lost = await propose(from, late);
    expect((await ask('sam', CLOSE, { id: late })).codes).toEqual([]);
    expect(await approve('sid', lost)).toEqual(['CASE_CLOSED']);
    await ask('hana', 'mutation ($join: ID!) { undoJoin(join: $join) }', { join: lost });
    expect(await approve('sid', await propose(from, into))).toEqual([]);
    expect((await ask('sam', CLOSE, { id: from })).codes).toEqual(['CASE_JOINED']);
    expect((await ask('sam', CLOSE, { id: into })).codes).toEqual(['STILL_AT_RISK']);
  });

  it('are read whole from either end: no warning, task or conversation is left behind', async () => {
    const [from, into] = [await open(), await open()];
    await write('ana', from, 'warning', warning);
    await write('ana', from, 'measure', {
      value: { measure: 'fine', ground: { text: 'INVENTED', language: 'en' }, authority: 'INVENTED court' },
    });
    const thread = await office.enquire();
    expect((await ask('ana', LINK, { id: from, thread })).codes).toEqual([]);
    expect(await approve('sid', await propose(from, into))).toEqual([]);
    const whole = {
      items: [{ kind: 'warning' }, { kind: 'measure' }],
      tasks: [{ kind: 'measure-against-child' }],
      conversations: [{ thread }],
    };
    expect([await show('ana', from), await show('ana', into)]).toEqual([whole, whole]);
    expect((await ask('ana', LINK, { id: from, thread })).codes).toEqual(['CASE_JOINED']);
    const UNLINK = 'mutation ($id: ID!, $thread: ID!) { unlinkConversation(case: $id, thread: $thread) }';
    expect((await ask('ana', UNLINK, { id: into, thread })).codes).toEqual([]);
    expect(await show('ana', into)).toMatchObject({ conversations: [] });
  });

  it('stay with who worked on either, until it is undone', async () => {
    const [from, into] = [await open('cas'), await open()];
    await write('cas', from, 'warning', warning);
    const join = await joinFrom(from, into);
    expect([await sees('cas', into), await sees('cor', into)]).toEqual(['yes', 'CASE_UNKNOWN']);
    expect(await show('cas', from)).toMatchObject({ items: [{ kind: 'warning' }] });
    expect((await write('cas', into, 'gender', feminine)).codes).toEqual([]);
    await ask('sid', 'mutation ($join: ID!) { undoJoin(join: $join) }', { join });
    expect([await sees('cas', into), await sees('cas', from)]).toEqual(['CASE_UNKNOWN', 'yes']);
    // Of another unit: its team too.
    const theirs = await open('eva');
    const second = await joinFrom(theirs, into);
    expect([await sees('eva', into), await sees('sue', into)]).toEqual(['yes', 'yes']);
    // Somebody assigned there on their own stays.
    await ask('sam', ASSIGN, { id: into, person: office.id('cor') });
    await ask('sid', 'mutation ($join: ID!) { undoJoin(join: $join) }', { join: second });
    expect([await sees('eva', into), await sees('cor', into)]).toEqual(['CASE_UNKNOWN', 'yes']);
  });

  it('are for named readers together: no task of either tells the others of the child', async () => {
    const [from, into] = [await open(), await open()];
    await write('ana', from, 'measure', {
      value: { measure: 'fine', ground: { text: 'INVENTED', language: 'en' }, authority: 'INVENTED court' },
    });
    const join = await propose(from, into);
    expect(await approve('sid', join)).toEqual([]);
    const tasksOf = async (name: Name) =>
      ((await ask(name, '{ tasks { thread } }')).data.tasks as { thread: string }[]).filter(({ thread }) =>
        [from, into].includes(thread),
      );
    expect(await tasksOf('bo')).toEqual([{ thread: from }]);
    await ask('sam', 'mutation ($id: ID!) { restrictCase(case: $id, eyesOnly: true) }', { id: into });
    expect([await tasksOf('bo'), await tasksOf('sam')]).toEqual([[], [{ thread: from }]]);
    expect([await show('ana', from), await show('ana', into)]).toEqual([['CASE_UNKNOWN'], ['CASE_UNKNOWN']]);
    expect(await show('sam', from)).toMatchObject({ tasks: [{ kind: 'measure-against-child' }] });
  });

  it('are nothing to who sees one of them, and say so instead of showing no warning', async () => {
    const [from, into] = [await open('eva'), await open()];
    await write('eva', from, 'warning', warning);
    await joinFrom(from, into);
    await ask('sam', 'mutation ($id: ID!) { restrictCase(case: $id, eyesOnly: true) }', { id: into });
    expect(await show('eva', from)).toEqual(['CASE_JOINED']);
  });

  it('have somebody look whose a warning is, where it was written before they were taken apart', async () => {
    const [from, into] = [await open(), await open()];
    const join = await propose(from, into);
    expect(await approve('sid', join)).toEqual([]);
    clock.ms += 1000;
    await write('ana', into, 'warning', warning);
    await ask('sid', 'mutation ($join: ID!) { undoJoin(join: $join) }', { join });
    expect(await show('ana', from)).toMatchObject({ items: [], tasks: [{ kind: 'safety-review' }] });
    expect(await show('ana', into)).toMatchObject({ tasks: [{ kind: 'safety-review' }] });
    const [one, other] = [await open(), await open()];
    const untouched = await propose(one, other);
    expect(await approve('sid', untouched)).toEqual([]);
    await ask('sid', 'mutation ($join: ID!) { undoJoin(join: $join) }', { join: untouched });
    expect(await show('ana', one)).toMatchObject({ tasks: [] });
  });
});

describe('joining files for named readers', () => {
  const RESTRICT = 'mutation ($id: ID!) { restrictCase(case: $id, eyesOnly: true) }';
  const APPROVE = 'mutation ($join: ID!) { approveJoin(join: $join) }';
  const propose = (from: string, into: string) =>
    ask('hana', 'mutation ($from: ID!, $into: ID!) { proposeJoin(from: $from, into: $into) }', {
      from,
      into,
    });

  it('opens none of them to the readers of the other', async () => {
    const [from, into] = [await open(), await open()];
    await ask('sam', RESTRICT, { id: from });
    for (const [a, b] of [
      [from, into],
      [into, from],
    ] as const)
      expect((await propose(a, b)).codes).toEqual(['READERS_DIFFER']);
    // Closed between the proposal and its approval.
    const late = await open();
    const join = String((await propose(late, into)).data.proposeJoin);
    await ask('sid', RESTRICT, { id: late });
    expect((await ask('sid', APPROVE, { join })).codes).toEqual(['READERS_DIFFER']);
    await ask('sid', RESTRICT, { id: into });
    expect((await ask('sid', APPROVE, { join })).codes).toEqual(['NOT_PERMITTED']);
  });

  it('leaves no file that is closed and read all the same', async () => {
    const [from, into] = [await open(), await open()];
    const join = String((await propose(from, into)).data.proposeJoin);
    expect((await ask('sam', APPROVE, { join })).codes).toEqual([]);
    expect((await ask('sam', RESTRICT, { id: from })).codes).toEqual(['CASE_JOINED']);
  });
});

describe('ending the work', () => {
  const CLOSE = 'mutation ($id: ID!) { closeCase(case: $id, closing: solution_in_place) }';

  it('is for a decider, and not while the child is missing or accounts stand against each other', async () => {
    const id = await open();
    const since = { status: 'missing', since: '2026-11-01' };
    const { entry } = await write('ana', id, 'missing', { value: since });
    expect((await ask('ana', CLOSE, { id })).codes).toEqual(['NOT_PERMITTED']);
    expect((await ask('sam', CLOSE, { id })).codes).toEqual(['STILL_AT_RISK']);
    const found = { status: 'located', since: '2026-11-01', until: '2026-11-03' };
    const change = { item: entry!.item, replaces: [entry!.id] };
    await write('ana', id, 'missing', { ...change, value: found });
    await write('bo', id, 'missing', { ...change, value: { ...found, until: '2026-11-04' } });
    expect((await ask('sam', CLOSE, { id })).codes).toEqual(['ITEMS_CONTESTED']);
    const [contested] = await items('ana', id);
    const replaces = contested!.heads.map((head) => head.id);
    await write('bo', id, 'missing', { item: entry!.item, replaces, value: found });
    // Nobody has signed that they take the child over.
    const GIVE_AWAY = 'mutation ($id: ID!) { closeCase(case: $id, closing: care_transferred) }';
    expect((await ask('sam', GIVE_AWAY, { id })).codes).toEqual(['TRANSFER_NOT_ACCEPTED']);
    expect((await ask('sam', CLOSE, { id })).codes).toEqual([]);
    expect((await write('ana', id, 'gender', feminine)).codes).toEqual(['CASE_CLOSED']);
    expect((await ask('sam', 'mutation ($id: ID!) { reopenCase(case: $id) }', { id })).codes).toEqual([]);
    expect((await write('ana', id, 'gender', feminine)).codes).toEqual([]);
  });
});

describe('conversations', () => {
  it('are shown with the file, and never to who does not see them', async () => {
    const id = await open();
    const [ours, theirs] = [await office.enquire(), await office.enquire('eva')];
    const LINK = 'mutation ($id: ID!, $thread: ID!) { linkConversation(case: $id, thread: $thread) }';
    expect((await ask('ana', LINK, { id, thread: ours })).codes).toEqual([]);
    expect((await ask('ana', LINK, { id, thread: theirs })).codes).toEqual(['NOT_FOUND']);
    expect((await ask('hana', LINK, { id, thread: theirs })).codes).toEqual([]);
    const SHOWN = 'query ($id: ID!) { case(id: $id) { conversations { thread } } }';
    const shown = async (name: Name) =>
      ((await ask(name, SHOWN, { id })).data.case as { conversations: object[] }).conversations;
    expect(await shown('ana')).toEqual([{ thread: ours }]);
    expect(await shown('hana')).toHaveLength(2);
  });
});

/** INVENTED. */
const relative = {
  names: [{ kind: 'current' as const, parts: [{ kind: 'given' as const, value: 'Zora' }], script: 'Latn' }],
  relation: 'aunt' as const,
  toChildren: ['c1'],
  life: 'alive' as const,
  contactPermission: 'never' as const,
  contactAlreadyMade: 'no' as const,
  safetyRisk: 'yes' as const,
};

describe('a file from an enquiry', () => {
  const OPEN = 'mutation ($thread: ID!, $child: String!) { openCaseOf(thread: $thread, child: $child) }';
  const openOf = (name: Name, thread: string, child = 'c1') => ask(name, OPEN, { thread, child });

  it('says what the enquiry says, and is linked to it', async () => {
    const thread = await office.enquire();
    const { data, codes } = await openOf('ana', thread);
    expect(codes).toEqual([]);
    const id = String(data.openCaseOf);
    const shown = await ask(
      'ana',
      `query ($id: ID!) { case(id: $id) { conversations { thread }
        items { kind heads { provenance { source confidence } value { ... on PersonName { parts { value } } } } } } }`,
      { id },
    );
    const file = shown.data.case as { conversations: object[]; items: { kind: string; heads: object[] }[] };
    expect(file.conversations).toEqual([{ thread }]);
    const [child] = enquiryBody().children;
    const names = file.items.filter(({ kind }) => kind === 'name').map(({ heads }) => heads[0]);
    expect(names).toEqual(
      child!.names.map(({ parts }) => ({
        provenance: { source: 'worker-observation', confidence: 'claimed' },
        value: { parts: parts.map(({ value }) => ({ value })) },
      })),
    );
    expect(new Set(file.items.map(({ kind }) => kind))).toEqual(
      new Set([
        'name',
        'birth',
        'gender',
        'situation',
        'trafficking',
        ...(child!.languages.length ? ['language'] : []),
        ...(enquiryBody().persons.length ? ['person'] : []),
      ]),
    );
    expect((await openOf('ana', thread, 'c9')).codes).toEqual(['CHILD_UNKNOWN']);
    expect((await openOf('eva', thread)).codes).toEqual(['NOT_FOUND']);
  });

  it('keeps where the child was born and what it said, to whom and when', async () => {
    const [child] = enquiryBody().children;
    const said = { topic: 'return' as const, view: { text: 'INVENTED: not yet', language: 'en' } };
    const views = { ...child!.views, heardOn: '2026-11-02', heardBy: 'INVENTED guardian', views: [said] };
    const thread = await office.enquire('ana', { children: [{ ...child!, countryOfBirth: 'XB', views }] });
    const id = String((await openOf('ana', thread)).data.openCaseOf);
    const { data } = await ask(
      'ana',
      `query ($id: ID!) { case(id: $id) { items(kinds: [birthplace, view]) { heads { value {
        ... on CaseBirthplace { countryOfBirth placeOfBirth } ... on CaseView { topic view { text } on to } } } } } }`,
      { id },
    );
    const shown = (data.case as { items: { heads: { value: object }[] }[] }).items;
    expect(shown.map(({ heads }) => heads[0]!.value)).toEqual([
      { countryOfBirth: 'XB', placeOfBirth: null },
      { topic: 'return', view: { text: 'INVENTED: not yet' }, on: '2026-11-02', to: 'INVENTED guardian' },
    ]);
  });

  it('keeps whom its warnings are about', async () => {
    const persons = [{ ...relative, ref: 'p1' }];
    const warnings = [{ code: 'do-not-contact-family' as const, about: ['p1'], eyesOnly: [] }];
    const thread = await office.enquire('ana', { persons, warnings });
    const id = String((await openOf('ana', thread)).data.openCaseOf);
    const { data } = await ask(
      'ana',
      'query ($id: ID!) { case(id: $id) { items(kinds: [person, warning]) { item kind heads { value { ... on CaseWarning { about } } } } } }',
      { id },
    );
    const [warning, person] = (data.case as { items: { item: string; heads: { value: object }[] }[] }).items;
    expect(warning!.heads[0]!.value).toEqual({ about: [person!.item] });
  });

  it('is for named readers where the enquiry is', async () => {
    const handling = { ...enquiryBody().handling, readers: 'eyes-only' as const, named: ['INVENTED head'] };
    const thread = await office.enquire('ana', { handling });
    const id = String((await openOf('ana', thread)).data.openCaseOf);
    expect([await sees('ana', id), await sees('hana', id)]).toEqual(['yes', 'yes']);
    // Whoever decides in the unit and reads the file opens with it what nobody opens in the conversation.
    const ADMIT = 'mutation ($id: ID!, $person: ID!) { admitReader(thread: $id, person: $person) }';
    const RESTRICT = 'mutation ($id: ID!) { restrictCase(case: $id, eyesOnly: false) }';
    await ask('hana', ADMIT, { id, person: office.id('sam') });
    expect((await ask('sam', RESTRICT, { id })).codes).toEqual(['OPENED_BY_HEAD']);
    await expect(
      xa.ctx.doors.withActor(office.as('sam'), (trx) =>
        trx.updateTable('case_file').set({ eyes_only: false }).where('id', '=', id).execute(),
      ),
    ).rejects.toMatchObject({ code: '42501' });
    expect([await sees('bo', id), await sees('sid', id), await rowsSeen('bo', id)]).toEqual([
      'CASE_UNKNOWN',
      'CASE_UNKNOWN',
      [0, 0],
    ]);
  });
});

describe('what is for named persons in an enquiry', () => {
  const OPEN = 'mutation ($thread: ID!) { openCaseOf(thread: $thread, child: "c1") }';

  it('stays in the conversation: the file has the warning, and not what it says to them', async () => {
    const detail = { text: 'INVENTED Zorvath of the town', language: 'en' };
    const warning = { code: 'trafficker-may-have-insider' as const, about: [], detail, eyesOnly: ['Ana'] };
    const thread = await office.enquire('ana', { warnings: [warning] });
    const id = String((await ask('ana', OPEN, { thread })).data.openCaseOf);
    const { data } = await ask(
      'bo',
      'query ($id: ID!) { case(id: $id) { items(kinds: [warning]) { heads { rendered { value } value { ... on CaseWarning { code } } } } } }',
      { id },
    );
    expect(JSON.stringify(data)).toContain('trafficker-may-have-insider');
    expect(JSON.stringify(data)).not.toContain('Zorvath');
  });

  it('closes the file too where the conversation was closed later', async () => {
    const thread = await office.enquire();
    await xa.db.updateTable('conversation').set({ eyes_only: true }).where('thread', '=', thread).execute();
    const id = String((await ask('hana', OPEN, { thread })).data.openCaseOf);
    expect([await sees('hana', id), await sees('ana', id), await rowsSeen('sam', id)]).toEqual([
      'yes',
      'CASE_UNKNOWN',
      [0, 0],
    ]);
  });
});

describe('at rest', () => {
  it('nothing of the child is in the tables', async () => {
    const id = await open();
    await write('ana', id, 'note', {
      value: { note: { text: 'Zorvath Quillimane INVENTED', language: 'en' } },
    });
    const rows = await xa.db.selectFrom('case_entry').selectAll().where('file_id', '=', id).execute();
    expect(rows).toHaveLength(1);
    const stored = JSON.stringify(
      rows.map((row) => ({ ...row, sealed: Buffer.from(row.sealed).toString('latin1') })),
    );
    for (const word of ['Zorvath', 'INVENTED', 'note', 'document']) expect(stored).not.toContain(word);
    // Written over by the same words of another row: it does not open.
    await write('ana', id, 'note', {
      value: { note: { text: 'Zorvath Quillimane INVENTED', language: 'en' } },
    });
    const [, second] = await xa.db
      .selectFrom('case_entry')
      .selectAll()
      .where('file_id', '=', id)
      .orderBy('n')
      .execute();
    await xa.db
      .updateTable('case_entry')
      .set({ sealed: rows[0]!.sealed })
      .where('id', '=', second!.id)
      .execute();
    const answer = await ask('ana', 'query ($id: ID!) { case(id: $id) { items { item } } }', { id });
    expect(answer.codes).toEqual(['MOVED_OR_ALTERED']);
  });
});
