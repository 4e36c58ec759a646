/**
 * The other State asks that what it has sent be erased. A person answers: it is erased, unless it is kept by law; then the answer says
 * until when, and for what kind of authority. The answer is an act like any other and needs a second person. That something was
 * erased leaves this node when it is true: after the erasure, in the transaction of it (apply-retention.ts).
 */
import type { Act, Side } from '#schema/conversation/acts.ts';
import { foldConversation } from '#schema/conversation/conversation.ts';
import { digestOfMessages, type ErasureMatter, erasableOf } from '#schema/conversation/erasures.ts';
import type { BodyOf } from '#schema/conversation/message-types.ts';
import { erasureRemains } from '#schema/vocabulary/erasure.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import type { EnquiryContext } from '../enquiries/context.ts';
import { EnquiryError } from '../enquiries/enquiry-error.ts';
import type { Body } from '../enquiries/parse-body.ts';
import { type Proposed, proposeAct } from '../enquiries/propose-act.ts';
import { type ActHead, type ActRow, counts, readActHeads, toActs, warningsOf } from '../enquiries/store.ts';
import { closeTasks } from '../enquiries/task.ts';
import { type Operation, type PersonalOperation, runAs } from '../operation.ts';
import { findHold, scheduleErasure } from './decide.ts';
import { noteInRegister } from './note-erasure.ts';

/**
 * Proposes the answer to the demand that is open.
 * @throws AccessError NOT_FOUND, NOT_PERMITTED; EnquiryError ACT_UNKNOWN where nothing is asked; as proposeAct
 */
export async function answerErasure(ctx: EnquiryContext, actor: Actor, thread: string): Promise<Proposed> {
  const body = await runAs(ctx, actor, async (op) => {
    await op.require('retention.propose', thread);
    const rows = await readActHeads(op.trx, [thread]);
    const asked = openDemand(rows);
    if (!asked) throw new EnquiryError('ACT_UNKNOWN');
    return answerTo(op, thread, rows, asked);
  });
  return proposeAct(ctx, actor, { type: 'ERS', thread, body });
}

/** The oldest demand of the other side that has not ended in erasure. */
export function openDemand(rows: readonly ActHead[]): ErasureMatter | undefined {
  const ours = sideOf(rows);
  const { erasures } = foldConversation(toActs(rows));
  return erasures.find(({ by, answer }) => by !== ours && answer?.result !== 'erased');
}

/** A conversation in which this node has said nothing yet was opened by the other State. */
const sideOf = (rows: readonly ActHead[]): Side => {
  const own = rows.find(({ stage }) => stage !== null);
  return own?.side ?? 'requested';
};

async function answerTo(
  op: PersonalOperation,
  thread: string,
  rows: readonly ActHead[],
  asked: ErasureMatter,
): Promise<BodyOf<'ERS'>> {
  const hold = await findHold(op, thread);
  const phase = 'answer' as const;
  if (hold) {
    const keptUntil = new Date(hold.until).toISOString().slice(0, 10);
    return { phase, re: asked.n, result: 'held', keptUntil, keptFor: hold.authority, remains: [] };
  }
  return {
    phase,
    re: asked.n,
    result: 'erased',
    erased: describe(erasableOf(rows, asked)),
    remains: [...erasureRemains.codes],
  };
}

const describe = (rows: readonly { readonly message_id: string }[]) => ({
  messages: rows.length,
  digest: digestOfMessages(rows.map(({ message_id }) => message_id)),
});

/**
 * What an erasing act says must be so: an answer names what is held here, and nothing that protects a child goes because agreement
 * was withdrawn. Of a conversation whose words cannot be read here any more, its warnings are not known.
 * @returns the sentence its author is shown
 */
export function erasureFault(
  rows: readonly ActRow[],
  acts: readonly Act[],
  side: Side,
  body: Body,
): string | null {
  const { phase, re, result, erased, ground, act } = body as unknown as BodyOf<'ERS'>;
  const asked =
    phase === 'ask'
      ? { by: side, ground, ...(act !== undefined && { act }) }
      : foldConversation(acts).erasures.find(({ by, n }) => by !== side && n === re);
  if (!asked) return null;
  const about = erasableOf(rows, asked);
  if (asked.ground === 'agreement-withdrawn' && result !== 'held' && warningsOf(about).length > 0)
    return 'Safety warnings are not erased because agreement was withdrawn: another ground, or single acts without warnings.';
  if (result !== 'erased') return null;
  const { messages, digest } = describe(about);
  return erased?.messages === messages && erased.digest === digest
    ? null
    : 'What is named is not what is held here now: answer anew.';
}

/**
 * In the transaction that releases an erasing act: what it says is erased will be, or it does not leave.
 * @returns whether the act is sent by the erasure, and not before
 * @throws AccessError LEGAL_HOLD
 */
export async function settleErasure(
  ctx: EnquiryContext,
  op: Operation,
  released: { readonly thread: string; readonly messageId: string; readonly body: Body; readonly by: string },
): Promise<boolean> {
  const { thread, messageId, by } = released;
  const { phase, re, result, act: asks } = released.body as unknown as BodyOf<'ERS'>;
  if (phase === 'ask') {
    const rows = (await readActHeads(op.trx, [thread])).filter(counts);
    const side = rows.find(({ message_id }) => message_id === messageId)!.side;
    const about = erasableOf(rows, { by: side, ...(asks !== undefined && { act: asks }) });
    const sent = about.filter((row) => row.side === side).map(({ message_id }) => message_id);
    await noteInRegister(op, sent, { what: 'deletion-asked', message: messageId, atMs: op.nowMs, by });
    return false;
  }
  await settleAsked(op, thread, { by, reason: result ?? 'answered' });
  if (result !== 'erased') return false;
  if (await findHold(op, thread)) throw new AccessError('LEGAL_HOLD');
  const rows = await readActHeads(op.trx, [thread]);
  const asked = rows.find((row) => row.type === 'ERS' && row.stage === null && row.n === re)!;
  const { act, status } = JSON.parse(asked.facts) as { act?: number; status: string };
  const one = act === undefined ? undefined : rows.find((row) => row.side === asked.side && row.n === act);
  const subject =
    one === undefined
      ? ({ kind: 'conversation', id: thread } as const)
      : ({ kind: 'message', id: one.message_id } as const);
  await scheduleErasure(op, { ...subject, ground: status, answer: messageId });
  op.afterCommit(() => ctx.wakeRetention?.());
  return true;
}

async function settleAsked(
  op: Operation,
  thread: string,
  settled: { by: string; reason: string },
): Promise<void> {
  const query = op.trx.selectFrom('task').select('id').where('kind', '=', 'erasure-asked');
  await closeTasks(
    op,
    await query.where('about', '=', thread).where('closed_at', 'is', null).execute(),
    settled,
  );
}
