/**
 * Delivery: sends stored bytes to the peer, or where it cannot be reached to its mailbox, until a signed receipt comes or
 * their time is over. It decides when, never what.
 */
import { randomInt } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import { codeOf } from '#platform/http/http-error.ts';
import { PeerError } from '#platform/http/peer-error.ts';
import { encodeBase64 } from '#schema/protocol/base64.ts';
import { type Code, codes, kindOf } from '#schema/protocol/codes.ts';
import { GATEWAY } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import type { ExchangeContext } from './context.ts';
import { giveUpOverdue, sendTombstones } from './give-up.ts';
import { giveUpLeft } from './give-up-left.ts';
import { takeReceipts } from './receipts.ts';
import type { DeliveryResult } from './receive.ts';
import type { OutboxTable, Place } from './tables.ts';
import { setUnconfirmed } from './unconfirmed.ts';

type Row = Selectable<OutboxTable>;

const BATCH_MESSAGES = limits.envelopesPerRequest;
const BATCH_BYTES = 1024 * 1024;
/** A deliverer that died leaves its claim for this long. */
const CLAIM_MS = 15_000;
/** What a call may take, on top of its bytes at the slowest line that still counts as one. */
const CALL_TIMEOUT_MS = 10_000;
/** A slow machine opens a part of 4 MiB in four seconds. */
const OPENED_BYTES_PER_MS = 1024;
const SLOWEST_BYTES_PER_MS = limits.sealedPartBytes / limits.partTimeoutMs;
/** After a peer for whom nothing could leave yet: its messages wait for the log, or the database is away. */
const IDLE_LOOK_MS = 250;
/** An urgent message waits this long for the log, then leaves and is covered later (PROTOCOL.md, D rules). */
const URGENT_UNCOVERED_MS = 5_000;
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 3_600_000;
const PENDING_RETRY_MS = 500;

const DELIVER = `mutation ($messages: [DeliveryInput!]!) {
  deliver(messages: $messages) { id receipt code retryAfterS }
}`;

export type Deliverer = {
  /** Begins with every peer that has something due. @returns milliseconds until the next is due, null if none waits */
  round(): Promise<number | null>;
  /** Fulfils when no call is under way any more. */
  settled(): Promise<void>;
};

/** Delivers to each peer apart, so that a slow one holds up no other. `signal` ends the calls under way. */
export function makeDeliverer(ctx: ExchangeContext, signal: AbortSignal): Deliverer {
  const busy = new Map<string, Promise<void>>();
  const begin = (peer: string) => {
    const run = deliverTo(ctx, peer, signal)
      .catch((error: unknown) => {
        ctx.log.warn('deliver-failed', { party: peer, code: codeOf(error) });
        return false;
      })
      .then((worked) => {
        busy.delete(peer);
        if (worked) ctx.wake.deliver();
        else setTimeout(ctx.wake.deliver, IDLE_LOOK_MS).unref();
      });
    busy.set(peer, run);
  };
  return {
    round: () => deliverDue(ctx, [...busy.keys()], begin),
    settled: async () => void (await Promise.all(busy.values())),
  };
}

async function deliverDue(
  ctx: ExchangeContext,
  busy: readonly string[],
  begin: (peer: string) => void,
): Promise<number | null> {
  await giveUpOverdue(ctx);
  await setUnconfirmed(ctx);
  await sendTombstones(ctx);
  const nowMs = ctx.surroundings.nowMs();
  const due = await ctx.db
    .selectFrom('outbox')
    .select('peer')
    .distinct()
    .where('state', 'in', ['ready', 'relayed'])
    .where('next_attempt_at', '<=', nowMs)
    .where('claimed_until', '<=', nowMs)
    .execute();
  const idle = due.map(({ peer }) => peer).filter((peer) => !busy.includes(peer));
  for (const peer of idle) begin(peer);
  // Peers under way say themselves when they have ended.
  const next = await ctx.db
    .selectFrom('outbox')
    .select((eb) =>
      eb.fn.min(sql<number>`least(greatest(next_attempt_at, claimed_until), approved_until + 1)`).as('at'),
    )
    .where('state', 'in', ['ready', 'relayed'])
    .where(sql<boolean>`not (peer = any(${[...busy, ...idle]}))`)
    .executeTakeFirstOrThrow();
  return next.at === null ? null : Math.max(50, Number(next.at) - ctx.surroundings.nowMs());
}

