/** An act that names a supervisor leaves on that person's own word, and on nobody else's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { confirmRelease } from '#node/enquiries/confirm-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { runOperation } from '#node/operation.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import { calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import {
  type Clock,
  carry,
  enterPerson,
  type LoopNode,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let thread: string;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  const made = { type: 'ENQ', peer: 'xb', body: enquiryBody(), safety: calm } as const;
  const proposed = await proposeAct(xa.ctx, xa.person('ana'), made);
  thread = proposed.thread;
  const { digest } = await rowOf(xa, proposed.id);
  await approveRelease(xa.ctx, xa.person('sam', 'supervisor'), proposed.id, digest);
  await carry(xa, xb);
});
afterAll(() => Promise.all([xa.close(), xb.close()]));

const rowOf = (node: LoopNode, id: string) =>
  node.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const sam = () => xb.person('sam', 'supervisor');
const sue = () => xb.person('sue', 'supervisor');
const ask = (supervisor: string | undefined, person = xb.person('bo')) => {
  const asks = [{ question: 'q1', text: { text: 'INVENTED: which year?', language: 'en' } }];
  const body = { asks, ...(supervisor === undefined ? {} : { supervisor }) };
  return proposeAct(xb.ctx, person, { type: 'CLR', thread, body, safety: calm });
};
const approve = async (id: string, person: ReturnType<typeof sam>) =>
  approveRelease(xb.ctx, person, id, (await rowOf(xb, id)).digest);

describe('a supervisor by name', () => {
  it('a first question needs none and leaves at once', async () => {
    expect((await ask(undefined)).messageId).not.toBeNull();
  });

  it('waits for the person named: for no other supervisor, and no namesake without the role', async () => {
    const { id, messageId } = await ask(sam().name);
    expect(messageId).toBeNull();
    expect((await rowOf(xb, id)).status).toBe('waiting');
    await expect(approve(id, sue())).rejects.toMatchObject({ code: 'OTHER_SUPERVISOR' });
    await expect(approve(id, xb.person('sam'))).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    await approve(id, sam());
    expect(await rowOf(xb, id)).toMatchObject({ status: 'released', approver: 'sam.xb' });
  });

  it('leaves at once where the supervisor named proposes it, and not where an officer writes their own name', async () => {
    expect((await ask(sam().name, sam())).messageId).not.toBeNull();
    expect((await ask(sue().name, sam())).messageId).toBeNull();
    const own = await ask('bo (invented)');
    expect(own.messageId).toBeNull();
    await expect(approve(own.id, xb.person('bo', 'supervisor'))).rejects.toMatchObject({
      code: 'SAME_PERSON',
    });
  });

  it('grown old, it is confirmed by that person alone', async () => {
    const { id } = await ask(sam().name);
    const { messageId } = await approve(id, sam());
    await runOperation(xb.db, xb.ctx.surroundings, (op) =>
      xb.handler.noteUndelivered(op, messageId as MessageId, 'stale', false),
    );
    const { digest } = await rowOf(xb, id);
    const confirm = (person: ReturnType<typeof sam>) => confirmRelease(xb.ctx, person, id, digest);
    await expect(confirm(xb.person('cy'))).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    await expect(confirm(sue())).rejects.toMatchObject({ code: 'OTHER_SUPERVISOR' });
    await confirm(sam());
    expect((await rowOf(xb, id)).status).toBe('released');
  });
});

describe('a refusal', () => {
  const body = { form: 'ground', code: 'court-leave-required' };
  const refuse = (person: ReturnType<typeof sam>) =>
    proposeAct(xb.ctx, person, { type: 'REF', thread, body, safety: calm });
  const hana = () => xb.person('hana', 'head');
  const lea = () => xb.person('lea', 'legal-adviser');

  it('waits for nobody where there is no legal adviser: the office must name one', async () => {
    await expect(refuse(sam())).rejects.toMatchObject({ code: 'NO_LEGAL_ADVISER' });
    await enterPerson(xb, lea());
  });

  it('is proposed by a supervisor or the head, not by an officer', async () => {
    await expect(refuse(xb.person('bo'))).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    await expect(refuse(xb.person('cas', 'case-worker'))).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
  });

  it('leaves by the legal side beside that, and by no second supervisor and no head', async () => {
    for (const proposer of [sam(), hana()]) {
      const { id, messageId } = await refuse(proposer);
      expect(messageId).toBeNull();
      for (const one of [sue(), xb.person('hal', 'head'), xb.person('cy')])
        await expect(approve(id, one)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
      const forced = xb.db
        .updateTable('proposal')
        .set({ approver: 'sue.xb', approver_role: 'supervisor', approved_at: clock.ms })
        .set({ status: 'released', message_id: 'm' })
        .where('id', '=', id);
      await expect(forced.execute()).rejects.toMatchObject({ constraint: 'proposal_refusal_by_two_sides' });
      if (proposer.id === sam().id) continue;
      await approve(id, lea());
      expect(await rowOf(xb, id)).toMatchObject({ status: 'released', approver: 'lea.xb' });
    }
  });
});
