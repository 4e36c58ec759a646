/** A child complains of who represents it, by a card: who hears it, who does not even learn that it exists. INVENTED people. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveGuardianLink, proposeGuardianLink, settleConflict } from '#node/access/guardian-link.ts';
import { nameDeputy } from '#node/access/name-deputy.ts';
import { makeTryLimits, tryLimits } from '#node/access/sign-in/limit-tries.ts';
import { linkConversation } from '#node/cases/link-conversation.ts';
import { openCase } from '#node/cases/open-case.ts';
import { restrictCase } from '#node/cases/restrict-case.ts';
import { pageTexts } from '#node/complaints/page-texts.ts';
import type { PrintedCard } from '#node/complaints/print-card.ts';
import { complaintRoutes } from '#node/complaints/routes.ts';
import { makeCode, makeToken } from '#node/complaints/secrets.ts';
import { makeLog } from '#platform/http/log.ts';
import { type Served, serve } from '#platform/http/serve.ts';
import { complaintReason } from '#schema/vocabulary/representation.ts';
import { appointmentOf, linkGuardian, noConflicts } from '../fixtures/appointment.ts';
import { type Clock, type LoopNode, START_MS, startLoopNode } from '../fixtures/loopback.ts';
import { days, enterOffice, type Name, type Office } from '../fixtures/office.ts';
import { type PeopleServer, servePeople } from '../fixtures/people-client.ts';
import { giveAddresses, takeTold } from '../fixtures/told.ts';

const DAY_MS = 86_400_000;
const clock: Clock = { ms: START_MS };

interface Place {
  readonly xa: LoopNode;
  readonly office: Office;
  readonly people: PeopleServer;
  readonly pages: Served;
}
async function place(): Promise<Place> {
  const xa = await startLoopNode('xa', clock);
  const office = await enterOffice(xa);
  const [people, log] = [await servePeople(xa), makeLog('test', 'silent')];
  const routes = complaintRoutes({
    db: xa.ctx.doors.local,
    surroundings: xa.ctx.surroundings,
    tries: makeTryLimits(xa.ctx.surroundings.nowMs),
    phones: () => ['+44 1632 960999'],
  });
  return { xa, office, people, pages: await serve({ host: '127.0.0.1', port: 0, routes, log }) };
}
const leave = async ({ xa, people, pages }: Place) => {
  await Promise.all([people.close(), pages.close()]);
  await xa.close();
};
let here: Place;
beforeAll(async () => {
  here = await place();
  await giveAddresses(here.xa);
});
afterAll(() => leave(here));

const CARD = `mutation($about: ID!, $language: String!) {
  printComplaintCard(about: $about, language: $language) { path link code page } }`;
const print = async ({ people, office }: Place, about: string, by: Name = 'ana', language = 'en') => {
  const { data, errors } = await people.ask(office.as(by), CARD, { about, language });
  return (data?.printComplaintCard ?? errors[0]!.extensions.code) as PrintedCard;
};
async function post(
  { pages }: Place,
  { path }: { path: string },
  form: readonly (readonly [string, string])[],
  language = 'en',
) {
  const response = await fetch(`${pages.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': language },
    body: new URLSearchParams(form.map((pair) => [...pair])),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}
const WORDS = 'KANARIENVOGEL he asks me for money';
/** Says something by a card. @returns the code for coming back */
async function tell(at: Place, card: PrintedCard, more: readonly (readonly [string, string])[] = []) {
  const said = await post(at, card, [
    ['code', card.code],
    ['send', '1'],
    ['reason', 'asks-for-something'],
    ['words', WORDS],
    ...more,
  ]);
  expect(said.status).toBe(200);
  // Who says that it is in danger reads at once whom to ring.
  expect(said.text).toContain('<bdi dir="ltr">+44 1632 960999</bdi>');
  return /<bdi dir="ltr">(\d{4} \d{4})<\/bdi>/.exec(said.text)![1]!;
}
const HEAR = `{ complaints { id about by danger reasons(language: "fr") words answer answeredBy links } }`;
interface Heard {
  readonly id: string;
  readonly about: string;
  readonly words: string;
  readonly links: string[];
}
const hear = async ({ people, office }: Place, by: Name, about: string) => {
  const { data, errors } = await people.ask(office.as(by), HEAR);
  const all = data?.complaints as Heard[] | undefined;
  return all ? all.filter((one) => one.about === about) : errors[0]!.extensions.code;
};
/** By raw SQL of the person's own role. */
const rows = ({ xa, office }: Place, by: Name, about: string) =>
  xa.ctx.doors.withActor(office.as(by), async (trx) => {
    const seen = await trx.selectFrom('complaint').select('id').where('about', '=', about).execute();
    const tasks = await trx.selectFrom('task').select('id').where('kind', '=', 'child-complaint').execute();
    return [seen.length, Math.min(tasks.length, 1)];
  });
