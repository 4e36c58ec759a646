/**
 * Drafting trust lists: who takes part, with which keys. A draft becomes a list when at least two authorities sign it.
 */
import { hashList } from '#schema/jws/trust-list.ts';
import { FIRST_PREV } from '#schema/protocol/envelope.ts';
import { type ListedNode, TrustList } from '#schema/protocol/trust-list.ts';
import { type Authorities, listedProfiles, type PublicKeys } from './make-keys.ts';

/** How long a list is good for without a new one, in seconds. */
const LIST_LIFE_S = 366 * 24 * 3600;

export interface Member {
  readonly node: string;
  readonly keys: PublicKeys;
  /** Machine endpoints; none for an outbound-only node. */
  readonly urls: readonly string[];
  readonly profile: ListedNode['profile'];
}

/** The first list of a network. Other signatures than of these authorities never count again. */
export function draftFirstList(draft: {
  net: string;
  nowMs: number;
  authorities: Authorities;
  quorum: number;
  gateway: { url: string; keys: PublicKeys };
  members: readonly Member[];
  types: readonly string[];
}): TrustList {
  const iat = Math.floor(draft.nowMs / 1000);
  const { sig, log, wit } = draft.gateway.keys;
  return TrustList.parse({
    v: 1,
    net: draft.net,
    ver: 1,
    prev: FIRST_PREV,
    iat,
    exp: iat + LIST_LIFE_S,
    authorities: draft.authorities,
    policy: { minProfile: 'p4', quorum: draft.quorum },
    gateway: { urls: [draft.gateway.url], sig, log, wit },
    nodes: draft.members.map((member) => describeMember(member, draft.types)),
  });
}

/** The list after `previous`, with other members; everything else stays. Changes of members: `change-list.ts`. */
export function draftNextList(previous: TrustList, nodes: TrustList['nodes'], nowMs: number): TrustList {
  const iat = Math.floor(nowMs / 1000);
  return TrustList.parse({
    ...previous,
    ver: previous.ver + 1,
    prev: hashList(previous),
    iat,
    exp: iat + LIST_LIFE_S,
    nodes,
  });
}

function describeMember({ node, keys, urls, profile }: Member, types: readonly string[]) {
  return {
    node,
    status: 'active',
    urls,
    delivery: urls.length > 0 ? ['push', 'pull'] : ['pull'],
    versions: [1],
    profiles: listedProfiles(keys.pgp ?? []),
    types,
    ...keys,
    profile,
  };
}
