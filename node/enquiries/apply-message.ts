/**
 * A message that came in becomes an act. The exchange calls this in the transaction that also holds the receipt: everything
 * is checked before the first write, and a refusal is a protocol code that both sides keep.
 */

import type { Act } from '#schema/conversation/acts.ts';
import { factsOf } from '#schema/conversation/facts.ts';
import {
  type BodyOf,
  isAlwaysAccepted,
  type MessageCode,
  messageTypes,
  parseWireName,
} from '#schema/conversation/message-types.ts';
import { isActLegalAsAuthored } from '#schema/conversation/rules.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import type { MessageDocument } from '#schema/protocol/document.ts';
import { heedRepresentative } from '../access/heed-representative.ts';
import { heedNamed, namedInAct } from '../access/named-in-acts.ts';
import { requestNotice } from '../notices/request-notice.ts';
import type { Operation } from '../operation.ts';
import { noteErasure } from '../retention/note-erasure.ts';
import { endClock } from '../retention/track-closed.ts';
import { isAboutHeldOrAccused, isAlarm } from './alarm.ts';
import { answerFaultsOf } from './check-answers.ts';
import type { EnquiryContext } from './context.ts';
import { closeToOthers, readersNamed } from './named-readers.ts';
import { type Body, parseBody } from './parse-body.ts';
import { foldThread, refreshConversation } from './refresh-conversation.ts';
import { emptyConversation } from './release-act.ts';
import { provenBy, reviveAct } from './revive-act.ts';
import { actsAboutChildren } from './same-child.ts';
import {
  type ConversationRow,
  insertAct,
  isActKnown,
  isErased,
  lockConversation,
  readActRows,
  toAct,
  toActs,
} from './store.ts';
import { openTask, settleTasks } from './task.ts';

/**
 * @param receivedAtMs the time its receipt names: it starts the legal clocks, here as at its author
 * @throws ProtocolError TYPE_UNKNOWN, BODY_INVALID, ACT_NOT_ALLOWED, before any write
 */
export async function applyMessage(
  ctx: EnquiryContext,
  op: Operation,
  document: MessageDocument,
  receivedAtMs: number,
): Promise<void> {
  const body = readBody(document);
  // Each act is known by its message, ours among them: whoever takes such an id for another message cannot have it.
  if (await isActKnown(op.trx, document.id)) throw new ProtocolError('ACT_NOT_ALLOWED', 'id');
  const known = await lockConversation(op.trx, document.thread);
  // A thread of another pair of States: whoever names it cannot have it from us.
  if (known && known.peer !== document.from) throw new ProtocolError('ACT_NOT_ALLOWED', 'thread');
  const act = toNewAct(document, body, known);
  const { notice } = await requireAddable(op, document.thread, act.type);
  const rows = await readActRows(op, [document.thread]);
  const proven = provenBy(rows, act);
  const held = [...toActs(rows), ...proven.map(toAct)];
  if (!isActLegalAsAuthored(held, act)) throw new ProtocolError('ACT_NOT_ALLOWED', act.type);
  // What leaves something open is taken and shown; only what nobody could read is refused (PROTOCOL.md, A15).
  const unreadable = answerFaultsOf(rows, { ...act, body }).find(({ refused }) => refused);
  if (unreadable) throw new ProtocolError('BODY_INVALID', unreadable.rule);
  for (const row of proven) await reviveAct(op, row, 'delivered', null);
  if (!known) await openInbound(ctx, op, document);
  await storeInbound(op, document, act, receivedAtMs, notice);
  if (act.type === 'REP') await heedRepresentative(op, document.thread, body as BodyOf<'REP'>);
  await heedNamed(op, document.thread, namedInAct(document.id, act.type, body));
  const named = readersNamed(act.type, body);
  if (named) await closeToOthers(op, document.thread, named);
  await op.audit('act.applied', {
    messageId: document.id,
    thread: document.thread,
    from: document.from,
    type: act.type,
    lane: document.lane,
    n: act.n,
    seen: act.seen,
  });
  const desk = { at: { thread: document.thread }, roles: ['officer', 'supervisor'] } as const;
  // For an alert people are called by name (node/duty).
  const isPressing = document.lane === 'urgent' && act.type !== 'URG';
  await requestNotice(op, desk, isPressing ? 'urgent' : 'digest');
  await openInboundTasks(ctx, op, document, act);
  await letCompare(op, act);
  await settleAnswered(op, held, act, document);
  const { stage } = await refreshConversation(op, ctx, document.thread);
  // Whoever must act on it now waits for no clock.
  if (known?.state === 'CLOSED' && stage !== 'CLOSED') await endClock(op, document.thread);
  if (act.type === 'ERS') await noteErasure(op, document.thread, act);
}

