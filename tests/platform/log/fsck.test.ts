import { type RawBuilder, sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { appendEntries } from '#platform/log/append-entry.ts';
import { acceptCosignature } from '#platform/log/collect-cosignatures.ts';
import { checkLog, type LogCheck, type LogFault } from '#platform/log/fsck.ts';
import { proveConsistency } from '#platform/log/prove.ts';
import { readRoot, type SignedCheckpoint } from '#platform/log/read-log.ts';
import { keepCosignature, witnessCheckpoint } from '#platform/log/witness.ts';
import { signCheckpoint } from '#schema/log/checkpoint.ts';
import { cosignCheckpoint } from '#schema/log/cosignature.ts';
import { makeEntry } from '#schema/log/entry.ts';
import { makeSigningKey } from '#schema/log/note.ts';
import {
  AT_MS,
  createLogDatabase,
  type LogDatabase,
  logKey,
  newEntry,
  ORIGIN,
  startTestSequencer,
} from '#tests/platform/log/log-database.ts';

/** Tampers in a transaction, checks inside it, and rolls back. */
async function checkAfter(
  { db }: LogDatabase,
  tampers: RawBuilder<unknown>[],
  lastCosigned: Parameters<typeof checkLog>[2] = null,
  key = logKey,
): Promise<LogCheck | undefined> {
  let found: LogCheck | undefined;
  const undone = new Error('undone');
  const tampering = db.transaction().execute(async (trx) => {
    for (const tamper of tampers) await tamper.execute(trx);
    found = await checkLog(trx, key, lastCosigned);
    throw undone;
  });
  await expect(tampering).rejects.toBe(undone);
  return found;
}

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

  const checkTampered = (
    tampers: RawBuilder<unknown>[],
    lastCosigned: Parameters<typeof checkLog>[2] = null,
    key = logKey,
  ) => checkAfter(database, tampers, lastCosigned, key);

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
      [
        sql`insert into log_checkpoint (size, old_size, root, note, at)
          select 61, 60, root, note, at from log_checkpoint where size = 60`,
      ],
    ],
    ['the head moved', 'HEAD_DIFFERS', 60, [sql`update log_head set size = 59`]],
    ['the frontier edited', 'HEAD_DIFFERS', 60, [sql`update log_head set frontier[1] = sha256('')`]],
    ['no head', 'HEAD_DIFFERS', 60, [sql`delete from log_head`]],
    [
      'two nodes exchanged',
      'NODE_DIFFERS',
      8,
      [
        sql`update log_node n set hash = o.hash from log_node o where n.level = 2 and o.level = 2 and (n.idx, o.idx) in ((2, 3), (3, 2))`,
      ],
    ],
    [
      'two checkpoints exchanged',
      'CHECKPOINT_ROOT_DIFFERS',
      10,
      [
        sql`update log_checkpoint c set root = o.root, note = o.note from log_checkpoint o where (c.size, o.size) in ((20, 30), (30, 20))`,
      ],
    ],
    ['every entry gone', 'HEAD_DIFFERS', 0, [sql`truncate audit_entry`]],
    ['the last half of the entries gone', 'HEAD_DIFFERS', 30, [sql`delete from audit_entry where idx >= 30`]],
    ['every node gone', 'NODE_MISSING', 0, [sql`truncate log_node`]],
    ['every checkpoint gone', 'HEAD_UNSIGNED', 0, [sql`truncate log_checkpoint`]],
    ['the head gone with its table', 'HEAD_DIFFERS', 60, [sql`truncate log_head`]],
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
    const resigned = [
      ...cut,
      sql`insert into log_checkpoint values (32, 30, ${rootHash}, ${note}, default, now())`,
    ];
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

