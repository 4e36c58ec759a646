/**
 * What two States have asked each other to erase, and what was answered; and the digest by which an answer names messages.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { encodeHex } from '#schema/protocol/base64.ts';
import { encodeCanonical } from '#schema/protocol/canonical.ts';
import { type Act, otherSide, type Side } from './acts.ts';
import type { MessageCode } from './message-types.ts';

/** One demand to erase. */
export type ErasureMatter = {
  readonly by: Side;
  readonly n: number;
  readonly atMs: number;
  readonly ground: string;
  /** Number of the one act it is about, of who asks; absent: the whole conversation. */
  readonly act?: number;
  /** The last answer: an act that is kept for now may be erased later. */
  readonly answer?: {
    readonly n: number;
    readonly atMs: number;
    readonly result: string;
    readonly until?: string;
  };
};

/** @param acts with effect, in canonical order; answers are looked up in `all` */
export function gatherErasures(acts: readonly Act[], all: readonly Act[]): ErasureMatter[] {
  return acts.filter(isAsk).map((ask) => {
    const answer = all.findLast(
      (act) =>
        act.type === 'ERS' &&
        act.side === otherSide(ask.side) &&
        act.facts.phase === 'answer' &&
        act.facts.re === ask.n,
    );
    return {
      by: ask.side,
      n: ask.n,
      atMs: ask.deliveredAtMs ?? ask.atMs,
      ground: ask.facts.status ?? '',
      ...(ask.facts.act !== undefined && { act: ask.facts.act }),
      ...(answer && { answer: describe(answer) }),
    };
  });
}

const isAsk = ({ type, facts }: Act) => type === 'ERS' && facts.phase === 'ask';

const describe = ({ n, atMs, facts }: Act) => ({
  n,
  atMs,
  result: facts.status ?? '',
  ...(facts.until !== undefined && { until: facts.until }),
});

/** Side that has erased the whole conversation: nothing can be added to it there. */
export const erasedBy = (erasures: readonly ErasureMatter[]): Side | undefined => {
  const done = erasures.find(({ act, answer }) => act === undefined && answer?.result === 'erased');
  return done && otherSide(done.by);
};

/** Records that protect a child, or rest on law: no withdrawal of agreement erases them (PRACTICE.md A13). */
export const protectiveTypes: readonly MessageCode[] = ['URG', 'STP', 'MIS', 'SGT', 'MSR', 'REP', 'STA'];

/** SHA-256, hex, of the canonical JSON of the ids in ascending order. */
export const digestOfMessages = (ids: readonly string[]): string =>
  encodeHex(sha256(encodeCanonical([...new Set(ids)].sort())));

/** Which of the messages of a conversation an erasure is about: all but those that speak of erasing. */
export const erasableOf = <A extends { readonly type: string; readonly side: Side; readonly n: number }>(
  acts: readonly A[],
  { by, act }: Pick<ErasureMatter, 'by' | 'act'>,
): A[] =>
  acts.filter((one) => one.type !== 'ERS' && (act === undefined || (one.side === by && one.n === act)));
