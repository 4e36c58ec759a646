/**
 * The way in: parse, verify, recognise what was received before, open; then one transaction that claims the message, applies
 * it, and writes its receipt. All cryptography on the content comes before the transaction.
 */

import { parseEnvelope, verifyEnvelope } from '#schema/jws/envelope.ts';
import { decodeBase64 } from '#schema/protocol/base64.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import { type Code, kindOf, ProtocolError } from '#schema/protocol/codes.ts';
import type { MessageDocument } from '#schema/protocol/document.ts';
import type { ControlEnvelope, Envelope, Lane, MessageEnvelope } from '#schema/protocol/envelope.ts';
import { limits } from '#schema/protocol/limits.ts';
import { openDocument } from '#schema/seal/open.ts';
import { type Operation, runOperation } from '../operation.ts';
import { applyControl } from './apply-control.ts';
import { type ExchangeContext, nowS } from './context.ts';
import { fetchParts, keepParts } from './inbound-parts.ts';
import { makeReceipts, type Subject } from './receipts.ts';

export interface Delivery {
  readonly envelope: string;
  /** The sealed document, base64. */
  readonly sealed: string;
}

/** What the sender hears of one delivery. PENDING: received, and the receipt follows once the log covers it. */
export interface DeliveryResult {
  readonly id: string | null;
  readonly receipt: string | null;
  readonly code: Code | 'PENDING' | null;
}

type Via = 'push' | 'mailbox';
type Refused = { kind: 'refused'; id: string | null; code: Code };
type Known = { kind: 'known'; id: string };
type Control = { kind: 'control'; id: string };
/** Ready for the transaction: a document to apply, or a code to reject it with. */
type Ready = {
  kind: 'ready';
  envelope: MessageEnvelope;
  env: string;
  jws: string;
  sealed: Uint8Array;
  doc?: string;
  document?: MessageDocument;
  code?: Code;
};
type Checked = Refused | Known | Control | Ready;

/** How long an answer waits for the log to cover its receipts. */
const COVER_WAIT_MS = 2000;

/**
 * Receives deliveries of one call. Each gets its own result, in order; one that fails never spoils another.
 * Nothing is stored for what no listed key has signed.
 */
export async function receive(
  ctx: ExchangeContext,
  deliveries: readonly Delivery[],
  via: Via,
): Promise<DeliveryResult[]> {
  const checked = await Promise.all(deliveries.map((delivery) => check(ctx, delivery, via)));
  const ready = checked.filter((one): one is Ready => one.kind === 'ready');
  const contradicted = new Set<string>();
  for (const [lane, group] of groupByLane(ready)) {
    for (const id of await store(ctx, lane, group)) contradicted.add(id);
  }
  const ids = checked.flatMap((one) =>
    one.kind === 'ready' ? [one.envelope.id] : one.kind === 'known' ? [one.id] : [],
  );
  const receipts = await coveredReceipts(ctx, ids as string[]);
  return checked.map((one) => {
    if (one.kind === 'refused') return { id: one.id, receipt: null, code: one.code };
    if (one.kind === 'control') return { id: one.id, receipt: null, code: null };
    const id = one.kind === 'known' ? one.id : one.envelope.id;
    if (contradicted.has(id)) return { id, receipt: null, code: 'EQUIVOCATION' as const };
    const receipt = receipts.get(id) ?? null;
    return { id, receipt, code: receipt ? null : ('PENDING' as const) };
  });
}

async function check(ctx: ExchangeContext, delivery: Delivery, via: Via): Promise<Checked> {
  let id: string | null = null;
  try {
    const unverified = parseEnvelope(delivery.envelope);
    id = unverified.value.id;
    // Refused without a word of ours: a number in another's lane must not take one in ours.
    if (unverified.value.to !== ctx.identity.state) throw new ProtocolError('WRONG_RECIPIENT');
    const refuse = (error: unknown): Checked => rejection(unverified, delivery, error);
    const verified = await verifyEnvelope(unverified, ctx.trust.current(), nowS(ctx.surroundings)).catch(
      refuse,
    );
    if ('kind' in verified) return verified;
    ctx.contacts.heard(verified.value.from);
    if ((await knownHash(ctx, verified.value)) === verified.hash) {
      const { from: peer, lane } = verified.value as MessageEnvelope;
      ctx.count('received', { peer, lane, outcome: 'known' });
      return { kind: 'known', id };
    }
    return await open(ctx, verified, delivery, via).catch(refuse);
  } catch (error) {
    const code = error instanceof ProtocolError ? error.code : 'UNAVAILABLE';
    ctx.count('refusals', { direction: 'in', code });
    if (code === 'LIST_BEHIND') ctx.wake.list();
    if (code === 'UNAVAILABLE')
      ctx.log.error('receive-failed', { cause: error instanceof Error ? error.name : 'unknown' });
    return { kind: 'refused', id, code };
  }
}

