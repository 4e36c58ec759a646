/** Breaking the glass: one conversation, an hour, a reason, and another person who looks at it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watchPeopleOnce } from '#node/access/watch-people.ts';
import { calm, enquiryBody, withdrawalBody } from '../../fixtures/act-bodies.ts';
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

const ask = (name: Name, text: string, variables = {}) => call(here, office.as(name), text, variables);
const SEES = 'query($thread: ID!) { conversation(thread: $thread) { thread acts { rendered { value } } } }';
const sees = async (name: Name, thread: string) => (await ask(name, SEES, { thread })).codes[0] ?? 'yes';
const OPEN = `mutation($thread: ID!, $category: NeedCategory!, $reason: String!) {
  openInNeed(thread: $thread, category: $category, reason: $reason) { id expiresAt } }`;
const REASON = 'INVENTED: the police rang, the girl was seen at the station';
const open = (name: Name, thread: string, reason = REASON) =>
  ask(name, OPEN, { thread, category: 'danger_to_child', reason });
const REVIEW = 'mutation($id: ID!, $finding: NeedFinding!) { reviewNeed(need: $id, finding: $finding) }';
const review = (name: Name, id: unknown, finding = 'justified') => ask(name, REVIEW, { id, finding });
const idOf = ({ data }: { data: Record<string, unknown> }) => (data.openInNeed as { id: string }).id;

describe('opened in need', () => {
  it('one conversation is read for an hour, nothing is sent from it, and the unit’s supervisor is told at once', async () => {
    const [thread, other] = [await office.enquire('eva'), await office.enquire('eva')];
    expect(await sees('bo', thread)).toBe('CONVERSATION_UNKNOWN');
    await giveAddresses(xa);
    await takeTold(xa);
    const opened = await open('bo', thread);
    expect(opened.codes).toEqual([]);
    // Nobody of his own unit, nor he himself; the auditor beside those who decide there.
    expect(await takeTold(xa)).toEqual(['aud urgent', 'hana urgent', 'sue urgent']);
    expect(opened.data.openInNeed).toMatchObject({
      expiresAt: new Date(clock.ms + 3_600_000).toISOString(),
    });
    expect([await sees('bo', thread), await sees('bo', other), await sees('ana', thread)]).toEqual([
      'yes',
      'CONVERSATION_UNKNOWN',
      'CONVERSATION_UNKNOWN',
    ]);
    const id = idOf(opened);
    const tasks = async (name: Name) => (await ask(name, '{ tasks { kind about unit dueAt } }')).data.tasks;
    // Friday 15 January 2027: three working days are Wednesday.
    const task = { kind: 'need-review', about: id, unit: 'east', dueAt: '2027-01-20T08:00:00.000Z' };
    expect(await tasks('sue')).toContainEqual(task);
    expect(await tasks('hana')).toContainEqual(task);
    expect(await tasks('eva')).not.toContainEqual(task);
    expect(await tasks('sam')).not.toContainEqual(task);
    const inSql = (name: Name) =>
      xa.ctx.doors.withActor(office.as(name), (trx) =>
        trx.selectFrom('task').select('kind').where('about', '=', id).execute(),
      );
    // Who opened it may know that it is looked at; everybody else of either unit may not.
    for (const name of ['sue', 'hana', 'bo'] as const) expect(await inSql(name), name).toHaveLength(1);
    for (const name of ['eva', 'sam', 'ana', 'lea'] as const) expect(await inSql(name), name).toEqual([]);
    expect(await lastAudit(xa, 'need.opened')).toEqual({
      id,
      thread,
      unit: 'east',
      actor: office.id('bo'),
      role: 'officer',
      category: 'danger-to-child',
    });
    const WITHDRAW = `mutation($thread: ID!, $body: WithdrawalBodyInput!, $safety: SafetyStatementInput) {
      withdrawEnquiry(thread: $thread, body: $body, safety: $safety) { id } }`;
    const sent = await ask('bo', WITHDRAW, { thread, body: withdrawalBody(), safety: calm });
    expect(sent.codes).toEqual(['READ_ONLY_IN_NEED']);
    const ASSIGN =
      'mutation($thread: ID!, $person: ID!) { assignConversation(thread: $thread, person: $person) }';
    await open('sam', thread);
    expect((await ask('sam', ASSIGN, { thread, person: office.id('ana') })).codes).toEqual([
      'READ_ONLY_IN_NEED',
    ]);
    clock.ms += 3_600_000;
    expect([await sees('bo', thread), await sees('sam', thread)]).toEqual([
      'CONVERSATION_UNKNOWN',
      'CONVERSATION_UNKNOWN',
    ]);
  });

  it('the database lets nobody add an act or a proposal from there, nor stretch the hour', async () => {
    const thread = await office.enquire('eva');
    await open('ana', thread);
    const as = (work: Parameters<typeof xa.ctx.doors.withActor<unknown>>[1]) =>
      xa.ctx.doors.withActor(office.as('ana'), work);
    const act = await xa.db
      .selectFrom('act')
      .selectAll()
      .where('thread', '=', thread)
      .executeTakeFirstOrThrow();
    await expect(
      as((trx) =>
        trx
          .insertInto('act')
          .values({ ...act, message_id: 'forged', n: 2 })
          .execute(),
      ),
    ).rejects.toMatchObject({ code: '42501' });
    const draft = await xa.db
      .selectFrom('proposal')
      .selectAll()
      .where('thread', '=', thread)
      .executeTakeFirstOrThrow();
    const forged = {
      id: 'forged',
      unit: 'national',
      proposer: office.id('ana'),
      approver: null,
      approved_at: null,
    };
    await expect(
      as((trx) =>
        trx
          .insertInto('proposal')
          .values({ ...draft, ...forged })
          .execute(),
      ),
    ).rejects.toMatchObject({ code: '42501' });
    const need = await xa.db
      .selectFrom('break_glass')
      .selectAll()
      .where('thread', '=', thread)
      .executeTakeFirstOrThrow();
    const longer = { ...need, id: 'need-x', expires_at: clock.ms + 86_400_000 };
    await expect(as((trx) => trx.insertInto('break_glass').values(longer).execute())).rejects.toMatchObject({
      code: expect.stringMatching(/^(42501|23514)$/),
    });
    const stretched = as((trx) =>
      trx
        .updateTable('break_glass')
        .set({ expires_at: clock.ms * 2 })
        .where('thread', '=', thread)
        .execute(),
    );
    await expect(stretched).rejects.toMatchObject({ code: '42501' });
  });

  it('needs a reason, a fresh proof, and a role that may', async () => {
    const thread = await office.enquire('eva');
    for (const reason of ['', '          ', 'urgent'])
      expect((await open('bo', thread, reason)).codes).toEqual(['REASON_MISSING']);
    const stale = await call(here, office.as('bo', 5 * 60_000 + 1), OPEN, {
      thread,
      category: 'danger_to_child',
      reason: REASON,
    });
    expect(stale.codes).toEqual(['STEP_UP_NEEDED']);
    expect((await open('cas', thread)).codes).toEqual(['NOT_PERMITTED']);
    expect((await open('lea', thread)).codes).toEqual(['NOT_PERMITTED']);
    expect((await open('eva', thread)).codes).toEqual(['ALREADY_YOURS']);
    expect((await open('hana', thread)).codes).toEqual(['ALREADY_YOURS']);
    expect(await sees('bo', thread)).toBe('CONVERSATION_UNKNOWN');
  });

  it('says the same of an id that is none, of a draft, and of what is for named readers, and each try is seen', async () => {
    const handling = {
      readers: 'eyes-only' as const,
      named: ['Head (invented)'],
      onward: 'no' as const,
      mayBeShownTo: [],
    };
    const closed = await office.enquire('eva', { handling });
    const PROPOSE = `mutation($body: EnquiryBodyInput!, $safety: SafetyStatementInput) {
      proposeEnquiry(peer: "xb", body: $body, safety: $safety) { thread } }`;
    const drafted = await ask('eva', PROPOSE, { body: enquiryBody(), safety: calm });
    const draft = (drafted.data.proposeEnquiry as { thread: string }).thread;
    const tries = [closed, draft, '01900000-0000-7000-8000-000000000000', "' or 1=1 --", 'Юсуф'];
    const answers = await Promise.all(
      tries.map((thread) => here.ask(office.as('bo'), OPEN, { thread, category: 'other', reason: REASON })),
    );
    const shape = answers.map(({ errors }) => [errors[0]!.extensions.code, errors[0]!.message]);
    expect(new Set(shape.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(shape[0]![0]).toBe('NOT_FOUND');
    const rows = await xa.db
      .selectFrom('audit_entry')
      .select('detail')
      .where('type', '=', 'need.not-found')
      .execute();
    expect(rows).toHaveLength(tries.length);
    expect(JSON.stringify(rows)).not.toMatch(/Юсуф|01900000/);
    const reason = Buffer.from('INVENTED');
    const row = { id: 'need-x', person: office.id('bo'), category: 'other' as const, reason };
    const times = { opened_at: clock.ms, expires_at: clock.ms + 1, review_due_at: clock.ms + 1 };
    for (const thread of tries) {
      const forced = xa.ctx.doors.withActor(office.as('bo'), (trx) =>
        trx
          .insertInto('break_glass')
          .values({ ...row, thread, ...times, reviewed_by: null, reviewed_at: null, finding: null })
          .execute(),
      );
      await expect(forced).rejects.toMatchObject({ code: 'P0002', message: 'nothing to open' });
    }
    expect(await xa.db.selectFrom('break_glass').select('id').where('thread', 'in', tries).execute()).toEqual(
      [],
    );
  });
});

describe('the data protection officer', () => {
  it('sees who opened what kind of need, when, and whether it was reviewed, and no reason and no conversation', async () => {
    const thread = await office.enquire('eva');
    const id = idOf(await open('bo', thread));
    const look = (column: 'reason' | 'thread' | 'unit') =>
      xa.ctx.doors.withActor(office.as('aud'), (trx) =>
        trx
          .selectFrom('break_glass')
          .select(['id', 'person', 'category', 'reviewed_at', column])
          .where('id', '=', id)
          .execute(),
      );
    expect(await look('unit')).toEqual([
      { id, person: office.id('bo'), category: 'danger-to-child', reviewed_at: null, unit: 'east' },
    ]);
    for (const column of ['reason', 'thread'] as const)
      await expect(look(column)).rejects.toMatchObject({ code: '42501' });
  });
});

describe('the review', () => {
  it('is by another person of the unit, once', async () => {
    const thread = await office.enquire('eva');
    const id = idOf(await open('sid', thread));
    expect((await review('eva', id)).codes).toEqual(['NOT_PERMITTED']);
    expect((await review('sam', id)).codes).toEqual(['NOT_FOUND']);
    expect((await review('sid', id)).codes).toEqual(['SAME_PERSON']);
    const needs = await ask('sue', '{ needs { id person reason category } }');
    expect(needs.data.needs).toContainEqual({
      id,
      person: office.id('sid'),
      reason: REASON,
      category: 'danger-to-child',
    });
    expect((await ask('sam', '{ needs { id } }')).data.needs).not.toContainEqual({ id });
    const CLOSE = 'mutation($task: ID!) { closeTask(task: $task, reason: "looked at and found well") }';
    const tasks = (await ask('sue', '{ tasks { id about } }')).data.tasks as { id: string; about: string }[];
    const task = tasks.find((one) => one.about === id)!.id;
    expect((await ask('sue', CLOSE, { task })).codes).toEqual(['NEEDS_A_FINDING']);
    expect((await review('sue', id)).codes).toEqual([]);
    expect((await review('hana', id)).codes).toEqual(['ALREADY_DECIDED']);
    expect((await ask('sue', '{ tasks { about } }')).data.tasks).not.toContainEqual({ about: id });
    expect(await lastAudit(xa, 'need.reviewed')).toEqual({
      id,
      thread,
      finding: 'justified',
      actor: office.id('sue'),
    });
    const own = xa.db
      .updateTable('break_glass')
      .set({ reviewed_by: office.id('sid') })
      .where('id', '=', id);
    await expect(own.execute()).rejects.toMatchObject({ code: '23514' });
  });

  it('opens an incident where there was no need, and goes to the head where nobody looked in time', async () => {
    const thread = await office.enquire('eva');
    const id = idOf(await open('ana', thread));
    clock.ms += 6 * 86_400_000;
    await Promise.all([1, 2, 3].map(() => watchPeopleOnce(xa.ctx)));
    clock.ms += 86_400_000;
    await watchPeopleOnce(xa.ctx);
    const about = async () =>
      xa.db
        .selectFrom('task')
        .select(['kind', 'unit', 'assigned_to', 'closed_at'])
        .where('about', '=', id)
        .orderBy('kind')
        .execute();
    expect(await about()).toEqual([
      { kind: 'need-overdue', unit: 'east', assigned_to: office.id('hana'), closed_at: null },
      { kind: 'need-review', unit: 'east', assigned_to: null, closed_at: null },
    ]);
    expect((await review('hana', id, 'not_justified')).codes).toEqual([]);
    expect((await about()).map(({ kind, closed_at }) => [kind, closed_at === null])).toEqual([
      ['incident', true],
      ['need-overdue', false],
      ['need-review', false],
    ]);
  });
});
