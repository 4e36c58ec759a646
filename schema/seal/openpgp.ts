/**
 * The only file that touches openpgp.js. It makes the library's lax defaults strict, per call: the global
 * configuration is never changed. It signs, encrypts, decrypts and verifies bytes for given keys and times;
 * what the bytes mean, and whom the trust list names, is not its business. The library draws its own
 * randomness (session keys, key pairs).
 *
 * Defaults of openpgp.js 6.3.2 that are closed here, each with a test: plaintext is returned for unsigned and
 * wrongly signed messages; one good signature beside a bad one passes `expectSigned`; decompression is
 * unbounded; recipients are not authenticated; weak keys and ciphers are still opened.
 */
import {
  type Config,
  createMessage,
  decrypt,
  decryptSessionKeys,
  config as defaults,
  encrypt,
  enums,
  generateKey,
  type Key,
  type Message,
  type PrivateKey,
  type PublicKey,
  PublicKeyEncryptedSessionKeyPacket,
  readKeys,
  readMessage,
  readPrivateKeys,
  SymEncryptedIntegrityProtectedDataPacket,
} from 'openpgp';
import { ProtocolError } from '#schema/protocol/codes.ts';
import type { Profile } from '#schema/protocol/envelope.ts';

export type { PrivateKey, PublicKey } from 'openpgp';

/** Certificates a document may be encrypted to, as in the document's `rcpt`. */
const MAX_RECIPIENTS = 4;
const MAX_ARMORED_LENGTH = 20_000;
const MAX_SUBKEYS = 8;
const MIN_RSA_BITS = 3071;
/** Larger keys cost seconds and are nobody's real key. */
const MAX_RSA_BITS = 4096;

const weakHashes = new Set([enums.hash.md5, enums.hash.ripemd, enums.hash.sha1]);

const strict: Partial<Config> = {
  preferredSymmetricAlgorithm: enums.symmetric.aes256,
  preferredHashAlgorithm: enums.hash.sha512,
  // Compression would undo the padding, so it is neither used nor opened: no byte may be decompressed.
  preferredCompressionAlgorithm: enums.compression.uncompressed,
  maxDecompressedMessageSize: 0,
  // Native code of the platform: OCB runs as JavaScript, 40 times slower. Certificates say that they take it; OCB opens too.
  preferredAEADAlgorithm: enums.aead.gcm,
  allowUnauthenticatedMessages: false,
  allowUnauthenticatedStream: false,
  allowInsecureDecryptionWithSigningKeys: false,
  allowInsecureVerificationWithReformattedKeys: false,
  allowMissingKeyFlags: false,
  parseAEADEncryptedV4KeysAsLegacy: false,
  enableParsingV5Entities: false,
  ignoreUnsupportedPackets: false,
  ignoreMalformedPackets: false,
  enforceGrammar: true,
  additionalAllowedPackets: [],
  knownNotations: [],
  constantTimePKCS1Decryption: true,
  maxArgon2MemoryExponent: 10,
  minRSABits: MIN_RSA_BITS,
  rejectHashAlgorithms: weakHashes,
  rejectMessageHashAlgorithms: weakHashes,
  rejectPublicKeyAlgorithms: new Set([enums.publicKey.elgamal, enums.publicKey.dsa]),
  rejectCurves: new Set([enums.curve.secp256k1]),
  showVersion: false,
  showComment: false,
};

const configs: Readonly<Record<Profile, Partial<Config>>> = {
  p4: { ...strict, v6Keys: false, aeadProtect: false },
  p6: { ...strict, v6Keys: true, aeadProtect: true },
};

/** Why a key cannot be used for sealing. The message never repeats any of it. */
export class SealingKeyError extends Error {
  override readonly name = 'SealingKeyError';
  readonly code: 'KEY_UNREADABLE' | 'KEY_LOCKED' | 'KEY_WEAK' | 'KEY_MISMATCH' | 'KEY_UNUSABLE';
  constructor(code: SealingKeyError['code'], advice: string, options?: ErrorOptions) {
    super(`${code}: ${advice}`, options);
    this.code = code;
  }
}

/** The library compares with no date where it is given null, which its types do not know. Never its clock. */
const ANY_DATE = null as unknown as Date;

const toDate = (seconds: number) => new Date(seconds * 1000);

/**
 * A new key pair, armoured: p4 makes v4 keys that GnuPG 2.2 reads, p6 makes v6 keys (RFC 9580). Neither expires
 * by itself; the trust list says from when to when a key counts.
 */
