/**
 * A person has opened a message that came in: its sender is told so by a signed receipt in a control message.
 */
import type { MessageId } from '#schema/protocol/ids.ts';
import type { Operation } from '../operation.ts';

/**
 * Asks the exchange to issue an `opened` receipt for an inbound message, once; repeating it changes nothing.
 * @returns whether it was asked for just now
 */
export async function requestOpenedReceipt(op: Operation, messageId: MessageId): Promise<boolean> {
  const { numUpdatedRows } = await op.trx
    .updateTable('inbound')
    .set({ later_receipt: 'due' })
    .where('id', '=', messageId)
    .where('later_receipt', 'is', null)
    .where('state', '=', 'applied')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
