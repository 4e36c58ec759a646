/**
 * Removes what nobody fetched in time. Where a message of a lane goes, the lane's reader is told that something was trimmed.
 */
import { sql } from 'kysely';
import type { GatewayContext } from '../context.ts';

const LOOK_MS = 60_000;

/** One round. @returns milliseconds until the next */
export async function expireItems(ctx: GatewayContext): Promise<number> {
  const nowMs = ctx.nowMs();
  await sql`
    with gone as (delete from mailbox_item where expires_at <= ${nowMs} returning recipient, lane, cursor, kind, sender, message_id),
    marked as (
      update relayed r set state = 'expired' from gone g
      where g.kind = 'message' and r.sender = g.sender and r.message_id = g.message_id)
    update mailbox_head h set trimmed = greatest(h.trimmed, g.top)
    from (select recipient, lane, max(cursor) as top from gone group by recipient, lane) g
    where h.recipient = g.recipient and h.lane = g.lane`.execute(ctx.db);
  await ctx.db.deleteFrom('part').where('expires_at', '<=', nowMs).execute();
  return LOOK_MS;
}
