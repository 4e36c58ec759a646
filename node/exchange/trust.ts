/**
 * The trust lists this node has accepted, one after the other from the anchor, and what follows from the one in force.
 */
import type { Kysely } from 'kysely';
import { isKeyGood, type Keyring, makeKeyring } from '#schema/jws/keyring.ts';
import { type VerifiedList, verifyFirstList, verifyNextList } from '#schema/jws/trust-list.ts';
import { parseProof } from '#schema/log/proof.ts';
import type { Profile } from '#schema/protocol/envelope.ts';
import type { State } from '#schema/protocol/ids.ts';
import type { Anchor, ListedNode } from '#schema/protocol/trust-list.ts';
import { type Certificate, readCertificate, type SealingKey } from '#schema/seal/keys.ts';
import type { Identity } from '../identity.ts';
import type { Surroundings } from '../operation.ts';
import type { Database } from '../storage/database.ts';

/** A list that nobody has confirmed for this long raises an alarm; after the second, nothing is sent (PROTOCOL.md T). */
const STALE_MS = 24 * 3600_000;
const MAX_STALE_MS = 30 * STALE_MS;
/** The protocol this node speaks; a peer that lists only others cannot be sent anything. */
const PROTOCOL_VERSION = 1;

/** What the list in force says of this node itself. Only where it is `active` is anything sealed or sent. */
export type Standing =
  | 'active'
  | 'no-list'
  | 'unlisted'
  | 'suspended'
  | 'left'
  /** The signing key in use is not listed, not good yet, ended or revoked. */
  | 'key-not-valid'
  /** The certificate of the sealing key in use is not listed. */
  | 'certificate-unlisted';

export interface Trust {
  /** The list in force. @throws TrustError before the first list */
  readonly current: () => Keyring;
  /** Version of the list in force; 0 before the first. */
  readonly version: () => number;
  /** Checks a list against the one before it (the anchor for the first) and stores it. */
  readonly accept: (listJson: string, proofText: string | null) => Promise<{ alarm: boolean }>;
  /** The list was seen to be in force still at a time, in epoch milliseconds: remembered beyond a restart. */
  readonly refreshed: (atMs: number) => Promise<void>;
  readonly freshness: () => 'fresh' | 'stale' | 'expired';
  readonly standing: () => Standing;
  /** Epoch milliseconds at which the list in force was last seen to be in force. */
  readonly refreshedAtMs: () => number;
  /** Whether a message may be sealed for this State now. */
  readonly maySendTo: (state: string) => boolean;
  /** Whether the network still allows what is sealed in this profile. */
  readonly allows: (profile: Profile) => boolean;
  /** Whether sealed bytes may go to this State now; otherwise they wait. */
  readonly mayDeliverTo: (state: string) => boolean;
  /** Nothing will reach this State by the network any more. */
  readonly hasLeft: (state: string) => boolean;
  readonly peer: (state: string) => ListedNode | undefined;
  /** What to seal with: all of one profile. */
  readonly sealingFor: (state: State) => { signWith: SealingKey; encryptTo: Certificate[]; profile: Profile };
  readonly certificatesOf: (state: string) => Certificate[];
}

export class TrustError extends Error {
  override readonly name = 'TrustError';
  readonly code: 'NO_LIST' | 'NOT_LISTED' | 'LIST_UNUSABLE' | 'PROFILE_TOO_WEAK';
  constructor(code: 'NO_LIST' | 'NOT_LISTED' | 'LIST_UNUSABLE' | 'PROFILE_TOO_WEAK', advice: string) {
    super(`${code}: ${advice}`);
    this.code = code;
  }
}

