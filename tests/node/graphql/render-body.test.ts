/** What readers see of a body: every leaf, every name of a field, in their own language, and whether anybody confirmed it. */
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Line, questionsIn, renderBody } from '#node/graphql/render-body.ts';
import { shapeOf } from '#node/graphql/shape.ts';
import { type MessageCode, messageCodes, messageRow } from '#schema/conversation/message-types.ts';
import { type CodeList, type Language, languages } from '#schema/vocabulary/code-list.ts';
import { meaningOf } from '#schema/vocabulary/coded.ts';
import { fieldName } from '#schema/vocabulary/field-names.ts';
import { codeLists } from '#schema/vocabulary/index.ts';
import { namePartKind } from '#schema/vocabulary/people.ts';
import { type QuestionCode, questions } from '#schema/vocabulary/questions.ts';
import { refusalGround, refusalWayToAsk } from '#schema/vocabulary/refusals.ts';

type Json = Record<string, unknown>;
interface Made {
  /** Raw values that no reader may see. */
  readonly codes: Set<string>;
  /** Words that every reader must see. */
  readonly words: string[];
}

const asked = questionsIn({ questions: questions.map(({ code }, index) => ({ ref: `q${index}`, code })) });
const COUNTRIES = ['BG', 'XA', 'XXA'];
const TAGS = ['bg', 'rus', 'sr-Latn', 'rmy'];
const bare = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodOptional ? bare(schema.unwrap() as z.ZodType) : schema;

/** A value with every field, every code of every enum where several may stand, and words that are digits. */
function make(schema: z.ZodType, made: Made, turn: number): unknown {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) return makeObject(inner, made, turn);
  if (inner instanceof z.ZodArray) return makeArray(inner.element as z.ZodType, made, turn);
  if (inner instanceof z.ZodEnum) return pick(inner.options as string[], made, turn);
  if (inner instanceof z.ZodBoolean) return turn % 2 === 0;
  if (inner instanceof z.ZodNumber) return 4;
  return makeText(inner, made, turn);
}

function pick(codes: readonly string[], made: Made, turn: number): string {
  const code = codes[turn % codes.length]!;
  made.codes.add(code);
  return code;
}

function makeText(schema: z.ZodType, made: Made, turn: number): string {
  const kind = meaningOf(schema)?.kind;
  if (kind === 'country') return pick(COUNTRIES, made, turn);
  if (kind === 'language') return pick(TAGS, made, turn);
  if (kind === 'script') return pick(['Cyrl', 'Arab', 'Latn'], made, turn);
  if (kind === 'answer' || kind === 'answer-item') return 'replaced';
  if (kind === 'question') return `q${turn % questions.length}`;
  if (schema.safeParse('2027-01-12').success && !schema.safeParse('12').success) return '2027-01-12';
  if (schema.safeParse('2027-01-12T10:00:00Z').success && !schema.safeParse('12').success)
    return '2027-01-12T10:00:00Z';
  if (schema.safeParse('+441632960001').success && !schema.safeParse('12').success) return '+441632960001';
  if (!schema.safeParse('12').success) return 'c1';
  const word = `${made.words.length + 1000}`;
  made.words.push(word);
  return word;
}

function makeArray(item: z.ZodType, made: Made, turn: number): unknown[] {
  const kind = bare(item);
  const count = kind instanceof z.ZodEnum ? kind.options.length : 2;
  return Array.from({ length: count }, (_, index) => make(item, made, turn + index));
}

function makeObject(schema: z.ZodObject, made: Made, turn: number): Json {
  const shape = schema.shape as Record<string, z.ZodType>;
  const value = Object.fromEntries(
    Object.entries(shape).map(([key, field], index) => [key, make(field, made, turn + index)]),
  );
  if ('refusalGround' in shape) fitAnswer(value, made, turn);
  return value;
}

/** Answers from the lists of the question they answer, all that it has. */
function fitAnswer(value: Json, made: Made, turn: number): void {
  const index = turn % questions.length;
  const parts = questions[index]!.answer;
  const listed = parts.flatMap((part) => ('list' in part ? part.list.codes : []));
  const items = parts.flatMap((part) => ('of' in part && part.of !== 'person' ? part.of.codes : []));
  for (const code of [...listed, ...items]) made.codes.add(code);
  value.question = `q${index}`;
  value.codes = listed;
  value.each = listed.map((code, at) => ({ item: items[at % items.length], code }));
}

const KEYS = new Set<string>();
for (const type of messageCodes) collectKeys(messageRow(type).body);
function collectKeys(schema: z.ZodType): void {
  const inner = bare(schema);
  if (inner instanceof z.ZodArray) collectKeys(inner.element as z.ZodType);
  if (!(inner instanceof z.ZodObject)) return;
  for (const [key, field] of Object.entries(inner.shape as Record<string, z.ZodType>)) {
    KEYS.add(key);
    collectKeys(field);
  }
}

/** References, dates, times and telephone numbers are the same for every reader. */
const NEUTRAL = /^(\d+|[a-z]\d+|\d{4}-\d\d-\d\dT[\d:]+Z|[\d-]+|\+\d+|\d+( \d+)*( \(\d+\))?)$/;
const withoutMarks = (text: string) => text.replace(/[\u2068\u2069]/g, '').replace(/ \(q\d+\)$/, '');
const labelsIn = (language: Language): ReadonlySet<string> =>
  new Set(
    [fieldName, namePartKind].flatMap((list: CodeList) =>
      list.codes.map((code) => list.labels(code)[language].text),
    ),
  );
