/** Uploads that went into no act are removed after a week; everything else stays. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { removeUnused, UNUSED_AFTER_MS } from '#node/attachments/remove-unused.ts';
import { storeAttachment } from '#node/attachments/store-attachment.ts';
import { approveRelease } from '#node/enquiries/approve-release.ts';
import { proposeAct } from '#node/enquiries/propose-act.ts';
import type { ProposalStatus } from '#node/enquiries/tables.ts';
import { withdrawProposal } from '#node/enquiries/withdraw-proposal.ts';
import { aboutChild, calm, counselled, enquiryBody } from '../../fixtures/act-bodies.ts';
import { type Clock, type LoopNode, lastAudit, START_MS, startLoopNode } from '../../fixtures/loopback.ts';

const clock: Clock = { ms: START_MS };
let xa: LoopNode;
beforeAll(async () => {
  xa = await startLoopNode('xa', clock);
});
afterAll(() => xa.close());
beforeEach(async () => {
  clock.ms += UNUSED_AFTER_MS;
  await xa.db.deleteFrom('proposal').execute();
  await xa.db.deleteFrom('attachment').execute();
});

const ana = () => xa.person('ana');
const store = () => ({ db: xa.ctx.doors.jobs, doors: xa.ctx.doors, surroundings: xa.ctx.surroundings });
const upload = async () => {
  const file = { bytes: Buffer.from('INVENTED'), declaredMedia: 'text/plain' };
  return (await storeAttachment(store(), ana(), file)).id;
};
const propose = (id: string, safety = calm, change = {}) =>
  proposeAct(xa.ctx, ana(), {
    type: 'ENQ',
    peer: 'xb',
    body: enquiryBody({ attachments: [{ index: 0, kind: 'document' }] as never, ...change }),
    attachmentIds: [id],
    safety,
  });
const ids = async () =>
  (await xa.db.selectFrom('attachment').select('id').execute()).map(({ id }) => id).sort();
const week = () => {
  clock.ms += UNUSED_AFTER_MS + 1;
};
const entries = async () => {
  const query = xa.db.selectFrom('audit_entry').select('id').where('type', '=', 'attachment.removed-unused');
  return (await query.execute()).length;
};

describe('an upload in no act', () => {
  it('goes after a week, with its parts, and the log says which and no more', async () => {
    const old = [await upload(), await upload()];
    clock.ms += 1000;
    const young = await upload();
    clock.ms += UNUSED_AFTER_MS - 999;
    await removeUnused(store());
    expect(await ids()).toEqual([young]);
    const parts = await xa.db.selectFrom('attachment_part').select('attachment_id').execute();
    expect(parts).toEqual([{ attachment_id: young }]);
    expect(await lastAudit(xa, 'attachment.removed-unused')).toEqual({ count: 2, ids: old.sort() });
  });

  it('goes however many there are, also one whose upload never ended', async () => {
    const first = await upload();
    await xa.db.updateTable('attachment').set({ sha256: '' }).where('id', '=', first).execute();
    const row = await xa.db.selectFrom('attachment').selectAll().executeTakeFirstOrThrow();
    const more = Array.from({ length: 250 }, (_, n) => ({ ...row, id: `att-${n}` }));
    await xa.db.insertInto('attachment').values(more).execute();
    week();
    const before = await entries();
    await removeUnused(store());
    expect(await ids()).toEqual([]);
    expect((await entries()) - before).toBe(3);
    await removeUnused(store());
    expect((await entries()) - before).toBe(3);
  });

  it('goes once its proposal was taken back', async () => {
    const { id } = await propose(await upload());
    await withdrawProposal(xa.ctx, ana(), id);
    week();
    await removeUnused(store());
    expect(await ids()).toEqual([]);
  });
});

describe('what stays', () => {
  it('a file that waits, was stopped, or has to be confirmed anew', async () => {
    const files = [await upload(), await upload(), await upload()];
    await propose(files[0]!);
    const stopped = propose(files[1]!, counselled('XB'), aboutChild('Zora Invented'));
    await expect(stopped).rejects.toMatchObject({ code: 'GATE_CLOSED' });
    const stale = await propose(files[2]!);
    await xa.db
      .updateTable('proposal')
      .set({ status: 'stale', message_id: 'sent' })
      .where('id', '=', stale.id)
      .execute();
    week();
    await removeUnused(store());
    expect(await ids()).toEqual(files.sort());
    const rows = await xa.db.selectFrom('proposal').select('status').orderBy('status').execute();
    expect(rows.map((row) => row.status)).toEqual<ProposalStatus[]>(['stale', 'stopped', 'waiting']);
  });

  it('a file of an act, and one that came from abroad', async () => {
    const file = await upload();
    const { id } = await propose(file);
    const query = xa.db.selectFrom('proposal').select('digest').where('id', '=', id);
    const { digest } = await query.executeTakeFirstOrThrow();
    await approveRelease(xa.ctx, xa.person('sam', 'supervisor'), id, digest);
    const abroad = await upload();
    await xa.db.updateTable('attachment').set({ uploaded_by: null }).where('id', '=', abroad).execute();
    week();
    await removeUnused(store());
    expect(await ids()).toEqual([file, abroad].sort());
  });
});

describe('a proposal made at the same moment', () => {
  it('that holds the file keeps it', async () => {
    const file = await upload();
    week();
    await xa.db.transaction().execute(async (trx) => {
      await trx.selectFrom('attachment').select('id').where('id', '=', file).forUpdate().execute();
      await removeUnused(store());
    });
    expect(await ids()).toEqual([file]);
  });

  it('that was committed while unused files were looked for keeps its own', async () => {
    const [file, other] = [await upload(), await upload()];
    const made = await propose(file);
    const row = await xa.db.selectFrom('proposal').selectAll().executeTakeFirstOrThrow();
    await xa.db.deleteFrom('proposal').execute();
    week();
    let looked = false;
    const slow = xa.db.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        if (!looked) {
          looked = true;
          await xa.db.insertInto('proposal').values(row).execute();
        }
        return result;
      },
    });
    await removeUnused({ ...store(), db: slow });
    expect(await ids()).toEqual([file]);
    expect(await lastAudit(xa, 'attachment.removed-unused')).toEqual({ count: 1, ids: [other] });
    expect((await xa.db.selectFrom('proposal').select('id').execute()).map(({ id }) => id)).toEqual([
      made.id,
    ]);
  });

  it('has its file, or is refused: never one without the other', async () => {
    for (let round = 0; round < 10; round += 1) {
      const files = await Promise.all(Array.from({ length: 4 }, upload));
      week();
      const proposals = files.map((file) => propose(file).catch((error: { code: string }) => error.code));
      const outcomes = await Promise.all([removeUnused(store()), ...proposals, removeUnused(store())]);
      const left = new Set(await ids());
      files.forEach((file, at) => {
        const outcome = outcomes[at + 1];
        if (typeof outcome === 'string')
          expect([outcome, left.has(file)]).toEqual(['ATTACHMENT_UNKNOWN', false]);
        else expect(left.has(file)).toBe(true);
      });
    }
  });
});
