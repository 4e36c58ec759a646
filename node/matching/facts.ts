/**
 * The facts of a child by which another record of the same child may be found: names, births, gender, nationalities. Nothing else
 * of a child is indexed. A child of an enquiry (schema/conversation/bodies/people.ts) becomes such facts without loss.
 */
import type { ChildIdentity } from '#schema/conversation/bodies/people.ts';
import { MatchingError } from './matching-error.ts';

export interface SearchableName {
  /** `kind`: a code of name-part-kind. In the order in which they are spoken. */
  readonly parts: readonly { readonly kind: string; readonly value: string }[];
  /** ISO 15924, e.g. `Cyrl`. */
  readonly script: string;
  /** BCP 47, e.g. `uk`, `sr-Latn`. */
  readonly language?: string | undefined;
  /** The name in Latin letters, as somebody wrote it. */
  readonly romanised?: string | undefined;
}

export interface SearchableFacts {
  readonly names: readonly SearchableName[];
  /** ISO dates; several where findings differ. */
  readonly births: readonly { readonly earliest: string; readonly latest: string }[];
  /** A code of the list gender. */
  readonly gender?: string | undefined;
  /** ISO 3166-1 alpha-2, or ICAO codes such as `XXA`. */
  readonly nationalities: readonly string[];
}

const limits = { names: 24, parts: 12, births: 48, nationalities: 40 } as const;

/** The searchable facts of a child enquired about: every birth that somebody found, and nationalities not denied. */
export function factsOfChild(
  child: Pick<ChildIdentity, 'names' | 'birth' | 'gender' | 'nationalities'>,
): SearchableFacts {
  const { names, birth, gender, nationalities } = child;
  return {
    names,
    births: [birth, ...birth.findings].map(({ earliest, latest }) => ({ earliest, latest })),
    gender,
    nationalities: nationalities.filter(({ status }) => status !== 'denied').map(({ country }) => country),
  };
}

/** @throws MatchingError FACTS_TOO_MANY, BIRTH_INVALID */
export function checkFacts({ names, births, nationalities }: SearchableFacts): void {
  const tooMany =
    names.length > limits.names ||
    names.some(({ parts }) => parts.length > limits.parts) ||
    births.length > limits.births ||
    nationalities.length > limits.nationalities;
  if (tooMany) throw new MatchingError('FACTS_TOO_MANY');
  for (const { earliest, latest } of births)
    if (!isDate(earliest) || !isDate(latest) || earliest > latest) throw new MatchingError('BIRTH_INVALID');
}

const isDate = (value: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(value) && new Date(`${value}T00:00:00Z`).toJSON()?.slice(0, 10) === value;
