/**
 * A State's mailbox: read by its own node only, urgent first, by cursor.
 */
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
  const urgent = await readLane(ctx, owner, 'urgent', after.urgent, first);
  const routine =
    urgent.length < first ? await readLane(ctx, owner, 'routine', after.routine, first - urgent.length) : [];
  const items = withinBytes([...urgent, ...routine]);
  await markPulled(ctx, owner, items);
  return { trimmed, items };
}

async function readLane(
  ctx: GatewayContext,
  owner: string,
  lane: 'urgent' | 'routine',
  after: number,
  first: number,
): Promise<Item[]> {
  const rows = await ctx.db
    .selectFrom('mailbox_item')
    .select(['cursor', 'kind', 'envelope', 'sealed', 'receipt'])
    .where('recipient', '=', owner)
    .where('lane', '=', lane)
    .where('cursor', '>', after)
    .where('expires_at', '>', ctx.nowMs())
    .orderBy('cursor')
    .limit(first)
    .execute();
  return rows.map((row) => ({
    cursor: row.cursor,
    lane,
    kind: row.kind === 'receipt' ? 'receipt' : 'envelope',
    envelope: row.envelope,
    sealed: row.sealed?.toString('base64') ?? null,
    receipt: row.receipt,
  }));
}

function withinBytes(items: readonly Item[]): Item[] {
  let bytes = 0;
  const over = items.findIndex((item, index) => {
    bytes += item.sealed?.length ?? 0;
    return index > 0 && bytes > PAGE_BYTES;
  });
  return over === -1 ? [...items] : items.slice(0, over);
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

async function markPulled(ctx: GatewayContext, owner: string, items: readonly Item[]): Promise<void> {
  for (const lane of ['urgent', 'routine'] as const) {
    const cursors = items
      .filter((item) => item.lane === lane && item.kind === 'envelope')
      .map((item) => item.cursor);
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
