/**
 * The keys of a verified trust list, ready to be looked up: by key id and time, never by anything a message
 * carries itself. A value of its own per list version; nothing here changes or fetches.
 */
import { ProtocolError } from '#schema/protocol/codes.ts';
import { GATEWAY, type Party } from '#schema/protocol/ids.ts';
import type { ListedNode, PublicJwk, TrustList } from '#schema/protocol/trust-list.ts';
import type { VerifiedList } from './trust-list.ts';

/** A signing key as the list names it. */
export type ListedKey = {
  readonly party: Party;
  readonly kid: string;
  readonly jwk: PublicJwk;
  /** Standing of the party; the gateway is always active. */
  readonly status: ListedNode['status'];
  /** Revoked at some time, be it later than the time asked for: whoever holds it can date things back. */
  readonly revoked: boolean;
};

export type Keyring = {
  readonly net: string;
  readonly ver: number;
  /** SHA-256 of the list's signed payload. */
  readonly hash: string;
  /** Seconds since 1970. */
  readonly iat: number;
  readonly exp: number;
  readonly policy: TrustList['policy'];
  readonly gateway: TrustList['gateway'];
  readonly nodes: readonly ListedNode[];
  /**
   * The key of a kid, valid at a time in seconds since 1970.
   * @throws ProtocolError `SENDER_UNKNOWN`, `KEY_UNKNOWN`, `KEY_NOT_VALID`
   */
  findKey(kid: string, atS: number): ListedKey;
  /** What the list says of a State, whatever its standing; undefined where it is not listed. */
  node(code: string): ListedNode | undefined;
};

/** Whether a key may sign at this moment: listed, begun, not ended, not revoked for any time. @param atS seconds since 1970 */
export function isKeyGood(keyring: Pick<Keyring, 'findKey'>, kid: string, atS: number): boolean {
  try {
    return !keyring.findKey(kid, atS).revoked;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

type ListedEntry = TrustList['gateway']['sig'][number];

/** The keyring of a trust list that has been verified. */
export function makeKeyring(list: VerifiedList): Keyring {
  const { net, ver, iat, exp, policy, gateway, nodes } = list.value;
  const nodeByCode = new Map<string, ListedNode>(nodes.map((node) => [node.node, node]));
  const entryByKid = new Map<string, ListedEntry>();
  for (const { sig } of [gateway, ...nodes]) for (const entry of sig) entryByKid.set(entry.kid, entry);
  return {
    net,
    ver,
    hash: list.hash,
    iat,
    exp,
    policy,
    gateway,
    nodes,
    node: (code) => nodeByCode.get(code),
    findKey: (kid, atS) => findKey(kid, atS, nodeByCode, entryByKid),
  };
}

function findKey(
  kid: string,
  atS: number,
  nodes: ReadonlyMap<string, ListedNode>,
  entries: ReadonlyMap<string, ListedEntry>,
): ListedKey {
  const party = kid.slice(0, kid.indexOf('#'));
  const status = party === GATEWAY ? 'active' : nodes.get(party)?.status;
  if (status === undefined) throw new ProtocolError('SENDER_UNKNOWN');
  const entry = entries.get(kid);
  if (entry === undefined) throw new ProtocolError('KEY_UNKNOWN');
  const revokedThen = entry.revoked !== undefined && atS >= entry.revoked.since;
  if (atS < entry.from || atS >= entry.exp || revokedThen) throw new ProtocolError('KEY_NOT_VALID');
  return { party: party as Party, kid, jwk: entry.jwk, status, revoked: entry.revoked !== undefined };
}
