import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Act } from '#schema/conversation/acts.ts';
import { foldConversation } from '#schema/conversation/conversation.ts';
import {
  ConversationError,
  isActLegalAsAuthored,
  judgeAsAuthored,
  mayAct,
} from '#schema/conversation/rules.ts';
import { act, anyActs, enquiry, playedConversation } from './play.ts';

const stateOf = (...acts: Act[]) => foldConversation(acts).state;
const open = [enquiry(), act('a1/1', 'ACK', { re: 1 })];
const answered = [...open, act('a2/1', 'RPT')];
const deferral = act('a2/1', 'REF', { deferral: true, until: '2027-02-01' });
const withdrawal = act('r2/1', 'WDR', { whole: true });

describe('two nodes', () => {
  test('agree on any exchange, however late, and never refuse what the other was allowed to do', () => {
    fc.assert(
      fc.property(playedConversation, ({ held, refused }) => {
        expect(refused).toEqual([]);
        const one = foldConversation(held.requester);
        expect(foldConversation(held.requested)).toEqual(one);
        expect(one.ineffective).toEqual([]);
      }),
      { numRuns: 700, endOnFailure: true },
    );
  });

  test('compute one state from one set, whatever the order of arrival', () => {
    fc.assert(
      fc.property(
        playedConversation.chain(({ held }) =>
          fc.tuple(
            fc.constant(held.requester),
            fc.shuffledSubarray([...held.requester], { minLength: held.requester.length }),
          ),
        ),
        ([acts, shuffled]) => {
          expect(foldConversation([...shuffled, ...shuffled.slice(0, 2)])).toEqual(foldConversation(acts));
        },
      ),
      { numRuns: 300, endOnFailure: true },
    );
  });

  test('agree on any set of acts, lawful or not, and what broke a rule opens nothing', () => {
    fc.assert(
      fc.property(
        anyActs.chain((acts) =>
          fc.tuple(fc.constant(acts), fc.shuffledSubarray(acts, { minLength: acts.length })),
        ),
        ([acts, shuffled]) => {
          const one = foldConversation(acts);
          expect(foldConversation(shuffled)).toEqual(one);
          const { openClarifications, openSupplements, openMeasures, openUses, accountsOwed } = one;
          const open = [
            ...openClarifications,
            ...openSupplements,
            ...openMeasures,
            ...openUses,
            ...accountsOwed,
          ];
          const ineffective = new Set(one.ineffective.map(({ id }) => id));
          expect(open.filter(({ by, n }) => ineffective.has(`${by}-${n}`))).toEqual([]);
          const asked = acts.filter((each) => each.type === 'CLR' && !ineffective.has(each.id));
          for (const side of ['requester', 'requested'] as const) {
            const most = asked.filter((each) => each.side === side).length;
            expect(one.clarificationsAsked[side]).toBeLessThanOrEqual(most);
          }
        },
      ),
      { numRuns: 400, endOnFailure: true },
    );
  });

  test('never show a conversation closed over an alarm', () => {
    fc.assert(
      fc.property(playedConversation, ({ held }) => {
        const { state, danger, missing, holdSafety } = foldConversation(held.requester);
        if (state === 'CLOSED')
          expect({ danger, missing, holdSafety }).toEqual({ danger: false, missing: [], holdSafety: false });
      }),
      { numRuns: 400, endOnFailure: true },
    );
  });
});

