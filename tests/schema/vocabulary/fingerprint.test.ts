import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { codeList } from '#schema/vocabulary/code-list.ts';
import { computeVector, fingerprintOf, nextVector } from '#schema/vocabulary/fingerprint.ts';
import { codeLists } from '#schema/vocabulary/index.ts';
import { readVector } from './vector-file.ts';

const list = (version: number, en = 'Apple', fr = 'Pomme') =>
  codeList('fruit', version, 'test', {
    pear: 'Pear | Poire | Груша | كمثرى',
    apple: `${en} | ${fr} | Яблоко | تفاحة`,
  });
const vector = (...lists: ReturnType<typeof list>[]) =>
  Object.fromEntries(lists.map((each) => [each.id, fingerprintOf(each)]));
const notRaised = expect.objectContaining({ code: 'VERSION_NOT_RAISED' });

describe('the stored vector', () => {
  // Fails? Raise the version of the list you changed, then: npx tsx tests/schema/vocabulary/vector-file.ts
  test('is what the lists say now', () => {
    expect(computeVector()).toEqual(readVector());
  });

  test('no list changed under its old version', () => {
    expect(() => nextVector(readVector(), computeVector())).not.toThrow();
  });

  test('covers every list, the rules of questions and the values of time limits', () => {
    expect(Object.keys(readVector())).toEqual([...Object.keys(codeLists), 'fnq-rules', 'time-limit-values']);
  });
});

describe('a fingerprint', () => {
  test('can be made by anyone from the documented bytes', () => {
    const bytes = '["fruit",1,[["apple","Apple"],["pear","Pear"]]]';
    expect(fingerprintOf(list(1)).sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('changes with the meaning; translations have their own', () => {
    const before = fingerprintOf(list(1));
    expect(fingerprintOf(list(1, 'Windfall')).sha256).not.toBe(before.sha256);
    const translated = fingerprintOf(list(1, 'Apple', 'La pomme'));
    expect(translated.sha256).toBe(before.sha256);
    expect(translated.translations).not.toBe(before.translations);
  });
});

describe('a change', () => {
  test('of meaning needs a higher version', () => {
    expect(() => nextVector(vector(list(1)), vector(list(1, 'Windfall')))).toThrowError(notRaised);
    expect(() => nextVector(vector(list(2)), vector(list(1)))).toThrowError(notRaised);
    expect(nextVector(vector(list(1)), vector(list(2, 'Windfall')))).toEqual(vector(list(2, 'Windfall')));
  });

  test('of a translation needs none', () => {
    expect(nextVector(vector(list(1)), vector(list(1, 'Apple', 'La pomme')))).toEqual(
      vector(list(1, 'Apple', 'La pomme')),
    );
  });

  test('that removes a list is refused', () => {
    expect(() => nextVector(vector(list(1)), {})).toThrowError(notRaised);
  });
});
