/**
 * Questions are put before the child's guardian before they are sent (PRACTICE.md 3, Guardian 2 and 3): single ones may be objected to,
 * and the second person lets nothing leave until each objection has an answer with a reason, or the guardian's time is over. Alerts,
 * protective acts and everything urgent wait for nobody (PRACTICE.md A6). A guardian whose link is frozen is not asked.
 */
import type { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';
import type { Operation } from '../operation.ts';
import { readLinksInForce } from '../representation/link-threads.ts';
import { insertSent, insertShown } from '../representation/shown.ts';
import { lockRound } from '../representation/shown-tables.ts';
import { shownQuestions } from '../representation/withhold.ts';
import { openRows } from '../vault/sealed-columns.ts';
import type { Draft } from './draft.ts';
import { EnquiryError } from './enquiry-error.ts';
import type { Body } from './parse-body.ts';
import type { ProposalRow } from './release-act.ts';
import { isSame, subjectsOf } from './same-child.ts';
import { sealedAct } from './tables.ts';

/** So long a guardian has: less than an approval holds, so that a decision can follow. D */
export const HEARING_MS = 48 * 3_600_000;

/** Only an enquiry, and only where it can wait. */
const isHeard = ({ type, lane }: Pick<Draft, 'type' | 'lane'>): boolean =>
  type === 'ENQ' && lane === 'routine';

/** Opens a round for each conversation by which a guardian follows this child. */
export async function askGuardians(op: Operation, row: ProposalRow, draft: Draft): Promise<void> {
  if (!isHeard(draft)) return;
  const questions = shownQuestions(draft.body as unknown as EnquiryBody, true);
  if (questions.length === 0) return;
  const content = { questions, untilMs: op.nowMs + HEARING_MS };
  for (const thread of await findAnchors(op, row.thread, draft.body)) {
    const id = await insertShown(op, { thread, kind: 'round', content, source: row.id });
    await op.audit('guardian.noted', { what: 'asked', round: id, proposal: row.id, thread });
  }
}

/**
 * Throws while a guardian's word is still awaited, unanswered or not kept, or while a pause holds that they asked for. What is let
 * through leaves in this transaction: its rounds are over.
 * @throws EnquiryError GUARDIAN_NOT_HEARD with what is missing
 */
export async function requireHeard(op: Operation, row: ProposalRow, draft: Draft): Promise<void> {
  if (!isHeard(draft)) return;
  const rounds = await op.trx
    .selectFrom('shown')
    .select(['id', 'thread', 'at'])
    .where('source', '=', row.id)
    .where('kind', '=', 'round')
    .orderBy('id')
    .execute();
  // In one order: what a guardian says at this moment is either heard here or comes too late.
  for (const { id } of rounds) await lockRound(id).execute(op.trx);
  const threads = [...new Set([...rounds.map(({ thread }) => thread), row.thread])];
  const words = await op.trx
    .selectFrom('guardian_word')
    .select(['kind', 'person', 'about', 'answered_at', 'result', 'ended_at'])
    .where('thread', 'in', threads)
    .execute();
  const stops: string[] = [];
  if (
    words.some(({ kind, result, ended_at }) => kind === 'pause' && result === 'granted' && ended_at === null)
  )
    stops.push('paused');
  const links = await readLinksInForce(op);
  for (const round of rounds) {
    const said = words.filter(({ about }) => about === round.id);
    if (said.some(({ kind, answered_at }) => kind === 'objection' && answered_at === null))
      stops.push('objection-unanswered');
    if (said.some(({ result }) => result === 'question-goes')) stops.push('question-goes');
    const asked = links.filter(({ threads }) => threads.includes(round.thread)).map(({ person }) => person);
    const isAwaited = asked.some((person) => !said.some((word) => word.person === person));
    if (isAwaited && op.nowMs < round.at + HEARING_MS) stops.push('guardian-awaited');
  }
  if (stops.length > 0)
    throw new EnquiryError(
      'GUARDIAN_NOT_HEARD',
      [...new Set(stops)].map((rule) => ({ rule, explanation: EXPLANATIONS[rule]! })),
    );
  for (const { id, thread } of rounds) await insertSent(op, thread, id);
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  paused: 'A pause holds that the guardian asked for: end it with a reason first.',
  'objection-unanswered': 'The guardian objects to a question: answer it with a reason.',
  'question-goes':
    'The guardian was told that a question is not put: take this back and propose it without that question.',
  'guardian-awaited': 'The guardian has been asked, and the time is not over.',
};

/** The conversation itself where a guardian follows it; for each other link, the first conversation about the same child. */
async function findAnchors(op: Operation, thread: string, body: Body): Promise<string[]> {
  const links = await readLinksInForce(op);
  const threads = [...new Set(links.flatMap((link) => link.threads))];
  if (threads.length === 0) return [];
  const followed = await op.trx
    .selectFrom('followed')
    .select('thread')
    .where('thread', 'in', threads)
    .execute();
  const known = new Set(followed.map((row) => row.thread));
  const same = await findSameChild(op, [...known], body);
  const anchors = links.flatMap((link) => {
    const own = link.threads.filter((one) => known.has(one));
    const anchor = own.includes(thread) ? thread : own.find((one) => same.has(one));
    return anchor === undefined ? [] : [anchor];
  });
  return [...new Set(anchors)];
}

async function findSameChild(op: Operation, threads: readonly string[], body: Body): Promise<Set<string>> {
  if (threads.length === 0) return new Set();
  const rows = await op.trx
    .selectFrom('act')
    .select(['message_id', 'thread', 'notice', 'body'])
    .where('thread', 'in', [...threads])
    .where('type', '=', 'ENQ')
    .execute();
  const children = subjectsOf(body);
  const enquiries = await openRows(op, sealedAct, rows);
  const about = enquiries.filter(
    ({ body: asked }) =>
      asked !== null &&
      asked !== '' &&
      subjectsOf(JSON.parse(asked) as Body).some((subject) =>
        children.some((child) => isSame(subject, child)),
      ),
  );
  return new Set(about.map((one) => one.thread));
}
