/** Questions given to a local service by a link: what it shows, to whom, how often, and what comes back. */

import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTryLimits, tryLimits } from '#node/access/sign-in/limit-tries.ts';
import { pageTexts as cardTexts } from '#node/complaints/page-texts.ts';
import { complaintRoutes } from '#node/complaints/routes.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import {
  type Given,
  type GivenQuestions,
  giveQuestions,
  withdrawQuestions,
} from '#node/local-services/give-questions.ts';
import { pageTexts } from '#node/local-services/page-texts.ts';
import { localRoutes } from '#node/local-services/routes.ts';
import { sealedLocalRequest } from '#node/local-services/tables.ts';
import { openRow } from '#node/vault/sealed-columns.ts';
import { makeLog } from '#platform/http/log.ts';
import { type Served, serve } from '#platform/http/serve.ts';
import { readerOf } from '#tests/fixtures/loopback.ts';
import { calm, enquiryBody } from '../fixtures/act-bodies.ts';
import {
  auditTypes,
  type Clock,
  carry,
  enterPerson,
  type LoopNode,
  lastAudit,
  START_MS,
  startLoopNode,
} from '../fixtures/loopback.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let served: Served;
let thread: string;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  const log = makeLog('test', 'silent');
  const { surroundings } = xb.ctx;
  const tries = makeTryLimits(surroundings.nowMs);
  const local = { db: xb.ctx.doors.local, surroundings, tries, phones: () => [] };
  const routes = [...localRoutes(local), ...complaintRoutes(local)];
  served = await serve({ host: '127.0.0.1', port: 0, routes, log });
  thread = await ask();
});
afterAll(async () => {
  await served.close();
  await Promise.all([xa.close(), xb.close()]);
});

async function ask(change: Parameters<typeof enquiryBody>[0] = {}): Promise<string> {
  const proposed = await proposeAct(xa.ctx, xa.person('ana'), {
    type: 'ENQ',
    peer: 'xb',
    body: enquiryBody(change),
    safety: calm,
  });
  const { digest } = await xa.db
    .selectFrom('proposal')
    .select('digest')
    .where('id', '=', proposed.id)
    .executeTakeFirstOrThrow();
  await approveRelease(xa.ctx, xa.person('sam', 'supervisor'), proposed.id, digest);
  await carry(xa, xb);
  return proposed.thread;
}
const bo = () => xb.person('bo');
const give = (change: Partial<GivenQuestions> = {}) =>
  giveQuestions(xb.ctx, bo(), {
    thread,
    questions: ['q1'],
    service: 'Town youth office (invented)',
    language: 'en',
    days: 3,
    ...change,
  });

