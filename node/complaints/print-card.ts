/**
 * Prints a card for a child: an address, a code, and what it is for, in the child's language. No name is on it, neither the child's
 * nor anybody's; who finds it knows that a child may complain, as every child may.
 */
import { breakable, html, type Markup, writePage } from '#platform/http/html.ts';
import { makeMessageId } from '#schema/protocol/ids.ts';
import type { Actor } from '../access/actor.ts';
import type { EnquiryContext } from '../enquiries/context.ts';
import { hashToken } from '../local-services/link.ts';
import { type PersonalOperation, runAs } from '../operation.ts';
import { complaintKey } from '../vault/vault.ts';
import { type PageTexts, pageTextsOf } from './page-texts.ts';
import { hashCode, makeCode, makeToken } from './secrets.ts';

/** Shown once; nobody can look it up, nor whether it was used. */
export interface PrintedCard {
  /** Path on this node's public address. */
  readonly path: string;
  /** The same as a whole address; the path alone where this node does not know its own. */
  readonly link: string;
  readonly code: string;
  /** To print. */
  readonly page: string;
}

const DAY_MS = 86_400_000;
/** A child may carry it a while before it writes, and must be able to read the answer. D */
export const CARD_MS = 365 * DAY_MS;

/**
 * @param about the child's file, or a conversation about the child
 * @param language of the child: en, fr, ru, ar; English for every other
 * @throws AccessError NOT_FOUND, NOT_PERMITTED, READ_ONLY_IN_NEED
 */
export async function printCard(
  ctx: EnquiryContext,
  actor: Actor,
  { about, language }: { about: string; language: string },
): Promise<PrintedCard> {
  return runAs(ctx, actor, async (op) => {
    await op.require('complaint.print-card', about);
    const { path, card } = await makeCard(ctx, op, about, language);
    return { path, link: card.link, code: card.code, page: writePage(cardPage(card)) };
  });
}

/** Makes a card in the caller's transaction; that the caller may, they have asked. */
export async function makeCard(
  ctx: Pick<EnquiryContext, 'publicUrl' | 'peerProfile' | 'state'>,
  op: PersonalOperation,
  about: string,
  language: string,
): Promise<{ path: string; card: Card }> {
  const [token, code] = [makeToken(op.random), makeCode(op.random)];
  const id = makeMessageId(op.nowMs, op.random(10));
  const by = op.actor.id;
  const expiresAtMs = op.nowMs + CARD_MS;
  // What comes by it is sealed under a key of its own, which is made now.
  await op.vault.forWriting(op.trx, [complaintKey(id)]);
  await op.trx
    .insertInto('complaint_card')
    .values({
      ...{ id, about, token_hash: hashToken(token), code_hash: hashCode(token, code), language },
      ...{ printed_by: by, printed_at: op.nowMs, expires_at: expiresAtMs, tries: 0, tried_at: null },
    })
    .execute();
  // Types of entries are public: this one is that of any errand of a local service (EVENTS.md).
  await op.audit('local.given', { id, actor: by });
  const path = `/tell/${token}`;
  const link = ctx.publicUrl === undefined ? path : new URL(path, ctx.publicUrl).href;
  const card = { language, link, code, expiresAtMs, phones: dutyNumbersOf(ctx) };
  return { path, card };
}

/** Duty telephones of this State by the list in force. */
export const dutyNumbersOf = ({
  peerProfile,
  state,
}: Pick<EnquiryContext, 'peerProfile' | 'state'>): string[] =>
  (peerProfile(state)?.profile.dutyPhones ?? []).map(({ number }) => number);

/** What stands on a card. */
export interface Card {
  readonly language: string;
  readonly link: string;
  readonly code: string;
  readonly expiresAtMs: number;
  readonly phones: readonly string[];
}

/** Whom to ring in danger: on the card, and again where the child says that it is. */
export const showPhones = (texts: PageTexts, phones: readonly string[]): Markup => html`<p>${texts.ring}:</p>
<ul>${phones.map((number) => html`<li><bdi dir="ltr">${number}</bdi></li>`)}</ul>`;

export function cardPage({ language, link, code, expiresAtMs, phones }: Card) {
  const texts = pageTextsOf(language);
  const body = html`<h1>${texts.title}</h1>
<p>${texts.card}</p>
<p>${texts.address}:</p>
<p><strong><bdi dir="ltr">${breakable(link)}</bdi></strong></p>
<p>${texts.code}: <strong><bdi dir="ltr">${code.slice(0, 4)} ${code.slice(4)}</bdi></strong></p>
<p>${texts.holds}: <bdi dir="ltr">${new Date(expiresAtMs).toISOString().slice(0, 10)}</bdi></p>
${showPhones(texts, phones)}
<p>${texts.hide}</p>`;
  return { title: texts.title, language, body };
}
