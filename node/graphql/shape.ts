/**
 * The form of a value that a zod schema accepts, as far as GraphQL can say it: objects, lists, codes, scalars. Unions become the
 * fields of all their forms side by side. Pure; makes no types.
 */
import * as z from 'zod';
import { meaningOf } from '#schema/vocabulary/coded.ts';

export class DeriveError extends Error {
  override readonly name = 'DeriveError';
  readonly code = 'SCHEMA_NOT_DERIVABLE';
  constructor(where: string, kind: string) {
    super(
      `No GraphQL type for a zod schema of kind "${kind}" at ${where}: teach derive.ts, or use another kind.`,
    );
  }
}

/** What a field of an object may be: one of these schemas, or absent. */
export interface Field {
  readonly schemas: readonly z.ZodType[];
  readonly optional: boolean;
}

export type Shape =
  | { readonly kind: 'object'; readonly name: string; readonly fields: ReadonlyMap<string, Field> }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'codes'; readonly name: string; readonly codes: readonly string[] }
  | { readonly kind: 'scalar'; readonly name: 'String' | 'Int' | 'Float' | 'Boolean' };

const INT_MAX = 2 ** 31 - 1;

/** Takes off what does not change the form of a value. */
function unwrap(schema: z.ZodType): { schema: z.ZodType; optional: boolean } {
  let current = schema;
  let optional = false;
  for (;;) {
    const def = current._zod.def as {
      type: string;
      innerType?: z.ZodType;
      in?: z.ZodType;
      getter?: () => z.ZodType;
    };
    if (def.type === 'optional' || def.type === 'nullable' || def.type === 'default') optional = true;
    const inner =
      def.innerType ?? (def.type === 'pipe' ? def.in : def.type === 'lazy' ? def.getter?.() : undefined);
    if (inner === undefined) return { schema: current, optional };
    current = inner;
  }
}

/** `safety-warning` becomes `SafetyWarning`. */
export const pascal = (id: string): string =>
  id
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');

/** The name a schema gives itself by `.meta({ id })`, the one of the list its codes are of, or the one of its place. */
function nameOf(schema: z.ZodType, place: string): string {
  const id = z.globalRegistry.get(schema)?.id ?? nameCodes(schema);
  return id === undefined ? place : pascal(id);
}

/** `safety-warning-code`: a list often has the name of the thing that carries its code. */
function nameCodes(schema: z.ZodType): string | undefined {
  const means = meaningOf(schema);
  return means?.kind === 'coded' && means.lists.length === 1 ? `${means.lists[0]!.id}-code` : undefined;
}

/** The form of a value that fits any of these schemas. @throws DeriveError */
export function shapeOf(schemas: readonly z.ZodType[], place: string): Shape {
  const options = [...new Set(schemas.map((schema) => unwrap(schema).schema).flatMap(flattenUnion))];
  const [first] = options;
  if (first === undefined) throw new DeriveError(place, 'never');
  const name = options.length === 1 ? nameOf(first, place) : nameOf(unwrap(schemas[0]!).schema, place);
  const kinds = new Set(options.map((option) => option._zod.def.type));
  if ([...kinds].every((kind) => kind === 'enum' || kind === 'literal')) return shapeOfCodes(options, name);
  if (kinds.size > 1) throw new DeriveError(place, [...kinds].join(' or '));
  switch (first._zod.def.type) {
    case 'object':
      return { kind: 'object', name, fields: mergeFields(options as z.ZodObject[]) };
    case 'array':
      return {
        kind: 'list',
        item: shapeOf(
          (options as z.ZodArray<z.ZodType>[]).map((option) => option.element),
          place,
        ),
      };
    case 'string':
      return { kind: 'scalar', name: 'String' };
    case 'boolean':
      return { kind: 'scalar', name: 'Boolean' };
    case 'number':
      return { kind: 'scalar', name: fitsInt(options as z.ZodNumber[]) ? 'Int' : 'Float' };
    default:
      throw new DeriveError(place, first._zod.def.type);
  }
}

function flattenUnion(schema: z.ZodType): z.ZodType[] {
  if (schema._zod.def.type !== 'union') return [schema];
  return (schema as z.ZodUnion<z.ZodType[]>).options
    .map((option) => unwrap(option).schema)
    .flatMap(flattenUnion);
}

function shapeOfCodes(options: readonly z.ZodType[], name: string): Shape {
  const values = options.flatMap((option) => [...((option._zod as { values?: Set<unknown> }).values ?? [])]);
  if (values.every((value) => typeof value === 'string')) {
    return { kind: 'codes', name, codes: [...new Set(values as string[])] };
  }
  if (values.every((value) => typeof value === 'boolean')) return { kind: 'scalar', name: 'Boolean' };
  if (values.every((value) => typeof value === 'number')) return { kind: 'scalar', name: 'Int' };
  throw new DeriveError(name, 'literals of several types');
}

const fitsInt = (options: readonly z.ZodNumber[]): boolean =>
  options.every(
    (option) =>
      option.isInt && (option.maxValue ?? Infinity) <= INT_MAX && (option.minValue ?? -Infinity) >= -INT_MAX,
  );

/**
 * GraphQL inputs know no unions: the fields of all forms side by side, required where every form requires them. Which fields go
 * together the zod schema says afterwards, by name.
 */
function mergeFields(forms: readonly z.ZodObject[]): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  for (const form of forms) {
    for (const [key, schema] of Object.entries(form.shape as Record<string, z.ZodType>)) {
      const known = fields.get(key);
      const optional = unwrap(schema).optional || (known?.optional ?? false);
      fields.set(key, { schemas: [...(known?.schemas ?? []), schema], optional });
    }
  }
  for (const [key, field] of fields) {
    const everywhere = forms.every((form) => key in form.shape);
    if (!everywhere) fields.set(key, { ...field, optional: true });
  }
  return fields;
}
