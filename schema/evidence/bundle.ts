/**
 * Evidence bundles: everything a third party needs to check, offline, what two States signed about messages.
 * Shapes only; whether any of it is true is for verify.ts. A bundle holds hashes of messages, never their content,
 * and one byte form (canonical JSON), so that no byte of it can change unnoticed.
 */
import * as z from 'zod';
import { LogError } from '#schema/log/log-error.ts';
import type { LogProof } from '#schema/log/proof.ts';
import { decodeHex, encodeHex } from '#schema/protocol/base64.ts';
import { CanonicalError, encodeCanonical, parseCanonical } from '#schema/protocol/canonical.ts';
import { Lane, Receipt, Stage } from '#schema/protocol/envelope.ts';
import { MessageId, Sha256Hex, State } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import { findFaultOffset } from './find-fault-offset.ts';

/** Limits of a bundle: bytes as read, messages, and trust lists from the first one on. */
export const bundleLimits = { bytes: 64 * 1024 * 1024, messages: 1000, lists: 1000, depth: 10 } as const;

const ADVICE = {
  NOT_A_BUNDLE: 'this is not an evidence bundle of this version; ask for the file again',
  NOT_CANONICAL: 'a byte was changed, added or lost; ask for the file again',
  TOO_LARGE: 'the bundle is larger than allowed; ask for fewer messages at a time',
  LIST_MISSING: 'the bundle does not hold the trust list this names; ask for the file again',
  LIST_PROOF: 'the proof beside the list does not show that witnesses saw it; do not rely on the list',
  OTHER_NETWORK: 'the bundle names another network than its trust lists',
  LOG_UNKNOWN: 'the trust lists name no such log',
  LINE_UNCHECKED: 'the checkpoint carries a signature line that no listed key can have made; remove it',
  LOG_FORKED: 'one log signed two different trees of one size; keep both, they prove the fork',
  NOT_A_MESSAGE: 'the envelope is a control message, which is no evidence of anything',
  DUPLICATE: 'the same item stands in the bundle twice; remove one',
  EQUIVOCATION: 'one sender signed two different messages with one id or number; keep both as evidence',
  CHAIN_BROKEN: 'the message does not name the one before it; keep both as evidence',
  RECEIPT_OF_OTHER: 'the receipt speaks of another message or of other bytes',
  LEAF_OF_OTHER: 'the log entry speaks of another message, receipt or act',
  KEY_NOT_VALID: 'the key was revoked before the date of this signature',
} as const;

export type EvidenceCode = keyof typeof ADVICE;

/** Why a bundle, or a part of it, proves nothing. `where` is a path in the bundle; never content. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError';
  readonly code: EvidenceCode;
  readonly where: string | undefined;
  constructor(code: EvidenceCode, where?: string, options?: ErrorOptions) {
    super(`${code}: ${ADVICE[code]}`, options);
    this.code = code;
    this.where = where;
  }
}

const Digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const whole = z.int().min(0);

/** The way from a leaf to a checkpoint, with such cosignatures as there are. */
export const BundleProof = z.strictObject({
  index: whole,
  hashes: z.array(Sha256Hex).max(63),
  /** Signed note (C2SP). Every signature line in it must verify. */
  checkpoint: z.string().max(40_000),
});
export type BundleProof = z.infer<typeof BundleProof>;

/** An entry's bytes as the value they are the canonical form of (schema/log/entry.ts). */
const Entry = z.strictObject({
  v: z.literal(1),
  type: z.string().max(200),
  at: z.string().max(30),
  commit: Digest,
});

const opening = <D extends z.ZodType>(detail: D) => z.strictObject({ salt: Digest, detail });

const SealedDetail = z.strictObject({
  id: MessageId,
  to: State,
  lane: Lane,
  seq: z.int().min(1),
  env: Sha256Hex,
  sealed: Sha256Hex,
  doc: Sha256Hex,
});

/** What the signer's log says of a receipt: the same as the receipt, whose recipients are States only. */
const ReceiptDetail = Receipt.pick({
  re: true,
  lane: true,
  seq: true,
  stage: true,
  code: true,
  env: true,
  sealed: true,
  doc: true,
}).extend({ from: State });

const TakenDetail = z.strictObject({ re: MessageId, stage: Stage, env: Sha256Hex, receipt: Sha256Hex });

