/**
 * One act of a conversation as the fold sees it, and the one order in which a set of acts is read. Two nodes
 * that hold the same acts read them in the same order, whatever the order of arrival; nothing here looks at
 * a clock, at who is asking, or at anything that only one of the two States knows.
 */
import type { Facts } from './facts.ts';
import { type MessageCode, terminalRank } from './message-types.ts';

/** Who asked and who was asked; in an alert nobody asked for, the requester is the State that raised it. */
export type Side = 'requester' | 'requested';

export type Act = {
  readonly id: string;
  readonly side: Side;
  /** The author's n-th act in this conversation, from 1. */
  readonly n: number;
  /** Highest number of the peer up to which the author had every act when this one was released. */
  readonly seen: number;
  readonly type: MessageCode;
  /** When the author released it, milliseconds since 1970. Shown and used by clocks, never for order. */
  readonly atMs: number;
  /** When the peer's delivery receipt says it arrived; both States hold that receipt. Starts legal clocks. */
  readonly deliveredAtMs?: number;
  readonly facts: Facts;
};

export function otherSide(side: Side): Side {
  return side === 'requester' ? 'requested' : 'requester';
}

/** Whether neither author had the other's act when releasing their own. */
export function areConcurrent(one: Act, other: Act): boolean {
  return one.side !== other.side && one.seen < other.n && other.seen < one.n;
}

/**
 * The canonical order of a set of acts (PROTOCOL.md, Crossing acts). An act comes after every held act its
 * author had seen. Of two crossing acts the one that does not end anything comes first, then the weaker
 * ending, so that the strongest is read last and prevails; otherwise the requester's. A number that never
 * arrived is stepped over: an urgent act that overtook others must not wait for them.
 */
export function orderActs(acts: Iterable<Act>): readonly Act[] {
  const bySide = splitBySide(acts);
  const { requester, requested } = bySide;
  const order: Act[] = [];
  let i = 0;
  let j = 0;
  while (i < requester.length || j < requested.length) {
    const ours = requester[i];
    const theirs = requested[j];
    if (theirs === undefined || (ours !== undefined && comesFirst(ours, theirs))) {
      order.push(ours!);
      i += 1;
    } else {
      order.push(theirs);
      j += 1;
    }
  }
  return order;
}

/** Whether the requester's head goes before the requested side's head. */
function comesFirst(requester: Act, requested: Act): boolean {
  const requesterReady = requested.n > requester.seen;
  const requestedReady = requester.n > requested.seen;
  // Neither ready: two acts that each claim to have seen the other. One author lied; any fixed choice will do.
  if (requesterReady !== requestedReady) return requesterReady;
  return terminalRank(requester.type, requester.facts) <= terminalRank(requested.type, requested.facts);
}

function splitBySide(acts: Iterable<Act>): Record<Side, Act[]> {
  const unique = new Map<string, Act>();
  for (const act of acts) unique.set(act.id, act);
  const bySide: Record<Side, Act[]> = { requester: [], requested: [] };
  for (const act of unique.values()) bySide[act.side].push(act);
  return { requester: withGrowingSeen(bySide.requester), requested: withGrowingSeen(bySide.requested) };
}

/** Sorted by number. What an author had once seen stays seen, even when a later act of theirs says less. */
function withGrowingSeen(acts: Act[]): Act[] {
  const sorted = acts.sort((a, b) => a.n - b.n || (a.id < b.id ? -1 : 1));
  let seen = 0;
  return sorted.map((act) => {
    seen = Math.max(seen, act.seen);
    return act.seen === seen ? act : { ...act, seen };
  });
}
