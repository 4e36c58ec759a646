/**
 * What becomes of each checked message of one call, given what its sender had relayed before: pure.
 */
import type { Checked } from './check-envelope.ts';

/** A message taken before, or earlier in the same call. */
export type Known = {
  id: string;
  recipient: string;
  lane: string;
  seq: number;
  env: string;
  state: 'held' | 'receipted' | 'recalled' | 'expired';
};

/**
 * `new`: to be held. `known`: the same bytes as before. `recalled`: the sender has taken it back. `contradicts`: another
 * message has its id or number. `overloaded`: the sender has too much waiting.
 */
export type Verdict =
  | { kind: 'new' | 'known' | 'recalled' | 'overloaded' }
  | { kind: 'contradicts'; first: string };

/** What a sender may still put into mailboxes. */
export type Room = { messages: number; bytes: number };

/** What only urgent messages may take: one about a child in danger must not wait behind files. */
export const URGENT_RESERVE: Readonly<Room> = { messages: 1_000, bytes: 64 * 1024 * 1024 };
const NOTHING: Readonly<Room> = { messages: 0, bytes: 0 };

/**
 * Verdicts in the order of the messages; what the first ones take counts for those after them.
 * @param recalled ids the sender took back before they came
 */
export function judgeBatch(
  batch: readonly Checked[],
  before: readonly Known[],
  recalled: ReadonlySet<string>,
  room: Room,
): Verdict[] {
  const byId = new Map(before.map((one) => [one.id, one]));
  const byNumber = new Map(before.map((one) => [numberOf(one), one]));
  const controls = new Set<string>();
  const left = { ...room };
  return batch.map((one) => {
    const { envelope, env, sealed } = one;
    const known = describe(one);
    const earlier = byId.get(envelope.id) ?? (known && byNumber.get(numberOf(known)));
    if (earlier) return compare(earlier, env);
    if (recalled.has(envelope.id)) return { kind: 'recalled' };
    if (controls.has(envelope.id)) return { kind: 'known' };
    const kept = envelope.class === 'msg' && envelope.lane === 'urgent' ? NOTHING : URGENT_RESERVE;
    if (left.messages - kept.messages < 1 || left.bytes - kept.bytes < sealed.length)
      return { kind: 'overloaded' };
    left.messages -= 1;
    left.bytes -= sealed.length;
    if (known) {
      byId.set(known.id, known);
      byNumber.set(numberOf(known), known);
    } else controls.add(envelope.id);
    return { kind: 'new' };
  });
}

function compare(earlier: Known, env: string): Verdict {
  if (earlier.env !== env) return { kind: 'contradicts', first: earlier.env };
  return { kind: earlier.state === 'recalled' ? 'recalled' : 'known' };
}

/** Null for control messages: they have no number and may come again. */
function describe({ envelope, env }: Checked): Known | null {
  if (envelope.class === 'ctl') return null;
  const { id, to, lane, seq } = envelope;
  return { id, recipient: to, lane, seq, env, state: 'held' };
}

const numberOf = ({ recipient, lane, seq }: Known): string => `${recipient}/${lane}/${seq}`;
