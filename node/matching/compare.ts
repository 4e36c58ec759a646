/**
 * Two records side by side, field by field: match, mismatch or blank, each with the reason, and a score that orders candidates. It
 * decides nothing: whether two records are of one child is said by a person who looks at both (DOMAIN.md 4; FIELD.md on matching).
 * There is no score above which anything happens by itself.
 *
 * Pure; the facts are decrypted by whoever may see both records.
 */
import { checkFacts, type SearchableFacts } from './facts.ts';
import { type Word, wordsOfName } from './words.ts';

export type Outcome = 'match' | 'mismatch' | 'blank';

/** Why a field came out as it did. A screen says it in words. */
export type Reason =
  | 'not-given'
  | 'same-words'
  | 'sounds-alike'
  | 'one-word-alike'
  | 'given-and-family-alike'
  | 'some-words-alike'
  | 'no-word-alike'
  | 'same-day'
  | 'intervals-overlap'
  | 'day-and-month-exchanged'
  | 'within-a-year'
  | 'years-apart'
  | 'same-code'
  | 'other-code'
  | 'shared-nationality'
  | 'no-shared-nationality';

export interface FieldComparison {
  readonly field: 'names' | 'births' | 'gender' | 'nationalities';
  readonly outcome: Outcome;
  readonly reason: Reason;
}

export interface Comparison {
  readonly fields: readonly FieldComparison[];
  /** From 0 to 1, to order candidates of one search; no probability. */
  readonly score: number;
}

type Judged = FieldComparison & { /** From -1 to 1. */ readonly weight: number };

/** What each field is worth in the order; together 1. */
const WORTH = { names: 0.6, births: 0.25, gender: 0.05, nationalities: 0.1 } as const;

/** @throws MatchingError FACTS_TOO_MANY, BIRTH_INVALID */
export const compareFacts = (one: SearchableFacts, other: SearchableFacts): Comparison =>
  compareWith(one)(other);

/** Compares one record with many: what it takes to read its names is done once. @throws as compareFacts */
export function compareWith(one: SearchableFacts): (other: SearchableFacts) => Comparison {
  checkFacts(one);
  const ours = one.names.flatMap(wordsOfName);
  return (other) => {
    checkFacts(other);
    return weigh([
      compareNames(ours, other),
      compareBirths(one, other),
      compareGender(one, other),
      compareNationalities(one, other),
    ]);
  };
}

function weigh(judged: readonly Judged[]): Comparison {
  const sum = judged.reduce((total, { field, weight }) => total + WORTH[field] * weight, 0);
  const fields = judged.map(({ field, outcome, reason }) => ({ field, outcome, reason }));
  return { fields, score: Math.round(((sum + 1) / 2) * 1000) / 1000 };
}

type Name = Pick<Judged, 'outcome' | 'reason' | 'weight'>;

/** The best that any name of one is to any name of the other. */
function compareNames(ours: readonly Word[][], other: SearchableFacts): Judged {
  const theirs = other.names.flatMap(wordsOfName);
  if (ours.length === 0 || theirs.length === 0)
    return { field: 'names', outcome: 'blank', reason: 'not-given', weight: 0 };
  const all = ours.flatMap((left) => theirs.map((right) => compareWords(left, right)));
  return { field: 'names', ...all.reduce((best, next) => (next.weight > best.weight ? next : best)) };
}

/** How alike two words must be to count as the same. */
const ALIKE = 0.6;

function compareWords(left: readonly Word[], right: readonly Word[]): Name {
  const links = linkWords(left, right);
  const wanted = Math.min(countOwn(left), countOwn(right));
  const mean = links.reduce((total, { likeness }) => total + likeness, 0) / wanted;
  if (links.length === 0) return { outcome: 'mismatch', reason: 'no-word-alike', weight: -1 };
  if (links.length >= wanted) {
    const same = links.every(({ likeness }) => likeness === 1);
    if (wanted === 1 && countOwn(left) + countOwn(right) > 2)
      return { outcome: 'match', reason: 'one-word-alike', weight: 0.4 * mean };
    return { outcome: 'match', reason: same ? 'same-words' : 'sounds-alike', weight: mean };
  }
  const kinds = new Set(
    links.filter(({ kinds: [one, other] }) => one === other).map(({ kinds: [kind] }) => kind),
  );
  if (kinds.has('given') && kinds.has('family'))
    return { outcome: 'match', reason: 'given-and-family-alike', weight: 0.9 * mean };
  return { outcome: 'mismatch', reason: 'some-words-alike', weight: mean - 0.8 };
}

const countOwn = (words: readonly Word[]): number => words.filter(({ joined }) => !joined).length;

interface Link {
  readonly likeness: number;
  readonly kinds: readonly [string, string];
}

/** Pairs of words that are alike, the most alike first, each word once. */
function linkWords(left: readonly Word[], right: readonly Word[]): Link[] {
  const pairs = left.flatMap((one) =>
    right.map((other) => ({ one, other, likeness: likenessOf(one, other) })),
  );
  const alike = pairs
    .filter(({ one, other, likeness }) => likeness >= ALIKE && !(one.joined && other.joined))
    .sort((first, second) => second.likeness - first.likeness);
  const taken = new Set<Word>();
  const links: Link[] = [];
  for (const { one, other, likeness } of alike) {
    if (taken.has(one) || taken.has(other)) continue;
    taken.add(one).add(other);
    links.push({ likeness, kinds: [one.kind, other.kind] });
  }
  return links;
}