/** A file whose guardian ana entered and sam approved. */
async function represented(at: Place): Promise<{ file: string; link: string }> {
  const { xa, office } = at;
  const file = await openCase(xa.ctx, office.as('ana'));
  const people = [office.as('ana'), office.as('sam')] as const;
  return {
    file,
    link: await linkGuardian(xa, people, appointmentOf({ person: office.id('gil'), case: file })),
  };
}

describe('a card', () => {
  it('says what it is for in the child’s language, and names nobody', async () => {
    const { file } = await represented(here);
    for (const language of ['en', 'fr', 'ru', 'ar'] as const) {
      const { page, code, link } = await print(here, file, 'ana', language);
      expect(page).toContain(pageTexts[language].card);
      expect(page).toContain(`<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">`);
      expect(page).toContain(`${code.slice(0, 4)} ${code.slice(4)}`);
      expect(page.replaceAll('<wbr>', '')).toContain(link);
      expect(page).not.toMatch(/gil|ana|sam|<script/i);
    }
    expect(await print(here, file, 'cas')).toBe('NOT_FOUND');
    expect(await print(here, file, 'eva')).toBe('NOT_FOUND');
    const asGuardian = await here.people.ask(
      here.office.as('gil'),
      CARD,
      { about: file, language: 'en' },
      'guardian',
    );
    expect(asGuardian.errors[0]!.extensions.code).toBe('BAD_REQUEST');
  });

  it('opens a form for a telephone without scripts or cookies, in four languages, and takes one message', async () => {
    const { file } = await represented(here);
    const card = await print(here, file);
    const closed = await fetch(`${here.pages.url}${card.path}`);
    expect(closed.headers.get('set-cookie')).toBeNull();
    expect(closed.headers.get('cache-control')).toBe('no-store');
    expect(await closed.text()).toContain('viewport');
    // On a borrowed telephone the child chooses its language, before and after the code.
    const borrowed = { path: `${card.path}?language=ar` };
    const chosen = await fetch(`${here.pages.url}${borrowed.path}`, { headers: { 'accept-language': 'fr' } });
    expect(await chosen.text()).toMatch(/<html lang="ar" dir="rtl">[\s\S]*\?language=ru" lang="ru">русский</);
    const opened = await post(here, borrowed, [['code', card.code]], 'fr');
    expect(opened.text).toContain(pageTexts.ar.danger);
    expect(opened.text).toContain('+44 1632 960999');
    for (const language of ['en', 'fr', 'ru', 'ar'] as const) {
      const { status, text, headers } = await post(
        here,
        card,
        [['code', `${card.code.slice(0, 4)} ${card.code.slice(4)}`]],
        language,
      );
      expect([status, headers.get('set-cookie')]).toEqual([200, null]);
      expect(text).toContain(pageTexts[language].words);
      for (const code of complaintReason.codes)
        expect(text).toContain(complaintReason.labels(code)[language].text);
      expect(text).not.toMatch(/<script|https?:/);
    }
    const empty = await post(here, card, [
      ['code', card.code],
      ['send', '1'],
      ['words', '  '],
    ]);
    expect(empty.text).toContain(pageTexts.en.nothing);
    const forged = await post(here, card, [
      ['code', card.code],
      ['send', '1'],
      ['reason', 'not-a-code'],
    ]);
    expect(forged.text).toContain(pageTexts.en.nothing);
    await tell(here, card);
    // Used up: its code opens nothing any more.
    expect((await post(here, card, [['code', card.code]])).status).toBe(403);
    expect(
      (
        await post(here, card, [
          ['code', card.code],
          ['send', '1'],
          ['words', 'more'],
        ])
      ).status,
    ).toBe(404);
    expect((await hear(here, 'hana', file)).length).toBe(1);
  });

  it('with wrong codes closes for a day, not for good; one that is unknown or old looks like none', async () => {
    const { file } = await represented(here);
    const card = await print(here, file);
    const wrong = card.code === '00000000' ? '00000001' : '00000000';
    for (let n = 0; n < 5; n++) expect((await post(here, card, [['code', wrong]])).status).toBe(403);
    expect((await post(here, card, [['code', card.code]])).status).toBe(403);
    clock.ms += DAY_MS;
    expect((await post(here, card, [['code', card.code]])).status).toBe(200);
    clock.ms += 365 * DAY_MS;
    const old = await post(here, card, [['code', card.code]]);
    const unknown = await post(here, { path: `/tell/${makeToken(() => new Uint8Array([7]))}` }, [
      ['code', card.code],
    ]);
    expect([old.status, old.text]).toEqual([unknown.status, unknown.text]);
    clock.ms -= 366 * DAY_MS;
  });

  it('has letters that are not mistaken for each other and as likely one as the other', () => {
    let n = 0;
    const next = (count: number) => Uint8Array.from({ length: count }, () => n++ % 256);
    const seen = new Map<string, number>();
    for (let k = 0; k < 310; k++)
      for (const letter of makeToken(next)) seen.set(letter, (seen.get(letter) ?? 0) + 1);
    expect([...seen.keys()].sort().join('')).toBe('23456789abcdefghjkmnpqrstuvwxyz');
    const counts = [...seen.values()];
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(8);
    expect(makeCode(() => new Uint8Array(6))).toBe('00000000');
  });
});

describe('what a child says', () => {
  it('is heard by the head and by supervisors who had no part in the link, and by nobody else', async () => {
    const { file, link } = await represented(here);
    await takeTold(here.xa);
    await tell(here, await print(here, file), [
      ['danger', 'yes'],
      ['by', 'helper'],
    ]);
    // Sid and the head are told; sam, who approved, is not.
    expect(await takeTold(here.xa)).toEqual(['hana urgent', 'sid urgent']);
    for (const by of ['hana', 'sid'] as const) {
      expect(await hear(here, by, file)).toMatchObject([
        {
          ...{ by: 'helper', danger: true, words: WORDS, answer: null, links: [link] },
          reasons: [complaintReason.labels('asks-for-something').fr.text],
        },
      ]);
      expect(await rows(here, by, file)).toEqual([1, 1]);
    }
    expect(await hear(here, 'sam', file)).toEqual([]);
    expect(await rows(here, 'sam', file)).toEqual([0, 0]);
    for (const by of ['sue', 'ana', 'bo', 'lea', 'cas'] as const)
      expect(await rows(here, by, file)).toEqual([0, 0]);
    for (const by of ['ana', 'bo', 'lea', 'cas'] as const)
      expect(await hear(here, by, file)).toBe('NOT_PERMITTED');
    expect(await hear(here, 'sue', file)).toEqual([]);
  });

  it('is not heard by who vouched for the link, or has no part in a file for named readers', async () => {
    const { xa, office } = here;
    const file = await openCase(xa.ctx, office.as('ana'));
    const conflicts = { ...noConflicts, paidPerChild: 'yes' as const };
    const appointment = appointmentOf({ person: office.id('gil'), case: file, conflicts });
    const proposed = await proposeGuardianLink(xa.ctx, office.as('ana'), appointment);
    const { id } = await xa.db
      .selectFrom('guardian_link_conflict')
      .select('id')
      .where('link', '=', proposed)
      .executeTakeFirstOrThrow();
    await settleConflict(xa.ctx, office.as('sid'), id, 'INVENTED: paid by the month');
    await tell(here, await print(here, file));
    const seen = async (by: Name) => (await rows(here, by, file))[0];
    // Nobody has approved it yet: sam has had no part.
    expect([await seen('sid'), await seen('sam'), await seen('hana')]).toEqual([0, 1, 1]);
    const closed = (await represented(here)).file;
    await restrictCase(xa.ctx, office.as('hana'), { case: closed, eyesOnly: true });
    await tell(here, await print(here, closed, 'hana'));
    expect([(await rows(here, 'sid', closed))[0], (await rows(here, 'hana', closed))[0]]).toEqual([0, 1]);
  });

  it('is not heard by a head who approved the link, nor by whoever it is about: the deputy outside the office hears it, and auditors are told', async () => {
    const { xa, office } = here;
    const file = await openCase(xa.ctx, office.as('ana'));
    const conflicts = { ...noConflicts, paidPerChild: 'yes' as const };
    const appointment = appointmentOf({ person: office.id('gil'), case: file, conflicts });
    const link = await proposeGuardianLink(xa.ctx, office.as('sam'), appointment);
    const found = xa.db.selectFrom('guardian_link_conflict').select('id').where('link', '=', link);
    const { id } = await found.executeTakeFirstOrThrow();
    await settleConflict(xa.ctx, office.as('sid'), id, 'INVENTED: paid by the month');
    const row = xa.db.selectFrom('guardian_link').select('digest').where('id', '=', link);
    await approveGuardianLink(xa.ctx, office.as('hana'), link, (await row.executeTakeFirstOrThrow()).digest);
    await takeTold(xa);
    await tell(here, await print(here, file));
    expect(await takeTold(xa)).toEqual(['aud urgent']);
    for (const by of ['hana', 'sam', 'sid', 'sue'] as const) {
      expect(await hear(here, by, file)).toEqual([]);
      expect((await rows(here, by, file))[0]).toBe(0);
    }
    await nameDeputy(xa.ctx, office.as('hana'), {
      ...{ person: office.id('sue'), unit: 'national' },
      until: days(clock.ms, 30),
    });
    expect(await hear(here, 'sue', file)).toMatchObject([{ words: WORDS }]);
    const second = await print(here, file);
    await tell(here, second);
    expect(await takeTold(xa)).toEqual(['aud urgent', 'sue urgent']);
    // A guardian of before who decides in the office now hears nothing of themselves.
    const former = { ...office.as('sid'), id: office.id('gil') };
    const seen = await xa.ctx.doors.withActor(former, (trx) =>
      trx.selectFrom('complaint').select('id').where('about', '=', file).execute(),
    );
    expect(seen).toEqual([]);
    // Of one in which somebody of the office had no part, no deputy hears.
    const other = (await represented(here)).file;
    await tell(here, await print(here, other));
    expect([await hear(here, 'sue', other), ((await hear(here, 'sid', other)) as Heard[]).length]).toEqual([
      [],
      1,
    ]);
  });

  it('of a conversation whose file the link covers counts its people in', async () => {
    const { xa, office } = here;
    const { file } = await represented(here);
    const thread = await office.enquire();
    await linkConversation(xa.ctx, office.as('ana'), { case: file, thread });
    await tell(here, await print(here, thread));
    expect([(await rows(here, 'sam', thread))[0], (await rows(here, 'sid', thread))[0]]).toEqual([0, 1]);
  });

  it('is answered, and the answer is read with the other code; what is asked of the deciders is done', async () => {
    const { file, link } = await represented(here);
    const card = await print(here, file);
    const receipt = await tell(here, card);
    expect((await post(here, card, [['code', receipt]], 'ru')).text).toContain(pageTexts.ru.waiting);
    const [{ id }] = (await hear(here, 'sid', file)) as [Heard];
    const ANSWER = 'mutation($of: ID!, $text: String!) { answerComplaint(complaint: $of, answer: $text) }';
    const answer = async (by: Name, text: string) =>
      (await here.people.ask(here.office.as(by), ANSWER, { of: id, text })).errors.map(
        (one) => one.extensions.code,
      );
    expect(await answer('sam', 'INVENTED: we believe you')).toEqual(['NOT_FOUND']);
    expect(await answer('sid', 'ok')).toEqual(['REASON_MISSING']);
    expect(await answer('sid', 'INVENTED: somebody else will speak for you <b>')).toEqual([]);
    expect(await answer('hana', 'INVENTED: another answer')).toEqual(['ALREADY_DECIDED']);
    const read = await post(here, card, [['code', receipt.replace(' ', '')]]);
    expect(read.text).toContain('INVENTED: somebody else will speak for you &lt;b&gt;');
    // The link is held back by whoever heard it.
    const FREEZE = 'mutation($of: ID!) { freezeRepresentation(link: $of, frozen: true) }';
    expect((await here.people.ask(here.office.as('sid'), FREEZE, { of: link })).errors).toEqual([]);
    const open = await here.xa.db
      .selectFrom('task')
      .select('id')
      .where('about', '=', id)
      .where('closed_at', 'is', null)
      .execute();
    expect(open).toEqual([]);
  });

  it('is nowhere in the open, and in no type of entry of the public log', async () => {
    const tables = ['complaint', 'complaint_card', 'task', 'audit_entry'];
    for (const table of tables) {
      const { rows: found } = await sql<{
        row: string;
      }>`select ${sql.table(table)}::text as row from ${sql.table(table)}`.execute(here.xa.db);
      const text = found.map(({ row }) => row).join();
      expect(text).not.toContain('KANARIENVOGEL');
      expect(text).not.toContain(Buffer.from('KANARIENVOGEL').toString('hex'));
    }
    const { rows: types } = await sql<{ type: string }>`select distinct type from audit_entry`.execute(
      here.xa.db,
    );
    expect(types.map(({ type }) => type).filter((type) => /complain/.test(type))).toEqual([]);
  });
});

describe('a flood of cards that are none', () => {
  it('ends', async () => {
    const none = (_: unknown, i: number) =>
      fetch(`${here.pages.url}/tell/${String(i).padStart(43, 'a')}`, {
        method: 'POST',
        body: new URLSearchParams({ code: '123456' }),
      });
    const all = await Promise.all(Array.from({ length: tryLimits.burst + 40 }, none));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([404, 429]));
  });
});

