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
import { sealColumns } from '../vault/sealed-columns.ts';
import { VaultError } from '../vault/vault-error.ts';
import { applyControl } from './apply-control.ts';
import { type ExchangeContext, nowS } from './context.ts';
import { applyDocument, applyHeld, FAILED, lockInLane, noteFound } from './in-lane.ts';
import { fetchParts, forgetParts } from './inbound-parts.ts';
import { makeReceipts, receiptTimeS, type Subject } from './receipts.ts';
import { keepFailed } from './set-aside.ts';
import { sealedHeld } from './tables.ts';

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
type Known = { kind: 'known'; peer: string; id: string };
type Control = { kind: 'control'; id: string };
/** Ready for the transaction: a document to apply, or a code to reject it with. */
type Ready = {
  kind: 'ready';
  envelope: MessageEnvelope;
  env: string;
  jws: string;
  delivery: Delivery;
  doc?: string;
  document?: MessageDocument;
  code?: Code;
};
/** What came of it, beside its receipt. `held`: the document, where it waits for those before it. */
type Stored = Subject & { held: MessageDocument | null; jws: string };
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
  for (const one of checked) if (one.kind === 'refused') ctx.refusals.count(one.code);
  const ready = checked.filter((one): one is Ready => one.kind === 'ready');
  const without = new Map<string, Code>();
  for (const [lane, group] of groupByLane(ready)) {
    try {
      for (const [env, code] of await store(ctx, lane, group)) without.set(env, code);
    } catch (error) {
      // What cannot be kept sealed is not kept: the sender has it still, and the mailbox sets it aside.
      if (!(error instanceof VaultError) || error.code !== 'KEY_UNAVAILABLE') throw error;
      ctx.log.error('receive-failed', { cause: error.code });
      for (const { env } of group) without.set(env, 'UNAVAILABLE');
    }
  }
  if ([...without.values()].includes('UNAVAILABLE')) ctx.wake.pull();
  const messages = checked.flatMap((one) => nameOf(one) ?? []);
  const receipts = await coveredReceipts(ctx, messages);
  return checked.map((one) => {
    if (one.kind === 'refused') return { id: one.id, receipt: null, code: one.code };
    if (one.kind === 'control') return { id: one.id, receipt: null, code: null };
    const { peer, id } = nameOf(one)!;
    const code = one.kind === 'ready' ? without.get(one.env) : undefined;
    if (code !== undefined) return { id, receipt: null, code };
    const receipt = receipts.get(`${peer}/${id}`) ?? null;
    return { id, receipt, code: receipt ? null : ('PENDING' as const) };
  });
}

type Name = { peer: string; id: string };

/** Whose message it is, where one came of it. */
function nameOf(one: Checked): Name | null {
  if (one.kind === 'ready') return { peer: one.envelope.from, id: one.envelope.id };
  return one.kind === 'known' ? { peer: one.peer, id: one.id } : null;
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
    const isVerified = !('kind' in verified);
    if (isVerified) {
      const { from: peer, lane } = verified.value as MessageEnvelope;
      ctx.contacts.heard(peer);
      if ((await knownHash(ctx, verified.value)) === verified.hash) {
        ctx.count('received', { peer, lane, outcome: 'known' });
        return { kind: 'known', peer, id };
      }
    }
    // Nothing new is taken, or refused for good, on the word of a list that may be out of date.
    if (ctx.trust.freshness() === 'expired') throw new ProtocolError('LIST_STALE');
    return isVerified ? await open(ctx, verified, delivery, via).catch(refuse) : verified;
  } catch (error) {
    const code = error instanceof ProtocolError ? error.code : 'UNAVAILABLE';
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
  sealedBytes(delivery);
  return { kind: 'ready', envelope: value, env: hash, jws, delivery, code: error.code };
}

async function open(
  ctx: ExchangeContext,
  verified: Awaited<ReturnType<typeof verifyEnvelope>>,
  delivery: Delivery,
  via: Via,
): Promise<Checked> {
  const envelope = verified.value;
  if (!ctx.trust.allows(envelope.sealed.profile)) throw new ProtocolError('PROFILE_TOO_WEAK');
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
  await fetchParts(ctx, document, envelope.sealed.profile, via);
  return {
    kind: 'ready',
    envelope: envelope as MessageEnvelope,
    env: verified.hash,
    jws: verified.jws,
    delivery,
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
 * @returns why some have no receipt, by their envelopes' hashes: they contradict one received before, or met an error of ours
 */
function store(
  ctx: ExchangeContext,
  lane: { peer: string; lane: Lane },
  group: readonly Ready[],
): Promise<Map<string, Code>> {
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const before = await lockInLane(op, lane);
    let applied = before;
    const without = new Map<string, Code>();
    const subjects: Stored[] = [];
    for (const one of group) {
      const standing = await claim(op, one, subjects);
      if (standing === 'contradicts') without.set(one.env, 'EQUIVOCATION');
      if (standing !== 'new')
        ctx.count('received', { ...lane, outcome: standing === 'same' ? 'known' : standing });
      if (standing !== 'new') continue;
      const early = lane.lane === 'routine' && one.envelope.seq > applied + 1;
      const code =
        one.code ?? (early ? undefined : await applyDocument(ctx, op, one.document!, receiptTimeS(op.nowMs)));
      if (code === FAILED) {
        // Nothing of it is claimed: it comes again, from here and from its sender. What is behind it waits as for a gap.
        without.set(one.env, 'UNAVAILABLE');
        await keepFailed(op, one.delivery, { id: one.envelope.id, from: lane.peer, env: one.env });
        continue;
      }
      if (!early) applied = Math.max(applied, one.envelope.seq === applied + 1 ? applied + 1 : applied);
      const held = early && !code ? one.document! : null;
      const stage = code ? 'rejected' : 'delivered';
      const { envelope: message, env, doc, jws } = one;
      subjects.push({ message, env, sealed: message.sealed.sha256, stage, code, doc, held, jws });
    }
    if (subjects.length === 0) return without;
    const receipts = await makeReceipts(ctx, op, subjects);
    await storeInbound(op, subjects, receipts);
    const refused = subjects.filter(({ code }) => code !== undefined);
    await forgetParts(
      op,
      lane.peer,
      refused.map(({ message }) => message.id),
    );
    const passedOver = subjects.map(({ message }) => message.seq).filter((seq) => seq <= before);
    op.afterCommit(() => {
      for (const { message } of refused) ctx.transfers.end(message.id);
    });
    await noteFound(op, lane, passedOver);
    op.afterCommit(() => tellOf(ctx, lane, subjects));
    await applyHeld(ctx, op, lane, applied);
    op.afterCommit(ctx.sequencer.wake);
    return without;
  });
}

