/**
 * What the other State says of erasing: a demand becomes a person's task; an answer is compared with what this node sent, and entered
 * in the register of breaches where it is about what should not have been there.
 */
import { sql } from 'kysely';
import type { Act } from '#schema/conversation/acts.ts';
import { limitMs } from '#schema/conversation/calendar.ts';
import { foldConversation } from '#schema/conversation/conversation.ts';
import { digestOfMessages, erasableOf } from '#schema/conversation/erasures.ts';
import { sealedBreachNote } from '../access/people-tables.ts';
import { counts, readActHeads, toActs } from '../enquiries/store.ts';
import { sealedAct } from '../enquiries/tables.ts';
import type { Operation } from '../operation.ts';
import { openRow, sealColumns } from '../vault/sealed-columns.ts';
import { tell } from './apply-retention.ts';

/** An erasing act of the other State, in the transaction that stored it. */
export async function noteErasure(op: Operation, thread: string, act: Act): Promise<void> {
  const { phase, re, status } = act.facts;
  if (phase === 'ask') {
    await tell(
      op,
      'erasure-asked',
      { kind: 'conversation', id: thread },
      op.nowMs + limitMs('erasure-answer'),
    );
    return;
  }
  const rows = await readActHeads(op.trx, [thread]);
  const asked = foldConversation(toActs(rows)).erasures.find(({ by, n }) => by !== act.side && n === re);
  const ids = asked ? erasableOf(rows.filter(counts), asked).map(({ message_id }) => message_id) : [];
  const asNamed = status === 'erased' && (await digestIn(op, act.id)) === digestOfMessages(ids);
  await op.audit('erasure.answered', { thread, messageId: act.id, re, result: status, asNamed });
  const what = asNamed ? 'erased' : status === 'erased' ? 'different' : 'held';
  await noteInRegister(op, ids, { what, message: act.id, atMs: act.atMs });
}

async function digestIn(op: Operation, messageId: string): Promise<string | undefined> {
  const query = op.trx.selectFrom('act').select(['message_id', 'thread', 'notice', 'body']);
  const row = await openRow(
    op,
    sealedAct,
    await query.where('message_id', '=', messageId).executeTakeFirst(),
  );
  return (JSON.parse(row!.body) as { erased?: { digest: string } }).erased?.digest;
}

/** Words of the node's own: what was said is in the act that the entry names. */
const TEXTS = {
  'deletion-asked': 'Asked of the other State by a signed message.',
  erased:
    'The other State confirms by a signed message that it has made this unreadable; the messages it names are those of this entry.',
  different:
    'The other State confirms an erasure by a signed message, but names other messages than were sent: ask what it has.',
  held: 'The other State answers by a signed message that it keeps this by law for now: the day stands in the message.',
} as const;

/** Enters a step of every open breach that is about one of these messages. @param message that says it */
export async function noteInRegister(
  op: Operation,
  ids: readonly string[],
  said: {
    readonly what: keyof typeof TEXTS;
    readonly message: string;
    readonly atMs: number;
    readonly by?: string;
  },
): Promise<void> {
  if (ids.length === 0) return;
  const breaches = await op.trx
    .selectFrom('breach')
    .select(['id', 'peer'])
    .where('closed_at', 'is', null)
    .where(sql<boolean>`message_ids && ${[...ids]}::text[]`)
    .execute();
  const { what, message, atMs } = said;
  const step =
    what === 'deletion-asked' ? what : what === 'erased' ? 'deletion-confirmed' : 'deletion-refused';
  for (const { id: breach, peer } of breaches) {
    const id = `breach-note-${Buffer.from(op.random(12)).toString('hex')}`;
    const sealed = await sealColumns(op, sealedBreachNote, { id }, { text: `${TEXTS[what]} (${message})` });
    const by = said.by ?? peer ?? '';
    await op.trx
      .insertInto('breach_note')
      .values({ id, breach, step, how: 'message', ...sealed, by, done_at: atMs, at: op.nowMs })
      .execute();
    await op.audit('breach.step', { id: breach, step, how: 'message', doneAtMs: atMs, actor: by });
  }
}