/** What is signed by a listed key and wrong for ever becomes a signed rejection; all else is thrown on. */
function rejection(
  unverified: { value: Envelope; jws: string; hash: string },
  delivery: Delivery,
  error: unknown,
): Ready {
  if (!(error instanceof ProtocolError) || kindOf(error.code) !== 'permanent') throw error;
  const { value, jws, hash } = unverified;
  if (value.class === 'ctl') throw error;
  return { kind: 'ready', envelope: value, env: hash, jws, sealed: sealedBytes(delivery), code: error.code };
}

async function open(
  ctx: ExchangeContext,
  verified: Awaited<ReturnType<typeof verifyEnvelope>>,
  delivery: Delivery,
  via: Via,
): Promise<Checked> {
  const envelope = verified.value;
  const sealed = sealedBytes(delivery);
  const opened = await openDocument(verified, sealed, {
    decryptWith: ctx.identity.sealing,
    senderCerts: ctx.trust.certificatesOf(envelope.from),
  });
  if (opened.value.class === 'ctl') {
    await applyControl(ctx, envelope as ControlEnvelope, opened.value);
    return { kind: 'control', id: envelope.id };
  }
  const document = opened.value;
  await fetchParts(ctx, document, via);
  return {
    kind: 'ready',
    envelope: envelope as MessageEnvelope,
    env: verified.hash,
    jws: verified.jws,
    sealed,
    doc: opened.docHash,
    document,
  };
}

function sealedBytes(delivery: Delivery): Uint8Array {
  if (delivery.sealed.length > Math.ceil(limits.sealedBytes / 3) * 4) throw new ProtocolError('TOO_LARGE');
  try {
    return decodeBase64(delivery.sealed);
  } catch {
    throw new ProtocolError('BLOB_MISMATCH');
  }
}

async function knownHash(ctx: ExchangeContext, envelope: Envelope): Promise<string | undefined> {
  if (envelope.class === 'ctl') return undefined;
  const row = await ctx.db
    .selectFrom('inbound')
    .select('env')
    .where('peer', '=', envelope.from)
    .where('id', '=', envelope.id)
    .executeTakeFirst();
  return row?.env;
}

