/** What the 18th birthday brings about, at the second: warnings by the earliest, protection until the latest. INVENTED children. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { majorityOf, monthsBefore } from '#node/cases/age.ts';
import type { CaseEntry, CaseItem } from '#node/cases/history.ts';
import { approveJoin, proposeJoin, undoJoin } from '#node/cases/join-cases.ts';
import { openCase } from '#node/cases/open-case.ts';
import { watchAges } from '#node/cases/watch-ages.ts';
import { writeEntry } from '#node/cases/write-entry.ts';
import { appointmentOf, linkGuardian } from '../../fixtures/appointment.ts';
import { type Clock, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { call, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let office: Office;
let here: OfficerServer;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
  office = await enterOffice(xa);
  here = await serveOfficers(xa);
});
afterAll(async () => {
  await here.close();
  await xa.close();
});

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`);
const birth = (earliest: string, latest = earliest, more: object = {}) => ({
  ...{ earliest, latest, precision: earliest === latest ? 'day' : 'range', basis: 'child-statement' },
  ...{ disputed: false, presumedMinor: true, findings: [], ...more },
});
const finding = (earliest: string, latest: string) => ({
  ...{ earliest, latest, precision: 'range', basis: 'age-assessment' },
});
const stated = (...values: object[]): CaseItem[] => [
  { item: 'birth', kind: 'birth', heads: values.map((value) => ({ value }) as unknown as CaseEntry) },
];
const days = (items: CaseItem[]) => {
  const majority = majorityOf(items);
  return majority && [majority.firstMs, majority.lastMs].map((ms) => new Date(ms).toJSON());
};

describe('the 18th birthday', () => {
  it('is plausible from the earliest to the latest account, of disputed ones by the widest', () => {
    expect(days([])).toBeNull();
    expect(days(stated(birth('2010-03-01')))).toEqual([
      '2028-03-01T00:00:00.000Z',
      '2028-03-01T00:00:00.000Z',
    ]);
    expect(days(stated(birth('2010-01-01', '2011-12-31')))).toEqual([
      '2028-01-01T00:00:00.000Z',
      '2029-12-31T00:00:00.000Z',
    ]);
    const findings = [finding('2008-05-05', '2009-01-01'), finding('2012-01-01', '2013-02-02')];
    expect(days(stated(birth('2010-01-01', '2011-12-31', { findings })))).toEqual([
      '2028-01-01T00:00:00.000Z',
      '2029-12-31T00:00:00.000Z',
    ]);
    expect(days(stated(birth('2010-01-01', '2011-12-31', { findings, disputed: true })))).toEqual([
      '2026-05-05T00:00:00.000Z',
      '2031-02-02T00:00:00.000Z',
    ]);
    // Two accounts that nobody has resolved.
    expect(days(stated(birth('2010-03-01'), birth('2012-04-02')))).toEqual([
      '2028-03-01T00:00:00.000Z',
      '2030-04-02T00:00:00.000Z',
    ]);
  });

  it('of somebody born on 29 February is by the earliest the day before March, by the latest the first of it', () => {
    expect(days(stated(birth('2008-02-29')))).toEqual([
      '2026-02-28T00:00:00.000Z',
      '2026-03-01T00:00:00.000Z',
    ]);
    expect(days(stated(birth('2008-02-28')))).toEqual([
      '2026-02-28T00:00:00.000Z',
      '2026-02-28T00:00:00.000Z',
    ]);
  });

  it('is warned of on the same day of an earlier month, or the last of that month', () => {
    const told = (text: string, months: number) =>
      new Date(monthsBefore(day(text), months)).toJSON().slice(0, 10);
    expect(['2028-08-31', '2028-12-31', '2029-02-28'].map((text) => told(text, 6))).toEqual([
      '2028-02-29',
      '2028-06-30',
      '2028-08-28',
    ]);
    expect(told('2027-08-31', 6)).toBe('2027-02-28');
    expect(told('2028-02-29', 12)).toBe('2027-02-28');
    expect(told('2028-03-15', 4)).toBe('2027-11-15');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000 }), fc.constantFrom(12, 6, 4), (count, months) => {
        const at = count * 86_400_000;
        const then = monthsBefore(at, months);
        const passed = (at - then) / 86_400_000;
        expect(passed).toBeGreaterThanOrEqual(months * 30 - 2);
        expect(passed).toBeLessThanOrEqual(months * 31 + 1);
        expect(Math.abs(then % 86_400_000)).toBe(0);
      }),
    );
  });
});

const PROVENANCE = { source: 'document', confidence: 'verified' };
const write = async (
  file: string,
  kind: 'birth' | 'consent',
  value: object | null,
  replaces: string[] = [],
  by: Name = 'ana',
) => {
  const statement = { case: file, kind, replaces, value, provenance: PROVENANCE };
  return (await writeEntry(xa.ctx, office.as(by), { ...statement, reason: 'INVENTED: another paper' })).entry
    .id;
};
const tasks = async (file: string) =>
  (
    await xa.db
      .selectFrom('task')
      .select(['kind', 'detail', 'closed_at'])
      .where('thread', '=', file)
      .orderBy('opened_at')
      .execute()
  ).map(({ kind, detail, closed_at }) => `${kind} ${detail ?? ''} ${closed_at === null ? 'open' : 'closed'}`);
/** What is told at this time, and that it is told once. */
const at = async (file: string, text: string | number) => {
  clock.ms = typeof text === 'number' ? text : day(text);
  await Promise.all([watchAges(xa.ctx), watchAges(xa.ctx)]);
  await watchAges(xa.ctx);
  return tasks(file);
};
const link = (file: string, change = {}) =>
  linkGuardian(
    xa,
    [office.as('ana'), office.as('sam')],
    appointmentOf({ person: office.id('gil'), case: file, ...change }),
  );
