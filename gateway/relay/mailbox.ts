/**
 * A State's mailbox: read by its own node only, urgent first, by cursor.
 */
import { sql } from 'kysely';
import type { GatewayContext } from '../context.ts';

export class MailboxError extends Error {
  override readonly name = 'MailboxError';
  readonly code = 'CURSOR_FUTURE';
  constructor() {
    super(
      'CURSOR_FUTURE: this cursor was never given out: start again from 0; what you hold already is recognised',
    );
  }
}

export interface Cursor {
  readonly urgent: number;
  readonly routine: number;
}

export interface Item {
  cursor: number;
  lane: 'urgent' | 'routine';
  kind: 'envelope' | 'receipt';
  envelope: string | null;
  sealed: string | null;
  receipt: string | null;
}

/** About this much sealed content at most in one page, in bytes. */
const PAGE_BYTES = 8 * 1024 * 1024;

/**
 * A page after the cursor. Messages stay until their receipt comes; receipts and control messages go once the cursor has
 * passed them.
 * @throws MailboxError CURSOR_FUTURE
 */
export async function readMailbox(
  ctx: GatewayContext,
  owner: string,
  after: Cursor,
  first: number,
): Promise<{ trimmed: boolean; items: Item[] }> {
  const heads = await ctx.db.selectFrom('mailbox_head').selectAll().where('recipient', '=', owner).execute();
  for (const lane of ['urgent', 'routine'] as const) {
    const last = heads.find((head) => head.lane === lane)?.last ?? 0;
    if (after[lane] > last) throw new MailboxError();
    await forgetPassed(ctx, owner, lane, after[lane]);
  }
  const trimmed = heads.some((head) => after[head.lane] < head.trimmed);
  const page = await choosePage(ctx, owner, after, first);
  await markPulled(ctx, owner, page);
  return { trimmed, items: await readItems(ctx, owner, page) };
}

type Place = { lane: 'urgent' | 'routine'; cursor: number };

/** Which items make the page: urgent first, and not too many bytes. */
async function choosePage(
  ctx: GatewayContext,
  owner: string,
  after: Cursor,
  first: number,
): Promise<Place[]> {
  const { rows } = await sql<Place & { bytes: number }>`
    (select lane, cursor, bytes from mailbox_item
     where recipient = ${owner} and lane = 'urgent' and cursor > ${after.urgent} and expires_at > ${ctx.nowMs()}
     order by cursor limit ${first})
    union all
    (select lane, cursor, bytes from mailbox_item
     where recipient = ${owner} and lane = 'routine' and cursor > ${after.routine} and expires_at > ${ctx.nowMs()}
     order by cursor limit ${first})`.execute(ctx.db);
  const ordered = rows.sort(byPlace).slice(0, first);
  let bytes = 0;
  const over = ordered.findIndex((row, index) => {
    bytes += row.bytes;
    return index > 0 && bytes > PAGE_BYTES;
  });
  return over === -1 ? ordered : ordered.slice(0, over);
}

function byPlace(a: Place, b: Place): number {
  if (a.lane !== b.lane) return a.lane === 'urgent' ? -1 : 1;
  return a.cursor - b.cursor;
}

/** Before the content is read: what is recalled after this is already pulled, what was recalled before is not read. */
async function markPulled(ctx: GatewayContext, owner: string, page: readonly Place[]): Promise<void> {
  for (const lane of ['urgent', 'routine'] as const) {
    const cursors = page.filter((place) => place.lane === lane).map(({ cursor }) => cursor);
    if (cursors.length === 0) continue;
    await ctx.db
      .updateTable('mailbox_item')
      .set({ pulled: true })
      .where('recipient', '=', owner)
      .where('lane', '=', lane)
      .where('cursor', 'in', cursors)
      .where('pulled', '=', false)
      .execute();
  }
}

async function readItems(ctx: GatewayContext, owner: string, page: readonly Place[]): Promise<Item[]> {
  if (page.length === 0) return [];
  const rows = await ctx.db
    .selectFrom('mailbox_item')
    .select(['lane', 'cursor', 'kind', 'envelope', 'sealed', 'receipt'])
    .where('recipient', '=', owner)
    .where((eb) =>
      eb.or(page.map(({ lane, cursor }) => eb.and([eb('lane', '=', lane), eb('cursor', '=', cursor)]))),
    )
    .execute();
  return rows.sort(byPlace).map((row) => ({
    cursor: row.cursor,
    lane: row.lane,
    kind: row.kind === 'receipt' ? 'receipt' : 'envelope',
    envelope: row.envelope,
    sealed: row.sealed?.toString('base64') ?? null,
    receipt: row.receipt,
  }));
}

async function forgetPassed(
  ctx: GatewayContext,
  owner: string,
  lane: 'urgent' | 'routine',
  after: number,
): Promise<void> {
  if (after === 0) return;
  await ctx.db
    .deleteFrom('mailbox_item')
    .where('recipient', '=', owner)
    .where('lane', '=', lane)
    .where('cursor', '<=', after)
    .where('kind', 'in', ['control', 'receipt'])
    .execute();
}
