/** What waits for a second person is told to who may approve it, and what lapses to who proposed it: nothing waits unseen. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { closeTask } from '#node/enquiries/close-task.ts';
import { type ProposedAct, proposeAct } from '#node/enquiries/propose-act.ts';
import { raiseOverdue } from '#node/enquiries/raise-overdue.ts';
import { lapseIfOver } from '#node/enquiries/waiting-proposal.ts';
import { withdrawProposal } from '#node/enquiries/withdraw-proposal.ts';
import { runOperation } from '#node/operation.ts';
import { calm, enquiryBody } from '../../fixtures/act-bodies.ts';
import {
  type Clock,
  carry,
  type LoopNode,
  lastAudit,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { enterOffice, type Name, type Office } from '../../fixtures/office.ts';
import { giveAddresses, takeTold } from '../../fixtures/told.ts';

const HOUR_MS = 3_600_000;
const clock: Clock = { ms: START_MS };
let xa: LoopNode;
let xb: LoopNode;
let office: Office;
let peers: Office;
beforeAll(async () => {
  [xa, xb] = await Promise.all([startLoopNode('xa', clock), startLoopNode('xb', clock)]);
  [office, peers] = await Promise.all([enterOffice(xa), enterOffice(xb)]);
  await Promise.all([giveAddresses(xa), giveAddresses(xb)]);
});
afterAll(() => Promise.all([xa.close(), xb.close()]));
beforeEach(async () => {
  // What a test before left waiting does not lapse in this one, no limit of its conversations runs out, and no
  // receipt of theirs is missed.
  await xa.db.updateTable('conversation').set({ alarm_at: null }).execute();
  await xa.db
    .updateTable('act')
    .set({ stage: 'delivered', delivered_at: clock.ms })
    .where('stage', '=', 'queued')
    .execute();
  await xa.db.updateTable('proposal').set({ status: 'withdrawn' }).where('status', '=', 'waiting').execute();
  await Promise.all([takeTold(xa), takeTold(xb)]);
});

const propose = (change: Partial<ProposedAct> = {}, by: Name = 'ana') =>
  proposeAct(xa.ctx, office.as(by), {
    type: 'ENQ',
    peer: 'xb',
    body: enquiryBody(),
    safety: calm,
    ...change,
  });
const refuse = (thread: string) =>
  proposeAct(xb.ctx, peers.as('sam'), {
    type: 'REF',
    thread,
    body: { form: 'ground', code: 'court-leave-required' },
    safety: calm,
  });
const rowOf = (node: LoopNode, id: string) =>
  node.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const tasksOf = (node: LoopNode, id: string) =>
  node.db
    .selectFrom('task')
    .select(['id', 'kind', 'due_at', 'assigned_to', 'closed_by'])
    .where('proposal_id', '=', id)
    .orderBy('opened_at')
    .execute();
const urgent = enquiryBody({
  urgency: 'immediate-danger',
  urgencyReason: { text: 'INVENTED', language: 'en' },
});
const eyesOnly = enquiryBody({
  handling: { readers: 'eyes-only', named: ['Head (invented)'], onward: 'no', mayBeShownTo: [] },
});

describe('a proposal that waits', () => {
  it('is a task until its time is over, told to who may approve it and to nobody else', async () => {
    const { id } = await propose();
    const { expires_at: dueAt } = await rowOf(xa, id);
    expect(await tasksOf(xa, id)).toMatchObject([
      { kind: 'approval-waits', due_at: dueAt, assigned_to: null, closed_by: null },
    ]);
    expect(await takeTold(xa)).toEqual(['hana digest', 'sam digest', 'sid digest']);
  });

  it('is told at once where it is urgent, and never to who proposed it', async () => {
    await propose({ body: urgent }, 'sam');
    expect(await takeTold(xa)).toEqual(['hana urgent', 'sid urgent']);
  });

  it('for named readers is told to those of them alone who may read it', async () => {
    await propose({ body: eyesOnly }, 'bo');
    expect(await takeTold(xa)).toEqual(['hana digest', 'sam digest', 'sid digest']);
    const thread = await office.enquire('ana', { handling: eyesOnly.handling });
    await takeTold(xa);
    const measure = { phase: 'ask', children: ['c1'], text: { text: 'INVENTED', language: 'en' } };
    await proposeAct(xa.ctx, office.as('ana'), { type: 'MSR', thread, body: measure, safety: calm });
    // Ana proposed the enquiry and Sam approved it: they have read it. The head reads everything.
    expect(await takeTold(xa)).toEqual(['hana digest', 'sam digest']);
  });

  it('that refuses is told to the legal side', async () => {
    const thread = await office.enquire();
    await carry(xa, xb);
    await takeTold(xb);
    const { id } = await refuse(thread);
    expect(await takeTold(xb)).toEqual(['lea digest']);
    await approveRelease(xb.ctx, peers.as('lea'), id, (await rowOf(xb, id)).digest);
    expect(await tasksOf(xb, id)).toMatchObject([{ closed_by: peers.id('lea') }]);
  });

  it('ends its task when it is released or withdrawn, and by no word', async () => {
    const { id } = await propose();
    const [task] = await tasksOf(xa, id);
    await expect(
      closeTask(xa.ctx, office.as('sam'), task!.id, 'INVENTED: somebody else will'),
    ).rejects.toMatchObject({ code: 'NEEDS_A_FINDING' });
    await approveRelease(xa.ctx, office.as('sam'), id, (await rowOf(xa, id)).digest);
    expect(await tasksOf(xa, id)).toMatchObject([{ closed_by: office.id('sam') }]);
    const other = await propose();
    await withdrawProposal(xa.ctx, office.as('ana'), other.id);
    expect(await tasksOf(xa, other.id)).toMatchObject([{ closed_by: office.id('ana') }]);
  });
});

describe('a proposal that lapses', () => {
  it('lapses by the clock, once, and its proposer and those who decide are told, at once where it was urgent', async () => {
    const [slow, fast] = [await propose(), await propose({ body: urgent })];
    await takeTold(xa);
    clock.ms += 2 * HOUR_MS + 1;
    await Promise.all([raiseOverdue(xa.ctx), raiseOverdue(xa.ctx)]);
    expect([(await rowOf(xa, slow.id)).status, (await rowOf(xa, fast.id)).status]).toEqual([
      'waiting',
      'expired',
    ]);
    expect(await tasksOf(xa, fast.id)).toMatchObject([
      { kind: 'approval-waits', closed_by: 'xa' },
      { kind: 'proposal-lapsed', assigned_to: office.id('ana'), closed_by: null },
    ]);
    expect(await lastAudit(xa, 'proposal.expired')).toMatchObject({ proposal: fast.id });
    expect(await takeTold(xa)).toEqual(['ana urgent', 'hana urgent', 'sam urgent', 'sid urgent']);
    clock.ms += 70 * HOUR_MS;
    await raiseOverdue(xa.ctx);
    expect((await rowOf(xa, slow.id)).status).toBe('expired');
    expect(await takeTold(xa)).toEqual(['ana digest', 'hana digest', 'sam digest', 'sid digest']);
    // Somebody has to say what becomes of it; nothing is approved any more.
    const lapsed = (await tasksOf(xa, slow.id)).at(-1)!;
    await closeTask(xa.ctx, office.as('ana'), lapsed.id, 'INVENTED: proposed anew');
    await expect(
      approveRelease(xa.ctx, office.as('sam'), slow.id, (await rowOf(xa, slow.id)).digest),
    ).rejects.toMatchObject({ code: 'PROPOSAL_DECIDED' });
  });

  it('also when somebody comes to approve it too late, before the clock was looked at', async () => {
    const { id } = await propose();
    await takeTold(xa);
    clock.ms += 72 * HOUR_MS + 1;
    await expect(
      approveRelease(xa.ctx, office.as('sam'), id, (await rowOf(xa, id)).digest),
    ).rejects.toMatchObject({ code: 'PROPOSAL_EXPIRED' });
    expect((await tasksOf(xa, id)).map(({ kind, closed_by }) => [kind, closed_by])).toEqual([
      ['approval-waits', 'xa'],
      ['proposal-lapsed', null],
    ]);
    expect(await takeTold(xa)).toContain('ana digest');
  });

  it('for named readers is told to nobody but those of them who may read it', async () => {
    const { id } = await propose({ body: eyesOnly }, 'bo');
    await takeTold(xa);
    clock.ms += 72 * HOUR_MS + 1;
    await runOperation(xa.ctx.doors.jobs, xa.ctx.surroundings, (op) => lapseIfOver(xa.ctx, op, id));
    expect((await rowOf(xa, id)).status).toBe('expired');
    expect(await takeTold(xa)).toEqual(['bo digest', 'hana digest', 'sam digest', 'sid digest']);
  });
});
