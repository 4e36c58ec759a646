/**
 * The drill with old backups (SECURITY.md, At rest; deploy/RUNBOOK.md): what was erased does not come back with a database restored
 * from before. INVENTED children.
 */
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { readActRows } from '#node/enquiries/store.ts';
import { answerErasure } from '#node/retention/answer-erasure.ts';
import { applyRetention, prepareRetention } from '#node/retention/apply-retention.ts';
import { openErasedList } from '#node/retention/erased-list.ts';
import { copyDatabase } from '../../fixtures/database.ts';
import {
  type Clock,
  carry,
  type LoopNode,
  readerOf,
  START_MS,
  startLoopNode,
} from '../../fixtures/loopback.ts';
import { approveAnswer, askErasure, retentionOf, startSide, workThrough } from '../../fixtures/retention.ts';

const clock: Clock = { ms: START_MS };

/** How many of the acts have words that open; or the code of why none does. */
const readable = async (node: LoopNode, thread: string): Promise<number | string> => {
  try {
    return (await readActRows(readerOf(node), [thread])).filter(
      ({ type, body }) => type !== 'ERS' && body !== '',
    ).length;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

it('a backup from before an erasure brings nothing back: what was erased is erased again before anything is served', async () => {
  const xa = await startSide('xa', clock);
  const first = await startSide('xb', clock);
  const thread = await workThrough(xa, first);
  const other = await workThrough(xa, first);
  await first.node.disconnect();
  const backup = await copyDatabase(first.node.config);
  const separate = await copyDatabase(first.node.config);
  const file = first.node.vault.path;
  const node = await startLoopNode('xb', clock, { database: first.node.database, file });
  const xb = { node, office: first.office, retention: retentionOf(node) };
  await askErasure(xa, thread);
  await carry(xa.node, node);
  await approveAnswer(xb, (await answerErasure(node.ctx, xb.office.as('ana'), thread)).id);
  await applyRetention(xb.retention);
  expect(await readable(node, thread)).toBe(0);
  const keys = await node.db.selectFrom('data_key').selectAll().execute();

  // The whole database of before, its wrapped keys with it, and the wrapping keys of today.
  const restored = await startLoopNode('xb', clock, { database: backup, file });
  expect(await readable(restored, thread)).toBe(4);
  expect(await prepareRetention(retentionOf(restored))).toBe(1);
  expect([await readable(restored, thread), await readable(restored, other)]).toEqual([0, 4]);
  const { rows } =
    await sql`select 1 from data_key where subject = ${`conversation:${thread}`} and wrapped is not null`.execute(
      restored.db,
    );
  expect(rows).toEqual([]);
  expect(await prepareRetention(retentionOf(restored))).toBe(0);

  // As the runbook says: content of before with the wrapped keys of today. Nothing opens, whatever becomes of the list.
  const mixed = await startLoopNode('xb', clock, { database: separate, file });
  await sql`alter table data_key disable trigger all`.execute(mixed.db);
  await mixed.db.deleteFrom('data_key').execute();
  await mixed.db.insertInto('data_key').values(keys).execute();
  expect([await readable(mixed, thread), await readable(mixed, other)]).toEqual(['ERASED', 4]);
  const without = { ...retentionOf(mixed), erased: openErasedList(`${file}.lost`) };
  expect(await prepareRetention(without)).toBe(0);
  expect(await readable(mixed, thread)).toBe('ERASED');

  for (const one of [restored, mixed, node]) await one.close();
  await Promise.all([xa.node.close(), first.node.vault.close()]);
});
