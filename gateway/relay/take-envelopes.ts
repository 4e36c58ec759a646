/**
 * Takes sealed messages for others: checks who signed them, holds them, and promises so by a signed receipt.
 */
import { createHash } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import { appendEntries } from '#platform/log/append-entry.ts';
import { parseEnvelope, verifyEnvelope } from '#schema/jws/envelope.ts';
import { signReceipt } from '#schema/jws/receipt.ts';
import { encodeHex } from '#schema/protocol/base64.ts';
import { type Code, ProtocolError } from '#schema/protocol/codes.ts';
import type { Envelope, MessageEnvelope, Receipt } from '#schema/protocol/envelope.ts';
import { GATEWAY, makeMessageId } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import { type GatewayContext, nowS } from '../context.ts';
import type { GatewayDatabase } from '../tables.ts';
import { type NewItem, putItems } from './put-items.ts';

export interface Delivery {
  readonly envelope: string;
  /** The sealed document, base64. */
  readonly sealed: string;
}

export interface TakeResult {
  id: string | null;
  receipt: string | null;
  code: Code | 'PENDING' | null;
}

type Taken = { envelope: Envelope; env: string; jws: string; sealed: Buffer };
type Refused = { id: string | null; code: Code };

const COVER_WAIT_MS = 2000;
/** What one sender may have waiting here: messages, and bytes of messages and parts together. */
const QUOTA = { messages: 20_000, bytes: 4 * 1024 ** 3 };

/** Takes up to 64 messages of one authenticated caller; each gets a `relayed` receipt or a code, in order. */
export async function takeEnvelopes(
  ctx: GatewayContext,
  caller: string,
  deliveries: readonly Delivery[],
): Promise<TakeResult[]> {
  const full = await isOverQuota(ctx, caller);
  const checked = await Promise.all(deliveries.map((delivery) => check(ctx, caller, delivery, full)));
  const taken = checked.filter((one): one is Taken => 'envelope' in one);
  const contradicted = taken.length > 0 ? await store(ctx, caller, taken) : new Set<string>();
  const receipts = await coveredReceipts(ctx, caller, taken);
  return checked.map((one) => {
    if (!('envelope' in one)) return { id: one.id, receipt: null, code: one.code };
    const { id } = one.envelope;
    if (one.envelope.class === 'ctl') return { id, receipt: null, code: null };
    if (contradicted.has(id)) return { id, receipt: null, code: 'EQUIVOCATION' };
    const receipt = receipts.get(id) ?? null;
    return { id, receipt, code: receipt ? null : 'PENDING' };
  });
}

async function check(
  ctx: GatewayContext,
  caller: string,
  delivery: Delivery,
  full: boolean,
): Promise<Taken | Refused> {
  let id: string | null = null;
  try {
    const unverified = parseEnvelope(delivery.envelope);
    id = unverified.value.id;
    const { value, jws, hash } = await verifyEnvelope(unverified, ctx.keyring(), nowS(ctx));
    if (value.from !== caller) throw new ProtocolError('SENDER_UNKNOWN');
    if (ctx.keyring().node(value.to) === undefined) throw new ProtocolError('WRONG_RECIPIENT');
    const sealed = Buffer.from(delivery.sealed, 'base64');
    if (sealed.length > limits.sealedBytes) throw new ProtocolError('TOO_LARGE');
    if (
      sealed.length !== value.sealed.bytes ||
      createHash('sha256').update(sealed).digest('hex') !== value.sealed.sha256
    ) {
      throw new ProtocolError('BLOB_MISMATCH');
    }
    if (full) throw new ProtocolError('OVERLOADED');
    return { envelope: value, env: hash, jws, sealed };
  } catch (error) {
    if (error instanceof ProtocolError) return { id, code: error.code };
    throw error;
  }
}

