/**
 * The Pothos builder of the officers' endpoint, and what its files share.
 */
import { labelOf } from '#schema/vocabulary/code-list.ts';
import { codeLists } from '#schema/vocabulary/index.ts';
import { makeDerivation } from './derive.ts';
import type { OfficerContext } from './officer-context.ts';
import { makePeopleBuilder, type PeopleBuilder } from './people-builder.ts';

export function makeOfficerBuilder() {
  const builder = makePeopleBuilder<OfficerContext>();
  const derivation = makeDerivation(builder);
  return { builder, derivation };
}

export type OfficerBuilder = PeopleBuilder<OfficerContext>;

/** The label of a code; the code itself where the list does not know it (a newer peer's, say). */
export function showCode(list: string, code: string, language: string): string {
  const codes = codeLists[list];
  return codes?.codes.includes(code) ? labelOf(codes, code, language).text : code;
}
