/**
 * Signed envelopes (PROTOCOL.md, E rules): what a relay sees, as one compact JWS. Knows nothing of the sealed
 * content and does not ask whether the reader is the addressee: a gateway verifies with the same functions.
 */
import { ProtocolError } from '#schema/protocol/codes.ts';
import { Envelope, FIRST_PREV } from '#schema/protocol/envelope.ts';
import { limits } from '#schema/protocol/limits.ts';
import {
  markVerified,
  parseCompact,
  signCompact,
  type Unverified,
  type Verified,
  verifyCompact,
} from './compact.ts';
import type { Keyring, ListedKey } from './keyring.ts';
import type { SigningKey } from './keys.ts';

const TYP = 'focalnet-envelope+jws';

/**
 * The envelope as the string that is stored, sent and hashed.
 * @throws ProtocolError `MALFORMED` where no recipient would take it
 */
export async function signEnvelope(payload: Envelope, key: SigningKey): Promise<string> {
  const jws = await signCompact(TYP, payload, key);
  parseEnvelope(jws);
  return jws;
}

/**
 * Parses an envelope without asking who signed it.
 * @throws ProtocolError `TOO_LARGE`, `MALFORMED` (naming the field)
 */
export function parseEnvelope(jws: string): Unverified<Envelope> {
  return parseCompact(TYP, jws, Envelope, findFault);
}

/** The field that contradicts another, or null. */
function findFault(envelope: Envelope): string | null {
  if (envelope.from === envelope.to) return 'to';
  if (envelope.exp <= envelope.iat || envelope.exp - envelope.iat > limits.ttlS) return 'exp';
  if (envelope.class === 'ctl') return null;
  return (envelope.seq === 1) === (envelope.prev === FIRST_PREV) ? null : 'prev';
}

/**
 * Whether the sender's listed key signed the envelope and it arrives in time.
 *
 * A key the reader does not know yet may stand in the newer list that the envelope names; so that is said
 * first. A revoked key is refused whatever the envelope's date: its holder can date back.
 * @param nowS seconds since 1970
 * @throws ProtocolError `LIST_BEHIND`, `SENDER_UNKNOWN`, `KEY_UNKNOWN`, `KEY_NOT_VALID`, `BAD_SIGNATURE`,
 *   `CLOCK`, `SENDER_SUSPENDED`, `EXPIRED`
 */
export async function verifyEnvelope(
  unverified: Unverified<Envelope>,
  keyring: Keyring,
  nowS: number,
): Promise<Verified<Envelope>> {
  const { iat, exp } = unverified.value;
  const key = await verifySender(unverified, keyring);
  if (unverified.value.list > keyring.ver) throw new ProtocolError('LIST_BEHIND');
  if (key.revoked) throw new ProtocolError('KEY_NOT_VALID');
  if (iat > nowS + limits.skewS) throw new ProtocolError('CLOCK');
  if (key.status !== 'active') throw new ProtocolError('SENDER_SUSPENDED');
  if (nowS > exp) throw new ProtocolError('EXPIRED');
  return markVerified(unverified);
}

async function verifySender(unverified: Unverified<Envelope>, keyring: Keyring): Promise<ListedKey> {
  const { from, iat, list } = unverified.value;
  try {
    return await verifyCompact(unverified, keyring, from, iat);
  } catch (cause) {
    const keyMissing = cause instanceof ProtocolError && cause.code !== 'BAD_SIGNATURE';
    if (keyMissing && list > keyring.ver) throw new ProtocolError('LIST_BEHIND', undefined, { cause });
    throw cause;
  }
}

/**
 * An envelope as evidence: signed by a key that was listed and valid at its date. Says nothing of arrival,
 * and of a key revoked later only that the signature is its own: the log position decides the rest.
 * @throws ProtocolError `SENDER_UNKNOWN`, `KEY_UNKNOWN`, `KEY_NOT_VALID`, `BAD_SIGNATURE`
 */
export async function verifyEnvelopeAsEvidence(
  unverified: Unverified<Envelope>,
  keyring: Keyring,
): Promise<Verified<Envelope>> {
  await verifyCompact(unverified, keyring, unverified.value.from, unverified.value.iat);
  return markVerified(unverified);
}
