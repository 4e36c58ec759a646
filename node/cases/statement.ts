/**
 * A statement that is to become the first entry of a new item of a case file. Pure.
 */
import { type CaseKind, caseKinds, type Provenance, type ValueOf } from './kinds.ts';
import type { NewEntry } from './store.ts';

export type NewStatement = {
  [Kind in CaseKind]: { readonly kind: Kind; readonly value: ValueOf<Kind>; readonly provenance: Provenance };
}[CaseKind];

/** The first entry of a new item. */
export function makeEntry(
  { kind, value, provenance }: NewStatement,
  random: (bytes: number) => Uint8Array,
): NewEntry {
  const item = caseKinds[kind].one ? kind : makeItem(random);
  return { item, kind, replaces: [], value: value as Record<string, unknown>, provenance, reason: null };
}

/** A name for a new item, unique within its file; warnings and questions may refer to it, so it has the form of a reference. */
export const makeItem = (random: (bytes: number) => Uint8Array): string =>
  `i-${Buffer.from(random(6)).toString('hex')}`;
