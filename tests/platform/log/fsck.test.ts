import { type RawBuilder, sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { appendEntries } from '#platform/log/append-entry.ts';
import { checkLog, type LogCheck, type LogFault } from '#platform/log/fsck.ts';
import { readRoot } from '#platform/log/read-log.ts';
import { signCheckpoint } from '#schema/log/checkpoint.ts';
import { makeEntry } from '#schema/log/entry.ts';
import { makeSigningKey } from '#schema/log/note.ts';
import { createLogDatabase, logKey, newEntry, startTestSequencer } from '#tests/platform/log/log-database.ts';

describe('the log check', async () => {
  const database = await createLogDatabase();
  const { db } = database;
  const sequencer = startTestSequencer(database);
  for (let batch = 0; batch < 6; batch++) {
    const entries = Array.from({ length: 10 }, (_, i) => newEntry(batch * 10 + i));
    const ids = (await appendEntries(db, entries)).map(({ id }) => id);
    await sequencer.waitForCover(ids, 20_000);
  }
  await sequencer.stop();
  await appendEntries(db, [newEntry(60), newEntry(61)]);
  const whole = { ok: true, firstBad: null, entries: 60, erased: 0, waiting: 2, checkpoints: 6, size: 60 };
  const forged = makeEntry({ ...newEntry(7), type: 'enquiry.forged' });
  const nodes = Number((await sql<{ n: string }>`select count(*) as n from log_node`.execute(db)).rows[0]!.n);

  /** Tampers in a transaction, checks inside it, and rolls back. */
  const checkTampered = async (
    tampers: RawBuilder<unknown>[],
    lastCosigned: Parameters<typeof checkLog>[2] = null,
    key = logKey,
  ) => {
    let found: LogCheck | undefined;
    const undone = new Error('undone');
    const tampering = db.transaction().execute(async (trx) => {
      for (const tamper of tampers) await tamper.execute(trx);
      found = await checkLog(trx, key, lastCosigned);
      throw undone;
    });
    await expect(tampering).rejects.toBe(undone);
    return found;
  };

  it('passes a sound log and counts it', async () => {
    expect(await checkLog(db, logKey, null)).toEqual({
      ...whole,
      nodes,
      root: new Uint8Array(await readRoot(db, 60)),
    });
    for (const size of [0, 1, 35, 60]) {
      expect(await checkLog(db, logKey, { size, root: await readRoot(db, size) })).toMatchObject(whole);
    }
  });

  it('passes erased entries', async () => {
    const erase = sql`update audit_entry set salt = null, detail = null where idx in (3, 40) or idx is null`;
    expect(await checkTampered([erase])).toMatchObject({ ...whole, erased: 2 });
  });

  it.each<[string, LogFault, number | null, RawBuilder<unknown>[]]>([
    ['bytes edited', 'LEAF_DIFFERS', 7, [sql`update audit_entry set bytes = ${forged.bytes} where idx = 7`]],
    [
      'bytes and leaf edited',
      'COLUMNS_DIFFER',
      7,
      [sql`update audit_entry set bytes = ${forged.bytes}, leaf = ${forged.leaf} where idx = 7`],
    ],
    [
      'a whole entry replaced',
      'NODE_DIFFERS',
      7,
      [
        sql`update audit_entry set bytes = ${forged.bytes}, leaf = ${forged.leaf}, type = 'enquiry.forged',
              at = '2026-11-23T10:00:00.007Z', salt = null, detail = null where idx = 7`,
      ],
    ],
    [
      'a whole entry and its node replaced',
      'NODE_DIFFERS',
      6,
      [
        sql`update audit_entry set bytes = ${forged.bytes}, leaf = ${forged.leaf}, type = 'enquiry.forged',
              at = '2026-11-23T10:00:00.007Z', salt = null, detail = null where idx = 7`,
        sql`update log_node set hash = ${forged.leaf} where level = 0 and idx = 7`,
      ],
    ],
    [
      'bytes that are no entry',
      'ENTRY_MALFORMED',
      9,
      [sql`update audit_entry set bytes = 'x', leaf = sha256('\\x0078') where idx = 9`],
    ],
    ['type edited', 'COLUMNS_DIFFER', 12, [sql`update audit_entry set type = 'enquiry.read' where idx = 12`]],
    ['time edited', 'COLUMNS_DIFFER', 12, [sql`update audit_entry set at = at + '1 ms' where idx = 12`]],
    [
      'detail edited',
      'COMMITMENT_DIFFERS',
      0,
      [sql`update audit_entry set detail = '{"seq":9}' where idx = 0`],
    ],
    [
      'detail reformatted',
      'COMMITMENT_DIFFERS',
      5,
      [sql`update audit_entry set detail = '{"seq": 5}' where idx = 5`],
    ],
    [
      'salt edited',
      'COMMITMENT_DIFFERS',
      59,
      [sql`update audit_entry set salt = sha256(salt) where idx = 59`],
    ],
    ['an entry deleted', 'ENTRY_MISSING', 33, [sql`delete from audit_entry where idx = 33`]],
    ['the first deleted', 'ENTRY_MISSING', 0, [sql`delete from audit_entry where idx = 0`]],
    ['the last deleted', 'HEAD_DIFFERS', 59, [sql`delete from audit_entry where idx = 59`]],
    [
      'two entries exchanged',
      'NODE_DIFFERS',
      20,
      [
        sql`update audit_entry set idx = 1000 where idx = 20`,
        sql`update audit_entry set idx = 20 where idx = 21`,
        sql`update audit_entry set idx = 21 where idx = 1000`,
      ],
    ],
    [
      'an inner node edited',
      'NODE_DIFFERS',
      16,
      [sql`update log_node set hash = sha256('') where level = 3 and idx = 2`],
    ],
    ['a node deleted', 'NODE_MISSING', 56, [sql`delete from log_node where level = 2 and idx = 14`]],
    ['a node added', 'NODES_LEFT_OVER', 60, [sql`insert into log_node values (0, 60, sha256(''))`]],
    [
      'a root edited',
      'CHECKPOINT_ROOT_DIFFERS',
      20,
      [sql`update log_checkpoint set root = sha256('') where size = 30`],
    ],
    [
      'a note exchanged',
      'CHECKPOINT_NOTE_BAD',
      20,
      [
        sql`update log_checkpoint set note = (select note from log_checkpoint where size = 40) where size = 30`,
      ],
    ],
    [
      'a note edited',
      'CHECKPOINT_NOTE_BAD',
      50,
      [sql`update log_checkpoint set note = replace(note, '60', '61') where size = 60`],
    ],
    ['the last checkpoint deleted', 'HEAD_UNSIGNED', 50, [sql`delete from log_checkpoint where size = 60`]],
    [
      'a checkpoint added',
      'CHECKPOINTS_LEFT_OVER',
      60,
      [sql`insert into log_checkpoint select 61, root, note, at from log_checkpoint where size = 60`],
    ],
    ['the head moved', 'HEAD_DIFFERS', 60, [sql`update log_head set size = 59`]],
    ['the frontier edited', 'HEAD_DIFFERS', 60, [sql`update log_head set frontier[1] = sha256('')`]],
    ['no head', 'HEAD_DIFFERS', 60, [sql`delete from log_head`]],
    [
      'a waiting entry edited',
      'LEAF_DIFFERS',
      null,
      [sql`update audit_entry set bytes = ${forged.bytes} where idx is null`],
    ],
  ])('%s: %s at %s', async (_, reason, index, tampers) => {
    expect(await checkTampered(tampers)).toMatchObject({ ok: false, firstBad: { index, reason } });
  });

  it('needs a witness to see a log cut short, and then sees it', async () => {
    const cut = [
      sql`delete from audit_entry where idx >= 32 or idx is null`,
      sql`delete from log_node where (idx + 1) * (1::bigint << level) > 32`,
      sql`delete from log_checkpoint where size > 30`,
      sql`update log_head set size = 32, frontier = array(select hash from log_node where level = 5)`,
    ];
    const rootHash = await readRoot(db, 32);
    const note = await signCheckpoint({ origin: logKey.name, size: 32, rootHash, extensions: [] }, logKey);
    const resigned = [...cut, sql`insert into log_checkpoint values (32, ${rootHash}, ${note}, now())`];
    expect(await checkTampered(resigned)).toMatchObject({ ok: true, entries: 32 });
    const rolledBack = { ok: false, firstBad: { reason: 'ROLLED_BACK' } };
    expect(await checkTampered(resigned, { size: 60, root: await readRoot(db, 60) })).toMatchObject(
      rolledBack,
    );
    expect(await checkTampered(resigned, { size: 20, root: await readRoot(db, 21) })).toMatchObject(
      rolledBack,
    );
    expect(await checkTampered(resigned, { size: 20, root: await readRoot(db, 20) })).toMatchObject({
      ok: true,
    });
  });

  it('refuses checkpoints of another key', async () => {
    const other = await makeSigningKey(logKey.name, 1, new Uint8Array(32).fill(9));
    expect(await checkTampered([], null, other)).toMatchObject({
      firstBad: { index: 0, reason: 'CHECKPOINT_NOTE_BAD' },
    });
  });
});
