/**
 * GraphQL input and output types made from the zod schemas of message bodies, so that one row in the table of message types
 * gives its mutation and its type. Values pass through unchanged: what a client sends is what the schema parses and what
 * travels. Knows no message type.
 */
import type { InputRef, OutputRef, SchemaTypes } from '@pothos/core';
import { GraphQLError } from 'graphql';
import type * as z from 'zod';
import { DeriveError, type Field, pascal, type Shape, shapeOf } from './shape.ts';

/** The part of a Pothos builder that deriving needs. */
export type Builder<Types extends SchemaTypes> = PothosSchemaTypes.SchemaBuilder<Types>;

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
  /** Names of all output types made so far, of parts of bodies too: all of them once the schema is built. */
  readonly outputNames: () => readonly string[];
}

type ObjectShape = Shape & { kind: 'object' };
type LeafShape = Exclude<Shape, { kind: 'object' | 'list' }>;

/**
 * Makes types on demand, each only once by its name. One for each builder.
 */
export function makeDerivation<Types extends SchemaTypes>(builder: Builder<Types>): Derivation {
  const made = {
    inputs: new Map<string, Made>(),
    outputs: new Map<string, Made>(),
    codes: new Map<string, Made>(),
  };
  const leaf = (shape: LeafShape) => leafOf(builder, made.codes, shape);
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
    outputNames: () => [...made.outputs.keys()],
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
    if (!known.has(value)) throw new GraphQLError(`Not a code of ${name}: one of ${codes.join(', ')}.`);
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
