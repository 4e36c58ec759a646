/** Erasing asked for by the State that sent it, done by the other, confirmed by a signed message, and what remains. INVENTED children. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { raiseOverdue } from '#node/enquiries/raise-overdue.ts';
import { recallAct } from '#node/enquiries/recall-act.ts';
import { readActRows } from '#node/enquiries/store.ts';
import { runOperation } from '#node/operation.ts';
import { answerErasure } from '#node/retention/answer-erasure.ts';
import { applyRetention, prepareRetention } from '#node/retention/apply-retention.ts';
import { approveDecision, proposeDecision } from '#node/retention/decide.ts';
import { digestOfMessages } from '#schema/conversation/erasures.ts';
import type { MessageId, State } from '#schema/protocol/ids.ts';
import { aboutChild, alertBody, withdrawalBody } from '../../fixtures/act-bodies.ts';
import {
  apply,
  type Clock,
  carry,
  lastAudit,
  readerOf,
  START_MS,
  takeReleased,
} from '../../fixtures/loopback.ts';
import { call, days } from '../../fixtures/office.ts';
import { type OfficerServer, serveOfficers } from '../../fixtures/officer-client.ts';
import {
  approveAnswer,
  askErasure,
  DAY_MS,
  release,
  type Side,
  startSide,
  workThrough,
} from '../../fixtures/retention.ts';

const clock: Clock = { ms: START_MS };
let xa: Side;
let xb: Side;
let here: OfficerServer;
let desk: OfficerServer;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startSide('xa', clock), startSide('xb', clock)]);
  desk = await serveOfficers(xb.node);
  here = await serveOfficers(xa.node);
});
afterAll(async () => {
  await Promise.all([desk.close(), here.close()]);
  await Promise.all([xa.node.close(), xb.node.close()]);
});

const actsOf = ({ node }: Side, thread: string) =>
  node.db.selectFrom('act').selectAll().where('thread', '=', thread).orderBy('at').execute();
const tasksAbout = async ({ node }: Side, about: string) =>
  (await node.db.selectFrom('task').selectAll().where('about', '=', about).execute()).map(
    ({ kind, closed_at }) => `${kind} ${closed_at === null ? 'open' : 'closed'}`,
  );

describe('a conversation', () => {
  it('is erased at the other State, which says so when it is true', async () => {
    const thread = await workThrough(xa, xb);
    await askErasure(xa, thread);
    await carry(xa.node, xb.node);
    expect(await tasksAbout(xb, thread)).toEqual(['erasure-asked open']);
    const { id } = await answerErasure(xb.node.ctx, xb.office.as('ana'), thread);
    await approveAnswer(xb, id);
    // Nothing leaves before it is done.
    expect(await xb.node.db.selectFrom('seal_request').selectAll().execute()).toEqual([]);
    expect(await tasksAbout(xb, thread)).toEqual(['erasure-asked closed']);
    await applyRetention(xb.retention);
    const acts = await actsOf(xb, thread);
    const gone = acts.filter(({ type }) => type !== 'ERS');
    expect(gone).toHaveLength(4);
    expect(gone.every(({ body, author_name }) => body.length === 0 && author_name === '')).toBe(true);
    const key = await xb.node.db
      .selectFrom('data_key')
      .selectAll()
      .where('subject', '=', `conversation:${thread}`)
      .executeTakeFirstOrThrow();
    expect([key.wrapped, key.erased_at]).toEqual([null, clock.ms]);
    const digest = digestOfMessages(gone.map(({ message_id }) => message_id));
    expect(await lastAudit(xb.node, 'content.erased')).toMatchObject({
      kind: 'conversation',
      id: thread,
      ground: 'period-over',
      messages: 4,
      digest,
    });
    const [answer] = await carry(xb.node, xa.node);
    expect(answer!.body).toMatchObject({ result: 'erased', erased: { messages: 4, digest } });
    expect(await lastAudit(xa.node, 'erasure.answered')).toMatchObject({ result: 'erased', asNamed: true });
  });

  it('stays as a stub that says when, and the inbox is as before', async () => {
    const thread = await workThrough(xa, xb);
    await askErasure(xa, thread);
    await carry(xa.node, xb.node);
    await approveAnswer(xb, (await answerErasure(xb.node.ctx, xb.office.as('ana'), thread)).id);
    await applyRetention(xb.retention);
    await carry(xb.node, xa.node);
    const { data, codes } = await call(
      desk,
      xb.office.as('sam'),
      `query ($thread: ID!) { conversation(thread: $thread) { state retention { ground erasedAt } erasures { ground result whole }
        warnings { code } proposals { id } acts { type n at body { __typename } rendered { value } remarks { rule } attachments { id } } } }`,
      { thread },
    );
    expect(codes).toEqual([]);
    expect(data.conversation).toMatchObject({
      state: 'CLOSED',
      retention: { ground: 'period-over', erasedAt: new Date(clock.ms).toISOString() },
      erasures: [{ ground: 'period-over', result: 'erased', whole: true }],
      warnings: [],
    });
    const { acts } = data.conversation as { acts: { type: string; body: unknown }[] };
    expect(acts.map(({ type, body }) => [type, body !== null])).toEqual([
      ['ENQ', false],
      ['RPT', false],
      ['ACK', false],
      ['CLS', false],
      ['ERS', true],
      ['ERS', true],
    ]);
    const inbox = await call(desk, xb.office.as('ana'), '{ inbox { edges { node { thread } } } }');
    expect(inbox.codes).toEqual([]);
    expect(JSON.stringify(inbox.data)).toContain(thread);
  });

  it('that the other State does not answer for is an alarm for who asked, a month after, and no more once it has', async () => {
    const thread = await workThrough(xa, xb);
    await askErasure(xa, thread);
    await carry(xa.node, xb.node);
    const alarms = async ({ node }: Side) =>
      (
        await node.db
          .selectFrom('task')
          .selectAll()
          .where('thread', '=', thread)
          .where('kind', '=', 'escalation')
          .execute()
      ).map(({ detail, closed_at }) => [detail, closed_at !== null]);
    for (const side of [xa, xb]) await raiseOverdue(side.node.ctx);
    expect([await alarms(xa), await alarms(xb)]).toEqual([[], []]);
    clock.ms += 33 * DAY_MS;
    for (const side of [xa, xb]) await raiseOverdue(side.node.ctx);
    expect(await alarms(xa)).toEqual([['theirs:erasure-answer:supervisor:call-peer', false]]);
    expect(await alarms(xb)).toEqual([['ours:erasure-answer:supervisor', false]]);
    await approveAnswer(xb, (await answerErasure(xb.node.ctx, xb.office.as('ana'), thread)).id);
    await applyRetention(xb.retention);
    await carry(xb.node, xa.node);
    expect([await alarms(xa), await alarms(xb)]).toEqual([
      [['theirs:erasure-answer:supervisor:call-peer', true]],
      [['ours:erasure-answer:supervisor', true]],
    ]);
  });

  it('is erased for who shares it and for nobody else: another State, or the same message again, has no part in it', async () => {
    const thread = await workThrough(xa, xb);
    await askErasure(xa, thread);
    const [asked] = await takeReleased(xa.node, xb.node);
    const stranger = { ...asked!, from: 'xc' as State, id: asked!.id.replace(/.$/, 'f') as MessageId };
    await expect(
      runOperation(xb.node.ctx.doors.exchange, xb.node.ctx.surroundings, (op) =>
        xb.node.handler.apply(op, stranger, clock.ms),
      ),
    ).rejects.toMatchObject({ code: 'ACT_NOT_ALLOWED' });
    expect(await tasksAbout(xb, thread)).toEqual([]);
    expect(await apply(xa.node, xb.node, asked!)).toBeUndefined();
    expect(await apply(xa.node, xb.node, asked!)).toBe('ACT_NOT_ALLOWED');
    expect(await tasksAbout(xb, thread)).toEqual(['erasure-asked open']);
  });

  it('that is kept by law is not erased: the answer says until when and for what kind of authority', async () => {
    const thread = await workThrough(xa, xb);
    const hold = await proposeDecision(xb.node.ctx, xb.office.as('lea'), thread, {
      kind: 'hold',
      ground: 'criminal-proceedings',
      authority: 'court',
      until: days(clock.ms, 100),
      reason: 'INVENTED: file 12/27 of the regional court',
    }).catch((error: { code?: string }) => error.code);
    // A legal adviser sees what they are assigned to.
    expect(hold).toBe('NOT_FOUND');
    const held = await proposeDecision(xb.node.ctx, xb.office.as('ana'), thread, {
      kind: 'hold',
      ground: 'criminal-proceedings',
      authority: 'court',
      until: days(clock.ms, 100),
      reason: 'INVENTED: file 12/27 of the regional court',
    });
    await expect(approveDecision(xb.node.ctx, xb.office.as('ana'), held)).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
    });
    await approveDecision(xb.node.ctx, xb.office.as('sam'), held);
    await askErasure(xa, thread);
    await carry(xa.node, xb.node);
    await approveAnswer(xb, (await answerErasure(xb.node.ctx, xb.office.as('ana'), thread)).id);
    const [answer] = await carry(xb.node, xa.node);
    const until = new Date(clock.ms + 100 * DAY_MS).toISOString().slice(0, 10);
    expect(answer!.body).toEqual({
      phase: 'answer',
      re: 4,
      result: 'held',
      keptUntil: until,
      keptFor: 'court',
      remains: [],
    });
    expect(JSON.stringify(answer)).not.toContain('12/27');
    await applyRetention(xb.retention);
    expect((await actsOf(xb, thread)).every(({ body }) => body.length > 0)).toBe(true);
    // Its end is put before somebody, and so is what was asked; nothing goes by itself that day.
    clock.ms += 101 * DAY_MS;
    await applyRetention(xb.retention);
    expect(await tasksAbout(xb, thread)).toEqual(
      expect.arrayContaining(['hold-ended open', 'erasure-asked open']),
    );
    expect((await actsOf(xb, thread)).every(({ body }) => body.length > 0)).toBe(true);
    await approveAnswer(xb, (await answerErasure(xb.node.ctx, xb.office.as('ana'), thread)).id);
    await applyRetention(xb.retention);
    const [done] = await carry(xb.node, xa.node);
    expect(done!.body).toMatchObject({ result: 'erased' });
  });

  it('that has been erased takes an alarm that crossed it, and nothing else', async () => {
    const thread = await workThrough(xa, xb);
    await askErasure(xa, thread);
    await carry(xa.node, xb.node);
    await approveAnswer(xb, (await answerErasure(xb.node.ctx, xb.office.as('ana'), thread)).id);
    await applyRetention(xb.retention);
    // Neither has the other's act yet.
    await release(xa, 'URG', { thread, body: alertBody('XB') });
    await carry(xa.node, xb.node);
    await carry(xb.node, xa.node);
    const shown = await call(
      desk,
      xb.office.as('sam'),
      'query ($thread: ID!) { conversation(thread: $thread) { state danger acts { type body { ... on UrgentAlertBody { account { text } } } } } }',
      { thread },
    );
    expect(shown.codes).toEqual([]);
    const { acts, ...rest } = shown.data.conversation as { acts: { type: string; body: unknown }[] };
    expect(rest).toEqual({ state: 'ACCEPTED', danger: true });
    expect(acts.find(({ type }) => type === 'URG')!.body).toMatchObject({
      account: { text: 'INVENTED: left the shelter with a known recruiter' },
    });
    // It can be dealt with and ended there; what was erased stays so, and goes on being told apart from it.
    const { n } = (await actsOf(xa, thread)).find(({ type }) => type === 'URG')!;
    await release(xb, 'ACK', { thread, body: { re: n } });
    await carry(xb.node, xa.node);
    await release(xa, 'URG', { thread, body: { ...alertBody('XB'), phase: 'ended' } });
    await carry(xa.node, xb.node);
    expect(
      (await actsOf(xb, thread)).filter(({ notice }) => !notice).every(({ body }) => body.length === 0),
    ).toBe(true);
    expect(await prepareRetention(xb.retention)).toBe(0);
    // Once nothing of it is open, who has been told begins a new conversation.
    await expect(release(xa, 'URG', { thread, body: alertBody('XB') })).rejects.toMatchObject({
      code: 'ACT_NOT_ALLOWED',
    });
  });

  it('is not asked for by who was asked, before its end, or over what protects a child', async () => {
    const refused = (side: Side, thread: string, body = {}) =>
      askErasure(side, thread, body).catch(
        (error: { stoppedBy: readonly { rule: string }[] }) => error.stoppedBy[0]?.rule,
      );
    const thread = await xa.office.enquire('ana', {
      ...aboutChild('INVENTED Mira'),
      warnings: [{ code: 'do-not-contact-family', about: ['c1'], eyesOnly: [] }],
    });
    await carry(xa.node, xb.node);
    expect(await refused(xa, thread)).toBe('not-over-open-matter');
    expect(await refused(xb, thread, { ground: 'sent-in-error' })).toBe('requester-erases');
    await release(xa, 'WDR', { thread, body: withdrawalBody() });
    await carry(xa.node, xb.node);
    expect(await refused(xa, thread, { ground: 'agreement-withdrawn' })).toBe('erased');
    expect(await refused(xa, thread, { ground: 'agreement-withdrawn', act: 2 })).toMatchObject({
      messageId: expect.any(String),
    });
  });

  it('is not asked of a State whose node does not know the message yet', async () => {
    const thread = await workThrough(xa, xb);
    const known = xa.node.ctx.peerProfile;
    const older = { ...xa.node.ctx, peerProfile: (state: State) => ({ ...known(state)!, types: ['ENQ@1'] }) };
    await expect(
      proposeAct(older, xa.office.as('ana'), {
        type: 'ERS',
        thread,
        body: { phase: 'ask', ground: 'period-over', remains: [] },
      }),
    ).rejects.toMatchObject({ code: 'TYPE_NOT_UNDERSTOOD' });
  });
});

describe('one message', () => {
  it('goes, and the rest of its conversation stays readable under another key', async () => {
    const thread = await workThrough(xa, xb);
    const before = await xb.node.db
      .selectFrom('data_key')
      .selectAll()
      .where('subject', '=', `conversation:${thread}`)
      .executeTakeFirstOrThrow();
    const old = (await actsOf(xb, thread)).find(({ type }) => type === 'ENQ')!;
    await recallAct(xa.node.ctx, xa.office.as('ana'), old.message_id, 'wrong-recipient');
    await askErasure(xa, thread, { ground: 'sent-in-error', act: 1 });
    await carry(xa.node, xb.node);
    await approveAnswer(xb, (await answerErasure(xb.node.ctx, xb.office.as('ana'), thread)).id);
    await applyRetention(xb.retention);
    await carry(xb.node, xa.node);
    const rows = await readActRows(readerOf(xb.node), [thread]);
    expect(rows.map(({ type, body }) => [type, body !== ''])).toEqual(
      expect.arrayContaining([
        ['ENQ', false],
        ['RPT', true],
        ['CLS', true],
      ]),
    );
    // An old copy of it, and of the key it was sealed under, back in the table: nothing opens it but that old key.
    const after = await xb.node.db
      .selectFrom('data_key')
      .selectAll()
      .where('subject', '=', before.subject)
      .executeTakeFirstOrThrow();
    expect(after.wrapped).not.toEqual(before.wrapped);
    await xb.node.db
      .updateTable('act')
      .set({ body: old.body })
      .where('message_id', '=', old.message_id)
      .execute();
    await expect(readActRows(readerOf(xb.node), [thread])).rejects.toMatchObject({
      code: 'MOVED_OR_ALTERED',
    });
    await xb.node.db
      .updateTable('act')
      .set({ body: Buffer.alloc(0) })
      .where('message_id', '=', old.message_id)
      .execute();
    // In the register of who sent it: asked, and confirmed by a signed message.
    const { data } = await call(
      here,
      xa.office.as('sam'),
      '{ breaches { messages notes { step how by text } } }',
    );
    const breach = (data.breaches as { messages: string[]; notes: object[] }[]).find(({ messages }) =>
      messages.includes(old.message_id),
    )!;
    expect(breach.notes).toHaveLength(2);
    expect(breach.notes).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ step: 'deletion-asked', how: 'message', by: xa.office.id('sam') }),
        expect.objectContaining({ step: 'deletion-confirmed', how: 'message', by: 'xb' }),
      ]),
    );
  });
});