const BundleReceipt = z.strictObject({
  /** Compact JWS; names its signer's log entry by leaf hash. */
  receipt: z.string().max(limits.jwsBytes),
  /** That entry; only its signer has it. Without `opening` (erased) it stays a dated hash. */
  leaf: z.strictObject({ entry: Entry, opening: opening(ReceiptDetail).nullable() }).nullable(),
  /** Where that entry stands in its signer's log. */
  proof: BundleProof.nullable(),
  /** The sender's own log entry of having taken this receipt: dates it, should its key be revoked later. */
  taken: z.strictObject({ entry: Entry, opening: opening(TakenDetail), proof: BundleProof }).nullable(),
});
export type BundleReceipt = z.infer<typeof BundleReceipt>;

const BundleMessage = z.strictObject({
  /** Compact JWS. */
  envelope: z.string().max(limits.jwsBytes),
  /** The sender's log entry of sealing it; only the sender has it. */
  sealed: z
    .strictObject({ entry: Entry, opening: opening(SealedDetail).nullable(), proof: BundleProof })
    .nullable(),
  receipts: z.array(BundleReceipt).max(8),
});
export type BundleMessage = z.infer<typeof BundleMessage>;

export const Bundle = z.strictObject({
  v: z.literal(1),
  kind: z.literal('focalnet-evidence'),
  net: z.string().max(100),
  /** From list 1 on, none left out. `proof`: tlog-proof text of its place in the gateway's log; none for list 1. */
  lists: z
    .array(z.strictObject({ list: z.string(), proof: z.string().max(262_144).nullable() }))
    .min(1)
    .max(bundleLimits.lists),
  messages: z.array(BundleMessage).min(1).max(bundleLimits.messages),
});
export type Bundle = z.infer<typeof Bundle>;

/**
 * The bytes of a bundle.
 * @throws EvidenceError `NOT_A_BUNDLE` where no verifier would take it, `TOO_LARGE`
 */
export function encodeBundle(bundle: Bundle): Uint8Array<ArrayBuffer> {
  const bytes = encodeCanonical(bundle, { maxDepth: bundleLimits.depth });
  parseBundle(bytes);
  return bytes;
}

/**
 * Reads a bundle; nothing in it is verified.
 * @throws EvidenceError `NOT_CANONICAL` (`where` is `byte N`), `NOT_A_BUNDLE` (`where` is a path), `TOO_LARGE`
 */
export function parseBundle(bytes: Uint8Array): Bundle {
  const parsed = Bundle.safeParse(readCanonical(bytes));
  if (parsed.success) return parsed.data;
  throw new EvidenceError('NOT_A_BUNDLE', formatPath(parsed.error.issues[0]?.path ?? []));
}

function readCanonical(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes, { maxBytes: bundleLimits.bytes, maxDepth: bundleLimits.depth });
  } catch (cause) {
    if (!(cause instanceof CanonicalError)) throw cause;
    if (cause.code === 'TOO_LARGE') throw new EvidenceError('TOO_LARGE', undefined, { cause });
    if (cause.code === 'TOO_DEEP') throw new EvidenceError('NOT_A_BUNDLE', undefined, { cause });
    throw new EvidenceError('NOT_CANONICAL', `byte ${findFaultOffset(bytes)}`, { cause });
  }
}

/** A path as one would write it in JavaScript, e.g. `messages[0].receipts[1].proof.index`. */
function formatPath(path: readonly PropertyKey[]): string {
  const joined = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return joined === '' ? 'the bundle' : joined.replace(/^\./, '');
}

/** A proof as the log's functions take it. */
export function toLogProof({ index, hashes, checkpoint }: BundleProof): LogProof {
  return { index, hashes: hashes.map(decodeHex), checkpoint };
}

/** A proof as a bundle holds it. */
export function toBundleProof({ index, hashes, checkpoint }: LogProof): BundleProof {
  return { index, hashes: hashes.map(encodeHex), checkpoint };
}

/**
 * An entry's bytes as a bundle holds them.
 * @throws LogError `ENTRY_MALFORMED`
 */
export function toBundleEntry(bytes: Uint8Array): z.infer<typeof Entry> {
  try {
    return Entry.parse(parseCanonical(bytes, { maxBytes: 512, maxDepth: 1 }));
  } catch {
    throw new LogError('ENTRY_MALFORMED');
  }
}
