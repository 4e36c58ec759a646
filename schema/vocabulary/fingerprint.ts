/**
 * One digest per list, so that nobody changes the meaning of a code under an old version number: a coded answer
 * stored years ago says only list, version and code. Compares and computes; reading and writing the vector file
 * is the caller's.
 *
 * `sha256` covers what a code means, `translations` the labels other than English; a better translation needs
 * no new version. Both are SHA-256 over the UTF-8 bytes of JSON arrays without spaces, rows sorted by code
 * (code units): codes `[id, version, [[code, English], …]]`, translations `[id, [[code, fr, ru, ar], …]]`.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type CodeList, VocabularyError } from './code-list.ts';
import { codeLists } from './index.ts';
import { type AnswerPart, type Question, questions } from './questions.ts';
import { type TimeLimit, timeLimits } from './time-limits.ts';

export type Fingerprint = {
  readonly version: number;
  readonly sha256: string;
  readonly translations?: string;
};
export type VocabularyVector = Readonly<Record<string, Fingerprint>>;

/** Raised whenever what a question asks for, or a time limit, changes: these tables have no list of their own. */
const QUESTION_RULES_VERSION = 1;
const TIME_LIMIT_VALUES_VERSION = 4;

/** The fingerprints of everything in this folder, by list id; the two tables of rules come last. */
export function computeVector(): VocabularyVector {
  return {
    ...Object.fromEntries(Object.values(codeLists).map((list) => [list.id, fingerprintOf(list)])),
    'fnq-rules': { version: QUESTION_RULES_VERSION, sha256: digest(questions.map(questionRow)) },
    'time-limit-values': { version: TIME_LIMIT_VALUES_VERSION, sha256: digest(timeLimits.map(timeLimitRow)) },
  };
}

/**
 * The vector to store after a deliberate change.
 * @throws VocabularyError VERSION_NOT_RAISED if a list changed, or vanished, under the version it had
 */
export function nextVector(stored: VocabularyVector, now: VocabularyVector): VocabularyVector {
  for (const [id, was] of Object.entries(stored)) {
    const is = now[id];
    if (is === undefined)
      throw new VocabularyError('VERSION_NOT_RAISED', `List ${id} is gone: stored answers still name it.`);
    if (is.sha256 !== was.sha256 && is.version <= was.version) {
      throw new VocabularyError(
        'VERSION_NOT_RAISED',
        `List ${id} changed: raise its version above ${was.version}.`,
      );
    }
  }
  return now;
}

export function fingerprintOf(list: CodeList): Fingerprint {
  const codes = [...list.codes].sort();
  const meanings = codes.map((code) => [code, list.labels(code).en.text]);
  const translations = codes.map((code) => {
    const { fr, ru, ar } = list.labels(code);
    return [code, fr.text, ru.text, ar.text];
  });
  return {
    version: list.version,
    sha256: digest([list.id, list.version, meanings]),
    translations: digest([list.id, translations]),
  };
}

const digest = (value: unknown): string => bytesToHex(sha256(utf8ToBytes(JSON.stringify(value))));

function questionRow(question: Question): unknown {
  const { code, answer, allowedSources, defaultLimit, purposes } = question;
  const flags = [
    question.neverToFamily,
    question.familyClearanceNeeded,
    question.holdWhileAsylumOpen,
    question.eyesOnly,
    question.askedFirst,
  ];
  return [
    code,
    answer.map(partRow),
    allowedSources,
    [defaultLimit.source, defaultLimit.disclosure],
    flags,
    purposes,
  ];
}

function partRow(part: AnswerPart): unknown {
  const list = 'list' in part ? part.list.id : null;
  const of = 'of' in part ? (part.of === 'person' ? 'person' : part.of.id) : null;
  return [part.type, list, of, 'many' in part && part.many];
}

function timeLimitRow({ id, value, appliesTo, effect, source, mark }: TimeLimit): unknown {
  return [id, value.amount, value.unit, appliesTo ?? null, effect, source, mark];
}