/** Loads the lists accepted so far and checks each again, from the anchor on. */
export async function openTrust(
  db: Kysely<Database>,
  anchor: Anchor,
  own: Pick<Identity, 'state' | 'sig' | 'sealing'>,
  surroundings: Surroundings,
): Promise<Trust> {
  let list: VerifiedList | undefined;
  let keyring: Keyring | undefined;
  let refreshedAtMs = surroundings.nowMs();
  let certificates = new Map<string, Certificate[]>();

  const check = (listJson: string, proofText: string | null) =>
    list === undefined
      ? verifyFirstList(listJson, anchor)
      : verifyNextList(listJson, list, {
          nowS: Math.floor(surroundings.nowMs() / 1000),
          ...(proofText === null ? {} : { proof: parseProof(proofText) }),
        });
  const adopt = async (next: VerifiedList) => {
    const parsed = await Promise.all(
      next.value.nodes.map(async ({ node, pgp }) => {
        const certs = await Promise.all(pgp.map(({ cert, fpr }) => readListedCertificate(cert, fpr)));
        return [node as string, certs] as const;
      }),
    );
    list = next;
    keyring = makeKeyring(next);
    certificates = new Map(parsed);
  };
  const current = () => {
    if (!keyring)
      throw new TrustError('NO_LIST', 'no trust list has been accepted yet: is the gateway within reach?');
    return keyring;
  };
  const allows = (profile: Profile) => profile === 'p6' || current().policy.minProfile === 'p4';
  /** The first own key of a profile, where others can verify what it signs: its certificate is listed. */
  const ownKey = (profile: Profile) => {
    const first = own.sealing.find((key) => key.profile === profile);
    const listed = keyring?.node(own.state)?.pgp ?? [];
    return listed.some(({ fpr }) => fpr === first?.fingerprint) ? first : undefined;
  };
  const certificatesIn = (profile: Profile, state: string) =>
    (certificates.get(state) ?? []).filter((certificate) => certificate.profile === profile);
  /**
   * The strongest profile that this node has a key of and the peer a certificate of, whatever else the list says of it, and that
   * the network still allows.
   */
  const profileFor = ({ node, profiles }: ListedNode): Profile | null => {
    const shared = (['p6', 'p4'] as const).find(
      (profile) => profiles.includes(profile) && ownKey(profile) && certificatesIn(profile, node).length > 0,
    );
    return shared === undefined || !allows(shared) ? null : shared;
  };
  const freshness = () => {
    const ageMs = surroundings.nowMs() - refreshedAtMs;
    const pastExpiry = keyring !== undefined && surroundings.nowMs() / 1000 > keyring.exp;
    return pastExpiry || ageMs > MAX_STALE_MS ? 'expired' : ageMs > STALE_MS ? 'stale' : 'fresh';
  };
  const standing = (): Standing => {
    if (keyring === undefined) return 'no-list';
    const self = keyring.node(own.state);
    if (self === undefined) return 'unlisted';
    if (self.status !== 'active') return self.status;
    if (!isKeyGood(keyring, own.sig.kid, Math.floor(surroundings.nowMs() / 1000))) return 'key-not-valid';
    const sealsAs = own.sealing[0]?.fingerprint;
    return self.pgp.some(({ fpr }) => fpr === sealsAs) ? 'active' : 'certificate-unlisted';
  };
  const mayDeliverTo = (state: string) =>
    standing() === 'active' && keyring?.node(state)?.status === 'active';

  for (const row of await db.selectFrom('trust_list').selectAll().orderBy('ver').execute()) {
    await adopt(await check(row.list, row.proof));
    refreshedAtMs = row.confirmed_at;
  }

  return {
    current,
    version: () => keyring?.ver ?? 0,
    accept: async (listJson, proofText) => {
      const next = await check(listJson, proofText);
      await db
        .insertInto('trust_list')
        .values({
          ver: next.value.ver,
          list: listJson,
          proof: proofText,
          accepted_at: surroundings.nowMs(),
          confirmed_at: surroundings.nowMs(),
        })
        .onConflict((c) => c.doNothing())
        .execute();
      await adopt(next);
      refreshedAtMs = surroundings.nowMs();
      return { alarm: next.alarm };
    },
    refreshed: async (atMs) => {
      if (atMs <= refreshedAtMs) return;
      refreshedAtMs = atMs;
      // Written down, so that a restart while the gateway is away does not make the list older than it is.
      const confirmed = db.updateTable('trust_list').set({ confirmed_at: refreshedAtMs });
      await confirmed.where('ver', '=', keyring?.ver ?? 0).execute();
    },
    freshness,
    standing,
    refreshedAtMs: () => refreshedAtMs,
    maySendTo: (state) => {
      const node = keyring?.node(state);
      if (!node || !mayDeliverTo(state) || freshness() === 'expired') return false;
      return node.versions.includes(PROTOCOL_VERSION) && profileFor(node) !== null;
    },
    allows,
    mayDeliverTo,
    hasLeft: (state) => keyring !== undefined && (keyring.node(state)?.status ?? 'left') === 'left',
    peer: (state) => keyring?.node(state),
    sealingFor: (state) => {
      const node = current().node(state);
      if (!node) throw new TrustError('NOT_LISTED', 'this State is not in the trust list in force');
      const profile = profileFor(node);
      if (profile === null)
        throw new TrustError(
          'PROFILE_TOO_WEAK',
          'this State and this node share no profile the network still allows',
        );
      return { signWith: ownKey(profile)!, encryptTo: certificatesIn(profile, state), profile };
    },
    certificatesOf: (state) => certificates.get(state) ?? [],
  };
}

async function readListedCertificate(armored: string, fpr: string): Promise<Certificate> {
  const certificate = await readCertificate(armored);
  if (certificate.fingerprint !== fpr) {
    throw new TrustError(
      'LIST_UNUSABLE',
      'a certificate in the list does not have the fingerprint named beside it',
    );
  }
  return certificate;
}
