/**
 * The answers of one act, held against the enquiry of its conversation. Gathers what the kernel's check needs; decides nothing.
 */
import { type Answered, type AnswerFault, findAnswerFaults } from '#schema/conversation/answers.ts';
import type { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';
import type { Facts } from '#schema/conversation/facts.ts';
import type { Body } from './parse-body.ts';
import { type ActRow, counts } from './store.ts';
import type { Side } from './tables.ts';

type Answering = { readonly type: string; readonly side: Side; readonly body: Body; readonly n?: number };
type Children = Answered['children'];

/**
 * @param rows of the conversation, as this node holds them
 * @param act without a number it is the next one of its author
 */
export function answerFaultsOf(rows: readonly ActRow[], act: Answering): readonly AnswerFault[] {
  const asked = rows.find(({ type, body }) => type === 'ENQ' && body !== '');
  if (!['INT', 'RPT', 'SUP'].includes(act.type) || asked === undefined) return [];
  return findAnswerFaults(JSON.parse(asked.body) as EnquiryBody, {
    type: act.type,
    children: act.body.children as Children,
    before: answeredBefore(rows, act),
    withdrawn: rows
      .filter(({ type }) => type === 'WDR')
      .flatMap(({ facts }) => (JSON.parse(facts) as Facts).questions ?? []),
  });
}

/** What the same author answered before; unknown while an act of theirs before it is still to come. */
function answeredBefore(rows: readonly ActRow[], { side, n }: Answering): Children | undefined {
  const own = rows.filter((row) => row.side === side && counts(row) && (n === undefined || row.n < n));
  const numbers = new Set(own.map((row) => row.n));
  if (n !== undefined && numbers.size < n - 1) return undefined;
  return own
    .filter(({ type, body }) => (type === 'INT' || type === 'RPT') && body !== '')
    .flatMap(({ body }) => (JSON.parse(body) as { children: Children }).children);
}
