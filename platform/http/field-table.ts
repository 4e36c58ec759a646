/**
 * Default deny for a GraphQL schema: every object type, and every field of it, stands in a table with what it takes to have it. A
 * field that does not cannot be built. What the entries mean, each endpoint says.
 */
import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';

/** By `Type.field`, or by `Type` where a field more could show nothing else. */
export type FieldTable<A> = Readonly<Record<string, A>>;

export class UnguardedFieldError extends Error {
  override readonly name = 'UnguardedFieldError';
  readonly code: 'FIELD_NOT_GUARDED' | 'GUARD_WITHOUT_FIELD';
  constructor(code: UnguardedFieldError['code'], place: string) {
    super(
      code === 'FIELD_NOT_GUARDED'
        ? `${place} has no permission: add it to the table of its endpoint.`
        : `${place} is no field here: take it out of the table of its endpoint.`,
    );
    this.code = code;
  }
}

/** Entries for several fields of a type. */
export const each = <A>(type: string, access: A, fields: string): FieldTable<A> =>
  Object.fromEntries(fields.split(' ').map((field) => [`${type}.${field}`, access]));

/** What it takes to have each field, by `Type.field`. @throws UnguardedFieldError for one that the table does not know, or knows in vain */
export function accessOfFields<A>(schema: GraphQLSchema, table: FieldTable<A>): ReadonlyMap<string, A> {
  const found = new Map<string, A>();
  const used = new Set<string>();
  for (const { type, field } of fieldsOf(schema)) {
    const place = `${type.name}.${field}`;
    const key = [place, type.name].find((name) => Object.hasOwn(table, name));
    if (key === undefined) throw new UnguardedFieldError('FIELD_NOT_GUARDED', place);
    used.add(key);
    found.set(place, table[key]!);
  }
  const vain = Object.keys(table).find((key) => !used.has(key));
  if (vain !== undefined) throw new UnguardedFieldError('GUARD_WITHOUT_FIELD', vain);
  return found;
}

/**
 * Puts a question before every resolver of the schema, and answers it.
 * @param ask throws where the caller may not have the field
 * @throws UnguardedFieldError
 */
export function guardEach<A, Context>(
  schema: GraphQLSchema,
  table: FieldTable<A>,
  ask: (access: A, source: unknown, context: Context) => void,
): GraphQLSchema {
  const access = accessOfFields(schema, table);
  for (const { type, field } of fieldsOf(schema)) {
    const config = type.getFields()[field]!;
    const needed = access.get(`${type.name}.${field}`)!;
    const guard =
      (resolve: GraphQLFieldResolver<unknown, unknown>): GraphQLFieldResolver<unknown, unknown> =>
      (source, args, context, info) => {
        ask(needed, source, context as Context);
        return resolve(source, args, context, info);
      };
    config.resolve = guard(config.resolve ?? defaultFieldResolver);
    if (config.subscribe) config.subscribe = guard(config.subscribe);
  }
  return schema;
}

function fieldsOf(schema: GraphQLSchema): { type: GraphQLObjectType; field: string }[] {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => Object.keys(type.getFields()).map((field) => ({ type, field })));
}