/** A log with cosigned checkpoints whose owner also witnesses another, which has forked. */
describe('a row that was deleted is missed and named', async () => {
  const other = 'focalnet.example/xb';
  const [own, watched] = [await createLogDatabase(), await createLogDatabase()];
  const otherKey = await makeSigningKey(other, 1, new Uint8Array(32).fill(4));
  const [ownWitness, otherWitness, gateway] = await Promise.all(
    [ORIGIN, other, 'focalnet.example/gateway'].map((name, n) =>
      makeSigningKey(name, 4, new Uint8Array(32).fill(5 + n)),
    ),
  );
  const grow = async (database: LogDatabase, key = logKey): Promise<SignedCheckpoint[]> => {
    const sequencer = startTestSequencer(database, { key });
    const checkpoints: SignedCheckpoint[] = [];
    for (let batch = 0; batch < 4; batch++) {
      const entries = Array.from({ length: 10 }, (_, i) => newEntry(batch * 10 + i));
      const ids = (await appendEntries(database.db, entries)).map(({ id }) => id);
      checkpoints.push((await sequencer.waitForCover(ids, 20_000))!);
    }
    await sequencer.stop();
    return checkpoints;
  };
  for (const { size, note } of (await grow(own)).slice(0, 3))
    for (const witness of [gateway!, otherWitness!]) {
      const line = await cosignCheckpoint(note, witness, AT_MS / 1000);
      await acceptCosignature(own.db, { origin: ORIGIN, size, line, witness, nowMs: AT_MS });
    }
  let oldSize = 0;
  const steps = await grow(watched, otherKey);
  const request = { logVkey: otherKey, witnessKey: ownWitness!, nowMs: AT_MS };
  for (const { size, note } of steps) {
    const proof = oldSize === 0 ? [] : await proveConsistency(watched.db, oldSize, size);
    await witnessCheckpoint(own.db, { ...request, note, oldSize, proof });
    oldSize = size;
  }
  // As a gateway does, it keeps what a third party cosigned.
  const third = await cosignCheckpoint(steps[1]!.note, gateway!, AT_MS / 1000);
  await keepCosignature(own.db, {
    origin: other,
    size: 20,
    witness: gateway!.name,
    line: third,
    nowMs: AT_MS,
  });
  const unlike = { origin: other, size: 20, rootHash: new Uint8Array(32).fill(9), extensions: [] };
  const forked = await signCheckpoint(unlike, otherKey);
  for (let times = 0; times < 2; times += 1)
    await expect(
      witnessCheckpoint(own.db, { ...request, note: forked, oldSize: 20, proof: [] }),
    ).rejects.toMatchObject({ code: 'LOG_FORKED' });

  it('passes as long as all is there, and has one entry of the fork', async () => {
    expect(await checkLog(own.db, logKey, null)).toMatchObject({ ok: true, size: 40, waiting: 1 });
    const said = await own.db
      .selectFrom('audit_entry')
      .select('detail')
      .where('type', '=', 'log.forked')
      .execute();
    expect(said.map(({ detail }) => JSON.parse(detail!))).toMatchObject([{ origin: other, size: 20 }]);
  });

  it('passes what is cosigned again, and evidence whose entry was erased', async () => {
    const line = await cosignCheckpoint(steps.at(-1)!.note, ownWitness!, AT_MS / 1000 + 60);
    const again = sql`update cosignature set line = ${line} where origin = ${other} and size = 40`;
    const erase = sql`update audit_entry set salt = null, detail = null where type = 'log.forked'`;
    expect(await checkAfter(own, [again, erase, sql`delete from fork_evidence`])).toMatchObject({ ok: true });
  });

  const cosignature = (origin: string, size: number, witness: string) =>
    sql`delete from cosignature where origin = ${origin} and size = ${size} and witness = ${witness}`;

  it.each<[string, LogFault, string | null, RawBuilder<unknown>[]]>([
    ['an entry', 'ENTRY_MISSING', null, [sql`delete from audit_entry where idx = 17`]],
    ['a node', 'NODE_MISSING', null, [sql`delete from log_node where level = 1 and idx = 3`]],
    ['the head', 'HEAD_DIFFERS', null, [sql`delete from log_head`]],
    [
      'the first checkpoint',
      'CHECKPOINT_MISSING',
      'checkpoint of size 10',
      [sql`delete from log_checkpoint where size = 10`],
    ],
    [
      'a checkpoint',
      'CHECKPOINT_MISSING',
      'checkpoint of size 30',
      [sql`delete from log_checkpoint where size = 30`],
    ],
    [
      'checkpoints in a row',
      'CHECKPOINT_MISSING',
      'checkpoint of size 30',
      [sql`delete from log_checkpoint where size in (20, 30)`],
    ],
    ['the last checkpoint', 'HEAD_UNSIGNED', null, [sql`delete from log_checkpoint where size = 40`]],
    ['every checkpoint', 'HEAD_UNSIGNED', null, [sql`delete from log_checkpoint`]],
    [
      'a cosignature of this log',
      'COSIGNATURE_MISSING',
      `cosignature of ${other} on ${ORIGIN} at size 20`,
      [cosignature(ORIGIN, 20, other)],
    ],
    [
      'a cosignature of another log',
      'COSIGNATURE_MISSING',
      `cosignature of ${ORIGIN} on ${other} at size 30`,
      [cosignature(other, 30, ORIGIN)],
    ],
    [
      'a cosignature that a third party made',
      'COSIGNATURE_MISSING',
      `cosignature of focalnet.example/gateway on ${other} at size 20`,
      [cosignature(other, 20, 'focalnet.example/gateway')],
    ],
    [
      'every cosignature',
      'COSIGNATURE_MISSING',
      `cosignature of focalnet.example/gateway on ${ORIGIN} at size 10`,
      [sql`delete from cosignature`],
    ],
    [
      'the first step',
      'WITNESS_STEP_MISSING',
      `step of ${other} from size 0`,
      [sql`delete from witness_step where old_size = 0`],
    ],
    [
      'a step',
      'WITNESS_STEP_MISSING',
      `step of ${other} from size 20`,
      [sql`delete from witness_step where old_size = 20`],
    ],
    [
      'the last step',
      'WITNESS_STEP_MISSING',
      `step of ${other} from size 30`,
      [sql`delete from witness_step where new_size = 40`],
    ],
    ['every step', 'WITNESS_STEP_MISSING', `step of ${other} from size 0`, [sql`delete from witness_step`]],
    [
      'where it stands',
      'WITNESSED_MISSING',
      `last checkpoint witnessed of ${other}`,
      [sql`delete from witnessed`],
    ],
    [
      'where it stands, and every step',
      'WITNESSED_MISSING',
      `last checkpoint witnessed of ${other}`,
      [sql`delete from witnessed`, sql`delete from witness_step`],
    ],
    [
      'evidence of a fork',
      'FORK_EVIDENCE_MISSING',
      `evidence of the fork of ${other} at size 20`,
      [sql`delete from fork_evidence`],
    ],
  ])('%s: %s', async (_, reason, what, tampers) => {
    expect(await checkAfter(own, tampers)).toMatchObject({ ok: false, firstBad: { reason, what } });
  });

  it('where it stands was set back', async () => {
    const back = sql`update witnessed set (size, root, note) = (20, ${steps[1]!.root}, ${steps[1]!.note})`;
    expect(await checkAfter(own, [back])).toMatchObject({ firstBad: { reason: 'WITNESS_STEP_MISSING' } });
  });
});
