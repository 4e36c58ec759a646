/**
 * How the command line speaks to people: codes in words of their language, times to the minute, and text of its own direction.
 */

import { nameLanguages } from '#node/duty/telephones.ts';
import { type CodeList, type Language, labelOf, languages } from '#schema/vocabulary/code-list.ts';
import { deliveryStage, taskKind } from '#schema/vocabulary/tasks.ts';
import { safetyWarning } from '#schema/vocabulary/warnings.ts';
import { UsageError, type Values } from './command.ts';

/** What `--language` asks for. @throws UsageError for a language that has no words here */
export function readLanguage({ language = 'en' }: Values): Language {
  const known = languages.find((one) => one === language);
  if (!known) throw new UsageError(`--language is one of ${languages.join(', ')}`);
  return known;
}

/** The label of a code; a code that this version does not know stands as it came. GraphQL writes `_` where codes have `-`. */
export function say(list: CodeList, code: string, language: string): string {
  const own = code.replaceAll('_', '-');
  const known = [code, own].find((one) => list.codes.includes(one));
  return known === undefined ? code : labelOf(list, known, language).text;
}

/** `2027-01-15 08:30 UTC` */
export const sayTime = (instant: string): string =>
  `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** C1 controls, which some terminals obey, and marks that turn the direction of what follows. */
const MOVES = /[\u0080-\u009f\u202a-\u202e]/g;

/** Text of somebody else on a terminal: it moves no cursor, and none of its lines looks like one of ours. */
const tame = (text: string, indent: string): string =>
  text.replace(MOVES, '').replace(/\r?\n|[\u2028\u2029]/g, `\n${indent}  | `);

/** Text whose direction is its own, whatever stands beside it (Unicode isolates): two names side by side never change places. */
export const isolate = (text: string): string => `\u2068${tame(text, '    ')}\u2069`;

/** A label with what stands under it, as deep as it is. */
export interface Line {
  readonly label: string;
  readonly value: string | null;
  readonly depth: number;
}

export function writeLine({ label, value, depth }: Line): string {
  const indent = '  '.repeat(depth + 1);
  return `${indent}${label}${value === null ? '' : `: ${tame(value, indent)}`}`;
}

/** From left to right whatever surrounds it, as numbers of telephones are. */
const fromLeft = (text: string): string => `\u2066${text}\u2069`;

export interface WaitingTask {
  readonly kind: string;
  readonly dueAt: string;
  readonly detail?: string | null;
  readonly peer?: { readonly state: string; readonly dutyPhones: readonly Telephone[] } | null;
}

interface Telephone {
  readonly number: string;
  readonly hours: string;
  readonly languages: readonly string[];
}

/** Fields of a task that {@link sayTask} reads. */
export const TASK = 'kind dueAt detail peer { state dutyPhones { number hours languages } }';

/**
 * What waits and until when, and below it the telephones of the other State where that is the other way: at three in the morning
 * nobody looks for a list (PRACTICE.md A20).
 */
export function sayTask(task: WaitingTask, language: string): string[] {
  const { kind, dueAt, detail, peer } = task;
  const isTheirs = kind === 'call-duty-phone' && detail === 'theirs';
  const rings =
    !isTheirs && (['call-duty-phone', 'undelivered'].includes(kind) || detail?.includes('call-peer'));
  const phones = rings ? (peer?.dutyPhones ?? []) : [];
  return [
    `  ${sayTime(dueAt)}: ${say(taskKind, kind, language)}`,
    ...(isTheirs ? ['    who has it confirms it: focalnet enquiry answer --type ACK'] : []),
    ...phones.map(({ number, hours, languages: spoken }) => {
      const spokenThere = isolate(nameLanguages(spoken, language));
      return `    ${peer!.state.toUpperCase()}  ${fromLeft(number)}  ${isolate(hours)} (${spokenThere})`;
    }),
  ];
}

export interface Change {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What differs from the proposal that this one came for: who was shown that one reads it first. */
export const sayChanges = (changes: readonly Change[]): string[] =>
  changes.length === 0
    ? []
    : [
        'CHANGED since the proposal that it takes the place of:',
        ...changes.map(
          ({ field, before, after }) => `  ${field}: ${isolate(before ?? '–')} > ${isolate(after ?? '–')}`,
        ),
      ];

export const sayStage = (stage: string | null, language: string): string =>
  stage === null ? '' : ` (${say(deliveryStage, stage, language)})`;

export interface Warning {
  readonly code: string;
  readonly about: readonly string[];
  readonly named?: string | null;
  readonly detail?: { readonly text: string } | null;
}

/** Fields of a warning that {@link sayWarning} reads. */
export const WARNING = 'code about named detail { text }';

export function sayWarning({ code, about, named, detail }: Warning, language: string): string {
  const more = [about.join(', '), named ?? '', detail?.text ?? ''].filter((text) => text !== '');
  return `! ${say(safetyWarning, code, language)}${more.map((text) => `: ${isolate(text)}`).join('')}`;
}
