/**
 * The child's side of a card: who has address and code says something once, and comes back with another code for the answer. Whatever
 * is wrong with a card looks the same from outside.
 */
import { type Kysely, type Selectable, sql } from 'kysely';
import * as z from 'zod';
import { bodyLimits } from '#schema/conversation/bodies/common.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import { coded } from '#schema/vocabulary/coded.ts';
import { complaintReason } from '#schema/vocabulary/representation.ts';
import { openTask } from '../enquiries/task.ts';
import { hashToken } from '../local-services/link.ts';
import { requestNotice } from '../notices/request-notice.ts';
import { type Operation, runOperation, type Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { openRow, sealColumns } from '../vault/sealed-columns.ts';
import { hashCode, isCode, makeCode } from './secrets.ts';
import { type ComplaintCardTable, type ComplaintTable, sealedComplaint } from './tables.ts';

export interface CardContext {
  /** In the role of links: `app_local`. */
  readonly db: Kysely<Database>;
  readonly surroundings: Surroundings;
}

export const Words = z
  .strictObject({
    by: z.enum(['child', 'helper']),
    reasons: z.array(coded(complaintReason)).max(complaintReason.codes.length),
    text: z.string().trim().min(1).max(bodyLimits.textChars).optional(),
    danger: z.boolean(),
  })
  .refine(
    ({ reasons, text, danger }) => reasons.length > 0 || text !== undefined || danger,
    'Nothing is said.',
  );
export type Words = z.infer<typeof Words>;

/** What a card and a code open. */
export type Opened =
  | { readonly kind: 'form' }
  | { readonly kind: 'answer'; readonly answer: string | null }
  | { readonly kind: 'wrong-code' }
  | { readonly kind: 'gone' };

/** Wrong codes of one day. */
export const MOST_TRIES = 5;
const DAY_MS = 86_400_000;
/** Somebody in danger is not left waiting with the rest, in milliseconds. */
const DANGER_MS = 30 * 60_000;

type Card = Selectable<ComplaintCardTable>;
type Given = Selectable<ComplaintTable>;

/** A wrong code counts for a day. */
export function openCard(ctx: CardContext, token: string, code: string): Promise<Opened> {
  return atCard(ctx, token, (op, card, given) => judge(op, token, code, card, given));
}

/** Takes the one message of a card. @returns the code by which its answer is read, or null where nothing was taken */
export function takeComplaint(
  ctx: CardContext,
  token: string,
  code: string,
  words: Words,
): Promise<string | null> {
  return atCard(ctx, token, async (op, card, given) => {
    if ((await judge(op, token, code, card, given)).kind !== 'form') return null;
    const receipt = makeCode(op.random);
    const { id, about } = card!;
    const text = new TextDecoder().decode(encodeCanonical(words));
    const sealed = await sealColumns(op, sealedComplaint, { id }, { words: text });
    await op.trx
      .insertInto('complaint')
      .values({
        ...{ id, about, given_at: op.nowMs, receipt_hash: hashCode(token, receipt), ...sealed },
        ...{ answer: null, answered_by: null, answered_at: null },
      })
      .execute();
    await op.audit('local.answered', { id });
    await tell(op, id, about, words.danger);
    return receipt;
  });
}

/** The head and supervisors who had no part in who represents the child; where there is none, deputies of the unit, and auditors. */
async function tell(op: Operation, id: string, about: string, danger: boolean): Promise<void> {
  const { rows: place } = await sql<{ unit: string }>`select unit from app_place_of(${about})`.execute(
    op.trx,
  );
  const { rows: involved } = await sql<{ id: string }>`select app_involved_in(${about}) as id`.execute(
    op.trx,
  );
  const [at] = place;
  const { rows: outside } = await sql<{
    id: string;
  }>`select app_outside_hearing(${about}, ${op.nowMs}) as id`.execute(op.trx);
  if (outside.length > 0)
    await requestNotice(op, { persons: outside.map(({ id: person }) => person) }, 'urgent');
  await openTask(op, {
    kind: 'child-complaint',
    about: id,
    except: involved.map((one) => one.id),
    ...(at && { unit: at.unit }),
    ...(danger && { dueAtMs: op.nowMs + DANGER_MS }),
  });
}

async function judge(
  op: Operation,
  token: string,
  code: string,
  card: Card | undefined,
  given: Given | undefined,
): Promise<Opened> {
  if (!card || card.expires_at <= op.nowMs) return { kind: 'gone' };
  const isToday = card.tried_at !== null && card.tried_at > op.nowMs - DAY_MS;
  if (isToday && card.tries >= MOST_TRIES) return { kind: 'wrong-code' };
  if (!given && isCode(token, code, card.code_hash)) return { kind: 'form' };
  if (given && isCode(token, code, given.receipt_hash)) {
    const { answer } = (await openRow(op, sealedComplaint, given))!;
    return { kind: 'answer', answer };
  }
  const tried = isToday ? { tries: card.tries + 1 } : { tries: 1, tried_at: op.nowMs };
  await op.trx.updateTable('complaint_card').set(tried).where('id', '=', card.id).execute();
  return { kind: 'wrong-code' };
}

/** One transaction that sees the one card its address names. */
function atCard<T>(
  ctx: CardContext,
  token: string,
  work: (op: Operation, card: Card | undefined, given: Given | undefined) => Promise<T>,
): Promise<T> {
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const hash = hashToken(token);
    await sql`select set_config('app.link', ${hash}, true)`.execute(op.trx);
    const cards = op.trx.selectFrom('complaint_card').selectAll().where('token_hash', '=', hash);
    const card = await cards.forUpdate().executeTakeFirst();
    const query = op.trx.selectFrom('complaint').selectAll();
    const given = card && (await query.where('id', '=', card.id).executeTakeFirst());
    return work(op, card, given);
  });
}
