/**
 * Turns tokens into what the database may hold of them (docs/adr/0011-blind-index-of-names.md): HMAC-SHA-256 under the node's index
 * key, cut to 20 bits. The database can tell that two tokens are likely equal, and nothing else; whoever has the key as well learns
 * that a name is one of many. The key never leaves the node, and index rows of a case are deleted with its data key.
 */
import { createHmac } from 'node:crypto';
import type { SearchableFacts } from './facts.ts';
import { MatchingError } from './matching-error.ts';
import { type Token, type TokenKind, tokenKinds, tokensOf } from './tokens.ts';

/** Bytes of the index key. */
const KEY_BYTES = 32;
/** Bits that are kept of each token. */
export const TOKEN_BITS = 20;
const CONTEXT = 'focalnet blind index 1';

/** What the database holds of a token. */
export interface BlindToken {
  /** From `tokenKinds`. */
  readonly kind: number;
  /** Three bytes; the low four bits of the last are 0. */
  readonly token: Uint8Array;
}

/** Makes the tokens of one index. @param key 32 secret bytes, the same for the whole node @throws MatchingError INDEX_KEY_INVALID */
export function makeBlindIndex(key: Uint8Array): BlindIndex {
  if (!(key instanceof Uint8Array) || key.length !== KEY_BYTES) throw new MatchingError('INDEX_KEY_INVALID');
  const own = Uint8Array.from(key);
  const blindToken = ({ kind, value }: Token): BlindToken => {
    // No NUL survives in a value (clean.ts), so that no two inputs are one.
    const mac = createHmac('sha256', own).update(`${CONTEXT}\0${kind}\0${value}`).digest();
    return { kind: tokenKinds[kind], token: Uint8Array.of(mac[0]!, mac[1]!, mac[2]! & 0xf0) };
  };
  return {
    tokensToKeep: (facts) => unique(tokensOf(facts).map(blindToken)),
    tokensToFind: (facts) =>
      tokensOf(facts).map((token) => ({ ...blindToken(token), weight: WEIGHTS[token.kind] })),
  };
}

export interface BlindIndex {
  /** The tokens of a record, for the store. @throws MatchingError as tokensOf */
  readonly tokensToKeep: (facts: SearchableFacts) => BlindToken[];
  /** The tokens of what is sought, with how much the rarity of each counts. @throws MatchingError as tokensOf */
  readonly tokensToFind: (facts: SearchableFacts) => AskedToken[];
}

export interface AskedToken extends BlindToken {
  readonly weight: number;
}

/**
 * How much of its rarity a token adds (find-candidates.ts): all of it, but little for the spelling of a word whose sound counts
 * already, so that a record in another script is not put behind namesakes in one's own.
 */
const WEIGHTS: Readonly<Record<TokenKind, number>> = {
  part: 0.3,
  sound: 0.3,
  skeleton: 1,
  pair: 1,
  birthYear: 1,
  birthMonth: 1,
};

function unique(tokens: readonly BlindToken[]): BlindToken[] {
  return [
    ...new Map(tokens.map((one) => [`${one.kind} ${Buffer.from(one.token).toString('hex')}`, one])).values(),
  ];
}
