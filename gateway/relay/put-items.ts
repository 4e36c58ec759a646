/**
 * Puts things into mailboxes. The number of an item is given under a lock of the recipient's lane, so that a reader who has
 * seen number n has seen everything below it.
 */
import type { Insertable, Transaction } from 'kysely';
import type { GatewayDatabase, MailboxItemTable } from '../tables.ts';

export type NewItem = Omit<Insertable<MailboxItemTable>, 'cursor' | 'pulled'>;

/** Adds items in their order, lane by lane, in the caller's transaction. */
export async function putItems(trx: Transaction<GatewayDatabase>, items: readonly NewItem[]): Promise<void> {
  const lanes = new Map<string, NewItem[]>();
  for (const item of items) {
    const key = `${item.recipient}/${item.lane}`;
    lanes.set(key, [...(lanes.get(key) ?? []), item]);
  }
  // One order for all writers, or two of them could wait for each other.
  for (const [, group] of [...lanes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { recipient, lane } = group[0]!;
    const head = await trx
      .insertInto('mailbox_head')
      .values({ recipient, lane, last: group.length, trimmed: 0 })
      .onConflict((c) =>
        c
          .columns(['recipient', 'lane'])
          .doUpdateSet((eb) => ({ last: eb('mailbox_head.last', '+', group.length) })),
      )
      .returning('last')
      .executeTakeFirstOrThrow();
    const first = head.last - group.length + 1;
    const rows = group.map((item, i) => ({ ...item, cursor: first + i, pulled: false }));
    await trx.insertInto('mailbox_item').values(rows).execute();
  }
}
