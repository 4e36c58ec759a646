/**
 * Codes with hyphens as GraphQL enums, whose names cannot hold any.
 */
import type { OfficerBuilder } from './officer-builder.ts';

/** An enum whose values are the codes, named with underscores. */
export function codesOf<C extends string>(builder: OfficerBuilder, name: string, codes: readonly C[]) {
  const values = Object.fromEntries(codes.map((code) => [code.replaceAll('-', '_'), { value: code }]));
  return builder.enumType(name, { values: values as Record<string, { value: C }> });
}
