/** What a clearance opens a gate for, who gives and takes it back, and what becomes of those who wait for it. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealedAttachment } from '#node/attachments/tables.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { confirmRelease } from '#node/enquiries/confirm-release.ts';
import { askClearance, grantClearance, revokeClearance } from '#node/enquiries/grant-clearance.ts';
import { clearanceStatus, listClearances } from '#node/enquiries/list-clearances.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { resubmitProposal } from '#node/enquiries/resubmit-proposal.ts';
import { sealedTask } from '#node/enquiries/tables.ts';
import { runOperation } from '#node/operation.ts';
import { openRow, sealColumns } from '#node/vault/sealed-columns.ts';
import type { MessageId } from '#schema/protocol/ids.ts';
import { readerOf } from '#tests/fixtures/loopback.ts';
import { calm, counselled, enquiryBody } from '../../fixtures/act-bodies.ts';
import {
  type Clock,
  enterPerson,
  type LoopNode,
  lastAudit,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
  const thread = await openThread();
  const proposal = await stopped(correct(thread, await storeFile('f0', '0'.repeat(64))));
  // Nobody but a legal adviser could ever grant it (PRACTICE.md A3).
  await expect(ask(proposal)).rejects.toMatchObject({ code: 'NO_LEGAL_ADVISER' });
  const other = await ask(proposal, { kind: 'presence' });
  await revokeClearance(xa.ctx, sam(), other, 'INVENTED: not needed after all');
  await enterPerson(xa, lea());
});
afterAll(() => xa.close());

const ana = () => xa.person('ana');
const sam = () => xa.person('sam', 'supervisor');
const lea = () => xa.person('lea', 'legal-adviser');
const rowOf = (id: string) =>
  xa.db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

/** A conversation that has been opened with xb. */
async function openThread(): Promise<string> {
  const made = { type: 'ENQ', peer: 'xb', body: enquiryBody(), safety: calm } as const;
  const { id, thread } = await proposeAct(xa.ctx, ana(), made);
  await approveRelease(xa.ctx, sam(), id, (await rowOf(id)).digest);
  return thread;
}

async function storeFile(id: string, sha256: string): Promise<string> {
  const file = { id, sha256, media: 'application/pdf', bytes: 1, uploaded_by: 'ana.xa', removed: '[]' };
  await runOperation(xa.db, xa.ctx.surroundings, async (op) => {
    const sealed = await sealColumns(op, sealedAttachment, { id }, { name: 'a.pdf' });
    await op.trx
      .insertInto('attachment')
      .values({ ...file, ...sealed, created_at: clock.ms })
      .execute();
  });
  return id;
}

/** Proposes a correction with one file; it is about a child who was counselled about protection from xb. */
const correct = (thread: string, attachment: string, person = ana()) =>
  proposeAct(xa.ctx, person, {
    type: 'SUP',
    thread,
    body: {
      phase: 'correct',
      questions: [],
      text: { text: 'INVENTED: see the file', language: 'en' },
      children: [],
      attachments: [{ index: 0, kind: 'document' }],
    },
    attachmentIds: [attachment],
    safety: counselled('XB'),
  });
const stopped = async (proposing: Promise<unknown>): Promise<string> => {
  const error = await proposing.then(String, (thrown) => thrown);
  expect(error).toMatchObject({ code: 'GATE_CLOSED' });
  return error.proposal;
};
const ask = (proposal: string, more = {}) =>
  askClearance(xa.ctx, sam(), {
    kind: 'asylum',
    proposal,
    grounds: 'INVENTED: counselled on 10 January',
    expiresAtMs: clock.ms + 86_400_000,
    ...more,
  });

