import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QuestionLimit } from '#schema/conversation/bodies/common.ts';
import type { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';
import { caseFactsOf } from '#schema/conversation/enquiry-file.ts';
import {
  blockingGates,
  type CaseFacts,
  type Clearance,
  checkGates,
  effectiveLimit,
  type GateInput,
} from '#schema/conversation/gates.ts';
import { type BodyOf, type MessageCode, messageTypes } from '#schema/conversation/message-types.ts';
import { disclosure, source } from '#schema/vocabulary/limits.ts';
import { questions } from '#schema/vocabulary/questions.ts';
import { asylumStatus, safetyWarning } from '#schema/vocabulary/warnings.ts';
import { readEnquiryFile, scenarios } from '#tests/fixtures/scenarios.ts';

const main = readEnquiryFile('01-main-journey.json');
/** Stands for the node's digest of what would leave. */
const digestFor = (body: unknown) => JSON.stringify(body);
const facts = caseFactsOf(main, digestFor(main.body));
const nowMs = Date.parse('2026-11-24T09:00:00Z');
const party = { isBiibState: true, isH96Party: true };

function input<C extends MessageCode>(
  type: C,
  body: BodyOf<C>,
  more: Partial<GateInput<C>> = {},
): GateInput<C> {
  return {
    type,
    body,
    digest: digestFor(body),
    side: 'requester',
    enquiry: main.body,
    self: { state: 'xa', ...party },
    peer: { state: 'xb', ...party, holdsCase: false },
    caseFacts: facts,
    nowMs,
    ...more,
  };
}
const blocked = <C extends MessageCode>(given: GateInput<C>) => blockingGates(checkGates(given));
const cleared = (body: unknown, more: Partial<Clearance> = {}): Clearance => ({
  kind: 'asylum',
  recipient: 'xb',
  digest: digestFor(body),
  expiresAtMs: nowMs + 1,
  by: ['A', 'B'],
  ...more,
});
const holder = { state: 'xb', ...party, holdsCase: true };
const withFacts = (more: Partial<CaseFacts>): CaseFacts => ({ ...facts, ...more });
const towards = (status: (typeof asylumStatus.codes)[number], clearances = facts.clearances) =>
  withFacts({ asylum: [{ country: 'XB', status }], clearances });

/** The enquiry with one question changed, and a clearance for the changed content. */
function changed(change: (body: EnquiryBody) => void, more: Partial<CaseFacts> = {}) {
  const body = structuredClone(main.body);
  change(body);
  return input('ENQ', body, {
    enquiry: body,
    caseFacts: withFacts({ clearances: [cleared(body)], ...more }),
  });
}

test('the main journey passes every gate', () => {
  expect(checkGates(input('ENQ', main.body)).filter((result) => result.outcome !== 'pass')).toEqual([]);
});

describe('harm', () => {
  test('no statement, no sending', () => {
    expect(blocked(input('ENQ', main.body, { caseFacts: withFacts({ harm: undefined }) }))).toEqual(['harm']);
  });
  test('a statement that it likely endangers stops it', () => {
    const harm = { ...facts.harm!, answer: 'likely-endangers' } as const;
    expect(blocked(input('ENQ', main.body, { caseFacts: withFacts({ harm }) }))).toEqual(['harm']);
  });
  test('a stand-still never waits for a statement', () => {
    const body = { phase: 'ask', nothingDone: false, acts: [] } as const;
    const given = input(
      'STP',
      { ...body, acts: [] },
      { caseFacts: withFacts({ harm: undefined }), peer: { state: 'xb', ...party, holdsCase: true } },
    );
    expect(blocked(given)).toEqual([]);
  });
});

describe('protection State', () => {
  test.each(asylumStatus.codes)('%s, with every clearance there is', (status) => {
    const passes = status === 'counselled-not-sought' || status === 'finally-rejected';
    expect(
      blocked(input('ENQ', main.body, { caseFacts: towards(status) })).includes('protection-state'),
    ).toBe(!passes);
  });
  test('what is not said is not assessed', () => {
    expect(blocked(input('ENQ', main.body, { caseFacts: withFacts({ asylum: [] }) }))).toContain(
      'protection-state',
    );
  });
  test.each<[string, Partial<Clearance>]>([
    ['another recipient', { recipient: 'xc' }],
    ['another digest', { digest: '0'.repeat(64) }],
    ['an expiry that has passed', { expiresAtMs: nowMs }],
    ['nobody who gave it', { by: [] }],
    ['another purpose', { kind: 'presence' }],
  ])('a clearance for %s clears nothing', (_, more) => {
    const caseFacts = withFacts({ clearances: [cleared(main.body, more)] });
    expect(blocked(input('ENQ', main.body, { caseFacts }))).toContain('protection-state');
  });
  test('the same words with other files, or in another conversation, need a clearance of their own', () => {
    expect(blocked(input('ENQ', main.body, { digest: digestFor('other files') }))).toContain(
      'protection-state',
    );
  });
  test('changing one letter needs a new clearance', () => {
    const body = structuredClone(main.body);
    body.reasons.text += '.';
    expect(blocked(input('ENQ', body, { enquiry: body }))).toContain('protection-state');
  });
  test('an acknowledgement and "no information" pass whatever is pending', () => {
    expect(blocked(input('ACK', { re: 1 }, { caseFacts: towards('pending', []) }))).toEqual([]);
    const nic = input(
      'NIC',
      { statement: 'no-information-can-be-communicated' },
      { side: 'requested', caseFacts: towards('pending', []) },
    );
    expect(blocked(nic)).toEqual([]);
  });
  test('an alert passes only to where the child is believed to be', () => {
    const step = scenarios[4].steps.find((each) => each.type === 'URG')!;
    const body = step.body as BodyOf<'URG'>;
    expect(blocked(input('URG', body, { caseFacts: towards('pending', []) }))).toEqual([]);
    const { place: _place, ...believed } = body.believed;
    const elsewhere = { ...body, believed: { ...believed, country: 'XC' } };
    expect(blocked(input('URG', elsewhere, { caseFacts: towards('pending', []) }))).toEqual([
      'protection-state',
    ]);
  });
  test('a child who is elsewhere may be protected from the peer by a third State', () => {
    const elsewhere = (status: Parameters<typeof towards>[0]) =>
      blocked(
        input('ENQ', main.body, {
          enquiry: main.body,
          caseFacts: { ...towards(status, []), childIsHere: 'no' },
        }),
      );
    for (const status of ['possible', 'pending', 'recognised', 'appeal-open'] as const)
      expect(elsewhere(status)).toContain('protection-state');
    for (const status of ['not-assessed', 'finally-rejected'] as const)
      expect(elsewhere(status)).not.toContain('protection-state');
  });
  test('a withdrawal says where it was said only by a release of exactly this act, and never where a warning forbids it', () => {
    const body = scenarios[3].steps.find((each) => each.type === 'WDR')!.body as BodyOf<'WDR'>;
    const said = { ...body, circumstances: { ...body.circumstances, where: 'INVENTED shelter, Mill Lane' } };
    const given = input('WDR', said, { peer: holder });
    expect(blocked(given)).toEqual(['location']);
    const { where: _where, ...form } = said.circumstances;
    expect(blocked(input('WDR', { ...said, circumstances: form }, { peer: holder }))).toEqual([]);
    const hidden = { ...given.caseFacts, locationHidden: true };
    expect(blocked({ ...given, caseFacts: hidden })).toEqual(['location']);
  });
  test('a withdrawal goes only to a peer that holds the case', () => {
    const body = scenarios[3].steps.find((each) => each.type === 'WDR')!.body as BodyOf<'WDR'>;
    const caseFacts = towards('pending', []);
    expect(blocked(input('WDR', body, { caseFacts }))).toEqual(['protection-state']);
    const { note: _note, where: _where, ...form } = body.circumstances;
    expect(blocked(input('WDR', { ...body, circumstances: form }, { caseFacts, peer: holder }))).toEqual([]);
    expect(blocked(input('WDR', body, { caseFacts, peer: holder }))).toEqual(['protection-state']);
  });
  test('what stops, closes or corrects tells a feared State nothing new', () => {
    const caseFacts = towards('recognised', []);
    const text = { text: 'Now lives in the town of T.', language: 'en' };
    const stop = { phase: 'ask', nothingDone: false, acts: [] } satisfies BodyOf<'STP'>;
    expect(blocked(input('STP', stop, { caseFacts, peer: holder }))).toEqual([]);
    expect(blocked(input('STP', { ...stop, reason: text }, { caseFacts, peer: holder }))).toEqual([
      'protection-state',
    ]);
    const check = { by: 'A person', at: '2026-11-24T09:00:00Z' };
    const close = { ground: 'answer-accepted', safetyCheck: check } as BodyOf<'CLS'>;
    expect(blocked(input('CLS', close, { caseFacts, peer: holder }))).toEqual([]);
    const told = { ...close, safetyCheck: { ...check, statement: text } };
    expect(blocked(input('CLS', told, { caseFacts, peer: holder }))).toEqual(['protection-state']);
    const correct = { phase: 'correct', questions: [], text, children: [], attachments: [] } as BodyOf<'SUP'>;
    expect(blocked(input('SUP', correct, { caseFacts, peer: holder }))).toEqual(['protection-state']);
  });
  test('another State feared: the peer must not pass it on', () => {
    const asylum = [...facts.asylum, { country: 'XC', status: 'pending' as const }];
    const free = changed(
      (body) => {
        body.handling.onward = 'within-purpose';
      },
      { asylum },
    );
    expect(blocked(free)).toEqual(['protection-state']);
    expect(
      blocked(
        changed(
          (body) => {
            body.handling.onward = 'no';
          },
          { asylum },
        ),
      ),
    ).toEqual([]);
  });
});

describe('presence', () => {
  const locate = readEnquiryFile('07-locate-as-a-weapon.json').body;
  const answering = <C extends MessageCode>(type: C, body: BodyOf<C>) =>
    input(type, body, {
      side: 'requested',
      enquiry: locate,
      caseFacts: withFacts({ childIsHere: 'no', asylum: [], clearances: [] }),
    });

  test('the one answer that passes has one byte form', () => {
    const body = { statement: 'no-information-can-be-communicated' } as const;
    expect(blocked(answering('NIC', body))).toEqual([]);
  });
  test('"cannot say" twice passes, every other first look is stopped', () => {
    expect(blocked(answering('FLK', { known: 'cannot-say', danger: 'cannot-say' }))).toEqual([]);
    expect(blocked(answering('FLK', { known: 'not-known', danger: 'cannot-say' }))).toEqual(['presence']);
    expect(blocked(answering('FLK', { known: 'cannot-say', danger: 'yes' }))).toEqual(['presence']);
  });
  test('it does not matter whether the child is here', () => {
    const negative = { result: 'not-traced', searched: ['S0' as const] } as const;
    expect(blocked(answering('NEG', { ...negative, searched: ['S0'] }))).toEqual(['presence']);
  });
  test('no act with words of its own passes, nor an alert to elsewhere', () => {
    const text = { text: 'The child needs time.', language: 'en' };
    expect(blocked(answering('PRG', { status: 'working' }))).toEqual([]);
    expect(blocked(answering('PRG', { status: 'awaiting-child' }))).toEqual(['presence']);
    expect(blocked(answering('PRG', { status: 'working', note: text }))).toEqual(['presence']);
    expect(blocked(answering('CLR', { asks: [{ question: 'q1', text }] }))).toEqual(['presence']);
    const forward = { route: 'paper', office: 'Youth office of a district', boundByOurLimits: true } as const;
    expect(blocked(answering('FWD', forward))).toEqual(['presence']);
    const alert = scenarios[4].steps.find((each) => each.type === 'URG')!.body as BodyOf<'URG'>;
    const { place: _place, ...believed } = alert.believed;
    const elsewhere = { ...alert, believed: { ...believed, country: 'XA' } };
    expect(blocked(answering('URG', elsewhere))).toEqual(['presence']);
  });
  test('neither another purpose nor an alert takes it away', () => {
    const look = answering('FLK', { known: 'known', danger: 'no' });
    const asked = (change: (body: EnquiryBody) => void) => {
      const enquiry = structuredClone(main.body);
      change(enquiry);
      return blocked({ ...look, enquiry });
    };
    expect(blocked({ ...look, enquiry: undefined })).toEqual(['presence']);
    expect(asked((body) => (body.direction.childPresence = 'not-known'))).toEqual(['presence']);
    const free = { text: 'Where is she now?', language: 'en' };
    const askFreely = (body: EnquiryBody) => {
      const { code: _code, ...question } = body.questions[0]!;
      body.questions = [{ ...question, free }];
    };
    expect(asked(askFreely)).toEqual([]);
    expect(
      asked((body) => {
        askFreely(body);
        body.direction.childPresence = 'asked-state';
      }),
    ).toEqual(['presence']);
  });
  test('for another purpose a first look passes', () => {
    const given = { ...answering('FLK', { known: 'known', danger: 'no' }), enquiry: main.body };
    expect(blocked(given)).toEqual([]);
  });
});

describe('questions', () => {
  const first = (change: Partial<EnquiryBody['questions'][number]>) => (body: EnquiryBody) => {
    body.questions = [{ ...body.questions[0]!, ...change }];
    body.warnings = [];
  };
  const S3 = { source: 'S3', disclosure: 'D1', manner: [] } as const;
  const limit = (chosen: { source: string; disclosure: string }) =>
    ({ ...chosen, manner: [] }) as unknown as EnquiryBody['questions'][number]['limit'];
  const rulesOf = (given: GateInput<'ENQ'>) =>
    checkGates(given)
      .filter((result) => result.outcome === 'block')
      .map((result) => result.rule);

  test.each([
    ['Q-NEEDED', { code: 'MON-01', limit: limit({ source: 'S0', disclosure: 'D0' }) }],
    ['Q-LIMIT', { code: 'FAM-01', limit: limit({ source: 'S1', disclosure: 'D0' }) }],
    ['Q-LIMIT', { code: 'FAM-02', limit: limit({ source: 'S1', disclosure: 'D1' }) }],
    ['Q-LIMIT', { code: 'FAM-02', limit: limit({ source: 'S4', disclosure: 'D0' }) }],
    ['Q-LIMIT', { code: 'FAM-02', limit: limit({ source: 'child-by-known-worker', disclosure: 'D0' }) }],
    ['Q-FAMILY', { code: 'FAM-05', limit: limit(S3) }],
    ['Q-FAMILY', { code: 'SAF-02', limit: limit(S3) }],
    ['Q-CONTACT', { code: 'FAM-05', limit: limit(S3), about: ['p1'] }],
  ] as const)('%s', (rule, change) => expect(rulesOf(changed(first(change as never)))).toContain(rule));

  const familyCleared = (more: Partial<CaseFacts> = {}) => {
    const given = changed(first({ code: 'FAM-05', limit: limit(S3), about: ['c1'] }));
    const family: Clearance = { kind: 'family-contact', recipient: 'xb', expiresAtMs: nowMs + 1, by: ['A'] };
    return {
      ...given,
      caseFacts: { ...given.caseFacts, clearances: [...given.caseFacts.clearances, family], ...more },
    };
  };
  test('with a family-contact clearance the family may be asked what the catalogue allows', () => {
    expect(rulesOf(familyCleared())).toEqual([]);
  });
  test('not while a child is missing', () => {
    expect(rulesOf(familyCleared({ familyQuestionsPaused: true }))).toEqual(['Q-PAUSE']);
  });
  test('never where the case says do not contact the family', () => {
    const given = familyCleared();
    given.body.warnings = [{ code: 'do-not-contact-family', about: [], eyesOnly: [] }];
    expect(rulesOf(given)).toContain('Q-LIMIT');
  });
  test('a free question stays with registers', () => {
    const free = { code: undefined, free: { text: 'Which parish?', language: 'en' } };
    expect(
      rulesOf(
        changed((body) => {
          first({ limit: limit({ source: 'S0', disclosure: 'D0' }) })(body);
          const { code: _code, ...rest } = body.questions[0]!;
          body.questions = [{ ...rest, free: free.free }];
        }),
      ),
    ).toEqual([]);
    expect(
      rulesOf(
        changed((body) => {
          first({ limit: limit({ source: 'S1', disclosure: 'D0' }) })(body);
          const { code: _code, ...rest } = body.questions[0]!;
          body.questions = [{ ...rest, free: free.free }];
        }),
      ),
    ).toEqual(['Q-LIMIT']);
  });
  test('the effective limit is never wider than what was asked, and warnings only narrow it', () => {
    const asked = fc.record({
      source: fc.constantFrom(...source.codes),
      disclosure: fc.constantFrom(...disclosure.codes),
      manner: fc.constant<QuestionLimit['manner']>([]),
    });
    const warnings = fc.array(fc.constantFrom(...safetyWarning.codes).map((code) => ({ code })));
    fc.assert(
      fc.property(
        fc.constantFrom(...questions.filter((each) => each.code !== 'MON-02')),
        asked,
        warnings,
        (question, wanted, warned) => {
          const rank = (value: string) => Number(value.slice(1));
          const plain = effectiveLimit(question, wanted, []);
          const narrowed = effectiveLimit(question, wanted, warned);
          expect(rank(plain.source)).toBeLessThanOrEqual(rank(wanted.source));
          expect(rank(plain.disclosure)).toBeLessThanOrEqual(rank(wanted.disclosure));
          expect(rank(narrowed.source)).toBeLessThanOrEqual(rank(plain.source));
          expect(rank(narrowed.disclosure)).toBeLessThanOrEqual(rank(plain.disclosure));
          expect(question.allowedSources).toContain(plain.source === 'S2' ? 'S1' : plain.source);
        },
      ),
    );
  });
});

describe('passing on', () => {
  const forward: BodyOf<'FWD'> = { route: 'local-service', office: 'Youth office', boundByOurLimits: true };
  const handled = (handling: Partial<EnquiryBody['handling']>, warnings = main.body.warnings) => ({
    ...main.body,
    warnings,
    handling: { ...main.body.handling, ...handling },
  });
  const passOn = (
    enquiry: EnquiryBody | undefined,
    more: Partial<CaseFacts> = {},
    body: Partial<BodyOf<'FWD'>> = {},
  ) =>
    blocked(
      input(
        'FWD',
        { ...forward, ...body },
        {
          side: 'requested',
          enquiry,
          peer: holder,
          caseFacts: withFacts({ childIsHere: 'no', asylum: [], clearances: [], ...more }),
        },
      ),
    );

  test.each(['no', 'ask-first'] as const)('%s: only with leave for that very office', (onward) => {
    expect(passOn(handled({ onward }))).toEqual(['onward']);
    const leaves = [{ shownTo: ['  youth OFFICE'] }];
    expect(passOn(handled({ onward }), { leaves })).toEqual([]);
    expect(passOn(handled({ onward }), { leaves }, { office: 'Another office' })).toEqual(['onward']);
    expect(passOn(handled({ onward }), { leaves }, { country: 'XC' })).toEqual(['onward']);
  });

  test('within the purpose it needs none, unless it is for named readers', () => {
    expect(passOn(handled({ onward: 'within-purpose' }))).toEqual([]);
    expect(passOn(handled({ onward: 'within-purpose', readers: 'eyes-only', named: ['A'] }))).toEqual([
      'onward',
    ]);
    expect(passOn(undefined), 'an alert goes to whoever can help').not.toContain('onward');
  });

  test('never to a State that is feared, an office a warning names, or one that is not bound', () => {
    const free = handled({ onward: 'within-purpose' });
    for (const status of ['not-assessed', 'possible', 'pending', 'recognised', 'appeal-open'] as const) {
      const asylum = [{ country: 'XC', status }];
      expect(passOn(free, { asylum }, { country: 'XC' })).toEqual(['onward']);
      expect(passOn(free, { asylum })).toEqual([]);
    }
    expect(passOn(free, {}, { boundByOurLimits: false })).toEqual(['onward']);
    for (const code of ['do-not-involve', 'do-not-tell-consulate', 'do-not-contact-named-person'] as const) {
      const warning = { code, about: ['c1'], named: 'Youth Office', eyesOnly: [] };
      expect(passOn(handled({ onward: 'within-purpose' }, [warning]))).toEqual(['onward']);
      expect(passOn(free, { warnings: [warning] })).toEqual(['onward']);
    }
  });

  test('leave is given toward no State that is feared', () => {
    const use = {
      phase: 'answer',
      re: 1,
      use: 'pass-to-authority',
      result: 'granted',
      part: { text: 'All', language: 'en' },
      shownTo: [],
      country: 'XC',
    } as const;
    const give = (status: (typeof asylumStatus.codes)[number], result: 'granted' | 'not-granted') => {
      const body = { ...use, shownTo: [], result };
      const asylum = [
        { country: 'XB', status: 'counselled-not-sought' as const },
        { country: 'XC', status },
      ];
      return blocked(input('USE', body, { caseFacts: withFacts({ asylum, clearances: [cleared(body)] }) }));
    };
    expect(give('pending', 'granted')).toEqual(['onward']);
    expect(give('pending', 'not-granted')).toEqual([]);
    expect(give('finally-rejected', 'granted')).toEqual([]);
  });
});

describe('a changed statement', () => {
  const earlier = (childIsHere: 'yes' | 'no' | 'not-known', status: (typeof asylumStatus.codes)[number]) => ({
    childIsHere,
    asylum: [{ country: 'XB', status }],
    atMs: Date.parse('2026-11-20T09:00:00Z'),
  });
  const saysNo = (more: Partial<CaseFacts> = {}) =>
    withFacts({ childIsHere: 'no', asylum: [], clearances: [], ...more });
  const act = (caseFacts: CaseFacts) => input('ENQ', main.body, { caseFacts });

  test.each(['pending', 'recognised', 'appeal-open', 'possible', 'not-assessed'] as const)(
    'that the child is not here opens nothing after %s was stated: two sides confirm it, and see what was stated',
    (status) => {
      const given = act(saysNo({ earlier: [earlier('yes', status)] }));
      const [stop] = checkGates(given).filter(({ outcome }) => outcome === 'block');
      expect(stop).toMatchObject({ gate: 'statement-changed', rule: 'G-STATEMENT' });
      expect(stop!.explanation).toContain('2026-11-20');
      expect(stop!.explanation).toContain(asylumStatus.labels(status).en.text);
      expect(blocked(given)).toEqual(['statement-changed']);
      expect(
        blocked(act(saysNo({ earlier: [earlier('yes', status)], clearances: [cleared(main.body)] }))),
      ).toEqual([]);
    },
  );

  test('one word changed from "not known" is a change, and so is a claim that is gone all at once', () => {
    expect(blocked(act(saysNo({ earlier: [earlier('not-known', 'not-assessed')] })))).toEqual([
      'statement-changed',
    ]);
    const body = {
      believed: { country: 'XC', onTheWay: false },
      people: [],
      telephone: {},
    } as unknown as BodyOf<'URG'>;
    const said = { ...towards('finally-rejected', []), earlier: [earlier('yes', 'pending')] };
    expect(blocked(input('URG', body, { caseFacts: said }))).toEqual(['statement-changed']);
  });

  test('what helps the child, only stops, or says nothing of it is not held up', () => {
    const said = saysNo({ earlier: [earlier('yes', 'pending')] });
    const there = { believed: { country: 'XB', onTheWay: true }, people: [] } as unknown as BodyOf<'URG'>;
    expect(blocked(input('URG', there, { caseFacts: said }))).toEqual([]);
    expect(blocked(input('ACK', { re: 1 }, { caseFacts: said }))).toEqual([]);
    const stop = { phase: 'ask', nothingDone: false, acts: [] } as BodyOf<'STP'>;
    expect(blocked(input('STP', stop, { caseFacts: said, peer: holder }))).toEqual([]);
  });

  test('nothing changed, or changed to the careful side, needs nobody', () => {
    expect(blocked(act(saysNo({ earlier: [earlier('no', 'not-assessed')] })))).toEqual([]);
    const again = withFacts({ earlier: [earlier('no', 'not-assessed')] });
    expect(blocked(act(again))).toEqual([]);
  });
});

describe('location', () => {
  const place = (body: EnquiryBody) => {
    body.children[0]!.situation.whereabouts!.releasedPlace = {
      place: 'A town',
    };
  };
  /** A decider has released exactly what `given` would send. */
  const released = <C extends MessageCode>(given: GateInput<C>, more: Partial<Clearance> = {}) => {
    const { clearances } = given.caseFacts;
    const release = { ...cleared(given.body), kind: 'place' as const, ...more };
    return { ...given, caseFacts: { ...given.caseFacts, clearances: [...clearances, release] } };
  };
  test('no release opens it where a warning forbids it', () => {
    expect(blocked(released(changed(place)))).toEqual(['location']);
  });
  test('without a warning it leaves by a recorded release of exactly this act, not by a name somebody typed', () => {
    const enquiry = changed((body) => {
      place(body);
      body.warnings = [];
    });
    expect(blocked(enquiry)).toEqual(['location']);
    expect(blocked(released(enquiry))).toEqual([]);
    for (const more of [
      { digest: '0' },
      { recipient: 'xc' },
      { expiresAtMs: nowMs },
      { kind: 'presence' as const },
    ])
      expect(blocked(released(enquiry, more))).toEqual(['location']);
    const typed = structuredClone(main.body) as { children: { situation: Record<string, unknown> }[] };
    const releasedPlace = { place: 'A town', releasedBy: 'Supervisor', releasedAt: '2026-11-20' };
    typed.children[0]!.situation.whereabouts = { country: 'XA', releasedPlace };
    expect(messageTypes.ENQ.body.safeParse(typed).success).toBe(false);
  });
  test('of an alarm the place waits, the alarm does not; help where the child is waits for nothing', () => {
    const away = withFacts({ childIsHere: 'no', clearances: [] });
    const episode = { phase: 'opened', openedBy: 'requester', episode: 1, children: ['c1'] } as const;
    const missing: BodyOf<'MIS'> = { ...episode, children: ['c1'], since: '2026-11-24T08:00:00Z' };
    expect(blocked(input('MIS', missing, { caseFacts: away }))).toEqual([]);
    const seen = { ...missing, lastSeen: { text: 'At the bus station', language: 'en' } };
    const told = input('MIS', seen, { caseFacts: away });
    expect(blocked(told)).toEqual(['location']);
    expect(blocked(released(told))).toEqual([]);
    const alert = (country: string) => {
      const believed = { country, onTheWay: true, place: 'Bus station' };
      return input('URG', { believed, people: [] } as unknown as BodyOf<'URG'>, { caseFacts: away });
    };
    expect(blocked(alert('XB'))).toEqual([]);
    expect(blocked(alert('XC'))).toEqual(['location']);
    expect(blocked(released(alert('XC')))).toEqual([]);
  });
  test('the warning holds for every act of the conversation that could name a place', () => {
    const sighting = {
      kind: 'reported',
      people: [{ ref: 'c1', names: [], description: { text: 'A child', language: 'en' } }],
      at: '2026-11-24T08:00:00Z',
      country: 'XA',
      district: 'North',
      source: 'register',
      confidence: 'certain',
      attachments: [],
    } as unknown as BodyOf<'SGT'>;
    const away = withFacts({ childIsHere: 'no', locationHidden: true });
    expect(blocked(input('SGT', sighting, { caseFacts: away }))).toEqual(['location']);
    const there = input('SGT', { ...sighting, country: 'XB' }, { caseFacts: away });
    expect(blocked(there)).toEqual(['location']);
    expect(blocked(released(there))).toEqual([]);
    const open = input('SGT', sighting, { caseFacts: withFacts({ childIsHere: 'no' }) });
    expect(blocked(open)).toEqual(['location']);
    expect(blocked(released(open))).toEqual([]);
    const answer = { question: 'q1', status: 'answered', area: 'North', persons: [] };
    const interim = { children: [{ child: 'c1', answers: [answer] }] } as unknown as BodyOf<'INT'>;
    const here = withFacts({ childIsHere: 'yes', locationHidden: true });
    expect(blocked(input('INT', interim, { side: 'requested', caseFacts: here }))).toContain('location');
    expect(blocked(input('INT', interim, { side: 'requested', caseFacts: away }))).toEqual([]);
  });
});

describe('legal basis', () => {
  const outcomeOf = (change: (body: EnquiryBody) => void, more: Partial<GateInput<'ENQ'>> = {}) =>
    checkGates({ ...changed(change), ...more })
      .filter((result) => result.gate === 'legal-basis')
      .map((result) => result.outcome);

  test('never blocks, whatever does not fit', () => {
    const outsider = { state: 'xb', isBiibState: false, isH96Party: false, holdsCase: false };
    expect(
      outcomeOf(
        (body) => {
          body.legalBasis = ['biib-79', 'h96-32a', 'h96-33', 'coe-33-1', 'courtesy'];
        },
        { peer: outsider },
      ),
    ).toEqual(['explain', 'explain', 'explain', 'explain', 'pass']);
  });
  test('Art. 32(a) asks where the child lives and is; Art. 34(1) asks of the family', () => {
    expect(
      outcomeOf((body) => {
        body.legalBasis = ['h96-32a', 'h96-34'];
      }),
    ).toEqual(['explain', 'pass']);
    expect(
      outcomeOf((body) => {
        body.legalBasis = ['h96-32a'];
        body.direction = { ...body.direction, childPresence: 'asked-state', habitualResidence: 'XB' };
      }),
    ).toEqual(['pass']);
  });
});
