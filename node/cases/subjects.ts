/**
 * The children and people whom another State's enquiry, alert or sighting is about, as far as they can be found by name.
 */

import type { Body } from '../enquiries/parse-body.ts';
import { actsAboutChildren, subjectsOf } from '../enquiries/same-child.ts';
import { sealedAct } from '../enquiries/tables.ts';
import { factsOfChild, type SearchableFacts } from '../matching/facts.ts';
import { openRows, type Reader } from '../vault/sealed-columns.ts';
import { conversationKey, type Keys } from '../vault/vault.ts';
import { VaultError } from '../vault/vault-error.ts';

/** One of them, and of its conversation what decides who may know of it. */
export interface Subject {
  readonly thread: string;
  /** Reference in the act. */
  readonly ref: string;
  readonly facts: SearchableFacts;
  readonly unit: string;
  readonly eyes_only: boolean;
}

type Spoken = Partial<Parameters<typeof factsOfChild>[0]> & { readonly ref: string };

/**
 * Whom the other State's acts of these conversations are about, the last word on each; nobody where they have been made unreadable.
 * Two queries and one for keys, however many conversations. @throws VaultError KEY_UNAVAILABLE
 */
export async function readSubjects(
  reader: Reader,
  threads: readonly string[],
): Promise<Map<string, Subject[]>> {
  const found = await reader.trx
    .selectFrom('conversation')
    .select(['thread', 'unit', 'eyes_only'])
    .where('thread', 'in', [...threads])
    .execute();
  if (found.length === 0) return new Map();
  const known = new Map(found.map((row) => [row.thread, row]));
  const keys = await reader.vault.forReading(reader.trx, [...known.keys()].map(conversationKey));
  const readable = [...known.keys()].filter((thread) => !isErased(keys, thread));
  if (readable.length === 0) return new Map();
  const rows = await reader.trx
    .selectFrom('act')
    .selectAll()
    .where('thread', 'in', readable)
    .where('type', 'in', [...actsAboutChildren])
    .where('stage', 'is', null)
    .orderBy('n')
    .execute();
  const subjects = new Map<string, Map<string, Subject>>();
  for (const { thread, body } of await openRows(reader, sealedAct, rows)) {
    // Nothing is left of it.
    if (body === '') continue;
    const { unit, eyes_only } = known.get(thread)!;
    const ofThread = subjects.get(thread) ?? new Map<string, Subject>();
    subjects.set(thread, ofThread);
    for (const spoken of subjectsOf(JSON.parse(body) as Body) as unknown as readonly Spoken[])
      ofThread.set(spoken.ref, { thread, ref: spoken.ref, facts: factsOf(spoken), unit, eyes_only });
  }
  return new Map(
    [...subjects].map(([thread, all]) => [
      thread,
      [...all.values()].filter(({ facts }) => facts.names.length > 0),
    ]),
  );
}

/** @throws VaultError KEY_UNAVAILABLE */
function isErased(keys: Keys, thread: string): boolean {
  try {
    keys.check(conversationKey(thread));
    return false;
  } catch (error) {
    // Nor is what is blocked read here; from work of the node its key is withheld as if it were erased (match-tables.ts).
    if (error instanceof VaultError && (error.code === 'ERASED' || error.code === 'BLOCKED')) return true;
    throw error;
  }
}

function factsOf({
  names = [],
  birth,
  gender = 'NonSpecifiedUnknown',
  nationalities = [],
}: Spoken): SearchableFacts {
  return birth === undefined
    ? { names, births: [], gender, nationalities: [] }
    : factsOfChild({ names, birth, gender, nationalities });
}
