/**
 * The Pothos builder of the officers' endpoint, and what its files share.
 */
import SchemaBuilder from '@pothos/core';
import { labelOf } from '#schema/vocabulary/code-list.ts';
import { codeLists } from '#schema/vocabulary/index.ts';
import { makeDerivation } from './derive.ts';
import { listOfCodes } from './labels.ts';
import type { OfficerContext } from './officer-context.ts';

export function makeOfficerBuilder() {
  const builder = new SchemaBuilder<{
    Context: OfficerContext;
    DefaultFieldNullability: false;
    Scalars: { Instant: { Input: never; Output: number } };
  }>({ defaultFieldNullability: false });
  builder.scalarType('Instant', {
    description: 'ISO 8601, UTC, to the millisecond.',
    serialize: (value) => new Date(value as number).toISOString(),
  });
  const derivation = makeDerivation(builder, nameCodes);
  return { builder, derivation };
}

export type OfficerBuilder = ReturnType<typeof makeOfficerBuilder>['builder'];

/** The label of a code; the code itself where the list does not know it (a newer peer's, say). */
export function showCode(list: string, code: string, language: string): string {
  const codes = codeLists[list];
  return codes?.codes.includes(code) ? labelOf(codes, code, language).text : code;
}

/** `safety-warning-code`: a list often has the name of the thing that carries its code. */
function nameCodes(codes: readonly string[]): string | undefined {
  const list = listOfCodes(codes);
  return list && `${list.id}-code`;
}
