/**
 * What this node can show of messages it sent or received: envelopes, receipts, and the log entries behind them.
 * Reads only; the content of a message is never touched.
 */
import type { Selectable } from 'kysely';
import { type BundleMessage, BundleProof, type BundleReceipt } from '#schema/evidence/bundle.ts';
import { keepVerifiableLines, openSeenProof } from '#schema/evidence/listed-logs.ts';
import { parseReceipt } from '#schema/jws/receipt.ts';
import { decodeHex } from '#schema/protocol/base64.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import type { InboundTable, OutboxTable } from '../exchange/tables.ts';
import { describeEntry, type EntryRow, type OwnLog, proveEntry } from './own-proofs.ts';

type Sent = Selectable<OutboxTable>;
type Received = Selectable<InboundTable>;

/** A message with what the bundle will say of it. `id` is the message's. */
export type ReadMessage = {
  readonly id: string;
  readonly direction: 'sent' | 'received';
  readonly evidence: BundleMessage;
};

/** Everything known here of these messages, lane by lane in order; ids that are not known here are left out. */
export async function readMessages(log: OwnLog, messageIds: readonly string[]): Promise<ReadMessage[]> {
  if (messageIds.length === 0) return [];
  const sent = await log.db
    .selectFrom('outbox')
    .selectAll()
    .where('id', 'in', messageIds)
    .where('class', '=', 'msg')
    .orderBy('peer')
    .orderBy('lane')
    .orderBy('seq')
    .execute();
  const received = await log.db
    .selectFrom('inbound')
    .selectAll()
    .where('id', 'in', messageIds)
    .where('state', '!=', 'tombstone')
    .orderBy('peer')
    .orderBy('lane')
    .orderBy('seq')
    .execute();
  return [
    ...(await Promise.all(sent.map((row) => describeSent(log, row)))),
    ...(await Promise.all(received.map((row) => describeReceived(log, row)))),
  ];
}

async function describeSent(log: OwnLog, row: Sent): Promise<ReadMessage> {
  const receipts: BundleReceipt[] = [];
  for (const jws of [row.relayed_receipt, row.receipt, row.later_receipt]) {
    if (jws !== null) receipts.push(await describePeerReceipt(log, row, jws));
  }
  const evidence = { envelope: row.envelope, sealed: await describeSealed(log, row), receipts };
  return { id: row.id, direction: 'sent', evidence };
}

async function describeSealed(log: OwnLog, row: Sent): Promise<BundleMessage['sealed']> {
  const entry = await log.db
    .selectFrom('audit_entry')
    .select(['bytes', 'salt', 'detail', 'idx'])
    .where('id', '=', row.audit_id as number)
    .executeTakeFirst();
  if (entry === undefined) return null;
  const proof = await proveEntry(log, entry);
  return proof === null ? null : ({ ...describeEntry(entry), proof } as BundleMessage['sealed']);
}

/** A receipt another party signed: its entry is not ours to show, but the proof they sent is, and our taking it. */
async function describePeerReceipt(log: OwnLog, row: Sent, jws: string): Promise<BundleReceipt> {
  const proof = jws === row.receipt ? await readPeerProof(log, row.receipt_proof, jws) : null;
  return { receipt: jws, leaf: null, proof, taken: await describeTaken(log, row, jws) };
}

/** Stored as the peer sent it, unchecked: what does not verify is not passed on. */
async function readPeerProof(log: OwnLog, stored: string | null, jws: string): Promise<BundleProof | null> {
  if (stored === null) return null;
  const { origin, leaf } = parseReceipt(jws).value.log;
  try {
    const proof = BundleProof.parse(JSON.parse(stored));
    const checkpoint = await keepVerifiableLines(proof.checkpoint, origin, log.keyrings);
    await openSeenProof({ ...proof, checkpoint }, leaf, origin, log.keyrings);
    return { ...proof, checkpoint };
  } catch {
    return null;
  }
}

async function describeTaken(log: OwnLog, row: Sent, jws: string): Promise<BundleReceipt['taken']> {
  const { value, hash } = parseReceipt(jws);
  const detail = encodeCanonical({ re: row.id, stage: value.stage, env: row.env, receipt: hash });
  // The entry came after that of the sealing; searched from there it is found soon.
  const entry = await log.db
    .selectFrom('audit_entry')
    .select(['bytes', 'salt', 'detail', 'idx'])
    .where('id', '>', row.audit_id as number)
    .where('type', '=', 'receipt.taken')
    .where('detail', '=', new TextDecoder().decode(detail))
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  const proof = entry === undefined ? null : await proveEntry(log, entry);
  if (entry === undefined || proof === null) return null;
  return { ...describeEntry(entry), proof } as BundleReceipt['taken'];
}

async function describeReceived(log: OwnLog, row: Received): Promise<ReadMessage> {
  const receipts: BundleReceipt[] = [];
  for (const jws of [row.receipt, row.later_receipt]) {
    if (jws !== null && jws !== 'due') receipts.push(await describeOwnReceipt(log, jws));
  }
  const evidence = { envelope: row.envelope, sealed: null, receipts };
  return { id: row.id, direction: 'received', evidence };
}

async function describeOwnReceipt(log: OwnLog, jws: string): Promise<BundleReceipt> {
  const { leaf } = parseReceipt(jws).value.log;
  const entry: EntryRow | undefined = await log.db
    .selectFrom('audit_entry')
    .select(['bytes', 'salt', 'detail', 'idx'])
    .where('leaf', '=', Buffer.from(decodeHex(leaf)))
    .executeTakeFirst();
  if (entry === undefined) return { receipt: jws, leaf: null, proof: null, taken: null };
  const described = describeEntry(entry) as NonNullable<BundleReceipt['leaf']>;
  return { receipt: jws, leaf: described, proof: await proveEntry(log, entry), taken: null };
}
