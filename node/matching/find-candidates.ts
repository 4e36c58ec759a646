/**
 * Which cases share tokens with what is sought, the likeliest first. It sees ciphertext only and decides nothing: the caller
 * decrypts the candidates that the person may see, and shows them side by side (compare.ts).
 */
import { type Kysely, sql } from 'kysely';
import type { AskedToken, BlindIndex } from './blind-index.ts';
import type { SearchableFacts } from './facts.ts';
import type { MatchingTables } from './tables.ts';

/** So many candidates are decrypted and compared for one search. */
export const MOST_CANDIDATES = 50;

export interface Candidate {
  readonly caseId: string;
  /** To order candidates of one search; by tokens alone. */
  readonly weight: number;
}

export interface Search {
  /** The case that searches, which is no candidate of itself. */
  readonly except?: string;
  /** At most MOST_CANDIDATES. */
  readonly most?: number;
}

/** @throws MatchingError FACTS_TOO_MANY, BIRTH_INVALID */
type Find = <Tables extends MatchingTables>(
  trx: Kysely<Tables>,
  index: BlindIndex,
  facts: SearchableFacts,
  search?: Search,
) => Promise<Candidate[]>;

/**
 * Cases that share at least one token of a name; a birth alone finds nobody, but moves up whom a name has found. A token counts by
 * how rare it is, as in a likelihood ratio. Of the cases that the person of the transaction sees (tables.ts).
 */
export const findCandidates: Find = (trx, index, facts, search) =>
  find('app_find_candidates', trx, index, facts, search);

/** The same for work of the node itself, which sees every case, and conversations that were put into the index. */
export const findForNode: Find = (trx, index, facts, search) =>
  find('app_find_candidates_for_node', trx, index, facts, search);

async function find<Tables extends MatchingTables>(
  finder: string,
  trx: Kysely<Tables>,
  index: BlindIndex,
  facts: SearchableFacts,
  { except = '', most = MOST_CANDIDATES }: Search = {},
): Promise<Candidate[]> {
  const asked = strongestOfEach(index.tokensToFind(facts));
  const { rows } = await sql<{ case_id: string; weight: number }>`
    select case_id, weight from ${sql.id(finder)}(${asked.map(({ kind }) => kind)}::smallint[],
      ${asked.map(({ token }) => Buffer.from(token))}::bytea[], ${asked.map(({ weight }) => weight)}::float8[],
      ${except}, ${Math.min(most, MOST_CANDIDATES)})`.execute(trx);
  return rows.map(({ case_id, weight }) => ({ caseId: case_id, weight }));
}

/** Two words may have one blind token: the one that says more counts, once. */
function strongestOfEach(tokens: readonly AskedToken[]): AskedToken[] {
  const strongest = new Map<string, AskedToken>();
  for (const token of tokens) {
    const key = `${token.kind} ${Buffer.from(token.token).toString('hex')}`;
    if ((strongest.get(key)?.weight ?? 0) < token.weight) strongest.set(key, token);
  }
  return [...strongest.values()];
}