/**
 * Nothing is added to what has been erased; but an alarm that crossed the erasure is never refused, nor what follows on it while it is
 * open. That is kept apart.
 * @throws ProtocolError ACT_NOT_ALLOWED; VaultError KEY_UNAVAILABLE
 */
async function requireAddable(
  op: Operation,
  thread: string,
  type: MessageCode,
): Promise<{ notice: boolean }> {
  if (!(await isErased(op, thread))) return { notice: type === 'ERS' };
  const { danger, missing, holdSafety } = (await foldThread(op, thread)).conversation;
  if (type !== 'ERS' && !isAlwaysAccepted(type) && !danger && missing.length === 0 && !holdSafety)
    throw new ProtocolError('ACT_NOT_ALLOWED', 'erased');
  return { notice: true };
}

function readBody(document: MessageDocument): Body {
  const type = parseWireName(document.type);
  if (!type) throw new ProtocolError('TYPE_UNKNOWN', document.type);
  const parsed = parseBody(type, document.body, document.attachments.length);
  if (!parsed.ok) throw new ProtocolError('BODY_INVALID', parsed.fields[0]?.rule);
  return parsed.body;
}

/** We never wrote in a conversation we do not hold, so whoever opened it is who asks. */
function toNewAct(document: MessageDocument, body: Body, known?: ConversationRow): Act {
  const type = parseWireName(document.type)!;
  const side = known?.side === 'requester' ? 'requested' : 'requester';
  const { id, n, seen, iat } = document;
  return { id, side, n, seen, type, atMs: iat * 1000, facts: factsOf(type, body as never) };
}

async function openInbound(ctx: EnquiryContext, op: Operation, document: MessageDocument): Promise<void> {
  await op.trx
    .insertInto('conversation')
    .values({
      ...emptyConversation(op.nowMs),
      thread: document.thread,
      peer: document.from,
      side: 'requested',
      unit: ctx.intakeUnit,
    })
    .execute();
}

async function storeInbound(
  op: Operation,
  document: MessageDocument,
  act: Act,
  receivedAtMs: number,
  notice: boolean,
): Promise<void> {
  const text = (value: unknown) => new TextDecoder().decode(encodeCanonical(value));
  await insertAct(op, {
    message_id: document.id,
    thread: document.thread,
    side: act.side,
    n: act.n,
    seen: act.seen,
    type: act.type,
    version: messageTypes[act.type].version,
    lane: document.lane,
    body: text(document.body),
    facts: text(act.facts),
    author_name: document.author.name,
    author_office: document.author.office,
    supersedes: document.supersedes ?? null,
    at: act.atMs,
    delivered_at: receivedAtMs,
    read_by: null,
    read_at: null,
    stage: null,
    stage_code: null,
    proposal_id: null,
    notice,
  });
}

async function openInboundTasks(
  ctx: EnquiryContext,
  op: Operation,
  document: MessageDocument,
  act: Act,
): Promise<void> {
  const about = { thread: document.thread, messageId: document.id };
  if (isAlarm(act)) {
    await openTask(op, { ...about, kind: 'call-duty-phone', detail: 'theirs' });
    op.afterCommit(ctx.wakeCallOut);
  }
  // Every act stops, and what was already done is owed as an account (PRACTICE.md A12, A13).
  const owed = act.type === 'WDR' || (act.type === 'STP' && act.facts.phase === 'ask');
  if (owed) await openTask(op, { ...about, kind: 'account-owed' });
  if (isAboutHeldOrAccused(act.type, document.body))
    await openTask(op, { ...about, kind: 'measure-against-child' });
}

/** Whether its children are known here is looked at later and elsewhere: neither its sender nor who opens it can tell. */
async function letCompare(op: Operation, { id, type }: Act): Promise<void> {
  if (!actsAboutChildren.includes(type)) return;
  await op.trx.insertInto('match_pending').values({ kind: 'act', source: id, at: op.nowMs }).execute();
}

/** Who answers an act has read it: nobody need be rung about it any more. */
async function settleAnswered(
  op: Operation,
  held: readonly Act[],
  act: Act,
  document: MessageDocument,
): Promise<void> {
  const answered = held
    .filter((other) => other.side !== act.side && other.n === act.facts.re)
    .map((other) => other.id);
  await settleTasks(op, {
    kind: 'call-duty-phone',
    messageIds: answered,
    by: document.from,
    reason: 'answered',
  });
}
