/**
 * What every endpoint of people shows of who calls, and of labels. Shows nothing else.
 */

import type { CodeList } from '#schema/vocabulary/code-list.ts';
import { labelOf } from '#schema/vocabulary/code-list.ts';
import type { Actor } from '../access/actor.ts';
import type { PeopleBuilder } from './people-builder.ts';
import type { Caller } from './people-endpoint.ts';

export const LANGUAGE = 'Reader’s language: en, fr, ru or ar; anything else is read as English.';

/** Who somebody is here. */
export function defineMe<Context extends Caller>(builder: PeopleBuilder<Context>) {
  return builder.objectRef<Actor>('Me').implement({
    fields: (t) => ({
      id: t.id({ resolve: (actor) => actor.id }),
      name: t.string({ resolve: (actor) => actor.name }),
      role: t.string({ resolve: (actor) => actor.role }),
      office: t.string({ resolve: (actor) => actor.office }),
    }),
  });
}

export interface Labelled {
  readonly code: string;
  readonly text: string;
  readonly reviewed: boolean;
}

/** A code with its label. */
export function defineLabel<Context extends Caller>(builder: PeopleBuilder<Context>) {
  return builder.objectRef<Labelled>('Label').implement({
    fields: (t) => ({
      code: t.string({ resolve: (label) => label.code }),
      text: t.string({ resolve: (label) => label.text }),
      reviewed: t.boolean({
        description: 'A speaker of the language has confirmed it.',
        resolve: (label) => label.reviewed,
      }),
    }),
  });
}

/** Every code of a list with its label in a language. */
export const labelAll = (list: CodeList, language: string): Labelled[] =>
  list.codes.map((code) => ({ code, ...labelOf(list, code, language) }));
