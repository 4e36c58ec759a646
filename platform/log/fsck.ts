/**
 * The check of the whole log: derives everything again from the entries' bytes and says where the first
 * difference is. Reads one snapshot, page by page, and changes nothing. It cannot see a log that was rewritten
 * and signed again with its own key; only what witnesses hold shows that, so give it their last checkpoint. Nor can
 * it miss an entry that was deleted before it was sequenced: until then nothing promises it.
 */
import { type Kysely, type QueryExecutorProvider, sql, type Transaction } from 'kysely';
import { findMissingRow, type MissingRow } from '#platform/log/find-missing-row.ts';
import { indicesOf, levelsOf } from '#platform/log/read-log.ts';
import type { LastCosigned } from '#platform/log/refuse-below.ts';
import { openCheckpoint } from '#schema/log/checkpoint.ts';
import { parseEntry, verifyEntry } from '#schema/log/entry.ts';
import { LogError } from '#schema/log/log-error.ts';
import type { NoteVerifierKey } from '#schema/log/note.ts';
import {
  appendLeaves,
  emptyFrontier,
  equalHashes,
  type Frontier,
  leafHash,
  rootOf,
  type TreeNode,
} from '#schema/log/tree.ts';
import { parseCanonical } from '#schema/protocol/canonical.ts';

/** What can be wrong. */
export type LogFault =
  | 'ENTRY_MISSING'
  | 'ENTRY_MALFORMED'
  | 'COLUMNS_DIFFER'
  | 'LEAF_DIFFERS'
  | 'COMMITMENT_DIFFERS'
  | 'NODE_MISSING'
  | 'NODE_DIFFERS'
  | 'NODES_LEFT_OVER'
  | 'CHECKPOINT_MISSING'
  | 'CHECKPOINT_ROOT_DIFFERS'
  | 'CHECKPOINT_NOTE_BAD'
  | 'CHECKPOINTS_LEFT_OVER'
  | 'HEAD_DIFFERS'
  | 'HEAD_UNSIGNED'
  | 'ROLLED_BACK'
  | MissingRow['reason'];

/**
 * Counts of what was checked, and the first fault. `index` is the place of the first bad entry; for a
 * checkpoint the first place that no earlier good checkpoint vouches for; null for an entry not yet sequenced and for what
 * concerns logs of others. `what` names the row that is missing, where it can be named.
 */
export type LogCheck = {
  ok: boolean;
  firstBad: { index: number | null; reason: LogFault; what: string | null } | null;
  entries: number;
  /** Of these, without salt and detail: erased. */
  erased: number;
  /** Not yet sequenced. */
  waiting: number;
  nodes: number;
  checkpoints: number;
  size: number;
  root: Uint8Array;
};

type EntryRow = {
  idx: string | null;
  type: string;
  at_ms: string;
  bytes: Uint8Array;
  leaf: Uint8Array;
  salt: Uint8Array | null;
  detail: string | null;
};
type CheckpointRow = { size: string; old_size: string; root: Uint8Array; note: string };
type Progress = Omit<LogCheck, 'ok' | 'firstBad' | 'size' | 'root'> & {
  frontier: Frontier;
  vouchedSize: number;
};
type Expected = { logVkey: NoteVerifierKey; lastCosigned: LastCosigned | null };

/** Ends the walk at the first fault; never leaves this file. */
class FoundFault extends Error {
  readonly index: number | null;
  readonly reason: LogFault;
  readonly what: string | null;

  constructor(index: number | null, reason: LogFault, what: string | null = null) {
    super(reason);
    this.index = index;
    this.reason = reason;
    this.what = what;
  }
}

const PAGE_ENTRIES = 2_000;
const MAX_DETAIL_BYTES = 16 * 1024 * 1024;

/**
 * Checks every entry, node and checkpoint of the log in this database, in one snapshot; given a transaction,
 * as that transaction sees it.
 * @param lastCosigned what a witness outside holds of this log, null if that is not known
 */
export async function checkLog<DB>(
  db: Kysely<DB> | Transaction<DB>,
  logVkey: NoteVerifierKey,
  lastCosigned: LastCosigned | null,
): Promise<LogCheck> {
  const expected = { logVkey, lastCosigned };
  if (db.isTransaction) return walkLog(db, expected);
  const snapshot = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  return snapshot.execute((trx) => walkLog(trx, expected));
}

