/**
 * What an authority may change of a trust list, as pure functions: a State joins, is suspended, resumes, leaves, describes itself
 * anew, gets new keys. Each returns another list of the same version; signing and publishing are elsewhere.
 */
import { GATEWAY } from '#schema/protocol/ids.ts';
import { limits } from '#schema/protocol/limits.ts';
import type { ListedNode, TrustList } from '#schema/protocol/trust-list.ts';
import { ListChangeError } from './list-change-error.ts';
import { KEY_LIFE_S, listedProfiles } from './make-keys.ts';
import type { PublicKeyFile } from './public-keys.ts';

type ListedKey = ListedNode['sig'][number];
type Status = ListedNode['status'];

const DAY_S = 24 * 3600;
/** A new key is listed this long before it may sign (PROTOCOL.md, T16), so that everybody holds the list that names it. */
export const ROTATION_LEAD_S = 14 * DAY_S;
/** For so long old and new key are good side by side: within it the operator changes the key file. */
export const ROTATION_OVERLAP_S = 14 * DAY_S;
/** A key stays listed this long after its end, for what it signed in time and is still on its way. */
export const KEPT_AFTER_END_S = limits.ttlS + 14 * DAY_S;
const MOST_KEYS = 8;

/** A State joins, or comes back after it had left. `urls` none: it opens no port. */
export function addNode(
  list: TrustList,
  joining: { keys: PublicKeyFile; profile: ListedNode['profile']; urls: readonly string[] },
  nowS: number,
): TrustList {
  const { keys, profile, urls } = joining;
  const before = list.nodes.find(({ node }) => node === (keys.party as string));
  if (before && before.status !== 'left') throw new ListChangeError('LISTED_ALREADY', before.node);
  requireParty(list, keys, keys.party);
  const former = before?.sig.map((key) => endAt(key, nowS)) ?? [];
  const sig = addKey(former, makeListedKey(keys, nowS - limits.skewS), nowS);
  const described = {
    node: keys.party as unknown as ListedNode['node'],
    status: 'active' as const,
    ...describeWays(urls),
    versions: [1],
    profiles: listedProfiles(keys.pgp),
    types: keys.types,
    sig,
    pgp: keys.pgp,
    log: keys.log,
    wit: keys.wit,
    profile,
  };
  const others = list.nodes.filter(({ node }) => node !== described.node);
  return { ...list, nodes: [...others, described].sort((a, b) => (a.node < b.node ? -1 : 1)) };
}

/** @throws ListChangeError NOT_LISTED, NOT_ACTIVE */
export const suspendNode = (list: TrustList, state: string): TrustList =>
  setStatus(list, state, 'suspended', (status) => status !== 'active' && 'NOT_ACTIVE');

/** @throws ListChangeError NOT_LISTED, NOT_SUSPENDED */
export const resumeNode = (list: TrustList, state: string): TrustList =>
  setStatus(list, state, 'active', (status) => status !== 'suspended' && 'NOT_SUSPENDED');

/** The State leaves. Its entry stays, with its keys: what it signed must be verifiable. @throws ListChangeError */
export const removeNode = (list: TrustList, state: string): TrustList =>
  setStatus(list, state, 'left', (status) => status === 'left' && 'LEFT_ALREADY');

function setStatus(
  list: TrustList,
  state: string,
  status: Status,
  refuse: (status: Status) => ConstructorParameters<typeof ListChangeError>[0] | false,
): TrustList {
  return changeNode(list, state, (node) => {
    const fault = refuse(node.status);
    if (fault) throw new ListChangeError(fault, state);
    return { ...node, status };
  });
}

/** What a State says of itself: addresses, profile, the message types its software understands. @throws ListChangeError */
export function updateNode(
  list: TrustList,
  state: string,
  change: { urls?: readonly string[]; profile?: ListedNode['profile']; types?: readonly string[] },
): TrustList {
  return changeNode(list, state, (node) => {
    if (node.status === 'left') throw new ListChangeError('NOT_ACTIVE', state);
    return {
      ...node,
      ...(change.urls && describeWays(change.urls)),
      ...(change.profile && { profile: change.profile }),
      ...(change.types && { types: [...change.types] }),
    };
  });
}

/**
 * A State, or the gateway, gets a new signing key and certificate beside the old ones.
 *
 * Planned, the new key signs from 14 days after this list, sooner only where the old one would end before, and the old one ends
 * 14 days later. `lost`: the old ones are revoked at once, for the reason given, and the new ones are good at once.
 * @throws ListChangeError
 */
