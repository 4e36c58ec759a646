/**
 * A case as Primero and CPIMS+ export it in JSON, as statements for a case file. Where one of its codes stands for several of ours,
 * nothing is guessed: a person is asked which it means, and until all are answered nothing is written (FIELD.md: `trafficked_smuggled`
 * must ask which). Countries there are words of a configuration and not ISO codes; a person says them too. Pure.
 */
import { countryCodes } from '#schema/vocabulary/places.ts';
import { type CaseKind, caseKinds, type Provenance } from '../cases/kinds.ts';
import type { NewStatement } from '../cases/statement.ts';
import { fromIso6392 } from './language-codes.ts';
import { openManifest, type Problem, type ReadRecord } from './manifest.ts';

/** A merged or foreign code, and what it may mean here; `none` leaves it out. */
export interface CodeQuestion {
  /** Field and code, e.g. `protection_concerns:trafficked_smuggled`: what an answer names. */
  readonly about: string;
  readonly options: readonly string[];
}

export interface ReadPrimero extends ReadRecord {
  readonly questions: readonly CodeQuestion[];
}

/** Our code by `about`. */
export type CodeAnswers = Readonly<Record<string, string>>;

const GENDERS: Readonly<Record<string, string>> = {
  male: 'Masculine',
  female: 'Feminine',
  other: 'NonSpecifiedUnknown',
};

/** What merged codes may mean: a concern about trafficking becomes a status, about the rest a note of the person who decides. */
const CONCERNS: Readonly<Record<string, readonly string[]>> = {
  trafficked_smuggled: [
    'PossibleVictimOfTrafficking',
    'ActualVictimOfTrafficking',
    'smuggled-not-trafficked',
    'none',
  ],
};

const NUMBERS = {
  unhcr_id_no: 'unhcr',
  icrc_ref_no: 'red-cross-tracing',
  rc_id_no: 'red-cross-tracing',
  national_id_no: 'national-id',
  other_id_no: 'other-system',
  un_no: 'other-system',
  cpims_id: 'other-system',
} as const;

const READ = new Set([
  ...[
    'name',
    'name_first',
    'name_middle',
    'name_last',
    'name_nickname',
    'sex',
    'date_of_birth',
    'estimated',
    'age',
  ],
  ...['nationality', 'language', 'protection_concerns', ...Object.keys(NUMBERS)],
]);

/** @param answers to the questions of an earlier reading */
export function readPrimero(
  record: Readonly<Record<string, unknown>>,
  provenance: Provenance,
  answers: CodeAnswers,
): ReadPrimero {
  const manifest = openManifest();
  const problems: Problem[] = [];
  const questions: CodeQuestion[] = [];
  const statements: NewStatement[] = [];
  const add = (field: string, kind: CaseKind, value: unknown) => {
    const parsed = caseKinds[kind].value.safeParse(value);
    if (parsed.success) statements.push({ kind, value: parsed.data, provenance } as NewStatement);
    else problems.push({ field, problem: parsed.error.issues[0]!.code.replaceAll('_', ' ') });
  };
  /** The answer to a question; undefined while it is open, and for what is left out. */
  const decide = (about: string, options: readonly string[]): string | undefined => {
    const answer = answers[about];
    if (answer === undefined || !options.includes(answer)) questions.push({ about, options });
    return answer === 'none' || !options.includes(answer ?? '') ? undefined : answer;
  };
  for (const [field, value] of Object.entries(record))
    if (!READ.has(field) && hasContent(value)) manifest.drop(nameOfField(field), 'unknown');
  addNames(record, add);
  const sex = textOf(record, 'sex');
  if (sex !== undefined && GENDERS[sex]) add('sex', 'gender', { gender: GENDERS[sex] });
  else if (sex !== undefined) problems.push({ field: 'sex', problem: 'must be male, female or other' });
  addBirth(record, add);
  for (const slug of textsOf(record, 'nationality')) {
    const country = isCountry(slug) ? slug.toUpperCase() : askCountry(slug, answers, questions);
    if (country) add('nationality', 'nationality', { country, status: 'claimed' });
  }
  for (const slug of textsOf(record, 'language')) {
    const language = fromIso6392(slug);
    if (language) add('language', 'language', { language, level: 'fluent', interpreterNeeded: false });
    else manifest.drop('language', 'no-code');
  }
  for (const concern of textsOf(record, 'protection_concerns')) {
    const options = CONCERNS[concern];
    const decided = options && decide(`protection_concerns:${concern}`, options);
    if (decided === 'PossibleVictimOfTrafficking' || decided === 'ActualVictimOfTrafficking')
      add('protection_concerns', 'trafficking', { status: decided, exploitation: [], control: [] });
    else if (!options || decided === undefined) manifest.drop('protection_concerns', 'no-code');
  }
  for (const [field, system] of Object.entries(NUMBERS)) {
    const number = textOf(record, field);
    if (number !== undefined) add(field, 'reference', { system, number });
  }
  return { statements, dropped: manifest.list(), problems, questions };
}

