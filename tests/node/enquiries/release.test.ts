/** Two persons, one digest, a time: what may leave and what may not. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { closeTask } from '#node/enquiries/close-task.ts';
import { confirmRelease } from '#node/enquiries/confirm-release.ts';
import { askClearance, grantClearance } from '#node/enquiries/grant-clearance.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { raiseOverdue } from '#node/enquiries/raise-overdue.ts';
import { resubmitProposal } from '#node/enquiries/resubmit-proposal.ts';
import { sealedProposal } from '#node/enquiries/tables.ts';
import { withdrawProposal } from '#node/enquiries/withdraw-proposal.ts';
import { runOperation } from '#node/operation.ts';
import { openRow, sealColumns } from '#node/vault/sealed-columns.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import { readerOf } from '#tests/fixtures/loopback.ts';
import { aboutChild, alertBody, calm, counselled, enquiryBody } from '../../fixtures/act-bodies.ts';
import {
  auditTypes,
  type Clock,
  carry,
  enterPerson,
  type LoopNode,
  lastAudit,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
});
afterAll(() => Promise.all([xa.close(), xb.close()]));

const propose = (change = {}) =>
  proposeAct(xa.ctx, xa.person('ana'), {
    type: 'ENQ',
    peer: 'xb',
    body: enquiryBody(),
    safety: calm,
    ...change,
  });
const rowOf = (id: string) =>
  xa.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const boss = () => xa.person('sam', 'supervisor');
const waitingToLeave = async () =>
  (await xa.db.selectFrom('seal_request').select('message_id').execute()).length;

describe('two persons', () => {
  it('release exactly what was shown, once', async () => {
    const { id, messageId } = await propose();
    expect(messageId).toBeNull();
    const before = await waitingToLeave();
    const { digest } = await rowOf(id);
    const approved = await approveRelease(xa.ctx, boss(), id, digest);
    expect(await waitingToLeave()).toBe(before + 1);
    expect(await rowOf(id)).toMatchObject({
      status: 'released',
      approver: 'sam.xa',
      message_id: approved.messageId,
    });
    expect(await lastAudit(xa, 'act.released')).toMatchObject({
      proposal: id,
      digest,
      proposer: 'ana.xa',
      approver: 'sam.xa',
    });
    await expect(approveRelease(xa.ctx, boss(), id, digest)).rejects.toMatchObject({
      code: 'PROPOSAL_DECIDED',
    });
  });

  it('two approvals at once release one message', async () => {
    const { id } = await propose();
    const { digest } = await rowOf(id);
    const before = await waitingToLeave();
    const results = await Promise.allSettled([
      approveRelease(xa.ctx, xa.person('sam', 'supervisor'), id, digest),
      approveRelease(xa.ctx, xa.person('hana', 'head'), id, digest),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await waitingToLeave()).toBe(before + 1);
  });

  it('nobody approves their own proposal: not by the code and not by the database', async () => {
    const own = xa.person('sam', 'supervisor');
    const { id } = await proposeAct(xa.ctx, own, {
      type: 'ENQ',
      peer: 'xb',
      body: enquiryBody(),
      safety: calm,
    });
    const { digest } = await rowOf(id);
    await expect(approveRelease(xa.ctx, own, id, digest)).rejects.toMatchObject({ code: 'SAME_PERSON' });
    const forced = xa.db
      .updateTable('proposal')
      .set({ approver: 'sam.xa', approved_at: clock.ms, status: 'released', message_id: 'm' })
      .where('id', '=', id);
    await expect(forced.execute()).rejects.toMatchObject({ constraint: 'proposal_two_persons' });
  });

  it('an officer approves nothing', async () => {
    const { id } = await propose();
    const { digest } = await rowOf(id);
    await expect(approveRelease(xa.ctx, xa.person('bo'), id, digest)).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
    });
  });

  it('another digest, or other content under the same one, is refused', async () => {
    const { id } = await propose();
    const row = await rowOf(id);
    const { digest } = row;
    const { body } = (await openRow(readerOf(xa), sealedProposal, row))!;
    await expect(approveRelease(xa.ctx, boss(), id, 'f'.repeat(64))).rejects.toMatchObject({
      code: 'DIGEST_DIFFERS',
    });
    const altered = body.replace('Юсуф', 'Юсуп');
    expect(altered).not.toBe(body);
    // By somebody who has the keys, too: without them the row does not even open.
    const forged = await runOperation(xa.db, xa.ctx.surroundings, (op) =>
      sealColumns(op, sealedProposal, row, { body: altered }),
    );
    await xa.db.updateTable('proposal').set(forged).where('id', '=', id).execute();
    await expect(approveRelease(xa.ctx, boss(), id, digest)).rejects.toMatchObject({
      code: 'DIGEST_DIFFERS',
    });
  });

  it('an approval comes within 72 hours or not at all', async () => {
    const { id } = await propose();
    const { digest } = await rowOf(id);
    clock.ms += 72 * 3_600_000 + 1;
    await expect(approveRelease(xa.ctx, boss(), id, digest)).rejects.toMatchObject({
      code: 'PROPOSAL_EXPIRED',
    });
    expect((await rowOf(id)).status).toBe('expired');
  });

  it('a withdrawn proposal cannot be approved', async () => {
    const { id } = await propose();
    const { digest } = await rowOf(id);
    await withdrawProposal(xa.ctx, xa.person('ana'), id);
    await expect(approveRelease(xa.ctx, boss(), id, digest)).rejects.toMatchObject({
      code: 'PROPOSAL_DECIDED',
    });
  });
});

describe('gates', () => {
  const feared = aboutChild('Feared Child');
  const counselledChild = aboutChild('Counselled Child');
  it('stop what harms, say which rule, and the log proves that nothing left', async () => {
    const before = await waitingToLeave();
    const safety = {
      ...calm,
      childIsHere: 'yes' as const,
      asylum: [{ country: 'XB', status: 'pending' as const }],
    };
    const error = await propose({ body: enquiryBody(feared), safety }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'GATE_CLOSED' });
    expect(error.message).toContain('[protection-state G10]');
    expect(error.message).toContain('CRC GC6 para. 80');
    expect(error.stoppedBy[0]).toMatchObject({ gate: 'protection-state', rule: 'G10' });
    expect(await waitingToLeave()).toBe(before);
    expect(await lastAudit(xa, 'act.stopped')).toMatchObject({
      type: 'ENQ',
      peer: 'xb',
      gates: ['protection-state'],
    });
    expect((await auditTypes(xa)).at(-1)).toBe('act.stopped');
    expect((await rowOf(error.proposal)).status).toBe('stopped');
  });

  it('silence about protection counts as not assessed, and about harm as not asked', async () => {
    await expect(
      propose({ body: enquiryBody(feared), safety: { childIsHere: 'yes', asylum: [] } }),
    ).rejects.toThrow(/harm G-HARM.*protection-state G10/);
    await expect(propose({ safety: undefined })).rejects.toMatchObject({ code: 'GATE_CLOSED' });
  });

  it('a clearance by two persons opens the gate for this content only', async () => {
    const stopped = await propose({ body: enquiryBody(counselledChild), safety: counselled('XB') }).catch(
      (error) => error,
    );
    const asked = {
      kind: 'asylum' as const,
      proposal: stopped.proposal,
      grounds: 'counselled on 10 January',
      expiresAtMs: clock.ms + 86_400_000,
    };
    await expect(askClearance(xa.ctx, xa.person('ana'), asked)).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
    });
    await enterPerson(xa, xa.person('lea', 'legal-adviser'));
    const clearance = await askClearance(xa.ctx, boss(), asked);
    await expect(resubmitProposal(xa.ctx, xa.person('ana'), stopped.proposal)).rejects.toMatchObject({
      code: 'GATE_CLOSED',
    });
    await expect(grantClearance(xa.ctx, boss(), clearance)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    await grantClearance(xa.ctx, xa.person('lea', 'legal-adviser'), clearance);
    const { id } = await resubmitProposal(xa.ctx, xa.person('ana'), stopped.proposal);
    expect((await rowOf(id)).status).toBe('waiting');
    // The same words of another conversation, which may be about another child, need a clearance of their own.
    await expect(
      propose({ body: enquiryBody(counselledChild), safety: counselled('XB') }),
    ).rejects.toMatchObject({ code: 'GATE_CLOSED' });
    const other = enquiryBody({
      ...counselledChild,
      reasons: { text: 'INVENTED: other words', language: 'en' },
    });
    await expect(propose({ body: other, safety: counselled('XB') })).rejects.toMatchObject({
      code: 'GATE_CLOSED',
    });
  });

  it('run again at the approval', async () => {
    const body = enquiryBody({
      ...counselledChild,
      reasons: { text: 'INVENTED: asked at the approval', language: 'en' },
    });
    const { proposal } = await propose({ body, safety: counselled('XB') }).catch((error) => error);
    const asked = {
      kind: 'asylum' as const,
      proposal,
      grounds: 'counselled on 10 January',
      expiresAtMs: clock.ms + 3_600_000,
    };
    await grantClearance(
      xa.ctx,
      xa.person('lea', 'legal-adviser'),
      await askClearance(xa.ctx, boss(), asked),
    );
    await resubmitProposal(xa.ctx, xa.person('ana'), proposal);
    const { digest } = await rowOf(proposal);
    clock.ms += 3_600_001;
    await expect(approveRelease(xa.ctx, boss(), proposal, digest)).rejects.toMatchObject({
      code: 'GATE_CLOSED',
    });
    expect((await rowOf(proposal)).status).toBe('waiting');
    expect((await auditTypes(xa)).at(-1)).toBe('act.stopped');
  });

  it('what a client names must exist: its conversation, its peer, the act it takes the place of', async () => {
    const invented = 'Юсуф-аль-Хасан';
    await expect(propose({ thread: invented })).rejects.toMatchObject({ code: 'CONVERSATION_UNKNOWN' });
    await expect(propose({ supersedes: invented })).rejects.toMatchObject({ code: 'ACT_UNKNOWN' });
    const { thread } = await proposeAct(xa.ctx, xa.person('ana'), {
      type: 'URG',
      peer: 'xb',
      body: alertBody('XB'),
      safety: calm,
    });
    await expect(propose({ thread, peer: 'xc' })).rejects.toMatchObject({ code: 'BODY_INVALID' });
  });

  it('a body that does not fit is refused by field, never by value', async () => {
    const body = { ...enquiryBody(), purpose: 'Юсуф' };
    const error = await propose({ body }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'BODY_INVALID' });
    expect(error.message).toContain('[purpose]');
    expect(error.message).not.toContain('Юсуф');
  });
});

describe('imminent danger', () => {
  it('one person sends, a second approves afterwards, and until then a task stands', async () => {
    const safety = { ...calm, childIsHere: 'not-known' as const };
    const sent = await proposeAct(xa.ctx, xa.person('ana'), {
      type: 'URG',
      peer: 'xb',
      body: alertBody('XB'),
      safety,
    });
    expect(sent.messageId).not.toBeNull();
    const tasks = () =>
      xa.db
        .selectFrom('task')
        .selectAll()
        .where('message_id', '=', sent.messageId)
        .where('closed_at', 'is', null)
        .execute();
    expect((await tasks()).map((task) => task.kind).sort()).toEqual([
      'call-duty-phone',
      'second-approval-due',
    ]);
    const { digest } = await rowOf(sent.id);
    await expect(
      approveRelease(xa.ctx, xa.person('ana', 'supervisor'), sent.id, digest),
    ).rejects.toMatchObject({ code: 'SAME_PERSON' });
    await approveRelease(xa.ctx, boss(), sent.id, digest);
    expect((await tasks()).map((task) => task.kind)).toEqual(['call-duty-phone']);
    expect((await rowOf(sent.id)).approver).toBe('sam.xa');
    clock.ms += 25 * 3_600_000;
    await raiseOverdue(xa.ctx);
    expect((await tasks()).map((task) => task.kind)).toEqual(['call-duty-phone']);
  });

  it('opens one incident where the second approval has not come in a day', async () => {
    const safety = { ...calm, childIsHere: 'not-known' as const };
    const sent = await proposeAct(xa.ctx, xa.person('ana'), {
      type: 'URG',
      peer: 'xb',
      body: alertBody('XB'),
      safety,
    });
    clock.ms += 24 * 3_600_000 + 1;
    await Promise.all([raiseOverdue(xa.ctx), raiseOverdue(xa.ctx)]);
    await raiseOverdue(xa.ctx);
    const incidents = await xa.db
      .selectFrom('task')
      .selectAll()
      .where('proposal_id', '=', sent.id)
      .where('kind', '=', 'incident')
      .execute();
    expect(incidents).toMatchObject([{ closed_at: null, detail: 'second-approval-missing' }]);
    const reason = 'Looked at and found well.';
    const close = (actor: ReturnType<typeof boss>) => closeTask(xa.ctx, actor, incidents[0]!.id, reason);
    await expect(close(xa.person('ana', 'supervisor'))).rejects.toMatchObject({ code: 'SAME_PERSON' });
    await close(boss());
  });
});

describe('what the peer could not open', () => {
  it('is released anew by one confirmation, under the same number; what it refused is not', async () => {
    for (const [code, status] of [
      ['CANNOT_DECRYPT', 'stale'],
      ['BODY_INVALID', 'released'],
    ] as const) {
      const { id, thread } = await propose();
      const { digest } = await rowOf(id);
      const { messageId } = await approveRelease(xa.ctx, boss(), id, digest);
      await xa.db.deleteFrom('seal_request').where('message_id', '=', messageId).execute();
      await runOperation(xa.db, xa.ctx.surroundings, (op) =>
        xa.handler.noteReceipt(op, messageId as MessageId, { stage: 'rejected', code, atMs: clock.ms }),
      );
      expect((await rowOf(id)).status).toBe(status);
      if (status === 'released') continue;
      const anew = await confirmRelease(xa.ctx, boss(), id, digest);
      const acts = await xa.db
        .selectFrom('act')
        .select(['message_id', 'n'])
        .where('thread', '=', thread)
        .execute();
      expect(acts).toContainEqual({ message_id: anew.messageId, n: 1 });
      const open = xa.db.selectFrom('task').select('kind').where('thread', '=', thread);
      expect(await open.where('closed_at', 'is', null).execute()).toEqual([]);
    }
  });
});

describe('a release that grew old', () => {
  it('goes again through all of it, under the same number, as a new message', async () => {
    const { id, thread } = await propose();
    const { digest } = await rowOf(id);
    const first = await approveRelease(xa.ctx, boss(), id, digest);
    await xa.db.deleteFrom('seal_request').where('message_id', '=', first.messageId).execute();
    await runOperation(xa.db, xa.ctx.surroundings, (op) =>
      xa.handler.noteUndelivered(op, first.messageId as MessageId, 'stale', false),
    );
    const tasks = await xa.db
      .selectFrom('task')
      .selectAll()
      .where('message_id', '=', first.messageId)
      .execute();
    expect(tasks).toMatchObject([{ kind: 'expired-release', assigned_to: 'ana.xa', closed_at: null }]);
    await expect(confirmRelease(xa.ctx, xa.person('ana', 'supervisor'), id, digest)).rejects.toMatchObject({
      code: 'SAME_PERSON',
    });
    const second = await confirmRelease(xa.ctx, boss(), id, digest);
    expect(second.messageId).not.toBe(first.messageId);
    const acts = await xa.db
      .selectFrom('act')
      .select(['message_id', 'n', 'void'])
      .where('thread', '=', thread)
      .execute();
    expect(acts).toEqual(
      expect.arrayContaining([
        { message_id: first.messageId, n: 1, void: true },
        { message_id: second.messageId, n: 1, void: false },
      ]),
    );
    expect((await carry(xa, xb)).some((document) => document.id === second.messageId)).toBe(true);
  });
});