describe('two worlds, in one of which a child complained', () => {
  it('answer the guardian the same bytes, and the guardian’s role reads nothing of it', async () => {
    const quiet = await place();
    const heard = await place();
    const ids: string[][] = [];
    for (const at of [quiet, heard]) {
      clock.ms = START_MS;
      const { file, link } = await represented(at);
      const thread = await at.office.enquire();
      await linkConversation(at.xa.ctx, at.office.as('ana'), { case: file, thread });
      ids.push([file, link, thread]);
    }
    const told = await print(heard, ids[1]![0]!);
    await tell(heard, told);
    const everything =
      '{ me { id role } representations { id authority scope since until conversations { with milestone label timeline { date } } } }';
    const ask = async (at: Place, of: string[]) => {
      const { text } = await at.people.ask(at.office.as('gil'), everything);
      return of.reduce((bare, id) => bare.replaceAll(id, 'ID'), text);
    };
    const [before, after] = [await ask(quiet, ids[0]!), await ask(heard, ids[1]!)];
    expect(after).toContain('"representations":[{');
    expect(after).toBe(before);
    for (const table of ['complaint', 'complaint_card', 'task'] as const)
      await expect(
        heard.xa.ctx.doors.withActor(heard.office.as('gil'), (trx) =>
          sql`select 1 from ${sql.table(table)}`.execute(trx),
        ),
      ).rejects.toThrow(/permission denied/);
    for (const of of ['app_involved_in', 'app_place_of'])
      await expect(
        heard.xa.ctx.doors.withActor(heard.office.as('gil'), (trx) =>
          sql`select ${sql.id(of)}('x')`.execute(trx),
        ),
      ).rejects.toThrow(/permission denied/);
    const keys = await heard.xa.ctx.doors.withActor(heard.office.as('gil'), (trx) =>
      trx.selectFrom('data_key').select('subject').execute(),
    );
    expect(keys.map(({ subject }) => subject.replace(/^shown:.*/, 'shown')).sort()).toEqual([
      `link:${ids[1]![1]!}`,
      'shown',
    ]);
    await Promise.all([leave(quiet), leave(heard)]);
  });
});
