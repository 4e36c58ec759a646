/**
 * Exports evidence bundles: what a court or another authority may check without this node. That something was handed out,
 * and its hash, goes into the audit log; what is in it never leaves that file.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Kysely } from 'kysely';
import { bundleLimits, encodeBundle } from '#schema/evidence/bundle.ts';
import { openSeenCheckpoint } from '#schema/evidence/listed-logs.ts';
import { parseReceipt } from '#schema/jws/receipt.ts';
import { encodeHex } from '#schema/protocol/base64.ts';
import type { Actor } from '../access/actor.ts';
import type { Identity } from '../identity.ts';
import { type Personal, runAs } from '../operation.ts';
import type { Database } from '../storage/database.ts';
import type { OwnLog } from './own-proofs.ts';
import { readLists } from './read-lists.ts';
import { type ReadMessage, readMessages } from './read-messages.ts';

/** What an export needs of a node; an ExchangeContext has it. */
export type EvidenceContext = {
  readonly db: Kysely<Database>;
  readonly identity: Pick<Identity, 'origin' | 'net'>;
};

const ADVICE = {
  NOTHING_TO_EXPORT: 'no message of these was sealed or received here; check the ids',
  MESSAGE_UNKNOWN: 'a message of these was not sealed or received here; check the ids',
  TOO_MANY: `more than ${bundleLimits.messages} messages; export fewer at a time`,
} as const;

export class ExportError extends Error {
  override readonly name = 'ExportError';
  readonly code: keyof typeof ADVICE;
  constructor(code: keyof typeof ADVICE) {
    super(`${code}: ${ADVICE[code]}`);
    this.code = code;
  }
}

export interface Selection {
  readonly messageIds: readonly string[];
  /** Of a conversation some may not be sealed yet: these are left out. */
  readonly someMayWait?: boolean;
}

/**
 * Ids of the messages of a conversation, as far as this person sees its acts: what a bundle shows of them is no content and stands in
 * tables of the exchange (SECURITY.md), but which messages it is about, the person's own role of the database says.
 * @throws AccessError
 */
export const findMyMessages = (ctx: Personal, actor: Actor, thread: string): Promise<string[]> =>
  runAs(ctx, actor, async (op) => {
    await op.require('evidence.export', thread);
    const rows = await op.trx.selectFrom('act').select('message_id').where('thread', '=', thread).execute();
    return rows.map(({ message_id }) => message_id);
  });

/**
 * A bundle of these messages of a conversation, for a person. That it is theirs to take is asked again in the transaction that records it.
 * @returns the bundle's bytes, to be written to a file as they are
 * @throws AccessError; otherwise as {@link makeBundle}
 */
export async function exportEvidence(
  ctx: EvidenceContext & Personal,
  actor: Actor,
  thread: string,
  messageIds: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const { bytes, messages } = await makeBundle(ctx, { messageIds, someMayWait: true });
  const { id, role, unit, purpose } = actor;
  await runAs(ctx, actor, async (op) => {
    await op.require('evidence.export', thread);
    const made = { thread, messages, sha256: encodeHex(sha256(bytes)) };
    await op.audit('evidence.exported', { ...made, actor: id, role, unit, purpose });
  });
  return bytes;
}

/**
 * A bundle with all this node can show of these messages, in either direction. What is not there yet (`evidenceReady`)
 * is left out, and the verifier says so.
 * @returns its bytes, and of how many messages
 * @throws ExportError; EvidenceError `LIST_MISSING` before the first trust list
 */
export async function makeBundle(
  ctx: EvidenceContext,
  selection: Selection,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; messages: number }> {
  const { lists, keyrings } = await readLists(ctx.db);
  const log: OwnLog = { db: ctx.db, origin: ctx.identity.origin, keyrings };
  const messages = await select(log, selection);
  const bytes = encodeBundle({
    v: 1,
    kind: 'focalnet-evidence',
    net: ctx.identity.net,
    lists,
    messages: messages.map(({ evidence }) => evidence),
  });
  return { bytes, messages: messages.length };
}

async function select(
  log: OwnLog,
  { messageIds: ids, someMayWait = false }: Selection,
): Promise<ReadMessage[]> {
  if (ids.length > bundleLimits.messages) throw new ExportError('TOO_MANY');
  const messages = await readMessages(log, ids);
  if (messages.length === 0) throw new ExportError('NOTHING_TO_EXPORT');
  const found = new Set(messages.map(({ id }) => id));
  if (!someMayWait && ids.some((id) => !found.has(id))) throw new ExportError('MESSAGE_UNKNOWN');
  return messages;
}

/** What a bundle would still lack. `message`: not sealed or received here (yet). */
export type Missing = {
  readonly messageId: string;
  readonly what: 'message' | 'sealed-proof' | 'receipt' | 'receipt-proof' | 'taken-proof';
};

/** Whether a bundle made now would be complete: every receipt there, every entry witnessed by the quorum. */
export async function evidenceReady(
  ctx: EvidenceContext,
  messageIds: readonly string[],
): Promise<{ ready: boolean; missing: Missing[] }> {
  const { keyrings } = await readLists(ctx.db);
  const log: OwnLog = { db: ctx.db, origin: ctx.identity.origin, keyrings };
  const messages = await readMessages(log, messageIds);
  const found = new Set(messages.map(({ id }) => id));
  const unknown = messageIds.filter((id) => !found.has(id));
  const missing: Missing[] = unknown.map((messageId) => ({ messageId, what: 'message' }));
  for (const message of messages) {
    for (const what of await findMissing(log, message)) missing.push({ messageId: message.id, what });
  }
  return { ready: missing.length === 0, missing };
}

async function findMissing(log: OwnLog, { direction, evidence }: ReadMessage): Promise<Missing['what'][]> {
  const missing: Missing['what'][] = [];
  const witnessed = async (proof: { checkpoint: string } | null | undefined, origin: string) =>
    proof != null && (await openSeenCheckpoint(proof.checkpoint, origin, log.keyrings)).witnessedAtS !== null;
  if (direction === 'sent' && !(await witnessed(evidence.sealed?.proof, log.origin)))
    missing.push('sealed-proof');
  const final = evidence.receipts.map((item) => ({ item, receipt: parseReceipt(item.receipt).value }));
  const answer = final.find(({ receipt }) => receipt.stage === 'delivered' || receipt.stage === 'rejected');
  if (answer === undefined) missing.push('receipt');
  else if (!(await witnessed(answer.item.proof, answer.receipt.log.origin))) missing.push('receipt-proof');
  // Absent once erased, so only one that is there can be waited for.
  for (const { taken } of evidence.receipts) {
    if (taken !== null && !(await witnessed(taken.proof, log.origin))) missing.push('taken-proof');
  }
  return missing;
}
