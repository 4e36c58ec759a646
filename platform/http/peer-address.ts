/**
 * Which addresses a peer may have (server-side request forgery, DNS rebinding). The rule is applied to the
 * address that is connected to, never to a name, and no redirect is ever followed. Knows no HTTP.
 */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { PeerError } from './peer-error.ts';

export type PeerRules = {
  /** This machine: the demo and tests only. */
  allowLoopbackPeers: boolean;
  /** Private ranges (RFC 1918, RFC 4193): where States meet on a closed network. */
  allowPrivatePeers?: boolean;
};

const LOOPBACK = makeBlockList(['127.0.0.0/8', '::1/128']);
const PRIVATE = makeBlockList(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']);
/** Cloud metadata inside a private range: never a peer. */
const METADATA = makeBlockList(['169.254.169.254/32', 'fd00:ec2::254/128', '100.100.100.200/32']);
/** Not globally reachable (IANA special-purpose registries), or a way to write one address as another. */
const UNREACHABLE = makeBlockList([
  '0.0.0.0/8',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]);

function makeBlockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [net, bits] = range.split('/') as [string, string];
    list.addSubnet(net, Number(bits), isIP(net) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

type Reach = 'public' | 'private' | 'loopback' | 'refused';

/** What kind of address this is; IPv4 written as IPv6 (`::ffff:…`) is judged as IPv4. */
export function classifyAddress(address: string): Reach {
  const family = isIP(address);
  if (family === 0) return 'refused';
  // BlockList itself compares ::ffff:a.b.c.d against the IPv4 ranges.
  const among = (list: BlockList) => list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  if (among(METADATA)) return 'refused';
  if (among(LOOPBACK)) return 'loopback';
  if (among(PRIVATE)) return 'private';
  if (among(UNREACHABLE) || /^::(?!ffff:)/i.test(address)) return 'refused';
  return 'public';
}

/** Plain HTTP never leaves the machine or the closed network. */
function isAllowed(address: string, protocol: string, rules: PeerRules): boolean {
  const reach = classifyAddress(address);
  if (reach === 'public') return protocol === 'https:';
  if (reach === 'loopback') return rules.allowLoopbackPeers;
  return reach === 'private' && rules.allowPrivatePeers === true;
}

/**
 * A peer's URL that may be tried. Names are judged when they are resolved, by `makeLookup`.
 * @throws PeerError `PEER_URL_REFUSED`, `PEER_ADDRESS_REFUSED`
 */
export function parsePeerUrl(text: string, rules: PeerRules): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const scheme = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!url || !scheme || url.username !== '' || url.password !== '') throw refuse('PEER_URL_REFUSED');
  // A literal address is connected to without a lookup.
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0 && !isAllowed(literal, url.protocol, rules)) throw refuse('PEER_ADDRESS_REFUSED');
  return url;
}

const refuse = (code: 'PEER_URL_REFUSED' | 'PEER_ADDRESS_REFUSED') =>
  new PeerError(code, { nothingSent: true });

type LookupDone = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/** `lookup` of a connection: fails when any address of the name is refused, so that none is picked by chance. */
export function makeLookup(protocol: string, rules: PeerRules) {
  return (name: string, options: LookupOptions, done: LookupDone): void => {
    lookup(name, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '');
      const first = found[0];
      if (!first || !found.every(({ address }) => isAllowed(address, protocol, rules))) {
        return done(refuse('PEER_ADDRESS_REFUSED'), '');
      }
      if (options.all) done(null, found);
      else done(null, first.address, first.family);
    });
  };
}
