/**
 * `focalnet list diff` and `focalnet list sign`: a person of the network's authority reads what changes, and signs it on a machine
 * of theirs. Signatures of several people are added one after the other.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { importSigningKey } from '#schema/jws/keys.ts';
import { assembleList, type ListSignature, signList } from '#schema/jws/trust-list.ts';
import type { TrustList } from '#schema/protocol/trust-list.ts';
import { describeChange, findConcerns } from '../network/describe-change.ts';
import { type ListFile, readListFile, requirePredecessor, requireSound } from '../network/list-file.ts';
import type { AuthorityKeyFile } from '../network/make-keys.ts';
import { type Command, confirm, need, print, UsageError, type Values } from './command.ts';

export const listDiff: Command = {
  help: `  OLD NEW         two lists: signed, or drafts

  focalnet list diff list-1.json draft.json`,
  run: async (_values, [before, after]) => {
    if (!before || !after) throw new UsageError('name two lists: focalnet list diff OLD NEW');
    const [old, next] = [await readListFile(before), await readListFile(after)];
    printChange(old.list, next);
    return 0;
  },
};

/** What changes, why, and what to think about. */
export function printChange(before: TrustList | null, after: ListFile): void {
  const lines = describeChange(before, after.list);
  for (const line of lines) print(line);
  if (lines.length === 1) print('Nothing else changes.');
  for (const note of after.notes) print(`Note of whoever drafted it: ${note}`);
  for (const concern of findConcerns(after.list)) print(`CONSIDER: ${concern}`);
}

export const listSign: Command = {
  help: `  --file FILE     a draft, or a list that others have signed already: your signature is added
  --list FILE     the signed list in force, which it follows; not for the first list
  --key FILE      an authority's key file; may be given more than once
  --out FILE      the list with its signatures
  --yes           do not ask: it has been read with \`list diff\`

  focalnet list sign --file draft.json --list list-1.json --key authority-1.json --out list-2.json`,
  run: async (values) => {
    const file = await readListFile(need(values, 'file'));
    const { list } = file;
    await requireSound(list);
    const previous = list.ver === 1 ? null : (await readListFile(need(values, 'list'))).list;
    if (previous) requirePredecessor(list, previous);
    printChange(previous, file);
    const { authorities } = previous ?? list;
    const keys = await readKeys(values, authorities);
    if (!(await confirm(values, 'Sign exactly this?', 'read `list diff`'))) {
      print('Not signed.');
      return 1;
    }
    const all = mergeSignatures(file, await Promise.all(keys.map((key) => signList(list, key))));
    await writeFile(need(values, 'out'), assembleList(list, all));
    const missing = authorities.threshold - all.length;
    print(missing > 0 ? `Signed. ${missing} more must sign it.` : 'Signed by enough: it can be published.');
    return 0;
  },
};

type Authority = Awaited<ReturnType<typeof importSigningKey>>;

async function readKeys(values: Values, authorities: TrustList['authorities']): Promise<Authority[]> {
  const files = Array.isArray(values.key) ? values.key : [];
  if (files.length === 0) throw new UsageError('say --key; see --help');
  return Promise.all(
    files.map(async (path) => {
      const { kid, jwk } = JSON.parse(await readFile(path, 'utf8')) as AuthorityKeyFile;
      const listed = authorities.keys.find((key) => key.kid === kid);
      if (listed?.jwk.x !== jwk.x)
        throw new Error(`${kid} is no authority of the list in force, or has another key there`);
      return importSigningKey(kid, jwk);
    }),
  );
}

/** Those on the file and the new ones; an authority that signs again is counted once. */
function mergeSignatures({ signed }: ListFile, added: readonly ListSignature[]): ListSignature[] {
  const before = signed === null ? [] : (JSON.parse(signed) as { signatures: ListSignature[] }).signatures;
  const all = new Map([...before, ...added].map((one) => [one.protected, one]));
  return [...all.values()];
}
