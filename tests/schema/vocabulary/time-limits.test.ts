import { describe, expect, test } from 'vitest';
import { urgency } from '#schema/vocabulary/legal.ts';
import { type TimeLimitId, timeLimit, timeLimits } from '#schema/vocabulary/time-limits.ts';

const value = (id: TimeLimitId) => {
  const { value, mark } = timeLimit(id);
  return `${value.amount} ${value.unit} [${mark}]`;
};

describe('time limits', () => {
  test('each has a positive whole amount, a source, a mark and known urgencies', () => {
    for (const { id, value, source, mark, appliesTo } of timeLimits) {
      expect(value.amount, id).toBeGreaterThan(0);
      expect(Number.isInteger(value.amount), id).toBe(true);
      expect(['minutes', 'hours', 'calendar-days', 'working-days', 'months']).toContain(value.unit);
      expect(source, id).toMatch(/\S/);
      expect(['S', 'K', 'D', 'P']).toContain(mark);
      for (const code of appliesTo ?? []) expect(urgency.codes).toContain(code);
      expect(appliesTo?.length ?? 1).toBeGreaterThan(0);
    }
  });

  test.each([
    ['first-look', '5 working-days [P]'],
    ['preliminary-answer', '30 calendar-days [P]'],
    ['acknowledgement-routine', '3 working-days [D]'],
    ['acknowledgement-urgent', '24 hours [D]'],
    ['answer-routine', '3 months [K]'],
    ['answer-urgent', '14 calendar-days [D]'],
    ['approval-routine', '72 hours [P]'],
    ['approval-urgent', '2 hours [P]'],
    ['alert-unread', '30 minutes [P]'],
    ['transport-receipt', '1 hours [D]'],
    ['second-approval', '24 hours [D]'],
    ['risk-assessment-validity', '3 months [P]'],
    ['report-validity', '6 months [D]'],
    ['reaching-18-residence', '12 months [P]'],
    ['reaching-18-support', '6 months [P]'],
    ['reaching-18-alert', '4 months [K]'],
  ] as const)('%s is %s', (id, expected) => {
    expect(value(id)).toBe(expected);
  });

  test('police rules borrowed by analogy are marked as our default, never as checked law', () => {
    const borrowed = timeLimits.filter(({ source }) => /^Analogy/.test(source));
    expect(borrowed.map(({ id }) => id)).toEqual(['decision-after-location', 'alert-information']);
    for (const { mark, value } of borrowed)
      expect([mark, value.amount, value.unit]).toEqual(['D', 12, 'hours']);
  });

  test('an unanswered clarification goes up, and nothing closes by time', () => {
    expect(timeLimit('clarification-unanswered-routine').effect).toBe('escalate');
    expect(timeLimit('clarification-unanswered-urgent').effect).toBe('escalate');
    const lapsing = timeLimits.filter(({ effect }) => effect === 'lapse').map(({ id }) => id);
    expect(lapsing).toEqual([
      'approval-routine',
      'approval-urgent',
      'risk-assessment-validity',
      'report-validity',
    ]);
    expect(timeLimits.map(({ effect }) => effect)).not.toContain('close');
  });

  test('what differs by urgency covers every urgency once, and sooner when it presses', () => {
    for (const stem of ['acknowledgement', 'answer', 'approval', 'clarification-unanswered'] as const) {
      const urgent = timeLimit(`${stem}-urgent`);
      const routine = timeLimit(`${stem}-routine`);
      expect(urgent.appliesTo).toEqual(['immediate-danger', 'urgent']);
      expect(routine.appliesTo ?? ['routine']).toEqual(['routine']);
    }
  });

  test('rows are frozen', () => {
    expect(timeLimits.every((row) => Object.isFrozen(row) && Object.isFrozen(row.value))).toBe(true);
  });
});
