/**
 * Takes sealed messages for others: checks who signed them, holds them, and promises so by a signed receipt.
 */
import { sql, type Transaction } from 'kysely';
import { appendEntries } from '#platform/log/append-entry.ts';
import { type Code, kindOf } from '#schema/protocol/codes.ts';
import type { MessageEnvelope } from '#schema/protocol/envelope.ts';
import type { GatewayContext } from '../context.ts';
import type { GatewayDatabase } from '../tables.ts';
import { type Checked, checkEnvelope, type Delivery, type Refused } from './check-envelope.ts';
import { judgeBatch, type Known, type Verdict } from './judge-batch.ts';
import { promiseRelay } from './promise-relay.ts';
import { type NewItem, putItems } from './put-items.ts';
import { lockSender, readRoom } from './quota.ts';

export interface TakeResult {
  id: string | null;
  receipt: string | null;
  code: Code | 'PENDING' | 'RECALLED' | null;
}

const COVER_WAIT_MS = 2000;

/** Takes up to 64 messages of one authenticated caller; each gets a `relayed` receipt or a code, in order. */
export async function takeEnvelopes(
  ctx: GatewayContext,
  caller: string,
  deliveries: readonly Delivery[],
): Promise<TakeResult[]> {
  const checked = await Promise.all(deliveries.map((delivery) => checkEnvelope(ctx, caller, delivery)));
  for (const one of checked)
    if (isRefused(one) && kindOf(one.code) === 'unauthenticated') ctx.refusals.count(one.code);
  const batch = checked.filter((one): one is Checked => !isRefused(one));
  const verdicts = new Map<Checked, Verdict>();
  if (batch.length > 0) {
    const judged = await inTurn(ctx, caller, () => store(ctx, caller, batch));
    for (const [i, one] of batch.entries()) verdicts.set(one, judged[i]!);
  }
  const receipts = await coveredReceipts(ctx, caller, batch);
  const results = checked.map((one) =>
    isRefused(one) ? { ...one, receipt: null } : answer(one, verdicts.get(one)!, receipts),
  );
  for (const { code } of results) ctx.count.taken(code ?? 'taken');
  return results;
}

const isRefused = (one: Checked | Refused): one is Refused => !('envelope' in one);

function answer({ envelope }: Checked, { kind }: Verdict, receipts: ReadonlyMap<string, string>): TakeResult {
  const { id } = envelope;
  if (kind === 'contradicts') return { id, receipt: null, code: 'EQUIVOCATION' };
  if (kind === 'recalled') return { id, receipt: null, code: 'RECALLED' };
  if (kind === 'overloaded') return { id, receipt: null, code: 'OVERLOADED' };
  if (envelope.class === 'ctl') return { id, receipt: null, code: null };
  const receipt = receipts.get(id) ?? null;
  return { id, receipt, code: receipt ? null : 'PENDING' };
}

const turns = new WeakMap<GatewayContext, Map<string, Promise<unknown>>>();

/** The calls of one sender wait for each other here, so that they take one database connection and not all. */
async function inTurn<T>(ctx: GatewayContext, caller: string, work: () => Promise<T>): Promise<T> {
  const bySender = turns.get(ctx) ?? new Map<string, Promise<unknown>>();
  turns.set(ctx, bySender);
  const turn = (bySender.get(caller) ?? Promise.resolve()).then(work, work);
  bySender.set(caller, turn);
  return turn.finally(() => {
    if (bySender.get(caller) === turn) bySender.delete(caller);
  });
}

/** One transaction for the whole call: either a message is held, promised and logged, or nothing of it is here. */
async function store(ctx: GatewayContext, caller: string, batch: readonly Checked[]): Promise<Verdict[]> {
  const { verdicts, recipients } = await ctx.db.transaction().execute(async (trx) => {
    await lockSender(trx, caller);
    const [known, recalled] = [
      await readKnown(trx, caller, batch),
      await readRecalledAhead(trx, caller, batch),
    ];
    const judged = judgeBatch(batch, known, recalled, await readRoom(trx, caller));
    const fresh = batch.filter((_, i) => judged[i]!.kind === 'new');
    await putItems(trx, fresh.map(toItem));
    await promiseRelay(ctx, trx, fresh.filter(isMessage));
    await keepContradictions(ctx, trx, batch, judged);
    return { verdicts: judged, recipients: new Set(fresh.map(({ envelope }) => envelope.to)) };
  });
  ctx.sequencer.wake();
  for (const recipient of recipients) ctx.tell('mailbox', recipient);
  return verdicts;
}