describe('acts that cross', () => {
  const report = act('a2/1', 'RPT');
  const refusal = act('a2/1', 'REF', { deferral: false });
  const negative = act('a2/1', 'NEG');
  const nothing = act('a2/1', 'NIC');

  test.each([
    ['withdrawal and report', withdrawal, report],
    ['withdrawal and refusal', withdrawal, refusal],
    ['withdrawal and negative', withdrawal, negative],
    ['withdrawal and no information', withdrawal, nothing],
  ])('%s: withdrawal prevails, the other is kept as crossed', (_, ours, theirs) => {
    const conversation = foldConversation([...open, ours, theirs]);
    expect(conversation).toMatchObject({ state: 'WITHDRAWN', crossed: [theirs.id], ineffective: [] });
  });

  test('a deferral ends nothing, so it overtakes nothing', () => {
    const crossing = foldConversation([...open, deferral, act('r2/1', 'PRG', { status: 'working' })]);
    expect(crossing).toMatchObject({ state: 'DEFERRED', crossed: [] });
    expect(crossing.outcome).toBeUndefined();
  });

  test('a withdrawal after a report seen does not cross it', () => {
    const conversation = foldConversation([...answered, act('r2/2', 'WDR', { whole: true })]);
    expect(conversation).toMatchObject({ state: 'WITHDRAWN', crossed: [] });
  });

  test('a closing that crosses news closes nothing', () => {
    const acts = [...answered, act('r2/2', 'CLS'), act('a3/1', 'PRG', { status: 'working' })];
    expect(foldConversation(acts)).toMatchObject({ state: 'ANSWERED', crossed: ['r2'] });
  });

  test('a closing that crosses only an acknowledgement closes', () => {
    expect(stateOf(...answered, act('r2/2', 'CLS'), act('a3/1', 'ACK', { re: 1 }))).toBe('CLOSED');
  });

  test('an urgent act does not wait for a number that never came', () => {
    const conversation = foldConversation([
      act('r2/0', 'WDR', { whole: true }),
      act('a1/0', 'STP', { phase: 'account', re: 2 }),
    ]);
    expect(conversation.gaps).toEqual([{ side: 'requester', from: 1, to: 1 }]);
    expect(conversation.accountsOwed).toEqual([]);
  });
});

