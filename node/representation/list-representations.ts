/**
 * A guardian's own links, and how far the conversations they cover have come. What is not in force, and what a freeze holds back,
 * looks exactly like what is not there.
 */
import { type Selectable, sql, type Transaction } from 'kysely';
import type { Actor } from '../access/actor.ts';
import { decide } from '../access/decide.ts';
import type { ShownAppointment } from '../access/link-content.ts';
import { sealedLink } from '../access/link-tables.ts';
import type { Database } from '../storage/database.ts';
import { openRows, type Reader } from '../vault/sealed-columns.ts';
import type { MilestoneTable } from './tables.ts';

export type Reached = Pick<Selectable<MilestoneTable>, 'stage' | 'at'>;

export interface Followed {
  readonly thread: string;
  /** In the order in which they were reached; at least one. */
  readonly timeline: readonly Reached[];
}

export interface Representation extends ShownAppointment {
  readonly id: string;
  readonly followed: readonly Followed[];
}

const COLUMNS = ['id', 'person', 'approved_at', 'revoked_at', 'shown'] as const;

export async function listRepresentations(
  reader: Reader & { readonly trx: Transaction<Database> },
  actor: Actor,
  nowMs: number,
): Promise<Representation[]> {
  const { trx } = reader;
  const rows = await trx
    .selectFrom('guardian_link')
    .innerJoin(
      sql<{ link: string; over_at: number | null }>`(select link, ends_at as over_at from app_my_links())`.as(
        'mine',
      ),
      (join) => join.onRef('mine.link', '=', 'guardian_link.id'),
    )
    .select(COLUMNS)
    .select('mine.over_at as ends_at')
    .orderBy('approved_at')
    .orderBy('id')
    .execute();
  // The first wall; the policy of the table says the same (node/access/link-tables.ts).
  const links = rows.filter((link) => decide(actor, 'representation.read', { link }, nowMs).allow);
  const follows = await readFollowed(trx);
  const threads = [...new Set(follows.map(({ thread }) => thread))];
  const reached = threads.length === 0 ? [] : await readMilestones(trx, threads);
  const opened = await openRows(reader, { ...sealedLink, columns: ['shown'] as const }, links);
  return opened.map(({ id, shown }) => ({
    id,
    ...(JSON.parse(shown!) as ShownAppointment),
    followed: follows
      .filter(({ link }) => link === id)
      .map(({ thread }) => ({ thread, timeline: reached.filter((one) => one.thread === thread) }))
      .filter(({ timeline }) => timeline.length > 0),
  }));
}

/** Conversations that the person's links cover, by themselves or by a case file. */
async function readFollowed(trx: Transaction<Database>): Promise<{ link: string; thread: string }[]> {
  const { rows } = await sql<{ link: string; thread: string }>`
    select link, thread from app_my_represented() where thread is not null order by thread`.execute(trx);
  return rows;
}

function readMilestones(trx: Transaction<Database>, threads: readonly string[]) {
  return trx
    .selectFrom('milestone')
    .select(['thread', 'stage', 'at'])
    .where('thread', 'in', [...threads])
    .orderBy('thread')
    .orderBy('n')
    .execute();
}
