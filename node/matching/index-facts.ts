/**
 * Keeps the tokens of a case as its facts are now. In the caller's transaction, so that a case and its tokens change together or
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
  const tokens = index.tokensToKeep(facts);
  await removeTokens(trx, caseId);
  await sql`insert into search_token (kind, token, case_id)
    select kind, token, ${caseId} from unnest(${tokens.map(({ kind }) => kind)}::smallint[],
      ${tokens.map(({ token }) => Buffer.from(token))}::bytea[]) as kept (kind, token)`.execute(trx);
  return tokens.length;
}

/** Removes every token of a case: when its data key is deleted, or it is merged into another. */
export async function removeTokens<Tables extends MatchingTables>(
  trx: Transaction<Tables>,
  caseId: string,
): Promise<void> {
  await sql`delete from search_token where case_id = ${caseId}`.execute(trx);
}
