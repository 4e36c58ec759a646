/**
 * The conversations a guardian follows, with what is shown of each and what this guardian has said. All of it comes through the functions of
 * shown-tables.ts: what a freeze holds back, or what was never shown, is not in them.
 */
import type { Selectable, Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';
import { openRows, type Reader } from '../vault/sealed-columns.ts';
import { readMyShown, type Shown } from './shown.ts';
import {
  type FollowedTable,
  type GuardianWordTable,
  myFollowed,
  myMilestones,
  sealedWord,
} from './shown-tables.ts';
import type { MilestoneTable } from './tables.ts';

export type Reached = Pick<Selectable<MilestoneTable>, 'stage' | 'at'>;

/** What a guardian said, as they read it again; what became of it is shown in a row of its own. */
export type Word = Pick<
  Selectable<GuardianWordTable>,
  'id' | 'thread' | 'kind' | 'about' | 'question' | 'at'
> & {
  readonly content: string;
};

export interface Followed extends Pick<FollowedTable, 'id' | 'side' | 'thread'> {
  /** In the order in which they were reached; at least one. */
  readonly timeline: readonly Reached[];
  readonly shown: readonly Shown[];
  readonly words: readonly Word[];
}

type PersonalReader = Reader & { readonly trx: Transaction<Database> };

/** In the order of `threads`; those of which nothing is shown are left out. @throws VaultError */
export async function readFollowed(reader: PersonalReader, threads: readonly string[]): Promise<Followed[]> {
  if (threads.length === 0) return [];
  const { trx } = reader;
  const within = [...threads];
  const known = await trx.selectFrom(myFollowed).selectAll().where('thread', 'in', within).execute();
  const reached = await trx
    .selectFrom(myMilestones)
    .selectAll()
    .where('thread', 'in', within)
    .orderBy('thread')
    .orderBy('n')
    .execute();
  const shown = await readMyShown(reader, threads);
  const words = await readOwnWords(reader, threads);
  const of = <T extends { readonly thread: string }>(rows: readonly T[], thread: string) =>
    rows.filter((row) => row.thread === thread);
  return threads.flatMap((thread) => {
    const [one] = of(known, thread);
    const timeline = of(reached, thread);
    if (one === undefined || timeline.length === 0) return [];
    return [{ ...one, timeline, shown: of(shown, thread), words: of(words, thread) }];
  });
}

/** The conversation of this id, if the guardian follows it now. @throws VaultError */
export async function findFollowed(reader: PersonalReader, id: string): Promise<Followed | undefined> {
  const row = await reader.trx
    .selectFrom(myFollowed)
    .select('thread')
    .where('id', '=', id)
    .executeTakeFirst();
  return row && (await readFollowed(reader, [row.thread]))[0];
}

async function readOwnWords(reader: PersonalReader, threads: readonly string[]): Promise<Word[]> {
  const rows = await reader.trx
    .selectFrom('guardian_word')
    .select(['id', 'thread', 'kind', 'about', 'question', 'at', 'content'])
    .where('thread', 'in', [...threads])
    .orderBy('n')
    .execute();
  return openRows(reader, sealedWord, rows);
}
