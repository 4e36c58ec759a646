import { describe, expect, test } from 'vitest';
import { type Answered, findAnswerFaults } from '#schema/conversation/answers.ts';
import type { EnquiryBody } from '#schema/conversation/bodies/enquiry.ts';
import type { Answer } from '#schema/conversation/bodies/report.ts';
import { readEnquiryFile, scenarios } from '#tests/fixtures/scenarios.ts';

type Children = Answered['children'];
const sisters = readEnquiryFile('08-family-involved.json').body;
const insider = readEnquiryFile('12-late-answer-insider.json').body;
const reportOf = (id: string) =>
  (
    scenarios.find((one) => one.id === id)!.steps.find(({ type }) => type === 'RPT')!.body as {
      children: Children;
    }
  ).children;
const faults = (enquiry: EnquiryBody, children: Children, more: Partial<Answered> = {}) =>
  findAnswerFaults(enquiry, { type: 'RPT', children, before: [], withdrawn: [], ...more }).map(
    ({ path, rule }) => `${path} ${rule}`,
  );
/** The report of the sisters with one answer about the first changed. */
const changed = (question: string, more: Partial<Answer>) =>
  reportOf('08').map(({ child, answers }) => ({
    child,
    answers: answers.map((answer) =>
      child === 'c1' && answer.question === question ? { ...answer, ...more } : answer,
    ),
  }));

test('every answer of the scenarios fits what was asked', () => {
  for (const { steps } of scenarios)
    for (const step of steps.filter(({ type }) => ['INT', 'RPT', 'SUP'].includes(type))) {
      const ofThread = steps.filter(({ thread }) => thread === step.thread);
      const file = ofThread.find((each) => each.file)!.file!;
      const before = ofThread
        .filter(({ type, at }) => type === 'INT' && at < step.at)
        .flatMap(({ body }) => body.children as Children);
      const withdrawn = ofThread
        .filter(({ type }) => type === 'WDR')
        .flatMap(({ body }) => body.questions as string[]);
      const answered = { type: step.type, children: step.body.children as Children, before, withdrawn };
      expect(findAnswerFaults(readEnquiryFile(file).body, answered)).toEqual([]);
    }
});

describe('what nobody could read is refused by who receives it', () => {
  const refused = (children: Children, more: Partial<Answered> = {}) =>
    findAnswerFaults(sisters, { type: 'RPT', children, before: [], withdrawn: [], ...more }).filter(
      (one) => one.refused,
    );
  test.each<[string, string, Partial<Answer>]>([
    ['code-not-listed', 'q2', { codes: ['by-magic'] }],
    ['code-not-listed', 'q5', { each: [{ person: 'p2', code: 'by-law' }] }],
    ['not-asked-for', 'q5', { codes: ['suspected', 'yes'] }],
    ['not-asked-for', 'q2', { yesNo: 'yes' }],
    ['not-asked-for', 'q3', { dates: [{ earliest: '2026-01-01', latest: '2026-01-01', precision: 'day' }] }],
    ['not-asked-for', 'q2', { list: [{ text: 'INVENTED', language: 'en' }] }],
    ['not-asked-for', 'q1', { area: 'North' }],
    ['unknown-person', 'q2', { persons: [{ known: 'p9', names: [], relation: 'father' }] }],
  ])('%s in %s', (rule, question, more) => {
    expect(refused(changed(question, more))).toMatchObject([{ rule, path: `c1.${question}` }]);
  });

  test('a question or a child that was never named, and two answers to one', () => {
    const [first, second] = reportOf('08') as [Children[number], Children[number]];
    const [answer] = first.answers as [Answer];
    const stray = { ...first, answers: [...first.answers, { ...answer, question: 'q99' }] };
    expect(refused([stray, second])).toMatchObject([{ rule: 'unknown-question', path: 'c1.q99' }]);
    expect(refused([first, second, { child: 'c9', answers: [] }])).toMatchObject([{ rule: 'unknown-child' }]);
    expect(refused([{ ...first, answers: [...first.answers, answer] }, second])).toMatchObject([
      { rule: 'answered-twice', path: 'c1.q1' },
    ]);
  });

  test('an interim answer or a report with no answers at all', () => {
    const none = [{ child: 'c1', answers: [] }];
    expect(refused(none, { type: 'INT', before: undefined })).toMatchObject([{ rule: 'no-answers' }]);
    expect(refused(none)).toMatchObject([{ rule: 'no-answers' }]);
    // Not where earlier acts of its author may still be on their way, or have answered.
    expect(refused(none, { before: undefined })).toEqual([]);
    expect(refused(none, { before: reportOf('08') })).toEqual([]);
  });
});

describe('what is left open is refused at its author and shown to the receiver', () => {
  test('each question for each child, unless answered before or withdrawn', () => {
    const [first, second] = reportOf('08') as [Children[number], Children[number]];
    expect(faults(sisters, [first])).toEqual(
      ['q1', 'q2', 'q3', 'q4', 'q5', 'q6'].map((question) => `c2.${question} not-covered`),
    );
    expect(faults(sisters, [first], { before: [second] })).toEqual([]);
    expect(faults(sisters, [first], { type: 'SUP' })).toEqual([]);
    const withdrawn = ['q1', 'q2', 'q3', 'q4', 'q5'];
    expect(faults(sisters, [first], { withdrawn })).toEqual(['c2.q6 not-covered']);
    const all = findAnswerFaults(sisters, { type: 'RPT', children: [first], before: [], withdrawn: [] });
    expect(all.every((one) => !one.refused)).toBe(true);
  });

  test('an answer that says nothing', () => {
    const empty = { codes: [], each: [], dates: [], persons: [], list: [] };
    const { text: _, ...rest } = reportOf('08')[0]!.answers.find(({ question }) => question === 'q4')!;
    const children = reportOf('08').map((one) =>
      one.child === 'c1'
        ? {
            ...one,
            answers: one.answers.map((each) => (each.question === 'q4' ? { ...rest, ...empty } : each)),
          }
        : one,
    );
    expect(faults(sisters, children)).toEqual(['c1.q4 says-nothing']);
  });

  test('which rules bind the peer is answered before anything else', () => {
    const children = reportOf('08').map(({ child, answers }) => ({
      child,
      answers: answers.filter(({ question }) => question !== 'q1'),
    }));
    const first = ['c1.q1 first-open', 'c2.q1 first-open'];
    expect(faults(sisters, children, { type: 'INT' })).toEqual(first);
    expect(faults(sisters, children, { type: 'INT', before: reportOf('08') })).toEqual([]);
  });

  test('whom not to involve is told to named readers alone', () => {
    expect(faults(insider, reportOf('12'))).toEqual([]);
    const open = { ...insider, handling: { ...insider.handling, readers: 'case-team' as const } };
    expect(faults(open, reportOf('12'))).toEqual(['c1.q2 named-readers-only']);
  });

  test('a question about one child is not answered of another', () => {
    const questions = sisters.questions.map((one) => (one.ref === 'q4' ? { ...one, about: ['c1'] } : one));
    expect(faults({ ...sisters, questions }, reportOf('08'))).toEqual(['c2.q4 not-about-child']);
  });
});
