/** Numbers of acts: without holes where it can be, never twice, and legal for the peer. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countSeen, numberAct } from '#node/enquiries/number-act.ts';
import type { Act, Side } from '#schema/conversation/acts.ts';
import { isActLegalAsAuthored } from '#schema/conversation/rules.ts';

const act = (side: Side, n: number, seen: number, type: Act['type'] = 'PRG'): Act => ({
  id: `${side}-${n}`,
  side,
  n,
  seen,
  type,
  atMs: 0,
  facts: {},
});
const draft = { id: 'new', side: 'requested' as const, type: 'PRG' as const, atMs: 0, facts: {} };
const enquiry = act('requester', 1, 0, 'ENQ');

describe('numbering', () => {
  it('goes on after the last and sees up to the first gap', () => {
    const held = [enquiry, act('requester', 3, 0), act('requested', 1, 1)];
    expect(numberAct(held, [1], draft)).toEqual({ n: 2, seen: 1 });
  });

  it('fills the hole of an act that never arrived, claiming no more than later acts did', () => {
    const held = [enquiry, act('requester', 2, 0), act('requested', 1, 1), act('requested', 3, 1)];
    expect(numberAct(held, [1, 3], draft)).toEqual({ n: 2, seen: 1 });
  });

  it('leaves the hole where the act would not be legal there', () => {
    const answering = { ...draft, type: 'RPT' as const };
    const held = [enquiry, act('requested', 2, 0, 'PRG')];
    expect(isActLegalAsAuthored(held, { ...answering, n: 1, seen: 0 })).toBe(false);
    expect(numberAct(held, [2], answering)).toEqual({ n: 3, seen: 1 });
  });

  it('leaves the hole where the act would mean something else there', () => {
    const said = (n: number, type: Act['type'], facts: Act['facts']) => ({
      ...act('requested', n, 1, type),
      facts,
    });
    const lifted = [enquiry, said(1, 'STP', { phase: 'ask' }), said(3, 'STP', { phase: 'lift' })];
    expect(numberAct(lifted, [1, 3], { ...draft, type: 'STP', facts: { phase: 'ask' } }).n).toBe(4);
    const cleared = [enquiry, act('requested', 1, 1), said(3, 'STA', { careOfSuspect: false })];
    expect(numberAct(cleared, [1, 3], { ...draft, type: 'STA', facts: { careOfSuspect: true } }).n).toBe(4);
    expect(numberAct(cleared, [1, 3], { ...draft, type: 'ACK', facts: { re: 1 } }).n).toBe(2);
  });

  it('never takes a number that is taken, never claims what is not held', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 8 });
    fc.assert(
      fc.property(numbers, numbers, numbers, (ours, theirs, gone) => {
        const held = [
          ...ours.map((n) => act('requested', n, 0)),
          ...theirs.map((n) => act('requester', n, 0)),
        ];
        const taken = [...ours, ...gone];
        const { n, seen } = numberAct(held, taken, draft);
        expect(taken).not.toContain(n);
        expect(n).toBeLessThanOrEqual(Math.max(0, ...taken) + 1);
        for (let k = 1; k <= seen; k++) expect(theirs).toContain(k);
        expect(seen).toBeLessThanOrEqual(countSeen(held, 'requested'));
      }),
    );
  });
});