const allowed = Object.fromEntries(languages.map((language) => [language, labelsIn(language)]));
/** A code such as `Other` may be a label somewhere, in English or French. */
const labels = Object.fromEntries(
  languages.map((language) => [
    language,
    new Set(
      Object.values(codeLists).flatMap((list) => list.codes.map((code) => list.labels(code)[language].text)),
    ),
  ]),
);
/** No Latin word, nor a letter of a third script. `IIb` and the letter of an invented State are no words. */
const FOREIGN: Partial<Record<Language, RegExp>> = {
  ru: /[a-z]{2}|\p{Script=Arabic}/u,
  ar: /[a-z]{2}|\p{Script=Cyrillic}/u,
};

function check(line: Line, language: Language, made: Made): void {
  const label = line.label.replace(/ \d+$/, '');
  if (!allowed[language]!.has(label)) expect.fail(`${label} is no name of a field in ${language}`);
  if (line.value === null) return;
  const value = withoutMarks(line.value);
  if (NEUTRAL.test(value)) return;
  if (made.codes.has(value) && !labels[language]!.has(value))
    expect.fail(`${line.label}: ${value} is a raw code`);
  if (FOREIGN[language]?.test(value)) expect.fail(`${line.label}: ${value} is not in ${language}`);
}

describe.each(messageCodes)('a body of %s', (type: MessageCode) => {
  test.each(languages)('has no raw code and no foreign name of a field in %s', (language) => {
    // Each turn takes other codes: enough for the longest lists, which these two have.
    const turns = type === 'INT' || type === 'ENQ' ? 40 : 20;
    for (let turn = 0; turn < turns; turn += 1) {
      const made: Made = { codes: new Set(), words: [] };
      const body = make(messageRow(type).body, made, turn);
      const lines = renderBody(type, body, { language, questions: asked });
      for (const line of lines) check(line, language, made);
      const shown = lines.map(({ value }) => value ?? '').join('\n');
      expect(made.words.filter((word) => !shown.includes(word))).toEqual([]);
      expect(lines.every(({ reviewed }) => reviewed === (language === 'en'))).toBe(true);
    }
  });
});

test('the names of fields are those of the bodies, no more and no fewer', () => {
  expect([...fieldName.codes]).toEqual([...KEYS].sort());
});

test('every coded leaf of a body says which list it is of', () => {
  const unnamed: string[] = [];
  const walk = (schema: z.ZodType, at: string): void => {
    const inner = bare(schema);
    if (inner instanceof z.ZodArray) walk(inner.element as z.ZodType, at);
    if (inner instanceof z.ZodEnum && meaningOf(inner)?.kind !== 'coded') unnamed.push(at);
    if (inner instanceof z.ZodObject)
      for (const [key, field] of Object.entries(inner.shape as Record<string, z.ZodType>))
        walk(field, `${at}.${key}`);
  };
  for (const type of messageCodes) walk(messageRow(type).body, type);
  expect(unnamed).toEqual([]);
});

describe('single leaves', () => {
  const show = (type: MessageCode, body: Json, language: string, of = asked) =>
    renderBody(type, body, { language, questions: of }).map(({ label, value, reviewed }) => [
      label,
      value,
      reviewed,
    ]);

  test('a refusal: code of the ground, and way to ask of the list with the same codes', () => {
    const code = 'court-leave-required';
    expect(show('REF', { form: 'ground', code, wayToAsk: code }, 'fr').slice(1)).toEqual([
      ['Indication codée', refusalGround.labels(code).fr.text, false],
      ['Comment bien demander', refusalWayToAsk.labels(code).fr.text, false],
    ]);
  });

  test('an answer takes its code from its own question', () => {
    const of = questionsIn({
      questions: [
        { ref: 'q1', code: 'SAF-08' },
        { ref: 'q2', code: 'CAR-01' },
      ],
    });
    const answer = (question: string) => ({
      children: [{ child: 'c1', answers: [{ question, codes: ['low'], each: [] }] }],
    });
    const risk = codeLists['retrafficking-risk']!.labels('low').ru.text;
    expect(show('INT', answer('q1'), 'ru', of)).toContainEqual(['Кодированные ответы', risk, false]);
    expect(show('INT', answer('q2'), 'en', of)).toContainEqual(['Coded answers', 'low', false]);
  });

  test('what no list here knows is shown as it came, and counts as confirmed in no language', () => {
    const speaks = { children: [{ languages: [{ language: 'xyz', level: 'newer-level' }] }] };
    expect(show('ENQ', speaks, 'en')).toEqual([
      ['Children', null, true],
      ['Languages', null, true],
      ['Language', 'xyz', false],
      ['Level', 'newer-level', false],
    ]);
  });

  test('a question by its wording, a free one by its reference', () => {
    const of = questionsIn({ questions: [{ ref: 'q1', code: 'IDN-05' as QuestionCode }, { ref: 'q2' }] });
    const asks = { asks: [{ question: 'q1', text: { text: '?', language: 'en' } }, { question: 'q2' }] };
    const shown = show('CLR', asks, 'en', of).filter(([label]) => label === 'Question');
    expect(shown).toEqual([
      ['Question', '\u2068By what other names, spellings or nicknames is the child known?\u2069 (q1)', true],
      ['Question', 'q2', true],
    ]);
  });
});

test('lists of the very same codes are told apart in GraphQL too', () => {
  const { shape } = messageRow('REF').body as z.ZodObject;
  expect(shapeOf([shape.wayToAsk as z.ZodType], 'X')).toMatchObject({ name: 'RefusalWayToAskCode' });
});
