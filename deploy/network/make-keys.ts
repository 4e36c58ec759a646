/**
 * New keys for a party of the network: a State's node, the gateway, an authority. What `focalnet keys new` writes.
 */
import { generateSigningJwk, type PrivateJwk, toPublicJwk } from '#schema/jws/keys.ts';
import { formatNoteSigner, formatVkey, readNoteSigner } from '#schema/log/note.ts';
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
  /** Armoured OpenPGP pairs; the first seals, all open. */
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
 */
export async function makePartyKeys(
  net: string,
  party: string,
  random: Random,
  nowMs: number,
  number = 1,
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
  return party === GATEWAY ? keys : { ...keys, pgp: [await makeSealingPair(party, nowMs)] };
}

const makeSealingPair = (party: string, nowMs: number) =>
  generateSealingKey({ party, profile: 'p4', date: new Date(nowMs - 3_600_000) });

/** Pairs a key file keeps: the new one seals, the former ones still open what was sealed for them. */
const PAIRS_KEPT = 3;

/** The keys that follow: signing and sealing key are new, log and witness keys stay, former sealing keys still open. */
export async function makeNextKeys(keys: PartyKeyFile, random: Random, nowMs: number): Promise<PartyKeyFile> {
  const number = Number(keys.sig.kid.split('-').at(-1)) + 1;
  const next = {
    ...keys,
    sig: { kid: `${keys.party}#sig-${number}`, jwk: await generateSigningJwk(random(32)) },
  };
  if (keys.pgp === undefined) return next;
  return { ...next, pgp: [await makeSealingPair(keys.party, nowMs), ...keys.pgp].slice(0, PAIRS_KEPT) };
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
