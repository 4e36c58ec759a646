/**
 * Signed recalls: a sender takes back what a mailbox still holds (PROTOCOL.md, "Retries, order, identity").
 * Whether the message is still there is the gateway's to say.
 */
import { ProtocolError } from '#schema/protocol/codes.ts';
import { Recall } from '#schema/protocol/envelope.ts';
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

const TYP = 'focalnet-recall+jws';

/** The recall as the string that is stored, sent and hashed. */
export function signRecall(payload: Recall, key: SigningKey): Promise<string> {
  return signCompact(TYP, payload, key);
}

/**
 * Parses a recall without asking who signed it.
 * @throws ProtocolError `TOO_LARGE`, `MALFORMED` (naming the field)
 */
export function parseRecall(jws: string): Unverified<Recall> {
  return parseCompact(TYP, jws, Recall);
}

/**
 * Whether the sender's listed key signed the recall. A suspended State may still take back.
 * @param nowS seconds since 1970
 * @throws ProtocolError `SENDER_UNKNOWN`, `KEY_UNKNOWN`, `KEY_NOT_VALID`, `BAD_SIGNATURE`, `CLOCK`
 */
export async function verifyRecall(
  unverified: Unverified<Recall>,
  keyring: Keyring,
  nowS: number,
): Promise<Verified<Recall>> {
  const key = await verifyCompact(unverified, keyring, unverified.value.from, unverified.value.at);
  if (key.revoked) throw new ProtocolError('KEY_NOT_VALID');
  if (unverified.value.at > nowS + limits.skewS) throw new ProtocolError('CLOCK');
  return markVerified(unverified);
}
