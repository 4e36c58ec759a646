/**
 * GraphQL input and output types made from the zod schemas of message bodies, so that one row in the table of message types
 * gives its mutation and its type. Values pass through unchanged: what a client sends is what the schema parses and what
 * travels. Knows no message type.
 */
import type { InputRef, OutputRef, SchemaTypes } from '@pothos/core';
import { GraphQLError } from 'graphql';
import * as z from 'zod';

/** The part of a Pothos builder that deriving needs. */
export type Builder<Types extends SchemaTypes> = PothosSchemaTypes.SchemaBuilder<Types>;

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

const pascal = (id: string): string =>
  id
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');

/** The name a schema gives itself by `.meta({ id })`, or the one of its place. */
function nameOf(schema: z.ZodType, place: string): string {
  const id = z.globalRegistry.get(schema)?.id;
  return id === undefined ? place : pascal(id);
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

const isGraphqlName = (code: string): boolean =>
  /^[A-Za-z][A-Za-z0-9_]*$/.test(code) && !/^(true|false|null)$/.test(code);

interface Made {
  readonly shape: string;
  readonly ref: unknown;
}

export interface Derivation {
  /** The input type of a body, named `<name>Input`. @throws DeriveError */
  readonly input: (schema: z.ZodType, name: string) => InputRef<unknown>;
  /** The output type of a body. @throws DeriveError */
  readonly output: (schema: z.ZodType, name: string) => OutputRef<unknown>;
}

type ObjectShape = Shape & { kind: 'object' };
type LeafShape = Exclude<Shape, { kind: 'object' | 'list' }>;

/**
 * Makes types on demand, each only once by its name. One for each builder.
 * @param nameCodes a name for a set of codes that has one wherever it stands
 */
export function makeDerivation<Types extends SchemaTypes>(
  builder: Builder<Types>,
  nameCodes: (codes: readonly string[]) => string | undefined = () => undefined,
): Derivation {
  const made = {
    inputs: new Map<string, Made>(),
    outputs: new Map<string, Made>(),
    codes: new Map<string, Made>(),
  };
  const leaf = (shape: LeafShape) => {
    const id = shape.kind === 'codes' ? nameCodes(shape.codes) : undefined;
    return leafOf(
      builder,
      made.codes,
      id === undefined ? shape : ({ ...shape, name: pascal(id) } as LeafShape),
    );
  };
  const inputOf = (shape: Shape): unknown => {
    if (shape.kind === 'list') return [inputOf(shape.item)];
    if (shape.kind !== 'object') return leaf(shape);
    const ref = builder.inputRef<Record<string, unknown>>(`${shape.name}Input`);
    return once(made.inputs, shape, ref, () =>
      ref.implement(makeFields(shape, inputOf, inputOptions) as never),
    );
  };
  const outputOf = (shape: Shape): unknown => {
    if (shape.kind === 'list') return [outputOf(shape.item)];
    if (shape.kind !== 'object') return leaf(shape);
    const ref = builder.objectRef<Record<string, unknown>>(shape.name);
    return once(made.outputs, shape, ref, () =>
      ref.implement(makeFields(shape, outputOf, outputOptions) as never),
    );
  };
  return {
    input: (schema, name) => inputOf(shapeOf([schema], name)) as InputRef<unknown>,
    output: (schema, name) => outputOf(shapeOf([schema], name)) as OutputRef<unknown>,
  };
}

type FieldOptions = (key: string, field: Field) => Record<string, unknown>;

const inputOptions: FieldOptions = (_key, field) => ({ required: !field.optional });
const outputOptions: FieldOptions = (key, field) => ({
  nullable: field.optional,
  resolve: (parent: Record<string, unknown>) => parent[key],
});

/** The `fields` thunk of a Pothos type: types of fields are made when the schema is built, so that they may be circular. */
function makeFields(shape: ObjectShape, typeOf: (shape: Shape) => unknown, optionsOf: FieldOptions) {
  return {
    fields: (t: { field(options: unknown): unknown }) =>
      Object.fromEntries(
        [...shape.fields].map(([key, field]) => {
          const type = typeOf(shapeOf(field.schemas, shape.name + pascal(key)));
          return [key, t.field({ type, ...optionsOf(key, field) })];
        }),
      ),
  };
}

/** Codes that are GraphQL names become an enum; others a scalar that takes these codes only, exactly as they travel. */
function leafOf<Types extends SchemaTypes>(
  builder: Builder<Types>,
  made: Map<string, Made>,
  shape: LeafShape,
): unknown {
  if (shape.kind === 'scalar') return shape.name;
  const { name, codes } = shape;
  const known = made.get(name);
  if (known) return requireSame(known, name, codes);
  const ref = codes.every(isGraphqlName)
    ? builder.enumType(name, { values: codes } as never)
    : builder.scalarType(name as never, describeCodes(name, codes) as never);
  made.set(name, { shape: JSON.stringify(codes), ref });
  return ref;
}

function once(made: Map<string, Made>, shape: ObjectShape, ref: unknown, implement: () => void): unknown {
  const fields = [...shape.fields].map(([key, field]) => [key, field.optional]);
  const known = made.get(shape.name);
  if (known) return requireSame(known, shape.name, fields);
  made.set(shape.name, { shape: JSON.stringify(fields), ref });
  implement();
  return ref;
}

/** Two different schemas under one name would silently be one type. */
function requireSame(known: Made, name: string, shape: unknown): unknown {
  if (known.shape !== JSON.stringify(shape)) throw new DeriveError(name, 'two schemas of one name');
  return known.ref;
}

function describeCodes(name: string, codes: readonly string[]) {
  const known = new Set<unknown>(codes);
  const check = (value: unknown): unknown => {
    if (!known.has(value)) throw new GraphQLError(`Not a code of ${name}.`);
    return value;
  };
  return {
    description: `One of: ${codes.join(', ')}`,
    serialize: check,
    parseValue: check,
    parseLiteral: (node: { kind: string; value?: unknown }) =>
      check(node.kind === 'StringValue' ? node.value : undefined),
  };
}
