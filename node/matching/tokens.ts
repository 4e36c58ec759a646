/**
 * The tokens by which a record of a child is found: what two records of one child are likely to share, however each wrote it. They
 * are words, and so personal data: only blind-index.ts may carry them further.
 */
import { checkFacts, type SearchableFacts } from './facts.ts';
import { type Word, wordsOfName } from './words.ts';

/** Numbers are stored: never give one another meaning. */
export const tokenKinds = { part: 1, sound: 2, skeleton: 3, pair: 4, birthYear: 5, birthMonth: 6 } as const;
export type TokenKind = keyof typeof tokenKinds;

export interface Token {
  readonly kind: TokenKind;
  readonly value: string;
}

/** So many tokens of one record at most; the first in order of kind and value. */
export const MOST_TOKENS = 400;
/** A longer interval says no more than that it is a child. */
const MOST_YEARS = 30;
/** Months of an interval longer than this are not told apart. */
const MOST_MONTHS = 4;
const MOST_IN_PAIR = 3;

/**
 * Tokens of a record, each once, in the order of their kind and value.
 *
 * Names: the folded word (`part`), its sounds and skeletons, and each pair of skeletons of two words of one name, sorted, so that
 * neither order nor script matters. Births: each year an interval touches, and each month if they are few: intervals that overlap
 * share a year.
 * @throws MatchingError FACTS_TOO_MANY, BIRTH_INVALID
 */
export function tokensOf(facts: SearchableFacts): Token[] {
  checkFacts(facts);
  const lists = facts.names.flatMap(wordsOfName);
  const all = [
    ...lists.flat().flatMap(tokensOfWord),
    ...lists.flatMap(pairsOf),
    ...facts.births.flatMap(tokensOfBirth),
  ];
  const unique = new Map(all.map((token) => [`${tokenKinds[token.kind]} ${token.value}`, token]));
  return [...unique]
    .sort(([one], [other]) => compareText(one, other))
    .map(([, token]) => token)
    .slice(0, MOST_TOKENS);
}

const compareText = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

function tokensOfWord({ exact, sounds, skeletons, joined }: Word): Token[] {
  const bySkeleton = skeletons.map((value) => ({ kind: 'skeleton' as const, value }));
  if (joined) return bySkeleton;
  const bySound = sounds.map((value) => ({ kind: 'sound' as const, value }));
  return [{ kind: 'part', value: exact }, ...bySound, ...bySkeleton];
}

function pairsOf(words: readonly Word[]): Token[] {
  const own = words.filter(({ joined }) => !joined);
  return own.flatMap((one, n) =>
    own.slice(n + 1).flatMap((other) =>
      keysOf(one).flatMap((left) =>
        keysOf(other).map((right) => ({
          kind: 'pair' as const,
          value: [left, right].sort(compareText).join('+'),
        })),
      ),
    ),
  );
}

/** In a script without a table the word itself stands for its sound. */
const keysOf = ({ skeletons, exact }: Word): readonly string[] =>
  skeletons.length > 0 ? skeletons.slice(0, MOST_IN_PAIR) : [exact];

function tokensOfBirth({ earliest, latest }: { earliest: string; latest: string }): Token[] {
  const [first, last] = [monthNumber(earliest), monthNumber(latest)];
  const [firstYear, lastYear] = [Math.floor(first / 12), Math.floor(last / 12)];
  if (lastYear - firstYear >= MOST_YEARS) return [];
  const months = last - first < MOST_MONTHS ? range(first, last) : [];
  return [
    ...range(firstYear, lastYear).map((year) => ({ kind: 'birthYear' as const, value: String(year) })),
    ...months.map((month) => ({ kind: 'birthMonth' as const, value: String(month) })),
  ];
}

const monthNumber = (date: string): number => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);
