import { describe, expect, test } from 'vitest';
import type { CodeList } from '#schema/vocabulary/code-list.ts';
import { codeLists } from '#schema/vocabulary/index.ts';
import { purpose } from '#schema/vocabulary/legal.ts';
import { questionWording } from '#schema/vocabulary/question-wording.ts';
import {
  disclosureTowards,
  isQuestionNeeded,
  type Question,
  questionOf,
  questions,
} from '#schema/vocabulary/questions.ts';

const codesWhere = (test: (question: Question) => boolean) => questions.filter(test).map(({ code }) => code);
const notListed = expect.objectContaining({ code: 'UNKNOWN_CODE' });

describe('the catalogue', () => {
  test('is list fnq, version 1, of forty questions in nine groups', () => {
    const perGroup: Record<string, number> = {};
    for (const { code } of questions) perGroup[code.slice(0, 3)] = (perGroup[code.slice(0, 3)] ?? 0) + 1;
    expect([questionWording.id, questionWording.version, questions.length]).toEqual(['fnq', 1, 40]);
    expect(perGroup).toEqual({ LAW: 5, IDN: 5, LOC: 4, FAM: 6, CAR: 5, SAF: 8, SVC: 2, HIS: 2, MON: 3 });
  });

  test('numbers each group without gaps', () => {
    for (const group of new Set(questions.map(({ code }) => code.slice(0, 3)))) {
      const numbers = codesWhere(({ code }) => code.startsWith(group)).map((code) => Number(code.slice(4)));
      expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, i) => i + 1));
    }
  });

  test('asks first whom the other State must tell', () => {
    expect(questions[0]!.code).toBe('LAW-05');
    expect(codesWhere((question) => question.askedFirst)).toEqual(['LAW-05']);
  });

  test('every coded answer names a list that readers can look up', () => {
    const used: CodeList[] = questions.flatMap(({ answer }) =>
      answer.flatMap((part) => [
        ...('list' in part ? [part.list] : []),
        ...('of' in part && part.of !== 'person' ? [part.of] : []),
      ]),
    );
    for (const list of used) expect(codeLists[list.id]).toBe(list);
    expect(questions.every(({ answer }) => answer.length > 0)).toBe(true);
  });

  test('answer types are those of the catalogue', () => {
    const catalogue =
      'LAW-05 CM+T, IDN-01 YNU+L, IDN-02 L, IDN-03 DI list, IDN-04 C1+C1, IDN-05 L, LOC-01 YNU+L, LOC-02 YNU+L, ' +
      'LOC-03 DI+T, LOC-04 YNU+AREA, FAM-01 P+C1, FAM-02 P+T, FAM-03 C1-each+T, FAM-04 P+T, FAM-05 CM+T, FAM-06 YNU+T, ' +
      'CAR-01 R5+T, CAR-02 C1+T, CAR-03 R5-each+T, CAR-04 C1, CAR-05 L, SAF-01 C1+T, SAF-02 YNU+T, SAF-03 C1+T, ' +
      'SAF-04 R5-each+T, SAF-05 R5+T, SAF-06 L, SAF-07 L, SAF-08 C1+T, LAW-01 L, LAW-02 L, LAW-03 YNU+L, LAW-04 C1+T, ' +
      'SVC-01 L, SVC-02 C1-each, HIS-01 L+T, HIS-02 DI+T, MON-01 YNU+DI, MON-02 T+C1, MON-03 C1+T';
    const notation = questions.map(({ code, answer }) => {
      const parts = answer.map((part) => (part.type === 'DI' && part.many ? 'DI list' : part.type));
      return `${code} ${parts.join('+')}`;
    });
    expect(notation).toEqual(catalogue.split(', '));
  });

  test('fixed answers are those agreed', () => {
    const listOf = (code: string) => {
      const part = questionOf(code).answer[0]!;
      return 'list' in part ? [...part.list.codes] : [];
    };
    expect(listOf('FAM-05')).toEqual(
      'with-parental-consent without-parental-consent sold-or-pledged fled for-study-or-sport for-work for-marriage not-known'.split(
        ' ',
      ),
    );
    expect(listOf('SAF-01')).toEqual(
      'yes suspected no-indication-found not-assessed cannot-be-answered-safely'.split(' '),
    );
    expect(listOf('CAR-02')).toEqual(
      'willing willing-with-conditions unwilling undecided not-asked'.split(' '),
    );
    expect(listOf('SAF-08')).toEqual('low medium high unacceptable cannot-say'.split(' '));
    expect(listOf('LAW-05')).toEqual('parents police prosecutor court consulate other'.split(' '));
  });

  test('is frozen', () => {
    for (const question of questions) {
      for (const part of [
        question,
        question.answer,
        question.allowedSources,
        question.defaultLimit,
        question.purposes,
      ]) {
        expect(Object.isFrozen(part)).toBe(true);
      }
    }
  });
});