/** By the database alone, in the guardian's own role. */
const mine = (id: string) =>
  xa.ctx.doors.withActor(office.as('gil'), async (trx) => {
    const links = await trx.selectFrom('guardian_link').select('id').where('id', '=', id).execute();
    const { rows } = await sql<{
      link: string;
    }>`select link from app_my_represented() where link = ${id}`.execute(trx);
    const keys = await trx
      .selectFrom('data_key')
      .select('subject')
      .where('subject', '=', `link:${id}`)
      .execute();
    return [links.length, rows.length, keys.length];
  });
const FILE = `query($id: ID!) { case(id: $id) { majority { first last } items(kinds: [consent]) { heads { lapsedAt } } } }`;
const read = async (file: string) =>
  (await call(here, office.as('ana'), FILE, { id: file })).data.case as {
    majority: { first: number; last: number } | null;
    items: { heads: { lapsedAt: number | null }[] }[];
  };

describe('a file', () => {
  it('warns its team at 12, 6 and 4 months before the earliest day, each once', async () => {
    clock.ms = START_MS;
    const file = await openCase(xa.ctx, office.as('ana'));
    expect(await at(file, clock.ms)).toEqual([]);
    await write(file, 'birth', birth('2010-08-31', '2011-08-31'));
    expect(await at(file, day('2027-08-31') - 1)).toEqual([]);
    expect(await at(file, '2027-08-31')).toEqual(['reaching-18 12 open']);
    expect(await at(file, day('2028-02-29') - 1)).toEqual(['reaching-18 12 open']);
    expect(await at(file, '2028-02-29')).toEqual(['reaching-18 12 open', 'reaching-18 6 open']);
    expect((await at(file, '2028-04-30')).at(-1)).toBe('reaching-18 4 open');
    // By the earliest account an adult, by the latest a child for another year.
    expect(await at(file, day('2029-08-31') - 1)).toHaveLength(3);
    expect((await at(file, '2029-08-31')).at(-1)).toBe('adult-consents  open');
  });

  it('opened late is warned of once, and a closed one not', async () => {
    clock.ms = day('2028-06-01');
    const [file, closed] = [
      await openCase(xa.ctx, office.as('ana')),
      await openCase(xa.ctx, office.as('ana')),
    ];
    for (const one of [file, closed]) await write(one, 'birth', birth('2010-09-01', '2012-01-01'));
    await xa.db
      .updateTable('case_file')
      .set({ closed_at: 1, closed_by: 'sam', closing: 'deceased' })
      .where('id', '=', closed)
      .execute();
    expect(await at(file, clock.ms)).toEqual(['reaching-18 4 open']);
    expect(await tasks(closed)).toEqual([]);
  });

  it('whose birth is stated otherwise follows: what was told of the old day is settled, the new one is told', async () => {
    clock.ms = day('2028-06-01');
    const file = await openCase(xa.ctx, office.as('ana'));
    const first = await write(file, 'birth', birth('2010-09-01'));
    expect(await at(file, clock.ms)).toEqual(['reaching-18 4 open']);
    clock.ms += 1000;
    const second = await write(file, 'birth', birth('2012-09-01'), [first]);
    expect(await at(file, clock.ms)).toEqual(['reaching-18 4 closed']);
    expect(await at(file, '2029-09-01')).toEqual(['reaching-18 4 closed', 'reaching-18 12 open']);
    await write(file, 'birth', null, [second]);
    expect(await tasks(file)).toEqual(['reaching-18 4 closed', 'reaching-18 12 closed']);
    expect(await at(file, '2040-01-01')).toHaveLength(2);
    expect((await read(file)).majority).toBeNull();
  });

  it('from before days were kept is counted all the same', async () => {
    clock.ms = day('2028-06-01');
    const file = await openCase(xa.ctx, office.as('ana'));
    await write(file, 'birth', birth('2010-09-01'));
    await xa.db.deleteFrom('case_age').where('case_id', '=', file).execute();
    expect(await at(file, clock.ms)).toEqual(['reaching-18 4 open']);
  });
});