function groupByLane(ready: readonly Ready[]): [{ peer: string; lane: Lane }, Ready[]][] {
  const groups = new Map<string, Ready[]>();
  for (const one of ready) {
    const key = `${one.envelope.lane === 'urgent' ? 0 : 1}/${one.envelope.from}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => [
      { peer: group[0]!.envelope.from, lane: group[0]!.envelope.lane },
      group.sort((a, b) => a.envelope.seq - b.envelope.seq),
    ]);
}

/**
 * One transaction for what came of one lane: claim, apply in order or hold, receipt.
 * @returns ids of messages that contradict one received before
 */
function store(
  ctx: ExchangeContext,
  lane: { peer: string; lane: Lane },
  group: readonly Ready[],
): Promise<string[]> {
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    let applied = await lockInLane(op, lane);
    const contradicted: string[] = [];
    const subjects: (Subject & { held: string | null; jws: string })[] = [];
    for (const one of group) {
      const standing = await claim(op, one);
      if (standing === 'contradicts') contradicted.push(one.envelope.id);
      if (standing !== 'new')
        ctx.count('received', { ...lane, outcome: standing === 'same' ? 'known' : standing });
      if (standing !== 'new') continue;
      const early = lane.lane === 'routine' && one.envelope.seq > applied + 1;
      const code = one.code ?? (early ? undefined : await apply(ctx, op, one.document!));
      if (!early) applied = Math.max(applied, one.envelope.seq === applied + 1 ? applied + 1 : applied);
      const held = early && !code ? new TextDecoder().decode(encodeCanonical(one.document)) : null;
      const stage = code ? 'rejected' : 'delivered';
      subjects.push({ envelope: one.envelope, env: one.env, stage, code, doc: one.doc, held, jws: one.jws });
    }
    if (subjects.length === 0) return contradicted;
    const receipts = await makeReceipts(ctx, op, subjects);
    await storeInbound(op, subjects, receipts);
    op.afterCommit(() => tellOf(ctx, lane, subjects));
    await applyHeld(ctx, op, lane, applied);
    op.afterCommit(ctx.sequencer.wake);
    return contradicted;
  });
}

function tellOf(
  ctx: ExchangeContext,
  { peer, lane }: { peer: string; lane: Lane },
  subjects: readonly (Subject & { held: string | null })[],
): void {
  for (const { code, held } of subjects) {
    ctx.count('received', { peer, lane, outcome: code ? 'rejected' : held === null ? 'applied' : 'held' });
    if (!code) continue;
    ctx.count('refusals', { direction: 'in', code });
    ctx.log.warn('message-rejected', { party: peer, code });
  }
}

/** Applies one document. @returns the code of a permanent refusal, undefined when applied */
async function apply(
  ctx: ExchangeContext,
  op: Operation,
  document: MessageDocument,
): Promise<Code | undefined> {
  try {
    await ctx.handler.apply(op, document);
    await keepParts(op, document);
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError && kindOf(error.code) === 'permanent') return error.code;
    throw error;
  }
}

async function lockInLane(op: Operation, { peer, lane }: { peer: string; lane: Lane }): Promise<number> {
  await op.trx
    .insertInto('in_lane')
    .values({ peer, lane, applied: 0 })
    .onConflict((c) => c.doNothing())
    .execute();
  const row = await op.trx
    .selectFrom('in_lane')
    .select('applied')
    .where('peer', '=', peer)
    .where('lane', '=', lane)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return row.applied;
}

/** What this message is under the lock. Other bytes under a known id or number: both are kept as evidence. */
async function claim(
  op: Operation,
  { envelope, env, jws, sealed }: Ready,
): Promise<'new' | 'same' | 'contradicts'> {
  const row = await op.trx
    .selectFrom('inbound')
    .select(['env', 'id'])
    .where('peer', '=', envelope.from)
    .where((eb) =>
      eb.or([
        eb('id', '=', envelope.id),
        eb.and([eb('lane', '=', envelope.lane), eb('seq', '=', envelope.seq)]),
      ]),
    )
    .executeTakeFirst();
  if (!row) return 'new';
  if (row.env === env) return 'same';
  await op.trx
    .insertInto('quarantine')
    .values({
      peer: envelope.from,
      code: 'EQUIVOCATION',
      envelope: jws,
      sealed: Buffer.from(sealed),
      at: op.nowMs,
    })
    .execute();
  await op.audit('message.equivocation', { from: envelope.from, first: row.env, second: env });
  return 'contradicts';
}

async function storeInbound(
  op: Operation,
  subjects: readonly (Subject & { held: string | null; jws: string })[],
  receipts: readonly { receipt: string; auditId: number }[],
): Promise<void> {
  await op.trx
    .insertInto('inbound')
    .values(
      subjects.map(({ envelope, env, code, held, jws }, i) => ({
        peer: envelope.from as string,
        id: envelope.id as string,
        lane: envelope.lane,
        seq: envelope.seq,
        env,
        envelope: jws,
        state: code ? ('rejected' as const) : held ? ('held' as const) : ('applied' as const),
        code: code ?? null,
        held,
        received_at: op.nowMs,
        receipt: receipts[i]!.receipt,
        audit_id: receipts[i]!.auditId,
      })),
    )
    .execute();
}

/**
 * Moves the lane on: applies what was held for a gap that has closed, passes over rejected numbers and tombstones, and
 * notes since when something is missing.
 */
export async function applyHeld(
  ctx: ExchangeContext,
  op: Operation,
  { peer, lane }: { peer: string; lane: Lane },
  from: number,
  skipGaps = false,
): Promise<void> {
  let applied = from;
  const later = await op.trx
    .selectFrom('inbound')
    .select(['id', 'seq', 'state', 'held'])
    .where('peer', '=', peer)
    .where('lane', '=', lane)
    .where('seq', '>', from)
    .orderBy('seq')
    .execute();
  let left = later.length;
  op.afterCommit(ctx.wake.prove);
  for (const row of later) {
    if (row.seq !== applied + 1 && !skipGaps) break;
    if (row.held !== null) {
      const code = await apply(ctx, op, JSON.parse(row.held) as MessageDocument);
      await op.trx
        .updateTable('inbound')
        .set({
          held: null,
          state: code ? 'rejected' : 'applied',
          // The sender holds a receipt that says delivered: it gets another.
          ...(code ? { code, later_receipt: 'due' } : {}),
        })
        .where('peer', '=', peer)
        .where('id', '=', row.id)
        .execute();
    }
    applied = row.seq;
    left--;
  }
  await op.trx
    .updateTable('in_lane')
    .set((eb) => ({ applied, gap_since: left === 0 ? null : eb.fn.coalesce('gap_since', eb.val(op.nowMs)) }))
    .where('peer', '=', peer)
    .where('lane', '=', lane)
    .execute();
}

/** Stored receipts whose audit entries the node's own checkpoint covers, after waiting a moment for it. */
async function coveredReceipts(ctx: ExchangeContext, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await ctx.db
    .selectFrom('inbound')
    .select(['id', 'receipt', 'audit_id'])
    .where('id', 'in', ids)
    .where('receipt', 'is not', null)
    .execute();
  const auditIds = rows.map((row) => row.audit_id!);
  if (auditIds.length === 0 || (await ctx.sequencer.waitForCover(auditIds, COVER_WAIT_MS)) === null)
    return new Map();
  return new Map(rows.map((row) => [row.id, row.receipt!]));
}