function tellOf(
  ctx: ExchangeContext,
  { peer, lane }: { peer: string; lane: Lane },
  subjects: readonly Pick<Stored, 'code' | 'held'>[],
): void {
  for (const { code, held } of subjects) {
    ctx.count('received', { peer, lane, outcome: code ? 'rejected' : held === null ? 'applied' : 'held' });
    if (!code) continue;
    ctx.count('refusals', { direction: 'in', code });
    ctx.log.warn('message-rejected', { party: peer, code });
  }
}

/** What this message is under the lock, also beside those `taken` with it in this transaction. Other bytes under a known id or number: both are kept as evidence. */
async function claim(
  op: Operation,
  { envelope, env, jws, delivery }: Ready,
  taken: readonly Stored[],
): Promise<'new' | 'same' | 'contradicts'> {
  const twin = taken.find(({ message: { id, seq } }) => id === envelope.id || seq === envelope.seq);
  const stored = await op.trx
    .selectFrom('inbound')
    .select('env')
    .where('peer', '=', envelope.from)
    .where((eb) =>
      eb.or([
        eb('id', '=', envelope.id),
        eb.and([eb('lane', '=', envelope.lane), eb('seq', '=', envelope.seq)]),
      ]),
    )
    .executeTakeFirst();
  const first = twin?.env ?? stored?.env;
  if (first === undefined) return 'new';
  if (first === env) return 'same';
  await op.trx
    .insertInto('quarantine')
    .values({
      peer: envelope.from,
      code: 'EQUIVOCATION',
      envelope: jws,
      sealed: Buffer.from(sealedBytes(delivery)),
      at: op.nowMs,
    })
    .execute();
  await op.audit('message.equivocation', { from: envelope.from, first, second: env });
  return 'contradicts';
}

/** What waits for its turn, sealed; null for what does not wait. */
async function sealHeld(op: Operation, { message, held }: Stored) {
  if (held === null) return null;
  const row = { peer: message.from, id: message.id, held_thread: held.thread };
  const text = new TextDecoder().decode(encodeCanonical(held));
  const sealed = await sealColumns(op, sealedHeld, row, { held: text });
  return { ...sealed, held_thread: held.thread };
}

async function storeInbound(
  op: Operation,
  subjects: readonly Stored[],
  receipts: readonly { receipt: string; auditId: number }[],
): Promise<void> {
  const held = await Promise.all(subjects.map((subject) => sealHeld(op, subject)));
  await op.trx
    .insertInto('inbound')
    .values(
      subjects.map(({ message, env, code, jws }, i) => ({
        peer: message.from as string,
        id: message.id as string,
        lane: message.lane,
        seq: message.seq,
        env,
        envelope: jws,
        state: code ? ('rejected' as const) : held[i] ? ('held' as const) : ('applied' as const),
        code: code ?? null,
        ...held[i],
        received_at: op.nowMs,
        receipt: receipts[i]!.receipt,
        audit_id: receipts[i]!.auditId,
      })),
    )
    .execute();
}

/** Stored receipts whose audit entries the node's own checkpoint covers, after waiting a moment for it; by peer and id. */
async function coveredReceipts(
  ctx: ExchangeContext,
  messages: readonly Name[],
): Promise<Map<string, string>> {
  if (messages.length === 0) return new Map();
  const rows = await ctx.db
    .selectFrom('inbound')
    .select(['peer', 'id', 'receipt', 'audit_id'])
    .where(
      'id',
      'in',
      messages.map(({ id }) => id),
    )
    .where(
      'peer',
      'in',
      messages.map(({ peer }) => peer),
    )
    .where('receipt', 'is not', null)
    .execute();
  const auditIds = rows.map((row) => row.audit_id!);
  if (auditIds.length === 0 || (await ctx.sequencer.waitForCover(auditIds, COVER_WAIT_MS)) === null)
    return new Map();
  return new Map(rows.map((row) => [`${row.peer}/${row.id}`, row.receipt!]));
}