describe('a clearance', () => {
  it('is for one proposal: the same words with another file, or by another author, need their own', async () => {
    const thread = await openThread();
    const proposal = await stopped(correct(thread, await storeFile('f1', '1'.repeat(64))));
    // Nobody decided on it: who would release it reads what opens it.
    await expect(
      approveRelease(xa.ctx, sam(), proposal, (await rowOf(proposal)).digest),
    ).rejects.toMatchObject({ code: 'PROPOSAL_STOPPED' });
    await grantClearance(xa.ctx, lea(), await ask(proposal));
    await stopped(correct(thread, await storeFile('f2', '2'.repeat(64))));
    await stopped(correct(thread, 'f1', xa.person('bo')));
    await resubmitProposal(xa.ctx, ana(), proposal);
    expect((await rowOf(proposal)).status).toBe('waiting');
    // A file put in the place of the cleared one is neither cleared nor what was shown.
    await xa.db
      .updateTable('attachment')
      .set({ sha256: '3'.repeat(64) })
      .where('id', '=', 'f1')
      .execute();
    await expect(
      approveRelease(xa.ctx, sam(), proposal, (await rowOf(proposal)).digest),
    ).rejects.toMatchObject({ code: 'DIGEST_DIFFERS' });
  });

  it('asked for, it is a task for whoever may decide, until somebody does', async () => {
    const proposal = await stopped(correct(await openThread(), await storeFile('f4', '4'.repeat(64))));
    const [asylum, contact] = [await ask(proposal), await ask(proposal, { kind: 'family-contact' })];
    const waiting = async () => {
      const query = xa.db.selectFrom('task').selectAll().where('proposal_id', '=', proposal);
      return (await query.where('closed_at', 'is', null).execute()).map((task) => task.detail).sort();
    };
    const task = await xa.db
      .selectFrom('task')
      .selectAll()
      .where('detail', '=', asylum)
      .executeTakeFirstOrThrow();
    const { thread } = await rowOf(proposal);
    expect(task).toMatchObject({ kind: 'clearance-asked', thread, proposal_id: proposal, assigned_to: null });
    expect(await waiting()).toEqual([asylum, contact].sort());
    await grantClearance(xa.ctx, lea(), asylum);
    expect(await waiting()).toEqual([contact]);
    await revokeClearance(xa.ctx, lea(), contact, 'The guardian has not been heard.');
    expect(await waiting()).toEqual([]);
    const query = xa.db.selectFrom('task').select(['id', 'thread', 'closed_by', 'reason']);
    const closed = await query.where('detail', '=', contact).executeTakeFirst();
    expect(await openRow(readerOf(xa), sealedTask, closed)).toMatchObject({
      closed_by: 'lea.xa',
      reason: 'refused',
    });
  });

  it('is refused before the grant: who asked, or who may grant that kind', async () => {
    const proposal = await stopped(correct(await openThread(), await storeFile('f5', '5'.repeat(64))));
    const reason = 'INVENTED: the claim has been opened again';
    for (const decider of [sam(), lea()]) {
      const id = await ask(proposal);
      // A supervisor may grant other kinds, not this one; this one did not ask either.
      for (const stranger of [ana(), xa.person('sue', 'supervisor')])
        await expect(revokeClearance(xa.ctx, stranger, id, reason)).rejects.toMatchObject({
          code: 'NOT_PERMITTED',
        });
      await expect(revokeClearance(xa.ctx, decider, id, 'no')).rejects.toMatchObject({
        code: 'REASON_MISSING',
      });
      await revokeClearance(xa.ctx, decider, id, reason);
      expect(await lastAudit(xa, 'clearance.refused')).toMatchObject({ id, actor: decider.id });
      expect(JSON.stringify(await lastAudit(xa, 'clearance.refused'))).not.toContain(reason);
      await expect(grantClearance(xa.ctx, lea(), id)).rejects.toMatchObject({ code: 'CLEARANCE_UNKNOWN' });
      await expect(revokeClearance(xa.ctx, decider, id, reason)).rejects.toMatchObject({
        code: 'CLEARANCE_UNKNOWN',
      });
    }
    await expect(resubmitProposal(xa.ctx, ana(), proposal)).rejects.toMatchObject({ code: 'GATE_CLOSED' });
  });

  it('is taken back after the grant: what waited for its second person does not leave', async () => {
    const proposal = await stopped(correct(await openThread(), await storeFile('f6', '6'.repeat(64))));
    const id = await ask(proposal);
    await grantClearance(xa.ctx, lea(), id);
    await resubmitProposal(xa.ctx, ana(), proposal);
    await revokeClearance(xa.ctx, lea(), id, 'INVENTED: the claim has been opened again');
    expect(await lastAudit(xa, 'clearance.revoked')).toMatchObject({ id, actor: 'lea.xa' });
    const { digest } = await rowOf(proposal);
    await expect(approveRelease(xa.ctx, sam(), proposal, digest)).rejects.toMatchObject({
      code: 'GATE_CLOSED',
    });
  });

  it('is taken back after the release: what rests on it and has not arrived waits for a person', async () => {
    const thread = await openThread();
    const released = async (file: string) => {
      const proposal = await stopped(correct(thread, await storeFile(file, file[1]!.repeat(64))));
      const id = await ask(proposal);
      await grantClearance(xa.ctx, lea(), id);
      await resubmitProposal(xa.ctx, ana(), proposal);
      const { digest } = await rowOf(proposal);
      const { messageId } = await approveRelease(xa.ctx, sam(), proposal, digest);
      return { id, proposal, digest, messageId: messageId as MessageId };
    };
    const goodFor = async ({ messageId }: { messageId: string }) => {
      const query = xa.db.selectFrom('seal_request').select('approved_until');
      return (await query.where('message_id', '=', messageId).executeTakeFirstOrThrow()).approved_until;
    };
    const note = (stage: 'relayed' | 'delivered', messageId: MessageId) =>
      runOperation(xa.db, xa.ctx.surroundings, (op) =>
        xa.handler.noteReceipt(op, messageId, { stage, code: undefined, atMs: clock.ms }),
      );
    const [queued, relayed, arrived] = [await released('fa'), await released('fb'), await released('fc')];
    await note('relayed', relayed.messageId);
    await note('delivered', arrived.messageId);
    for (const { id } of [queued, relayed, arrived])
      await revokeClearance(xa.ctx, lea(), id, 'INVENTED: the claim has been opened again');
    expect(await goodFor(queued)).toBeLessThan(clock.ms);
    expect(await goodFor(relayed)).toBeLessThan(clock.ms);
    expect(await goodFor(arrived)).toBeGreaterThan(clock.ms);
    const tasks = await xa.db
      .selectFrom('task')
      .select(['message_id', 'kind', 'detail', 'assigned_to'])
      .where('thread', '=', thread)
      .where('closed_at', 'is', null)
      .orderBy('id')
      .execute();
    const asked = { kind: 'expired-release', detail: 'clearance-revoked', assigned_to: 'ana.xa' };
    expect(tasks).toHaveLength(2);
    expect(tasks).toEqual(
      expect.arrayContaining([queued, relayed].map(({ messageId }) => ({ ...asked, message_id: messageId }))),
    );
    await runOperation(xa.db, xa.ctx.surroundings, (op) =>
      xa.handler.noteUndelivered(op, queued.messageId, 'stale', false),
    );
    for (const { proposal, digest } of [queued, relayed])
      await expect(confirmRelease(xa.ctx, sam(), proposal, digest)).rejects.toMatchObject({
        code: 'GATE_CLOSED',
      });
  });

  it('about protection is asked for by supervisor or head and granted by a legal adviser, never by a head', async () => {
    const proposal = await stopped(correct(await openThread(), await storeFile('f8', '8'.repeat(64))));
    const hana = xa.person('hana', 'head');
    const grounds = 'INVENTED: counselled on 10 January';
    const wanted = { kind: 'asylum' as const, proposal, grounds, expiresAtMs: clock.ms + 86_400_000 };
    await expect(askClearance(xa.ctx, ana(), wanted)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    for (const asking of [sam(), hana]) {
      const id = await askClearance(xa.ctx, asking, wanted);
      for (const one of [xa.person('hal', 'head'), xa.person('sue', 'supervisor')])
        await expect(grantClearance(xa.ctx, one, id)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
      const forced = xa.db
        .updateTable('clearance')
        .set({ granted_by: 'hal.xa', granted_name: 'Hal', granted_role: 'head', granted_at: clock.ms })
        .where('id', '=', id);
      await expect(forced.execute()).rejects.toMatchObject({ constraint: 'clearance_asylum_by_two_sides' });
      await grantClearance(xa.ctx, lea(), id);
    }
  });

  it('of a place is a decider’s act, bound to exactly what would leave', async () => {
    const thread = await openThread();
    const sighting = {
      kind: 'reported-by-witness',
      people: [{ ref: 'c1', names: [], description: { text: 'INVENTED', language: 'en' } }],
      at: '2027-01-15T08:00:00Z',
      country: 'XB',
      district: 'INVENTED district',
      source: 'register',
      confidence: 'likely',
      attachments: [],
    };
    const propose = (person = ana()) =>
      proposeAct(xa.ctx, person, { type: 'SGT', thread, body: sighting, safety: calm });
    const proposal = await stopped(propose());
    const id = await ask(proposal, { kind: 'place' });
    for (const one of [ana(), lea()])
      await expect(grantClearance(xa.ctx, one, id)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    await expect(grantClearance(xa.ctx, sam(), id)).rejects.toMatchObject({ code: 'SAME_PERSON' });
    await grantClearance(xa.ctx, xa.person('sue', 'supervisor'), id);
    await resubmitProposal(xa.ctx, ana(), proposal);
    await approveRelease(xa.ctx, sam(), proposal, (await rowOf(proposal)).digest);
    expect((await rowOf(proposal)).status).toBe('released');
    await stopped(propose(xa.person('bo')));
  });

  it('those that wait for a decision are listed first', async () => {
    const proposal = await stopped(correct(await openThread(), await storeFile('f7', '7'.repeat(64))));
    const waiting = await ask(proposal);
    clock.ms += 1000;
    const granted = await ask(proposal);
    await grantClearance(xa.ctx, lea(), granted);
    const short = await ask(proposal, { expiresAtMs: clock.ms + 1 });
    clock.ms += 2;
    const listed = await listClearances(readerOf(xa), clock.ms);
    const status = (id: string) => clearanceStatus(listed.find((row) => row.id === id)!, clock.ms);
    expect([waiting, granted, short].map(status)).toEqual(['asked', 'granted', 'expired']);
    expect(listed.map((row) => row.id).indexOf(waiting)).toBe(0);
    expect((await listClearances(readerOf(xa), clock.ms, 2)).map((row) => row.id)).toHaveLength(2);
  });
});
