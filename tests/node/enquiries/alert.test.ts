/** An alert that one person sent: a second person must look at it, and the first cannot make that unnecessary. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { closeTask } from '#node/enquiries/close-task.ts';
import { confirmRelease } from '#node/enquiries/confirm-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { raiseOverdue } from '#node/enquiries/raise-overdue.ts';
import { withdrawProposal } from '#node/enquiries/withdraw-proposal.ts';
import { runOperation } from '#node/operation.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import { alertBody, calm } from '../../fixtures/act-bodies.ts';
import { type Clock, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
});
afterAll(() => xa.close());

/** The same person in whatever role. */
const ana = () => xa.person('ana', 'supervisor');
const sam = () => xa.person('sam', 'supervisor');
const rowOf = (id: string) =>
  xa.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const openTasks = async (proposal: string) => {
  const query = xa.db.selectFrom('task').selectAll().where('proposal_id', '=', proposal);
  return query.where('closed_at', 'is', null).orderBy('kind').execute();
};
const kinds = async (proposal: string) => (await openTasks(proposal)).map((task) => task.kind);

let id: string;
let digest: string;
/** Sent by ana alone. */
beforeEach(async () => {
  const alert = { type: 'URG', peer: 'xb', body: alertBody('XB'), safety: calm } as const;
  id = (await proposeAct(xa.ctx, ana(), alert)).id;
  digest = (await rowOf(id)).digest;
});

async function growOld(reason: 'stale' | 'expired' = 'stale') {
  const { message_id } = await rowOf(id);
  await runOperation(xa.db, xa.ctx.surroundings, (op) =>
    xa.handler.noteUndelivered(op, message_id as MessageId, reason, reason === 'expired'),
  );
}

describe('an alert confirmed anew', () => {
  it('has been looked at by a second person: nothing asks for one again', async () => {
    await growOld();
    expect(await kinds(id)).toEqual(['call-duty-phone', 'expired-release', 'second-approval-due']);
    await confirmRelease(xa.ctx, sam(), id, digest);
    expect(await rowOf(id)).toMatchObject({ status: 'released', approver: 'sam.xa' });
    expect(await kinds(id)).not.toContain('second-approval-due');
    clock.ms += 25 * 3_600_000;
    await raiseOverdue(xa.ctx);
    expect(await kinds(id)).not.toContain('incident');
  });

  it('so had been one that was approved before it grew old', async () => {
    await approveRelease(xa.ctx, sam(), id, digest);
    await growOld();
    await confirmRelease(xa.ctx, xa.person('hana', 'head'), id, digest);
    expect(await kinds(id)).not.toContain('second-approval-due');
  });
});

describe('who sent an alert alone', () => {
  const refused = { code: 'SAME_PERSON' };
  const reason = 'INVENTED: dealt with by telephone';
  const close = async (kind: string, person = ana()) => {
    const task = (await openTasks(id)).find((one) => one.kind === kind)!;
    return closeTask(xa.ctx, person, task.id, reason);
  };
  const late = async () => {
    clock.ms += 24 * 3_600_000 + 1;
    await raiseOverdue(xa.ctx);
  };

  it('does not end it alone; once two have, the conversation is dangerous and urgent no longer', async () => {
    const { thread } = await rowOf(id);
    const over = { ...alertBody('XB'), phase: 'ended' as const };
    const ending = await proposeAct(xa.ctx, ana(), { type: 'URG', thread, body: over, safety: calm });
    expect(ending.messageId).toBeNull();
    const shown = () =>
      xa.db
        .selectFrom('conversation')
        .select('danger')
        .where('thread', '=', thread)
        .executeTakeFirstOrThrow();
    expect(await shown()).toEqual({ danger: true });
    const proposed = await rowOf(ending.id);
    await expect(approveRelease(xa.ctx, ana(), ending.id, proposed.digest)).rejects.toMatchObject({
      code: 'SAME_PERSON',
    });
    await approveRelease(xa.ctx, sam(), ending.id, proposed.digest);
    expect(await shown()).toEqual({ danger: false });
  });

  it('does not approve it afterwards', async () => {
    await expect(approveRelease(xa.ctx, ana(), id, digest)).rejects.toMatchObject(refused);
    await approveRelease(xa.ctx, sam(), id, digest);
  });

  it('closes neither the reminder nor the incident, however old the alert has grown', async () => {
    await expect(close('second-approval-due')).rejects.toMatchObject(refused);
    await late();
    await expect(close('incident')).rejects.toMatchObject(refused);
    await growOld('expired');
    await expect(close('second-approval-due')).rejects.toMatchObject(refused);
    await expect(close('incident')).rejects.toMatchObject(refused);
    await confirmRelease(xa.ctx, sam(), id, digest);
    // It is another message now, and the incident is still about what ana sent.
    await expect(close('incident')).rejects.toMatchObject(refused);
    await close('incident', sam());
    await raiseOverdue(xa.ctx);
    expect(await kinds(id)).not.toContain('incident');
  });

  it('does not confirm it when it has grown old', async () => {
    await growOld();
    await expect(confirmRelease(xa.ctx, ana(), id, digest)).rejects.toMatchObject(refused);
  });

  it.each(['stale', 'expired'] as const)(
    'does not take it back when it is %s; it stays an incident',
    async (how) => {
      await growOld(how);
      await expect(withdrawProposal(xa.ctx, ana(), id)).rejects.toMatchObject(refused);
      // Its own notice that it did not arrive may be closed; that settles nothing.
      await close(how === 'stale' ? 'expired-release' : 'undelivered');
      await late();
      expect(await kinds(id)).toContain('incident');
      await expect(close('incident')).rejects.toMatchObject(refused);
    },
  );

  it('another takes it back, and with that has looked at it', async () => {
    await growOld();
    await withdrawProposal(xa.ctx, sam(), id);
    expect(await kinds(id)).not.toContain('second-approval-due');
    await late();
    expect(await kinds(id)).not.toContain('incident');
  });

  it('may take back what a gate stopped: it was never sent', async () => {
    const harm = { answer: 'likely-endangers', reasons: 'INVENTED' } as const;
    const alert = { type: 'URG', peer: 'xb', body: alertBody('XB'), safety: { ...calm, harm } } as const;
    const { proposal } = await proposeAct(xa.ctx, ana(), alert).catch((error) => error);
    await withdrawProposal(xa.ctx, ana(), proposal);
    expect((await rowOf(proposal)).status).toBe('withdrawn');
  });
});
