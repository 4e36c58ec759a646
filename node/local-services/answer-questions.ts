/**
 * The service's side of a link: who has link and number reads the letter, and answers once. Whatever is wrong with a link looks
 * the same from outside.
 */
import { type Kysely, type Selectable, sql } from 'kysely';
import * as z from 'zod';
import { bodyLimits } from '#schema/conversation/bodies/common.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import { openTask } from '../enquiries/task.ts';
import { type Operation, runOperation, type Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { openRow, sealColumns } from '../vault/sealed-columns.ts';
import type { Letter } from './letter.ts';
import { hashToken, isPin, type Link } from './link.ts';
import { type LocalRequestTable, sealedLocalRequest } from './tables.ts';

export interface LocalContext {
  /** In the role of links: `app_local`. */
  readonly db: Kysely<Database>;
  readonly surroundings: Surroundings;
}

/** Opened by whoever has link and number, and by nobody else. */
type Row = Selectable<LocalRequestTable>;

/** Wrong numbers after which a link is good for nothing. */
export const MOST_TRIES = 5;

export type Opened =
  | {
      readonly kind: 'letter';
      readonly letter: Letter;
      readonly service: string;
      readonly expiresAtMs: number;
    }
  | { readonly kind: 'wrong-number' }
  | { readonly kind: 'gone' };

/** Reads the letter. A wrong number counts; the last one ends the link and tells the officer. */
export function openLetter(ctx: LocalContext, link: Link): Promise<Opened> {
  return atLink(ctx, link.token, async (op, row) => {
    if (!row || isOver(row, op.nowMs)) return { kind: 'gone' };
    if (!isPin(link, row.pin_hash)) return countTry(op, row);
    if (row.opened_at === null)
      await op.trx
        .updateTable('local_request')
        .set({ opened_at: op.nowMs })
        .where('id', '=', row.id)
        .execute();
    await op.audit('local.opened', { id: row.id, thread: row.thread });
    const { letter, service } = await openRequest(op, row);
    return { kind: 'letter', letter: JSON.parse(letter), service, expiresAtMs: row.expires_at };
  });
}

/** One answer to one question of the letter; who answered, in the words of the service. */
export const LocalAnswers = z.strictObject({
  answeredBy: z.string().trim().min(1).max(bodyLimits.labelChars),
  answers: z
    .array(
      z.strictObject({ ref: z.string().max(16), text: z.string().trim().min(1).max(bodyLimits.textChars) }),
    )
    .min(1),
});
export type LocalAnswers = z.infer<typeof LocalAnswers>;

/** Takes the one answer of a link. @returns whether it was taken */
export function answerLetter(ctx: LocalContext, link: Link, given: LocalAnswers): Promise<'taken' | 'gone'> {
  return atLink(ctx, link.token, async (op, row) => {
    if (!row || isOver(row, op.nowMs)) return 'gone';
    if (!isPin(link, row.pin_hash)) {
      await countTry(op, row);
      return 'gone';
    }
    const { letter } = await openRequest(op, row);
    const asked = new Set((JSON.parse(letter) as Letter).questions.map(({ ref }) => ref));
    const answers = given.answers.filter(({ ref }) => asked.has(ref));
    const text = new TextDecoder().decode(encodeCanonical({ ...given, answers }));
    const sealed = await sealColumns(op, sealedLocalRequest, row, { answers: text });
    await op.trx
      .updateTable('local_request')
      .set({ answered_at: op.nowMs, ...sealed })
      .where('id', '=', row.id)
      .execute();
    await op.audit('local.answered', {
      id: row.id,
      thread: row.thread,
      questions: answers.map(({ ref }) => ref),
    });
    await openTask(op, {
      kind: 'local-answer',
      thread: row.thread,
      detail: `answered ${row.id}`,
      assignedTo: row.given_by,
    });
    return 'taken';
  });
}

const openRequest = async (op: Operation, row: Row) => (await openRow(op, sealedLocalRequest, row))!;

const isOver = (row: Row, nowMs: number): boolean =>
  row.expires_at <= nowMs || row.answered_at !== null || row.withdrawn_at !== null || row.tries >= MOST_TRIES;

async function countTry(op: Operation, row: Row): Promise<Opened> {
  const tries = row.tries + 1;
  await op.trx.updateTable('local_request').set({ tries }).where('id', '=', row.id).execute();
  if (tries < MOST_TRIES) return { kind: 'wrong-number' };
  await op.audit('local.locked', { id: row.id, thread: row.thread });
  await openTask(op, {
    kind: 'local-answer',
    thread: row.thread,
    detail: `locked ${row.id}`,
    assignedTo: row.given_by,
  });
  return { kind: 'gone' };
}

/** One transaction that sees the one row its link names. */
function atLink<T>(
  ctx: LocalContext,
  token: string,
  work: (op: Operation, row: Row | undefined) => Promise<T>,
): Promise<T> {
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const hash = hashToken(token);
    await sql`select set_config('app.link', ${hash}, true)`.execute(op.trx);
    const row = await op.trx
      .selectFrom('local_request')
      .selectAll()
      .where('token_hash', '=', hash)
      .forUpdate()
      .executeTakeFirst();
    return work(op, row);
  });
}
