/**
 * A child is reported missing to one State: people are told to tell every other State that has open business about the child
 * (PRACTICE.md A16). The node tells nobody by itself, and no State learns of another.
 */
import { foldConversation } from '#schema/conversation/conversation.ts';
import type { Operation } from '../operation.ts';
import { openRows } from '../vault/sealed-columns.ts';
import type { Body } from './parse-body.ts';
import { isSame, subjectsOf } from './same-child.ts';
import { readActHeads, toActs } from './store.ts';
import { sealedAct } from './tables.ts';
import { closeTasks, insertTask, openTask } from './task.ts';

/** Opens a task in each other conversation about the child that the person who reports may see; it closes with the same report there. */
export async function tellOtherPeers(
  op: Operation,
  thread: string,
  messageId: string,
  by: string,
): Promise<void> {
  await settleHere(op, thread, by);
  const [asked] = await readEnquiries(op, [thread]);
  if (!asked) return;
  const children = subjectsOf(JSON.parse(asked.body) as Body);
  const others = await readEnquiries(op);
  for (const other of others) {
    if (other.thread === thread) continue;
    const isAbout = subjectsOf(JSON.parse(other.body) as Body).some((one) =>
      children.some((child) => isSame(one, child)),
    );
    if (isAbout && (await isUntold(op, other.thread)))
      await insertTask(op, {
        kind: 'missing-notice',
        thread: other.thread,
        once: `missing ${messageId} ${other.thread}`,
      });
  }
}

/**
 * The same where the child's file says it: in each of these conversations that is open, and where it was not said yet.
 * @param within the file, where it is for named readers: the task is theirs, and not of the conversation
 */
export async function tellThatMissing(
  op: Operation,
  threads: readonly string[],
  within: string | null,
): Promise<void> {
  const open = await op.trx
    .selectFrom('conversation')
    .select('thread')
    .where('thread', 'in', [...threads, ''])
    .where('state', 'not in', [...OVER])
    .execute();
  for (const { thread } of open)
    if (await isUntold(op, thread))
      await openTask(op, {
        kind: 'missing-notice',
        ...(within ? { thread: within, about: thread } : { thread }),
      });
}

/** In these nothing is under way that could go to the family. */
const OVER = ['CLOSED', 'WITHDRAWN', 'REFUSED'] as const;

async function readEnquiries(op: Operation, threads?: readonly string[]) {
  const rows = await op.trx
    .selectFrom('act')
    .innerJoin('conversation', 'conversation.thread', 'act.thread')
    .select(['act.message_id', 'act.thread', 'act.notice', 'act.body'])
    .where('act.type', '=', 'ENQ')
    .where('conversation.state', 'not in', [...OVER])
    .$if(threads !== undefined, (query) => query.where('act.thread', 'in', [...threads!]))
    .execute();
  return (await openRows(op, sealedAct, rows)).filter(({ body }) => body !== '');
}

/** Open, and nobody has said there that the child is missing. */
async function isUntold(op: Operation, thread: string): Promise<boolean> {
  return foldConversation(toActs(await readActHeads(op.trx, [thread]))).missing.length === 0;
}

async function settleHere(op: Operation, thread: string, by: string): Promise<void> {
  const open = await op.trx
    .selectFrom('task')
    .select('id')
    .where('kind', '=', 'missing-notice')
    .where((eb) => eb.or([eb('thread', '=', thread), eb('about', '=', thread)]))
    .where('closed_at', 'is', null)
    .execute();
  await closeTasks(op, open, { by, reason: 'told' });
}