async function post({ path }: Pick<Given, 'path'>, form: Record<string, string>) {
  const response = await fetch(`${served.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

describe('a link', () => {
  it('shows limits, child and questions to who has link and number, never the State that asks, and takes one answer', async () => {
    const given = await give();
    const closed = await (await fetch(`${served.url}${given.path}`)).text();
    expect(closed).not.toMatch(/Yusuf|يوسف|xa/);
    const shown = await post(given, { pin: given.pin });
    expect(shown.status).toBe(200);
    expect(shown.text).toMatch(
      /Before you do anything[\s\S]*Yusuf al-Hasan[\s\S]*born 2010-2012[\s\S]*<fieldset>/,
    );
    expect(shown.text).not.toMatch(/\bxa\b|Office of xa|INVENTED: looked/i);
    expect(shown.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(shown.headers.get('cache-control')).toBe('no-store');
    const answer = {
      pin: given.pin,
      answer: '1',
      'q:q1': '<b>no & "quote"</b> اسم',
      'answered-by': 'Worker (invented)',
    };
    expect((await post(given, { ...answer, 'q:q1': '' })).text).toContain('Nothing has been sent yet');
    expect((await post(given, answer)).status).toBe(200);
    expect((await post(given, answer)).status).toBe(404);
    expect((await post(given, { pin: given.pin })).status).toBe(404);
    const sealed = await xb.db
      .selectFrom('local_request')
      .selectAll()
      .where('id', '=', given.id)
      .executeTakeFirstOrThrow();
    const row = (await openRow(readerOf(xb), sealedLocalRequest, sealed))!;
    expect(JSON.parse(row.answers!)).toEqual({
      answeredBy: 'Worker (invented)',
      answers: [{ ref: 'q1', text: '<b>no & "quote"</b> اسم' }],
    });
    const task = await xb.db
      .selectFrom('task')
      .selectAll()
      .where('kind', '=', 'local-answer')
      .where('detail', '=', `answered ${given.id}`)
      .execute();
    expect(task).toMatchObject([{ thread, assigned_to: 'bo.xb' }]);
    // Each time it was shown, not only the first: with the form that was not sent yet, twice.
    const shownTimes = (await auditTypes(xb)).filter((type) => type === 'local.opened');
    expect(shownTimes).toHaveLength(2);
    expect(JSON.stringify(await lastAudit(xb, 'local.answered'))).not.toMatch(/Worker|quote/);
  });

  it('gives the service a card for the child to print, in the child’s language, where the officer wants that', async () => {
    const plain = await give();
    expect((await post(plain, { pin: plain.pin })).text).not.toContain(pageTexts.en.printCard);
    expect((await post(plain, { pin: plain.pin, card: '1' })).text).not.toContain(cardTexts.en.card);
    const given = await give({ cardLanguage: 'ar' });
    expect((await post(given, { pin: given.pin })).text).toContain(pageTexts.en.printCard);
    expect((await post(given, { pin: '', card: '1' })).status).toBe(403);
    const card = await post(given, { pin: given.pin, card: '1' });
    expect(card.text).toContain(cardTexts.ar.card);
    const code = /(\d{4}) (\d{4})/.exec(card.text)!;
    const path = /\/tell\/[a-z2-9]{16}/.exec(card.text.replaceAll('<wbr>', ''))![0];
    // Not in the letter that is posted.
    expect(given.page.replaceAll('<wbr>', '')).not.toContain(path);
    expect((await post({ path }, { code: `${code[1]}${code[2]}` })).text).toContain('<textarea');
  });

  it('ends after five wrong numbers, is over in time, can be taken back, and each looks like one that never was', async () => {
    const never = await post({ path: `/local/${'A'.repeat(43)}` }, { pin: '000000' });
    const same = async (given: Given) => {
      const { status, text } = await post(given, { pin: given.pin });
      expect({ status, text }).toEqual({ status: never.status, text: never.text });
    };
    const guessed = await give();
    const wrong = guessed.pin === '111111' ? '222222' : '111111';
    for (let i = 0; i < 4; i++) expect((await post(guessed, { pin: wrong })).status).toBe(403);
    expect((await post(guessed, { pin: wrong })).status).toBe(404);
    await same(guessed);
    const old = await give({ days: 1 });
    const withdrawn = await give();
    await withdrawQuestions(xb.ctx, bo(), withdrawn.id);
    await same(withdrawn);
    clock.ms += 86_400_001;
    await same(old);
  });

  it('lets to the one row it names, whatever is asked of the database', async () => {
    const given = await give();
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from local_request`.execute(
      xb.ctx.doors.local,
    );
    expect(rows).toEqual([{ n: 0 }]);
    for (const table of ['conversation', 'act', 'person', 'proposal'] as const)
      await expect(sql`select 1 from ${sql.table(table)}`.execute(xb.ctx.doors.local)).rejects.toThrow(
        /permission denied/,
      );
    await withdrawQuestions(xb.ctx, bo(), given.id);
  });
});

describe('a flood of links that are none', () => {
  it('ends, and does not close a good link that comes from the same address', async () => {
    const given = await give();
    expect((await post(given, { pin: given.pin })).status).toBe(200);
    const none = (_: unknown, i: number) =>
      post({ path: `/local/${String(i).padStart(43, 'A')}` }, { pin: given.pin });
    const all = await Promise.all(Array.from({ length: tryLimits.burst + 40 }, none));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([404, 429]));
    expect(all.filter(({ status }) => status === 404).length).toBeLessThan(tryLimits.burst + 40);
    expect((await post(given, { pin: given.pin })).status).toBe(200);
    await withdrawQuestions(xb.ctx, bo(), given.id);
  });
});