describe('what protects the child', () => {
  test('questions never put to the family, held for asylum, or for named eyes are those marked', () => {
    expect(codesWhere((question) => question.neverToFamily)).toEqual(
      'CAR-04 SAF-01 SAF-02 SAF-03 SAF-06 SAF-08 LAW-03 MON-03'.split(' '),
    );
    expect(codesWhere((question) => question.holdWhileAsylumOpen)).toEqual(['IDN-01', 'IDN-02', 'IDN-04']);
    expect(codesWhere((question) => question.eyesOnly)).toEqual(['SAF-06']);
  });

  test('the family is a source only with clearance, and never of a question marked never', () => {
    expect(codesWhere((question) => question.allowedSources.includes('S3'))).toEqual(
      codesWhere((question) => question.familyClearanceNeeded),
    );
    expect(codesWhere((question) => question.familyClearanceNeeded)).toEqual([
      'FAM-04',
      'FAM-05',
      'CAR-02',
      'CAR-03',
    ]);
    expect(
      codesWhere(
        (question) => question.neverToFamily && question.allowedSources.some((s) => s !== 'S0' && s !== 'S1'),
      ),
    ).toEqual([]);
  });

  test('a safe contact or the community is never a default', () => {
    expect(
      codesWhere(({ allowedSources }) => allowedSources.includes('S2') || allowedSources.includes('S4')),
    ).toEqual([]);
  });

  test('no question lets the peer ask the child about exploitation', () => {
    const toTheChild = questions.filter(({ allowedSources }) =>
      allowedSources.includes('child-by-known-worker'),
    );
    expect(toTheChild.map(({ code }) => code)).toEqual(['MON-02']);
    expect(toTheChild[0]!.allowedSources).toHaveLength(1);
    expect(toTheChild[0]!.wording.en.text).toContain('not about past exploitation');
    for (const { wording } of questions)
      expect(wording.en.text).not.toMatch(/\b(ask|interview|question) the child\b/i);
  });

  test('every default limit is one of the allowed sources', () => {
    for (const { allowedSources, defaultLimit } of questions)
      expect(allowedSources).toContain(defaultLimit.source);
  });

  test('limits are those of the catalogue', () => {
    const limits = questions.map(({ defaultLimit: { source, disclosure } }) => `${source}/${disclosure}`);
    const unusual = questions.flatMap(({ code }, i) =>
      /^S[01]\/D0$/.test(limits[i]!) ? [] : [`${code} ${limits[i]}`],
    );
    expect(unusual).toEqual([
      'FAM-05 S3/D1',
      'CAR-02 S3/D2',
      'CAR-03 S3/D2',
      'MON-01 S1/D3',
      'MON-02 child-by-known-worker/D0',
    ]);
    const registersOnly = codesWhere(({ allowedSources }) => allowedSources.join() === 'S0');
    expect(registersOnly).toEqual(
      'LAW-05 IDN-01 IDN-02 IDN-04 LOC-01 LOC-02 LOC-04 FAM-01 CAR-04 SAF-03 SAF-06 LAW-01 LAW-02 LAW-03 LAW-04 SVC-01 HIS-01'.split(
        ' ',
      ),
    );
  });

  test('a question for the family discloses nothing to others on the way', () => {
    expect(disclosureTowards(questionOf('CAR-02'), 'S3')).toBe('D2');
    expect(disclosureTowards(questionOf('CAR-02'), 'S1')).toBe('D0');
    expect(disclosureTowards(questionOf('FAM-04'), 'S3')).toBe('D0');
    expect(disclosureTowards(questionOf('MON-01'), 'S1')).toBe('D3');
  });
});

describe('purposes', () => {
  test('each purpose opens some questions, each question has a known purpose', () => {
    for (const { purposes } of questions) {
      expect(purposes.length).toBeGreaterThan(0);
      expect(new Set(purposes).size).toBe(purposes.length);
      for (const code of purposes) expect(purpose.codes).toContain(code);
    }
  });

  test('only the two questions that protect the enquiry itself are open to every purpose', () => {
    expect(codesWhere(({ purposes }) => purposes.length === purpose.codes.length)).toEqual([
      'LAW-05',
      'SAF-06',
    ]);
    expect(codesWhere(({ code }) => isQuestionNeeded(code, 'other'))).toEqual(['LAW-05', 'SAF-06']);
  });

  test('looking for a child opens no question on the family', () => {
    for (const sought of ['locate-child', 'reported-sighting']) {
      const open = codesWhere(({ code }) => isQuestionNeeded(code, sought));
      expect(open.filter((code) => /^(FAM|CAR|SVC|MON)/.test(code))).toEqual([]);
      expect(open).toContain('LOC-03');
    }
  });

  test('monitoring is asked only after return, and identity only for identity', () => {
    for (const code of ['MON-01', 'MON-02', 'MON-03'])
      expect(questionOf(code).purposes).toEqual(['status-after-return']);
    expect(isQuestionNeeded('IDN-01', 'identity-nationality')).toBe(true);
    expect(isQuestionNeeded('IDN-01', 'family-situation')).toBe(false);
  });

  test('unknown questions and purposes are refused', () => {
    expect(() => isQuestionNeeded('FAM-07', 'other')).toThrowError(notListed);
    expect(() => isQuestionNeeded('FAM-01', 'curiosity')).toThrowError(notListed);
    expect(() => questionOf('__proto__')).toThrowError(notListed);
  });
});
