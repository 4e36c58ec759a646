/**
 * A case file is the sum of its entries; nothing is ever changed or deleted in place. An entry states something of one item and names
 * the entries it takes the place of, those its author had before them. So two people who write at once make two heads, which stand
 * side by side until a person writes an entry that takes the place of both: nothing is won by being last. Pure.
 */
import type { CaseKind, Provenance } from './kinds.ts';

export interface CaseEntry {
  readonly id: string;
  /** Place in the file it was written into, from 1. */
  readonly n: number;
  /** The file it was written into; another one than the file shown where two files of one child were joined. */
  readonly caseId: string;
  readonly atMs: number;
  /** Id of who wrote it, and the name at that time. */
  readonly author: string;
  readonly authorName: string;
  readonly item: string;
  readonly kind: CaseKind;
  readonly replaces: readonly string[];
  /** Null says: no longer stated, for the reason given. */
  readonly value: Readonly<Record<string, unknown>> | null;
  readonly provenance: Provenance;
  /** Why it was changed; always there where the value is null. */
  readonly reason: string | null;
}

export interface CaseItem {
  readonly item: string;
  readonly kind: CaseKind;
  /** What stands: one entry, or several that a person must resolve. The latest is the last. */
  readonly heads: readonly CaseEntry[];
}

/**
 * What stands, in the order in which items were first written.
 * @param entries of one file, or of files joined; any order
 * @param asOfMs what was known then; without it, now
 */
export function readItems(entries: readonly CaseEntry[], asOfMs = Number.POSITIVE_INFINITY): CaseItem[] {
  const known = entries.filter(({ atMs }) => atMs <= asOfMs).sort(inOrder);
  const replaced = new Set(known.flatMap(({ replaces }) => replaces));
  const items = new Map<string, CaseEntry[]>();
  for (const entry of known) {
    const heads = items.get(entry.item) ?? [];
    items.set(entry.item, heads);
    if (!replaced.has(entry.id)) heads.push(entry);
  }
  return [...items]
    .filter(([, heads]) => heads.some(({ value }) => value !== null))
    .map(([item, heads]) => ({ item, kind: heads[0]!.kind, heads }));
}

/**
 * As a person reads it: warnings first, and those that stand now also where somebody looks at what was known before one was given
 * (DOMAIN.md 1.8: nothing hides them).
 */
export function itemsToShow(entries: readonly CaseEntry[], asOfMs?: number): CaseItem[] {
  const then = readItems(entries, asOfMs);
  const isShown = new Set(then.flatMap(({ heads }) => heads));
  const since = readItems(entries).filter(({ heads }) => heads.some((head) => !isShown.has(head)));
  const [warnings, others] = [true, false].map((isWarning) =>
    then.filter(({ kind }) => (kind === 'warning') === isWarning),
  );
  return [...since.filter(({ kind }) => kind === 'warning'), ...warnings!, ...others!];
}

/** Two accounts that a person must look at side by side. */
export const isContested = ({ heads }: CaseItem): boolean => heads.length > 1;

/** Every value that stands, of contested items each: what protects is not hidden by a dispute. */
export const valuesOf = (items: readonly CaseItem[], kind: CaseKind): CaseEntry[] =>
  items
    .filter((one) => one.kind === kind)
    .flatMap(({ heads }) => heads.filter(({ value }) => value !== null));

/** Entries of an item from the first to the last, those that stand no more among them. */
export const historyOf = (entries: readonly CaseEntry[], item: string): CaseEntry[] =>
  entries.filter((one) => one.item === item).sort(inOrder);

const inOrder = (a: CaseEntry, b: CaseEntry): number =>
  a.atMs - b.atMs || (a.caseId < b.caseId ? -1 : a.caseId > b.caseId ? 1 : a.n - b.n);
