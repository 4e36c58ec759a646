/**
 * Which number a new act of this side takes, and how much of the peer it has seen (PROTOCOL.md, Crossing acts). Pure.
 */
import type { Act, Side } from '#schema/conversation/acts.ts';
import { foldConversation } from '#schema/conversation/conversation.ts';
import { isActLegalAsAuthored } from '#schema/conversation/rules.ts';

export interface Numbering {
  readonly n: number;
  readonly seen: number;
}

/** The highest number up to which every act of the other side is held. */
export function countSeen(held: readonly Act[], side: Side): number {
  const numbers = new Set(held.filter((act) => act.side !== side).map((act) => act.n));
  let seen = 0;
  while (numbers.has(seen + 1)) seen += 1;
  return seen;
}

/**
 * The number for a new act. An act that certainly never reached the peer has left a hole, and a hole would stop the peer from
 * ever having "seen everything": it is filled first, unless the act would not be legal there or would mean something else
 * than said now: a stand-still below its author's older lift would be void.
 * @param held acts that count, of both sides
 * @param taken numbers of this side that cannot be used again
 */
export function numberAct(
  held: readonly Act[],
  taken: readonly number[],
  act: Omit<Act, 'n' | 'seen'>,
): Numbering {
  const seen = countSeen(held, act.side);
  const next = { n: Math.max(0, ...taken) + 1, seen };
  const hole = findHole(taken);
  if (hole === undefined) return next;
  // Later acts of ours went out having seen less: an act before them must not claim more than they did.
  const later = held.filter((other) => other.side === act.side && other.n > hole).map((other) => other.seen);
  const filling = { n: hole, seen: Math.min(seen, ...later) };
  const isLegal = isActLegalAsAuthored(held, { ...act, ...filling });
  const meaning = (place: Numbering) => meaningOf([...held, { ...act, ...place }]);
  return isLegal && meaning(filling) === meaning(next) ? filling : next;
}

/**
 * The number of an act that may have arrived, for the same act released anew: so it cannot take effect twice.
 * @returns undefined where it would not be legal there now, or would mean something else
 */
export function numberAgain(
  held: readonly Act[],
  taken: readonly number[],
  act: Omit<Act, 'n' | 'seen'>,
  n: number,
): Numbering | undefined {
  const allOthers = Array.from({ length: Math.max(...taken) }, (_, i) => i + 1).filter((one) => one !== n);
  const numbering = numberAct(held, allOthers, act);
  return numbering.n === n ? numbering : undefined;
}

/** What a conversation says, whatever numbers its acts have. */
function meaningOf(acts: readonly Act[]): string {
  const { acts: _acts, gaps: _gaps, outcome, ...conversation } = foldConversation(acts);
  const withoutNumbers = (key: string, value: unknown) => (key === 'n' ? undefined : value);
  return JSON.stringify({ ...conversation, outcome: outcome?.id }, withoutNumbers);
}

function findHole(taken: readonly number[]): number | undefined {
  const numbers = new Set(taken);
  for (let n = 1; n < Math.max(0, ...taken); n += 1) if (!numbers.has(n)) return n;
  return undefined;
}
