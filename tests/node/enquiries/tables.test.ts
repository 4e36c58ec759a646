/** What the code refuses the database refuses too, whoever writes to it. */
import { type RawBuilder, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { askClearance } from '#node/enquiries/grant-clearance.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { alertBody, calm, counselled, enquiryBody } from '../../fixtures/act-bodies.ts';
import { enterPerson, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';

let xa: LoopNode;
/** Rows made by the code: one of each that the tests below try to bend. */
const ids = { waiting: '', alert: '', act: '', thread: '', clearance: '', task: '' };
beforeAll(async () => {
  xa = await startLoopNode('xa', { ms: START_MS });
  const propose = (change = {}) =>
    proposeAct(xa.ctx, xa.person('ana'), {
      type: 'ENQ',
      peer: 'xb',
      body: enquiryBody(),
      safety: calm,
      ...change,
    });
  ids.waiting = (await propose()).id;
  ids.alert = (await propose({ type: 'URG', body: alertBody('XB') })).id;
  const released = await propose();
  const row = await xa.db
    .selectFrom('proposal')
    .select('digest')
    .where('id', '=', released.id)
    .executeTakeFirstOrThrow();
  const approved = await approveRelease(xa.ctx, xa.person('sam', 'supervisor'), released.id, row.digest);
  Object.assign(ids, { act: approved.messageId, thread: released.thread });
  const { proposal } = await propose({ safety: counselled('XB') }).catch((error) => error);
  await enterPerson(xa, xa.person('lea', 'legal-adviser'));
  ids.clearance = await askClearance(xa.ctx, xa.person('sam', 'supervisor'), {
    kind: 'asylum',
    proposal,
    grounds: 'INVENTED: counselled on 10 January',
    expiresAtMs: START_MS + 86_400_000,
  });
  ids.task = (await xa.db.selectFrom('task').select('id').executeTakeFirstOrThrow()).id;
});
afterAll(() => xa.close());

const refuse = async (statement: RawBuilder<unknown>, constraint: string) => {
  await expect(statement.execute(xa.db)).rejects.toMatchObject({ code: '23514', constraint });
};

describe('two persons', () => {
  it('nobody is the second person of their own proposal', () =>
    refuse(
      sql`update proposal set approver = proposer, approved_at = 1 where id = ${ids.alert}`,
      'proposal_two_persons',
    ));
  it('nothing that needs two persons is released by one', () =>
    refuse(
      sql`update proposal set status = 'released', message_id = 'm' where id = ${ids.waiting}`,
      'proposal_second_person',
    ));
  it('an alert has been released by one, and the database lets it', async () => {
    const alert = await xa.db
      .selectFrom('proposal')
      .select(['status', 'approver'])
      .where('id', '=', ids.alert)
      .executeTakeFirst();
    expect(alert).toEqual({ status: 'released', approver: null });
  });
  it('an approval has a time, and a time an approval', () =>
    refuse(sql`update proposal set approver = 'x' where id = ${ids.waiting}`, 'proposal_approval'));
  it('nobody grants what they asked for', () =>
    refuse(
      sql`update clearance set granted_by = asked_by, granted_at = 1 where id = ${ids.clearance}`,
      'clearance_two_persons',
    ));
  it('a grant has a person, and what is taken back has a person and a reason', async () => {
    const of = sql`where id = ${ids.clearance}`;
    await refuse(sql`update clearance set granted_at = 1 ${of}`, 'clearance_granted');
    await refuse(sql`update clearance set revoked_at = 1 ${of}`, 'clearance_revoked');
    await refuse(sql`update clearance set revoked_at = 1, revoked_by = 'lea.xa' ${of}`, 'clearance_revoked');
  });
  it('only contact with the family is cleared for a whole conversation', () =>
    refuse(sql`update clearance set digest = null where id = ${ids.clearance}`, 'clearance_digest'));
});

describe('a closed task', () => {
  it('has who and why', async () => {
    const of = sql`where id = ${ids.task}`;
    await refuse(sql`update task set closed_at = 1, reason = 'seen' ${of}`, 'task_closed_by_a_person');
    await refuse(sql`update task set closed_at = 1, closed_by = 'sam.xa' ${of}`, 'task_closed_with_a_reason');
    await refuse(sql`update task set reason = 'seen' ${of}`, 'task_closed_with_a_reason');
  });
});

describe('codes', () => {
  it.each([
    ['proposal', 'status', () => ids.waiting],
    ['proposal', 'lane', () => ids.waiting],
    ['task', 'kind', () => ids.task],
    ['clearance', 'kind', () => ids.clearance],
    ['conversation', 'state', () => ids.thread],
    ['conversation', 'side', () => ids.thread],
    ['act', 'stage', () => ids.act],
    ['act', 'lane', () => ids.act],
    ['act', 'side', () => ids.act],
  ] as const)('%s.%s comes from a list', async (table, column, id) => {
    const key = sql.ref({ conversation: 'thread', act: 'message_id' }[table as string] ?? 'id');
    const update = sql`update ${sql.table(table)} set ${sql.ref(column)} = 'invented' where ${key} = ${id()}`;
    const error = await update.execute(xa.db).then(String, (thrown) => thrown);
    expect(error).toMatchObject({ code: '23514' });
    expect(error.constraint).toMatch(new RegExp(`^${table}_(${column}|second_person|digest)$`));
  });

  it('what is released has become a message', () =>
    refuse(sql`update proposal set status = 'stale' where id = ${ids.waiting}`, 'proposal_message'));
});
