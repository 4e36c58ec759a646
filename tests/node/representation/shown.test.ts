/** What a guardian is shown of a child's matter in two States, and what never reaches them. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AttachmentError } from '#node/attachments/clean.ts';
import { storeAttachment, storeUncleaned } from '#node/attachments/store-attachment.ts';
import { showGuardian } from '#node/representation/show-guardian.ts';
import { sealedShown, sealedWord } from '#node/representation/shown-tables.ts';
import { openRows } from '#node/vault/sealed-columns.ts';
import { act } from '../../fixtures/act.ts';
import { enquiryBody, reportBody } from '../../fixtures/act-bodies.ts';
import {
  askFollowed,
  forGuardian,
  type GuardianWorld,
  givenAnswer,
  questionsOf,
  startGuardianWorld,
} from '../../fixtures/guardian-world.ts';
import { type Clock, carry, enterPerson, lastAudit, readerOf, START_MS } from '../../fixtures/loopback.ts';

const DAY_MS = 86_400_000;
const words = (text: string) => ({ text, language: 'en' });

let clock: Clock;
let world: GuardianWorld;
beforeEach(async () => {
  clock = { ms: START_MS };
  world = await startGuardianWorld(clock);
});
afterEach(() => world.close());

async function look(selection: string): Promise<Record<string, unknown>> {
  const query = `{ representations { conversations { ${selection} } } }`;
  const { data, errors } = await world.server.ask(world.gus, query);
  expect(errors).toEqual([]);
  const [representation] = data!.representations as { conversations: Record<string, unknown>[] }[];
  return representation!.conversations[0]!;
}

/** Two children would tell of each other; one child, four questions. */
const asked = {
  purpose: 'identity-nationality' as const,
  handling: forGuardian,
  questions: questionsOf('IDN-03', 'SAF-06', 'IDN-04', 'IDN-05'),
};
const CANARY = 'INVENTED-CANARY';

function report() {
  const report = reportBody();
  report.header.office = `${CANARY} office`;
  report.children[0]!.answers = [
    givenAnswer('q1', {
      dates: [
        {
          ...{ earliest: '2011-03-01', latest: '2011-03-31', precision: 'month', basis: 'registry' },
          from: `${CANARY} school`,
        },
      ],
      text: words(`${CANARY} said by the aunt`),
    }),
    givenAnswer('q2', { list: [words(`${CANARY} the mayor`)] }),
    givenAnswer('q3', {
      codes: ['nationality-confirmed', 'nationality-register'],
      text: words(`${CANARY} clerk`),
    }),
    { ...givenAnswer('q4'), status: 'not-asked-unsafe' },
  ];
  return report;
}

