/**
 * What one trust list changes of another, in words: what an authority reads before it signs. Every member of the list has a
 * describer, and the compiler asks for one where a member is new, so that no change goes unsaid.
 */
import { createHash } from 'node:crypto';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import type { ListedNode, PublicJwk, TrustList } from '#schema/protocol/trust-list.ts';

type ListedKey = ListedNode['sig'][number];
type Describe<T> = (before: T, after: T) => string[];
type Describers<T> = { readonly [K in keyof T]-?: Describe<T[K]> };

/** Sentences, the network's first, then each State's by name; none where the two say the same. */
export function describeChange(before: TrustList | null, after: TrustList): string[] {
  const head = `List ${after.ver} of ${after.net}, of ${day(after.iat)}, good until ${day(after.exp)}.`;
  if (before === null) {
    const { threshold, keys } = after.authorities;
    const authorities = keys.map(({ kid, jwk }) => `${kid} (${fingerprint(jwk)})`).join(', ');
    return [
      head,
      `It is the first list. Any ${threshold} of these authorities decide: ${authorities}.`,
      `Policy: ${JSON.stringify(after.policy)}.`,
      `The gateway: ${describeParty(after.gateway)}.`,
      ...after.nodes.flatMap(describeJoining),
    ];
  }
  return [head, ...describeMembers(before, after, network), ...describeNodes(before, after)];
}

/** What a signer should think about, beside what changes. */
export function findConcerns({ nodes, policy }: TrustList): string[] {
  const active = nodes.filter(({ status }) => status === 'active').length;
  if (active >= policy.quorum) return [];
  return [
    `Only ${active} States would be active and ${policy.quorum} must witness: the next list would need the signatures of all authorities.`,
  ];
}

const network: Describers<TrustList> = {
  v: changed('The version of the form'),
  net: changed('THE NETWORK'),
  // Named in the first line, and checked against the list before.
  ver: () => [],
  prev: () => [],
  iat: () => [],
  exp: () => [],
  authorities: (before, after) => [
    ...(before.threshold === after.threshold
      ? []
      : [`Authorities that must sign: ${before.threshold} becomes ${after.threshold}.`]),
    ...compareSets(before.keys, after.keys, ({ kid, jwk }) => `authority ${kid} (${fingerprint(jwk)})`),
  ],
  policy: changed('The policy'),
  gateway: (before, after) => describeMembers(before, after, gateway),
  nodes: () => [],
};

const gateway: Describers<TrustList['gateway']> = {
  urls: changed('The gateway: addresses'),
  sig: (before, after) => describeKeys('The gateway', before, after),
  log: changed('THE GATEWAY: LOG KEY'),
  wit: changed('THE GATEWAY: WITNESS KEY'),
};

function describeNodes(before: TrustList, after: TrustList): string[] {
  const former = new Map(before.nodes.map((node) => [node.node, node]));
  const kept = new Set(after.nodes.map(({ node }) => node));
  return [
    ...after.nodes.flatMap((node) => {
      const known = former.get(node.node);
      return known ? describeMembers(known, node, describersOf(node.node)) : describeJoining(node);
    }),
    ...before.nodes
      .filter(({ node }) => !kept.has(node))
      .map(
        ({ node }) => `${node} IS NOT LISTED ANY MORE: what it signed can be verified by earlier lists only.`,
      ),
  ];
}

