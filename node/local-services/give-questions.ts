/**
 * An officer gives a few questions of an enquiry to a local service that has no account: a link that holds some days and takes one
 * answer, with the limits on top. What comes back is for the officer to read; nothing of it goes abroad by itself.
 */
import type { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';
import { foldConversation } from '#schema/conversation/conversation.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import type { Actor } from '../access/actor.ts';
import { recordLocalService } from '../access/disclose-outside.ts';
import { makeCard } from '../complaints/print-card.ts';
import type { EnquiryContext } from '../enquiries/context.ts';
import { EnquiryError } from '../enquiries/enquiry-error.ts';
import { type ActRow, findConversation, readActRows, toActs, warningsOf } from '../enquiries/store.ts';
import { type Personal, type PersonalOperation, runAs } from '../operation.ts';
import { sealColumns } from '../vault/sealed-columns.ts';
import { type Letter, writeLetter } from './letter.ts';
import { printLetter } from './letter-page.ts';
import { hashPin, hashToken, makeLink } from './link.ts';
import { LocalError } from './local-error.ts';
import { sealedLocalRequest } from './tables.ts';

export interface GivenQuestions {
  readonly thread: string;
  /** References of the enquiry's questions. */
  readonly questions: readonly string[];
  readonly service: string;
  /** Of the letter: en, fr, ru, ar. */
  readonly language: string;
  readonly days: number;
  /** Of the child, where the service shall be able to print a card for it (node/complaints). */
  readonly cardLanguage?: string | undefined;
}

/** Shown once, to the officer who gives them; neither link nor number can be looked up again. */
export interface Given {
  readonly id: string;
  /** Path of the link on this node's public address. */
  readonly path: string;
  /** The same as a whole address; the path alone where this node does not know its own. */
  readonly link: string;
  /** Told by telephone, never written beside the link. */
  readonly pin: string;
  readonly letter: Letter;
  /** The letter as a page to print: limits first, then child and questions, then the way back without the number. */
  readonly page: string;
}

/** More is no errand for somebody without an account: it is an enquiry. */
export const MOST_QUESTIONS = 3;
export const MOST_DAYS = 14;
const DAY_MS = 86_400_000;

/** @throws AccessError; EnquiryError CONVERSATION_UNKNOWN; LocalError */
export async function giveQuestions(
  ctx: EnquiryContext,
  actor: Actor,
  given: GivenQuestions,
): Promise<Given> {
  const { thread, days } = given;
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS) throw new LocalError('TIME_INVALID');
  return runAs(ctx, actor, async (op) => {
    const row = await findConversation(op.trx, thread, true);
    if (!row) throw new EnquiryError('CONVERSATION_UNKNOWN');
    await op.require('local.give', thread);
    if (row.side !== 'requested') throw new LocalError('NOT_ASKED_OF_US');
    if (row.eyes_only) throw new LocalError('NAMED_READERS_ONLY');
    const letter = composeLetter(await readActRows(op, [thread]), given);
    const { cardLanguage } = given;
    if (cardLanguage === undefined) return store(ctx, op, given, letter);
    const { card } = await makeCard(ctx, op, thread, cardLanguage);
    return store(ctx, op, given, { ...letter, card });
  });
}

const OVER: readonly string[] = ['REFUSED', 'WITHDRAWN', 'CLOSED', 'ON_HOLD_SAFETY'];
const FAMILY_FACING: readonly string[] = ['S3', 'S4'];

function composeLetter(rows: readonly ActRow[], { questions, language }: GivenQuestions): Letter {
  const asked = rows.find((row) => row.type === 'ENQ' && row.body !== '');
  if (!asked) throw new LocalError('NOT_ASKED_OF_US');
  const enquiry = JSON.parse(asked.body) as EnquiryBody;
  const conversation = foldConversation(toActs(rows));
  if (OVER.includes(conversation.state)) throw new LocalError('STANDS_STILL');
  const open = enquiry.questions.filter(({ ref }) => !conversation.withdrawnQuestions.includes(ref));
  const chosen = open.filter(({ ref }) => questions.includes(ref));
  if (chosen.length === 0 || chosen.length > MOST_QUESTIONS || chosen.length !== new Set(questions).size)
    throw new LocalError('QUESTIONS_UNSUITABLE');
  if (conversation.familyQuestionsPaused && chosen.some(({ limit }) => FAMILY_FACING.includes(limit.source)))
    throw new LocalError('FAMILY_PAUSED');
  return writeLetter(enquiry, chosen, warningsOf(rows), language);
}

async function store(
  ctx: EnquiryContext,
  op: PersonalOperation,
  given: GivenQuestions,
  letter: Letter,
): Promise<Given> {
  const { thread, service, language, days } = given;
  const link = makeLink(op.random);
  const expiresAtMs = op.nowMs + days * DAY_MS;
  const id = `local-${Buffer.from(op.random(12)).toString('hex')}`;
  const text = new TextDecoder().decode(encodeCanonical(letter as never));
  const sealed = await sealColumns(op, sealedLocalRequest, { id, thread }, { service, letter: text });
  await op.trx
    .insertInto('local_request')
    .values({
      id,
      thread,
      ...sealed,
      language,
      token_hash: hashToken(link.token),
      pin_hash: hashPin(link),
      given_by: op.actor.id,
      given_at: op.nowMs,
      expires_at: expiresAtMs,
      tries: 0,
    })
    .execute();
  await recordLocalService(op, thread);
  const refs = letter.questions.map(({ ref }) => ref);
  await op.audit('local.given', { id, thread, questions: refs, days, actor: op.actor.id });
  const path = `/local/${link.token}`;
  const whole = ctx.publicUrl === undefined ? path : new URL(path, ctx.publicUrl).href;
  const phones = ctx.peerProfile(ctx.state)?.profile.dutyPhones ?? [];
  const page = printLetter({ letter, service, link: whole, expiresAtMs, phones });
  return { id, path, link: whole, pin: link.pin, letter, page };
}

/** The link is good for nothing from now on. @throws AccessError; LocalError REQUEST_UNKNOWN */
export async function withdrawQuestions(ctx: Personal, actor: Actor, id: string): Promise<void> {
  await runAs(ctx, actor, async (op) => {
    const row = await op.trx
      .selectFrom('local_request')
      .select(['thread'])
      .where('id', '=', id)
      .where('withdrawn_at', 'is', null)
      .where('answered_at', 'is', null)
      .forUpdate()
      .executeTakeFirst();
    if (!row) throw new LocalError('REQUEST_UNKNOWN');
    await op.require('local.give', row.thread);
    await op.trx.updateTable('local_request').set({ withdrawn_at: op.nowMs }).where('id', '=', id).execute();
    await op.audit('local.withdrawn', { id, thread: row.thread, actor: actor.id });
  });
}