export function rotateKeys(
  list: TrustList,
  keys: PublicKeyFile,
  { nowS, lost }: { nowS: number; lost?: string },
): TrustList {
  if (keys.party === GATEWAY) {
    requireParty(list, keys, GATEWAY);
    requireSameLog(keys, list.gateway);
    return { ...list, gateway: { ...list.gateway, sig: rotateSig(list.gateway.sig, keys, nowS, lost) } };
  }
  return changeNode(list, keys.party, (node) => {
    if (node.status === 'left') throw new ListChangeError('NOT_ACTIVE', node.node);
    requireParty(list, keys, node.node);
    requireSameLog(keys, node);
    const sig = rotateSig(node.sig, keys, nowS, lost);
    const pgp = rotateCertificates(node.pgp, keys, lost);
    return { ...node, sig, pgp, profiles: listedProfiles(pgp), types: keys.types };
  });
}

function rotateSig(
  former: readonly ListedKey[],
  keys: PublicKeyFile,
  nowS: number,
  lost: string | undefined,
): ListedKey[] {
  if (lost !== undefined) {
    const revoked = { since: nowS, reason: lost };
    return addKey(
      former.map((key) => (key.revoked ? key : { ...key, revoked })),
      makeListedKey(keys, nowS - limits.skewS),
      nowS,
    );
  }
  const lastEnd = Math.max(...former.filter(({ revoked }) => !revoked).map(({ exp }) => exp), 0);
  const fromS = Math.max(nowS - limits.skewS, Math.min(nowS + ROTATION_LEAD_S, lastEnd - ROTATION_OVERLAP_S));
  return addKey(
    former.map((key) => endAt(key, fromS + ROTATION_OVERLAP_S)),
    makeListedKey(keys, fromS),
    nowS,
  );
}

function rotateCertificates(
  former: ListedNode['pgp'],
  { pgp, party }: PublicKeyFile,
  lost: string | undefined,
): ListedNode['pgp'] {
  const known = new Set(former.map(({ fpr }) => fpr));
  const kept = lost === undefined ? pgp : pgp.filter(({ fpr }) => !known.has(fpr));
  if (kept.length === 0) throw new ListChangeError('KEYS_INCOMPLETE', party);
  if (lost === undefined && !kept.some(({ fpr }) => known.has(fpr)))
    throw new ListChangeError('NO_OVERLAP', party);
  return kept;
}

const makeListedKey = ({ sig }: PublicKeyFile, fromS: number): ListedKey => ({
  ...sig,
  from: fromS,
  exp: fromS + KEY_LIFE_S,
});

/** Never later than it would have ended anyway; a key that ended before it began would be no key. */
const endAt = (key: ListedKey, atS: number): ListedKey => ({ ...key, exp: Math.min(key.exp, atS) });

/** The newest first. Former keys go once nothing they signed can be under way any more. */
function addKey(former: readonly ListedKey[], key: ListedKey, nowS: number): ListedKey[] {
  if (former.some(({ kid }) => numberOf(kid) >= numberOf(key.kid)))
    throw new ListChangeError('KEY_NUMBER_USED', key.kid);
  const needed = former.filter(({ exp, revoked }) => (revoked?.since ?? exp) > nowS - KEPT_AFTER_END_S);
  if (needed.length >= MOST_KEYS) throw new ListChangeError('TOO_MANY_KEYS', key.kid);
  return [key, ...needed];
}

const numberOf = (kid: string): number => Number(kid.split('-').at(-1));

const describeWays = (urls: readonly string[]): Pick<ListedNode, 'urls' | 'delivery'> => ({
  urls: [...urls],
  delivery: urls.length > 0 ? ['push', 'pull'] : ['pull'],
});

function changeNode(list: TrustList, state: string, change: (node: ListedNode) => ListedNode): TrustList {
  if (!list.nodes.some(({ node }) => node === state)) throw new ListChangeError('NOT_LISTED', state);
  return { ...list, nodes: list.nodes.map((node) => (node.node === state ? change(node) : node)) };
}

function requireParty(list: TrustList, keys: PublicKeyFile, party: string): void {
  if (keys.net !== list.net) throw new ListChangeError('OTHER_NETWORK', keys.net);
  if (keys.party !== party) throw new ListChangeError('OTHER_PARTY', keys.party);
  if ((keys.pgp.length === 0) !== (party === GATEWAY)) throw new ListChangeError('KEYS_INCOMPLETE', party);
}

function requireSameLog(keys: PublicKeyFile, listed: { log: string; wit: string }): void {
  if (keys.log !== listed.log || keys.wit !== listed.wit)
    throw new ListChangeError('LOG_KEYS_DIFFER', keys.party);
}
