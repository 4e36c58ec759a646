/**
 * The office answers what a guardian said, with a reason that the guardian reads. An objection is answered by who may let the enquiry
 * leave and has not proposed it: until then it does not (node/enquiries/hear-guardian.ts).
 */
import { FreeText } from '#schema/conversation/bodies/common.ts';
import { codeList } from '#schema/vocabulary/code-list.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { settleAbout } from '../access/settle-about.ts';
import { type Personal, type PersonalOperation, runAs } from '../operation.ts';
import { openRows, type Reader } from '../vault/sealed-columns.ts';
import { insertShown, ofKind, readShown, type ShownOf } from './shown.ts';
import { sealedWord, type WordKind } from './shown-tables.ts';

export const wordResults = codeList('representation-word-result', 1, 'Focalnet', {
  granted: 'Granted | Accordé | Удовлетворено | تمت الموافقة',
  refused:
    'Refused, for the reason given | Refusé, pour le motif indiqué | Отказано по указанной причине | رفض للسبب المبين',
  'question-stays':
    'The question stays, for the reason given | La question est maintenue, pour le motif indiqué | Вопрос остаётся по указанной причине | يبقى السؤال للسبب المبين',
  'question-goes':
    'The question is not put | La question n’est pas posée | Вопрос не задаётся | لن يطرح السؤال',
  heard:
    'Heard, and kept with the file | Entendu et versé au dossier | Принято к сведению и сохранено в деле | سمع وحفظ في الملف',
  'pause-ended': 'The pause has ended | La pause est terminée | Пауза закончилась | انتهى التوقف',
});
export type WordResult = (typeof wordResults.codes)[number];

const RESULTS: Readonly<Record<WordKind, readonly WordResult[]>> = {
  objection: ['question-stays', 'question-goes'],
  request: ['granted', 'refused', 'heard'],
  pause: ['granted', 'refused'],
  view: ['heard'],
  agreement: [],
};

interface Given {
  readonly result: WordResult;
  readonly reason: unknown;
}

/**
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, SAME_PERSON, STEP_UP_NEEDED, ALREADY_DECIDED, INPUT_INVALID for a result that does not
 *   fit what was said
 */
export async function answerWord(ctx: Personal, actor: Actor, id: string, given: Given): Promise<void> {
  const reason = readReason(given.reason);
  await runAs(ctx, actor, async (op) => {
    const word = await lockWord(op, id);
    if (!RESULTS[word.kind].includes(given.result)) throw new AccessError('INPUT_INVALID');
    if (word.kind === 'objection') await requireMayRelease(op, word.about!);
    else await op.require('representation.answer', word.thread);
    if (word.answered_at !== null) throw new AccessError('ALREADY_DECIDED');
    const { result } = given;
    await op.trx
      .updateTable('guardian_word')
      .set({ answered_by: actor.id, answered_at: op.nowMs, result })
      .where('id', '=', id)
      .execute();
    await show(op, word, { result, reason });
    await settleAbout(op, ['guardian-said'], id, 'answered');
  });
}

/** What was paused goes on. @throws as answerWord */
export async function endPause(ctx: Personal, actor: Actor, id: string, why: unknown): Promise<void> {
  const reason = readReason(why);
  await runAs(ctx, actor, async (op) => {
    const word = await lockWord(op, id);
    await op.require('representation.answer', word.thread);
    if (word.kind !== 'pause' || word.result !== 'granted') throw new AccessError('INPUT_INVALID');
    if (word.ended_at !== null) throw new AccessError('ALREADY_DECIDED');
    await op.trx.updateTable('guardian_word').set({ ended_at: op.nowMs }).where('id', '=', id).execute();
    await show(op, word, { result: 'pause-ended', reason });
  });
}

function readReason(given: unknown): FreeText {
  const parsed = FreeText.safeParse(given);
  if (!parsed.success || parsed.data.text.trim().length < 10) throw new AccessError('REASON_MISSING');
  return parsed.data;
}

type Locked = Pick<WordRow, 'id' | 'thread' | 'kind' | 'about' | 'answered_at' | 'result' | 'ended_at'>;

async function lockWord(op: PersonalOperation, id: string): Promise<Locked> {
  const row = await op.trx
    .selectFrom('guardian_word')
    .select(['id', 'thread', 'kind', 'about', 'answered_at', 'result', 'ended_at'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw new AccessError('NOT_FOUND');
  await op.require('conversation.read', row.thread);
  return row;
}

async function requireMayRelease(op: PersonalOperation, round: string): Promise<void> {
  const row = await op.trx
    .selectFrom('proposal')
    .innerJoin('shown', 'shown.source', 'proposal.id')
    .select(['proposal.thread', 'proposal.proposer'])
    .where('shown.id', '=', round)
    .executeTakeFirst();
  if (!row) throw new AccessError('NOT_FOUND');
  await op.require('act.approve', row.thread, row.proposer);
}

async function show(
  op: PersonalOperation,
  { id, thread }: Pick<Locked, 'id' | 'thread'>,
  content: { readonly result: WordResult; readonly reason: FreeText },
): Promise<void> {
  await insertShown(op, { thread, kind: 'answer', source: id, content, by: op.actor.id });
  await op.audit('guardian.noted', {
    what: 'answered',
    word: id,
    thread,
    result: content.result,
    actor: op.actor.id,
  });
}

export interface WordRow {
  readonly id: string;
  readonly thread: string;
  readonly person: string;
  readonly kind: WordKind;
  readonly about: string | null;
  readonly question: number | null;
  readonly at: number;
  readonly content: string;
  readonly answered_by: string | null;
  readonly answered_at: number | null;
  readonly result: string | null;
  readonly ended_at: number | null;
}

/** What guardians said in these conversations, as an officer who sees them reads it. @throws VaultError */
export async function readWords(reader: Reader, threads: readonly string[]): Promise<WordRow[]> {
  if (threads.length === 0) return [];
  const rows = await reader.trx
    .selectFrom('guardian_word')
    .selectAll()
    .where('thread', 'in', [...threads])
    .orderBy('n')
    .execute();
  return openRows(reader, sealedWord, rows);
}

/** Questions that were put before a guardian, and what was said of them. */
export interface RoundRow {
  readonly row: ShownOf<'round'>;
  readonly words: readonly WordRow[];
}

/** Of these proposals. @throws VaultError */
export async function readRounds(reader: Reader, proposals: readonly string[]): Promise<RoundRow[]> {
  const known = await reader.trx
    .selectFrom('shown')
    .select('thread')
    .distinct()
    .where('source', 'in', [...proposals])
    .where('kind', '=', 'round')
    .execute();
  const threads = known.map(({ thread }) => thread);
  const rounds = ofKind(await readShown(reader, threads), 'round').filter(
    ({ source }) => source !== null && proposals.includes(source),
  );
  const words = await readWords(reader, threads);
  return rounds.map((row) => ({ row, words: words.filter(({ about }) => about === row.id) }));
}