describe('on the latest plausible day', () => {
  it('the guardian’s access ends that second, with no worker; their keys too', async () => {
    clock.ms = day('2029-01-01');
    const file = await openCase(xa.ctx, office.as('ana'));
    await write(file, 'birth', birth('2012-02-29'));
    const id = await link(file);
    clock.ms = day('2030-02-28');
    expect(await mine(id)).toEqual([1, 1, 1]);
    clock.ms = day('2030-03-01') - 1;
    expect(await mine(id)).toEqual([1, 1, 1]);
    clock.ms += 1;
    expect(await mine(id)).toEqual([0, 0, 0]);
    const LINKS = 'query($of: ID!) { guardianLinks(thread: $of) { inForce overAt } }';
    const { data } = await call(here, office.as('ana'), LINKS, { of: file });
    expect(data.guardianLinks).toEqual([{ inForce: false, overAt: '2030-03-01T00:00:00.000Z' }]);
  });

  it('an appointment that ends before ends before; one beyond ends with the child’s majority', async () => {
    clock.ms = day('2029-01-01');
    const file = await openCase(xa.ctx, office.as('ana'));
    await write(file, 'birth', birth('2012-06-01'));
    const [short, long] = [
      await link(file, { endsOn: '2029-12-31' }),
      await link(file, { endsOn: '2035-12-31' }),
    ];
    clock.ms = day('2030-01-01');
    expect([(await mine(short))[0], (await mine(long))[0]]).toEqual([0, 1]);
    clock.ms = day('2030-06-01');
    expect((await mine(long))[0]).toBe(0);
  });

  it('a later account keeps the guardian, an earlier one that took its place lets them go at once', async () => {
    clock.ms = day('2029-01-01');
    const file = await openCase(xa.ctx, office.as('ana'));
    const first = await write(file, 'birth', birth('2012-06-01'));
    const id = await link(file);
    clock.ms = day('2030-07-01');
    expect((await mine(id))[0]).toBe(0);
    // Somebody states another day and has not had the first before them: both count, and the latest protects.
    const other = await write(file, 'birth', birth('2013-06-01'));
    expect((await mine(id))[0]).toBe(1);
    await write(file, 'birth', birth('2011-06-01'), [first, other]);
    expect((await mine(id))[0]).toBe(0);
  });

  it('follows files that are joined, and taken apart', async () => {
    clock.ms = day('2029-01-01');
    const [file, other] = [
      await openCase(xa.ctx, office.as('ana')),
      await openCase(xa.ctx, office.as('ana')),
    ];
    await write(file, 'birth', birth('2012-06-01'));
    await write(other, 'birth', birth('2014-06-01'));
    const id = await link(file);
    const joined = await proposeJoin(xa.ctx, office.as('ana'), { from: file, into: other });
    await approveJoin(xa.ctx, office.as('sam'), joined);
    clock.ms = day('2031-06-01');
    expect((await mine(id))[0]).toBe(1);
    await undoJoin(xa.ctx, office.as('sam'), joined);
    expect((await mine(id))[0]).toBe(0);
  });

  it('of conversations that are in files, ends with the youngest of their children', async () => {
    clock.ms = day('2029-01-01');
    const [older, younger, thread] = [
      await openCase(xa.ctx, office.as('ana')),
      await openCase(xa.ctx, office.as('ana')),
      await office.enquire(),
    ];
    await write(older, 'birth', birth('2012-06-01'));
    await write(younger, 'birth', birth('2014-06-01'));
    const rows = [older, younger].map((case_id) => ({ case_id, thread, linked_by: 'ana', linked_at: 0 }));
    await xa.db.insertInto('case_conversation').values(rows).execute();
    const people = [office.as('ana'), office.as('sam')] as const;
    const id = await linkGuardian(xa, people, appointmentOf({ person: office.id('gil'), threads: [thread] }));
    clock.ms = day('2030-06-01');
    expect((await mine(id))[0]).toBe(1);
    clock.ms = day('2032-06-01');
    expect((await mine(id))[0]).toBe(0);
  });

  it('consents lapse; what the young adult says afterwards does not', async () => {
    clock.ms = day('2029-01-01');
    const file = await openCase(xa.ctx, office.as('ana'));
    await write(file, 'birth', birth('2012-05-01', '2012-06-01'));
    const consent = { purpose: 'photograph', state: 'given', circumstances: [] };
    await write(file, 'consent', consent);
    const lapsed = async () =>
      (await read(file)).items.flatMap(({ heads }) => heads.map((head) => head.lapsedAt));
    clock.ms = day('2030-06-01') - 1;
    expect(await lapsed()).toEqual([null]);
    clock.ms += 1;
    expect(await lapsed()).toEqual(['2030-06-01T00:00:00.000Z']);
    await write(file, 'consent', consent);
    expect(await lapsed()).toEqual(['2030-06-01T00:00:00.000Z', null]);
  });
});