/** Sends batch after batch to one peer while each goes through. @returns whether there was anything to send */
async function deliverTo(ctx: ExchangeContext, peer: string, signal: AbortSignal): Promise<boolean> {
  for (let calls = 0; ; calls++) {
    const batch = await claimBatch(ctx, peer);
    if (batch.length === 0) return calls > 0;
    const advanced = await deliverBatch(ctx, peer, batch, signal);
    if (!advanced) return true;
  }
}

/** Takes rows that are due and covered by this node's own checkpoint, urgent first, in order of their lane. */
async function claimBatch(ctx: ExchangeContext, peer: string): Promise<Row[]> {
  const nowMs = ctx.surroundings.nowMs();
  const { rows } = await sql<Row>`
    update outbox set claimed_until = ${nowMs + CLAIM_MS} where id in (
      select o.id from outbox o left join audit_entry a on a.id = o.audit_id
      where o.peer = ${peer} and o.state in ('ready', 'relayed') and o.next_attempt_at <= ${nowMs} and o.claimed_until <= ${nowMs}
        and o.approved_until >= ${nowMs}
        and (o.audit_id is null or a.idx is not null or (o.lane = 'urgent' and o.sealed_at <= ${nowMs - URGENT_UNCOVERED_MS}))
      order by o.lane desc, o.seq nulls last limit ${BATCH_MESSAGES} for update of o skip locked)
    returning *`.execute(ctx.db);
  const ordered = rows.sort(byLaneAndSeq);
  const fitting = countFitting(ordered);
  const rest = ordered.slice(fitting).map((row) => row.id);
  if (rest.length > 0)
    await ctx.db.updateTable('outbox').set({ claimed_until: 0 }).where('id', 'in', rest).execute();
  return ordered.slice(0, fitting);
}

/** Urgent first, then by number; control messages last. */
function byLaneAndSeq(a: Row, b: Row): number {
  if (a.lane !== b.lane) return a.lane === 'urgent' ? -1 : 1;
  return (a.seq ?? Number.MAX_SAFE_INTEGER) - (b.seq ?? Number.MAX_SAFE_INTEGER);
}

/** How many messages from the front fit one call; at least one. Urgent ones go alone: they wait for nothing behind them. */
function countFitting(rows: readonly Row[]): number {
  let bytes = 0;
  const over = rows.findIndex((row, index) => {
    bytes += row.sealed.length;
    return index > 0 && (bytes > BATCH_BYTES || row.lane !== rows[0]!.lane);
  });
  return over === -1 ? rows.length : over;
}

/** @returns whether at least one message was taken, so that going on makes sense */
async function deliverBatch(
  ctx: ExchangeContext,
  peer: string,
  batch: readonly Row[],
  signal: AbortSignal,
): Promise<boolean> {
  if (ctx.trust.hasLeft(peer)) return giveUpLeft(ctx, batch);
  const listed = ctx.trust.peer(peer);
  if (!listed || !ctx.trust.mayDeliverTo(peer)) return postpone(ctx, batch);
  const url = listed.delivery.includes('push') ? listed.urls[0] : undefined;
  if (url && (await tryAt(ctx, peer, { url, place: 'peer', signal }, batch))) return true;
  const unrelayed = batch.filter((row) => row.state === 'ready');
  const relayed = batch.filter((row) => row.state === 'relayed');
  if (relayed.length > 0) await postpone(ctx, relayed);
  return (
    unrelayed.length > 0 &&
    (await tryAt(ctx, peer, { url: ctx.gatewayUrl, place: 'gateway', signal }, unrelayed))
  );
}

type Target = { url: string; place: Place; signal: AbortSignal };

/** @returns false when the place could not be reached or took nothing */
async function tryAt(
  ctx: ExchangeContext,
  peer: string,
  target: Target,
  batch: readonly Row[],
): Promise<boolean> {
  const { url, place, signal } = target;
  let leaving: readonly Row[] = [];
  try {
    for (const row of batch) await putParts(ctx, row, target);
    leaving = await noteLeaving(ctx, batch, place);
    if (leaving.length === 0) return true;
    const messages = leaving.map((row) => ({ envelope: row.envelope, sealed: encodeBase64(row.sealed) }));
    const { deliver } = await ctx.client.graphql<{
      deliver: (DeliveryResult & { retryAfterS: number | null })[];
    }>(
      `${url}/graphql`,
      DELIVER,
      { messages },
      { timeoutMs: callTimeoutMs(leaving) + (await openingMs(ctx, leaving)), signal },
    );
    ctx.contacts.reached(place === 'peer' ? peer : GATEWAY);
    return await settle(ctx, leaving, deliver, place);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    if (error.nothingSent) await noteStayed(ctx, leaving, place);
    ctx.log.warn('delivery-failed', { party: peer, endpoint: place, code: error.code, count: batch.length });
    ctx.contacts.failed(place === 'peer' ? peer : GATEWAY, error.code);
    ctx.count('deliveries', { peer, place, outcome: 'unreachable' }, batch.length);
    ctx.count('refusals', { direction: 'out', code: error.code });
    if (place === 'gateway') await postpone(ctx, batch);
    return false;
  }
}

