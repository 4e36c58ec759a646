/** Acts for tests: written by hand, or played by two sides whose messages are late and overtake one another. */
import * as fc from 'fast-check';
import { type Act, otherSide, type Side } from '#schema/conversation/acts.ts';
import type { Facts } from '#schema/conversation/facts.ts';
import { isAlwaysAccepted, type MessageCode, messageCodes } from '#schema/conversation/message-types.ts';
import { isActLegalAsAuthored } from '#schema/conversation/rules.ts';

const SHORT = { r: 'requester', a: 'requested' } as const;

/** `act('r1/0', 'ENQ')`: requester's first act, having seen none of the requested side's. */
export function act(place: string, type: MessageCode, facts: Facts = {}): Act {
  const [, side, n, seen] = place.match(/^([ra])(\d+)\/(\d+)$/) as unknown as [
    string,
    'r' | 'a',
    string,
    string,
  ];
  return {
    id: place.replace(/\/.*/, ''),
    side: SHORT[side],
    n: Number(n),
    seen: Number(seen),
    type,
    atMs: 0,
    facts,
  };
}

export const enquiry = (facts: Facts = {}) =>
  act('r1/0', 'ENQ', { questions: ['q1', 'q2'], urgency: 'routine', childMissing: false, ...facts });

/** One of the values. */
function pick<T>(gen: fc.GeneratorValue, ...values: readonly T[]): T {
  return gen(() => fc.constantFrom(...values));
}

type Node = { readonly held: Act[]; readonly coming: Act[] };

/** One side's numbering: how far it has every act of the other. */
function contiguous(held: readonly Act[], side: Side): number {
  const numbers = new Set(held.filter((each) => each.side === side).map((each) => each.n));
  let n = 0;
  while (numbers.has(n + 1)) n += 1;
  return n;
}

const factsArbitrary = (type: MessageCode, re: number | undefined): fc.Arbitrary<Facts> => {
  const phases: Partial<Record<MessageCode, string[]>> = {
    STP: ['ask', 'account', 'lift'],
    MIS: ['opened', 'ended'],
    URG: ['raised', 'ended'],
    SUP: ['ask', 'give', 'correct'],
    MSR: ['ask', 'answer'],
    USE: ['ask', 'answer'],
  };
  return fc.record({
    ...(re !== undefined && { re: fc.constant(re) }),
    phase: fc.constantFrom(...(phases[type] ?? ['-'])),
    episode: fc.constantFrom('requester:1', 'requested:1', 'requester:0'),
    questions: fc.subarray(['q1', 'q2']),
    urgency: fc.constantFrom('routine' as const, 'urgent' as const),
    childMissing: type === 'ENQ' ? fc.boolean() : fc.constant(false),
    status: fc.constantFrom('working', 'awaiting-court', 'awaiting-child'),
    outside: fc.boolean(),
    whole: fc.boolean(),
    deferral: fc.boolean(),
    bySupervisor: fc.boolean(),
  });
};

export type Played = { readonly held: Record<Side, readonly Act[]>; readonly refused: readonly Act[] };

/**
 * Both sides act at random, each within what its own node allows, while messages of the urgent lane overtake
 * routine ones and all are late. At the end everything has arrived.
 */
export const playedConversation: fc.Arbitrary<Played> = fc.gen().map((gen) => {
  const nodes: Record<Side, Node> = {
    requester: { held: [], coming: [] },
    requested: { held: [], coming: [] },
  };
  const refused: Act[] = [];
  const steps = gen(fc.integer, { min: 2, max: 30 });
  for (let step = 0; step < steps; step += 1) {
    const side: Side = step === 0 ? 'requester' : pick<Side>(gen, 'requester', 'requested');
    if (step > 0 && gen(fc.boolean)) deliverOne(gen, nodes[side], refused);
    else release(gen, side, nodes, step);
  }
  for (const node of Object.values(nodes)) while (node.coming.length > 0) deliverOne(gen, node, refused);
  return { held: { requester: nodes.requester.held, requested: nodes.requested.held }, refused };
});

/** Acts that no honest node would have released: any type, by either side, with any number, gaps included. */
export const anyActs: fc.Arbitrary<Act[]> = fc.gen().map((gen) => {
  const acts = new Map<string, Act>([['requester-1', { ...enquiry(), id: 'requester-1' }]]);
  for (let count = gen(fc.integer, { min: 1, max: 14 }); count > 0; count -= 1) {
    const side = pick<Side>(gen, 'requester', 'requested');
    const n = gen(fc.integer, { min: 1, max: 9 });
    const type = pick(gen, ...messageCodes);
    const facts = gen(() => factsArbitrary(type, gen(fc.integer, { min: 1, max: 9 })));
    const id = `${side}-${n}`;
    if (!acts.has(id))
      acts.set(id, { id, side, n, seen: gen(fc.integer, { min: 0, max: 9 }), type, atMs: count, facts });
  }
  return [...acts.values()];
});

function release(gen: fc.GeneratorValue, side: Side, nodes: Record<Side, Node>, step: number): void {
  const { held } = nodes[side];
  const seen = contiguous(held, otherSide(side));
  const n = contiguous(held, side) + 1;
  const theirs = held.filter((each) => each.side !== side).map((each) => each.n);
  const type = step === 0 ? pick(gen, 'ENQ', 'URG', 'ENQ') : pick(gen, ...messageCodes);
  const re = theirs.length > 0 ? pick(gen, ...theirs) : undefined;
  const facts = gen(() => factsArbitrary(type, re));
  const candidate: Act = { id: `${side}-${n}`, side, n, seen, type, atMs: step, facts };
  if (!isActLegalAsAuthored(held, candidate)) return;
  nodes[side].held.push(candidate);
  nodes[otherSide(side)].coming.push(candidate);
}

/** Anything may overtake anything within reason: a superset of what two lanes can do. */
function deliverOne(gen: fc.GeneratorValue, node: Node, refused: Act[]): void {
  const urgent = node.coming.findIndex((each) => isAlwaysAccepted(each.type) || each.type === 'WDR');
  const index = urgent > 0 && gen(fc.boolean) ? urgent : 0;
  const [arriving] = node.coming.splice(index, 1);
  if (arriving === undefined) return;
  if (!isActLegalAsAuthored(node.held, arriving)) refused.push(arriving);
  node.held.push(arriving);
}
