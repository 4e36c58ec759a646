/**
 * What comes out of a foreign record, and what had no place in it. Nothing is dropped in silence. Pure.
 */
import { type CaseItem, isContested } from '../cases/history.ts';
import type { CaseKind, ValueOf } from '../cases/kinds.ts';
import type { NewStatement } from '../cases/statement.ts';

/** Why a field has no place on the other side. */
export const dropReasons = {
  'no-field': 'The other side has no field for it.',
  'not-exact': 'The other side takes an exact value only, and this is an interval or disputed.',
  'not-shared': 'It does not leave: safety, immigration status, place, or a name given by an exploiter.',
  'one-only': 'The other side takes one value, and there are more.',
  'no-code': 'The other side has no code for it.',
  contested: 'Two accounts stand against each other: a person must resolve them first.',
  expired: 'It was of use until a day that is over.',
  unknown: 'We have no field for it.',
} as const;
export type DropReason = keyof typeof dropReasons;

/** One line of a manifest: which field, why, and how many values. Never a value. */
export interface Dropped {
  readonly field: string;
  readonly reason: DropReason;
  readonly count: number;
}

/** Counts what is dropped. */
export function openManifest() {
  const counts = new Map<string, Dropped>();
  return {
    drop: (field: string, reason: DropReason, count = 1): void => {
      if (count === 0) return;
      const key = `${field} ${reason}`;
      counts.set(key, { field, reason, count: (counts.get(key)?.count ?? 0) + count });
    },
    list: (): Dropped[] =>
      [...counts.values()].sort((a, b) => (a.field < b.field ? -1 : a.field > b.field ? 1 : 0)),
  };
}
export type Manifest = ReturnType<typeof openManifest>;

/** The values of a kind on which nobody disagrees; the others are dropped. */
export const settledValues =
  (items: readonly CaseItem[], manifest: Manifest) =>
  <Kind extends CaseKind>(kind: Kind): ValueOf<Kind>[] => {
    const ofKind = items.filter((item) => item.kind === kind);
    manifest.drop(kind, 'contested', ofKind.filter(isContested).length);
    return ofKind.filter((item) => !isContested(item)).map(({ heads }) => heads[0]!.value as ValueOf<Kind>);
  };
export type Settled = ReturnType<typeof settledValues>;

/** A value that a foreign record cannot be read by; names field and rule, never the value. */
export interface Problem {
  readonly field: string;
  readonly problem: string;
}

/** How a foreign record was read. */
export interface ReadRecord {
  readonly statements: readonly NewStatement[];
  readonly dropped: readonly Dropped[];
  readonly problems: readonly Problem[];
}