/**
 * Notes where these messages may be from now on, before their first byte leaves: a crash or a lost answer must not make us
 * believe that nobody has them. @returns those that still may leave; what was given up meanwhile, or whose release is over, may not
 */
async function noteLeaving(ctx: ExchangeContext, batch: readonly Row[], place: Place): Promise<Row[]> {
  const ids = batch.map(({ id }) => id);
  const { rows } = await sql<{ id: string }>`
    update outbox set sent_to = array_append(array_remove(sent_to, ${place}), ${place})
    where id = any(${ids}::text[]) and state in ('ready', 'relayed') and approved_until >= ${ctx.surroundings.nowMs()}
    returning id`.execute(ctx.db);
  const leaving = new Set(rows.map(({ id }) => id));
  return batch.filter(({ id }) => leaving.has(id));
}

/** No connection came about: those that had never been sent there before are not there. */
async function noteStayed(ctx: ExchangeContext, rows: readonly Row[], place: Place): Promise<void> {
  const ids = rows.filter((row) => !row.sent_to.includes(place)).map(({ id }) => id);
  await sql`update outbox set sent_to = array_remove(sent_to, ${place}) where id = any(${ids}::text[])`.execute(
    ctx.db,
  );
}

function callTimeoutMs(rows: readonly { sealed: Uint8Array }[]): number {
  const bytes = rows.reduce((sum, { sealed }) => sum + sealed.length, 0);
  return CALL_TIMEOUT_MS + Math.ceil(bytes / SLOWEST_BYTES_PER_MS);
}

/** What the peer may take to open the parts it has got, before it answers. */
async function openingMs(ctx: ExchangeContext, rows: readonly Row[]): Promise<number> {
  const ids = rows.map(({ id }) => id);
  const { bytes } = await ctx.db
    .selectFrom('outbox_part')
    .select(sql<number>`coalesce(sum(bytes), 0)::bigint`.as('bytes'))
    .where('message_id', 'in', ids)
    .executeTakeFirstOrThrow();
  return Math.min(Math.ceil(bytes / OPENED_BYTES_PER_MS), limits.partTimeoutMs);
}

/** Puts the parts of a message that this place does not have yet; each success is remembered. */
async function putParts(ctx: ExchangeContext, row: Row, { url, place, signal }: Target): Promise<void> {
  const way = await measure(ctx, row.id, place);
  if (way.totalBytes === 0) return;
  const note = () => ctx.transfers.note(row.id, { peer: row.peer, direction: 'out', ...way });
  note();
  for (;;) {
    const part = await ctx.db
      .selectFrom('outbox_part')
      .select(['attachment', 'n', 'sha256', 'sealed'])
      .where('message_id', '=', row.id)
      .where(sql<boolean>`not (${place} = any(put_to))`)
      .orderBy('attachment')
      .orderBy('n')
      .limit(1)
      .executeTakeFirst();
    if (!part) return;
    await ctx.client.put(`${url}/parts/${row.peer}/${row.id}/${part.sha256}`, part.sealed, {
      timeoutMs: callTimeoutMs([part]),
      signal,
    });
    await ctx.db
      .updateTable('outbox_part')
      .set({ put_to: sql`array_append(put_to, ${place})` })
      .where('message_id', '=', row.id)
      .where('attachment', '=', part.attachment)
      .where('n', '=', part.n)
      .execute();
    way.doneBytes += part.sealed.length;
    note();
  }
}

/** How many bytes of a message's parts this place has, of how many. */
async function measure(
  ctx: ExchangeContext,
  messageId: string,
  place: Place,
): Promise<{ doneBytes: number; totalBytes: number }> {
  const { rows } = await sql<{ doneBytes: number; totalBytes: number }>`
    select coalesce(sum(bytes) filter (where ${place} = any(put_to)), 0)::bigint as "doneBytes", coalesce(sum(bytes), 0)::bigint as "totalBytes"
    from outbox_part where message_id = ${messageId}`.execute(ctx.db);
  return rows[0]!;
}

