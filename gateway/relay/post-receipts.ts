/**
 * A recipient's signed receipt ends the holding of a message and goes on to its sender.
 */
import { createHash } from 'node:crypto';
import { type Selectable, sql, type Transaction } from 'kysely';
import { appendEntries } from '#platform/log/append-entry.ts';
import type { Verified } from '#schema/jws/compact.ts';
import { parseReceipt, verifyReceipt } from '#schema/jws/receipt.ts';
import { type Code, ProtocolError } from '#schema/protocol/codes.ts';
import type { Receipt } from '#schema/protocol/envelope.ts';
import { limits } from '#schema/protocol/limits.ts';
import { type GatewayContext, nowS } from '../context.ts';
import type { GatewayDatabase, RelayedTable } from '../tables.ts';
import { putItems } from './put-items.ts';

/** `UNKNOWN`: the gateway never held such a message for the caller. Null: taken, now or before. */
export type PostCode = Code | 'UNKNOWN' | null;

type Posted = Verified<Receipt> | PostCode;
/** `taken_at`: when the promise to hold it was written, epoch milliseconds. */
type Row = Selectable<RelayedTable> & { taken_at: number };

/** Takes receipts of the authenticated caller. One that is not about a message relayed here is answered and changes nothing. */
export async function postReceipts(
  ctx: GatewayContext,
  caller: string,
  receipts: readonly string[],
): Promise<{ code: PostCode }[]> {
  const posted = await Promise.all(receipts.map((jws) => check(ctx, caller, jws)));
  const verified = posted.filter((one): one is Verified<Receipt> => isReceipt(one));
  const codes = new Map<Verified<Receipt>, PostCode>();
  if (verified.length > 0) {
    const takenAt: Row[] = [];
    const cleared = await ctx.db.transaction().execute(async (trx) => {
      const rows = await lockRelayed(trx, caller, verified);
      for (const receipt of verified) codes.set(receipt, compare(receipt, rows.get(keyOf(receipt))));
      const clearing = pickFirst(
        verified.filter((receipt) => codes.get(receipt) === null && isOpen(rows, receipt)),
      );
      await clear(ctx, trx, caller, clearing);
      for (const receipt of clearing) takenAt.push(rows.get(keyOf(receipt))!);
      return clearing;
    });
    for (const { lane, taken_at } of takenAt) ctx.count.relayed(lane, ctx.nowMs() - taken_at);
    if (cleared.length > 0) ctx.sequencer.wake();
    for (const sender of new Set(cleared.map(({ value }) => value.to))) ctx.tell('mailbox', sender);
  }
  return posted.map((one) => ({ code: isReceipt(one) ? codes.get(one)! : one }));
}

const isReceipt = (one: Posted): one is Verified<Receipt> => typeof one === 'object' && one !== null;

async function check(ctx: GatewayContext, caller: string, jws: string): Promise<Posted> {
  try {
    const receipt = await verifyReceipt(parseReceipt(jws), ctx.keyring(), nowS(ctx));
    const { from, stage } = receipt.value;
    if (from !== caller) return 'SENDER_UNKNOWN';
    return stage === 'delivered' || stage === 'rejected' ? receipt : 'MALFORMED';
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

const keyOf = ({ value }: Verified<Receipt>): string => `${value.to}/${value.re}`;

/** What was relayed to the caller under these senders and ids, locked in one order for all writers. */
async function lockRelayed(
  trx: Transaction<GatewayDatabase>,
  caller: string,
  receipts: readonly Verified<Receipt>[],
): Promise<Map<string, Row>> {
  const senders = receipts.map(({ value }) => value.to as string);
  const ids = receipts.map(({ value }) => value.re as string);
  const { rows } = await sql<Row>`
    select r.*, (select at from audit_entry a where a.id = r.audit_id) as taken_at from relayed r
    where recipient = ${caller} and (sender, message_id) in (select * from unnest(${senders}::text[], ${ids}::text[]))
    order by sender, message_id for update`.execute(trx);
  return new Map(rows.map((row) => [`${row.sender}/${row.message_id}`, row]));
}

/** Whether a receipt speaks of exactly what was relayed (receiptMatches, from the hashes kept here). */
function compare({ value }: Verified<Receipt>, row: Row | undefined): PostCode {
  if (!row) return 'UNKNOWN';
  const sameMessage = row.lane === value.lane && row.seq === value.seq;
  return sameMessage && row.env === value.env && row.sealed === value.sealed ? null : 'EQUIVOCATION';
}

/** A message that expired unread may still get a late receipt from elsewhere: its sender wants it. */
function isOpen(rows: ReadonlyMap<string, Row>, receipt: Verified<Receipt>): boolean {
  const state = rows.get(keyOf(receipt))?.state;
  return state === 'held' || state === 'expired';
}

function pickFirst(receipts: readonly Verified<Receipt>[]): Verified<Receipt>[] {
  const first = new Map<string, Verified<Receipt>>();
  for (const receipt of receipts) if (!first.has(keyOf(receipt))) first.set(keyOf(receipt), receipt);
  return [...first.values()];
}

async function clear(
  ctx: GatewayContext,
  trx: Transaction<GatewayDatabase>,
  caller: string,
  receipts: readonly Verified<Receipt>[],
): Promise<void> {
  if (receipts.length === 0) return;
  const senders = receipts.map(({ value }) => value.to as string);
  const ids = receipts.map(({ value }) => value.re as string);
  const cleared = sql`(select * from unnest(${senders}::text[], ${ids}::text[]))`;
  await sql`update relayed set state = 'receipted' where (sender, message_id) in ${cleared}`.execute(trx);
  await sql`delete from mailbox_item where recipient = ${caller} and kind = 'message'
    and message_id = any(${ids}::text[]) and (sender, message_id) in ${cleared}`.execute(trx);
  await sql`delete from part where recipient = ${caller} and (sender, message_id) in ${cleared}`.execute(trx);
  const nowMs = ctx.nowMs();
  await appendEntries(
    trx,
    receipts.map(({ value, jws }) => ({
      type: 'message.cleared',
      atMs: nowMs,
      salt: ctx.random(32),
      detail: {
        re: value.re,
        from: value.from,
        to: value.to,
        stage: value.stage,
        env: value.env,
        receipt: sha256(jws),
      },
    })),
  );
  await putItems(
    trx,
    receipts.map(({ value, jws }) => ({
      recipient: value.to,
      lane: value.lane,
      kind: 'receipt' as const,
      message_id: value.re,
      sender: caller,
      envelope: null,
      sealed: null,
      receipt: jws,
      expires_at: nowMs + limits.ttlS * 1000,
    })),
  );
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
