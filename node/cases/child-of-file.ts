/**
 * The child of a file as others name it: to tell whether what is about to leave is about the same child.
 */
import type { Reader } from '../vault/sealed-columns.ts';
import { readItems, valuesOf } from './history.ts';
import type { ValueOf } from './kinds.ts';
import { readEntries } from './store.ts';

export interface ChildOfFile {
  readonly names: readonly ValueOf<'name'>[];
  /** By the widest of its accounts; left out where nothing is stated. */
  readonly birth?: { readonly earliest: string; readonly latest: string };
}

/** By file, those of these files that this person sees; every account that stands. @throws VaultError */
export async function readChildren(
  { trx, vault }: Reader & { readonly trx: Parameters<typeof readEntries>[0] },
  files: readonly string[],
): Promise<Map<string, ChildOfFile>> {
  const read = [...(await readEntries(trx, vault, files))];
  const children = read.map(([file, entries]): [string, ChildOfFile] => {
    const items = readItems(entries);
    const births = valuesOf(items, 'birth').map(({ value }) => value as ValueOf<'birth'>);
    const days = {
      earliest: births.map(({ earliest }) => earliest).sort(),
      latest: births.map(({ latest }) => latest).sort(),
    };
    const child = {
      names: valuesOf(items, 'name').map(({ value }) => value as ValueOf<'name'>),
      ...(births.length > 0 && { birth: { earliest: days.earliest[0]!, latest: days.latest.at(-1)! } }),
    };
    return [file, child];
  });
  return new Map(children);
}
