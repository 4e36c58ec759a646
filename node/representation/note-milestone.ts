/**
 * Keeps beside a conversation how far it has come, as a guardian may know it. Called whenever an act changed the conversation,
 * whether or not a guardian is linked to it yet.
 */
import type { Conversation, Stage } from '#schema/conversation/conversation.ts';
import type { Operation } from '../operation.ts';
import { milestoneOf } from './milestones.ts';

/** The act by which persons decided what a stage says. */
const DECIDED_BY: Readonly<Partial<Record<Stage, string>>> = {
  REFUSED: 'REF',
  WITHDRAWN: 'WDR',
  CLOSED: 'CLS',
};

/** The last act that decided where the conversation stands now. */
type Decided = readonly { readonly type: string; readonly at: number }[];

export async function noteMilestone(
  op: Operation,
  thread: string,
  { stage }: Pick<Conversation, 'stage'>,
  acts: Decided,
): Promise<void> {
  const reached = milestoneOf[stage];
  if (reached === null) return;
  const last = await op.trx
    .selectFrom('milestone')
    .select(['n', 'stage'])
    .where('thread', '=', thread)
    .orderBy('n', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (last?.stage === reached) return;
  const decision = acts.findLast(({ type }) => type === DECIDED_BY[stage]);
  const row = {
    thread,
    n: (last?.n ?? 0) + 1,
    stage: reached,
    at: decision?.at ?? op.nowMs,
    noted_at: op.nowMs,
  };
  await op.trx.insertInto('milestone').values(row).execute();
}