describe('states', () => {
  test.each<[string, Act[]]>([
    ['DRAFT', []],
    ['SENT', [enquiry()]],
    ['ACKNOWLEDGED', open],
    ['IN_PROGRESS', [...open, act('a2/1', 'FLK')]],
    ['CLARIFYING', [...open, act('a2/1', 'CLR', { questions: ['q1'] })]],
    ['ACKNOWLEDGED', [...open, act('a2/1', 'CLR', { questions: ['q1'] }), act('r2/2', 'CLA', { re: 2 })]],
    ['FORWARDED', [...open, act('a2/1', 'FWD', { outside: false })]],
    ['TRANSFERRED_OUTSIDE', [...open, act('a2/1', 'FWD', { outside: true })]],
    ['AWAITING_COURT', [...open, act('a2/1', 'PRG', { status: 'awaiting-court' })]],
    ['AWAITING_CHILD', [...open, act('a2/1', 'PRG', { status: 'awaiting-child' })]],
    ['INTERIM', [...open, act('a2/1', 'INT')]],
    ['ANSWERED', answered],
    ['ACCEPTED', [...answered, act('r2/2', 'ACK', { re: 2 })]],
    ['SUPPLEMENT_ASKED', [...answered, act('r2/2', 'SUP', { phase: 'ask' })]],
    [
      'ANSWERED',
      [...answered, act('r2/2', 'SUP', { phase: 'ask' }), act('a3/2', 'SUP', { phase: 'give', re: 2 })],
    ],
    ['REFUSED', [...open, act('a2/1', 'REF', { deferral: false })]],
    ['DEFERRED', [...open, deferral]],
    ['DEFERRED', [...open, act('a2/1', 'INT'), act('a3/1', 'REF', { deferral: true, until: '2027-02-01' })]],
    ['CLARIFYING', [...open, deferral, act('a3/1', 'CLR', { questions: ['q1'] })]],
    ['IN_PROGRESS', [...open, deferral, act('a3/1', 'PRG', { status: 'working' })]],
    ['ANSWERED', [...open, deferral, act('a3/1', 'RPT')]],
    ['REFUSED', [...open, deferral, act('a3/1', 'REF', { deferral: false })]],
    ['WITHDRAWN', [...open, deferral, act('r2/2', 'WDR', { whole: true })]],
    ['WITHDRAWN', [...open, withdrawal]],
    ['ACKNOWLEDGED', [...open, act('r2/1', 'WDR', { whole: false, questions: ['q1'] })]],
    ['ON_HOLD_SAFETY', [...open, act('r2/1', 'STP', { phase: 'ask' })]],
    ['ACKNOWLEDGED', [...open, act('r2/1', 'STP', { phase: 'ask' }), act('r3/1', 'STP', { phase: 'lift' })]],
    ['CLOSED', [...answered, act('r2/2', 'CLS')]],
    ['IN_PROGRESS', [...answered, act('r2/2', 'CLS'), act('a3/2', 'RPN')]],
    ['ALERT', [act('r1/0', 'URG', { phase: 'raised', episode: 'requester:1' })]],
    ['ALERT', [act('r1/0', 'SGT')]],
    ['SENT', [act('r1/0', 'SGT'), act('r2/0', 'ENQ', { urgency: 'urgent' })]],
  ])('%s', (state, acts) => expect(stateOf(...acts)).toBe(state));

  test('an alert reopens what was closed', () => {
    const closed = [...answered, act('r2/2', 'CLS')];
    const alert = act('a3/2', 'URG', { phase: 'raised', episode: 'requested:1' });
    expect(foldConversation([...closed, alert])).toMatchObject({ state: 'ANSWERED', danger: true });
  });

  test('a missing episode pauses questions to the family until it ends', () => {
    const missing = act('r2/1', 'MIS', { phase: 'opened', episode: 'requester:1' });
    const found = act('r3/1', 'MIS', { phase: 'ended', episode: 'requester:1' });
    expect(foldConversation([...open, missing]).familyQuestionsPaused).toBe(true);
    expect(foldConversation([...open, missing, found]).familyQuestionsPaused).toBe(false);
  });

  test.each(['MIS', 'URG'] as const)('%s opened again under its number is open again', (type) => {
    const phase = type === 'MIS' ? 'opened' : 'raised';
    const say = (place: string, as: string) => act(place, type, { phase: as, episode: 'requester:1' });
    const isOpen = (...acts: Act[]) => {
      const { danger, missing } = foldConversation([...open, ...acts]);
      return danger || missing.length > 0;
    };
    expect(isOpen(say('r2/1', phase), say('r3/1', 'ended'))).toBe(false);
    expect(isOpen(say('r2/1', phase), say('r3/1', 'ended'), say('r4/1', phase))).toBe(true);
    expect(isOpen(say('r2/1', phase), say('a2/2', 'ended'))).toBe(false);
    expect(isOpen(say('r2/1', phase), say('a2/1', 'ended')), 'ended without having seen it').toBe(true);
  });

  test('withdrawal leaves an account owed by the side that may have acted', () => {
    const owed = foldConversation([...open, withdrawal]).accountsOwed;
    expect(owed).toMatchObject([{ by: 'requester', n: 2 }]);
    const account = act('a2/2', 'STP', { phase: 'account', re: 2 });
    expect(foldConversation([...open, withdrawal, account]).accountsOwed).toEqual([]);
  });
});