async function walkLog(trx: QueryExecutorProvider, expected: Expected): Promise<LogCheck> {
  const progress: Progress = {
    entries: 0,
    erased: 0,
    waiting: 0,
    nodes: 0,
    checkpoints: 0,
    frontier: emptyFrontier(),
    vouchedSize: 0,
  };
  let firstBad: LogCheck['firstBad'] = null;
  try {
    while (await checkPage(trx, progress, expected));
    await checkEnd(trx, progress, expected);
    await checkWaiting(trx, progress);
    const missing = await findMissingRow(trx, expected.logVkey.name);
    if (missing !== null) throw new FoundFault(null, missing.reason, missing.what);
  } catch (error) {
    if (!(error instanceof FoundFault)) throw error;
    firstBad = { index: error.index, reason: error.reason, what: error.what };
  }
  const { frontier, vouchedSize: _, ...counts } = progress;
  return { ok: firstBad === null, firstBad, ...counts, size: frontier.size, root: rootOf(frontier) };
}

/** Checks the next page; false when there was none. */
async function checkPage(
  trx: QueryExecutorProvider,
  progress: Progress,
  expected: Expected,
): Promise<boolean> {
  const start = progress.frontier.size;
  const rows = await readEntries(trx, start);
  const { sound, fault } = splitAtFault(rows, start);
  const checkpoints = await readCheckpoints(trx, start, start + sound.length);
  const stops = new Set(checkpoints.map((checkpoint) => Number(checkpoint.size)));
  if (expected.lastCosigned !== null) stops.add(expected.lastCosigned.size);
  const roots = await checkTree(trx, progress, sound, stops);
  for (const checkpoint of checkpoints) await checkCheckpoint(checkpoint, roots, progress, expected);
  checkCosigned(roots, expected);
  if (fault !== null) throw fault;
  return rows.length > 0;
}

/** The rows before the first fault: what is wrong further left in the tree is reported before it. */
function splitAtFault(
  rows: readonly EntryRow[],
  start: number,
): { sound: EntryRow[]; fault: FoundFault | null } {
  const sound: EntryRow[] = [];
  for (const row of rows) {
    const index = start + sound.length;
    const reason = Number(row.idx) === index ? findEntryFault(row) : 'ENTRY_MISSING';
    if (reason !== null) return { sound, fault: new FoundFault(index, reason) };
    sound.push(row);
  }
  return { sound, fault: null };
}

/** Grows the tree by these entries, compares every stored node, and returns the roots at the sizes asked for. */
async function checkTree(
  trx: QueryExecutorProvider,
  progress: Progress,
  rows: readonly EntryRow[],
  stops: ReadonlySet<number>,
): Promise<Map<number, Uint8Array>> {
  const roots = new Map<number, Uint8Array>();
  const nodes: TreeNode[] = [];
  for (const row of rows) {
    const grown = appendLeaves(progress.frontier, [row.leaf]);
    progress.frontier = grown.frontier;
    for (const node of grown.nodes) nodes.push(node);
    if (stops.has(grown.frontier.size)) roots.set(grown.frontier.size, rootOf(grown.frontier));
  }
  await checkNodes(trx, nodes);
  progress.entries += rows.length;
  progress.erased += rows.filter((row) => row.salt === null).length;
  progress.nodes += nodes.length;
  return roots;
}

async function readEntries(trx: QueryExecutorProvider, start: number): Promise<EntryRow[]> {
  const { rows } = await sql<EntryRow>`
    select idx, type, (extract(epoch from at) * 1000)::bigint as at_ms, bytes, leaf, salt, detail
    from audit_entry where idx >= ${start} order by idx limit ${PAGE_ENTRIES}`.execute(trx);
  return rows;
}

async function readCheckpoints(
  trx: QueryExecutorProvider,
  after: number,
  upTo: number,
): Promise<CheckpointRow[]> {
  const { rows } = await sql<CheckpointRow>`
    select size, old_size, root, note from log_checkpoint where size > ${after} and size <= ${upTo} order by size`.execute(
    trx,
  );
  return rows;
}

function findEntryFault(row: EntryRow): LogFault | null {
  if (!equalHashes(leafHash(row.bytes), row.leaf)) return 'LEAF_DIFFERS';
  try {
    const entry = parseEntry(row.bytes);
    if (entry.type !== row.type || entry.atMs !== Number(row.at_ms)) return 'COLUMNS_DIFFER';
  } catch {
    return 'ENTRY_MALFORMED';
  }
  return opensCommitment(row) ? null : 'COMMITMENT_DIFFERS';
}

/** Erasure takes salt and detail together; one without the other is a fault. */
function opensCommitment({ bytes, salt, detail }: EntryRow): boolean {
  if (salt === null || detail === null) return salt === detail;
  try {
    const opened = parseCanonical(new TextEncoder().encode(detail), { maxBytes: MAX_DETAIL_BYTES });
    verifyEntry(bytes, { salt, detail: opened });
    return true;
  } catch {
    return false;
  }
}

