/** What a clearance opens a gate for, who gives and takes it back, and what becomes of those who wait for it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { askClearance, grantClearance } from '#node/enquiries/grant-clearance.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import { resubmitProposal } from '#node/enquiries/resubmit-proposal.ts';
import { calm, counselled, enquiryBody } from '../../fixtures/act-bodies.ts';
import { type Clock, type LoopNode, START_MS, startLoopNode } from '../../fixtures/loopback.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
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
  const file = { id, sha256, name: 'a.pdf', media: 'application/pdf', bytes: 1, uploaded_by: 'ana.xa' };
  await xa.db
    .insertInto('attachment')
    .values({ ...file, removed: '[]', created_at: clock.ms })
    .execute();
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
});
