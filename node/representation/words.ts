/**
 * What a guardian says: that the child does not want a question, what the child says in her own words, a request, a pause. Each is kept
 * as it was said; a later one stands beside an earlier one. It is written by the guardian's own role of the database, which sees no
 * other conversation; the office is told by who watches the time (node/enquiries/tell-of-words.ts).
 */
import type { Transaction } from 'kysely';
import * as z from 'zod';
import { CalendarDate, FreeText, YesNoUnknown } from '#schema/conversation/bodies/common.ts';
import { coded } from '#schema/vocabulary/coded.ts';
import { viewTopic } from '#schema/vocabulary/exchange.ts';
import { AccessError } from '../access/access-error.ts';
import type { Actor } from '../access/actor.ts';
import { requireAllowed } from '../access/decide.ts';
import { type Personal, type PersonalOperation, runAs } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import { sealColumns } from '../vault/sealed-columns.ts';
import { isOpen } from './assemble.ts';
import { type Followed, findFollowed } from './read-followed.ts';
import { ofKind, readMyShown, type ShownOf } from './shown.ts';
import { lockRound, myShown, sealedWord, type WordKind } from './shown-tables.ts';

/** The child's words, not the guardian's: in her language, with who was there. */
export const ChildView = z
  .strictObject({
    topic: coded(viewTopic),
    words: FreeText,
    on: CalendarDate,
    interpreter: YesNoUnknown,
  })
  .meta({ id: 'ChildView' });
export type ChildView = z.infer<typeof ChildView>;

interface Said {
  readonly kind: WordKind;
  readonly content: unknown;
  readonly about?: string;
  readonly question?: number;
}

/**
 * Nothing is said against these questions.
 * @throws AccessError NOT_FOUND, NOT_PERMITTED; TIME_INVALID once the time is over or the questions have left; ALREADY_DECIDED for who has
 *   objected or agreed
 */
export async function agreeToQuestions(ctx: Personal, actor: Actor, round: string): Promise<string> {
  return speak(ctx, actor, async (op) => {
    const open = await requireRound(op, round);
    await requireUnsaid(op, actor, round, null);
    return say(op, actor, open.thread, { kind: 'agreement', content: null, about: open.id });
  });
}

/** One question, with the reason. @throws as agreeToQuestions; AccessError INPUT_INVALID for a number that is not in it */
export async function objectToQuestion(
  ctx: Personal,
  actor: Actor,
  objection: { readonly round: string; readonly question: number; readonly reason: unknown },
): Promise<string> {
  const reason = parse(FreeText, objection.reason);
  return speak(ctx, actor, async (op) => {
    const open = await requireRound(op, objection.round);
    if (!open.content.questions.some(({ n }) => n === objection.question))
      throw new AccessError('INPUT_INVALID');
    await requireUnsaid(op, actor, open.id, objection.question);
    const { question } = objection;
    return say(op, actor, open.thread, { kind: 'objection', content: { reason }, about: open.id, question });
  });
}

/** @throws AccessError NOT_FOUND, NOT_PERMITTED, INPUT_INVALID */
export async function submitView(
  ctx: Personal,
  actor: Actor,
  followed: string,
  view: unknown,
): Promise<string> {
  const content = parse(ChildView, view);
  return speak(ctx, actor, async (op) =>
    say(op, actor, (await requireFollowed(op, followed)).thread, { kind: 'view', content }),
  );
}

/**
 * A request to the focal point; or that everything that can wait waits, since the child is in crisis.
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, INPUT_INVALID
 */
export async function askOffice(
  ctx: Personal,
  actor: Actor,
  followed: string,
  asked: { readonly kind: 'request' | 'pause'; readonly text: unknown },
): Promise<string> {
  const text = parse(FreeText, asked.text);
  return speak(ctx, actor, async (op) => {
    const { thread } = await requireFollowed(op, followed);
    return say(op, actor, thread, { kind: asked.kind, content: { text } });
  });
}

function speak<T>(ctx: Personal, actor: Actor, work: (op: PersonalOperation) => Promise<T>): Promise<T> {
  return runAs(ctx, actor, (op) => {
    requireAllowed(actor, 'representation.speak', {}, op.nowMs);
    return work(op);
  });
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new AccessError('INPUT_INVALID');
  return parsed.data;
}

/** What the guardian does not follow is not there. */
async function requireFollowed(op: PersonalOperation, id: string): Promise<Followed> {
  const followed = await findFollowed(op, id);
  if (!followed) throw new AccessError('NOT_FOUND');
  return followed;
}

async function requireRound(op: PersonalOperation, id: string): Promise<ShownOf<'round'>> {
  const row = await op.trx
    .selectFrom(myShown)
    .select('thread')
    .where('id', '=', id)
    .where('kind', '=', 'round')
    .executeTakeFirst();
  await lockRound(id).execute(op.trx);
  const shown = row ? await readMyShown(op, [row.thread]) : [];
  const round = ofKind(shown, 'round').find((one) => one.id === id);
  if (!round) throw new AccessError('NOT_FOUND');
  if (!isOpen(shown, round, op.nowMs)) throw new AccessError('TIME_INVALID');
  return round;
}

/** One word on each question, and one on the whole: who has agreed does not object afterwards, and nobody says it twice. */
async function requireUnsaid(
  op: { readonly trx: Transaction<Database> },
  actor: Actor,
  round: string,
  question: number | null,
): Promise<void> {
  const rows = await op.trx
    .selectFrom('guardian_word')
    .select(['kind', 'question'])
    .where('about', '=', round)
    .where('person', '=', actor.id)
    .execute();
  const isSaid =
    question === null
      ? rows.length > 0
      : rows.some((row) => row.kind === 'agreement' || row.question === question);
  if (isSaid) throw new AccessError('ALREADY_DECIDED');
}

async function say(op: PersonalOperation, actor: Actor, thread: string, said: Said): Promise<string> {
  const id = `word-${Buffer.from(op.random(16)).toString('hex')}`;
  const content = JSON.stringify(said.content);
  const sealed = await sealColumns(op, sealedWord, { id, thread }, { content });
  const { kind, about = null, question = null } = said;
  await op.trx
    .insertInto('guardian_word')
    .values({ id, thread, person: actor.id, kind, about, question, at: op.nowMs, ...sealed })
    .execute();
  await op.audit('guardian.noted', { what: 'said', id, kind, thread, actor: actor.id });
  return id;
}
