/**
 * The keys of sealing: a focal point's own OpenPGP key and the certificates of others. Parsed once and then
 * passed on as values; parsing one per message would double its cost. Reads no file and no trust list.
 */
import type { Profile } from '#schema/protocol/envelope.ts';
import {
  generateKeyPair,
  type PrivateKey,
  type PublicKey,
  profileOf,
  readPrivateKey,
  readPublicKey,
} from './openpgp.ts';

export { SealingKeyError } from './openpgp.ts';

/** An own key: signs what is sent, opens what comes. */
export type SealingKey = {
  /** Lower-case hex: 40 digits for v4 keys, 64 for v6. */
  readonly fingerprint: string;
  readonly profile: Profile;
  /** Opaque outside this folder. */
  readonly key: PrivateKey;
};

/** Another's certificate: verifies what comes, seals what is sent. */
export type Certificate = {
  readonly fingerprint: string;
  readonly profile: Profile;
  /** Opaque outside this folder. */
  readonly key: PublicKey;
};

/**
 * A new key pair of a party, armoured; the private key without a passphrase, to be stored where only its
 * owner reads. Run it in a process of its own: exporting keys while others are made has deadlocked Node 20.
 * @param options.date from when the key is valid
 */
export function generateSealingKey(options: {
  party: string;
  profile: Profile;
  date: Date;
}): Promise<{ privateKey: string; certificate: string; fingerprint: string }> {
  return generateKeyPair(`focal point ${options.party}`, options.profile, options.date);
}

/**
 * An own key from its armoured text.
 * @throws SealingKeyError `KEY_UNREADABLE`, `KEY_LOCKED`, `KEY_WEAK`
 */
export async function readSealingKey(armored: string): Promise<SealingKey> {
  const key = await readPrivateKey(armored);
  return { fingerprint: key.getFingerprint(), profile: profileOf(key), key };
}

/**
 * A certificate from its armoured text. Compare the fingerprint with the one the trust list names.
 * @throws SealingKeyError `KEY_UNREADABLE`, `KEY_MISMATCH` (a private key), `KEY_WEAK`
 */
export async function readCertificate(armored: string): Promise<Certificate> {
  const key = await readPublicKey(armored);
  return { fingerprint: key.getFingerprint(), profile: profileOf(key), key };
}