describe('a guardian is shown', () => {
  it('what was asked and answered by codes that speak of the child alone, each question with a number of its own', async () => {
    const { thread } = await askFollowed(world, asked);
    clock.ms += 3 * DAY_MS;
    const body = report();
    const read = body.children[0]!.answers.filter(({ question }) => question !== 'q2');
    body.children[0]!.answers = read;
    await act(world.peer, { type: 'INT', thread, body: interim(read) });
    await carry(world.peer, world.xa);
    const shown =
      await look(`questions { n question(language: "ru") { code } answer { outcome { code } month interim
      codes(language: "fr") { code text } each { item { code } } dates { earliest latest } } }`);
    expect(shown.questions).toEqual([
      {
        n: 1,
        question: { code: 'IDN-03' },
        answer: {
          ...{ outcome: { code: 'given' }, month: '2027-01', interim: true, codes: [], each: [] },
          dates: [{ earliest: '2011-03-01', latest: '2011-03-31' }],
        },
      },
      {
        n: 2,
        question: { code: 'IDN-04' },
        answer: {
          ...{ outcome: { code: 'given' }, month: '2027-01', interim: true, each: [], dates: [] },
          codes: [
            { code: 'nationality-confirmed', text: expect.any(String) },
            { code: 'nationality-register', text: expect.any(String) },
          ],
        },
      },
      // Not asked since it was unsafe: the ground would tell of the danger.
      {
        n: 3,
        question: { code: 'IDN-05' },
        answer: {
          outcome: { code: 'not-given' },
          month: '2027-01',
          interim: true,
          codes: [],
          each: [],
          dates: [],
        },
      },
    ]);
  });

  it('what the other State was asked for and on which law, and neither where no question is shown', async () => {
    await askFollowed(world, asked);
    const GROUNDS = 'purpose(language: "fr") { code text } legalBasis { code text }';
    const { purpose, legalBasis } = enquiryBody(asked);
    expect(await look(GROUNDS)).toMatchObject({
      purpose: { code: purpose, text: expect.any(String) },
      legalBasis: legalBasis.map((code) => ({ code, text: expect.any(String) })),
    });
  });

  it('no answer where the enquiry does not say that a guardian may be shown it, and no question that is for named readers', async () => {
    const { thread } = await askFollowed(world, { ...asked, handling: { ...forGuardian, mayBeShownTo: [] } });
    const answers = report().children[0]!.answers.filter(({ question }) => question !== 'q2');
    await act(world.peer, { type: 'INT', thread, body: interim(answers) });
    await carry(world.peer, world.xa);
    const { questions } = await look('questions { question { code } answer { month } }');
    expect(questions).toEqual([
      { question: { code: 'IDN-03' }, answer: null },
      { question: { code: 'IDN-04' }, answer: null },
      { question: { code: 'IDN-05' }, answer: null },
    ]);
  });

  it('who has it, what comes next and the day by which the law asks for the answer; decisions by their day with their reason', async () => {
    const { thread } = await askFollowed(world, asked);
    const where = 'holder { code } next { code } answerDue';
    expect(await look(where)).toEqual({
      holder: { code: 'focal-point-of-another-state' },
      next: { code: 'answer-expected' },
      answerDue: '2027-04-15',
    });
    clock.ms += 20 * DAY_MS;
    const put = { form: 'deferral', code: 'court-decision-awaited', until: '2027-03-01' } as const;
    const [sue, lea] = [world.peer.person('sue', 'supervisor'), world.peer.person('lea', 'legal-adviser')];
    await enterPerson(world.peer, lea);
    await act(world.peer, { type: 'REF', thread, body: put }, { by: sue, approver: lea });
    clock.ms += DAY_MS;
    await carry(world.peer, world.xa);
    const { decisions } = await look(
      'decisions { decision { code } on reasons(language: "ar") { code text reviewed } until telling { tell { code } } }',
    );
    expect(decisions).toEqual([
      {
        decision: { code: 'put-off' },
        on: '2027-02-04',
        reasons: [{ code: 'court-decision-awaited', text: 'قرار المحكمة منتظر', reviewed: false }],
        until: '2027-03-01',
        telling: { tell: { code: 'with-care' } },
      },
    ]);
  });

  it('what an officer shows, each with what may be told to the child; the child’s words with who recorded them', async () => {
    const { thread } = await askFollowed(world, asked);
    const show = (item: Record<string, unknown>) =>
      showGuardian(world.xa.ctx, world.ana, thread, { tell: 'may-be-told', ...item });
    await show({ kind: 'hearing', proceeding: 'guardianship', on: '2027-02-20' });
    const how = words('INVENTED: together with the social worker');
    await show({ kind: 'note', text: words('INVENTED: we meet on Monday'), tell: 'not-yet', how });
    const decision = {
      kind: 'decision',
      title: 'INVENTED decision on care',
      on: '2027-01-14',
      text: words('INVENTED reasons'),
    };
    const id = await show({ ...decision, appealUntil: '2027-01-28' });
    await show({ kind: 'expected', text: words('INVENTED: say whether you agree'), on: '2027-02-01' });
    await show({ kind: 'state' });
    const contact = { role: 'lawyer', name: 'L. Invented', reach: '+441632960009', languages: ['en'] };
    await show({ kind: 'contact', contact });
    await show({
      kind: 'view',
      topic: 'return',
      on: '2027-01-13',
      text: { text: 'أريد أن أبقى', language: 'ar' },
      interpreter: 'yes',
    });
    for (const wrong of [
      { kind: 'note' },
      { kind: 'state', text: words('x') },
      { kind: 'view', topic: 'return', on: '2027-01-13', interpreter: 'no' },
    ])
      await expect(show(wrong)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    const change = 'mutation ($id: ID!) { changeTelling(shown: $id, tell: with_care) }';
    expect((await world.server.ask(world.ana, change, { id })).errors).toEqual([]);
    expect(
      await look(`state hearings { proceeding { code } on } notes { words { text } on telling { tell { code } how { text } } }
        decisions { title on appealUntil words { text } telling { tell { code } } } expected { words { text } by }
        contacts { role { code } name reach languages }
        views { topic { code } on words { text language } interpreter recordedBy { code } }`),
    ).toEqual({
      state: 'xb',
      hearings: [{ proceeding: { code: 'guardianship' }, on: '2027-02-20' }],
      notes: [
        {
          words: { text: 'INVENTED: we meet on Monday' },
          on: '2027-01-15',
          telling: { tell: { code: 'not-yet' }, how: { text: how.text } },
        },
      ],
      decisions: [
        {
          ...{ title: 'INVENTED decision on care', on: '2027-01-14', appealUntil: '2027-01-28' },
          words: { text: 'INVENTED reasons' },
          telling: { tell: { code: 'with-care' } },
        },
      ],
      expected: [{ words: { text: 'INVENTED: say whether you agree' }, by: '2027-02-01' }],
      contacts: [
        { role: { code: 'lawyer' }, name: 'L. Invented', reach: '+441632960009', languages: ['en'] },
      ],
      views: [
        {
          ...{ topic: { code: 'return' }, on: '2027-01-13', interpreter: 'yes' },
          words: { text: 'أريد أن أبقى', language: 'ar' },
          recordedBy: { code: 'focal-point-here' },
        },
      ],
    });
    expect(await lastAudit(world.xa, 'guardian.noted')).toMatchObject({
      what: 'shown',
      kind: 'telling',
      thread,
      actor: world.ana.id,
    });
  });

  it('beyond codes only by who decides, with a fresh proof, while a warning stands that it could undo', async () => {
    const warnings = [{ code: 'do-not-reveal-location' as const, about: ['c1'], eyesOnly: [] }];
    const { thread } = await askFollowed(world, { ...asked, warnings });
    const note = { kind: 'note', text: words('INVENTED note'), tell: 'not-yet' };
    await expect(showGuardian(world.xa.ctx, world.ana, thread, note)).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
    });
    const stale = { ...world.sam, signedInMs: clock.ms - 3_600_000 };
    await expect(showGuardian(world.xa.ctx, stale, thread, note)).rejects.toMatchObject({
      code: 'STEP_UP_NEEDED',
    });
    await showGuardian(world.xa.ctx, world.sam, thread, note);
    await showGuardian(world.xa.ctx, world.ana, thread, {
      ...{ kind: 'hearing', proceeding: 'family', on: '2027-02-20', tell: 'may-be-told' },
    });
    expect(await look('notes { words { text } } hearings { on }')).toEqual({
      notes: [{ words: { text: 'INVENTED note' } }],
      hearings: [{ on: '2027-02-20' }],
    });
  });

  it('a document, cleaned once more, as a file to save; somebody else’s is not there', async () => {
    const { thread } = await askFollowed(world, asked);
    const file = (attachment: string) => ({
      ...{ kind: 'document', title: 'INVENTED decision', attachment, file: 'document', tell: 'with-care' },
    });
    const stored = await storeAttachment(world.xa.ctx, world.ana, {
      bytes: Buffer.from('INVENTED decision\n'),
      declaredMedia: 'text/plain',
    });
    const id = await showGuardian(world.xa.ctx, world.ana, thread, file(stored.id));
    const { documents } = await look('documents { id title kind { code } media bytes sha256 }');
    expect(documents).toEqual([
      {
        ...{ id, title: 'INVENTED decision', kind: { code: 'document' }, media: 'text/plain', bytes: 18 },
        sha256: createHash('sha256').update('INVENTED decision\n').digest('hex'),
      },
    ]);
    const response = await world.server.send(world.gus, `/guardian/documents/${id}`);
    expect([
      response.status,
      response.headers.get('content-disposition'),
      response.headers.get('cache-control'),
      await response.text(),
    ]).toEqual([200, 'attachment; filename="attachment-1.txt"', 'no-store', 'INVENTED decision\n']);
    expect(await lastAudit(world.xa, 'guardian.noted')).toEqual({
      what: 'document-read',
      id,
      thread,
      actor: world.gus.id,
    });
    // What a supervisor let leave as it is goes to no guardian as it is.
    const uncleaned = await storeUncleaned(world.xa.ctx, world.sam, {
      pieces: (async function* () {
        yield new Uint8Array([0, 1, 2, 3]);
      })(),
      declaredMedia: 'application/x-invented',
      reason: 'INVENTED: cannot be opened here',
    });
    await expect(showGuardian(world.xa.ctx, world.sam, thread, file(uncleaned.id))).rejects.toBeInstanceOf(
      AttachmentError,
    );
    const mal = world.xa.person('mal', 'guardian');
    await enterPerson(world.xa, mal);
    for (const [who, path] of [
      [mal, `/guardian/documents/${id}`],
      [world.gus, '/guardian/documents/shown-000'],
      [world.gus, `/guardian/documents/${stored.id}`],
    ] as const)
      expect((await world.server.send(who, path)).status).toBe(404);
    expect((await world.server.send(world.ana, `/guardian/documents/${id}`)).status).toBe(403);
  });
});

