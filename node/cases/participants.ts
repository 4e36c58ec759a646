/**
 * Who stands around a child, as far as a case file names them: kin, contacts, suspected persons, carers, offices. What a guardian's
 * name and organisation are held against (PRACTICE.md A7). Every account counts, also a contested one.
 */
import type { Transaction } from 'kysely';
import type { SearchableName } from '../matching/facts.ts';
import { scriptOf } from '../matching/scripts.ts';
import type { Database } from '../storage/database.ts';
import type { Vault } from '../vault/vault.ts';
import { type CaseEntry, readItems } from './history.ts';
import type { ValueOf } from './kinds.ts';
import { readEntries } from './store.ts';

/** What one entry names. */
export interface Participant {
  /** The entry. */
  readonly entry: string;
  readonly names: readonly SearchableName[];
  /** Family names alone, the child's own too: kin often share no other. */
  readonly familyNames: readonly SearchableName[];
  /** Persons and offices that stand in one line: either may be meant. */
  readonly lines: readonly string[];
}

type Named = { readonly names: readonly SearchableName[] };

/** Of entries that state somebody; the rest names nobody. */
export function participantsOf(entries: readonly CaseEntry[]): Participant[] {
  return entries
    .filter(({ value }) => value !== null)
    .map((entry) => ({ entry: entry.id, ...namedIn(entry) }))
    .filter(({ names, familyNames, lines }) => names.length + familyNames.length + lines.length > 0);
}

function namedIn({ kind, value }: CaseEntry): Omit<Participant, 'entry'> {
  const nobody = { names: [], familyNames: [], lines: [] };
  if (kind === 'person') {
    const { names } = value as unknown as Named;
    return { ...nobody, names, familyNames: names.flatMap(familyOf) };
  }
  // The child's own name says who may be kin, and is nobody else's.
  if (kind === 'name') return { ...nobody, familyNames: familyOf(value as unknown as SearchableName) };
  return { ...nobody, lines: linesOf(kind, value!).filter((line) => line !== undefined) };
}

/** Fields that name somebody in one line. */
function linesOf(kind: CaseEntry['kind'], value: NonNullable<CaseEntry['value']>): (string | undefined)[] {
  if (kind === 'recipient') return [(value as ValueOf<'recipient'>).who];
  if (kind === 'warning') return [(value as ValueOf<'warning'>).named];
  if (kind === 'document') return [(value as ValueOf<'document'>).heldBy];
  if (kind === 'measure') return [(value as ValueOf<'measure'>).authority];
  return [];
}

/** Parts of a name that kin share. */
const FAMILY = ['family', 'second-family', 'clan'];

/** Nothing where the name has no such part. */
export function familyOf({ parts, ...name }: SearchableName): SearchableName[] {
  const family = parts.filter((part) => FAMILY.includes(part.kind));
  return family.length === 0 ? [] : [{ parts: family, script: name.script, language: name.language }];
}

/** A name in one line, whatever its script. */
export function nameInLine(line: string): SearchableName {
  const script =
    Array.from(line)
      .map(scriptOf)
      .find((found) => found !== undefined) ?? 'Latn';
  return { parts: [{ kind: 'undivided', value: line }], script };
}

/** Everybody whom these files name now. @throws VaultError */
export async function readParticipants(
  { trx, vault }: { readonly trx: Transaction<Database>; readonly vault: Vault },
  files: readonly string[],
): Promise<Participant[]> {
  const read = [...(await readEntries(trx, vault, files)).values()];
  return read.flatMap((entries) => participantsOf(readItems(entries).flatMap(({ heads }) => heads)));
}