/** 1 for the same word, less for words that only sound alike, 0 if they do not. */
function likenessOf(one: Word, other: Word): number {
  if (one.exact === other.exact) return 1;
  if (shares(one.sounds, other.sounds)) return 0.9;
  const common = one.skeletons.filter((skeleton) => other.skeletons.includes(skeleton));
  if (common.length === 0) return 0;
  const consonants = Math.max(...common.map((skeleton) => skeleton.replace('*', '').length));
  // Where one script leaves vowels out, consonants are all there is; one alone says little.
  if (!one.vowelled || !other.vowelled) return 0.5 + 0.1 * Math.min(consonants, 3);
  if (consonants < 2 || vowelsClash(one.exact, other.exact)) return 0;
  const near = Math.max(
    ...one.sounds.flatMap((left) => other.sounds.map((right) => similarity(left, right))),
  );
  return near >= (consonants >= 3 ? 0.7 : 0.6) ? 0.6 + 0.25 * near : 0;
}

const shares = (one: readonly string[], other: readonly string[]): boolean =>
  one.some((key) => other.includes(key));

/** An a, o or u in one where the other has an i, as in Anna and Inna. An e stands for either, as in Ahmed and Ahmad; what a
 * word ends in is inflected. */
function vowelsClash(one: string, other: string): boolean {
  const [left, right] = [one, other].map(
    (word) => word.match(/[aeiouy]+(?=[^aeiouy])/g)?.map((run) => run.at(-1)!) ?? [],
  );
  const isClear = (vowel: string) => /[iy]/.test(vowel);
  const isDark = (vowel: string) => /[aou]/.test(vowel);
  return (
    left!.length === right!.length &&
    left!.some((vowel, n) => (isClear(vowel) && isDark(right![n]!)) || (isDark(vowel) && isClear(right![n]!)))
  );
}

/** 1 less the share of letters that must be changed, added or left out (Levenshtein). */
function similarity(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, n) => n);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const change = row[j - 1]! + Number(one[i - 1] !== other[j - 1]);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return 1 - row[other.length]! / Math.max(one.length, other.length, 1);
}

const DAY_MS = 86_400_000;
type Interval = SearchableFacts['births'][number];

function compareBirths(one: SearchableFacts, other: SearchableFacts): Judged {
  const pairs = one.births.flatMap((left) => other.births.map((right) => compareIntervals(left, right)));
  const blank = { outcome: 'blank', reason: 'not-given', weight: 0 } as const;
  return {
    field: 'births',
    ...pairs.reduce<Name>((best, next) => (best === blank || next.weight > best.weight ? next : best), blank),
  };
}

function compareIntervals(left: Interval, right: Interval): Name {
  const overlap = left.earliest <= right.latest && right.earliest <= left.latest;
  const days = isDay(left) && isDay(right);
  if (overlap && days) return { outcome: 'match', reason: 'same-day', weight: 1 };
  if (overlap) return { outcome: 'match', reason: 'intervals-overlap', weight: 0.6 };
  if (days && exchanged(left.earliest) === right.earliest)
    return { outcome: 'mismatch', reason: 'day-and-month-exchanged', weight: 0.2 };
  const apartMs = Math.max(
    Date.parse(left.earliest) - Date.parse(right.latest),
    Date.parse(right.earliest) - Date.parse(left.latest),
  );
  return apartMs <= 366 * DAY_MS
    ? { outcome: 'mismatch', reason: 'within-a-year', weight: -0.3 }
    : { outcome: 'mismatch', reason: 'years-apart', weight: -1 };
}

const isDay = ({ earliest, latest }: Interval): boolean => earliest === latest;
const exchanged = (date: string): string => `${date.slice(0, 4)}-${date.slice(8)}-${date.slice(5, 7)}`;

export const UNKNOWN_GENDER = 'NonSpecifiedUnknown';

function compareGender({ gender: one }: SearchableFacts, { gender: other }: SearchableFacts): Judged {
  const field = 'gender';
  if ([undefined, UNKNOWN_GENDER].includes(one) || [undefined, UNKNOWN_GENDER].includes(other))
    return { field, outcome: 'blank', reason: 'not-given', weight: 0 };
  return one === other
    ? { field, outcome: 'match', reason: 'same-code', weight: 1 }
    : { field, outcome: 'mismatch', reason: 'other-code', weight: -1 };
}

function compareNationalities(one: SearchableFacts, other: SearchableFacts): Judged {
  const field = 'nationalities';
  if (one.nationalities.length === 0 || other.nationalities.length === 0)
    return { field, outcome: 'blank', reason: 'not-given', weight: 0 };
  return shares(one.nationalities, other.nationalities)
    ? { field, outcome: 'match', reason: 'shared-nationality', weight: 1 }
    : { field, outcome: 'mismatch', reason: 'no-shared-nationality', weight: -0.5 };
}
