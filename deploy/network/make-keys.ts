/**
 * New keys for a party of the network: a State's node, the gateway, an authority. What `focalnet keys new` writes.
 */
import { generateSigningJwk, type PrivateJwk, toPublicJwk } from '#schema/jws/keys.ts';
import { formatNoteSigner, formatVkey, readNoteSigner } from '#schema/log/note.ts';
import type { Profile } from '#schema/protocol/envelope.ts';
import { GATEWAY } from '#schema/protocol/ids.ts';
import type { ListedNode, TrustList } from '#schema/protocol/trust-list.ts';
import { generateSealingKey } from '#schema/seal/keys.ts';

type Random = (bytes: number) => Uint8Array;

/** A key that signs trust lists; kept by a person of the network's authority, never on a server. */
export interface AuthorityKeyFile {
  v: 1;
  net: string;
  kid: string;
  jwk: PrivateJwk;
}

/** The private half of a party. The gateway has no `pgp`: it can open nothing. */
export interface PartyKeyFile {
  v: 1;
  net: string;
  party: string;
  sig: { kid: string; jwk: PrivateJwk };
  log: string;
  wit: string;
  /** Armoured OpenPGP pairs; the first of each profile seals, all open. */
  pgp?: { privateKey: string; certificate: string; fingerprint: string }[];
}

/** What of a party's keys goes into the trust list. */
export type PublicKeys = Pick<ListedNode, 'sig' | 'log' | 'wit'> & Partial<Pick<ListedNode, 'pgp'>>;

/** A year, in seconds: how long a signing key is listed for. */
export const KEY_LIFE_S = 366 * 24 * 3600;

export async function makeAuthorityKey(
  net: string,
  number: number,
  random: Random,
): Promise<AuthorityKeyFile> {
  return { v: 1, net, kid: `authority-${number}#sig-1`, jwk: await generateSigningJwk(random(32)) };
}

/**
 * Keys of a State's node, or of the gateway (party `gateway`), which gets none to open anything with.
 * @param number of the signing key; a State that founds itself anew takes one that was never listed
 * @param profiles of its sealing keys; every node has p4, which all open
 */
export async function makePartyKeys(
  net: string,
  party: string,
  random: Random,
  nowMs: number,
  number = 1,
  profiles: readonly Profile[] = ['p4'],
): Promise<PartyKeyFile> {
  const origin = `${net}/${party}`;
  const keys: PartyKeyFile = {
    v: 1,
    net,
    party,
    sig: { kid: `${party}#sig-${number}`, jwk: await generateSigningJwk(random(32)) },
    log: await formatNoteSigner(origin, 1, random(32)),
    wit: await formatNoteSigner(origin, 4, random(32)),
  };
  return party === GATEWAY ? keys : { ...keys, pgp: await makeSealingPairs(party, profiles, nowMs) };
}

/** One after the other: see generateSealingKey. */
async function makeSealingPairs(party: string, profiles: readonly Profile[], nowMs: number) {
  const pairs: NonNullable<PartyKeyFile['pgp']> = [];
  for (const profile of profiles)
    pairs.push(await generateSealingKey({ party, profile, date: new Date(nowMs - 3_600_000) }));
  return pairs;
}

/** Profiles that these pairs or certificates are of, by the length of their fingerprints (RFC 9580, 5.5.4). */
export function profilesOf(keys: readonly { fingerprint: string }[]): Profile[] {
  return (['p4', 'p6'] as const).filter((profile) => keys.some((key) => profileOf(key) === profile));
}

/** What a list says of a node with these certificates. */
export const listedProfiles = (pgp: ListedNode['pgp']): Profile[] =>
  profilesOf(pgp.map(({ fpr }) => ({ fingerprint: fpr })));

const profileOf = ({ fingerprint }: { fingerprint: string }): Profile =>
  fingerprint.length === 64 ? 'p6' : 'p4';

/** The first so many of each profile, in order. */
export function firstOfEach<K extends { fingerprint: string }>(keys: readonly K[], count: number): K[] {
  return keys.filter((key, at) => {
    const before = keys.slice(0, at).filter((other) => profileOf(other) === profileOf(key));
    return before.length < count;
  });
}

/** Pairs of a profile that a key file keeps: the new one seals, the former ones still open what was sealed for them. */
const PAIRS_KEPT = 3;

/**
 * The keys that follow: signing and sealing keys are new, log and witness keys stay, former sealing keys still open.
 * @param profiles of the new sealing keys; those of the file unless given
 */
export async function makeNextKeys(
  keys: PartyKeyFile,
  random: Random,
  nowMs: number,
  profiles?: readonly Profile[],
): Promise<PartyKeyFile> {
  const number = Number(keys.sig.kid.split('-').at(-1)) + 1;
  const next = {
    ...keys,
    sig: { kid: `${keys.party}#sig-${number}`, jwk: await generateSigningJwk(random(32)) },
  };
  if (keys.pgp === undefined) return next;
  const made = await makeSealingPairs(keys.party, profiles ?? profilesOf(keys.pgp), nowMs);
  return { ...next, pgp: firstOfEach([...made, ...keys.pgp], PAIRS_KEPT) };
}

/** The public half, as the trust list names it. */
export async function publicKeysOf(keys: PartyKeyFile, nowMs: number): Promise<PublicKeys> {
  const fromS = Math.floor(nowMs / 1000) - 3600;
  return {
    sig: [{ kid: keys.sig.kid, jwk: toPublicJwk(keys.sig.jwk), from: fromS, exp: fromS + KEY_LIFE_S }],
    log: formatVkey(await readNoteSigner(keys.log)),
    wit: formatVkey(await readNoteSigner(keys.wit)),
    ...(keys.pgp
      ? { pgp: keys.pgp.map(({ fingerprint, certificate }) => ({ fpr: fingerprint, cert: certificate })) }
      : {}),
  };
}

export type Authorities = TrustList['authorities'];

/** The authorities of a network as its first list and its anchor name them: any two of three decide. */
export function describeAuthorities(files: readonly AuthorityKeyFile[]): Authorities {
  return { threshold: 2, keys: files.map(({ kid, jwk }) => ({ kid, jwk: toPublicJwk(jwk) })) };
}
