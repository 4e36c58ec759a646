import { describe, expect, test } from 'vitest';
import { type Act, otherSide, type Side } from '#schema/conversation/acts.ts';
import { foldConversation } from '#schema/conversation/conversation.ts';
import { caseFactsOf } from '#schema/conversation/enquiry-file.ts';
import { factsOf } from '#schema/conversation/facts.ts';
import { blockingGates, type CaseFacts, checkGates, type GateInput } from '#schema/conversation/gates.ts';
import { messageTypes } from '#schema/conversation/message-types.ts';
import { judgeAsAuthored } from '#schema/conversation/rules.ts';
import { readEnquiryFile, type Scenario, type Step, scenarios } from '#tests/fixtures/scenarios.ts';

/** Stands for the node's digest of what would leave. */
const DIGEST = 'd'.repeat(64);

const fileOf = (scenario: Scenario, step: Step) =>
  scenario.steps.find((each) => each.thread === step.thread && each.file)?.file ?? 'none';

function caseFactsFor(scenario: Scenario, step: Step): CaseFacts {
  const file = readEnquiryFile(fileOf(scenario, step));
  const fromFile = caseFactsOf(file, DIGEST);
  const recipient = scenario.states[step.thread]![otherSide(step.side)];
  const own = { ...fromFile, ...step.knows };
  const knows = step.side === 'requester' ? own : scenario.requestedKnows;
  // What was stated beside what had been stopped before counts on.
  const earlier = scenario.steps
    .slice(0, scenario.steps.indexOf(step))
    .filter(({ side, expectBlocked }) => side === step.side && expectBlocked === 'protection-state')
    .map((before) => ({ ...fromFile, ...before.knows, atMs: Date.parse(before.at) }));
  const asylumCleared = step.side === 'requester' && step.type !== 'ENQ' && fromFile.clearances.length > 0;
  const kinds = asylumCleared ? [...step.cleared, 'asylum' as const] : step.cleared;
  return {
    ...knows,
    earlier,
    familyQuestionsPaused: false,
    locationHidden: file.body.warnings.some((warning) => warning.code === 'do-not-reveal-location'),
    harm: {
      personName: 'Supervisor on duty',
      answer: 'not-likely-to-endanger',
      reasons: 'Recorded.',
      atMs: 0,
    },
    clearances: [
      ...(step.type === 'ENQ' ? fromFile.clearances : []),
      ...kinds.map((kind) => ({
        kind,
        recipient,
        digest: DIGEST,
        expiresAtMs: Infinity,
        by: ['Supervisor', 'Legal adviser'],
      })),
    ],
  };
}

function gatesOf(scenario: Scenario, step: Step) {
  const states = scenario.states[step.thread]!;
  const profile = (state: string) => ({
    state,
    isBiibState: scenario.biib.includes(state),
    isH96Party: scenario.h96.includes(state),
  });
  return checkGates({
    type: step.type,
    body: step.body,
    digest: DIGEST,
    side: step.side,
    enquiry: readEnquiryFile(fileOf(scenario, step)).body,
    self: profile(states[step.side]),
    peer: { ...profile(states[otherSide(step.side)]), holdsCase: step.type !== 'ENQ' },
    caseFacts: caseFactsFor(scenario, step),
    nowMs: Date.parse(step.at),
  } as GateInput);
}

function actOf(step: Step, held: readonly Act[]): Act {
  const count = (side: Side) => held.filter((act) => act.side === side).length;
  const n = count(step.side) + 1;
  const facts = factsOf(step.type, step.body as never);
  return {
    id: `${step.thread}-${step.side}-${n}`,
    side: step.side,
    n,
    seen: count(otherSide(step.side)),
    type: step.type,
    atMs: Date.parse(step.at),
    facts,
  };
}

describe.each(scenarios.map((scenario) => [`${scenario.id} ${scenario.title}`, scenario] as const))(
  '%s',
  (_, scenario) => {
    test('every body fits its schema', () => {
      for (const step of scenario.steps) {
        const parsed = messageTypes[step.type].body.safeParse(step.body);
        expect({ type: step.type, at: step.at, issues: parsed.error?.issues ?? [] }).toEqual({
          type: step.type,
          at: step.at,
          issues: [],
        });
        expect(JSON.stringify(step.body)).not.toContain('undefined');
      }
    });

    test('gates stop what they must and nothing else', () => {
      for (const step of scenario.steps) {
        const blocking = blockingGates(gatesOf(scenario, step));
        if (step.expectBlocked === undefined)
          expect({ at: step.at, type: step.type, blocking }).toEqual({
            at: step.at,
            type: step.type,
            blocking: [],
          });
        else expect(blocking).toContain(step.expectBlocked);
      }
    });

    test('both sides reach every state, and the end', () => {
      const threads = new Map<string, Act[]>();
      for (const step of scenario.steps.filter((each) => each.expectBlocked === undefined)) {
        const held = threads.get(step.thread) ?? [];
        threads.set(step.thread, held);
        const act = actOf(step, held);
        expect(() => judgeAsAuthored(held, act)).not.toThrow();
        held.push(act);
        const conversation = foldConversation(held);
        expect(conversation.ineffective).toEqual([]);
        if (step.expectState)
          expect({ at: step.at, state: conversation.state }).toEqual({
            at: step.at,
            state: step.expectState,
          });
      }
      for (const held of threads.values()) expect(foldConversation(held).state).toBe('CLOSED');
    });
  },
);

test('06: nothing leaves at all', () => {
  const stopped = scenarios.find((scenario) => scenario.id === '06')!;
  expect(stopped.steps.map((step) => [step.knows?.asylum[0]?.status, step.expectBlocked])).toEqual([
    [undefined, 'protection-state'],
    ['pending', 'protection-state'],
    [undefined, 'statement-changed'],
    ['recognised', 'protection-state'],
  ]);
});

test('05: the alert is acted on before the enquiry it overtook has arrived', () => {
  const { steps } = scenarios.find((scenario) => scenario.id === '05')!;
  const enquiry = actOf(steps[0]!, []);
  const alert = actOf(steps[1]!, [enquiry]);
  expect(foldConversation([alert])).toMatchObject({
    state: 'ALERT',
    danger: true,
    gaps: [{ side: 'requester', from: 1, to: 1 }],
  });
  expect(foldConversation([alert, enquiry])).toEqual(foldConversation([enquiry, alert]));
});

test('11: neither State can read in its enquiry that another was asked', () => {
  expect(JSON.stringify(readEnquiryFile('11b-stateless-sighting.json').body)).not.toMatch(/XC|State xc/i);
  expect(JSON.stringify(readEnquiryFile('11c-stateless-mother.json').body)).not.toMatch(/XB|State xb/i);
});

test('01: eight questions to registers and professionals, age by three sources, three scripts', () => {
  const { body } = readEnquiryFile('01-main-journey.json');
  expect(body.questions).toHaveLength(8);
  expect(body.questions.every((asked) => ['S0', 'S1'].includes(asked.limit.source))).toBe(true);
  expect(new Set(body.children[0]!.birth.findings.map((finding) => finding.basis)).size).toBe(3);
  expect(new Set(body.children[0]!.names.map((name) => name.script))).toEqual(
    new Set(['Cyrl', 'Arab', 'Latn']),
  );
});
