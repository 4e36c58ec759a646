/** Readings are recorded with what they showed, looked at by others, and refused where they cannot be recorded. */

import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessLimits } from '#node/access/limits.ts';
import { watchPeopleOnce } from '#node/access/watch-people.ts';
import { mondayOf } from '#node/access/watch-readings.ts';
import { insertAct, readActRows } from '#node/enquiries/store.ts';
import { runOperation } from '#node/operation.ts';
import { readerOf } from '#tests/fixtures/loopback.ts';
import { type Clock, type LoopNode, lastAudit, START_MS, startLoopNode } from '../../fixtures/loopback.ts';
import { call, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';

const clock: Clock = { ms: START_MS };
const HOUR_MS = 3_600_000;
let xa: LoopNode;
let here: OfficerServer;
let office: Office;
let threads: string[];
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
  office = await enterOffice(xa);
  here = await serveOfficers(xa);
  threads = [];
  for (let i = 0; i < 3; i++) threads.push(await office.enquire());
  await copyConversations(accessLimits.conversationsPerHour + 1);
});
afterAll(async () => {
  await here.close();
  await xa.close();
});

/** So many more of the national unit, each with the words of the first. */
async function copyConversations(count: number): Promise<void> {
  const row = await xa.db.selectFrom('conversation').selectAll().limit(1).executeTakeFirstOrThrow();
  const act = (await readActRows(readerOf(xa), [row.thread]))[0]!;
  for (let i = 0; i < count; i++) {
    const thread = `01900000-0000-7000-8000-${String(i).padStart(12, '0')}`;
    await xa.db
      .insertInto('conversation')
      .values({ ...row, thread, state: 'SENT' })
      .execute();
    await runOperation(xa.db, xa.ctx.surroundings, (op) =>
      insertAct(op, { ...act, thread, message_id: thread }),
    );
    threads.push(thread);
  }
}

const ask = (name: Name, text: string, variables = {}) => call(here, office.as(name), text, variables);
const READ = 'query($thread: ID!) { conversation(thread: $thread) { state acts { rendered { value } } } }';
const read = (name: Name, thread: string | undefined) => ask(name, READ, { thread });

