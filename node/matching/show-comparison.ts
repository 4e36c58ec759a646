/**
 * A comparison as a person reads it: near matches told from matches, on which side a blank is, and what stands on either side. Pure.
 */
import type { CodeOf } from '#schema/vocabulary/code-list.ts';
import type { matchField, matchOutcome, matchReason } from '#schema/vocabulary/matching.ts';
import {
  type Comparison,
  compareWith,
  type FieldComparison,
  type Reason,
  UNKNOWN_GENDER,
} from './compare.ts';
import type { SearchableFacts } from './facts.ts';

export interface ShownField {
  readonly field: CodeOf<typeof matchField>;
  readonly outcome: CodeOf<typeof matchOutcome>;
  readonly reason: CodeOf<typeof matchReason>;
  /** As written; births as ISO 8601 days or intervals, others as codes. */
  readonly sought: readonly string[];
  readonly file: readonly string[];
}

export interface ShownComparison {
  /** By the comparison alone: whether somebody should look. Nothing follows from it by itself. */
  readonly isLikely: boolean;
  /** To order candidates of one search. */
  readonly score: number;
  readonly fields: readonly ShownField[];
}

/** Neither the same nor another: a person looks twice. */
const NEAR: readonly Reason[] = [
  'sounds-alike',
  'one-word-alike',
  'given-and-family-alike',
  'some-words-alike',
  'intervals-overlap',
  'day-and-month-exchanged',
  'within-a-year',
];

/** Compares one record with many. @throws MatchingError FACTS_TOO_MANY, BIRTH_INVALID */
export function showComparisonWith(sought: SearchableFacts): (file: SearchableFacts) => ShownComparison {
  const compare = compareWith(sought);
  const left = valuesOf(sought);
  return (file) => {
    const comparison = compare(file);
    const right = valuesOf(file);
    return {
      isLikely: isLikely(comparison),
      score: comparison.score,
      fields: comparison.fields.map((one) => ({
        ...judge(one, left[one.field].length > 0, right[one.field].length > 0),
        sought: left[one.field],
        file: right[one.field],
      })),
    };
  };
}

function judge(
  { field, outcome, reason }: FieldComparison,
  isSought: boolean,
  isInFile: boolean,
): Pick<ShownField, 'field' | 'outcome' | 'reason'> {
  if (reason === 'not-given') {
    const blank = isSought ? 'not-in-file' : isInFile ? 'not-sought' : 'in-neither';
    return { field, outcome: 'blank', reason: blank };
  }
  return { field, outcome: NEAR.includes(reason) ? 'near' : outcome, reason };
}

/**
 * Names that meet, and births that may: a day or a year off is a slip of a pen, but one word of a name says too little without a
 * birth. Gender and nationality exclude nobody: on false papers they are the first to be wrong.
 */
function isLikely({ fields }: Comparison): boolean {
  const [names, births] = (['names', 'births'] as const).map((field) =>
    fields.find((one) => one.field === field),
  );
  if (names?.outcome !== 'match' || births?.reason === 'years-apart') return false;
  return births?.outcome === 'match' || names.reason !== 'one-word-alike';
}

function valuesOf({
  names,
  births,
  gender,
  nationalities,
}: SearchableFacts): Record<ShownField['field'], string[]> {
  const spoken = names.map(({ parts, romanised }) => {
    const written = parts.map(({ value }) => value).join(' ');
    return romanised === undefined || romanised === written ? written : `${written} (${romanised})`;
  });
  const days = births.map(({ earliest, latest }) =>
    earliest === latest ? earliest : `${earliest}/${latest}`,
  );
  return {
    names: spoken,
    births: [...new Set(days)],
    gender: gender === undefined || gender === UNKNOWN_GENDER ? [] : [gender],
    nationalities: [...new Set(nationalities)],
  };
}