/** Takes what was answered: receipts at once; what is pending or refused for now is due again later. */
async function settle(
  ctx: ExchangeContext,
  batch: readonly Row[],
  results: readonly (DeliveryResult & { retryAfterS: number | null })[],
  place: Target['place'],
): Promise<boolean> {
  const byId = new Map(results.map((result) => [result.id, result]));
  const answered = batch.map((row) => ({ row, result: byId.get(row.id) }));
  for (const { row, result } of answered) countAnswer(ctx, row.peer, place, result?.code ?? null);
  await takeReceipts(
    ctx,
    answered.flatMap(({ result }) => (result?.receipt ? [result.receipt] : [])),
  );
  const doneControls = answered.filter(
    ({ row, result }) => row.class === 'ctl' && result && mayForget(result.code),
  );
  if (doneControls.length > 0) {
    await ctx.db
      .deleteFrom('outbox')
      .where(
        'id',
        'in',
        doneControls.map(({ row }) => row.id),
      )
      .execute();
  }
  const pending = answered.filter(({ result }) => result?.code === 'PENDING').map(({ row }) => row);
  if (pending.length > 0) await setDue(ctx, pending, () => PENDING_RETRY_MS);
  const relayed = answered
    .filter(({ row, result }) => row.class === 'msg' && result?.receipt)
    .map(({ row }) => row);
  await postpone(ctx, relayed);
  const refused = answered.filter(
    ({ row, result }) => row.class === 'msg' && result && isRefusal(result.code),
  );
  for (const { row, result } of refused)
    ctx.log.warn('delivery-refused', { party: row.peer, code: result!.code ?? '' });
  await postpone(
    ctx,
    refused.map(({ row }) => row),
  );
  return relayed.length + doneControls.length > 0;
}

function countAnswer(
  ctx: ExchangeContext,
  peer: string,
  place: Target['place'],
  code: DeliveryResult['code'],
): void {
  const outcome = code === null ? 'taken' : code === 'PENDING' ? 'pending' : 'refused';
  ctx.count('deliveries', { peer, place, outcome });
  if (outcome === 'refused') ctx.count('refusals', { direction: 'out', code: code! });
}

const isRefusal = (code: string | null): boolean => code !== null && code !== 'PENDING';

/** A control message is done when it was taken, or refused for good. */
function mayForget(code: string | null): boolean {
  return code === null || (codes.includes(code as Code) && kindOf(code as Code) !== 'transient');
}

/** Back-off: 5 s doubling to 1 h, give or take a fifth. */
export function nextTryMs(attempts: number): number {
  const base = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts, 10));
  return Math.round((base * randomInt(80, 121)) / 100);
}

/** Due again after the back-off, persisted. Always false, for callers that report progress. */
async function postpone(ctx: ExchangeContext, rows: readonly Row[]): Promise<false> {
  await setDue(ctx, rows, (row) => nextTryMs(row.attempts));
  for (const peer of new Set(rows.map((row) => row.peer))) await letUrgentGoFirst(ctx, peer);
  return false;
}

/**
 * What waits in the mailbox is also tried at the peer again. A routine message must not arrive that way while an urgent one
 * waits for its own next try: it is tried together with it, and after it. The mailbox has it meanwhile.
 */
async function letUrgentGoFirst(ctx: ExchangeContext, peer: string): Promise<void> {
  await sql`
    update outbox set next_attempt_at = urgent.at
    from (select max(next_attempt_at) as at from outbox
          where peer = ${peer} and lane = 'urgent' and state in ('ready', 'relayed')) urgent
    where peer = ${peer} and lane = 'routine' and state = 'relayed' and next_attempt_at < urgent.at`.execute(
    ctx.db,
  );
}

async function setDue(
  ctx: ExchangeContext,
  rows: readonly Row[],
  waitMs: (row: Row) => number,
): Promise<void> {
  const nowMs = ctx.surroundings.nowMs();
  for (const row of rows) {
    await ctx.db
      .updateTable('outbox')
      .set({ attempts: row.attempts + 1, next_attempt_at: nowMs + waitMs(row), claimed_until: 0 })
      .where('id', '=', row.id)
      .where('state', 'in', ['ready', 'relayed'])
      .execute();
  }
}

/** Something was heard from this peer: what waits for it is due now. */
export async function rouseDeliveries(ctx: ExchangeContext, peer: string): Promise<void> {
  const { numUpdatedRows } = await ctx.db
    .updateTable('outbox')
    .set({ next_attempt_at: ctx.surroundings.nowMs() })
    .where('peer', '=', peer)
    .where('state', '=', 'ready')
    .where('attempts', '>', 0)
    .where('next_attempt_at', '>', ctx.surroundings.nowMs())
    .executeTakeFirst();
  if (numUpdatedRows > 0n) ctx.wake.deliver();
}