const describersOf = (state: string): Describers<ListedNode> => ({
  node: () => [],
  status: (before, after) => [describeStatus(state, before, after)],
  urls: changed(`${state}: addresses`),
  delivery: changed(`${state}: ways of delivery`),
  versions: changed(`${state}: protocol versions`),
  profiles: changed(`${state}: sealing profiles`),
  types: (before, after) =>
    compareSets(
      before,
      after,
      (type) => `${state}: message type ${type}`,
      'is understood',
      'IS NOT understood any more',
    ),
  sig: (before, after) => describeKeys(state, before, after),
  pgp: (before, after) => compareSets(before, after, ({ fpr }) => `${state}: certificate ${fpr}`),
  log: changed(`${state}: LOG KEY`),
  wit: changed(`${state}: WITNESS KEY`),
  profile: (before, after) =>
    [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((member) =>
      describeValue(
        `${state}: profile, ${member}`,
        (before as Record<string, unknown>)[member],
        (after as Record<string, unknown>)[member],
      ),
    ),
});

function describeStatus(state: string, before: ListedNode['status'], after: ListedNode['status']): string {
  if (after === 'suspended')
    return `${state} is SUSPENDED: nothing is sent to it, and what it sends is refused.`;
  if (after === 'left')
    return `${state} LEAVES the network; its keys stay listed so that what it signed can be verified.`;
  return before === 'left' ? `${state} joins AGAIN.` : `${state} takes part again.`;
}

function describeJoining(node: ListedNode): string[] {
  return [
    `${node.node} joins: ${describeParty(node)}; certificates ${node.pgp.map(({ fpr }) => fpr).join(', ')}; understands ${node.types.length} message types.`,
    `${node.node}: profile: ${JSON.stringify(node.profile)}`,
    ...(node.status === 'active' ? [] : [`${node.node} is ${node.status}.`]),
  ];
}

const describeParty = ({ sig, log, wit, urls }: TrustList['gateway']): string =>
  `signs with ${sig.map(describeKey).join(', ')}; log ${log}; witness ${wit}; ${urls.length > 0 ? `at ${urls.join(', ')}` : 'opens no port'}`;

const describeKey = ({ kid, jwk, from, exp }: ListedKey): string =>
  `${kid} (${fingerprint(jwk)}) from ${moment(from)} until ${moment(exp)}`;

function describeKeys(party: string, before: readonly ListedKey[], after: readonly ListedKey[]): string[] {
  const former = new Map(before.map((key) => [key.kid, key]));
  const kept = new Set(after.map(({ kid }) => kid));
  return [
    ...after.flatMap((key) => {
      const known = former.get(key.kid);
      return known ? describeOldKey(party, known, key) : [`${party}: NEW SIGNING KEY ${describeKey(key)}.`];
    }),
    ...before
      .filter(({ kid }) => !kept.has(kid))
      .map((key) => `${party}: signing key ${key.kid} is listed no more.`),
  ];
}

function describeOldKey(party: string, before: ListedKey, after: ListedKey): string[] {
  const name = `${party}: signing key ${after.kid}`;
  const end =
    before.exp === after.exp ? [] : [`${name} ends ${moment(after.exp)} instead of ${moment(before.exp)}.`];
  const { revoked } = after;
  return [
    ...describeValue(`${name}: public key`, before.jwk, after.jwk),
    ...describeValue(`${name}: valid from`, moment(before.from), moment(after.from)),
    ...end,
    ...(isSame(before.revoked, revoked)
      ? []
      : [
          revoked
            ? `${name} is REVOKED since ${moment(revoked.since)}: ${revoked.reason}.`
            : `${name} is NO LONGER REVOKED.`,
        ]),
  ];
}

/** Asks the describer of each member that differs. */
function describeMembers<T extends object>(before: T, after: T, describers: Describers<T>): string[] {
  return (Object.keys(describers) as (keyof T)[]).flatMap((member) =>
    isSame(before[member], after[member]) ? [] : describers[member](before[member], after[member]),
  );
}

function changed(what: string): Describe<unknown> {
  return (before, after) => describeValue(what, before, after);
}

function describeValue(what: string, before: unknown, after: unknown): string[] {
  return isSame(before, after) ? [] : [`${what}: ${show(before)} becomes ${show(after)}.`];
}

function compareSets<T>(
  before: readonly T[],
  after: readonly T[],
  name: (one: T) => string,
  added = 'is listed',
  gone = 'IS NOT listed any more',
): string[] {
  if (isSame(before, after)) return [];
  const had = (list: readonly T[], one: T) => list.some((other) => isSame(one, other));
  const lines = [
    ...after.filter((one) => !had(before, one)).map((one) => `${name(one)} ${added}.`),
    ...before.filter((one) => !had(after, one)).map((one) => `${name(one)} ${gone}.`),
  ];
  return lines.length > 0 ? lines : [`${name(after[0]!).split(':')[0]}: only the order changes.`];
}

const show = (value: unknown): string =>
  value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);

function isSame(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  const text = (value: unknown) => Buffer.from(encodeCanonical({ value })).toString();
  return text(a) === text(b);
}

/** Sixteen hex digits in groups, to be compared by voice. */
function fingerprint({ x }: PublicJwk): string {
  const hex = createHash('sha256').update(x).digest('hex').slice(0, 16);
  return hex.match(/.{4}/g)!.join(' ');
}

const moment = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);
