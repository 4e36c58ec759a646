/**
 * A person looks for the file of a child: by names as written in any script, births as intervals, gender, nationalities. Candidates
 * are files that the person sees, beside each other field by field; whether it is the same child, a person says (decide-match.ts).
 * That it was searched, and which files were shown, is recorded by whoever opened the transaction (node/reading.ts): no name, no date.
 */
import type { Transaction } from 'kysely';
import * as z from 'zod';
import { CalendarDate, Country, Label, LanguageTag } from '#schema/conversation/bodies/common.ts';
import { coded } from '#schema/vocabulary/coded.ts';
import { gender } from '#schema/vocabulary/people.ts';
import type { Actor } from '../access/actor.ts';
import { requireAllowed } from '../access/decide.ts';
import type { SearchableFacts } from '../matching/facts.ts';
import { findCandidates } from '../matching/find-candidates.ts';
import { openBlindIndex } from '../matching/open-index.ts';
import { type ShownComparison, showComparisonWith } from '../matching/show-comparison.ts';
import type { Database } from '../storage/database.ts';
import type { Vault } from '../vault/vault.ts';
import { CaseError } from './case-error.ts';
import { factsOfCase } from './case-facts.ts';
import { readItems } from './history.ts';
import { keepVisibleCases } from './list-cases.ts';
import { type CaseRow, readEntries } from './store.ts';

/** More than these nobody looks at one by one; who needs them searches with more. */
export const MOST_SHOWN = 20;

const SoughtName = z
  .strictObject({
    /** As it stands where somebody read or heard it, in any script and any order. */
    written: Label,
    language: LanguageTag.optional(),
    romanised: Label.optional(),
  })
  .meta({ id: 'SoughtName' });
const SoughtBirth = z
  .strictObject({ earliest: CalendarDate, latest: CalendarDate })
  .refine(({ earliest, latest }) => earliest <= latest, 'The earliest date comes after the latest.')
  .meta({ id: 'SoughtBirth' });

/** What is known of whoever is looked for; a name must be there, since a birth alone finds nobody. */
export const SoughtChild = z
  .strictObject({
    names: z.array(SoughtName).min(1).max(12),
    births: z.array(SoughtBirth).max(6).optional(),
    gender: coded(gender).optional(),
    nationalities: z.array(Country).max(12).optional(),
  })
  .meta({ id: 'SoughtChild' });

/** @throws CaseError SEARCH_INVALID */
export function readSought(input: unknown): SearchableFacts {
  const parsed = SoughtChild.safeParse(input);
  if (!parsed.success)
    throw new CaseError(
      'SEARCH_INVALID',
      parsed.error.issues.map(
        ({ path, code }) => `${path.map(String).join('.')}: ${code.replaceAll('_', ' ')}`,
      ),
    );
  const { names, births = [], gender, nationalities = [] } = parsed.data;
  return {
    // Zyyy: the script is read off the letters.
    names: names.map(({ written, ...name }) => ({
      ...name,
      parts: [{ kind: 'undivided', value: written }],
      script: 'Zyyy',
    })),
    births,
    gender,
    nationalities,
  };
}

export interface Candidate extends ShownComparison {
  readonly row: CaseRow;
}

/**
 * The likeliest first.
 * @param except the file whose facts are sought
 * @throws AccessError NOT_PERMITTED; MatchingError FACTS_TOO_MANY; VaultError
 */
export async function searchCases(
  { trx, vault }: { readonly trx: Transaction<Database>; readonly vault: Vault },
  actor: Actor,
  nowMs: number,
  { sought, except, first }: { sought: SearchableFacts; except?: string | undefined; first: number },
): Promise<Candidate[]> {
  requireAllowed(actor, 'case.search', {}, nowMs);
  const index = await openBlindIndex(trx, vault);
  const found = await findCandidates(trx, index, sought, except === undefined ? {} : { except });
  if (found.length === 0) return [];
  const ids = found.map(({ caseId }) => caseId);
  const rows = await trx.selectFrom('case_file').selectAll().where('id', 'in', ids).execute();
  const visible = await keepVisibleCases(trx, actor, rows, nowMs);
  const entries = await readEntries(
    trx,
    vault,
    visible.map(({ id }) => id),
  );
  const compare = showComparisonWith(sought);
  const place = new Map(ids.map((id, at) => [id, at]));
  return visible
    .map((row) => ({ row, ...compare(factsOfCase(readItems(entries.get(row.id)!))) }))
    .filter(isWorthShowing)
    .sort((one, other) => other.score - one.score || place.get(one.row.id)! - place.get(other.row.id)!)
    .slice(0, Math.min(Math.max(first, 1), MOST_SHOWN));
}

/** Not who shares a token only by chance, and not every namesake of another age: they are shown to nobody without need. */
function isWorthShowing({ fields }: ShownComparison): boolean {
  const [names, births] = (['names', 'births'] as const).map((field) =>
    fields.find((one) => one.field === field),
  );
  if (names?.reason === 'no-word-alike' || names?.outcome === 'blank') return false;
  return names?.reason !== 'some-words-alike' || ['match', 'near'].includes(births?.outcome ?? '');
}
