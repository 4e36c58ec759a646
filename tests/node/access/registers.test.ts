/** What left and to whom, and what went wrong: two registers, with their clocks. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watchPeopleOnce } from '#node/access/watch-people.ts';
import { alertBody, calm } from '../../fixtures/act-bodies.ts';
import {
  type Clock,
  carry,
  type LoopNode,
  lastAudit,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { call, days, enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let here: OfficerServer;
let office: Office;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  office = await enterOffice(xa);
  here = await serveOfficers(xa);
});
afterAll(async () => {
  await here.close();
  await Promise.all([xa.close(), xb.close()]);
});

const ask = (name: Name, text: string, variables = {}) => call(here, office.as(name), text, variables);

describe('the disclosure register', () => {
  const LIST = `query($thread: ID) { disclosures(thread: $thread) {
    messageId thread peer type at stage proposer approver legalBasis purpose deferredGround reviewAt } }`;
  const listed = async (name: Name, thread: string) =>
    (await ask(name, LIST, { thread })).data.disclosures as Record<string, unknown>[];

  it('holds every release with who, to whom, on which basis and what for, and how far it came', async () => {
    const thread = await office.enquire();
    const at = new Date(clock.ms).toISOString();
    const row = {
      messageId: expect.any(String),
      thread,
      peer: 'xb',
      type: 'ENQ',
      at,
      stage: 'queued',
      proposer: office.id('ana'),
      approver: office.id('sam'),
      legalBasis: ['h96-34'],
      purpose: 'family-situation',
      deferredGround: null,
      reviewAt: null,
    };
    expect(await listed('sam', thread)).toEqual([row]);
    await carry(xa, xb);
    expect(await listed('hana', thread)).toMatchObject([{ stage: 'delivered' }]);
    expect(await listed('sue', thread)).toEqual([]);
    expect((await ask('ana', LIST, { thread })).codes).toEqual(['NOT_PERMITTED']);
    // Every act of ours that left is in it, and nothing else.
    const acts = await xa.db.selectFrom('act').select('message_id').where('stage', 'is not', null).execute();
    const rows = await xa.db.selectFrom('disclosure').select('message_id').execute();
    expect(rows.map((one) => one.message_id).sort()).toEqual(acts.map((one) => one.message_id).sort());
  });

  it('holds what one person sent in danger at once, and the second person once they approved', async () => {
    const RAISE = `mutation($body: UrgentAlertBodyInput!, $safety: SafetyStatementInput) {
      raiseUrgentAlert(peer: "xb", body: $body, safety: $safety) { id thread digest } }`;
    const safety = { ...calm, childIsHere: 'not-known' };
    const { data } = await ask('ana', RAISE, { body: alertBody('XB'), safety });
    const { id, thread, digest } = data.raiseUrgentAlert as Record<string, string>;
    expect(await listed('sam', thread!)).toMatchObject([{ type: 'URG', approver: null, legalBasis: [] }]);
    const APPROVE =
      'mutation($id: ID!, $digest: String!) { approveRelease(proposal: $id, digest: $digest) { id } }';
    expect((await ask('sam', APPROVE, { id, digest })).codes).toEqual([]);
    expect(await listed('sam', thread!)).toMatchObject([{ approver: office.id('sam') }]);
  });

  it('defers telling the child’s side on a ground, with a day on which it is looked at again', async () => {
    const thread = await office.enquire();
    const [{ messageId }] = (await listed('sam', thread)) as [{ messageId: string }];
    const DEFER = `mutation($message: ID!, $reason: String!, $review: String!) {
      deferDisclosure(message: $message, ground: danger_to_other, reason: $reason, review: $review) }`;
    const END = 'mutation($message: ID!) { endDeferral(message: $message) }';
    const reason = 'INVENTED: the mother would be found';
    const defer = (name: Name, review: string, why = reason) =>
      ask(name, DEFER, { message: messageId, reason: why, review });
    expect((await defer('ana', days(clock.ms, 10))).codes).toEqual(['NOT_PERMITTED']);
    expect((await defer('sue', days(clock.ms, 10))).codes).toEqual(['NOT_FOUND']);
    expect((await defer('sam', days(clock.ms, 91))).codes).toEqual(['TIME_INVALID']);
    expect((await defer('sam', days(clock.ms, 10), 'later')).codes).toEqual(['REASON_MISSING']);
    expect((await ask('sam', END, { message: messageId })).codes).toEqual(['ALREADY_DECIDED']);
    expect((await defer('sam', days(clock.ms, 10))).codes).toEqual([]);
    expect(await listed('sam', thread)).toMatchObject([
      { deferredGround: 'danger-to-other', reviewAt: days(clock.ms, 10) },
    ]);
    await watchPeopleOnce(xa.ctx);
    const tasks = async () =>
      ((await ask('sam', '{ tasks { kind about } }')).data.tasks as { about: string }[]).filter(
        (task) => task.about === messageId,
      );
    expect(await tasks()).toEqual([]);
    clock.ms += 10 * 86_400_000;
    await Promise.all([watchPeopleOnce(xa.ctx), watchPeopleOnce(xa.ctx)]);
    expect(await tasks()).toEqual([{ kind: 'deferral-review', about: messageId }]);
    expect((await defer('sam', days(clock.ms, 10))).codes).toEqual([]);
    expect(await tasks()).toEqual([]);
    expect((await ask('sam', END, { message: messageId })).codes).toEqual([]);
    expect(await listed('sam', thread)).toMatchObject([{ deferredGround: null, reviewAt: null }]);
    expect(JSON.stringify(await lastAudit(xa, 'disclosure.deferred'))).not.toContain('mother');
  });

  it('is rewritten in SQL by no officer, and half a deferral by nobody', async () => {
    const thread = await office.enquire();
    const [{ messageId }] = (await listed('sam', thread)) as [{ messageId: string }];
    const change = (name: Name, set: Record<string, unknown>) =>
      xa.ctx.doors.withActor(office.as(name), (trx) =>
        trx.updateTable('disclosure').set(set).where('message_id', '=', messageId).executeTakeFirst(),
      );
    expect((await change('ana', { approver: office.id('ana') })).numUpdatedRows).toBe(0n);
    await expect(change('sam', { proposer: 'x' })).rejects.toMatchObject({ code: '42501' });
    await expect(change('sam', { deferred_ground: 'court-order' })).rejects.toMatchObject({ code: '23514' });
  });
});

describe('the breach register', () => {
  const REPORT = `mutation($kind: BreachKind!, $noticed: String!, $peer: String, $messages: [ID!], $account: String!) {
    reportBreach(kind: $kind, noticed: $noticed, peer: $peer, messages: $messages, account: $account) }`;
  const STEP = `mutation($breach: ID!, $step: BreachStep!, $how: ContactWay, $text: String!, $done: String) {
    updateBreach(breach: $breach, step: $step, how: $how, text: $text, done: $done) }`;
  const LIST = `{ breaches { id kind peer messages tellAuthorityBy authoritySettledAt overdue closedAt
    notes { step how by doneAt } } }`;
  const account = 'INVENTED: the enquiry about the brother went to xb and not to xc';
  const report = (name: Name, change = {}) =>
    ask(name, REPORT, {
      kind: 'wrong_recipient',
      noticed: days(clock.ms, -1),
      peer: 'xb',
      messages: [],
      account,
      ...change,
    });
  const step = (name: Name, breach: unknown, taken: Record<string, unknown>) =>
    ask(name, STEP, { breach, text: 'INVENTED: said by telephone', ...taken });
  const find = async (name: Name, id: unknown) =>
    ((await ask(name, LIST)).data.breaches as { id: unknown }[]).find((one) => one.id === id);

  it('anybody reports, deciders go on: 72 hours run until the authority is told, deletion is asked and confirmed', async () => {
    const thread = await office.enquire();
    const act = await xa.db
      .selectFrom('act')
      .select('message_id')
      .where('thread', '=', thread)
      .executeTakeFirstOrThrow();
    const { codes, data } = await report('ana', { messages: [act.message_id] });
    expect(codes).toEqual([]);
    const id = data.reportBreach;
    expect(await find('sam', id)).toEqual({
      id,
      kind: 'wrong-recipient',
      peer: 'xb',
      messages: [act.message_id],
      tellAuthorityBy: days(clock.ms, 2),
      authoritySettledAt: null,
      overdue: false,
      closedAt: null,
      notes: [],
    });
    expect(await find('sue', id)).toBeUndefined();
    const tasks = (await ask('sam', '{ tasks { about kind dueAt } }')).data.tasks;
    expect(tasks).toContainEqual({ about: id, kind: 'breach', dueAt: days(clock.ms, 2) });
    expect((await step('ana', id, { step: 'measure' })).codes).toEqual(['NOT_PERMITTED']);
    expect((await step('sue', id, { step: 'measure' })).codes).toEqual(['NOT_FOUND']);
    expect((await step('sam', id, { step: 'deletion_asked' })).codes).toEqual(['INPUT_INVALID']);
    expect((await step('sam', id, { step: 'deletion_asked', how: 'telephone' })).codes).toEqual([]);
    expect((await step('sam', id, { step: 'closed' })).codes).toEqual(['NEEDS_A_FINDING']);
    clock.ms += 2 * 86_400_000 + 1;
    expect(await find('sam', id)).toMatchObject({ overdue: true });
    const told = { step: 'authority_told', how: 'letter', done: days(clock.ms, -1) };
    expect((await step('sam', id, { ...told, done: days(clock.ms, 1) })).codes).toEqual(['TIME_INVALID']);
    expect((await step('sam', id, told)).codes).toEqual([]);
    expect(await find('sam', id)).toMatchObject({ overdue: false, authoritySettledAt: days(clock.ms, -1) });
    expect((await ask('sam', '{ tasks { about } }')).data.tasks).not.toContainEqual({ about: id });
    expect((await step('sam', id, { step: 'deletion_confirmed', how: 'mail' })).codes).toEqual([]);
    expect((await step('sam', id, { step: 'closed' })).codes).toEqual([]);
    expect((await step('sam', id, { step: 'measure' })).codes).toEqual(['ALREADY_DECIDED']);
    expect(await find('sam', id)).toBeUndefined();
    const entry = await lastAudit(xa, 'breach.reported');
    expect(entry).toMatchObject({ id, kind: 'wrong-recipient', messages: [act.message_id] });
    expect(JSON.stringify(entry)).not.toContain('brother');
  });

  it('takes no message its reporter does not see, no State that is none, no time to come', async () => {
    const thread = await office.enquire('eva');
    const act = await xa.db
      .selectFrom('act')
      .select('message_id')
      .where('thread', '=', thread)
      .executeTakeFirstOrThrow();
    expect((await report('ana', { messages: [act.message_id] })).codes).toEqual(['NOT_FOUND']);
    expect((await report('ana', { messages: ['01900000-0000-7000-8000-000000000000'] })).codes).toEqual([
      'NOT_FOUND',
    ]);
    expect((await report('ana', { peer: 'Юсуф' })).codes).toEqual(['INPUT_INVALID']);
    expect((await report('ana', { noticed: days(clock.ms, 1) })).codes).toEqual(['TIME_INVALID']);
    expect((await report('ana', { account: 'oops' })).codes).toEqual(['REASON_MISSING']);
    expect((await report('ana', { reportedBy: 'bo.xa', closedAt: 'now' })).codes).toEqual([]);
  });

  it('keeps what was done: notes are added to in SQL, by deciders, and never changed', async () => {
    const { data } = await report('ana');
    const breach = String(data.reportBreach);
    await step('sam', breach, { step: 'measure' });
    const text = Buffer.from('INVENTED');
    const note = { id: 'note-x', breach, step: 'closed' as const, how: null, text, done_at: 1, at: 1 };
    const add = (name: Name, by: Name) =>
      xa.ctx.doors.withActor(office.as(name), (trx) =>
        trx
          .insertInto('breach_note')
          .values({ ...note, by: office.id(by) })
          .execute(),
      );
    await expect(add('ana', 'ana')).rejects.toMatchObject({ code: '42501' });
    await expect(add('sam', 'sid')).rejects.toMatchObject({ code: '42501' });
    const rewrite = xa.ctx.doors.withActor(office.as('sam'), (trx) =>
      trx
        .updateTable('breach_note')
        .set({ text: Buffer.from('other') })
        .where('breach', '=', breach)
        .execute(),
    );
    await expect(rewrite).rejects.toMatchObject({ code: '42501' });
  });
});
