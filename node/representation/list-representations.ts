/**
 * A guardian's own links, and how far the conversations they cover have come. What is not in force, and what a freeze holds back,
 * looks exactly like what is not there.
 */
import type { Selectable, Transaction } from 'kysely';
import type { Actor } from '../access/actor.ts';
import { decide } from '../access/decide.ts';
import type { Database } from '../storage/database.ts';
import type { MilestoneTable } from './tables.ts';

export type Reached = Pick<Selectable<MilestoneTable>, 'stage' | 'at'>;

export interface Followed {
  readonly thread: string;
  /** In the order in which they were reached; at least one. */
  readonly timeline: readonly Reached[];
}

type Columns = 'id' | 'authority' | 'scope' | 'appointed_on' | 'ends_on';
export type Representation = Pick<Selectable<Database['guardian_link']>, Columns> & {
  readonly followed: readonly Followed[];
};

const COLUMNS = [
  'id',
  'person',
  'threads',
  'ends_at',
  'approved_at',
  'revoked_at',
  'authority',
  'scope',
  'appointed_on',
  'ends_on',
] as const;

export async function listRepresentations(
  trx: Transaction<Database>,
  actor: Actor,
  nowMs: number,
): Promise<Representation[]> {
  const rows = await trx
    .selectFrom('guardian_link')
    .select(COLUMNS)
    .orderBy('approved_at')
    .orderBy('id')
    .execute();
  // The first wall; the policy of the table says the same (node/storage/people-walls.ts).
  const links = rows.filter((link) => decide(actor, 'representation.read', { link }, nowMs).allow);
  const threads = [...new Set(links.flatMap((link) => link.threads))];
  const reached = threads.length === 0 ? [] : await readMilestones(trx, threads);
  return links.map(({ id, authority, scope, appointed_on, ends_on, threads }) => ({
    ...{ id, authority, scope, appointed_on, ends_on },
    followed: threads
      .map((thread) => ({ thread, timeline: reached.filter((one) => one.thread === thread) }))
      .filter(({ timeline }) => timeline.length > 0),
  }));
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
