/**
 * Sends each peer the log proofs of receipts it holds from this node, and the `opened` receipts that are due, so that the
 * peer can show to a third what this State has signed.
 */

import { sql } from 'kysely';
import { codeOf } from '#platform/http/http-error.ts';
import { findQuorumCheckpoint } from '#platform/log/collect-cosignatures.ts';
import { proveInclusion } from '#platform/log/prove.ts';
import { parseEnvelope } from '#schema/jws/envelope.ts';
import { parseReceipt } from '#schema/jws/receipt.ts';
import { parseVkey } from '#schema/log/note.ts';
import { encodeHex } from '#schema/protocol/base64.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import type { Code } from '#schema/protocol/codes.ts';
import type { Control } from '#schema/protocol/document.ts';
import type { MessageEnvelope } from '#schema/protocol/envelope.ts';
import type { MessageId, State } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import { runOperation } from '../operation.ts';
import type { ExchangeContext } from './context.ts';
import { makeReceipts } from './receipts.ts';
import { sealControl } from './seal-control.ts';

const BATCH = 200;
const LATER_BATCH = 50;

/** One round. Proofs wait for a checkpoint that a quorum of witnesses has cosigned. What fails for one peer holds up no other. */
export async function proveReceipts(ctx: ExchangeContext): Promise<null> {
  if (ctx.trust.version() === 0) return null;
  const failed = new Set<string>();
  const forEach: ForEachPeer = async (peers, work) => {
    for (const peer of new Set(peers)) {
      await work(peer).catch((error: unknown) => {
        failed.add(peer);
        ctx.log.warn('prove-failed', { party: peer, code: codeOf(error) });
      });
    }
  };
  const peers = () => reachable(ctx).filter((peer) => !failed.has(peer));
  await sendLater(ctx, peers(), forEach);
  while ((await sendProofs(ctx, peers(), forEach)) === BATCH) {}
  return null;
}

type ForEachPeer = (peers: readonly string[], work: (peer: string) => Promise<void>) => Promise<void>;

/** States something may be sealed for now: what is due to a suspended one waits. Never empty, for SQL's sake. */
const reachable = (ctx: ExchangeContext): string[] => [
  '',
  ...ctx.trust
    .current()
    .nodes.map(({ node }) => node as string)
    .filter(ctx.trust.maySendTo),
];

async function sendProofs(
  ctx: ExchangeContext,
  peers: readonly string[],
  forEach: ForEachPeer,
): Promise<number> {
  const waiting = await ctx.db
    .selectFrom('inbound')
    .innerJoin('audit_entry', 'audit_entry.id', 'inbound.audit_id')
    .select(['inbound.peer', 'inbound.id', 'audit_entry.idx'])
    .where('proved', '=', false)
    .where('receipt', 'is not', null)
    .where('inbound.peer', 'in', peers)
    .where('audit_entry.idx', 'is not', null)
    .orderBy('audit_entry.idx')
    .limit(BATCH)
    .execute();
  if (waiting.length === 0) return 0;
  const checkpoint = await quorumCheckpoint(ctx, Number(waiting.at(-1)!.idx) + 1);
  if (!checkpoint) return 0;
  const proveTo = async (peer: string) => {
    const own = waiting.filter((row) => row.peer === peer);
    const proofs = await Promise.all(
      own.map(async ({ id, idx }) => {
        const hashes = await proveInclusion(ctx.db, Number(idx), checkpoint.size);
        return { re: id as MessageId, index: Number(idx), hashes: hashes.map((hash) => encodeHex(hash)) };
      }),
    );
    for (const receipts of splitProofs(checkpoint.note, proofs)) {
      await runOperation(ctx.db, ctx.surroundings, async (op) => {
        await sealControl(ctx, op, peer as State, { kind: 'proofs', checkpoint: checkpoint.note, receipts });
        const ids = receipts.map(({ re }) => re);
        await op.trx
          .updateTable('inbound')
          .set({ proved: true })
          .where('peer', '=', peer)
          .where('id', 'in', ids)
          .execute();
      });
    }
  };
  await forEach(
    waiting.map((row) => row.peer),
    proveTo,
  );
  return waiting.length;
}

