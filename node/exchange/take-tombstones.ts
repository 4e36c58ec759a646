/**
 * Numbers that a peer says will never come: the lane moves on over them. Each is answered by what this node has signed for the
 * message, or by a signed refusal to take it from now on: so its sender knows what became of it, and both hold the same.
 */
import type { Selectable } from 'kysely';
import type { Control } from '#schema/protocol/document.ts';
import type { MessageId, State } from '#schema/protocol/ids.ts';
import { type Operation, runOperation } from '../operation.ts';
import type { ExchangeContext } from './context.ts';
import { applyHeld, lockInLane, noteFound } from './in-lane.ts';
import { forgetParts } from './inbound-parts.ts';
import { makeReceipts } from './receipts.ts';
import { sealControl } from './seal-control.ts';
import type { InboundTable } from './tables.ts';

type Tombstones = Control & { kind: 'tombstones' };
type Item = Tombstones['items'][number];
type Row = Pick<Selectable<InboundTable>, 'id' | 'seq' | 'env' | 'receipt' | 'later_receipt' | 'audit_id'>;

/** Most receipts of one control message. */
const RECEIPTS_MOST = 50;

/** Takes the tombstones of an authenticated peer; the same again brings the same answer. */
export function takeTombstones(ctx: ExchangeContext, peer: State, control: Tombstones): Promise<void> {
  return runOperation(ctx.db, ctx.surroundings, async (op) => {
    const { lane, items } = control;
    const applied = await lockInLane(op, { peer, lane });
    const rows = await readKnown(op, peer, control);
    const unknown = items.filter(
      (item, at) =>
        !rows.some((row) => isSame(row, item)) && items.findIndex((one) => isSame(one, item)) === at,
    );
    const fresh = await refuseFromNowOn(ctx, op, { peer, lane }, unknown);
    const named = rows.filter((row) => items.some(({ id, env }) => row.id === id && row.env === env));
    await sendSigned(ctx, op, peer, [...named, ...fresh]);
    const seqs = fresh.map(({ seq }) => seq);
    await noteFound(op, { peer, lane }, seqs);
    await applyHeld(ctx, op, { peer, lane }, applied);
    op.afterCommit(ctx.sequencer.wake);
  });
}

const isSame = (one: Pick<Item, 'id' | 'seq'> | Row, other: Item) =>
  one.id === other.id || one.seq === other.seq;

/** What is here under these ids or numbers. */
function readKnown(op: Operation, peer: State, { lane, items }: Tombstones): Promise<Row[]> {
  const ids = items.map(({ id }) => id);
  const seqs = items.map(({ seq }) => seq);
  return op.trx
    .selectFrom('inbound')
    .select(['id', 'seq', 'env', 'receipt', 'later_receipt', 'audit_id'])
    .where('peer', '=', peer)
    .where((eb) => eb.or([eb('id', 'in', ids), eb.and([eb('lane', '=', lane), eb('seq', 'in', seqs)])]))
    .execute();
}

/** Signs and stores the refusal of each: should its bytes come after all, they get this answer and nothing else happens. */
async function refuseFromNowOn(
  ctx: ExchangeContext,
  op: Operation,
  { peer, lane }: { peer: State; lane: Tombstones['lane'] },
  items: readonly Item[],
): Promise<Row[]> {
  if (items.length === 0) return [];
  const code = 'GIVEN_UP';
  const subjects = items.map(({ id, seq, env, sealed }) => {
    const message = { id: id as MessageId, from: peer, lane, seq };
    return { message, env, sealed, stage: 'rejected' as const, code } as const;
  });
  const made = await makeReceipts(ctx, op, subjects);
  const rows = items.map(({ id, seq, env }, i) => {
    const { receipt, auditId: audit_id } = made[i]!;
    return { id: id as string, seq, env, receipt, audit_id, later_receipt: null };
  });
  await forgetParts(
    op,
    peer,
    items.map(({ id }) => id),
  );
  const head = { peer, lane, envelope: '', state: 'tombstone' as const, code, received_at: op.nowMs };
  await op.trx
    .insertInto('inbound')
    .values(rows.map((row) => ({ ...head, ...row })))
    .execute();
  return rows;
}

async function sendSigned(
  ctx: ExchangeContext,
  op: Operation,
  peer: State,
  rows: readonly Row[],
): Promise<void> {
  const signed = rows
    .flatMap(({ receipt, later_receipt }) => [receipt, later_receipt])
    .filter((jws): jws is string => jws !== null && jws !== 'due');
  const coveredWith = Math.max(0, ...rows.map(({ audit_id }) => audit_id ?? 0));
  for (let i = 0; i < signed.length; i += RECEIPTS_MOST) {
    const receipts = signed.slice(i, i + RECEIPTS_MOST);
    await sealControl(ctx, op, peer, { kind: 'receipts', receipts }, coveredWith);
  }
}
