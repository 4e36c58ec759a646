/**
 * How often a stranger may make this node look: for a sign-in, a session, a link. Passwords and second factors are the provider's, and so are the limits on
 * guessing them; here it is kept from being flooded, and codes for programs from being guessed. Kept in memory: a node runs as one
 * process. Pure but for the clock it is handed.
 */
import { isIPv6 } from 'node:net';
import { AccessError } from '../access-error.ts';

/** Numbers of tries; times in milliseconds. All are defaults of this project. */
export const tryLimits = {
  /** Of one address at once: a large office on a Monday morning, behind one address. D */
  burst: 300,
  /** After that one more comes back so often, so that nobody is locked out for longer than it takes to press reload. D */
  refillMs: 500,
  /** Wrong codes for one begun sign-in of a program; then its codes are good for nothing. D */
  wrongCodes: 5,
  /** For so long wrong codes count: as long as a code is good (program-code.ts). D */
  wrongCodeMs: 2 * 60_000,
  /** Addresses, and begun sign-ins, that are remembered; the oldest are forgotten first. D */
  remembered: 10_000,
} as const;

/** A few tries have come back by then. */
const RETRY_AFTER_S = Math.ceil((4 * tryLimits.refillMs) / 1000);
const tooMany = () => new AccessError('TOO_MANY_TRIES', { retryAfterS: RETRY_AFTER_S });

export interface TryLimits {
  /** One try of an address. @throws AccessError TOO_MANY_TRIES */
  readonly take: (address: string) => void;
  /** Somebody did sign in: what that took was no try. */
  readonly giveBack: (address: string, tries: number) => void;
  /**
   * Looks for what a stranger names, e.g. a session: a try of the address, unless it is found, or was before. So whoever has a good
   * one is let through, whatever else comes from the same address; what is not known yet has one look at a time to get known by.
   * @throws AccessError TOO_MANY_TRIES
   */
  readonly lookUp: <T>(address: string, name: string, find: () => Promise<T>) => Promise<T>;
  /** Whether codes for this challenge are still looked at. @throws AccessError TOO_MANY_CODES */
  readonly requireOpen: (challenge: string) => void;
  /** A code for this challenge was wrong. */
  readonly noteWrong: (challenge: string) => void;
}

/** @param nowMs clock, milliseconds since 1970 */
export function makeTryLimits(nowMs: () => number): TryLimits {
  const buckets = new Map<string, { left: number; atMs: number }>();
  const found = new Map<string, true>();
  let isLooking = false;
  const wrong = new Map<string, { count: number; untilMs: number }>();
  const countWrong = (challenge: string): number => {
    const noted = wrong.get(challenge);
    return noted !== undefined && noted.untilMs > nowMs() ? noted.count : 0;
  };
  const hasOne = (address: string): boolean => {
    const network = networkOf(address);
    const now = nowMs();
    const before = buckets.get(network) ?? { left: tryLimits.burst, atMs: now };
    const refilled = before.left + Math.max(0, now - before.atMs) / tryLimits.refillMs;
    const left = Math.min(tryLimits.burst, refilled) - 1;
    remember(buckets, network, { left: Math.max(left, 0), atMs: now });
    return left >= 0;
  };
  const giveBack = (address: string, tries: number) => {
    const bucket = buckets.get(networkOf(address));
    if (bucket) bucket.left = Math.min(tryLimits.burst, bucket.left + tries);
  };
  const lookAlone = async <T>(find: () => Promise<T>): Promise<T> => {
    if (isLooking) throw tooMany();
    isLooking = true;
    try {
      return await find();
    } finally {
      isLooking = false;
    }
  };
  return {
    take: (address) => {
      if (!hasOne(address)) throw tooMany();
    },
    giveBack,
    lookUp: async (address, name, find) => {
      const isKnown = found.has(name);
      const isTry = !isKnown && hasOne(address);
      const result = isKnown || isTry ? await find() : await lookAlone(find);
      if (result !== undefined) {
        remember(found, name, true);
        if (isTry) giveBack(address, 1);
      }
      return result;
    },
    requireOpen: (challenge) => {
      if (countWrong(challenge) >= tryLimits.wrongCodes) throw new AccessError('TOO_MANY_CODES');
    },
    noteWrong: (challenge) => {
      const count = countWrong(challenge) + 1;
      remember(wrong, challenge, { count, untilMs: nowMs() + tryLimits.wrongCodeMs });
    },
  };
}

/** The last one used is the last one forgotten. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > tryLimits.remembered && oldest !== undefined) map.delete(oldest);
}

/** One line to the internet has one address of IPv4, and 2^64 of IPv6 (RFC 6177): those are one. */
function networkOf(address: string): string {
  if (!isIPv6(address) || /^::ffff:\d+\./i.test(address)) return address.replace(/^::ffff:/i, '');
  const [head = '', tail] = address.toLowerCase().split('%', 1)[0]!.split('::');
  const [first, last] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array.from({ length: 8 - first!.length - last!.length }, () => '0');
  return [...first!, ...zeros, ...last!]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16))
    .join(':');
}
