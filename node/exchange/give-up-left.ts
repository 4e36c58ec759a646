/**
 * Ends what was sealed for a State that has left the network: nothing more is handed over, and a person hears of each. It is told
 * which numbers will never come only should it come back (give-up.ts).
 */
import type { MessageId } from '#schema/protocol/ids.ts';
import { runOperation } from '../operation.ts';
import type { ExchangeContext } from './context.ts';
import type { OutboxTable } from './tables.ts';

type Left = Pick<OutboxTable, 'id' | 'peer' | 'class' | 'lane' | 'seq'>;

/** @returns true: there was something to do with them */
export async function giveUpLeft(ctx: ExchangeContext, rows: readonly Left[]): Promise<true> {
  for (const { id, peer, class: kind, lane, seq } of rows) {
    await runOperation(ctx.db, ctx.surroundings, async (op) => {
      const row = await op.trx
        .updateTable('outbox')
        .set({ state: 'left', tombstone_due: kind === 'msg' })
        .where('id', '=', id)
        // Its receipt may have come meanwhile.
        .where('state', 'in', ['ready', 'relayed'])
        .returning('sent_to')
        .executeTakeFirst();
      if (!row || kind === 'ctl') return;
      await op.trx.deleteFrom('outbox_part').where('message_id', '=', id).execute();
      await op.audit('message.given-up', { id, to: peer, lane, seq, reason: 'left' });
      await ctx.handler.noteUndelivered(op, id as MessageId, 'left', row.sent_to.length > 0);
    });
  }
  return true;
}
