/**
 * Signed receipts (PROTOCOL.md, R rules): one party's statement about one envelope, as a compact JWS.
 * Does not look into logs: proofs of the leaf are checked elsewhere.
 */
import { codes, kindOf, ProtocolError } from '#schema/protocol/codes.ts';
import { type MessageEnvelope, Receipt } from '#schema/protocol/envelope.ts';
import { GATEWAY } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import {
  markVerified,
  parseCompact,
  signCompact,
  type Unverified,
  type Verified,
  verifyCompact,
} from './compact.ts';
import type { Keyring } from './keyring.ts';
import type { SigningKey } from './keys.ts';

const TYP = 'focalnet-receipt+jws';

const permanentCodes: ReadonlySet<string> = new Set(codes.filter((code) => kindOf(code) === 'permanent'));

/**
 * The receipt as the string that is stored, sent and hashed.
 * @throws ProtocolError `MALFORMED` where no sender would take it
 */
export async function signReceipt(payload: Receipt, key: SigningKey): Promise<string> {
  const jws = await signCompact(TYP, payload, key);
  parseReceipt(jws);
  return jws;
}

/**
 * Parses a receipt without asking who signed it.
 * @throws ProtocolError `TOO_LARGE`, `MALFORMED` (naming the field)
 */
export function parseReceipt(jws: string): Unverified<Receipt> {
  return parseCompact(TYP, jws, Receipt, findFault);
}

/** The field that contradicts another, or null. */
function findFault({ stage, from, to, code, doc }: Receipt): string | null {
  if ((stage === 'relayed') !== (from === GATEWAY)) return 'stage';
  if ((from as string) === to) return 'to';
  if ((stage === 'rejected') !== (code !== undefined)) return 'code';
  if (code !== undefined && !permanentCodes.has(code)) return 'code';
  if (stage === 'relayed' && doc !== undefined) return 'doc';
  return (stage === 'delivered' || stage === 'opened') && doc === undefined ? 'doc' : null;
}

/**
 * Whether the issuer's listed key signed the receipt. A suspended State's word still counts against it; a
 * revoked key's does not.
 * @param nowS seconds since 1970
 * @throws ProtocolError `SENDER_UNKNOWN`, `KEY_UNKNOWN`, `KEY_NOT_VALID`, `BAD_SIGNATURE`, `CLOCK`
 */
export async function verifyReceipt(
  unverified: Unverified<Receipt>,
  keyring: Keyring,
  nowS: number,
): Promise<Verified<Receipt>> {
  const { from, at } = unverified.value;
  const key = await verifyCompact(unverified, keyring, from, at);
  if (key.revoked) throw new ProtocolError('KEY_NOT_VALID');
  if (at > nowS + limits.skewS) throw new ProtocolError('CLOCK');
  return markVerified(unverified);
}

/**
 * A receipt as evidence: signed by a key that was listed and valid at its date, whatever became of it later.
 * @throws ProtocolError `SENDER_UNKNOWN`, `KEY_UNKNOWN`, `KEY_NOT_VALID`, `BAD_SIGNATURE`
 */
export async function verifyReceiptAsEvidence(
  unverified: Unverified<Receipt>,
  keyring: Keyring,
): Promise<Verified<Receipt>> {
  await verifyCompact(unverified, keyring, unverified.value.from, unverified.value.at);
  return markVerified(unverified);
}

/** Whether a receipt speaks of exactly this envelope and its blob, and comes from whoever may speak of it. */
export function receiptMatches(
  receipt: Verified<Receipt>,
  envelope: { value: MessageEnvelope; hash: string },
): boolean {
  const said = receipt.value;
  const sent = envelope.value;
  const fromRightParty = said.from === GATEWAY || (said.from as string) === sent.to;
  const sameMessage = said.re === sent.id && said.lane === sent.lane && said.seq === sent.seq;
  const sameBytes = said.env === envelope.hash && said.sealed === sent.sealed.sha256;
  return fromRightParty && said.to === sent.from && sameMessage && sameBytes;
}
