/**
 * What a relay may see of a message (PROTOCOL.md, E rules). Subject, thread, type, case and reason are never here.
 */
import * as z from 'zod';
import { MessageId, Party, Sha256Hex, State } from './ids.ts';
import { limits } from './limits.ts';

export const Lane = z.enum(['routine', 'urgent']);
export type Lane = z.infer<typeof Lane>;

export const Profile = z.enum(['p4', 'p6']);
export type Profile = z.infer<typeof Profile>;

const seconds = z.int().min(1_000_000_000).max(99_999_999_999);

const Sealed = z.strictObject({
  fmt: z.literal('openpgp'),
  profile: Profile,
  bytes: z.int().min(1).max(limits.sealedBytes),
  sha256: Sha256Hex,
});

const common = {
  v: z.literal(1),
  id: MessageId,
  from: State,
  to: State,
  iat: seconds,
  exp: seconds,
  /** Version of the trust list the sender had. */
  list: z.int().min(1),
  sealed: Sealed,
};

/** A message: numbered within its (from, to, lane), chained by the hash of the one before. */
export const MessageEnvelope = z.strictObject({
  ...common,
  class: z.literal('msg'),
  lane: Lane,
  seq: z.int().min(1),
  /** SHA-256 of the previous envelope of this lane; 64 zeros for the first. */
  prev: Sha256Hex,
});

/** Housekeeping between nodes (proofs, read marks, requests to resend): idempotent, unnumbered, never receipted. */
export const ControlEnvelope = z.strictObject({ ...common, class: z.literal('ctl') });

export const Envelope = z.discriminatedUnion('class', [MessageEnvelope, ControlEnvelope]);
export type Envelope = z.infer<typeof Envelope>;
export type MessageEnvelope = z.infer<typeof MessageEnvelope>;
export type ControlEnvelope = z.infer<typeof ControlEnvelope>;

export const FIRST_PREV = '0'.repeat(64);

/** Stages after ETSI REM; `relayed` is the gateway's, all others the recipient's. */
export const Stage = z.enum(['relayed', 'delivered', 'opened', 'rejected']);
export type Stage = z.infer<typeof Stage>;

/** A signed statement about one envelope (PROTOCOL.md, R rules). */
export const Receipt = z.strictObject({
  v: z.literal(1),
  id: MessageId,
  /** The envelope this is about. */
  re: MessageId,
  from: Party,
  to: State,
  lane: Lane,
  seq: z.int().min(1),
  stage: Stage,
  /** Why it was rejected: one of the permanent codes. */
  code: z.string().max(40).optional(),
  /** SHA-256 of the envelope as received. */
  env: Sha256Hex,
  /** SHA-256 of the sealed blob as received. */
  sealed: Sha256Hex,
  /** SHA-256 of the sealed plaintext with its nonce and padding; absent where it could not be opened. */
  doc: Sha256Hex.optional(),
  at: seconds,
  /** The signer's log entry that commits to all of the above. */
  log: z.strictObject({ origin: z.string().max(200), leaf: Sha256Hex }),
});
export type Receipt = z.infer<typeof Receipt>;

/** The sender takes back what a mailbox still holds; the gateway deletes it unread. */
export const Recall = z.strictObject({ v: z.literal(1), id: MessageId, from: State, to: State, at: seconds });
export type Recall = z.infer<typeof Recall>;
