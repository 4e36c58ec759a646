/**
 * Envelopes and receipts of a bundle as signed statements: by whom, with which key, and whether that key was revoked
 * later. Arrival and logs are checked elsewhere.
 */
import { parseEnvelope, verifyEnvelopeAsEvidence } from '#schema/jws/envelope.ts';
import type { Keyring } from '#schema/jws/keyring.ts';
import { parseReceipt, verifyReceiptAsEvidence } from '#schema/jws/receipt.ts';
import { ProtocolError } from '#schema/protocol/codes.ts';
import type { MessageEnvelope, Receipt } from '#schema/protocol/envelope.ts';
import { EvidenceError } from './bundle.ts';

/** `revokedAtS`: since when the key is revoked (after the statement's date), in seconds since 1970; null if it is not. */
export type Signed<T> = {
  readonly value: T;
  readonly hash: string;
  readonly kid: string;
  readonly revokedAtS: number | null;
};

/**
 * A message's envelope, signed by a key of the trust list it names.
 * @throws ProtocolError, EvidenceError `NOT_A_MESSAGE`, `LIST_MISSING`, `KEY_NOT_VALID`
 */
export async function readSignedEnvelope(
  jws: string,
  keyrings: readonly Keyring[],
): Promise<Signed<MessageEnvelope>> {
  const unverified = parseEnvelope(jws);
  const envelope = unverified.value;
  if (envelope.class !== 'msg') throw new EvidenceError('NOT_A_MESSAGE');
  const keyring = keyrings[envelope.list - 1];
  if (keyring === undefined) throw new EvidenceError('LIST_MISSING');
  const { hash, kid } = await verifyEnvelopeAsEvidence(unverified, keyring);
  return { value: envelope, hash, kid, revokedAtS: findRevocation(keyrings, kid, envelope.iat) };
}

/**
 * A receipt, signed by a key of the newest trust list that has it: a receipt names no list.
 * @throws ProtocolError, EvidenceError `KEY_NOT_VALID`
 */
export async function readSignedReceipt(
  jws: string,
  keyrings: readonly Keyring[],
): Promise<{
  signed: Signed<Receipt>;
  verified: Awaited<ReturnType<typeof verifyReceiptAsEvidence>>;
}> {
  const unverified = parseReceipt(jws);
  const { at } = unverified.value;
  const keyring = keyrings.findLast((one) => lists(one, unverified.kid)) ?? keyrings.at(-1)!;
  const verified = await verifyReceiptAsEvidence(unverified, keyring);
  const { value, hash, kid } = verified;
  return { signed: { value, hash, kid, revokedAtS: findRevocation(keyrings, kid, at) }, verified };
}

function lists(keyring: Keyring, kid: string): boolean {
  return entriesOf(keyring, kid).length > 0;
}

function entriesOf({ gateway, nodes }: Keyring, kid: string) {
  return [gateway, ...nodes].flatMap(({ sig }) => sig).filter((entry) => entry.kid === kid);
}

/** Since when any list of the chain revokes a key; a date within that time is refused. */
function findRevocation(keyrings: readonly Keyring[], kid: string, atS: number): number | null {
  const times = keyrings
    .flatMap((keyring) => entriesOf(keyring, kid))
    .flatMap(({ revoked }) => (revoked === undefined ? [] : [revoked.since]));
  if (times.length === 0) return null;
  const since = Math.min(...times);
  if (atS >= since) throw new EvidenceError('KEY_NOT_VALID');
  return since;
}

/** The stable code of an error that hostile input can cause; all other errors are thrown on. */
export function codeOfRefusal(error: unknown): { code: string; message: string; where?: string } {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error;
  const message = error instanceof ProtocolError ? `${error.code}: ${error.message}` : error.message;
  const where = error instanceof EvidenceError ? error.where : undefined;
  return { code: error.code, message, ...(where === undefined ? {} : { where }) };
}