async function checkNodes(trx: QueryExecutorProvider, nodes: readonly TreeNode[]): Promise<void> {
  const { rows } = await sql<{ hash: Uint8Array | null }>`
    select node.hash from unnest(${levelsOf(nodes)}::int[], ${indicesOf(nodes)}::bigint[])
      with ordinality as wanted (level, idx, place)
    left join log_node node on node.level = wanted.level and node.idx = wanted.idx
    order by wanted.place`.execute(trx);
  nodes.forEach((node, i) => {
    const stored = rows[i]?.hash ?? null;
    const firstLeaf = node.index * 2 ** node.level;
    if (stored === null) throw new FoundFault(firstLeaf, 'NODE_MISSING');
    if (!equalHashes(stored, node.hash)) throw new FoundFault(firstLeaf, 'NODE_DIFFERS');
  });
}

async function checkCheckpoint(
  row: CheckpointRow,
  roots: ReadonlyMap<number, Uint8Array>,
  progress: Progress,
  { logVkey }: Expected,
): Promise<void> {
  const size = Number(row.size);
  const root = roots.get(size)!;
  const before = Number(row.old_size);
  if (before !== progress.vouchedSize)
    throw new FoundFault(progress.vouchedSize, 'CHECKPOINT_MISSING', `checkpoint of size ${before}`);
  if (!equalHashes(root, row.root)) throw new FoundFault(progress.vouchedSize, 'CHECKPOINT_ROOT_DIFFERS');
  if (!(await isSignedRoot(row.note, logVkey, size, root))) {
    throw new FoundFault(progress.vouchedSize, 'CHECKPOINT_NOTE_BAD');
  }
  progress.checkpoints += 1;
  progress.vouchedSize = size;
}

async function isSignedRoot(
  note: string,
  logVkey: NoteVerifierKey,
  size: number,
  root: Uint8Array,
): Promise<boolean> {
  try {
    const checkpoint = await openCheckpoint(note, logVkey);
    return checkpoint.size === size && equalHashes(checkpoint.rootHash, root);
  } catch (error) {
    if (error instanceof LogError) return false;
    throw error;
  }
}

function checkCosigned(roots: ReadonlyMap<number, Uint8Array>, { lastCosigned }: Expected): void {
  if (lastCosigned === null) return;
  const root = roots.get(lastCosigned.size);
  if (root !== undefined && !equalHashes(root, lastCosigned.root)) throw new FoundFault(0, 'ROLLED_BACK');
}

/** After the last entry: nothing may be left over, the head must be this tree, and it must be signed. */
async function checkEnd(trx: QueryExecutorProvider, progress: Progress, expected: Expected): Promise<void> {
  const { size, hashes } = progress.frontier;
  const { rows } = await sql<{ nodes: string; later: string; size: string; frontier: Uint8Array[] }>`
    select (select count(*) from log_node) as nodes,
           (select count(*) from log_checkpoint where size > ${size} or size = 0) as later,
           size, frontier from log_head`.execute(trx);
  const end = rows[0];
  if (expected.lastCosigned !== null && expected.lastCosigned.size > size)
    throw new FoundFault(size, 'ROLLED_BACK');
  if (end === undefined || Number(end.size) !== size) throw new FoundFault(size, 'HEAD_DIFFERS');
  const same =
    end.frontier.length === hashes.length && hashes.every((hash, i) => equalHashes(hash, end.frontier[i]!));
  if (!same) throw new FoundFault(progress.vouchedSize, 'HEAD_DIFFERS');
  if (Number(end.later) !== 0) throw new FoundFault(size, 'CHECKPOINTS_LEFT_OVER');
  if (Number(end.nodes) !== progress.nodes) throw new FoundFault(size, 'NODES_LEFT_OVER');
  if (progress.vouchedSize !== size) throw new FoundFault(progress.vouchedSize, 'HEAD_UNSIGNED');
}

async function checkWaiting(trx: QueryExecutorProvider, progress: Progress): Promise<void> {
  let lastId = 0;
  for (;;) {
    const { rows } = await sql<EntryRow & { id: string }>`
      select id, idx, type, (extract(epoch from at) * 1000)::bigint as at_ms, bytes, leaf, salt, detail
      from audit_entry where idx is null and id > ${lastId} order by id limit ${PAGE_ENTRIES}`.execute(trx);
    if (rows.length === 0) return;
    for (const row of rows) {
      const reason = findEntryFault(row);
      if (reason !== null) throw new FoundFault(null, reason);
    }
    progress.waiting += rows.length;
    lastId = Number(rows.at(-1)!.id);
  }
}
