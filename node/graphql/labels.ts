/**
 * Finds the code list a zod enum was made from, so that values of a body can be named and shown in the reader's language.
 */
import * as z from 'zod';
import type { CodeList } from '#schema/vocabulary/code-list.ts';
import { codeLists } from '#schema/vocabulary/index.ts';

const keyOf = (codes: readonly string[]): string => codes.join('|');

/** Lists by their codes; two lists of the very same codes cannot be told apart and are left out. */
const byCodes = indexLists();

function indexLists(): ReadonlyMap<string, CodeList> {
  const index = new Map<string, CodeList>();
  const ambiguous = new Set<string>();
  for (const list of Object.values(codeLists)) {
    const key = keyOf(list.codes);
    if (index.has(key)) ambiguous.add(key);
    index.set(key, list);
  }
  for (const key of ambiguous) index.delete(key);
  return index;
}

/** The list with exactly these codes. */
export const listOfCodes = (codes: readonly string[]): CodeList | undefined => byCodes.get(keyOf(codes));

/** The list an enum takes its codes from. */
export function listOf(schema: z.ZodType): CodeList | undefined {
  return schema instanceof z.ZodEnum ? listOfCodes(schema.options as string[]) : undefined;
}