describe('the letter', () => {
  it('has the limits on top, then the child and the questions, then the way back, and never the number or who asks', async () => {
    const shown = await ask({
      warnings: [{ code: 'do-not-contact-family', about: ['c1'], eyesOnly: [] }],
    });
    const given = await giveQuestions({ ...xb.ctx, publicUrl: 'https://xb.example' }, bo(), {
      thread: shown,
      questions: ['q1'],
      service: '<Town> youth office',
      language: 'en',
      days: 2,
    });
    expect(given.link).toBe(`https://xb.example${given.path}`);
    const { page } = given;
    expect(page).toMatch(
      /^<!doctype html>[\s\S]*&lt;Town&gt; youth office[\s\S]*Before you do anything[\s\S]*Do not contact the family[\s\S]*Yusuf al-Hasan[\s\S]*born 2010-2012[\s\S]*The questions[\s\S]*What you may tell them[\s\S]*How to answer/,
    );
    const back = page.slice(page.indexOf('How to answer'));
    // It may end a line anywhere: on a telephone or on paper nothing of it is cut off.
    expect(back).toContain('<wbr>');
    expect(back.replaceAll('<wbr>', '')).toContain(`<bdi dir="ltr">${given.link}</bdi>`);
    expect(back).toContain('+44 1632 960002');
    expect(page).not.toContain(given.pin);
    expect(page).not.toMatch(/\bxa\b|Office of xa|INVENTED: a measure/i);
    expect(page).not.toContain(pageTexts.en.askWho);
    // What was printed works: the link with the number told apart.
    expect((await post(given, { pin: given.pin })).status).toBe(200);
    await withdrawQuestions(xb.ctx, bo(), given.id);
  });

  it('where a warning means somebody, names nobody and says who does', async () => {
    const named = {
      code: 'do-not-contact-named-person' as const,
      about: ['c1'],
      named: 'KANARIENVOGEL',
      eyesOnly: [],
    };
    const thread = await ask({ warnings: [named] });
    const given = await giveQuestions(xb.ctx, bo(), {
      ...{ thread, questions: ['q1'], service: 'Town youth office', language: 'en', days: 2 },
    });
    const at = ['Do not contact a named person', pageTexts.en.askWho, 'The questions'];
    const places = at.map((text) => given.page.indexOf(text));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(given.page).not.toContain('KANARIENVOGEL');
    await withdrawQuestions(xb.ctx, bo(), given.id);
  });

  it('is written from right to left in Arabic, with the address from left to right', async () => {
    const given = await give({ language: 'ar' });
    expect(given.page).toContain('<html lang="ar" dir="rtl">');
    expect(given.page.replaceAll('<wbr>', '')).toContain(`<bdi dir="ltr">${given.path}</bdi>`);
    expect(given.page).toContain(pageTexts.ar.wayBack);
    await withdrawQuestions(xb.ctx, bo(), given.id);
  });
});

describe('giving questions', () => {
  it('takes three at most', async () => {
    const [one] = enquiryBody().questions;
    const questions = ['q1', 'q2', 'q3', 'q4'].map((ref) => ({ ...one!, ref }));
    const many = await ask({ questions });
    const three = await give({ thread: many, questions: ['q1', 'q2', 'q3'] });
    expect(three.letter.questions.map(({ ref }) => ref)).toEqual(['q1', 'q2', 'q3']);
    await expect(give({ thread: many, questions: ['q1', 'q2', 'q3', 'q4'] })).rejects.toMatchObject({
      code: 'QUESTIONS_UNSUITABLE',
      message: expect.stringContaining('one to three'),
    });
  });

  it('is for open questions of another State, a few, for days, by people of the focal point who see the enquiry', async () => {
    await expect(give({ questions: ['q9'] })).rejects.toMatchObject({ code: 'QUESTIONS_UNSUITABLE' });
    await expect(give({ days: 15 })).rejects.toMatchObject({ code: 'TIME_INVALID' });
    const stranger = { ...bo(), unit: 'elsewhere' };
    await expect(
      giveQuestions(xb.ctx, stranger, { thread, questions: ['q1'], service: 's', language: 'en', days: 1 }),
    ).rejects.toMatchObject({ code: 'CONVERSATION_UNKNOWN' });
    await expect(
      giveQuestions(xa.ctx, xa.person('ana'), {
        thread,
        questions: ['q1'],
        service: 's',
        language: 'en',
        days: 1,
      }),
    ).rejects.toMatchObject({ code: 'NOT_ASKED_OF_US' });
  });

  it('is never for what only named persons may read', async () => {
    for (const person of [xa.person('ana'), xa.person('sam', 'supervisor')]) await enterPerson(xa, person);
    const closed = await ask({
      handling: { readers: 'eyes-only', named: ['Hal (invented)'], onward: 'no', mayBeShownTo: [] },
    });
    const head = xb.person('hal', 'head');
    await expect(
      giveQuestions(xb.ctx, head, {
        thread: closed,
        questions: ['q1'],
        service: 's',
        language: 'en',
        days: 1,
      }),
    ).rejects.toMatchObject({ code: 'NAMED_READERS_ONLY' });
  });
});