async function readRecalledAhead(
  trx: Transaction<GatewayDatabase>,
  caller: string,
  batch: readonly Checked[],
): Promise<Set<string>> {
  const ids = batch.map(({ envelope }) => envelope.id as string);
  const rows = await trx
    .selectFrom('recalled_ahead')
    .select('message_id')
    .where('sender', '=', caller)
    .where('message_id', 'in', ids)
    .execute();
  return new Set(rows.map((row) => row.message_id));
}

const isMessage = (one: Checked): one is Checked & { envelope: MessageEnvelope } =>
  one.envelope.class === 'msg';

function toItem({ envelope, jws, sealed }: Checked): NewItem {
  return {
    recipient: envelope.to,
    lane: envelope.class === 'msg' ? envelope.lane : 'routine',
    kind: envelope.class === 'msg' ? 'message' : 'control',
    message_id: envelope.id,
    sender: envelope.from,
    envelope: jws,
    sealed,
    receipt: null,
    expires_at: envelope.exp * 1000,
  };
}

/** What the sender had relayed under one of these ids or numbers. */
async function readKnown(
  trx: Transaction<GatewayDatabase>,
  caller: string,
  batch: readonly Checked[],
): Promise<Known[]> {
  const messages = batch.filter(isMessage).map(({ envelope }) => envelope);
  const { rows } = await sql<Known>`
    select r.message_id as id, r.recipient, r.lane, r.seq, r.env, r.state
    from unnest(${messages.map(({ id }) => id)}::text[]) asked (id)
    join relayed r on r.sender = ${caller} and r.message_id = asked.id
    union
    select r.message_id, r.recipient, r.lane, r.seq, r.env, r.state
    from unnest(${messages.map(({ to }) => to)}::text[], ${messages.map(({ lane }) => lane)}::text[],
                ${messages.map(({ seq }) => seq)}::bigint[]) asked (recipient, lane, seq)
    join relayed r on r.sender = ${caller} and r.recipient = asked.recipient and r.lane = asked.lane and r.seq = asked.seq`.execute(
    trx,
  );
  return rows;
}

/** Both envelopes are signed by the sender: kept and logged once, as evidence. */
async function keepContradictions(
  ctx: GatewayContext,
  trx: Transaction<GatewayDatabase>,
  batch: readonly Checked[],
  verdicts: readonly Verdict[],
): Promise<void> {
  const at = ctx.nowMs();
  const rows = batch.flatMap(({ envelope, env, jws }, i) => {
    const verdict = verdicts[i]!;
    if (verdict.kind !== 'contradicts') return [];
    return [{ env, sender: envelope.from as string, first: verdict.first, envelope: jws, at }];
  });
  if (rows.length === 0) return;
  const kept = await trx
    .insertInto('equivocation')
    .values(rows)
    .onConflict((c) => c.doNothing())
    .returning(['env', 'first', 'sender'])
    .execute();
  await appendEntries(
    trx,
    kept.map(({ env, first, sender }) => ({
      type: 'message.equivocation',
      atMs: at,
      salt: ctx.random(32),
      detail: { from: sender, first, second: env },
    })),
  );
}

/** Receipts by message id, once the gateway's own checkpoint covers them; none while it does not cover all. */
async function coveredReceipts(
  ctx: GatewayContext,
  caller: string,
  batch: readonly Checked[],
): Promise<Map<string, string>> {
  const ids = batch.filter(isMessage).map(({ envelope }) => envelope.id as string);
  if (ids.length === 0) return new Map();
  const rows = await ctx.db
    .selectFrom('relayed')
    .select(['message_id', 'receipt', 'audit_id'])
    .where('sender', '=', caller)
    .where('message_id', 'in', ids)
    .execute();
  const auditIds = rows.map((row) => row.audit_id);
  const covered = rows.length > 0 && (await ctx.sequencer.waitForCover(auditIds, COVER_WAIT_MS)) !== null;
  return new Map(covered ? rows.map((row) => [row.message_id, row.receipt]) : []);
}
