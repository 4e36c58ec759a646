/**
 * Keeps the tokens of cases as their facts are now. In the caller's transaction, so that a case and its tokens change together or
 * not at all; the caller holds the case's row, so that two changes do not cross.
 */
import { sql, type Transaction } from 'kysely';
import type { BlindIndex } from './blind-index.ts';
import type { SearchableFacts } from './facts.ts';
import type { MatchingTables } from './tables.ts';

/** Replaces all tokens of a case. @returns how many it has now @throws MatchingError FACTS_TOO_MANY, BIRTH_INVALID: nothing is changed */
export async function indexFacts<Tables extends MatchingTables>(
  trx: Transaction<Tables>,
  index: BlindIndex,
  caseId: string,
  facts: SearchableFacts,
): Promise<number> {
  return indexCases(trx, index, [{ caseId, facts }]);
}

export interface Indexed {
  readonly caseId: string;
  readonly facts: SearchableFacts;
  /** It has no tokens yet. */
  readonly isNew?: boolean;
}

/** The same of several cases, added in one statement. @returns how many tokens they have now */
export async function indexCases<Tables extends MatchingTables>(
  trx: Transaction<Tables>,
  index: BlindIndex,
  cases: readonly Indexed[],
): Promise<number> {
  const rows = cases.flatMap(({ caseId, facts }) =>
    index.tokensToKeep(facts).map(({ kind, token }) => ({ kind, token: Buffer.from(token), caseId })),
  );
  // One by one: for a list of them the walls would look at every case there is.
  for (const { caseId, isNew } of cases) if (!isNew) await removeTokens(trx, caseId);
  await sql`insert into search_token (kind, token, case_id)
    select kind, token, case_id from unnest(${rows.map(({ kind }) => kind)}::smallint[],
      ${rows.map(({ token }) => token)}::bytea[], ${rows.map(({ caseId }) => caseId)}::text[]) as kept (kind, token, case_id)`.execute(
    trx,
  );
  return rows.length;
}

/** Removes every token of a case: when its data key is deleted, or it is merged into another. */
export async function removeTokens<Tables extends MatchingTables>(
  trx: Transaction<Tables>,
  caseId: string,
): Promise<void> {
  await sql`delete from search_token where case_id = ${caseId}`.execute(trx);
}
