import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UNREAD_LIMIT_MS } from '#node/enquiries/find-unread-urgent.ts';
import { approvalTimes, SECOND_APPROVAL_MS } from '#node/enquiries/release-act.ts';
import { taskTimes } from '#node/enquiries/task.ts';
import { limitMs } from '#schema/conversation/calendar.ts';
import { urgency } from '#schema/vocabulary/legal.ts';
import { type TimeLimitId, timeLimit, timeLimits } from '#schema/vocabulary/time-limits.ts';

const value = (id: TimeLimitId) => {
  const { value, mark } = timeLimit(id);
  return `${value.amount} ${value.unit} [${mark}]`;
};

/** Rows of matters that no code deals with yet; whoever builds one takes it out here. */
const NOT_YET: readonly TimeLimitId[] = [
  'alert-information',
  'placement-answer',
  'envelope-lifetime',
  'guardian-missing',
  'arrival-unconfirmed',
  'waiver-reflection',
  'risk-assessment-validity',
  'report-validity',
  'reaching-18-residence',
  'reaching-18-support',
  'reaching-18-alert',
  'alert-review-at-risk',
  'alert-review-missing',
  'benchmark-first-answer',
];

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

  test('code that counts by hand counts by these rows', () => {
    expect(approvalTimes).toEqual({ routine: 72 * 3_600_000, urgent: 2 * 3_600_000 });
    expect(SECOND_APPROVAL_MS).toBe(24 * 3_600_000);
    expect(UNREAD_LIMIT_MS).toBe(30 * 60_000);
    expect(taskTimes['account-owed']).toBe(limitMs('stand-still-account'));
    expect(limitMs('stand-still-account')).toBe(3_600_000);
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

  test('each row is read by the code, or is of something that is not built yet', () => {
    const folders = ['schema', 'node', 'platform', 'gateway'];
    const sources = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts') && !path.startsWith('vocabulary'))
        .map((path) => readFileSync(join(folder, path), 'utf8')),
    );
    const isRead = (id: string) =>
      sources.some((source) => source.includes(`'${id}'`) || source.includes(`"${id}"`));
    const unread = timeLimits.map(({ id }) => id).filter((id) => !isRead(id));
    expect(unread).toEqual(NOT_YET);
  });

  test('rows are frozen', () => {
    expect(timeLimits.every((row) => Object.isFrozen(row) && Object.isFrozen(row.value))).toBe(true);
  });
});