/** One transaction for the whole call. @returns ids under which other bytes were taken before */
async function store(ctx: GatewayContext, caller: string, taken: readonly Taken[]): Promise<Set<string>> {
  const contradicted = new Set<string>();
  const recipients = await ctx.db.transaction().execute(async (trx) => {
    // One call of a sender at a time: its messages keep their order and are seen once.
    await sql`select pg_advisory_xact_lock(hashtext(${`relay/${caller}`}))`.execute(trx);
    const known = await knownHashes(trx, caller, taken);
    const fresh = taken.filter(({ envelope, env }) => {
      const before = known.get(envelope.id);
      if (before !== undefined && before !== env) contradicted.add(envelope.id);
      return before === undefined;
    });
    const items = fresh.map(
      ({ envelope, jws, sealed }): NewItem => ({
        recipient: envelope.to,
        lane: envelope.class === 'msg' ? envelope.lane : 'routine',
        kind: envelope.class === 'msg' ? 'message' : 'control',
        message_id: envelope.id,
        sender: caller,
        envelope: jws,
        sealed,
        receipt: null,
        expires_at: envelope.exp * 1000,
      }),
    );
    await putItems(trx, items);
    await promise(ctx, trx, fresh);
    return new Set(items.map(({ recipient }) => recipient));
  });
  ctx.sequencer.wake();
  for (const recipient of recipients) await ctx.tell('mailbox', recipient);
  return contradicted;
}

async function knownHashes(
  trx: Transaction<GatewayDatabase>,
  caller: string,
  taken: readonly Taken[],
): Promise<Map<string, string>> {
  const ids = taken.map(({ envelope }) => envelope.id as string);
  const rows = await trx
    .selectFrom('relayed')
    .select(['message_id', 'env'])
    .where('sender', '=', caller)
    .where('message_id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.message_id, row.env]));
}

/** Signs and remembers the promise to hold each message until its time is over or its delivery is proved. */
async function promise(
  ctx: GatewayContext,
  trx: Transaction<GatewayDatabase>,
  fresh: readonly Taken[],
): Promise<void> {
  const messages = fresh.filter(
    (one): one is Taken & { envelope: MessageEnvelope } => one.envelope.class === 'msg',
  );
  if (messages.length === 0) return;
  const nowMs = ctx.nowMs();
  const facts = messages.map(({ envelope, env }) => ({
    re: envelope.id,
    lane: envelope.lane,
    seq: envelope.seq,
    stage: 'relayed' as const,
    env,
    sealed: envelope.sealed.sha256,
  }));
  const entries = await appendEntries(
    trx,
    facts.map((fact, i) => ({
      type: 'message.relayed',
      atMs: nowMs,
      salt: ctx.random(32),
      detail: { ...fact, from: messages[i]!.envelope.from, to: messages[i]!.envelope.to },
    })),
  );
  const receipts = await Promise.all(
    facts.map((fact, i) =>
      signReceipt(
        {
          v: 1,
          id: makeMessageId(nowMs, ctx.random(10)),
          from: GATEWAY as Receipt['from'],
          to: messages[i]!.envelope.from,
          at: nowS(ctx),
          log: { origin: ctx.log.name, leaf: encodeHex(entries[i]!.leaf) },
          ...fact,
        },
        ctx.sig,
      ),
    ),
  );
  await trx
    .insertInto('relayed')
    .values(
      messages.map(({ envelope, env }, i) => ({
        sender: envelope.from as string,
        message_id: envelope.id as string,
        recipient: envelope.to as string,
        env,
        receipt: receipts[i]!,
        audit_id: entries[i]!.id,
        state: 'held' as const,
      })),
    )
    .execute();
}

/** Receipts are released once the gateway's own checkpoint covers them. */
async function coveredReceipts(
  ctx: GatewayContext,
  caller: string,
  taken: readonly Taken[],
): Promise<Map<string, string>> {
  if (taken.length === 0) return new Map();
  const rows = await ctx.db
    .selectFrom('relayed')
    .select(['message_id', 'receipt', 'audit_id'])
    .where('sender', '=', caller)
    .where(
      'message_id',
      'in',
      taken.map(({ envelope }) => envelope.id as string),
    )
    .execute();
  const auditIds = rows.map((row) => row.audit_id);
  if (rows.length === 0 || (await ctx.sequencer.waitForCover(auditIds, COVER_WAIT_MS)) === null)
    return new Map();
  return new Map(rows.map((row) => [row.message_id, row.receipt]));
}

async function isOverQuota(ctx: GatewayContext, caller: string): Promise<boolean> {
  const { rows } = await sql<{ messages: number; bytes: number }>`
    select (select count(*)::int from mailbox_item where sender = ${caller} and kind = 'message') as messages,
           (select coalesce(sum(octet_length(sealed)), 0)::bigint from part where sender = ${caller}) as bytes`.execute(
    ctx.db,
  );
  return rows[0]!.messages >= QUOTA.messages || rows[0]!.bytes >= QUOTA.bytes;
}