export async function generateKeyPair(
  name: string,
  profile: Profile,
  date: Date,
): Promise<{ privateKey: string; certificate: string; fingerprint: string }> {
  const options = { userIDs: [{ name }], date, config: configs[profile] };
  const pair =
    profile === 'p4'
      ? await generateKey({ ...options, type: 'ecc', curve: 'curve25519Legacy', format: 'object' })
      : await generateKey({ ...options, type: 'curve25519', format: 'object' });
  return {
    privateKey: pair.privateKey.armor(),
    certificate: pair.publicKey.armor(),
    fingerprint: pair.publicKey.getFingerprint(),
  };
}

/**
 * The one private key of an armoured text, fit for use.
 * @throws SealingKeyError
 */
export async function readPrivateKey(armored: string): Promise<PrivateKey> {
  const key = await readOne(() => readPrivateKeys({ armoredKeys: armored, config: strict }), armored);
  if (!key.isDecrypted())
    throw new SealingKeyError('KEY_LOCKED', 'the key file is protected; unlock it first');
  await requireStrength(key);
  return key;
}

/**
 * The one certificate of an armoured text, fit for use. A private key is not taken for one.
 * @throws SealingKeyError
 */
export async function readPublicKey(armored: string): Promise<PublicKey> {
  const key = await readOne(() => readKeys({ armoredKeys: armored, config: strict }), armored);
  if (key.isPrivate())
    throw new SealingKeyError('KEY_MISMATCH', 'this is a private key; list its certificate');
  await requireStrength(key);
  return key;
}

async function readOne<K extends Key>(read: () => Promise<K[]>, armored: string): Promise<K> {
  const advice = 'the text is not one OpenPGP key of a version in use; export it again';
  // The library reads the first armoured block and is silent about what follows.
  const blocks = armored.split('-----BEGIN ').length - 1;
  if (armored.length > MAX_ARMORED_LENGTH || blocks !== 1)
    throw new SealingKeyError('KEY_UNREADABLE', advice);
  try {
    const [key, ...others] = await read();
    if (key !== undefined && others.length === 0 && key.getSubkeys().length <= MAX_SUBKEYS) return key;
  } catch (cause) {
    throw new SealingKeyError('KEY_UNREADABLE', advice, { cause });
  }
  throw new SealingKeyError('KEY_UNREADABLE', advice);
}

/** Both a signing and an encryption key must be usable at the time the key was made. */
async function requireStrength(key: Key): Promise<void> {
  const madeAt = key.getCreationTime();
  // Methods of keys, unlike functions of the library, take a whole configuration.
  const config: Config = { ...defaults, ...strict };
  try {
    for (const { keyPacket } of key.getKeys()) {
      if ((keyPacket.getAlgorithmInfo().bits ?? 0) > MAX_RSA_BITS) throw new Error('RSA key too large');
    }
    await key.getSigningKey(undefined, madeAt, undefined, config);
    await key.getEncryptionKey(undefined, madeAt, undefined, config);
  } catch (cause) {
    throw new SealingKeyError('KEY_WEAK', 'the key is too weak, expired or cannot both sign and encrypt', {
      cause,
    });
  }
}

/** The profile a key belongs to, by its version. */
export function profileOf(key: PublicKey): Profile {
  return key.keyPacket.version === 6 ? 'p6' : 'p4';
}

/**
 * Signs bytes with one key and encrypts them to some certificates, without compression.
 * @param dateS time of the signature, in seconds since 1970
 * @throws SealingKeyError `KEY_MISMATCH` where a key is not of the profile, `KEY_UNUSABLE` where one is not good at that time
 */
