/** Tells those who watch a conversation how far the files of an act of ours have come; what they may see is asked when they look. */
import type { EnquiryContext } from './context.ts';

/** @returns ends it */
export function tellTransfers(ctx: Pick<EnquiryContext, 'transfers' | 'doors' | 'changes'>): () => void {
  return ctx.transfers.listen((messageId, { direction }) => {
    if (direction === 'in') return;
    const query = ctx.doors.exchange.selectFrom('act').select('thread').where('message_id', '=', messageId);
    query.executeTakeFirst().then(
      (act) => act && ctx.changes.publish(act.thread),
      // Only a hint is lost: the next step, or the receipt, gives another.
      () => {},
    );
  });
}
