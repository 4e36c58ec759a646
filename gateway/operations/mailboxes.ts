/**
 * What waits in the mailboxes, counted by lane and kind, and what each sender has waiting. Reads no content.
 */
import { type Kysely, sql } from 'kysely';
import type { GatewayDatabase } from '../tables.ts';

export interface Mailboxes {
  readonly lanes: readonly {
    readonly recipient: string;
    readonly lane: string;
    readonly kind: string;
    readonly items: number;
    readonly bytes: number;
    readonly expiresAtMs: number;
  }[];
  readonly senders: readonly { readonly sender: string; readonly bytes: number }[];
}

/** Full mailboxes are millions of rows: counted once in so long, however often somebody looks. */
const KEEP_MS = 15_000;
const kept = new WeakMap<Kysely<GatewayDatabase>, { atMs: number; found: Promise<Mailboxes> }>();

export function readMailboxes(db: Kysely<GatewayDatabase>, nowMs: number): Promise<Mailboxes> {
  const last = kept.get(db);
  if (last && nowMs - last.atMs < KEEP_MS && nowMs >= last.atMs) return last.found;
  const found = countMailboxes(db);
  kept.set(db, { atMs: nowMs, found });
  found.catch(() => kept.delete(db));
  return found;
}

async function countMailboxes(db: Kysely<GatewayDatabase>): Promise<Mailboxes> {
  const { rows: lanes } = await sql<Mailboxes['lanes'][number]>`
    select recipient, lane, kind, count(*) as items, sum(bytes)::bigint as bytes, min(expires_at) as "expiresAtMs"
    from mailbox_item group by recipient, lane, kind`.execute(db);
  const { rows: senders } = await sql<Mailboxes['senders'][number]>`
    select sender, sum(bytes)::bigint as bytes from (
      select sender, sum(bytes) as bytes from mailbox_item where kind in ('message', 'control') group by sender
      union all select sender, sum(bytes) from part group by sender) used group by sender`.execute(db);
  return { lanes, senders };
}
