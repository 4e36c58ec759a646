/**
 * A node's own keys, read once at start. Keys are never used for two purposes: `sig` signs messages, `pgp` seals,
 * `log` signs this node's checkpoints, `wit` cosigns those of others.
 */
import * as z from 'zod';
import { importSigningKey, PrivateJwk, type SigningKey } from '#schema/jws/keys.ts';
import { type NoteSigner, readNoteSigner } from '#schema/log/note.ts';
import { Kid, State } from '#schema/protocol/ids.ts';
import { readSealingKey, type SealingKey } from '#schema/seal/keys.ts';

/** The private half of a node, as `focalnet keys` writes it (mode 0600). */
export const KeyFile = z.strictObject({
  v: z.literal(1),
  net: z.string(),
  party: State,
  sig: z.strictObject({ kid: Kid, jwk: PrivateJwk }),
  /** Signed-note signer keys `PRIVATE+KEY+name+hash+base64` (C2SP signed-note). */
  log: z.string(),
  wit: z.string(),
  /** Armoured OpenPGP pairs; the first of each profile seals, all open. */
  pgp: z
    .array(z.strictObject({ privateKey: z.string(), certificate: z.string(), fingerprint: z.string() }))
    .min(1),
});
export type KeyFile = z.infer<typeof KeyFile>;

export interface Identity {
  readonly state: State;
  readonly net: string;
  /** Log origin and witness name, e.g. `focalnet.example/xa`. */
  readonly origin: string;
  readonly sig: SigningKey;
  readonly log: NoteSigner;
  readonly wit: NoteSigner;
  readonly sealing: readonly SealingKey[];
}

/** Parses and unlocks the keys once; every later use takes them from here. */
export async function openIdentity(file: KeyFile): Promise<Identity> {
  return {
    state: file.party,
    net: file.net,
    origin: `${file.net}/${file.party}`,
    sig: await importSigningKey(file.sig.kid, file.sig.jwk),
    log: await readNoteSigner(file.log),
    wit: await readNoteSigner(file.wit),
    sealing: await Promise.all(file.pgp.map(({ privateKey }) => readSealingKey(privateKey))),
  };
}