describe('rules', () => {
  const ruleOf = (acts: Act[], next: Act) => {
    const verdict = mayAct(foldConversation(acts), next.side, next.type, next.facts);
    return verdict.ok ? 'ok' : verdict.rule;
  };
  const missing = act('r2/1', 'MIS', { phase: 'opened', episode: 'requester:1' });
  const alert = act('r2/1', 'URG', { phase: 'raised', episode: 'requester:1' });

  test.each<[string, Act[], Act]>([
    ['author-side', open, act('r2/1', 'RPT')],
    ['author-side', open, act('a2/1', 'WDR', { whole: true })],
    ['needs-conversation', [], act('a1/0', 'ACK', { re: 1 })],
    ['needs-enquiry', [act('r1/0', 'SGT')], act('a1/1', 'RPT')],
    ['opens-once', open, act('r2/1', 'ENQ')],
    ['answered-already', answered, act('a3/1', 'NEG')],
    ['ok', [...open, act('a2/1', 'NIC')], act('a3/1', 'LSW')],
    ['answers-nothing', open, act('r2/1', 'CLA', { re: 1 })],
    ['answers-nothing', open, act('a2/1', 'ACK', { re: 7 })],
    [
      'second-clarification',
      [...open, act('a2/1', 'CLR', { questions: ['q1'] })],
      act('a3/1', 'CLR', { questions: ['q2'] }),
    ],
    ['ok', [...open, act('a2/1', 'CLR', { questions: ['q1'] })], act('a3/1', 'CLR', { bySupervisor: true })],
    ['deferral-never-on-urgent', [enquiry({ urgency: 'urgent' })], act('a1/1', 'REF', { deferral: true })],
    ['deferral-never-on-urgent', [...open, alert], act('a2/2', 'REF', { deferral: true })],
    ['ok', [...open, deferral], act('a3/1', 'RPT')],
    ['ok', [...open, deferral], act('a3/1', 'REF', { deferral: true, until: '2027-03-01' })],
    ['answered-already', [...open, act('a2/1', 'NIC')], act('a3/1', 'REF', { deferral: true })],
    ['not-over-silence', [...open, deferral], act('r2/2', 'CLS')],
    ['not-ended', [...open, deferral], act('r2/2', 'RPN')],
    ['not-over-silence', open, act('r2/1', 'CLS')],
    ['not-by-answerer', answered, act('a3/1', 'CLS')],
    ['not-while-missing', [...answered, missing], act('r3/2', 'CLS')],
    ['not-while-missing', [enquiry({ childMissing: true }), act('a1/1', 'NEG')], act('r2/1', 'CLS')],
    ['not-over-danger', [...answered, alert], act('r3/2', 'CLS')],
    ['not-in-care-of-suspect', [...open, act('a2/1', 'RPT', { careOfSuspect: true })], act('r2/2', 'CLS')],
    [
      'ok',
      [...open, act('a2/1', 'RPT', { careOfSuspect: true }), act('a3/1', 'STA', { careOfSuspect: false })],
      act('r2/3', 'CLS'),
    ],
    ['account-owed', [...open, withdrawal], act('a2/2', 'CLS')],
    ['supplement-owed', [...answered, act('r2/2', 'SUP', { phase: 'ask' })], act('r3/2', 'CLS')],
    ['not-ended', open, act('r2/1', 'RPN')],
    ['requester-reopens', [...open, withdrawal], act('a2/2', 'RPN')],
    ['ok', [...open, withdrawal], act('r3/1', 'RPN')],
    ['nothing-to-supplement', open, act('r2/1', 'SUP', { phase: 'ask' })],
    ['no-outcome-yet', open, act('r2/1', 'OUT')],
    ['not-after-end', [...open, withdrawal], act('a2/2', 'RPT')],
  ])('%s', (rule, acts, next) => expect(ruleOf(acts, next)).toBe(rule));

  test.each(['URG', 'STP', 'MIS', 'STA', 'REP'] as const)('%s is accepted even after closing', (type) => {
    const closed = [...answered, act('r2/2', 'CLS')];
    expect(isActLegalAsAuthored(closed, act('a3/2', type, { phase: 'ask' }))).toBe(true);
  });

  test('an act is judged by what its author had seen', () => {
    const report = act('a2/1', 'RPT');
    expect(isActLegalAsAuthored([...open, withdrawal], report)).toBe(true);
    const knowingly = act('a2/2', 'RPT');
    expect(() => judgeAsAuthored([...open, withdrawal], knowingly)).toThrow(ConversationError);
    expect(() => judgeAsAuthored([...open, withdrawal], knowingly)).toThrow(/not-after-end/);
  });

  test('an answer may name an act that overtook others, though its author had not seen those', () => {
    const overtaken = act('a2/1', 'PRG', { status: 'working' });
    const question = act('a3/1', 'CLR', { questions: ['q1'] });
    const given = act('r2/1', 'CLA', { re: 3 });
    expect(isActLegalAsAuthored([...open, question], given)).toBe(true);
    expect(isActLegalAsAuthored([...open, overtaken, question], given)).toBe(true);
  });

  test('numbers cannot be reused, nor unreleased acts be seen', () => {
    expect(() => judgeAsAuthored(open, { ...act('a1/1', 'PRG'), id: 'other' })).toThrow(/number-taken/);
    expect(() => judgeAsAuthored(open, act('a2/9', 'PRG'))).toThrow(/seen-too-high/);
  });

  test('no act may stand so far ahead that what is missing cannot be counted, an alert neither', () => {
    const note = (n: number) => act(`a${n}/1`, 'PRG', { status: 'working' });
    const alert = act('a1002/1', 'URG', { phase: 'raised', episode: 'requested:1' });
    expect(isActLegalAsAuthored([enquiry()], note(1001))).toBe(true);
    expect(() => judgeAsAuthored([enquiry()], note(1002))).toThrow(/too-far-ahead/);
    expect(() => judgeAsAuthored([enquiry()], alert)).toThrow(/too-far-ahead/);
    // What is held counts: the number itself may grow on.
    expect(isActLegalAsAuthored([enquiry(), note(1001)], note(1002))).toBe(true);
  });

  test('missing numbers are ranges, however large a peer makes them', () => {
    const far = act('a2000000000/1', 'STP', { phase: 'ask' });
    expect(foldConversation([...open, act('a4/1', 'PRG'), far]).gaps).toEqual([
      { side: 'requested', from: 2, to: 3 },
      { side: 'requested', from: 5, to: 1_999_999_999 },
    ]);
  });

  describe('an act without effect', () => {
    const question = (place: string) => act(place, 'CLR', { questions: ['q1'] });
    // Behind a gap nobody judges what comes in, so it is held; the fold finds that it breaks a rule.
    const held = (acts: Act[], behindGap: Act) => {
      expect(isActLegalAsAuthored(acts, behindGap)).toBe(true);
      const conversation = foldConversation([...acts, behindGap]);
      expect(conversation.ineffective.map(({ id }) => id)).toEqual([behindGap.id]);
      return conversation;
    };

    test('asks for no clarification, pauses nothing and is not counted', () => {
      const conversation = held([...open, question('a2/1')], question('a9/1'));
      expect(conversation).toMatchObject({
        openClarifications: [{ n: 2 }],
        clarificationsAsked: { requested: 1 },
      });
      expect(conversation.pauses).toHaveLength(1);
    });

    test('asks for no supplement, which would bar closing', () => {
      const refused = [...open, act('a2/1', 'REF', { deferral: false })];
      const conversation = held(refused, act('r9/2', 'SUP', { phase: 'ask' }));
      expect(conversation.openSupplements).toEqual([]);
      expect(mayAct(conversation, 'requester', 'CLS')).toEqual({ ok: true });
    });

    test('leaves no account owed, and takes no question back', () => {
      const closed = [...answered, act('r2/2', 'CLS')];
      expect(held(closed, act('r9/2', 'WDR', { whole: true })).accountsOwed).toEqual([]);
      const partial = act('r9/2', 'WDR', { whole: false, questions: ['q1'] });
      expect(held(closed, partial).withdrawnQuestions).toEqual([]);
    });

    test('keeps no time limit', () => {
      const withdrawn = [enquiry(), act('r2/0', 'WDR', { whole: true })];
      const { clock } = held(withdrawn, { ...act('a9/2', 'INT'), atMs: 5 });
      expect(clock).not.toHaveProperty('firstAnswerAtMs');
    });

    test('crossing another it opens nothing either', () => {
      const crossing = [
        ...open,
        question('a2/1'),
        act('r2/1', 'PRG', { status: 'working' }),
        question('a9/1'),
      ];
      const conversation = foldConversation(crossing);
      expect(conversation).toMatchObject({ crossed: ['a9'], clarificationsAsked: { requested: 1 } });
      expect(conversation.openClarifications.map(({ n }) => n)).toEqual([2]);
    });

    test('may be answered all the same', () => {
      const acts = [...open, question('a2/1'), question('a9/1')];
      expect(isActLegalAsAuthored(acts, act('r2/1', 'CLA', { re: 9 }))).toBe(true);
    });
  });

  test('an act behind a gap is not judged, and has no effect where it stands against the rules', () => {
    const behindGap = act('a5/1', 'CLS');
    expect(isActLegalAsAuthored(open, behindGap)).toBe(true);
    const conversation = foldConversation([...open, behindGap]);
    expect(conversation.state).toBe('ACKNOWLEDGED');
    expect(conversation.ineffective).toEqual([{ id: 'a5', rule: 'not-over-silence' }]);
  });
});
