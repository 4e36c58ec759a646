/**
 * What is sealed (PROTOCOL.md, S rules): canonical JSON, padded, signed, then encrypted to the recipient only.
 */
import * as z from 'zod';
import { Lane } from './envelope.ts';
import { MessageId, Sha256Hex, State, ThreadId } from './ids.ts';
import { limits } from './limits.ts';
import { CLEAN_TEXT, isCleanText } from './text.ts';

const seconds = z.int().min(1_000_000_000).max(99_999_999_999);
/** One line that a database and a screen of any side takes: bodies have the same rule. */
const label = (max: number) => z.string().min(1).max(max).refine(isCleanText, CLEAN_TEXT);

/** A file in parts of at most 4 MiB, each sealed by itself; only hashes of sealed parts are named, which differ per recipient. */
export const Attachment = z.strictObject({
  name: label(80),
  media: z
    .string()
    .regex(/^[a-z]+\/[a-z0-9.+-]+$/)
    .max(100),
  bytes: z.int().min(0),
  parts: z
    .array(z.strictObject({ sha256: Sha256Hex, bytes: z.int().min(1).max(limits.sealedPartBytes) }))
    .min(1)
    .max(limits.partsPerDocument),
});
export type Attachment = z.infer<typeof Attachment>;

const Origin = {
  v: z.literal(1),
  id: MessageId,
  from: State,
  to: State,
  /** Fingerprints of every certificate it is encrypted to: re-encryption to a third party contradicts this. */
  rcpt: z
    .array(z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/))
    .min(1)
    .max(4),
  iat: seconds,
  exp: seconds,
  /** 32 random bytes, base64url. */
  nonce: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  pad: z.string().regex(/^ *$/),
};

export const MessageDocument = z.strictObject({
  ...Origin,
  class: z.literal('msg'),
  lane: Lane,
  seq: z.int().min(1),
  /** Message type and version, e.g. `ENQ@1`. */
  type: z.string().regex(/^[A-Z]{3}@[1-9][0-9]?$/),
  thread: ThreadId,
  /** This is the author's n-th act in the thread. */
  n: z.int().min(1).max(limits.actNumber),
  /** Highest n of the peer up to which the author had every act when this one was released. */
  seen: z.int().min(0).max(limits.actNumber),
  supersedes: MessageId.optional(),
  /** Who acts, for the reader: officers are never network identities. */
  author: z.strictObject({ name: label(200), office: label(200) }),
  body: z.record(z.string(), z.unknown()),
  attachments: z.array(Attachment).max(limits.attachmentsPerDocument),
});
export type MessageDocument = z.infer<typeof MessageDocument>;

/** A log proof for receipts the recipient issued, so that the sender can show them to a third. */
const Proofs = z.strictObject({
  kind: z.literal('proofs'),
  /** Signed note: the checkpoint all proofs lead to, with the cosignatures known so far. */
  checkpoint: z.string().max(20_000),
  receipts: z
    .array(z.strictObject({ re: MessageId, index: z.int().min(0), hashes: z.array(Sha256Hex).max(64) }))
    .max(200),
});
/** Receipts issued after delivery (`opened`, `rejected`), and those that answer tombstones. */
const Receipts = z.strictObject({
  kind: z.literal('receipts'),
  receipts: z.array(z.string().max(limits.jwsBytes)).max(50),
});
/**
 * Numbers that will never arrive (expired, recalled or resealed): a gap that is not suppression. Each names the bytes it is
 * about, so that the receiver can sign for what became of them there.
 */
const Tombstones = z.strictObject({
  kind: z.literal('tombstones'),
  lane: Lane,
  items: z
    .array(
      z.strictObject({
        id: MessageId,
        seq: z.int().min(1),
        reason: z.enum(['expired', 'recalled', 'resealed']),
        /** SHA-256 of the envelope, and of its sealed blob. */
        env: Sha256Hex,
        sealed: Sha256Hex,
      }),
    )
    .min(1)
    .max(500),
});
/** Numbers that are missing here. */
const Resend = z.strictObject({
  kind: z.literal('resend'),
  lane: Lane,
  seqs: z.array(z.int().min(1)).min(1).max(500),
});

export const Control = z.discriminatedUnion('kind', [Proofs, Receipts, Tombstones, Resend]);
export type Control = z.infer<typeof Control>;

export const ControlDocument = z.strictObject({ ...Origin, class: z.literal('ctl'), control: Control });
export type ControlDocument = z.infer<typeof ControlDocument>;

export const Document = z.discriminatedUnion('class', [MessageDocument, ControlDocument]);
export type Document = z.infer<typeof Document>;
