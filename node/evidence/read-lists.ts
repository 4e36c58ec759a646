/**
 * The trust lists this node has accepted, as a bundle holds them: checked again one after the other, each proof with
 * only those signature lines that a reader of the bundle can verify.
 */
import type { Kysely } from 'kysely';
import { type Bundle, EvidenceError } from '#schema/evidence/bundle.ts';
import { keepVerifiableLines } from '#schema/evidence/listed-logs.ts';
import { type Keyring, makeKeyring } from '#schema/jws/keyring.ts';
import { makeAnchor, type VerifiedList, verifyFirstList, verifyNextList } from '#schema/jws/trust-list.ts';
import { formatProof, parseProof } from '#schema/log/proof.ts';
import { GATEWAY } from '#schema/protocol/ids.ts';
import type { Database } from '../storage/database.ts';

const ANY_TIME_S = Number.MAX_SAFE_INTEGER;

export type ReadLists = { readonly lists: Bundle['lists']; readonly keyrings: readonly Keyring[] };

/**
 * Reads the chain from list 1 to the one in force: later lists say which keys were revoked.
 * @throws EvidenceError `LIST_MISSING` before the first list; ListError where the stored chain does not hold
 */
export async function readLists(db: Kysely<Database>): Promise<ReadLists> {
  const rows = await db.selectFrom('trust_list').select(['list', 'proof']).orderBy('ver').execute();
  const lists: Bundle['lists'] = [];
  const keyrings: Keyring[] = [];
  let previous: VerifiedList | null = null;
  for (const row of rows) {
    const proof: string | null =
      previous === null || row.proof === null ? null : await pruneProof(row.proof, previous);
    previous = await verify(row.list, proof, previous);
    lists.push({ list: row.list, proof: previous.alarm ? null : proof });
    keyrings.push(makeKeyring(previous));
  }
  if (previous === null) throw new EvidenceError('LIST_MISSING');
  return { lists, keyrings };
}

async function verify(
  list: string,
  proof: string | null,
  previous: VerifiedList | null,
): Promise<VerifiedList> {
  if (previous === null) return verifyFirstList(list, await makeAnchor(list));
  const given = proof === null ? {} : { proof: parseProof(proof) };
  return verifyNextList(list, previous, { nowS: ANY_TIME_S, ...given });
}

/** Null where the proof was worth nothing: the list was then taken on the word of all authorities. */
async function pruneProof(text: string, { value }: VerifiedList): Promise<string | null> {
  try {
    const { index, hashes, checkpoint } = parseProof(text);
    const kept = await keepVerifiableLines(checkpoint, `${value.net}/${GATEWAY}`, [value]);
    return formatProof({ index, hashes, checkpoint: kept });
  } catch {
    return null;
  }
}