const isCountry = (code: string): boolean => countryCodes.includes(code.toUpperCase());

type Add = (field: string, kind: CaseKind, value: unknown) => void;
type Foreign = Readonly<Record<string, unknown>>;

function addNames(record: Foreign, add: Add): void {
  const part = (kind: string, field: string) => {
    const value = textOf(record, field);
    return value === undefined ? [] : [{ kind, value }];
  };
  const parts = [
    ...part('given', 'name_first'),
    ...part('patronymic', 'name_middle'),
    ...part('family', 'name_last'),
  ];
  const whole = parts.length > 0 ? parts : part('undivided', 'name');
  const script = 'Latn';
  if (whole.length > 0) add('name', 'name', { kind: 'current', parts: whole, script });
  const nickname = part('given', 'name_nickname');
  if (nickname.length > 0) add('name_nickname', 'name', { kind: 'nickname', parts: nickname, script });
}

/** A day that is marked as estimated is a year: nobody knew the day. */
function addBirth(record: Foreign, add: Add): void {
  const day = textOf(record, 'date_of_birth');
  if (day === undefined) return;
  const known = { basis: 'estimate', disputed: false, presumedMinor: true, findings: [] };
  const year = day.slice(0, 4);
  if (record.estimated === true)
    add('date_of_birth', 'birth', {
      ...known,
      earliest: `${year}-01-01`,
      latest: `${year}-12-31`,
      precision: 'year',
    });
  else add('date_of_birth', 'birth', { ...known, earliest: day, latest: day, precision: 'day' });
}

/** There may be any word: which country it is, a person says by its code. */
function askCountry(slug: string, answers: CodeAnswers, questions: CodeQuestion[]): string | undefined {
  const about = `nationality:${nameOfField(slug)}`;
  const answer = answers[about];
  if (answer === undefined || (answer !== 'none' && !isCountry(answer)))
    questions.push({ about, options: ['ISO 3166-1 alpha-2 code', 'none'] });
  return answer === 'none' ? undefined : answer?.toUpperCase();
}

const hasContent = (value: unknown): boolean =>
  value !== null &&
  value !== undefined &&
  value !== '' &&
  value !== false &&
  !(Array.isArray(value) && value.length === 0);

function textOf(record: Foreign, field: string): string | undefined {
  const value = Object.hasOwn(record, field) ? record[field] : undefined;
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function textsOf(record: Foreign, field: string): string[] {
  const value = Object.hasOwn(record, field) ? record[field] : undefined;
  const all = Array.isArray(value) ? value : [value];
  return all
    .filter((one): one is string => typeof one === 'string' && one.trim() !== '')
    .map((one) => one.trim());
}

/** Names and codes of a configuration; anything longer or stranger is somebody's text. */
const nameOfField = (field: string): string => (/^[a-z0-9_-]{1,60}$/i.test(field) ? field : 'a field');
