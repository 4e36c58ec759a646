/**
 * Writes what an act makes showable, once for each act. Called whenever an act changed the conversation, whether or not a guardian is
 * linked to it yet. What is left out is decided in withhold.ts.
 */

import type { Side } from '#schema/conversation/acts.ts';
import type { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';
import type { Answer } from '#schema/conversation/bodies/report.ts';
import type { MessageCode } from '#schema/conversation/message-types.ts';
import type { Operation } from '../operation.ts';
import { dayOf } from './milestones.ts';
import { insertDay, insertNothing, insertShown } from './shown.ts';
import { shownAnswers, shownDecision, shownGrounds, shownHearings, shownQuestions } from './withhold.ts';

/** An act that both States hold, or may come to hold, and that has an effect. */
export interface NotedAct {
  readonly messageId: string;
  readonly side: Side;
  readonly type: MessageCode;
  readonly atMs: number;
}

export interface Noted {
  readonly thread: string;
  /** This State's own. */
  readonly side: Side;
  readonly acts: readonly NotedAct[];
  /** When the law asks for the answer; null while no clock of it runs. */
  readonly dueMs: number | null;
  /** Bodies of acts by message, read when they are needed. */
  readonly readBodies: (
    messageIds: readonly string[],
  ) => Promise<ReadonlyMap<string, Record<string, unknown>>>;
}

const SHOWABLE: readonly MessageCode[] = ['ENQ', 'INT', 'RPT', 'SUP', 'REF', 'NEG', 'WDR', 'CLS'];

export async function noteShown(op: Operation, noted: Noted): Promise<void> {
  const { thread, side, acts } = noted;
  if (!acts.some(({ type }) => type === 'ENQ')) return;
  await op.trx
    .insertInto('followed')
    .values({ thread, id: `followed-${Buffer.from(op.random(16)).toString('hex')}`, side })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await noteActs(op, noted);
  await insertDay(op, 'due', thread, noted.dueMs === null ? null : dayOf(noted.dueMs));
}

async function noteActs(op: Operation, { thread, side, acts, readBodies }: Noted): Promise<void> {
  const rows = await op.trx
    .selectFrom('shown')
    .select('source')
    .where('thread', '=', thread)
    .where('source', 'is not', null)
    .execute();
  const known = new Set(rows.map(({ source }) => source));
  const fresh = acts.filter(({ type, messageId }) => SHOWABLE.includes(type) && !known.has(messageId));
  if (fresh.length === 0) return;
  const asked = acts.find(({ type }) => type === 'ENQ')!;
  const bodies = await readBodies([asked.messageId, ...fresh.map(({ messageId }) => messageId)]);
  const enquiry = bodies.get(asked.messageId) as EnquiryBody | undefined;
  for (const act of fresh) {
    const body = bodies.get(act.messageId);
    const content = body && enquiry && { body, enquiry, isOwn: asked.side === side };
    const count = content ? await noteAct(op, thread, act, content) : 0;
    if (count === 0) await insertNothing(op, thread, act.messageId);
  }
}

interface Content {
  readonly body: Record<string, unknown>;
  readonly enquiry: EnquiryBody;
  /** The enquiry is this State's. */
  readonly isOwn: boolean;
}

/** @returns how many rows it shows */
async function noteAct(op: Operation, thread: string, act: NotedAct, content: Content): Promise<number> {
  const { body, enquiry, isOwn } = content;
  const from = { thread, source: act.messageId, atMs: act.atMs };
  if (act.type === 'ENQ') {
    const questions = shownQuestions(enquiry, isOwn);
    const asked = { questions, ...shownGrounds(enquiry) };
    if (questions.length > 0) await insertShown(op, { ...from, kind: 'asked', content: asked });
    const hearings = shownHearings(enquiry, isOwn);
    for (const hearing of hearings) await insertShown(op, { ...from, kind: 'hearing', content: hearing });
    return hearings.length + (questions.length > 0 ? 1 : 0);
  }
  const decision = shownDecision(act.type, body);
  if (decision !== null) await insertShown(op, { ...from, kind: 'decided', content: decision });
  const answers = shownAnswers(enquiry, answersIn(enquiry, body));
  const interim = act.type === 'INT';
  if (answers.length > 0) await insertShown(op, { ...from, kind: 'answered', content: { interim, answers } });
  return (decision === null ? 0 : 1) + (answers.length > 0 ? 1 : 0);
}

/** An enquiry about several children is shown without answers: whose it is would tell of the others. */
function answersIn(enquiry: EnquiryBody, { children, phase }: Record<string, unknown>): readonly Answer[] {
  if (enquiry.children.length !== 1 || !Array.isArray(children) || children.length !== 1) return [];
  if (phase === 'ask') return [];
  return (children[0] as { answers?: readonly Answer[] }).answers ?? [];
}
