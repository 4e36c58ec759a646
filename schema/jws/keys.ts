/**
 * Ed25519 keys of parties (RFC 8032) as JWK (RFC 8037), for signing envelopes, lists and requests.
 * Knows no kid policy and no trust list. Randomness is a parameter; nothing here reads a file.
 */
import * as z from 'zod';
import { decodeBase64Url } from '#schema/protocol/base64.ts';
import { PublicJwk } from '#schema/protocol/trust-list.ts';

const ED25519 = { name: 'Ed25519' } as const;
const SEED_BYTES = 32;

/** PKCS #8 form of an Ed25519 private key up to its seed (RFC 8410 section 7). */
const PKCS8_PREFIX = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32);

/** Remembered verification keys: more than a full trust list holds, few enough that a flood costs no memory. */
const MAX_REMEMBERED_KEYS = 4096;

/** Ed25519 private key (RFC 8037 section 2): `d` is the 32-byte seed, `x` the public key. */
export const PrivateJwk = z.strictObject({
  ...PublicJwk.shape,
  d: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
export type PrivateJwk = z.infer<typeof PrivateJwk>;

/** A private key ready for use, with the key id under which the trust list names its public half. */
export type SigningKey = { readonly kid: string; readonly key: CryptoKey };

/** A key that cannot be used. The message never repeats any of it. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
  readonly code: 'BAD_SEED' | 'BAD_PRIVATE_KEY' | 'BAD_PUBLIC_KEY';
  constructor(code: 'BAD_SEED' | 'BAD_PRIVATE_KEY' | 'BAD_PUBLIC_KEY', advice: string) {
    super(`${code}: ${advice}`);
    this.code = code;
  }
}

/**
 * A private JWK from 32 random bytes. Built from a seed, not by `generateKey`: exporting a JWK while a
 * key-generation job is being collected has deadlocked Node 20.
 * @throws KeyError `BAD_SEED`
 */
export async function generateSigningJwk(seed: Uint8Array): Promise<PrivateJwk> {
  if (seed.length !== SEED_BYTES) throw new KeyError('BAD_SEED', 'pass 32 random bytes');
  const pkcs8 = new Uint8Array(PKCS8_PREFIX.length + SEED_BYTES);
  pkcs8.set(PKCS8_PREFIX);
  pkcs8.set(seed, PKCS8_PREFIX.length);
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, ED25519, true, ['sign']);
  const { d, x } = await crypto.subtle.exportKey('jwk', key);
  return PrivateJwk.parse({ kty: 'OKP', crv: 'Ed25519', d, x });
}

/** The public half of a private JWK: what a trust list carries. */
export function toPublicJwk(jwk: PrivateJwk): PublicJwk {
  return { kty: 'OKP', crv: 'Ed25519', x: jwk.x };
}

/**
 * A private key ready to sign, tried out once: a key file whose `x` belongs to another `d` is found here
 * and not by the peers.
 * @throws KeyError `BAD_PRIVATE_KEY`
 */
export async function importSigningKey(kid: string, privateJwk: unknown): Promise<SigningKey> {
  const parsed = PrivateJwk.safeParse(privateJwk);
  const key = parsed.success ? await importPrivate(parsed.data) : null;
  if (!parsed.success || key === null || !(await signsAs(key, parsed.data))) {
    throw new KeyError(
      'BAD_PRIVATE_KEY',
      'the key file holds no whole Ed25519 pair; restore it from its backup',
    );
  }
  return { kid, key };
}

async function importPrivate(jwk: PrivateJwk): Promise<CryptoKey | null> {
  try {
    return await crypto.subtle.importKey('jwk', jwk, ED25519, false, ['sign']);
  } catch {
    return null;
  }
}

async function signsAs(key: CryptoKey, jwk: PrivateJwk): Promise<boolean> {
  const probe = new TextEncoder().encode('focalnet key probe');
  const verifyKey = await importVerifyKey(toPublicJwk(jwk)).catch(() => null);
  return verifyKey !== null && verifyBytes(await signBytes(probe, key), probe, verifyKey);
}

const remembered = new Map<string, Promise<CryptoKey>>();

/**
 * A public key ready to verify; each is imported once.
 * @throws KeyError `BAD_PUBLIC_KEY`
 */
export function importVerifyKey(publicJwk: PublicJwk): Promise<CryptoKey> {
  const known = remembered.get(publicJwk.x);
  if (known !== undefined) return known;
  if (remembered.size >= MAX_REMEMBERED_KEYS) remembered.clear();
  const key = importPublic(publicJwk.x);
  remembered.set(publicJwk.x, key);
  return key;
}

async function importPublic(x: string): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('raw', decodeBase64Url(x), ED25519, false, ['verify']);
  } catch {
    throw new KeyError('BAD_PUBLIC_KEY', 'the listed key is not an Ed25519 point; list it anew');
  }
}

/** The 64-byte Ed25519 signature of some bytes. */
export async function signBytes(
  bytes: Uint8Array<ArrayBuffer>,
  key: CryptoKey,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign(ED25519, key, bytes));
}

/** Whether a signature belongs to the bytes and the key. */
export function verifyBytes(
  signature: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
  key: CryptoKey,
): Promise<boolean> {
  return crypto.subtle.verify(ED25519, key, signature, bytes);
}
