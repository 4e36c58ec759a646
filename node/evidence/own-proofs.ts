/**
 * Proofs that entries stand in this node's own log, up to a checkpoint that a quorum of witnesses has cosigned or, while
 * there is none, to the latest of its own.
 */
import type { Kysely, Selectable } from 'kysely';
import { findQuorumCheckpoint } from '#platform/log/collect-cosignatures.ts';
import { proveInclusion } from '#platform/log/prove.ts';
import { readCosignedNote, readLatestCheckpoint } from '#platform/log/read-log.ts';
import { type BundleProof, toBundleEntry, toBundleProof } from '#schema/evidence/bundle.ts';
import { keepVerifiableLines, witnessesOf } from '#schema/evidence/listed-logs.ts';
import type { Keyring } from '#schema/jws/keyring.ts';
import type { Database } from '../storage/database.ts';

/** This node's own log and the lists that say who watches it. */
export type OwnLog = {
  readonly db: Kysely<Database>;
  readonly origin: string;
  readonly keyrings: readonly Keyring[];
};

export type EntryRow = Pick<Selectable<Database['audit_entry']>, 'bytes' | 'salt' | 'detail' | 'idx'>;

/** An entry as a bundle holds it; `opening` is null once salt and detail are erased. */
export function describeEntry({ bytes, salt, detail }: EntryRow) {
  const opening =
    salt === null || detail === null
      ? null
      : { salt: Buffer.from(salt).toString('base64url'), detail: JSON.parse(detail) as unknown };
  return { entry: toBundleEntry(bytes), opening };
}

/** The proof of an entry; null while no checkpoint covers it. */
export async function proveEntry(log: OwnLog, { idx }: EntryRow): Promise<BundleProof | null> {
  if (idx === null) return null;
  const index = Number(idx);
  const checkpoint = (await findWitnessed(log, index + 1)) ?? (await findLatest(log, index + 1));
  if (checkpoint === null) return null;
  const hashes = await proveInclusion(log.db, index, checkpoint.size);
  const note = await keepVerifiableLines(checkpoint.note, log.origin, log.keyrings);
  return toBundleProof({ index, hashes, checkpoint: note });
}

type SizedNote = { size: number; note: string };

function findWitnessed({ db, origin, keyrings }: OwnLog, minSize: number): Promise<SizedNote | null> {
  const list = keyrings.at(-1)!;
  return findQuorumCheckpoint(db, {
    origin,
    minSize,
    witnesses: witnessesOf(list, origin),
    k: list.policy.quorum,
  });
}

async function findLatest({ db, origin }: OwnLog, minSize: number): Promise<SizedNote | null> {
  const latest = await readLatestCheckpoint(db);
  if (latest === null || latest.size < minSize) return null;
  const note = (await readCosignedNote(db, origin, latest.size)) ?? latest.note;
  return { size: latest.size, note };
}
