/**
 * A guardian's own links, and the conversations they cover. What is not in force, and what a freeze holds back, looks exactly like
 * what is not there.
 */
import type { Selectable, Transaction } from 'kysely';
import type { Actor } from '../access/actor.ts';
import { decide } from '../access/decide.ts';
import type { Database } from '../storage/database.ts';
import type { Reader } from '../vault/sealed-columns.ts';
import { type Followed, readFollowed } from './read-followed.ts';

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

/** @throws VaultError */
export async function listRepresentations(
  reader: Reader & { readonly trx: Transaction<Database> },
  actor: Actor,
  nowMs: number,
): Promise<Representation[]> {
  const rows = await reader.trx
    .selectFrom('guardian_link')
    .select(COLUMNS)
    .orderBy('approved_at')
    .orderBy('id')
    .execute();
  // The first wall; the policy of the table says the same (node/storage/people-walls.ts).
  const links = rows.filter((link) => decide(actor, 'representation.read', { link }, nowMs).allow);
  const threads = [...new Set(links.flatMap((link) => link.threads))];
  const followed = await readFollowed(reader, threads);
  return links.map(({ id, authority, scope, appointed_on, ends_on, threads }) => ({
    ...{ id, authority, scope, appointed_on, ends_on },
    followed: followed.filter(({ thread }) => threads.includes(thread)),
  }));
}
