/**
 * What of a case file its child may be found by, and which statements change it. Pure.
 */
import { factsOfChild, type SearchableFacts } from '../matching/facts.ts';
import { type CaseItem, valuesOf } from './history.ts';
import type { CaseKind, ValueOf } from './kinds.ts';

/** Statements that are indexed (node/matching/tokens.ts). */
export const isSearchable = (kind: CaseKind): boolean => kind === 'name' || kind === 'birth';

/** Of each kind the last so many: a search takes no more (node/matching/facts.ts). */
const MOST = { names: 24, births: 48, nationalities: 40 } as const;

/** Every account that stands, also of what is disputed: who wrote the other name must be found too. */
export function factsOfCase(items: readonly CaseItem[]): SearchableFacts {
  const all = <K extends CaseKind>(kind: K) => valuesOf(items, kind).map(({ value }) => value as ValueOf<K>);
  const genders = new Set(all('gender').map(({ gender }) => gender));
  const births = all('birth').flatMap(
    (birth) => factsOfChild({ names: [], birth, gender: 'NonSpecifiedUnknown', nationalities: [] }).births,
  );
  return {
    names: all('name').slice(-MOST.names),
    births: births.slice(-MOST.births),
    // Two accounts of it say nothing that another record could be held against.
    gender: genders.size === 1 ? [...genders][0] : undefined,
    nationalities: all('nationality')
      .filter(({ status }) => status !== 'denied')
      .map(({ country }) => country)
      .slice(-MOST.nationalities),
  };
}