describe('what happened, for the child', () => {
  it('is told at two reading ages in four languages, from codes alone, and as a page', async () => {
    const { thread } = await askFollowed(world, asked);
    await showGuardian(world.xa.ctx, world.ana, thread, {
      ...{ kind: 'hearing', proceeding: 'family', on: '2027-02-20', tell: 'may-be-told' },
    });
    const told = await look(`id en: forChild(age: ABOUT_8) { title { text } sentences { text reviewed } }
      ar: forChild(age: ABOUT_13, language: "ar") { sentences { text reviewed } }`);
    expect(told.en).toEqual({
      title: { text: 'What is happening' },
      sentences: [
        { text: 'We asked people in another country about you. They help children too.', reviewed: true },
        { text: expect.stringContaining('You can say what you think.'), reviewed: true },
        { text: 'You can always say what you want. You can change your mind.', reviewed: true },
      ],
    });
    const { sentences } = told.ar as { sentences: { text: string; reviewed: boolean }[] };
    expect(sentences.map(({ reviewed }) => reviewed)).toEqual([false, false, false]);
    const path = `/guardian/for-child/${told.id as string}?age=8&language=ar`;
    const response = await world.server.send(world.gus, path);
    const page = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(page).toContain('<html lang="ar" dir="rtl">');
    expect(page).toContain('width=device-width');
    expect(page).not.toMatch(/xb|shown-|2027/);
    // A session that is over, on a telephone: the way in and back, in the language of the page.
    const over = await fetch(`${world.server.url}${path}`, { headers: { accept: 'text/html' } });
    const back = `0;url=/sign-in?return=${encodeURIComponent(path)}`;
    expect([over.status, over.headers.get('refresh')]).toEqual([401, back]);
    expect(await over.text()).toContain('<html lang="ar"');
    // After the hearing it is not told as something to come.
    clock.ms += 60 * DAY_MS;
    const later = await look('forChild(age: ABOUT_8) { sentences { code } }');
    expect((later.forChild as { sentences: unknown[] }).sentences).toHaveLength(2);
    expect(await lastAudit(world.xa, 'reading.answered')).toMatchObject({ threads: [thread] });
  });
});

