/**
 * One step of the sequencer: gives waiting entries their places, grows the tree and signs a checkpoint, in one
 * transaction. Whoever calls it holds the sequencer's lock; the compare-and-swap of the head is a second belt.
 */
import { type Kysely, type QueryExecutorProvider, sql } from 'kysely';
import { LogStoreError } from '#platform/log/log-store-error.ts';
import { indicesOf, levelsOf, readLatestCheckpoint, type SignedCheckpoint } from '#platform/log/read-log.ts';
import { signCheckpoint } from '#schema/log/checkpoint.ts';
import type { NoteSigningKey } from '#schema/log/note.ts';
import {
  appendLeaves,
  equalHashes,
  type Frontier,
  makeFrontier,
  rootOf,
  type TreeNode,
} from '#schema/log/tree.ts';

type WaitingEntry = { id: number; leaf: Uint8Array };

/** Bounds what one transaction holds in memory and how long it lasts. */
const BATCH_ENTRIES = 1_000;

/** Entries that now have a place, and the checkpoint that covers them. */
export type Integrated = { ids: number[]; checkpoint: SignedCheckpoint };

/**
 * Integrates up to 1,000 waiting entries; null when none wait. The caller holds the sequencer's lock.
 * @param nowMs milliseconds since 1970, noted beside the checkpoint
 * @throws LogStoreError `LOG_CORRUPT`; LogError of tree and checkpoint
 */
export async function integrateBatch<DB>(
  db: Kysely<DB>,
  key: NoteSigningKey,
  nowMs: number,
): Promise<Integrated | null> {
  const waiting = await readWaiting(db);
  if (waiting.length === 0) return null;
  return db.transaction().execute(async (trx) => {
    const before = await readHead(trx);
    const leaves = waiting.map((entry) => entry.leaf);
    const { frontier, nodes } = appendLeaves(before, leaves);
    const root = rootOf(frontier);
    const unsigned = { origin: key.name, size: frontier.size, rootHash: root, extensions: [] };
    const checkpoint = { size: frontier.size, root, note: await signCheckpoint(unsigned, key) };
    await placeEntries(trx, waiting, before.size);
    await insertNodes(trx, nodes);
    await insertCheckpoint(trx, before.size, checkpoint, nowMs);
    await swapHead(trx, before.size, frontier);
    return { ids: waiting.map((entry) => entry.id), checkpoint };
  });
}

async function readWaiting(db: QueryExecutorProvider): Promise<WaitingEntry[]> {
  const { rows } = await sql<{ id: string; leaf: Uint8Array }>`
    select id, leaf from audit_entry where idx is null order by id limit ${BATCH_ENTRIES}`.execute(db);
  return rows.map((row) => ({ id: Number(row.id), leaf: row.leaf }));
}

async function readHead(db: QueryExecutorProvider): Promise<Frontier> {
  const { rows } = await sql<{ size: string; frontier: Uint8Array[] }>`
    select size, frontier from log_head`.execute(db);
  const row = rows[0];
  if (row === undefined) throw new LogStoreError('LOG_CORRUPT');
  return makeFrontier(Number(row.size), row.frontier);
}

/**
 * The head as the last checkpoint signed it; null while the log is empty.
 * @throws LogStoreError `LOG_CORRUPT` when head and last checkpoint are not of one size and root
 */
export async function readSignedHead(db: QueryExecutorProvider): Promise<SignedCheckpoint | null> {
  const head = await readHead(db);
  const latest = await readLatestCheckpoint(db);
  const agree =
    latest === null ? head.size === 0 : head.size === latest.size && equalHashes(rootOf(head), latest.root);
  if (!agree) throw new LogStoreError('LOG_CORRUPT');
  return latest;
}

async function placeEntries(
  trx: QueryExecutorProvider,
  entries: readonly WaitingEntry[],
  firstIndex: number,
): Promise<void> {
  const { numAffectedRows } = await sql`
    update audit_entry set idx = ${firstIndex}::bigint + placed.place - 1
    from unnest(${entries.map((entry) => entry.id)}::bigint[]) with ordinality as placed (id, place)
    where audit_entry.id = placed.id and audit_entry.idx is null`.execute(trx);
  if (Number(numAffectedRows) !== entries.length) throw new LogStoreError('LOG_CORRUPT');
}

async function insertNodes(trx: QueryExecutorProvider, nodes: readonly TreeNode[]): Promise<void> {
  await sql`
    insert into log_node (level, idx, hash)
    select * from unnest(${levelsOf(nodes)}::int[], ${indicesOf(nodes)}::bigint[],
                         ${nodes.map((node) => node.hash)}::bytea[])`.execute(trx);
}

async function insertCheckpoint(
  trx: QueryExecutorProvider,
  oldSize: number,
  { size, root, note }: SignedCheckpoint,
  nowMs: number,
): Promise<void> {
  await sql`
    insert into log_checkpoint (size, old_size, root, note, at)
    values (${size}, ${oldSize}, ${root}, ${note}, ${new Date(nowMs).toISOString()})`.execute(trx);
}

async function swapHead(trx: QueryExecutorProvider, oldSize: number, frontier: Frontier): Promise<void> {
  const { numAffectedRows } = await sql`
    update log_head set size = ${frontier.size}, frontier = ${frontier.hashes}::bytea[]
    where size = ${oldSize}`.execute(trx);
  if (Number(numAffectedRows) !== 1) throw new LogStoreError('LOG_CORRUPT');
}
