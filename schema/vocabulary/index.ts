/**
 * Every code list by its id, for whoever must show labels of any list and for the drift check. Code that needs
 * one list imports it from its own file. Rules about the lists are not here.
 */
import * as acts from './acts.ts';
import * as answers from './answers.ts';
import * as cases from './cases.ts';
import type { CodeList } from './code-list.ts';
import * as erasure from './erasure.ts';
import * as exchange from './exchange.ts';
import * as fieldNames from './field-names.ts';
import * as legal from './legal.ts';
import * as limits from './limits.ts';
import * as matching from './matching.ts';
import * as people from './people.ts';
import { questionWording } from './question-wording.ts';
import * as refusals from './refusals.ts';
import * as representation from './representation.ts';
import { retentionRule } from './retention.ts';
import * as standards from './standards.ts';
import * as tasks from './tasks.ts';
import { timeLimitEvent } from './time-limits.ts';
import * as trafficking from './trafficking.ts';
import * as warnings from './warnings.ts';

const all: readonly CodeList[] = [
  ...[
    people,
    trafficking,
    legal,
    limits,
    answers,
    refusals,
    warnings,
    acts,
    exchange,
    erasure,
    cases,
    matching,
    representation,
    fieldNames,
    standards,
    tasks,
  ].flatMap((theme): CodeList[] => Object.values(theme)),
  questionWording,
  retentionRule,
  timeLimitEvent,
];

/**
 * Sorted, because loaders disagree on the order of a module's exports. Throws at load if two lists share an
 * id: one of them would silently vanish.
 */
function byId(lists: readonly CodeList[]): Readonly<Record<string, CodeList>> {
  const sorted = [...lists].sort((a, b) => (a.id < b.id ? -1 : 1));
  const record = Object.fromEntries(sorted.map((list) => [list.id, list]));
  if (Object.keys(record).length !== lists.length) throw new Error('Two code lists share an id: rename one.');
  return Object.freeze(record);
}

export const codeLists = byId(all);