describe('what is kept for guardians', () => {
  it('holds none of what is withheld, although it could be opened', async () => {
    const { thread } = await askFollowed(world, asked);
    const answers = report().children[0]!.answers.filter(({ question }) => question !== 'q2');
    await act(world.peer, { type: 'INT', thread, body: interim(answers) });
    await carry(world.peer, world.xa);
    const rows = await world.xa.db.selectFrom('shown').selectAll().execute();
    const opened = await openRows(readerOf(world.xa), sealedShown, rows);
    expect(opened.map(({ kind }) => kind).sort()).toEqual(['answered', 'asked', 'due']);
    expect(JSON.stringify(opened)).not.toMatch(/CANARY|SAF-06|aunt|Yusuf/);
  });

  it('says what the guardian said in their own words, sealed, and never changed by them', async () => {
    await askFollowed(world, asked);
    const { id } = await look('id');
    const VIEW = `mutation ($id: ID!, $view: ChildViewInput!) { submitChildView(conversation: $id, view: $view) }`;
    const view = {
      topic: 'return',
      words: { text: 'Искам да остана', language: 'bg' },
      on: '2027-01-14',
      interpreter: 'yes',
    };
    expect(
      (await world.server.ask(world.gus, VIEW, { id, view: { ...view, topic: 'the-future' } })).errors,
    ).toEqual([]);
    expect(
      (await world.server.ask(world.gus, VIEW, { id, view: { ...view, topic: 'return' } })).errors,
    ).toEqual([]);
    const { said } = await look('said { kind words { text language } answer { on } }');
    expect(said).toEqual([
      { kind: 'view', words: view.words, answer: null },
      { kind: 'view', words: view.words, answer: null },
    ]);
    const rows = await world.xa.db.selectFrom('guardian_word').selectAll().execute();
    expect(rows.some(({ content }) => content.includes('Искам'))).toBe(false);
    expect(JSON.parse((await openRows(readerOf(world.xa), sealedWord, rows))[0]!.content)).toMatchObject({
      words: view.words,
    });
    const change = world.xa.ctx.doors.withActor(world.gus, (trx) =>
      trx.updateTable('guardian_word').set({ at: 0 }).execute(),
    );
    await expect(change).rejects.toThrow(/permission denied/);
  });
});

const interim = (answers: ReturnType<typeof report>['children'][number]['answers']) => ({
  children: [{ child: 'c1', answers }],
  careOfSuspect: 'unknown' as const,
  attachments: [],
});
