/**
 * Puts things into mailboxes. The number of an item is given under a lock of the recipient's lane, so that a reader who has
 * seen number n has seen everything below it.
 */
import type { Insertable, Transaction } from 'kysely';
import type { GatewayDatabase, MailboxItemTable } from '../tables.ts';

export type NewItem = Omit<Insertable<MailboxItemTable>, 'cursor' | 'pulled'>;

/** Adds items in their order within each lane, in the caller's transaction. */
export async function putItems(trx: Transaction<GatewayDatabase>, items: readonly NewItem[]): Promise<void> {
  if (items.length === 0) return;
  const lanes = new Map<string, NewItem[]>();
  for (const item of items) {
    const key = `${item.recipient}/${item.lane}`;
    lanes.set(key, [...(lanes.get(key) ?? []), item]);
  }
  // One order for all writers, or two of them could wait for each other.
  const groups = [...lanes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  const heads = await trx
    .insertInto('mailbox_head')
    .values(
      groups.map((group) => ({
        recipient: group[0]!.recipient,
        lane: group[0]!.lane,
        last: group.length,
        trimmed: 0,
      })),
    )
    .onConflict((c) =>
      c
        .columns(['recipient', 'lane'])
        .doUpdateSet((eb) => ({ last: eb('mailbox_head.last', '+', eb.ref('excluded.last')) })),
    )
    .returning(['recipient', 'lane', 'last'])
    .execute();
  const lastOf = new Map(heads.map((head) => [`${head.recipient}/${head.lane}`, head.last]));
  const rows = groups.flatMap((group) => {
    const first = lastOf.get(`${group[0]!.recipient}/${group[0]!.lane}`)! - group.length + 1;
    return group.map((item, i) => ({ ...item, cursor: first + i, pulled: false }));
  });
  await trx.insertInto('mailbox_item').values(rows).execute();
}