export async function sealBytes(
  plain: Uint8Array,
  options: { signWith: PrivateKey; encryptTo: readonly PublicKey[]; profile: Profile; dateS: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const { signWith, encryptTo, profile, dateS } = options;
  const fits = [signWith, ...encryptTo].every((key) => profileOf(key) === profile);
  if (!fits || encryptTo.length === 0 || encryptTo.length > MAX_RECIPIENTS) {
    throw new SealingKeyError('KEY_MISMATCH', 'seal with keys of one profile, to one to four certificates');
  }
  const date = toDate(dateS);
  const sealed = await encrypt({
    message: await createMessage({ binary: plain, date, format: 'binary' }),
    signingKeys: signWith,
    encryptionKeys: [...encryptTo],
    date,
    format: 'binary',
    config: configs[profile],
  }).catch((cause: unknown) => {
    throw new SealingKeyError(
      'KEY_UNUSABLE',
      'a key or certificate has expired or was revoked; list another',
      {
        cause,
      },
    );
  });
  return sealed as Uint8Array<ArrayBuffer>;
}

/**
 * Decrypts with any of some keys and verifies: exactly one binary signature, valid, by one of the given
 * certificates, whose key was valid when it was made.
 * @param options.notAfterS the signature may not be dated later, in seconds since 1970; null for any date
 * @returns the signed bytes, to how many keys they were encrypted, and in which profile's form
 * @throws ProtocolError `CANNOT_DECRYPT`, `NOT_SIGNED_INSIDE`
 */
export async function openBytes(
  blob: Uint8Array,
  options: {
    decryptWith: readonly PrivateKey[];
    senderCerts: readonly PublicKey[];
    notAfterS: number | null;
  },
): Promise<{ bytes: Uint8Array<ArrayBuffer>; recipients: number; profile: Profile }> {
  const { message, recipients, profile } = await readSealed(blob);
  const sessionKeys = await findSessionKeys(message, options.decryptWith);
  const opened = await decrypt({
    message,
    sessionKeys,
    verificationKeys: [...options.senderCerts],
    format: 'binary',
    date: options.notAfterS === null ? ANY_DATE : toDate(options.notAfterS),
    config: strict,
  }).catch((cause: unknown) => {
    throw new ProtocolError('NOT_SIGNED_INSIDE', undefined, { cause });
  });
  await requireOneSignature(opened.signatures);
  return { bytes: opened.data as Uint8Array<ArrayBuffer>, recipients, profile };
}

type Sealed = { message: Message<Uint8Array>; recipients: number; profile: Profile };

/** One to four session keys for public keys, then the encrypted data, and nothing else: no password packets. */
async function readSealed(blob: Uint8Array): Promise<Sealed> {
  const message = await readMessage({ binaryMessage: blob, config: strict }).catch((cause: unknown) => {
    throw new ProtocolError('CANNOT_DECRYPT', undefined, { cause });
  });
  const packets = [...message.packets];
  const data = packets.pop();
  const keysOnly = packets.every((packet) => packet instanceof PublicKeyEncryptedSessionKeyPacket);
  const counted = packets.length >= 1 && packets.length <= MAX_RECIPIENTS;
  if (!(data instanceof SymEncryptedIntegrityProtectedDataPacket) || !keysOnly || !counted) {
    throw new ProtocolError('CANNOT_DECRYPT');
  }
  // The library's types leave the packet version out: 1 is SEIPDv1 (RFC 4880), 2 is AEAD (RFC 9580).
  const { version } = data as unknown as { version: number };
  return { message, recipients: packets.length, profile: version === 2 ? 'p6' : 'p4' };
}

const strongCiphers: ReadonlySet<string> = new Set(['aes256', 'aes192', 'aes128']);

/** In SEIPDv2 the algorithm stands in the data packet and is null here; the library has only AES for it. */
async function findSessionKeys(message: Message<Uint8Array>, decryptionKeys: readonly PrivateKey[]) {
  const options = { message, decryptionKeys: [...decryptionKeys], date: ANY_DATE, config: strict };
  const found = await decryptSessionKeys(options).catch((cause: unknown) => {
    throw new ProtocolError('CANNOT_DECRYPT', undefined, { cause });
  });
  const strong = found.filter(({ algorithm }) => algorithm === null || strongCiphers.has(algorithm));
  if (strong.length === 0) throw new ProtocolError('CANNOT_DECRYPT');
  return strong as { data: Uint8Array; algorithm: 'aes256' }[];
}

async function requireOneSignature(
  signatures: Awaited<ReturnType<typeof decrypt>>['signatures'],
): Promise<void> {
  const [only, ...others] = signatures;
  if (only === undefined || others.length > 0) throw new ProtocolError('NOT_SIGNED_INSIDE');
  try {
    await only.verified;
  } catch (cause) {
    throw new ProtocolError('NOT_SIGNED_INSIDE', undefined, { cause });
  }
  const [packet] = (await only.signature).packets;
  // A text signature covers normalised line ends, not these bytes.
  if (packet?.signatureType !== enums.signature.binary) throw new ProtocolError('NOT_SIGNED_INSIDE');
}
