/**
 * The public half of a party's keys as a file: what an operator hands to the network's authority, and what the authority
 * checks before any of it is listed. Holds nothing secret.
 */
import * as z from 'zod';
import { messageCodes, wireName } from '#schema/conversation/message-types.ts';
import { toPublicJwk } from '#schema/jws/keys.ts';
import { formatVkey, readNoteSigner } from '#schema/log/note.ts';
import { GATEWAY, Kid, Party } from '#schema/protocol/ids.ts';
import { ListedNode, PublicJwk, TrustList } from '#schema/protocol/trust-list.ts';
import { readCertificate } from '#schema/seal/keys.ts';
import { ListChangeError } from './list-change-error.ts';
import { type AuthorityKeyFile, firstOfEach, listedProfiles, type PartyKeyFile } from './make-keys.ts';

/** `types`: what this party's software understands. The gateway has neither certificates nor types. */
export const PublicKeyFile = z.strictObject({
  v: z.literal(1),
  net: TrustList.shape.net,
  party: Party,
  sig: z.strictObject({ kid: Kid, jwk: PublicJwk }),
  log: ListedNode.shape.log,
  wit: ListedNode.shape.wit,
  pgp: z.array(ListedNode.shape.pgp.element).max(4),
  types: ListedNode.shape.types,
});
export type PublicKeyFile = z.infer<typeof PublicKeyFile>;

/** The public half of an authority's key: what founds a network. */
export const AuthorityPublicFile = z.strictObject({
  v: z.literal(1),
  net: TrustList.shape.net,
  kid: Kid,
  jwk: PublicJwk,
});
export type AuthorityPublicFile = z.infer<typeof AuthorityPublicFile>;

/** What of an authority's key file may be shown to anyone. */
export const authorityHalfOf = ({ net, kid, jwk }: AuthorityKeyFile): AuthorityPublicFile =>
  AuthorityPublicFile.parse({ v: 1, net, kid, jwk: toPublicJwk(jwk) });

/** Certificates of a profile that go into the list: the one that seals from now on, and the one before it for what is under way. */
const LISTED_CERTIFICATES = 2;

/** What of a key file may be shown to anyone. */
export async function publicHalfOf(keys: PartyKeyFile): Promise<PublicKeyFile> {
  const pgp = firstOfEach(keys.pgp ?? [], LISTED_CERTIFICATES);
  return PublicKeyFile.parse({
    v: 1,
    net: keys.net,
    party: keys.party,
    sig: { kid: keys.sig.kid, jwk: toPublicJwk(keys.sig.jwk) },
    log: formatVkey(await readNoteSigner(keys.log)),
    wit: formatVkey(await readNoteSigner(keys.wit)),
    pgp: pgp.map(({ fingerprint, certificate }) => ({ fpr: fingerprint, cert: certificate })),
    types: keys.party === GATEWAY ? [] : messageCodes.map(wireName),
  });
}

/**
 * Certificates are opaque text to the kernel: one that cannot be read, or is another than its fingerprint says, would make
 * every node refuse the list. A profile that is listed without a certificate of it would let nobody seal in it.
 * @throws ListChangeError CERTIFICATE_UNUSABLE, PROFILE_WITHOUT_CERTIFICATE
 */
export async function requireUsableCertificates(list: Pick<TrustList, 'nodes'>): Promise<void> {
  for (const { node, pgp, profiles } of list.nodes) {
    const missing = profiles.find((profile) => !listedProfiles(pgp).includes(profile));
    if (missing) throw new ListChangeError('PROFILE_WITHOUT_CERTIFICATE', `${node} ${missing}`);
    for (const { cert, fpr } of pgp) {
      const read = await readCertificate(cert).catch(() => null);
      if (read?.fingerprint !== fpr) throw new ListChangeError('CERTIFICATE_UNUSABLE', `${node} ${fpr}`);
    }
  }
}