type Proof = (Control & { kind: 'proofs' })['receipts'][number];

/** Room in a control document for its head and whom it is sealed for; both are far smaller. */
const HEAD_BYTES = 4096;

/** Proofs as they fit documents, in order: each hash of a proof takes 67 bytes, and proofs grow with the log. */
export function splitProofs(note: string, proofs: readonly Proof[]): Proof[][] {
  const room = limits.documentBytes - HEAD_BYTES - encodeCanonical(note).length;
  const batches: Proof[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const proof of proofs) {
    const own = encodeCanonical(proof).length + 1;
    if (bytes + own > room) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)!.push(proof);
    bytes += own;
  }
  return batches;
}

/** The smallest own checkpoint of at least this size that meets the network's quorum of witnesses; null while there is none. */
export function quorumCheckpoint(
  ctx: ExchangeContext,
  minSize: number,
): Promise<{ size: number; note: string } | null> {
  return findQuorumCheckpoint(ctx.db, {
    origin: ctx.identity.origin,
    minSize,
    witnesses: witnessesFor(ctx),
    k: ctx.trust.current().policy.quorum,
  });
}

/** Size of the largest own checkpoint that so many witnesses have signed; 0 while there is none. */
export async function largestQuorumSize(ctx: ExchangeContext): Promise<number> {
  const { rows } = await sql<{ size: number }>`
    select size from cosignature
    where origin = ${ctx.identity.origin} and witness = any(${witnessesFor(ctx).map(({ name }) => name)}::text[])
    group by size having count(*) >= ${ctx.trust.current().policy.quorum} order by size desc limit 1`.execute(
    ctx.db,
  );
  return rows[0]?.size ?? 0;
}

/** Everyone whose cosignature counts for this node's log: the gateway and the other active States. */
function witnessesFor(ctx: ExchangeContext) {
  const { gateway, nodes } = ctx.trust.current();
  const peers = nodes.filter(({ node, status }) => status === 'active' && node !== ctx.identity.state);
  return [gateway.wit, ...peers.map(({ wit }) => wit)].map(parseVkey);
}

/** What became of messages after their first receipt, opened by a person or refused after a gap: their senders get a second. */
async function sendLater(
  ctx: ExchangeContext,
  peers: readonly string[],
  forEach: ForEachPeer,
): Promise<void> {
  const due = await ctx.db
    .selectFrom('inbound')
    .select(['peer', 'id', 'env', 'envelope', 'state', 'code', 'receipt'])
    .where('later_receipt', '=', 'due')
    .where('peer', 'in', peers)
    .limit(LATER_BATCH)
    .execute();
  const tell = async (peer: string) => {
    const own = due.filter((row) => row.peer === peer);
    await runOperation(ctx.db, ctx.surroundings, async (op) => {
      const subjects = own.map(({ env, envelope, state, code, receipt }) => {
        const message = parseEnvelope(envelope).value as MessageEnvelope;
        const { doc } = parseReceipt(receipt!).value;
        const became =
          state === 'rejected'
            ? { stage: 'rejected' as const, code: code as Code }
            : { stage: 'opened' as const };
        return { message, env, sealed: message.sealed.sha256, doc, ...became };
      });
      const made = await makeReceipts(ctx, op, subjects);
      for (const [i, { id }] of own.entries()) {
        await op.trx
          .updateTable('inbound')
          .set({ later_receipt: made[i]!.receipt })
          .where('peer', '=', peer)
          .where('id', '=', id)
          .execute();
      }
      const receipts = made.map(({ receipt }) => receipt);
      await sealControl(ctx, op, peer as State, { kind: 'receipts', receipts }, made.at(-1)!.auditId);
      op.afterCommit(ctx.sequencer.wake);
    });
  };
  await forEach(
    due.map((row) => row.peer),
    tell,
  );
}
