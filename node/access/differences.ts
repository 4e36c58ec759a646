/**
 * What differs between two versions of something that a second person approves: which field, what stood there, what stands there
 * now. Pure.
 */
export interface Difference {
  /** Names of fields and numbers of places, joined by points. */
  readonly field: string;
  /** JSON; null where there was nothing. */
  readonly before: string | null;
  readonly after: string | null;
}

/** In the order of the fields; nothing where both say the same. */
export function differences(before: unknown, after: unknown, field = ''): Difference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isComposite(before) || !isComposite(after) || Array.isArray(before) !== Array.isArray(after))
    return [{ field, before: show(before), after: show(after) }];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) =>
    differences(before[name], after[name], field === '' ? name : `${field}.${name}`),
  );
}

const isComposite = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const show = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