describe('the record of a reading', () => {
  it('names the conversations that were opened or whose words were shown, and none of which a list showed the state', async () => {
    await read('ana', threads[0]);
    expect(await lastAudit(xa, 'reading.answered')).toMatchObject({
      actor: office.id('ana'),
      unit: 'national',
      purpose: 'case-work',
      fields: ['conversation'],
      threads: [threads[0]],
    });
    await ask('ana', '{ inbox(first: 3) { edges { node { state } } } }');
    expect(await lastAudit(xa, 'reading.answered')).toMatchObject({ threads: [] });
    await ask('ana', '{ waitingProposals { id } inbox(first: 3) { edges { node { warnings { code } } } } }');
    expect((await lastAudit(xa, 'reading.answered'))!.threads).toHaveLength(3);
  });

  it('cannot be written: nothing is answered, not one byte of it (fault 60)', async () => {
    const answer = async () => {
      const response = await fetch(`${here.url}/graphql`, {
        method: 'POST',
        headers: await here.headers(office.as('ana')),
        body: JSON.stringify({ query: READ, variables: { thread: threads[0] } }),
      });
      return response.text();
    };
    expect(await answer()).toContain('INVENTED');
    await sql`revoke insert on audit_entry from app_officer`.execute(xa.db);
    try {
      const text = await answer();
      expect(text).not.toMatch(/INVENTED|SENT|rendered|conversation"/);
      expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL' } }] });
      expect(JSON.parse(text).data ?? null).toBeNull();
      const list = await here.ask(office.as('ana'), '{ inbox { edges { node { thread } } } }');
      expect(list.data).toBeNull();
    } finally {
      await sql`grant insert on audit_entry to app_officer`.execute(xa.db);
    }
    expect(await answer()).toContain('INVENTED');
  });
});

describe('very many conversations within an hour', () => {
  const tasks = async (name: Name) =>
    (
      (await ask(name, '{ tasks { id kind about unit detail } }')).data.tasks as {
        kind: string;
        id: string;
      }[]
    )
      .filter((task) => task.kind === 'many-readings')
      .map(({ id: _id, ...task }) => task);

  it('are put before a supervisor, once in an hour for each person', async () => {
    clock.ms += HOUR_MS;
    const limit = accessLimits.conversationsPerHour;
    for (const thread of threads.slice(0, limit)) await read('bo', thread);
    // The same again is no other conversation.
    await read('bo', threads[0]);
    await watchPeopleOnce(xa.ctx);
    expect(await tasks('sam')).toEqual([]);
    await read('bo', threads[limit]);
    await Promise.all([1, 2, 3].map(() => watchPeopleOnce(xa.ctx)));
    const told = [
      { kind: 'many-readings', about: office.id('bo'), unit: 'national', detail: `${limit + 1}` },
    ];
    expect(await tasks('sam')).toEqual(told);
    expect(await tasks('hana')).toEqual(told);
    expect(await tasks('bo')).toEqual([]);
    expect(await tasks('sue')).toEqual([]);
    const { id } = await xa.db
      .selectFrom('task')
      .select('id')
      .where('kind', '=', 'many-readings')
      .executeTakeFirstOrThrow();
    const CLOSE = 'mutation($id: ID!) { closeTask(task: $id, reason: "INVENTED: handed over a desk") }';
    expect((await ask('bo', CLOSE, { id })).codes).toEqual(['TASK_UNKNOWN']);
    expect((await ask('sam', CLOSE, { id })).codes).toEqual([]);
    await watchPeopleOnce(xa.ctx);
    expect(await tasks('sam')).toEqual([]);
    clock.ms += HOUR_MS + 1;
    await watchPeopleOnce(xa.ctx);
    expect(await tasks('sam')).toEqual([]);
  });

  it('one page of an inbox with words counts each conversation on it', async () => {
    clock.ms += HOUR_MS;
    const page = '{ inbox(first: 50) { edges { node { acts { body { __typename } } } } } }';
    expect((await ask('sid', page)).codes).toEqual([]);
    await watchPeopleOnce(xa.ctx);
    const [task] = await tasks('hana');
    expect(task).toMatchObject({ about: office.id('sid') });
    // Not the one whom it is about.
    const { id } = await xa.db
      .selectFrom('task')
      .select('id')
      .where('about', '=', office.id('sid'))
      .executeTakeFirstOrThrow();
    const CLOSE = 'mutation($id: ID!) { closeTask(task: $id, reason: "INVENTED: it was me myself") }';
    expect((await ask('sid', CLOSE, { id })).codes).toEqual(['SAME_PERSON']);
  });
});

describe('the weekly review', () => {
  const LIST = `{ readingReviews { id unit week mine readings { person purpose threads hidden } } }`;
  type Review = {
    id: string;
    unit: string;
    week: string;
    mine: boolean;
    readings: { person: string; purpose: string; threads: string[]; hidden: number }[];
  };
  const reviews = async (name: Name) => (await ask(name, LIST)).data.readingReviews as Review[];
  const REVIEW = `mutation($review: ID!, $finding: ReadingFinding!, $note: String) {
    reviewReadings(review: $review, finding: $finding, note: $note) }`;

  it('knows where a week begins', () => {
    expect(new Date(mondayOf(START_MS)).toISOString()).toBe('2027-01-11T00:00:00.000Z');
    const monday = Date.parse('2027-01-11T00:00:00Z');
    expect([mondayOf(monday), mondayOf(monday - 1)]).toEqual([monday, monday - 7 * 24 * HOUR_MS]);
  });

  it('puts a sample of each unit before another decider, deciders’ own apart, and nothing for named readers', async () => {
    const handling = {
      readers: 'eyes-only' as const,
      named: ['Head (invented)'],
      onward: 'no' as const,
      mayBeShownTo: [],
    };
    const closed = await office.enquire('ana', { handling });
    await read('ana', closed);
    const east = await office.enquire('eva');
    await read('eva', east);
    await read('sam', threads[1]);
    clock.ms = Date.parse('2027-01-18T00:00:01Z');
    await Promise.all([1, 2].map(() => watchPeopleOnce(xa.ctx)));
    await watchPeopleOnce(xa.ctx);
    const mine = await reviews('sam');
    expect(mine.map(({ unit, week }) => [unit, week])).toEqual(mine.map(() => ['national', '2027-01-11']));
    const peopleIn = ({ readings }: Review) => [...new Set(readings.map(({ person }) => person))].sort();
    const decider = (person: string) => [office.id('sam'), office.id('sid')].includes(person);
    const teams = mine.filter((one) => !peopleIn(one).some(decider));
    expect(
      mine
        .filter((one) => peopleIn(one).some(decider))
        .map(peopleIn)
        .sort(),
    ).toEqual([[office.id('sam')], [office.id('sid')]].sort());
    expect(teams).toHaveLength(1);
    const team = teams[0]!;
    // Drawn by lot among all that both of them read: one of them may be missing from it.
    expect([office.id('ana'), office.id('bo')]).toEqual(expect.arrayContaining(peopleIn(team)));
    expect(team.readings).toHaveLength(accessLimits.readingsPerReview);
    expect(JSON.stringify(mine)).not.toContain(closed);
    expect((await reviews('sue')).map(peopleIn)).toEqual([[office.id('eva')]]);
    expect((await ask('ana', LIST)).codes).toEqual(['NOT_PERMITTED']);
    const own = mine.find((one) => one.mine)!;
    expect(peopleIn(own)).toEqual([office.id('sam')]);
    const found = (name: Name, review: string, finding: string, note?: string) =>
      ask(name, REVIEW, { review, finding, note });
    expect((await found('sam', own.id, 'in_order')).codes).toEqual(['SAME_PERSON']);
    expect((await found('sue', own.id, 'in_order')).codes).toEqual(['NOT_FOUND']);
    expect((await found('sid', own.id, 'not_in_order')).codes).toEqual(['REASON_MISSING']);
    expect((await found('sid', own.id, 'not_in_order', 'INVENTED: no task of theirs')).codes).toEqual([]);
    expect((await found('hana', own.id, 'in_order')).codes).toEqual(['ALREADY_DECIDED']);
    const tasks = (await ask('hana', '{ tasks { kind about } }')).data.tasks;
    expect(tasks).toContainEqual({ kind: 'incident', about: own.id });
    expect(tasks).not.toContainEqual({ kind: 'reading-review', about: own.id });
    expect(tasks).toContainEqual({ kind: 'reading-review', about: team.id });
    const rows = await xa.db.selectFrom('reading_review').select('id').execute();
    expect(rows).toHaveLength(4);
  });

  it('does not name a conversation that the reviewer does not see', async () => {
    const team = (await reviews('hana')).find((one) =>
      one.readings.some(({ person }) => person === office.id('bo')),
    )!;
    const thread = team.readings[0]!.threads[0]!;
    await xa.db.updateTable('conversation').set({ eyes_only: true }).where('thread', '=', thread).execute();
    const seen = (await reviews('sid')).find(({ id }) => id === team.id)!;
    expect(JSON.stringify(seen)).not.toContain(thread);
    expect(seen.readings.some(({ hidden }) => hidden === 1)).toBe(true);
    expect(seen.readings).toHaveLength(team.readings.length);
  });

  it('is found in SQL by nobody whose readings are in it', async () => {
    const { id } = await xa.db
      .selectFrom('reading_review')
      .select('id')
      .where('apart', '=', office.id('sid'))
      .executeTakeFirstOrThrow();
    const finding = { reviewed_at: 1, finding: 'in-order' as const };
    const mine = xa.ctx.doors.withActor(office.as('sid'), (trx) =>
      trx
        .updateTable('reading_review')
        .set({ ...finding, reviewed_by: office.id('sid') })
        .where('id', '=', id)
        .executeTakeFirst(),
    );
    expect((await mine).numUpdatedRows).toBe(0n);
    const forced = xa.db
      .updateTable('reading_review')
      .set({ ...finding, reviewed_by: office.id('sid') })
      .where('id', '=', id);
    await expect(forced.execute()).rejects.toMatchObject({ constraint: 'reading_review_by_another' });
  });
});

describe('what was taken out in very large numbers', () => {
  it.each([
    ['evidence.exported', 'thread', 'ana'],
    ['case.exported', 'case', 'lea'],
    ['attachment.read', 'case', 'eva'],
  ] as const)('counts against who took it: %s', async (type, named, who) => {
    clock.ms += 2 * HOUR_MS;
    const { id: actor, role, unit, purpose } = office.as(who);
    const taken = async (name: string | undefined) =>
      runOperation(xa.db, xa.ctx.surroundings, (op) =>
        op.audit(type, { [named]: name, actor, role, unit, purpose }),
      );
    for (const thread of threads.slice(0, accessLimits.conversationsPerHour)) await taken(thread);
    // From before an entry said of what.
    await runOperation(xa.db, xa.ctx.surroundings, (op) => op.audit(type, { messages: 1, actor }));
    await watchPeopleOnce(xa.ctx);
    const told = () => xa.db.selectFrom('task').select('detail').where('about', '=', actor).execute();
    expect(await told()).toEqual([]);
    await taken(threads.at(-1));
    await watchPeopleOnce(xa.ctx);
    expect(await told()).toEqual([{ detail: `${accessLimits.conversationsPerHour + 1}` }]);
  });
});
