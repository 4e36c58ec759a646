/** What may be asked to be erased, by whom and when; the digest against another implementation. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Act, Side } from '#schema/conversation/acts.ts';
import { ErasureBody } from '#schema/conversation/bodies/erasure.ts';
import { foldConversation } from '#schema/conversation/conversation.ts';
import { digestOfMessages, erasableOf, erasedBy } from '#schema/conversation/erasures.ts';
import type { Facts } from '#schema/conversation/facts.ts';
import type { MessageCode } from '#schema/conversation/message-types.ts';
import { mayAct } from '#schema/conversation/rules.ts';
import { act, enquiry } from './play.ts';

const closed = [
  enquiry(),
  act('a1/1', 'RPT'),
  act('r2/1', 'ACK', { re: 1 }),
  act('r3/1', 'CLS', { status: 'answer-accepted' }),
];
const ask = (facts: Facts = {}) => act('r4/1', 'ERS', { phase: 'ask', status: 'period-over', ...facts });
const answer = (status: string, place = 'a2/4') => act(place, 'ERS', { phase: 'answer', re: 4, status });
const rule = (acts: readonly Act[], side: Side, type: MessageCode, facts: Facts): string => {
  const verdict = mayAct(foldConversation(acts), side, type, facts);
  return verdict.ok ? 'allowed' : verdict.rule;
};
const asks = (facts: Facts = {}) => ({ phase: 'ask', status: 'period-over', ...facts });

describe('asking', () => {
  test('is for what has ended; sooner for what should never have been there', () => {
    expect(rule(closed, 'requester', 'ERS', asks())).toBe('allowed');
    expect(rule([enquiry()], 'requester', 'ERS', asks())).toBe('not-over-open-matter');
    for (const status of ['unlawful', 'sent-in-error', 'court-order'])
      expect(rule([enquiry()], 'requester', 'ERS', asks({ status }))).toBe('allowed');
    const alarmed = [...closed, act('a2/3', 'URG', { phase: 'raised', episode: 'requested:1' })];
    expect(rule(alarmed, 'requester', 'ERS', asks())).toBe('not-over-open-matter');
  });

  test('is of the whole for who asked, and of one’s own acts for both', () => {
    expect(rule(closed, 'requested', 'ERS', asks())).toBe('requester-erases');
    expect(rule(closed, 'requested', 'ERS', asks({ act: 1 }))).toBe('allowed');
    expect(rule(closed, 'requested', 'ERS', asks({ act: 2 }))).toBe('erase-own');
  });

  test('takes nothing that protects because agreement was withdrawn', () => {
    const status = 'agreement-withdrawn';
    expect(rule(closed, 'requester', 'ERS', asks({ status }))).toBe('allowed');
    const sighted = [...closed, act('a2/1', 'SGT')];
    expect(rule(sighted, 'requester', 'ERS', asks({ status }))).toBe('protective-stays');
  });
});

describe('an answer', () => {
  test('ends it: the conversation takes nothing more, and the same is not asked twice', () => {
    const done = [...closed, ask(), answer('erased')];
    const { erasures } = foldConversation(done);
    expect(erasures).toMatchObject([{ by: 'requester', n: 4, answer: { result: 'erased' } }]);
    expect(erasedBy(erasures)).toBe('requested');
    for (const type of ['RPN', 'PRG', 'URG', 'STP'] as const)
      expect(rule(done, 'requester', type, { phase: 'ask' })).toBe('erased');
    expect(rule(done, 'requester', 'ERS', asks())).toBe('erased-already');
    expect(rule(done, 'requested', 'ERS', { phase: 'answer', re: 4, status: 'erased' })).toBe(
      'erased-already',
    );
  });

  test('that it is kept by law may be followed by that it is erased', () => {
    const held = [...closed, ask(), answer('held')];
    expect(erasedBy(foldConversation(held).erasures)).toBeUndefined();
    expect(rule(held, 'requested', 'ERS', { phase: 'answer', re: 4, status: 'erased' })).toBe('allowed');
    const { erasures } = foldConversation([...held, answer('erased', 'a3/4')]);
    expect(erasures[0]!.answer).toMatchObject({ n: 3, result: 'erased' });
  });

  test('answers what was asked, and nothing else', () => {
    expect(rule(closed, 'requested', 'ERS', { phase: 'answer', re: 3, status: 'erased' })).toBe(
      'answers-nothing',
    );
  });
});

test('the digest is SHA-256 over the ids in order, whatever order they come in', () => {
  const ids = ['0192aaaa-0000-7000-8000-000000000002', '0192aaaa-0000-7000-8000-000000000001'];
  const text = JSON.stringify([...ids].sort());
  expect(digestOfMessages(ids)).toBe(createHash('sha256').update(text).digest('hex'));
  expect(digestOfMessages([])).toBe(createHash('sha256').update('[]').digest('hex'));
  expect(erasableOf([...closed, ask()], { by: 'requester' }).map(({ type }) => type)).toEqual([
    'ENQ',
    'RPT',
    'ACK',
    'CLS',
  ]);
});

test('a body says what it is', () => {
  const fits = (body: object) => ErasureBody.safeParse({ remains: [], ...body }).success;
  expect(fits({ phase: 'ask', ground: 'period-over' })).toBe(true);
  expect(fits({ phase: 'ask', ground: 'period-over', act: 2 })).toBe(true);
  expect(fits({ phase: 'ask' })).toBe(false);
  expect(fits({ phase: 'answer', re: 1, result: 'held', keptUntil: '2027-01-01', keptFor: 'court' })).toBe(
    true,
  );
  expect(fits({ phase: 'answer', re: 1, result: 'held' })).toBe(false);
  const erased = { messages: 4, digest: 'a'.repeat(64) };
  expect(fits({ phase: 'answer', re: 1, result: 'erased', erased, remains: ['receipts'] })).toBe(true);
  expect(fits({ phase: 'answer', re: 1, result: 'erased', erased })).toBe(false);
  expect(fits({ phase: 'answer', result: 'erased', erased, remains: ['receipts'] })).toBe(false);
});
