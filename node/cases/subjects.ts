/**
 * The children and people whom another State's enquiry, alert or sighting is about, as far as they can be found by name.
 */

import type { Selectable } from 'kysely';
import type { Body } from '../enquiries/parse-body.ts';
import { actsAboutChildren, subjectsOf } from '../enquiries/same-child.ts';
import { type ActTable, sealedAct } from '../enquiries/tables.ts';
import { factsOfChild, type SearchableFacts } from '../matching/facts.ts';
import { openRows, type Reader } from '../vault/sealed-columns.ts';
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

/** Whom the other State's acts of a conversation are about, the last word on each; none where it has been made unreadable. */
export async function readSubjects(reader: Reader, thread: string): Promise<Subject[]> {
  const conversation = await reader.trx
    .selectFrom('conversation')
    .select(['unit', 'eyes_only'])
    .where('thread', '=', thread)
    .executeTakeFirst();
  if (!conversation) return [];
  const rows = await reader.trx
    .selectFrom('act')
    .selectAll()
    .where('thread', '=', thread)
    .where('type', 'in', [...actsAboutChildren])
    .where('stage', 'is', null)
    .orderBy('n')
    .execute();
  const subjects = new Map<string, Subject>();
  for (const { body } of (await openAll(reader, rows)).filter(({ body }) => body !== ''))
    for (const spoken of subjectsOf(JSON.parse(body) as Body) as unknown as readonly Spoken[])
      subjects.set(spoken.ref, { thread, ref: spoken.ref, facts: factsOf(spoken), ...conversation });
  return [...subjects.values()].filter(({ facts }) => facts.names.length > 0);
}

async function openAll(reader: Reader, rows: readonly Selectable<ActTable>[]): Promise<{ body: string }[]> {
  try {
    return await openRows(reader, sealedAct, rows);
  } catch (error) {
    if (error instanceof VaultError && error.code === 'ERASED') return [];
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
